"""Fingerprints of findings: the same for one fault, wherever in its file it stands meanwhile."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from release.findings.finding import Finding

#: The version of what a fingerprint is made of, as a part of it.
_VERSION = "1"

#: Lines and columns in a message: `records/a.md:3:5`, `1 line above`, `in column 3`, `row 12`.
_PLACE = re.compile(
    r":\d+:\d+\b|\b\d+ lines? (?=above|below)|(?<=\bin column )\d+|(?<=\brow )\d+|(?<=\bline )\d+"
)

#: The end of what a message says of the value that was found.
_EXPECTED = re.compile(r"[,;] expected ")

#: The end of a message that stands for others: of the same file, of other files, of the same rule.
_OTHERS = re.compile(
    r"; and ([0-9,]+) more (like it|files|of this rule)(?:, (?:the next|left out).*)?$", re.DOTALL
)

#: The next lines and columns that such a message names.
_NEXT = re.compile(r", the next at ([0-9:, ]+)\Z")

#: The message of a finding that counts all those of a table which are not reported one by one.
_REST = re.compile(r"([0-9]+) (more rows of .* break this rule)", re.DOTALL)

#: A position of a list in a key path.
_POSITION = re.compile(r"(?<=\.)[0-9]+(?=\.|$)")


def fingerprint(finding: Finding) -> str:
    """Return the fingerprint of a finding, 32 hexadecimal digits.

    It depends on the rule, the path, the table, the field, the key of the row and the value that was found.
    It depends on no line, column or position in a list, nor on the severity, nor on what was expected. So it
    stays the same if lines are added above, or if a codelist grows. Two findings that agree in all of that
    have one fingerprint.
    """
    message, _, _ = split_others(finding.message)
    field = _POSITION.sub("*", finding.field)
    found = _PLACE.sub("", _EXPECTED.split(message, maxsplit=1)[0])
    if field != finding.field:
        found = found.replace(finding.field, field)
    parts = (_VERSION, finding.rule, finding.path, finding.table, field, finding.key, found)
    text = "\0".join(part.replace("\0", "\\0") for part in parts)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def split_others(message: str) -> tuple[str, int, str]:
    """Split a message that stands for others, as `findings.groups` and those in `tables` write it.

    Returns:
        The message of the first one, the number of the others, and in which way they are alike: `like it` in
        the same file, `files` of one cause, or `of this rule`. 0 and an empty text if there are no others.
    """
    if (rest := _REST.fullmatch(message)) is not None:
        return rest[2], int(rest[1]) - 1, "like it"
    found = _OTHERS.search(message)
    if found is None:
        return message, 0, ""
    return message[: found.start()], int(found[1].replace(",", "")), found[2]


def list_next(message: str) -> list[tuple[int, int]]:
    """Return the lines and columns, from 1, that a message names which stands for others in the same file."""
    found = _NEXT.search(message)
    places = [each.partition(":") for each in found[1].split(", ")] if found is not None else []
    return [(int(line), int(column)) for line, _, column in places]


def number_fingerprints(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a fingerprint for each of some findings, with a number that tells those with the same one apart.

    Findings are given in the order of their files, so that the first of several is the first in its file.
    """
    seen = Counter[str]()
    for finding in findings:
        found = fingerprint(finding)
        seen[found] += 1
        yield f"{found}:{seen[found]}"

"""Say what a file looks like that cannot be read as a record, and what to do with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from release.findings.message import shown


class FileSort(NamedTuple):
    """A sort of files that are no text in UTF-8.

    Attributes:
        name: Its name.
        advice: What to do with a file that should be a record.
        encoding: The encoding of a text, as Python knows it; empty for another file.
        is_of_use: Whether a text or a table can be made of it.
    """

    name: str
    advice: str
    encoding: str = ""
    is_of_use: bool = True


_IMAGE = FileSort("an image", "`exclude` it", is_of_use=False)
_SHEETS = FileSort("a spreadsheet", "save each of its sheets as CSV")
_UTF_8 = "save it as UTF-8"

#: Files by their first bytes.
_SIGNATURES: tuple[tuple[bytes, FileSort], ...] = (
    (b"\xff\xfe\x00\x00", FileSort("UTF-32", _UTF_8, "utf-32")),
    (b"\x00\x00\xfe\xff", FileSort("UTF-32", _UTF_8, "utf-32")),
    (b"\xff\xfe", FileSort("UTF-16", _UTF_8, "utf-16")),
    (b"\xfe\xff", FileSort("UTF-16", _UTF_8, "utf-16")),
    (b"\x1f\x8b", FileSort("gzip", "unpack it")),
    (b"BZh", FileSort("bzip2", "unpack it")),
    (b"\xfd7zXZ\x00", FileSort("xz", "unpack it")),
    (b"\x28\xb5\x2f\xfd", FileSort("Zstandard", "unpack it")),
    (b"7z\xbc\xaf", FileSort("a 7z archive", "unpack it")),
    (
        b"%PDF-",
        FileSort("a PDF", "it cannot be read, so `exclude` it or give its text", is_of_use=False),
    ),
    (
        b"\xd0\xcf\x11\xe0",
        FileSort("a file of old Office", "save a table as CSV, or a text as text"),
    ),
    (b"SQLite format 3\x00", FileSort("a database of SQLite", "export its tables as CSV")),
    (b"PAR1", FileSort("Parquet", "export it as CSV")),
    (b"\x89PNG", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"GIF8", _IMAGE),
)
#: Zips by a name in them.
_ZIPS: tuple[tuple[bytes, FileSort], ...] = (
    (b"xl/workbook", _SHEETS),
    (b"opendocument.spreadsheet", _SHEETS),
    (b"word/", FileSort("a document of Word", "save it as text")),
    (b"opendocument.text", FileSort("a document of Writer", "save it as text")),
)


def find_sort(data: bytes) -> FileSort | None:
    """Return of which sort the bytes of a file are, if they are no text in UTF-8; None if not known."""
    for signature, sort in _SIGNATURES:
        if data.startswith(signature):
            return sort
    if data.startswith(b"PK\x03\x04"):
        # the names stand in the directory, at the end; that of a small file is in reach
        found = (sort for name, sort in _ZIPS if name in data)
        return next(found, FileSort("a zip", "unpack it"))
    begin = data[:512].rstrip(b"\0")  # a text may have lost its end to a disk
    if data and begin.count(0) * 4 >= len(begin):
        halves = begin[::2].count(0), begin[1::2].count(0)
        if min(halves) < max(halves) // 4:
            encoding = "utf-16-le" if halves[1] > halves[0] else "utf-16-be"
            return FileSort("UTF-16 without a byte-order mark", _UTF_8, encoding)
        return FileSort("a binary file", "it cannot be read, so `exclude` it", is_of_use=False)
    return None


_CODE = re.compile(r"^(?:```|~~~)[ \t]*(yaml|yml|toml|json)\b[^\n]*$", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"\s+(---|\+\+\+|;;;|\{)[ \t]*\n")
_DASHES = re.compile(r"(?:-{2}|-{4,}|[—–]+|\*{3,}|_{3,}|={3,}|\+{2}|\+{4,})[ \t]*\Z")
#: A fence with the name of its format, as some site generators have it, and what stands there else.
_NAMED = re.compile(r"(?:---|\+\+\+|;;;)[ \t]*(yaml|yml|toml|json)\Z", re.IGNORECASE)
_FENCES = {"yaml": "---", "yml": "---", "toml": "+++", "json": ";;;"}
#: The beginnings of other formats of text.
_OTHERS = (
    (re.compile(r"<!doctype html|<html", re.IGNORECASE), "HTML, which is not read"),
    (re.compile(r"<\?xml|<svg", re.IGNORECASE), "XML, which is not read"),
    (re.compile(r"\{\\rtf", re.IGNORECASE), "RTF: save it as plain text"),
    (re.compile(r"@[a-zA-Z]+[ \t]*\{"), "BibTeX, which is not read"),
)
_YAML = re.compile(r"""["']?[\w-]+(?: [\w-]+)?["']?:(?:[ ].*)?\Z""")
_TOML = re.compile(r"(?:[\w.-]+[ \t]*=[ \t]*\S.*|\[\[?[\w.-]+\]\]?)\Z")


#: What is said of a text that looks like nothing in particular.
NO_FRONT_MATTER = "if a text may have none, give the kind `frontMatter: optional`"


def explain_text(text: str) -> str:
    """Return what a text without front matter looks like, as a clause of a message, and what to do."""
    first, _, rest = text.partition("\n")
    first = first.rstrip()
    begin = text.lstrip()[:40]
    for pattern, what in _OTHERS:
        if pattern.match(begin):
            return f"this looks like {what}"
    if begin.startswith("["):
        if _TOML.match(first):
            return (
                "this looks like TOML: put lines '+++' around it, or give the kind `format: toml`"
            )
        return 'this looks like a list in JSON: give the kind `format: json` and `records: "{n}"`'
    if (fence := _FENCE.match(text)) is not None:
        return f"blanks stand before the {fence[1]!r}: remove them"
    if _DASHES.match(first):
        return "did you mean '---'?"
    if (named := _NAMED.match(first)) is not None:
        return f"did you mean {_FENCES[named[1].lower()]!r}?"
    if (code := _CODE.search(text)) is not None:
        number = text.count("\n", 0, code.start()) + 1
        if number == 1:
            return f"write the first line '```{code[1].lower()}'"
        return f"the block of {code[1].upper()} in line {number} would have to stand first"
    if _has_columns(first, rest.partition("\n")[0]):
        return (
            "this looks like CSV: give the kind `format: csv`, or `tsv` if tabs are between cells"
        )
    if _YAML.match(first):
        return "this looks like YAML: put lines '---' around it, or give the kind `format: yaml`"
    if _TOML.match(first):
        return "this looks like TOML: put lines '+++' around it, or give the kind `format: toml`"
    return NO_FRONT_MATTER


_NEAR_FENCE = re.compile(r"[ \t]*[-–—_=*+`]{2,}[ \t]*\Z")
_KEY_AND_VALUE = re.compile(r"""(?:[\w-]+|"[^"]*"|'[^']*'):[ ]\S|[\w.-]+[ \t]*=[ \t]*\S""")
_IN_YAML = re.compile(r"""[ \t]|- |#|["']?[^\s:]+["']?(?: [^\s:]+){0,2}:(?:\s|\Z)|[}\]]""")


def explain_open_fence(text: str, end: str) -> tuple[str, int]:
    """Return where the line seems to be missing that closes front matter, as a clause, and that line from 0.

    Args:
        text: The text, which begins with the line that opens front matter.
        end: The line that is missing.
    """
    lines = text.rstrip().split("\n")
    for number, line in enumerate(lines[1:], 1):
        if _NEAR_FENCE.match(line) and line.rstrip() != lines[0].rstrip():
            return f"; this line is {shown(line)}: write {end} there, and nothing before it", number
    if end not in ("'---'", "'+++'"):
        return "", 0
    pattern = _IN_YAML if end == "'---'" else _TOML
    for number, line in enumerate(lines[1:], 1):
        if number == 1 or pattern.match(line.rstrip()) or _goes_on(lines[number:]):
            continue
        return f"; the values seem to end in this line: add a line {end} below it", number - 1
    if len(lines) == 1:
        return f"; write {end} below the last value", 0
    return f"; add a line {end} below the last value", len(lines) - 1


def _goes_on(lines: Sequence[str]) -> bool:
    """Return whether lines are empty up to one with a key and a value, so that values go on there."""
    following = next((line for line in lines if line.strip()), "")
    return not lines[0].strip() and _KEY_AND_VALUE.match(following) is not None


def _has_columns(first: str, second: str) -> bool:
    """Return whether two lines have the same number of commas or tabs, and more than one cell."""
    return any(
        first.count(sign) == second.count(sign) >= least
        for sign, least in ((",", 2), ("\t", 1), (";", 2))
    )

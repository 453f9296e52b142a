"""Split a record's text into front matter and body, and read the front matter: YAML, JSON or TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from frontmatter.default_handlers import YAMLHandler

from release.findings.groups import Groups
from release.findings.message import shown
from release.syntax.advice.comments import find_lost_text
from release.syntax.advice.file_types import (
    NO_FRONT_MATTER,
    explain_open_fence,
    explain_text,
)
from release.syntax.formats import documents, fast
from release.syntax.formats.toml import read_toml
from release.syntax.json import read_json
from release.syntax.text import Locations, SyntaxFault, line_and_column
from release.syntax.yaml import read_yaml

Format = Literal["yaml", "json", "toml", "csv", "tsv"]

#: Faults that put no value in doubt: the record is kept, so that its other faults are found too.
HARMLESS = frozenset(("duplicate-key", "control-character", "text-after-hash"))


def judge(value: Any, faults: Sequence[SyntaxFault]) -> tuple[bool, list[SyntaxFault]]:
    """Return whether a value that was read with faults can be relied on, and the faults.

    A fault that leaves no value is put under a rule that is always an error. Otherwise `severity` could make
    it a warning, and a release would lack the record.
    """
    if value is not None or not faults:
        return all(fault.rule in HARMLESS for fault in faults), list(faults)
    return False, [
        replace(each, rule="front-matter-syntax") if each.rule == "control-character" else each
        for each in faults
    ]


#: The formats of files that are front matter as a whole.
_WHOLE: dict[str, Format] = {"yaml": "yaml", "json": "json", "toml": "toml"}


@dataclass(frozen=True, slots=True)
class Parts:
    """Front matter and body of a text, with the lines on which they begin, from 0.

    `format` is None between two lines `---`, where YAML and JSON are told apart by their look. `value` is
    that of the front matter if it has been read without a fault, to find where it ends.
    """

    front: str
    format: Format | None
    line: int
    body: str
    body_line: int
    value: dict[str, Any] | None = None

    def read(self) -> tuple[Any, Format, list[SyntaxFault]]:
        """Return the value of the front matter, its format, and its faults, as `read_values` does."""
        if self.value is not None and self.format is not None:
            return self.value, self.format, []
        return read_values(self.front, self.format)


class FenceHandler(YAMLHandler):
    """python-frontmatter's handler for `---` fences, changed to keep every character of the body.

    The original also drops the blank lines after the closing fence. Other fences have a pattern of their own.
    """

    FM_BOUNDARY = re.compile(r"^(?:---|\.\.\.|\+\+\+|;;;|```)[ \t]*(?:\n|\Z)", re.MULTILINE)

    def __init__(self, *ends: str) -> None:
        super().__init__()
        self.ends = ends

    def split(self, text: str) -> tuple[str, str]:
        """Split a file's text into front matter and body.

        Raises:
            ValueError: No line closes the front matter.
        """
        begin = text.index("\n") + 1
        found: re.Match[str] | None = None
        for end in self.ends:
            found = self._find(text, end, begin, found.start() if found else len(text)) or found
        if found is None:
            raise ValueError
        front, at = text[begin : found.start()], found.end()
        if (
            found[0].startswith("...")
            and text.startswith("---", at)
            and (second := self.FM_BOUNDARY.match(text, at))
        ):
            at = second.end()  # both: the end of the YAML, and the fence
        return front, text[at:]

    def _find(self, text: str, end: str, begin: int, before: int) -> re.Match[str] | None:
        """Find the first line that is an end; looking for its text first is faster by far."""
        at = begin - 1
        while (at := text.find(f"\n{end}", at, before)) >= 0:
            if (fence := self.FM_BOUNDARY.match(text, at + 1)) is not None:
                return fence
            at += 1
        return None

    def load(self, fm: str, **_: object) -> Any:
        """Return the value of front matter; python-frontmatter calls this.

        Raises:
            ValueError: The front matter has a fault. The message gives the first.
        """
        value, _format, faults = read_front_matter(fm)
        if faults:
            raise ValueError(f"line {faults[0].line + 1}: {faults[0].message}")
        return value


#: The handler and the format of front matter, by the line that it begins with.
_FENCES: dict[str, tuple[FenceHandler, Format | None]] = {
    "---": (FenceHandler("---", "..."), None),
    "+++": (FenceHandler("+++"), "toml"),
    ";;;": (FenceHandler(";;;"), "json"),
    **{
        f"```{name}": (FenceHandler("```"), form)
        for name, form in {**_WHOLE, "yml": "yaml"}.items()
    },
}


def split(
    text: str, form: str = "markdown", *, may_lack_front_matter: bool = False
) -> Parts | SyntaxFault:
    """Split the text of a record; the body begins right after the line that closes the front matter.

    Args:
        text: The text.
        form: Its format; only one of the format markdown has a body.
        may_lack_front_matter: Whether a text that begins with none is all body.

    Returns:
        The parts; or the fault if the text begins or ends as no front matter does.
    """
    if form != "markdown":
        front = documents.keep_one(text) if form == "yaml" else text
        return Parts(front, _WHOLE[form], 0, "", text.count("\n"))
    first = text.partition("\n")[0].rstrip(" \t")
    if first not in _FENCES:
        if first.startswith("{"):
            return _split_json(text)
        if may_lack_front_matter:
            return Parts("", "yaml", 0, text, 0)
        return _report_missing(first, text)
    handler, found = _FENCES[first]
    try:
        front, body = handler.split(text)
    except ValueError:
        end = shown(handler.ends[0])
        advice, line = explain_open_fence(text, end)
        message = f"found no line {end} that closes the front matter, expected one{advice}"
        return SyntaxFault("fence-not-closed", line, 0, message)
    body_line = text.count("\n", 0, len(text) - len(body))
    return Parts(front, found, 1, body, body_line)


def _split_json(text: str) -> Parts | SyntaxFault:
    """Split a text that begins with a JSON object, without any fence."""
    end, value = text.find("\n}") + 2, None
    # no object begins with another one: if its text up to here is an object, it ends here
    if end > 1 and (answer := fast.read(text[:end])) is not None and answer[1] == "json":
        value = answer[0]
    else:
        try:
            _, end = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode(text)
        except (ValueError, RecursionError):
            end = len(text)  # the reader says what is wrong with it
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if rest := text[end:line_end].strip(" \t"):
        message = f"found {shown(rest)} behind the front matter, expected the end of the line"
        return SyntaxFault("front-matter-syntax", *line_and_column(text, end), message)
    body = text[line_end + 1 :]
    body_line = text.count("\n", 0, len(text) - len(body))
    return Parts(text[:end], "json", 0, body, body_line, value)


def _report_missing(first: str, text: str) -> SyntaxFault:
    """Return the fault of a text that begins with a line that begins no front matter."""
    found = shown(first) if first else "an empty line"
    advice = explain_text(text)
    ways = " (YAML or JSON), '+++' (TOML), ';;;' or '{' (JSON), or a code block such as '```toml'"
    message = (
        f"found {found}, expected front matter, which begins with the line '---'"
        f"{ways if advice == NO_FRONT_MATTER else ''}; {advice}"
    )
    return SyntaxFault("fence-missing", 0, 0, message)


def read_values(text: str, form: Format | None) -> tuple[Any, Format, list[SyntaxFault]]:
    """Return the value of front matter of a known format, its format, and its faults.

    Front matter of YAML may be JSON, and is then read as such.
    """
    if form == "toml":
        value, faults = read_toml(text)
        return value, form, faults
    if form != "json":
        return read_front_matter(text)
    if (answer := fast.read(text)) is not None and answer[1] == "json":
        return *answer, []
    value, faults = read_json(text)
    return value, "json", faults


def read_part(text: str, dedented: str) -> tuple[Any, list[SyntaxFault]]:
    """Return the value of a YAML text that is a part of another one, and its faults.

    `dedented` is the same text without the blanks that all of its lines begin with, empty if it has none: the
    fast parser is not given indented text.
    """
    # JSON may write a character as a surrogate pair, which YAML refuses
    if dedented and "\\u" not in dedented and (answer := fast.read(dedented)) is not None:
        return answer[0], []
    value, faults = read_yaml(text)
    return value, faults + _find_lost_text(text, value)


def locate_values(text: str, form: Format) -> Locations:
    """Return the location of every value of front matter, with lines of the text from 0."""
    readers: dict[Format, Callable[[str, Locations], Any]] = {
        "yaml": read_yaml,
        "json": read_json,
        "toml": read_toml,
    }
    locations: Locations = {}
    readers[form](text, locations)
    return locations


def read_front_matter(text: str) -> tuple[Any, Format, list[SyntaxFault]]:
    """Return the value of front matter, its format, and its faults, with lines of the text from 0.

    Text that begins with a brace is read as JSON first: YAML refuses JSON's surrogate pairs.
    """
    answer = fast.read(text)
    if answer is not None:
        return *answer, []
    if text.lstrip().startswith("{"):
        value, faults = read_json(text)
        if not _is_syntax(faults):
            return value, "json", faults
        yaml_value, yaml_faults = read_yaml(text)
        if not _is_syntax(yaml_faults):
            return yaml_value, "yaml", yaml_faults + _find_lost_text(text, yaml_value)
        if _LIKE_JSON.match(text) and faults[0].line >= yaml_faults[0].line:
            return None, "json", faults
        return None, "yaml", yaml_faults
    value, faults = read_yaml(text)
    if value is None and not faults and _EMPTY.fullmatch(text):
        value = {}
    return value, "yaml", faults + _find_lost_text(text, value)


#: Front matter without a value: blank lines and comments.
_EMPTY = re.compile(r"(?:[ ]*(?:#[^\n]*)?(?:\n|\Z))*")


def _find_lost_text(text: str, value: Any) -> list[SyntaxFault]:
    """Find comments that may have been meant as text; none if the YAML could not be read."""
    faults: Groups[SyntaxFault] = Groups()
    for fault in find_lost_text(text) if value is not None else ():
        faults.add(fault.rule, partial(replace, fault))
    return faults.faults()


#: A mapping whose first key is in quotes: YAML allows it in flow style, but it is mostly meant as JSON.
_LIKE_JSON = re.compile(r'\s*\{\s*["}]')


def _is_syntax(faults: Sequence[SyntaxFault]) -> bool:
    return any(fault.rule == "front-matter-syntax" for fault in faults)

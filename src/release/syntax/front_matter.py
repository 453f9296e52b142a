"""Split text into front matter (YAML or JSON between two lines `---`) and body, and read the front matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from frontmatter.default_handlers import YAMLHandler

from release.findings import shown
from release.syntax import fast
from release.syntax.advice.comments import find_lost_text
from release.syntax.groups import Groups
from release.syntax.json import read_json
from release.syntax.text import SyntaxFault
from release.syntax.yaml import read_yaml

Format = Literal["yaml", "json"]


class FenceHandler(YAMLHandler):
    """python-frontmatter's handler for `---` fences, changed to keep every character of the body.

    The original also drops the blank lines after the closing fence.
    """

    FM_BOUNDARY = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)

    def split(self, text: str) -> tuple[str, str]:
        """Split a file's text into front matter and body.

        Raises:
            ValueError: No line closes the front matter.
        """
        begin = text.index("\n") + 1
        at = begin - 1
        while (at := text.index("\n---", at)) >= 0:
            if (fence := self.FM_BOUNDARY.match(text, at + 1)) is not None:
                return text[begin : at + 1], text[fence.end() :]
            at += 1
        raise AssertionError

    def load(self, fm: str, **_: object) -> Any:
        """Return the value of front matter; python-frontmatter calls this.

        Raises:
            ValueError: The front matter has a fault. The message gives the first.
        """
        value, _format, faults = read_front_matter(fm)
        if faults:
            raise ValueError(f"line {faults[0].line + 1}: {faults[0].message}")
        return value


_HANDLER = FenceHandler()


def split(text: str) -> tuple[str | None, str, SyntaxFault | None]:
    """Split a text into front matter and body, which begins right after the line of the closing fence.

    Returns:
        Front matter, body and None; or None, an empty text and the fault if a fence is missing.
    """
    if not _HANDLER.detect(text):
        first = shown(text.partition("\n")[0])
        message = f"found {first if first != 'missing' else 'an empty line'}, expected '---'"
        return None, "", SyntaxFault("fence-missing", 0, 0, message)
    try:
        front, body = _HANDLER.split(text)
    except ValueError:
        message = "found no line '---' that closes the front matter, expected one"
        return None, "", SyntaxFault("fence-not-closed", 0, 0, message)
    return front, body, None


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
    return value, "yaml", faults + _find_lost_text(text, value)


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

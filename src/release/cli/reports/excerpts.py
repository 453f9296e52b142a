"""Show the line of a file that a finding is about, with the value marked, as compilers do.

  |
3 | year: soon
  |       ^^^^
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from unicodedata import category, combining, east_asian_width

from release.findings.finding import Finding
from release.syntax.escapes import escape_each

#: A tab is shown as an arrow and blanks.
_TAB = "→   "

#: Of a long value at least so many cells are shown, and so many of what precedes it.
_LEAST, _BEFORE = 24, 16

#: A line is shown up to so many cells, however wide the terminal.
_WIDEST = 160

#: The bytes of a file, and of a line, beyond which none of it is shown.
_LARGEST_FILE, _LONGEST_LINE = 1 << 26, 1 << 20

#: A text in quotes, with what ends it.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'')

#: A key of YAML, JSON or TOML before the sign that ends it.
_KEY = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s:,\[\]{}"'#&*!|>%@`=]+)(?=:(?:\s|$)|[ \t]*=[ \t])""")

#: A value among others in brackets, and a cell of CSV.
_IN_BRACKETS = re.compile(r"[^\s,\[\]{}]+(?:[ \t]+[^\s,\[\]{}#]+)*")
_CELL = re.compile(r"[^,;\t]+")

#: A comment of YAML or TOML behind a value.
_COMMENT = re.compile(r"[ \t]#")

#: The value that a message shows first.
_SHOWN = re.compile(r"'((?:[^'\\…]|\\.)+)…?'")

#: Signs of YAML and JSON that are marked alone, and a tab.
_SINGLE = ("[", "{", "]", "}", ",", ":", "\t")

#: The ends of the names of files whose lines are cells.
_TABLES = (".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class Cells:
    """A line as a terminal shows it: a text for each character, and the number of cells that it takes."""

    texts: Sequence[str]
    widths: Sequence[int]

    def width(self, start: int, end: int) -> int:
        """Return the number of cells from one character to another."""
        return sum(self.widths[start:end])

    def text(self, start: int, end: int) -> str:
        """Return the text from one character to another."""
        return "".join(self.texts[start:end])


def read_lines(findings: Iterable[Finding]) -> dict[tuple[str, int], str]:
    """Read the lines that findings are about, by file and number; those that cannot be read are left out."""
    found: dict[tuple[str, int], str] = {}
    located = sorted({(each.place, each.line) for each in findings if each.line})
    for file, group in groupby(located, key=itemgetter(0)):
        try:
            lines = list(_read(Path(file), {line for _, line in group}))
        except (OSError, ValueError):
            continue  # such as a URL, or a file that was removed meanwhile
        found |= {(file, line): text for line, text in lines}
    return found


def _read(file: Path, wanted: set[int]) -> Iterator[tuple[int, str]]:
    """Yield the lines of some numbers, from 1, without their ends."""
    status = file.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE:
        return
    last = max(wanted)
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if number in wanted and len(line) <= _LONGEST_LINE:
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                yield number, text.removeprefix("\ufeff") if number == 1 else text
            if number == last:
                return


def show_excerpt(
    finding: Finding,
    line: str,
    columns: int,
    paint: Callable[[str], str],
    dim: Callable[[str], str],
) -> Iterator[str]:
    """Yield the lines of an excerpt.

    Args:
        finding: The finding, which has a line and a column.
        line: The line of the file.
        columns: The number of cells of a terminal's line.
        paint: Colours the mark.
        dim: Colours the number of the line, and what stands beside it.
    """
    start = min(finding.column - 1, len(line))
    end = max(_end_of_value(line, start, finding), start + 1)
    cells = _cells(line)
    number = str(finding.line)
    space = max(min(columns, _WIDEST) - len(number) - 4, _LEAST)
    first, last = _window(cells, start, end, space)
    before, behind = "…" if first else "", "…" if last < len(line) else ""
    shown = f"{before}{cells.text(first, last)}{behind}"
    indentation = " " * (len(before) + cells.width(first, start))
    mark = "^" * max(cells.width(start, min(end, last)), 1)
    gutter = " " * len(number)
    yield dim(f" {gutter} |")
    yield f"{dim(f' {number} |')} {shown}".rstrip()
    yield f"{dim(f' {gutter} |')} {indentation}{paint(mark)}"


def _cells(line: str) -> Cells:
    """Return a line as a terminal shows it: a tab is an arrow, what nobody sees is an escape."""
    texts = [_TAB if sign == "\t" else sign for sign in escape_each(line)]
    return Cells(texts, [sum(map(count_cells, text)) for text in texts])


def count_cells(sign: str) -> int:
    """Return the number of cells of a terminal that a character takes."""
    if combining(sign) or category(sign) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(sign) in "WF" else 1


def _window(cells: Cells, start: int, end: int, space: int) -> tuple[int, int]:
    """Return the first and the last character of a line that fit a space, with the mark among them."""
    size = len(cells.texts)
    if cells.width(0, size) <= space:
        return 0, size
    first = 0
    if cells.width(0, start) + min(cells.width(start, end), _LEAST) > space - 1:
        first = start
        while first and cells.width(first - 1, start) <= _BEFORE:
            first -= 1
    last, left = first, space - 2  # the signs of what is left out
    while last < size and cells.widths[last] <= left:
        left -= cells.widths[last]
        last += 1
    return first, max(last, start + 1)


def _end_of_value(line: str, start: int, finding: Finding) -> int:
    """Return where the value ends that begins at a place; the messages of findings name its beginning."""
    rest = line[start:]
    if (key := _KEY.match(line, start)) is not None:
        return key.end()
    if (quoted := _QUOTED.match(line, start)) is not None:
        return quoted.end()
    for value in islice(_SHOWN.finditer(finding.message), 2):
        if rest.startswith(value[1]) and not value[0].endswith("…'"):
            return start + len(value[1])
    if rest[:1] in _SINGLE or rest.startswith("- "):
        return start + 1
    pattern = _CELL if finding.path.endswith(_TABLES) else _IN_BRACKETS
    if pattern is _CELL or _is_in_brackets(line[:start]):
        found = pattern.match(line, start)
        return found.end() if found is not None else start
    comment = _COMMENT.search(line, start)
    return start + len(line[start : comment.start() if comment else None].rstrip())


def _is_in_brackets(before: str) -> bool:
    """Return whether brackets are open in the part of a line that precedes a value."""
    before = _QUOTED.sub("", before)
    return any(before.count(one) > before.count(other) for one, other in ("[]", "{}"))

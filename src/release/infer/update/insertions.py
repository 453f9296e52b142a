"""Insert items into the text of a descriptor, in block or flow style, and change nothing that is there."""

from __future__ import annotations

from collections.abc import Sequence

from release.descriptor.model import Descriptor
from release.infer.text import inline
from release.syntax.paths import KeyPath
from release.syntax.yaml import read_yaml


class Insertions:
    """Texts to insert into a descriptor."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._locations = descriptor.locations
        self._text = descriptor.text
        self._lines = descriptor.text.split("\n")
        self._found: list[tuple[int, int, str]] = []  # line, column or -1 for whole lines, text

    def add(self, key_path: KeyPath, lines: Sequence[str]) -> None:
        """Add an item, which is written in lines of block style, to the list or mapping at a key path."""
        children = [path for path in self._locations if path[:-1] == key_path and path]
        at = self._locations[key_path]
        opening = self._lines[at.line][at.column : at.column + 1]
        if opening in ("[", "{"):
            self._add_in_flow(key_path, children, lines)
            return
        indent = self._indent(children[0])
        own = next(len(line) - len(line.lstrip()) for line in lines if line.strip())
        end = self._end_of(key_path)
        for line in lines:
            self._found.append((end, -1, indent + line[own:] if line.strip() else ""))

    def add_mapping(self, name: str, before: str, lines: Sequence[str]) -> None:
        """Add a property of the package that is a mapping, written in lines, before another property."""
        at = self._locations[before,]
        if self._lines[at.key_line][: at.key_column].strip():  # all in braces
            item = f"{name}: {_flow(lines)}, "
            self._found.append((at.key_line, at.key_column, item))
            return
        for line in (f"{name}:", *lines, ""):
            self._found.append((at.key_line, -1, line))

    def text(self) -> str:
        """Return the text with all that was added."""
        end = "\r" if "\r\n" in self._text else ""
        lines = list(self._lines)
        for line, column, text in reversed(self._in_order()):
            if column < 0:
                lines.insert(line, text + end)
            else:
                lines[line] = lines[line][:column] + text + lines[line][column:]
        return "\n".join(lines)

    def _in_order(self) -> list[tuple[int, int, str]]:
        """Return what was added from top to bottom; at one place in the order in which it was added."""
        return sorted(self._found, key=lambda each: each[:2])

    def _add_in_flow(
        self, key_path: KeyPath, children: Sequence[KeyPath], lines: Sequence[str]
    ) -> None:
        """Add an item between brackets or braces: before the last one, whose place is known."""
        item = _flow(lines)
        if not children:
            at = self._locations[key_path]
            self._found.append((at.line, at.column + 1, item))
            return
        last = max(
            (self._locations[path] for path in children),
            key=lambda at: (at.key_line, at.key_column),
        )
        self._found.append((last.key_line, last.key_column, f"{item}, "))

    def _indent(self, child: KeyPath) -> str:
        """Return the blanks before the items of a list or mapping, of which one is given."""
        at = self._locations[child]
        line = at.key_line
        if isinstance(child[-1], int):
            while not self._lines[line].lstrip().startswith("-"):
                line -= 1
        start = self._lines[line]
        return start[: len(start) - len(start.lstrip())]

    def _end_of(self, key_path: KeyPath) -> int:
        """Return the line behind a list or mapping, without blank lines and comments there."""
        size = len(key_path)
        last = max(at.line for path, at in self._locations.items() if path[:size] == key_path)
        end = min(
            (
                at.key_line
                for path, at in self._locations.items()
                if at.key_line > last and path[:size] != key_path
            ),
            default=len(self._lines),
        )
        while self._is_beside(end - 1):
            end -= 1
        return end

    def _is_beside(self, line: int) -> bool:
        """Return True if a line is blank, a comment or a dash alone, whose item is in the next one."""
        text = self._lines[line].strip()
        return not text or text.startswith("#") or text == "-"


def _flow(lines: Sequence[str]) -> str:
    """Return an item that is written in lines of block style in one line: of a list without its dash."""
    value, _ = read_yaml("\n".join(lines))
    if isinstance(value, list):
        return inline(value[0])
    assert isinstance(value, dict)
    return ", ".join(f"{inline(key)}: {inline(below)}" for key, below in value.items())

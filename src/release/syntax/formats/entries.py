"""Cut a text that holds several records into entries: lines, documents, or the values at a path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, takewhile
from typing import Any

from release.findings.message import shown
from release.syntax.formats.front_matter import Format, judge, locate_values, read_values
from release.syntax.groups import Groups
from release.syntax.looks.contrast import find_similar, point_at
from release.syntax.paths import Capture, KeyPath, Path, brief_path
from release.syntax.text import Location, SyntaxFault

#: A line that ends a YAML document, or begins the next one, which may go on behind the sign.
_MARK = re.compile(r"^(?:---(?=[ \t\n]|\Z)|\.\.\.[ \t]*(?:#[^\n]*)?(?:\n|\Z))", re.MULTILINE)

#: Blank lines and comments.
_NOTHING = re.compile(r"(?:[ \t]*(?:#[^\n]*)?(?:\n|\Z))*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a text that holds several.

    `keys` are the keys and positions that the captures of the path to it stand for. The value is that at the
    key path `prefix` in `text`, which is written in `format` and begins on `line`, from 0, of the whole.
    """

    keys: KeyPath
    value: Any
    text: str
    format: Format
    line: int = 0
    prefix: KeyPath = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """The entries of a text, its faults, and the leaves that stand beside the entries.

    The `keys` of a leaf are its key path from the root of the text.
    """

    entries: list[Entry]
    faults: list[SyntaxFault]
    beside: list[Entry]


def cut_lines(text: str, path: Path) -> Cut:
    """Cut JSON Lines (https://jsonlines.org): each line that is not blank is a value.

    A line that cannot be read is a fault of its own. Positions count it, and no blank lines.
    """
    lines = (
        (number, line)
        for number, line in enumerate(text.split("\n"))
        if line and not line.isspace()
    )
    return _cut_parts(lines, "json", path)


def has_documents(text: str) -> bool:
    """Return whether a YAML text holds more than one document."""
    return "\n---" in text and len(list(_documents(text))) > 1


def cut_documents(text: str, path: Path) -> Cut:
    """Cut YAML into its documents; those that hold nothing but comments do not count."""
    return _cut_parts(_documents(text), "yaml", path)


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """Yield each document of a YAML text that holds something, with the line on which it begins."""
    marks = [(0, 0), *(match.span() for match in _MARK.finditer(text)), (len(text), len(text))]
    for (_, begin), (end, _) in pairwise(marks):
        document = text[begin:end]
        if not _NOTHING.fullmatch(document):
            column = begin - (text.rfind("\n", 0, begin) + 1)
            yield text.count("\n", 0, begin), " " * column + document


def _cut_parts(parts: Iterator[tuple[int, str]], form: Format, path: Path) -> Cut:
    """Cut a text into parts, each with its line, whose positions the first capture of a path stands for."""
    cut = Cut([], [], [])
    faults: Groups[SyntaxFault] = Groups()
    for position, (line, part) in enumerate(parts):
        value, found, of_part = read_values(part, form)
        is_reliable, of_part = judge(value, of_part)
        for fault in of_part:
            faults.add((fault.rule, fault.first), partial(fault.shift, line))
        if is_reliable:
            entry = Entry((position,), value, part, found, line)
            _open(entry, (position,), path[1:], cut)
    cut.faults.extend(faults.faults())
    return cut


def cut_values(text: str, form: Format, path: Path) -> Cut:
    """Cut a text into the values at a path with captures."""
    value, found, faults = read_values(text, form)
    is_reliable, faults = judge(value, faults)
    cut = Cut([], faults, [])
    if is_reliable:
        fault = _find_no_records(text, found, value, path)
        cut.faults.extend([fault] if fault is not None else [])
        if fault is None:
            _open(Entry((), value, text, found), (), path, cut)
    return cut


def _find_no_records(text: str, form: Format, value: Any, path: Path) -> SyntaxFault | None:
    """Find that a text has no list or mapping where a path to records begins to be one of many."""
    head = tuple(takewhile(lambda segment: isinstance(segment, str), path))
    for depth, key in enumerate(head):
        if not isinstance(value, dict) or key not in value:
            known = value if isinstance(value, dict) else ()
            near = find_similar(str(key), known, 0.5)
            advice = f"; did you mean {point_at(near, str(key))}?" if near else ""
            message = f"found no {brief_path(path[: depth + 1])}"
            break
        value = value[key]
    else:
        if len(head) == len(path) or value is None or isinstance(value, dict | list):
            return None
        depth, advice = len(head), ""
        message = f"found {shown(value)}"
    at = locate_values(text, form).get(path[:depth], Location(0, 0, 0, 0))  # type: ignore[arg-type]
    message = f"{message}, expected records at {brief_path(path)}{advice}"
    return SyntaxFault("records-path", at.line, at.column, message)


def _open(entry: Entry, above: KeyPath, path: Path, cut: Cut) -> None:
    """Add the entries at a path below an entry, and the leaves beside them, to a cut.

    `above` is the key path of the entry's text from the root of the whole text.
    """
    if not path:
        cut.entries.append(entry)
        return
    value, segment = entry.value, path[0]
    if not isinstance(value, dict | list):
        if value not in (None, ""):
            cut.beside.append(replace(entry, keys=(*above, *entry.prefix)))
        return
    for key, item in _items(value):
        prefix = (*entry.prefix, key)
        if isinstance(segment, Capture):
            _open(
                replace(entry, keys=(*entry.keys, key), value=item, prefix=prefix),
                above,
                path[1:],
                cut,
            )
        elif segment == key:
            _open(replace(entry, value=item, prefix=prefix), above, path[1:], cut)
        else:
            _add_leaves(replace(entry, value=item, prefix=prefix), above, cut)


def _items(value: dict[str, Any] | list[Any]) -> Iterable[tuple[str | int, Any]]:
    """Return the keys or positions of a value, each with what is there."""
    return value.items() if isinstance(value, dict) else enumerate(value)


def _add_leaves(entry: Entry, above: KeyPath, cut: Cut) -> None:
    """Add all leaves in or below a value that stands beside the entries to a cut."""
    value = entry.value
    if isinstance(value, dict | list) and value:
        for key, item in _items(value):
            _add_leaves(replace(entry, value=item, prefix=(*entry.prefix, key)), above, cut)
    else:
        cut.beside.append(replace(entry, keys=(*above, *entry.prefix)))

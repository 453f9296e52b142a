"""Cut a text that holds several records into entries: lines, documents, or the values at a path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import Any

from release.findings.groups import Groups
from release.findings.message import shown
from release.syntax.formats import documents, slices
from release.syntax.formats.front_matter import Format, judge, locate_values, read_part, read_values
from release.syntax.formats.pieces import WHOLE, Piece
from release.syntax.formats.slices import Slice, UncutError
from release.syntax.looks.contrast import find_similar, point_at
from release.syntax.paths import Capture, KeyPath, Path, brief_path
from release.syntax.text import Location, SyntaxFault


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a text that holds several.

    `keys` are the keys and positions that the captures of the path to it stand for. The value is that at the
    key path `prefix` in `text`, which is written in `format` and begins on `line` and in `column` of the
    whole, both from 0.
    """

    keys: KeyPath
    value: Any
    text: str
    format: Format
    line: int = 0
    column: int = 0
    prefix: KeyPath = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """The entries of a text, its faults, and the leaves that stand beside the entries.

    The `keys` of a leaf are its key path from the root of the text.
    """

    entries: list[Entry]
    faults: list[SyntaxFault]
    beside: list[Entry]


def cut_lines(text: str, path: Path, piece: Piece = WHOLE) -> Cut:
    """Cut JSON Lines (https://jsonlines.org): each line that is not blank is a value.

    A line that cannot be read is a fault of its own. Positions count it, and no blank lines.
    """
    lines = enumerate(text.split("\n"))
    return _cut_parts([each for each in lines if each[1].strip()], "json", path, piece)


def cut_documents(text: str, path: Path, piece: Piece = WHOLE) -> Cut:
    """Cut YAML into its documents; those that hold nothing but comments do not count."""
    return _cut_parts(list(documents.find(text)), "yaml", path, piece)


def _cut_parts(parts: Sequence[tuple[int, str]], form: Format, path: Path, piece: Piece) -> Cut:
    """Cut a text of parts, each with its line, whose positions the first capture of a path stands for."""
    cut = Cut([], [], [])
    faults: Groups[SyntaxFault] = Groups()
    numbered = piece.select(range(len(parts)))
    for position in numbered:
        line, part = parts[position]
        value, found, of_part = read_values(part, form)
        is_reliable, of_part = judge(value, of_part)
        for fault in of_part:
            faults.add((fault.rule, fault.first), partial(fault.shift, line))
        if is_reliable:
            _open(Entry((position,), value, part, found, line), (position,), path[1:], cut)
    cut.faults.extend(faults.faults())
    return cut


def cut_values(text: str, form: Format, path: Path, piece: Piece = WHOLE) -> Cut:
    """Cut a text into the values at a path with captures."""
    try:
        return _cut_slices(text, form, path, piece)
    except UncutError:
        return cut_whole(text, form, path, piece)


def cut_whole(text: str, form: Format, path: Path, piece: Piece = WHOLE) -> Cut:
    """Cut a text into the values at a path as `cut_values` does, but read it as a whole."""
    value, found, faults = read_values(text, form)
    is_reliable, faults = judge(value, faults)
    cut = Cut([], faults, [])
    if is_reliable:
        fault = _find_no_records(text, found, value, path)
        cut.faults.extend([fault] if fault is not None else [])
        if fault is None:
            _open(Entry((), value, text, found), (), path, cut)
    return Cut(
        list(piece.select(cut.entries)),
        *((cut.faults, cut.beside) if not piece.number else ([], [])),
    )


def _cut_slices(text: str, form: Format, path: Path, piece: Piece) -> Cut:
    """Cut a text into slices, and read each that belongs to a piece.

    Raises:
        UncutError: The text is not cut, or one of the slices is not well-formed.
    """
    begins = text.lstrip()[:1]
    if form == "json" or (form == "yaml" and begins == "{"):
        form, cut_text = "json", slices.cut_json
    elif form == "yaml" and begins != "[":
        cut_text = slices.cut_yaml
    else:
        raise UncutError
    found = piece.share((text, path), partial(cut_text, text, path))
    wanted = [each for each in found if not each.rest]
    if not wanted:
        raise UncutError
    cut = Cut([], [], [])
    faults: Groups[SyntaxFault] = Groups()
    others = [each for each in found if each.rest] if not piece.number else []
    for part in (*piece.select(wanted), *others):
        value, of_part = _read_slice(part, form)
        for fault in of_part:
            faults.add((fault.rule, fault.first), partial(fault.shift, part.line, part.column))
        is_reliable = judge(value, of_part)[0]
        entry = Entry(part.captured, value, part.text, form, part.line, part.column)
        if part.rest:
            _add_leaves(entry, part.keys, cut)
        elif is_reliable:
            cut.entries.append(entry)
    cut.faults.extend(faults.faults())
    return cut


def _read_slice(part: Slice, form: Format) -> tuple[Any, list[SyntaxFault]]:
    """Read the value of a slice, and its faults.

    Raises:
        UncutError: It is not well-formed by itself.
    """
    if documents.NOTHING.fullmatch(part.text):
        if (
            "#" in part.text
        ):  # only beside its key or dash does it show if a comment was meant as text
            raise UncutError
        return None, []
    if form == "json":
        value, _, faults = read_values(part.text, form)
    else:
        value, faults = read_part(part.text, part.dedented)
    _, judged = judge(value, faults)
    if any(fault.rule in ("front-matter-syntax", "too-deep") for fault in judged):
        raise UncutError
    return value, judged


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
        below = replace(entry, value=item, prefix=(*entry.prefix, key))
        if isinstance(segment, Capture):
            _open(replace(below, keys=(*entry.keys, key)), above, path[1:], cut)
        elif segment == key:
            _open(below, above, path[1:], cut)
        else:
            _add_leaves(below, above, cut)


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

"""Read the origins of a table's rows: kinds of records, paths in them, and how values there become lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from release.descriptor.kinds.record_kinds import RecordKinds
from release.descriptor.model import Opening, RowOrigin
from release.descriptor.properties import Properties, describe, explain_quotes, suggest
from release.descriptor.vocabulary import FINDINGS, PROPERTIES
from release.syntax.paths import (
    BODY_PARTS,
    Capture,
    KeyPath,
    Path,
    captures_of,
    is_in_body,
    show_path,
)

_CAPTURE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ORIGIN = "a kind of `records`, or KIND/PATH"
_BELOW = ".PATH, which goes on below the rows of the parent"

#: The origins of the rows of a table's parent: empty without a parent, None if they cannot be used.
ParentRows = tuple[RowOrigin, ...] | None


def read_rows(
    item: Properties, kinds: RecordKinds, parents: ParentRows = ()
) -> tuple[RowOrigin, ...] | None:
    """Read the origins of a resource's rows; `parents` are those of its parent.

    Returns:
        The origins; empty if the rows do not come from records; None if a problem was noted.
    """
    value = item.value.get("rows", ())
    if value == FINDINGS:
        return ()
    if "rows" in item and (value is None or value == []):
        item.note_unexpected("rows", _ORIGIN)
        return None
    places: list[tuple[Any, KeyPath]]
    if isinstance(value, list):
        places = [(one, ("rows", at)) for at, one in enumerate(value)]
    else:
        places = [(value, ("rows",))] if "rows" in item else []
    read = _Reader(item, kinds, parents)
    origins = [origin for one, place in places for origin in read.origins(one, place)]
    usable = tuple(origin for origin in origins if origin is not None)
    return usable if len(usable) == len(origins) else None


class _Reader:
    """A reader of the items of one table's `rows`."""

    def __init__(self, item: Properties, kinds: RecordKinds, parents: ParentRows) -> None:
        self.item = item
        self.kinds = kinds
        self.parents = parents

    def origins(self, value: Any, key_path: KeyPath) -> Iterator[RowOrigin | None]:
        """Read the origins that an item declares, one for each of the parent's; None after a problem."""
        constants: Mapping[str, str] = {}
        text, place = value, key_path
        origin = None
        if isinstance(value, dict):
            origin = Properties(value, (*self.item.key_path, *key_path), self.item.problems)
            origin.note_unknown(*PROPERTIES["rows"])
            constants = _read_constants(origin)
            text, place = value.get("path"), (*key_path, "path")
        for start, path in self._paths(text, place):
            if start is None or path is None:
                yield None
                continue
            self._check_bound(start, path, constants, place)
            whole = (*start.path, *path)
            openings = {**start.openings, **(_read_openings(origin, path, len(start.path)))}
            yield RowOrigin(start.kind, whole, {**start.constants, **constants}, openings)

    def _paths(self, text: Any, place: KeyPath) -> Iterator[tuple[RowOrigin | None, Path | None]]:
        """Yield each origin at which a path begins, and the path below it; None for what cannot be used."""
        if isinstance(text, str) and text.startswith("."):
            yield from self._relative_paths(text, place)
            return
        name, slash, rest = text.partition("/") if isinstance(text, str) else ("", "", "")
        if name not in self.kinds:
            what = "is missing" if text is None else f"is {describe(text)}"
            expected = f"{_ORIGIN}, or {_BELOW}" if self.parents else _ORIGIN
            self.item.note(f"{what}, expected {expected}{suggest(name, self.kinds)}", *place)
            yield None, None
            return
        path = self._read_path(rest, text, place) if slash else ()
        if path is None or self.kinds[name] is None:
            yield None, None
            return
        start = RowOrigin(name, (), {})
        for parent in self.parents or ():
            if parent.kind == name and path[: len(parent.path)] == parent.path:
                # its constants are bound by the child itself, as it does not name the parent's item
                start = RowOrigin(name, parent.path, {}, parent.openings)
                break
        else:
            if self.parents:
                shown = " or ".join(map(show_rows, self.parents))
                expected = f"rows of the parent, {shown}, or a path below them"
                self.item.note(f"is {describe(text)}, expected {expected}", *place)
        yield start, path[len(start.path) :]

    def _relative_paths(
        self, text: str, place: KeyPath
    ) -> Iterator[tuple[RowOrigin | None, Path | None]]:
        if self.parents == ():
            expected = f"{_ORIGIN}; {_BELOW}, needs a `parent`"
            self.item.note(f"is {describe(text)}, expected {expected}", *place)
        path = self._read_path(text[1:], text, place)
        for parent in self.parents or (None,):
            yield parent, path

    def _read_path(self, text: str, written: str, place: KeyPath) -> Path | None:
        """Read the end of what is written as a path; `$` begins a part of the body, or a key in quotes."""
        path = self.item.read_path_in(text, *place, written=written)
        if path and text[0] == "$" and not is_in_body(path):
            near = suggest(text.partition(".")[0], BODY_PARTS) or explain_quotes(text)
            expected = f"a path, or one that begins with {', '.join(BODY_PARTS)}"
            self.item.note(f"is {describe(written)}, expected {expected}{near}", *place)
            return None
        return path

    def _check_bound(
        self, start: RowOrigin, path: Path, constants: Mapping[str, str], place: KeyPath
    ) -> None:
        """Note the captures that are bound twice."""
        kind = self.kinds[start.kind]
        assert kind is not None
        bound = [*kind.captures, *captures_of(start.path), *start.constants]
        for capture in (*captures_of(path), *constants):
            if capture in bound:
                message = f"binds {{{capture}}}, which is bound already, expected another name"
                self.item.note(message, *place)
            bound.append(capture)


def show_rows(rows: RowOrigin) -> str:
    """Write an origin of rows as `rows` has it."""
    return f"{rows.kind}/{show_path(rows.path)}" if rows.path else rows.kind


def _read_openings(origin: Properties | None, path: Path, before: int) -> Mapping[int, Opening]:
    """Read how the last capture of a path takes values for lists, by its position after `before` parts."""
    if origin is None or not ("oneOrMany" in origin or "split" in origin):
        return {}
    one_or_many = origin.value.get("oneOrMany", False)
    if not isinstance(one_or_many, bool):
        origin.note_unexpected("oneOrMany", "true or false")
    split = ""
    if "split" in origin:
        split = origin.value["split"]
        if not isinstance(split, str) or not split:
            origin.note_unexpected("split", "the text between two entries, such as ','")
            split = ""
    places = [at for at, part in enumerate(path) if isinstance(part, Capture)]
    if not places:
        for name in ("oneOrMany", "split"):
            if name in origin:
                message = "needs a list, expected a {capture} in `path` that takes its entries"
                origin.note(message, name, at_key=True)
        return {}
    opening = Opening(one_or_many is True, split)
    return {before + places[-1]: opening} if opening != Opening(False, "") else {}


def _read_constants(origin: Properties) -> Mapping[str, str]:
    constants = origin.read_mapping("set")
    for name in constants.value:
        if _CAPTURE.fullmatch(name) is None:
            message = "is not a name for a capture, expected letters, digits and _, no digit first"
            constants.note(message, name, at_key=True)
        constants.read_text(name)
    return {name: str(value) for name, value in constants.value.items()}

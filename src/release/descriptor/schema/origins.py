"""Read where the values of a field come from: paths, captures, special values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from release.descriptor.kinds.record_kinds import RecordKinds
from release.descriptor.model import RowOrigin
from release.descriptor.properties import Properties, describe, explain_quotes, suggest
from release.descriptor.vocabulary import SPECIALS
from release.syntax.paths import (
    BODY_PARTS,
    BelowEntry,
    Capture,
    Choice,
    FieldOrigin,
    KeyPath,
    Path,
    SingleOrigin,
    Template,
    captures_of,
    parse_path,
    parse_template,
)
from release.syntax.types.registry import FieldType

#: The special values that are always text; `$bytes` may be a number or text.
_TEXT_SPECIALS = ("$body", "$path", "$sha256", "$format")


@dataclass(frozen=True, slots=True)
class TableOrigin:
    """The origin of a table: records, the findings of the build, or (without both) a file.

    `rows` is None if the descriptor gives origins of rows that cannot be used.
    """

    rows: tuple[RowOrigin, ...] | None
    is_findings: bool
    kinds: RecordKinds

    @property
    def is_from_records(self) -> bool:
        """True if the table's rows come from records."""
        return self.rows is None or bool(self.rows)


def read_origin(
    item: Properties, table: TableOrigin, field_type: FieldType | None
) -> tuple[FieldOrigin, Path | None]:
    """Read the origin of a field's values: `from`, and `locate`; None for what is not given."""
    if not table.is_from_records:
        is_curated = not table.is_findings
        why = "the table is read from its file" if is_curated else "the build writes the findings"
        item.note_unwanted("from locate", why)
        return None, None
    if "locate" in item:
        locate = item.read_path("locate", may_be_in_body=True)
        item.note_unwanted("from", "the field's values come from `locate`")
        if field_type not in ("integer", None):
            message = "gives an integer, the offset of a text, expected a field of the type integer"
            item.note(f"{message}, not {field_type}", "locate", at_key=True)
        if locate is not None:
            _check_captures(item, ("locate",), captures_of(locate), table)
        return None, locate
    if "from" not in item:
        item.note("is missing, expected the path of the field's values", "from")
        return None, None
    reader = _Reader(item, table, field_type)
    value = item.value["from"]
    return (
        reader.read_choice(value) if isinstance(value, list) else reader.read(value, "from")
    ), None


@dataclass(frozen=True, slots=True)
class _Reader:
    """A reader of the `from` of one field."""

    item: Properties
    table: TableOrigin
    field_type: FieldType | None

    def read_choice(self, values: list[Any]) -> Choice | None:
        """Read a list of origins, of which the first is used that has a value."""
        if len(values) < 2:
            self.item.note_unexpected("from", "a path, or a list of at least two")
            return None
        found = []
        for at, value in enumerate(values):
            origin = self.read(value, "from", at)
            if value in values[:at]:
                self.item.note(f"is {describe(value)} again, expected it once", "from", at)
            if origin is not None:
                found.append(origin)
        return Choice(tuple(found)) if len(found) == len(values) else None

    def read(self, value: Any, *place: str | int) -> SingleOrigin | Template | None:
        """Read one origin: a path, a capture, a special value or a template."""
        if not isinstance(value, str):
            self.item.note(f"is {describe(value)}, expected a path", *place)
            return None
        if "{" not in value or value.startswith("$"):
            return self._read_single(value, *place)
        try:
            parse_path(value)
        except ValueError:
            return self._read_template(value, *place)
        return self._read_single(value, *place)

    def _read_single(self, text: str, *place: str | int) -> SingleOrigin | None:
        if text.startswith("$"):
            return self._read_special(text, *place)
        path = self.item.read_path_in(text, *place)
        if path is None:
            return None
        _check_captures(self.item, place, captures_of(path), self.table)
        return path[0] if len(path) == 1 and isinstance(path[0], Capture) else path

    def _read_template(self, text: str, *place: str | int) -> Template | None:
        try:
            raw = parse_template(text)
        except ValueError as error:
            self.item.note(f"is {describe(text)}, {error}", *place)
            return None
        bound = _captures(self.table)
        parts = [
            Capture(name) if name in bound else self._read_single(name, *place)
            for name in raw.inner
        ]
        found = tuple(part for part in parts if part is not None)
        return Template(raw.texts, found) if len(found) == len(parts) else None

    def _read_special(self, text: str, *place: str | int) -> SingleOrigin | None:
        name, dot, rest = text.partition(".")
        if name == "$value" and dot:
            path = self.item.read_path_in(rest, *place)
            if path is None:
                return None
            _check_captures(self.item, place, captures_of(path), self.table)
            return BelowEntry(path)
        if name in BODY_PARTS:
            path = self.item.read_path_in(text, *place)
            if path is not None:
                _check_captures(self.item, place, captures_of(path), self.table)
            return path
        if text not in SPECIALS:
            known = (*SPECIALS, *BODY_PARTS)
            expected = f"a path, a capture or one of {', '.join(known)}"
            near = suggest(text, known)
            quotes = near or explain_quotes(text)
            self.item.note(f"is {describe(text)}, expected {expected}{quotes}", *place)
        elif text == "$value" and any(
            _is_mapping(rows, self.table) for rows in self.table.rows or ()
        ):
            expected = "a path, as each row of the table is a whole record"
            self.item.note(f"is {describe(text)}, expected {expected}", *place)
        elif text in _TEXT_SPECIALS and self.field_type not in ("string", None):
            message = f"is {text}, which is text, expected a field of the type string"
            self.item.note(f"{message}, not {self.field_type}", *place)
        return text


def _captures(table: TableOrigin) -> set[str]:
    """Return the captures that every origin of a table's rows binds."""
    found = [_bound(origin, table) for origin in table.rows or ()]
    return set(found[0]).intersection(*found[1:]) if found else set()


def _bound(origin: RowOrigin, table: TableOrigin) -> tuple[str, ...]:
    kind = table.kinds[origin.kind]
    assert kind is not None
    return (*kind.captures, *captures_of(origin.path), *origin.constants)


def _is_mapping(rows: RowOrigin, table: TableOrigin) -> bool:
    """Return whether each row is a whole record that is no text, as it is a file or a row of one."""
    kind = table.kinds[rows.kind]
    assert kind is not None
    from release.syntax.formats.endings import format_of  # few tables ask

    form = kind.container.format or format_of(kind.pattern.template)
    return not rows.path and not kind.container.records and form != "jsonl"


def _check_captures(
    item: Properties, place: KeyPath, names: Iterable[str], table: TableOrigin
) -> None:
    """Note the captures of a path that an origin of the table's rows does not bind."""
    for origin in table.rows or ():
        captures = _bound(origin, table)
        bound = ", ".join(f"{{{name}}}" for name in sorted(set(captures))) or "none"
        for name in names:
            if name not in captures:
                expected = f"a capture that the table's `rows` bind: {bound}"
                item.note(f"uses {{{name}}}, expected {expected}", *place)

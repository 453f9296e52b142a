"""Make a field of the values at one place: its type, and the constraints that all of them keep today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from release.infer.model import FieldDraft, TableDraft
from release.infer.names import make_unique, singular
from release.infer.tables.mixtures import without_booleans
from release.infer.tables.shapes import Scalars
from release.infer.tables.types import choose_type
from release.syntax.paths import Path
from release.syntax.types.registry import FieldType

#: So many values must there be before one speaks of a rule.
_ENOUGH = 10

#: The order of values, by the type of their field.
_ORDERS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "year": int,
    "number": float,
    "date": str,
}


#: The values that a field of a type takes, where others take the rest; `text` for all other types.
WHEN = {
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "date": "date",
    "year": "integer",
}


@dataclass(frozen=True, slots=True)
class Writing:
    """The way in which values of a kind are written: all as texts, or some in quotes at a path."""

    is_text: bool
    has_quotes: Callable[[Path], bool]


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a field, and how many rows there are that might have one, or 0."""

    scalars: Scalars
    rows: int


def append_field(
    table: TableDraft, name: str, origin: Path | str, column: Column, writing: Writing
) -> None:
    """Add a field to a table; two if some values are booleans, and the others of one other type."""
    scalars = column.scalars
    taken = table.field_names
    path = table.path if origin == "$value" else origin
    if (rest := without_booleans(scalars.classes)) is not None:
        chosen = choose_type(name, rest, None, is_text=writing.is_text)
        table.fields += [
            FieldDraft(make_unique(name, taken), chosen.type, path, when=WHEN[chosen.type]),
            FieldDraft(make_unique(f"is_{name}", taken), "boolean", path, when="boolean"),
        ]
        return
    chosen = choose_type(
        name,
        scalars.classes,
        scalars.texts,
        is_text=writing.is_text,
        has_quotes=lambda: not isinstance(path, str) and writing.has_quotes(path),
    )
    is_written = {"decimalChar", "groupChar"} & chosen.properties.keys()
    table.fields.append(
        FieldDraft(
            make_unique(name, taken),
            chosen.type,
            origin,
            properties=chosen.properties,
            values=scalars.texts,
            constraints=_find_constraints(
                "string" if is_written else chosen.type, scalars, column.rows
            ),
        )
    )


def name_in(table: TableDraft, name: str) -> str:
    """Return a name for a field; where the key has it, that of the table stands before it."""
    if table.path and name in table.key:
        name = f"{singular(table.name)}_{name}"
    return make_unique(name, table.field_names)


def _find_constraints(field_type: FieldType, scalars: Scalars, rows: int) -> dict[str, Any]:
    """Return the constraints that the values of a field keep; `rows` is how many there might be, or 0."""
    found: dict[str, Any] = {}
    if scalars.count < _ENOUGH:
        return found
    if scalars.count == rows:
        found["required"] = True
    texts = scalars.texts
    if texts is not None and len(texts) == scalars.count == rows:
        found["unique"] = True
    order = _ORDERS.get(field_type)
    if texts is not None and order is not None:
        low, high = min(texts, key=order), max(texts, key=order)
        found["minimum"] = low if field_type == "date" else order(low)
        found["maximum"] = high if field_type == "date" else order(high)
    return found

"""Read `when`, by which several fields take the values of one path, each those of its class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from release.descriptor.model import Field
from release.descriptor.properties import Properties, suggest
from release.descriptor.schema.origins import TableOrigin
from release.descriptor.vocabulary import TYPES, WHEN
from release.syntax.paths import BelowEntry, FieldOrigin

#: The class of the values of a type that has another name than its class; all others are texts.
_CLASS_OF = {"year": "integer", "object": "mapping", "geojson": "mapping", "array": "list"}


def read_when(item: Properties, table: TableOrigin, origin: FieldOrigin) -> frozenset[str] | None:
    """Read the classes of values that a field takes at most; None if it takes all."""
    if "when" not in item:
        return None
    if origin is None:
        if not table.is_from_records or "locate" in item:
            item.note_unwanted("when", "the field's values come from no path")
    elif origin != "$value" and not isinstance(origin, tuple | BelowEntry):
        item.note_unwanted("when", "only values of a path or of `$value` have several types")
    value = item.value["when"]
    if not isinstance(value, str) or value not in WHEN:
        near = suggest(value, WHEN) if isinstance(value, str) else ""
        if value in TYPES:
            near = f"; write `{_CLASS_OF.get(value, 'text')}` for values of the type {value}"
        item.note_unexpected("when", f"one of {', '.join(WHEN)}{near}")
        return None
    return frozenset(WHEN[value])


def divide_classes(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return fields of which each leaves what others from its path ask for to these."""
    return tuple(_without_others(field, fields) if field.when else field for field in fields)


def _without_others(field: Field, fields: Sequence[Field]) -> Field:
    """Return a field without the classes that a narrower `when` asks for at the same path."""
    assert field.when is not None
    taken: set[str] = set()
    for other in fields:
        if other.when is not None and other.origin == field.origin and other.when < field.when:
            taken |= other.when
    missing = field.reading.notation.missing if field.reading is not None else ()
    return replace(field, when=(field.when - taken) | {f"={text}" for text in missing})

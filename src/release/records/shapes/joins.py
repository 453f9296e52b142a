"""Choices and templates: which of their values are used in a row, and why the others are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from release.records.shapes.columns import RawColumn
from release.records.shapes.parts import choose, fill
from release.syntax.paths import Choice, KeyPath, Template, brief_path
from release.syntax.types.values import as_text

#: Reads the value of a column without parts for one row: its key path, None if it has none, and the value.
Read = Callable[[RawColumn], tuple[KeyPath | None, Any]]


@dataclass(frozen=True, slots=True)
class ValueUse:
    """A value that a column may use: its key path, the reason why it does not, and if it reads it itself.

    The reason is empty if the column uses the value. Parts of a template are not read themselves: a list or
    mapping there has no finding of its own.
    """

    key_path: KeyPath
    reason: str
    is_read: bool


def judge(column: RawColumn, read: Read, *, is_read: bool = True) -> Iterator[ValueUse]:
    """Judge each value in a record that a column may use for one row."""
    if isinstance(column.origin, Template):
        missing = [part for part in column.parts if not as_text(read(part)[1])]
        reason = ""
        if missing:
            lacking = " and ".join(_name(part) for part in missing)
            verb = "are" if len(missing) > 1 else "is"
            reason = (
                f"which the column {column.field.name} takes only together with {lacking}, "
                f"which {verb} missing"
            )
        for part in column.parts:
            key_path, value = read(part)
            if key_path is not None and (value is None or as_text(value)):
                # nothing is lost with a text that means a missing value
                yield ValueUse(key_path, reason if value is not None else "", is_read=False)
    elif isinstance(column.origin, Choice):
        yield from _judge_choice(column, read)
    else:
        key_path, _ = read(column)
        if key_path is not None:
            yield ValueUse(key_path, "", is_read)


def _judge_choice(column: RawColumn, read: Read) -> Iterator[ValueUse]:
    """Judge the values of a choice: one that is as the chosen one is not lost, another one is."""
    chosen = pick(column, read)
    value = _value_of(chosen, read)
    text = as_text(value)
    for part in column.parts:
        own = _value_of(part, read)
        # by their texts: true and 1 are equal to Python
        is_same = own == value if text is None else as_text(own) == text
        other = ""
        if part is not chosen and not _is_missing(own) and not is_same:
            other = f"while the column {column.field.name} is taken from {_name(chosen)}"
        for use in judge(part, read):
            yield ValueUse(use.key_path, use.reason or other, use.is_read)


def pick(column: RawColumn, read: Read) -> RawColumn:
    """Return the part of a column that its value comes from, or would come from.

    Of a choice it is the first part with a value, else the first of all; of a template that lacks a part it
    is this part, else its first with a key path. A column without parts is itself.
    """
    if isinstance(column.origin, Choice):
        filled = (part for part in column.parts if not _is_missing(_value_of(part, read)))
        return next(filled, column.parts[0])
    return column


def pick_value(column: RawColumn, read: Read) -> RawColumn:
    """Return the part without parts of its own at which a column's value is located, as `pick` does."""
    column = pick(column, read)
    if not isinstance(column.origin, Template):
        return column
    missing = (part for part in column.parts if not as_text(read(part)[1]))
    located = (part for part in column.parts if part.path is not None)
    return next(missing, next(located, column.parts[0]))


def _value_of(column: RawColumn, read: Read) -> Any:
    """Return the value that a column has in one row."""
    if isinstance(column.origin, Choice):
        return choose([_value_of(part, read) for part in column.parts])
    if isinstance(column.origin, Template):
        return fill(column.origin, [_value_of(part, read) for part in column.parts])
    return read(column)[1]


def _is_missing(value: Any) -> bool:
    return value is None or value == ""


def _name(part: RawColumn) -> str:
    """Return the words for a part in a message: its path, or what stands in the descriptor."""
    if isinstance(part.origin, str):
        return part.origin
    if isinstance(part.origin, Template):
        return " and ".join(_name(each) for each in part.parts)
    if part.path is None or part.capture is not None:
        return f"{{{getattr(part.origin, 'name', '')}}}"
    return brief_path(part.path)

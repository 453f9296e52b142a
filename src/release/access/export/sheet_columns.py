"""The columns of a sheet: which values are real numbers and dates in a spreadsheet, and which stay text.

A spreadsheet has numbers of 64 bits of which it shows 15 digits, and dates from 1900 to 9999 with a time to
the millisecond. A column with any value beyond that is text as a whole, so that it sorts and compares as one.
Source: "Excel specifications and limits" of its documentation.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from release.access.export.tables import ExportTable
from release.descriptor.model import Field

Form = Literal["text", "number", "boolean", "time"]

#: The largest number of 15 digits.
_MOST = 10**15 - 1

#: The most digits of a number.
_DIGITS = 15

#: The first day that a spreadsheet knows.
_FIRST = datetime.date(1900, 1, 1)

_MICROSECONDS = 1000


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of a sheet: how its values are written and shown, and why those are text that are none."""

    field: Field
    form: Form
    format: str = ""
    reason: str = ""


def decide(table: ExportTable) -> list[SheetColumn]:
    """Decide for each column of a table how its values are written, by all of its values."""
    judges = {field.name: _JUDGES.get(field.values.name) for field in table.fields}
    judged = [name for name, judge in judges.items() if judge is not None]
    reasons: dict[str, str] = {}
    for batch in table.batches(judged) if judged else ():
        for name in judged:
            judge = judges[name]
            if judge is not None and not reasons.get(name):
                reasons[name] = judge(batch.column(name))
    return [_column(field, reasons.get(field.name, "")) for field in table.fields]


def _column(field: Field, reason: str) -> SheetColumn:
    if reason:
        return SheetColumn(field, "text", reason=reason)
    kind = field.values
    if kind.decimals is not None:
        fraction = f".{'0' * kind.decimals.scale}" if kind.decimals.scale else ""
        return SheetColumn(field, "number", f"0{fraction}")
    form, shown = _FORMS.get(kind.name, ("text", ""))
    return SheetColumn(field, form, shown)


#: How values of a type are written, and the format in which a spreadsheet shows them.
_FORMS: Mapping[str, tuple[Form, str]] = {
    "integer": ("number", "0"),
    "year": ("number", "0"),
    "number": ("number", ""),
    "boolean": ("boolean", ""),
    "date": ("time", "yyyy-mm-dd"),
    "datetime": ("time", "yyyy-mm-dd hh:mm:ss"),
    "time": ("time", "hh:mm:ss"),
}


def _judge_number(column: pa.Array) -> str:
    """Return why numbers have to be text."""
    if pa.types.is_floating(column.type):
        finite = pc.all(pc.is_finite(column)).as_py()
        return "" if finite is not False else "has a value that is no number"
    bounds = pc.min_max(column).as_py()
    scale = column.type.scale if pa.types.is_decimal(column.type) else 0
    if any(each is not None and abs(each) * 10**scale > _MOST for each in bounds.values()):
        return f"has numbers of more than {_DIGITS} digits"
    return ""


def _judge_date(column: pa.Array) -> str:
    """Return why dates have to be text."""
    earliest = pc.min(column.cast(pa.date32())).cast(pa.int32()).as_py()
    latest = pc.max(column.cast(pa.date32())).cast(pa.int32()).as_py()
    if earliest is not None and earliest < (_FIRST - _EPOCH).days:
        return "has dates before 1900"
    if latest is not None and latest > (datetime.date.max - _EPOCH).days:
        return "has dates after 9999"
    return ""


_EPOCH = datetime.date(1970, 1, 1)


def _judge_datetime(column: pa.Array) -> str:
    """Return why instants have to be text."""
    local = column.cast(pa.timestamp("us"))
    return _judge_date(local.cast(pa.timestamp("s"), safe=False)) or _judge_fraction(local)


def _judge_fraction(column: pa.Array) -> str:
    """Return why times have to be text."""
    numbers = column.cast(pa.int64())
    whole = pc.multiply(pc.divide(numbers, _MICROSECONDS), _MICROSECONDS)
    if pc.any(pc.not_equal(numbers, whole)).as_py():
        return "has times of less than a millisecond"
    return ""


_JUDGES: Mapping[str, Callable[[pa.Array], str]] = {
    "integer": _judge_number,
    "year": _judge_number,
    "number": _judge_number,
    "date": _judge_date,
    "datetime": _judge_datetime,
    "time": _judge_fraction,
}

"""Validation: a table + its schema -> the cells that break a constraint, column by column."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Descriptor, Field, Resource
from release.descriptor.schema.expectations import describe_values
from release.descriptor.schema.record_names import name_as_in_records
from release.findings.message import named, shown
from release.findings.rules import RULES, Severity, family
from release.syntax.looks.contrast import find_twin, point_at
from release.syntax.types.values import as_text
from release.tables.columns import find_true, longest_row, value_at
from release.tables.parse import from_text


def check_cells(table: pa.Table, resource: Resource) -> Iterator[Violation]:
    """Check every constraint that concerns one cell alone; keys are checked in `keys`."""
    for field in resource.fields:
        yield from _check_constraints(table[field.name], resource, field)
    for name in resource.primary_key:
        missing = pc.is_null(table[name])
        expectation = name, "a value in every field of the primary key", ()
        yield from _report_cells(
            table[name], missing, f"{resource.name}-primaryKey", resource, expectation
        )


def check_texts(table: pa.Table, resource: Resource) -> Iterator[Violation]:
    """Find the cells that are text in Parquet, and not as a release writes values of their type."""
    for field in resource.fields:
        kind = field.values.plain
        if not kind.facts.is_quoted or kind.form in ("string", "any"):
            continue
        column = table[field.name].combine_chunks()
        plain, _ = from_text(column, kind)
        bad = pc.fill_null(pc.invert(pc.equal(column, plain)), pc.is_valid(column))
        expectation = field.name, f"{describe_values(field)}, as a release writes it", ()
        yield from _report_cells(column, bad, f"{field.name}-type", resource, expectation)


#: The most characters of a cell that Python's csv module takes, and the most bytes of a row that DuckDB's
#: read_csv takes, unless they are told otherwise.
CSV_CELL, CSV_ROW = 131_072, 2_000_000


def check_sizes(tables: Mapping[str, pa.Table], descriptor: Descriptor) -> Iterator[Violation]:
    """Find values and rows that are longer than common readers of CSV take; one violation for each column."""
    for name, table in tables.items():
        yield from _check_sizes(table, descriptor.resource(name))


def _check_sizes(table: pa.Table, resource: Resource) -> Iterator[Violation]:
    long = [name for name in resource.field_names if _has_long(table[name])]
    row, size = longest_row(table)
    if size <= CSV_ROW:
        size = 0
    for name in long:
        lengths = pc.fill_null(pc.utf8_length(table[name]), 0)
        most, count = pc.max(lengths).as_py(), pc.sum(pc.greater(lengths, CSV_CELL)).as_py()
        if not count:
            continue
        more = f", and {count - 1:,} more of the column over {CSV_CELL:,}" if count > 1 else ""
        in_row = f" and DuckDB's read_csv {CSV_ROW:,} bytes in a row" if size else ""
        message = (
            f"{named(name)} has {most:,} characters{more}; unless told otherwise, Python's csv module takes "
            f"{CSV_CELL:,} in a cell{in_row}"
        )
        yield Violation("cell-size", resource.name, pc.index(lengths, most).as_py(), name, message)
        size = 0
    if size:
        message = (
            f"the row has {size:,} bytes as CSV; unless told otherwise, DuckDB's read_csv takes "
            f"{CSV_ROW:,}"
        )
        yield Violation("cell-size", resource.name, row, "", message)


def _has_long(column: pa.ChunkedArray) -> bool:
    """Return whether a column has a text of more bytes than a cell may have characters."""
    if not pa.types.is_string(column.type) or column.nbytes <= CSV_CELL:
        return False
    return (pc.max(pc.binary_length(column)).as_py() or 0) > CSV_CELL


def _check_constraints(
    column: pa.ChunkedArray, resource: Resource, field: Field
) -> Iterator[Violation]:
    for name, limit in field.constraints.items():
        if limit is False or name == "unique":
            continue
        if name == "required" and field.name in resource.primary_key:
            continue
        bad = pc.fill_null(_BROKEN[name](column, limit, field), name == "required")
        expectation = (
            field.name,
            _describe_limit(name, limit, field),
            limit if name == "enum" else (),
        )
        yield from _report_cells(column, bad, f"{field.name}-{name}", resource, expectation)
    if field.categories:
        bad = _find_unlisted(column, field.categories, field)
        listed = ", ".join(shown(value) for value in field.categories)
        expectation = field.name, f"one of {listed}", field.categories
        yield from _report_cells(column, bad, f"{field.name}-categories", resource, expectation)


def _report_cells(
    column: pa.ChunkedArray,
    bad: pa.ChunkedArray,
    rule: str,
    resource: Resource,
    expectation: tuple[str, str, Sequence[Any]],
) -> Iterator[Violation]:
    """Return a violation for each cell that is `bad`, at most MOST, and one that counts the others.

    `expectation` is the name of the field, what is expected of its value, and the values that are listed.
    """
    name, wanted, listed = expectation
    known = [value for value in listed if isinstance(value, str)]
    rows = find_true(bad)
    for row in rows.slice(0, MOST).to_pylist():
        value = value_at(column, row)
        message = f"{named(name)} is {shown(value)}, expected {wanted}"
        if known and isinstance(value, str) and (twin := find_twin(value, known)) is not None:
            message += f"; did you mean {point_at(twin, value)}?"
        yield Violation(rule, resource.name, row, name, message)
    yield from count_rest(rule, resource, name, len(rows))


def _describe_limit(name: str, limit: Any, field: Field) -> str:
    if name in ("required", "minimum", "maximum"):
        return describe_values(field)
    parts = "items" if field.values.facts.is_json else "characters"
    return {
        "minLength": f"at least {limit} {parts}",
        "maxLength": f"at most {limit} {parts}",
        "exclusiveMinimum": f"more than {limit}",
        "exclusiveMaximum": f"less than {limit}",
        "pattern": f"text that matches {limit}",
        "enum": f"one of {', '.join(shown(value) for value in limit)}" if name == "enum" else "",
    }[name]


def _convert_limit(limit: Any, field: Field) -> pa.Scalar:
    """Return the bound of a constraint in the field's type; the descriptor may have it as text."""
    return from_text(pa.array([as_text(limit)], pa.string()), field.values.plain)[0][0]


def _make_comparison(
    broken: Callable[[Any, Any], Any],
) -> Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]:
    return lambda column, limit, field: broken(column, _convert_limit(limit, field))


def _make_length_test(
    broken: Callable[[Any, Any], Any],
) -> Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]:
    return lambda column, limit, field: broken(_measure(column, field), limit)


def _measure(column: pa.ChunkedArray, field: Field) -> pa.ChunkedArray:
    """Return the length of each text, or how many items it has as JSON."""
    if not field.values.facts.is_json:
        return pc.utf8_length(column)
    counts = [None if text is None else len(json.loads(text)) for text in column.to_pylist()]
    return pa.chunked_array([pa.array(counts, pa.int32())])


def _find_mismatches(column: pa.ChunkedArray, pattern: Any, _: Field) -> pa.ChunkedArray:
    """Find the texts that a pattern does not match as a whole.

    RE2 takes time in proportion to the length of the text, whatever the pattern (release.syntax.patterns).
    """
    encoded = pc.dictionary_encode(column).combine_chunks()
    broken = pc.invert(pc.match_substring_regex(encoded.dictionary, f"^(?:{pattern})$"))
    return pa.chunked_array([broken.take(encoded.indices)])


def _find_unlisted(column: pa.ChunkedArray, values: Sequence[Any], field: Field) -> pa.ChunkedArray:
    listed = pa.array([_convert_limit(value, field) for value in values], column.type)
    return pc.and_(pc.invert(pc.is_in(column, listed)), pc.is_valid(column))


#: By constraint of Table Schema v2: a function of the column, the limit and the field that is true where the
#: constraint is broken. A missing value breaks `required` only.
_BROKEN: Mapping[str, Callable[[pa.ChunkedArray, Any, Field], pa.ChunkedArray]] = {
    "required": lambda column, _, __: pc.is_null(column),
    "minLength": _make_length_test(pc.less),
    "maxLength": _make_length_test(pc.greater),
    "minimum": _make_comparison(pc.less),
    "maximum": _make_comparison(pc.greater),
    "exclusiveMinimum": _make_comparison(pc.less_equal),
    "exclusiveMaximum": _make_comparison(pc.greater_equal),
    "pattern": _find_mismatches,
    "enum": _find_unlisted,
}


#: The most violations of one rule in one column that are reported one by one; the rest are counted.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Violation:
    """A row, or one of its cells, that breaks a rule.

    `row` is its position in the table, -1 if the whole table is meant. `other` is the position of an earlier
    row with the same key, -1 if there is none; `text` completes the message with its location, which stands
    for `{}` in `ending`. `offset` is the position in the text of the cell that is meant, -1 if none is.
    """

    rule: str
    table: str
    row: int
    field: str
    message: str
    other: int = -1
    ending: str = " stands in {} too, expected it once"
    offset: int = -1

    @property
    def severity(self) -> Severity:
        """The severity of the rule."""
        return RULES[family(self.rule)][0]

    def text(self, location: str) -> str:
        """Return the whole message; `location` is that of the other row, empty if there is none."""
        if not location:
            return self.message
        return self.message + self.ending.replace("{}", location)


def count_rest(rule: str, resource: Resource, field: str, count: int) -> Iterator[Violation]:
    """Return a violation that counts those beyond MOST, if there are any."""
    if count > MOST:
        message = f"{count - MOST} more rows of {named(resource.name)} break this rule"
        yield Violation(rule, resource.name, -1, field, message)


def message_of_records(violation: Violation, resource: Resource) -> str:
    """Return the message of a violation, in which an error names the key of the records beside the column."""
    if violation.severity != "error" or violation.field not in resource.field_names:
        return violation.message
    return name_as_in_records(violation.message, resource.field(violation.field))

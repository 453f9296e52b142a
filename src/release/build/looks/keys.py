"""Look-alikes: keys that are not equal, but look as if they were.

Data Package v2 knows equal keys only, so a release with such keys is still valid: `verify` does not look for
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.build.looks.signs import bytes_of
from release.descriptor.model import Descriptor, Resource
from release.findings.message import named
from release.syntax.looks.appearance import appearance, caseless, shape
from release.syntax.looks.contrast import tell_apart
from release.system.limits import LIMITS, Limits
from release.tables.columns import value_at
from release.tables.keys import has_no_repeats, unique_keys
from release.tables.spill import spill_large
from release.tables.sql import connect, number_rows
from release.tables.validate import MOST, Violation, count_rest

Fold = Callable[[str], str]

#: The ways in which two keys may look alike, the closest first: a function that returns the same for two
#: texts if they do, the rule, the words between the two keys, and those behind the location of the second.
_WAYS: Sequence[tuple[Fold, str, str, str]] = (
    (
        appearance,
        "look-alike",
        "looks the same as",
        "; expected the same text in both, or texts that look different",
    ),
    (
        caseless,
        "near-alike",
        "differs from",
        " only in upper and lower case; expected one way of writing it",
    ),
    (
        shape,
        "near-alike",
        "differs from",
        " only in signs that look alike; expected one way of writing it",
    ),
)

#: The bytes of `A`, of the last control character or blank of ASCII, and of the sign that is typed for `'`.
_A, _BLANK, _GRAVE = np.uint8(0x41), 0x20, 0x60


def find_look_alikes(
    tables: Mapping[str, pa.Table], descriptor: Descriptor, limits: Limits = LIMITS
) -> Iterator[Violation]:
    """Find the rows whose key looks like that of an earlier row, and is not equal to it."""
    for resource in (each for each in descriptor.resources if each.name in tables):
        table = tables[resource.name]
        texts = {
            name: _TextColumn(table[name], limits)
            for name in table.column_names
            if pa.types.is_string(table.schema.field(name).type)
        }
        for rule, names in unique_keys(resource):
            key = _Key(resource, rule.rpartition("-")[0], table.select(names), texts)
            yield from _find_of_key(key, limits)


@dataclass(frozen=True, slots=True)
class _Key:
    """The key of a table, or one of its unique keys: what rules about it are named after, and its columns."""

    resource: Resource
    name: str
    table: pa.Table
    texts: Mapping[str, _TextColumn]

    @property
    def field(self) -> str:
        """The field at which a finding about the key is located."""
        return str(self.table.column_names[-1])

    def fold(self, fold: Fold) -> pa.Table | None:
        """Return the columns with their texts folded; None if it is known that no two texts become one."""
        folded = {
            name: self.texts[name].fold(fold)
            for name in self.table.column_names
            if name in self.texts
        }
        if all(column is None for column in folded.values()):
            return None
        columns = [
            column if (changed := folded.get(name)) is None else changed
            for name, column in zip(self.table.column_names, self.table.columns, strict=True)
        ]
        return pa.table(columns, names=self.table.column_names)


def _find_of_key(key: _Key, limits: Limits) -> Iterator[Violation]:
    """Find the rows whose values of one key look like those of an earlier row."""
    known: set[int] = set()
    for fold, family, verb, ending in _WAYS:
        folded = key.fold(fold)
        if folded is None or has_no_repeats(folded, limits):
            continue
        rule = f"{key.name}-{family}"
        rows = [pair for pair in _search(key.table, folded, limits) if pair[0] not in known]
        known.update(row for row, _ in rows)
        for row, first in rows[:MOST]:
            message = f"{_contrast(key.table, row, first, verb)}"
            yield Violation(
                rule, key.resource.name, row, key.field, message, first, f" in {{}}{ending}"
            )
        yield from count_rest(rule, key.resource, key.field, len(rows))


def _contrast(table: pa.Table, row: int, first: int, verb: str) -> str:
    """Return the beginning of the message on two rows: the fields in which their keys are not equal."""
    values = {
        name: (value_at(table[name], row), value_at(table[name], first))
        for name in table.column_names
    }
    pairs = {name: tell_apart(*both) for name, both in values.items() if both[0] != both[1]}
    own = ", ".join(f"{named(name)} {one}" for name, (one, _) in pairs.items())
    others = ", ".join(f"{named(name)} {other}" for name, (_, other) in pairs.items())
    return f"{own} {verb} {others if len(pairs) > 1 else others.partition(' ')[2]}"


def _search(table: pa.Table, folded: pa.Table, limits: Limits) -> list[tuple[int, int]]:
    """Return the rows whose folded key an earlier row has, and the first of these; not those of equal keys.

    As in SQL, keys with a missing part are never equal.
    """
    own = [f"k{at}" for at in range(table.num_columns)]
    names = [f"f{at}" for at in range(table.num_columns)]
    both = pa.table([*table.columns, *folded.columns], names=[*own, *names])
    present = " AND ".join(f"{name} IS NOT NULL" for name in names)
    listed = ", ".join(names)
    query = f"""SELECT "$row", "$first" FROM (
        SELECT "$row", min("$row") OVER (PARTITION BY {listed}) AS "$first",
            min("$row") OVER (PARTITION BY {", ".join(own)}) AS "$equal"
        FROM t WHERE {present} AND ({listed}) IN (
            SELECT ({listed}) FROM t WHERE {present} GROUP BY {listed} HAVING count(*) > 1)
        ) WHERE "$row" = "$equal" AND "$row" > "$first" ORDER BY 1"""  # noqa: S608 - numbered names
    with connect(number_rows({"t": both}, limits), limits) as connection:
        return connection.execute(query).fetchall()


class _TextColumn:
    """A column of texts, and what a fold makes of it."""

    def __init__(self, values: pa.ChunkedArray, limits: Limits) -> None:
        self._values = values
        self._limits = limits

    def fold(self, fold: Fold) -> pa.ChunkedArray | None:
        """Return the folded texts; None if it is known that no two texts become one."""
        if not self._is_odd and not (fold is caseless and self._has_capitals):
            return None
        if self._values.nbytes > self._limits.compared_keys:
            return self._spill(fold)
        texts = self._encoded.dictionary
        folded = pa.array(map(fold, texts.to_pylist()), pa.string(), size=len(texts))
        if pc.count_distinct(folded).as_py() == len(texts):
            return None
        return pa.chunked_array([folded.take(self._encoded.indices)])

    @cached_property
    def _encoded(self) -> pa.DictionaryArray:
        return self._values.combine_chunks().dictionary_encode()

    @cached_property
    def _is_odd(self) -> bool:
        """True if a text may have another appearance or shape than its own characters, in ASCII, have."""
        return any(
            np.bitwise_or.reduce(signs, initial=0) & 0x80
            or (signs <= _BLANK).any()
            or (signs == _GRAVE).any()
            for signs in map(bytes_of, self._values.chunks)
        )

    @cached_property
    def _has_capitals(self) -> bool:
        return any(((signs - _A) < 26).any() for signs in map(bytes_of, self._values.chunks))

    def _spill(self, fold: Fold) -> pa.ChunkedArray:
        """Return the folded texts of a column that is too large for memory, in a file."""
        schema = pa.schema([("folded", pa.string())])
        batches = (
            pa.record_batch(
                [pa.array([t and fold(t) for t in chunk.to_pylist()], pa.string())], schema
            )
            for chunk in self._values.chunks
        )
        return spill_large(pa.RecordBatchReader.from_batches(schema, batches), self._limits).column(
            0
        )

"""Prove that the Parquet of a table is what its CSV makes: the same rows, and nothing false about them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from release.descriptor.model import Resource
from release.findings.finding import Finding
from release.findings.message import printable
from release.system.comparison import FileComparison
from release.system.limits import LIMITS, Limits
from release.tables import csv, parquet
from release.tables.columns import arrow_schema

#: Is called with the rows of a table, some at a time, as they are read.
Watch = Callable[[pa.Table], None]

#: The rules of a table whose rows are not looked at.
_UNREAD = frozenset(("parquet-unreadable", "parquet-schema", "parquet-rows"))


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """A table in a released folder: its schema, and the paths of its CSV and its Parquet files, in order."""

    folder: Path
    resource: Resource
    csv: str
    parquet: Sequence[str]


@dataclass(slots=True)
class HeldTable:
    """The result of holding a table, which grows while the table is read.

    Attributes:
        table: The table.
        rows: The number of rows that its Parquet files say they have.
        unlike: The findings about Parquet that differs from the schema or from the CSV.
        untrue: The findings about bytes of Parquet that the rows do not make.
        writers: The writer that a Parquet file names, if it is not that of this program here, by path.
        claims: The paths of the Parquet files of other bytes whose claims of their rows are all true.
        unproven: The findings about Parquet files that say something of which nothing is known here.
        reading: The path of the Parquet file that was read last.
        ends: For each Parquet file that was read to its end, the bytes of CSV up to there.
    """

    table: ReleasedTable
    rows: int = 0
    unlike: list[Finding] = field(default_factory=list)
    untrue: list[Finding] = field(default_factory=list)
    writers: dict[str, str] = field(default_factory=dict)
    claims: list[str] = field(default_factory=list)
    unproven: list[Finding] = field(default_factory=list)
    reading: str = ""
    ends: list[int] = field(default_factory=list)

    @property
    def is_readable(self) -> bool:
        """True if the rows could be read, and are those of the schema."""
        return not any(each.rule in _UNREAD for each in self.unlike)


def hold(table: ReleasedTable, limits: Limits = LIMITS, watch: Watch = lambda _: None) -> HeldTable:
    """Read the Parquet of a table, write its rows again as CSV and as Parquet, and compare all bytes.

    So nothing in a file can be false, such as a statistic by which a reader leaves out rows. Where another
    writer has written other bytes, what the file says is held against the rows. Rows are read once, and as
    many are in memory as a row group has.
    """
    held = HeldTable(table)
    rows = check_shape(held)
    if held.is_readable:
        with _noting_unreadable(held):
            _write_again(held, rows, limits, watch)
    return held


@contextmanager
def _noting_unreadable(held: HeldTable) -> Iterator[None]:
    """Note a Parquet file that cannot be read in the body of the `with` statement."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = " ".join(str(error).split())[:300]
        message = f"cannot be read as Parquet: {reason}"
        held.unlike.append(Finding("parquet-unreadable", held.reading, message))


def check_shape(held: HeldTable, contents: Sequence[bytes] = ()) -> list[int]:
    """Return how many rows each Parquet file says it has; check that, and the columns.

    `contents` are those of the files, if they were read before.
    """
    rows: list[int] = []
    with _noting_unreadable(held):
        for at, path in enumerate(held.table.parquet):
            held.reading = path
            file = io.BytesIO(contents[at]) if contents else held.table.folder / path
            rows.append(_check_footer(held, pq.read_metadata(file)))
        _check_parts(held, rows)
    held.rows = sum(rows)
    return rows


def _check_footer(held: HeldTable, about: pq.FileMetaData) -> int:
    """Return how many rows the file that is read says it has; check that, and its columns."""
    path = held.reading
    if about.created_by != parquet.WRITER:
        held.writers[path] = about.created_by or ""
    faults = parquet.find_type_faults(about.schema, held.table.resource)
    held.unlike += [Finding("parquet-schema", path, text) for text in faults]
    groups = sum(about.row_group(at).num_rows for at in range(about.num_row_groups))
    if groups != about.num_rows:
        message = f"says that it has {about.num_rows} rows, and {groups} in its row groups"
        held.unlike.append(Finding("parquet-rows", path, message))
    elif about.num_row_groups > max(groups, 1):
        message = f"has {about.num_row_groups} row groups for {groups} rows, expected rows in each"
        held.unlike.append(Finding("parquet-rows", path, message))
    return int(about.num_rows)


def _check_parts(held: HeldTable, rows: Sequence[int]) -> None:
    """Check how many rows each Parquet file has, if a table has several."""
    files = held.table.parquet
    if len(files) < 2:
        return
    *full, last = zip(files, rows, strict=True)
    uneven = [(path, found) for path, found in full if found != rows[0]]
    uneven += [last] if not 0 < last[1] <= rows[0] else []
    expected = f"expected {rows[0]} as in {files[0]}, and the rest in the last part"
    held.unlike += [
        Finding("parquet-parts", path, f"has {found} rows, {expected}") for path, found in uneven
    ]


def _write_again(held: HeldTable, rows: Sequence[int], limits: Limits, watch: Watch) -> None:
    """Read the rows of a table, and compare what they make as CSV and as Parquet with the files."""
    table, schema = held.table, arrow_schema(held.table.resource.fields)
    with ExitStack() as stack:
        canonical = stack.enter_context((table.folder / table.csv).open("rb"))
        text = FileComparison(canonical)
        files = [stack.enter_context((table.folder / path).open("rb")) for path in table.parquet]
        binary = [
            # what others have written is compared when it is whole
            stack.enter_context(tempfile.TemporaryFile())
            if path in held.writers
            else FileComparison(file)
            for path, file in zip(table.parquet, files, strict=True)
        ]

        def batches() -> Iterator[pa.Table]:
            for batch in _read(held, text, limits.read_rows):
                _check_numbers(held, batch)
                watch(batch)
                yield batch

        group = parquet.rows_per_group(held.rows, text.size)
        whole = parquet.count_parts(held.rows, group) * group
        part = max(rows[0], 1) if len(rows) > 1 else whole
        written = csv.writing(batches(), schema, cast(IO[bytes], text), table.resource.fields)
        targets = [cast(IO[bytes], each) for each in binary]
        parquet.write_parts(written, table.resource, targets, group, part)
        for _ in written:
            pass  # rows for which no file is left, if the files do not have as many as they should
        if (at := text.first_difference()) is not None:
            held.unlike.append(_unlike(canonical, at, held))
        for path, file, made in zip(table.parquet, files, binary, strict=True):
            if not held.unlike:
                _compare(held, path, file, made)


def _compare(held: HeldTable, path: str, file: IO[bytes], made: IO[bytes] | FileComparison) -> None:
    """Compare a Parquet file with the one that its rows make; of another writer, what it says with them."""
    if isinstance(made, FileComparison):
        if (at := made.first_difference()) is not None:
            message = f"differs in byte {at} from what its rows make; {parquet.WRITER} wrote both"
            held.untrue.append(Finding("parquet-bytes", path, message))
    elif not parquet.is_same_but_for_writer(made, file, held.writers[path]):
        _check_claims(held, path, file, made)


def _check_claims(held: HeldTable, path: str, file: IO[bytes], made: IO[bytes]) -> None:
    """Hold what a Parquet file of another writer says of its rows against them."""
    from release.package.manifest import claims  # of other writers only
    from release.package.manifest.statistics import FalseClaimError
    from release.package.manifest.thrift import UnknownFieldError

    try:
        claims.check(file, made)
        held.claims.append(path)
    except UnknownFieldError as error:
        message = f"says something that is not known here: {error}"
        held.unproven.append(Finding("parquet-claims", path, message))
    except FalseClaimError as error:
        message = f"says what is not so: {printable(str(error))}"
        held.untrue.append(Finding("parquet-claims", path, message))


def _check_numbers(held: HeldTable, rows: pa.Table) -> None:
    """Find columns with NaN, of which there are many in Parquet and one in CSV, or with infinities."""
    for name in rows.column_names:
        column = rows[name]
        if column.type == pa.float64() and pc.all(pc.is_finite(column)).as_py() is False:
            found = Finding(
                "not-a-number", held.reading, f"{name} has NaN or an infinity, expected numbers"
            )
            held.unlike += [found] if found not in held.unlike else []


def _read(held: HeldTable, text: FileComparison, at_once: int) -> Iterator[pa.Table]:
    """Yield the rows of a table's Parquet files, `at_once` at a time, and end after the end of the CSV."""
    schema = arrow_schema(held.table.resource.fields)
    for path in held.table.parquet:
        held.reading = path
        with pq.ParquetFile(held.table.folder / path) as file:
            for batch in file.iter_batches(at_once):
                if text.is_past_end():
                    return  # more than the CSV has: the rest may be endless
                batch.validate(full=True)  # also that text is UTF-8, which reading does not check
                # a column that is marked as never null has another type in Arrow, and the same values
                yield pa.Table.from_batches([batch]).cast(schema)
        held.ends.append(text.tell())


def _unlike(canonical: IO[bytes], at: int, held: HeldTable) -> Finding:
    """Return the finding of a CSV that its Parquet does not make, at the line of the first difference."""
    canonical.seek(0)
    line, left = 1, at
    while left > 0 and (block := canonical.read(min(left, 1 << 20))):
        line += block.count(b"\n")
        left -= len(block)
    parts = zip(held.table.parquet, held.ends, strict=False)
    part = next((path for path, end in parts if at < end), held.reading)
    message = f"is not what {part} holds, written as CSV (byte {at})"
    return Finding("parquet-values", held.table.csv, message, line, 1)

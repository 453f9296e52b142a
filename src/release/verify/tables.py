"""Check the tables of a release: rows against the schema, Parquet against CSV; each file is read once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Descriptor, Resource
from release.findings.finding import Finding
from release.findings.message import printable
from release.package.datapackage import csv_path, parquet_paths
from release.package.manifest.proof import HeldTable, ReleasedTable, hold
from release.system.limits import LIMITS, Limits
from release.tables import keys, validate
from release.tables.columns import arrow_schema, is_increasing
from release.tables.parquet import WRITER
from release.tables.validate import Violation
from release.verify.report import STEPS as CLAIMS
from release.verify.report import StepReport, done, not_done, not_possible

#: The number of tables that are read at once.
_AT_ONCE = 2

#: The steps about the files of the tables.
STEPS = ("equality", "parquet")

#: The most files that one claim names.
_MOST_NAMED = 6

#: The most findings about constraints, or about the order, of one table.
_MAX_FINDINGS = 1000


@dataclass(slots=True)
class TableCheck:
    """The check of one table, which grows while the table is read.

    Attributes:
        table: The table.
        held: Its Parquet, held against its CSV.
        rows: The number of rows that were read.
        keys: The columns that belong to a key; None if the table could not be read.
        invalid: The findings about constraints, keys and order.
    """

    table: ReleasedTable
    held: HeldTable
    rows: int = 0
    keys: pa.Table | None = None
    invalid: list[Finding] = field(default_factory=list)

    @property
    def resource(self) -> Resource:
        """The schema of the table."""
        return self.table.resource


def read(
    folder: Path,
    descriptor: Descriptor,
    parquet: Mapping[str, Sequence[str]],
    sound: Collection[str],
    limits: Limits = LIMITS,
) -> list[TableCheck]:
    """Read the Parquet and the CSV of each table, and compare them.

    Args:
        folder: The folder of the release.
        descriptor: The tables.
        parquet: The paths of the Parquet files of each table, by its name.
        sound: The paths of the files that have the listed digests; tables with other files are not read.
        limits: The number of rows that are read at once.

    Returns:
        A check for each table that was read, in the order of the descriptor.
    """
    referenced = _referenced(descriptor)

    def one(resource: Resource) -> TableCheck | None:
        name = resource.name
        paths = parquet.get(name, parquet_paths(name, 1))
        table = ReleasedTable(folder, resource, csv_path(name), paths)
        if not all(path in sound for path in [table.csv, *paths]):
            return None
        return _check(table, _key_fields(resource, referenced), limits)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [held for held in pool.map(one, descriptor.resources) if held is not None]


def steps(checks: Sequence[TableCheck], unread: Sequence[str]) -> list[StepReport]:
    """Return the steps equality and parquet of tables that were read; `unread` are notes about the others."""
    held = [check.held for check in checks]
    if not held:
        return [not_done(name, *unread) for name in STEPS]
    unlike = [finding for each in held for finding in each.unlike]
    untrue = [finding for each in held for finding in each.untrue]
    equality = done("equality", unlike, unread, proves("equality", unread))
    if unlike and not untrue:
        return [equality, not_done("parquet", "the step equality failed")]
    unproven = [finding for each in held for finding in each.unproven]
    if unproven and not untrue:
        reason = f"{WRITER}, as here, writes other bytes of the same rows"
        return [equality, not_possible("parquet", unproven, *unread, reason)]
    claim = proves("parquet", unread) + _others(held)
    return [equality, done("parquet", untrue, unread, claim)]


def _others(held: Sequence[HeldTable]) -> str:
    """Say what is proven of the Parquet files that name another writer; nothing if none does."""
    files = {
        path: f"{path} ({printable(by)})" for each in held for path, by in each.writers.items()
    }
    of_claims = [path for each in held for path in each.claims]
    same = [text for path, text in files.items() if path not in of_claims]
    claim = "; these name another writer, and have the same bytes but for that: " + _listed(same)
    claim = claim if same else ""
    if of_claims:
        names = _listed([files[path] for path in of_claims])
        claim += (
            f"; but of these, by another writer, only what they say of their rows was held: {names}"
        )
    return claim


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def proves(name: str, unread: Sequence[str]) -> str:
    """Return the claim that a step proves; it is smaller if some tables could not be read."""
    if not unread:
        return CLAIMS[name]
    read = CLAIMS[name].replace("every table", "every table that was read")
    return read.replace("each table", "each table that was read")


def _check(table: ReleasedTable, key_fields: Sequence[str], limits: Limits) -> TableCheck:
    """Hold a table, and check its rows while they are read."""
    check = TableCheck(table, HeldTable(table))
    parts = [arrow_schema(table.resource.fields).empty_table().select(key_fields)]

    def watch(rows: pa.Table) -> None:
        parts.append(rows.select(key_fields))
        _cells(check, rows)
        check.rows += rows.num_rows

    check.held = hold(table, limits, watch)
    if check.held.is_readable:
        check.keys = pa.concat_tables(parts)
        check.invalid += [Finding("row-order", table.csv, message) for message in _order(check)]
    return check


def _cells(check: TableCheck, rows: pa.Table) -> None:
    """Add a finding for each cell of some rows that breaks a constraint."""
    cells = validate.check_cells(rows, check.resource)
    for violation in chain(cells, validate.check_texts(rows, check.resource)):
        if len(check.invalid) < _MAX_FINDINGS:
            row = f"row {check.rows + violation.row + 1}: " if violation.row >= 0 else ""
            check.invalid.append(_broken(violation, check.table.csv, f"{row}{violation.message}"))


def _broken(violation: Violation, path: str, message: str) -> Finding:
    """Return the finding of a rule of the schema that the rows of a table break."""
    return Finding(violation.rule, path, message, field=violation.field, table=violation.table)


def _order(held: TableCheck) -> Iterator[str]:
    """Yield a message for each row that is out of order, by the primary key in code point order."""
    assert held.keys is not None
    if held.rows < 2 or is_increasing(held.keys.select(held.resource.primary_key)):
        return
    behind = pa.array([False] * (held.rows - 1))
    same = pa.array([True] * (held.rows - 1))
    for name in held.resource.primary_key:
        column = held.keys[name].combine_chunks()
        one, next_one = column.slice(0, held.rows - 1), column.slice(1)
        behind = pc.or_(behind, pc.and_(same, pc.fill_null(pc.less(next_one, one), False)))
        same = pc.and_(same, pc.fill_null(pc.equal(one, next_one), False))
    rows = pc.indices_nonzero(behind)
    names = ", ".join(held.resource.primary_key)
    for row in rows.slice(0, _MAX_FINDINGS).to_pylist():
        yield f"row {row + 2} stands behind row {row + 1}, expected rows in the order of {names}"


def check_keys(tables: Sequence[TableCheck], descriptor: Descriptor) -> list[Finding]:
    """Find the rows of the tables that break a primary, unique or foreign key."""
    read = {held.resource.name: held.keys for held in tables if held.keys is not None}
    findings = []
    for violation in keys.find_violations(read, descriptor):
        path = csv_path(violation.table)
        row = f"row {violation.row + 1}: " if violation.row >= 0 else ""
        other = f"row {violation.other + 1}" if violation.other >= 0 else ""
        findings.append(_broken(violation, path, f"{row}{violation.text(other)}"))
    return findings


def _referenced(descriptor: Descriptor) -> dict[str, set[str]]:
    """Return the fields to which foreign keys refer, by table."""
    found: dict[str, set[str]] = {}
    for resource in descriptor.resources:
        for key in resource.foreign_keys:
            found.setdefault(key.resource, set()).update(key.reference_fields)
    return found


def _key_fields(resource: Resource, referenced: Mapping[str, Collection[str]]) -> list[str]:
    """Return the fields of a table that are part of a key, or `referenced` by one of another table."""
    names = {*resource.primary_key, *(name for key in resource.unique_keys for name in key)}
    names |= {each.name for each in resource.fields if each.constraints.get("unique")}
    names |= {name for key in resource.foreign_keys for name in key.fields}
    names |= set(referenced.get(resource.name, ()))
    return [name for name in resource.field_names if name in names]

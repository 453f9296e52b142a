"""Find the faults that only whole tables show: keys, and the checks of the dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress, pairwise
from operator import not_
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release.build.chunks import location_query
from release.build.chunks.fingerprint import BuildContext, ChunkSpan
from release.build.chunks.location_query import LocationQuery
from release.build.inputs import PRELOADED
from release.build.looks.keys import find_look_alikes
from release.build.looks.texts import check_texts
from release.build.merge import shift_records
from release.descriptor.model import Descriptor, Resource
from release.findings.finding import NAMES, Finding
from release.records.files.sources import Sources
from release.records.normalize import ORIGIN
from release.records.tracer import keys_of
from release.system import files as system_files
from release.system.limits import Limits
from release.system.processes import parallel
from release.tables import csv, keys, spill, validate
from release.tables import findings as tables_findings
from release.tables.queries import checks
from release.tables.validate import Violation

#: The number of cells from which on processes locate them faster, with the time to start included.
_FEW = 20_000


@dataclass(frozen=True, slots=True)
class Locator:
    """Locates rows in the records that they come from, chunk by chunk, and in curated tables.

    `curated` are the files of these, by table; `ranges` the files of each chunk, as positions in `sources`,
    and `records` the numbers of its records; `paths` the chunks; `folder` is that of locations; `explain`
    completes the messages on broken keys.
    """

    context: BuildContext
    curated: Mapping[str, bytes]
    sources: Sources
    ranges: Sequence[ChunkSpan]
    records: Sequence[range]
    paths: Sequence[str]
    folder: str
    workers: int
    explain: Callable[[Sequence[Violation]], Sequence[Violation]] = list

    def locate(self, cells: pa.Table) -> pa.Table:
        """Locate cells, a table of CELLS whose `$record` counts all records; return a table of LOCATIONS."""
        located = cells["$record"].to_numpy()
        order = np.argsort(located, kind="stable")
        cells = cells.combine_chunks()
        stops = [numbers.stop for numbers in self.records]
        ends = [0, *np.searchsorted(located[order], stops).tolist()]
        chunks = zip(self.ranges, self.records, self.paths, pairwise(ends), strict=True)
        # `take` and not `slice`: a slice would be sent to a process with the whole table
        queries = {
            span: LocationQuery(
                path, shift_records(cells.take(pa.array(order[start:end])), -numbers.start)
            )
            for span, numbers, path, (start, end) in chunks
            if end > start
        }
        limits = self.context.limits
        answers = pa.concat_tables(next(spill.read(file, limits)) for file in self._answer(queries))
        return answers.take(pa.array(np.argsort(order)))

    def _answer(self, queries: Mapping[ChunkSpan, LocationQuery]) -> list[Path]:
        """Return the files of the answers to queries; those that the cache lacks are written first."""
        files = [
            location_query.answer_path(self.context, self.folder, query)
            for query in queries.values()
        ]
        missing = [not spill.is_whole(file) for file in files]
        for file in compress(files, map(not_, missing)):
            system_files.touch(file)  # the cache removes files that were not used for long
        left = [
            replace(query, sources=self.sources.part(span.where))
            for span, query in compress(queries.items(), missing)
        ]
        act = partial(location_query.locate_cells, self.context, self.folder)
        workers = self.workers if sum(len(query.cells) for query in left) > _FEW else 1
        for _ in parallel.run_each(act, left, workers, PRELOADED):
            pass
        return files


@dataclass(frozen=True, slots=True)
class _RowFindings:
    """The findings of one rule about rows of one table, or about a field of them."""

    rule: str
    severity: str
    table: str
    field: str
    rows: pa.Array
    messages: pa.Array


def check_tables(
    descriptor: Descriptor, tables: Mapping[str, pa.Table], locator: Locator
) -> list[pa.Table]:
    """Find the faults that only whole tables show; return tables of findings.

    Raises:
        UsageError: a check of the descriptor cannot be run.
    """
    curated = [r for r in descriptor.resources if r.is_curated and r.name in tables]
    built = [resource.name for resource in descriptor.resources if resource.rows]
    violations = [
        violation
        for resource in curated
        for check in (validate.check_cells, check_texts)
        for violation in check(tables[resource.name], resource)
    ]
    broken, results = _find_broken(descriptor, tables, coded=built, limits=locator.context.limits)
    violations += locator.explain(broken)
    about_tables = [_about_table(violation) for violation in violations if violation.row < 0]
    of_rows = [
        replace(each, message=validate.message_of_records(each, descriptor.resource(each.table)))
        for each in violations
        if each.row >= 0
    ]
    convert = partial(_to_findings, descriptor, tables, locator)
    grouped = _group_by_rule(_name_other_rows(of_rows, convert))
    for result in results:
        about_rows, others = _convert_result(result, descriptor)
        grouped += about_rows
        about_tables += others
    return [tables_findings.to_table(about_tables), *convert(grouped)]


def _about_table(of: Violation) -> Finding:
    path, severity = f"data/{of.table}.csv", of.severity
    return Finding(of.rule, path, of.message, field=of.field, table=of.table, severity=severity)


def _find_broken(
    descriptor: Descriptor,
    tables: Mapping[str, pa.Table],
    *,
    coded: Sequence[str],
    limits: Limits,
) -> tuple[list[Violation], list[checks.CheckResult]]:
    """Find broken keys, and run the checks if all tables are there; both at the same time."""

    def find() -> list[Violation]:
        return [
            *keys.find_violations(tables, descriptor, coded=coded, limits=limits),
            *find_look_alikes(tables, descriptor, limits),
            *validate.check_sizes(tables, descriptor),
        ]

    there = all(each.name in tables or each.is_findings for each in descriptor.resources)
    if not descriptor.checks or not there:
        return find(), []
    with ThreadPoolExecutor(1) as pool:
        broken = pool.submit(find)
        results = checks.run(tables, descriptor, limits)
        return broken.result(), results


def _name_other_rows(
    violations: Sequence[Violation], convert: Callable[[Sequence[_RowFindings]], list[pa.Table]]
) -> list[Violation]:
    """Complete the messages that name the location of another row, such as the first with the same key."""
    others = [replace(v, row=v.other) for v in violations if v.other >= 0]
    groups = _group_by_rule(others)
    locations: dict[tuple[str, str, int], str] = {}
    for group, found in zip(groups, convert(groups), strict=True):
        where = zip(*(found[name].to_pylist() for name in ("path", "line", "column")), strict=True)
        for row, location in zip(group.rows.to_pylist(), where, strict=True):
            locations[group.table, group.field, row] = ":".join(map(str, location))
    return [
        replace(v, message=v.text(locations.get((v.table, v.field, v.other), "")))
        for v in violations
    ]


def _group_by_rule(violations: Iterable[Violation]) -> list[_RowFindings]:
    """Group violations by rule, table and field."""
    groups: dict[tuple[str, str, str], list[Violation]] = {}
    for violation in violations:
        groups.setdefault((violation.rule, violation.table, violation.field), []).append(violation)
    return [
        _RowFindings(
            rule,
            group[0].severity,
            table,
            field,
            pa.array([violation.row for violation in group], pa.int64()),
            pa.array([violation.message for violation in group], pa.string()),
        )
        for (rule, table, field), group in groups.items()
    ]


def _convert_result(
    result: checks.CheckResult, descriptor: Descriptor
) -> tuple[list[_RowFindings], list[Finding]]:
    """Split the result of a check into findings about rows of records or tables, and the others."""
    check = result.check
    has_row = pc.greater_equal(result.rows, 0)
    others = result.messages.filter(pc.invert(has_row)).to_pylist()
    about_tables = [
        descriptor.finding(check.name, check.key_path, message, check.severity)
        for message in others
    ]
    rows, messages = result.rows.filter(has_row), result.messages.filter(has_row)
    if not len(rows):
        return [], about_tables
    return [
        _RowFindings(check.name, check.severity, check.resource, check.field, rows, messages)
    ], about_tables


def _to_findings(
    descriptor: Descriptor,
    tables: Mapping[str, pa.Table],
    locator: Locator,
    groups: Sequence[_RowFindings],
) -> list[pa.Table]:
    """Locate rows, and return tables of findings, one for each group, in order."""
    cells = []
    named = []
    for group in groups:
        resource = descriptor.resource(group.table)
        columns = list(
            dict.fromkeys(
                [*resource.primary_key, *([group.field] if group.field else []), *ORIGIN.names]
            )
        )
        rows = tables[group.table].select(columns).take(group.rows)
        named.append(keys_of(rows, resource))
        cells.append(_make_cells(group, rows))
    of_records = [
        some
        for group, some in zip(groups, cells, strict=True)
        if not descriptor.resource(group.table).is_curated
    ]
    locations = locator.locate(pa.concat_tables(of_records)) if of_records else None
    findings, at = [], 0
    for group, some, key in zip(groups, cells, named, strict=True):
        resource = descriptor.resource(group.table)
        if resource.is_curated:
            data = locator.curated[resource.name]
            where = _locate_curated(data, resource, group.field, some["$entry"].to_pylist())
        else:
            assert locations is not None
            where, at = locations.slice(at, len(group.rows)), at + len(group.rows)
        findings.append(_make_table(group, where, key))
    return findings


def _make_cells(group: _RowFindings, rows: pa.Table) -> pa.Table:
    """Make a table of CELLS for the rows of a group."""
    count = rows.num_rows
    there = pc.is_valid(rows[group.field]) if group.field else pa.repeat(True, count)
    named = [pa.repeat(group.table, count), pa.repeat(group.field, count)]
    return pa.table(
        [*(rows[name] for name in ORIGIN.names), there, *named], schema=location_query.CELLS
    )


def _locate_curated(data: bytes, resource: Resource, field: str, rows: Sequence[int]) -> pa.Table:
    """Locate rows of a curated table in its file; return a table of LOCATIONS."""
    where = csv.locate_cells(data, resource, rows, field)
    columns = [[resource.path] * len(rows), *map(list, zip(*where, strict=True))]
    return pa.table([*columns, [field] * len(rows)], schema=location_query.LOCATIONS)


def _make_table(group: _RowFindings, where: pa.Table, named: pa.ChunkedArray) -> pa.Table:
    """Make a table of findings."""
    count = len(group.rows)
    columns = {
        "rule": pa.repeat(group.rule, count),
        "path": where["path"],
        "message": group.messages,
        "line": where["line"],
        "column": where["column"],
        "field": pa.repeat(group.field, count) if group.field else where["field"],
        "table": pa.repeat(group.table, count),
        "key": named,
        "severity": pa.repeat(group.severity, count),
    }
    return pa.table([columns[name] for name in NAMES], schema=tables_findings.SCHEMA)

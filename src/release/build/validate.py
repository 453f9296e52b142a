"""Chunks -> whole tables, and what only a look at whole tables shows."""

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

from release.build.chunks import locate as build_locate
from release.build.chunks.fingerprint import Work
from release.build.chunks.locate import Question
from release.build.inputs import LOADED
from release.build.merge import numbered
from release.descriptor.load import Descriptor, Resource
from release.findings import NAMES, Finding
from release.limits import Limits
from release.records.locate import keys_of
from release.records.normalize import ORIGIN
from release.records.sources import Sources
from release.system import files as system_files
from release.system import parallel
from release.tables import checks, csv, keys, spill, validate
from release.tables import findings as tables_findings
from release.tables.validate import Violation

#: For fewer cells than this it takes longer to start processes than to find their places.
_FEW = 20_000


@dataclass(frozen=True, slots=True)
class Locator:
    """Finds the places of rows in the records that they come from, chunk by chunk, and in curated tables.

    `curated` are the files of these as they were read; `paths` are the files of the chunks, `folder` is
    where their places are kept.
    """

    work: Work
    curated: Mapping[str, bytes]
    sources: Sources
    ranges: Sequence[range]
    paths: Sequence[str]
    folder: str
    workers: int

    def places(self, asked: pa.Table) -> pa.Table:
        """Return the locations of cells whose `$record` counts all records."""
        numbers = asked["$record"].to_numpy()
        order = np.argsort(numbers, kind="stable")
        asked = asked.combine_chunks()
        ends = np.searchsorted(numbers[order], [where.stop for where in self.ranges])
        spans = zip(self.ranges, self.paths, pairwise([0, *map(int, ends)]), strict=True)
        # taken and not sliced: what is sent to a process would be all that a slice is one of
        questions = {
            where: Question(path, numbered(asked.take(pa.array(order[start:end])), -where.start))
            for where, path, (start, end) in spans
            if end > start
        }
        limits = self.work.limits
        answers = pa.concat_tables(
            next(spill.read(file, limits)) for file in self._answers(questions)
        )
        return answers.take(pa.array(np.argsort(order)))

    def _answers(self, questions: Mapping[range, Question]) -> list[Path]:
        """Return the files of the answers; build those that are missing or damaged."""
        files = [build_locate.file(self.work, self.folder, one) for one in questions.values()]
        left = [not spill.is_whole(file) for file in files]
        for file in compress(files, map(not_, left)):
            system_files.touch(file)  # the cache removes what has not been used for long
        asked = [
            replace(question, sources=self.sources.part(where))
            for where, question in compress(questions.items(), left)
        ]
        make = partial(build_locate.make, self.work, self.folder)
        workers = self.workers if sum(len(one.asked) for one in asked) > _FEW else 1
        for _ in parallel.run_each(make, asked, workers, LOADED):
            pass
        return files


@dataclass(frozen=True, slots=True)
class _Said:
    """The messages of one rule about rows of a table; about whole rows if no field is named."""

    rule: str
    severity: str
    table: str
    field: str
    rows: pa.Array
    messages: pa.Array


def across(
    descriptor: Descriptor, tables: Mapping[str, pa.Table], locator: Locator
) -> list[pa.Table]:
    """Check what only whole tables show, keys and the dataset's own checks; return tables of findings.

    Raises:
        UsageError: a check cannot be run.
    """
    curated = [r for r in descriptor.resources if r.is_curated and r.name in tables]
    made = [resource.name for resource in descriptor.resources if resource.rows]
    violations = [
        v for resource in curated for v in validate.check_cells(tables[resource.name], resource)
    ]
    broken, wrongs = _broken(descriptor, tables, coded=made, limits=locator.work.limits)
    violations += broken
    whole = [
        Finding(v.rule, f"data/{v.table}.csv", v.message, field=v.field, table=v.table)
        for v in violations
        if v.row < 0
    ]
    of_rows = [violation for violation in violations if violation.row >= 0]
    locate = partial(_located, descriptor, tables, locator)
    said = _of_violations(_with_others(of_rows, locate))
    for wrong in wrongs:
        one, nowhere = _of_check(wrong, descriptor)
        said += one
        whole += nowhere
    return [tables_findings.to_table(whole), *locate(said)]


def _broken(
    descriptor: Descriptor,
    tables: Mapping[str, pa.Table],
    *,
    coded: Sequence[str],
    limits: Limits,
) -> tuple[list[Violation], list[checks.CheckResult]]:
    """Find the rows that break keys, and run the dataset's checks if all tables exist; both side by side."""
    look = partial(keys.find_violations, tables, descriptor, coded=coded, limits=limits)
    there = all(each.name in tables or each.is_findings for each in descriptor.resources)
    if not descriptor.checks or not there:
        return look(), []
    with ThreadPoolExecutor(1) as pool:
        broken = pool.submit(look)
        wrongs = checks.run(tables, descriptor, limits)
        return broken.result(), wrongs


def _with_others(
    violations: Sequence[Violation], locate: Callable[[Sequence[_Said]], list[pa.Table]]
) -> list[Violation]:
    """Violations whose messages name the place of the other row, where there is one."""
    others = [replace(v, row=v.other) for v in violations if v.other >= 0]
    groups = _of_violations(others)
    stands: dict[tuple[str, str, int], str] = {}
    for one, located in zip(groups, locate(groups), strict=True):
        where = zip(
            *(located[name].to_pylist() for name in ("path", "line", "column")), strict=True
        )
        for row, place in zip(one.rows.to_pylist(), where, strict=True):
            stands[one.table, one.field, row] = ":".join(map(str, place))
    return [
        replace(v, message=v.text(stands.get((v.table, v.field, v.other), ""))) for v in violations
    ]


def _of_violations(violations: Iterable[Violation]) -> list[_Said]:
    groups: dict[tuple[str, str, str], list[Violation]] = {}
    for violation in violations:
        groups.setdefault((violation.rule, violation.table, violation.field), []).append(violation)
    return [
        _Said(
            rule,
            "error",
            table,
            field,
            pa.array([violation.row for violation in group], pa.int64()),
            pa.array([violation.message for violation in group], pa.string()),
        )
        for (rule, table, field), group in groups.items()
    ]


def _of_check(
    wrong: checks.CheckResult, descriptor: Descriptor
) -> tuple[list[_Said], list[Finding]]:
    """Split the result of a check into messages about rows, and findings without a location in a record."""
    check = wrong.check
    placed = pc.greater_equal(wrong.rows, 0)
    nowhere = wrong.messages.filter(pc.invert(placed)).to_pylist()
    whole = [
        descriptor.finding(check.name, check.key_path, message, check.severity)
        for message in nowhere
    ]
    rows, messages = wrong.rows.filter(placed), wrong.messages.filter(placed)
    if not len(rows):
        return [], whole
    return [_Said(check.name, check.severity, check.resource, check.field, rows, messages)], whole


def _located(
    descriptor: Descriptor,
    tables: Mapping[str, pa.Table],
    locator: Locator,
    said: Sequence[_Said],
) -> list[pa.Table]:
    """Return messages about rows as tables of findings, with the location and key of each row."""
    origins = []
    named = []
    for one in said:
        resource = descriptor.resource(one.table)
        columns = list(
            dict.fromkeys(
                [*resource.primary_key, *([one.field] if one.field else []), *ORIGIN.names]
            )
        )
        rows = tables[one.table].select(columns).take(one.rows)
        named.append(keys_of(rows, resource))
        origins.append(_asked(one, rows))
    of_records = [
        origin
        for one, origin in zip(said, origins, strict=True)
        if not descriptor.resource(one.table).is_curated
    ]
    placed = locator.places(pa.concat_tables(of_records)) if of_records else None
    findings, at = [], 0
    for one, origin, key in zip(said, origins, named, strict=True):
        resource = descriptor.resource(one.table)
        if resource.is_curated:
            data = locator.curated[resource.name]
            where = _in_file(data, resource, one.field, origin["$entry"].to_pylist())
        else:
            assert placed is not None
            where, at = placed.slice(at, len(one.rows)), at + len(one.rows)
        findings.append(_findings(one, where, key))
    return findings


def _asked(one: _Said, rows: pa.Table) -> pa.Table:
    count = rows.num_rows
    there = pc.is_valid(rows[one.field]) if one.field else pa.repeat(True, count)
    named = [pa.repeat(one.table, count), pa.repeat(one.field, count)]
    return pa.table(
        [*(rows[name] for name in ORIGIN.names), there, *named], schema=build_locate.ASKED
    )


def _in_file(data: bytes, resource: Resource, field: str, rows: Sequence[int]) -> pa.Table:
    """Return the locations of rows of a curated table."""
    number = resource.field_names.index(field) if field else 0
    where = csv.locate_cells(data, rows, number)
    columns = [[resource.path] * len(rows), *map(list, zip(*where, strict=True))]
    return pa.table([*columns, [field] * len(rows)], schema=build_locate.PLACES)


def _findings(one: _Said, where: pa.Table, named: pa.ChunkedArray) -> pa.Table:
    count = len(one.rows)
    columns = {
        "rule": pa.repeat(one.rule, count),
        "path": where["path"],
        "message": one.messages,
        "line": where["line"],
        "column": where["column"],
        "field": pa.repeat(one.field, count) if one.field else where["field"],
        "table": pa.repeat(one.table, count),
        "key": named,
        "severity": pa.repeat(one.severity, count),
    }
    return pa.table([columns[name] for name in NAMES], schema=tables_findings.SCHEMA)

"""The whole pipeline: a descriptor's records -> tables and findings -> a release in a store."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release import checks, chunks, codelists, engine, package, publish, referee, sample, validate
from release.columns import arrow_schema
from release.database import connect
from release.descriptor import Descriptor, Resource
from release.errors import RefusedError, UsageError
from release.findings import Finding, in_order, printable, with_severities
from release.formats import csv
from release.normalize import ORIGIN, plan
from release.paths import FilePattern
from release.records import Front, Source, find
from release.trace import Origin, Tracer

#: So much of what the referee says is told.
_TOLD = 20

#: Called with what is being done; a terminal shows it.
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to work, none of which changes a byte of a release.

    `elsewhere` gives another place of a kind's records; `workers` is a number of processes. The referee
    judges a sample of a large release unless `full_referee`.
    """

    elsewhere: Mapping[str, FilePattern] | None = None
    workers: int = 1
    full_referee: bool = False
    progress: Progress = lambda _: None


class Workspace:
    """A folder for what is made on the way; it goes when nothing refers to it any more."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix="release-")
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was made of the records: the tables by name, and all that was found.

    Tables stay in the files of the workspace, which are mapped into memory.
    """

    content: package.Content
    findings: Sequence[Finding]
    workspace: Workspace = dataclass_field(repr=False)

    @property
    def errors(self) -> int:
        """How many findings forbid a release."""
        return sum(finding.severity == "error" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Built:
    """A build: what was made and where it stands; no place where an error forbade it."""

    outcome: Outcome
    path: Path | None
    is_new: bool


def build(descriptor: Descriptor, store: Path, options: Options = Options()) -> Built:
    """Build a release into a store; nothing is written there unless it is whole and right.

    Raises:
        RefusedError: the referee does not accept the package, or the version is taken.
        UsageError: a constraint or check of the descriptor cannot be used.
    """
    outcome = check(descriptor, options)
    if outcome.errors:
        return Built(outcome, None, is_new=False)
    with publish.staging(store) as folder:
        options.progress("writing tables")
        package.write_tables(outcome.content, folder)
        with _judging(outcome.content, folder, options) as judgement:
            options.progress("packing")
            package.write_rest(outcome.content, folder, judgement.shown)
            options.progress("asking the referee")
            problems = judgement.problems()
        if problems:
            raise RefusedError(_refusal(problems))
        options.progress("publishing")
        path, is_new = publish.place(folder, store, descriptor.version)
    return Built(outcome, path, is_new)


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the referee is shown, and how to hear what it says."""

    shown: Mapping[str, Any]
    problems: Callable[[], list[str]]


@contextmanager
def _judging(content: package.Content, folder: Path, options: Options) -> Iterator[_Judgement]:
    """Let the referee judge a package, beside other work where there are processors for it."""
    rows = sum(table.num_rows for table in content.tables.values())
    with tempfile.TemporaryDirectory(prefix="release-sample-") as other:
        if rows > sample.WHOLE and not options.full_referee:
            part = replace(content, tables=sample.sample(content.tables, content.descriptor))
            rows = sum(table.num_rows for table in part.tables.values())
            folder = Path(other)
            package.write_tables(part, folder)
            shown: dict[str, Any] = {"judged": "a sample chosen by key", "rows": rows}
        else:
            shown = {"judged": "the whole", "rows": rows}
        if options.workers > 1 and rows > sample.ROWS // 2:
            with engine.beside(referee.judge, folder) as result:
                yield _Judgement(shown, result)
        else:
            yield _Judgement(shown, lambda: referee.judge(folder))


def _refusal(problems: Sequence[str]) -> str:
    told = [f"  {printable(problem)[:300]}" for problem in problems[:_TOLD]]
    more = [f"  … and {len(problems) - _TOLD} more"] if len(problems) > _TOLD else []
    listed = "\n".join(told + more)
    return f"frictionless refuses the package, nothing is published:\n{listed}"


def check(descriptor: Descriptor, options: Options = Options()) -> Outcome:
    """Make the tables of a descriptor's records and find all that is wrong; nothing is written.

    Raises:
        UsageError: a constraint or check of the descriptor cannot be used.
    """
    if problems := validate.problems(descriptor):
        file = descriptor.root / "datapackage.yaml"
        raise UsageError("\n".join(f"{file}:{problem}" for problem in problems))
    curated, findings = codelists.read_curated(descriptor)
    lookups, faults = codelists.lookups(descriptor, curated.tables)
    findings += faults
    sources, faults = find(descriptor, options.elsewhere)
    findings += faults
    options.progress(f"reading {len(sources)} records")
    workspace = Workspace()
    ranges = chunks.cut(sources, descriptor)
    listed = [[sources[at] for at in where] for where in ranges]
    work = chunks.work(descriptor, curated.tables)
    paths = engine.run(work, listed, workspace.path, options.workers)
    made = [chunks.load(path, descriptor) for path in paths]
    tables = _joined(descriptor, ranges, made)
    tables |= {name: _with_origin(table) for name, table in curated.tables.items()}
    findings += [finding for chunk in made for finding in chunk.findings]
    options.progress("validating")
    fronts = _Fronts(sources, ranges, made)
    tracer = Tracer(plan(descriptor, lookups).finders, fronts.at)
    findings += _across(descriptor, tables, tracer)
    files = {source.path: str(source.file) for source in sources}
    findings = [replace(f, file=f.file or files.get(f.path, "")) for f in findings]
    findings = in_order(with_severities(findings, descriptor.severities))
    published = {
        resource.name: _published(resource, tables, findings) for resource in descriptor.resources
    }
    digests = {
        source.path: digest
        for chunk, of in zip(made, listed, strict=True)
        for source, digest in zip(of, chunk.fronts["sha256"].to_pylist(), strict=True)
    }
    content = package.Content(descriptor, published, sources, {**curated.digests, **digests})
    return Outcome(content, findings, workspace)


class _Fronts:
    """The front matter of records by their number, out of the files of their chunks."""

    def __init__(
        self, sources: Sequence[Source], ranges: Sequence[range], made: Sequence[chunks.Made]
    ) -> None:
        self._sources = sources
        self._starts = [where.start for where in ranges]
        self._made = made
        self.at = lru_cache(maxsize=64)(self._at)

    def _at(self, number: int) -> Front | None:
        if number >= len(self._sources):
            return None
        chunk = bisect_right(self._starts, number) - 1
        at = number - self._starts[chunk]
        return chunks.front(self._made[chunk], at, self._sources[number])


def _joined(
    descriptor: Descriptor, ranges: Sequence[range], made: Sequence[chunks.Made]
) -> dict[str, pa.Table]:
    """The tables of all chunks as one each, sorted by their keys, with the columns of ORIGIN."""
    tables = {}
    for resource in (resource for resource in descriptor.resources if resource.rows):
        parts = [
            _numbered(chunk.tables[resource.name], where.start)
            for where, chunk in zip(ranges, made, strict=True)
            if chunk.tables[resource.name].num_rows
        ]
        tables[resource.name] = _sorted(resource, parts)
    return tables


def _numbered(table: pa.Table, first: int) -> pa.Table:
    """The table of a chunk with the numbers of its records in the list of all."""
    if first == 0:
        return table
    at = table.schema.get_field_index("$record")
    numbers = pc.add(table["$record"], pa.scalar(first, pa.int32()))
    return table.set_column(at, "$record", numbers)


def _sorted(resource: Resource, parts: Sequence[pa.Table]) -> pa.Table:
    """The parts of a table as one, sorted by its key; chunks mostly come in that order."""
    schema = pa.schema([*arrow_schema(resource.fields), *ORIGIN])
    table = pa.concat_tables([schema.empty_table(), *parts])
    if _is_ordered(resource, parts):
        return table
    return table.sort_by([(name, "ascending") for name in resource.primary_key])


def _is_ordered(resource: Resource, parts: Sequence[pa.Table]) -> bool:
    """Whether every key of a part is less than every key of the next; then none stands in two."""
    ends = []
    for part in parts:
        keys = part.select(resource.primary_key)
        first, last = keys.slice(0, 1).to_pylist()[0], keys.slice(keys.num_rows - 1).to_pylist()[0]
        ends.append((tuple(first.values()), tuple(last.values())))
    if any(None in key for pair in ends for key in pair):
        return False
    return all(one[1] < other[0] for one, other in pairwise(ends))


def _with_origin(table: pa.Table) -> pa.Table:
    """A curated table with columns of ORIGIN that name no record, only the row in its file."""
    count = table.num_rows
    columns = [np.full(count, -1), np.zeros(count), np.arange(count)]
    for column, values in zip(ORIGIN, columns, strict=True):
        table = table.append_column(column, pa.array(values.astype(np.int32)))
    return table


def _published(
    resource: Resource, tables: Mapping[str, pa.Table], findings: Sequence[Finding]
) -> pa.Table:
    """A table as it is released: sorted by its key, without what only the making needed."""
    if resource.is_findings:
        table = _findings_table(resource, findings)
    elif resource.name in tables:
        table = tables[resource.name].select(resource.names)
    else:
        table = arrow_schema(resource.fields).empty_table()
    if resource.rows:
        return table
    return table.sort_by([(name, "ascending") for name in resource.primary_key])


def _findings_table(resource: Resource, findings: Sequence[Finding]) -> pa.Table:
    """The findings as rows; a finding about a whole file has line and column 0 and the field `*`."""
    once = {
        (f.rule, f.path, f.line, f.column, f.field): replace(f, field=f.field or "*")
        for f in reversed(findings)
    }
    values = [[getattr(finding, name) for finding in once.values()] for name in resource.names]
    columns = [[None if value == "" else value for value in column] for column in values]
    schema = arrow_schema(resource.fields)
    return pa.table([pa.array(c, t.type) for c, t in zip(columns, schema, strict=True)], schema)


def _across(
    descriptor: Descriptor, tables: Mapping[str, pa.Table], tracer: Tracer
) -> list[Finding]:
    """What only a look at whole tables shows: keys, and the dataset's own checks."""
    curated = [r for r in descriptor.resources if r.is_curated and r.name in tables]
    made = [resource.name for resource in descriptor.resources if resource.rows]
    violations = [
        v for resource in curated for v in validate.cells(tables[resource.name], resource)
    ]
    with connect(tables) as connection:
        violations += validate.keys(connection, tables, descriptor, coded=made)
        wrongs = []
        if all(r.name in tables or r.is_findings for r in descriptor.resources):
            wrongs = checks.run(connection, descriptor)
    places = _Places(descriptor, tables, tracer)
    found = [(_of_violation(v, places), v.row) for v in violations]
    found += [(_of_check(wrong, descriptor), wrong.row) for wrong in wrongs]
    return places.traced(found)


def _of_violation(violation: validate.Violation, places: _Places) -> Finding:
    finding = Finding(
        violation.rule, "", violation.message, field=violation.field, table=violation.table
    )
    if violation.other < 0:
        return finding
    there = places.traced([(finding, violation.other)])[0]
    message = violation.text(f"{there.path}:{there.line}:{there.column}")
    return replace(finding, message=message)


def _of_check(wrong: checks.Wrong, descriptor: Descriptor) -> Finding:
    check = wrong.check
    finding = Finding(check.name, "", wrong.message, severity=check.severity)
    if wrong.row < 0:
        mark = descriptor.marks[check.place]
        line, column = mark.line + 1, mark.column + 1
        return replace(finding, path="datapackage.yaml", line=line, column=column)
    return replace(finding, field=check.field, table=check.resource)


@dataclass(frozen=True, slots=True)
class _Places:
    """Finds the places in records and curated tables that rows come from."""

    descriptor: Descriptor
    tables: Mapping[str, pa.Table]
    tracer: Tracer

    def traced(self, found: Sequence[tuple[Finding, int]]) -> list[Finding]:
        """The findings, each with the place and key of its row; row -1 is the whole table."""
        whole = [finding for finding, row in found if row < 0]
        traced = [
            finding if finding.path else replace(finding, path=f"data/{finding.table}.csv")
            for finding in whole
        ]
        for name in dict.fromkeys(finding.table for finding, row in found if row >= 0):
            of_table = [(f, row) for f, row in found if row >= 0 and f.table == name]
            resource = self.descriptor.resource(name)
            columns = list(dict.fromkeys([*resource.primary_key, *ORIGIN.names]))
            rows = self.tables[name].select(columns).take([row for _, row in of_table])
            for (finding, _), row in zip(of_table, rows.to_pylist(), strict=True):
                traced.append(self._at(finding, resource, row))
        return traced

    def _at(self, finding: Finding, resource: Resource, row: Mapping[str, Any]) -> Finding:
        key = ", ".join(str(row[name]) for name in resource.primary_key)
        finding = replace(finding, key=key)
        if resource.is_curated:
            file = self.descriptor.root / resource.path
            number = resource.names.index(finding.field) if finding.field else 0
            line, column = csv.place_of(file, row["$entry"], number)
            return replace(finding, path=resource.path, file=str(file), line=line, column=column)
        field = resource.field(finding.field) if finding.field else None
        origin = Origin(*(row[name] for name in ORIGIN.names))
        return self.tracer.at_cell(origin, resource, field, finding)

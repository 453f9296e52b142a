"""The whole pipeline: a descriptor's records -> tables and findings -> a release in a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from release import checks, codelists, editions, package, publish, referee, validate
from release.columns import arrow_schema
from release.descriptor import Descriptor, Resource
from release.errors import RefusedError
from release.findings import Finding, in_order, with_severities
from release.normalize import ORIGIN, Plan, normalize, plan
from release.paths import FilePattern
from release.records import Record, Source, find, read
from release.trace import Tracer

#: Called with what is being done; a terminal shows it.
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was made of the records: the tables by name, and all that was found."""

    content: package.Content
    findings: Sequence[Finding]

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


def build(
    descriptor: Descriptor,
    store: Path,
    elsewhere: Mapping[str, FilePattern] | None = None,
    progress: Progress = lambda _: None,
) -> Built:
    """Build a release into a store; nothing is written there unless it is whole and right.

    Raises:
        RefusedError: the referee does not accept the package, or the version is taken.
        UsageError: a check of the descriptor cannot be run.
    """
    outcome = check(descriptor, elsewhere, progress)
    if outcome.errors:
        return Built(outcome, None, is_new=False)
    with publish.staging(store) as folder:
        progress("writing tables")
        package.write(outcome.content, folder)
        progress("asking the referee")
        if problems := referee.judge(folder):
            listed = "\n".join(f"  {problem}" for problem in problems)
            raise RefusedError(f"frictionless refuses the package, nothing is published:\n{listed}")
        progress("publishing")
        path, is_new = publish.place(folder, store, descriptor.version)
    return Built(outcome, path, is_new)


def check(
    descriptor: Descriptor,
    elsewhere: Mapping[str, FilePattern] | None = None,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Make the tables of a descriptor's records and find all that is wrong; nothing is written.

    Raises:
        UsageError: a check of the descriptor cannot be run.
    """
    curated, findings = codelists.read_curated(descriptor)
    lookups, faults = codelists.lookups(descriptor, curated)
    findings += faults
    sources, faults = find(descriptor, elsewhere)
    findings += faults
    if all(resource.name in curated for resource in descriptor.resources if resource.is_curated):
        progress(f"reading {len(sources)} records")
        made = _Tables(plan(descriptor, lookups), sources)
        tables, faults = made.tables(curated)
        findings += faults
        progress("validating")
        findings += made.faults(tables)
    else:
        tables = {}
    findings = in_order(with_severities(findings, descriptor.severities))
    published = {
        resource.name: _published(resource, tables, findings) for resource in descriptor.resources
    }
    return Outcome(package.Content(descriptor, published, sources), findings)


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
    return table.sort_by([(name, "ascending") for name in resource.primary_key]).combine_chunks()


def _findings_table(resource: Resource, findings: Sequence[Finding]) -> pa.Table:
    """The findings as rows; a finding about a whole file has line and column 0 and the field `*`."""
    once = {
        (f.rule, f.path, f.line, f.column, f.field): replace(f, field=f.field or "*")
        for f in reversed(findings)
    }
    values = [[getattr(finding, name) or None for finding in once.values()] for name in resource.names]
    columns = [
        [value or 0 for value in column] if field.type == "integer" else column
        for field, column in zip(resource.fields, values, strict=True)
    ]
    schema = arrow_schema(resource.fields)
    return pa.table([pa.array(c, t.type) for c, t in zip(columns, schema, strict=True)], schema)


class _Tables:
    """The tables of a plan's records, and what is wrong with them."""

    def __init__(self, plan: Plan, sources: Sequence[Source]) -> None:
        self._plan = plan
        self._sources = sources
        self._descriptor = plan.descriptor
        self._tracer = Tracer(plan.finders, lru_cache(maxsize=1024)(self._record))

    def _record(self, at: int) -> Record | None:
        return read(self._sources[at])[0] if at < len(self._sources) else None

    def tables(
        self, curated: Mapping[str, pa.Table]
    ) -> tuple[dict[str, pa.Table], list[Finding]]:
        """Every table but that of the findings, with the columns of ORIGIN behind its own."""
        tables, findings = normalize(self._sources, 0, self._plan)
        for resource in self._descriptor.resources:
            if resource.is_curated:
                tables[resource.name] = _with_origin(curated[resource.name])
            elif resource.rows:
                table, faults = self._held_together(resource, tables[resource.name])
                tables[resource.name] = table
                findings += faults
        return tables, findings

    def _held_together(
        self, resource: Resource, table: pa.Table
    ) -> tuple[pa.Table, list[Finding]]:
        """The table with its editions merged, and where they differ."""
        findings: list[Finding] = []
        for comparison in resource.compare:
            held = self._editions(table, resource, (comparison.across,))
            findings += editions.compare(held, comparison.fields)
        if names := editions.left_out(resource, self._descriptor):
            table, faults = editions.merge(self._editions(table, resource, names))
            findings += faults
        return table, findings

    def _editions(
        self, table: pa.Table, resource: Resource, names: tuple[str, ...]
    ) -> editions.Editions:
        return editions.grouped(table, resource, names, self._sources, 0, self._tracer)

    def faults(self, tables: Mapping[str, pa.Table]) -> list[Finding]:
        """What breaks the schemas, and what the dataset's own checks find."""
        described = replace(
            self._descriptor,
            resources=tuple(r for r in self._descriptor.resources if not r.is_findings),
        )
        violations = validate.validate(tables, described)
        findings = [self._violation(violation, tables) for violation in violations]
        if any(fault.row < 0 for fault in violations):
            return findings
        return findings + [self._wrong(w, tables) for w in checks.run(tables, described)]

    def _violation(
        self, violation: validate.Violation, tables: Mapping[str, pa.Table]
    ) -> Finding:
        field, other = violation.field, violation.other
        finding = Finding(violation.rule, "", violation.message, field=field, table=violation.table)
        if other >= 0:
            there = self._traced(finding, tables, other, field)
            place = f"{there.path}:{there.line}:{there.column}"
            finding = replace(finding, message=finding.message.replace("{other}", place))
        return self._traced(finding, tables, violation.row, field)

    def _wrong(self, wrong: checks.Wrong, tables: Mapping[str, pa.Table]) -> Finding:
        check = wrong.check
        finding = Finding(
            check.name, "", wrong.message, field=check.field, severity=check.severity
        )
        if wrong.key is None:
            mark = self._descriptor.marks[check.place]
            return replace(
                finding,
                path="datapackage.yaml",
                line=mark.line + 1,
                column=mark.column + 1,
                file=str(self._descriptor.root / "datapackage.yaml"),
            )
        table = tables[check.resource]
        same = pa.chunked_array([pa.repeat(True, table.num_rows)])
        for name, value in wrong.key.items():
            same = pc.and_(same, pc.equal(table[name], pa.scalar(value, table[name].type)))
        row = pc.indices_nonzero(same)[0].as_py()
        return self._traced(replace(finding, table=check.resource), tables, row, check.field)

    def _traced(
        self, finding: Finding, tables: Mapping[str, pa.Table], row: int, field: str
    ) -> Finding:
        resource = self._descriptor.resource(finding.table)
        if row >= 0 and not resource.is_curated:
            column = resource.field(field) if field else None
            return self._tracer.at_cell(tables[resource.name], row, resource, column, finding)
        line = tables[resource.name]["$entry"][row].as_py() + 2 if row >= 0 else 1
        file = str(self._descriptor.root / resource.path)
        return replace(finding, path=resource.path, file=file, line=line, column=1)


def _with_origin(table: pa.Table) -> pa.Table:
    count = table.num_rows
    origin = [np.full(count, -1, np.int32), np.zeros(count, np.int32), np.arange(count, dtype=np.int32)]
    for name, values in zip(ORIGIN.names, origin, strict=True):
        table = table.append_column(name, pa.array(values))
    return table

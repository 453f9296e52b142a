"""Report where every value of a dataset's records goes, for `release check --coverage`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from release.build import inputs
from release.build.inputs import Inputs, Options
from release.descriptor.model import Descriptor, RecordKind
from release.records import coverage, normalize, orphans
from release.records.coverage import CoverageLine
from release.records.files import file_reader
from release.records.files.exclusions import count_excluded
from release.records.files.file_reader import Leaf
from release.records.files.searches import plan_searches
from release.records.files.selection.choice import choose
from release.records.reader import Record
from release.syntax.paths import show_path

_DEFAULTS = Options()


def report_coverage(
    descriptor: Descriptor | Path | str, options: Options = _DEFAULTS
) -> list[CoverageLine]:
    """Count the leaves at every path of the records, each kind in the descriptor's order.

    Records that a condition of a kind leaves out follow, and files that it excludes, a line for each
    condition and each pattern; their number stands where leaves are counted.

    All records of a kind are in memory at once; there is no cache. Records that cannot be read do not count.

    Raises:
        UsageError: the descriptor cannot be used, or records behind a URL cannot be listed.
        ReleaseError: a record behind a URL cannot be reached.
    """
    descriptor = inputs.load_descriptor(descriptor, options)
    given = inputs.read(descriptor, replace(options, cache=None))
    plan = normalize.make_plan(descriptor, {})
    lines: list[CoverageLine] = []
    left_out: list[CoverageLine] = []
    for kind in descriptor.kinds:
        records, beside, omitted = read_kind(kind, given)
        left_out += omitted
        tree = plan.trees[kind.name]
        lost = orphans.find_orphans(records, tree, plan.conditional_uses[kind.name])
        values = [(record.values, record.source.captures) for record in records]
        of_orphans = {(orphan.at, orphan.key_path) for orphan in lost}
        lines += coverage.count_leaves(kind.name, tree, values, of_orphans)
        lines += _count_beside(kind, beside)
    searches = plan_searches(descriptor, options.elsewhere or {}, follow_links=options.follow_links)
    for name, search in searches.items():
        for excluded, count in count_excluded(search):
            uses = (f"excluded: {excluded.reason}",)
            left_out.append(CoverageLine(name, excluded.pattern.template, count, 0, uses))
    return lines + left_out


def read_kind(
    kind: RecordKind, given: Inputs
) -> tuple[list[Record], list[Leaf], list[CoverageLine]]:
    """Read the records of a kind that count.

    Returns them, the leaves that stand beside them, and a line for each condition of others.
    """
    patches = given.context.read_patches()
    records: list[Record] = []
    beside: list[Leaf] = []
    counts: Counter[int] = Counter()
    for source in (source for source in given.sources if source.kind == kind.name):
        content = file_reader.read_file(source, kind.container)
        beside += content.beside
        chosen = choose(kind, source, content.records, (), patches)
        records += chosen.records
        counts.update(condition for _, condition in chosen.left_out)
    lines = [
        CoverageLine(kind.name, show_path(one.path), counts[at], 0, (f"left out: {one.reason}",))
        for at, one in enumerate(kind.where)
    ]
    return records, beside, lines


def _count_beside(kind: RecordKind, beside: Sequence[Leaf]) -> Iterator[CoverageLine]:
    """Count the leaves of files that stand beside the records."""
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    missing: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for key_path, value in beside:
        ignored = file_reader.find_ignored(key_path, kind.container)
        path = tuple("*" if isinstance(part, int) else part for part in key_path)
        uses: tuple[str, ...] = (f"beside: {ignored.reason}",) if ignored else ()
        line = show_path(ignored.path if ignored else path), uses
        counts[line] += 1
        missing[line] += value in (None, "", {}, [])
    for (pattern, uses), count in sorted(counts.items()):
        yield CoverageLine(kind.name, pattern, count, missing[pattern, uses], uses)

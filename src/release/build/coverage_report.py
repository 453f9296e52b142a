"""Report where every value of a dataset's records goes, for `release check --coverage`."""

from __future__ import annotations

from pathlib import Path

from release.build import inputs
from release.build.inputs import Options
from release.descriptor.model import Descriptor
from release.records import coverage, normalize, orphans
from release.records.coverage import CoverageLine
from release.records.files import discover, file_reader
from release.records.files.sources import plan_searches

_DEFAULTS = Options()


def report_coverage(
    descriptor: Descriptor | Path | str, options: Options = _DEFAULTS
) -> list[CoverageLine]:
    """Count the leaves at every path of the records, each kind in the descriptor's order.

    Files that a kind excludes follow, a line for each pattern; their number stands where leaves are counted.

    All records of a kind are in memory at once; there is no cache. Records that cannot be read do not count.

    Raises:
        UsageError: the descriptor cannot be used, or records behind a URL cannot be listed.
        ReleaseError: a record behind a URL cannot be reached.
    """
    descriptor = inputs.load_descriptor(descriptor, options)
    sources, _ = discover.find_records(
        descriptor, options.elsewhere, options.limits, follow_links=options.follow_links
    )
    plan = normalize.make_plan(descriptor, {})
    lines: list[CoverageLine] = []
    for kind in descriptor.kinds:
        files = (source for source in sources if source.kind == kind.name)
        records = [r for file in files for r in file_reader.read_file(file, kind.container)[0]]
        tree = plan.trees[kind.name]
        lost = orphans.find_orphans(records, tree, plan.conditional_uses[kind.name])
        values = [(record.values, record.source.captures) for record in records]
        of_orphans = {(orphan.at, orphan.key_path) for orphan in lost}
        lines += coverage.count_leaves(kind.name, tree, values, of_orphans)
    searches = plan_searches(descriptor, options.elsewhere or {}, follow_links=options.follow_links)
    for name, search in searches.items():
        for excluded, count in search.count_excluded():
            uses = (f"excluded: {excluded.reason}",)
            lines.append(CoverageLine(name, excluded.pattern.template, count, 0, uses))
    return lines

"""Measure everything in one run, and compare it with the goals and the last committed run."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import goals, inputs, report
from benchmarks.commands import Abilities, make_environment
from benchmarks.runs import PEER_MOST, SLOW, Bench, Settings

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, write the results, print the table."""
    options = _parse_options()
    work_folder = inputs.bench_folder() / "work"
    work_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work_folder) as work:
        bench = Bench(_make_settings(options), Path(work), Abilities(make_environment()))
        _note_weaknesses(bench)
        bench.run()
        latest = RESULTS / "latest.json"
        last_results: Mapping[str, Any] = json.loads(latest.read_text()) if latest.is_file() else {}
        results = report.collect_results(bench)
        text = report.write_results(results, last_results, options.out)
    print(text)


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure release; see benchmarks/README.md.")
    quick = "260 and 1,000 records, 3 rounds; writes no committed file"
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="numbers of records")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of every case (default: 5)")
    slow = f"rounds of the peer, the stages and frictionless from {SLOW:,} records on (default: 1)"
    parser.add_argument("--slow-rounds", type=int, default=1, metavar="N", help=slow)
    large = f"rounds of every case from {SLOW:,} records on (default: that of --rounds)"
    parser.add_argument("--large-rounds", type=int, metavar="N", help=large)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the folder of the results")
    options = parser.parse_args()
    if options.out is None:
        options.out = inputs.bench_folder() / "results" if options.quick else RESULTS
    return options


def _make_settings(options: argparse.Namespace) -> Settings:
    quick = options.quick
    sizes = options.sizes or ([260, 1000] if quick else [goals.SMALL, goals.MIDDLE, goals.LARGE])
    rounds = options.rounds or (3 if quick else 5)
    return Settings(
        sizes=sorted(sizes),
        rows=[10_000] if quick else [10_000, 1_000_000],
        rounds=rounds,
        slow_rounds=options.slow_rounds,
        large_rounds=options.large_rounds or rounds,
        start_rounds=5 if quick else 15,
        dask=not quick,
    )


def _note_weaknesses(bench: Bench) -> None:
    """Note each circumstance that makes the figures of this run less reliable."""
    settings, cores = bench.settings, os.cpu_count() or 1
    load = os.getloadavg()[0]
    if load > cores / 4:
        bench.note(f"the machine was busy when the run began: load {load:.1f} on {cores} cores")
    if settings.rounds < 5:
        bench.note(f"{settings.rounds} rounds only: medians of fewer than 5 runs")
    if any(size >= SLOW for size in settings.sizes) and settings.slow_rounds < settings.rounds:
        bench.note(f"from {SLOW:,} records on the peer ran {settings.slow_rounds} time(s) only")
    if settings.large_rounds < settings.rounds:
        bench.note(f"from {SLOW:,} records on everything ran {settings.large_rounds} time(s) only")
    if any(size > PEER_MOST for size in settings.sizes):
        bench.note(f"above {PEER_MOST:,} records the peer did not run")


if __name__ == "__main__":
    main()

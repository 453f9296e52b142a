"""Build a release and time its stages.

A stage lasts from one message of `progress` (of `release.build.Options`) to the next. Its name is the message
without numbers, so that `chunk 3 of 40` and `chunk 4 of 40` are one stage.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

LOADING = "loading"


class Clock:
    """A progress callback that keeps the seconds of each stage, in the order in which stages began."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {LOADING: 0.0}
        self._stage = LOADING
        self._since = time.perf_counter()

    def __call__(self, message: object, *_: object, **__: object) -> None:
        """End the current stage and begin the one of a message."""
        now = time.perf_counter()
        self.seconds[self._stage] += now - self._since
        self._stage, self._since = name_stage(str(message)), now
        self.seconds.setdefault(self._stage, 0.0)


def name_stage(message: str) -> str:
    """Return the name of a stage: its message without numbers."""
    return " ".join(re.sub(r"[0-9][0-9,.:/%]*", "", message).split()) or LOADING


def build(root: Path, out: Path, workers: int) -> dict[str, float]:
    """Build without a cache; return the seconds of each stage."""
    clock = Clock()
    from release.system.processes import arrow_setup

    arrow_setup.apply()  # as the command does
    from release.build import pipeline
    from release.descriptor import load

    described = load.load(root / "datapackage.yaml")
    built = pipeline.build(described, out, pipeline.Options(workers=workers, progress=clock))
    clock("end")
    if built.path is None:
        raise SystemExit(f"{root} does not build: {built.outcome.errors} errors")
    del clock.seconds["end"]
    return clock.seconds


def main() -> None:
    """Build and print the seconds of each stage as JSON."""
    parser = argparse.ArgumentParser(description="Build a release and time its stages.")
    parser.add_argument("root", type=Path, help="the folder of the dataset")
    parser.add_argument("out", type=Path, help="the store to build into")
    parser.add_argument("--workers", type=int, default=1, help="how many processes read records")
    options = parser.parse_args()
    print(json.dumps({"stages": build(options.root, options.out, options.workers)}))


if __name__ == "__main__":
    main()

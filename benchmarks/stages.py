"""A build, timed by what it says that it is doing.

The stages are those of the `progress` of `release.build.Options`: one lasts from its message to the
next. Numbers in a message are left out, so that `chunk 3 of 40` and `chunk 4 of 40` are one stage.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

BEFORE = "loading"


class Clock:
    """Seconds by stage, in the order in which the stages began."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {BEFORE: 0.0}
        self._stage = BEFORE
        self._since = time.perf_counter()

    def __call__(self, message: object, *_: object, **__: object) -> None:
        """End the stage that lasts, and begin another one."""
        now = time.perf_counter()
        self.seconds[self._stage] += now - self._since
        self._stage, self._since = named(str(message)), now
        self.seconds.setdefault(self._stage, 0.0)


def named(message: str) -> str:
    """What a stage is called: its message without numbers."""
    return " ".join(re.sub(r"[0-9][0-9,.:/%]*", "", message).split()) or BEFORE


def build(root: Path, out: Path, workers: int) -> dict[str, float]:
    """Seconds by stage, without a cache."""
    clock = Clock()
    from release.system import arrow_setup

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

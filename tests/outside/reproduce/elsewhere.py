"""The seeds built by other versions of Python and pyarrow, and each release rebuilt by the ones here.

What has to be the same is: CSV and descriptor always, every file where pyarrow is the same. `release verify
--rebuild`, run here, has to pass for each and to name what differs. Run by `make reproduce-elsewhere`.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from release.package.provenance import BUILDINFO
from release.verify import verification
from tests.support.golden_release import ROOT, differences, digests
from tests.support.toolchains import PYTHONS, UV, build, canonical, find_python, run

#: Versions of pyarrow beside the locked one.
PYARROWS = ("26.0.0", "25.0.1")


@dataclass(frozen=True)
class Toolchain:
    """A Python, and a version of pyarrow where it is not the locked one."""

    name: str
    python: str
    pyarrow: str = ""


def toolchains() -> Iterator[Toolchain]:
    """Those that this machine has, or can install from the package index."""
    for version in PYTHONS:
        if not platform.python_version().startswith(f"{version}.") and (
            found := find_python(version)
        ):
            yield Toolchain(f"python {version}", found)
    for version in PYARROWS:
        yield Toolchain(f"pyarrow {version}", sys.executable, version)


def installed(toolchain: Toolchain, folder: Path) -> Path:
    """A virtual environment with the locked versions, and with another pyarrow if one is asked for."""
    place = folder / toolchain.name.replace(" ", "-")
    run(UV, "venv", "--quiet", "--python", toolchain.python, place)
    python = place / "bin/python"
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", python]
    run(*install, "--require-hashes", "-r", ROOT / "requirements.lock")
    if toolchain.pyarrow:
        run(*install, "--no-deps", f"pyarrow=={toolchain.pyarrow}")
    return python


def judged(toolchain: Toolchain, here: Path, there: Path) -> list[str]:
    """What is not as promised of a release that was built elsewhere."""
    wrong = [
        f"{each} (the same everywhere)" for each in differences(canonical(there), canonical(here))
    ]
    changed = differences(digests(there), digests(here))
    if changed and not toolchain.pyarrow:
        wrong += [f"{each} (the same where pyarrow is)" for each in changed]
    report = verification.verify(there, verification.VerifyOptions("none", rebuild=True))
    wrong += [str(finding) for finding in report.findings]
    (rebuilt,) = (step for step in report.steps if step.name == "rebuild")
    built = json.loads((there / BUILDINFO).read_bytes())["toolchain"]
    print(f"{toolchain.name}: python {built['python']}, pyarrow {built['pyarrow']}")
    print(f"  {len(digests(there)) - len(changed)} files the same, {len(changed)} others")
    print(f"  verify --rebuild {rebuilt.status}")
    for note in rebuilt.notes:
        print(f"    {note}")
    return wrong


def main() -> int:
    """Build with each toolchain; 1 where something is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder for the environments and releases")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="release-elsewhere-") as temporary:
        folder = options.keep or Path(temporary)
        here = build(sys.executable, folder / "here")
        tried = 0
        wrong = []
        for toolchain in toolchains():
            there = build(installed(toolchain, folder), folder / f"dist-{toolchain.name}")
            wrong += [f"{toolchain.name}: {each}" for each in judged(toolchain, here, there)]
            tried += 1
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong or not tried else 0


if __name__ == "__main__":
    sys.exit(main())

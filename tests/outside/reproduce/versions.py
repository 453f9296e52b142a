"""The wheel in a clean environment, with the newest or with the lowest versions of all that it needs.

There the commands run on the seeds; each release is built again by the other side; and the tests run that see
files and the command line, with those of queries, whose language is DuckDB's. Run by `make newest` and
`make lowest`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from release.verify import verification
from tests.support.golden_release import ROOT, differences
from tests.support.toolchains import UV, build, canonical, run

#: How each kind of versions is asked for.
KINDS = {"newest": ("--upgrade",), "lowest": ("--resolution", "lowest-direct")}

#: What the tests need besides the program. They come second, and leave its versions as they are.
TOOLS = (
    "pytest>=9",
    "pytest-xdist>=3.8",
    "hypothesis>=6.170",
    "distributed",
    "fsspec",
    "polars>=2",
)

#: The tests that run there. Golden files are those of the locked versions.
TESTS = (
    "tests/outside/test_seeds.py",
    "tests/outside/test_release.py",
    "tests/outside/test_readme.py",
    "tests/outside/test_python_api.py",
    "tests/outside/test_odd_zips.py",
    "tests/tables/test_steadiness.py",
    "tests/verify/test_toolchain.py",
)


def installed(kind: str, folder: Path) -> Path:
    """The Python of a new environment, in which the wheel is installed."""
    run(sys.executable, "-m", "flit_core.wheel", "--outdir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / kind)
    python = folder / kind / "bin/python"
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", python]
    run(*install, *KINDS[kind], wheel)
    run(*install, *TOOLS)
    return python


def commands(python: Path, folder: Path) -> list[str]:
    """What is wrong with the commands on the seeds, and with a release that crosses over."""
    (folder / "away").mkdir()
    here = build(sys.executable, folder / "here")

    def there(*command: str | Path) -> None:
        print(f"  release {' '.join(map(str, command))}".replace(str(folder), "…"))
        os.chdir(folder / "away")  # beside no source code
        run(python, "-P", "-m", "release", *command)

    descriptor = ROOT / "datapackage.yaml"
    there("check", "--no-cache", "--descriptor", descriptor)
    there("build", "--no-cache", "--descriptor", descriptor, "--out", folder / "there")
    (made,) = (path for path in (folder / "there").iterdir() if path.is_dir())
    there("verify", "--rebuild", made)
    there("verify", "--rebuild", here)
    there("list", folder / "there")
    there("diff", here, made)
    options = verification.VerifyOptions("none", rebuild=True)
    found = [str(each) for each in verification.verify(made, options).findings]
    return found + differences(canonical(made), canonical(here))


def main() -> int:
    """Try one kind of versions; 1 where something is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("tests", nargs="*", default=TESTS, help="other tests, or options of pytest")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix=f"release-{options.kind}-") as temporary:
        folder = Path(temporary).resolve()
        python = installed(options.kind, folder)
        run_there = [str(python), "-P", "-m"]
        subprocess.run([*run_there, "release", "--version"], cwd=folder, check=True)
        subprocess.run([UV, "pip", "freeze", "--python", python, "--quiet"], check=True)
        wrong = commands(python, folder)
        for line in wrong:
            print(line, file=sys.stderr)
        pytest = [
            *run_there,
            "pytest",
            "-q",
            "-n",
            "2",
            "--dist",
            "loadfile",
            "-p",
            "no:cacheprovider",
        ]
        tests = subprocess.run([*pytest, *options.tests], cwd=ROOT, check=False)
    return 1 if wrong or tests.returncode else 0


if __name__ == "__main__":
    sys.exit(main())

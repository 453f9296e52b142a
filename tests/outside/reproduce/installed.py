"""The wheel in clean environments, without the lock: each Python, with the newest and the lowest versions.

There the commands run on the seeds, and each release is built again by the other side. With the Python of
.venv the tests run, too, that see files and the command line, with those of queries, whose language is
DuckDB's; and then the commands once more without what no command needs. Run by `make installed`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from release.verify import verification
from tests.support import container
from tests.support.golden_release import ROOT, differences
from tests.support.toolchains import PYTHONS, UV, build, canonical, find_python, run

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
    "tests/cli/test_arguments.py",
    "tests/cli/test_completion.py",
    "tests/tables/test_steadiness.py",
    "tests/verify/test_toolchain.py",
)

#: What `release.load` gives; and what it says without pandas.
LOAD = "import sys, release; print(len(release.load(sys.argv[1], 'scores')))"
ASKS = "release.load needs pandas, which is not installed: pip install pandas"


@dataclass(frozen=True)
class Place:
    """A Python, and which versions of the libraries it gets."""

    python: str
    kind: str
    path: str

    def __str__(self) -> str:
        return f"Python {self.python}, {self.kind}"


def places(pythons: Sequence[str], kinds: Sequence[str]) -> Iterator[Place]:
    """Those that can be had here; of each Python that is not, a line says so."""
    for version in pythons:
        path = find_python(version)
        if path is None:
            print(f"Python {version}: not on this machine, so not tried", flush=True)
            continue
        yield from (Place(version, kind, path) for kind in kinds)


def built(folder: Path) -> Path:
    """The wheel, built from the sdist, as an installer would where there is none."""
    run(UV, "build", "--quiet", "--python", sys.executable, "--out-dir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def requirements() -> dict[str, str]:
    """The lowest version of each library that pyproject.toml asks for, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return dict(re.findall(r"^([\w-]+)>=(\S+)$", "\n".join(project["dependencies"]), re.M))


def installed(place: Place, wheel: Path, folder: Path) -> Path:
    """The Python of a new environment, in which the wheel is installed; the extras can be, too.

    What a wheel asks for has no lowest versions to uv, which takes it for indirect: so it comes first.
    """
    run(UV, "venv", "--quiet", "--python", place.path, folder / "environment")
    python = folder / "environment/bin/python"
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", python]
    install += KINDS[place.kind]
    for name in requirements():  # a bound without a wheel for this Python is too low
        install += ["--only-binary", name]
    if place.kind == "lowest":
        run(*install, "--requirements", ROOT / "pyproject.toml")
    run(*install, "--dry-run", "--all-extras", "--requirements", ROOT / "pyproject.toml")
    run(UV, "pip", "install", "--quiet", "--python", python, wheel)
    return python


def bounds(place: Place, python: Path) -> list[str]:
    """What is not the lowest version, where it should be; the versions are shown."""
    listed = run(UV, "pip", "list", "--python", python, "--quiet", "--format", "json")
    found = {each["name"]: each["version"] for each in json.loads(listed)}
    names = requirements()
    print(f"  {', '.join(f'{name} {found[name.lower()]}' for name in names)}", flush=True)
    if place.kind != "lowest":
        return []
    return [
        f"{name} is {found[name.lower()]}, expected {bound}, the bound of pyproject.toml"
        for name, bound in names.items()
        if Version(found[name.lower()]) != Version(bound)
    ]


class There:
    """The program in that environment, called in a folder beside no source code."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python = python
        self.folder = folder
        (folder / "away").mkdir()

    def run(self, *command: str | Path) -> str:
        """What a command prints that has to succeed."""
        os.chdir(self.folder / "away")
        return run(self.python, "-P", *command, XDG_CACHE_HOME=str(self.folder / "cache"))

    def release(self, *command: str | Path) -> str:
        """What a command of the program prints."""
        return self.run("-m", "release", *command)


def commands(there: There, here: Path) -> list[str]:
    """What is wrong with the commands on the seeds, and with a release that crosses over."""
    out = there.folder / "store"
    records = ("--descriptor", ROOT / "datapackage.yaml")
    there.release("--version")
    there.release("check", *records)
    there.release("build", *records, "--out", out)
    (made,) = (path for path in out.iterdir() if path.is_dir())
    there.release("verify", "--rebuild", made)
    there.release("verify", "--rebuild", here)
    there.release("list", out)
    there.release("diff", here, made)
    there.release("init", ROOT / "seeds", "--dry-run")
    there.release("completion", "bash")
    if int(there.run("-c", LOAD, made)) < 1:
        return ["release.load: no rows"]
    options = verification.VerifyOptions("none", rebuild=True)
    found = [str(each) for each in verification.verify(made, options).findings]
    return found + differences(canonical(made), canonical(here))


def without_extras(there: There, here: Path) -> list[str]:
    """What is wrong with the commands where nothing is that no command needs: pandas and shtab."""
    run(UV, "pip", "uninstall", "--quiet", "--python", there.python, "pandas", "shtab")
    records = ("--descriptor", ROOT / "datapackage.yaml", "--no-cache")
    there.release("check", *records)
    there.release("build", *records, "--out", there.folder / "bare")
    there.release("verify", "--rebuild", here)
    there.release("diff", here, there.folder / "store" / here.name)
    there.release("list", there.folder / "bare")
    there.release("init", ROOT / "seeds", "--dry-run")
    code = f"try:\n {LOAD}\nexcept Exception as error:\n print(error)"
    asked = there.run("-c", code, here).strip()
    return [] if asked == ASKS else [f"release.load: {asked}, expected: {ASKS}"]


def tests(python: Path, arguments: Sequence[str]) -> list[str]:
    """What is wrong with the tests that run in an environment."""
    run(UV, "pip", "install", "--quiet", "--python", python, *TOOLS)
    pytest: list[str | Path] = [python, "-P", "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    ran = subprocess.run([*pytest, "-p", "no:cacheprovider", *arguments], cwd=ROOT, check=False)
    return ["tests failed"] if ran.returncode else []


def tried(place: Place, wheel: Path, here: Path, arguments: Sequence[str]) -> list[str]:
    """What is wrong in one place."""
    print(f"{place}:", flush=True)
    with tempfile.TemporaryDirectory(prefix="release-installed-") as temporary:
        folder = Path(temporary).resolve()
        try:
            python = installed(place, wheel, folder)
            there = There(python, folder)
            wrong = bounds(place, python) + commands(there, here)
            if arguments and platform.python_version().startswith(f"{place.python}."):
                wrong += tests(python, arguments)
                wrong += without_extras(there, here)
        except SystemExit as error:  # a command that failed, with what it printed
            wrong = [str(error)]
        finally:
            os.chdir(ROOT)
    for line in wrong:
        print(f"  {line}", file=sys.stderr, flush=True)
    print(f"  {'wrong' if wrong else 'good'}", flush=True)
    return [f"{place}: {line.splitlines()[0]}" for line in wrong]


def main() -> int:
    """Try each place; 1 where something is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", action="append", choices=PYTHONS, help="this one (repeatable)")
    parser.add_argument("--kind", choices=KINDS, help="these versions only")
    parser.add_argument("--no-container", action="store_true", help="not the Containerfile")
    parser.add_argument("tests", nargs="*", default=TESTS, help="other tests, or options of pytest")
    options = parser.parse_args()
    kinds = [options.kind] if options.kind else [*KINDS]
    with tempfile.TemporaryDirectory(prefix="release-wheel-") as temporary:
        folder = Path(temporary).resolve()
        wheel, here = built(folder), build(sys.executable, folder / "here")
        wrong = []
        for place in places(options.python or PYTHONS, kinds):
            wrong += tried(place, wheel, here, options.tests)
        if not options.no_container:
            print("Containerfile:", flush=True)
            wrong += container.tried(folder / "container", here)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

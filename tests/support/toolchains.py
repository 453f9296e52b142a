"""Other environments: commands that have to succeed there, and what is the same in each of their releases."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from release.package.manifest.model import NAME
from tests.support.golden_release import ROOT, digests

UV = Path(sys.executable).with_name("uv")

#: The versions of Python that the program is for.
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def find_python(version: str) -> str | None:
    """A Python of that version, if there is one on this machine: on the path, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    paths = [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}.*/bin/python"))]
    for path in (str(path) for path in paths if path is not None):
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if told.returncode == 0 and told.stdout.startswith(f"Python {version}."):
            return path
    return None


def run(*command: str | Path, **environment: str) -> str:
    """Run a command that has to succeed; return what it prints."""
    ran = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}:\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def build(python: Path | str, store: Path) -> Path:
    """The release of the seeds, built by a Python with the program as it is here."""
    command = (python, "-m", "release", "build", "--no-cache", "--out", store)
    run(*command, "--descriptor", ROOT / "datapackage.yaml", PYTHONPATH=str(ROOT / "src"))
    (release,) = (path for path in store.iterdir() if path.is_dir() and path.name[0].isdigit())
    return release


def canonical(release: Path) -> dict[str, str]:
    """The digests of what is the same everywhere: CSV, source, and the descriptor but for Parquet's hash."""
    found = {
        path: digest
        for path, digest in digests(release).items()
        if path.endswith(".csv") or path.startswith("source/")
    }
    package = json.loads((release / NAME).read_bytes())
    for resource in package["resources"]:
        if resource["format"] == "apache-parquet":
            resource["hash"] = resource["bytes"] = None
    return {**found, "descriptor": json.dumps(package)}

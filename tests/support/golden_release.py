"""The digests of every file of the seeds' release; `--accept` writes them, else what changed is shown."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from release.build import pipeline
from release.descriptor import load
from tests.support.tampering import sha256

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parents[1] / "golden" / "seeds.sha256"
ACCEPT = ".venv/bin/python -m tests.support.golden_release --accept"

#: They say how and where a release was built, which differs between builds.
BESIDE = frozenset(["buildinfo.json", "provenance.intoto.json"])


def digests(release: Path) -> dict[str, str]:
    """The SHA-256 of every file of a release by path, the zip among them."""
    paths = sorted(path for path in release.rglob("*") if path.is_file())
    named = {path.relative_to(release).as_posix(): path for path in paths}
    return {name: sha256(path) for name, path in named.items() if name not in BESIDE}


def golden() -> dict[str, str]:
    """What was accepted."""
    lines = GOLDEN.read_text("utf-8").splitlines() if GOLDEN.exists() else []
    return {line[66:]: line[:64] for line in lines}


def differences(found: dict[str, str], accepted: dict[str, str]) -> list[str]:
    """The files that are others than those accepted, and how."""
    told = []
    for path in sorted({*found, *accepted}):
        if path not in found:
            told.append(f"missing: {path}")
        elif path not in accepted:
            told.append(f"new:     {path}")
        elif found[path] != accepted[path]:
            told.append(f"changed: {path}")
    return told


def main(accept: bool) -> None:
    """Build the release of the seeds, and show or accept what is different."""
    with tempfile.TemporaryDirectory() as folder:
        made = pipeline.build(load.load(ROOT / "datapackage.yaml"), Path(folder) / "dist")
        assert made.path is not None, [str(finding) for finding in made.outcome.findings]
        found = digests(made.path)
    for line in differences(found, golden()):
        print(line)
    if accept:
        text = "".join(f"{digest}  {path}\n" for path, digest in found.items())
        GOLDEN.write_text(text, "utf-8")


if __name__ == "__main__":
    main("--accept" in sys.argv)

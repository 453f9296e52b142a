"""Name the tag, the title and the files of a release that was built, as outputs of a step.

    python -m actions.github.names WORK

Reads `build.json` in WORK, and PREFIX, what stands before the version in a tag. On a tag, that must be the
one of the version. Writes `version`, `path`, `zip`, `tag`, `title` and `notes`, a file of Markdown.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from actions.github import job


def notes(changelog: str) -> str:
    """Return the newest section of a changelog, without its heading."""
    found = re.search(r"^## [^\n]*\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    return found[1].strip() if found else ""


def main() -> int:
    """Write the outputs; return 1 if the tag is that of another version."""
    work = Path(sys.argv[1])
    built = json.loads((work / "build.json").read_text("utf-8"))
    version, folder = str(built["version"]), Path(built["release"]).resolve()
    tag = f"{os.environ.get('PREFIX', '')}{version}"
    given = os.environ.get("GITHUB_REF_NAME", "")
    if os.environ.get("GITHUB_REF_TYPE") == "tag" and given != tag:
        job.annotate(
            "error",
            f"The tag is {given!r}, expected {tag!r}: the descriptor has version {version}. Set its version "
            "with `release bump`, or tag the commit that has it.",
        )
        return 1
    (zip_file,) = folder.glob("*.zip")
    file = work / "notes.md"
    file.write_text(notes((folder / "CHANGELOG.md").read_text("utf-8")), "utf-8")
    outputs = {
        "version": version,
        "path": str(folder),
        "zip": str(zip_file),
        "tag": tag,
        "title": zip_file.stem.removesuffix(f"-{version}") + f" {version}",
        "notes": str(file),
    }
    for name, text in outputs.items():
        job.set_output(name, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

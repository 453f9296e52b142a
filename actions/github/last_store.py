"""Make a store of the latest release on GitHub, so that the next one is compared with it.

    python -m actions.github.last_store WORK

Reads PREFIX, what stands before the version in a tag. The store is the folder `store` in WORK; there is none
if there is no release yet.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

from actions.github import job
from actions.github.api import Api, RefusedError
from actions.github.last_release import of_github


def unpack(file: Path, store: Path) -> Path:
    """Unpack the zip of a release into a store, and return its folder.

    Raises:
        RefusedError: It is no zip of a release.
    """
    try:
        with zipfile.ZipFile(file) as members:
            version = str(json.loads(members.read("datapackage.json"))["version"])
            if not re.fullmatch(r"[0-9][\w.+-]*", version):
                raise RefusedError(f"{file.name}: version {version!r} is no folder of a store")
            members.extractall(store / version)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"{file.name}: is no zip of a release") from error
    shutil.copy(file, store / version / file.name)
    return store / version


def main() -> int:
    """Fetch the release; return 1 if it cannot be had."""
    work = Path(sys.argv[1])
    try:
        path, name = of_github(
            Api.of_job(), os.environ["GITHUB_REPOSITORY"], work, os.environ.get("PREFIX", "")
        )
        if path:
            unpack(Path(path), work / "store")
    except RefusedError as error:
        job.annotate("error", f"The last release is not to be had: {error}.")
        return 1
    print(f"after {name}" if path else "the first release")
    return 0


if __name__ == "__main__":
    sys.exit(main())

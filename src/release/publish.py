"""Place a finished release in a store: whole or not at all."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release.errors import RefusedError
from release.package import files

#: Says how and where a release was built; it may differ between builds of one release.
BESIDE = "buildinfo.json"

_STAGING = ".building-"
_REPLACED = ".replaced-"


@contextmanager
def staging(store: Path) -> Iterator[Path]:
    """A new folder inside a store, for a release in the making; gone afterwards, whatever happens."""
    made = [folder for folder in (store, *store.parents) if not folder.exists()]
    store.mkdir(parents=True, exist_ok=True)
    _recover(store)
    folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=store))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for parent in made:
            try:
                parent.rmdir()
            except OSError:
                break


def place(folder: Path, store: Path, version: str) -> tuple[Path, bool]:
    """Move a finished release to its version's place; False where it stood there already.

    Raises:
        RefusedError: the version is there with other content and is no draft.
    """
    target = store / version
    if not target.exists():
        folder.replace(target)
        return target, True
    different = difference(folder, target)
    if not different:
        return target, False
    if "-" not in version:
        raise RefusedError(
            f"{target} is there with other content ({', '.join(different[:3])}"
            f"{f' and {len(different) - 3} more' if len(different) > 3 else ''}); "
            "a final version is written once: give this one a new version in datapackage.yaml"
        )
    old = store / f"{_REPLACED}{version}"
    try:
        target.replace(old)
        folder.replace(target)
    finally:
        _recover(store)
    return target, True


def _recover(store: Path) -> None:
    """Put back, or remove, a draft that a build was stopped in the middle of replacing."""
    for old in store.glob(f"{_REPLACED}*"):
        target = store / old.name.removeprefix(_REPLACED)
        if target.exists():
            shutil.rmtree(old)
        else:
            old.replace(target)


def difference(one: Path, other: Path) -> list[str]:
    """The paths of the files that two folders do not share to the byte."""
    ours, theirs = set(files(one)) - {BESIDE}, set(files(other)) - {BESIDE}
    both = sorted(ours & theirs)
    changed = [path for path in both if not filecmp.cmp(one / path, other / path, shallow=False)]
    return sorted({*changed, *(ours ^ theirs)})

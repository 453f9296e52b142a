"""Open a release that is used: a folder, a zip, a store, or an address of one of these."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release.findings.errors import UsageError
from release.package.manifest import folder as manifest_folder
from release.package.manifest.model import NAME, Manifest
from release.store import contents, fetch, index
from release.system.foreign.budget import Budget


@contextmanager
def release(place: str, budget: Budget) -> Iterator[tuple[Path, Manifest]]:
    """Yield the folder and the manifest of a release; of a store, those of its latest version.

    Raises:
        LimitError: The budget is used up.
        UsageError: There is no release at that place.
        FindingsError: The release cannot be trusted.
    """
    with fetch.release(_find_latest(place), wanted=_is_wanted, budget=budget) as opened:
        yield opened.folder, manifest_folder.read(opened.folder, is_whole=opened.is_whole)


def _is_wanted(path: str) -> bool:
    """Return whether a file of a release is needed: its manifest, and tables as Parquet."""
    return path == NAME or path.endswith(".parquet")


def _find_latest(place: str) -> str:
    """Return the place of the latest version if a place is a store on this machine, else that place."""
    store = Path(place)
    if not store.is_dir() or not index.is_store(store):
        return place
    version = contents.latest(store)
    if version is None:
        raise UsageError(f"{place}: {contents.none_final(store)}, expected a release")
    return str(store / version)

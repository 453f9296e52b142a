"""Open a release that is used: a folder, a zip, a store, or an address of one of these."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from release.findings.errors import RefusedError, UsageError
from release.findings.finding import FindingsError
from release.package.manifest import folder as manifest_folder
from release.package.manifest.model import NAME, Manifest
from release.store import contents, fetch, index
from release.syntax.versions import is_version
from release.system.foreign import download
from release.system.foreign.budget import Budget

#: The most bytes of the file that names the latest version.
_MOST_BYTES = 1 << 20


@contextmanager
def release(place: str, budget: Budget) -> Iterator[tuple[Path, Manifest]]:
    """Yield the folder and the manifest of a release; of a store, those of its latest version.

    Raises:
        LimitError: The budget is used up.
        UsageError: There is no release at that place.
        FindingsError: The release cannot be trusted.
    """
    found = _find_latest(place, budget)
    with fetch.release(found, wanted=_is_wanted, budget=budget) as opened:
        try:
            yield opened.folder, manifest_folder.read(opened.folder, is_whole=opened.is_whole)
        except FindingsError as error:
            start = f"{opened.folder}/"  # which may be a temporary folder that nobody knows
            raise FindingsError(
                replace(each, file=each.file.replace(start, f"{found}/")) for each in error.findings
            ) from error


def _is_wanted(path: str) -> bool:
    """Return whether a file of a release is needed: its manifest, and tables as Parquet."""
    return path == NAME or path.endswith(".parquet")


def _find_latest(place: str, budget: Budget) -> str:
    """Return the place of the latest version if a place is a store, else that place.

    Raises:
        UsageError: The store has no latest version.
        RefusedError: What a URL says of its latest version is no version.
    """
    if download.is_web(place):
        return _find_latest_url(place, budget)
    store = Path(place)
    if not store.is_dir() or not index.is_store(store):
        return place
    version = contents.latest(store)
    if version is None:
        raise UsageError(f"{place}: {contents.none_final(store)}, expected a release")
    return str(store / version)


def _find_latest_url(url: str, budget: Budget) -> str:
    """Return the URL of the latest version if a URL is that of a store, else the URL."""
    if download.url_path(url).endswith(".zip"):
        return url
    where = download.join_url(url, index.LATEST)
    with TemporaryDirectory(prefix="release-latest-") as folder:
        file = Path(folder) / index.LATEST
        try:
            download.fetch(where, file, _MOST_BYTES, budget)
        except (download.MissingError, download.ForbiddenError):
            return url
        try:
            version = json.loads(file.read_bytes())["version"]
        except (ValueError, TypeError, KeyError):
            version = None
    if not isinstance(version, str) or not is_version(version):
        raise RefusedError(f"{where}: names no version, expected the index of a store")
    return download.join_url(url, version)

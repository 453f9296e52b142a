"""Fetch a release or a store from a folder, zip, URL or version: as a folder on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin

from release.findings.errors import RefusedError, UsageError
from release.findings.finding import Finding, FindingsError
from release.package import checksums, unzip
from release.package.checksums import SUMS
from release.package.manifest import folder as manifest_folder
from release.package.provenance import BUILDINFO, SIGNATURE, STATEMENT
from release.package.zip import zip_name
from release.store import contents as stores
from release.store import index
from release.system.folders import size_of
from release.system.foreign import download
from release.system.foreign.budget import Budget, LimitError


@dataclass(frozen=True, slots=True)
class OpenedRelease:
    """The folder of a release, the zip that it was unpacked from, if any, and whether all files are there."""

    folder: Path
    archive: Path | None = None
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class _Visit:
    """The parts of a release that are fetched, and the budget for them.

    `beside` and `wanted` are those of `release`.
    """

    budget: Budget
    beside: bool = False
    wanted: Callable[[str], bool] | None = None


@contextmanager
def folder(place: str, store: Path | None = None, budget: Budget | None = None) -> Iterator[Path]:
    """Yield a release as a folder on this machine.

    Args:
        place: The folder or zip of a release, on this machine or behind http(s), or a version in the store,
            which may be `latest`. A zip is unpacked and a URL is fetched into a temporary folder.
        store: The store.
        budget: What is left of the limits of the command, for a release that is fetched or unpacked.

    Raises:
        LimitError: The budget is used up.
        UsageError: There is no release at that place.
        RefusedError: The release cannot be opened, or may do harm.
    """
    with release(place, store, budget=budget) as opened:
        yield opened.folder


@contextmanager
def release(
    place: str,
    store: Path | None = None,
    *,
    beside: bool = False,
    wanted: Callable[[str], bool] | None = None,
    budget: Budget | None = None,
) -> Iterator[OpenedRelease]:
    """Open a release as `folder` does, and yield also the zip that it was unpacked from.

    Args:
        place: As for `folder`.
        store: As for `folder`.
        beside: Whether to fetch the files beside a release too, such as its zip and signature.
        wanted: A test of the paths of the files that are needed; others may be left out.
        budget: As for `folder`.
    """
    if download.is_web(place):
        with tempfile.TemporaryDirectory(prefix="release-opened-") as temporary:
            visit = _Visit(budget or Budget(), beside, wanted)
            yield _fetch_release(place, Path(temporary), visit)
        return
    path = find_release(place, store)
    if path.is_dir():
        yield OpenedRelease(path)
        return
    check_release(path)
    with tempfile.TemporaryDirectory(prefix="release-opened-") as temporary:
        _unpack(path, Path(temporary), _Visit(budget or Budget(), beside, wanted))
        yield OpenedRelease(Path(temporary), path, wanted is None)


def find_release(place: str, store: Path | None = None) -> Path:
    """Return the path of the folder or zip that a place names on this machine.

    Raises:
        UsageError: There is none.
    """
    path = Path(place)
    if path.is_dir() or path.is_file():
        return path
    if store is not None and "/" not in place and place not in ("", ".", ".."):
        version = stores.latest(store) if place == "latest" else place
        if version is None:
            raise UsageError(f"{place}: {stores.none_final(store)}, expected a release")
        if (store / version).is_dir():
            return store / version
        held = f"nor a version in {store}"
        raise UsageError(f"{place}: is neither a folder nor a zip, {held}; expected a release")
    raise UsageError(f"{place}: is neither a folder nor a zip, expected a release")


def check_release(path: Path) -> None:
    """Raise an error if a folder or file is clearly no release, not even a broken one.

    Raises:
        UsageError: It is none.
    """
    if path.is_dir():
        if not any((path / name).exists() for name in (SUMS, "datapackage.json")):
            raise UsageError(
                f"{path}: is no release: it has neither {SUMS} nor datapackage.json; "
                "expected a release's folder or zip, or a store"
            )
    elif path.suffix != ".zip":
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                raise UsageError(f"{path}: is no zip, expected a release's folder or zip")


def _unpack(path: Path, folder: Path, visit: _Visit) -> None:
    """Unpack a zip into an empty folder, within the budget."""
    limits = unzip.ZipLimits(bytes=visit.budget.bytes)
    unzip.unpack(path, folder, limits, wanted=visit.wanted)
    visit.budget.spend_bytes(size_of(folder), str(path))


def _fetch_release(url: str, temporary: Path, visit: _Visit) -> OpenedRelease:
    """Fetch a release from the URL of a zip or of a folder."""
    folder = temporary / "release"
    folder.mkdir()
    if (path := download.url_path(url)).endswith(".zip"):
        archive = temporary / PurePosixPath(path).name
        try:
            download.fetch(url, archive, budget=visit.budget)
            _unpack(archive, folder, visit)
        except download.MissingError as error:
            raise UsageError(str(error)) from error
        except FindingsError as error:
            raise FindingsError(replace(each, file=url) for each in error.findings) from error
        if visit.beside:
            _fetch(urljoin(url, SIGNATURE), temporary / SIGNATURE, visit.budget)
        return OpenedRelease(folder, archive, visit.wanted is None)
    _fetch_folder(url, folder, visit)
    return OpenedRelease(folder, is_whole=visit.wanted is None)


def _fetch_folder(url: str, folder: Path, visit: _Visit) -> None:
    """Fetch the folder of a release by its SHA256SUMS."""
    where = download.join_url(url, SUMS)
    target = folder / SUMS
    try:
        download.fetch(where, target, download.MAX_LIST_BYTES, visit.budget)
    except download.MissingError as error:
        if _fetch(download.join_url(url, index.INDEX), target, visit.budget):
            inside = download.join_url(url, "VERSION")
            raise UsageError(f"{url}: is a store, expected a release in it, {inside}") from error
        others = "a zip, of a release's folder, or of a store"
        expected = f"the URL of {others if visit.beside else 'a zip or of a release folder'}"
        raise UsageError(f"{error}; expected {expected}") from error
    _fetch_listed(url, folder, visit)


def _fetch_listed(url: str, folder: Path, visit: _Visit) -> None:
    """Fetch the files that a SHA256SUMS lists, which was fetched before.

    With `beside`, files may be missing: `verify` reports them by name later.
    """
    paths = _listed(folder / SUMS, download.join_url(url, SUMS))
    wanted = visit.wanted
    download.fetch_all(
        url,
        [path for path in paths if path != SUMS and (wanted is None or wanted(path))],
        folder,
        visit.budget,
        lenient=visit.beside,
    )
    if visit.beside:
        for name in (BUILDINFO, STATEMENT, SIGNATURE, _archive(folder)):
            if name:
                _fetch(download.join_url(url, name), folder / name, visit.budget)


def _listed(sums: Path, url: str) -> Iterator[str]:
    """Yield the paths in a SHA256SUMS that was fetched.

    Raises:
        FindingsError: A line is no line of sha256sum, or its path leads out of the release.
    """
    for line in checksums.lines(sums.read_bytes().decode("utf-8", "replace"), " *"):
        if line.problem:
            raise checksums.unusable(f"{line.shown} {line.problem}", url, line.number)
        yield line.path


def _archive(folder: Path) -> str:
    """Return the name of the zip of a release; empty if its manifest cannot be read."""
    manifest, _ = manifest_folder.find(folder)
    if manifest is None or not manifest.name or not manifest.version:
        return ""
    return zip_name(manifest.name, manifest.version)


def _fetch(url: str, target: Path, budget: Budget, most: int = download.MAX_BYTES) -> bool:
    """Fetch a file that may be missing, and return whether it was there."""
    try:
        download.fetch(url, target, most, budget)
    except (download.MissingError, download.ForbiddenError):
        target.unlink(missing_ok=True)
        return False
    return True


def name_by_url(finding: Finding, folder: str, url: str) -> Finding:
    """Return a finding about a fetched file that names its URL instead of the temporary folder.

    In the message STORE stands for the folder, such as in a command to run.
    """
    file = finding.file.replace(f"{folder}/", download.join_url(url, ""))
    return replace(finding, file=file, message=finding.message.replace(folder, "STORE"))


def fetch_store(url: str, folder: Path, budget: Budget | None = None) -> bool:
    """Fetch a store with all its versions from a URL into a folder.

    Files that are missing, or whose paths lead out of their version, are left out; `verify` reports them.

    Returns:
        False if there is no store at the URL.

    Raises:
        FindingsError: Its index cannot be read.
        LimitError: The budget is used up.
    """
    visit = _Visit(budget or Budget(), beside=True)
    if download.url_path(url).endswith(".zip"):
        return False
    where = download.join_url(url, index.INDEX)
    if not _fetch(where, folder / index.INDEX, visit.budget, index.MOST_BYTES):
        return False
    for name in (index.PAGE, index.LATEST):
        _fetch(download.join_url(url, name), folder / name, visit.budget)
    try:
        listed = index.read(folder) or {}
    except FindingsError as error:
        raise FindingsError(
            name_by_url(each, str(folder), url) for each in error.findings
        ) from error
    for version, entry in listed.items():
        where, target = download.join_url(url, version), folder / version
        _fetch_version(where, target, visit)
        if entry.status == "withdrawn":
            name = f"{version}{index.WITHDRAWN}"
            _fetch(download.join_url(url, name), folder / name, visit.budget)
    return True


def _fetch_version(url: str, folder: Path, visit: _Visit) -> None:
    """Fetch a version of a store; what cannot be fetched is left out."""
    where = download.join_url(url, SUMS)
    if not _fetch(where, folder / SUMS, visit.budget, download.MAX_LIST_BYTES):
        return
    try:
        _fetch_listed(url, folder, visit)
    except LimitError:
        raise
    except RefusedError:  # `verify` reports the files by name
        return

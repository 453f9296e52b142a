"""A release, wherever it is, as a folder on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin

from release.errors import RefusedError, UsageError
from release.findings import Finding, FindingsError
from release.package import checksums, unzip
from release.package.checksums import SUMS
from release.package.manifest import folder as manifest_folder
from release.package.provenance import BUILDINFO, SIGNATURE, STATEMENT
from release.package.zip import zip_name
from release.store import contents as stores
from release.store import index
from release.system import download


@dataclass(frozen=True, slots=True)
class Opened:
    """The folder of a release, the zip that it was unpacked from, if any, and if it has all of its files."""

    folder: Path
    archive: Path | None = None
    is_whole: bool = True


@contextmanager
def folder(place: str, store: Path | None = None) -> Iterator[Path]:
    """A release as a folder on this machine.

    `place` is a release's folder or zip, on this machine or behind http(s), or a version in the store,
    `latest` among them. What is unpacked or fetched goes afterwards; a folder of this machine is given as
    it is.

    Raises:
        UsageError: there is nothing at that place.
        RefusedError: what is there cannot be opened, or may do harm.
    """
    with release(place, store) as opened:
        yield opened.folder


@contextmanager
def release(
    place: str,
    store: Path | None = None,
    *,
    beside: bool = False,
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Opened]:
    """Open a release as `folder` does, and give the zip that it was unpacked from.

    With `beside`, the files beside a release are fetched too, its zip among them. Where only the files are
    `wanted` whose paths pass a test, others may be left out.
    """
    if download.is_web(place):
        with tempfile.TemporaryDirectory(prefix="release-opened-") as temporary:
            yield _fetched(place, Path(temporary), beside=beside, wanted=wanted)
        return
    path = found(place, store)
    if path.is_dir():
        yield Opened(path)
        return
    expected(path)
    with tempfile.TemporaryDirectory(prefix="release-opened-") as temporary:
        unzip.unpack(path, Path(temporary), wanted=wanted)
        yield Opened(Path(temporary), path, wanted is None)


def found(place: str, store: Path | None = None) -> Path:
    """The folder or zip that a place names on this machine.

    Raises:
        UsageError: there is none.
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


def expected(path: Path) -> None:
    """Look whether a folder or file may be a release, whole or not.

    Raises:
        UsageError: it has nothing of one.
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


def _fetched(
    url: str, temporary: Path, *, beside: bool, wanted: Callable[[str], bool] | None
) -> Opened:
    """A release behind a URL, which is that of a zip or that of a folder."""
    folder = temporary / "release"
    folder.mkdir()
    if (path := download.url_path(url)).endswith(".zip"):
        archive = temporary / PurePosixPath(path).name
        try:
            download.fetch(url, archive)
            unzip.unpack(archive, folder, wanted=wanted)
        except download.MissingError as error:
            raise UsageError(str(error)) from error
        except FindingsError as error:
            raise FindingsError(replace(each, file=url) for each in error.findings) from error
        if beside:
            _fetch(urljoin(url, SIGNATURE), temporary / SIGNATURE)
        return Opened(folder, archive, wanted is None)
    _fetch_folder(url, folder, beside=beside, wanted=wanted)
    return Opened(folder, is_whole=wanted is None)


def _fetch_folder(
    url: str, folder: Path, *, beside: bool, wanted: Callable[[str], bool] | None
) -> None:
    """Fetch the folder of a release by its SHA256SUMS."""
    where = download.join_url(url, SUMS)
    target = folder / SUMS
    try:
        download.fetch(where, target, download.MAX_LIST_BYTES)
    except download.MissingError as error:
        if _fetch(download.join_url(url, index.INDEX), target):
            inside = download.join_url(url, "VERSION")
            raise UsageError(f"{url}: is a store, expected a release in it, {inside}") from error
        others = "a zip, of a release's folder, or of a store"
        expected = f"the URL of {others if beside else 'a zip or of a release folder'}"
        raise UsageError(f"{error}; expected {expected}") from error
    _fetch_listed(url, folder, beside=beside, wanted=wanted)


def _fetch_listed(
    url: str, folder: Path, *, beside: bool, wanted: Callable[[str], bool] | None = None
) -> None:
    """Fetch the files that a SHA256SUMS lists which was fetched.

    Where what stands beside them is fetched, the release is looked at: what it lacks is told then, by name.
    """
    paths = _listed(folder / SUMS, download.join_url(url, SUMS))
    download.fetch_all(
        url,
        [path for path in paths if path != SUMS and (wanted is None or wanted(path))],
        folder,
        lenient=beside,
    )
    if beside:
        for name in (BUILDINFO, STATEMENT, SIGNATURE, _archive(folder)):
            if name:
                _fetch(download.join_url(url, name), folder / name)


def _listed(sums: Path, url: str) -> Iterator[str]:
    """The paths of a fetched SHA256SUMS that may be asked for.

    Raises:
        FindingsError: a line is none of its kind, or its path leads elsewhere.
    """
    for line in checksums.lines(sums.read_bytes().decode("utf-8", "replace"), " *"):
        if line.problem:
            raise checksums.unusable(f"{line.shown} {line.problem}", url, line.number)
        yield line.path


def _archive(folder: Path) -> str:
    """Return the name of the zip that belongs to a release's folder; an empty text where it is not told."""
    manifest, _ = manifest_folder.find(folder)
    if manifest is None or not manifest.name or not manifest.version:
        return ""
    return zip_name(manifest.name, manifest.version)


def _fetch(url: str, target: Path, most: int = download.MAX_BYTES) -> bool:
    """Fetch a file that may be missing; whether it is there to be read."""
    try:
        download.fetch(url, target, most)
    except (download.MissingError, download.ForbiddenError):
        target.unlink(missing_ok=True)
        return False
    return True


def relocated(finding: Finding, folder: str, url: str) -> Finding:
    """Return the finding about a file that was fetched into a folder as one about its URL.

    A message that names the folder, as a command to run does, names STORE.
    """
    file = finding.file.replace(f"{folder}/", download.join_url(url, ""))
    return replace(finding, file=file, message=finding.message.replace(folder, "STORE"))


def fetched_store(url: str, folder: Path) -> bool:
    """Fetch a store behind a URL, with all its versions; False where there is none.

    What is missing of a version, or cannot be one's, is left out: it is told of that version.

    Raises:
        FindingsError: its index cannot be read.
    """
    if download.url_path(url).endswith(".zip"):
        return False
    if not _fetch(download.join_url(url, index.INDEX), folder / index.INDEX):
        return False
    for name in (index.PAGE, index.LATEST):
        _fetch(download.join_url(url, name), folder / name)
    try:
        listed = index.read(folder) or {}
    except FindingsError as error:
        raise FindingsError(relocated(each, str(folder), url) for each in error.findings) from error
    for version, entry in listed.items():
        where, target = download.join_url(url, version), folder / version
        sums = target / SUMS
        if _fetch(download.join_url(where, SUMS), sums, download.MAX_LIST_BYTES):
            with suppress(RefusedError):
                _fetch_listed(where, target, beside=True)
        if entry.status == "withdrawn":
            name = f"{version}{index.WITHDRAWN}"
            _fetch(download.join_url(url, name), folder / name)
    return True

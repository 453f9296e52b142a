"""The files of a release wherever it is: a folder, a zip, a store, behind http(s), or where fsspec reads."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from release.findings.errors import UsageError
from release.findings.finding import FindingsError
from release.findings.message import shown
from release.package import unzip
from release.package.manifest import folder as manifest_folder
from release.package.manifest.model import NAME, Manifest
from release.store import contents, fetch, index
from release.store.entry import VersionEntry
from release.system import files as system_files
from release.system.folders import size_of
from release.system.foreign import download
from release.system.foreign.budget import Budget

#: The version that is the newest of a store's final ones.
LATEST = "latest"

#: A server answers so where a file is missing; object stores whose lists are not public answer 403.
_ABSENT = (download.MissingError, download.ForbiddenError)


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """The files of one release: in a `folder` or an `archive` on this machine, or else behind a URL.

    `where` is the place as messages name it: a path or a URL.
    """

    where: str
    folder: Path | None = None
    archive: Path | None = None

    @contextmanager
    def bring(self, paths: Collection[str], budget: Budget | None = None) -> Iterator[Path]:
        """Yield a folder of this machine that has these files of the release, for as long as it is used.

        Args:
            paths: The files that are needed.
            budget: What is left of the limits of the command, for what is fetched or unpacked.

        Raises:
            LimitError: They are more than what a command may fetch or unpack.
            UsageError: The place cannot be reached.
            FindingsError: The zip cannot be unpacked, or what is done with the files finds fault with them.
        """
        if self.folder is not None:
            yield self.folder
            return
        with tempfile.TemporaryDirectory(prefix="release-opened-") as temporary:
            folder, budget = Path(temporary), budget or Budget()
            try:
                if self.archive is None:
                    _copy_below(self.where, paths, folder, budget)
                else:
                    limits = unzip.ZipLimits(bytes=budget.bytes)
                    unzip.unpack(self.archive, folder, limits, wanted=set(paths).__contains__)
                    budget.spend_bytes(size_of(folder), self.where)
                yield folder
            except FindingsError as error:
                if self.archive is not None and self.archive.parent == folder:
                    raise
                raise self._rename(error, folder) from error

    def _rename(self, error: FindingsError, folder: Path) -> FindingsError:
        """Return findings about files in a temporary folder, or in a fetched zip, by where they are from."""
        place = f"{self.where.rstrip('/')}/"
        found = []
        for each in error.findings:
            file = each.file.replace(f"{folder}/", place)
            is_archive = self.archive is not None and file == str(self.archive)
            found.append(replace(each, file=self.where if is_archive else file))
        return FindingsError(found)


@contextmanager
def opened(source: str, version: str, budget: Budget) -> Iterator[tuple[Path, Manifest]]:
    """Yield the manifest of a release, and a folder of this machine that has it and the tables as Parquet.

    Args:
        source: As for `find`.
        version: As for `find`.
        budget: What is left of the limits of the command.

    Raises:
        LimitError: The budget is used up.
        UsageError: There is no release, or no such version; or what reads the address is not installed.
        FindingsError: The release cannot be trusted.
    """
    with tempfile.TemporaryDirectory(prefix="release-opened-") as temporary:
        found = find(source, version, Path(temporary), budget)
        manifest = read_manifest(found, version, budget)
        paths = [path for each in manifest.parquet.values() for path in each.paths]
        with found.bring([NAME, *paths], budget) as folder:
            yield folder, manifest


def read_manifest(found: ReleaseFiles, version: str, budget: Budget | None = None) -> Manifest:
    """Read the manifest of a release, which has the version that is asked for.

    Raises:
        UsageError: It has another version.
        FindingsError: The manifest cannot be trusted.
    """
    with found.bring([NAME], budget) as folder:
        manifest = manifest_folder.read(folder, is_whole=found.folder is not None)
    if version not in (LATEST, manifest.version):
        has = manifest.version or "unknown"
        raise UsageError(f"{found.where}: is version {has}, expected {version}")
    return manifest


def find(source: str, version: str, temporary: Path, budget: Budget | None = None) -> ReleaseFiles:
    """Return the files of the release at a place: the one that is there, or one of the versions of a store.

    Args:
        source: The folder or zip of a release, or a store: on this machine, behind http(s), or at an address
            that fsspec reads, such as s3://bucket/folder.
        version: The version of a store, which may be `latest`.
        temporary: An empty folder: a zip behind a URL is fetched into it.
        budget: What is left of the limits of the command, for what is fetched.

    Raises:
        LimitError: What is there is more than what a command may fetch.
        UsageError: There is no release, or no such version; or what reads the address is not installed.
        FindingsError: The index of a store cannot be read.
    """
    if source.startswith("file://"):
        source = system_files.make_absolute(source)
    if system_files.is_url(source):
        return _find_behind_url(source, version, temporary, budget or Budget())
    path = fetch.find_release(source)
    if path.is_file():
        fetch.check_release(path)
        return ReleaseFiles(source, archive=path)
    if index.is_store(path) and not (path / NAME).exists():
        held = {each.version: each for each in contents.versions(path)}
        path = path / _choose(source, held, version, contents.none_final(path))
    return ReleaseFiles(str(path), folder=path)


def _find_behind_url(source: str, version: str, temporary: Path, budget: Budget) -> ReleaseFiles:
    """Return the files of a release behind a URL: of a zip, a folder or a store."""
    if "::" in source:
        raise UsageError(f"{source}: URLs in URLs are not supported, expected one with one ://")
    if download.url_path(source).endswith(".zip"):
        archive = temporary / "release.zip"
        try:
            _copy(source, archive, budget)
        except download.MissingError as error:
            raise UsageError(str(error)) from error
        return ReleaseFiles(source, archive=archive)
    try:
        _copy(_join(source, NAME), temporary / NAME, budget)
    except _ABSENT:
        try:
            _copy(_join(source, index.INDEX), temporary / index.INDEX, budget)
        except _ABSENT as error:
            expected = "expected the URL of a zip, of a release's folder, or of a store"
            message = f"{source}: has neither {NAME} nor {index.INDEX}; {expected}"
            raise UsageError(message) from error
        source = _join(source, _choose_behind_url(source, version, temporary))
    return ReleaseFiles(source)


def _choose_behind_url(source: str, version: str, temporary: Path) -> str:
    """Return the version of a store whose index was fetched into a folder."""
    try:
        held = index.read(temporary) or {}
    except FindingsError as error:
        named = [fetch.name_by_url(each, str(temporary), source) for each in error.findings]
        raise FindingsError(named) from error
    return _choose(source, held, version, f"{source} has no final version that is not withdrawn")


def _choose(source: str, held: Mapping[str, VersionEntry], version: str, none: str) -> str:
    """Return the version of a store that is asked for; say so if it was withdrawn.

    Raises:
        UsageError: The store has no such version.
    """
    if version == LATEST:
        newest = index.latest(held.values())
        if newest is None:
            raise UsageError(f"{source}: {none}, expected a release")
        return newest.version
    entry = held.get(version)
    if entry is None:
        there = f"it has {', '.join(held)}" if held else "it has none"
        raise UsageError(f"{source}: has no version {shown(version)}; {there}")
    if entry.status == "withdrawn":
        reason = f": {entry.reason}" if entry.reason else ""
        warnings.warn(f"{source}: version {version} was withdrawn{reason}", stacklevel=2)
    return version


def _join(url: str, path: str) -> str:
    """Return the URL of a file below the URL of a folder."""
    return download.join_url(url, path) if download.is_web(url) else f"{url.rstrip('/')}/{path}"


def _copy(url: str, target: Path, budget: Budget) -> None:
    """Copy one file from behind a URL."""
    if download.is_web(url):
        download.fetch(url, target, budget=budget)
    else:
        _write([system_files.Url(url)], [target], budget)


def _copy_below(url: str, paths: Collection[str], folder: Path, budget: Budget) -> None:
    """Copy files below the URL of a folder into a folder, many at a time."""
    if download.is_web(url):
        download.fetch_all(url, paths, folder, budget)
    else:
        urls = [system_files.Url(_join(url, path)) for path in paths]
        _write(urls, [folder / path for path in paths], budget)


def _write(urls: Sequence[system_files.Url], targets: Sequence[Path], budget: Budget) -> None:
    """Write the files behind URLs that fsspec reads to files of this machine.

    Raises:
        MissingError: A file is missing, or may not be read.
        LimitError: They have more bytes than a command may fetch.
    """
    answers = system_files.read_urls(urls)
    for (url, answer), target in zip(answers, targets, strict=True):
        if isinstance(answer, OSError):
            raise download.MissingError(f"{url}: is missing or may not be read, expected a file")
        budget.spend_bytes(len(answer), str(url))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(answer)

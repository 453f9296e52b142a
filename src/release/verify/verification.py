"""Hold a release, or a store of them, against its own claims, step by step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from release.errors import NO_ROOM, RefusedError, UsageError
from release.findings import printable
from release.limits import LIMITS, Limits
from release.package.checksums import SUMS
from release.package.provenance import SIGNATURE
from release.store import check as stores
from release.store import fetch, index
from release.system import download
from release.verify import integrity, signature, validity
from release.verify.report import Fault, Step, done, not_done
from release.verify.signature import Signers
from release.verify.validity import Asked

#: Told what is being done.
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What to look at; `workers` is how many processes a rebuild reads records with."""

    asked: Asked = field(default_factory=Asked)
    rebuild: bool = False
    workers: int = 1
    signers: Signers = field(default_factory=Signers)
    progress: Progress = lambda _: None
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of one release, or of the index of a store."""

    place: str
    version: str
    steps: Sequence[Step]

    @property
    def verified(self) -> bool:
        """Whether no step failed."""
        return all(step.status != "failed" for step in self.steps)


def verify(place: str, options: Options = Options()) -> list[Report]:
    """Verify what is at a place: a release's folder or zip, or a store, on this machine or behind http(s).

    Raises:
        UsageError: there is nothing at that place, or no room here to look at it, or an argument cannot be
            used.
    """
    signature.usable(options.signers)
    with _store(place, options) as store:
        if store is None:
            if not download.is_web(place):
                fetch.expected(fetch.found(place))
            return [_release(place, place, options)]
        if options.signers.signature is not None:
            raise UsageError(
                f"--signature is that of one release, and {place} is a store: name one of its versions"
            )
        folders = index.folders(store)
        named = {version: f"{place.rstrip('/')}/{version}" for version in folders}
        reports = [_release(named[v], str(folder), options) for v, folder in folders.items()]
        faults = [_of_store(store, line, place) for line in stores.faults(store)]
        step = done("index", faults, [] if folders else ["the store holds no version"])
        return [*reports, Report(place, "", [step])]


def _release(place: str, where: str, options: Options) -> Report:
    """Verify one release; `place` is what it is called, `where` where it is read."""
    options.progress(f"opening {place}")
    try:
        with fetch.release(where, beside=True) as release:
            return _steps(place, release, options)
    except RefusedError as error:
        lines = [line.removeprefix(f"{where}: ") for line in str(error).splitlines()]
        faults = [Fault(place, line) for line in lines]
        return Report(place, "", [done("integrity", faults), *_nothing_more()])
    except OSError as error:
        if error.errno in NO_ROOM:
            told = f"{error.filename or tempfile.gettempdir()}: {os.strerror(error.errno)}"
            raise UsageError(f"{place}: cannot be verified here: {told}") from error
        file = str(error.filename or place).removeprefix(f"{where}/")
        fault = Fault(file, f"cannot be read: {error.strerror or error}")
        return Report(place, "", [done("integrity", [fault]), *_nothing_more()])


def _nothing_more() -> list[Step]:
    reason = "the release cannot be opened"
    return [not_done(name, reason) for name in ("validity", "equality", "rebuild", "signature")]


def _steps(place: str, release: fetch.Opened, options: Options) -> Report:
    folder = release.folder
    options.progress(f"{place}: integrity")
    first, looked = integrity.step(folder, release.archive, options.limits)
    options.progress(f"{place}: validity and equality")
    asked = options.asked if first.status == "passed" else Asked(referee=False)
    steps = [first, *validity.steps(looked.inventory, looked.package, asked, options.limits)]
    if options.rebuild:
        from release.verify import rebuild

        options.progress(f"{place}: rebuild")
        steps.append(rebuild.step(looked, options.workers, options.limits))
    else:
        steps.append(not_done("rebuild", "--rebuild makes the release again from its source/"))
    steps.append(signature.step(folder, _signers(release, options.signers)))
    version = (looked.package or {}).get("version")
    if version == folder.resolve().name and (listed := _listed(folder, looked)) is not None:
        steps.append(listed)
    return Report(place, version if isinstance(version, str) else "", steps)


def _signers(release: fetch.Opened, signers: Signers) -> Signers:
    """Where the signature of a zip stands: beside it."""
    if signers.signature is not None or release.archive is None:
        return signers
    beside = release.archive.with_name(SIGNATURE)
    return Signers(signers.allowed, signers.identity, beside if beside.is_file() else None)


def _listed(folder: Path, looked: integrity.Looked) -> Step | None:
    """The step index for one version of a store, by what the index says of it."""
    store = folder.resolve().parent
    try:
        listed = index.read(store)
    except RefusedError as error:
        told = str(error).removeprefix(f"{store / index.INDEX}: ")
        return done("index", [Fault(index.INDEX, told)])
    if listed is None:
        return None
    version = folder.resolve().name
    if version not in listed:
        return done("index", [Fault(index.INDEX, f"does not list {printable(version)}")])
    entry = listed[version]
    archive = entry.archive.path.removeprefix(f"{version}/")
    faults = [
        Fault(
            path,
            f"has the hash 'sha256:{looked.digests.get(path, '')}', {index.INDEX} says '{wanted}'",
        )
        for path, wanted in ((SUMS, entry.checksums.hash), (archive, entry.archive.hash))
        if f"sha256:{looked.digests.get(path, '')}" != wanted
    ]
    notes = [f"it was withdrawn: {printable(entry.reason)}"] if entry.reason else []
    return done("index", faults, notes)


def _of_store(store: Path, line: str, place: str) -> Fault:
    """What is wrong with a store's index, by the file that it begins with."""
    file, _, message = line.removeprefix(f"{store}/").partition(": ")
    if download.is_web(place):  # where it was fetched to is of no use to anyone
        message = message.replace(str(store), "STORE")
    return Fault(file, message or line)


def _is_store(path: Path) -> bool:
    """Whether a folder has versions, or an index, and is no release."""
    try:
        if not path.is_dir() or (path / SUMS).exists():
            return False
        return bool(index.folders(path)) or (path / index.INDEX).exists()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


@contextmanager
def _store(place: str, options: Options) -> Iterator[Path | None]:
    """The store at a place as a folder; None where a release is there."""
    if not download.is_web(place):
        yield Path(place) if _is_store(Path(place)) else None
        return
    with tempfile.TemporaryDirectory(prefix="release-store-") as temporary:
        options.progress(f"looking at {place}")
        store = Path(temporary)
        yield store if fetch.fetched_store(place, store) else None

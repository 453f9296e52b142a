"""Verify a release, or a store of them: hold it against its own claims, step by step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from release.findings.errors import NO_ROOM, RefusedError, UsageError
from release.findings.finding import Finding, FindingsError
from release.findings.message import printable
from release.package.checksums import SUMS
from release.package.provenance import SIGNATURE
from release.store import check, fetch, index
from release.system.foreign import download
from release.system.foreign.budget import Budget
from release.system.limits import LIMITS, Limits
from release.verify import integrity, signature, validity
from release.verify.report import ReleaseReport, Report, StepReport, done, not_done
from release.verify.signature import Signers
from release.verify.validity import Referee

#: The steps of a release behind the first.
_OTHERS = ("validity", "equality", "parquet", "rebuild", "signature")

#: Why nothing else is looked at where line ends were rewritten.
_REWRITTEN = "line ends were rewritten, so that the files are not those that were released"


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """The options of a verification.

    `referee` says which rows frictionless judges, `rebuild` if the release is built again from its source/,
    with that many `workers`, and `signers` whose signature is required. `progress` is called with the name
    of each step when it begins. `budget` is what is left of the limits, if other work has a part of them.
    `on_result` is called with the place and each step of a release, and with the report of each.
    """

    referee: Referee = "sample"
    rebuild: bool = False
    workers: int = 1
    signers: Signers = field(default_factory=Signers)
    progress: Callable[[str], None] = lambda _: None
    limits: Limits = LIMITS
    budget: Budget | None = None
    on_result: Callable[[str, StepReport | ReleaseReport], None] = lambda *_: None


def verify(place: str | Path, options: VerifyOptions = VerifyOptions()) -> Report:
    """Verify what is at a place: a release's folder or zip, or a store, on this machine or behind http(s).

    Raises:
        UsageError: there is nothing at that place, or no room here to look at it, or an argument cannot be
            used.
    """
    signature.check_files(options.signers)
    how = replace(options, budget=options.budget or Budget(options.limits))
    found = []
    for release in _verify(str(place), how):
        how.on_result(release.place, release)
        found.append(release)
    return Report(tuple(found))


def _verify(place: str, options: VerifyOptions) -> Iterator[ReleaseReport]:
    try:
        with _store(place, options) as store:
            if store is not None:
                yield from _verify_store(place, store, options)
                return
    except FindingsError as error:  # the index behind a URL, which alone names the versions
        yield ReleaseReport(place, "", (done("index", error.findings),))
        return
    if not download.is_web(place):
        fetch.check_release(fetch.find_release(place))
    yield _verify_release(place, place, options)


def _verify_store(place: str, store: Path, options: VerifyOptions) -> Iterator[ReleaseReport]:
    if options.signers.signature is not None:
        raise UsageError(
            f"--signature is that of one release, and {place} is a store: name one of its versions"
        )
    folders = index.folders(store)
    is_rewritten = False
    for version, folder in folders.items():
        report = _verify_release(f"{place.rstrip('/')}/{version}", str(folder), options)
        is_rewritten |= any(_REWRITTEN in step.notes for step in report.steps)
        yield report
    if is_rewritten:
        yield ReleaseReport(place, "", (not_done("index", _REWRITTEN),))
        return
    findings = check.check_index(store)
    if download.is_web(place):
        findings = [fetch.name_by_url(each, str(store), place) for each in findings]
    notes = [] if folders else ["the store holds no version"]
    yield ReleaseReport(place, "", (done("index", findings, notes),))


def _verify_release(place: str, where: str, options: VerifyOptions) -> ReleaseReport:
    """Verify one release; `place` is its name for people, `where` the path or URL that is read."""
    options.progress(f"opening {place}")
    try:
        with fetch.release(where, beside=True, budget=options.budget) as release:
            steps, version = _steps(place, release, options)
    except FindingsError as error:
        steps, version = _unopened(error.findings), ""
    except RefusedError as error:
        lines = [line.removeprefix(f"{where}: ") for line in str(error).splitlines()]
        steps, version = _unopened(Finding("download", place, line) for line in lines), ""
    except OSError as error:
        if error.errno in NO_ROOM:
            reason = f"{error.filename or tempfile.gettempdir()}: {os.strerror(error.errno)}"
            raise UsageError(f"{place}: cannot be verified here: {reason}") from error
        file = str(error.filename or place).removeprefix(f"{where}/")
        message = f"cannot be read: {error.strerror or error}"
        steps, version = _unopened([Finding("file-unreadable", file, message)]), ""
    return ReleaseReport(place, version, tuple(_with_files(step, place) for step in steps))


def _unopened(findings: Iterable[Finding]) -> list[StepReport]:
    """Return the steps of a release that cannot be opened."""
    reason = "the release cannot be opened"
    return [done("integrity", tuple(findings)), *(not_done(name, reason) for name in _OTHERS)]


def _with_files(step: StepReport, place: str) -> StepReport:
    """Return a step whose findings name the file that was read: one in a folder, or the zip itself."""
    is_zip = place.endswith(".zip")

    def file_of(path: str) -> str:
        return place if is_zip or path == place else f"{place.rstrip('/')}/{path}"

    findings = tuple(
        each
        if each.file or Path(each.path).is_absolute()
        else replace(each, file=file_of(each.path))
        for each in step.findings
    )
    return replace(step, findings=findings)


def _steps(
    place: str, release: fetch.OpenedRelease, options: VerifyOptions
) -> tuple[list[StepReport], str]:
    """Run the steps on a release that was opened; also return its version, if it names one."""
    folder = release.folder
    options.progress(f"{place}: integrity")
    first, contents = integrity.step(folder, release.archive, options.limits)
    options.on_result(place, first)
    version = contents.manifest.version if contents.manifest else ""
    if contents.inventory.rewritten:
        return [first, *(not_done(name, _REWRITTEN) for name in _OTHERS)], version
    options.progress(f"{place}: validity and equality")
    referee = options.referee if first.status == "passed" else "none"
    steps = [first, *validity.steps(contents, referee, options.limits)]
    for each in steps[1:]:
        options.on_result(place, each)
    if options.rebuild:
        from release.verify import rebuild

        options.progress(f"{place}: rebuild")
        steps.append(rebuild.step(contents, options.workers, options.limits))
    else:
        steps.append(not_done("rebuild", "--rebuild makes the release again from its source/"))
    steps.append(signature.step(folder, _signers(release, options.signers)))
    if version == folder.resolve().name and (listed := _check_entry(folder, contents)) is not None:
        steps.append(listed)
    return steps, version


def _signers(release: fetch.OpenedRelease, signers: Signers) -> Signers:
    """Return the signers; of a zip with the signature that stands beside it."""
    if signers.signature is not None or release.archive is None:
        return signers
    beside = release.archive.with_name(SIGNATURE)
    return Signers(signers.allowed, signers.identity, beside if beside.is_file() else None)


def _check_entry(folder: Path, contents: integrity.Contents) -> StepReport | None:
    """Return the step index for one version of a store; None if no index stands beside its folder."""
    store = folder.resolve().parent
    try:
        listed = index.read(store)
    except FindingsError as error:
        return done("index", error.findings)
    if listed is None:
        return None
    version = folder.resolve().name
    if version not in listed:
        message = f"does not list {printable(version)}"
        return done("index", [index.finding("index-unlisted", store, index.INDEX, message)])
    entry = listed[version]
    archive = entry.archive.path.removeprefix(f"{version}/")
    findings = [
        Finding(
            "index-entry",
            path,
            f"has the hash 'sha256:{contents.digests.get(path, '')}', {index.INDEX} says '{wanted}'",
        )
        for path, wanted in ((SUMS, entry.checksums.hash), (archive, entry.archive.hash))
        if f"sha256:{contents.digests.get(path, '')}" != wanted
    ]
    notes = [f"it was withdrawn: {printable(entry.reason)}"] if entry.reason else []
    return done("index", findings, notes)


def _is_store(path: Path) -> bool:
    """Return True if a folder has versions or an index, and is no release."""
    try:
        if not path.is_dir() or (path / SUMS).exists():
            return False
        return bool(index.folders(path)) or (path / index.INDEX).exists()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


@contextmanager
def _store(place: str, options: VerifyOptions) -> Iterator[Path | None]:
    """Yield the store at a place as a folder; None if there is no store.

    Raises:
        FindingsError: the index behind a URL cannot be read.
    """
    if not download.is_web(place):
        yield Path(place) if _is_store(Path(place)) else None
        return
    with tempfile.TemporaryDirectory(prefix="release-store-") as temporary:
        options.progress(f"looking at {place}")
        store = Path(temporary)
        yield store if fetch.fetch_store(place, store, options.budget) else None

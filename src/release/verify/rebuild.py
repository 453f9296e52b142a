"""Build a release again from its own source/, and compare the files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from release.build import pipeline
from release.descriptor.model import Descriptor
from release.diff import changelog, changelog_check
from release.diff.views import json as json_view
from release.findings.errors import NO_ROOM, QueryError, RefusedError, ReleaseError, UsageError
from release.findings.finding import Finding
from release.findings.message import printable
from release.package import datapackage, provenance, write
from release.package.checksums import SUMS, sha256_of
from release.package.manifest.model import NAME
from release.system.filenames import path_problem
from release.system.limits import LIMITS, Limits
from release.verify import descriptor, toolchain
from release.verify.integrity import Contents
from release.verify.report import StepReport, done, not_done, not_possible
from release.verify.toolchain import Differences

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    """A release that was built again, and the contents of the original.

    Attributes:
        folder: The folder with the files that were built.
        digests: Their SHA-256 by path.
        first: The contents of the original.
        others: The parts of the toolchain that differ, each there and here; None if the original does not
            name its toolchain.
        of_findings: The paths of tables of findings.
    """

    folder: Path
    digests: Mapping[str, str]
    first: Contents
    others: Differences
    of_findings: frozenset[str]

    def is_same(self, path: str) -> bool:
        return self.digests.get(path) == self.first.digests.get(path)


def step(contents: Contents, workers: int = 1, limits: Limits = LIMITS) -> StepReport:
    """Run the step rebuild: build the release again from source/ in a temporary folder.

    Raises:
        OSError: There is no room for it.
    """
    folder = contents.inventory.folder
    others = toolchain.compare(contents.info)
    source, findings = descriptor.source(folder)
    if source is None or contents.manifest is None:
        return (
            toolchain.refuse("rebuild", findings, others)
            if findings
            else not_done("rebuild", "nothing tells what to build")
        )
    with tempfile.TemporaryDirectory(prefix="release-rebuilt-") as temporary:
        target = Path(temporary) / "release"
        target.mkdir()
        try:
            options = pipeline.Options(workers=workers, limits=limits, is_rebuild=True)
            findings = _make(source, folder, target, options)
        except (ReleaseError, OSError) as error:
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                raise
            return _stop(error, folder, others)
        if findings:
            return toolchain.refuse("rebuild", findings, others)
        digests = {path: sha256_of(target / path) for path in write.files(target)}
        return _compare(_Rebuilt(target, digests, contents, others, _findings_files(source)))


def _stop(error: ReleaseError | OSError, folder: Path, others: Differences) -> StepReport:
    """Return the report of a build that an error stopped."""
    reason = str(error).replace(f"{folder}/", "").replace(str(folder), ".")
    finding = Finding("rebuild-failed", datapackage.SOURCE, f"cannot be built: {reason}")
    if isinstance(error, QueryError):
        return toolchain.refuse("rebuild", [finding], others, toolchain.OF_QUERIES)
    if isinstance(error, (UsageError, RefusedError, OSError)):
        return toolchain.refuse("rebuild", [finding], others)
    return not_possible("rebuild", [finding], "this machine stopped the build, not the release")


def _findings_files(source: Descriptor) -> frozenset[str]:
    """Return the paths of tables of findings, which other rules or another DuckDB may fill otherwise."""
    return frozenset(each.path for each in source.resources if each.is_findings)


def _make(
    source: Descriptor, folder: Path, target: Path, options: pipeline.Options
) -> list[Finding]:
    """Build a release into a folder; return the errors of its records, in which case nothing is built."""
    outcome = pipeline.check(source, options)
    if outcome.errors:
        return [
            replace(each, path=f"source/{each.path}", file="")
            for each in outcome.findings
            if each.severity == "error"
        ]
    content = outcome.content
    with write.copying(content, target, options.workers) as copied:
        tables = write.write_tables(content, target)
        for name in changelog.NAMES:  # source/ does not hold the version before; see _history
            if (folder / name).is_file():
                shutil.copyfile(folder / name, target / name)
        write.write_rest(content, target, write.Written(tables, copied()), {})
    return []


def _compare(made: _Rebuilt) -> StepReport:
    """Compare the files: a difference is an error, or only a note if it may come from another toolchain."""
    deciding = toolchain.select(made.others, ("release", "duckdb"))
    excused = made.of_findings if deciding else frozenset()
    canonical = list(_compare_canonical(made))
    aside = [each for each in canonical if each.path in excused]
    findings = [each for each in canonical if each.path not in excused]
    findings += _compare_manifest(made, frozenset(each.path for each in aside))
    notes = (
        []
        if canonical or findings
        else ["proven: CSV, descriptor and source are what source/ makes, byte for byte"]
    )
    different = list(_find_others(made))
    if different and made.others:
        others = toolchain.describe(made.others)
        notes.append(f"not proven: {_listed(different)}; built with {others}")
    elif different and made.others is None:
        why = "there is no buildinfo.json that says with what they were built"
        notes.append(f"not proven: {_listed(different)}; {why}")
    elif different:
        message = "is not what source/ makes with the same toolchain"
        findings += [Finding("rebuild-differs", path, message) for path in different]
    else:
        notes.append("proven: Parquet, the archive and every other file too")
    if changelog.SUMMARY in made.digests:
        about_history, note = _history(made)
        findings += about_history
        notes.append(note)
    if aside and not findings:
        note = f"this toolchain finds other faults; built with {toolchain.describe(deciding)}"
        return not_possible("rebuild", aside, note, *notes)
    return done("rebuild", [*aside, *findings], notes)


def _history(made: _Rebuilt) -> tuple[list[Finding], str]:
    """Check the history in a release; build it again if the version before is known and beside it.

    Its page is compared if it is there and made by this toolchain: another one may write it otherwise.
    """
    folder = made.first.inventory.folder
    held = changelog.names_in(folder, with_page=made.others == {})
    names = ", ".join(held)
    known = changelog.version_before(folder)
    before = folder.resolve().parent / known if known and not path_problem(known) else None
    try:
        if known is None or (before is not None and (before / SUMS).is_file()):
            lines = changelog.recomputed(folder, before, held)
            what = f"{known} being the one before" if known else "this being the first release"
            note = f"{'not ' if lines else ''}proven: {names}, {printable(what)}"
        else:
            lines = changelog_check.faults(folder)
            where = f"{printable(known)}, which is not beside this release"
            compared = "what they say of these tables was compared"
            note = f"not proven: {names} speak of {where}; {compared}"
    except ReleaseError as error:
        reason = str(error).replace(f"{folder}/", "").replace(f"{folder}: ", "the release ")
        lines, note = [f"{changelog.SUMMARY}: cannot be compared: {reason}"], f"not proven: {names}"
    pairs = [line.partition(": ") for line in lines]
    return [Finding("history", file, printable(message)) for file, _, message in pairs], note


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 6} more files" if len(paths) > 6 else ""
    return ", ".join(printable(path) for path in paths[:6]) + more


def _is_canonical(path: str) -> bool:
    """Return whether a file is the same with any toolchain: the CSV of a table, or a part of the source."""
    return path.endswith(".csv") or path.startswith("source/")


def _compare_canonical(made: _Rebuilt) -> Iterator[Finding]:
    """Yield the CSV files and parts of the source that differ."""
    there = made.first.digests
    for path in sorted({*made.digests, *there}):
        if not _is_canonical(path) or made.is_same(path):
            continue
        if path not in there:
            yield Finding("rebuild-differs", path, "is missing, source/ makes it")
        elif path not in made.digests:
            yield Finding("rebuild-differs", path, "is extra: source/ does not make it")
        else:
            folder = made.first.inventory.folder
            line, one, other = _first_line(folder / path, made.folder / path)
            message = f"is {one}, source/ makes {other}"
            yield Finding("rebuild-differs", path, message, line, 1)


def _first_line(found: Path, made: Path) -> tuple[int, str, str]:
    """Return the number of the first line in which two files differ, and that line in each."""
    with found.open("rb") as one, made.open("rb") as other:
        number = 0
        while True:
            number += 1
            first, second = one.readline(_BLOCK), other.readline(_BLOCK)
            if first != second or not first:
                return number, _show_line(first), _show_line(second)


def _show_line(line: bytes) -> str:
    if line in (b"", b"\n"):
        return "an empty line" if line else "nothing"
    text = printable(line.decode("utf-8", "replace").removesuffix("\n"))
    end = "" if line.endswith(b"\n") or len(line) == _BLOCK else " without a line end"
    return (text if len(text) <= 200 else text[:199] + "…") + end


def _compare_manifest(made: _Rebuilt, aside: Container[str]) -> list[Finding]:
    """Find where the rebuilt datapackage.json differs, sizes and hashes of Parquet and some files aside."""
    if made.is_same(NAME):
        return []
    value, findings = descriptor.read_json(made.folder, NAME)
    assert value is not None, findings
    found = made.first.manifest.properties if made.first.manifest else {}
    pairs = descriptor.differences(_plain(found, aside), _plain(value, aside))
    said = [
        _differs(f"{place} {message}".replace(datapackage.SOURCE, "source/"))
        for place, message in pairs
    ]
    if not said and _written(value, found, aside) != _text(made.first):
        said = [_differs("is not written as release writes it")]
    return said[:50]


def _differs(message: str) -> Finding:
    return Finding("rebuild-differs", NAME, message)


def _text(first: Contents) -> bytes:
    return (first.inventory.folder / NAME).read_bytes()


def _written(value: Mapping[str, Any], found: Mapping[str, Any], aside: Container[str]) -> bytes:
    """Write a published descriptor with those bytes and hashes from another one that may differ."""
    resources = [
        {
            key: other[key] if key in ("bytes", "hash") and key in other else each[key]
            for key in each
        }
        if _may_differ(each, aside)
        else each
        for each, other in zip(value["resources"], found["resources"], strict=True)
    ]
    return json_view.dumped({**value, "resources": resources}).encode()


def _may_differ(resource: Mapping[str, Any], aside: Container[str]) -> bool:
    """Return whether a resource's bytes and hash depend on the toolchain: Parquet, and some other files."""
    return resource.get("format") == "apache-parquet" or resource.get("path") in aside


def _plain(described: Mapping[str, Any], aside: Container[str]) -> dict[str, Any]:
    """Return a published descriptor without the bytes and hashes that may differ."""
    found = described.get("resources")
    if not isinstance(found, list):
        return dict(described)
    resources = [
        {key: value for key, value in each.items() if key not in ("bytes", "hash")}
        if isinstance(each, dict) and _may_differ(each, aside)
        else each
        for each in found
    ]
    return {**described, "resources": resources}


def _find_others(made: _Rebuilt) -> Iterator[str]:
    """Yield the other files that differ; first those that do not depend on others."""
    there = made.first.digests
    aside = {provenance.BUILDINFO, provenance.STATEMENT, provenance.SIGNATURE}
    archive = {path for path in made.digests if path.endswith(".zip")}
    if not any(path in there for path in archive):
        aside |= archive  # the files alone
    paths = {*made.digests, *there} - aside
    last = (NAME, SUMS, *archive)
    for path in sorted(paths, key=lambda each: (each in last, each)):
        if not _is_canonical(path) and not made.is_same(path):
            yield path

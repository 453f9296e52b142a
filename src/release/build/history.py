"""A release and the one before it in a store: what it carries of that, and the version it may have."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from release import versions
from release.diff import changelog, changelog_check, comparison
from release.diff import release as diff_release
from release.diff.difference import Difference
from release.diff.release import Release
from release.errors import RefusedError, UsageError
from release.package.manifest.model import Manifest
from release.package.write import Content
from release.store import contents, index
from release.versions import Level


def of_content(content: Content, manifest: Manifest, folder: Path) -> Release:
    """Return a release in the making: its tables are in a folder, its source is not yet."""
    text = content.descriptor.text
    return diff_release.in_the_making(folder, manifest, text, content.digests)


def before(folder: Path, version: str) -> Path | None:
    """The release in a store that one of this version follows: the greatest final one that is smaller.

    Where this version is there already, it is the one that it says itself, so that the same content stays
    the same whatever the store has been given, or has lost, meanwhile.

    Raises:
        RefusedError: the store's index cannot be read.
    """
    if _is_there(folder / version):
        known = changelog.version_before(folder / version)
    else:
        known = contents.before(folder, version)
    return None if known is None else folder / known


def _is_there(release: Path) -> bool:
    """Return whether a folder of a store is a final version that carries its history."""
    return not versions.is_draft(release.name) and (release / changelog_check.SUMMARY).is_file()


@dataclass(frozen=True, slots=True)
class Step:
    """From which version a release was stepped, the level of the difference, and what it calls for."""

    version: str
    level: Level
    next: str


def record(content: Content, manifest: Manifest, place: Path, folder: Path) -> Step | None:
    """Write what a release carries of its history; None where no version was before it.

    The release is in the making at a place, as `of_content`.

    Raises:
        RefusedError: its version is too small for what differs from the one before, or that is gone.
    """
    version = content.descriptor.version
    previous = before(folder, version)
    if previous is None:
        rows = {name: table.num_rows for name, table in content.tables.items()}
        changelog.write_first(place, diff_release.in_the_making(place, manifest, "", {}), rows)
        return None
    if not previous.is_dir() and _is_there(folder / version):
        for name in changelog.NAMES:  # as this version has them: they cannot be made again here
            shutil.copyfile(folder / version / name, place / name)
        return None
    release = of_content(content, manifest, place)
    if not previous.is_dir():
        raise RefusedError(
            f"{previous}: is not there, expected the version before {release.version}"
        )
    others = contents.taken(folder)
    others.pop(release.version, None)
    old = _read(previous, folder)
    with comparison.compare(old, release, taken=others, limits=content.limits) as difference:
        if not difference.suffices:
            raise RefusedError(_too_small(difference, folder))
        step = Step(difference.old.version, difference.level, difference.next_version)
        # what a release carries is no matter of what else a store holds
        changelog.write(place, replace(difference, taken={}))
        return step


def _read(previous: Path, folder: Path) -> Release:
    """The version before a release.

    Raises:
        RefusedError: it is damaged.
    """
    try:
        return diff_release.read(previous)
    except (UsageError, RefusedError) as error:
        raise RefusedError(
            f"{error}; the version before is damaged: `release verify {folder}` says what is wrong with "
            "it, put it back from a copy"
        ) from error


def _too_small(difference: Difference, folder: Path) -> str:
    why = "".join(f"\n  {text}" for text in difference.most_telling())
    where = "" if folder == Path("dist") else f" --store {shlex.quote(str(folder))}"
    old = difference.old.version
    return (
        f"{difference.new.version} is too small: the difference to {old} is "
        f"{difference.level}, which calls for {difference.next_version}{_skipped(difference)}:{why}\n"
        f"{_what_to_do(difference, folder, where)} `release diff {old}{where}` shows the whole difference"
    )


def _what_to_do(difference: Difference, folder: Path, where: str) -> str:
    """Advise how to come to a version that would be accepted.

    On an older line `release bump` does not help.
    """
    old, following = difference.old.version, difference.next_version
    if contents.latest(folder) == old:
        return f"`release bump{where}` writes {following} into the descriptor,"
    before_it = contents.before(folder, following)
    if before_it is None or versions.key(before_it) <= versions.key(old):
        return f"write {following} into the descriptor;"
    found = _fitting(difference.new, folder, before_it)
    if found is None:
        return f"{before_it} has this content: there is nothing to build;"
    version, reason = found
    return f"{before_it} stands between: write {version} into the descriptor, for {reason};"


def _skipped(difference: Difference) -> str:
    """Explain in brackets why smaller versions are not advised; empty if there are none."""
    return f" ({'; '.join(difference.skipped)})" if difference.skipped else ""


@contextmanager
def advised(content: Content, manifest: Manifest, place: Path, folder: Path) -> Iterator[None]:
    """Say with a refusal which version a release should have, where another one has its version.

    The release is in the making at a place, as `of_content`.

    Raises:
        RefusedError: what was refused.
    """
    try:
        yield
    except RefusedError as error:
        try:
            advice = _advice(of_content(content, manifest, place), folder)
        except RefusedError as damaged:
            advice = f"; {damaged}"
        raise RefusedError(f"{error}{advice}") from error


def _advice(release: Release, folder: Path) -> str:
    """The version that would be taken, where a final one has the release's own."""
    base = release.version
    if index.withdrawn(folder, base) is not None:
        base = contents.before(folder, base) or base
    if versions.is_draft(base):
        return ""
    found = _fitting(release, folder, base)
    return f": {found[0]}, for {found[1]}" if found else ""


def _fitting(release: Release, folder: Path, base: str) -> tuple[str, str] | None:
    """The version from a base on that is free, and large enough for what will be before it; and for what.

    None where one of those has the same content, or is not there.
    """
    others = contents.taken(folder)
    while (folder / base / "datapackage.json").is_file():
        with comparison.compare(folder / base, release, taken=others) as difference:
            if difference.level == "none":
                return None
            found = difference.next_version
            why = f"{difference.most_telling(1)[0]}{_skipped(difference)}"
        before_it = contents.before(folder, found)
        if before_it is None or versions.key(before_it) <= versions.key(base):
            return found, why
        base = before_it
    return None

"""Compare a release with the version before it in a store: its history, and the version that it needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from release.diff import changelog, changelog_check, comparison
from release.diff import release as diff_release
from release.diff.difference import Difference
from release.diff.release import Release
from release.findings.errors import RefusedError, UsageError
from release.package.manifest.model import Manifest
from release.package.write import Content
from release.store import contents, index
from release.syntax import versions
from release.syntax.escapes import quote_shell
from release.syntax.versions import Level


def read_content(content: Content, manifest: Manifest, folder: Path) -> Release:
    """Return a release in the making: its tables are in a folder, its source is not yet."""
    text = content.descriptor.text
    return diff_release.in_the_making(folder, manifest, text, content.digests)


def before(folder: Path, version: str) -> Path | None:
    """Find the release before a version in a store: the greatest final one that is smaller.

    If the store has that version, its own history says which it was: the same content stays the same,
    whatever the store was given or has lost meanwhile.

    Raises:
        RefusedError: the index of the store cannot be read.
    """
    if _is_final(folder / version):
        known = changelog.version_before(folder / version)
    else:
        known = contents.before(folder, version)
    return None if known is None else folder / known


def _is_final(release: Path) -> bool:
    """Return whether a folder of a store is a final version that carries its history."""
    return not versions.is_draft(release.name) and (release / changelog_check.SUMMARY).is_file()


@dataclass(frozen=True, slots=True)
class VersionStep:
    """The step from a version: the level of the difference, and the version that it calls for."""

    version: str
    level: Level
    next: str


def record(
    content: Content, manifest: Manifest, release_folder: Path, store: Path
) -> VersionStep | None:
    """Write the history of a release whose tables are in a folder; None if no version was before it.

    Raises:
        RefusedError: its version is too small for the difference to the one before, or that one is gone.
    """
    version = content.descriptor.version
    previous = before(store, version)
    if previous is None:
        rows = {name: table.num_rows for name, table in content.tables.items()}
        release = diff_release.in_the_making(release_folder, manifest, "", {})
        changelog.write_first(release_folder, release, rows)
        return None
    if not previous.is_dir() and _is_final(store / version):
        for name in changelog.NAMES:  # those of this version: they cannot be made again here
            if (store / version / name).is_file():
                shutil.copyfile(store / version / name, release_folder / name)
        return None
    release = read_content(content, manifest, release_folder)
    if not previous.is_dir():
        raise RefusedError(
            f"{previous}: is not there, expected the version before {release.version}"
        )
    others = contents.taken(store)
    others.pop(release.version, None)
    old = _read(previous, store)
    with comparison.compare(old, release, taken=others, limits=content.limits) as difference:
        if not difference.suffices:
            raise RefusedError(_too_small(difference, store))
        step = VersionStep(difference.old.version, difference.level, difference.next_version)
        # the history of a release does not depend on what else the store has
        changelog.write(release_folder, replace(difference, taken={}))
        return step


def _read(previous: Path, folder: Path) -> Release:
    """Read the version before a release.

    Raises:
        RefusedError: it is damaged.
    """
    try:
        return diff_release.read(previous, holding=False)
    except (UsageError, RefusedError) as error:
        command = f"release verify {quote_shell(str(folder))}"
        raise RefusedError(
            f"{error}; the version before is damaged: `{command}` says what is wrong with it, put it back "
            "from a copy"
        ) from error


def _too_small(difference: Difference, folder: Path) -> str:
    """Write the message of a version that is too small."""
    why = "".join(f"\n  {text}" for text in difference.most_telling())
    where = "" if folder == Path("dist") else f" --store {quote_shell(str(folder))}"
    old = difference.old.version
    return (
        f"{difference.new.version} is too small: the difference to {old} is "
        f"{difference.level}, which calls for {difference.next_version}{_skipped(difference)}:{why}\n"
        f"{_what_to_do(difference, folder, where)} `release diff {old}{where}` shows the whole difference"
    )


def _what_to_do(difference: Difference, folder: Path, where: str) -> str:
    """Write how to come to a version that would be taken; `release bump` follows the latest version only."""
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
    """Write why smaller versions are not advised."""
    return f" ({'; '.join(difference.skipped)})" if difference.skipped else ""


@contextmanager
def advising(
    content: Content, manifest: Manifest, release_folder: Path, store: Path
) -> Iterator[None]:
    """Add to a refusal in this block which version the release should have, if its own is taken.

    Raises:
        RefusedError: the refusal.
    """
    try:
        yield
    except RefusedError as error:
        try:
            advice = _advice(read_content(content, manifest, release_folder), store)
        except RefusedError as damaged:
            advice = f"; {damaged}"
        raise RefusedError(f"{error}{advice}") from error


def _advice(release: Release, folder: Path) -> str:
    """Write which version would be taken, if a final release has this one."""
    base = release.version
    if index.withdrawn(folder, base) is not None:
        base = contents.before(folder, base) or base
    if versions.is_draft(base):
        return ""
    found = _fitting(release, folder, base)
    return f": {found[0]}, for {found[1]}" if found else ""


def _fitting(release: Release, folder: Path, base: str) -> tuple[str, str] | None:
    """Find the version from a base on that is free and large enough for those before it, and the reason.

    None if a version before it has the same content, or is missing.
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

"""The contents of a store: releases in folders by version, and an index that is derived from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from release.findings.errors import RefusedError, UsageError
from release.findings.finding import Finding, FindingsError
from release.findings.groups import group_findings
from release.findings.message import shown
from release.package.checksums import SUMS, sha256_of
from release.store import index, lock, target
from release.store.check import check_final_versions
from release.store.entry import VersionEntry
from release.syntax import versions as numbers
from release.syntax.escapes import quote_shell

#: The most versions that a message names.
_MOST_NAMED = 20


def versions(store: Path) -> list[VersionEntry]:
    """Return the versions in a store, newest first: those of its index, and folders that it lacks.

    Raises:
        FindingsError: The index cannot be read.
    """
    return inspect(store)[0]


def inspect(store: Path) -> tuple[list[VersionEntry], list[Finding]]:
    """Return the versions in a store, newest first, and findings about broken ones that the index lacks.

    Raises:
        FindingsError: The index cannot be read.
    """
    held, broken = _find(store)
    findings = [each for version in broken.values() for each in version]
    return index.marked(store, held.values()), findings


def _find(store: Path) -> tuple[dict[str, VersionEntry], dict[str, Sequence[Finding]]]:
    """Return the entries of the versions in a store, and the findings about broken ones, by version.

    The versions of the index come from there. Others, such as one that a killed command has placed, come from
    their folders, and may be broken.

    Raises:
        FindingsError: The index cannot be read.
    """
    listed = index.read(store) or {}
    others, broken = index.derived(store, listed)
    return {**listed, **others}, broken


def latest(store: Path) -> str | None:
    """Return the newest version that is final and was not withdrawn.

    Raises:
        FindingsError: The index cannot be read.
    """
    newest = index.latest(versions(store))
    return newest.version if newest else None


def before(store: Path, version: str) -> str | None:
    """Return the newest version before another that is final and was not withdrawn.

    Raises:
        FindingsError: The index cannot be read.
    """
    limit = numbers.key(version)
    older = index.latest(each for each in versions(store) if numbers.key(each.version) < limit)
    return older.version if older else None


def taken(store: Path) -> dict[str, str]:
    """Return the final versions that are taken, so that no other content may have them, with the reasons.

    They are those of the index, of folders, whole or not, and of withdrawals.

    Raises:
        FindingsError: The index cannot be read.
    """
    if not store.is_dir():
        return {}
    marks = (path.name.removesuffix(index.WITHDRAWN) for path in store.glob(f"*{index.WITHDRAWN}"))
    gone = {name for name in marks if numbers.is_version(name)}
    names = {*(index.read(store) or ()), *index.folders(store), *gone}
    final = (name for name in names if numbers.is_version(name) and not numbers.is_draft(name))
    return {
        name: f"{name} {'was withdrawn' if name in gone else f'is in {store}'}"
        for name in sorted(final, key=numbers.key)
    }


def none_final(store: Path) -> str:
    """Explain why a store has no latest version."""
    known = taken(store)
    if not known:
        return f"{store} has no final version yet"
    if all((store / f"{name}{index.WITHDRAWN}").exists() for name in known):
        return f"every final version in {store} was withdrawn"
    return f"{store} has no whole final version"


def refuse_other(store: Path, release: Path, version: str) -> None:
    """Raise an error if the index lists the final version of a release with other content.

    The folder of that version may be gone.

    Raises:
        RefusedError: It does.
    """
    entry = (index.read(store) or {}).get(version)
    if entry is None or numbers.is_draft(version):
        return
    found = f"sha256:{sha256_of(release / SUMS)}"
    if found != entry.checksums.hash:
        raise RefusedError(
            f"{store / index.INDEX} lists {version} with other content (its SHA256SUMS has "
            f"{entry.checksums.hash}, this one {found}); a final version is written once: give this one "
            "a new version in datapackage.yaml"
        )


def yank(store: Path, version: str, reason: str) -> bool:
    """Mark a version as withdrawn, for a reason.

    Returns:
        False if the version is marked with the same reason already.

    Raises:
        UsageError: There is no such final version, or no reason is given, or the store may not be written to.
        RefusedError: Another command is writing to the store, or its index cannot be read.
    """
    reason = _reason(reason)
    check_exists(store)
    with lock.held(store):
        known, _ = _find(store)
        _expect(store, version, known)
        if numbers.is_draft(version):
            raise UsageError(
                f"{version} is a draft, which is not withdrawn: build it again, or remove its folder "
                f"and run `release reindex {quote_shell(str(store))}`"
            )
        # a withdrawal that cannot be read is refused before anything is written
        for other in sorted({*known, *index.folders(store)} - {version}):
            index.withdrawn(store, other)
        is_new = not _is_marked(store, version, reason)
        if is_new:
            index.withdraw(store, version, reason)
        index.update(store)
    return is_new


def _reason(text: str) -> str:
    """Return a reason in one line."""
    reason = " ".join(text.split())
    if not reason:
        raise UsageError("--reason: expected a text that says why the version is withdrawn")
    try:
        reason.encode()
    except UnicodeEncodeError as error:
        raise UsageError("--reason: is no text in UTF-8") from error
    return reason


def _is_marked(store: Path, version: str, reason: str) -> bool:
    """Return whether a version is marked as withdrawn for this reason; a broken mark does not count."""
    try:
        return index.withdrawn(store, version) == reason
    except FindingsError:
        return False


def check_exists(store: Path) -> None:
    """Raise an error if a store is no folder.

    Raises:
        UsageError: It is none, or a URL.
    """
    if str(store).startswith(("http:/", "https:/")):
        url = str(store).replace(":/", "://", 1)  # as a path it has lost a slash
        raise UsageError(f"{url}: is a URL, expected a store on this machine")
    if not store.is_dir():
        raise UsageError(f"{store}: is no folder, expected a store of releases")


def held(store: Path, version: str) -> VersionEntry:
    """Return the entry of a version in a store.

    Raises:
        UsageError: There is no such version.
        FindingsError: The index cannot be read, or the version is not whole.
    """
    held, broken = _find(store)
    if version in broken:
        raise FindingsError(broken[version])
    found = {entry.version: entry for entry in index.marked(store, held.values())}
    _expect(store, version, found)
    return found[version]


def _expect(store: Path, version: str, found: Mapping[str, VersionEntry]) -> None:
    """Raise an error if a version is not among those of a store."""
    if version not in found:
        newest_first = sorted(found, key=numbers.key, reverse=True)
        left = len(newest_first) - _MOST_NAMED
        more = f" and {left:,} older ones" if left > 0 else ""
        names = f"{', '.join(newest_first[:_MOST_NAMED])}{more}"
        listed = f"expected one of {names}" if found else "nor any other"
        raise UsageError(f"{store} has no version {shown(version)}, {listed}")


def reindex(store: Path) -> list[VersionEntry]:
    """Write the index of a store again from its versions alone, and return its entries, newest first.

    Raises:
        UsageError: There is no such folder, or it is no store, or it may not be written to.
        FindingsError: A version is not whole, or a final one differs from its entry in a readable index.
        RefusedError: Another command is writing to the store.
    """
    check_exists(store)
    if not index.is_store(store):
        raise UsageError(
            f"{store}: holds no version and no index of versions, expected a store of releases"
        )
    with lock.held(store):
        found, problems = index.derived(store)
        findings = [each for broken in problems.values() for each in broken]
        findings += check_final_versions(store, found, problems)
        if findings:
            raise FindingsError(group_findings(findings), f"{store}: the index stays as it is")
        ordered = index.marked(store, found.values())
        index.write(store, index.rendered(ordered))
        target.keep_line_ends(store)
    return ordered

"""Decide which version a dataset should have next, after the latest release of a store."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from release.build import inputs, pipeline
from release.build.inputs import Options
from release.descriptor.model import Descriptor
from release.diff import comparison
from release.diff import release as diff_release
from release.store import contents, fetch
from release.syntax import versions
from release.syntax.versions import Level

_DEFAULTS = Options()


@dataclass(frozen=True, slots=True)
class NextVersion:
    """The version that a descriptor should have; `version` is None if it has that already.

    `latest` is the latest final version of the store, None if there is none. `reason` is in words.
    """

    latest: str | None
    version: str | None
    reason: str


def find_next_version(
    descriptor: Descriptor | Path | str,
    store: Path | str,
    level: Level | None = None,
    options: Options = _DEFAULTS,
    day: str = "",
) -> NextVersion:
    """Find the version that follows the latest one of a store, and that no other content has.

    Without a `level`, it is the one that the difference between that release and the records calls for.
    Where versions are dates, it is that `day`, such as 2026-11-30 (default: that of `created`), or a further
    version of the latest one's day, if that is not before.

    Raises:
        UsageError: the descriptor cannot be used, or the store is no folder of releases.
        RefusedError: the records have errors, or the latest release or the index cannot be read.
    """
    descriptor, store = inputs.load_descriptor(descriptor, options), Path(store)
    if store.exists():
        contents.check_exists(store)  # raises if it is a file
    latest = contents.latest(store) if store.is_dir() else None
    now, taken = descriptor.version, contents.taken(store)
    if level is not None:
        first = versions.next_version(latest or now, level, descriptor.scheme)
        first = _of_day(descriptor, day, first)
        return _skip_taken(descriptor, latest, first, taken, f"{level} after {latest or now}")
    if latest is None:
        none_yet = contents.none_final(store)
        if now in taken:
            first = _of_day(descriptor, day, now)
            return _skip_taken(descriptor, None, first, taken, none_yet)
        return NextVersion(None, None, f"{none_yet}, {now} is {'free' if taken else 'the first'}")
    return _compare(descriptor, store, latest, options, day)


def _of_day(descriptor: Descriptor, day: str, version: str) -> str:
    """Return the version of a day if versions are dates and it is later than another one, else that."""
    if descriptor.scheme == "semver":
        return version
    return versions.next_of_day(day or descriptor.created.date().isoformat(), version)


def _compare(
    descriptor: Descriptor, store: Path, latest: str, options: Options, day: str
) -> NextVersion:
    """Find the version that the difference between a release and the records calls for."""
    now, taken = descriptor.version, contents.taken(store)
    with ExitStack() as stack:
        folder = stack.enter_context(fetch.folder(str(store / latest), store))
        old = diff_release.read(folder, holding=False)
        new = stack.enter_context(pipeline.preview(descriptor, options))
        difference = stack.enter_context(comparison.compare(old, new, limits=options.limits))
        level, first = difference.level, _of_day(descriptor, day, difference.next_version)
        reasons, none_found = "; ".join(difference.most_telling()), difference.none_found
    if level == "none":
        return NextVersion(
            latest, None, none_found.replace("difference", f"difference to {latest}")
        )
    is_enough = versions.suffices(now, latest, level, descriptor.scheme)
    if is_enough and now not in taken:
        reason = f"{now} is enough, {level} after {latest} calls for {first}"
        return NextVersion(latest, None, reason)
    reason = f"{level} after {latest}: {reasons}"
    return _skip_taken(descriptor, latest, now if is_enough else first, taken, reason)


def _skip_taken(
    descriptor: Descriptor, latest: str | None, first: str, taken: Mapping[str, str], reason: str
) -> NextVersion:
    """Return the first version from one on that is not taken."""
    version, skipped = versions.next_free(first, taken, descriptor.scheme)
    return NextVersion(latest, version, "; ".join([reason, *skipped]))


def choose_created(
    descriptor: Descriptor, store: Path, found: NextVersion, wanted: str | None, today: str
) -> str | None:
    """Choose the time to write as `created`, None if there is nothing to write.

    A new version gets the time that is `wanted`, else today. A version that stays gets another time only if
    one is wanted, and if the store does not have that version.
    """
    if found.version is not None:
        return wanted or today
    if wanted in (None, descriptor.public["created"]):
        return None
    return None if descriptor.version in contents.taken(store) else wanted

"""Parse and order versions, numbers (Semantic Versioning 2.0.0) or dates, and find the next one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, NamedTuple

Level = Literal["none", "patch", "minor", "major"]

#: The levels of a difference, from the lowest to the highest.
LEVELS: tuple[Level, ...] = ("none", "patch", "minor", "major")

#: How versions are chosen: by the level of a difference, or by the day.
Scheme = Literal["semver", "calendar"]

_NUMBER = r"(0|[1-9][0-9]*)"
_LABEL = r"[0-9A-Za-z-]+"
#: The text of a version; its groups are the parts of a Version.
VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_LABEL}(?:\.{_LABEL})*))?")

#: The text of a version that is a date: its day, which further one of that day it is, and labels.
_DATE = re.compile(
    rf"([1-9][0-9]{{3}})\.([0-9]{{2}})\.([0-9]{{2}})(?:\.([2-9]|[1-9][0-9]+))?(?:-({_LABEL}(?:\.{_LABEL})*))?"
)

#: A sort key of a version.
Key = tuple[int, int, int, int, bool, tuple[tuple[bool, int, str], ...]]


class Version(NamedTuple):
    """The parts of a version; one with labels is a draft (semver: a pre-release).

    Those of a date are year, month and day, and `nth` counts the versions of that day.
    """

    major: int
    minor: int
    patch: int
    labels: tuple[str, ...] = ()
    nth: int = 1
    is_date: bool = False

    def __str__(self) -> str:
        numbers = f"{self.major}.{self.minor}.{self.patch}"
        if self.is_date:
            numbers = f"{self.major}.{self.minor:02}.{self.patch:02}"
            numbers += f".{self.nth}" if self.nth > 1 else ""
        return f"{numbers}-{'.'.join(self.labels)}" if self.labels else numbers


def parse(text: str) -> Version:
    """Parse a version such as `1.2.0`, `1.3.0-dev`, `2026.11.30` or `2026.11.30.2`.

    Raises:
        ValueError: The text is no version.
    """
    if (match := _DATE.fullmatch(text)) is not None:
        year, month, day, nth, labels = match.groups()
        parts = tuple(labels.split(".")) if labels else ()
        return Version(int(year), int(month), int(day), parts, int(nth or 1), is_date=True)
    match = VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no version, expected one such as 1.2.0 or 1.3.0-dev")
    major, minor, patch, labels = match.groups()
    return Version(int(major), int(minor), int(patch), tuple(labels.split(".")) if labels else ())


def is_version(text: str) -> bool:
    """Return whether a text is a version: numbers, or a date."""
    return VERSION.fullmatch(text) is not None or _DATE.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Return whether a text is a version of the scheme `calendar`: a day that there is."""
    if _DATE.fullmatch(text) is None:
        return False
    version = parse(text)
    try:
        date(version.major, version.minor, version.patch)
    except ValueError:
        return False
    return True


def is_draft(text: str) -> bool:
    """Return whether a version is a draft, which may be built again with other content.

    Raises:
        ValueError: The text is no version.
    """
    return bool(parse(text).labels)


def key(text: str) -> Key:
    """Return a key that sorts versions by precedence (semver, 11): drafts before their final version.

    Dates are sorted as numbers are, so they come after versions of numbers that a store had before.

    Labels of digits are compared as numbers and come before all others. Fewer labels come first.

    Raises:
        ValueError: The text is no version.
    """
    version = parse(text)
    labels = tuple(
        (not label.isdigit(), int(label) if label.isdigit() else 0, label)
        for label in version.labels
    )
    numbers = version.major, version.minor, version.patch, version.nth
    return *numbers, not version.labels, labels


def highest(levels: Iterable[Level]) -> Level:
    """Return the highest of these levels; `none` if there are none."""
    return max(levels, key=LEVELS.index, default="none")


def effective_level(version: str, level: Level) -> Level:
    """Return the level of the number that a difference of some level raises in a version.

    While the first number is 0, a major difference raises the second number, and any other the third.
    """
    if level == "none" or parse(version).major > 0:
        return level
    return "minor" if level == "major" else "patch"


def next_version(version: str, level: Level, scheme: Scheme = "semver") -> str:
    """Return the lowest final version for content that differs on this level from that of a version.

    By the calendar, that is a further version of the same day, whatever the level. Else a draft is followed
    by its own final version if that raises the right number: 0.3.0-dev by 0.3.0, but 0.3.1-dev by 0.4.0 if
    the second number is to be raised.
    """
    found = parse(version)
    if scheme == "calendar" and found.is_date:
        is_there = found.labels or level == "none"
        return str(found._replace(labels=(), nth=found.nth if is_there else found.nth + 1))
    major, minor, patch, labels = found[:4]
    raised = effective_level(version, level)
    if raised == "none":
        return str(Version(major, minor, patch))
    if raised == "patch":
        return str(Version(major, minor, patch if labels else patch + 1))
    if raised == "minor":
        return str(Version(major, minor if labels and not patch else minor + 1, 0))
    return str(Version(major if labels and not (minor or patch) else major + 1, 0, 0))


def next_of_day(day: str, version: str) -> str:
    """Return the version of a day (`2026-11-30`), or this one if that is later."""
    of_day = day.replace("-", ".")
    return max(of_day, version, key=key)


def next_free(
    version: str, taken: Mapping[str, str], scheme: Scheme = "semver"
) -> tuple[str, list[str]]:
    """Return the final version of `version`, or the first after it by its last number that is not taken.

    Args:
        version: The version to begin with.
        taken: The versions that are taken, each with the reason.
        scheme: How versions are chosen.

    Returns:
        The version, and the reasons why the versions before it are taken.
    """
    found, why = parse(version)._replace(labels=()), []
    while str(found) in taken:
        why.append(taken[str(found)])
        if scheme == "calendar" and found.is_date:
            found = found._replace(nth=found.nth + 1)
        else:
            found = found._replace(patch=found.patch + 1)
    return str(found), why


def suffices(new: str, old: str, level: Level, scheme: Scheme = "semver") -> bool:
    """Return whether a version is high enough for a difference of this level from an older one.

    By the calendar, a later one always is.
    """
    if scheme == "calendar" and not parse(old).is_date:
        return key(new) > key(old)
    return key(new) >= key(next_version(old, level, scheme))

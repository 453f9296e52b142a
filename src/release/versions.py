"""Versions by Semantic Versioning 2.0.0, and the step that a difference calls for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Level = Literal["none", "patch", "minor", "major"]

#: The levels from the least to the most.
LEVELS: tuple[Level, ...] = ("none", "patch", "minor", "major")

_NUMBER = r"(0|[1-9][0-9]*)"
_LABEL = r"[0-9A-Za-z-]+"
#: How a version is written; its groups are the parts of a Version.
VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_LABEL}(?:\.{_LABEL})*))?")

#: What orders versions; compare them as they are.
Key = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]


class Version(NamedTuple):
    """The parts of a version; one with labels is a draft (semver: a pre-release)."""

    major: int
    minor: int
    patch: int
    labels: tuple[str, ...] = ()

    def __str__(self) -> str:
        numbers = f"{self.major}.{self.minor}.{self.patch}"
        return f"{numbers}-{'.'.join(self.labels)}" if self.labels else numbers


def parse(text: str) -> Version:
    """The parts of a version such as `1.2.0` or `1.3.0-dev`.

    Raises:
        ValueError: the text is no version.
    """
    match = VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no version, expected one such as 1.2.0 or 1.3.0-dev")
    major, minor, patch, labels = match.groups()
    return Version(int(major), int(minor), int(patch), tuple(labels.split(".")) if labels else ())


def is_version(text: str) -> bool:
    """Whether a text is a version."""
    return VERSION.fullmatch(text) is not None


def is_draft(text: str) -> bool:
    """Whether a version is a draft, which may be built again with other content."""
    return bool(parse(text).labels)


def key(text: str) -> Key:
    """What sorts versions by precedence (semver, 11): drafts before their final version.

    Labels of digits are compared as numbers and come before all others; fewer labels come first.

    Raises:
        ValueError: the text is no version.
    """
    version = parse(text)
    labels = tuple(
        (not label.isdigit(), int(label) if label.isdigit() else 0, label)
        for label in version.labels
    )
    return version.major, version.minor, version.patch, not version.labels, labels


def most(levels: Iterable[Level]) -> Level:
    """The level that serves all of these; `none` where there are none."""
    return max(levels, key=LEVELS.index, default="none")


def step(version: str, level: Level) -> Level:
    """The number that a level raises in this version.

    While the first number is 0, a major change raises the second and all others the third.
    """
    if level == "none" or parse(version).major > 0:
        return level
    return "minor" if level == "major" else "patch"


def following(version: str, level: Level) -> str:
    """The smallest final version that may carry a difference of this level to a version.

    A draft is followed by its own final version where that makes the step: 0.3.0-dev by 0.3.0, but
    0.3.1-dev by 0.4.0 if the second number is to be raised.
    """
    major, minor, patch, labels = parse(version)
    raised = step(version, level)
    if raised == "none":
        return str(Version(major, minor, patch))
    if raised == "patch":
        return str(Version(major, minor, patch if labels else patch + 1))
    if raised == "minor":
        return str(Version(major, minor if labels and not patch else minor + 1, 0))
    return str(Version(major if labels and not (minor or patch) else major + 1, 0, 0))


def free(version: str, taken: Mapping[str, str]) -> tuple[str, list[str]]:
    """A final version, or the first after it that is not taken, by the third number; and why it is not that.

    `taken` has the reason of each version that is.
    """
    found, why = parse(version)._replace(labels=()), []
    while str(found) in taken:
        why.append(taken[str(found)])
        found = found._replace(patch=found.patch + 1)
    return str(found), why


def suffices(new: str, old: str, level: Level) -> bool:
    """Whether a version is large enough for a difference of this level to an older one."""
    return key(new) >= key(following(old, level))

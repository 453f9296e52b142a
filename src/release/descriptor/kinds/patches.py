"""Read a file of patches: values of named records that are changed, and records that are left out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from release.descriptor.properties import Problems, Properties
from release.descriptor.vocabulary import PROPERTIES
from release.syntax.paths import Path, captures_of
from release.syntax.text import Location, Locations
from release.syntax.types.values import as_text
from release.syntax.yaml import read_yaml

_REASON = "text that says why"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A change of one value of a record, for a reason.

    The value at `path` must be `expected`, where None is a missing one; then it becomes `value`, or is
    removed. `captures` tell the record from others in its file. `locations` are those of the value and of
    what is in it, below the value, in the file of patches; `at` is that of the patch. Lines count from 0.
    """

    path: tuple[str, ...]
    expected: Any
    value: Any
    is_removal: bool
    reason: str
    captures: tuple[tuple[str, str], ...]
    at: Location
    locations: Locations = field(repr=False, hash=False)

    def locate(self, below: tuple[str | int, ...]) -> Location:
        """Return the location of what the change puts at a key path below its value, or of the nearest."""
        ends = (below[:end] for end in range(len(below), -1, -1))
        return next((self.locations[key] for key in ends if key in self.locations), self.at)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A record, named by its file, that is left out for a reason; the location is that of the patch."""

    path: str
    reason: str
    at: Location


@dataclass(frozen=True)
class Patches:
    """The content of a file of patches, whose path in a release is `path`.

    `changes` are by the path of the record's file in a release, in the order of the file. It `is_of_release`
    if the records are those of a release, where records that are left out are lacking.
    """

    path: str
    sha256: str
    changes: Mapping[str, tuple[ValueChange, ...]]
    withdrawals: tuple[Withdrawal, ...]
    is_of_release: bool = False

    def digest(self, path: str) -> str:
        """Return the SHA-256 of all that patches do to the records of a file; empty without a patch."""
        return self._digests.get(path, "")

    @cached_property
    def _digests(self) -> Mapping[str, str]:
        found = ((path, repr((self.path, changes))) for path, changes in self.changes.items())
        return {path: hashlib.sha256(text.encode()).hexdigest() for path, text in found}


NO_PATCHES = Patches("", "", {}, ())


@lru_cache(maxsize=2)
def parse_patches(text: str, path: str) -> tuple[Patches, Sequence[str]]:
    """Read the text of a file of patches, whose path in a release is `path`.

    Returns:
        The patches, and a line `LINE:COLUMN: MESSAGE` for each problem; with problems there are none.
    """
    locations: Locations = {}
    value, faults = read_yaml(text, locations)
    if faults:
        return NO_PATCHES, [f"{f.line + 1}:{f.column + 1}: {f.message}" for f in faults]
    problems = Problems(locations)
    if not isinstance(value, list | None):
        problems.add((), "is no list, expected a patch in each item")
        return NO_PATCHES, problems.lines()
    changes: dict[str, list[ValueChange]] = {}
    withdrawals: dict[str, Withdrawal] = {}
    for item in Properties({"patches": value or []}, (), problems).read_mappings("patches"):
        one = Properties(item.value, item.key_path[1:], problems)
        found = _read_patch(one, locations)
        record = one.read_text("record", "the path of a record's file, such as notes/a.md")
        if isinstance(found, ValueChange):
            if any(
                found.path == c.path and found.captures == c.captures
                for c in changes.get(record, ())
            ):
                one.note("is changed by a patch above already, expected one patch", "path")
            changes.setdefault(record, []).append(found)
        elif found is not None:
            withdrawals[record] = found
    if lines := problems.lines():
        return NO_PATCHES, lines
    digest = hashlib.sha256(text.encode()).hexdigest()
    by_record = {record: tuple(some) for record, some in changes.items()}
    return Patches(path, digest, by_record, tuple(withdrawals.values())), ()


def _read_patch(one: Properties, locations: Locations) -> ValueChange | Withdrawal | None:
    one.note_unknown(*PROPERTIES["patch"])
    reason = one.read_text("reason", _REASON)
    at = locations[one.key_path]
    if "leaveOut" in one:
        if one.value["leaveOut"] is not True:
            one.note_unexpected("leaveOut", "true, or no such property")
        one.note_unwanted("path expected value remove captures", "the file is left out as a whole")
        return Withdrawal(str(one.value.get("record")), reason, at)
    path = _read_path(one)
    is_removal = one.value.get("remove") is True
    if "remove" in one and not is_removal:
        one.note_unexpected("remove", "true, or no such property")
    if ("value" in one) == ("remove" in one):
        one.note("has to have one of `value`, `remove: true` and `leaveOut: true`")
    if "expected" not in one:
        one.note_unexpected("expected", "the value that is there now, or null if there is none")
    if "value" in one and one.value["value"] == one.value.get("expected", ""):
        one.note("is what is expected already, expected another value", "value")
    captures = one.read_mapping("captures").value
    if path is None:
        return None
    below = {
        key[len(one.key_path) + 1 :]: location
        for key, location in locations.items()
        if key[: len(one.key_path) + 1] == (*one.key_path, "value")
    }
    return ValueChange(
        path,
        one.value.get("expected"),
        one.value.get("value"),
        is_removal,
        reason,
        tuple(sorted((name, as_text(value) or "") for name, value in captures.items())),
        at,
        below,
    )


def _read_path(one: Properties) -> tuple[str, ...] | None:
    path: Path | None = one.read_path("path", may_be_in_body=True)
    if path is None:
        return None
    if captures_of(path):
        one.note("has a {capture}, expected the path of one value", "path")
        return None
    keys = tuple(part for part in path if isinstance(part, str))
    if keys[0].startswith("$") or len(keys) < len(path):
        one.note("is no path of front matter, which is all that a patch may change", "path")
        return None
    return keys

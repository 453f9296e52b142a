"""Amendments: what patches do to the values of one record, and where its values stand then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from release.descriptor.kinds.patches import Patches, ValueChange
from release.findings.finding import Finding
from release.findings.message import printable, shown
from release.findings.rules import Severity
from release.records.files.sources import Source
from release.syntax.paths import KeyPath, brief_path
from release.syntax.text import Location
from release.syntax.types.values import as_text


@dataclass(frozen=True, slots=True)
class Amendments:
    """The changes of one record; `path` is that of the file of patches in a release."""

    path: str
    changes: tuple[ValueChange, ...]

    def apply(self, values: Any) -> tuple[Any, list[tuple[ValueChange, str]]]:
        """Return the values that a record has then, and the problem with each change that does not apply.

        What was passed in is not changed.
        """
        problems = []
        for change in self.changes:
            values, problem = _apply(values, change)
            if problem:
                problems.append((change, problem))
        return values, problems

    def locate(self, key_path: KeyPath) -> Location | None:
        """Return the location of a value that a change put there; None if no change did."""
        for change in reversed(self.changes):
            length = len(change.path)
            if not change.is_removal and tuple(map(str, key_path[:length])) == change.path:
                return change.locate(key_path[length:])
        return None


def find_amendments(patches: Patches, source: Source) -> Amendments | None:
    """Find the changes of a record by its source; None if there are none."""
    changes = patches.changes.get(source.path)
    if changes is None:
        return None
    place = {name: source.captures[name] for name in source.within}
    own = tuple(each for each in changes if dict(each.captures) == place)
    return Amendments(patches.path, own) if own else None


def report_unplaced(
    patches: Patches, source: Source, records: Sequence[Source]
) -> Iterator[Finding]:
    """Report the changes that name none of the records of a file."""
    places = [{name: one.captures[name] for name in one.within} for one in records]
    for change in patches.changes.get(source.path, ()):
        if dict(change.captures) in places:
            continue
        if not change.captures:
            names = ", ".join(f"{name}: …" for name in records[0].within)
            told = (
                f"{source.path} has several records, expected `captures: {{{names}}}` to name one"
            )
        else:
            named = ", ".join(f"{name} {shown(value)}" for name, value in change.captures)
            told = f"{source.path} has no record with {named}; correct the patch, or remove it"
        yield make_finding("patch", patches.path, change.at, printable(told))


def report_changes(
    amendments: Amendments, source: Source, problems: Sequence[tuple[ValueChange, str]], was: Any
) -> Iterator[Finding]:
    """Report each change of a record, an error if it does not apply, else a note; `was` are old values."""
    failed = {id(change): problem for change, problem in problems}
    for change in amendments.changes:
        where = f"{brief_path(change.path)} of {printable(source.path)}"
        rule, message = "patched", _describe(change, was, where)
        if problem := failed.get(id(change)):
            rule, message = "patch", f"{where} {problem}"
        yield make_finding(rule, amendments.path, change.at, message, brief_path(change.path))


def make_finding(rule: str, path: str, at: Location, message: str, field: str = "") -> Finding:
    """Return a finding about a patch, whose location counts from 0."""
    severity: Severity = "note" if rule == "patched" else "error"
    return Finding(rule, path, message, at.line + 1, at.column + 1, field=field, severity=severity)


def _describe(change: ValueChange, was: Any, where: str) -> str:
    value = _get(was, change.path)[0]
    # an earlier change may have put there what this one found
    old = shown(value if _is_same(value, change.expected) else change.expected)
    if change.is_removal:
        return f"{where} is removed, which was {old}: {printable(change.reason)}"
    return f"{where} is {shown(change.value)} in place of {old}: {printable(change.reason)}"


def _apply(values: Any, change: ValueChange) -> tuple[Any, str]:
    """Return values with a change, and an empty text; or as they were, and why it does not apply."""
    current, is_there = _get(values, change.path)
    if not _is_same(current, change.expected):
        done = is_there and not change.is_removal and _is_same(current, change.value)
        what = "the patch is not needed any more" if done else "the patch no longer applies"
        advice = "remove it" if done else "correct it, or remove it"
        return values, f"is {_show(current)}, expected {_show(change.expected)}: {what}; {advice}"
    if change.is_removal and not is_there:
        return values, "is not there, so that nothing can be removed; remove the patch"
    try:
        return _put(values, change.path, change), ""
    except _NoPlaceError as error:
        return values, str(error)


class _NoPlaceError(ValueError):
    """An error of a change whose value has no place in the record."""


def _put(value: Any, path: tuple[str, ...], change: ValueChange) -> Any:
    """Return a copy of a value with a change at a path below it."""
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        if not key.isdecimal() or int(key) >= len(value):
            raise _NoPlaceError("is no position of its list; change the list as a whole")
        if change.is_removal and not rest:
            raise _NoPlaceError(
                "is in a list, whose other positions would move; change it as a whole"
            )
        items = list(value)
        items[int(key)] = _put(items[int(key)], rest, change) if rest else change.value
        return items
    if not isinstance(value, dict):
        raise _NoPlaceError("has no mapping around it; set that as a whole")
    if rest:
        return {**value, key: _put(value.get(key), rest, change)}
    if change.is_removal:
        return {name: item for name, item in value.items() if name != key}
    return {**value, key: change.value}


def _get(value: Any, path: tuple[str, ...]) -> tuple[Any, bool]:
    """Return the value at a path below a value, None if it is absent; and whether it is there."""
    for key in path:
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None, False
    return value, True


def _is_same(one: Any, other: Any) -> bool:
    """Return whether two values are written alike; a missing one is null, empty text or absent."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return False
    return (as_text(one) or None) == (as_text(other) or None)


def _show(value: Any) -> str:
    """Return a value as a message shows it; a short list or mapping as it is written."""
    if isinstance(value, dict | list):
        text = str(value)
        return printable(text) if len(text) <= 60 else f"another {shown(value).split()[-1]}"
    return shown(value)

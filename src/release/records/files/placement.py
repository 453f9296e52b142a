"""The place of a record in a release, where its file is read from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from release.findings.message import shown
from release.records.files.searches import Search

#: The captures of a path; None if it does not match.
_Captures = tuple[str, ...] | None


def make_placing(
    search: Search,
) -> Callable[[str, tuple[str, ...]], tuple[str, tuple[str, ...], _Captures]]:
    """Make a function from the path of a record and its captures to its place in a release.

    It returns the path there, the captures in the order of the kind's pattern, and those that the path there
    would give.
    """
    own, names = search.kind.pattern, search.pattern.names
    read_back = own.matcher()
    if search.pattern == own:
        return lambda path, captures: (path, captures, captures)

    def place(_: str, captures: tuple[str, ...]) -> tuple[str, tuple[str, ...], _Captures]:
        named = dict(zip(names, captures, strict=True))
        target = own.fill(named)
        return target, tuple(named.get(name, "") for name in own.names), read_back(target)

    return place


def report_captures(
    names: Sequence[str], captures: Sequence[str], target: str, again: Sequence[str] | None
) -> str:
    """Return the message on a file that would not be the same record at its path in a release, `target`."""
    if "\\" in target:
        return "the file's name has a backslash, expected one that any system can keep"
    given = f"the path gives {_show_captures(names, captures)}, but the path in a release would be {target}"
    if again is None:
        return f"{given}, which does not match the kind's `path`; expected one that does"
    expected = "expected the same, give the file another name"
    return f"{given}, which gives {_show_captures(names, again)}; {expected}"


def _show_captures(names: Sequence[str], values: Sequence[str]) -> str:
    return " and ".join(f"{name} {shown(value)}" for name, value in zip(names, values, strict=True))

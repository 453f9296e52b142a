"""Read the kinds of records that a descriptor declares."""

from __future__ import annotations

import re
from collections.abc import Mapping

from release.descriptor.model import Container, RecordKind
from release.descriptor.properties import Properties, describe, expect_path, read_ignored, suggest
from release.descriptor.vocabulary import PROPERTIES
from release.findings.message import shown
from release.syntax.paths import captures_of

_NAME = re.compile(r"[a-z][a-z0-9_-]*")

#: Files in the descriptor's folder that are copied into a release, and so are never records.
KEPT_FILES = ("datapackage.yaml", "LICENSE")

#: The properties of a kind that say how records stand in its files.
_CONTAINER = frozenset(("format", "records", "frontMatter", "beside", "dialect", "encoding"))

#: The kinds by name; None for a kind with a problem that has been noted.
RecordKinds = Mapping[str, RecordKind | None]

#: Properties of a kind that say which files and records count.
_SELECTION = frozenset({"exclude", "where", "companions"})


def read(package: Properties) -> RecordKinds:
    """Read the kinds of records that a package declares in `records`."""
    records = package.read_mapping("records")
    kinds: dict[str, RecordKind | None] = {}
    shapes: dict[str, str] = {}
    for name, value in records.value.items():
        if _NAME.fullmatch(name) is None:
            expected = "lower-case letters, digits, _ and -, a letter first"
            records.note(f"is named {shown(name)}, expected {expected}", name, at_key=True)
        kinds[name] = None
        if not isinstance(value, dict):
            records.note(f"is {describe(value)}, expected a mapping", name)
            continue
        item = Properties(value, (*records.key_path, name), records.problems)
        if (kind := _read_kind(item, name)) is None:
            continue
        kinds[name] = kind
        if (other := shapes.setdefault(kind.pattern.shape, name)) != name:
            item.note(f"matches the same files as {other}, expected other files", "path")
    return kinds


def _read_kind(item: Properties, name: str) -> RecordKind | None:
    item.note_unknown(*PROPERTIES["kind"])
    ignores = tuple(read_ignored(item, "ignore"))
    prefers = item.read_mapping("prefer")
    pattern = item.read_pattern("path")
    may_be_empty = item.value.get("mayBeEmpty", False)
    if not isinstance(may_be_empty, bool):
        item.note_unexpected("mayBeEmpty", "true or false")
    container = Container()
    if not _CONTAINER.isdisjoint(item.value):
        from release.descriptor.kinds import containers  # most kinds do without

        container = containers.read(item, pattern)
    captures = (*pattern.captures, *captures_of(container.records)) if pattern is not None else None
    prefer = {}
    for capture in prefers.value:
        if captures is not None and capture not in captures:
            message = "is not a capture of the kind's `path`"
            prefers.note(message + suggest(capture, captures), capture, at_key=True)
        prefer[capture] = prefers.read_names(capture)
    if pattern is None:
        return None
    if expected := expect_path(pattern.shape):
        item.note_unexpected("path", expected)
    kind = RecordKind(
        name, pattern, prefer, ignores, may_be_empty=may_be_empty is True, container=container
    )
    if not _SELECTION.isdisjoint(item.value):
        from release.descriptor.kinds import selection

        kind = selection.select(kind, item)
    _refuse_kept_files(kind, item)
    return kind


def _refuse_kept_files(kind: RecordKind, item: Properties) -> None:
    """Note that a pattern takes the descriptor or the licence for a record, unless that is excluded."""
    for file in KEPT_FILES:
        if not kind.pattern.regex().match(file):
            continue
        if not any(each.pattern.regex().match(file) for each in kind.exclude):
            what = f"is {shown(kind.pattern.template)}, which matches {file}"
            item.note(
                f"{what}, expected a pattern of records only, or `exclude` for {file}", "path"
            )

"""Write and read the history in a release: CHANGELOG.md, changes.json, changes.csv and changes.html."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from release.diff import changelog_check, comparison
from release.diff import release as diff_release
from release.diff.difference import Difference
from release.diff.release import Release
from release.diff.table_difference import RowCounts
from release.diff.views import csv, html, markdown
from release.diff.views import json as json_view
from release.syntax.markdown import escape
from release.system import files

#: The files, by which `verify` knows that a release depends on the version before.
CHANGELOG, SUMMARY, CELLS = "CHANGELOG.md", changelog_check.SUMMARY, changelog_check.CELLS
#: The page of the difference, which a release has that has one before it.
PAGE = "changes.html"
NAMES = (CHANGELOG, SUMMARY, CELLS, PAGE)

_HEAD = """\
# Changelog of {name}

Every version, the newest first: the level of its difference to the version before, changes of tables and
fields, how many rows came, went and changed, and some of them. changes.csv has each cell that differs from
the version before, changes.json the counts.
"""


def write(folder: Path, difference: Difference) -> None:
    """Write the files of a release that has one before it."""
    old, new = difference.old, difference.new
    text = "".join([_heading(new), *markdown.section(difference)])
    _write_changelog(folder, new, [text, *_sections(old)])
    (folder / SUMMARY).write_bytes(json_view.dumped(json_view.summary(difference)).encode())
    with (folder / CELLS).open("wb") as target:
        csv.write(difference, target)
    with (folder / PAGE).open("w", encoding="utf-8", newline="\n") as page:
        whole = html.WholeChanges(CELLS, CELLS)
        page.writelines(html.pieces(difference, whole, is_history=True))


def write_first(folder: Path, release: Release, rows: Mapping[str, int]) -> None:
    """Write the files of a release that has none before it, given how many rows each table has."""
    _write_changelog(folder, release, ["".join(_first(release, rows))])
    (folder / SUMMARY).write_bytes(json_view.dumped(_first_summary(release, rows)).encode())
    with (folder / CELLS).open("wb") as target:
        csv.write(None, target)


def _write_changelog(folder: Path, release: Release, sections: list[str]) -> None:
    head = _HEAD.format(name=escape(release.name))
    text = "\n".join([head, *sections])
    (folder / CHANGELOG).write_bytes(text.encode())


def _heading(release: Release) -> str:
    return f"## {release.version} ({release.created[: len('2026-01-31')]})\n\n"


def _sections(old: Release) -> list[str]:
    """Return the sections of the version before, as its own changelog has them."""
    try:
        text = files.read(old.folder / CHANGELOG).decode()
    except (OSError, UnicodeDecodeError):
        return [f"{_heading(old)}This version has no changelog.\n"]
    _, heading, rest = text.partition("\n## ")
    return [f"## {rest}"] if heading else []


def _first(release: Release, rows: Mapping[str, int]) -> Iterator[str]:
    yield f"{_heading(release)}The first release.\n\n| table | rows |\n|---|---:|\n"
    for name in release.tables:
        yield f"| {escape(name)} | {rows[name]:,} |\n"


def _first_summary(release: Release, rows: Mapping[str, int]) -> dict[str, Any]:
    return {
        "name": release.name,
        "version": release.version,
        "from": None,
        "level": "none",
        "next": None,
        "reasons": [],
        "rows": dict.fromkeys(json_view.COUNTED, 0),
        "schema": 0,
        "changes": [],
        "tables": {
            name: {
                "key": list(table.key),
                "old": None,
                "new": table.hash,
                "rows": RowCounts(0, rows[name]).as_value(),
                "cells": {},
                "hints": [],
            }
            for name, table in release.tables.items()
        },
        "files": {"added": [], "removed": [], "rewritten": []},
    }


def names_in(folder: Path, *, with_page: bool = True) -> list[str]:
    """Return the names of the files that a release should have; the page only if it has it."""
    page = [PAGE] if with_page and (folder / PAGE).exists() else []
    return [CHANGELOG, SUMMARY, CELLS, *page]


def recomputed(
    folder: Path, previous: Path | None, names: Collection[str] | None = None
) -> list[str]:
    """Build the history of a release again, and return a message for each file of `names` that differs.

    Without names these are all that it should have.

    Raises:
        UsageError: a folder holds no release.
        RefusedError: a release is not what its descriptor says.
    """
    wanted = f"the difference to {previous.name} gives" if previous else "a first release has"
    with tempfile.TemporaryDirectory(prefix="release-changelog-") as temporary:
        made = Path(temporary)
        record(made, previous, folder)
        return [
            f"{name}: is not what {wanted}"
            for name in (names_in(folder) if names is None else names)
            if not _is_same(folder / name, made / name)
        ]


def _is_same(one: Path, other: Path) -> bool:
    """Return whether both files are there, with the same bytes."""
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def record(place: Path, previous: Path | None, new: Path | Release) -> None:
    """Write into a folder what a release carries of its history, from the folder of the version before."""
    held = new if isinstance(new, Release) else diff_release.read(new, holding=False)
    if previous is None:
        release, rows = comparison.counted(held)
        write_first(place, release, rows)
        return
    old = diff_release.read(previous, holding=False)
    with comparison.compare(old, held) as difference:
        write(place, difference)


def version_before(folder: Path) -> str | None:
    """Return the version that a release says it follows; None if it is the first, or does not say."""
    try:
        value = json.loads(files.read(folder / SUMMARY))
    except (OSError, ValueError, RecursionError):
        return None
    before = value.get("from") if isinstance(value, dict) else None
    return before if isinstance(before, str) else None

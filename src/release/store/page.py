"""The page of a store: its versions, for people."""

from __future__ import annotations

from collections.abc import Sequence

from release.package.render import size, template
from release.store.entry import VersionEntry


def render_page(versions: Sequence[VersionEntry], latest: VersionEntry | None) -> str:
    """Return the page as HTML: one row per version, newest first, and the latest one above the table.

    It needs no other file and no script, and links only to files of the store.
    """
    titled = latest or next(iter(versions), None)
    title = titled.title if titled else "Releases"
    return template("versions.html.j2").render(
        title=title,
        versions=versions,
        latest=latest,
        size=size,
        changed=describe_changes,
        comparison=find_comparison,
        withdrawn={entry.version for entry in versions if entry.status == "withdrawn"},
    )


def find_comparison(entry: VersionEntry) -> str:
    """Return the page that compares a version with the one before it; empty if the release has none.

    It needs neither of them, so it is there whether or not the store has the version before.
    """
    if entry.changes is None or entry.changes.before is None:
        return ""
    return next((path for path in entry.documents if path.endswith("/changes.html")), "")


def describe_changes(entry: VersionEntry) -> str:
    """Return the changes of a version in a few words; empty if the release does not state them."""
    changes = entry.changes
    if changes is None:
        return ""
    if changes.before is None:
        return "first version"
    rows = {"added": changes.added, "removed": changes.removed, "changed": changes.changed}
    counts = ", ".join(f"{number:,} {verb}" for verb, number in rows.items() if number)
    level = "no change" if changes.level == "none" else changes.level
    parts = [f"{level} since {changes.before}"]
    parts += [f"rows: {counts}"] if counts else []
    parts += [f"tables and fields: {changes.schema:,} changed"] if changes.schema else []
    return "; ".join(parts)

"""The versions of a store as a page for people."""

from __future__ import annotations

from collections.abc import Sequence

from release.package.render import size, template
from release.store.entry import VersionEntry


def page(versions: Sequence[VersionEntry], latest: VersionEntry | None) -> str:
    """Return the page: one row per version, newest first; the latest one above all others.

    It needs nothing but itself: no other file, no script, no address but those in the store.
    """
    titled = latest or next(iter(versions), None)
    title = titled.title if titled else "Releases"
    return template("versions.html.j2").render(
        title=title, versions=versions, latest=latest, size=size, changed=changed
    )


def changed(entry: VersionEntry) -> str:
    """Describe in a few words what changed in a version; empty if it does not say."""
    changes = entry.changes
    if changes is None:
        return ""
    if changes.before is None:
        return "first version"
    rows = {"added": changes.added, "removed": changes.removed, "changed": changes.changed}
    told = ", ".join(f"{number:,} {verb}" for verb, number in rows.items() if number)
    level = "no change" if changes.level == "none" else changes.level
    parts = [f"{level} since {changes.before}"]
    parts += [f"rows: {told}"] if told else []
    parts += [f"tables and fields: {changes.schema:,} changed"] if changes.schema else []
    return "; ".join(parts)

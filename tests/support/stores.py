"""Stores of small releases made by hand, and what holds for every store at every moment."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from release.package import zip
from release.store import check, index, placement, target
from release.store import entry as store_entry
from release.store.entry import VersionEntry
from tests.support.kit import sha256

CREATED = datetime(2026, 1, 31, tzinfo=UTC)


def release(
    folder: Path, version: str, text: str = "one", more: dict[str, str] | None = None
) -> Path:
    """Make a small release in a folder: all that a store asks of one."""
    about = {"name": "notes", "title": "Notes & more", "version": version}
    files = {
        "datapackage.json": json.dumps(
            {**about, "created": "2026-01-31T00:00:00Z", "resources": []}
        ),
        "README.md": "# Notes\n",
        "data/notes.csv": f"note\n{text}\n",
        **(more or {}),
    }
    sums = []
    for path, content in sorted(files.items()):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, "utf-8")
        sums.append(f"{sha256(content.encode())}  {path}\n")
    (folder / "SHA256SUMS").write_text("".join(sums))
    with (folder / f"notes-{version}.zip").open("wb") as file:
        zip.write(folder, [*files, "SHA256SUMS"], zip.Form.of(CREATED), file)
    (folder / "buildinfo.json").write_text("{}\n")
    return folder


def place(
    where: Path, version: str, text: str = "one", more: dict[str, str] | None = None
) -> tuple[Path, bool]:
    """Make a small release and place it in a store, as a build does."""
    with placement.staging(where) as folder:
        return placement.place(release(folder, version, text, more), where, version)


def dist(versions: dict[str, str]) -> Path:
    """The store `dist` in the working folder with some versions, each with a text of its own."""
    where = Path("dist")
    for version, text in versions.items():
        place(where, version, text)
    return where


def named(where: Path) -> dict[str, VersionEntry]:
    """What the index of a store names, each held against its folder: at no moment may it name more.
    The index is whole, each version that it names is whole and is what the index says, and the latest
    one is among them.
    """
    found = index.read(where) or {}
    for version, entry in found.items():
        assert check.compare_entries(entry, store_entry.derived(where / version)) == []
        whole(where / version)
    if (data := index.content(where / index.LATEST)) is not None:
        latest = json.loads(data)
        assert latest["archive"]["hash"] == found[latest["version"]].archive.hash
    return found


def whole(folder: Path) -> None:
    """A version's folder holds every file with the bytes that its SHA256SUMS says."""
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, path = line.split("  ", 1)
        assert sha256((folder / path).read_bytes()) == digest, path


def hidden(where: Path) -> list[str]:
    """What is in the making in a store, or was left behind."""
    return sorted(path.name for path in where.glob(".*") if path.name != target.GIT)


def found(store: Path) -> list[str]:
    """What is wrong with the index of a store, each finding as a line."""
    return [str(finding) for finding in check.check_index(store)]

"""The files that count as records: at any depth, left out by name, and read from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import kit
from tests.support.kit import edit, run

DEEP = """\
name: notes
version: 0.1.0-dev
created: '2026-01-01T00:00:00Z'
records:
  notes:
    path: notes/{section:**}/{note}.{language}.md
    prefer: {language: [en, de]}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [path]
      fields:
        - {name: path, type: string, from: $path}
        - {name: section, type: string, from: "{section}"}
        - {name: note, type: string, from: "{note}"}
        - {name: title, type: string, from: title}
"""

#: The files of records, each with its title.
FILES = {
    "notes/a.en.md": "A",
    "notes/x/a.en.md": "AX",
    "notes/x/a.de.md": "AX",
    "notes/x/y/a.en.md": "AXY",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Notes at three depths; their folder is the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datapackage.yaml").write_text(DEEP)
    for path, title in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: {title}\n---\n")
    return tmp_path


def rows(folder: Path) -> list[tuple[object, ...]]:
    """The rows of the notes; nothing is wrong."""
    outcome = kit.check(folder)
    assert [str(each) for each in outcome.findings if each.severity != "note"] == []
    return [tuple(row.values()) for row in outcome.content.tables["notes"].to_pylist()]


# folders at any depth


def test_folders_at_any_depth_are_one_capture(folder: Path) -> None:
    """It has the folders with slashes between, and is missing where there are none."""
    assert [row[1:] for row in rows(folder)] == [
        (None, "a", "A"),
        ("x", "a", "AX"),
        ("x", "a", "AX"),
        ("x/y", "a", "AXY"),
    ]


@pytest.mark.parametrize("depth", ["**", "{section:**}"])
def test_a_release_of_nested_folders_is_rebuilt(folder: Path, depth: str) -> None:
    """Records are at the same depth in `source/`."""
    edit(folder / "datapackage.yaml", "{section:**}", depth)
    edit(folder / "datapackage.yaml", 'from: "{section}"', "from: $format")
    assert run("build", "--no-cache")[0] == 0
    code, out, _ = run("verify", "--rebuild", "--no-referee", "dist/0.1.0-dev")
    assert (code, out.splitlines()[-1]) == (0, "verifies")
    source = Path("dist/0.1.0-dev/source")
    assert {p.relative_to(source).as_posix() for p in source.rglob("*.md")} == set(FILES)


def test_files_of_one_name_in_two_folders_are_no_editions(folder: Path) -> None:
    """Folders that no capture takes tell records apart as well: nothing is merged over them."""
    edit(folder / "datapackage.yaml", "{section:**}", "**")
    edit(folder / "datapackage.yaml", 'from: "{section}"', "from: $format")
    edit(folder / "datapackage.yaml", "primaryKey: [path]", "primaryKey: [note]")
    edit(folder / "datapackage.yaml", "        - {name: path, type: string, from: $path}\n", "")
    _, out, _ = run("check", "--no-cache")
    message = "note 'a' stands in notes/a.en.md:1:1 too, expected it once"
    assert [line.partition(": error: ")[::2] for line in out.splitlines()[:-1]] == [
        (f"notes/{path}.en.md:1:1", f"notes-primaryKey: {message}") for path in ("x/a", "x/y/a")
    ]


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("elsewhere/{section:**}/{note}.{language}.md", ["notes/a.en.md", "notes/x/y/a.en.md"]),
        ("elsewhere/x/{section:**}/{note}.{language}.md", ["notes/y/a.en.md"]),
        ("elsewhere/x/{section}/{note}.{language}.md", ["notes/y/a.en.md"]),
    ],
)
def test_nested_records_are_read_from_elsewhere(
    folder: Path, pattern: str, paths: list[str]
) -> None:
    """Their paths in a release are those of the kind's pattern."""
    (folder / "elsewhere/x/y").mkdir(parents=True)
    for path in ("a.en.md", "x/y/a.en.md"):
        (folder / "elsewhere" / path).write_text("---\ntitle: A\n---\n")
    _, out, _ = run("check", "--no-cache", "--records", f"notes={pattern}")
    assert out.splitlines()[-1].startswith(f"{len(paths)} record")
    assert run("build", "--no-cache", "--records", f"notes={pattern}")[0] == 0
    source = Path("dist/0.1.0-dev/source")
    assert sorted(p.relative_to(source).as_posix() for p in source.rglob("*.md")) == paths


def test_unnamed_folders_elsewhere_are_those_of_the_kind(folder: Path) -> None:
    """The first `**` is the first one of the kind's path; one too many has no place in a release."""
    edit(folder / "datapackage.yaml", "{section:**}", "**")
    edit(folder / "datapackage.yaml", 'from: "{section}"', "from: $format")
    (folder / "notes").rename(folder / "other")
    pattern = "other/**/{note}.{language}.md"
    assert run("check", "--no-cache", "--records", f"notes={pattern}")[0] == 0
    assert run("build", "--no-cache", "--records", f"notes={pattern}")[0] == 0
    source = Path("dist/0.1.0-dev/source")
    assert {p.relative_to(source).as_posix() for p in source.rglob("*.md")} == set(FILES)
    pattern = "**/x/**/{note}.{language}.md"
    _, _, err = run("check", "--records", f"notes={pattern}")
    expected = "expected no more `**` in the pattern than in notes/**/{note}.{language}.md"
    assert err == f"release: --records notes={pattern}: {expected}\n"


def test_folders_that_one_part_cannot_hold_are_told(folder: Path) -> None:
    """A capture of folders elsewhere, of which the kind's path has room for one only."""
    edit(folder / "datapackage.yaml", "{section:**}", "{section}")
    pattern = "notes/{section:**}/{note}.{language}.md"
    _, out, _ = run("check", "--no-cache", "--records", f"notes={pattern}")
    assert out.splitlines()[:-1] == [
        (
            "notes/a.en.md: error: path-capture: the path gives section missing and note 'a' and language "
            "'en', but the path in a release would be notes//a.en.md, which does not match the kind's "
            "`path`; expected one that does"
        ),
        (
            "notes/x/y/a.en.md: error: path-capture: the path gives section 'x/y' and note 'a' and "
            "language 'en', but the path in a release would be notes/x/y/a.en.md, which does not match "
            "the kind's `path`; expected one that does"
        ),
    ]


def test_releases_among_records_are_no_records(folder: Path) -> None:
    """A store may stand in the folder of a pattern that takes all folders."""
    pattern = "notes/{section:**}/{note}.{language}.md"
    edit(folder / "datapackage.yaml", pattern, f'"{pattern.removeprefix("notes/")}"')
    assert run("build")[0] == 0
    before = run("check")
    assert run("build", "--out", "more/store")[0] == 0
    (folder / "dist/0.1.0-dev").rename(folder / "unpacked")
    assert run("check") == before
    assert before[1] == "4 records, 0 errors, 0 warnings\n"


def test_files_that_desktops_make_are_left_out(folder: Path) -> None:
    """As `.DS_Store` is, which is hidden."""
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
        (folder / "notes" / name).write_bytes(b"\x00")
    assert run("check")[1] == "4 records, 0 errors, 0 warnings\n"


# files that are left out


def test_stars_leave_files_out_at_any_depth(folder: Path) -> None:
    """`*` is any text within a part, `**` any number of folders, and at the end all below."""
    excluded = """\
    exclude:
      - {path: "notes/**/_*.md", reason: pages of the site}
      - {path: "notes/x/y/**", reason: not ready}
    prefer:"""
    edit(folder / "datapackage.yaml", "    prefer:", excluded)
    for path in ("notes/_a.md", "notes/x/_b.md", "notes/x/y/z.md"):
        (folder / path).write_text("# no record\n")
    assert [row[0] for row in rows(folder)] == [*sorted(FILES)[:1], *sorted(FILES)[1:3]]
    _, out, _ = run("check", "--no-cache", "--coverage")
    assert [line.split() for line in out.splitlines() if "excluded" in line] == [
        ["notes/notes/**/_*.md", "2", "0", "excluded:", "pages", "of", "the", "site"],
        ["notes/notes/x/y/**", "2", "0", "excluded:", "not", "ready"],
    ]

"""No release without data: kinds without records, tables without rows, and what may be empty."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.support.datasets import describe, table
from tests.support.kit import build, check, edit, run

RECORD = "---\ntitle: Rain\n---\n"

CURATED = table("colours", "code", of="colours.csv", key="code")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a descriptor and no records."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datapackage.yaml").write_text(describe())
    return tmp_path


def findings() -> list[str]:
    """The lines of `check`, in which an error also stops a build."""
    code, out, _ = run("check")
    assert run("build")[0] == code
    assert Path("dist").exists() == (code == 0)
    return out.splitlines()[:-1]


def test_a_kind_that_may_be_empty_is_no_finding(folder: Path) -> None:
    """The release has an empty table beside one with rows, and is rebuilt from its source."""
    text = (folder / "datapackage.yaml").read_text()
    table = text[text.index("  - name: notes") :].replace("notes", "drafts")
    text = text.replace(
        "records:\n", "records:\n  drafts: {path: 'd/{note}.md', mayBeEmpty: true}\n"
    )
    (folder / "datapackage.yaml").write_text(text + table)
    (folder / "notes").mkdir()
    (folder / "notes/a.md").write_text(RECORD)
    assert findings() == []
    assert (folder / "dist/0.1.0/data/drafts.csv").read_text() == "note,title\n"
    assert run("verify", "dist/0.1.0", "--rebuild")[0] == 0


def test_may_be_empty_counts_for_its_kind_alone(folder: Path) -> None:
    """`false` is what a kind has that says nothing."""
    edit(folder / "datapackage.yaml", '.md"}', '.md", mayBeEmpty: false}')
    (found,) = findings()
    assert found.startswith(
        "datapackage.yaml:5:17: error: no-records: the kind notes has no records: "
    )


def test_a_release_without_a_row_is_an_error_though_its_kinds_may_be_empty(folder: Path) -> None:
    """A table of findings and a codelist hold no data."""
    edit(folder / "datapackage.yaml", '.md"}', '.md", mayBeEmpty: true}')
    wanted = (
        "datapackage.yaml:7:3: error: no-rows: no table has a row, so there is nothing to publish; "
    )
    assert findings() == [f"{wanted}expected one at least"]
    with (folder / "datapackage.yaml").open("a") as file:
        file.write(CURATED.replace("path:", "codelist: {}\n    path:"))
    (folder / "colours.csv").write_text("code\nred\n")
    assert findings() == [
        wanted.replace("no table", "no table but the codelists") + "expected one at least"
    ]


def test_a_curated_table_with_a_row_is_data(folder: Path) -> None:
    """So a dataset may have no record at all, if it says so."""
    edit(folder / "datapackage.yaml", '.md"}', '.md", mayBeEmpty: true}')
    with (folder / "datapackage.yaml").open("a") as file:
        file.write(CURATED)
    (folder / "colours.csv").write_text("code\n")
    assert len(findings()) == 1
    (folder / "colours.csv").write_text("code\nred\n")
    assert findings() == []


def test_a_dataset_of_codelists_alone_is_published_for_its_codes(folder: Path) -> None:
    """There codelists are the data, and one needs a row."""
    head = describe().partition("records:")[0]
    codelist = CURATED.replace("path:", "codelist: {}\n    path:")
    (folder / "datapackage.yaml").write_text(f"{head}resources:\n{codelist}")
    (folder / "colours.csv").write_text("code\n")
    assert len(findings()) == 1
    (folder / "colours.csv").write_text("code\nred\n")
    assert findings() == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("other/{note}.md", "there is no folder 'other'"),
        (
            "./elsewhere/{note}.txt",
            "the only file in its folder, './elsewhere/a.md', does not match",
        ),
        ("memory://nothing/{note}.md", "there is no file below 'memory://nothing'"),
    ],
)
def test_records_from_elsewhere_are_looked_for_where_they_were_said_to_be(
    folder: Path, pattern: str, why: str
) -> None:
    """The message has the pattern of `--records`, not that of the descriptor."""
    for name in ("notes", "elsewhere"):
        (folder / name).mkdir()
        (folder / name / "a.md").write_text(RECORD)
    code, out, _ = run("build", "--records", f"notes={pattern}")
    (found,) = (line for line in out.splitlines() if "no-records" in line)
    assert code == 1
    assert found == (
        f"datapackage.yaml:5:17: error: no-records: the kind notes has no records: {why}; expected files "
        f"such as {pattern}, or `mayBeEmpty: true` if there may be none"
    )


def test_an_empty_folder_of_records_is_named(folder: Path) -> None:
    """So is the folder of the descriptor, if records stand in it."""
    (folder / "notes").mkdir()
    (found,) = findings()
    assert "has no records: the folder 'notes' has no files; expected" in found
    edit(folder / "datapackage.yaml", "notes/{note}.md", "{note}.md")
    (folder / "notes").rmdir()
    (found,) = findings()
    assert "has no records: its folder has no other files; expected" in found


def test_records_that_are_all_excluded_are_none(folder: Path) -> None:
    """So the exclusion is what the message names."""
    excluded = '.md", exclude: [{path: "notes/{draft}.md", reason: drafts}]}'
    edit(folder / "datapackage.yaml", '.md"}', excluded)
    (folder / "notes").mkdir()
    for name, files in (
        ("a.md", "the only file in its folder"),
        ("b.md", "each of the 2 files in its folder"),
    ):
        (folder / "notes" / name).write_text(RECORD)
        found, _ = sorted(findings(), key=lambda line: ": note: " in line)
        assert f"has no records: {files} is excluded; expected" in found


@pytest.mark.parametrize("pattern", ["notes/*.md", "*/{note}.md"])
def test_a_wildcard_is_refused_where_records_are_elsewhere(folder: Path, pattern: str) -> None:
    """`--records` takes patterns as the descriptor has them."""
    code, _, err = run("check", "--records", f"notes={pattern}")
    assert (code, err) == (
        2,
        (
            f"release: --records notes={pattern}: `*` is no wildcard: expected a {{capture}} for one part "
            "of the path, or `**` for folders at any depth, at character "
            f"{pattern.index('*') + 1} of the pattern\n"
        ),
    )
    assert not (folder / "dist").exists()


def _layouts() -> list[tuple[str, str]]:
    """Patterns, and files that some of them match."""
    patterns = ["{note}.md", "notes/{note}.md", "notes/{a}/{note}.md", "Notes/{note}.md"]
    patterns += ["notes/{note}.markdown", "notes/{note}/index.md", "notes/a.md/{note}.md"]
    files = ["a.md", "notes/a.md", "notes/b/a.md", "notes/.a.md", "notes/a.txt", ".notes/a.md"]
    return list(itertools.product(patterns, files))


@pytest.mark.parametrize(("pattern", "file"), _layouts())
def test_whatever_a_pattern_matches_no_release_is_empty(
    tmp_path: Path, pattern: str, file: str
) -> None:
    """Either there is an error, or a row for the record."""
    (tmp_path / "datapackage.yaml").write_text(describe(path=pattern))
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(RECORD)
    found = check(tmp_path)
    if found.errors:
        assert [each.rule for each in found.findings if each.severity == "error"] == ["no-records"]
    else:
        built = build(tmp_path, tmp_path / "store")
        assert (built / "data/notes.csv").read_text().count("\n") == 2

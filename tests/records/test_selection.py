"""Records that do not count for what they say, and records of others: conditions and patches."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import kit
from tests.support.descriptors import FINDINGS
from tests.support.kit import edit, run

NOTES = (
    """\
name: notes
version: 0.1.0-dev
created: '2026-01-01T00:00:00Z'
records:
  notes:
    path: notes/{note}.md
    where:
      - {path: draft, values: [true, soon], reason: not ready}
      - {path: "tags.{n}", values: [private], reason: for us}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      foreignKeys: [{fields: [parent], reference: {fields: [note]}}]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: title, type: string, from: title, constraints: {maxLength: 12}}
        - {name: year, type: integer, from: year}
        - {name: parent, type: string, from: parent}
  - name: tags
    rows: "notes/tags.{n}"
    schema:
      primaryKey: [note, n]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: n, type: integer, from: "{n}"}
        - {name: tag, type: string, from: $value}
"""
    + FINDINGS
)

RECORDS = {
    "a": "title: A\nyear: 2020\ntags: [red, blue]\n",
    "b": "title: B\ndraft: true\nyear: soon\nmore: x\n",
    "c": "title: C\ntags: [private]\n",
    "d": "title: D\ndraft: no\nyear: 2021\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four notes, two of which do not count; their folder is the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datapackage.yaml").write_text(NOTES)
    (tmp_path / "notes").mkdir()
    for name, text in RECORDS.items():
        write(tmp_path, name, text)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    """Write a note."""
    (folder / f"notes/{name}.md").write_text(f"---\n{text}---\n")


def patch(folder: Path, text: str) -> None:
    """Write the patches of the notes."""
    file = folder / "datapackage.yaml"
    if "patches:" not in file.read_text():
        edit(file, "records:\n", "patches: fixes/patches.yaml\nrecords:\n")
    (folder / "fixes").mkdir(exist_ok=True)
    (folder / "fixes/patches.yaml").write_text(text)


def told(*options: str) -> list[str]:
    """What a check says, a line each."""
    return run("check", *options)[1].splitlines()


# conditions

LEFT_OUT = [
    "datapackage.yaml:8:9: note: left-out: 1 record of notes is left out: not ready; it is notes/b.md",
    "datapackage.yaml:9:9: note: left-out: 1 record of notes is left out: for us; it is notes/c.md",
]


def test_a_record_with_a_value_of_a_condition_is_left_out(folder: Path) -> None:
    """Neither a row nor a fault comes of it; the note has the number, the reason and the first."""
    assert told() == [*LEFT_OUT, "4 records, 0 errors, 0 warnings, 2 notes"]
    rows = kit.check(folder).content.tables["notes"].to_pylist()
    assert [row["note"] for row in rows] == ["a", "d"]


def test_coverage_counts_the_records_that_a_condition_leaves_out(folder: Path) -> None:
    """One line for each condition, with its reason; their values are not counted as leaves."""
    assert (folder / "notes/d.md").exists()
    lines = [line.split(maxsplit=3) for line in told("--coverage")]
    assert ["notes/draft", "1", "0", "left out: not ready"] in lines
    assert ["notes/draft", "1", "0", "where: not ready"] in lines
    assert ["notes/tags.{n}", "1", "0", "left out: for us"] in lines
    assert ["notes/title", "2", "0", "notes.title"] in lines


def test_what_is_left_out_does_not_travel_and_the_release_is_rebuilt(folder: Path) -> None:
    """Nobody finds a draft in the archive, and `verify` proves the rest."""
    assert run("build")[0] == 0
    source = folder / "dist/0.1.0-dev/source/notes"
    assert sorted(file.name for file in source.iterdir()) == ["a.md", "d.md"]
    assert "left-out" not in (folder / "dist/0.1.0-dev/data/findings.csv").read_text()
    code, out, _ = run("verify", "--rebuild", "--no-referee", "dist/0.1.0-dev")
    assert (code, out.splitlines()[-1]) == (0, "verifies")


def test_the_answer_of_the_cache_is_the_same(folder: Path, tmp_path: Path) -> None:
    """So is the release, whose tables are made of cached chunks."""
    options = ("--cache", str(tmp_path / "cache"))
    first = told(*options)
    assert told(*options) == first
    assert run("build", *options)[0] == 0
    assert not (folder / "dist/0.1.0-dev/source/notes/b.md").exists()


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ("[true]", "cd"),
        ("['TRUE']", "cd"),
        ("[null]", "bd"),
        ("[no, soon]", "abc"),
        ("[1]", "abcd"),
    ],
)
def test_values_are_compared_as_they_are_written(folder: Path, values: str, kept: str) -> None:
    """A boolean in any case; null stands for a value that is missing."""
    edit(folder / "datapackage.yaml", "[true, soon]", values)
    edit(folder / "datapackage.yaml", "[private]", "[nothing]")
    write(folder, "b", "title: B\ndraft: True\n")
    write(folder, "a", "title: A\ndraft: ''\n" if "null" in values else "title: A\ndraft: 'true'\n")
    write(folder, "c", "title: C\n")
    rows = kit.check(folder).content.tables["notes"].to_pylist()
    assert "".join(row["note"] for row in rows) == kept


def test_a_kind_of_which_no_record_is_left_has_none(folder: Path) -> None:
    """A rebuild would find none either."""
    for name in "ad":
        write(folder, name, "draft: soon\n")
    assert told()[0] == (
        "datapackage.yaml:6:11: error: no-records: the kind notes has no records: each of the 4 is left "
        "out; expected one that is not, or `mayBeEmpty: true` if there may be none"
    )


def test_a_record_that_cannot_be_read_is_not_left_out(folder: Path) -> None:
    """Whether its value is that of a condition is not certain."""
    write(folder, "b", "draft: true\ndraft: false\n")
    assert any("notes/b.md:3:1: error: duplicate-key" in line for line in told())


def test_a_foreign_key_to_a_record_that_is_left_out_names_the_reason(folder: Path) -> None:
    """Whether a condition or a patch leaves it out, and whether it can be read or not."""
    for name, parent in (("a", "b"), ("d", "e"), ("f", "g")):
        write(folder, name, f"parent: {parent}\n")
    write(folder, "e", "title: B\ntitle: C\n")
    patch(folder, "- {record: notes/e.md, leaveOut: true, reason: two titles}\n")
    expected = "refers to nothing, expected a row of notes with that note"
    assert [line for line in told() if "foreignKeys" in line] == [
        (
            f"notes/a.md:2:9: error: notes-foreignKeys: parent 'b' {expected}; notes/b.md has it, and is "
            "left out: not ready"
        ),
        (
            f"notes/d.md:2:9: error: notes-foreignKeys: parent 'e' {expected}; notes/e.md has it, and is "
            "left out: two titles"
        ),
        f"notes/f.md:2:9: error: notes-foreignKeys: parent 'g' {expected}",
    ]


# patches

PATCHES = """\
- record: notes/a.md
  path: title
  expected: A
  value: A title that is long
  reason: so it is printed
- record: notes/d.md
  path: year
  expected: 2021
  remove: true
  reason: nobody knows
- {record: notes/d.md, path: tags, expected: null, value: [green], reason: seen}
- {record: notes/a.md, path: tags.1, expected: blue, value: navy, reason: named so}
"""

PATCHED = [
    (
        "fixes/patches.yaml:1:3: note: patched: title of notes/a.md is 'A title that is long' in place of "
        "'A': so it is printed"
    ),
    (
        "fixes/patches.yaml:4:10: error: title-maxLength: title is 'A title that is long', expected at most "
        "12 characters"
    ),
    "fixes/patches.yaml:6:3: note: patched: year of notes/d.md is removed, which was 2021: nobody knows",
    "fixes/patches.yaml:11:3: note: patched: tags of notes/d.md is a list in place of missing: seen",
    "fixes/patches.yaml:12:3: note: patched: tags.1 of notes/a.md is 'navy' in place of 'blue': named so",
]


def test_patches_change_values_and_are_told(folder: Path) -> None:
    """A fault of a value that a patch put there stands in the file of patches."""
    patch(folder, PATCHES)
    assert [line for line in told() if "patches.yaml" in line] == PATCHED


def test_a_patch_of_what_another_one_put_there_says_what_it_replaced(folder: Path) -> None:
    """The file of the record has no value there."""
    of_tags = "- {record: notes/d.md, path: tags.0, expected: green, value: lime, reason: seen}\n"
    patch(folder, "".join(PATCHES.splitlines(keepends=True)[10:11]) + of_tags)
    assert [line for line in told() if "tags.0" in line] == [
        "fixes/patches.yaml:2:3: note: patched: tags.0 of notes/d.md is 'lime' in place of 'green': seen"
    ]


def test_a_release_with_patches_has_them_and_is_rebuilt(folder: Path) -> None:
    """They are among its sources, its findings and its inputs."""
    patch(folder, PATCHES.replace(" that is long", ""))
    assert run("build")[0] == 0
    release = folder / "dist/0.1.0-dev"
    assert (release / "data/notes.csv").read_text() == (
        'note,title,year,parent\n"a","A title",2020,\n"d","D",,\n'
    )
    assert (release / "data/tags.csv").read_text() == (
        'note,n,tag\n"a",0,"red"\n"a",1,"navy"\n"d",0,"green"\n'
    )
    assert (release / "data/findings.csv").read_text().count('"patched"') == 4
    assert (release / "source/fixes/patches.yaml").read_text().startswith("- record:")
    assert "fixes/patches.yaml" in (release / "buildinfo.json").read_text()
    code, out, _ = run("verify", "--rebuild", "--no-referee", "dist/0.1.0-dev")
    assert (code, out.splitlines()[-1]) == (0, "verifies")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "{record: notes/a.md, path: title, expected: B, value: C, reason: r}",
            "title of notes/a.md is 'A', expected 'B': the patch no longer applies; correct it, or remove it",
        ),
        (
            "{record: notes/a.md, path: title, expected: B, value: A, reason: r}",
            "title of notes/a.md is 'A', expected 'B': the patch is not needed any more; remove it",
        ),
        (
            "{record: notes/aa.md, path: title, expected: B, value: A, reason: r}",
            "there is no record notes/aa.md; did you mean 'notes/a.md'?",
        ),
        (
            "{record: elsewhere.md, leaveOut: true, reason: r}",
            "there is no record elsewhere.md; correct the patch, or remove it",
        ),
        (
            "{record: notes/a.md, path: tags.1, expected: blue, remove: true, reason: r}",
            "tags.1 of notes/a.md is in a list, whose other positions would move; change it as a whole",
        ),
        (
            "{record: notes/a.md, path: tags.7, expected: null, value: x, reason: r}",
            "tags.7 of notes/a.md is no position of its list; change the list as a whole",
        ),
        (
            "{record: notes/a.md, path: a.b, expected: null, value: x, reason: r}",
            "a.b of notes/a.md has no mapping around it; set that as a whole",
        ),
        (
            "{record: notes/a.md, path: away, expected: null, remove: true, reason: r}",
            "away of notes/a.md is not there, so that nothing can be removed; remove the patch",
        ),
    ],
)
def test_a_patch_that_does_not_apply_is_an_error_at_its_line(
    folder: Path, text: str, problem: str
) -> None:
    """The record stays as it is."""
    patch(folder, f"# of others\n- {text}\n")
    assert f"fixes/patches.yaml:2:3: error: patch: {problem}" in told()


def test_a_record_that_cannot_be_read_is_left_out_by_name(folder: Path) -> None:
    """No rule is lowered for the others, and no byte of it travels."""
    write(folder, "b", "title: B\ntitle: C\n")
    write(folder, "d", "title: &x D\n")
    patch(folder, "- {record: notes/b.md, leaveOut: true, reason: two titles}\n")
    lines = told()
    assert next(each for each in lines if "error:" in each).startswith(
        "notes/d.md:2:8: error: anchor:"
    )
    assert (
        "fixes/patches.yaml:1:3: note: left-out: 1 file is left out: two titles; it is notes/b.md"
        in lines
    )
    write(folder, "d", "title: D\n")
    assert run("build")[0] == 0
    assert not (folder / "dist/0.1.0-dev/source/notes/b.md").exists()
    code, out, _ = run("verify", "--rebuild", "--no-referee", "dist/0.1.0-dev")
    assert (code, out.splitlines()[-1]) == (0, "verifies")


def test_a_patch_changes_the_cache_key_of_its_record_only(folder: Path, tmp_path: Path) -> None:
    """What was kept of the others is kept, and no stale value is shown."""
    options = ("--cache", str(tmp_path / "cache"))
    patch(folder, PATCHES.replace(" that is long", ""))
    first = told(*options)
    patch(folder, PATCHES.replace(" that is long", " that"))
    assert [a for a, b in zip(first, told(*options), strict=True) if a != b] == [
        PATCHED[0].replace(" that is long", "")
    ]


def test_patches_of_records_that_share_a_file_name_their_place(folder: Path) -> None:
    """The captures of a record within its file are part of its name."""
    file = folder / "datapackage.yaml"
    edit(file, "    path: notes/{note}.md\n", '    path: all/notes.yaml\n    records: "{note}"\n')
    (folder / "all").mkdir()
    (folder / "all/notes.yaml").write_text("a:\n  title: A\nb:\n  title: B\n  draft: soon\n")
    text = "- {record: all/notes.yaml, captures: {note: b}, path: title, expected: B, value: C, reason: r}\n"
    patch(
        folder,
        text + text.replace("note: b", "note: x") + text.replace("captures: {note: b}, ", ""),
    )
    assert [line for line in told() if "error" in line] == [
        (
            "fixes/patches.yaml:2:3: error: patch: all/notes.yaml has no record with note 'x'; correct the "
            "patch, or remove it"
        ),
        (
            "fixes/patches.yaml:3:3: error: patch: all/notes.yaml has several records, expected `captures: "
            "{note: …}` to name one"
        ),
        "1 record, 2 errors, 0 warnings, 1 note",
    ]
    patch(
        folder,
        text
        + text.replace("path: title", "path: draft").replace(
            "expected: B, value: C", "expected: soon, remove: true"
        ),
    )
    assert [row["title"] for row in kit.check(folder).content.tables["notes"].to_pylist()] == [
        "A",
        "C",
    ]
    assert run("build")[0] == 0
    code, out, _ = run("verify", "--rebuild", "--no-referee", "dist/0.1.0-dev")
    assert (code, out.splitlines()[-1]) == (0, "verifies")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: b\n", "1:1: the descriptor is no list, expected a patch in each item"),
        ("- a: 1\n", "1:3: 0.a is an unknown property"),
        (
            "- {record: a, path: x, value: 1, reason: r}\n",
            "1:3: 0.expected is missing, expected the value",
        ),
        ("- {record: a, path: x, expected: 1, reason: r}\n", "1:3: 0 has to have one of `value`,"),
        (
            "- {record: a, path: '{x}', expected: 1, value: 2, reason: r}\n",
            "1:21: 0.path has a {capture}",
        ),
        (
            "- {record: a, path: $body, expected: 1, value: 2, reason: r}\n",
            "1:21: 0.path is no path of",
        ),
        ("- {record: a, leaveOut: 1, reason: r}\n", "1:25: 0.leaveOut is 1, expected true"),
        ("- [\n", "1:3: "),
    ],
)
def test_a_file_of_patches_that_cannot_be_used_ends_the_command(
    folder: Path, text: str, problem: str
) -> None:
    """The line and column are those of the file of patches."""
    patch(folder, text)
    code, _, err = run("check")
    assert code == 2
    assert f"fixes/patches.yaml:{problem}" in err


# companions

BUNDLES = """\
name: notes
version: 0.1.0-dev
created: '2026-01-01T00:00:00Z'
records:
  notes:
    path: notes/{note}/index.md
    where: [{path: draft, values: [true], reason: not ready}]
    companions:
      - {path: "notes/{note}/**/*.jpg"}
      - {path: "papers/{note}.*"}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: title, type: string, from: title}
"""

#: Files beside records: those that belong to one, and others.
BESIDE = {
    "notes/a/cover.jpg": b"\xff\xd8\x00A",
    "notes/a/more/second.jpg": b"\xff\xd8\x00B",
    "papers/a.pdf": b"%PDF",
    "notes/b/cover.jpg": b"draft",
    "notes/gone/cover.jpg": b"of no record",
    "notes/a/notes.txt": b"to do",
}


@pytest.fixture
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A note with files beside it, and a draft; their folder is the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datapackage.yaml").write_text(BUNDLES)
    for path, data in BESIDE.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (tmp_path / "notes/a/index.md").write_text("---\ntitle: A\n---\n")
    (tmp_path / "notes/b/index.md").write_text("---\ndraft: true\n---\n")
    return tmp_path


def test_companions_are_declared_once_and_others_are_told(bundles: Path) -> None:
    """A file that belongs to no record, or that no pattern names, is the warning that it was."""
    assert (bundles / "notes/a/notes.txt").exists()
    assert [line.partition(": ")[0] for line in told() if "file-unmatched" in line] == [
        "notes/a/notes.txt",
        "notes/gone/cover.jpg",
    ]


def test_companions_travel_byte_for_byte_and_are_rebuilt(bundles: Path) -> None:
    """They are listed, hashed and packed as the records are; those of a draft stay at home."""
    assert run("build")[0] == 0
    release = bundles / "dist/0.1.0-dev"
    source = release / "source"
    there = {
        p.relative_to(source).as_posix(): p.read_bytes() for p in source.rglob("*") if p.is_file()
    }
    companions = ("notes/a/cover.jpg", "notes/a/more/second.jpg", "papers/a.pdf")
    assert set(there) == {"datapackage.yaml", "notes/a/index.md", *companions}
    for path in companions:
        assert there[path] == BESIDE[path]
        assert f"{kit.sha256(BESIDE[path])}  source/{path}" in (release / "SHA256SUMS").read_text()
        assert f'"{path}"' in (release / "buildinfo.json").read_text()
    code, out, _ = run("verify", "--rebuild", "--no-referee", str(release))
    assert (code, out.splitlines()[-1]) == (0, "verifies")
    (source / "papers/a.pdf").write_bytes(b"%PDF-")
    assert run("verify", "--no-referee", str(release))[0] == 1


def test_what_is_a_record_or_left_out_is_no_companion(bundles: Path) -> None:
    """Whatever a pattern of companions matches, also in folders of no kind: drafts must not travel."""
    text = BUNDLES.replace("notes/{note}/**/*.jpg", "**").replace("/index.md", "/{page}.md")
    excluded = "exclude: [{path: notes/a/own.md, reason: own}]\n    companions"
    text = text.replace("companions", excluded, 1).replace("[note]", "[note, page]")
    text = text.replace(
        "      fields:\n", '      fields:\n        - {name: page, from: "{page}"}\n', 1
    )
    (bundles / "datapackage.yaml").write_text(f"{text}patches: patches.yaml\n")
    for name in ("own", "gone"):
        (bundles / f"notes/a/{name}.md").write_text("---\ntitle: A\n---\n")
    (bundles / "patches.yaml").write_text(
        "- {record: notes/a/gone.md, leaveOut: true, reason: private}\n"
    )
    (bundles / "LICENSE").write_text("Free.\n")
    code, out, err = run("build")
    assert code == 0, out + err
    source = bundles / "dist/0.1.0-dev/source"
    there = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file()}
    own = {"datapackage.yaml", "LICENSE", "patches.yaml", "notes/a/index.md"}
    assert there == own | set(BESIDE)


def test_companions_are_found_beside_records_that_are_read_from_elsewhere(bundles: Path) -> None:
    """Their paths in a release are beside the records there, too."""
    (bundles / "notes").rename(bundles / "other")
    assert run("build", "--records", "notes=other/{note}/index.md")[0] == 0
    assert (bundles / "dist/0.1.0-dev/source/notes/a/cover.jpg").read_bytes() == BESIDE[
        "notes/a/cover.jpg"
    ]


def test_a_companion_that_is_too_large_is_told(bundles: Path) -> None:
    """It would be held in memory."""
    with (bundles / "notes/a/cover.jpg").open("wb") as file:
        file.truncate(2**28 + 1)
    assert (
        "notes/a/cover.jpg: error: file-too-large: has 268,435,457 bytes, expected at most 268,435,456 in a "
        "file beside records"
    ) in told()


def test_a_companion_has_a_path_that_any_system_keeps(bundles: Path) -> None:
    """As records have."""
    (bundles / "notes/a/what?.jpg").write_bytes(b"")
    assert any("notes/a/what?.jpg: error: path-portable" in line for line in told())


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (
            "notes/{nte}/*.jpg",
            "uses {nte}, which is no capture of the kind's `path`; did you mean 'note'?",
        ),
        ("../{note}.jpg", "expected a path below the folder, with / between parts"),
        ("notes/{note}/index.md", "which matches the records themselves, expected other files"),
        ("notes/{note}/[a-z].jpg", "`[a-z]` is no wildcard"),
    ],
)
def test_a_pattern_of_companions_that_cannot_be_used_is_refused(
    bundles: Path, pattern: str, problem: str
) -> None:
    """At its place in the descriptor."""
    edit(bundles / "datapackage.yaml", "papers/{note}.*", pattern)
    code, _, err = run("check")
    assert code == 2
    assert problem in err
    assert "datapackage.yaml:10:16: records.notes.companions.1.path" in err


# many findings of one cause


def test_findings_that_are_alike_are_shown_once(folder: Path) -> None:
    """54 lines that say two things are two entries; `--all` and JSON have each."""
    for number in range(27):
        write(folder, f"x{number:02}", f"title: X\nmore: {number}\nlist: [{{a: 1}}, {{a: 2}}]\n")
    lines = [line for line in run("check", is_grouped=True)[1].splitlines() if "note:" not in line]
    advice = "which nothing maps; map it with `from`, or ignore it with a reason"
    assert lines == [
        f"notes/x00.md:3:7: error: unmapped-path: more is 0, {advice}",
        (
            "    and 26 more like it, in 27 files: notes/x01.md:3:7, notes/x02.md:3:7, notes/x03.md:3:7, "
            "notes/x04.md:3:7, …"
        ),
        f"notes/x00.md:4:12: error: unmapped-path: list.0.a is 1, {advice}",
        (
            "    and 53 more like it, in 27 files: notes/x00.md:4:20, notes/x01.md:4:12, notes/x01.md:4:20, "
            "notes/x02.md:4:12, …"
        ),
        "(findings that are alike are shown once; --all shows each)",
        "31 records, 81 errors, 0 warnings, 2 notes",
    ]
    assert len([line for line in told() if "unmapped-path" in line]) == 81
    assert run("check", "--format", "json")[1].count('"unmapped-path"') == 81

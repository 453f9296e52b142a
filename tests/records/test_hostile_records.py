"""Faults that git cannot hold: each is made in a temporary folder."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release.system.limits import LIMITS, Limits
from tests.support.datasets import describe, table
from tests.support.faults import RECORDS, SUMMARY, findings
from tests.support.kit import run, snapshot

PLAIN = "---\ntitle: Rain\n---\nText.\n"
SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the records of a small dataset, with one good record, below the working folder."""
    shutil.copy(RECORDS / "file-empty" / "datapackage.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "good.md").write_text(PLAIN)
    return folder


def check(limits: Limits = LIMITS) -> list[str]:
    """The findings in the working folder; where there are errors a build leaves no store."""
    code, out, err = run("check", limits=limits)
    found = findings(out, SUMMARY)
    assert code == (1 if ": error: " in found else 0)
    assert err == ""
    if code:
        assert run("build", "--out", "store", limits=limits)[0] == 1
        assert not Path("store").exists()
    return found.splitlines()


def _limit_memory() -> None:
    """What takes too much memory is to fail alone."""
    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))


def check_in_a_process(folder: Path) -> list[str]:
    """The findings in a folder, by a process of its own: what may crash must not take pytest with
    it.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "release", "check", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": SOURCE, "PYTHONUTF8": "1"},
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=_limit_memory,
    )
    assert (ran.returncode in (0, 1), ran.stderr.decode()[-2000:]) == (True, "")
    return findings(ran.stdout.decode(), SUMMARY).splitlines()


# files that are none


def test_a_symbolic_link_is_refused(notes: Path) -> None:
    """A link to a file, good or dangling, and a link to a folder are findings; none is followed."""
    outside = notes.parent / "outside"
    outside.mkdir()
    (outside / "linked.md").write_text(PLAIN)
    (notes / "link.md").symlink_to(outside / "linked.md")
    (notes / "dangling.md").symlink_to("nothing.md")
    (notes / "folder").symlink_to(outside)
    (notes / "loop").symlink_to(notes)
    assert check() == [
        f"records/{name}: error: not-a-file: is a symbolic link, expected a regular file or folder"
        for name in ("dangling.md", "folder", "link.md", "loop")
    ]


def test_a_fifo_is_refused(notes: Path) -> None:
    """A named pipe where a record is expected is a finding, and is not waited for."""
    os.mkfifo(notes / "pipe.md")
    assert check() == ["records/pipe.md: error: not-a-file: is no regular file, expected one"]


def test_a_folder_named_as_a_record_holds_no_records(notes: Path) -> None:
    """A folder `a.md` is no record; what stands in it belongs to no kind."""
    (notes / "a.md").mkdir()
    (notes / "a.md" / "b.md").write_text(PLAIN)
    found = check()
    assert len(found) == 1
    assert found[0].startswith("records/a.md/b.md: warning: file-unmatched: ")


#: A codelist in a folder of records.
COLOURS = table("colours", "code", of="data/colours.csv", key="code")


@pytest.mark.parametrize("where", ["data/{note}.md", "{note}.md"])
@pytest.mark.parametrize("elsewhere", ["", "./", "{root}/", "{link}/"])
def test_known_files_among_records_are_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, elsewhere: str
) -> None:
    """A curated table, the descriptor and LICENSE are known; a file of the same name elsewhere is not."""
    root = tmp_path / "own"
    (root / "data/more").mkdir(parents=True)
    (root / "notes.yaml").write_text(describe(table(), COLOURS, path=where))
    (root / where.replace("{note}", "good")).write_text(PLAIN.replace("Text.\n", ""))
    for name in ("LICENSE", "data/colours.csv", "data/more/colours.csv"):
        (root / name).write_text("code\nred\n")
    (tmp_path / "link").symlink_to(root)
    monkeypatch.chdir(root)
    place = elsewhere.format(root=root, link=tmp_path / "link")
    options = ["--records", f"notes={place}{where}"] if elsewhere else []
    code, out, err = run("check", "--descriptor", "notes.yaml", *options)
    told = (
        f"warning: file-unmatched: the file belongs to no kind of record, expected {place}{where}"
    )
    summary = "1 record, 0 errors, 1 warning"
    assert (code, err) == (0, "")
    assert out == f"{place}data/more/colours.csv: {told}\n{summary}\n"


def test_known_files_among_records_may_be_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read as they are anywhere else; a link of that name in another place is none of them."""
    root = tmp_path / "own"
    for folder in (root / "data", root / "more", root / "kept"):
        folder.mkdir(parents=True)
    (root / "good.md").write_text(PLAIN.replace("Text.\n", ""))
    texts = {
        "LICENSE": "free",
        "colours.csv": "code\n",
        "datapackage.yaml": describe(table(), COLOURS, path="{note}.md"),
    }
    for name, text in texts.items():
        (root / "kept" / name).write_text(text)
        place = root / "data" / name if name == "colours.csv" else root / name
        place.symlink_to(Path("../kept" if name == "colours.csv" else "kept", name))
    (root / "more/LICENSE").symlink_to("../LICENSE")
    monkeypatch.chdir(root)
    told = "more/LICENSE: error: not-a-file: is a symbolic link, expected a regular file or folder"
    assert run("check") == (1, f"{told}\n1 record, 1 error, 0 warnings\n", "")
    (root / "more/LICENSE").unlink()
    assert run("build", "--out", str(tmp_path / "dist"))[0] == 0
    assert run("verify", "--rebuild", "--no-referee", str(tmp_path / "dist/0.1.0"))[0] == 0


def test_a_file_of_17_mib_is_too_large(notes: Path) -> None:
    """A record has at most 16 MiB: one byte more is a finding, and the file is not read."""
    with (notes / "large.md").open("wb") as file:
        file.truncate(17 * 2**20)
    with (notes / "just.md").open("wb") as file:
        file.write(PLAIN.encode())
        file.write(b"x" * (16 * 2**20 - len(PLAIN)))
    with (notes / "more.md").open("wb") as file:
        file.truncate(16 * 2**20 + 1)
    with (notes / "vast.md").open("wb") as file:
        file.truncate(2**40)  # a hole: reading it would fill the memory
    sizes = {"large": "17,825,792", "more": "16,777,217", "vast": "1,099,511,627,776"}
    assert check() == [
        f"records/{name}.md: error: file-too-large: has {size} bytes, expected at most 16,777,216"
        for name, size in sizes.items()
    ]


def test_a_text_that_readers_of_csv_do_not_take_is_a_warning(notes: Path) -> None:
    """One finding for a column, at its longest value; quotes stand twice in CSV."""
    titles = {"most": "x" * 131_072, "more": "é" * 131_073, "long": '"' * 1_000_000}
    for name, title in titles.items():
        (notes / f"{name}.md").write_text(f"---\n{json.dumps({'title': title})}\n---\n", "utf-8")
    (line,) = check()
    assert line == (
        "records/long.md:2:11: warning: cell-size: title has 1,000,000 characters, and 1 more of the column "
        "over 131,072; unless told otherwise, Python's csv module takes 131,072 in a cell and DuckDB's "
        "read_csv 2,000,000 bytes in a row"
    )


def test_an_unreadable_file_is_a_finding(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that may not be read, or whose disk fails, is a finding with the system's reason."""
    for name in ("secret.md", "broken.md"):
        (notes / name).write_text(PLAIN)
    reasons = {
        "secret.md": PermissionError(13, "Permission denied"),
        "broken.md": OSError(5, "Input/output error"),
    }
    real = os.open

    def opened(path: Any, *more: Any, **named: Any) -> int:
        if Path(path).name in reasons:
            raise reasons[Path(path).name]
        return real(path, *more, **named)

    monkeypatch.setattr(os, "open", opened)
    assert check() == [
        f"records/{name}: error: file-unreadable: cannot be read: {reason}, expected a record"
        for name, reason in {
            "broken.md": "Input/output error",
            "secret.md": "Permission denied",
        }.items()
    ]


def test_an_unreadable_folder_is_a_finding(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of records that may not be listed is a finding: its records would be lost silently."""
    (notes / "secret").mkdir()
    real = os.open

    def opened(path: Any, *how: Any, **where: Any) -> int:
        if path == "secret":
            raise PermissionError(13, "Permission denied")
        return real(path, *how, **where)

    monkeypatch.setattr(os, "open", opened)
    found = check()
    assert len(found) == 1
    assert found[0].startswith("records/secret: error: file-unreadable: ")
    assert "Permission denied" in found[0]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (b"a\nb.md", "a\\nb.md"),
        (b"a\tb.md", "a\\tb.md"),
        (b"a\x1b[2Jb.md", "a\\u001b[2Jb.md"),
        ("a\u202eb.md".encode(), "a\\u202eb.md"),
        (b"caf\xe9.md", "caf"),
    ],
    ids=["line-end", "tab", "escape", "right-to-left", "not-utf-8"],
)
def test_a_name_that_a_path_cannot_carry_is_refused(notes: Path, name: bytes, written: str) -> None:
    """A file's name with control characters, or not in UTF-8, is a finding that shows them escaped."""
    with open(os.fsencode(notes) + b"/" + name, "wb") as file:  # noqa: PTH123 — bytes are no Path
        file.write(PLAIN.encode())
    found = check()
    assert len(found) == 1
    assert found[0].startswith(f"records/{written}")
    assert ": error: path-capture: " in found[0]
    assert found[0].isprintable()


def test_a_name_that_not_every_system_can_keep_is_refused(notes: Path) -> None:
    """A file's name with a backslash: a release that holds it can be unpacked in no two ways."""
    (notes / "a\\b.md").write_text(PLAIN)
    reason = "the file's name has a backslash, expected one that any system can keep"
    assert check() == [f"records/a\\\\b.md: error: path-capture: {reason}"]


DEVICES = ("aux", "CON", "nul.tar", "Lpt1", "com¹")
DEVICE = "has the name '{}', which Windows keeps for a device; expected another one"
SIGN = "has '{}', which Windows allows in no name; expected another sign"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *((f"a{sign}b", SIGN.format(sign)) for sign in '<>:"|?*'),
        *((name, DEVICE.format(name.partition(".")[0])) for name in DEVICES),
        ("a" * 190, "has 201 characters, expected at most 200, as Windows has it"),
    ],
)
def test_a_name_that_windows_cannot_keep_is_refused(notes: Path, name: str, reason: str) -> None:
    """The zip of a release that held it could not be unpacked there."""
    (notes / f"{name}.md").write_text(PLAIN)
    assert check() == [f"records/{name}.md: error: path-portable: the path {reason}"]


@pytest.mark.parametrize("name", ["auxiliary", "con-1", "nul_", "a.b", "com10", "é汉", "a" * 189])
def test_a_name_that_windows_can_keep_is_taken(notes: Path, name: str) -> None:
    """Names that only begin as a device does are as good as any."""
    (notes / f"{name}.md").write_text(PLAIN)
    assert check() == []


def test_a_folder_that_ends_in_a_dot_is_refused(notes: Path) -> None:
    """Windows drops the dot, and two folders would be one."""
    descriptor = notes.parent / "datapackage.yaml"
    text = descriptor.read_text()
    descriptor.write_text(text.replace("records/{note_id}.md", "records/{group}/{note_id}.md"))
    for path in notes.glob("*.md"):
        path.unlink()
    (notes / "old.").mkdir()
    (notes / "old./a.md").write_text(PLAIN)
    reason = "has a part that ends in '.', which Windows drops; expected it left out"
    assert check() == [f"records/old./a.md: error: path-portable: the path {reason}"]


@pytest.mark.parametrize(
    ("one", "other"), [("A", "a"), ("e\u0301", "\u00e9"), ("Stra\u00dfe", "strasse")]
)
def test_two_names_that_are_one_to_some_systems_are_refused(
    notes: Path, one: str, other: str
) -> None:
    """The zip of a release with both could not be unpacked everywhere, and does not verify."""
    for name in (one, other):
        (notes / f"{name}.md").write_text(PLAIN)
    if len(list(notes.glob("*.md"))) == 1:
        pytest.skip("this system is one of them")
    reason = (
        f"some systems take the file for 'records/{one}.md': they ignore case, or know one form of accents; "
        "expected another name"
    )
    assert check() == [f"records/{other}.md: error: path-capture: {reason}"]


def test_a_file_that_is_a_record_of_two_kinds_is_refused(notes: Path) -> None:
    """A release holds each of its files once, and says of each what it is."""
    file = notes.parent / "datapackage.yaml"
    kind = (
        "  others:\n    path: records/g{note_id}.md\n    ignore: [{path: title, reason: known}]\n"
    )
    file.write_text(file.read_text().replace("resources:\n", f"{kind}resources:\n"))
    reason = "the file belongs to more than one kind of record or table, expected one"
    assert f"records/good.md: error: path-capture: {reason}" in check()


def test_a_record_that_goes_away_while_it_is_read_is_a_finding(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record found and then removed is a finding, not a traceback."""
    (notes / "fleeting.md").write_text(PLAIN)
    real = os.lstat

    def lstat(path: Any, **named: Any) -> os.stat_result:
        if Path(path).name == "fleeting.md":
            raise FileNotFoundError(2, "No such file or directory")
        return real(path, **named)

    monkeypatch.setattr(os, "lstat", lstat)
    (found,) = check()
    reason = "cannot be read: No such file or directory, expected a record"
    assert found == f"records/fleeting.md: error: file-unreadable: {reason}"


def test_no_folder_of_records_is_no_fault_of_a_record(notes: Path) -> None:
    """A dataset whose folder of records is not there has no records, and says so once."""
    shutil.rmtree(notes)
    (found,) = check()
    assert found == (
        "datapackage.yaml:6:11: error: no-records: the kind notes has no records: there is no folder "
        "'records'; expected files such as records/{note_id}.md, or `mayBeEmpty: true` if there may be "
        "none"
    )


# sizes that break parsers

DEEP = 100_000


@pytest.mark.parametrize(
    ("name", "front"),
    [
        ("yaml-flow", "title: Rain\na: " + "[" * DEEP + "]" * DEEP),
        ("yaml-unclosed", "title: Rain\na: " + "[" * DEEP),
        ("yaml-mapping", "title: Rain\na: " + "{a: " * DEEP + "1" + "}" * DEEP),
        ("yaml-list", "title: Rain\na:\n" + "- " * DEEP + "b"),
        ("yaml-keys", "title: Rain\n" + "? " * DEEP + "b"),
        ("json", '{"a": ' + "[" * DEEP + "]" * DEEP + "}"),
        ("json-unclosed", '{"a": ' + "[" * DEEP),
        ("json-mapping", '{"a": ' * DEEP + "1" + "}" * DEEP),
    ],
)
def test_nesting_of_100000_levels_is_a_finding(notes: Path, name: str, front: str) -> None:
    """PyYAML's C parser crashes the process at this depth, and json's recursion ends: it is a
    finding.
    """
    (notes / f"{name}.md").write_text(f"---\n{front}\n---\nText.\n")
    found = check_in_a_process(notes.parent)
    assert len(found) == 1
    assert re.match(
        rf"records/{name}\.md:\d+:\d+: error: (too-deep|front-matter-syntax): ", found[0]
    )
    if "unclosed" not in name:  # what never closes is wrong in two ways
        assert ": error: too-deep: " in found[0]


def test_a_key_of_one_mebibyte_is_told_in_a_short_line(notes: Path) -> None:
    """A record with a key of 1 MiB, in YAML and in JSON, is read; a message about it is cut."""
    key = "k" * 2**20
    (notes / "yaml.md").write_text(f"---\ntitle: Rain\n? {key}\n: 1\n---\n")
    (notes / "json.md").write_text(f'---\n{{"title": "Rain", "{key}": 1}}\n---\n')
    found = check_in_a_process(notes.parent)
    assert [line.split(":")[0] for line in found] == ["records/json.md", "records/yaml.md"]
    assert [len(line) < 1000 for line in found] == [True, True]


def test_a_scalar_of_15_mebibytes_is_a_value(notes: Path) -> None:
    """A text that fits a record is a value like any other, in YAML and in JSON."""
    text = "Rain " * (3 * 2**20 - 1) + "Rain."
    (notes / "yaml.md").write_text(f'---\ntitle: "{text}"\n---\n')
    (notes / "json.md").write_text(f'---\n{{"title": "{text}"}}\n---\n')
    (line,) = check_in_a_process(notes.parent)
    assert line.startswith(
        "records/json.md:2:11: warning: cell-size: title has 15,728,640 characters, and 1 more of "
    )


def test_a_scalar_of_100_megabytes_is_too_large(notes: Path) -> None:
    """A record of 100 MB is refused by its size before any of it is read."""
    with (notes / "yaml.md").open("wb") as file:
        file.write(b"---\ntitle: ")
        file.truncate(100_000_000)
    assert check_in_a_process(notes.parent) == [
        "records/yaml.md: error: file-too-large: has 100,000,000 bytes, expected at most 16,777,216"
    ]


def test_a_hundred_thousand_faults_of_one_cause_are_one_finding(notes: Path) -> None:
    """It names their number, and where the first of them are."""
    keys = "".join(f"k{at}: {at}\n" for at in range(100_000))
    (notes / "yaml.md").write_text(f"---\n{keys}---\n")
    assert check_in_a_process(notes.parent) == [
        (
            "records/yaml.md:2:5: error: unmapped-path: k0 is 0, which nothing maps; map it with `from`, or "
            "ignore it with a reason; and 99,999 more like it, the next at 3:5, 4:5, 5:5, 6:5, 7:5"
        )
    ]


def test_aliases_do_not_expand(notes: Path) -> None:
    """The billion laughs: aliases are refused, so nothing is multiplied."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    (notes / "yaml.md").write_text("---\n" + "\n".join(lines) + "\n---\n")
    found = check_in_a_process(notes.parent)
    (told,) = (line for line in found if ": error: anchor: " in line)
    assert f"; and {30 + 29 * 9 - 1} more like it" in told


# what looks like a fault and is none


def test_json_with_a_trailing_comma_is_read_as_yaml(notes: Path) -> None:
    """A comma before the last brace is no JSON but good YAML: the record is taken as what it is."""
    (notes / "comma.md").write_text('---\n{"title": "Rain",}\n---\n')
    assert check() == []


def test_a_check_changes_nothing(notes: Path) -> None:
    """Whatever is wrong, `check` leaves every file as it was and makes none."""
    (notes / "bad.md").write_text("---\n- 1\n---\n")
    before = snapshot(notes.parent)
    assert run("check")[0] == 1
    assert snapshot(notes.parent) == before


MANY = """\
name: things
version: 0.1.0
created: '2026-01-31T00:00:00Z'
resources:
  - name: things
    path: things.csv
    schema:
      primaryKey: [id]
      uniqueKeys: [[other]]
      foreignKeys: [{fields: [other], reference: {resource: others, fields: [id]}}]
      fields:
        - {name: id, type: integer}
        - {name: count, type: integer, constraints: {minimum: 0}}
        - {name: other, type: string}
  - name: others
    path: others.csv
    schema: {primaryKey: [id], fields: [{name: id, type: string}]}
"""


def test_what_breaks_a_rule_often_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is of cells, of what repeats and of what refers to nothing."""
    monkeypatch.chdir(tmp_path)
    Path("datapackage.yaml").write_text(MANY)
    Path("others.csv").write_text("id\na\n")
    rows = [f"{number},-1,b\n" for number in range(1003)]
    Path("things.csv").write_text("id,count,other\n" + "".join(rows))
    found = check()
    assert [line for line in found if not line.startswith("things.csv:")] == [
        "data/things.csv: error: count-minimum: 3 more rows of things break this rule",
        "data/things.csv: error: things-foreignKeys: 3 more rows of things break this rule",
        "data/things.csv: error: things-uniqueKeys: 2 more rows of things break this rule",
    ]
    told = [line for line in found if line.startswith("things.csv:")]
    assert len(told) == 3
    assert all("; and 999 more like it, the next at " in line for line in told)


def test_the_first_row_of_a_table_is_no_exception(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with it alone is told once, at its place."""
    monkeypatch.chdir(tmp_path)
    Path("datapackage.yaml").write_text(MANY)
    Path("others.csv").write_text("id\na\n")
    Path("things.csv").write_text("id,count,other\n1,-1,b\n")
    assert check() == [
        "things.csv:2:3: error: count-minimum: count is -1, expected an integer, at least 0",
        (
            "things.csv:2:6: error: things-foreignKeys: other 'b' refers to nothing, expected a row "
            "of others with that id"
        ),
    ]


TAGS = """\
name: notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records: {notes: {path: "notes/{note_id}.md"}}
resources:
  - name: tags
    rows: notes/tags.{n}
    schema:
      primaryKey: [note_id, n]
      fields:
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: n, type: integer, from: "{n}"}
        - {name: tag, type: string, from: $value, constraints: {maxLength: 2}}
"""


def test_records_that_break_a_rule_equally_often_are_counted_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each count says of which records it is, so that none is taken for another."""
    monkeypatch.chdir(tmp_path)
    Path("datapackage.yaml").write_text(TAGS)
    Path("notes").mkdir()
    for name in ("a", "b"):
        Path(f"notes/{name}.md").write_text(f"---\ntags: {['long'] * 1003}\n---\n")
    assert [line for line in check(Limits(chunk=1)) if not line.startswith("notes/")] == [
        "data/tags.csv: error: tag-maxLength: 3 more rows of tags break this rule, in the records "
        f"notes/{name}.md to notes/{name}.md"
        for name in ("a", "b")
    ]


def test_a_list_that_is_too_short_lacks_the_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a row would take from behind the end of another list is missing, and told at that list."""
    monkeypatch.chdir(tmp_path)
    name = (
        '        - {name: name, type: string, from: "names.{n}", constraints: {required: true}}\n'
    )
    Path("datapackage.yaml").write_text(TAGS + name)
    Path("notes").mkdir()
    Path("notes/a.md").write_text("---\ntags: [a, b]\nnames: [Oslo]\n---\n")
    assert check() == [
        "notes/a.md:3:8: error: name-required: names (column name) is missing, expected text"
    ]


MERGED = """\
name: notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
severity: {editions-disagree: warning}
records: {notes: {path: "notes/{language}/{note}.md", prefer: {language: [en, zh]}}}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: year, type: integer, from: year, constraints: {minimum: 2000}}
        - {name: place, type: string, from: "places.{note}", constraints: {maxLength: 3}}
        - {name: text, type: string, from: $body, constraints: {maxLength: 3}}
        - {name: file, type: string, from: $path, constraints: {maxLength: 3}}
  - name: tags
    rows: notes/tags.{n}
    schema:
      primaryKey: [note, n]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: n, type: integer, from: "{n}", constraints: {maximum: 0}}
        - {name: tag, type: string, from: $value, constraints: {maxLength: 3}}
  - name: kinds
    rows: notes/kinds.{n}
    schema:
      primaryKey: [note, kind]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: kind, type: string, from: "kinds.{n}.name"}
        - {name: size, type: string, from: "kinds.{n}.size", constraints: {maxLength: 3}}
"""


def test_a_value_of_a_merged_row_is_told_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the first edition that has it; a text at its first line, what is said of a file at its begin."""
    monkeypatch.chdir(tmp_path)
    Path("datapackage.yaml").write_text(MERGED)
    for path, text in {
        "en/a.md": "---\nplaces: {a: Oslo}\ntags: [x]\n---\n\nLong text\n",
        "zh/a.md": "---\nyear: 1999\nplaces: {a: Bergen}\ntags: [x, long]\n---\n\nLong text\n",
        "en/b.md": "---\nyear: 1998\nkinds: [{name: p}, {name: q}]\n---\n",
        "zh/b.md": "---\nyear: 1998\ntags: [c]\nmore: {x: [1]}\n"
        "kinds: [{name: q, size: long}, {name: p, size: tall}]\n---\n",
    }.items():
        Path("notes", path).parent.mkdir(parents=True, exist_ok=True)
        Path("notes", path).write_text(text)
    told = json.loads(run("check", "--format", "json")[1])["findings"]
    names = ("rule", "table", "field", "key")
    assert [
        " ".join(
            [f"{each['file'][6:]}:{each['line']}:{each['column']}", *(each[name] for name in names)]
        )
        for each in told
    ] == [
        "en/a.md:1:1 file-maxLength notes file a",
        "en/a.md:2:13 place-maxLength notes place a",
        "en/a.md:5:1 text-maxLength notes text a",
        "en/b.md:1:1 file-maxLength notes file b",
        "en/b.md:2:7 year-minimum notes year b",
        "en/b.md:3:9 size-maxLength kinds size b, p",
        "en/b.md:3:20 size-maxLength kinds size b, q",
        "zh/a.md:1:1 editions-disagree notes file a",
        "zh/a.md:2:7 year-minimum notes year a",
        "zh/a.md:3:13 editions-disagree notes place a",
        "zh/a.md:4:11 n-maximum tags n a, 1",
        "zh/a.md:4:11 tag-maxLength tags tag a, 1",
        "zh/b.md:1:1 editions-disagree notes file b",
        "zh/b.md:4:12 unmapped-path  more.x.0 ",
    ]

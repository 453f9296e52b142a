"""`release fix` mends what has one right answer, in place, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from release.build.inputs import Options
from release.descriptor import load
from release.fix.remedy import propose
from release.system.limits import Limits
from tests.support.datasets import NOTE, describe, table, write_dataset
from tests.support.kit import ROOT, run, snapshot
from tests.support.terminal import on_terminal

CASES = ROOT / "tests" / "cases"


def fix(root: Path, *arguments: str) -> tuple[int, str, str]:
    """Run `release fix` on a folder."""
    return run("fix", "--no-cache", "--descriptor", str(root / "datapackage.yaml"), *arguments)


def dataset(root: Path, files: dict[str, str], **settings: str) -> Path:
    """Write notes with a title, and more files beside their descriptor."""
    return write_dataset(root, describe(**settings), files)


def test_the_value_is_mended_and_every_other_byte_stays(tmp_path: Path) -> None:
    """Comments, quotes, order, a missing line end and CRLF in the body are as they were."""
    before = "---\n# who: me\ntitle:   'Rock  '   # a stone\n---\nText  \nends here "
    root = dataset(tmp_path, {"notes/a.md": before})
    code, out, err = fix(root, "--yes")
    assert (code, err) == (0, "")
    assert out.endswith("mended in 1 file: 1 blank-ends\n")
    assert (root / "notes/a.md").read_text() == before.replace("'Rock  '", "'Rock'")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.md", '---\ntitle: "Rock\\u00a0"\n---\n', '---\ntitle: "Rock"\n---\n'),
        ("a.md", "---\ntitle: Rock\u00a0\n---\n", "---\ntitle: Rock\n---\n"),
        (
            "a.md",
            "---\ntitle: |2\n    It's a\n   rock \n---\n",
            "---\ntitle: |2\n  It's a\n   rock\n---\n",
        ),
        (
            "a.md",
            "---\ntitle: >-\n  It's a\n  rock \n---\n",
            "---\ntitle: >-\n  It's a\n  rock\n---\n",
        ),
        ("a.md", "---\ntitle: 'It''s a\n  rock '\n---\n", "---\ntitle: 'It''s a\n  rock'\n---\n"),
        ("a.md", '---\n{"title": "Rock\\/ \\t"}\n---\n', '---\n{"title": "Rock\\/"}\n---\n'),
        ("a.md", '+++\ntitle = """\n Rock """\n+++\n', '+++\ntitle = """\nRock"""\n+++\n'),
        ("a.md", "+++\ntitle = ' Rock'\n+++\n", "+++\ntitle = 'Rock'\n+++\n"),
        ("a.yaml", "title: 'Rock '", "title: 'Rock'\n"),
        ("a.json", '{"title": "\\ud83d\\ude00 "}', '{"title": "\\ud83d\\ude00"}\n'),
        ("a.toml", 'title = "Rock\\u3000"\r\n', 'title = "Rock"\n'),
    ],
)
def test_each_notation_is_edited_in_place(
    tmp_path: Path, name: str, before: str, after: str
) -> None:
    """Quotes, escapes and blocks of YAML, JSON and TOML stay as their author wrote them."""
    ending = name.partition(".")[2]
    root = dataset(tmp_path, {f"notes/{name}": before}, path=f"notes/{{note}}.{ending}")
    assert fix(root, "--yes")[0] == 0
    assert (root / "notes" / name).read_bytes().decode() == after
    assert "blank-ends" not in run("check", "--descriptor", str(root / "datapackage.yaml"))[1]


def test_rows_of_csv_and_curated_tables_are_mended(tmp_path: Path) -> None:
    """A cell keeps its quotes; all of many alike are mended, and lines keep their ends."""
    rows = "".join(f'{number},"Rock, {number} "\r\n' for number in range(80))
    tables = (
        table("notes", "id", "title", key="id"),
        table("places", "place", "label", of="places.csv", key="place"),
    )
    settings = {"path": "notes/{file}.csv"}
    files = {
        "notes/all.csv": f"id,title\r\n{rows}",
        "places.csv": "place,label\na, Shore\nb,Sea\u00a0",
    }
    root = write_dataset(tmp_path, describe(*tables, **settings), files)
    code, out, _ = fix(root, "--yes")
    assert (code, out.splitlines()[-1]) == (0, "mended in 2 files: 82 blank-ends, 1 final-newline")
    mended = rows.replace(' "\r', '"\r')
    assert (root / "notes/all.csv").read_bytes().decode() == f"id,title\r\n{mended}"
    assert (root / "places.csv").read_text() == "place,label\na,Shore\nb,Sea\n"


def test_what_many_files_have_is_mended_in_all_of_them(tmp_path: Path) -> None:
    """One finding stands for the marks of many files."""
    files = {f"notes/{number}.yaml": "\ufefftitle: Rock\n" for number in range(12)}
    root = dataset(tmp_path, files, path="notes/{note}.yaml")
    for rule in ((), ("--rule", "byte-order-mark")):
        out = fix(root, "--dry-run", *rule)[1]
        assert out.endswith("can be mended in 12 files: 12 byte-order-mark\n")
    assert fix(root, "--yes")[0] == 0
    assert {(root / name).read_bytes() for name in files} == {b"title: Rock\n"}


def test_findings_that_are_not_reported_are_mended_too(tmp_path: Path) -> None:
    """A check reports so many of a rule; of more, those behind them are none that a change brought."""
    files = {f"notes/{number}.yaml": "title: 'Rock '\n" for number in range(4)}
    file = dataset(tmp_path, files, path="notes/{note}.yaml") / "datapackage.yaml"
    found = propose(load.load(file), Options(limits=Limits(findings=2)))
    assert (len(found.changes), found.dropped) == (4, [])


CASES_MENDED = {
    "blank-ends": "4 blank-ends",
    "byte-order-mark": "2 byte-order-mark",
    "curated-byte-order-mark": "1 byte-order-mark",
    "hidden-character": "2 hidden-character",
    "label-language": "3 label-language",
    "line-ends": "4 line-ends",
    "looks-in-messages": "1 blank-ends, 1 code",
    "text-after-hash": "3 text-after-hash",
}


@pytest.mark.parametrize("name", CASES_MENDED)
def test_the_check_finds_what_was_mended_no_more(name: str, tmp_path: Path) -> None:
    """Of each rule that can be mended, the findings are gone or said to be left, and none is new."""
    root = shutil.copytree(CASES / name, tmp_path / name)
    before = run("check", "--descriptor", str(root / "datapackage.yaml"))[1].splitlines()
    code, out, err = fix(root, "--yes")
    assert (code, err, CASES_MENDED[name] in out.splitlines()[-1]) == (0, "", True)
    after = run("check", "--descriptor", str(root / "datapackage.yaml"))[1].splitlines()
    mended = sum(int(part.split()[0]) for part in CASES_MENDED[name].split(", "))
    assert len(after) <= len(before) - mended
    assert fix(root, "--yes")[1].endswith("nothing to mend\n")


def test_without_agreement_nothing_is_written(tmp_path: Path) -> None:
    """Without a terminal the difference is shown, and what to do; --dry-run shows it alone."""
    root = dataset(tmp_path, {"notes/a.yaml": "title: 'Rock '\n"}, path="notes/{note}.yaml")
    before = snapshot(root)
    shown = (
        "--- a/notes/a.yaml\n+++ b/notes/a.yaml\n@@ -1 +1 @@\n-title: 'Rock '\n+title: 'Rock'\n"
        "can be mended in 1 file: 1 blank-ends\n"
    )
    refusal = "release: nothing was written: there is no terminal to ask on; --yes writes it\n"
    assert fix(root) == (1, shown, refusal)
    assert fix(root, "--diff") == fix(root, "--dry-run") == (1, shown, "")
    assert fix(root, "--yes", "--rule", "line-ends") == (0, "nothing to mend\n", "")
    message = "release: --rule blank: is nothing that is mended, expected one of blank-ends, "
    assert fix(root, "--rule", "blank")[2].startswith(message)
    assert snapshot(root) == before


@pytest.mark.parametrize("answer", ["y", "n", ""])
def test_on_a_terminal_it_asks(answer: str, tmp_path: Path) -> None:
    """Only `y` writes; `check` says before how many findings may be mended."""
    root = dataset(tmp_path, {"notes/a.yaml": "title: 'Rock '\n"}, path="notes/{note}.yaml")
    if answer == "y":
        said = on_terminal(["check", "--no-cache"], root, NO_COLOR="1")
        assert said.endswith("release fix may mend 1 of these\n")
    shown = on_terminal(["fix", "--no-cache"], root, typed=f"{answer}\n", NO_COLOR="1")
    assert "write these changes? [y/N] " in shown
    last = "mended in 1 file: 1 blank-ends" if answer == "y" else "nothing was written"
    assert shown.endswith(f"{last}\n")
    expected = "title: 'Rock'\n" if answer == "y" else "title: 'Rock '\n"
    assert (root / "notes/a.yaml").read_text() == expected


def test_a_change_with_which_the_check_finds_more_is_dropped(tmp_path: Path) -> None:
    """Two keys that differ in a blank alone would become one, so the blank stays."""
    tables = table("notes", "id", "title", key="id")
    root = write_dataset(
        tmp_path,
        describe(tables, path="notes/{file}.jsonl"),
        {
            "notes/a.jsonl": '{"id": "a", "title": "x"}\n',
            "notes/b.jsonl": '{"id": "a ", "title": "y"}\n',
        },
    )
    code, out, _ = fix(root, "--yes")
    file = root / "notes/b.jsonl"
    found = "id 'a' stands in notes/a.jsonl:1:8 too, expected it once"
    assert (code, out.splitlines()) == (
        0,
        [
            f"{file}: left, as the check would then find this:",
            f"    notes/b.jsonl:1:8: error: notes-primaryKey: {found}",
            "nothing to mend",
        ],
    )


def test_a_quote_stays_one_of_its_document(tmp_path: Path) -> None:
    """Text that another record quotes is not changed in the body of a document."""
    body = "---\ntitle: Rock\n---\nA zero\u200bwidth blank.\n"
    fields = (NOTE, "title", "body, from: $body")
    root = write_dataset(tmp_path, describe(table("notes", *fields)), {"notes/a.md": body})
    code, out, _ = fix(root, "--yes")
    expected = "left: body-hidden-character: no text that can be edited in place begins here\n"
    assert (code, out) == (0, f"{root}/notes/a.md:4:7: {expected}nothing to mend\n")
    assert (root / "notes/a.md").read_text() == body


@pytest.mark.parametrize("target", ["kept", "../kept"])
def test_no_link_that_leads_out_is_written_through(target: str, tmp_path: Path) -> None:
    """A link within the dataset stays a link, and modes stay; what is outside is left."""
    root = dataset(tmp_path / "set", {}, path="notes/{note}.yaml")
    (root / "notes").symlink_to(target)
    file = (root / target).resolve() / "a.yaml"
    file.parent.mkdir()
    file.write_text("title: 'Rock '\n")
    file.chmod(0o640)
    code, out, err = fix(root, "--yes", "--follow-links")
    if target == "kept":
        assert (code, err, file.read_text()) == (0, "", "title: 'Rock'\n")
    else:
        reason = "is reached by a link that leads out of the dataset's folder"
        assert (code, err) == (1, f"release: {root}/notes/a.yaml: {reason}\n")
        assert (file.read_text(), out.splitlines()[-1]) == ("title: 'Rock '\n", "mended in 0 files")
    assert (root / "notes").is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640

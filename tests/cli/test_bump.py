"""`release bump` writes two values into a descriptor, and nothing else of it changes."""

from __future__ import annotations

import errno
import json
import re
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from release import cli
from release.descriptor import edit as descriptor_edit
from release.descriptor import load
from release.findings.errors import RefusedError, UsageError
from tests.support.datasets import DIGESTED
from tests.support.kit import edit
from tests.support.moments import refusing

NEW = ("1.2.3", "2027-02-28T12:00:00+08:00")


@pytest.fixture
def notes(built_notes: Path) -> Path:
    """A small dataset, built as 0.1.0, in the working folder."""
    return built_notes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "version: 0.1.0 # why\ncreated: '2026-01-31T00:00:00Z'\n",
            "version: {} # why\ncreated: '{}'\n",
        ),
        ("created: 2026-01-31T00:00:00Z\nversion: '0.1.0'\n", "created: {1}\nversion: '{0}'\n"),
        (
            '"version":   "0.1.0"\n"created" : "2026-01-31T00:00:00Z"  # x\n',
            '"version":   "{}"\n"created" : "{}"  # x\n',
        ),
        (
            "version:\n    0.1.0\ncreated: '2026-01-31T00:00:00Z'\n",
            "version:\n    {}\ncreated: '{}'\n",
        ),
        (
            "version: 0.1.0\r\ncreated: '2026-01-31T00:00:00Z'\r\n",
            "version: {}\r\ncreated: '{}'\r\n",
        ),
    ],
)
def test_only_the_two_values_change(tmp_path: Path, before: str, after: str) -> None:
    """Comments, quotes, order, spaces and line ends stay, and so does a 0.1.0 elsewhere."""
    rest = (
        DIGESTED.split("\n", 3)[3] + "description: version 0.1.0 of 2026-01-31T00:00:00Z # 中文\n"
    )
    head = "# version: 0.1.0\nname: notes # 中文\n"
    described = load.parse(head + before + rest, tmp_path / "datapackage.yaml")
    found = descriptor_edit.rewrite(described, *NEW)
    assert found == head + after.format(*NEW) + rest


def test_a_descriptor_in_json_stays_json(tmp_path: Path) -> None:
    """JSON is YAML, and is edited the same way."""
    described = load.parse(DIGESTED, tmp_path / "datapackage.yaml")
    value = {**described.public, "records": {"notes": {"path": "notes/{note}.md"}}}
    value["resources"] = [value["resources"][0]]
    text = json.dumps(value, indent=2)
    found = descriptor_edit.rewrite(load.parse(text, tmp_path / "datapackage.yaml"), *NEW)
    assert json.loads(found) == {**value, "version": NEW[0], "created": NEW[1]}
    assert len(found.splitlines()) == len(text.splitlines())


@pytest.mark.parametrize("separators", [None, (",", ":")], ids=["spaces", "none"])
def test_both_values_may_stand_on_one_line(
    tmp_path: Path, separators: tuple[str, str] | None
) -> None:
    """A version that grows longer moves no value that is yet to be written."""
    described = load.parse(DIGESTED, tmp_path / "datapackage.yaml")
    value = {**described.public, "records": {"notes": {"path": "notes/{note}.md"}}}
    value["resources"] = [value["resources"][0]]
    text = json.dumps(value, separators=separators)
    found = descriptor_edit.rewrite(
        load.parse(text, tmp_path / "datapackage.yaml"), "0.10.0", NEW[1]
    )
    value |= {"version": "0.10.0", "created": NEW[1]}
    assert found == json.dumps(value, separators=separators)


@pytest.mark.parametrize("version", ['"0\\x2e1.0"', ">-\n  0.1.0", "|-\n  0.1.0"])
def test_what_cannot_be_edited_is_refused(tmp_path: Path, version: str) -> None:
    """A value that is not written as it is, such as a folded one, is not guessed at."""
    text = DIGESTED.replace("0.1.0   # of the data", version)
    path = tmp_path / "datapackage.yaml"
    with pytest.raises(RefusedError) as refused:
        descriptor_edit.rewrite(load.parse(text, path), *NEW)
    assert str(refused.value) == (
        f"{path}:2:10: cannot be edited in place: write version and created each on one line, "
        "as plain or quoted text"
    )


def test_what_is_no_version_is_refused(tmp_path: Path) -> None:
    """The result is read as a descriptor before it is written."""
    described = load.parse(DIGESTED, tmp_path / "datapackage.yaml")
    with pytest.raises(UsageError, match="expected a version such as"):
        descriptor_edit.rewrite(described, "1.2", NEW[1])


def test_bump_writes_what_the_difference_calls_for(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """auto builds the records, compares and writes; a second time there is nothing to do."""
    path = notes / "datapackage.yaml"
    assert cli.main(["bump", "--created", "2027-01-01"]) == 0
    assert capsys.readouterr().out == "no difference to 0.1.0: nothing to do\n"
    assert path.read_text() == DIGESTED
    (notes / "notes/second.md").unlink()
    assert cli.main(["bump", "--created", "2027-01-01"]) == 0
    assert capsys.readouterr().out == (
        "datapackage.yaml: version 0.2.0, created 2027-01-01T00:00:00Z "
        "(major after 0.1.0: notes: 1 row removed)\n"
    )
    expected = DIGESTED.replace("0.1.0 ", "0.2.0 ").replace("2026-01-31", "2027-01-01")
    assert path.read_text() == expected
    assert cli.main(["bump"]) == 0
    assert capsys.readouterr().out == (
        "0.2.0 is enough, major after 0.1.0 calls for 0.2.0: nothing to do\n"
    )
    assert path.read_text() == expected
    assert cli.main(["build"]) == 0
    assert capsys.readouterr().out.endswith(
        "built dist/0.2.0 (major after 0.1.0, which calls for 0.2.0)\n"
    )


def test_a_draft_is_followed_by_its_final_version(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A draft is not enough, whatever its number; and it is not what the step is taken from."""
    (notes / "notes/second.md").unlink()
    edit(notes / "datapackage.yaml", "0.1.0", "0.2.0-dev")
    assert cli.main(["build"]) == 0
    assert cli.main(["bump", "--format", "json", "--created", "2027-01-01T12:00:00+01:00"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{") :]) == {
        "from": "0.1.0",
        "version": "0.2.0",
        "created": "2027-01-01T12:00:00+01:00",
        "changed": True,
    }


@pytest.mark.parametrize(
    ("level", "version"), [("patch", "0.1.1"), ("minor", "0.1.1"), ("major", "0.2.0")]
)
def test_a_level_is_a_step_from_the_latest_release(
    notes: Path, capsys: pytest.CaptureFixture[str], level: str, version: str
) -> None:
    """However often it is called; without a release, from the version of the descriptor."""
    for _ in range(2):
        assert cli.main(["bump", level, "--created", "2027-01-01"]) == 0
        assert load.load(notes / "datapackage.yaml").version == version
    assert cli.main(["bump", "patch", "--store", "nowhere", "--created", "2027-01-01"]) == 0
    assert capsys.readouterr().out.endswith(f"(patch after {version})\n")


def test_without_a_release_there_is_nothing_to_compare(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first version is whatever the descriptor says."""
    assert cli.main(["bump", "--store", "nowhere"]) == 0
    expected = "nowhere has no final version yet, 0.1.0 is the first: nothing to do\n"
    assert capsys.readouterr().out == expected
    assert (notes / "datapackage.yaml").read_text() == DIGESTED


def test_the_day_is_today_unless_given(notes: Path) -> None:
    """`created` is the day of the call in UTC, at midnight."""
    before = datetime.now(UTC).date().isoformat()
    assert cli.main(["bump", "patch"]) == 0
    after = datetime.now(UTC).date().isoformat()
    found = re.search(r"created: '(.*)T00:00:00Z'", (notes / "datapackage.yaml").read_text())
    assert found is not None
    assert before <= found[1] <= after


@pytest.mark.parametrize("date", ["soon", "2026-13-01", "2026-01-31T00:00:00", "2026-01-31 x"])
def test_what_is_no_date_ends_with_2(
    notes: Path, capsys: pytest.CaptureFixture[str], date: str
) -> None:
    """A date is a day, or a time with its zone."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["bump", "--created", date])
    assert ended.value.code == 2
    assert f"{date} is no date, expected one such as 2026-01-31" in capsys.readouterr().err
    assert (notes / "datapackage.yaml").read_text() == DIGESTED


def rename(notes: Path, title: str) -> None:
    """Change the title of a record, which calls for a patch."""
    path = notes / "notes/first.md"
    path.write_text(re.sub("title: .*", f"title: {title}", path.read_text()))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that ends with 0 prints, without what was said before it."""
    capsys.readouterr()
    assert cli.main(list(arguments)) == 0
    return capsys.readouterr().out


@pytest.fixture
def withdrawn(notes: Path) -> Path:
    """A store with 0.1.0 and 0.1.1, of which the second was withdrawn; the records are those of 0.1.1."""
    rename(notes, "Another")
    assert cli.main(["bump", "--created", "2026-02-01"]) == 0
    assert cli.main(["build"]) == 0
    assert cli.main(["yank", "0.1.1", "--reason", "wrong"]) == 0
    return notes


@pytest.mark.parametrize("title", ["Another", "A third"])
@pytest.mark.parametrize("level", ["", "patch", "minor"])
def test_a_withdrawn_version_is_skipped(
    withdrawn: Path, capsys: pytest.CaptureFixture[str], title: str, level: str
) -> None:
    """Its number is taken, also for its own content; what bump writes can be built."""
    rename(withdrawn, title)
    why = f"{level} after 0.1.0" if level else "patch after 0.1.0: notes: values of 1 row changed"
    why = why if level else f"{why}; records rewritten"
    assert said(capsys, "bump", *filter(None, [level]), "--created", "2026-03-01") == (
        f"datapackage.yaml: version 0.1.2, created 2026-03-01T00:00:00Z ({why}; 0.1.1 was withdrawn)\n"
    )
    assert said(capsys, "build").endswith(
        "built dist/0.1.2 (patch after 0.1.0, which calls for 0.1.2)\n"
    )
    changes = json.loads((withdrawn / "dist/0.1.2/changes.json").read_text())
    assert (changes["from"], changes["next"]) == ("0.1.0", "0.1.1")  # whatever else the store holds
    again = said(capsys, "build", "--format", "json")
    assert json.loads(again)["step"] == {"version": "0.1.0", "level": "patch", "next": "0.1.2"}
    assert "verifies" in said(capsys, "verify", "dist/0.1.2")


def test_diff_and_build_advise_what_bump_writes(
    withdrawn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text, Markdown and HTML say which version is skipped; so does the refusal of a taken version."""
    rename(withdrawn, "A third")
    told = "ext version: 0.1.2 (0.1.1 was withdrawn)"
    for form in ("text", "md", "html"):
        assert told in said(capsys, "diff", "--format", form)
    assert json.loads(said(capsys, "diff", "--format", "json"))["next"] == "0.1.2"
    assert said(capsys, "diff", "0.1.0", "0.1.1").endswith("\nnext version: 0.1.1\n")
    assert cli.main(["build"]) == 1
    assert capsys.readouterr().err.endswith(
        ": 0.1.2, for notes: values of 1 row changed (0.1.1 was withdrawn)\n"
    )


@pytest.mark.parametrize("what", ["folder", "mark", "index"])
def test_whatever_names_a_version_takes_it(
    notes: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """A folder that is not whole, a mark without a folder, an entry whose folder is gone."""
    rename(notes, "Another")
    if what == "folder":
        (notes / "dist/0.1.1").mkdir()
    elif what == "mark":
        (notes / "dist/0.1.1.withdrawn.json").write_text('{"version": "0.1.1", "reason": "x"}')
    else:
        edit(notes / "datapackage.yaml", "0.1.0", "0.1.1")
        assert cli.main(["build"]) == 0
        shutil.rmtree(notes / "dist/0.1.1")
        assert cli.main(["yank", "0.1.1", "--reason", "lost"]) == 0
    assert " version 0.1.2," in said(capsys, "bump")


def test_a_number_of_ones_own_stays_large(
    withdrawn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who chose 1.0.0 and withdrew it goes on from there."""
    edit(withdrawn / "datapackage.yaml", "0.1.1", "1.0.0")
    assert cli.main(["build"]) == 0
    assert cli.main(["yank", "1.0.0", "--reason", "wrong too"]) == 0
    assert " version 1.0.1," in said(capsys, "bump")


@pytest.mark.usefixtures("withdrawn")
def test_where_every_version_is_withdrawn(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to compare with, and the descriptor's number is free or is not."""
    assert cli.main(["yank", "0.1.0", "--reason", "wrong"]) == 0
    why = "every final version in dist was withdrawn"
    assert said(capsys, "bump", "--created", "2026-03-01") == (
        f"datapackage.yaml: version 0.1.2, created 2026-03-01T00:00:00Z ({why}; 0.1.1 was withdrawn)\n"
    )
    assert said(capsys, "bump") == f"{why}, 0.1.2 is free: nothing to do\n"
    assert cli.main(["diff"]) == 2
    assert capsys.readouterr().err == f"release: latest: {why}, expected a release\n"


def test_the_day_is_set_again_until_the_version_is_there(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--created is written though the version is enough, once."""
    rename(notes, "Another")
    assert cli.main(["bump", "--created", "2026-02-01"]) == 0
    told = "0.1.1 is enough, patch after 0.1.0 calls for 0.1.1"
    assert said(capsys, "bump", "--created", "2026-03-01") == (
        f"datapackage.yaml: created 2026-03-01T00:00:00Z ({told})\n"
    )
    assert load.load(notes / "datapackage.yaml").public["created"] == "2026-03-01T00:00:00Z"
    assert said(capsys, "bump", "--created", "2026-03-01") == f"{told}: nothing to do\n"


def test_permissions_and_links_stay(notes: Path) -> None:
    """The file that a link leads to is written, for those who could read it before."""
    path, link = notes / "datapackage.yaml", notes / "link.yaml"
    path.chmod(0o640)
    link.symlink_to(path.name)
    assert cli.main(["bump", "patch", "--descriptor", "link.yaml"]) == 0
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert load.load(path).version == "0.1.1"


def test_a_descriptor_that_cannot_be_written_is_named(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And not the file that would have taken its place."""
    denied = PermissionError(errno.EACCES, "Permission denied", str(notes / ".writing-x"))
    with refusing("open", r"/\.writing-", denied):
        assert cli.main(["bump", "patch", "--no-cache"]) == 2
    expected = "release: datapackage.yaml: cannot be written: Permission denied\n"
    assert capsys.readouterr().err == expected

"""`release bump` writes two values into a descriptor, and nothing else of it changes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from release import bump, cli, descriptor
from release.errors import RefusedError, UsageError
from tests.test_diff import NOTES, edit, notes

__all__ = ["notes"]

NEW = ("1.2.3", "2027-02-28T12:00:00+08:00")


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
    rest = NOTES.split("\n", 3)[3] + "description: version 0.1.0 of 2026-01-31T00:00:00Z # 中文\n"
    head = "# version: 0.1.0\nname: notes # 中文\n"
    described = descriptor.parse(head + before + rest, tmp_path / "datapackage.yaml")
    found = bump.rewritten(described, *NEW)
    assert found == head + after.format(*NEW) + rest


def test_a_descriptor_in_json_stays_json(tmp_path: Path) -> None:
    """JSON is YAML, and is edited the same way."""
    described = descriptor.parse(NOTES, tmp_path / "datapackage.yaml")
    value = {**described.public, "records": {"notes": {"path": "notes/{note}.md"}}}
    value["resources"] = [value["resources"][0]]
    text = json.dumps(value, indent=2)
    found = bump.rewritten(descriptor.parse(text, tmp_path / "datapackage.yaml"), *NEW)
    assert json.loads(found) == {**value, "version": NEW[0], "created": NEW[1]}
    assert len(found.splitlines()) == len(text.splitlines())


@pytest.mark.parametrize("version", ['"0\\x2e1.0"', ">-\n  0.1.0", "|-\n  0.1.0"])
def test_what_cannot_be_edited_is_refused(tmp_path: Path, version: str) -> None:
    """A value that is not written as it is, such as a folded one, is not guessed at."""
    text = NOTES.replace("0.1.0   # of the data", version)
    path = tmp_path / "datapackage.yaml"
    with pytest.raises(RefusedError) as refused:
        bump.rewritten(descriptor.parse(text, path), *NEW)
    assert str(refused.value) == (
        f"{path}:2:10: cannot be edited in place: write version and created each on one line, "
        "as plain or quoted text"
    )


def test_what_is_no_version_is_refused(tmp_path: Path) -> None:
    """The result is read as a descriptor before it is written."""
    described = descriptor.parse(NOTES, tmp_path / "datapackage.yaml")
    with pytest.raises(UsageError, match="expected a version such as"):
        bump.rewritten(described, "1.2", NEW[1])


def test_bump_writes_what_the_difference_calls_for(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """auto builds the records, compares and writes; a second time there is nothing to do."""
    path = notes / "datapackage.yaml"
    assert cli.main(["bump", "--created", "2027-01-01"]) == 0
    assert capsys.readouterr().out == "no difference to 0.1.0: nothing to do\n"
    assert path.read_text() == NOTES
    (notes / "notes/second.md").unlink()
    assert cli.main(["bump", "--created", "2027-01-01"]) == 0
    assert capsys.readouterr().out == (
        "datapackage.yaml: version 0.2.0, created 2027-01-01T00:00:00Z "
        "(major after 0.1.0: notes: 1 row removed; records rewritten)\n"
    )
    expected = NOTES.replace("0.1.0 ", "0.2.0 ").replace("2026-01-31", "2027-01-01")
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
        assert descriptor.load(notes / "datapackage.yaml").version == version
    assert cli.main(["bump", "patch", "--store", "nowhere", "--created", "2027-01-01"]) == 0
    assert capsys.readouterr().out.endswith(f"(patch after {version})\n")


def test_without_a_release_there_is_nothing_to_compare(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first version is whatever the descriptor says."""
    assert cli.main(["bump", "--store", "nowhere"]) == 0
    expected = "nowhere has no release yet, 0.1.0 is the first: nothing to do\n"
    assert capsys.readouterr().out == expected
    assert (notes / "datapackage.yaml").read_text() == NOTES


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
    assert (notes / "datapackage.yaml").read_text() == NOTES

"""`release.load`: a table of a release as a pandas frame."""

from __future__ import annotations

import datetime
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

import release
from release.findings import FindingsError
from release.findings.errors import UsageError
from tests.support import diffs
from tests.support.diffs import Made


def test_a_table_is_loaded_with_its_types(built: Path) -> None:
    """Integers stay integers, dates are dates, a missing value is pd.NA."""
    policies = release.load(built, "policies")
    assert policies.shape == (1, 11)
    row = policies.iloc[0]
    assert (row["country"], row["year"], row["status"]) == ("CN", 2022, "active")
    assert row["published"] == datetime.date(2022, 8, 1)
    assert row["region"] is pd.NA
    assert str(policies["year"].dtype) == "Int64"


def test_the_zip_gives_the_same_frames_as_the_folder(built: Path) -> None:
    """A release may be loaded without unpacking it."""
    (archive,) = built.glob("*.zip")
    pd.testing.assert_frame_equal(release.load(archive, "scores"), release.load(built, "scores"))


def test_an_unknown_table_is_refused_with_those_there_are(built: Path) -> None:
    """The message lists the tables."""
    with pytest.raises(UsageError, match=r"has no table 'score'; it has policies, texts, scores, "):
        release.load(built, "score")


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    """A folder without datapackage.json, a file that is no zip, and nothing at all."""
    file = tmp_path / "notes.txt"
    file.write_text("x")
    for place, message in (
        (tmp_path, f"{tmp_path}: has no datapackage.json, expected a release"),
        (file, f"{file}: is no zip, expected a release's folder or zip"),
        (
            tmp_path / "missing",
            f"{tmp_path}/missing: is neither a folder nor a zip, expected a release",
        ),
    ):
        with pytest.raises(UsageError) as refused:
            release.load(place, "scores")
        assert str(refused.value) == message


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("datapackage.json", b"{", ":1: not well-formed JSON: expecting property name"),
        ("datapackage.json", b"\xff", ":1: is not text in UTF-8, expected JSON"),
        ("datapackage.json", b"[]", ":1: is a list, expected a mapping"),
        ("datapackage.json", b'{"resources": [1]}', ":1: name is missing, expected text"),
        ("data/scores.parquet", b"PAR1", ": has 4 bytes, datapackage.json says "),
    ],
)
def test_a_damaged_release_is_refused(
    built: Path, tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    """The first line names the file, and what of it is wrong."""
    release_folder = tmp_path / "release"
    shutil.copytree(built, release_folder)
    (release_folder / name).write_bytes(data)
    with pytest.raises(FindingsError) as refused:
        release.load(release_folder, "scores")
    assert str(refused.value).startswith(f"{release_folder / name}{message}")


def test_a_table_with_other_bytes_of_the_same_number_is_refused(
    built: Path, tmp_path: Path
) -> None:
    """Its hash is another one than in the manifest."""
    release_folder = tmp_path / "release"
    shutil.copytree(built, release_folder)
    path = release_folder / "data/scores.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(FindingsError) as refused:
        release.load(release_folder, "scores")
    assert [each.rule for each in refused.value.findings] == ["resource-hash"]


def test_a_missing_date_is_none(tmp_path: Path) -> None:
    """Pandas has no dates that may be missing; those of a release are objects, and None."""
    made = Made([("id", "string"), ("day", "date")], ["id"], [{"id": "one"}])
    folder = diffs.released(tmp_path, {"days": made})
    assert release.load(folder, "days")["day"].tolist() == [None]


def test_pandas_is_asked_for_where_it_is_missing(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence, with what to do."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError) as told:
        release.load(built, "policies")
    expected = "release.load needs pandas, which is not installed: pip install pandas"
    assert str(told.value) == expected

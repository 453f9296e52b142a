"""`release.load`: a table of a release as a pandas frame."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pandas as pd
import pytest

import release
from release.errors import UsageError
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
    """A folder without datapackage.json, and a file that is no zip."""
    file = tmp_path / "notes.txt"
    file.write_text("x")
    for place in (tmp_path, file, tmp_path / "missing"):
        with pytest.raises(UsageError, match=r"is no release: .*; expected its folder or zip"):
            release.load(place, "scores")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("datapackage.json", b"{"),
        ("datapackage.json", b"\xff"),
        ("datapackage.json", b"[]"),
        ("datapackage.json", b'{"resources": [1]}'),
        ("data/scores.parquet", b"PAR1"),
    ],
)
def test_a_damaged_release_is_refused(built: Path, tmp_path: Path, name: str, data: bytes) -> None:
    """What is wrong with a descriptor or Parquet that cannot be read is told as all that is no release."""
    release_folder = tmp_path / "release"
    shutil.copytree(built, release_folder)
    (release_folder / name).write_bytes(data)
    with pytest.raises(UsageError, match=r"is no release: .*; expected its folder or zip"):
        release.load(release_folder, "scores")


def test_a_missing_date_is_none(tmp_path: Path) -> None:
    """Pandas has no dates that may be missing; those of a release are objects, and None."""
    made = Made([("id", "string"), ("day", "date")], ["id"], [{"id": "one"}])
    folder = diffs.released(tmp_path, {"days": made})
    assert release.load(folder, "days")["day"].tolist() == [None]

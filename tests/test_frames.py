"""`release.load`: a table of a release as a pandas frame."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

import release
from release.errors import UsageError


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

"""Versions are ordered and raised as Semantic Versioning 2.0.0 and the design have it."""

from __future__ import annotations

import itertools
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.syntax import versions

#: In order of precedence; the drafts are those of the standard itself (semver, 11).
ORDERED = [
    "0.0.1",
    "0.1.0",
    "0.9.0",
    "0.10.0",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1-0",
    "1.0.1",
    "2.0.0",
]

numbers = st.integers(0, 12)
labels = st.sampled_from(["dev", "0", "2", "10", "rc", "a-b", "0a"])
texts = st.builds(
    lambda *parts: str(versions.Version(*parts)),
    *(numbers, numbers, numbers, st.lists(labels, max_size=3).map(tuple)),
)


def test_versions_are_in_the_order_of_the_standard() -> None:
    """The key sorts as the standard's own example does."""
    assert sorted(set(ORDERED), key=versions.key) == ORDERED
    assert len({versions.key(text) for text in ORDERED}) == len(ORDERED)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.0", "01.0.0", "1.0.0-", "1.0.0-a..b", "1.0.0+b", "v1.0.0", "1.0.0 ", "１.0.0"],
)
def test_what_is_no_version_is_refused(text: str) -> None:
    """Two numbers, leading zeros, a `v` and build metadata make no version."""
    assert not versions.is_version(text)
    message = f"{text!r} is no version, expected one such as 1.2.0 or 1.3.0-dev"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        versions.parse(text)


@given(texts)
def test_a_version_is_written_as_it_is_read(text: str) -> None:
    """Reading and writing a version gives the same text."""
    assert str(versions.parse(text)) == text
    assert versions.is_draft(text) == ("-" in text)


@pytest.mark.parametrize(
    ("version", "level", "expected"),
    [
        ("1.2.3", "none", "1.2.3"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
        ("0.2.3", "patch", "0.2.4"),
        ("0.2.3", "minor", "0.2.4"),
        ("0.2.3", "major", "0.3.0"),
        ("1.3.0-dev", "patch", "1.3.0"),
        ("1.3.0-dev", "minor", "1.3.0"),
        ("1.3.0-dev", "major", "2.0.0"),
        ("1.3.1-dev", "minor", "1.4.0"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("2.0.1-rc.1", "major", "3.0.0"),
        ("0.3.0-dev", "major", "0.3.0"),
        ("0.3.1-dev", "major", "0.4.0"),
        ("1.3.0-dev", "none", "1.3.0"),
    ],
)
def test_the_next_version_is_the_smallest_that_makes_the_step(
    version: str, level: versions.Level, expected: str
) -> None:
    """Each level raises its number; below 1.0.0 major raises the second and all others the third."""
    assert versions.next_version(version, level) == expected


@given(texts, st.sampled_from(versions.LEVELS))
def test_the_next_version_is_final_and_not_smaller(text: str, level: versions.Level) -> None:
    """What follows is final, larger unless nothing changed, and suffices by its own measure."""
    following = versions.next_version(text, level)
    assert not versions.is_draft(following)
    assert versions.key(following) >= versions.key(text)
    assert (following == text) == (level == "none" and not versions.is_draft(text))
    assert versions.suffices(following, text, level)


@given(texts)
def test_more_never_calls_for_less(text: str) -> None:
    """A higher level is never followed by a smaller version."""
    for lower, higher in itertools.pairwise(versions.LEVELS):
        one, other = versions.next_version(text, lower), versions.next_version(text, higher)
        assert versions.key(one) <= versions.key(other)


@pytest.mark.parametrize(
    ("new", "old", "level", "expected"),
    [
        ("1.2.4", "1.2.3", "patch", True),
        ("1.2.4", "1.2.3", "minor", False),
        ("1.3.0-dev", "1.2.3", "minor", False),
        ("1.3.0", "1.2.3", "minor", True),
        ("2.0.0", "1.2.3", "minor", True),
        ("0.1.1", "0.1.0", "minor", True),
        ("0.1.1", "0.1.0", "major", False),
    ],
)
def test_a_version_suffices_from_the_next_one_on(
    new: str, old: str, level: versions.Level, expected: bool
) -> None:
    """A larger version than called for is fine, a smaller one is not."""
    assert versions.suffices(new, old, level) is expected


def test_the_most_of_levels_serves_all() -> None:
    """The highest level wins; of none, nothing is called for."""
    assert versions.highest(["patch", "major", "none", "minor"]) == "major"
    assert versions.highest([]) == "none"


# dates

#: In order; a store that had numbers before goes on with dates.
DATES = [
    "1.2.0",
    "2024.02.08-dev",
    "2024.02.08",
    "2024.02.08.2-dev",
    "2024.02.08.2",
    "2024.02.08.10",
    "2024.11.30",
    "2025.01.01",
]


def test_dates_are_in_the_order_of_days() -> None:
    """After numbers, and the versions of one day as they are counted."""
    assert sorted(set(DATES), key=versions.key) == DATES
    assert [str(versions.parse(each)) for each in DATES] == DATES


@pytest.mark.parametrize(
    "text", ["2024.2.8", "2024.02.30", "2024.02.08.1", "2024.02.08.02", "24.02.08", "2024-02-08"]
)
def test_what_is_no_day_is_no_date(text: str) -> None:
    """Nor is a first version of a day that says so: there would be two texts for it."""
    assert not versions.is_date(text)


days = st.dates(min_value=date(1000, 1, 1)).map(lambda day: day.isoformat().replace("-", "."))
dates = st.builds(lambda day, end: f"{day}{end}", days, st.sampled_from(["", ".2", ".11", "-dev"]))


@given(dates, dates, st.sampled_from(versions.LEVELS))
def test_any_later_date_suffices(old: str, new: str, level: versions.Level) -> None:
    """The next one is the smallest of these: of a draft its own day, else a further version of that."""
    following = versions.next_version(old, level, "calendar")
    assert versions.suffices(new, old, level, "calendar") == (
        versions.key(new) >= versions.key(following)
    )
    assert versions.is_date(following)
    assert not versions.is_draft(following)
    if level != "none":
        assert versions.key(following) > versions.key(old)
        assert versions.parse(following)[:3] == versions.parse(old)[:3]


@given(dates)
def test_a_date_that_is_taken_is_followed_by_one_of_the_same_day(version: str) -> None:
    """It is counted on, with the reasons why the ones before are taken."""
    final = str(versions.parse(version)._replace(labels=()))
    second = versions.next_version(final, "patch", "calendar")
    taken = {final: "one", second: "two"}
    found, why = versions.next_free(version, taken, "calendar")
    assert (found, why) == (versions.next_version(second, "major", "calendar"), ["one", "two"])

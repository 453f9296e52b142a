"""`release explain`: every rule is explained, by each name that a finding may give it."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.findings import RELEASE_RULES, RULES
from release.findings.explanations.explanation import THEMES, explanations
from tests.support.kit import ROOT, run

CASES = ROOT / "tests/cases"


def test_every_rule_is_explained_in_the_order_of_the_themes() -> None:
    """None is without an explanation, and none is explained that is not there."""
    found = explanations()
    assert list(found) == [*RULES, *RELEASE_RULES]
    themes = [*THEMES]
    assert sorted(found, key=lambda rule: themes.index(found[rule].theme)) == list(found)


def test_an_explanation_is_made_of_sentences() -> None:
    """Each part ends as a sentence does."""
    for found in explanations().values():
        for text in (found.meaning, found.why, found.advice, found.lowering):
            assert text.endswith((".", "`.", '`"')), (found.rule, text)


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are cut at the width of the terminal: here it is that of most."""
    monkeypatch.setenv("COLUMNS", "80")


def test_a_rule_of_a_field_is_explained_by_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The field is named; and where the dataset has no such field, the one that was probably meant."""
    monkeypatch.chdir(CASES / "type-date")
    code, out, err = run("explain", "day-type")
    assert (code, err) == (0, "")
    assert out.startswith("day-type is the rule `type` about 'day'.\n\ntype (error): A value has")
    assert run("explain", "dya-type")[1].startswith(
        "dya-type would be the rule `type` about 'dya', which this dataset lacks; did you\n"
        "mean 'day-type'?\n\ntype (error): "
    )


def test_a_check_is_explained_from_the_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its message and query."""
    monkeypatch.chdir(CASES / "check")
    code, out, err = run("explain", "title-short")
    assert (code, err) == (0, "")
    assert out == (
        "title-short (warning): a check of this dataset, from datapackage.yaml\n\n"
        "Message\n  title {title} has {n} characters\n\n"
        "Query, which selects the rows that are wrong\n"
        "  SELECT note_id, title, length(title) AS n FROM notes WHERE length(title) < 4\n"
    )


def test_an_unknown_rule_is_refused_with_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there is no descriptor."""
    monkeypatch.chdir(tmp_path)
    said = "release: 'requird' is no rule; did you mean 'required'?\n"
    assert run("explain", "requird") == (2, "", said)
    said = "release: 'xyz' is no rule; `release explain` lists all\n"
    assert run("explain", "xyz") == (2, "", said)


def test_without_a_rule_all_are_listed() -> None:
    """By theme, each with its severity and meaning."""
    lines = run("explain")[1].splitlines()
    assert lines[0] == "Files"
    assert lines[1].split() == ["not-a-file", "error", *RULES["not-a-file"][1].split()]
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [*RULES, *RELEASE_RULES]

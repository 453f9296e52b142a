"""The pages of the rules: the example of each breaks it alone, and what a page shows is what is found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from release.findings import RULES, family
from release.findings.explanations.explanation import explain, explanations
from tests.support.faults import LINE
from tests.support.rule_pages import ACCEPT, PAGES, apply, found, index, page, write_dataset

#: Some examples are commands, which other systems spell otherwise.
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the examples are made by GNU sed")


@pytest.mark.parametrize("rule", RULES)
def test_the_example_of_a_rule_breaks_it_alone(rule: str, tmp_path: Path) -> None:
    """Check finds that rule in the wrong example and no other; the page shows what it says."""
    explanation = explain(rule)
    assert explanation is not None
    assert explanation.wrong is not None
    write_dataset(tmp_path)
    apply(explanation.wrong, tmp_path)
    lines = found(tmp_path)
    rules = {family(match["rule"]) for line in lines if (match := LINE.fullmatch(line)) is not None}
    assert rules == {rule}
    assert (PAGES / f"{rule}.md").read_text("utf-8") == page(explanation, lines), ACCEPT


@pytest.mark.parametrize("rule", RULES)
def test_the_right_example_of_a_rule_has_no_finding(rule: str, tmp_path: Path) -> None:
    """What is advised is right."""
    explanation = explain(rule)
    assert explanation is not None
    assert explanation.right is not None
    write_dataset(tmp_path)
    apply(explanation.right, tmp_path)
    assert found(tmp_path) == []


def test_every_rule_has_its_page_and_no_other_page_is_there() -> None:
    """Those of releases, too; the index lists all of them."""
    names = {"README.md", *(f"{rule}.md" for rule in explanations())}
    assert {path.name for path in PAGES.iterdir()} == names
    assert (PAGES / "README.md").read_text("utf-8") == index(), ACCEPT
    for rule, each in explanations().items():
        if each.wrong is None:
            assert (PAGES / f"{rule}.md").read_text("utf-8") == page(each, []), ACCEPT

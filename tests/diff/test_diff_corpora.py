"""Differences of the real records, held against what an independent script found.

The files belong to another project and are never copied here; without them these tests are skipped.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from release.build import pipeline
from release.descriptor import load
from release.diff import comparison
from release.diff.difference import Difference
from release.diff.release import Release
from release.diff.table_difference import Row, TableDifference
from release.findings import Severity
from release.syntax.file_patterns import FilePattern
from tests.support import diffs
from tests.support.corpora import FEBRUARY, LOWERED, MARCH, SNAPSHOTS, pattern

TRUTH = f"diff__{FEBRUARY}__{MARCH}.json"


@pytest.fixture(scope="module")
def stack() -> Iterator[ExitStack]:
    """What is open for all tests of this file."""
    with ExitStack() as opened:
        yield opened


def given(stack: ExitStack, root: Path, folder: Path, lowered: list[str]) -> Release:
    """What the records in a folder would give."""
    severities: dict[str, Severity] = {text.partition("=")[0]: "warning" for text in lowered}
    described = load.with_severities(load.load(root / "datapackage.yaml"), severities)
    options = pipeline.Options({"policies": FilePattern(pattern(folder))})
    return stack.enter_context(pipeline.preview(described, options))


@pytest.fixture(scope="module")
def truth(shared: Path) -> dict[str, Any]:
    """What is true of the two older snapshots."""
    value: dict[str, Any] = json.loads((shared / "corpora/truth" / TRUTH).read_text("utf-8"))
    return value


@pytest.fixture(scope="module")
def difference(shared: Path, root: Path, stack: ExitStack) -> Difference:
    """The difference of the two older snapshots."""
    old, new = (
        given(stack, root, shared / "corpora" / name, LOWERED[FEBRUARY])
        for name in (FEBRUARY, MARCH)
    )
    return stack.enter_context(comparison.compare(old, new))


def table(difference: Difference, name: str) -> TableDifference:
    """One table's difference."""
    return next(each for each in difference.tables if each.name == name)


def rows(difference: Difference, name: str, *sorts: str) -> list[Row]:
    """The rows of a table that came, went or changed."""
    of = table(difference, name)
    every: list[Any] = list(sorts or ("added", "removed", "changed"))
    return [row for sort in every for row in difference.rows(of, sort)]


def test_policies_and_editions_come_and_go_as_they_did(
    difference: Difference, truth: dict[str, Any]
) -> None:
    """Policies and editions before and after, added and removed."""
    for name, key in (("policies", "policies"), ("texts", "editions")):
        counted = table(difference, name).rows
        assert (counted.old, counted.new) == (truth[key]["old"], truth[key]["new"])
        for sort in ("added", "removed"):
            found = [list(row.key) for row in rows(difference, name, sort)]
            assert found == [
                each if isinstance(each, list) else [each] for each in truth[key][sort]
            ]


def test_every_change_of_a_score_is_the_true_one(
    difference: Difference, truth: dict[str, Any]
) -> None:
    """Which scores are new, lost and changed, by policy, language and dimension, old and new value."""
    found = {}
    for row in rows(difference, "scores"):
        for cell in row.cells:
            if cell.field == "score":
                found[row.key] = (cell.old, cell.new)
    expected = {
        (each["id"], each["lang"], each["dimension"]): tuple(
            None if each[side] is None else str(each[side]) for side in ("old", "new")
        )
        for each in truth["score_changes"]["rows"]
    }
    assert found == expected
    counted = table(difference, "scores")
    changes = truth["score_changes"]
    assert (counted.rows.added, counted.rows.removed, counted.cells["score"]) == (
        changes["new_dimension"],
        changes["lost_dimension"],
        changes["numeric_to_numeric"],
    )
    assert (
        len({row.key[:2] for row in rows(difference, "scores") if row.key in expected})
        == (changes["editions"])
    )


def test_the_sum_of_scores_moves_as_it_did(difference: Difference, truth: dict[str, Any]) -> None:
    """New less old points of each language."""
    moved: Counter[str] = Counter()
    for row in rows(difference, "scores"):
        for cell in row.cells:
            if cell.field == "score":
                moved[row.key[1]] += int(cell.new or 0) - int(cell.old or 0)
    assert dict(moved) == truth["score_changes"]["net_by_lang"]


@pytest.mark.parametrize(
    ("name", "field", "key"),
    [
        ("texts", "description", "description"),
        ("texts", "implementation_authority", "implementationDetails.authority"),
        ("texts", "implementation_mechanism", "implementationDetails.mechanism"),
        ("texts", "implementation_funding_scale", "implementationDetails.fundingScale"),
        ("provenance", "reviewer", "provenance.reviewer"),
        ("provenance", "review_status", "reviewStatus"),
    ],
)
def test_changed_cells_are_as_many_as_there_are(
    difference: Difference, truth: dict[str, Any], name: str, field: str, key: str
) -> None:
    """Cells of an edition that changed, absent and empty being the same, as the script counted them."""
    strict, norm = truth["field_change_counts_strict"][key], truth["field_change_counts_norm"][key]
    # the script's norm folds white space; the tables do not
    assert norm <= table(difference, name).cells[field] <= strict


def test_findings_call_for_nothing_beside_lost_rows(difference: Difference) -> None:
    """Rows were lost: major, and the lost rows are why."""
    assert difference.level == "major"
    assert difference.next_version == "0.2.0"
    assert difference.most_telling()[:2] == [
        "facilities: 15,259 rows removed",
        "tags: 476 rows removed",
    ]


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_reformatted_copy_has_the_same_data(
    shared: Path, root: Path, tmp_path: Path, stack: ExitStack, name: str
) -> None:
    """LF to CRLF, block YAML to JSON to flow, keys the other way round: files are rewritten, nothing else."""
    folder = shared / "corpora" / name
    files = sorted((folder / "policies").rglob("*.md"))
    for turn, path in enumerate(files):
        copy = tmp_path / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(diffs.reformatted(path.read_bytes(), turn))
    old = given(stack, root, folder, LOWERED[name])
    new = given(stack, root, tmp_path, LOWERED[name])
    with comparison.compare(old, new) as difference:
        assert difference.reasons() == [("patch", "records rewritten, data unchanged")]
        assert len(difference.files.rewritten) == len(files)
        differ = {each.name for each in difference.tables if each.pairs}
        assert differ == {"provenance", "findings"}
        for each in difference.tables:
            assert list(rows(difference, each.name)) == []

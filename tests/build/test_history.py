"""Four versions of real records in one store: right levels, one withdrawn in the middle, a right index."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from release.build import pipeline
from release.descriptor import load
from release.findings import Severity
from release.findings.errors import RefusedError
from release.store import check, contents, index, transfer
from release.syntax import versions
from release.syntax.file_patterns import FilePattern
from tests.support import kit, stores
from tests.support.corpora import FEBRUARY, JUNE, LOWERED, MARCH, pattern
from tests.support.kit import ROOT, run

#: Each version, what it is built from, its date, and the level of the difference to the one before.
HISTORY = [
    ("0.1.0", "", "2026-02-01", "none"),
    ("0.2.0", FEBRUARY, "2026-02-08", "major"),
    ("0.3.0", MARCH, "2026-03-05", "major"),
    ("0.4.0", JUNE, "2026-06-24", "major"),
]


def build_version(where: Path, shared: Path, version: str, name: str, date: str) -> Path:
    """Build the seeds, or a snapshot in the place of their records, as one version into a store."""
    text = (ROOT / "datapackage.yaml").read_text("utf-8")
    text = re.sub(r"^version: .*", f"version: {version}", text, flags=re.MULTILINE)
    text = re.sub(r"^created: .*", f"created: '{date}T00:00:00Z'", text, flags=re.MULTILINE)
    described = replace(load.parse(text, ROOT / "datapackage.yaml"), root=ROOT)
    lowered: dict[str, Severity] = {
        rule.partition("=")[0]: "warning" for rule in LOWERED.get(name, [])
    }
    described = load.with_severities(described, lowered)
    elsewhere = {"policies": FilePattern(pattern(shared / "corpora" / name))} if name else {}
    made = pipeline.build(described, where, pipeline.Options(elsewhere))
    assert made.path is not None, [str(finding) for finding in made.outcome.findings][:3]
    return made.path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """The store with the four versions, of which the third was withdrawn."""
    where = tmp_path_factory.mktemp("history") / "dist"
    for version, name, date, _ in HISTORY:
        build_version(where, shared, version, name, date)
    contents.yank(where, "0.3.0", "Records were lost when two folders were merged")
    return where


def test_each_version_has_the_level_of_its_difference(history: Path) -> None:
    """The index says from which version each was stepped and how far, and its number is large enough."""
    listed = list(reversed(contents.versions(history)))
    assert [entry.version for entry in listed] == [version for version, *_ in HISTORY]
    for entry, (_, _, date, level) in zip(listed, HISTORY, strict=True):
        assert entry.created == f"{date}T00:00:00Z"
        assert entry.changes is not None
        assert entry.changes.level == level
    for before, entry in itertools.pairwise(listed):
        assert entry.changes is not None
        assert entry.changes.before == before.version
        assert versions.next_version(before.version, "major") == entry.version
        assert versions.suffices(entry.version, before.version, "major")


def test_a_version_that_is_too_small_is_refused(history: Path, shared: Path) -> None:
    """June's records are no patch of February's; the store stays as it was."""
    before = kit.tree(history)
    with pytest.raises(
        RefusedError, match=r"^0\.2\.1 is too small: the difference to 0\.2\.0 is major"
    ):
        build_version(history, shared, "0.2.1", JUNE, "2026-06-25")
    assert kit.tree(history) == before


def test_the_index_is_right_and_can_be_made_again(history: Path) -> None:
    """One version is withdrawn, the last one is the latest, and the folders alone say so."""
    assert [(e.version, e.status) for e in contents.versions(history)] == [
        ("0.4.0", "final"),
        ("0.3.0", "withdrawn"),
        ("0.2.0", "final"),
        ("0.1.0", "final"),
    ]
    assert json.loads((history / "latest.json").read_bytes())["version"] == "0.4.0"
    assert check.check_index(history) == []
    assert set(stores.named(history)) == {version for version, *_ in HISTORY}
    before = {name: index.content(history / name) for name in index.NAMES}
    for name in index.NAMES:
        (history / name).unlink()
    contents.reindex(history)
    assert {name: index.content(history / name) for name in index.NAMES} == before


def test_every_version_verifies(history: Path) -> None:
    """`release verify` of the store passes for each version and for the index."""
    code, out, err = run("verify", str(history))
    assert (code, err) == (0, ""), out
    assert out.count("verifies") >= len(HISTORY)


def test_the_next_version_follows_the_newest_that_is_good(
    history: Path, shared: Path, tmp_path: Path
) -> None:
    """With the newest version withdrawn too, the next one is compared with the one before it."""
    other = tmp_path / "dist"
    for version, *_ in HISTORY[:3]:
        transfer.copy(history, str(other), version)
    assert contents.latest(other) == "0.2.0"
    path = build_version(other, shared, "0.3.1-dev", JUNE, "2026-06-25")
    assert json.loads((path / "changes.json").read_bytes())["from"] == "0.2.0"


def test_the_store_is_published_whole(history: Path, tmp_path: Path) -> None:
    """Version by version it becomes the same store, which verifies."""
    other = tmp_path / "other"
    for version, *_ in HISTORY:
        transfer.copy(history, str(other), version)
        stores.named(other)
    assert kit.tree(other) == kit.tree(history)
    assert check.check_index(other) == []

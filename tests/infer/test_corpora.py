"""`init` on the real records of other projects draws what a careful person drew of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support import kit
from tests.support.corpora import SNAPSHOTS
from tests.support.kit import IS_STRESS


def take(source: Path, folder: Path) -> Path:
    """Copy a collection, which is read-only where it stands."""
    for path in (path for path in source.rglob("*") if path.is_file()):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def tables(folder: Path) -> dict[str, int]:
    """Return the rows of each table that `init` draws, whose check finds no error."""
    code, out, err = kit.run("init", str(folder))
    assert (code, err) == (0, ""), out
    outcome = kit.check(folder)
    assert outcome.errors == 0
    return {name: table.num_rows for name, table in outcome.content.tables.items()}


def test_advisories_have_the_tables_of_a_careful_person(shared: Path, tmp_path: Path) -> None:
    """One row for each advisory, and one for each entry of its lists, of which some were joined."""
    found = tables(take(shared / "corpora/rustsec", tmp_path / "rustsec"))
    wanted = json.loads((shared / "corpora/wanted/truth.json").read_text("utf-8"))["rustsec"][
        "tables"
    ]
    rows = {name: table["rows"] for name, table in wanted.items()}
    assert found["rustsec"] == rows["advisories"]
    assert found["aliases"] + found["related"] == rows["names"]
    assert found["categories"] + found["keywords"] == rows["terms"]
    assert found["arch"] + found["os"] == rows["affected_platforms"]
    assert found["functions"] == rows["affected_functions"]
    for name in ("references", "versions"):
        assert found[name] == rows[name]


def test_licences_have_the_tables_of_a_careful_person(shared: Path, tmp_path: Path) -> None:
    """One row for each licence, project and rule."""
    found = tables(take(shared / "corpora/choosealicense", tmp_path / "choosealicense"))
    wanted = json.loads((shared / "corpora/wanted/truth.json").read_text("utf-8"))["choosealicense"]
    rows = {name: table["rows"] for name, table in wanted["tables"].items()}
    assert (found["licenses"], found["using"]) == (rows["licenses"], rows["using"])
    assert (
        sum(found[name] for name in ("permissions", "conditions", "limitations")) == rows["rules"]
    )


@pytest.mark.parametrize("name", SNAPSHOTS if IS_STRESS else SNAPSHOTS[-1:])
def test_policies_have_scores_impacts_texts_and_codelists(
    name: str, shared: Path, tmp_path: Path
) -> None:
    """Of two editions: what they share, what differs, and labels in both languages."""
    folder = take(shared / "corpora" / name, tmp_path / name)
    found = tables(folder)
    assert {"policies", "texts", "analysis", "impactAnalysis", "categories", "countries"} <= set(
        found
    )
    policies = {path.stem for path in folder.rglob("*.md") if path.parent.name in ("en", "zh")}
    assert found["policies"] == len(policies)
    header = (folder / "codelists/statuses.csv").read_text("utf-8").splitlines()[0]
    assert header.startswith("code")


def test_countries_have_texts_in_both_languages(shared: Path, tmp_path: Path) -> None:
    """What the editions share stands once."""
    found = tables(take(shared / "corpora/2026-08-15-countries", tmp_path / "countries"))
    assert (found["countries"], found["texts"]) == (66, 132)

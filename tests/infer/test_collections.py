"""Collections as people keep them are released as a careful person would draw them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import collections, kit


@pytest.mark.parametrize("name", collections.NAMES)
def test_a_descriptor_by_hand_gives_the_wanted_tables(name: str, tmp_path: Path) -> None:
    """The language of the descriptor says what a careful person means; nothing is lost on the way."""
    folder = collections.write(name, tmp_path / name)
    not_of_it = shutil.ignore_patterns("records.txt", "wanted.yaml")
    shutil.copytree(collections.FOLDER / name, folder, ignore=not_of_it, dirs_exist_ok=True)
    release = kit.build(folder, folder / "dist")
    drawn = collections.tables(release)
    assert collections.differences(collections.wanted(name), drawn) == []
    assert collections.companions(release) == int(collections.wanted(name).get("companions", 0))
    code, out, _ = kit.run("verify", "--rebuild", str(release))
    assert (code, out.splitlines()[-1]) == (0, "verifies")


@pytest.mark.parametrize("name", collections.NAMES)
def test_a_drafted_descriptor_gives_the_wanted_tables(name: str, tmp_path: Path) -> None:
    """`init` draws of a folder what a careful person would, and the release of that verifies."""
    folder = collections.write(name, tmp_path / name)
    code, out, err = kit.run("init", str(folder))
    assert (code, err) == (0, ""), out
    release = kit.build(folder, folder / "dist")
    drawn = collections.tables(release)
    assert collections.differences(collections.wanted(name), drawn) == []
    code, out, _ = kit.run("verify", str(release))
    assert (code, out.splitlines()[-1]) == (0, "verifies")


def test_what_is_not_as_wanted_is_told() -> None:
    """A row more, another key, type or name, and a table too many each are a difference."""
    field = {"name": "site", "type": "string"}
    schema = {"fields": [field, {"name": "m", "type": "integer"}], "primaryKey": ["site"]}
    drawn = {"sites": collections.Table(schema, [{"site": "elbe", "m": "1"}])}
    right = {"rows": "1", "key": ["site"], "fields": {"site|id": "string", "m": "integer"}}
    assert collections.differences({"tables": {"places|sites": right}}, drawn) == []
    wrong = {
        "rows": "2",
        "key": ["m"],
        "fields": {"site": "string", "m": "number", "(note)": "string"},
        "foreignKeys": {"site": "sites"},
        "some": [{"site": "rhine"}],
    }
    assert collections.differences({"tables": {"sites": wrong}}, drawn) == [
        "sites: has 1 rows, wanted 2",
        "sites: has no field m: number",
        "sites: has a field m: integer that nobody wants",
        "sites: has the key ['site'], wanted ['m']",
        "sites: has no foreign key ['site'] to sites",
        "sites: has no row {'site': 'rhine'}",
    ]
    assert collections.differences({"tables": {"rivers": right}}, drawn) == [
        "no table rivers; there are sites",
        "a table sites that nobody wants",
    ]

"""What comes from elsewhere is read within limits: reaching one is a finding, no crash and no wait."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.support import tampering
from tests.support.kit import run


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a small release."""
    return tampering.built(tmp_path_factory.mktemp("good")).parent


@pytest.fixture
def store(good: Path, tmp_path: Path) -> Path:
    """A copy of the store."""
    return shutil.copytree(good, tmp_path / "store")


def commands(store: Path) -> list[tuple[str, ...]]:
    """The commands that read the index of a store."""
    return [
        ("list", str(store)),
        ("verify", str(store), "--no-referee"),
        ("publish", "--store", str(store), str(store.parent / "other"), "0.1.0"),
        ("yank", "0.1.0", "--reason", "wrong", "--store", str(store)),
    ]


def refusals(store: Path) -> list[str]:
    """What each command says of an index that it does not take, as one text."""
    found = []
    for command in commands(store):
        code, out, err = run(*command)
        assert code == 1, command
        found.append(out + err)
    return found


def test_an_index_of_64_gigabytes_is_not_read(store: Path) -> None:
    """Its size is looked at first."""
    os.truncate(store / "versions.json", 1 << 36)
    for said in refusals(store):
        assert "it has 68,719,476,736 bytes, expected at most 134,217,728" in said


def test_an_index_of_very_many_values_is_not_parsed(store: Path) -> None:
    """A list in JSON takes thirty times as much memory as the file has bytes."""
    (store / "versions.json").write_bytes(b'{"versions": [' + b"[],[]," * 2_500_000 + b"[]]}")
    for said in refusals(store):
        assert "holds more than 8,388,608 values" in said


def test_many_versions_that_are_not_there_are_one_finding(store: Path) -> None:
    """Their number is named."""
    path = store / "versions.json"
    index = json.loads(path.read_text("utf-8"))
    (entry,) = index["versions"]
    index["versions"] += [{**entry, "version": f"0.{at}.0"} for at in range(2, 3002)]
    path.write_text(json.dumps(index))
    listed, verified, _, _ = (run(*command) for command in commands(store))
    told = "lists 0.2.0, which is not there; and 2,999 more like it"
    assert listed[1].count(told) == verified[1].count(told) == 1
    assert len(verified[1]) < 3_000
    code, _, err = run("reindex", str(store))
    assert code == 1
    assert err.count(", which is not there: ") == 1
    assert len(err) < 1_000
    code, _, err = run("publish", "--store", str(store), str(store.parent / "other"), "9.9.9")
    assert code == 2
    assert len(err) < 1_000
    assert err.endswith("and 2,981 older ones\n")


@pytest.mark.parametrize(
    "name",
    ["datapackage.json", "SHA256SUMS", "buildinfo.json", "provenance.intoto.json", "changes.json"],
)
def test_a_list_of_64_gigabytes_is_not_read(store: Path, name: str) -> None:
    """So it is with every file that is read as a whole; sparse files cost nothing to make."""
    if not (store / "0.1.0" / name).exists():
        pytest.skip(f"the release has no {name}")
    os.truncate(store / "0.1.0" / name, 1 << 32)
    code, out, err = run("diff", str(store / "0.1.0"), str(store / "0.1.0"))
    assert code in (0, 1)
    assert "Traceback" not in out + err

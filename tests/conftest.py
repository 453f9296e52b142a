"""What several test files start from: the repository, its seeds checked, its release built, a small store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.build import pipeline
from tests.support import kit, stores
from tests.support.datasets import DIGESTED
from tests.support.kit import ROOT


@pytest.fixture(scope="session", autouse=True)
def _one_processor() -> Iterator[None]:
    """Commands in this process see one processor, and start no processes unless they are told to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real records and the standards, or a skip that says what is missing."""
    folder = Path(os.environ.get("RELEASE_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "corpora").is_dir():
        pytest.skip(f"the real records are not here: no folder {folder.name}/corpora")
    return folder


@pytest.fixture(scope="session")
def seeds() -> pipeline.Outcome:
    """The seeds, checked: their tables and findings."""
    return kit.check(ROOT)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the seeds, in a store of its own."""
    store = tmp_path_factory.mktemp("store") / "dist"
    return kit.build(ROOT, store)


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two final versions and a draft; it is `dist` in the working folder."""
    monkeypatch.chdir(tmp_path)
    return stores.dist({"0.1.0": "one", "0.2.0": "two", "0.3.0-dev": "three"})


@pytest.fixture
def built_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small dataset, built as 0.1.0; it is the working folder."""
    (tmp_path / "datapackage.yaml").write_text(DIGESTED)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/first.md").write_text("---\ntitle: The first\nyear: 2026\n---\nText.\n")
    (tmp_path / "notes/second.md").write_text("---\ntitle: 第二\n---\n")
    monkeypatch.chdir(tmp_path)
    assert kit.run("build")[0] == 0
    return tmp_path

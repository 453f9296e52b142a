"""What several test files start from: the repository, its seeds checked, its release built, a small store."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from release.build import pipeline
from tests.support import kit, stores
from tests.support.datasets import DIGESTED
from tests.support.kit import ROOT

# On a busy machine an example takes long, and so does making one: neither is a fault.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

_reporter: list[pytest.TerminalReporter] = []
_plugins: dict[str, Any] = {}


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Find what prints, where it is; hear Ctrl-C, to which `&` and nohup make deaf, as do children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    _plugins["dsession"] = config.pluginmanager.get_plugin("dsession")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(reporter, pytest.TerminalReporter):
        _reporter.append(reporter)


def pytest_keyboard_interrupt() -> None:
    """End the workers of xdist soon after Ctrl-C, which they heard too: it waits for them 20 seconds."""
    session = _plugins.get("dsession")
    if session is not None:
        session.nodemanager.EXIT_TIMEOUT = 2


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Print the name of a test when it fails, not only when all have ended."""
    for reporter in _reporter:
        if report.failed and reporter.verbosity <= 0:
            reporter.ensure_newline()
            reporter.write_line(f"FAILED {report.nodeid}", red=True)


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


@pytest.fixture(scope="session")
def _first_notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dataset, built as 0.1.0."""
    folder = tmp_path_factory.mktemp("first-notes")
    (folder / "datapackage.yaml").write_text(DIGESTED)
    (folder / "notes").mkdir()
    (folder / "notes/first.md").write_text("---\ntitle: The first\nyear: 2026\n---\nText.\n")
    (folder / "notes/second.md").write_text("---\ntitle: 第二\n---\n")
    kit.build(folder, folder / "dist")
    return folder


@pytest.fixture
def built_notes(_first_notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a small dataset that was built as 0.1.0; it is the working folder."""
    shutil.copytree(_first_notes, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path

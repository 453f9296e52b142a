"""`release check --watch` stays, and shows the state of a dataset after each change of its files."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from release.build.inputs import Options
from release.build.watch.session import Session
from release.cli.reports.screen import fit
from release.descriptor import load
from release.findings import Finding
from tests.support.datasets import describe, write_dataset
from tests.support.kit import ENVIRONMENT, run

GOOD = "title: Rock\n"


class Watched:
    """A command that watches, and the blocks of lines that it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._blocks: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip():
                lines.append(line)
            else:
                self._blocks.put("".join(lines))
                lines = []

    def next(self) -> str:
        """Wait for the next block."""
        return self._blocks.get(timeout=60)

    def until(self, text: str) -> str:
        """Wait for a block with a text: a file may be seen before all of it is written."""
        while text not in (block := self.next()):
            pass
        return block


def save(file: Path, text: str) -> None:
    """Write a file as editors do: under another name, which then takes its place."""
    other = file.with_name(f".{file.name}")
    other.write_text(text)
    other.replace(file)


@contextmanager
def watching(root: Path) -> Iterator[Watched]:
    """Watch the dataset in a folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "release", "check", "--watch", "--no-cache"],
        cwd=root,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Watched(process)
    finally:
        process.kill()
        process.communicate()


def test_each_change_is_shown_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """Saves in place and by renaming, new files, a broken descriptor, a folder that is replaced."""
    descriptor = describe(path="notes/{note}.yaml")
    root = write_dataset(tmp_path, descriptor, {"notes/a.yaml": GOOD})
    with watching(root) as watched:
        assert watched.next() == "1 record, 0 errors, 0 warnings\n"
        (root / "notes/a.yaml").write_text("title: 'Rock '\n")
        watched.until("1 record, 0 errors, 1 warning (1 new finding, ")
        save(root / "notes/a.yaml", GOOD)
        assert watched.next() == "1 record, 0 errors, 0 warnings (0 new findings, 1 gone)\n"
        save(root / "notes/b.yaml", GOOD)
        assert watched.next() == "2 records, 0 errors, 0 warnings\n"
        save(root / "datapackage.yaml", descriptor.replace("rows: ", "rowz: "))
        assert "did you mean 'rows'?" in watched.next()
        save(root / "datapackage.yaml", descriptor)
        assert watched.next() == "2 records, 0 errors, 0 warnings\n"
        (root / "others").mkdir()
        (root / "others/c.yaml").write_text("name: Sand\n")
        (root / "notes").rename(root / "before")
        (root / "others").rename(root / "notes")
        shown = watched.until("notes/c.yaml:1:7: error: unmapped-path")
        assert "1 record, 1 error, 0 warnings" in shown
        save(root / "notes/c.yaml", GOOD)
        assert watched.next() == "1 record, 0 errors, 0 warnings (0 new findings, 1 gone)\n"
        watched.process.send_signal(signal.SIGINT)
        assert watched.process.wait(30) == 130


def test_what_cannot_be_watched_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other formats, records behind a URL, and a missing library have a sentence each."""
    root = write_dataset(tmp_path, describe(path="notes/{note}.yaml"), {"notes/a.yaml": GOOD})
    watch = ("check", "--watch", "--no-cache", "--descriptor", str(root / "datapackage.yaml"))
    said = "release: --watch shows findings as they are now: leave out "
    assert run(*watch, "--format", "json")[::2] == (2, f"{said}--format\n")
    assert run(*watch, "--coverage")[::2] == (2, f"{said}--coverage\n")
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    missing = (
        "--watch needs watchfiles, which is not installed: pip install 'records-release[watch]'"
    )
    assert run(*watch)[::2] == (2, f"release: {missing}\n")


@pytest.mark.parametrize("rows", [8, 10, 24, 200])
def test_a_state_fits_a_screen(rows: int, tmp_path: Path) -> None:
    """No line is longer than the terminal is wide, and none is scrolled away; what is left out is counted."""
    root = write_dataset(tmp_path, describe(path="notes/{note}.yaml"), {"notes/a.yaml": GOOD})
    file = root / "datapackage.yaml"
    with Session(file, lambda: (load.load(file), Options())) as session:
        state = session.check()
    findings = [
        Finding("text-type", f"notes/{number}.yaml", "text is " + "x" * number, 1, 1, str(number))
        for number in range(1, 90)
    ]
    findings[0] = replace(findings[0], path="notes/0.yaml", severity="warning")
    state = replace(state, findings=findings, new=findings[:9], gone=findings[:1])
    lines = list(fit(state, "89 records, 89 errors", 60, rows))
    assert (len(lines) < rows, max(map(len, lines)) <= 60) == (True, True)
    assert lines[-1].startswith("89 records, 89 errors (9 new findings, 1 gone), ")
    shown = sum(line.startswith("notes/") for line in lines)
    left = [line for line in lines if line.startswith("… and ")]
    expected = [] if rows == 200 else [f"… and {89 - shown} more lines, which release check shows"]
    assert (left, lines.count("+ … and 4 more")) == (expected, int(rows > 20))
    assert "error: text-type" in lines[0]


def test_little_stays_behind(tmp_path: Path) -> None:
    """After many saves the session's folder holds what one check uses, and ends with the session."""
    root = write_dataset(tmp_path, describe(path="notes/{note}.yaml"), {"notes/a.yaml": GOOD})
    file = root / "datapackage.yaml"
    with Session(file, lambda: (load.load(file), Options())) as session:
        sizes = []
        for number in range(6):
            (root / "notes/a.yaml").write_text(f"title: '{number} '\n")
            state = session.check()
            assert len(state.new) == len(state.gone) == (number > 0)
            sizes.append(len(list(session.folder.rglob("*.*"))))
        assert len(set(sizes[1:])) == 1
    assert not session.folder.exists()

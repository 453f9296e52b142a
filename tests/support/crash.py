"""Kills commands that write to a store, at every step and at random moments, and looks at what is left.

    .venv/bin/python -m tests.support.crash CASE FOLDER [SHARE]    prints how many times it was killed

With a share the command is killed at one in so many of those steps and moments.

Children are forked from one process that has imported everything and started no thread, so that a kill
costs milliseconds. A child is killed by itself just before the Nth thing that it asks of the file system
(an audit hook counts them), or by its parent after a part of the time that it takes.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release import cli
from release.store import check, contents, index, transfer
from tests.support import kit, stores
from tests.support.datasets import NOTES
from tests.support.moments import refusing

#: What a child asks of the file system, as Python tells an audit hook.
STEPS = frozenset(
    "open os.mkdir os.rename os.remove os.rmdir os.chmod os.truncate shutil.copyfile "
    "fcntl.flock os.listdir os.scandir tempfile.mkstemp tempfile.mkdtemp".split()
)

RECORD = "---\ntitle: {title}\nyear: {year}\n---\nText.\n"


@dataclass(frozen=True)
class Case:
    """A command, what there is before it, and the folder of the store that it writes to."""

    prepare: Callable[[Path], object]
    act: Callable[[Path], object]
    writes_to: str = "dist"


def _two(folder: Path) -> None:
    stores.place(folder / "dist", "0.1.0")
    stores.place(folder / "dist", "0.2.0", "two")


def _draft(folder: Path) -> None:
    stores.place(folder / "dist", "0.1.0")
    stores.place(folder / "dist", "0.2.0-dev", "old")


def _two_stores(folder: Path) -> None:
    _two(folder)
    contents.yank(folder / "dist", "0.2.0", "wrong")
    stores.place(folder / "other", "0.1.0")


def _two_drafts(folder: Path) -> None:
    stores.place(folder / "dist", "0.2.0-dev", "new")
    stores.place(folder / "other", "0.2.0-dev", "old")


def _many_files(folder: Path) -> None:
    more = {f"source/{number}.md": f"{number}\n" * 9000 for number in range(40)}
    stores.place(folder / "dist", "0.1.0", more=more)


def _in_steps(folder: Path) -> None:
    """A draft is replaced where the system cannot exchange two folders."""
    with refusing("ctypes.dlsym", "^renameat2$", AttributeError("renameat2")):
        stores.place(folder / "dist", "0.2.0-dev", "new")


def _unindexed(folder: Path) -> None:
    _two(folder)
    for name in index.NAMES:
        (folder / "dist" / name).unlink()


def write_dataset(folder: Path, version: str, year: int) -> None:
    """A dataset of a few records, at its next version."""
    (folder / "notes").mkdir(exist_ok=True)
    (folder / "datapackage.yaml").write_text(NOTES.replace("0.1.0", version))
    for number in range(9):
        record = RECORD.format(title=f"Note {number}", year=year)
        (folder / f"notes/{number}.md").write_text(record)


def _build(folder: Path) -> None:
    """The whole of `release build`, as the command line runs it."""
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        assert cli.main(["build", "--no-cache", "--workers", "1"]) == 0, err.getvalue()


def _built(folder: Path, version: str) -> None:
    write_dataset(folder, "0.1.0", 2025)
    _build(folder)
    if version != "0.1.0":
        write_dataset(folder, version, 2025)
        _build(folder)
    write_dataset(folder, "0.2.0-dev", 2026)


CASES = {
    "first": Case(lambda _: None, lambda f: stores.place(f / "dist", "0.1.0")),
    "new": Case(_two, lambda f: stores.place(f / "dist", "0.3.0", "three")),
    "draft": Case(_draft, lambda f: stores.place(f / "dist", "0.2.0-dev", "new")),
    "draft-in-steps": Case(_draft, _in_steps),
    "yank": Case(_two, lambda f: contents.yank(f / "dist", "0.2.0", "wrong")),
    "reindex": Case(_unindexed, lambda f: contents.reindex(f / "dist")),
    "publish": Case(
        _two_stores, lambda f: transfer.copy(f / "dist", str(f / "other"), "0.2.0"), "other"
    ),
    "publish-first": Case(_two, lambda f: transfer.copy(f / "dist", str(f / "other")), "other"),
    "publish-draft": Case(
        _two_drafts, lambda f: transfer.copy(f / "dist", str(f / "other"), "0.2.0-dev"), "other"
    ),
    "publish-many": Case(
        _many_files, lambda f: transfer.copy(f / "dist", str(f / "other")), "other"
    ),
    "build": Case(lambda f: _built(f, "0.1.0"), _build),
    "build-draft": Case(lambda f: _built(f, "0.2.0-dev"), _build),
}

#: The cases that are killed at random moments: whole builds, and a copy of many files.
RANDOM = frozenset(["build", "build-draft", "publish-many"])


def child(act: Callable[[], object], kill_at: int = 0) -> int:
    """Start a child that acts, and is killed before its Nth step; 0 for never. Its process id."""
    if pid := os.fork():
        return pid
    count = 0

    def hook(event: str, _: tuple[Any, ...]) -> None:
        nonlocal count
        if event in STEPS:
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(hook)
        act()
    except BaseException as error:  # noqa: BLE001 — told, and the child ends
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def ended(pid: int) -> int:
    """The exit code of a child, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Trial:
    """One case, again and again from the same beginning."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name, self._case = name, CASES[name]
        self._start, self._here = folder / "start", folder / "here"
        self._start.mkdir(parents=True)
        self._case.prepare(self._start)
        self._reset()
        self._before = self._versions()
        began = time.monotonic()
        assert ended(child(self._act)) == 0
        self.takes = time.monotonic() - began
        self._after, self._done = self._versions(), kit.tree(self._store)

    @property
    def _store(self) -> Path:
        return self._here / self._case.writes_to

    def _act(self) -> object:
        return self._case.act(self._here)

    def _reset(self) -> None:
        shutil.rmtree(self._here, ignore_errors=True)
        shutil.copytree(self._start, self._here)

    def _versions(self) -> dict[str, dict[str, bytes]]:
        return {name: released(path) for name, path in index.folders(self._store).items()}

    def at_step(self, number: int) -> bool:
        """Kill the command before a step and look; False where it ends before that."""
        self._reset()
        code = ended(child(self._act, number))
        if code == 0:
            return False
        assert code == -signal.SIGKILL
        self._look()
        return True

    def after(self, seconds: float) -> bool:
        """Kill the command after some time and look; False where it has ended before."""
        self._reset()
        pid = child(self._act)
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        killed = ended(pid) == -signal.SIGKILL
        self._look()
        return killed

    def _look(self) -> None:
        """What is left is the old state or the new one, whole; and the command can be run again."""
        stores.named(self._store)
        for name, files in self._versions().items():
            assert files in (self._before.get(name), self._after.get(name)), name
        if self._name not in RANDOM:
            self._act()  # starts no thread, so that forking goes on
        else:
            assert ended(child(self._act)) == 0
        assert check.check_index(self._store) == []
        assert stores.hidden(self._store) == []
        assert released(self._store) == without_buildinfo(self._done)


def without_buildinfo(files: dict[str, bytes]) -> dict[str, bytes]:
    """Files but for what says when and where a release was built."""
    return {path: data for path, data in files.items() if Path(path).name != "buildinfo.json"}


def released(folder: Path) -> dict[str, bytes]:
    """The files below a folder whose bytes do not depend on the build."""
    return without_buildinfo(kit.tree(folder))


def main(arguments: Sequence[str]) -> None:
    """Kill a case at every step, or 20 times at random moments where it is one with time."""
    name, folder, *more = arguments
    share = int(*more or "1")
    trial = Trial(name, Path(folder))
    if name in RANDOM:
        chance, killed = random.Random(name), 0
        wanted = 20 // share
        for attempt in range(3 * wanted):  # spread over the time that it takes; some come too late
            killed += trial.after(trial.takes * (attempt % wanted + chance.random()) / wanted)
            if killed == wanted:
                break
        print(killed)
    else:
        step, killed = 1 + sum(map(ord, name)) % share, 0
        while trial.at_step(step):
            step += share
            killed += 1
        print(killed)


if __name__ == "__main__":
    main(sys.argv[1:])

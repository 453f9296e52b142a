"""A command that is killed, or has a full disk, leaves the old store or the new one, and can be run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from release.store import check
from tests.support import crash, kit, stores
from tests.support.kit import ENVIRONMENT, IS_STRESS, python, run

#: A command is killed at one in so many steps, and in 20 random moments; `make stress` takes all.
SHARE = "1" if IS_STRESS else "5"


@pytest.mark.parametrize("case", [name for name in crash.CASES if name not in crash.RANDOM])
def test_a_kill_before_any_step_leaves_the_old_store_or_the_new_one(
    case: str, tmp_path: Path
) -> None:
    """Killed before each thing that it asks of the file system: what is left is whole, and it goes on."""
    ran = python("-W", "error", "-m", "tests.support.crash", case, tmp_path / "case", SHARE)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert int(ran.stdout) > 25 // int(SHARE)


@pytest.mark.parametrize("case", sorted(crash.RANDOM))
def test_a_kill_at_a_random_moment_leaves_the_old_store_or_the_new_one(
    case: str, tmp_path: Path
) -> None:
    """A whole build, and a copy of many files, are killed at moments spread over all of it."""
    ran = python("-W", "error", "-m", "tests.support.crash", case, tmp_path / "case", SHARE)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert int(ran.stdout) == 20 // int(SHARE)


# two at once


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a process that holds the lock of the store `dist`, with a release in the making."""
    processes = []

    def start() -> subprocess.Popen[str]:
        code = (
            "import sys, time; from pathlib import Path; from release.store import placement\n"
            "with placement.staging(Path('dist')) as folder:\n"
            "    (folder / 'a').touch(); print('ready', flush=True); time.sleep(600)"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_of_two_builds_at_once_the_second_says_so(
    tmp_path: Path, writer: Callable[[], subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a build is at work in a store, each command that would write there ends with 1 and names it."""
    stores.place(tmp_path / "dist", "0.1.0")
    crash.write_dataset(tmp_path, "0.2.0", 2026)
    monkeypatch.chdir(tmp_path)
    pid = writer().pid
    before = kit.tree(tmp_path / "dist")
    for command in [
        ["build"],
        ["yank", "0.1.0", "--reason", "wrong"],
        ["reindex"],
        ["publish", "dist", "--store", "elsewhere"],
    ]:
        if command[0] == "publish":
            stores.place(tmp_path / "elsewhere", "0.3.0")
        code, out, err = run(*command)
        assert (code, out) == (1, "")
        assert err == (
            f"release: dist: another command is writing to this store (process {pid} on "
            f"{os.uname().nodename}); try again when it has ended\n"
        )
    assert kit.tree(tmp_path / "dist") == before


def test_a_killed_build_locks_nothing_and_the_next_one_cleans_up(
    tmp_path: Path, writer: Callable[[], subprocess.Popen[str]]
) -> None:
    """After SIGKILL the lock is free; the folder in the making is removed by the next build."""
    process = writer()
    process.kill()
    assert process.wait() == -signal.SIGKILL
    left = stores.hidden(tmp_path / "dist")
    assert [name[:10] for name in left] == [".building-", ".lock"]
    stores.place(tmp_path / "dist", "0.1.0")
    assert stores.hidden(tmp_path / "dist") == []


def test_many_builds_at_once_leave_a_whole_store(tmp_path: Path) -> None:
    """Of processes that place releases at the same moment one at a time gets through; the others say why.

    Each asks again until a version is there, its own or another's.
    """
    code = (
        "import sys, time; from pathlib import Path; from release.findings.errors import RefusedError\n"
        "from tests.support import stores\n"
        "sys.stdin.read()\n"
        "numbers = list(range(20))\n"
        "while numbers:\n"
        "    try:\n"
        "        stores.place(Path('dist'), f'0.{numbers[0]}.0', sys.argv[1])\n"
        "    except RefusedError as error:\n"
        "        if 'another command is writing' in str(error):\n"
        "            time.sleep(0.001)\n"
        "            continue\n"
        "        assert 'other content' in str(error), error\n"
        "    numbers.pop(0)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, name],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    for process in processes:
        assert process.stderr is not None
        with process.stderr:
            assert process.stderr.read() == ""
        assert process.wait() == 0
    assert set(stores.named(tmp_path / "dist")) == {f"0.{number}.0" for number in range(20)}
    assert check.check_index(tmp_path / "dist") == []
    assert stores.hidden(tmp_path / "dist") == []


# a full disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Makes a disk of so many kilobytes, or skips with the reason why not."""
    mounted = []

    def make(size: int) -> Path:
        folder = tmp_path / f"disk-{size}"
        folder.mkdir()
        try:
            command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "none", str(folder)]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no command mount")
        if ran.returncode:
            pytest.skip(f"no small disk can be mounted here: {ran.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_full_leaves_the_store_as_it_was(
    tmp_path: Path, disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more and more room left a build fails until it has enough; each time the store stays as it was."""
    crash.write_dataset(tmp_path, "0.1.0", 2026)
    monkeypatch.chdir(tmp_path)
    where = disk(960) / "dist"
    assert run("build", "--out", str(where))[0] == 0
    before = kit.tree(where)
    crash.write_dataset(tmp_path, "0.2.0", 2027)
    codes = []
    filler = where.parent / "filler"
    for room in range(0, 600, 24):
        filler.write_bytes(b"")
        free = os.statvfs(where).f_bavail * os.statvfs(where).f_frsize
        filler.write_bytes(bytes(max(free - room * 1024, 0)))
        code, _out, err = run("build", "--out", str(where))
        codes.append(code)
        if code == 0:
            break
        assert err.startswith(f"release: {where}")
        assert err.endswith(": No space left on device; nothing was published\n")
        assert err.count("\n") == 1
        assert kit.tree(where) == before
    assert codes[-1] == 0
    assert len(codes) > 4
    assert set(stores.named(where)) == {"0.1.0", "0.2.0"}
    assert check.check_index(where) == []


def test_a_disk_that_is_full_leaves_the_other_store_as_it_was(
    tmp_path: Path, disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that does not fit is not published; with room it is."""
    monkeypatch.chdir(tmp_path)
    stores.place(tmp_path / "dist", "0.1.0", more={"source/a.md": "a" * 100_000})
    other = disk(128) / "other"
    code, out, err = run("publish", str(other))
    assert (code, out) == (1, "")
    assert err.startswith(f"release: {other}/")
    assert err.endswith(": No space left on device; nothing was published\n")
    assert not other.exists()
    assert run("publish", str(disk(512) / "other"))[0] == 0

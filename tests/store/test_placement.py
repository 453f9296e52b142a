"""A release is placed in a store whole or not at all, by one command at a time, and is on the disk then."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from release.findings.errors import RefusedError
from release.store import check, index, lock, placement
from release.system import durable
from tests.support import kit, stores
from tests.support.moments import Call, refusing, watching


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A store with a final version and a draft."""
    stores.place(tmp_path / "dist", "0.1.0")
    stores.place(tmp_path / "dist", "0.2.0-dev", "old")
    return tmp_path / "dist"


@pytest.fixture(params=["at once", "in steps"])
def exchange(request: pytest.FixtureRequest) -> Iterator[None]:
    """Two folders change places as the system does it, or as is done where it cannot."""
    if request.param == "at once":
        yield
        return
    with without("renameat2"):
        yield


def without(name: str) -> AbstractContextManager[None]:
    """Make the system's library one that lacks a function."""
    return refusing("ctypes.dlsym", f"^{name}$", AttributeError(name))


# moves that fail


class Interruptions:
    """Counts the moves into a store, and raises before or right after the Nth."""

    def __init__(self, where: Path, at: int, error: BaseException, *, is_after: bool) -> None:
        self.count, self._where, self._at = 0, where, at
        self._error, self._is_after, self._is_due = error, is_after, False

    def watch(self, call: Call) -> None:
        """Look at a thing that is asked of the system."""
        if self._is_due:
            self._is_due = False
            raise self._error
        is_move = call.event == "os.rename" and Path(call.paths[-1]).is_relative_to(self._where)
        # a library that cannot be asked is one that lacks the function
        is_lacking = isinstance(self._error, OSError) and not self._is_after
        if is_move or (call.is_of("ctypes.dlsym", "^renameat2$") and not is_lacking):
            self.count += 1
            if self.count == self._at and not self._is_after:
                raise self._error
            self._is_due = self.count == self._at


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("version", ["0.1.1", "0.2.0-dev"])
@pytest.mark.usefixtures("exchange")
def test_any_move_that_fails_leaves_the_store_as_it_was(
    dist: Path,
    version: str,
    error: BaseException,
    is_after: bool,
) -> None:
    """Each of the moves of a release and its index fails once, or is interrupted: nothing has changed."""
    before = kit.tree(dist)
    for number in range(1, 20):
        interruptions = Interruptions(dist, number, error, is_after=is_after)
        try:
            with watching(interruptions.watch):
                stores.place(dist, version, "new")
            break
        except type(error):
            pass
        assert kit.tree(dist) == before
        assert stores.hidden(dist) == []
    assert 4 < number < 12
    assert set(stores.named(dist)) == {"0.1.0", "0.2.0-dev", version}
    assert check.check_index(dist) == []


def test_a_release_that_cannot_be_kept_is_not_placed(
    dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that reports an error when it is told to write: the store stays as it was."""
    before = kit.tree(dist)

    def fsync(_: int) -> None:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="I/O error"):
        stores.place(dist, "0.3.0")
    monkeypatch.undo()
    assert kit.tree(dist) == before
    assert stores.hidden(dist) == []


@pytest.mark.parametrize("version", ["0.2.0-dev", "0.3.0"])
def test_a_release_that_the_index_cannot_name_is_not_placed(dist: Path, version: str) -> None:
    """A version that is there and not named would be lost: its number is taken, and nobody finds it."""
    before = kit.tree(dist)
    message = r"SHA256SUMS:2: 'a\\\\b' has a backslash, expected / between the parts of a path$"
    with pytest.raises(RefusedError, match=message):
        stores.place(dist, version, more={"a\\b": "text"})
    assert kit.tree(dist) == before
    assert stores.hidden(dist) == []


def test_a_store_that_was_made_for_nothing_is_removed(tmp_path: Path) -> None:
    """A build that fails leaves no folder, however deep the store was to stand."""
    with pytest.raises(ZeroDivisionError), placement.staging(tmp_path / "a/b/c"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


# what must be on the disk before what


def test_all_is_on_the_disk_before_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and folders are synced, then moved, then the store's folder is synced, then comes the index."""
    events: list[str] = []
    where = tmp_path / "dist"
    where.mkdir()
    real_fsync, real_replace = os.fsync, os.replace

    def shown(path: Any) -> str:
        return Path(path).name.replace("dist", "store")

    def fsync(handle: int) -> None:
        events.append("sync " + shown(Path(f"/proc/self/fd/{handle}").readlink()))
        real_fsync(handle)

    def replace(source: Any, target: Any) -> None:
        events.append(f"move {shown(target)}")
        real_replace(source, target)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not say which file is open")
    with placement.staging(where) as folder:
        stores.release(folder, "0.1.0")
        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(os, "replace", replace)
        placement.place(folder, where, "0.1.0")
        staged = folder.name
    monkeypatch.undo()
    events = ["…" if ".writing-" in event else event for event in events]
    moved = events.index("move 0.1.0")
    files = {Path(name).name for name in kit.tree(where / "0.1.0")}
    assert set(events[:moved]) == {f"sync {name}" for name in (*files, "data", staged)}
    index_events = [e for n in index.NAMES for e in ("…", f"move {n}", "sync store")]
    assert events[moved + 1 :] == ["sync store", *index_events, "move .gitattributes"]


@pytest.mark.parametrize(
    ("files", "has_syncfs", "expected"),
    [(50, True, (0, 51)), (200, True, (1, 0)), (200, False, (1, 201))],
)
@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux syncs a file system by a file of it"
)
def test_many_files_are_written_in_one_go(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: int,
    has_syncfs: bool,
    expected: tuple[int, int],
) -> None:
    """Above a hundred files the system writes all of the file system; where it cannot, file by file."""
    for number in range(files):
        (tmp_path / str(number)).touch()
    handles: list[int] = []
    calls: list[Call] = []

    def asked(call: Call) -> None:
        if call.is_of("ctypes.dlsym", "^syncfs$"):
            calls.append(call)

    monkeypatch.setattr(os, "fsync", handles.append)
    with watching(asked), nullcontext() if has_syncfs else without("syncfs"):
        durable.sync_tree(tmp_path)
    assert (len(calls), len(handles)) == expected


def test_a_file_system_that_cannot_sync_folders_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EINVAL is what such a file system says of a folder; of a file it is an error."""
    (tmp_path / "file").touch()

    def fsync(_: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    durable.sync(tmp_path)
    with pytest.raises(OSError, match="Invalid argument"):
        durable.sync(tmp_path / "file")


@pytest.mark.usefixtures("exchange")
def test_two_folders_change_places(tmp_path: Path) -> None:
    """Each has the name of the other afterwards, and nothing is left in between."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    durable.exchange(tmp_path / "one", tmp_path / "other", tmp_path / "parked")
    assert sorted(kit.tree(tmp_path)) == ["one/other", "other/one"]
    assert not (tmp_path / "parked").exists()


def test_an_exchange_that_the_system_refuses_is_an_error(tmp_path: Path) -> None:
    """What the system cannot do to these folders it cannot do in steps either."""
    (tmp_path / "one").mkdir()
    with pytest.raises(FileNotFoundError):
        durable.exchange(tmp_path / "one", tmp_path / "other", tmp_path / "parked")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file stands, and nothing half-written beside it."""
    (tmp_path / "file").write_bytes(b"old")

    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space"):
        durable.write(tmp_path / "file", b"new")
    assert kit.tree(tmp_path) == {"file": b"old"}


# the lock


def test_a_file_system_without_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without locks two builds could write at once: none is made."""

    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(RefusedError) as refused:
        stores.place(tmp_path / "dist", "0.1.0")
    assert str(refused.value) == (
        f"{tmp_path}/dist: cannot be locked: No locks available; a store is written on a file system "
        "with locks"
    )


def test_a_lock_whose_file_was_removed_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that its owner removed between opening and locking locks nothing: it is made anew."""
    real = fcntl.flock
    removed: list[int] = []

    def flock(handle: int, operation: int) -> None:
        if not removed:
            (tmp_path / lock.NAME).unlink()
            removed.append(handle)
        real(handle, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with lock.held(tmp_path):
        assert (tmp_path / lock.NAME).is_file()
        with (
            pytest.raises(RefusedError, match="another command is writing to this store"),
            lock.held(tmp_path),
        ):
            pass
    assert stores.hidden(tmp_path) == []


def test_a_store_that_is_removed_while_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed build removes the folder that it made just before another one locks it."""
    where, real = tmp_path / "dist", os.open
    removed: list[str] = []

    def opened(path: Any, *arguments: Any) -> int:
        if not removed:
            where.rmdir()
            removed.append(path)
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", opened)
    with lock.held(where):
        assert (where / lock.NAME).is_file()


def test_what_was_left_in_the_making_is_removed_and_nothing_else(dist: Path) -> None:
    """Folders and files of killed commands go; hidden files of others stay."""
    before = kit.tree(dist)
    (dist / ".building-x").mkdir()
    (dist / ".publishing-0.1.0").mkdir()
    (dist / ".publishing-0.2.0").mkdir()
    (dist / ".writing-x").touch()
    (dist / ".nojekyll").touch()
    (dist / "0.2.0-dev").rename(dist / ".replaced-0.2.0-dev")
    with lock.held(dist, keep=".publishing-0.2.0"):
        assert stores.hidden(dist) == [".lock", ".nojekyll", ".publishing-0.2.0"]
    assert kit.tree(dist) == {**before, ".nojekyll": b""}

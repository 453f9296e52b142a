"""What comes after the tables: sources copied and packed by processes, a referee in a process of its own."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from release.build import pipeline
from release.descriptor import load
from release.findings.errors import ReleaseError
from release.package import checksums, source, zip
from release.package.referee import judgement
from release.package.zip import Form, Time
from release.records.files.sources import Sources
from release.store import check, contents
from release.store import entry as store_entry
from release.system import files
from release.system.limits import LIMITS, Limits
from tests.support import kit
from tests.support.datasets import write_notes
from tests.support.kit import ENVIRONMENT, IS_STRESS, python, run, tree
from tests.support.moments import at
from tests.support.stores import hidden

CREATED = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A dataset of sixty notes in two languages."""
    return write_notes(tmp_path / "notes", 60)


# processes


def test_processes_give_the_same_bytes(notes: Path, tmp_path: Path) -> None:
    """However many copy, and whatever they copy at once, not a byte of what they make differs."""
    of = load.load(notes / "datapackage.yaml")
    alone = pipeline.build(of, tmp_path / "alone")
    options = pipeline.Options(workers=3, limits=Limits(copied_files=7))
    several = pipeline.build(of, tmp_path / "several", options)
    assert alone.path is not None
    assert several.path is not None
    assert tree(several.path) == tree(alone.path)
    assert hidden(tmp_path / "several") == []


def test_a_source_that_changes_is_refused_by_a_process(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a process finds wrong is told by the one that asked; nothing is left of what others copied."""
    monkeypatch.chdir(notes)
    changed = "records/en/n031.md"
    other = "---\nweight: 1\n---\nOther.\n"
    with at("os.mkdir", r"\.building-[^/]*-packed$", lambda: Path(changed).write_text(other)):
        command = ["build", "--workers", "3", "--out", str(tmp_path / "dist")]
        code, out, err = run(*command, limits=Limits(copied_files=7))
    assert (code, out) == (1, "")
    assert err == f"release: {changed} was changed while the release was built: build it again\n"
    assert not (tmp_path / "dist").exists()


def _of_build(mark: str) -> list[int]:
    """The processes that have a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue  # it has ended, or is another user's
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are not listed here")
@pytest.mark.parametrize("seconds", [0.4, 0.8, 1.2, 1.6] if IS_STRESS else [0.6, 1.4])
def test_processes_end_with_a_build_that_is_killed(
    seconds: float, notes: Path, tmp_path: Path
) -> None:
    """A moment after SIGKILL there is none of those that read, copied or judged for it."""
    mark = f"RELEASE_TEST={tmp_path}-{seconds}"
    code = (
        "import sys; from release import cli; from release.system.limits import Limits\n"
        "sys.argv[0] = 'release'\n"
        "if __name__ == '__main__': sys.exit(cli.program(Limits(chunk=2, copied_files=1)))"
    )
    command = ["build", "--no-cache", "--workers", "2", "--out", str(tmp_path / "dist")]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *command],
        cwd=notes,
        env={**ENVIRONMENT, "RELEASE_TEST": mark.partition("=")[2]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until = time.monotonic() + 30
    while (left := _of_build(mark)) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []
    again = python(
        "-m", "release", "build", "--no-cache", "--out", str(tmp_path / "dist"), cwd=notes
    )
    assert (again.returncode, again.stderr) == (0, "")
    assert hidden(tmp_path / "dist") == []


def test_the_referee_accepts_what_it_begins_with(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It loads by judging the smallest package that there is, and says nothing of it."""
    judgement.prepare(tmp_path)
    assert capfd.readouterr() == ("", "")


# the zip


def test_two_members_of_one_path_are_refused(tmp_path: Path) -> None:
    """Whether both are loose, or one is packed already."""
    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(ReleaseError, match=r"^two members of the archive have the path a$"):
        zip.write(tmp_path, ["a", "a"], Form.of(CREATED), io.BytesIO())
    segment = zip.Segment(tmp_path / "segment", [zip.Member("a", 1, 0)])
    known = zip.Known(segments=[segment])
    with pytest.raises(ReleaseError, match=r"^two members of the archive have the path a$"):
        zip.write(tmp_path, ["a"], Form.of(CREATED), io.BytesIO(), known)


def test_time_is_that_of_zip() -> None:
    """Two seconds at a time, in UTC, from 1980 on."""
    assert Time.of(datetime(1950, 5, 5, tzinfo=UTC)) == Time.of(datetime(1980, 1, 1, tzinfo=UTC))
    assert Time.of(datetime(2026, 1, 1, 0, 0, 3, tzinfo=UTC)) == Time(1, 46 << 9 | 1 << 5 | 1)


def test_a_file_is_digested_in_one_pass(tmp_path: Path) -> None:
    """Its size, SHA-256 and CRC-32, of no bytes and of more than are read at once."""
    for data in (b"", b"a" * 700_001):
        (tmp_path / "file").write_bytes(data)
        sha256 = checksums.of(tmp_path / "file").sha256
        assert checksums.of(tmp_path / "file") == (len(data), sha256, zlib.crc32(data))
        with (tmp_path / "copy").open("wb") as file:
            target = checksums.Digesting(file)
            for start in range(0, len(data), 1000):
                target.write(data[start : start + 1000])
        assert (target.bytes, target.sha256) == (len(data), sha256)
        assert (tmp_path / "copy").read_bytes() == data


# copies


def _copy(notes: Path, folder: Path, paths: Sequence[str] = (), times: int = 1) -> None:
    """Copy the descriptor, and these files of the dataset before it, into source/; all of them so often."""
    folder.mkdir()
    of = load.load(notes / "datapackage.yaml")
    others = {path: checksums.of(notes / path).sha256 for path in paths}
    listed = source.listed(of, Sources.none(), pa.chunked_array([], pa.string()), others, LIMITS)
    with source.copying(pa.concat_tables([listed] * times), of, folder, 1, LIMITS) as copied:
        copied()


def test_a_folder_that_is_gone_is_not_made_again(notes: Path, tmp_path: Path) -> None:
    """Copies are made below the folder of the release, which is there or was removed with the build."""
    (notes / "a/deep").mkdir(parents=True)
    (notes / "a/deep/er").write_text("a")
    gone = tmp_path / "gone"
    with (
        at("tempfile.mkstemp", "gone-packed", lambda: shutil.rmtree(gone)),
        pytest.raises(FileNotFoundError),
    ):
        _copy(notes, gone, ["a/deep/er"])
    assert not gone.exists()


def test_a_copy_takes_the_place_of_nothing(notes: Path, tmp_path: Path) -> None:
    """Two files at one path are told, not one of them lost."""
    with pytest.raises(FileExistsError):
        _copy(notes, tmp_path / "into", times=2)
    copy = tmp_path / "into/source/datapackage.yaml"
    assert copy.read_bytes() == (notes / "datapackage.yaml").read_bytes()


def test_copies_are_as_readable_as_other_files(notes: Path, tmp_path: Path) -> None:
    """Their permissions are those that the process gives to new files."""
    before = os.umask(0o027)
    try:
        _copy(notes, tmp_path / "into")
    finally:
        os.umask(before)
    assert (tmp_path / "into/source/datapackage.yaml").stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_read_may_be_empty(tmp_path: Path) -> None:
    """And of any size."""
    for data in (b"", b"a" * 100_001):
        (tmp_path / "file").write_bytes(data)
        assert files.read(tmp_path / "file") == data


# the index


def test_the_index_of_a_release_that_was_just_written_is_that_of_its_files(
    notes: Path, tmp_path: Path
) -> None:
    """The build knows sizes and digests; an index that is made again from the files says the same."""
    release = kit.build(notes, tmp_path / "dist")
    assert check.check_index(tmp_path / "dist") == []
    (entry,) = contents.versions(tmp_path / "dist")
    assert store_entry.derived(release) == entry

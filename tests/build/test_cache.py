"""What is kept between builds, how records are chunked and how many processes read them change no byte."""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import random
import re
from collections.abc import Iterator
from concurrent import futures
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.build import cache, pipeline
from release.build.chunks import fingerprint
from release.build.chunks.location_query import LocationQuery
from release.cli import main
from release.descriptor import load
from release.records.files.discover import find_records
from release.system.limits import Limits
from tests.support import kit
from tests.support.datasets import BILINGUAL, write_note, write_notes
from tests.support.kit import IS_STRESS, told
from tests.support.moments import refusing

RANKS = """\
name: notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records: {notes: {path: "records/{note_id}.md"}}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [rank]
      fields:
        - {name: rank, type: integer, from: rank}
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A dataset of forty notes in two languages, with findings of every stage."""
    root = write_notes(tmp_path / "notes", 40, weight=2)
    write_note(root, 7, "zh", 15)
    return root


def digests(root: Path, out: Path, options: pipeline.Options) -> dict[str, str]:
    """The SHA-256 of every file of a release but buildinfo.json."""
    built = pipeline.build(load.load(root / "datapackage.yaml"), out, options)
    assert built.path is not None, built.outcome.findings
    files = sorted(path for path in built.path.rglob("*") if path.is_file())
    return {
        path.relative_to(built.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != "buildinfo.json"
    }


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Path]:
    """A new store each time."""
    return (tmp_path / f"store-{number}" for number in range(1000))


def test_the_size_of_chunks_changes_no_byte(notes: Path, stores: Iterator[Path]) -> None:
    """Chunks of 1, 7 and all records give the same release."""
    whole = digests(notes, next(stores), pipeline.Options())
    for size in (1, 7):
        options = pipeline.Options(limits=Limits(chunk=size))
        assert digests(notes, next(stores), options) == whole


@pytest.mark.parametrize("ranks", [(1, 3, 2), (2, 1, 3), (3, 2, 1)])
def test_rows_are_in_the_order_of_their_key_whatever_chunk_they_are_of(
    ranks: tuple[int, ...], tmp_path: Path
) -> None:
    """Also where some chunks stand in that order and others do not."""
    options = pipeline.Options(limits=Limits(chunk=1))
    (tmp_path / "datapackage.yaml").write_text(RANKS)
    (tmp_path / "records").mkdir()
    for number, rank in enumerate(ranks):
        (tmp_path / f"records/n{number}.md").write_text(f"---\nrank: {rank}\n---\n")
    outcome = pipeline.check(load.load(tmp_path / "datapackage.yaml"), options)
    assert list(outcome.findings) == []
    assert outcome.content.tables["notes"]["rank"].to_pylist() == [1, 2, 3]


def test_a_row_without_a_key_is_a_finding_in_a_chunk_of_its_own_too(tmp_path: Path) -> None:
    """Its key is neither less nor more than those of other chunks."""
    options = pipeline.Options(limits=Limits(chunk=1))
    (tmp_path / "datapackage.yaml").write_text(RANKS)
    (tmp_path / "records").mkdir()
    for number, rank in enumerate(("1", "null", "2")):
        (tmp_path / f"records/n{number}.md").write_text(f"---\nrank: {rank}\n---\n")
    outcome = pipeline.check(load.load(tmp_path / "datapackage.yaml"), options)
    assert [(found.path, found.rule) for found in outcome.findings] == [
        ("records/n1.md", "notes-primaryKey")
    ]


def test_the_number_of_workers_changes_no_byte(notes: Path, stores: Iterator[Path]) -> None:
    """Three processes give the same release as none."""
    options = pipeline.Options(workers=3, limits=Limits(chunk=9))
    alone = digests(notes, next(stores), replace(options, workers=1))
    assert digests(notes, next(stores), options) == alone


def test_editions_of_a_record_stand_in_one_chunk(notes: Path) -> None:
    """A chunk is never cut between two editions of a record."""
    of = load.load(notes / "datapackage.yaml")
    sources, _ = find_records(of)
    cut = [span.where for span in fingerprint.cut_chunks(sources, of, Limits(chunk=3))]
    assert [at for where in cut for at in where] == list(range(80))
    ends = [sources[where[-1]].captures["note_id"] for where in cut]
    starts = [sources[where[0]].captures["note_id"] for where in cut]
    assert not set(ends) & set(starts[1:])


def test_what_is_asked_of_a_chunk_travels_without_what_is_asked_of_others(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The questions that go to processes are together about as large as all that is asked."""
    many = "SELECT note_id, weight + w AS weight FROM notes, range(501) r(w)"
    text = BILINGUAL.replace("SELECT note_id, weight FROM notes WHERE weight >= 50", many)
    (notes / "datapackage.yaml").write_text(text)
    options = pipeline.Options(workers=2, limits=Limits(chunk=4))
    asked: list[LocationQuery] = []

    class Pool(futures.ThreadPoolExecutor):
        """Threads in the place of processes, which note what would travel to these."""

        def __init__(self, workers: int, *_: object) -> None:
            super().__init__(workers)

        def submit(self, act: Any, *items: Any) -> Any:  # type: ignore[override]
            asked.extend(item for item in items if isinstance(item, LocationQuery))
            return super().submit(act, *items)

    monkeypatch.setattr(futures, "ProcessPoolExecutor", Pool)
    kit.check(notes, options)
    whole = pa.concat_tables(query.cells for query in asked).combine_chunks()
    assert (len(asked), whole.num_rows) == (20, 20_040)
    sizes = [len(pickle.dumps(query.cells)) for query in asked]
    assert sum(sizes) < 2 * len(pickle.dumps(whole))


def test_a_chunk_without_a_change_is_not_made_again(
    notes: Path, stores: Iterator[Path], tmp_path: Path
) -> None:
    """A warm build makes no chunk; one after a change makes that which has the changed record."""
    options = pipeline.Options(cache=tmp_path / "cache", limits=Limits(chunk=20))
    made: list[int] = []
    for change in (None, None, lambda: write_note(notes, 21, "en", 1)):
        if change:
            change()
        before = {*(tmp_path / "cache").rglob("*.chunk")}
        cached = digests(notes, next(stores), options)
        made.append(len({*(tmp_path / "cache").rglob("*.chunk")} - before))
        assert cached == digests(notes, next(stores), pipeline.Options())
    assert made == [4, 0, 1]


@settings(max_examples=40 if IS_STRESS else 6)
@given(st.integers(0, 10**6))
def test_a_cache_changes_no_byte_whatever_was_built_before_and_whatever_befell_it(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """After random edits, renames, deletions and damage to its files a build is as one without it."""
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("cached")
    root = folder / "notes"
    root.mkdir()
    (root / "datapackage.yaml").write_text(BILINGUAL)
    for number in range(12):
        for language in ("en", "zh"):
            write_note(root, number, language, number * 5)
    options = pipeline.Options(cache=folder / "cache", limits=Limits(chunk=4))
    for step in range(4):
        befall(root, folder / "cache", chance)
        if step < 3:
            cached, anew = kit.check(root, options), kit.check(root)
            assert told(cached) == told(anew)
            assert cached.content.tables == anew.content.tables
            assert cached.content.sha256 == anew.content.sha256
    assert digests(root, folder / "cached", options) == digests(
        root, folder / "anew", pipeline.Options()
    )


def befall(root: Path, kept: Path, chance: random.Random) -> None:
    """One thing that may happen to a record or to a file of the cache."""
    records = sorted((root / "records").rglob("*.md"))
    record = chance.choice(records)
    happening = chance.choice(["edit", "rename", "delete", "add", "damage", "shorten", "lose"])
    if happening == "edit":
        write_note(root, int(record.stem[1:]), record.parent.name, chance.randrange(100))
    elif happening == "rename":
        record.rename(record.with_name(f"n{chance.randrange(100, 999)}.md"))
    elif happening == "delete" and len(records) > 3:
        record.unlink()
    elif happening == "add":
        write_note(root, chance.randrange(100, 999), "en", chance.randrange(100))
    files = sorted(path for path in kept.rglob("*") if path.is_file())
    if files and happening in ("damage", "shorten", "lose"):
        file = chance.choice(files)
        data = bytearray(file.read_bytes())
        if happening == "lose":
            file.unlink()
        elif happening == "shorten":
            file.write_bytes(data[: chance.randrange(len(data) + 1)])
        elif data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            file.write_bytes(data)


@pytest.mark.parametrize("kind", ["chunk", "locations", "findings"])
def test_a_file_in_the_place_of_another_is_not_used(
    notes: Path, stores: Iterator[Path], tmp_path: Path, kind: str
) -> None:
    """A whole file of the cache under the name of another one is as a damaged one."""
    options = pipeline.Options(cache=tmp_path / "cache", limits=Limits(chunk=20))
    digests(notes, next(stores), options)
    write_note(notes, 3, "zh", 99)
    right = digests(notes, next(stores), options)
    files = sorted((tmp_path / "cache").rglob(f"*.{kind}"))
    held = [file.read_bytes() for file in files]
    for file, data in zip(files, held[1:] + held[:1], strict=True):
        file.write_bytes(data)
    if kind != "findings":
        for answer in (tmp_path / "cache").rglob("*.findings"):
            answer.unlink()
    assert digests(notes, next(stores), options) == right


def test_a_curated_table_that_moves_down_a_line_moves_its_findings(
    notes: Path, tmp_path: Path
) -> None:
    """An empty line changes no value of a table, but the place of what is said of it."""
    curated = """\
  - name: places
    path: places.csv
    checks:
      - name: nameless
        severity: warning
        message: no name
        query: SELECT code FROM places WHERE name IS NULL
    schema: {primaryKey: [code], fields: [{name: code}, {name: name}]}
"""
    (notes / "datapackage.yaml").write_text(BILINGUAL + curated)
    (notes / "places.csv").write_text("code,name\na,\n")
    options = pipeline.Options(cache=tmp_path / "cache")
    of = load.load(notes / "datapackage.yaml")
    lines = []
    for text in ("code,name\na,\n", "code,name\n\na,\n"):
        (notes / "places.csv").write_text(text)
        found = pipeline.check(of, options).findings
        lines += [finding.line for finding in found if finding.rule == "nameless"]
    assert lines == [2, 3]


def test_a_rule_that_speaks_twice_of_one_place_is_one_row_with_both_messages(
    notes: Path,
) -> None:
    """The table of findings leaves out nothing of what was found."""
    text = BILINGUAL.replace(
        "SELECT note_id, weight FROM notes WHERE weight >= 50",
        "SELECT note_id, w AS weight FROM notes, (VALUES (50), (60)) v(w) WHERE weight = 58",
    )
    (notes / "datapackage.yaml").write_text(text)
    outcome = pipeline.check(load.load(notes / "datapackage.yaml"))
    rows = outcome.content.tables["findings"].to_pylist()
    assert [row["message"] for row in rows if row["rule"] == "heavy"] == [
        "weight is 50, expected less than 50; weight is 60, expected less than 50"
    ]


def test_the_cache_is_shown_and_cleared(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`release cache` tells its size; `--clear` empties it."""
    kept = tmp_path / "kept"
    arguments = ["--descriptor", str(notes / "datapackage.yaml"), "--cache", str(kept)]
    assert main(["check", *arguments]) == 0
    capsys.readouterr()
    assert main(["cache", "--cache", str(kept)]) == 0
    held = capsys.readouterr().out
    assert held.startswith(f"{kept} holds 3 files, ")
    assert main(["cache", "--clear", "--cache", str(kept)]) == 0
    what = held.removeprefix(f"{kept} holds ").strip()
    assert capsys.readouterr().out == f"removed {what} from {kept}\n"
    assert cache.usage(kept).files == 0


@pytest.mark.parametrize("more", [[], ["--clear"]], ids=["shown", "cleared"])
def test_what_is_no_folder_is_no_cache(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    """A file, or a folder that is not there, is told as it is by a build."""
    (tmp_path / "LICENSE").write_text("free\n")
    for name in ("LICENSE", "nowhere"):
        assert main(["cache", "--cache", str(tmp_path / name), *more]) == 2
        told = f"release: --cache {tmp_path / name}: is no folder, expected that of a cache\n"
        assert capsys.readouterr() == ("", told)


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.ENAMETOOLONG])
def test_a_cache_that_cannot_be_written_is_as_none(
    notes: Path,
    tmp_path: Path,
    error: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command does its work all the same, and one line says that nothing is kept."""
    of = ("--descriptor", str(notes / "datapackage.yaml"))
    code, out, _ = kit.run("check", *of)
    reason = os.strerror(error)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    for folder, more in (
        (tmp_path / "kept", ["--cache", str(tmp_path / "kept")]),
        (tmp_path / "home/release", []),
    ):
        with refusing("os.mkdir", f"^{re.escape(str(folder.parent))}", OSError(error, reason)):
            assert main(["check", "--all", *of, *more]) == code
        assert capsys.readouterr() == (
            out,
            f"release: warning: the cache {folder} is not used: {reason}\n",
        )
        assert not folder.exists()


def test_without_a_cache_nothing_is_kept(notes: Path, tmp_path: Path) -> None:
    """`--no-cache` leaves no file behind."""
    kept = tmp_path / "kept"
    arguments = ["--descriptor", str(notes / "datapackage.yaml"), "--cache", str(kept)]
    assert main(["check", *arguments, "--no-cache"]) == 0
    assert not kept.exists()

"""Where nothing changed, what was found is told again, and all is as if it had been looked for."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

import release
from release.build import cache, outcome
from release.build.chunks import fingerprint, make
from release.build.inputs import FEW, Options
from release.descriptor import load
from release.records.files.discover import find_records
from release.records.files.sources import MAX_BYTES, Source, SourceColumns, Sources
from release.system.limits import Limits
from tests.support import kit
from tests.support.datasets import WEIGHED
from tests.support.kit import PYTHONPATH, told


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Ten notes, of which five are found light; one has no code for its colour."""
    root = tmp_path / "notes"
    (root / "records").mkdir(parents=True)
    (root / "datapackage.yaml").write_text(WEIGHED)
    (root / "colours.csv").write_text("code\nred\n")
    (root / "shapes.csv").write_text("code\nround\n")
    for number in range(10):
        colour = "red" if number else "blue"
        text = f"---\nweight: {number}\ncolour: {colour}\n---\nText.\n"
        (root / f"records/n{number}.md").write_text(text)
    return root


def check(root: Path, kept: Path | None) -> outcome.Outcome:
    """Check a dataset with a cache, or with none."""
    return kit.check(root, Options(cache=kept))


@pytest.fixture
def kept(notes: Path, tmp_path: Path) -> Path:
    """A cache that knows the notes."""
    folder = tmp_path / "kept"
    check(notes, folder)
    return folder


def answer(kept: Path) -> Path:
    """The file of what was found."""
    (path,) = (kept / "chunks").glob("*.findings")
    return path


def test_where_nothing_changed_what_was_found_is_told_again(notes: Path, kept: Path) -> None:
    """No chunk is made or loaded, and the findings are those of a check without a cache."""
    anew = told(check(notes, None))
    for chunk in (kept / "chunks").glob("*.chunk"):
        chunk.write_bytes(b"not to be loaded")
    again = check(notes, kept)
    assert isinstance(again.findings, cache.CachedFindings)
    assert told(again) == anew
    assert len(again.findings) == len(anew[0]) == 6
    assert anew[2] == [str(finding) for finding in anew[0]]
    chunks = [chunk.read_bytes() for chunk in (kept / "chunks").glob("*.chunk")]
    assert chunks == [b"not to be loaded"]


def test_findings_that_are_told_again_are_asked_for_by_number(notes: Path, kept: Path) -> None:
    """One, the last, and several: as of a list."""
    anew, again = check(notes, None).findings, check(notes, kept).findings
    assert again[0] == anew[0]
    assert again[-1] == anew[-1]
    assert again[1:4] == anew[1:4]
    with pytest.raises(IndexError):
        again[len(anew)]


def test_tables_are_made_when_they_are_asked_for(notes: Path, kept: Path) -> None:
    """What a release has is the same where only its findings were known."""
    anew, again = check(notes, None).content, check(notes, kept).content
    assert {name: table.to_pylist() for name, table in again.tables.items()} == {
        name: table.to_pylist() for name, table in anew.tables.items()
    }
    assert again.tables["findings"].num_rows == 6
    assert again.sha256.to_pylist() == anew.sha256.to_pylist()


@pytest.mark.parametrize("lost", ["chunk", "locations"])
def test_tables_are_made_also_where_chunks_are_gone(notes: Path, kept: Path, lost: str) -> None:
    """The findings may be known though the chunks have been removed."""
    for path in (kept / "chunks").glob(f"*.{lost}"):
        path.unlink()
    again = check(notes, kept)
    assert isinstance(again.findings, cache.CachedFindings)
    assert again.content.tables["notes"].num_rows == 10


def test_a_damaged_answer_is_not_believed(notes: Path, kept: Path) -> None:
    """Cut short anywhere, empty, or with one bit changed in it: it is found anew, and kept again."""
    anew = told(check(notes, None))
    path = answer(kept)
    good = path.read_bytes()
    flipped = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in range(0, len(good), 97)]
    for data in [b"", good[:5], good[:32], good[:-1], good + b"\n", good[32:], *flipped]:
        path.write_bytes(data)
        found = check(notes, kept)
        assert not isinstance(found.findings, cache.CachedFindings)
        assert told(found) == anew
        assert path.read_bytes() == good


def _severity(root: Path) -> None:
    text = WEIGHED.replace("severity: warning", "severity: error")
    (root / "datapackage.yaml").write_text(text)


def _codelist(root: Path) -> None:
    (root / "colours.csv").write_text("code\nred\nblue\n")


def _table(root: Path) -> None:
    (root / "shapes.csv").write_text("code\nrounded\n")


def _no_codelist(root: Path) -> None:
    (root / "colours.csv").unlink()


def _stray(root: Path) -> None:
    (root / "records/stray.txt").write_text("none of ours")


def _renamed(root: Path) -> None:
    (root / "records/n3.md").rename(root / "records/n33.md")


def _removed(root: Path) -> None:
    (root / "records/n3.md").unlink()


def _unreadable(root: Path) -> None:
    (root / "records/n3.md").write_text("")


def _moved_down(root: Path) -> None:
    path = root / "records/n3.md"
    path.write_text(path.read_text().replace("---\n", "---\n\n", 1))


@pytest.mark.parametrize(
    "change",
    [
        _severity,
        _codelist,
        _table,
        _no_codelist,
        _stray,
        _renamed,
        _removed,
        _unreadable,
        _moved_down,
    ],
)
def test_an_answer_holds_for_nothing_else(notes: Path, kept: Path, change: Any) -> None:
    """Descriptor, codelist, records and files that are none are all part of its name."""
    before = told(check(notes, kept))
    change(notes)
    found = told(check(notes, kept))
    assert found == told(check(notes, None))
    assert found != before


def test_without_records_an_answer_is_of_its_descriptor(notes: Path, tmp_path: Path) -> None:
    """Where there is no chunk that could tell two descriptors apart, they are told apart all the same."""
    for path in (notes / "records").iterdir():
        path.unlink()
    (notes / "shapes.csv").write_text("code\nrounded\n")
    assert len(check(notes, tmp_path / "kept").findings) == 2  # that there are none is the other
    text = WEIGHED.replace("maxLength: 6", "maxLength: 7")
    (notes / "datapackage.yaml").write_text(text)
    assert len(check(notes, tmp_path / "kept").findings) == 1


def test_an_answer_of_another_library_is_not_used(notes: Path, kept: Path, tmp_path: Path) -> None:
    """What a check finds, and a chunk, may differ with the version of what makes it, and with the code."""
    command = ("check", "--descriptor", str(notes / "datapackage.yaml"), "--cache", str(kept))
    (tmp_path / "duckdb/duckdb-0.0.1.dist-info").mkdir(parents=True)
    (tmp_path / "pyarrow/pyarrow-0.0.1.dist-info").mkdir(parents=True)
    shutil.copytree(Path(release.__file__).parent, tmp_path / "code/release")
    with (tmp_path / "code/release/findings/errors.py").open("a") as file:
        file.write("# another line\n")
    files = [cache.usage(kept).files]
    for first in ("nothing", "duckdb", "pyarrow", "code"):
        ran = kit.command(*command, cwd=notes, PYTHONPATH=f"{tmp_path / first}:{PYTHONPATH}")
        assert ran.stdout.endswith("10 records, 1 error, 5 warnings\n"), ran.stderr
        files.append(cache.usage(kept).files)
    held = files[0]
    assert files == [held, held, 2 * held, 3 * held, 4 * held]


def test_records_elsewhere_are_named_where_they_stand(
    notes: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same records in another place have the same answer, and their own paths in it."""
    moved = notes.parent / "moved"
    notes.rename(moved)
    monkeypatch.chdir(moved.parent)
    again = check(Path("moved"), kept)
    assert isinstance(again.findings, cache.CachedFindings)
    assert [finding.file for finding in again.findings][:2] == ["moved/records/n0.md"] * 2


@pytest.mark.parametrize("changed", [1, 2, 3])
def test_a_few_chunks_are_made_without_processes(notes: Path, tmp_path: Path, changed: int) -> None:
    """How many are missing counts, not how many there are; of three a process is asked for."""
    started: list[BaseProcess] = []
    how = Options(
        cache=tmp_path / "kept",
        workers=2,
        limits=Limits(chunk=2),
        progress=lambda *_: started.extend(multiprocessing.active_children()),
    )
    kit.check(notes, replace(how, workers=1))
    for number in range(changed):
        path = notes / f"records/n{2 * number}.md"
        path.write_text(path.read_text() + "More.\n")
    assert told(kit.check(notes, how)) == told(check(notes, None))
    assert bool(started) == (changed > FEW)


def test_where_nothing_changed_what_could_find_something_is_not_loaded(
    notes: Path, kept: Path
) -> None:
    """A check loads neither Arrow nor NumPy nor DuckDB, which take longer than all that it does."""
    code = (
        "import sys; from release import cli; cli.main(sys.argv[1:]); "
        "print({'numpy', 'pyarrow', 'duckdb', 'orjson'} & set(sys.modules))"
    )
    how = ("--descriptor", str(notes / "datapackage.yaml"), "--cache", str(kept))
    ran = subprocess.run(
        [sys.executable, "-c", code, "check", *how], capture_output=True, text=True, check=True
    )
    assert ran.stdout.endswith("10 records, 1 error, 5 warnings\nset()\n")


# names


def odd_records(root: Path) -> None:
    """Records of every length around the blocks in which they are read, and what is none."""
    folder = root / "records"
    block = fingerprint.BLOCK
    for size in (1, block - 1, block, block + 1, 2 * block, 2 * block + 1):
        (folder / f"x{size}.md").write_bytes(b"x" * size)
    (folder / "blank.md").write_bytes(b" \n" * block)
    (folder / "blank-at-first.md").write_bytes(b" \n" * block + b"x")
    (folder / "empty.md").write_bytes(b"")
    for size in (MAX_BYTES, MAX_BYTES + 1):
        with (folder / f"large{size}.md").open("wb") as file:
            file.write(b"x")
            file.truncate(size)


def test_a_chunk_is_named_before_it_is_made_as_when_it_is_made(notes: Path, tmp_path: Path) -> None:
    """Whatever its records are: of any length, empty, too large, a pipe, or gone."""
    odd_records(notes)
    of = load.load(notes / "datapackage.yaml")
    sources, _ = find_records(of)
    context = fingerprint.make_context(of, {})
    if hasattr(os, "mkfifo"):
        (notes / "records/n1.md").unlink()
        os.mkfifo(notes / "records/n1.md")
    (notes / "records/n2.md").unlink()
    (notes / "records/n3.md").unlink()
    (notes / "records/n3.md").symlink_to("n4.md")
    for at in range(len(sources)):
        span = fingerprint.ChunkSpan(range(at, at + 1))
        name = fingerprint.read_cache_key(context.fingerprint(), sources, span)
        made = make.make_chunk(context, str(tmp_path), sources[at : at + 1])
        assert name == Path(made).name, sources[at].path


def test_a_name_has_the_digests_of_files(notes: Path) -> None:
    """It is that of the work, and kind, path and SHA-256 of each record."""
    of = load.load(notes / "datapackage.yaml")
    sources, _ = find_records(of)
    lines = b"work"
    for number in (0, 1):
        digest = hashlib.sha256((notes / f"records/n{number}.md").read_bytes()).hexdigest()
        lines += f"notes\0records/n{number}.md\0{digest}\n".encode()
    expected = f"{hashlib.sha256(lines).hexdigest()}.chunk"
    span = fingerprint.ChunkSpan(range(2))
    assert fingerprint.read_cache_key(b"work", sources, span) == expected


def test_versions_are_those_that_python_tells() -> None:
    """They are read off the names of folders, which is quicker."""
    from importlib.metadata import version

    told = dict(part.rsplit(" ", 1) for part in fingerprint.code().split(", "))
    assert {name: told[name] for name in fingerprint.LIBRARIES} == {
        name: version(name) for name in fingerprint.LIBRARIES
    }


# sources


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_sources_come_out_as_they_went_in(batch: int) -> None:
    """Packed and unpacked they are the same: all, one, several, and by column."""
    listed = [
        Source("a", f"a/{at}", f"root\udcff/a/{at}", {"x": str(at), "y": "风"}, at or None)
        for at in range(7)
    ] + [Source("b", f"b/{at}", f"s3://b/{at}", {}) for at in range(3)]
    columns = zip(
        *((s.kind, s.path, s.file, "\n".join(s.captures.values()), s.size) for s in listed),
        strict=True,
    )
    sources = Sources(SourceColumns(*map(list, columns)), {"a": ("x", "y"), "b": ()}, batch)
    assert list(sources) == listed
    assert len(sources) == 10
    assert [sources[at] for at in range(-10, 10)] == listed + listed
    with pytest.raises(IndexError):
        sources[10]
    for some in (slice(2, 9), slice(0, 0), slice(8, 3), slice(None, None, -2), slice(5, 100)):
        assert sources[some] == listed[some]
    assert sources.columns(range(6, 8)).paths == ["a/6", "b/0"]
    assert sources.columns(range(6, 8)).sizes == [6, None]
    assert list(sources.kinds()) == ["a"] * 7 + ["b"] * 3
    assert sources.files() == {source.path: source.file for source in listed}
    assert list(Sources.none()) == []

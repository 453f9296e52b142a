"""A build that fails leaves the store as it was, whatever stage it fails in."""

from __future__ import annotations

import errno
import importlib
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from release.errors import ReleaseError, UsageError
from tests.support.kit import PYTHONPATH, run, snapshot

DESCRIPTOR = """\
name: notes
version: 0.2.0-dev
created: '2026-01-01T00:00:00Z'
records:
  notes:
    path: records/{language}/{note_id}.md
    prefer: {language: [en, de]}
resources:
  - name: notes
    rows: notes
    checks:
      - name: title-short
        message: title is {title}
        query: SELECT note_id, title FROM notes WHERE length(title) < 2
    schema:
      primaryKey: [note_id]
      fields:
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: title, type: string, from: title, constraints: {maxLength: 9}}
        - {name: count, type: integer, from: count}
        - {name: colour, type: string, from: colour, codes: colours}
  - name: colours
    path: codelists/colours.csv
    codelist: {labels: "label_{language}"}
    schema:
      primaryKey: [code]
      fields:
        - {name: code, type: string}
        - {name: label_en, type: string}
"""

RECORD = "---\ntitle: Rain\ncount: 3\ncolour: red\n---\nText.\n"


@pytest.fixture(autouse=True)
def _nothing_in_the_making(tmp_path: Path) -> Iterator[None]:
    """No test leaves a folder of a release in the making."""
    yield
    assert list(tmp_path.rglob(".building-*")) == []


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small dataset of two editions and a codelist; it is the working folder."""
    folder = tmp_path / "dataset"
    for path, text in {
        "datapackage.yaml": DESCRIPTOR,
        "records/en/rain.md": RECORD,
        "records/de/rain.md": RECORD,
        "codelists/colours.csv": "code,label_en\nred,Red\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    monkeypatch.chdir(folder)
    return folder


def build(store: Path) -> tuple[int, str, str]:
    """The exit code of a build into a store, what it printed and what it said besides."""
    return run("build", "--out", str(store))


def edit(dataset: Path, path: str, old: str, new: str) -> None:
    """Change a file of the dataset."""
    text = (dataset / path).read_text()
    assert old in text
    (dataset / path).write_text(text.replace(old, new))


def no_store(dataset: Path) -> Path:
    """A store that is not there, two folders deep."""
    return dataset.parent / "not" / "there"


def empty_store(dataset: Path) -> Path:
    """A store with nothing in it."""
    store = dataset.parent / "store"
    store.mkdir()
    return store


def store_of_another(dataset: Path) -> Path:
    """A store with another version of the dataset, and a file of its own."""
    store = empty_store(dataset)
    edit(dataset, "datapackage.yaml", "0.2.0-dev", "0.1.0")
    assert build(store)[0] == 0
    edit(dataset, "datapackage.yaml", "0.1.0", "0.2.0-dev")
    (store / "robots.txt").write_text("User-agent: *\n")
    return store


def store_of_this(dataset: Path) -> Path:
    """A store with this very draft, built from other records."""
    store = empty_store(dataset)
    edit(dataset, "records/en/rain.md", "count: 3", "count: 4")
    edit(dataset, "records/de/rain.md", "count: 3", "count: 4")
    assert build(store)[0] == 0
    edit(dataset, "records/en/rain.md", "count: 4", "count: 3")
    edit(dataset, "records/de/rain.md", "count: 4", "count: 3")
    return store


STORES = [no_store, empty_store, store_of_another, store_of_this]
stores = pytest.mark.parametrize("make_store", STORES, ids=[s.__name__ for s in STORES])

#: Every stage: the module and the function that is made to fail.
STAGES = {
    "find": ("records.discover", "find_records"),
    "read": ("records.reader", "parse"),
    "curated tables": ("records.discover", "read_curated"),
    "codelists": ("records.codelists", "build_lookups"),
    "chunks": ("build.chunks.make", "make"),
    "normalize": ("records.normalize", "normalize"),
    "editions": ("records.editions", "merge"),
    "constraints": ("tables.validate", "check_cells"),
    "keys": ("tables.keys", "find_violations"),
    "checks": ("tables.checks", "run"),
    "tables": ("package.write", "write_tables"),
    "package": ("package.write", "write_rest"),
    "write CSV": ("tables.csv", "write"),
    "write Parquet": ("tables.parquet", "write"),
    "package text": ("package.write", "published"),
    "zip": ("package.zip", "write"),
    "referee": ("package.referee", "judge"),
    "place": ("store.placement", "place"),
}


def replace_everywhere(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, by: Callable[..., Any]
) -> None:
    """Put another function in the place of one, in its module and wherever that was imported from."""
    original = getattr(importlib.import_module(f"release.{module}"), name)
    for path, loaded in list(sys.modules.items()):
        if path.partition(".")[0] != "release":
            continue
        for attribute, value in list(vars(loaded).items()):
            if value is original:
                monkeypatch.setattr(loaded, attribute, by)


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, BaseException], None]:
    """Makes a stage raise."""

    def make_fail(stage: str, error: BaseException) -> None:
        def failing(*_: object, **__: object) -> Any:
            raise error

        replace_everywhere(monkeypatch, *STAGES[stage], failing)

    return make_fail


def everything(dataset: Path) -> dict[str, bytes | None]:
    """Everything beside and below the dataset: no stage may leave anything anywhere there."""
    return dict(snapshot(dataset.parent))


def attempt(store: Path) -> tuple[int, str, str] | None:
    """What a build did; None where it ended in an exception that is no matter of people."""
    try:
        return build(store)
    except (pa.ArrowException, ZeroDivisionError):
        return None


@stores
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_fails_leaves_the_store_as_it_was(
    stage: str,
    make_store: Callable[[Path], Path],
    dataset: Path,
    fail: Callable[[str, BaseException], None],
) -> None:
    """A stage raises a ReleaseError: its message is shown, the exit code is 1, no byte is changed."""
    store = make_store(dataset)
    before = everything(dataset)
    fail(stage, ReleaseError(f"the stage {stage} fails"))
    assert build(store) == (1, "", f"release: the stage {stage} fails\n")
    assert everything(dataset) == before


@stores
@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_stage_leaves_the_store_as_it_was(
    stage: str,
    make_store: Callable[[Path], Path],
    dataset: Path,
    fail: Callable[[str, BaseException], None],
) -> None:
    """Ctrl-C in the middle of a stage: exit code 130, no byte is changed."""
    store = make_store(dataset)
    before = everything(dataset)
    fail(stage, KeyboardInterrupt())
    assert build(store) == (130, "", "release: interrupted; nothing was published\n")
    assert everything(dataset) == before


@pytest.mark.parametrize("stage", STAGES)
def test_an_error_of_arrow_leaves_the_store_as_it_was(
    stage: str, dataset: Path, fail: Callable[[str, BaseException], None]
) -> None:
    """Whatever a library raises, no byte is changed."""
    store = store_of_another(dataset)
    before = everything(dataset)
    fail(stage, pa.ArrowInvalid("no such thing"))
    attempt(store)
    assert everything(dataset) == before


@stores
@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_is_told_in_words(
    stage: str,
    make_store: Callable[[Path], Path],
    dataset: Path,
    fail: Callable[[str, BaseException], None],
) -> None:
    """The disk is full in a stage: one line that says so, exit code 1 or 2, no byte is changed."""
    store = make_store(dataset)
    before = everything(dataset)
    fail(stage, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(store / "a file")))
    code, out, err = build(store)
    assert code in (1, 2)
    assert out == ""
    assert err.startswith("release: ")
    assert "No space left on device" in err
    assert err.count("\n") == 1
    assert everything(dataset) == before


# the same with real inputs


def test_a_bad_file_is_refused_when_files_are_found(dataset: Path) -> None:
    """The stage `find`: a symbolic link among the records."""
    (dataset / "records/en/link.md").symlink_to("rain.md")
    _is_refused(dataset, 1, "not-a-file")


def test_a_bad_record_is_refused_when_it_is_read(dataset: Path) -> None:
    """The stage `read`: a fence that never closes."""
    (dataset / "records/en/rain.md").write_text("---\ntitle: Rain\n")
    _is_refused(dataset, 1, "fence-not-closed")


def test_a_missing_table_is_refused_when_tables_are_read(dataset: Path) -> None:
    """The stage `curated tables`: the codelist is not there."""
    (dataset / "codelists/colours.csv").unlink()
    _is_refused(dataset, 1, "file-unreadable")


def test_an_ambiguous_codelist_is_refused(dataset: Path) -> None:
    """The stage `codelists`: a label that leads to two codes."""
    (dataset / "codelists/colours.csv").write_text("code,label_en\nred,Red\nrose,Red\n")
    _is_refused(dataset, 1, "colours-codelist")


def test_a_bad_value_is_refused_when_records_are_normalized(dataset: Path) -> None:
    """The stage `normalize`: text where an integer is expected."""
    edit(dataset, "records/en/rain.md", "count: 3", "count: many")
    _is_refused(dataset, 1, "count-type")


def test_editions_that_differ_are_refused_where_that_is_an_error(dataset: Path) -> None:
    """The stage `editions`: editions differ, and the descriptor makes that an error."""
    edit(dataset, "records/de/rain.md", "count: 3", "count: 4")
    edit(dataset, "datapackage.yaml", "records:", "severity: {editions-disagree: error}\nrecords:")
    _is_refused(dataset, 1, "editions-disagree")


def test_a_broken_constraint_is_refused_when_tables_are_validated(dataset: Path) -> None:
    """The stage `validate`: a title longer than the schema allows."""
    for language in ("en", "de"):
        edit(dataset, f"records/{language}/rain.md", "title: Rain", "title: Rain and snow")
    _is_refused(dataset, 1, "title-maxLength")


def test_a_row_that_a_check_finds_is_refused(dataset: Path) -> None:
    """The stage `checks`: the query of a check returns a row."""
    for language in ("en", "de"):
        edit(dataset, f"records/{language}/rain.md", "title: Rain", "title: R")
    _is_refused(dataset, 1, "title-short")


def test_a_check_that_cannot_be_run_is_refused(dataset: Path) -> None:
    """The stage `checks`: a query that is no SQL is a fault of the descriptor."""
    edit(dataset, "datapackage.yaml", "SELECT note_id, title", "SELEKT note_id, title")
    _is_refused(dataset, 2, "datapackage.yaml:14:16: resources.0.checks.0.query cannot be run: ")


def test_a_final_version_with_other_content_is_refused(dataset: Path) -> None:
    """The stage `place`: the version is there already and says something else."""
    store = empty_store(dataset)
    edit(dataset, "datapackage.yaml", "0.2.0-dev", "0.2.0")
    assert build(store)[0] == 0
    edit(dataset, "records/en/rain.md", "Text.", "Other text.")
    before = everything(dataset)
    code, _out, err = build(store)
    assert code == 1
    assert err.startswith(f"release: {store}/0.2.0 is there with other content (")
    assert everything(dataset) == before


def _is_refused(dataset: Path, code: int, word: str) -> None:
    """A build ends with this exit code and this word, and changes nothing."""
    for make_store in (no_store, store_of_another):
        with _Good(dataset):
            store = make_store(dataset)
        before = everything(dataset)
        found, out, err = build(store)
        assert found == code
        assert word in out + err
        assert everything(dataset) == before


class _Good:
    """The dataset without its fault, for the time of making a store."""

    def __init__(self, dataset: Path) -> None:
        self._dataset = dataset
        self._bad = dataset.parent / "bad"

    def __enter__(self) -> None:
        shutil.copytree(self._dataset, self._bad, symlinks=True)
        for path in [*self._dataset.rglob("*.md"), *self._dataset.rglob("*.csv")]:
            path.unlink()
        (self._dataset / "datapackage.yaml").write_text(DESCRIPTOR)
        for language in ("en", "de"):
            (self._dataset / f"records/{language}/rain.md").write_text(RECORD)
        (self._dataset / "codelists/colours.csv").write_text("code,label_en\nred,Red\n")

    def __exit__(self, *_: object) -> None:
        for path in list(self._dataset.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self._bad, self._dataset, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(self._bad)


def test_what_the_referee_refuses_is_not_published(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stage `referee`: each problem has a line of its own."""
    store = store_of_another(dataset)
    before = everything(dataset)
    problems = ["data/notes.csv: hash-count: one", "data/notes.csv: byte-count: two"]
    replace_everywhere(monkeypatch, "package.referee", "judge", lambda _: problems)
    code, out, err = build(store)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "release: frictionless refuses the package, nothing is published:",
        "  data/notes.csv: hash-count: one",
        "  data/notes.csv: byte-count: two",
    ]
    assert everything(dataset) == before


def before_packing(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Do something between the reading of the records and the writing of the release."""
    real = importlib.import_module("release.package.write").copying

    def copying(*arguments: Any) -> Any:
        change()
        return real(*arguments)

    replace_everywhere(monkeypatch, "package.write", "copying", copying)


def test_a_record_that_goes_away_before_it_is_packed_is_told_in_words(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record is removed between reading and packing: a message, and the store is as it was."""
    store = store_of_another(dataset)
    before = snapshot(store)
    before_packing(monkeypatch, (dataset / "records/en/rain.md").unlink)
    code, _out, err = build(store)
    assert code in (1, 2)
    assert err.startswith("release: ")
    assert "rain.md" in err
    assert snapshot(store) == before


@pytest.mark.parametrize("path", ["records/en/rain.md", "codelists/colours.csv"])
def test_a_source_that_changes_before_it_is_packed_is_refused(
    path: str, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source is changed between reading and packing: what is released would not rebuild."""
    store = store_of_another(dataset)
    before = snapshot(store)
    file = dataset / path
    before_packing(monkeypatch, lambda: file.write_text(file.read_text().replace("ed", "ED")))
    code, _out, err = build(store)
    assert code == 1
    assert path in err
    assert snapshot(store) == before


# a store that cannot take a release


@pytest.mark.parametrize("what", ["a file", "below a file"])
def test_a_store_that_is_a_file_is_told_in_words(what: str, dataset: Path) -> None:
    """--out names a file, or a folder below one: a message, and the file is as it was."""
    file = dataset.parent / "file"
    file.write_text("mine\n")
    store = file if what == "a file" else file / "store"
    before = everything(dataset)
    code, _out, err = build(store)
    assert code in (1, 2)
    assert err.startswith("release: ")
    assert str(file) in err
    assert err.count("\n") == 1
    assert everything(dataset) == before


def test_a_store_that_may_not_be_written_is_told_in_words(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store's folder belongs to someone else: a message with its path."""
    store = store_of_another(dataset)
    before = everything(dataset)
    real = os.mkdir

    def mkdir(path: str | Path, mode: int = 0o777, **options: Any) -> None:
        if Path(path).parent == store:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        real(path, mode, **options)

    monkeypatch.setattr(os, "mkdir", mkdir)
    code, _out, err = build(store)
    assert code in (1, 2)
    assert err.startswith("release: ")
    assert "Permission denied" in err
    assert str(store) in err
    assert everything(dataset) == before


@pytest.mark.parametrize("error", [OSError(errno.EIO, os.strerror(errno.EIO)), KeyboardInterrupt()])
@pytest.mark.parametrize("number", [1, 2])
@stores
def test_a_move_that_fails_leaves_the_store_as_it_was(
    make_store: Callable[[Path], Path],
    number: int,
    error: BaseException,
    dataset: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of the moves into place fails once: the store is as it was."""
    store = make_store(dataset)
    before = everything(dataset)
    real, count = os.replace, 0

    def replace(source: str | Path, target: str | Path) -> None:
        nonlocal count
        count += Path(target).is_relative_to(store)
        if count == number:
            raise error
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        code, _out, err = build(store)
    if count < number:  # there are not so many
        assert code == 0
        return
    assert code == (1 if isinstance(error, OSError) else 130)
    assert err.startswith("release: ")
    assert everything(dataset) == before


@pytest.mark.parametrize("number", [1, 2])
@stores
def test_an_interrupt_right_after_a_move_leaves_a_whole_store(
    make_store: Callable[[Path], Path],
    number: int,
    dataset: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C comes after a move was made: the store has what it had, or the new release; whole."""
    store = make_store(dataset)
    before = snapshot(store)
    real, count = os.replace, 0

    def replace(source: str | Path, target: str | Path) -> None:
        nonlocal count
        real(source, target)
        count += Path(target).is_relative_to(store)
        if count == number:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        build(store)
    left = snapshot(store)
    assert build(store)[0] == 0
    assert left in (before, snapshot(store))


def test_a_disk_that_fills_up_at_any_byte_leaves_the_store_as_it_was(dataset: Path) -> None:
    """Real writes fail at a limit of the file size; with each limit, a message and no change."""
    store = store_of_another(dataset)
    temporary = dataset.parent / "temporary"
    temporary.mkdir()
    before = everything(dataset)
    codes = []
    for limit in (0, 10, 100, 500, 1000, 2000, 4000, 8000, 12000):
        ran = subprocess.run(
            [sys.executable, "-m", "release", "build", "--no-cache", "--out", str(store)],
            cwd=dataset,
            env={
                **os.environ,
                "PYTHONPATH": PYTHONPATH,
                "PYTHONDONTWRITEBYTECODE": "1",
                "TMPDIR": str(temporary),
            },
            capture_output=True,
            timeout=120,
            check=False,
            preexec_fn=lambda limit=limit: resource.setrlimit(  # type: ignore[misc]
                resource.RLIMIT_FSIZE, (limit, limit)
            ),
        )
        err = ran.stderr.decode()
        codes.append(ran.returncode)
        if ran.returncode == 0:
            break
        assert "Traceback" not in err
        assert ran.returncode in (1, 2)
        assert err.startswith("release: ")
        assert everything(dataset) == before
    assert len(codes) > 4


def test_a_usage_error_in_a_stage_has_exit_code_2(
    dataset: Path, fail: Callable[[str, BaseException], None]
) -> None:
    """What the descriptor is to blame for ends with 2, what the data is to blame for with 1."""
    fail("checks", UsageError("the check x cannot be run"))
    assert build(no_store(dataset)) == (2, "", "release: the check x cannot be run\n")


def test_every_stage_that_the_build_calls_is_made_to_fail(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stage that is never called would prove nothing: each is called in a build that succeeds."""
    called = set()
    for stage, (module, name) in STAGES.items():
        original = getattr(importlib.import_module(f"release.{module}"), name)

        def noted(*args: Any, _of: str = stage, _f: Any = original, **options: Any) -> Any:
            called.add(_of)
            return _f(*args, **options)

        replace_everywhere(monkeypatch, module, name, noted)
    code, out, err = build(no_store(dataset))
    assert (code, err) == (0, ""), out
    assert called == set(STAGES)
    shutil.rmtree(no_store(dataset).parent)

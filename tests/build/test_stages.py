"""A build that fails leaves the store as it was, whatever stage it fails in."""

from __future__ import annotations

import errno
import gc
import os
import re
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import frictionless  # noqa: F401 — Ctrl-C in its import would leave half of it to the next build
import pyarrow as pa
import pytest

from release.build import pipeline
from release.descriptor import load
from release.findings.errors import RefusedError, ReleaseError
from release.store import check
from tests.support import kit
from tests.support.kit import IS_STRESS, run, snapshot
from tests.support.moments import Steps, at, refusing

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
    """A small dataset of two editions and a codelist; it is the working folder.

    Temporary files stand beside it, so that none is left unseen.
    """
    folder, temporary = tmp_path / "dataset", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
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


def everything(dataset: Path) -> dict[str, bytes | None]:
    """Everything beside and below the dataset: no stage may leave anything anywhere there."""
    if any((dataset.parent / "temporary").iterdir()):
        gc.collect()  # a workspace goes with the last that refers to it
    return dict(snapshot(dataset.parent))


#: What a build reports, in this order.
REPORTED = [
    "reading 2 records",
    "validating",
    "writing tables",
    "comparing with the version before",
    "packing",
    "asking the referee",
    "publishing",
]

ERRORS = [ReleaseError, KeyboardInterrupt, pa.ArrowInvalid]


@stores
@pytest.mark.parametrize("error", ERRORS, ids=[error.__name__ for error in ERRORS])
def test_a_stage_that_fails_leaves_the_store_as_it_was(
    error: type[BaseException], make_store: Callable[[Path], Path], dataset: Path
) -> None:
    """A refusal, Ctrl-C or what a library raises, when a stage begins: no byte is changed."""
    store = make_store(dataset)
    before = everything(dataset)
    of = load.load(dataset / "datapackage.yaml")
    for stage in REPORTED:

        def fail(what: str, *_: int, at: str = stage) -> None:
            if what == at:
                raise error("it fails")

        with pytest.raises(error):
            pipeline.build(of, store, pipeline.Options(progress=fail))
        assert everything(dataset) == before, stage


def test_a_build_reports_every_stage(dataset: Path) -> None:
    """A stage that is never reported could not be made to fail."""
    reported: list[str] = []
    options = pipeline.Options(progress=lambda what, *_: reported.append(what))
    kit.build(dataset, no_store(dataset), options)
    assert list(dict.fromkeys(reported)) == REPORTED


#: Of the steps that a build asks of the system, one in so many fails: others for each store and error.
EACH = 3 if IS_STRESS else 30

CTRL_C = ("release: interrupted\n", "release: interrupted; nothing was published\n")


# a library that Ctrl-C reaches as it opens a file leaves that file to the collector of garbage
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EACCES, 0], ids=["full", "denied", "ctrl-c"])
@pytest.mark.parametrize("number", range(len(STORES)), ids=[store.__name__ for store in STORES])
def test_a_step_that_the_system_refuses_leaves_the_store_as_it_was(
    number: int, error: int, dataset: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A full disk, a file of others or Ctrl-C at any file: one line or a finding, no byte is changed.

    What a build can do without, as a cache, does not end it.
    """
    store = STORES[number](dataset)
    before = everything(dataset)
    saved = shutil.copytree(dataset.parent, tmp_path_factory.mktemp("saved") / "all")
    raised = OSError(error, os.strerror(error), "a file") if error else KeyboardInterrupt()
    refused = 0
    for step in range(1 + (number * 5 + error * 7) % EACH, 10_000, EACH):
        steps = Steps(dataset.parent, step, raised)
        with steps.counted():
            code, out, err = build(store)
        if steps.count < step:
            break
        if code == 0:
            assert check.check_index(store) == []
            for path in (path for path in dataset.parent.iterdir() if path != dataset):
                shutil.rmtree(path)
            shutil.copytree(saved, dataset.parent, dirs_exist_ok=True)
            continue
        refused += 1
        if not error:
            gc.collect()  # what Ctrl-C came through holds the workspace; a process of its own would end
        assert everything(dataset) == before, step
        if error:
            assert code in (1, 2)
            # the second is what a library makes of it that looks for versions
            said = (os.strerror(error), "No package metadata was found")
            assert any(text in out + err for text in said)
            assert err == "" or err.startswith("release: ")
            assert err.count("\n") < 2 or err.startswith("release: frictionless refuses")
        else:
            assert (code, out) == (130, "")
            assert err in CTRL_C
    assert code == 0
    assert refused > 1
    del raised, steps
    gc.collect()  # here, where the files that a library left open may be told of


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


def damaged(store: Path) -> None:
    """Change a table of the release in the making."""
    (table,) = store.glob(".building-*/data/notes.csv")
    table.write_bytes(table.read_bytes().replace(b"rain", b"rAin!"))


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_referee_refuses_is_not_published(workers: int, dataset: Path) -> None:
    """A table that is not what the descriptor says: each problem has a line of its own."""
    store = store_of_another(dataset)
    before = everything(dataset)
    meanwhile = at("open", r"\.building-[^/]*/datapackage\.json$", lambda: damaged(store))
    with meanwhile, pytest.raises(RefusedError) as refused:
        kit.build(dataset, store, pipeline.Options(workers=workers))
    assert re.fullmatch(
        "frictionless refuses the package, nothing is published:\n"
        r"  data/notes\.csv: hash-count: .*\n"
        r"  data/notes\.csv: byte-count: .*",
        str(refused.value),
    )
    del refused  # with all that it came through
    assert everything(dataset) == before


#: Between the reading of the records and their copying into the release.
PACKING = ("os.mkdir", r"\.building-[^/]*-packed$")


def test_a_record_that_goes_away_before_it_is_packed_is_told_in_words(dataset: Path) -> None:
    """A record is removed between reading and packing: a message, and the store is as it was."""
    store = store_of_another(dataset)
    before = snapshot(store)
    with at(*PACKING, (dataset / "records/en/rain.md").unlink):
        code, _out, err = build(store)
    assert code in (1, 2)
    assert err.startswith("release: ")
    assert "rain.md" in err
    assert snapshot(store) == before


@pytest.mark.parametrize("path", ["records/en/rain.md", "codelists/colours.csv"])
def test_a_source_that_changes_before_it_is_packed_is_refused(path: str, dataset: Path) -> None:
    """A source is changed between reading and packing: what is released would not rebuild."""
    store = store_of_another(dataset)
    before = snapshot(store)
    with at(*PACKING, lambda: edit(dataset, path, "ed", "ED")):
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


def test_a_store_that_may_not_be_written_is_told_in_words(dataset: Path) -> None:
    """The store's folder belongs to someone else: a message with its path."""
    store = store_of_another(dataset)
    before = everything(dataset)
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES), f"{store}/.building")
    with refusing("os.mkdir", re.escape(f"{store}/.building"), denied):
        code, _out, err = build(store)
    assert code in (1, 2)
    assert err.startswith("release: ")
    assert "Permission denied" in err
    assert str(store) in err
    assert everything(dataset) == before


def test_a_disk_that_fills_up_at_any_byte_leaves_the_store_as_it_was(dataset: Path) -> None:
    """Real writes fail at a limit of the file size; with each limit, a message and no change."""
    store = store_of_another(dataset)
    before = everything(dataset)
    codes = []
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (0, 10, 100, 500, 1000, 2000, 4000, 8000, 12000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, was[1]))
        try:
            code, out, err = build(store)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, was)
        codes.append(code)
        if code == 0:
            break
        assert (code, out) in ((1, ""), (2, ""))
        assert err.startswith("release: ")
        assert err.count("\n") == 1
        assert everything(dataset) == before
    assert len(codes) > 4

"""What is around a check, and befalls it: its findings are the same, or it says what it was."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import pyarrow as pa
import pytest

from release.build import cache, outcome
from release.build.inputs import Options
from release.cli import main
from release.descriptor import load
from release.findings.errors import RefusedError, ReleaseError
from release.system import replacement
from release.system.limits import Limits
from release.system.processes import parallel
from tests.support import kit
from tests.support.datasets import WEIGHED
from tests.support.descriptors import FINDINGS
from tests.support.kit import ASCII_PATH, PYTHONPATH, run, told
from tests.support.moments import at, refusing


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Three notes, one of which is light, a codelist and another curated table."""
    root = tmp_path / "notes"
    (root / "records").mkdir(parents=True)
    (root / "datapackage.yaml").write_text(WEIGHED)
    for number in (4, 5, 6):
        text = f"---\nweight: {number}\ncolour: red\n---\n"
        (root / f"records/n{number}.md").write_text(text)
    (root / "colours.csv").write_text("code\nred\n")
    (root / "shapes.csv").write_text("code\nround\n")
    return root


def check(root: Path, kept: Path | None) -> outcome.Outcome:
    """Check a dataset with a cache, or with none."""
    return kit.check(root, Options(cache=kept))


# the files as they are when a check begins


def test_a_codelist_with_a_fault_is_read_from_any_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place of a text that leads to two codes is found in the file that was read."""
    shutil.copytree(Path(__file__).parents[1] / "cases/codelist", tmp_path / "codelist")
    with (tmp_path / "codelist/datapackage.yaml").open("a") as file:
        file.write("# nothing is prepared for this one yet\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = outcome.check(load.load(tmp_path / "codelist/datapackage.yaml")).findings
    places = [(finding.path, finding.line, finding.column) for finding in found]
    assert places == [("codelists/colours.csv", *at) for at in ((3, 13), (4, 6), (4, 15))]
    assert {finding.file for finding in found} == {f"{tmp_path}/codelist/codelists/colours.csv"}


AMBIGUOUS = """\
name: parts
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records: {parts: {path: "records/{area}-{part}.md"}}
resources:
  - name: parts
    rows: parts
    schema:
      primaryKey: [area, part]
      fields:
        - {name: area, type: string, from: "{area}"}
        - {name: part, type: string, from: "{part}"}
        - {name: weight, type: integer, from: weight}
"""


def test_captures_from_elsewhere_are_those_that_the_path_in_the_release_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of other captures at one path are neither taken for each other nor for what was kept."""
    monkeypatch.chdir(tmp_path)
    Path("datapackage.yaml").write_text(AMBIGUOUS)
    for file in ("one/x/y-z.md", "both/x/y-z.md", "both/x-y/z.md"):
        Path(file).parent.mkdir(parents=True)
        Path(file).write_text("---\nweight: 1\n---\n")
    elsewhere = "parts={}/{{area}}/{{part}}.md"
    arguments = ["check", "--cache", "kept", "--records"]
    assert run(*arguments, elsewhere.format("one")) == (0, "1 record, 0 errors, 0 warnings\n", "")
    code, out, err = run(*arguments, elsewhere.format("both"))
    assert (code, err) == (1, "")
    assert out == (
        "both/x-y/z.md: error: path-capture: the path gives area 'x-y' and part 'z', but the path "
        "in a release would be records/x-y-z.md, which gives area 'x' and part 'y-z'; "
        "expected the same, give the file another name\n"
        "1 record, 1 error, 0 warnings\n"
    )


def test_a_link_whose_name_is_no_text_is_told(notes: Path) -> None:
    """A name that is not UTF-8 is shown with its bytes as escapes."""
    try:
        (notes / "records" / os.fsdecode(b"caf\xe9.md")).symlink_to("n4.md")
    except OSError as error:
        pytest.skip(f"this file system has no such names: {error.strerror}")
    found = [str(f) for f in check(notes, None).findings if f.rule == "not-a-file"]
    message = "error: not-a-file: is a symbolic link, expected a regular file or folder"
    assert found == [f"{notes}/records/caf\\udce9.md: {message}"]


@pytest.fixture
def deep(notes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A folder of records that is 1,200 levels deep; it goes again, for pytest could not remove it."""
    monkeypatch.chdir(notes)
    folders = ["records" + depth * "/d" for depth in range(1, 1201)]
    for folder in folders:
        os.mkdir(folder)  # noqa: PTH102 — pathlib calls itself for what is above
    yield folders[-1]
    for folder in reversed(folders):
        shutil.rmtree(folder)


def test_folders_may_be_deeper_than_calls(deep: str) -> None:
    """A file that is no record is told of at any depth."""
    Path(deep, "x.md").touch()
    code, out, err = run("check", "--severity", "file-unmatched=error")
    assert (code, err) == (1, "")
    assert out.startswith(f"{deep[:1000]}")  # a text of so many characters is cut
    assert ": error: file-unmatched: the file belongs to no kind of record" in out


def test_a_curated_table_that_changes_meanwhile_is_the_one_that_was_read(
    notes: Path, tmp_path: Path
) -> None:
    """Lines that were put before its rows while it was judged move no finding, now or from the cache."""
    table = notes / "shapes.csv"
    table.write_text("code\nround\nrectangular\n")
    expected = told(check(notes, None))

    def meanwhile(what: str, *_: int) -> None:
        if what == "validating":
            table.write_text("code\n\n\n\nround\nrectangular\n")

    found = kit.check(notes, Options(cache=tmp_path / "kept", progress=meanwhile))
    assert table.read_text().startswith("code\n\n")
    assert told(found) == expected
    table.write_text("code\nround\nrectangular\n")
    assert told(check(notes, tmp_path / "kept")) == expected


# what is kept


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize("moment", [1, 2, 3])
def test_a_cache_that_is_emptied_meanwhile_is_as_none(
    notes: Path, tmp_path: Path, moment: int, known: bool
) -> None:
    """At any report of a check its files may go: the findings and the tables are the same."""
    kept = tmp_path / "kept"
    expected = check(notes, None)
    if known:
        check(notes, kept)
    reported: list[str] = []

    def emptied(what: str, *_: int) -> None:
        reported.append(what)
        if len(reported) == moment:
            cache.clear(kept)

    found = kit.check(notes, Options(cache=kept, progress=emptied))
    assert told(found) == told(expected)
    assert found.content.tables == expected.content.tables
    assert len(reported) >= (moment if moment < 3 or not known else 2)


def test_a_cache_without_room_is_as_none(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be kept, all is found and made; without a cache there is no room for it."""
    expected = check(notes, None)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with refusing("open", f"^{re.escape(str(tmp_path / 'kept'))}/.*/\\.writing-", full):
        found = check(notes, tmp_path / "kept")
        assert told(found) == told(expected)
        assert found.content.tables == expected.content.tables
    with (
        refusing("open", f"^{re.escape(str(tmp_path))}/.*/\\.writing-", full),
        pytest.raises(OSError, match="No space left on device"),
    ):
        check(notes, None)


def test_a_file_that_cannot_be_written_leaves_nothing_and_is_named(tmp_path: Path) -> None:
    """What was begun is removed; a disk that is full tells no place, so it is added."""

    def write() -> None:
        with replacement.replacing(tmp_path / "file") as file:
            file.write(b"some")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space left on device") as raised:
        write()
    assert raised.value.filename == str(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_changes_between_its_findings_and_its_tables_is_refused(
    notes: Path, tmp_path: Path
) -> None:
    """What was found in other records is not published with these."""
    kept = tmp_path / "kept"
    check(notes, kept)
    for chunk in (kept / "chunks").glob("*.chunk"):
        chunk.write_bytes(b"damaged")
    found = check(notes, kept)
    (notes / "records/n6.md").write_text("---\nweight: 3\ncolour: red\n---\n")
    with pytest.raises(RefusedError) as refused:
        _ = found.content
    told = "records/n4.md to records/n6.md: a record was changed while it was read: start again"
    assert str(refused.value) == told


def test_what_is_not_of_the_cache_stays_in_its_folder(notes: Path, tmp_path: Path) -> None:
    """Other files and folders there are somebody's, however old; they are in nobody's way."""
    folder = tmp_path / "kept/chunks"
    (folder / "photographs").mkdir(parents=True)
    (folder / "thesis.txt").write_text("of ten years\n")
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    check(notes, tmp_path / "kept")
    assert run("cache", "--clear", "--cache", str(tmp_path / "kept"))[0] == 0
    assert sorted(path.name for path in folder.glob("[!.]*")) == ["photographs", "thesis.txt"]


def test_without_a_home_nothing_is_kept(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user whom the system does not know checks records as anyone; `release cache` says what is missing."""

    def unknown() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", unknown)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert main(["check", "--descriptor", str(notes / "datapackage.yaml")]) == 0
    assert capsys.readouterr().err == ""
    assert main(["cache"]) == 2
    told = "release: the user has no home for a cache: set XDG_CACHE_HOME, or give --cache\n"
    assert capsys.readouterr() == ("", told)


# what befalls processes


def test_a_process_that_is_killed_is_told() -> None:
    """As the system kills one where memory runs out: one message, and no traceback."""
    with pytest.raises(ReleaseError) as raised:
        list(parallel.run_each(os._exit, [9, 9], 2))
    told = (
        "a process of this command was killed, as a system does that runs out of memory; "
        "with fewer --workers less is needed"
    )
    assert str(raised.value) == told


def test_where_no_process_can_be_started_the_message_says_what_needs_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where there is no /dev/shm for what processes share."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(futures, "ProcessPoolExecutor", fail)
    with pytest.raises(ReleaseError) as raised:
        list(parallel.run_each(abs, [1, 2], 2))
    told = "processes cannot be started: Function not implemented; --workers 1 needs none"
    assert str(raised.value) == told


def interrupt(notes: Path, temporary: Path, name: str, *, before: str = "") -> tuple[int, str, str]:
    """Build, send a signal to all processes once that of the referee is there, and return what came of it.

    A shell runs the command `before` that of the build.
    """
    temporary.mkdir()
    build = f"{shlex.quote(sys.executable)} -m release build --no-cache --workers 2"
    process = subprocess.Popen(
        ["sh", "-c", f"{before} exec {build}"],
        cwd=notes,
        env={**os.environ, "PYTHONPATH": PYTHONPATH, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    while not list(temporary.glob("release-referee-*/datapackage.json")):
        assert process.poll() is None
    os.killpg(process.pid, getattr(signal, name))
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_build_that_is_asked_to_end_leaves_nothing(
    notes: Path, tmp_path: Path, name: str
) -> None:
    """Ctrl-C, `kill` and a closed terminal, to all its processes: one line, and no file is left."""
    told = interrupt(notes, tmp_path / "temporary", name)
    assert told == (130, "", "release: interrupted; nothing was published\n")
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not (notes / "dist").exists()


def test_a_build_in_the_background_of_a_script_goes_on(notes: Path, tmp_path: Path) -> None:
    """A shell starts it to ignore Ctrl-C; then none of its processes ends by that."""
    code, out, err = interrupt(notes, tmp_path / "temporary", "SIGINT", before="trap '' INT;")
    assert (code, out.splitlines()[-1], err) == (0, "built dist/0.1.0", "")


#: A folder or file is made, and in the same moment an interruption comes.
MADE = """\
import os, signal, tempfile
from release.cli.process import Interruptions
from release.build.inputs import Workspace

for name in ("mkdtemp", "_mkstemp_inner"):
    def late(*arguments, make=getattr(tempfile, name), **named):
        made = make(*arguments, **named)
        os.kill(os.getpid(), signal.SIGTERM)
        return made
    setattr(tempfile, name, late)

def folder():
    with tempfile.TemporaryDirectory():
        pass

def file():
    with tempfile.NamedTemporaryFile():
        pass

with Interruptions() as interruptions:
    for make in (folder, file, lambda: Workspace(None)):
        try:
            make()
            signal.sigtimedwait([], 1)
            print("not interrupted")
        except KeyboardInterrupt:
            print("interrupted")
"""


def test_what_is_made_as_an_interruption_comes_is_removed(tmp_path: Path) -> None:
    """A folder or file that is there, and that nobody would know of yet."""
    ran = subprocess.run(
        [sys.executable, "-c", MADE],
        env={**os.environ, "PYTHONPATH": PYTHONPATH, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("interrupted\n" * 3, "")
    assert list(tmp_path.iterdir()) == []


NO_MEMORY = "there is no memory left; with fewer --workers less is needed"
NO_THREADS = (
    "the system starts no more threads or processes, as where a limit on them is reached; with fewer "
    "--workers fewer are needed"
)

LACKING = [
    (MemoryError(), 1, NO_MEMORY),
    (ImportError("x.so: failed to map segment from shared object"), 1, NO_MEMORY),
    (RuntimeError("can't start new thread"), 1, NO_THREADS),
    (pa.ArrowException("Unknown error: Failed to launch worker thread: …"), 1, NO_THREADS),
    (BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)), 1, NO_THREADS),
    (
        UnicodeEncodeError("utf-8", "caf\udce9/kept", 3, 4, "surrogates not allowed"),
        2,
        "caf\\udce9/kept: is not UTF-8, expected a path that is",
    ),
]


@pytest.mark.parametrize(("error", "code", "line"), LACKING)
def test_what_the_system_lacks_is_told(notes: Path, error: Exception, code: int, line: str) -> None:
    """Memory, threads, or a name that is text: one line."""
    with refusing("tempfile.mkdtemp", "", error):
        found = run("check", "--descriptor", str(notes / "datapackage.yaml"))
    assert found == (code, "", f"release: {line}\n")


def test_a_working_folder_that_is_gone_is_told(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store is looked for from there: the message says what is not there any more."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    code, out, err = run("build", "--descriptor", str(notes / "datapackage.yaml"))
    told = "release: the working folder: No such file or directory; nothing was published\n"
    assert (code, out, err) == (1, "", told)


def test_a_script_that_builds_says_nothing_of_what_its_processes_loaded(
    notes: Path, tmp_path: Path
) -> None:
    """DuckDB's bindings are let go where a process ends that loaded them with the script."""
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "from release.build import pipeline\nfrom release.descriptor import load\n"
        "from release.tables.queries import checks\n"
        "if __name__ == '__main__':\n"
        "    of = load.load(Path('datapackage.yaml'))\n"
        "    pipeline.build(of, Path('dist'), pipeline.Options(workers=2))\n"
    )
    ran = subprocess.run(
        [sys.executable, str(script)],
        cwd=notes,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_a_query_without_room_is_told(notes: Path) -> None:
    """Where neither memory nor a disk holds what DuckDB works on: one line, which blames no check."""
    large = "weight < 5 AND (SELECT len(list(i ORDER BY i)) FROM range(3000000) t(i)) > 0"
    text = WEIGHED.replace("weight < 5", large)
    (notes / "datapackage.yaml").write_text(text)
    limits = Limits(query_memory="10MB")
    code, out, err = run("check", "--descriptor", str(notes / "datapackage.yaml"), limits=limits)
    told = (
        "no room for a query, in 10MB of memory and what is free for temporary files: Out of Memory"
    )
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"release: {tempfile.gettempdir()}: {told}")


# what the command line changes


def test_places_in_the_descriptor_are_those_that_its_release_has(tmp_path: Path) -> None:
    """`--severity` adds a line above a check: a release of that is what its own source makes."""
    (tmp_path / "datapackage.yaml").write_text(
        "severity:\n  file-unmatched: error\n"
        + AMBIGUOUS.replace("resources:", WHOLE_CHECK, 1)
        + FINDINGS
    )
    (tmp_path / "records").mkdir()
    (tmp_path / "records/a-b.md").write_text("---\nweight: 1\n---\n")
    where = ["--descriptor", str(tmp_path / "datapackage.yaml"), "--out", str(tmp_path / "dist")]
    code, out, err = run("build", "--severity", "unmapped-path=warning", *where)
    assert (code, err) == (0, "")
    assert out.startswith(f"{tmp_path}/datapackage.yaml:9:5: warning: few: there is 1\n")
    assert run("verify", "--rebuild", "--no-referee", str(tmp_path / "dist/0.1.0"))[0] == 0


WHOLE_CHECK = """\
checks:
  - {name: few, severity: warning, message: "there is {n}", query: SELECT count(*) AS n FROM parts}
resources:"""


@ASCII_PATH
def test_names_of_files_are_utf_8_in_any_locale(notes: Path) -> None:
    """Where the system's names are ASCII to Python, a name is the text that it is elsewhere."""
    (notes / "records/é風.md").write_text("---\nweight: 6\ncolour: red\n---\n")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = subprocess.run(
        [sys.executable, "-m", "release", "check", "--no-cache"],
        cwd=notes,
        env={**os.environ, **ascii_only, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=False,
    )
    told = (
        "records/n4.md:2:9: warning: light: weight is 4, expected 5 or more\n"
        "4 records, 0 errors, 1 warning\n"
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, told, "")


@pytest.mark.parametrize("change", ["new", "other"])
def test_a_licence_that_changes_while_a_release_is_built_stands_in_it_once(
    notes: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """LICENSE and source/LICENSE are one text, else the release would not be what its source makes."""
    licence = notes / "LICENSE"
    if change == "other":
        licence.write_text("Free.\n")
    monkeypatch.chdir(notes)
    copied = ("open", r"\.building-[^/]*/README\.md$")
    with at(*copied, lambda: licence.write_text("Not free.\n")):
        assert run("build", "--no-cache")[0] == 0
    release = notes / "dist/0.1.0"
    is_there = [(release / name).exists() for name in ("LICENSE", "source/LICENSE")]
    assert is_there == [change == "other"] * 2
    if change == "other":
        assert (release / "LICENSE").read_text() == "Free.\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_what_becomes_a_pipe_before_it_is_copied_is_not_waited_for(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no longer what was read: nobody may ever write into that pipe."""
    record = notes / "records/n5.md"

    def late() -> None:
        record.unlink()
        os.mkfifo(record)

    monkeypatch.chdir(notes)
    with at("open", r"/\.lock$", late):
        code, _out, err = run("build", "--no-cache", "--workers", "1")
    told = "records/n5.md was changed while the release was built: build it again"
    assert (code, err) == (1, f"release: {told}\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_record_that_becomes_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Between the look at what it is and the reading; nobody writes into that pipe."""
    (tmp_path / "a.md").write_text("text")
    code = (
        "import os\nfrom release.records.files import contents\n"
        "from release.records.files.sources import Source\n"
        "look = os.lstat\n"
        "def late(file, **where):\n"
        "    status = look(file, **where); os.remove(file); os.mkfifo(file); return status\n"
        "os.lstat = late\n"
        "print(contents.read_bytes(Source('n', 'a.md', 'a.md', {}))[1].rule)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout == "file-empty\n"

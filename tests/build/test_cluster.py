"""A Dask cluster, and files behind URLs: the same bytes, and what cannot work is refused by name."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import release
from release.build import pipeline
from release.build.chunks import cluster, fingerprint
from release.build.chunks.worker import choose_paths
from release.descriptor import load
from release.findings.errors import ReleaseError, UsageError
from release.records.files import contents, sources
from release.records.files.discover import find_records
from release.records.files.sources import Source
from release.syntax.file_patterns import FilePattern
from release.system import files
from release.system.limits import Limits
from release.system.processes import parallel
from tests.support.datasets import NOTE, describe, table
from tests.support.kit import run, tree

distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")
comm = pytest.importorskip("distributed.comm", reason="the extra `dask` is not installed")
fsspec = pytest.importorskip("fsspec", reason="the extra `dask` is not installed")

#: What a Python of its own needs to import what this one imports.
PYTHONPATH = os.pathsep.join(path for path in sys.path if path)

DESCRIPTOR = describe(
    table("notes", NOTE, "count, type: integer", "colour, from: colour, codes: colours"),
    table(
        "texts",
        NOTE,
        'language, from: "{language}"',
        "body, from: $body",
        "path, from: $path",
        key="note, language",
    ),
    table(
        "colours",
        "code",
        "label_en",
        of="codelists/colours.csv",
        key="code",
        more='codelist: {labels: "label_{language}"}',
    ),
    path="records/{language}/{note}.md",
    kind="prefer: {language: [en, de]}",
    version="0.2.0-dev",
    more="severity: {unmapped-path: warning}\n",
)


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of 2,000 tiny records, some with a fault that is a warning."""
    folder = tmp_path_factory.mktemp("notes")
    (folder / "codelists").mkdir()
    (folder / "datapackage.yaml").write_text(DESCRIPTOR)
    (folder / "codelists/colours.csv").write_text("code,label_en\nred,Red\nblue,Blue\n")
    for language in ("en", "de"):
        (folder / "records" / language).mkdir(parents=True)
        for number in range(1000):
            more = "left: over\n" if number % 97 == 0 else ""
            colour = "red" if number % 3 else "Blue"
            text = (
                f"---\ncount: {number}\ncolour: {colour}\n{more}---\nNote {number}, {language}.\n"
            )
            (folder / f"records/{language}/note-{number:04}.md").write_text(text)
    return folder


@pytest.fixture(scope="module")
def whole(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The release of the notes, built in this process."""
    return release_of(notes, tmp_path_factory.mktemp("store"), pipeline.Options())


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A cluster of two processes."""
    place = str(tmp_path_factory.mktemp("dask"))
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
        local_directory=place,
        memory_limit=None,
    ) as started:
        yield started


@pytest.fixture
def client(dask: Any) -> Iterator[Any]:
    """A client of the cluster besides the one under test; both workers are there."""
    with distributed.Client(dask.scheduler_address, set_as_default=False) as found:
        found.wait_for_workers(2, 60)
        yield found


#: Small chunks of the notes, so that there is a middle; and how many they make.
SMALL, CHUNKS = Limits(chunk=32), 2000 // 32 + 1


def release_of(folder: Path, store: Path, options: pipeline.Options) -> dict[str, bytes]:
    """The files of a release, by path."""
    made = pipeline.build(load.load(folder / "datapackage.yaml"), store, options)
    assert made.path is not None, [str(finding) for finding in made.outcome.findings[:5]]
    return tree(made.path)


def checked(folder: Path, options: pipeline.Options) -> tuple[Any, list[str]]:
    """The tables and findings of a dataset."""
    outcome = pipeline.check(load.load(folder / "datapackage.yaml"), options)
    return outcome.content.tables, [str(finding) for finding in outcome.findings]


def at(started: Any, **more: Any) -> pipeline.Options:
    """Options for a build on a cluster."""
    return pipeline.Options(scheduler=started.scheduler_address, **more)


#: The folder of the program that this process runs.
PROGRAM = Path(release.__file__).parent


def altered_program(folder: Path, **appended: str) -> Path:
    """A copy of the program below a folder; text is appended to modules of build/chunks, by name."""
    shutil.copytree(
        PROGRAM, folder / "release", ignore=shutil.ignore_patterns("__pycache__", "profiles")
    )
    for name, text in appended.items():
        with (folder / f"release/build/chunks/{name}.py").open("a") as module:
            module.write(f"\n\n{text}\n")
    return folder


def start_worker(address: str, folder: Path, program: Path | str = "") -> subprocess.Popen[bytes]:
    """Start a process that joins a cluster; it imports what a folder holds before all else."""
    command = "-m distributed.cli.dask_worker --no-nanny --nthreads 1 --no-dashboard --name other"
    return subprocess.Popen(
        [sys.executable, *command.split(), "--local-directory", str(folder), address],
        env={**os.environ, "PYTHONPATH": f"{program}{os.pathsep}{PYTHONPATH}"},
        stderr=subprocess.DEVNULL,
    )


def address_of_other(client: Any) -> str:
    """The address of the worker that `start_worker` started, once it is there."""
    for _ in range(600):
        workers = client.scheduler_info(n_workers=-1)["workers"]
        for address, worker in workers.items():
            if worker["name"] == "other":
                return str(address)
        time.sleep(0.1)
    raise TimeoutError


@contextmanager
def other_worker(dask: Any, client: Any, folder: Path, program: Path) -> Iterator[str]:
    """A third worker of the cluster, which runs a program of its own."""
    ran = start_worker(dask.scheduler_address, folder, program)
    try:
        yield address_of_other(client)
    finally:
        ran.kill()
        ran.wait()
        while len(client.nthreads()) > 2:
            time.sleep(0.05)


# the same bytes


def test_a_cluster_of_this_machine_gives_the_same_release(
    built: Path, root: Path, tmp_path: Path
) -> None:
    """`--scheduler local` builds the seeds to the byte as one process does, and leaves nothing open."""
    how = ("--descriptor", f"{root}/datapackage.yaml", "--scheduler", "local", "--no-cache")
    code, out, err = run("build", *how, "--workers", "2", "--out", str(tmp_path))
    assert (code, err) == (0, "")
    assert "built " in out
    assert tree(tmp_path / built.name) == tree(built)


def test_a_cluster_gives_the_same_release(
    dask: Any, notes: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    """2,000 records in 63 chunks on a running cluster: the same files to the byte."""
    options = at(dask, limits=SMALL)
    assert release_of(notes, tmp_path, options) == whole


def test_a_killed_worker_costs_nothing_but_a_retry(
    dask: Any, client: Any, notes: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    """A worker is killed when some chunks are done: the release is the same to the byte."""
    pids = client.run(os.getpid)
    killed: list[int] = []

    def kill(_: str, done: int = 0, total: int = 0, /) -> None:
        if done == 5 and not killed:
            assert total > 20
            killed.append(next(iter(pids.values())))
            os.kill(killed[0], signal.SIGKILL)

    options = at(dask, progress=kill, limits=SMALL)
    assert release_of(notes, tmp_path, options) == whole
    client.wait_for_workers(2, 30)
    assert killed[0] not in client.run(os.getpid).values()


@pytest.mark.parametrize("asked", ["code", "answer"])
def test_a_worker_that_dies_while_it_is_asked_is_not_missed(
    dask: Any, client: Any, notes: Path, tmp_path: Path, asked: str
) -> None:
    """Before work begins, too, it is no worker that differs: the others read all records."""
    program = altered_program(
        tmp_path,
        fingerprint=f"def code() -> str:\n    return {fingerprint.code()!r}",
        worker=f"def {asked}(*_: object) -> None:\n    import os\n\n    os._exit(1)",
    )
    with other_worker(dask, client, tmp_path, program) as worker:
        found = checked(notes, at(dask))
        assert worker not in client.nthreads()
    tables, findings = checked(notes, pipeline.Options())
    assert found[1] == findings
    assert found[0]["texts"].equals(tables["texts"])


def test_findings_name_files_as_they_were_given(
    dask: Any, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers have a working folder of their own; findings name files by the paths of this one."""
    monkeypatch.chdir(notes)
    here = checked(Path(), pipeline.Options())
    assert here[1][0].startswith("records/de/note-0000.md:3:9: ")
    assert checked(Path(), at(dask)) == here


# refused


def test_a_worker_with_another_library_is_refused(
    dask: Any, client: Any, notes: Path, tmp_path: Path
) -> None:
    """The message names the worker, the library and both versions; nothing is read."""
    metadata = tmp_path / "pyarrow-1.0.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: pyarrow\nVersion: 1.0\n")
    asked: list[str] = []
    with other_worker(dask, client, tmp_path, tmp_path) as worker:
        with pytest.raises(UsageError) as raised:
            checked(notes, at(dask, progress=lambda what, *_: asked.append(what)))
        assert str(raised.value) == (
            "workers differ from this machine, so they might make something else:\n"
            f"  {worker}: pyarrow 1.0 (here {version('pyarrow')})"
        )
    assert asked == ["reading 2,000 records"]


def test_a_worker_that_differs_and_joins_late_is_refused(
    dask: Any, client: Any, notes: Path, tmp_path: Path
) -> None:
    """What was right when work began is asked again with each chunk."""
    program = altered_program(tmp_path, make="# Another program.")
    with ExitStack() as started:
        joined: list[str] = []

        def join(_: str, done: int = 0, total: int = 0, /) -> None:
            if done == 5 and total:
                late = other_worker(dask, client, tmp_path, program)
                joined.append(started.enter_context(late))

        with pytest.raises(UsageError) as raised:
            checked(notes, at(dask, progress=join, limits=SMALL))
        lines = str(raised.value).splitlines()
        assert len(lines) == 2
        assert re.fullmatch(
            rf"  {joined[0]}: release \S+\+[0-9a-f]+ \(here \S+\+[0-9a-f]+\)", lines[1]
        )


def test_a_worker_without_release_is_refused(
    dask: Any, client: Any, notes: Path, tmp_path: Path
) -> None:
    """It is named, with what it says itself."""
    (tmp_path / "release").mkdir()
    (tmp_path / "release/__init__.py").touch()
    with (
        other_worker(dask, client, tmp_path, tmp_path) as worker,
        pytest.raises(UsageError) as raised,
    ):
        checked(notes, at(dask))
    reason = "ModuleNotFoundError(\"No module named 'release.build'\")"
    assert str(raised.value).endswith(
        f"\n  {worker}: release {release.__version__} cannot run there: {reason}"
    )


def test_a_scheduler_that_does_not_answer_ends_with_2(root: Path) -> None:
    """The message names the address and how long it was asked."""
    address = "tcp://127.0.0.1:1"
    how = ("--descriptor", f"{root}/datapackage.yaml", "--no-cache", "--scheduler", address)
    message = f"--scheduler {address}: no Dask scheduler answered there within 1 seconds"
    assert run("check", *how, limits=Limits(scheduler_seconds=1)) == (
        2,
        "",
        f"release: {message}\n",
    )


@pytest.mark.parametrize("address", ["nonsense", "host:8786", "tcp://", "foo://host:1"])
def test_what_is_no_address_is_refused(root: Path, address: str) -> None:
    """It is not even tried."""
    how = ("--descriptor", f"{root}/datapackage.yaml", "--no-cache", "--scheduler", address)
    message = f"--scheduler {address}: expected an address such as tcp://HOST:8786, or local"
    assert run("check", *how) == (2, "", f"release: {message}\n")


def test_a_secure_scheduler_needs_certificates(root: Path) -> None:
    """Where Dask's configuration has none, it is not tried."""
    how = ("--descriptor", f"{root}/datapackage.yaml", "--no-cache", "--scheduler", "tls://host:1")
    message = "expected certificates in Dask's configuration, distributed.comm.tls"
    assert run("check", *how) == (2, "", f"release: --scheduler tls://host:1: {message}\n")


def test_a_scheduler_without_workers_is_refused(notes: Path) -> None:
    """Nobody waits for workers for ever."""
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as empty,
        pytest.raises(UsageError, match="the cluster has no worker after 1 seconds; start some"),
    ):
        checked(notes, at(empty, limits=Limits(workers_seconds=1)))


def test_scratch_without_scheduler_is_refused(root: Path) -> None:
    """It would do nothing."""
    code, _, err = run("check", "--descriptor", f"{root}/datapackage.yaml", "--scratch", "x")
    assert code == 2
    assert "give --scheduler too" in err


def test_workers_that_do_not_share_a_folder_are_refused(dask: Any, notes: Path) -> None:
    """Here in the memory of each process: the message says to give --scratch."""
    with pytest.raises(UsageError) as raised:
        checked(notes, at(dask, scratch="memory://scratch"))
    assert re.fullmatch(
        r"tcp://\S+ does not share memory://scratch with this machine; "
        "give --scratch a folder or URL that all workers see",
        str(raised.value),
    )
    assert fsspec.filesystem("memory").find("/scratch") == []


def test_workers_that_do_not_see_the_records_are_refused(
    dask: Any, client: Any, notes: Path, tmp_path: Path
) -> None:
    """The message names a record, before any is read."""
    program = altered_program(
        tmp_path / "program",
        fingerprint=f"def code() -> str:\n    return {fingerprint.code()!r}",
        worker="class Path(type(Path())):\n    def exists(self) -> bool:\n        return False",
    )
    with (
        other_worker(dask, client, tmp_path / "program", program) as worker,
        pytest.raises(UsageError, match="read records with --records from a folder or URL") as told,
    ):
        checked(notes, at(dask, scratch=str(tmp_path / "scratch")))
    assert str(told.value).startswith(f"{worker} does not see {notes}/records/en/note-")
    assert tree(tmp_path / "scratch") == {}


def test_the_extra_is_asked_for_where_it_is_missing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without distributed, fsspec, or what fsspec reads a scheme with, the message says what to install."""
    how = ("--descriptor", f"{root}/datapackage.yaml", "--no-cache")

    def behind(scheme: str) -> tuple[str, str]:
        return "--records", f"documents={scheme}://here/{{document_id}}.md"

    for name, option, said in [
        ("distributed", ("--scheduler", "local"), "--scheduler needs Dask{}[dask]'"),
        ("fsspec.core", behind("s3"), "URLs need fsspec{}[s3]'"),
        ("s3fs", behind("s3"), "s3:// needs s3fs{}[s3]'"),
        ("gcsfs", behind("gs"), "gs:// needs gcsfs{}[gcs]'"),
        ("adlfs", behind("az"), "az:// needs adlfs{}[azure]'"),
        ("aiohttp", behind("https"), "https:// needs aiohttp{}[http]'"),
    ]:
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, name, None)
            code, _, err = run("check", *how, *option)
        assert code == 2
        wanted = said.format(", which is not installed: pip install 'records-release")
        assert err.endswith(f"{wanted}\n")


def test_a_url_of_another_scheme_needs_fsspec_itself(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No extra is named where none would help."""
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    how = ("--descriptor", f"{root}/datapackage.yaml", "--no-cache")
    code, _, err = run("check", *how, "--records", "documents=sftp://here/{document_id}.md")
    assert code == 2
    assert err.endswith("URLs need fsspec, which is not installed: pip install fsspec\n")


# what goes wrong on the way


def failing(error: BaseException) -> cluster.ChunkTask:
    """A task that ends with an error."""

    def result(_: float) -> str:
        raise error

    future: Any = SimpleNamespace(result=result)
    return cluster.ChunkTask(future, "a.md to b.md", "", Limits())


def test_what_kills_its_workers_is_named() -> None:
    """After Dask's allowed failures the message names the records and the last worker."""
    error = distributed.KilledWorker("x", SimpleNamespace(address="tcp://w:1"), 3)
    message = (
        r"^a\.md to b\.md: the workers that read them died one after the other, last tcp://w:1"
    )
    with pytest.raises(ReleaseError, match=message):
        failing(error).result()
    with pytest.raises(ReleaseError, match="the scheduler was lost"):
        failing(CancelledError()).result()


@pytest.mark.parametrize(
    ("comes_back", "told"),
    [(False, "no worker of the cluster is left, and none came within 2 seconds"), (True, "")],
)
def test_when_all_workers_die_nobody_waits_for_ever(
    notes: Path, whole: dict[str, bytes], tmp_path: Path, *, comes_back: bool, told: str
) -> None:
    """One line says so after a while; a worker that comes before that makes what is left, to the byte."""
    limits = replace(SMALL, workers_seconds=60 if comes_back else 2, chunk_seconds=0.5)
    with ExitStack() as started:
        scheduler = started.enter_context(
            distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50)
        )

        def come() -> subprocess.Popen[bytes]:
            ran = start_worker(scheduler.scheduler_address, tmp_path)
            started.callback(ran.wait)
            started.callback(ran.kill)
            return ran

        workers = [come()]
        scheduler.wait_for_workers(1, 60)

        def kill(_: str, done: int = 0, total: int = 0, /) -> None:
            if done == 5 < total and len(workers) == 1:
                workers[0].kill()
                workers.append(come() if comes_back else workers[0])

        options = at(scheduler, progress=kill, limits=limits)
        if told:
            with pytest.raises(ReleaseError, match=f"^[^\n]*{told}[^\n]*$") as refused:
                release_of(notes, tmp_path / "store", options)
            assert not isinstance(refused.value, UsageError)
        else:
            assert release_of(notes, tmp_path / "store", options) == whole


def test_a_scheduler_that_is_lost_is_told(dask: Any) -> None:
    """Whatever was asked of it then."""
    address = dask.scheduler_address
    with (
        pytest.raises(ReleaseError, match=f"^--scheduler {address}: the scheduler was lost$"),
        cluster.connect(address, 1, 10),
    ):
        raise comm.CommClosedError


def test_an_interrupt_ends_a_cluster_of_this_machine(notes: Path) -> None:
    """Ctrl-C: exit code 130, one line, and no process is left."""
    code = (
        "import sys; from release import cli; from release.system.limits import Limits\n"
        "if __name__ == '__main__': sys.exit(cli.main(sys.argv[1:], Limits(chunk=1)))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "check", "--scheduler", "local", "--no-cache"],
        cwd=notes,
        env={**os.environ, "PYTHONPATH": PYTHONPATH, "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    while len(processes(process.pid)) < 4:
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "release: interrupted\n"
    for _ in range(50):
        if processes(process.pid):
            time.sleep(0.1)
    assert processes(process.pid) == []


def processes(group: int) -> list[int]:
    """The processes of a group."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid="], capture_output=True, check=True)
    pairs = (line.split() for line in listed.stdout.decode().splitlines())
    return [int(pid) for pid, of in pairs if int(of) == group]


# order, window, progress


@pytest.mark.parametrize("window", [1, 3, 50])
def test_no_more_is_under_way_than_the_window(window: int) -> None:
    """Results come in order; what is not yet taken is never more than the window."""
    open_: list[int] = []
    most = 0

    def submit(number: int) -> Future[str]:
        nonlocal most
        open_.append(number)
        most = max(most, len(open_))
        future: Future[str] = Future()
        future.set_result(str(number))
        return future

    for number, result in enumerate(parallel.run_in_order(submit, range(20), lambda: window)):
        assert result == str(number)
        open_.remove(number)
    assert most == min(window, 20)


def test_what_is_not_wanted_any_more_is_cancelled() -> None:
    """Whoever leaves before the end leaves nothing under way."""
    tasks: list[Future[str]] = []

    def submit(number: int) -> Future[str]:
        tasks.append(Future())
        if number == 0:
            tasks[0].set_result("first")
        return tasks[-1]

    results = parallel.run_in_order(submit, range(20), lambda: 4)
    assert next(results) == "first"
    results.close()  # type: ignore[attr-defined]
    assert [task.cancelled() for task in tasks[1:]] == [True] * 3


def test_a_cluster_has_a_few_chunks_under_way_for_each_thread(dask: Any, notes: Path) -> None:
    """Two threads: eight chunks."""
    of = load.load(notes / "datapackage.yaml")
    found, _ = find_records(of)
    context = fingerprint.make_context(of, {})
    with cluster.connect(dask.scheduler_address, 1, 10) as client:
        joined = cluster.join(client, context, choose_paths("", str(notes), found[:1]))
        joined.submit(found[:1]).cancel()
        assert joined.window() == 8


@pytest.mark.parametrize("engine_", ["process", "pool", "cluster"])
def test_every_engine_tells_how_far_it_is(dask: Any, notes: Path, engine_: str) -> None:
    """One call for each chunk, with how many are done of how many."""
    told = []
    means = {
        "process": {},
        "pool": {"workers": 2},
        "cluster": {"scheduler": dask.scheduler_address},
    }
    options = pipeline.Options(
        progress=lambda what, done=0, total=0, /: told.append((what, done, total)),
        limits=SMALL,
        **means[engine_],
    )
    checked(notes, options)
    chunks_told = [(done, total) for what, done, total in told if total]
    assert chunks_told == [(done, CHUNKS) for done in range(1, CHUNKS + 1)]
    assert {what for what, _, total in told if total} == {"reading 2,000 records"}


# URLs


def elsewhere(url: str) -> dict[str, FilePattern]:
    """The notes behind a URL."""
    return {"notes": FilePattern(f"{url}/{{language}}/{{note}}.md")}


def test_records_behind_a_url_give_the_same_release(
    notes: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    """Records in memory, read through fsspec: the same files to the byte."""
    memory = fsspec.filesystem("memory")
    memory.put(str(notes / "records"), "/notes", recursive=True)
    memory.pipe("/notes/en/.hidden.md", b"x")
    try:
        options = pipeline.Options(elsewhere("memory://notes"))
        assert release_of(notes, tmp_path, options) == whole
    finally:
        memory.rm("/notes", recursive=True)


def test_records_and_scratch_behind_urls_serve_a_cluster(
    dask: Any, notes: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    """Chunk files go through the URL; a build that finds them there gives the same again."""
    scratch = tmp_path / "scratch"
    options = at(dask, scratch=f"local://{scratch}", limits=SMALL)
    options = replace(options, elsewhere=elsewhere(f"file://{notes}/records"))
    assert release_of(notes, tmp_path / "one", options) == whole
    kept = tree(scratch)
    assert {Path(path).suffix for path in kept} == {".chunk"}
    damaged = scratch / next(iter(kept))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert release_of(notes, tmp_path / "other", options) == whole
    assert tree(scratch) == kept


def test_files_behind_urls_are_judged_as_files_here(tmp_path: Path) -> None:
    """Too large, empty, gone and no file: the findings are those of a path."""
    place = tmp_path / "records" / "en"
    place.mkdir(parents=True)
    (place / "empty.md").write_bytes(b" \n")
    (place / "whole.md").write_bytes(b"---\ncount: 1\n---\n")
    (place / "link.md").symlink_to("whole.md")
    os.truncate(os.open(place / "large.md", os.O_CREAT | os.O_WRONLY), sources.MAX_BYTES + 1)
    (tmp_path / "datapackage.yaml").write_text(DESCRIPTOR)
    (tmp_path / "codelists").mkdir()
    (tmp_path / "codelists/colours.csv").write_text("code,label_en\n")

    def told(options: pipeline.Options) -> list[str]:
        lines = checked(tmp_path, options)[1]
        return sorted(re.sub(r"^.*records/", "", line) for line in lines)

    here = told(pipeline.Options())
    assert told(pipeline.Options(elsewhere(f"file://{tmp_path}/records"))) == here
    rules = {match[1] for line in here if (match := re.search(r" (?:error|warning): (\S+):", line))}
    assert {"file-empty", "file-too-large", "not-a-file"} <= rules
    gone = Source("notes", "x.md", f"file://{tmp_path}/gone.md", {})
    data, finding = contents.read_bytes(gone)
    assert data is None
    assert finding is not None
    assert finding.message == "cannot be read: No such file or directory, expected a record"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("foo://bucket/notes", "foo://bucket/notes: Protocol not known: foo"),
        ("memory://", "memory://: expected a URL with a folder before the first capture"),
        ("zip://a::memory://b", "zip://a::memory://b: expected a URL with a folder"),
    ],
)
def test_a_url_that_cannot_be_listed_is_refused(notes: Path, url: str, message: str) -> None:
    """The message begins with the URL."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
        checked(notes, pipeline.Options(elsewhere(url)))


def test_a_store_out_of_reach_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may pass is no finding about a record: it must not be written into a release."""
    memory = fsspec.filesystem("memory")

    def fail(*_: object, **__: object) -> bytes:
        raise TimeoutError("slow down")

    monkeypatch.setattr(type(memory), "cat_file", fail)
    with pytest.raises(ReleaseError, match=r"^memory://x/a\.md: cannot be read: slow down$"):
        files.Url("memory://x/a.md").read_bytes()

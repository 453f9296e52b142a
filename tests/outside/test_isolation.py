"""What others made is looked at in a process that ends when a limit is reached, and takes nothing with it."""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from release import cli
from release.build import pipeline
from release.system.foreign import isolation
from release.system.foreign.budget import Budget, LimitError
from release.system.limits import LIMITS
from tests.support import tampering
from tests.support.kit import ENVIRONMENT, ROOT, command, run

#: A query that is answered at once, and what strangers might put in its place.
QUERY = "SELECT note FROM notes WHERE note IS NULL"
ENDLESS = (
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT 1 - n FROM t) "
    "SELECT 'n1' AS note FROM t WHERE n > 5"
)
LONG = (
    "SELECT 'n1' AS note FROM range(1000000000) a, range(1000000000) b "
    "WHERE a.range * 7 + b.range * 3 = -1"
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small release with a check in SQL."""
    path = tampering.dataset(tmp_path_factory.mktemp("good"))
    text = path.read_text("utf-8")
    checks = f'checks:\n  - {{name: found, resource: notes, query: "{QUERY}", message: "no"}}\n'
    path.write_text(checks + text)
    built = pipeline.build(path, path.parent / "store")
    assert built.path is not None
    return built.path


def with_query(good: Path, folder: Path, query: str) -> Path:
    """A copy of the release with another query in its source."""
    shutil.copytree(good, folder)
    tampering.change(folder / "source/datapackage.yaml", QUERY, query)
    tampering.refit(folder)
    return folder


def steps(said: str) -> dict[str, Any]:
    """The steps of a report, by name."""
    (release,) = json.loads(said)["releases"]
    return {each["name"]: each for each in release["steps"]}


def leftovers(folder: Path) -> list[str]:
    """What commands left in a folder for temporary files."""
    return [path.name for path in folder.iterdir() if path.name.startswith("release-")]


@pytest.mark.parametrize("query", [ENDLESS, LONG], ids=["endless", "long"])
def test_endless_sql_ends(good: Path, tmp_path: Path, query: str) -> None:
    """The rebuild fails, what was proven before it stands, and no file or process is left."""
    endless = with_query(good, tmp_path / "0.1.0", query)
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    arguments = ("verify", endless, "--rebuild", "--no-referee", "--format", "json")
    ran = command(*arguments, "--limits", "seconds=12", cwd=tmp_path, TMPDIR=str(scratch))
    assert ran.returncode == 1, ran.stderr
    found = steps(ran.stdout)
    assert found["rebuild"]["status"] == "failed"
    assert [(each["rule"], each["message"]) for each in found["rebuild"]["findings"]] == [
        (
            "limit",
            "takes more than 12 seconds, which is the limit; `--limits seconds=…` changes it",
        )
    ]
    assert found["signature"]["status"] == "not done"
    assert found["integrity"]["status"] != "not done"
    assert leftovers(scratch) == []


def test_endless_sql_ends_where_limits_are_asked_for(good: Path, tmp_path: Path) -> None:
    """Also of a command within another program."""
    endless = with_query(good, tmp_path / "0.1.0", ENDLESS)
    code, out, _ = run(
        *("verify", str(endless), "--rebuild", "--no-referee", "--limits", "seconds=5")
    )
    assert code == 1
    assert "takes more than 5 seconds, which is the limit" in out


def sleep(_send: Callable[[object], None]) -> None:
    """Take long."""
    time.sleep(600)


def grow(_send: Callable[[object], None]) -> None:
    """Take memory for ever."""
    kept = []
    while True:
        kept.append(b"x" * (1 << 22))


def start_and_grow(_send: Callable[[object], None]) -> None:
    """Take memory in another process."""
    program = "kept = []\nwhile True: kept.append(b'x' * (1 << 22))"
    subprocess.run([sys.executable, "-c", program], check=False)


def write(_send: Callable[[object], None]) -> None:
    """Write for ever."""
    import tempfile

    with tempfile.TemporaryFile() as file, tempfile.NamedTemporaryFile() as named:
        while True:
            named.write(bytes(1 << 16))
            named.flush()
            file.write(b"x")
            time.sleep(0.001)


def crash(_send: Callable[[object], None]) -> None:
    """End as a library does that reads what it should not."""
    faulthandler.disable()  # pytest's would print all stacks
    os.kill(os.getpid(), signal.SIGSEGV)


#: More memory than this process may have taken for other tests, which a forked one begins with.
SMALL = replace(LIMITS, seconds=60, memory=1 << 30, bytes=1 << 20)


@pytest.mark.parametrize(
    ("work", "limits", "message"),
    [
        (sleep, replace(SMALL, seconds=1), "takes more than 1 seconds, which is the limit"),
        (grow, SMALL, "takes more than 1,073,741,824 bytes of memory, which is the limit"),
        (
            start_and_grow,
            SMALL,
            "takes more than 1,073,741,824 bytes of memory, which is the limit",
        ),
        (write, SMALL, "takes more than 1,048,576 bytes of temporary files, which is the limit"),
        (crash, SMALL, "the process that looked at it was ended by signal SIGSEGV"),
    ],
)
@pytest.mark.parametrize("fork", [False, True], ids=["spawned", "forked"])
def test_a_limit_ends_the_process(
    work: Callable[[Any], None], limits: Any, message: str, *, fork: bool
) -> None:
    """Whatever it does then."""
    with pytest.raises(LimitError) as raised:
        isolation.run(work, Budget(limits), "here", lambda _: None, fork=fork)
    (finding,) = raised.value.findings
    assert (finding.rule, finding.path) == ("limit", "here")
    assert message in finding.message


def answer(send: Callable[[object], None]) -> int:
    """Send something, and return a number."""
    send("one")
    send(("two", 2))
    return 3


def fail(_send: Callable[[object], None]) -> None:
    """Raise an error."""
    raise LimitError([], "heading")


def test_results_and_errors_come_back() -> None:
    """As of a function that is called."""
    received: list[object] = []
    assert isolation.run(answer, Budget(), "here", received.append) == 3
    assert received == ["one", ("two", 2)]
    with pytest.raises(LimitError) as raised:
        isolation.run(fail, Budget(), "here", received.append)
    assert raised.value.heading == "heading"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_command(
    good: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """However it ends: what it started is gone soon."""
    endless = with_query(good, tmp_path / "0.1.0", ENDLESS)
    marker = f"{os.getpid()}-{number}"
    process = subprocess.Popen(
        [sys.executable, "-m", "release", "verify", str(endless), "--rebuild", "--no-referee"],
        cwd=tmp_path,
        env={**ENVIRONMENT, "RELEASE_MARKER": marker},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(4)
    process.send_signal(number)
    process.wait(30)
    for _ in range(100):
        left = [path.name for path in Path("/proc").iterdir() if _has(path.name, marker)]
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def _has(pid: str, marker: str) -> bool:
    try:
        return f"RELEASE_MARKER={marker}".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def test_a_difference_is_printed_from_its_own_process(good: Path) -> None:
    """With its exit code, and to a reader that ends early."""
    ran = command("diff", good, good, "--exit-code", cwd=ROOT)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout
    nothing = command("diff", good, good / "nothing", cwd=ROOT)
    assert nothing.returncode == 2
    assert "is neither a folder nor a zip" in nothing.stderr


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("seconds=0", "seconds is '0', expected a number above 0"),
        ("seconds=4GiB", "seconds is '4GiB', expected a number above 0"),
        ("memory=many", "memory is 'many', expected a size such as 500MB or 4GiB"),
        ("speed=1", "'speed=1' is no limit, expected NAME=VALUE with one of seconds, memory"),
        ("seconds", "'seconds' is no limit, expected NAME=VALUE"),
    ],
)
def test_a_limit_that_is_none_is_said(
    value: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what is expected."""
    with pytest.raises(SystemExit) as raised:
        cli.main(["verify", "x", "--limits", value])
    assert raised.value.code == 2
    assert message in capsys.readouterr().err


def test_an_archive_counts_unpacked(good: Path, tmp_path: Path) -> None:
    """What is unpacked is part of the budget of bytes."""
    archive = next(good.glob("*.zip"))
    shutil.copy(archive, tmp_path / "a.zip")
    code, out, err = run("verify", str(tmp_path / "a.zip"), "--limits", "bytes=5kB")
    assert code == 1
    assert "expected at most 5000" in out + err

"""Run one command in its own process; measure its time, and the memory of all its processes together."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

#: The least number of seconds between two samples of the memory; sampling takes at most 1/20 of a processor.
INTERVAL = 0.05

_PROC = Path("/proc")
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class FailedError(Exception):
    """The failure of a command that was to be measured; the message names the command and its last line."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a command: wall seconds, peak bytes of all its processes, and the JSON it printed."""

    seconds: float
    memory: int
    output: Mapping[str, Any] = field(default_factory=dict)


def run(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    exit_codes: Sequence[int] = (0,),
) -> Measured:
    """Run a command in a folder until it ends.

    Memory is the larger of two figures. The first is the largest sampled sum of the PSS of its processes:
    a page that several processes share counts once. The second is the largest RSS of any of its processes.
    The kernel records it, so that short peaks are not missed. It starts from the RSS of this process,
    so a figure that is no larger than that is ignored.

    Raises:
        FailedError: The exit code is not in `exit_codes`.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        sampler = _Sampler(process.pid)
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        finally:
            sampler.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in exit_codes:
            raise FailedError(f"{_describe(command)}: {_last_line(err) or process.returncode}")
        kept = usage.ru_maxrss * _RSS_UNIT if usage.ru_maxrss > floor else 0
        return Measured(seconds, max(sampler.peak, kept), _read_json(out))


def _describe(command: Sequence[str | Path]) -> str:
    """Return a command as text, without the interpreter, inline code and the folders of paths."""
    parts = [Path(part).name for part in command if " " not in str(part)]
    return " ".join(part for part in parts if part not in ("-c", "-m", Path(sys.executable).name))


def _last_line(file: IO[bytes]) -> str:
    lines = _read_tail(file).decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _read_json(file: IO[bytes]) -> Mapping[str, Any]:
    """Return the JSON object on the last line of the output, or an empty mapping if there is none."""
    try:
        found = json.loads(_last_line(file))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read_tail(file: IO[bytes]) -> bytes:
    file.seek(max(0, file.seek(0, os.SEEK_END) - (1 << 16)))
    return file.read()


class _Sampler:
    """A thread that samples the memory of a session's processes; without /proc it does nothing."""

    def __init__(self, session: int) -> None:
        self.peak = 0
        self._session = session
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        if _PROC.is_dir():
            self._thread.start()

    def stop(self) -> None:
        """End the sampling and wait for the thread."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _sample(self) -> None:
        pause = INTERVAL
        while not self._ended.wait(pause):
            start = time.thread_time()  # wall time would leave a busy machine without samples
            self.peak = max(
                self.peak, sum(read_pss(pid) for pid in session_processes(self._session))
            )
            pause = max(INTERVAL, 20 * (time.thread_time() - start))


def session_processes(session: int) -> Iterator[int]:
    """Yield the process ids of a session, that is of a command and all its descendants."""
    for name in os.listdir(_PROC):  # noqa: PTH208 — many times a second
        if name.isdigit():
            try:
                status = (_PROC / name / "stat").read_text()
            except OSError:
                continue
            if int(status.rpartition(")")[2].split()[3]) == session:
                yield int(name)


def read_pss(pid: int) -> int:
    """Return the PSS of a process in bytes: shared pages count in part. It is 0 if the process has ended."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

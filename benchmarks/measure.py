"""One command in a process of its own: how long it takes, and the memory of it and all its children."""

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

#: Seconds between two looks at the memory, at the least; a look takes a twentieth of the time, at the most.
INTERVAL = 0.05

_PROC = Path("/proc")
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class FailedError(Exception):
    """A command that was to be measured failed; the message says which and how."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run took: wall seconds, peak bytes of the whole tree of processes, and what it printed."""

    seconds: float
    memory: int
    output: Mapping[str, Any] = field(default_factory=dict)


def run(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    accepted: Sequence[int] = (0,),
) -> Measured:
    """Run a command in a folder to its end.

    Memory is the larger of two: the greatest sum of the PSS of all its processes seen (a page that several
    share is counted once), and the greatest RSS of any of them, which the kernel keeps, so that nothing
    short is missed; but the kernel begins with what this process has, which counts for nothing.

    Raises:
        FailedError: its exit code is none of those accepted.
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
        if process.returncode not in accepted:
            raise FailedError(f"{_shown(command)}: {_last(err) or process.returncode}")
        kept = usage.ru_maxrss * _RSS_UNIT if usage.ru_maxrss > floor else 0
        return Measured(seconds, max(sampler.peak, kept), _json(out))


def _shown(command: Sequence[str | Path]) -> str:
    """A command without the interpreter, code, and the folders of paths."""
    parts = [Path(part).name for part in command if " " not in str(part)]
    return " ".join(part for part in parts if part not in ("-c", "-m", Path(sys.executable).name))


def _last(file: IO[bytes]) -> str:
    lines = _tail(file).decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _json(file: IO[bytes]) -> Mapping[str, Any]:
    """The last line of what was printed, where it is a JSON object; our scripts print such a line."""
    try:
        found = json.loads(_last(file))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tail(file: IO[bytes]) -> bytes:
    file.seek(max(0, file.seek(0, os.SEEK_END) - (1 << 16)))
    return file.read()


class _Sampler:
    """Looks at the memory of a session's processes from time to time, where there is a /proc."""

    def __init__(self, session: int) -> None:
        self.peak = 0
        self._session = session
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        if _PROC.is_dir():
            self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _sample(self) -> None:
        pause = INTERVAL
        while not self._ended.wait(pause):
            start = time.perf_counter()
            self.peak = max(self.peak, sum(pss(pid) for pid in members(self._session)))
            pause = max(INTERVAL, 20 * (time.perf_counter() - start))


def members(session: int) -> Iterator[int]:
    """The processes of a session: a command and all its children."""
    for name in os.listdir(_PROC):  # noqa: PTH208 — many times a second
        if name.isdigit():
            try:
                status = (_PROC / name / "stat").read_text()
            except OSError:
                continue
            if int(status.rpartition(")")[2].split()[3]) == session:
                yield int(name)


def pss(pid: int) -> int:
    """The bytes of a process, of pages that it shares its part; 0 where it has gone."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

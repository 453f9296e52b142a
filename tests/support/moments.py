"""Moments in the program, told by what it asks of the system: something else happens there, or it is refused.

Python tells an audit hook of each file that is opened, folder that is made, module that is imported. So a
test needs no name of the program's own. The hook stays as long as the process, and does nothing outside `at`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

#: What writes or reads files, but for what removes them.
STEPS = frozenset(
    "open os.mkdir os.rename os.chmod os.truncate os.link shutil.copyfile fcntl.flock os.listdir os.scandir "
    "tempfile.mkstemp tempfile.mkdtemp".split()
)


@dataclass(frozen=True)
class Call:
    """Something that is asked of the system: the event, as Python names it, and the paths in it."""

    event: str
    paths: tuple[str, ...]

    def is_of(self, event: str, where: str) -> bool:
        """Whether it is such an event, of a path in which this pattern is found."""
        return bool(re.fullmatch(event, self.event)) and any(
            re.search(where, path) for path in self.paths
        )


_watching: list[Callable[[Call], object]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    paths = tuple(
        os.fsdecode(each) for each in arguments if isinstance(each, str | bytes | os.PathLike)
    )
    for watch in tuple(_watching):
        watch(Call(event, paths))


sys.addaudithook(_hook)


@contextmanager
def watching(watch: Callable[[Call], object]) -> Iterator[None]:
    """Call a function with each thing that is asked of the system, before it is done.

    What it raises is raised where it was asked. It is not called for what it asks itself.
    """

    def apart(call: Call) -> None:
        _watching.remove(apart)
        try:
            watch(call)
        finally:
            if not is_over:
                _watching.append(apart)

    is_over = False
    _watching.append(apart)
    try:
        yield
    finally:
        is_over = True
        _watching.remove(apart)


@contextmanager
def at(event: str, where: str, act: Callable[[], object], number: int = 1) -> Iterator[None]:
    """Act once, just before the Nth time that this is asked of such a path; it must come to that."""
    count = 0

    def watch(call: Call) -> None:
        nonlocal count
        if call.is_of(event, where):
            count += 1
            if count == number:
                act()

    with watching(watch):
        yield
    assert count >= number, f"{event} of {where} came {count} times"


@contextmanager
def refusing(event: str, where: str, error: BaseException) -> Iterator[None]:
    """Refuse this each time, of such paths, as a system would do."""

    def watch(call: Call) -> None:
        if call.is_of(event, where):
            raise _anew(error)

    with watching(watch):
        yield


class Steps:
    """Counts what is asked of the system about files below a folder, and refuses the Nth with an error."""

    def __init__(self, below: Path, refuse: int = 0, error: BaseException | None = None) -> None:
        self.count, self._refuse, self._error = 0, refuse, error
        self._below = f"{below}{os.sep}"

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count from here on."""
        with watching(self._step):
            yield

    def _step(self, call: Call) -> None:
        if call.event not in STEPS or not any(
            str(Path(path).absolute()).startswith(self._below) for path in call.paths
        ):
            return
        if _is_removing(sys._getframe()):
            return
        self.count += 1
        if self.count == self._refuse and self._error:
            raise _anew(self._error)


def _anew(error: BaseException) -> BaseException:
    """The same error again; one that was raised before would keep all that it came through."""
    return copy(error) if isinstance(error, OSError) else type(error)(*error.args)


def asked_by(module: str) -> bool:
    """Whether a library, by its name, is among those that ask just now."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] == module:
            return True
        frame = frame.f_back
    return False


def _is_removing(frame: FrameType | None) -> bool:
    """Whether this is part of removing something, which no system refuses for a full disk."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "shutil" and "rmtree" in frame.f_code.co_name:
            return True
        frame = frame.f_back
    return False

"""Wait for changes of a dataset's files, by the events of the system."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

from release.build.inputs import Options
from release.descriptor.model import Descriptor
from release.findings.errors import ReleaseError, UsageError
from release.records.files.discover import list_kept_files
from release.system import files as system_files

#: Saves that follow each other within so many milliseconds are one change; a longer burst is cut.
_QUIET, _BURST = 10, 250

#: A folder may be filled before the system watches it: so many seconds later it is looked at once more.
_LATER = 0.3

#: How often is looked whether a folder that is watched is still the same one, in seconds.
_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class Places:
    """The folders to watch: those whose files alone count, and those with all that is below them."""

    flat: frozenset[str]
    deep: frozenset[str]


def find_places(file: Path, descriptor: Descriptor | None, options: Options | None) -> Places:
    """Return the folders to watch for a descriptor's file and, if it is known what it says, its records.

    Of a pattern the first folder is watched with all below it, so that what is in there may be replaced as a
    whole, as `git checkout` does.

    Raises:
        UsageError: Records are behind a URL.
    """
    root = os.path.abspath(file.parent)  # noqa: PTH100 — a text; links are kept
    flat, deep = {root}, set[str]()
    if descriptor is None:
        return Places(frozenset(flat), frozenset())
    flat |= {os.path.dirname(f"{root}/{path}") for path in list_kept_files(descriptor)}  # noqa: PTH120
    elsewhere = (options.elsewhere if options is not None else None) or {}
    for kind in descriptor.kinds:
        pattern = elsewhere.get(kind.name, kind.pattern)
        if system_files.is_url(pattern.template):
            raise UsageError("--watch: records behind a URL cannot be watched")
        above = os.getcwd() if kind.name in elsewhere else root  # noqa: PTH109 — a text
        folder = os.path.normpath(f"{above}/{pattern.folder}") if pattern.folder else above
        if folder.startswith(f"{root}/"):
            folder = f"{root}/{folder[len(root) + 1 :].partition('/')[0]}"
        deep.add(folder)
    return Places(frozenset(flat), frozenset(deep))


class Watcher(AbstractContextManager["Watcher"]):
    """A watcher of some folders. Those that are missing are watched as soon as they are there."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._queue: SimpleQueue[set[str] | BaseException] = SimpleQueue()
        self._stop = Event()
        self._identity = _identify(places)
        self._watch(sorted(filter(os.path.isdir, places.flat)), recursive=False)
        self._watch(sorted(filter(os.path.isdir, places.deep)), recursive=True)

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def wait(self) -> bool:
        """Wait until something changed; return False if the folders have to be watched anew.

        Raises:
            ReleaseError: The system watches no more.
        """
        while True:
            try:
                paths = self._queue.get(timeout=_AGAIN)
            except Empty:
                paths = set()
            if isinstance(paths, BaseException):
                message = f"--watch: the system watches no more: {paths}"
                raise ReleaseError(message) from paths
            if _identify(self.places) != self._identity:
                return False
            if paths:
                return True

    def is_quiet(self) -> bool:
        """Wait a little; return False as soon as something changed."""
        try:
            self._queue.put(self._queue.get(timeout=_LATER))
        except Empty:
            return True
        return False

    def _watch(self, folders: Sequence[str], *, recursive: bool) -> None:
        if folders:
            work = Thread(target=self._run, args=(folders, recursive), daemon=True)
            work.start()

    def _run(self, folders: Sequence[str], recursive: bool) -> None:
        from watchfiles import watch

        try:
            for changes in watch(
                *folders,
                watch_filter=None,
                debounce=_BURST,
                step=_QUIET,
                stop_event=self._stop,
                rust_timeout=1_000,
                raise_interrupt=False,
                recursive=recursive,
            ):
                self._queue.put({path for _, path in changes})
        except Exception as error:  # noqa: BLE001 — the thread that waits raises it
            self._queue.put(error)


def _identify(places: Places) -> dict[str, tuple[int, int] | None]:
    """Return what tells each folder apart from another one at its path, None where there is none."""
    found: dict[str, tuple[int, int] | None] = {}
    for path in sorted(places.flat | places.deep):
        try:
            status = os.stat(path)  # noqa: PTH116 — a text
        except OSError:
            found[path] = None
        else:
            found[path] = status.st_dev, status.st_ino
    return found


def require() -> None:
    """Refuse to watch without the library that does it.

    Raises:
        UsageError: It is not installed.
    """
    try:
        import watchfiles  # noqa: F401
    except ImportError as error:
        message = "needs watchfiles, which is not installed: pip install 'records-release[watch]'"
        raise UsageError(f"--watch {message}") from error

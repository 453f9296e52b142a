"""Output: results for people and for programs, colours, and progress on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from release.syntax.escapes import escape_log
from release.system import files

if TYPE_CHECKING:
    from release.build.inputs import Progress as Report
    from release.findings.finding import Finding
    from release.findings.rules import Severity

DONE, FOUND, UNUSABLE, INTERRUPTED = 0, 1, 2, 130

Colour = Literal["red", "green", "yellow", "blue"]

#: The number of lines that are printed with one write.
_LINES_PER_WRITE = 1000

#: The note of an exception that ended a command which is known to have published nothing.
NOTHING_PUBLISHED = "nothing was published"


@contextmanager
def unpublished(store: Path) -> Iterator[None]:
    """Add the note NOTHING_PUBLISHED to an exception if the versions of the store are the same as before."""
    before = _state(store)
    try:
        yield
    except BaseException as error:
        if _state(store) == before:
            error.add_note(NOTHING_PUBLISHED)
        raise


def _state(store: Path) -> object:
    """Return a value that changes with the folders of versions in a store, or with its index."""
    try:
        with os.scandir(store) as found:
            folders = {each.name: each.inode() for each in found if each.is_dir()}
    except OSError as error:
        return error.errno
    shown = {name: number for name, number in folders.items() if not name.startswith(".")}
    try:
        return shown, files.read(store / "versions.json")
    except OSError as error:
        return shown, error.errno


def say(text: str) -> None:
    """Print lines for people on stdout; what a terminal or CI job would obey in them is shown, not obeyed."""
    print(escape_log(text, is_coloured=is_colourful()))


def say_of_diff(line: str) -> None:
    """Print a line of a diff as `say` does; a carriage return at its end is one of the file."""
    end = "\r\n" if line.endswith("\r") else "\n"
    print(escape_log(line.removesuffix("\r"), is_coloured=is_colourful()), end=end)


def warn(text: str) -> None:
    """Print lines for people on stderr, as `say` does on stdout; a stderr that fails is no matter."""
    with suppress(OSError):
        print(escape_log(text), file=sys.stderr, flush=True)


def one_line(text: str) -> str:
    """Return a text as one line: a path in it may hold line ends."""
    return text.replace("\n", "\\n")


def print_findings(findings: Iterable[Finding], *, below: str | None = None) -> None:
    """Print findings, one a line.

    Args:
        findings: The findings, in the order in which they are printed.
        below: The indentation below a heading that names the release or store; each line then begins with
            the path in there, otherwise with the file that was read.
    """
    words = severity_words()
    print_lines(
        f"{below or ''}{each.text(each.path if below else each.place, words[each.severity])}"
        for each in findings
    )


def severity_words() -> dict[str, str]:
    """Return the word for each severity, in colour if colours are shown."""
    return {severity: coloured(severity, colour) for severity, colour in COLOUR_OF_SEVERITY.items()}


def print_lines(lines: Iterator[str]) -> None:
    """Print lines as `say` does, many at once."""
    while some := list(islice(lines, _LINES_PER_WRITE)):
        say("\n".join(some))


#: The colour of the word for a severity.
COLOUR_OF_SEVERITY: Mapping[Severity, Colour] = {
    "error": "red",
    "warning": "yellow",
    "note": "blue",
}


def coloured(text: str, colour: Colour | None) -> str:
    """Return a text in a colour; as it is if there is no colour, or if colours are not shown."""
    if colour is None or not is_colourful():
        return text
    return f"\033[{_COLOURS[colour]}m{text}\033[0m"


def bold(text: str) -> str:
    """Return a text in bold type; as it is if colours are not shown."""
    return f"\033[1m{text}\033[0m" if is_colourful() else text


_COLOURS: Mapping[Colour, int] = {"red": 31, "green": 32, "yellow": 33, "blue": 34}


def is_colourful() -> bool:
    """Return whether stdout may have colours: it is a terminal that has some, and NO_COLOR is not set."""
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not is_plain


def count(number: int, noun: str) -> str:
    """Return a number with its noun, which has an `s` unless the number is 1."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


class ProgressDisplay:
    """A display of progress on a terminal; elsewhere nothing is shown."""

    def __enter__(self) -> Report:
        self._shown: Any = None
        if not sys.stderr.isatty():
            return lambda *_: None
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn

        columns = SpinnerColumn(), TextColumn("{task.description}{task.fields[left]}", markup=False)
        self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
        self._shown.start()
        self._task = self._shown.add_task("reading", total=None, left="")
        return self._show

    def _show(self, what: str, done: int = 0, total: int = 0, /) -> None:
        what = one_line(escape_log(what))
        self._shown.update(self._task, description=what, completed=done, total=total, left="")
        task = self._shown.tasks[0]
        if total and task.speed:
            left = timedelta(seconds=task.time_remaining or 0)
            text = f": {done:,} of {total:,} chunks, {task.speed:,.1f} a second, {left} left"
            self._shown.update(self._task, left=text)

    def __exit__(self, *_: object) -> None:
        if self._shown is not None:
            self._shown.stop()

"""Show the state of a dataset that is watched: one screen on a terminal, elsewhere a block of lines."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from release.cli.reports.groups import group_lines
from release.cli.terminal import coloured, count, say, severity_words
from release.findings.message import printable

if TYPE_CHECKING:
    from release.build.watch.session import State
    from release.findings.finding import Finding

#: Clears the screen and what can be scrolled back to, and goes to its first line.
_CLEAR = "\033[2J\033[3J\033[H"

#: The most findings that are named as new, and as gone.
_MOST_NAMED = 5


def show_state(state: State, summary: str, *, each: bool) -> None:
    """Show a state; `summary` sums up its outcome."""
    if sys.stdout.isatty():
        columns, rows = shutil.get_terminal_size()
        lines = list(fit(state, summary, columns, rows))
        print(_CLEAR, end="")
        say("\n".join(lines))
    elif state.outcome is None:
        say(f"release: {state.problem}\n")
    else:
        from release.cli.reports.text import print_found

        print_found(state.outcome.findings, each=each, source=False)
        say(f"{summary}{_describe_change(state)}\n")
    sys.stdout.flush()


def fit(state: State, summary: str, columns: int, rows: int) -> Iterator[str]:
    """Yield the lines of a screen of some columns and rows; the last row stays free."""
    if state.outcome is None:
        lines = state.problem.splitlines()
        yield coloured("cannot be checked:", "red")
        yield from (_cut(printable(line), columns) for line in lines[: rows - 4])
        yield ""
        yield _ending(state, "")
        return
    words = severity_words()
    changed = [
        *_name_some(state.new, "+", columns),
        *_name_some(state.gone, "-", columns),
    ]
    room = max(rows - len(changed) - 4, 1)
    found = list(group_lines(state.findings, words))
    yield from (_cut(line, columns) for line in found[:room])
    if len(found) > room:
        yield f"… and {len(found) - room:,} more lines: release check shows all"
    yield ""
    yield from changed
    yield _ending(state, summary)


def _name_some(findings: Sequence[Finding], sign: str, columns: int) -> Iterator[str]:
    """Yield a line for each of the first findings that are new or gone."""
    colour = "red" if sign == "+" else "green"
    for each in findings[:_MOST_NAMED]:
        yield coloured(_cut(f"{sign} {each}", columns), colour)  # type: ignore[arg-type]
    if len(findings) > _MOST_NAMED:
        yield f"{sign} … {len(findings) - _MOST_NAMED:,} more"


def _ending(state: State, summary: str) -> str:
    """Return the last line: counts, what changed, and the time that the check took."""
    summary = f"{summary}{_describe_change(state)}, " if summary else ""
    return f"{summary}{state.seconds:.2f} s; watching, Ctrl-C ends"


def _describe_change(state: State) -> str:
    """Return how many findings are new and gone."""
    if not (state.new or state.gone):
        return ""
    return f" ({count(len(state.new), 'new finding')}, {len(state.gone)} gone)"


def _cut(line: str, columns: int) -> str:
    """Return a line that takes one row of a terminal; colours take no room."""
    room, at = columns - 1, 0
    for at, sign in enumerate(line):
        if sign == "\033":
            room += 5 if line.startswith("\033[0m", at) else 6
        if at >= room:
            return f"{line[:at]}…\033[0m" if "\033" in line[:at] else f"{line[:at]}…"
    return line

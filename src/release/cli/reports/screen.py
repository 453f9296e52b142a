"""Show the state of a dataset that is watched: one screen on a terminal, elsewhere a block of lines."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from release.cli.reports.excerpts import count_cells
from release.cli.reports.groups import group_lines
from release.cli.terminal import coloured, count, say, severity_words
from release.findings.message import printable

if TYPE_CHECKING:
    from release.build.watch.session import State
    from release.cli.terminal import Colour
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
        yield from (_cut(printable(line), columns) for line in lines[: max(rows - 4, 1)])
        yield ""
        yield _cut(_ending(state, ""), columns)
        return
    most = min(_MOST_NAMED, max((rows - 8) // 3, 0))
    changed = [
        *_name_some(state.new, "+", columns, most),
        *_name_some(state.gone, "-", columns, most),
    ]
    words = severity_words()
    found = [  # the worst come first: not all may fit
        line
        for severity in words
        for line in group_lines((f for f in state.findings if f.severity == severity), words)
    ]
    # a line each for what is left out, for the counts and for the cursor
    room = rows - len(changed) - 3
    if len(found) > room:
        yield from (_cut(line, columns) for line in found[: room - 1])
        left = len(found) - room + 1
        yield _cut(f"… and {left:,} more lines, which release check shows", columns)
    else:
        yield from (_cut(line, columns) for line in found)
    yield ""
    yield from changed
    yield _cut(_ending(state, summary), columns)


def _name_some(findings: Sequence[Finding], sign: str, columns: int, most: int) -> Iterator[str]:
    """Yield a line for each of the first findings that are new or gone."""
    colour: Colour = "red" if sign == "+" else "green"
    for each in findings[:most]:
        yield coloured(_cut(f"{sign} {each}", columns), colour)
    if most and len(findings) > most:
        yield f"{sign} … and {len(findings) - most:,} more"


def _ending(state: State, summary: str) -> str:
    """Return the last line: counts, what changed, and the time that the check took."""
    summary = f"{summary}{_describe_change(state)}, " if summary else ""
    return f"{summary}{state.seconds:.2f} s; watching, Ctrl-C ends"


def _describe_change(state: State) -> str:
    """Return how many findings are new and gone."""
    if not (state.new or state.gone):
        return ""
    return f" ({count(len(state.new), 'new finding')}, {len(state.gone)} gone)"


#: A colour, which takes no room, or one sign.
_SIGN = re.compile(r"\033\[[0-9]*m|.", re.DOTALL)


def _cut(line: str, columns: int) -> str:
    """Return a line that takes one row of a terminal; signs of East Asia take the room of two."""
    taken, kept = 0, 0
    for match in _SIGN.finditer(line):
        if not match[0].startswith("\033"):
            taken += count_cells(match[0])
        if taken > columns:
            return f"{line[:kept]}…" + ("\033[0m" if "\033" in line[:kept] else "")
        if taken < columns:  # else the sign that says so would have no room
            kept = match.end()
    return line

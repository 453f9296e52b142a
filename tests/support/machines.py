"""What the machines obey that people read a command's output through: terminals and the logs of CI jobs."""

from __future__ import annotations

import re

#: Texts that one of them would obey, or show as something else than they are.
TRICKS = (
    "::error title=x::y",
    " \t::warning::x",
    "\u3000::add-mask::x",
    "\ufeff::stop-commands::x",
    "a\n::error::b",
    "a\r::error::b",
    "a\x85::error::b",
    "##[error]x",
    "a ###[add-path]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStatus status='x']",
    "\x1b[2J",
    "\x1b]0;x\x07",
    "\x9b31m",
    "\x08\x08x",
    "\u202egnp.x",
    "\u2066x",
    "\u2028::error::x",
    "a\x00b",
)


def obeyed(text: str) -> list[str]:
    """The lines of an output that a machine would obey.

    A job's log ends its lines at CR, too, and drops white space before `::`; `##[` may stand anywhere. See
    `ActionCommand.cs` in actions/runner, and the agents of Azure and TeamCity.
    """
    found = []
    for line in re.split(r"\r\n|\n|\r", text):
        begin = line.lstrip().lstrip("\ufeff\u200b").lstrip()
        if begin.startswith("::") or re.search(r"##[A-Za-z]*\[", line) or _CONTROL.search(line):
            found.append(line)
    return found


_CONTROL = re.compile(
    r"[^\x09\x20-\x7e\xa0-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\U0010ffff]"
)

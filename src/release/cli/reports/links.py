"""Make the names of files links that a terminal opens (OSC 8).

See https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda for the sequence, and for what a
terminal without it shows.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

#: Values of TERM_PROGRAM, and beginnings of TERM, of terminals that open such links. Editors are not among
#: them: they make links of `file:line:column` by themselves, which also lead to the line.
_PROGRAMS = ("iTerm.app", "WezTerm", "Hyper", "ghostty", "rio", "Tabby", "WarpTerminal")
_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour")

#: Variables that such terminals set.
_VARIABLES = ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID")

#: Where a program stands between the terminal and this one that may not pass links on, or show colours.
_BETWEEN = ("CI", "NO_COLOR", "STY")

#: The first version of VTE (GNOME Terminal and others) that opens links without a fault, 0.52.
_VTE = 5200


def opens_links(environment: Mapping[str, str]) -> bool:
    """Return whether the terminal of an environment is known to open links."""
    if environment.get("FORCE_HYPERLINK"):
        return environment["FORCE_HYPERLINK"] != "0"
    term = environment.get("TERM", "")
    if term in ("", "dumb") or any(environment.get(name) for name in _BETWEEN):
        return False
    if environment.get("TMUX") or term.startswith(("tmux", "screen")):
        return False
    vte = environment.get("VTE_VERSION", "")
    return (
        (vte.isdecimal() and int(vte) >= _VTE)
        or environment.get("TERM_PROGRAM") in _PROGRAMS
        or term.startswith(_TERMS)
        or any(environment.get(name) for name in _VARIABLES)
    )


def make_linker() -> Callable[[str, str], str]:
    """Return a function of a file and a text: it returns the text, as a link where terminals open links."""
    if not opens_links(os.environ):
        return lambda _, text: text
    # with the host, links of a session on another machine lead nowhere, instead of elsewhere
    host = socket.gethostname()
    return lambda file, text: f"\033]8;;{_url(host, file)}\033\\{text}\033]8;;\033\\"


def _url(host: str, file: str) -> str:
    """Return the URL of a file; one that is a URL already, but for signs that a terminal would obey."""
    if "://" in file:
        return quote(file, safe=":/?#[]@!$&'()*+,;=%")
    path = quote(
        os.fsencode(Path(file).absolute()).decode("utf-8", "surrogateescape"),
        errors="surrogateescape",
    )
    return f"file://{host}{path}"

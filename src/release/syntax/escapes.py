"""Write text so that the place it goes to shows it, and takes no part of it for a command or markup.

Text of a dataset, a path, another's release or a URL reaches people through terminals, the logs of CI, pages
and JSON. Each of them obeys other characters. `syntax.markdown` has what Markdown needs.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from release.findings.message import printable

if TYPE_CHECKING:
    from markupsafe import Markup

# Patterns that few texts need are texts themselves: they are compiled when they are used.

#: Control characters of ASCII and Latin-1 but tab and line feed. The list is fixed: what Python calls
#: printable depends on its version of Unicode, and these escapes also stand in files of a release.
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f"

#: Further line ends of Unicode, characters that change the direction of text, and halves of surrogate pairs.
_UNSEEN = r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"

#: What HTML and Markdown have no way to write, or UTF-8 has not.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_OBEYED = re.compile(f"[{_CONTROL}{_UNSEEN}]")

#: `##[error]` of GitHub and Azure, `##vso[…]` of Azure, `##teamcity[…]`, which stand anywhere in a line. See
#: `ActionCommand.cs` in actions/runner.
_MARKED_COMMAND = r"(?<=#)#(?=[A-Za-z]*\[)"

#: `::error title=…::…`, which begins a line, behind what .NET or a terminal takes for nothing.
_COMMAND = r"(?m)^((?:[^\S\n]|[\u200b\ufeff])*):(?=:)"

#: The colours of `cli.terminal`.
_COLOUR = r"\x1b\[(?:0|1|31|32|33|34)m"


def escape_log(text: str, *, is_coloured: bool = False) -> str:
    r"""Return lines as a terminal or the log of a CI job shows them.

    A control character, one that changes the direction of text, or the beginning of a workflow command
    becomes an escape such as `\u001b`. Tabs and line feeds stay, and so do colours if `is_coloured`. What has
    no such character is returned as it is, so the function may be applied twice.
    """
    if is_coloured and re.search(_COLOUR, text):
        parts = zip(re.split(_COLOUR, text), [*re.findall(_COLOUR, text), ""], strict=True)
        return "".join(escape_log(part) + colour for part, colour in parts)
    text = escape_obeyed(text)
    if "##" in text:
        text = re.sub(_MARKED_COMMAND, r"\\u0023", text)
    return re.sub(_COMMAND, r"\1\\u003a", text) if "::" in text else text


def escape_each(text: str) -> list[str]:
    """Return each character of a line as a terminal or the log of a CI job shows it; tabs stay."""
    commands = {match.start() for match in re.finditer(_MARKED_COMMAND, text)}
    return [
        "\\u0023" if at in commands else sign if sign in "\t\\" else printable(sign)
        for at, sign in enumerate(text)
    ]


def is_command(text: str) -> bool:
    """Return True if a CI job would take a line of a text for a command."""
    return re.search(_ANY_COMMAND, text.replace("\r", "\n")) is not None


_ANY_COMMAND = r"(?m)##[A-Za-z]*\[|^(?:\s|[\u200b\ufeff])*::[A-Za-z-]+[^\n]*::"


def escape_obeyed(text: str) -> str:
    """Return a text in which what a terminal obeys is an escape.

    Nothing of that is printable in any version of Unicode, which Python tells in a fifth of the time.
    """
    if text.replace("\n", " ").isprintable():
        return text
    return _OBEYED.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def escape_controls(text: str) -> str:
    r"""Return a text whose control characters but tab and line ends are escapes such as `\u001b`."""
    return _UNWRITABLE.sub(_escape, text)


def escape_json(text: str) -> str:
    r"""Return JSON with the same values in which all that `escape_log` replaces is an escape of JSON.

    Such characters stand only within strings there, where `\u0023` is a way to write `#`.
    """
    text = escape_obeyed(text)
    return re.sub(_MARKED_COMMAND, r"\\u0023", text) if "##" in text else text


def dump_json(value: Any, *, indent: int | None = 2) -> str:
    """Return a value as JSON for people and programs, without a line end at its end."""
    return escape_json(json.dumps(value, ensure_ascii=False, indent=indent))


def escape_html(text: str) -> Markup:
    r"""Return a text as HTML shows it, between tags or in an attribute in quotes.

    HTML has no way to write most control characters, so they are shown as `\u001b`. A carriage return, and
    what a log would take for a command, are character references, for a page may be printed.
    """
    from markupsafe import Markup, escape

    found = str(escape(escape_controls(text)))
    for sign, reference in _REFERENCES:
        found = found.replace(sign, reference)
    return Markup(found)  # noqa: S704 - it is escaped


_REFERENCES = (("\r", "&#13;"), ("##", "#&#35;"), ("::", ":&#58;"))


def escape_script(value: Any) -> Markup:
    """Return a value as JSON for a script element, in which nothing may look like its end."""
    from markupsafe import Markup

    return Markup(dump_json(value, indent=None).replace("<", "\\u003c"))  # noqa: S704


def escape_path(path: str) -> str:
    """Return the path of a file as a relative URL."""
    from urllib.parse import quote

    return quote(path)


def escape_anchor(name: str) -> str:
    """Return a name as a part of the id of an element, and of the fragment of a URL that leads to it."""
    from urllib.parse import quote

    return quote(name, safe="")


def quote_shell(text: str) -> str:
    """Return a text as one word of a command that people copy into a shell of POSIX."""
    import shlex

    return shlex.quote(text)


def content_security(style: str, script: str = "") -> Markup:
    """Return the Content-Security-Policy of a page that has one style element, as HTML.

    A browser then runs no other script, sends no form and takes no other base for links, whatever stands in
    the page. Without a script it fetches nothing; a script may fetch from the page's own server and start
    workers that it made. The data of a script element that is no program need no permission. Source:
    https://www.w3.org/TR/CSP3/
    """
    import base64
    import hashlib

    from markupsafe import Markup

    def allow(text: str) -> str:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        return f"-src 'sha256-{digest}'"

    allowed = f"style{allow(style)}"
    if script:
        allowed = f"script{allow(script)}; {allowed}; connect-src 'self'; worker-src blob:"
    return Markup(f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'")  # noqa: S704

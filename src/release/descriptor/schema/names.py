"""Check the names of tables and fields: any text that people and tools read as it is written.

Data Package v2 takes any text. What is refused here would be read as another text, or do something: in a
spreadsheet, a shell, a browser or a file system. See docs/decisions/0040-names.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from release.descriptor.vocabulary import ADDED
from release.findings.message import shown
from release.syntax.looks.appearance import find_hidden, fold_case, name_character, shape
from release.syntax.looks.contrast import tell_apart
from release.system.filenames import naming_problem

#: Line ends and control characters, half of a surrogate pair, characters that stand for a lost one or for
#: none, and those that change the direction of text. A fixed list: what is printable depends on the version
#: of Python.
_NO_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

#: With these a spreadsheet begins a formula, and Arrow (`.`) a path in nested columns.
_FORMULA = "=+-@"

#: What shells, globs, URLs and readers of tables take for something else in the path of a file.
_OF_SHELLS = re.compile(r"[$%~\[\]{};&#=`^]")

#: The most characters of the name of a field, and bytes of that of a table: with an ending it is a file's.
_LONGEST, _LONGEST_TABLE = 200, 100

_OF_FILES = "it names files"


def find_problem(name: str) -> str:
    """Explain why a text is no name of a field; empty if it is one.

    Returns:
        What follows on `which`, such as `begins with '=', …; expected …`.
    """
    if found := _NO_TEXT.search(name):
        return f"has {name_character(found[0])}, expected text that is read as it is written"
    if name != " ".join(name.split()):
        return "has blanks at an end or side by side, expected single ones between words"
    if not name.isascii():
        for at in find_hidden(name):
            return f"has {name_character(name[at])}, which nobody sees, expected it left out"
        if (composed := unicodedata.normalize("NFC", name)) != name:
            _, other = tell_apart(name, composed)
            return f"has accents beside their letters, expected them composed: {other}"
    if name[0] in _FORMULA:
        why = "with which spreadsheets begin a formula"
        return f"begins with {name[0]!r}, {why}; expected another first character"
    if name[0] == ".":
        return "begins with a dot, expected another first character"
    if name in ADDED:
        return "is a column that the build adds, expected another name"
    if len(name) > _LONGEST:
        return f"has {len(name)} characters, expected at most {_LONGEST}"
    return ""


def find_table_problem(name: str) -> str:
    """Explain why a text is no name of a table; empty if it is one. As `find_problem`."""
    if problem := find_problem(name):
        return problem
    if "/" in name or "\\" in name:
        return f"has {'/' if '/' in name else 'a backslash'}: {_OF_FILES}, expected another sign"
    if problem := naming_problem(f"{name}.csv"):
        return f"{problem}: {_OF_FILES}"
    if found := _OF_SHELLS.search(name):
        why = "which shells and readers of tables take for a command or a pattern"
        return f"has {found[0]!r}, {why}: {_OF_FILES}, expected another sign"
    if name.endswith((".", ".csv", ".parquet")):
        ending = name[name.rindex(".") :]
        return f"ends in {ending!r}: {_OF_FILES} with endings of their own, expected none"
    if (size := len(name.encode())) > _LONGEST_TABLE:
        return f"has {size} bytes, expected at most {_LONGEST_TABLE}: {_OF_FILES}"
    return ""


def find_twins(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the position of each name that looks like an earlier one, and why it may not.

    Names that are equal are left to others. SQL takes names for one if they differ in case only.
    """
    first: dict[str, str] = {}
    for at, name in enumerate(names):
        other = first.setdefault(fold_case(shape(name)), name)
        if other == name:
            continue
        if fold_case(name) == fold_case(other):
            yield at, f"differs from {shown(other)} in case only, expected another name"
        else:
            own, twin = tell_apart(name, other)
            yield at, f"looks like another name: {own} and {twin}; expected another one"

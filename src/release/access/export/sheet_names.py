"""Names of sheets: what a spreadsheet does not take in a name is replaced, and no name stands twice."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The most characters of a name, counted as in UTF-16.
_MOST = 31

#: What no name may have, and what it may not begin or end with.
_REFUSED = re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]|^'|'$")

#: A name that Excel keeps for itself.
_KEPT = "history"


def make_names(tables: Iterable[str]) -> dict[str, str]:
    """Return the name of the sheet of each table, in order; most are that of the table."""
    found: dict[str, str] = {}
    taken = {_KEPT}
    for table in tables:
        wanted = _REFUSED.sub("_", table) or "_"
        name, number = _cut(wanted, _MOST), 1
        while name.casefold() in taken:
            number += 1
            end = f"~{number}"
            name = _cut(wanted, _MOST - len(end)) + end
        taken.add(name.casefold())
        found[table] = name
    return found


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, of so many units of UTF-16 at most."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")

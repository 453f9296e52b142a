"""Keep a page small: of a release with much to show, it leaves out one part after the other, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

#: The most bytes of a page.
MAX_BYTES = 2_000_000

#: What may be left out: the pictures of columns, the first rows, data that the script reads, what the columns
#: hold, long texts, the dictionary, and the script with all else but the names of tables.
Part = Literal["pictures", "rows", "data", "summaries", "texts", "dictionary", "search"]

#: The parts in the order in which they are left out, each with its words.
_WORDS: dict[Part, str] = {
    "pictures": "the pictures of columns",
    "rows": "the first rows of tables",
    "data": "the data of {tables} (the search reads them from a server)",
    "summaries": "what is in each column",
    "texts": "the ends of long texts",
    "dictionary": "the dictionary",
    "search": "all but the names of tables",
}
PARTS: Sequence[Part] = tuple(_WORDS)

#: The most characters of a text whose end is left out, items of a list then, and tables in the shortest page.
LONGEST, MOST_LISTED, MOST_TABLES = 200, 100, 1000


def fit(
    write: Callable[[Sequence[Part], int | None], Iterable[str]], most: int = MAX_BYTES
) -> list[str]:
    """Return a page of at most so many bytes, which leaves out no more parts than it must.

    `write` yields the page without some parts, with at most so many characters of data; None for no limit.
    """
    for step in range(len(PARTS)):
        parts = PARTS[:step]
        has_room = "data" in parts
        page = _take(write(parts, 0 if has_room else None), most)
        if page is not None and has_room:  # what is left is for data
            page = _take(write(parts, most - _size(page)), most) or page
        if page is not None:
            return page
    return list(write(PARTS, 0))


def _take(pieces: Iterable[str], most: int) -> list[str] | None:
    """Return all pieces; None if they have more bytes than that."""
    taken: list[str] = []
    left = most
    for piece in pieces:
        left -= len(piece.encode())
        if left < 0:
            return None
        taken.append(piece)
    return taken


def _size(pieces: Iterable[str]) -> int:
    return sum(len(piece.encode()) for piece in pieces)


def explain(parts: Sequence[Part], tables: int) -> str:
    """Return what a page leaves out, in a sentence, and where it is; empty if it is whole.

    `tables` is the number of tables whose data are left out.
    """
    words = [_WORDS[each] for each in parts if each != "data" or tables]
    if not words:
        return ""
    if "search" in parts:
        words = [_WORDS["search"]]
    several = f"{tables:,} table{'s' if tables != 1 else ''}"
    listed = " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
    return (
        f"To stay below 2 MB this page leaves out {listed.format(tables=several)}; "
        "the tables' files, summary.json and datapackage.json have all of it."
    )


def cut(text: str, most: int = LONGEST) -> str:
    """Return the beginning of a text, with … where it goes on."""
    return text if len(text) <= most else f"{text[: most - 1]}…"

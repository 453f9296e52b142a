"""Embed in a page what its script reads: the model of the release, its summaries, and the small tables.

The bytes of a table are those of its Parquet file, so that they can be held against it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markupsafe import Markup

from release.package.page.limit import LONGEST, Part, cut
from release.syntax.escapes import escape_anchor, escape_script

#: The most bytes of a Parquet file that is embedded, and the most characters of all of them in base64.
MAX_BYTES, MAX_CHARACTERS = 256 * 1024, 1_000_000

#: The type of the element that holds a table; its id is `data-` and the name as a part of a URL.
PARQUET = "application/vnd.apache.parquet"
_PREFIX = "data-"


@dataclass(frozen=True, slots=True)
class ScriptData:
    """The data that the script of a page reads: model, summaries as JSON, and tables in a folder.

    Of the small tables, those named in `first` are embedded before others.
    """

    model: Mapping[str, Any]
    summary: bytes
    folder: Path
    first: Sequence[str] = ()

    def elements(
        self, left_out: Collection[Part] = (), room: int | None = None
    ) -> Iterator[Markup]:
        """Yield the elements that hold model, summaries and tables, these in the order of the model.

        They are without what the page leaves out, and of the tables those for which there is room.
        """
        yield _element("application/json", "release", escape_script(_shorten(self.model, left_out)))
        summary = escape_script(_reduce(json.loads(self.summary), left_out))
        yield _element("application/json", "summary", summary)
        chosen = set(self.choose(room))
        for table in self.model["tables"]:
            if table["name"] in chosen:
                data = (self.folder / table["parquet"][0]).read_bytes()
                yield _embed(table["name"], data)

    def choose(self, room: int | None = None) -> Iterator[str]:
        """Yield the names of the embedded tables, whose elements have at most so many characters."""
        if room is None:
            return choose_tables(self.model, self.first)
        around = sum(len(_embed(each["name"], b"")) for each in self.model["tables"])
        return choose_tables(self.model, self.first, min(room - around, MAX_CHARACTERS))


def _shorten(model: Mapping[str, Any], left_out: Collection[Part]) -> Mapping[str, Any]:
    """Return the model of a page that leaves out long texts."""
    if "texts" not in left_out:
        return model
    tables = [
        each
        | {"title": cut(each["title"], LONGEST), "description": cut(each["description"], LONGEST)}
        | {"columns": [_shorten_column(column) for column in each["columns"]]}
        for each in model["tables"]
    ]
    texts = {name: cut(model[name], LONGEST) for name in ("title", "description", "citation")}
    return {**model, **texts, "tables": tables}


def _shorten_column(column: Mapping[str, Any]) -> dict[str, Any]:
    """Return a column of the model with short texts, and without what is only read in the dictionary."""
    texts = {name: cut(column[name], LONGEST) for name in ("title", "description")}
    return {**column, **texts, "constraints": {}, "categories": None, "source": []}


def _reduce(summary: dict[str, Any], left_out: Collection[Part]) -> dict[str, Any]:
    """Return what is embedded of the summaries: without what is drawn only, or little more than counts."""
    gone = ["histogram", "periods"] if "pictures" in left_out else []
    gone += ["quartiles", "values"] if "summaries" in left_out else []
    for table in summary["tables"] if gone else ():
        for column in table["columns"]:
            for name in gone:
                column.pop(name, None)
    return summary


def _embed(table: str, data: bytes) -> Markup:
    """Return the element that holds a table."""
    name = f"{_PREFIX}{escape_anchor(table)}"
    return _element(PARQUET, name, Markup(base64.b64encode(data).decode()))  # noqa: S704


def _element(kind: str, name: str, text: Markup) -> Markup:
    """Return a script element that is no program."""
    return Markup('<script type="{}" id="{}">{}</script>').format(kind, name, text)


def choose_tables(
    model: Mapping[str, Any], first: Sequence[str] = (), most: int = MAX_CHARACTERS
) -> Iterator[str]:
    """Yield the names of the tables that are embedded: those of the model that are small and of one file.

    Those named in `first` come first, in that order, then the smallest, until there are `most` characters.
    """
    left = most
    ranks = {name: at for at, name in enumerate(first)}
    able = [
        each for each in model["tables"] if each["bytes"] <= MAX_BYTES and len(each["parquet"]) == 1
    ]
    for table in sorted(
        able, key=lambda each: (ranks.get(each["name"], len(ranks)), each["bytes"])
    ):
        characters = (table["bytes"] + 2) // 3 * 4
        if characters <= left:
            left -= characters
            yield str(table["name"])


@cache
def read_script() -> Markup:
    """Return the script of a page, as `make web` built it."""
    file = resources.files("release.package") / "templates/explorer.js"
    return Markup(file.read_text("utf-8"))  # noqa: S704 — it is a part of the program


def read_embedded(page: str) -> Iterator[tuple[str, bytes | None]]:
    """Yield the tables that a page embeds, as name and bytes; None where an element holds none.

    A browser takes the first of two elements with one id: both are yielded.
    """
    reader = _PageReader()
    reader.feed(page)
    reader.close()
    yield from reader.found


class _PageReader(HTMLParser):
    """A reader of the elements whose id begins with `data-`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, bytes | None]] = []
        self._texts: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        own = dict(reversed(attrs)).get("id") or ""  # the first of two attributes counts
        if own.startswith(_PREFIX):
            self.found.append((unquote(own.removeprefix(_PREFIX)), None))
            self._texts = [] if tag == "script" else None

    def handle_data(self, data: str) -> None:
        """Take a part of a text."""
        if self._texts is not None:
            self._texts.append(data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 — as HTMLParser has it
        """End an element; nothing else stands in a script."""
        if self._texts is not None:
            with suppress(ValueError):
                data = base64.b64decode("".join(self._texts), validate=True)
                self.found[-1] = self.found[-1][0], data
            self._texts = None

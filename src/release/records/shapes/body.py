"""Parts of a Markdown body: its first heading, links, sections and tables, each with its location.

The body is read as CommonMark with tables, and with the links of note collections: `[[id]]`, `[[id|text]]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, autolink, image, link
from markdown_it.token import Token

from release.syntax.paths import KeyPath
from release.syntax.text import Location, Locations, nearest_located

_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")

_Rule = Callable[[StateInline, bool], bool]


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of a body, by the names that paths have for them, and their locations in it.

    `$heading` is a text or None; `$links` has mappings of `url`, `text` and `kind` (link, image, wiki);
    `$sections` of `heading`, `level` and `text`; `$tables` has a list of rows for each table, which are
    mappings of its cells by the header of the column.
    """

    values: dict[str, Any]
    locations: Locations


@lru_cache(maxsize=512)
def read_body(body: str) -> Body:
    """Read the parts of a body."""
    reader = _BodyReader(body)
    reader.read()
    return Body(reader.values, reader.locations)


def locate_in_body(body: str, key_path: KeyPath) -> tuple[int, int]:
    """Return line and column, from 0, of the part of a body at a key path, or of the nearest around it."""
    locations = read_body(body).locations
    found = locations.get(nearest_located(locations, key_path))
    return (found.line, found.column) if found is not None else (0, 0)


@cache
def _parser() -> MarkdownIt:
    """Return a parser that changes no address, and notes the position of each link in its text."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.validateLink = _accept  # type: ignore[method-assign, assignment]
    parser.normalizeLink = _keep  # type: ignore[method-assign]
    parser.inline.ruler.before("link", "wiki", _read_wiki)
    rules: list[tuple[str, _Rule]] = [("link", link), ("image", image), ("autolink", autolink)]
    for name, rule in rules:
        parser.inline.ruler.at(name, _noting(rule))
    return parser


def _accept(_url: str) -> bool:
    """Accept any address: it is data here, and nothing follows it."""
    return True


def _keep(url: str) -> str:
    """Return an address as its author wrote it."""
    return url


def _noting(rule: _Rule) -> _Rule:
    """Return a rule of the parser that notes where in the text its link begins and ends."""

    def run(state: StateInline, silent: bool) -> bool:
        at, before = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        for token in state.tokens[before:]:
            if not silent and token.type in ("link_open", "image"):
                token.meta.update(at=at, end=state.pos)
                break
        return True

    return run


def _read_wiki(state: StateInline, silent: bool) -> bool:
    """Read a link of a note collection, as a rule of the parser."""
    found = _WIKI.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("wiki", "", 0)
        token.content = (found[2] or found[1]).strip()
        token.meta = {"at": state.pos, "end": found.end(), "url": found[1].strip()}
    state.pos = found.end()
    return True


class _BodyReader:
    """A reader of one body, which collects its parts and their locations."""

    def __init__(self, body: str) -> None:
        self.lines = body.split("\n")
        self.tokens = _parser().parse(body)
        self.values: dict[str, Any] = {
            "$heading": None,
            "$links": [],
            "$sections": [],
            "$tables": [],
        }
        self.locations: Locations = {}
        self._cells: dict[int, tuple[int, int]] = {}

    def read(self) -> None:
        """Read all parts."""
        headings: list[tuple[Token, Token]] = []
        for at, token in enumerate(self.tokens):
            if token.type == "inline":
                self._read_links(token)
            elif token.type == "heading_open":
                inline = self.tokens[at + 1]
                if self.values["$heading"] is None and (text := _plain(inline)):
                    self.values["$heading"] = text
                    self._note(("$heading",), *self._place(inline, 0))
                if token.level == 0:
                    headings.append((token, inline))
            elif token.type == "table_open":
                self._read_table(at)
        self._read_sections(headings)

    def _note(self, key_path: KeyPath, line: int, column: int) -> None:
        self.locations[key_path] = Location(line, column, line, column)

    def _place(self, inline: Token, at: int) -> tuple[int, int]:
        """Return line and column, from 0, of a position in the text of an inline token."""
        if (cell := self._cells.get(id(inline))) is not None:
            return cell[0], cell[1] + at
        line = (inline.map or [0])[0] + inline.content.count("\n", 0, at)
        start = inline.content.rfind("\n", 0, at) + 1
        own = inline.content[start:].partition("\n")[0]
        # only marks of lists and quotes stand before a text, and they may look like it
        found = self.lines[line].rfind(own.strip())
        lead = len(own) - len(own.lstrip())
        return line, max(found, 0) + max(at - start - lead, 0)

    def _read_links(self, inline: Token) -> None:
        children = inline.children or []
        for position, token in enumerate(children):
            if token.type == "link_open":
                url, text = str(token.attrs.get("href", "")), _text_of_link(children, position)
                kind = "link"
            elif token.type == "image":
                url, text, kind = str(token.attrs.get("src", "")), token.content, "image"
            elif token.type == "wiki":
                url, text, kind = token.meta["url"], token.content, "wiki"
            else:
                continue
            number = len(self.values["$links"])
            self.values["$links"].append({"url": url, "text": text, "kind": kind})
            begin = token.meta.get("at", 0)
            written = inline.content[begin : token.meta.get("end", begin)]
            for below, at in _find_in_link(written, url, text):
                self._note(("$links", number, *below), *self._place(inline, begin + at))

    def _read_table(self, at: int) -> None:
        """Read the table whose first token stands at a position."""
        number = len(self.values["$tables"])
        rows: list[dict[str, str]] = []
        self.values["$tables"].append(rows)
        names: list[str] = []
        self._place_cells(at)
        self._note(("$tables", number), (self.tokens[at].map or [0])[0], 0)
        for where in range(at, len(self.tokens)):
            token = self.tokens[where]
            if token.type == "table_close":
                return
            if token.type == "th_open":
                names.append(_unique(_plain(self.tokens[where + 1]), names))
            elif token.type == "tr_open" and names:
                rows.append({})
                self._note(("$tables", number, len(rows) - 1), (token.map or [0])[0], 0)
            elif token.type == "td_open":
                inline = self.tokens[where + 1]
                name = names[len(rows[-1])]
                rows[-1][name] = _plain(inline)
                self._note(("$tables", number, len(rows) - 1, name), *self._place(inline, 0))

    def _place_cells(self, at: int) -> None:
        """Find the locations of the cells of a table, one after the other on each line."""
        ends: dict[int, int] = {}
        for where in range(at, len(self.tokens)):
            token = self.tokens[where]
            if token.type == "table_close":
                return
            if token.type in ("th_open", "td_open"):
                inline = self.tokens[where + 1]
                line = (inline.map or [0])[0]
                begin = ends.get(line, 0)
                written = inline.content.replace("|", "\\|")  # a bar would end the cell
                found = self.lines[line].find(written, begin)
                column = found if found >= 0 else begin
                self._cells[id(inline)] = line, column
                ends[line] = column + len(written)

    def _read_sections(self, headings: Sequence[tuple[Token, Token]]) -> None:
        """Read the text before the first heading, if there is any, and that below each heading."""
        starts = [(token.map or [0, 0])[0] for token, _ in headings]
        ends = [*starts, len(self.lines)]
        if "\n".join(self.lines[: ends[0]]).strip():
            self._add_section(None, 0, (0, 0), range(ends[0]))
        for (token, inline), end in zip(headings, ends[1:], strict=True):
            below = range((token.map or [0, 0])[1], end)
            place = self._place(inline, 0)
            self._add_section(_plain(inline), int(token.tag[1:]), place, below)

    def _add_section(
        self, heading: str | None, level: int, place: tuple[int, int], lines: range
    ) -> None:
        number = len(self.values["$sections"])
        filled = [at for at in lines if self.lines[at].strip()]
        text = "\n".join(self.lines[filled[0] : filled[-1] + 1]) if filled else ""
        self.values["$sections"].append({"heading": heading, "level": level, "text": text})
        for below in ((), ("heading",), ("level",)):
            self._note(("$sections", number, *below), *place)
        self._note(("$sections", number, "text"), *((filled[0], 0) if filled else place))


def _find_in_link(written: str, url: str, text: str) -> Iterator[tuple[KeyPath, int]]:
    """Find where in a link its parts are written: key path and position.

    What is not written in it as it is, such as the address of a reference, is where the link begins.
    """
    yield from (((), 0), (("kind",), 0))
    begin = written.find("|") + 1 if written.startswith("[[") else 0
    found = written.find(text, begin) if text else -1
    yield ("text",), max(found, 0)
    ends = [match.end() for match in re.finditer(r"\]\(\s*<?|\A(?:\[\[\s*|<)", written)]
    found = next((end for end in reversed(ends) if url and written.startswith(url, end)), 0)
    yield ("url",), found


def _plain(inline: Token) -> str:
    """Return the text of an inline token without its marks."""
    return "".join(map(_text_of, inline.children or [])).strip()


def _text_of(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content if token.type in ("text", "code_inline", "image", "wiki") else ""


def _text_of_link(children: Sequence[Token], at: int) -> str:
    """Return the text of the link that is opened at a position."""
    found = []
    for token in children[at + 1 :]:
        if token.type == "link_close":
            break
        found.append(_text_of(token))
    return "".join(found)


def _unique(name: str, names: Sequence[str]) -> str:
    """Return a name for a column, with its position if it has none or another one has it."""
    return name if name and name not in names else f"{name} {len(names) + 1}".strip()

"""Hold the built site against what it promises: no dead link, nothing fetched from elsewhere.

python -m website.check .docs/site
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]

#: Attributes that a browser follows without being asked, by element; `a` it follows only when clicked.
_FETCHED = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "img": ("src", "srcset"),
    "input": ("src",),
    "link": ("href",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "video": ("src", "poster"),
}
#: Addresses in the theme's scripts, and the element without which no page asks for them.
_ASKED_FOR_BY = {
    "unpkg.com": r'class="[^"]*\bmermaid\b',
    "api.github.com": 'data-md-component="source"',
    "gitlab.com": 'data-md-component="source"',
}


@dataclass
class _Page(HTMLParser):
    """Links, fetched addresses, ids and the structure of one page."""

    path: Path
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self.text = self.path.read_text("utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") in ("prev", "next", "alternate", "canonical"):
            self.links.append(given["href"])
        else:
            self.fetched.extend(given[name] for name in _FETCHED.get(tag, ()) if name in given)


def faults(site: Path) -> Iterator[str]:
    """Yield what is wrong with the site, a line each."""
    pages = {path.resolve(): _Page(path) for path in sorted(site.rglob("*.html"))}
    for page in pages.values():
        name = page.path.relative_to(site)
        for address in page.fetched:
            if _is_outside(address):
                yield f"{name}: is fetched from elsewhere: {address}"
            elif address and not _file(address, page, site).exists():
                yield f"{name}: is not there: {address}"
        for link in page.links:
            yield from (f"{name}: {fault}" for fault in _link_faults(link, page, pages, site))
        yield from (f"{name}: {fault}" for fault in _asked(page))
    for style in site.rglob("*.css"):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)", style.read_text("utf-8")):
            if _is_outside(address):
                yield f"{style.relative_to(site)}: is fetched from elsewhere: {address}"
    yield from _unlike(pages, site)


def _is_outside(address: str) -> bool:
    return bool(urlsplit(address).netloc) or address.startswith("//")


def _file(address: str, page: _Page, site: Path) -> Path:
    """Return the file of an address; that of the page 404 begins at the root of a server."""
    path = unquote(urlsplit(address).path)
    if not path:
        return page.path
    target = site / path.lstrip("/") if path.startswith("/") else page.path.parent / path
    return target / "index.html" if target.is_dir() else target


def _link_faults(link: str, page: _Page, pages: dict[Path, _Page], site: Path) -> Iterator[str]:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return
    target = _file(link, page, site)
    if not target.exists():
        yield f"a link leads nowhere: {link}"
    elif parts.fragment and unquote(parts.fragment) not in pages[target.resolve()].ids:
        yield f"a link leads to no heading: {link}"


def _asked(page: _Page) -> Iterator[str]:
    for host, element in _ASKED_FOR_BY.items():
        if re.search(element, page.text):
            yield f"makes a script fetch something from {host}"


def _unlike(pages: dict[Path, _Page], site: Path) -> Iterator[str]:
    """Compare each page with its Markdown as GitHub reads it: lists, tables, headings and blocks of code."""
    markdown = MarkdownIt("commonmark").enable("table")
    for source in sorted((ROOT / "docs").rglob("*.md")):
        name = source.relative_to(ROOT / "docs")
        shown = name.with_name("index.md" if name.name == "README.md" else name.name)
        page = pages[(site / shown.with_suffix(".html")).resolve()]
        body = re.search(r"<article\b.*?</article>", page.text, re.DOTALL)
        assert body is not None, name
        there, here = _shape(markdown.render(source.read_text("utf-8"))), _shape(body[0])
        for tag, count in there.items():
            if count != here[tag]:
                yield f"{name}: has {count} of {tag} on GitHub, and {here[tag]} here"


def _shape(html: str) -> dict[str, int]:
    """Count the elements that readers tell a page's structure by; a list in a list is one of its own."""
    depth, nested = 0, 0
    for closing in re.findall(r"<(/?)(?:ul|ol)\b(?! class=\"md)", html):
        depth += -1 if closing else 1
        nested += not closing and depth > 1
    tags = "h1", "h2", "h3", "li", "table", "tr", "pre"
    counts = {tag: len(re.findall(rf"<{tag}\b", html)) for tag in tags}
    return counts | {"lists in lists": nested}


if __name__ == "__main__":
    found = list(faults(Path(sys.argv[1])))
    print("\n".join(found) or "every link leads somewhere, and nothing is fetched from elsewhere")
    sys.exit(bool(found))

"""Pages for people, as a test reads them."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser


def is_guarded(text: str) -> bool:
    """Whether a page's Content-Security-Policy allows its one style element, its one script and nothing else.

    The hash of CSP is that of the text between the tags, byte for byte (CSP 3, 6.7.3.3).
    """
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(styles) == text.count("<style") == 1
    page = Page(text)
    assert page.styled == []
    allowed = f"style-src {_digest(styles[0])}"
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) <= 1
    for script in scripts:
        allowed = f"script-src {_digest(script)}; {allowed}; connect-src 'self'; worker-src blob:"
    return page.allowed == [f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"]


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


#: The types of script elements that are no programs, but for the description in schema.org's words.
_DATA = ("application/json", "application/vnd.apache.parquet")


class Page(HTMLParser):
    """What a page shows and leads to.

    `addresses` are those of what it would run or fetch by itself, `data` what its scripts hold that are no
    programs, `ids` the places in it that links may lead to, `allowed` what its
    Content-Security-Policy allows, `styled` the elements with a style of their own, which that forbids.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""
        self.addresses: list[str] = []
        self.data: list[str] = []
        self.ids: list[str] = []
        self.allowed: list[str] = []
        self.styled: list[str] = []
        self.elements: list[str] = []
        self._open: list[str] = []
        self._is_data = False
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element leads to or fetches."""
        held = dict(attrs)
        if tag not in ("meta", "link", "br"):
            self._open.append(tag)
        if tag == "a":
            self.links.append(held.get("href") or "")
        if held.get("http-equiv") == "Content-Security-Policy":
            assert not {"style", "script", "title"} & set(self.elements), (
                "it stands before what it is for"
            )
            self.allowed.append(held.get("content") or "")
        self.elements.append(tag)
        if "style" in held:
            self.styled.append(tag)
        if "id" in held:
            self.ids.append(held["id"] or "")
        self._is_data = tag == "script" and held == {"type": "application/ld+json"}
        for name, value in attrs:
            runs = name in ("src", "action", "srcset") or name.startswith("on")
            is_data = self._is_data or held.get("type") in _DATA
            if runs or (tag in ("script", "link", "iframe", "img") and not is_data):
                self.addresses.append(value or tag)

    def handle_endtag(self, tag: str) -> None:
        """Every element ends in its turn; between cells there is a space."""
        assert self._open.pop() == tag
        if tag in ("td", "th"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        """Keep the text that is shown."""
        if self._open[-1:] == ["script"]:
            self.data.append(data)
        elif self._open[-1:] != ["style"]:
            self.text += data

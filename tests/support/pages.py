"""Pages for people, as a test reads them."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """What a page shows and leads to.

    `addresses` are those of what it would run or fetch by itself, `data` what its scripts hold that are no
    programs, `ids` the places in it that links may lead to.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""
        self.addresses: list[str] = []
        self.data: list[str] = []
        self.ids: list[str] = []
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
        if "id" in held:
            self.ids.append(held["id"] or "")
        self._is_data = tag == "script" and held == {"type": "application/ld+json"}
        for name, value in attrs:
            runs = name in ("src", "action", "srcset") or name.startswith("on")
            if runs or (tag in ("script", "link", "iframe", "img") and not self._is_data):
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

"""Any text comes out of each place that it goes to as the text that it is, and nothing obeys it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from release.package import render
from release.syntax import escapes, markdown
from tests.support.machines import TRICKS, obeyed

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=//x.org/a.png onerror=x>",
    "![x](https://x.org/a.png)",
    "![x][r]\n\n[r]: https://x.org/a.png",
    "[x](javascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "<javascript:alert(1)>",
    "[x](data:text/html,x)",
    "[x](vbscript:x 'y')",
    "[r]: javascript:x\n\n[r]",
    "<!-- x",
    "]]>",
    "| a | b |\n|---|---|",
    "```\n",
    "~~~",
    "\n\n---\n",
    "\n===\n",
    "# x",
    "- x",
    "1. x",
    "    x",
    "> x",
    "&lt;b&gt;",
    "&nbsp;",
    "**x**",
    "*_`",
    "\\",
    "$x$",
    "~x~",
    '"x" onload="y',
    "{{ x }}{% x %}",
    '[x](https://x.org/?a=1&copy;2 "t")',
    "hard  \nbreak\\\n",
)
TEXTS = st.lists(
    st.one_of(st.sampled_from([*TRICKS, *MARKUP]), st.text(max_size=8)), max_size=6
).map("".join)

#: More than any reader of a release's Markdown may have: HTML, tables, every address.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
READER.validateLink = lambda _: True  # type: ignore[method-assign, assignment]

ALLOWED = re.compile(r"(?:https?|ftp|mailto):|[^:]*(?:[/?#]|$)", re.IGNORECASE)


def flat(tokens: Sequence[Token]) -> Iterator[Token]:
    """All tokens, those within others too."""
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def acting(text: str) -> list[str]:
    """What of a Markdown text is HTML, is fetched, or leads where no page may."""
    return [
        f"{token.type}: {token.content} {token.attrs}"
        for token in flat(READER.parse(text))
        if token.type in ("html_block", "html_inline", "image")
        or (token.type == "link_open" and not ALLOWED.match(str(token.attrs["href"])))
    ]


def shown(text: str) -> str:
    """The text that Markdown shows."""
    kinds = ("text", "code_inline", "code_block", "fence")
    parts = (
        " " if t.type == "softbreak" else t.content
        for t in flat(READER.parse(text))
        if t.type in (*kinds, "softbreak")
    )
    return "".join(parts)


class Shown(HTMLParser):
    """The texts, attributes and elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.elements, self.attributes = "", [], []
        self.feed(text)
        self.close()

    elements: list[str]
    attributes: list[tuple[str, str | None]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


@given(TEXTS)
@example("\r")
def test_no_line_of_a_log_is_obeyed(text: str) -> None:
    """A terminal or a CI job shows every line; a text without tricks is as it was."""
    printed = escapes.escape_log(text)
    assert obeyed(printed) == []
    assert escapes.escape_log(printed) == printed
    assert printed.count("\n") == text.count("\n")
    if not obeyed(text.replace("\r", "\x1b")):  # a carriage return is a trick, too
        assert printed == text


@given(TEXTS, TEXTS)
def test_colours_are_the_only_escapes_of_a_coloured_line(text: str, other: str) -> None:
    """What the program colours stays coloured; a text brings no other escape sequence."""
    line = f"{text}: \x1b[31merror\x1b[0m: {other}"
    printed = escapes.escape_log(line, is_coloured=True)
    assert "\x1b[31merror\x1b[0m" in printed
    assert obeyed(re.sub(r"\x1b\[(?:0|1|31|32|33)m", "", printed)) == []


@given(
    st.recursive(
        TEXTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2)
    )
)
def test_json_is_read_back_and_not_obeyed(value: object) -> None:
    """JSON gives the values that were written."""
    for indent in (2, None):
        written = escapes.dump_json(value, indent=indent)
        assert json.loads(written) == value
        assert obeyed(written) == []


@given(TEXTS)
def test_html_is_read_back_and_not_obeyed(text: str) -> None:
    """Between tags and in attributes a page has the text; control characters are told by their code."""
    written = str(escapes.escape_html(text))
    page = Shown(f'<p title="{written}">{written}</p>')
    assert page.elements == ["p"]
    assert page.text == page.attributes[0][1] == escapes.escape_controls(text)
    unseen = re.sub(r"[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", "", written)
    assert obeyed(unseen) == []


@given(TEXTS)
def test_data_does_not_end_its_script_element(text: str) -> None:
    """The data of a page stand in one script element."""
    page = Shown(
        f'<script type="application/ld+json">{escapes.escape_script({"a": text})}</script><p>x</p>'
    )
    assert page.elements == ["script", "p"]
    assert json.loads(page.text.removesuffix("x")) == {"a": text}


@given(TEXTS)
def test_a_word_of_a_command_is_one_word(text: str) -> None:
    """A shell reads one argument."""
    assert shlex.split(escapes.quote_shell(text)) == [text]


@given(TEXTS)
def test_plain_text_in_markdown_is_shown(text: str) -> None:
    """A text in Markdown, in a line of its own, an item or a cell, is shown and is no markup."""
    written = markdown.escape(text)
    expected = escapes.escape_controls(" ".join(text.split()))
    assert "\n" not in written
    for form in (written, f"# {written}", f"- **x**: {written}"):
        assert acting(form) == []
    assert shown(written).strip() == expected.strip()
    assert shown(f"| a | b |\n|---|---|\n| {written} | z |\n").strip() == f"ab{expected}z"
    assert (
        obeyed(re.sub(r"[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", "", f"- {written}")) == []
    )


@given(TEXTS)
def test_a_description_acts_nowhere(text: str) -> None:
    """A description in Markdown has no HTML, no image and no address of another kind, whoever reads it."""
    assert acting(markdown.rewrite_block(text)) == []
    line = markdown.rewrite_inline(text)
    assert "\n" not in line
    row = f"| a | b |\n|---|---|\n| {line} | z |\n"
    assert acting(row) == []
    assert sum(token.type == "td_open" for token in flat(READER.parse(row))) == 2


@given(TEXTS)
def test_a_description_on_a_page_acts_nowhere(text: str) -> None:
    """As HTML it has no element that runs or fetches."""
    for html in (markdown.render_block(text), markdown.render_inline(text)):
        page = Shown(str(html))
        allowed = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote"}
        assert set(page.elements) <= allowed | {"pre", "code", "em", "strong", "a", "hr", "br"}
        links = [value or "" for name, value in page.attributes if name == "href"]
        assert all(ALLOWED.match(link) for link in links)
        assert {name for name, _ in page.attributes} <= {"href", "title", "class", "start"}


def test_a_description_keeps_its_form() -> None:
    """Paragraphs, headings, lists, quotes, code, emphasis and links stay; the rest is text."""
    text = (
        '# Notes\n\nOf *all* **kinds**, see [there](https://x.org/a?b=1&c=2 "t") and `a|b`\nand <https://y.org>.\n\n'
        "- one\n  - two\n\n3. three\n4. four\n\n> said\n\n```python\nx = 1 < 2\n```\n\n---\n\n"
        "<b>bold</b> ![i](https://x.org/i.png) [x](javascript:y)\n"
    )
    assert markdown.rewrite_block(text) == (
        '# Notes\n\nOf *all* **kinds**, see [there](<https://x.org/a?b=1&amp;c=2> "t") and `a|b`\n'
        "and [https://y.org](https://y.org).\n\n"
        "- one\n  - two\n\n3. three\n4. four\n\n> said\n\n```\nx = 1 < 2\n```\n\n___\n\n"
        "\\<b\\>bold\\</b\\> \\![i](https://x.org/i.png) \\[x\\](javascript:y)"
    )


def test_a_template_of_markdown_escapes_what_stands_in_it() -> None:
    """In README.md everything is text unless the template says that it is Markdown."""
    template = render.template("README.md.j2").environment.from_string(
        "{{ a }} {{ block(a) }} {{ 1 }}"
    )
    assert template.render(a="*x* <b>") == "\\*x\\* \\<b\\> *x* \\<b\\> 1"


@given(TEXTS.filter(lambda text: "</style" not in text.lower()))
def test_the_hash_of_a_style_is_that_of_its_element(style: str) -> None:
    """The Content-Security-Policy allows the one style and nothing else."""
    allowed = str(escapes.content_security(escapes.escape_controls(style)))
    digest = hashlib.sha256(escapes.escape_controls(style).encode()).digest()
    assert allowed == (
        f"default-src 'none'; style-src 'sha256-{base64.b64encode(digest).decode()}'; "
        "base-uri 'none'; form-action 'none'"
    )

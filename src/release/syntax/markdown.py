"""Write text as Markdown, and read descriptions, which are Markdown by the standard, without what acts.

A description may have paragraphs, headings, lists, quotes, code, emphasis and links. HTML, images and
addresses other than those of `is_address` stay text. See docs/decisions/0030-text-that-a-machine-reads.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from release.syntax.escapes import escape_controls

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode
    from markupsafe import Markup

#: What Markdown would take for markup; `_` within a word is none.
_MARKUP = re.compile(r"([\\`*{}\[\]<>#|~&$]|(?<![^\W_])_|_(?![^\W_]))")

#: What is markup where a line begins: of lists, headings and tables.
_FIRST = re.compile(r"^(?:([-+](?=\s|$)|-(?=-)|:(?=-)|=(?=[=\s]*$))|(\d{1,9})([.)])(?=\s|$))")

#: What stands before the first colon of an address, where no other part of it has begun.
_SCHEME = re.compile(r"([^:/?#]*):")
_SCHEMES = frozenset({"http", "https", "ftp", "mailto"})

#: An address that needs no brackets.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9:/.?=%#~+,;@-]+")


def is_address(text: str) -> bool:
    """Return True if a link may lead to an address: http, https, ftp, mailto, or a place below this one."""
    found = _SCHEME.match(text)
    return found is None or found[1].lower() in _SCHEMES


def escape(text: str) -> str:
    """Return a text that Markdown shows unchanged, on one line."""
    line = _MARKUP.sub(r"\\\1", escape_controls(" ".join(text.split())))
    return _FIRST.sub(lambda match: rf"{match[2] or ''}\{match[1] or match[3]}", line)


def render_block(text: str) -> Markup:
    """Render a description as HTML blocks."""
    from markupsafe import Markup

    return Markup(_parser().render(escape_controls(text)))  # noqa: S704 - what it renders is escaped


def render_inline(text: str) -> Markup:
    """Render a description as HTML on one line."""
    from markupsafe import Markup

    return Markup(_parser().renderInline(escape_line(text)))  # noqa: S704 - as above


def rewrite_block(text: str) -> str:
    """Write a description as Markdown that any parser reads as `render_block` does."""
    from markdown_it.tree import SyntaxTreeNode

    source = escape_controls(text)
    written = _write_blocks(SyntaxTreeNode(_parser().parse(source)).children)
    if _rendering(written) == _rendering(source):
        return written
    # forms that only markup too intricate to be written again has; its paragraphs stay
    return "\n\n".join(map(escape, re.split(r"\n\s*\n", text.strip())))


def rewrite_inline(text: str) -> str:
    """Write a description as Markdown on one line, such as in a table."""
    from markdown_it.tree import SyntaxTreeNode

    source = escape_line(text)
    written = _write_children(SyntaxTreeNode(_parser().parseInline(source)).children[0])
    in_table = written.replace("\\|", "|").replace("|", "\\|")  # those in code, too
    return in_table if _parser().renderInline(written) == render_inline(text) else escape(text)


def _rendering(source: str) -> list[str]:
    """Return what a text is rendered as, without the languages of code and without line ends."""
    parser = _parser()
    tokens = parser.parse(source)
    for token in tokens:
        token.info = ""
    html = str(parser.renderer.render(tokens, parser.options, {}))
    return html.replace("\n</code>", "</code>").split()


def write_code(text: str) -> str:
    """Write lines as a block of code."""
    return "\n".join(f"    {line}" if line else "" for line in escape_controls(text).split("\n"))


def escape_line(text: str) -> str:
    """Return a text as one line whose control characters are escapes."""
    return escape_controls(" ".join(text.split()))


@cache
def _parser() -> MarkdownIt:
    """Return a parser of CommonMark without HTML and images: what it renders runs and fetches nothing."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    parser.validateLink = is_address  # type: ignore[method-assign, assignment]
    return parser


def _write_blocks(nodes: Sequence[SyntaxTreeNode], between: str = "\n\n") -> str:
    return between.join(map(_write_block, nodes))


def _write_block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "paragraph":
            return _write_children(node.children[0])
        case "heading":
            return f"{'#' * int(node.tag[1:])} {_write_children(node.children[0], ' ')}"
        case "blockquote":
            return _indent(_write_blocks(node.children), "> ", "> ")
        case "bullet_list" | "ordered_list":
            return _write_list(node)
        case "fence" | "code_block":
            return _write_fence(node.content)
        case "hr":
            return "___"
    raise AssertionError(f"the parser makes no {node.type}")


def _write_list(node: SyntaxTreeNode) -> str:
    """Write a list; one whose paragraphs are hidden has no empty lines between its items."""
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    is_tight = any(
        each.type == "paragraph" and each.hidden for item in node.children for each in item.children
    )
    items = []
    for item in node.children:
        mark = f"{node.markup} " if number is None else f"{number}{node.markup} "
        content = _write_blocks(item.children, "\n" if is_tight else "\n\n")
        items.append(_indent(content, mark, " " * len(mark)))
        number = None if number is None else number + 1
    return ("\n" if is_tight else "\n\n").join(items)


def _indent(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        f"{others if at else first}{line}" if line else (others if at else first).rstrip()
        for at, line in enumerate(lines)
    )


def _write_fence(content: str) -> str:
    """Write code as it is; its language, by which some readers draw maps and diagrams, is left out."""
    fence = "`" * (max(map(len, re.findall("`+", content)), default=0) + 1)
    fence = fence if len(fence) > 2 else "```"
    return f"{fence}\n{content}{'' if content.endswith(chr(10)) or not content else chr(10)}{fence}"


def _write_children(node: SyntaxTreeNode, line_end: str = "\n") -> str:
    """Write what stands in a paragraph; each of its lines begins as text."""
    written = ""
    for at, child in enumerate(node.children):
        piece = _write_inline(child, line_end)
        following = node.children[at + 1].type if at + 1 < len(node.children) else ""
        if child.type == "text" and following == "link" and piece.endswith("!"):
            piece = rf"{piece[:-1]}\!"  # else the link would be an image
        if child.type == "text" and (not written or written.endswith("\n")):
            piece = _FIRST.sub(lambda match: rf"{match[2] or ''}\{match[1] or match[3]}", piece)
        written += piece
    return written


def _write_inline(node: SyntaxTreeNode, line_end: str) -> str:
    match node.type:
        case "text":
            return _escape_text(node.content)
        case "softbreak":
            return line_end
        case "hardbreak":
            return f"\\{line_end}" if line_end == "\n" else " "
        case "code_inline":
            return write_code_span(node.content)
        case "em" | "strong":
            return f"{node.markup}{_write_children(node, line_end)}{node.markup}"
        case "link":
            return _write_link(node, line_end)
    raise AssertionError(f"the parser makes no {node.type}")


def _escape_text(text: str) -> str:
    """Escape text within a line; blanks other than U+0020 are references, for parsers drop them at ends."""
    return _OTHER_BLANK.sub(lambda match: f"&#{ord(match[0])};", _MARKUP.sub(r"\\\1", text))


_OTHER_BLANK = re.compile(r"[^\S \n]")


def write_code_span(content: str) -> str:
    """Write a text as code within a line."""
    mark = "`" * (max(map(len, re.findall("`+", content)), default=0) + 1)
    is_padded = content.strip() and {content[0], content[-1]} & {"`", " "}
    pad = " " if is_padded else ""
    return f"{mark}{pad}{content}{pad}{mark}"


def _write_link(node: SyntaxTreeNode, line_end: str) -> str:
    address = str(node.attrs.get("href", ""))
    if not _PLAIN_ADDRESS.fullmatch(address):
        address = f"<{address.replace('&', '&amp;')}>"
    if title := str(node.attrs.get("title", "")):
        shown = _escape_text(title).replace('"', '\\"')
        address += f' "{shown}"'
    return f"[{_write_children(node, line_end)}]({address})"

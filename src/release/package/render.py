"""Render the templates of pages and texts for people."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from release.package.metadata import facts
from release.syntax import markdown
from release.syntax.escapes import content_security, escape_anchor, escape_html, escape_path

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(name: str) -> Template:
    """Return a template; an undefined name is an error.

    What stands in it is escaped, as HTML or, in a template of Markdown, as Markdown on one line.
    """
    import jinja2

    is_page = name.endswith(".html.j2")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("release.package"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=is_page,  # noqa: S701 - Markdown is escaped by `finalize`
        finalize=_shown_in_page if is_page else _shown_in_markdown,
    )
    environment.globals |= (
        {
            "address": escape_path,
            "anchor": escape_anchor,
            "block": markdown.render_block,
            "inline": markdown.render_inline,
            "security": content_security,
            "share": share,
        }
        if is_page
        else {
            "block": _block,
            "inline": _inline,
            "code": _code,
            "span": _span,
            "address": _address,
            "path": escape_path,
        }
    )
    return environment.get_template(name)


class _Markdown(str):
    """A text that is Markdown already."""

    __slots__ = ()


def _shown_in_page(value: object) -> object:
    return (
        value if isinstance(value, int) or hasattr(value, "__html__") else escape_html(f"{value}")
    )


def _shown_in_markdown(value: object) -> object:
    return value if isinstance(value, (int, _Markdown)) else markdown.escape(f"{value}")


def _block(text: str) -> _Markdown:
    return _Markdown(markdown.rewrite_block(text))


def _inline(text: str) -> _Markdown:
    return _Markdown(markdown.rewrite_inline(text))


def _code(text: str) -> _Markdown:
    return _Markdown(markdown.write_code(text))


def _span(text: str) -> _Markdown:
    return _Markdown(markdown.write_code_span(markdown.escape_line(text)))


def _address(text: str) -> _Markdown:
    """Return an address as a link, if it is one that a page may lead to; any other as text."""
    is_link = facts.url(text) and _IN_BRACKETS.fullmatch(text)
    return _Markdown(f"<{text}>" if is_link else markdown.escape(text))


#: An address that Markdown takes in angle brackets.
_IN_BRACKETS = re.compile(r"[^\s<>\x00-\x20\x7f-\x9f\ud800-\udfff]+")


def size(number: int) -> str:
    """Return a number of bytes as people read it: `1.2 MB`, in powers of 1000."""
    if number < 1000:
        return f"{number} bytes"
    value = float(number)
    units = ["kB", "MB", "GB", "TB"]
    while (value := value / 1000) >= 999.5 and len(units) > 1:
        del units[0]
    return f"{value:.3g} {units[0]}"


def share(part: int, whole: int) -> str:
    """Return a part of some rows as people read it, such as `2 (0.4 %)`; never 0 or 100 % for what is not."""
    if not part:
        return "0"
    if part == whole:
        return "all"
    percent = min(max(100 * part / whole, 0.1), 99.9)
    return (
        f"{part:,} ({percent:.1f} %)"
        if percent < 1 or percent > 99
        else f"{part:,} ({percent:.0f} %)"
    )

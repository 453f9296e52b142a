"""Render the templates of pages and texts for people."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template
    from markdown_it import MarkdownIt
    from markupsafe import Markup


@cache
def template(name: str) -> Template:
    """Return a template; HTML is escaped, and an undefined name is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("release.package"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=jinja2.select_autoescape(["html.j2"]),
    )
    return environment.get_template(name)


def block(text: str) -> Markup:
    """Render a description, which is Markdown by the standard, as HTML blocks."""
    from markupsafe import Markup

    return Markup(_markdown().render(text))  # noqa: S704 - what it renders is escaped


def inline(text: str) -> Markup:
    """Render a description as HTML on one line."""
    from markupsafe import Markup

    return Markup(_markdown().renderInline(" ".join(text.split())))  # noqa: S704 - as above


@cache
def _markdown() -> MarkdownIt:
    """Return a renderer of CommonMark without HTML and images: a page runs and fetches nothing."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).disable("image")


def size(number: int) -> str:
    """Return a number of bytes as people read it: `1.2 MB`, in powers of 1000."""
    if number < 1000:
        return f"{number} bytes"
    value = float(number)
    units = ["kB", "MB", "GB", "TB"]
    while (value := value / 1000) >= 999.5 and len(units) > 1:
        del units[0]
    return f"{value:.3g} {units[0]}"

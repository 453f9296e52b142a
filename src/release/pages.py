"""The templates of the pages and texts that are written for people."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(name: str) -> Template:
    """A template; in HTML it shows texts as they are, and nowhere may it name what it is not given."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("release"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=jinja2.select_autoescape(["html.j2"]),
    )
    return environment.get_template(name)

"""Write SVG for a page: elements with escaped texts, and no style but classes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from markupsafe import Markup

from release.findings.message import printable
from release.syntax.escapes import escape_html


def element(tag: str, content: Iterable[str] | str = "", **attributes: str | float) -> Markup:
    """Return an element; `_` in the name of an attribute is `-`, and that at its end is left out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape_html(_write(value))}"'
        for name, value in attributes.items()
    )
    inner = content if isinstance(content, str) else "".join(content)
    if not inner:
        return Markup(f"<{tag}{written}/>")  # noqa: S704 - escaped above
    return Markup(f"<{tag}{written}>{inner}</{tag}>")  # noqa: S704 - content is markup


def _write(value: str | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def image(name: str, width: float, height: float, content: Iterable[str]) -> Markup:
    """Return a picture of a size in pixels, with a name that says what it shows."""
    return _drawing("img", name, width, height, content)


def group(name: str, width: float, height: float, content: Iterable[str]) -> Markup:
    """Return a picture with links in it, and a name."""
    return _drawing("group", name, width, height, content)


def _drawing(role: str, name: str, width: float, height: float, content: Iterable[str]) -> Markup:
    return element(
        "svg",
        content,
        role=role,
        aria_label=name,
        viewBox=f"0 0 {_write(width)} {_write(height)}",
        width=width,
        height=height,
    )


def text(x: float, y: float, words: str, **attributes: str) -> Markup:
    """Return a text at a point of its base line."""
    return element("text", str(escape_html(words)), x=x, y=y, **attributes)


def bars(boxes: Iterable[tuple[float, float, float, float]]) -> Markup:
    """Return boxes, each of x, y, width and height, as one path."""
    path = "".join(
        f"M{_write(float(x))} {_write(float(y))}h{_write(float(width))}v{_write(float(height))}"
        f"h{_write(float(-width))}z"
        for x, y, width, height in boxes
    )
    return element("path", d=path, class_="bar")


def columns_of(words: str) -> int:
    """Return how wide a text is about, in columns of a letter; a Chinese character takes two."""
    return sum(
        2 if unicodedata.east_asian_width(each) in "WF" else 0 if unicodedata.combining(each) else 1
        for each in words
    )


def cut(words: str, columns: int) -> str:
    """Return a text on one line, of so many columns at most, with … where it is cut.

    What nobody sees, such as a mark that turns the direction, is shown as an escape.
    """
    start = words[: 8 * columns]  # a value may be long
    line = printable(" ".join(start.split()))
    if len(start) == len(words) and columns_of(line) <= columns:
        return line
    kept = ""
    for each in line:
        if columns_of(kept) + columns_of(each) >= columns:
            break
        kept += each
    return f"{kept.rstrip()}…"

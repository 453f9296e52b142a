"""Wrap the text of pages at 120 characters; tables, headings and blocks of code stay as they are.

    python -m website.wrap docs/index.md

Nothing but line ends changes: a page that would look otherwise on GitHub is left alone.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

WIDTH = 120
_FENCE = re.compile(r" *(```|~~~)")
_ALONE = re.compile(r" *(\||#|>|<|\[[^\]]+\]:|---$)")
_ITEM = re.compile(r"( *)((?:[-*]|\d+\.) +)")


def wrapped(text: str) -> str:
    """Return a page whose lines of text have at most WIDTH characters."""
    lines: list[str] = []
    for is_text, part in paragraphs(text):
        lines.extend(_wrap(part) if is_text else part)
    return "\n".join(lines)


def paragraphs(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Yield the lines of a page in groups, and whether a group is a paragraph or an item of a list."""
    group: list[str] = []
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        is_alone = bool(fence or found or not line.strip() or _ALONE.match(line))
        if found and not fence:
            fence = found[1]
        elif found and found[1] == fence:
            fence = ""
        if group and (is_alone or _ITEM.match(line)):
            yield True, group
            group = []
        if is_alone:
            yield False, [line]
        else:
            group.append(line)
    if group:
        yield True, group


def _wrap(lines: list[str]) -> list[str]:
    if max(map(len, lines)) <= WIDTH:
        return lines
    item = _ITEM.match(lines[0])
    first = item[0] if item else re.match(" *", lines[0])[0]  # type: ignore[index]
    after = " " * len(first)
    text = " ".join([lines[0][len(first) :], *(line.strip() for line in lines[1:])])
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    )


def shown(text: str) -> str:
    """Return what GitHub makes of a page, without its line ends."""
    html = MarkdownIt("commonmark").enable("table").render(text)
    return " ".join(html.split())


def main(names: list[str]) -> int:
    """Wrap the pages that are named; return how many would look otherwise and stay as they are."""
    refused = 0
    for path in map(Path, names):
        text = path.read_text("utf-8")
        new = wrapped(text)
        if new == text:
            continue
        if shown(new) != shown(text):
            print(f"{path}: would look otherwise; wrap it by hand")
            refused += 1
        else:
            path.write_text(new, "utf-8")
    return refused


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))

"""Markdown that GitHub shows and does not act upon, within the length that it takes."""

from __future__ import annotations

import re

#: The most characters of a comment.
MOST = 65_536

#: What GitHub acts upon in text: names of people and teams, numbers and addresses of issues.
_ACTS = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|\b(?:https?|ftp):(?=//)|\bwww(?=\.)", re.I)


def calm(text: str) -> str:
    """Return Markdown in which nobody is called, no issue is told of this one, and no address is a link.

    GitHub looks for these in what Markdown has become, where a backslash is gone: a comment of HTML parts
    them. For text outside of code, where GitHub acts upon nothing and the comment would show.
    """
    return _ACTS.sub(lambda found: f"{found[0]}<!-- -->", text)


def code_block(text: str) -> str:
    """Return lines as a block of code, whatever stands in them."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def length(text: str) -> int:
    """Return the length of a text as GitHub may count it: in units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int, ending: str) -> str:
    """Return a text that has at most so many characters: whole lines, then `ending` if some are left out."""
    if length(text) <= most:
        return text
    left = most - length(ending) - 2
    kept, fence = [], ""
    for line in text.split("\n"):
        after = _fence_after(line, fence)
        left -= length(line) + 1
        if left < len(after) + 1:
            break
        kept.append(line)
        fence = after
    return "\n".join([*kept, *([fence] if fence else []), "", ending])


def _fence_after(line: str, fence: str) -> str:
    """Return the fence that ends the block of code in which a line ends; empty if it ends in none.

    See https://spec.commonmark.org/0.31.2/#fenced-code-blocks
    """
    if fence:
        return "" if line.strip("`") == "" and len(line) >= len(fence) else fence
    found = re.match(r"(`{3,})[^`]*$", line)
    return found[1] if found else ""

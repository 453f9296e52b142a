"""Pages in Chinese, and what holds them to the English ones; `--accept` takes over blocks of code.

`NAME.zh.md` stands beside `NAME.md`. Its last line has a digest of the English text that it was made from.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
ACCEPT = ".venv/bin/python -m tests.support.translations --accept"

_BLOCK = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
_MADE_FROM = re.compile(r"\n<!-- made from (\S+), sha256:(\w+) -->\n\Z")


def pages() -> list[Path]:
    """Return each page in Chinese."""
    return sorted([*ROOT.glob("*.zh.md"), *(ROOT / "docs").rglob("*.zh.md")])


def english(page: Path) -> Path:
    """Return the page that one in Chinese was made from."""
    return page.with_name(page.name.replace(".zh.md", ".md"))


def digest(page: Path) -> str:
    """Hash the words of a page outside of its blocks; where lines end does not count."""
    words = " ".join(_BLOCK.sub("", page.read_text("utf-8")).split())
    return hashlib.sha256(words.encode()).hexdigest()


def made_from(page: Path) -> str | None:
    """Return the digest of the English text that a page was made from, as it says."""
    found = _MADE_FROM.search(page.read_text("utf-8"))
    return found[2] if found and found[1] == english(page).name else None


def blocks(page: Path) -> list[str]:
    """Return the blocks of code of a page."""
    return [found[0] for found in _BLOCK.finditer(page.read_text("utf-8"))]


def headings(page: Path) -> list[str]:
    """Return the level of each heading, as its number signs."""
    text = _BLOCK.sub("", page.read_text("utf-8"))
    return re.findall(r"^(#+) ", text, re.MULTILINE)


def rows(page: Path) -> int:
    """Count the lines of tables."""
    return len(re.findall(r"^\|", _BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE))


def links(page: Path) -> Counter[str]:
    """Count where the links of a page lead to; a page in Chinese stands for the English one."""
    text = _BLOCK.sub("", page.read_text("utf-8"))
    targets = (target.replace(".zh.md", ".md") for target in re.findall(r"\]\(([^)]+)\)", text))
    return Counter(target for target in targets if target != english(page).name)


def accept(page: Path) -> None:
    """Put the blocks of the English page into one in Chinese, and say that it was made from that text."""
    text = _MADE_FROM.sub("", page.read_text("utf-8"))
    source = iter(blocks(english(page)))
    text = _BLOCK.sub(lambda found: next(source, found[0]), text).rstrip("\n")
    last = f"<!-- made from {english(page).name}, sha256:{digest(english(page))} -->"
    page.write_text(f"{text}\n\n{last}\n", "utf-8")


if __name__ == "__main__":
    for each in pages():
        if "--accept" in sys.argv:
            accept(each)
        elif made_from(each) != digest(english(each)):
            print(f"{each.relative_to(ROOT)}: {english(each).name} says something else now")

"""What Markdown in docs/ needs to become a page of the site; MkDocs calls the functions here.

GitHub shows the same pages from the repository, so they stay as GitHub reads them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

#: A fence, with the language and with what tests/support/documentation.py reads behind it.
_FENCE = re.compile(r"^( *)```(\w+)[ \t]+(\S[^\n]*)$", re.MULTILINE)
_BLOCK = re.compile(r"^( *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[([^\]\n]*)\]\(([^)#:\s]+)((?:#[^)\s]*)?)\)")
_CHINESE = re.compile("[\u3400-\u9fff](?=[\u3400-\u9fff])")
#: Between two characters of Chinese the end of a line is no space.
_CHINESE_LINE_END = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])\n *(?=[\u3000-\u9fff\uff00-\uffef\[])"
)


def on_config(config: Any) -> Any:
    """List in the navigation the pages of each folder that it names."""
    docs = Path(config["docs_dir"])
    config["nav"] = [_listed(entry, docs) for entry in config["nav"]]
    return config


def _listed(entry: Any, docs: Path) -> Any:
    if isinstance(entry, dict):
        return {name: _listed(below, docs) for name, below in entry.items()}
    if isinstance(entry, list):
        return [_listed(below, docs) for below in entry]
    if not entry.endswith("/"):
        return entry
    pages = sorted(path.name for path in (docs / entry).glob("*.md") if path.name != "README.md")
    return [entry + name for name in [_first(docs / entry), *pages]]


def _first(folder: Path) -> str:
    """Return the page that lists a folder; `on_files` adds that of the decisions."""
    return "README.md" if (folder / "README.md").exists() else "index.md"


def on_files(files: Any, config: Any) -> Any:
    """Add a page that lists the decisions: on GitHub the folder is its own list."""
    from mkdocs.structure.files import File  # type: ignore[import-not-found]

    decisions = sorted((Path(config["docs_dir"]) / "decisions").glob("*.md"))
    lines = ["# Decisions", "", "What could have gone another way, and why it did not.", ""]
    for path in decisions:
        title = path.read_text("utf-8").splitlines()[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.name})")
    files.append(File.generated(config, "decisions/index.md", content="\n".join(lines) + "\n"))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Show the name of the file that a block is written to; unlink what is not on the site."""
    docs = Path(config["docs_dir"]).resolve()
    here = docs / page.file.src_uri

    def shown(part: str) -> str:
        if part.lstrip(" ").startswith("```"):
            return _FENCE.sub(_fence, part, count=1)
        if here.name.endswith(".zh.md"):
            part = _CHINESE_LINE_END.sub("", part)
        return _LINK.sub(lambda found: _link(found, here, docs), part)

    return "".join(map(shown, _BLOCK.split(markdown)))


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Say that a translated page is in Chinese: for fonts, and for readers aloud."""
    if page.file.src_uri.endswith(".zh.md"):
        return output.replace('<html lang="en"', '<html lang="zh-Hans"', 1)
    return output


def on_post_build(config: Any, **_: Any) -> None:
    """Cut Chinese into characters for the search, as it has no spaces to cut it at."""
    path = Path(config["site_dir"]) / "search/search_index.json"
    index = json.loads(path.read_text("utf-8"))
    for page in index["docs"]:
        for key in ("title", "text"):
            page[key] = _CHINESE.sub("\\g<0>\u200b", page[key])
    path.write_text(json.dumps(index, ensure_ascii=False, separators=(",", ":")), "utf-8")


def _fence(found: re.Match[str]) -> str:
    file = re.search(r"\bfile=(\S+)", found[3])
    return f"{found[1]}```{found[2]}" + (f' title="{file[1]}"' if file else "")


def _link(found: re.Match[str], here: Path, docs: Path) -> str:
    text, target, anchor = found.groups()
    path = (here.parent / target).resolve()
    if not path.is_relative_to(docs):
        return text
    if path.is_dir():
        target = f"{target.rstrip('/')}/{_first(path)}"
    return f"[{text}]({target}{anchor})"

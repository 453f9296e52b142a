"""The pages of docs/reference/rules: made of the explanations, their examples, and what tests/cases finds.

.venv/bin/python -m tests.support.rule_pages            names the pages that are not as they should be
.venv/bin/python -m tests.support.rule_pages --accept   writes them
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from release.findings import family
from release.findings.explanations.explanation import THEMES, Explanation, Side, explanations
from tests.support.faults import LINE, folders
from tests.support.kit import ROOT, run

PAGES = ROOT / "docs/reference/rules"
ACCEPT = ".venv/bin/python -m tests.support.rule_pages --accept"

DESCRIPTOR = """\
name: weather
title: Weather
version: 0.1.0
created: '2026-01-31T00:00:00Z'
patches: patches.yaml
records:
  notes: {path: "notes/{note_id}.md", mayBeEmpty: false}
  pages: {path: "pages/{language}/{page_id}.md", mayBeEmpty: false, prefer: {language: [en, de]}}
  measures: {path: measures.csv, records: "{n}", mayBeEmpty: false}
  series: {path: series.yaml, records: "series.{n}", mayBeEmpty: false}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note_id]
      uniqueKeys: [[author, day]]
      foreignKeys: [{fields: [see], reference: {fields: [note_id]}}]
      fields:
        - {name: note_id, type: string, from: id}
        - {name: title, type: string, from: title, constraints: {required: true, minLength: 3, maxLength: 40}}
        - {name: year, type: integer, from: year, constraints: {minimum: 1900, maximum: 2100}}
        - {name: depth, type: number, from: depth, constraints: {exclusiveMinimum: 0, exclusiveMaximum: 100}}
        - {name: label, type: string, from: label, constraints: {pattern: "[A-Z]{2}[0-9]{2}"}}
        - {name: sort, type: string, from: sort, constraints: {enum: [drizzle, shower]}}
        - {name: level, type: string, from: level, categories: [low, high]}
        - {name: number, type: integer, from: number, constraints: {unique: true}}
        - {name: name, type: string, from: name, constraints: {unique: true}}
        - {name: place, type: string, from: place, codes: places}
        - {name: author, type: string, from: author}
        - {name: day, type: date, from: day}
        - {name: see, type: string, from: see}
        - {name: body, type: string, from: $body}
  - name: quotes
    rows: "notes/quotes.{n}"
    schema:
      primaryKey: [note_id, n]
      fields:
        - {name: note_id, type: string, from: id}
        - {name: n, type: integer, from: "{n}"}
        - {name: quote, type: string, from: $value}
        - {name: start, type: integer, locate: "quotes.{n}"}
  - name: pages
    rows: pages
    schema:
      primaryKey: [page_id]
      fields:
        - {name: page_id, type: string, from: id}
        - {name: year, type: integer, from: year}
        - {name: colour, type: string, from: colour, codes: colours}
  - name: parts
    rows: "pages/parts.{part}"
    compare: {across: language, fields: []}
    schema:
      primaryKey: [page_id, language, part]
      fields:
        - {name: page_id, type: string, from: id}
        - {name: language, type: string, from: "{language}"}
        - {name: part, type: string, from: "{part}"}
        - {name: count, type: integer, from: $value}
  - name: measures
    rows: measures
    schema:
      primaryKey: [id]
      fields:
        - {name: id, type: integer, from: id}
        - {name: text, type: string, from: text}
  - name: series
    rows: series
    schema:
      primaryKey: [id]
      fields:
        - {name: id, type: integer, from: id}
  - name: places
    path: places.csv
    codelist: {labels: "label_{language}"}
    schema:
      primaryKey: [code]
      fields:
        - {name: code, type: string}
        - {name: label_en, type: string}
  - name: colours
    path: colours.csv
    codelist: {labels: "label_{language}"}
    schema:
      primaryKey: [code]
      fields:
        - {name: code, type: string}
        - {name: label_en, type: string}
        - {name: label_de, type: string}
"""

#: The files of the dataset of the examples.
FILES = {
    "datapackage.yaml": DESCRIPTOR,
    "patches.yaml": "[]\n",
    "places.csv": "code,label_en\noslo,Oslo\nrome,Rome\n",
    "colours.csv": "code,label_en,label_de\nblue,Blue,Blau\n",
    "measures.csv": "id,text\n1,wet\n",
    "series.yaml": "series:\n  - {id: 1}\n",
    "notes/rain.md": "---\nid: rain\ntitle: Rain in May\n---\nIt rains.\n",
    "notes/snow.md": "---\nid: snow\ntitle: Snow in May\n---\nIt snows.\n",
    "pages/en/sea.md": "---\nid: sea\nyear: 2026\nparts: {waves: 3}\n---\nThe sea.\n",
    "pages/de/sea.md": "---\nid: sea\nyear: 2026\nparts: {waves: 3}\n---\nDas Meer.\n",
}


def write_dataset(folder: Path) -> None:
    """Write the dataset of the examples into a folder."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def apply(side: Side, folder: Path) -> None:
    """Make an example in a folder with the dataset."""
    if side.commands:
        subprocess.run(["sh", "-ec", side.text], cwd=folder, check=True)
        return
    (folder / side.file).write_text(whole_text(side), "utf-8")


def whole_text(side: Side) -> str:
    """The text of the file of an example, which may be some lines of front matter only."""
    if not side.is_front_matter:
        return side.text
    keys = {line.split(":")[0] for line in side.text.splitlines() if not line.startswith(" ")}
    fence, *lines = FILES[side.file].splitlines(keepends=True)
    kept = [line for line in lines if line.split(":")[0] not in keys or line.startswith("---")]
    end = kept.index("---\n")
    return "".join([fence, *kept[:end], side.text, *kept[end:]])


def found(folder: Path) -> list[str]:
    """What `release check` finds in a folder, a line each."""
    with contextlib.chdir(folder):
        _, out, err = run("check", "--workers", "1")
    assert err == "", err
    return [line for line in out.splitlines() if LINE.fullmatch(line)]


def messages(rule: str) -> list[str]:
    """Some messages of a rule from tests/cases, each of another kind."""
    seen: dict[str, str] = {}
    for folder in folders():
        for line in (folder / "expected.txt").read_text("utf-8", "replace").splitlines():
            match = LINE.fullmatch(line)
            if match is not None and family(match["rule"]) == rule:
                kind = re.sub(r"^\S+|'[^']*'|\d+|[^\s;:,]*[/.][^\s;:,]*", "", match["message"])
                seen.setdefault(kind, match["message"])
    return [*seen.values()][:6]


def page(explanation: Explanation, lines: list[str]) -> str:
    """The page of a rule; `lines` are what check finds in the wrong example."""
    parts = (_wrap(part) for part in _parts(explanation, lines))
    return "\n".join(parts).rstrip() + "\n"


def _wrap(part: str) -> str:
    """Return a part of a page whose paragraphs are broken into lines; code and headings stay as they are."""
    if "```" in part or part.startswith("# "):
        return part
    return "\n".join(
        line if line.startswith("#") else textwrap.fill(line, 110, break_on_hyphens=False)
        for line in part.split("\n")
    )


def _parts(explanation: Explanation, lines: list[str]) -> Iterator[str]:
    rule = explanation.rule
    yield f"# {rule}\n"
    yield f"{explanation.meaning} By default this is {_article(explanation.severity)}.\n"
    yield f"{explanation.why}\n"
    if explanation.wrong is not None and explanation.right is not None:
        yield f"## Wrong\n\n{_show(explanation.wrong)}"
        yield "`release check` says:\n"
        yield _fenced("\n".join(lines), "text")
        yield f"## Right\n\n{_show(explanation.right)}"
    yield f"## What to do\n\n{explanation.advice}\n"
    yield f"## Severity\n\n{explanation.lowering}\n"
    if others := messages(rule):
        yield "## Other messages\n"
        yield _fenced("\n".join(others), "text")
    yield f"All rules: [index](README.md). On the command line: `release explain {rule}`."


def _article(severity: str) -> str:
    return f"an {severity}" if severity[0] in "aeiou" else f"a {severity}"


def _show(side: Side) -> str:
    if side.commands:
        return "Nothing of it.\n" if side.text == ":" else _fenced(side.text, "text")
    return f"`{side.file}`:\n\n{_fenced(whole_text(side).rstrip(), 'text')}"


def _fenced(text: str, language: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text}\n{fence}\n"


def index() -> str:
    """The page that lists all rules."""
    text = (
        "# Rules\n\nEvery rule that a [finding](../findings.md) may name. The examples are of one small "
        "dataset, which\n`tests/support/rule_pages.py` writes; it makes these pages, too.\n"
    )
    parts = [text]
    for theme, heading in THEMES.items():
        rows = [each for each in explanations().values() if each.theme == theme]
        parts.append(f"## {heading}\n\n| rule | default | what it says |\n|---|---|---|")
        parts += [
            f"| [`{each.rule}`]({each.rule}.md) | {each.severity} | {each.meaning} |"
            for each in rows
        ]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def pages(folder: Path) -> dict[str, str]:
    """All pages by name; the examples are run in a folder."""
    made = {"README.md": index()}
    for rule, each in explanations().items():
        lines = []
        if each.wrong is not None:
            here = folder / rule
            here.mkdir()
            write_dataset(here)
            apply(each.wrong, here)
            lines = found(here)
        made[f"{rule}.md"] = page(each, lines)
    return made


def main(*, accept: bool) -> None:
    """Show or write the pages that are not as they should be."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        made = pages(Path(folder))
    PAGES.mkdir(exist_ok=True)
    for name in sorted({*made, *(path.name for path in PAGES.iterdir())}):
        path = PAGES / name
        text = path.read_text("utf-8") if path.exists() else ""
        if text == made.get(name, ""):
            continue
        print(name)
        if accept and name in made:
            path.write_text(made[name], "utf-8")
        elif accept:
            path.unlink()


if __name__ == "__main__":
    main(accept="--accept" in sys.argv)

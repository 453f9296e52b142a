"""The small datasets that several tests start from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.support.descriptors import FINDINGS

#: The field that has the name of a note's file.
NOTE = 'note, from: "{note}"'


def table(
    name: str = "notes",
    *fields: str,
    of: str = "notes",
    key: str = "note",
    more: str = "",
    schema: str = "",
) -> str:
    """Return a table of a descriptor: of the rows that `of` says, or a curated one if that is a CSV.

    A field is its name, or `name, property: value, ...`. One of records that says nothing else is read
    from the path of its name, and without any the table has a note and a title. `more` and `schema` are
    lines beside `rows` and `primaryKey`, each with its line end; their columns are right for a table.
    """
    fields = fields or (NOTE, "title")
    is_curated = of.endswith(".csv")
    lines = [f"  - name: {name}", f'    {"path" if is_curated else "rows"}: "{of}"']
    lines += [
        *_indented(more, 4),
        "    schema:",
        f"      primaryKey: [{key}]",
        *_indented(schema, 6),
    ]
    lines.append("      fields:")
    for field in fields:
        is_told = is_curated or " from:" in field or " locate:" in field
        origin = "" if is_told else f", from: {field.partition(',')[0]}"
        lines.append(f"        - {{name: {field}{origin}}}")
    return "\n".join(lines) + "\n"


def _indented(text: str, columns: int) -> list[str]:
    """Return the lines of a text, each so far to the right."""
    return [" " * columns + line for line in text.splitlines()]


def describe(
    *tables: str,
    path: str = "notes/{note}.md",
    kind: str = "",
    version: str = "0.1.0",
    more: str = "",
) -> str:
    """Return the descriptor of a dataset of notes; without tables, that of their titles.

    `kind` has more properties of the kind `notes` than its path; `more` has those of the package, each a
    line with its line end.
    """
    kind = f", {kind}" if kind else ""
    return (
        f"name: notes\nversion: {version}\ncreated: '2026-01-31T00:00:00Z'\n{more}"
        f'records:\n  notes: {{path: "{path}"{kind}}}\nresources:\n{"".join(tables or (table(),))}'
    )


def write_dataset(root: Path, descriptor: str, files: Mapping[str, str]) -> Path:
    """Write a descriptor and what stands beside it, by path, into a folder; return the folder."""
    for path, text in {"datapackage.yaml": descriptor, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="")
    return root


#: Notes with a title and a year, one file each.
NOTES = """\
name: notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records:
  notes:
    path: notes/{note}.md
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: title, type: string, from: title}
        - {name: year, type: integer, from: year}
"""

#: The same with digests, findings, and what `release bump` and a difference ask for.
DIGESTED = """\
name: notes
version: 0.1.0   # of the data
created: '2026-01-31T00:00:00Z'
records:
  notes:
    path: notes/{note}.md
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: title, type: string, from: title}
        - {name: year, type: integer, from: year}
        - {name: digest, type: string, from: $sha256}
  - name: findings
    rows: $findings
    schema:
      primaryKey: [rule, path, line, column, field]
      fields:
        - {name: rule, type: string}
        - {name: path, type: string}
        - {name: line, type: integer}
        - {name: column, type: integer}
        - {name: field, type: string}
        - {name: severity, type: string}
        - {name: table, type: string}
        - {name: key, type: string}
        - {name: message, type: string}
"""

#: Notes of which light ones are found, a codelist and another curated table.
WEIGHED = (
    """\
name: notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records: {notes: {path: "records/{note_id}.md"}}
resources:
  - name: notes
    rows: notes
    checks:
      - name: light
        field: weight
        severity: warning
        message: "weight is {weight}, expected 5 or more"
        query: SELECT note_id, weight FROM notes WHERE weight < 5
    schema:
      primaryKey: [note_id]
      fields:
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: weight, type: integer, from: weight}
        - {name: colour, type: string, from: colour, codes: colours}
  - name: colours
    path: colours.csv
    codelist: {}
    schema: {primaryKey: [code], fields: [{name: code, type: string}]}
  - name: shapes
    path: shapes.csv
    schema: {primaryKey: [code], fields: [{name: code, type: string, constraints: {maxLength: 6}}]}
"""
    + FINDINGS
)

#: Notes in two languages, with a table of each kind.
BILINGUAL = (
    """\
name: notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records:
  notes:
    path: records/{language}/{note_id}.md
    prefer: {language: [en, zh]}
resources:
  - name: notes
    rows: notes
    checks:
      - name: heavy
        field: weight
        severity: warning
        message: "weight is {weight}, expected less than 50"
        query: SELECT note_id, weight FROM notes WHERE weight >= 50
    schema:
      primaryKey: [note_id]
      fields:
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: weight, type: integer, from: weight}
  - name: texts
    rows: notes
    compare: {across: language, fields: [weight]}
    schema:
      primaryKey: [note_id, language]
      foreignKeys:
        - {fields: [note_id], reference: {resource: notes, fields: [note_id]}}
      fields:
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: language, type: string, from: "{language}"}
        - {name: weight, type: integer, from: weight}
        - {name: body, type: string, from: $body}
  - name: tags
    rows: "notes/tags.{position}"
    schema:
      primaryKey: [note_id, language, position]
      fields:
        - {name: note_id, type: string, from: "{note_id}"}
        - {name: language, type: string, from: "{language}"}
        - {name: position, type: integer, from: "{position}"}
        - {name: tag, type: string, from: $value}
"""
    + FINDINGS
)


def write_note(root: Path, number: int, language: str, weight: int) -> None:
    """One record, in YAML or JSON by its number."""
    values = {"weight": weight, "tags": [f"tag {weight}", "风"][: number % 3]}
    path = root / "records" / language / f"n{number:03}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(values) if number % 2 else f"weight: {weight}\ntags: {values['tags']}"
    path.write_text(f"---\n{text}\n---\nText {number} in {language}.\n", encoding="utf-8")


def write_notes(root: Path, count: int, weight: int = 1) -> Path:
    """A dataset of so many notes in two languages, each heavier by a weight than the one before."""
    root.mkdir()
    (root / "datapackage.yaml").write_text(BILINGUAL)
    for number in range(count):
        for language in ("en", "zh"):
            write_note(root, number, language, number * weight)
    return root

"""A dataset of values that readers change: what each of them must give back, cell for cell."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

#: The value of a cell; None is a missing one.
Cell = str | int | float | bool | datetime.date | None

#: The type of each column, as Table Schema names it.
COLUMNS: Mapping[str, str] = {
    "thing": "string",
    "id": "integer",
    "code": "string",
    "share": "number",
    "flag": "boolean",
    "day": "date",
    "year": "year",
    "text": "string",
}

#: More than Python's csv module takes in one cell, and than a line of DuckDB has by default.
LONG = '好, "quoted"\nline ' * 20_000

#: One row per thing, in the order of the key. Every column has a missing value, and one that looks missing.
ROWS: Sequence[Sequence[Cell]] = [
    ("a", 7001000000000000003, "NA", 0.1, True, datetime.date(1969, 12, 31), 2022, "null"),
    ("b", None, "null", None, None, None, None, None),
    ("c", 9223372036854775807, "00123", -1.5, False, datetime.date(1650, 1, 1), 1066, "a\nb\n\nc"),
    ("d", -9223372036854775808, "1e400", 1e308, True, datetime.date(9999, 12, 31), 9999, '"'),
    ("e", 0, "NaN", 5e-324, None, datetime.date(2024, 2, 29), 1000, "say \"yes\", or 'no'"),
    ("f", 9007199254740993, "None", 2.0, False, datetime.date(2000, 1, 1), 2000, "😀 é 中文"),
    ("g", None, "true", 123456789.123456789, False, datetime.date(1900, 1, 1), 1900, "a\\nb\\"),
    ("h", -1, "-", -0.001, True, datetime.date(1970, 1, 1), 1970, "a,b;c\td|e"),
    ("i", 1, "=1+1", 1e-7, True, datetime.date(1582, 10, 4), 1582, "#N/A"),
    ("j", 12, "@SUM(A1)", 1e21, True, datetime.date(1582, 10, 15), 1583, "2024-01-01"),
    ("k", 13, "+49 30 123", 100.0, False, datetime.date(1677, 9, 20), 1677, "1,5"),
    ("l", 14, None, 3.0, True, datetime.date(2262, 4, 12), 2262, "a\r\nb\rc"),
    ("m", 15, "0x1F", 0.30000000000000004, True, datetime.date(1, 1, 1), 1001, "# no comment"),
    ("n", 16, "12_000", 1 / 3, True, datetime.date(2024, 12, 31), 2024, LONG),
    ("o", 17, "nan", 17.0, True, datetime.date(2024, 12, 30), 2024, "'"),
    ("p", 18, "٣", 18.0, False, datetime.date(2024, 2, 3), 2024, "שלום, \tعالم 🇳🇴 👩‍🌾"),
]

_FIELDS = "\n".join(
    f"        - {{name: {name}, type: {kind}, from: {'$key' if name == 'thing' else name}}}"
    for name, kind in COLUMNS.items()
).replace("$key", '"{thing}"')

#: The parts of some things, each a code that looks like another value.
PARTS: Mapping[str, Sequence[str]] = {"a": ["NA", "00123"], "c": ["null"], "n": ["NA"]}

#: The codelist of parts.
KINDS = (
    "code,label_en,weight\nNA,none,\nnull,void,7001000000000000003\n00123,=1+1,9007199254740993\n"
)

#: A second table refers to the first and to the codelist, with a key of two columns; a third has no rows.
DESCRIPTOR = f"""\
name: hard-values
title: Hard values
version: 0.1.0
created: '2026-01-31T00:00:00Z'
contributors: [{{title: Group, roles: [author]}}]
licenses: [{{name: CC0-1.0, path: "https://creativecommons.org/publicdomain/zero/1.0/"}}]
records:
  things:
    path: things/{{thing}}.md
resources:
  - name: things
    rows: things
    schema:
      primaryKey: [thing]
      fields:
{_FIELDS}
  - name: parts
    rows: things/parts.{{position}}
    schema:
      primaryKey: [thing, position]
      foreignKeys: [{{fields: [thing], reference: {{resource: things, fields: [thing]}}}}]
      fields:
        - {{name: thing, type: string, from: "{{thing}}"}}
        - {{name: position, type: integer, from: "{{position}}"}}
        - {{name: kind, type: string, from: $value, codes: kinds}}
  - name: kinds
    path: kinds.csv
    codelist: {{labels: "label_{{language}}"}}
    schema:
      primaryKey: [code]
      fields:
        - {{name: code, type: string}}
        - {{name: label_en, type: string}}
        - {{name: weight, type: integer}}
  - name: marks
    rows: things/marks.{{position}}
    schema:
      primaryKey: [mark]
      fields:
        - {{name: mark, type: string, from: $value}}
"""


def write(root: Path) -> Path:
    """Write the dataset into a folder, one record per thing, with front matter in JSON."""
    (root / "things").mkdir(parents=True)
    (root / "datapackage.yaml").write_text(DESCRIPTOR, "utf-8")
    (root / "kinds.csv").write_text(KINDS, "utf-8")
    for thing, *cells in ROWS:
        key = str(thing)
        values: dict[str, object] = dict(zip([*COLUMNS][1:], cells, strict=True))
        values |= {"parts": PARTS[key]} if key in PARTS else {}
        text = json.dumps(values, ensure_ascii=True, default=str)
        (root / "things" / f"{key}.md").write_text(f"---\n{text}\n---\n", "utf-8")
    return root

"""A dataset with names that tools must quote, and a column of every type: what readers must give back."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: The properties of each field besides its name and path.
FIELDS: Mapping[str, str] = {
    "unit price": "type: number, decimal: 2",
    "名称": "type: string",
    "decimalLatitude": "type: number",
    "select": "type: integer",
    "paid?": "type: boolean",
    "dwc:eventDate": "type: date",
    "updated": "type: datetime",
    "seen-at": "type: datetime, zone: none",
    "opens": "type: time",
    "closes": "type: time, zone: utc",
    "since": "type: year",
    "month": "type: yearmonth",
    "took": "type: duration",
    "place": "type: geopoint",
    "shape": "type: geojson",
    "meta": "type: object",
    "tags": "type: list",
    "raw": "type: array",
    "other": "type: any",
    "mail": "format: email",
    "blob": "format: binary",
    "total": "type: number, decimal: {precision: 38, scale: 10}",
}

#: One row for each record, in the order of the key; what is not named is missing.
ROWS: Mapping[str, Mapping[str, Any]] = {
    "a": {
        "unit price": "1.50",
        "名称": '北京, "quoted"',
        "decimalLatitude": 51.25,
        "select": 7001000000000000003,
        "paid?": True,
        "dwc:eventDate": "1582-10-04",
        "updated": "2024-03-10T01:30:00+02:00",
        "seen-at": "2024-03-10T01:30:00.250",
        "opens": "15:30:00",
        "closes": "00:30:00+01:00",
        "since": "0476",
        "month": "2026-01",
        "took": "PT36H",
        "place": [12.5, 41.9],
        "shape": {"type": "Point", "coordinates": [12.5, 41.9, 100]},
        "meta": {"b": 1.5, "a": ["x", {"y": None}]},
        "tags": ["a", "b,c"],
        "raw": [1, [2.5, None]],
        "other": {"a": 1},
        "mail": "a.b@example.org",
        "blob": "aGVsbG8=",
        "total": "1234567890123456789012345678.0123456789",
    },
    "b": {},
    "c": {
        "unit price": "-0.01",
        "名称": "NA",
        "select": -9223372036854775808,
        "paid?": False,
        "dwc:eventDate": "9999-12-31",
        "updated": "1969-12-31T23:59:59.999999Z",
        "seen-at": "2262-04-12T00:00:00",
        "opens": "23:59:59.999999",
        "closes": "00:00:00Z",
        "since": "-0500",
        "month": "0001-12",
        "took": "-P1Y2M",
        "place": "-180, 0.5",
        "tags": [],
        "raw": [],
        "other": True,
        "total": "0.0000000001",
    },
    "d": {"since": "12026", "updated": "2500-01-01T00:00:00Z", "other": "NA"},
}

#: Names of columns with the signs by which tools quote.
NAMES = [
    f"{chr(97 + at)}{sign}"
    for at, sign in enumerate(['"x', "'x", "\\x", "`x", *"{} %s .x ,x $x #x ;x [x]".split()])
]

#: A table of 300 columns, of a type each in turn: a row of values, and one with its key only.
WIDE: Mapping[str, tuple[str, str]] = {
    name: [
        ("string", f"0{at}"),
        ("integer", f"{2**53 + at}"),
        ("date", "0001-01-01"),
        ("number", "0.1"),
    ][at % 4]
    for at, name in enumerate(["c0", *NAMES, *(f"c{at}" for at in range(1, 300 - len(NAMES)))])
}

_WIDE = ", ".join(f"{{name: {json.dumps(name)}, type: {kind}}}" for name, (kind, _) in WIDE.items())

_LISTED = "\n".join(
    f'        - {{name: "{name}", {kind}, from: \'"{name}"\'}}' for name, kind in FIELDS.items()
)

DESCRIPTOR = f"""\
name: odd-values
version: 0.1.0
created: '2026-01-31T00:00:00Z'
contributors: [{{title: Group, roles: [author]}}]
records:
  things: {{path: "things/{{thing}}.json"}}
resources:
  - name: my-table
    rows: things
    schema:
      primaryKey: [thing]
      fields:
        - {{name: thing, from: "{{thing}}"}}
{_LISTED}
  - name: it's 名称
    parent: my-table
    rows: ".tags.{{n}}"
    schema:
      fields:
        - {{name: n, type: integer, from: "{{n}}"}}
        - {{name: group, from: $value}}
  - name: long
    rows: things
    schema:
      primaryKey: [thing]
      fields:
        - {{name: thing, from: "{{thing}}"}}
        - {{name: digits, type: number, decimal: {{precision: 60, scale: 20}}, from: total}}
  - name: wide
    path: wide.csv
    schema:
      primaryKey: [c0]
      fields: [{_WIDE}]
"""


def write(root: Path) -> Path:
    """Write the dataset into a folder, one record for each row, in JSON."""
    (root / "things").mkdir(parents=True)
    (root / "datapackage.yaml").write_text(DESCRIPTOR, "utf-8")
    values = [value for _, value in WIDE.values()]
    rows = [[*WIDE], values, ["1", *[""] * 299]]
    with (root / "wide.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    for thing, named in ROWS.items():
        text = json.dumps(named, ensure_ascii=False)
        (root / f"things/{thing}.json").write_text(text, "utf-8")
    return root

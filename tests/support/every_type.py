"""A dataset with a field of every type, written in every way that a field may name."""

from __future__ import annotations

from pathlib import Path

DESCRIPTOR = """\
name: every-type
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records:
  things: {path: "things/{id}.md"}
resources:
  - name: things
    rows: things
    schema:
      primaryKey: [updated, id]
      uniqueKeys: [[total], [month, place]]
      missingValues: ["N.A.", "-"]
      fields:
        - {name: id, type: string, from: "{id}"}
        - {name: updated, type: datetime, from: updated, constraints: {minimum: "2000-01-01T00:00:00Z"}}
        - {name: local, type: datetime, zone: none, from: local}
        - {name: price, type: number, decimal: 2, from: price, constraints: {minimum: 0}}
        - {name: total, type: number, decimal: {precision: 50, scale: 2}, from: total}
        - {name: people, type: integer, groupChar: ",", from: people, missingValues: ["Nil"]}
        - {name: share, type: number, decimalChar: ",", bareNumber: false, from: share}
        - {name: opens, type: time, from: opens}
        - {name: closes, type: time, zone: utc, from: closes}
        - {name: since, type: year, from: since, constraints: {minimum: "-3000"}}
        - {name: month, type: yearmonth, from: month, constraints: {minimum: "1900-01"}}
        - {name: took, type: duration, from: took}
        - {name: paid, type: boolean, trueValues: ["ja"], falseValues: ["nein"], from: paid}
        - {name: day, type: date, format: "%d.%m.%Y", from: day, example: "2026-01-31"}
        - {name: seen, type: datetime, format: any, from: seen}
        - {name: meta, type: object, from: meta, constraints: {maxLength: 3}}
        - {name: tags, type: list, from: tags, constraints: {minLength: 1}}
        - {name: sizes, type: list, itemType: integer, delimiter: ";", from: sizes}
        - {name: raw, type: array, from: raw}
        - {name: place, type: geopoint, from: place}
        - {name: shape, type: geojson, from: shape}
        - {name: other, type: any, from: other}
        - {name: mail, format: email, from: mail}
        - {name: site, format: uri, from: site}
        - {name: uid, format: uuid, from: uid}
        - {name: blob, format: binary, from: blob}
  - name: openings
    path: openings.csv
    schema:
      primaryKey: [at]
      missingValues: ["x"]
      foreignKeys: [{fields: [at], reference: {resource: openings, fields: [before]}}]
      fields:
        - {name: at, type: datetime}
        - {name: before, type: datetime}
        - {name: price, type: number, decimalChar: ",", decimal: 1}
        - {name: year, type: year}
checks:
  - name: late
    resource: things
    query: SELECT updated, id FROM things WHERE updated > TIMESTAMPTZ '2030-01-01 00:00:00+00' OR price > 99.5
    message: "{updated}"
"""

RECORDS = {
    "a": """\
updated: 2024-03-10T01:30:00+02:00
local: 2024-03-10T01:30:00.250
price: 1.50
total: 12345678901234567.89
people: "12,400"
share: 12,5%
opens: 15:30:00
closes: 00:30:00+01:00
since: 0476
month: 2026-01
took: PT36H
paid: ja
day: 31.01.2026
seen: 2001-12-14 21:59:43.10 -5
meta: {b: 1.5, a: [x, {"y": null}]}
tags: [a, "b,c"]
raw: [1, [2.50, null]]
sizes: 1; 2;3
place: [12.50, 41.9]
shape: {type: Point, coordinates: [12.5, 41.9, 100]}
other: {a: 1}
mail: a.b@example.org
site: urn:isbn:0451450523
uid: 123E4567-e89b-12d3-a456-426614174000
blob: aGVsbG8=
""",
    "b": """\
updated: 2024-03-09T23:30:00Z
local: N.A.
price: 3
total: "-"
people: Nil
share: 1.5
since: -0500
paid: nein
tags: one, two
place: {lon: -180, lat: .5}
other: true
""",
    "c": "updated: 2024-03-09T23:30:00.5Z\nsince: 12026\npaid: true\n",
}

CURATED = """\
at,before,price,year
2026-01-01T00:00:00Z,2026-01-01T01:00:00+01:00,"1,5",2026
2026-01-01T00:00:01Z,2026-01-01T00:00:01Z,x,0001
"""


def write(root: Path) -> Path:
    """Write the dataset into a new folder, and return it."""
    (root / "things").mkdir(parents=True)
    (root / "datapackage.yaml").write_text(DESCRIPTOR)
    (root / "openings.csv").write_text(CURATED)
    for name, text in RECORDS.items():
        (root / f"things/{name}.md").write_text(f"---\n{text}---\n")
    return root

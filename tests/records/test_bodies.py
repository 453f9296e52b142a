"""Which parts of a Markdown body become rows and cells, and where they are located."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from release.records.shapes.body import read_body
from tests.support.kit import run

BODY = """\
Intro with [a](x.md), not `[no](code)`.

# The *first* heading

See <https://e.org/\u00e4>, [[other note]] and [[x|The X]],
 ![pic](a.png) [ref] and []().

> quoted [in quote](q)

- item [one](1), [one](1)

```
[[no]]
# no
```

| name | n | n |
|---|---|---|
| [a](t) | a | a |
| b \\| c |

## Second

[ref]: http://ref "t"
"""


def written(kind: str) -> list[tuple[str, str]]:
    """What is written where each part of a kind is located, and its key path."""
    lines = BODY.split("\n")
    return [
        (".".join(map(str, key_path)), lines[at.line][at.column :])
        for key_path, at in read_body(BODY).locations.items()
        if key_path[0] == kind
    ]


@pytest.mark.parametrize(
    ("number", "url", "text", "kind", "begin"),
    [
        (0, "x.md", "a", "link", "[a]"),
        (1, "https://e.org/\u00e4", "https://e.org/\u00e4", "link", "<https"),
        (2, "other note", "other note", "wiki", "[[other"),
        (3, "x", "The X", "wiki", "[[x|"),
        (4, "a.png", "pic", "image", "![pic]"),
        (5, "http://ref", "ref", "link", "[ref]"),
        (6, "", "", "link", "[]()"),
        (7, "q", "in quote", "link", "[in quote]"),
        (8, "1", "one", "link", "[one](1),"),
        (9, "1", "one", "link", "[one](1)"),
        (10, "t", "a", "link", "[a](t) |"),
    ],
)
def test_a_link_of_each_kind_is_located(
    number: int, url: str, text: str, kind: str, begin: str
) -> None:
    """In lines, lists, quotes and tables; code has none."""
    links = read_body(BODY).values["$links"]
    assert len(links) == 11
    assert links[number] == {"url": url, "text": text, "kind": kind}
    places = dict(written("$links"))
    assert all(places[f"$links.{number}{below}"].startswith(begin) for below in ("", ".kind"))
    assert places[f"$links.{number}.text"].startswith(text)
    # the address of a reference is written elsewhere
    assert places[f"$links.{number}.url"].startswith(begin if text == "ref" else url)


def test_headings_and_sections_are_located() -> None:
    """Also text before the first heading; a line of code is no heading."""
    values = read_body(BODY).values
    assert values["$heading"] == "The first heading"
    found = [(each["heading"], each["level"], each["text"][:5]) for each in values["$sections"]]
    assert found == [
        (None, 0, "Intro"),
        ("The first heading", 1, "See <"),
        ("Second", 2, "[ref]"),
    ]
    places = dict(written("$sections"))
    assert places["$sections.1.heading"] == "The *first* heading"
    assert places["$sections.1.text"].startswith("See <")
    assert written("$heading") == [("$heading", "The *first* heading")]


def test_cells_of_tables_are_located() -> None:
    """One after the other on their line, also if they are equal; a row may be short."""
    assert read_body(BODY).values["$tables"] == [
        [{"name": "a", "n": "a", "n 3": "a"}, {"name": "b | c", "n": "", "n 3": ""}]
    ]
    places = dict(written("$tables"))
    assert [places[f"$tables.0.0.{name}"] for name in ("name", "n", "n 3")] == [
        "[a](t) | a | a |",
        "a | a |",
        "a |",
    ]
    assert places["$tables.0.1.name"] == "b \\| c |"


def test_a_body_without_parts_has_none() -> None:
    """An empty one, too."""
    for body in ("", "\n\n"):
        values = read_body(body).values
        assert values == {"$heading": None, "$links": [], "$sections": [], "$tables": []}


DESCRIPTOR = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: {path: "notes/{note}.md"}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, from: "{note}"}
        - {name: title, from: [title, $heading], constraints: {required: true, maxLength: 5}}
  - name: links
    parent: notes
    rows: .$links.{n}
    checks:
      - name: to-nothing
        field: url
        message: "{url} is no note"
        query: SELECT note, n, url FROM links WHERE url NOT IN (SELECT note FROM notes)
    schema:
      fields:
        - {name: n, type: integer, from: "{n}"}
        - {name: url, from: $value.url}
  - name: prices
    parent: notes
    rows: .$tables.{t}.{row}
    schema:
      fields:
        - {name: t, type: integer, from: "{t}"}
        - {name: row, type: integer, from: "{row}"}
        - {name: price, type: number, from: "$tables.{t}.{row}.Price"}
"""


def test_findings_point_into_the_body(tmp_path: Path, monkeypatch: Any) -> None:
    """From a type, a constraint and a query over whole tables; a key of that name is a value like others."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "datapackage.yaml").write_text(DESCRIPTOR)
    (tmp_path / "notes/a.md").write_text(
        "---\n$links: x\n---\n\n# The long one\n\nTo [[a]] and\n[[b]]\n\n"
        "| Item | Price |\n|---|---|\n| nut | cheap |\n"
    )
    (tmp_path / "notes/c.md").write_text("---\ntitle: C\n---\nTo [[a]].\n")
    monkeypatch.chdir(tmp_path)
    _, out, _ = run("check")
    mapped = "which nothing maps; map it with `from`, or ignore it with a reason"
    assert out.splitlines()[:-1] == [
        f"notes/a.md:2:9: error: unmapped-path: \"$links\" is 'x', {mapped}",
        "notes/a.md:5:3: error: title-maxLength: title is 'The long one', expected at most 5 characters",
        "notes/a.md:8:3: error: to-nothing: 'b' is no note",
        "notes/a.md:12:9: error: price-type: Price is 'cheap', expected a number",
    ]


EVERY_SHAPE = """\
name: things
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records:
  things: {path: "things/{id}.md"}
resources:
  - name: things
    rows: things
    schema:
      primaryKey: [code]
      fields:
        - {name: code, from: "{id}-{series}"}
        - {name: title, from: [title, $heading, "{id}"]}
        - {name: lon, type: number, from: coordinates.0}
        - {name: lat, type: number, from: coordinates.1}
        - {name: is_over, type: boolean, from: end, when: boolean}
        - {name: end, type: date, from: end, when: date}
        - {name: digest, from: $sha256}
  - name: tags
    parent: things
    rows: {path: ".tags.{n}", oneOrMany: true, split: ","}
    schema:
      fields: [{name: n, type: integer, from: "{n}"}, {name: tag, from: $value}]
  - name: others
    parent: things
    rows: .{rest}
    schema:
      fields: [{name: key, from: "{rest}"}, {name: value, from: $value}]
  - name: links
    parent: things
    rows: .$links.{n}
    schema:
      fields: [{name: n, type: integer, from: "{n}"}, {name: url, from: $value.url}]
"""


def test_a_release_of_every_shape_is_rebuilt_and_compared(tmp_path: Path) -> None:
    """Its descriptor is read again by each command; tags are a list, one, or a text with commas."""
    texts = {
        "a": "coordinates: [12.5, 41.9]\ntags: [harbour, night]\nend: false",
        "b": "tags: harbour\nend: 2024-05-01\ncolour: red",
        "c": "tags: harbour, night\ntitle: C",
        "d": "tags:",
    }
    for name, text in texts.items():
        path = tmp_path / f"things/{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\nseries: x\n{text}\n---\n# The {name}\n\nSee [[a]].\n")
    (tmp_path / "datapackage.yaml").write_text(EVERY_SHAPE)
    how = ("--descriptor", f"{tmp_path}/datapackage.yaml", "--no-cache", "--out")
    code, out, _ = run("build", *how, f"{tmp_path}/dist")
    assert code == 0, out
    release = tmp_path / "dist/0.1.0"
    assert run("verify", "--rebuild", str(release))[0] == 0
    assert run("diff", str(release), str(release))[0] == 0
    assert (release / "data/tags.csv").read_text().splitlines() == [
        "code,n,tag",
        '"a-x",0,"harbour"',
        '"a-x",1,"night"',
        '"b-x",0,"harbour"',
        '"c-x",0,"harbour"',
        '"c-x",1,"night"',
    ]
    assert (release / "data/others.csv").read_text() == 'code,key,value\n"b-x","colour","red"\n'
    cells = [line.split(",")[:6] for line in (release / "data/things.csv").read_text().splitlines()]
    assert cells[1:] == [
        ['"a-x"', '"The a"', "12.5", "41.9", "false", ""],
        ['"b-x"', '"The b"', "", "", "", "2024-05-01"],
        ['"c-x"', '"C"', "", "", "", ""],
        ['"d-x"', '"The d"', "", "", "", ""],
    ]

"""Records in one file: a slice is read and located as in the whole, and all formats give the same tables."""

from __future__ import annotations

import csv
import io
import itertools
import json
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release.descriptor.model import Container
from release.records.files import file_reader
from release.records.files.sources import Source
from release.records.locations import locate_all, location_of
from release.records.reader import Front
from release.syntax.formats import entries
from release.syntax.formats.entries import Cut, Entry
from release.syntax.formats.front_matter import HARMLESS
from release.syntax.formats.pieces import Piece
from release.syntax.paths import KeyPath, parse_path
from release.syntax.paths import Path as KeyPattern
from tests.support import kit
from tests.support.random_records import KEYS, TREES

PATHS = [parse_path(text) for text in ("{n}", "a.{n}", "{m}.{n}", "{m}.a", "a.b.{n}")]
SOURCE = Source("notes", "a", "a", {}, within=("n",))


def flat(entry: Entry) -> tuple[Any, ...]:
    """An entry and where its values are."""
    at = entry.line, entry.line, entry.column, entry.prefix
    front = Front(SOURCE, entry.text, entry.format, *at)
    depth = len(entry.prefix)
    found = {
        path[depth:]: (place.line, place.column)
        for path, place in locate_all(front).items()
        if path[:depth] == entry.prefix and len(path) > depth
    }
    return entry.keys, json.dumps(entry.value), found


def is_read(cut: Cut) -> bool:
    """Whether no value of a text is in doubt."""
    return all(fault.rule in HARMLESS for fault in cut.faults)


def compare(text: str, form: Any, path: KeyPattern) -> None:
    """Compare what is read of a text slice by slice with what is read of the whole."""
    cut, whole = entries.cut_values(text, form, path), entries.cut_whole(text, form, path)
    assert is_read(cut) == is_read(whole)
    if is_read(whole):
        assert list(map(flat, cut.entries)) == list(map(flat, whole.entries))
        assert list(map(flat, cut.beside)) == list(map(flat, whole.beside))
        assert {(f.rule, f.line, f.column) for f in cut.faults} == {
            (f.rule, f.line, f.column) for f in whole.faults
        }


STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([None, False, True]),
        "indent": st.integers(2, 5),
        "width": st.integers(8, 80),
        "allow_unicode": st.booleans(),
        "explicit_start": st.booleans(),
        "default_style": st.sampled_from([None, None, None, "'", '"', "|", ">"]),
    }
)
ROOTS = st.one_of(
    st.lists(TREES, max_size=4),
    st.dictionaries(st.one_of(st.just("a"), KEYS), TREES, max_size=3),
    st.fixed_dictionaries(
        {"a": st.dictionaries(st.one_of(st.just("b"), KEYS), TREES, max_size=3)},
        optional={"meta": TREES},
    ),
    st.fixed_dictionaries({"a": st.lists(TREES, max_size=4)}, optional={"meta": TREES}),
)
#: Signs of syntax, alone and with what makes them mean something.
SIGNS = [
    *" \n#:'\">[]{},\t\\aé",
    "",
    "- ",
    "-\n",
    "\n- ",
    " # x",
    "\n# x\n",
    ": ",
    "|\n",
    "&a ",
    "*a",
    "!t ",
]
SIGNS += ["? ", "\n\n", "---\n", "\n...\n", "\n  "]
#: Changes to a text: so many characters from there on become these.
EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 2), st.sampled_from(SIGNS)),
    max_size=3,
)


def edit(text: str, edits: list[tuple[float, int, str]]) -> str:
    """A text after some changes."""
    for where, count, new in edits:
        at = int(where * (len(text) + 1))
        text = text[:at] + new + text[at + count :]
    return text


@settings(max_examples=150)
@given(ROOTS, STYLES, EDITS, st.sampled_from(PATHS))
def test_a_slice_of_yaml_is_read_as_in_the_whole(
    root: Any, style: Any, edits: Any, path: KeyPattern
) -> None:
    """Values, locations and faults are the same, however the text is written."""
    compare(edit(yaml.dump(root, sort_keys=False, **style), edits), "yaml", path)


@settings(max_examples=80)
@given(ROOTS, st.sampled_from([None, 0, 1, "\t"]), EDITS, st.sampled_from(PATHS))
def test_a_slice_of_json_is_read_as_in_the_whole(
    root: Any, indent: Any, edits: Any, path: KeyPattern
) -> None:
    """Values, locations and faults are the same, however the text is written."""
    compare(edit(json.dumps(root, indent=indent, ensure_ascii=False), edits), "json", path)


@settings(max_examples=50)
@given(st.lists(TREES, max_size=9), st.integers(1, 5), st.sampled_from(["json", "jsonl", "yaml"]))
def test_pieces_together_are_the_whole(items: list[Any], of: int, form: Any) -> None:
    """Each entry, leaf beside the entries, and fault is in one piece, in order."""
    path = parse_path("{n}")
    texts = {
        "json": json.dumps(items),
        "jsonl": "".join(f"{json.dumps(item)}\n" for item in items),
        "yaml": yaml.dump(items),
    }
    cut = (
        entries.cut_lines if form == "jsonl" else lambda *a: entries.cut_values(a[0], form, *a[1:])
    )
    whole = cut(texts[form], path)
    pieces = [cut(texts[form], path, Piece(number, of)) for number in range(of)]
    assert [each for piece in pieces for each in piece.entries] == whole.entries
    assert [each for piece in pieces for each in piece.faults] == whole.faults


def number_leaves(value: Any, count: itertools.count[int]) -> Any:
    """A value of the same shape, whose leaves are different numbers of four digits."""
    if isinstance(value, dict):
        return {key: number_leaves(item, count) for key, item in value.items()}
    if isinstance(value, list):
        return [number_leaves(item, count) for item in value]
    return next(count)


def write_toml(items: list[Any]) -> str:
    """A TOML text with items in a list `a`."""

    def inline(value: Any) -> str:
        if isinstance(value, dict):
            pairs = (f"{json.dumps(key)} = {inline(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        return f"[{', '.join(map(inline, value))}]" if isinstance(value, list) else str(value)

    return f"a = [\n  {(',' + chr(10) + '  ').join(map(inline, items))}\n]\n"


def leaves(value: Any, key_path: KeyPath = ()) -> Iterator[KeyPath]:
    """The key path of each number in a value."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*key_path, key))
    else:
        yield key_path


@settings(max_examples=40)
@given(st.lists(st.one_of(TREES, st.just({"a": 1})), min_size=1, max_size=4), STYLES, st.data())
def test_a_value_stands_where_it_is_located(
    items: list[Any], style: Any, data: st.DataObject
) -> None:
    """In each format, changing the text at the location of a value changes that value and no other."""
    items = number_leaves(items, itertools.count(1000))
    path = parse_path("a.{n}")
    texts = {
        "yaml": yaml.dump({"a": items}, **style | {"default_style": None}),
        "json": json.dumps({"a": items}, indent=style["indent"]),
        "toml": write_toml(items),
        "jsonl": "".join(f"{json.dumps(item)}\n" for item in items),
    }
    form: Any
    for form, text in texts.items():
        cut = partial(entries.cut_lines, path=path[1:])
        if form != "jsonl":
            cut = partial(entries.cut_values, form=form, path=path)
        found = cut(text).entries
        assert [entry.value for entry in found] == items, form
        number, entry = data.draw(st.sampled_from(list(enumerate(found))))
        front = Front(SOURCE, entry.text, entry.format, entry.line, 0, entry.column, entry.prefix)
        for key_path in leaves(entry.value):
            whole = (*entry.prefix, *key_path)
            line, column = location_of(locate_all(front), whole, front, key=False)
            lines = text.split("\n")
            lines[line - 1] = lines[line - 1][: column - 1] + "7" + lines[line - 1][column + 3 :]
            changed = [each.value for each in cut("\n".join(lines)).entries]
            assert get(changed, (number, *key_path)) == 7
            put(changed, (number, *key_path), get(items, (number, *key_path)))
            assert changed == items


def get(value: Any, key_path: KeyPath) -> Any:
    """The value at a key path."""
    for key in key_path:
        value = value[key]
    return value


def put(value: Any, key_path: KeyPath, item: Any) -> None:
    """Put an item at a key path."""
    get(value, key_path[:-1])[key_path[-1]] = item


FIELDS = """
      fields:
        - {name: n, type: integer, from: "{n}"}
        - {name: title, from: title}
        - {name: count, type: integer, from: count}
        - {name: size, type: number, from: size}
        - {name: seen, type: boolean, from: seen}
"""
KINDS = {
    "yaml": "{path: a.yaml, records: '{n}'}",
    "json": "{path: a.json, records: 'a.{n}'}",
    "toml": "{path: a.toml, records: 'a.{n}'}",
    "jsonl": "{path: a.jsonl, records: '{n}'}",
    "csv": "{path: a.csv, records: '{n}'}",
    "tsv": "{path: a.tsv, records: '{n}'}",
}
FLAT = st.fixed_dictionaries(
    {"title": st.none() | st.text("ab c,;'é中\t\"#:-|", min_size=1, max_size=6)},
    optional={
        "count": st.none() | st.integers(-9, 99),
        "size": st.none() | st.integers(-36, 99).map(lambda n: n / 4),
        "seen": st.none() | st.booleans(),
    },
)


def write_cells(items: list[Any], delimiter: str) -> str:
    """A CSV or TSV text of items; what an item has not is an empty cell."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ["seen", "title", "count", "size"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(
        {key: json.dumps(v) if isinstance(v, bool) else v for key, v in item.items()}
        for item in items
    )
    return out.getvalue()


@settings(max_examples=8)
@given(st.lists(FLAT, min_size=1, max_size=5), STYLES)
def test_all_formats_give_the_same_tables(items: list[Any], style: Any) -> None:
    """The same values in YAML, JSON, TOML, JSON Lines, CSV and TSV are the same rows."""
    there = [{key: value for key, value in item.items() if value is not None} for item in items]
    toml = write_toml([number_texts(item) for item in there])
    tables = "".join(
        f"  - name: t_{form}\n    rows: {form}\n    schema:\n      primaryKey: [n]{FIELDS}"
        for form in KINDS
    )
    kinds = "".join(f"  {form}: {kind}\n" for form, kind in KINDS.items())
    head = "name: a\nversion: 0.1.0\ncreated: '2026-01-01T00:00:00Z'\nseverity: {blank-ends: warning}\n"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {
            "yaml": yaml.dump(items, **style | {"default_style": None}),
            "json": json.dumps({"a": items}, ensure_ascii=style["allow_unicode"]),
            "toml": toml,
            "jsonl": "".join(f"{json.dumps(item)}\n" for item in items),
            "csv": write_cells(items, ","),
            "tsv": write_cells(items, "\t"),
        }
        for form, text in files.items():
            (folder / f"a.{form}").write_bytes(text.encode())
        (folder / "datapackage.yaml").write_text(f"{head}records:\n{kinds}resources:\n{tables}")
        outcome = kit.check(folder)
        assert [str(each) for each in outcome.findings if each.severity == "error"] == []
        first, *others = outcome.content.tables.values()
        assert all(other.equals(first) for other in others)
        assert first["title"].to_pylist() == [item.get("title") for item in items]


def number_texts(item: Any) -> Any:
    """An item for `write_toml`: texts in quotes, booleans as TOML has them."""
    return {
        key: json.dumps(value) if isinstance(value, str | bool) else value
        for key, value in item.items()
    }


#: A file of each format that holds several records.
FILES = {
    "csv": 'id,title\r\n1,"Rain, and\n ""x"""\r\n2,a\r\n',
    "tsv": "a\tb\n1\t2\n",
    "jsonl": '{"a": 1}\n\n[1, {"b": null}]\n"x"\n',
    "yaml": "---\na: 1\n---\n- b\n...\n--- {c: [1]}\n",
    "toml": "[[a]]\nx = 1\n[[a]]\nx = {y = [2]}\n",
    "json": '{"a": [{"b": 1}, 2, null]}',
}


@settings(max_examples=150)
@given(st.sampled_from(list(FILES)), EDITS, st.sampled_from(["{n}", "a.{n}", "{n}.{m}", ""]))
def test_any_file_is_read_or_refused(form: str, edits: Any, path: str) -> None:
    """Each record that is read is the same when its text is read again, as a finding does."""
    source = Source("notes", f"a.{form}", f"a.{form}", {})
    records = parse_path(path) if path else ()
    data = edit(FILES[form], edits).encode()
    read = file_reader.parse_file(source, data, "", Container(records=records))
    for record in read.records:
        if record.values is not None:
            assert json.dumps(record.front.values()) == json.dumps(record.values)
        locate_all(record.front)

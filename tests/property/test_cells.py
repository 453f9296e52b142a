"""In every format and fence, the same values give the same cells, each located at the value it is made of."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release.descriptor import load
from release.records import normalize
from release.records.files import file_reader
from release.records.files.sources import Source
from release.records.tracer import Tracer, origin_of
from tests.support.descriptors import TAGS_AND_MAILS

#: The descriptor of records that stand in files as FORM says.
DESCRIPTOR = (
    """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: FORM
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, from: "{note}"}
        - {name: title, from: [title, name]}
        - {name: code, from: "{series}-{no}"}
        - {name: size, type: number, from: size, when: number}
        - {name: about, from: size, when: text}
        - {name: first, from: at.0}
        - {name: heading, from: $heading}
        - {name: summary, from: $sections.1.text}
  - name: people
    parent: notes
    rows: {path: ".people.{n}", oneOrMany: true}
    schema:
      fields:
        - {name: n, from: "{n}"}
        - {name: who, from: "people.{n}.name"}
        - {name: born, type: integer, from: $value.born}
  - name: others
    parent: notes
    rows: ".{rest}"
    schema:
      fields: [{name: key, from: "{rest}"}, {name: value, from: $value}]
  - name: links
    parent: notes
    rows: .$links.{n}
    schema:
      fields: [{name: n, from: "{n}"}, {name: url, from: $value.url}, {name: text, from: $value.text}]
  - name: cells
    parent: notes
    rows: .$tables.{t}.{row}
    schema:
      fields: [{name: t, from: "{t}"}, {name: row, from: "{row}"}, {name: price, from: $value.price}]
"""
    + TAGS_AND_MAILS
)
KEYS = frozenset("note n m key t row".split())

LEAF = st.sampled_from(["int", "text"])
TEXTS = st.one_of(LEAF, st.sampled_from(["list", "lists"]))
FLAT = st.fixed_dictionaries(
    {},
    optional={"series": LEAF, "no": LEAF, "size": LEAF, "tags": TEXTS, "more": LEAF, "x y": LEAF},
)
TITLE = st.sampled_from([{}, {"title": "text"}, {"name": "text"}, {"title": "int"}])
PERSON = st.fixed_dictionaries(
    {}, optional={"name": LEAF, "born": st.just("int"), "mails": st.lists(LEAF) | LEAF}
)
NESTED = st.fixed_dictionaries(
    {},
    optional={
        "people": st.lists(PERSON, max_size=2) | PERSON,
        "at": st.lists(LEAF, min_size=1, max_size=1),
        "extra": LEAF,
    },
)


def fill(shape: Any, numbers: Iterator[int]) -> Any:
    """A value of a shape, each of whose leaves holds numbers that no other one holds."""
    if isinstance(shape, dict):
        return {key: fill(each, numbers) for key, each in shape.items()}
    if isinstance(shape, list):
        return [fill(each, numbers) for each in shape]
    if shape == "int":
        return next(numbers)
    if shape == "text":
        return f"é \"{next(numbers)}'"
    return " ,".join(str(next(numbers)) for _ in range(2 if shape == "list" else 3))


def write_toml(values: Mapping[str, Any]) -> str:
    """Keys and values in TOML."""

    def inline(value: Any) -> str:
        if isinstance(value, dict):
            pairs = (f"{json.dumps(key)} = {inline(each)}" for key, each in value.items())
            return f"{{{', '.join(pairs)}}}"
        if isinstance(value, list):
            return f"[{', '.join(map(inline, value))}]"
        return json.dumps(value, ensure_ascii=False)

    return "".join(f"{json.dumps(key)} = {inline(value)}\n" for key, value in values.items())


def write_csv(values: Mapping[str, Any], delimiter: str) -> str:
    """A header and one row."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([values.keys(), values.values()])
    return out.getvalue()


def to_yaml(values: Any) -> str:
    return str(yaml.dump(values, allow_unicode=True, width=30, sort_keys=False))


def to_json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class Form:
    """How a record stands in a file: the kind that reads it, and what writes it."""

    kind: str
    write: Callable[[Any], str]
    is_flat: bool = False
    has_body: bool = False


def fenced(begin: str, write: Callable[[Any], str], end: str) -> Form:
    return Form(
        '{path: "n/{note}.md"}',
        lambda values: f"{begin}\n{write(values).rstrip()}\n{end}\n",
        has_body=True,
    )


ONE = '{path: "n/{note}.ENDING"}'
FORMS = {
    "yaml": Form(ONE.replace("ENDING", "yaml"), to_yaml),
    "yaml documents": Form(
        '{path: a.yaml, format: yaml-documents, records: "{note}"}',
        lambda values: f"---\n{to_yaml(values)}---\n",
    ),
    "yaml list": Form('{path: a.yaml, records: "{note}"}', lambda values: to_yaml([values])),
    "json": Form(ONE.replace("ENDING", "json"), to_json),
    "json list": Form('{path: a.json, records: "{note}"}', lambda values: to_json([values])),
    "toml": Form(ONE.replace("ENDING", "toml"), write_toml),
    "json lines": Form('{path: a.jsonl, records: "{note}"}', lambda v: f"\n{json.dumps(v)}\n"),
    "csv": Form('{path: a.csv, records: "{note}"}', lambda v: write_csv(v, ","), is_flat=True),
    "tsv": Form('{path: a.tsv, records: "{note}"}', lambda v: write_csv(v, "\t"), is_flat=True),
    "---": fenced("---", to_yaml, "---"),
    "--- ...": fenced("---", to_yaml, "..."),
    "--- json": fenced("---", to_json, "---"),
    "+++": fenced("+++", write_toml, "+++"),
    ";;;": fenced(";;;", to_json, ";;;"),
    "{}": Form('{path: "n/{note}.md"}', lambda v: f"{to_json(v)}\n", has_body=True),
    "```yaml": fenced("```yaml", to_yaml, "```"),
    "```json": fenced("```json", to_json, "```"),
    "```toml": fenced("```toml", write_toml, "```"),
}


@cache
def plan_of(kind: str) -> normalize.Plan:
    """What reads records of a kind."""
    text = DESCRIPTOR.replace("FORM", kind)
    return normalize.make_plan(load.parse(text, Path("datapackage.yaml")), {})


#: A cell by its table, its row's key and its field: its value as text, and where that is located.
Cells = dict[tuple[str, ...], tuple[str, tuple[int, int]]]


def read(text: str, form: Form) -> Cells:
    """Read the cells of one record, which loses no value, and locate each."""
    plan = plan_of(form.kind)
    kind = plan.descriptor.kinds[0]
    path = "n/0" + kind.pattern.template[-5:] if "{" in kind.pattern.template else "a"
    ending = kind.pattern.template.rpartition(".")[2]
    captures = {"note": "0"} if "{" in kind.pattern.template else {}
    source = Source("notes", f"{path}.{ending}", f"{path}.{ending}", captures)
    content = file_reader.parse_file(source, text.encode(), "", kind.container)
    (record,) = content.records
    record = replace(record, front=replace(record.front, body=record.body))
    tracer = Tracer(plan.finders, {0: record.front}.get, {0: record.values}.get)
    tables, findings = normalize.normalize({0: record}, plan, tracer)
    assert [each.message for each in findings if "only together with" not in each.message] == []
    cells: Cells = {}
    for resource in plan.descriptor.resources:
        table = tables[resource.name]
        for row, values in enumerate(table.select(resource.field_names).to_pylist()):
            key = [str(value) for name, value in values.items() if name in KEYS]
            for name, value in values.items():
                if name not in KEYS and value is not None:
                    field = resource.field(name)
                    at, _ = tracer.locate_cell(origin_of(table, row), resource, field)
                    found = re.sub(r"\.0$", "", str(value))
                    cells[resource.name, *key, name] = found, (at["line"], at["column"])
    return cells


#: What may stand between the beginning of a value and its first number, quotes and escapes among it.
_NUMBER = re.compile(r"""["']{0,3}(?:(?:é|\\u00e9) (?:"|""|\\")|# )?([1-9][0-9]{3})""")


def change(text: str, cells: Cells) -> tuple[str, dict[str, str]]:
    """Change the number at the location of each cell; return the text, and the new by the old numbers."""
    lines = text.split("\n")
    changed = {}
    for key, (_, (line, column)) in cells.items():
        found = _NUMBER.match(lines[line - 1], column - 1)
        assert found is not None, (key, lines[line - 1][column - 1 :])
        begin, end = found.span(1)
        if int(found[1]) < 5000:
            changed[found[1]] = str(int(found[1]) + 4000)
            lines[line - 1] = lines[line - 1][:begin] + changed[found[1]] + lines[line - 1][end:]
    return "\n".join(lines), changed


BODY = "\n# 4001\n\nSee [4002](4003), ![4004](<4005>),\n[[4006|4007]].\n\n## 4009\n\n4010\n\n"
BODY += "- x [4011](4012)\n\n| of | price |\n|--|--|\n| a | 4013 |\n| b | 4014 |\n"


@settings(max_examples=12)
@given(FLAT, TITLE, NESTED)
def test_a_cell_is_the_same_in_each_format_and_located_there(
    flat: Any, title: Any, nested: Any
) -> None:
    """What is changed at the locations of cells changes each of them, and nothing else."""
    numbers = itertools.count(1000)
    values = {"id": 999, **fill({**title, **flat}, numbers)}
    deep = {**values, **fill(nested, numbers)}
    expected: dict[bool, Any] = {}
    for name, form in FORMS.items():
        text = form.write(values if form.is_flat else deep)
        cells = read(text, form)
        plain = {key: value for key, (value, _) in cells.items()}
        assert plain == expected.setdefault(form.is_flat, plain), name
        del cells["others", "0", "id", "value"]
        text, changed = change(text, cells)
        again = {key: value for key, (value, _) in read(text, form).items()}
        assert again == {key: renumber(value, changed) for key, value in plain.items()}, name
        assert all(changed.keys() & {*re.findall("[0-9]{4}", plain[key])} for key in cells), name


def renumber(value: str, changed: Mapping[str, str]) -> str:
    """A text with other numbers."""
    return re.sub("[0-9]{4}", lambda number: changed.get(number[0], number[0]), value)


def test_parts_of_a_body_are_located_there_in_each_format() -> None:
    """Behind front matter of any fence, links, headings, sections and cells of tables."""
    for name, form in FORMS.items():
        if form.has_body:
            text = form.write({"title": 1000}) + BODY
            cells = read(text, form)
            assert len(cells) == 13, name
            text, changed = change(text, cells)
            again = {key: value for key, (value, _) in read(text, form).items()}
            assert again == {key: renumber(v, changed) for key, (v, _) in cells.items()}, name
            assert len(changed) == 13, name

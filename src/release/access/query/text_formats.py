"""Formats of a result that are text: CSV, JSON, and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from release.access import cells, json_rows
from release.access.query.result import Form, QueryResult, expect_names
from release.syntax import markdown
from release.syntax.formats import csv_cells


def csv(result: QueryResult) -> Iterator[str]:
    """Yield a result as CSV, in the dialect of a release: text in quotes, a missing value without any."""
    yield ",".join(map(csv_cells.write_name, result.names)) + "\n"
    for batch in result.batches:
        if not batch.num_rows:
            continue
        columns = [_csv_column(*each) for each in zip(batch.columns, result.forms, strict=True)]
        lines = pc.binary_join_element_wise(
            *columns, _text(","), null_handling="replace", null_replacement=""
        )
        yield "".join(f"{line}\n" for line in lines.to_pylist())


def _csv_column(column: pa.Array, form: Form) -> pa.Array:
    texts = cells.write(column).cast(pa.large_string())
    if form in ("number", "boolean") or not pa.types.is_string(column.type):
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    return pc.binary_join_element_wise(_text('"'), doubled, _text('"'), _text(""))


def _text(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())


def jsonl(result: QueryResult) -> Iterator[str]:
    """Yield a result as JSON, one object a line."""
    for row in _objects(result):
        yield f"{row}\n"


def to_json(result: QueryResult) -> Iterator[str]:
    """Yield a result as JSON: a list of objects."""
    before = "["
    for row in _objects(result):
        yield f"{before}\n  {row}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _objects(result: QueryResult) -> Iterator[str]:
    """Yield each row as an object of JSON.

    Raises:
        SqlError: Two columns have one name.
    """
    expect_names(result)
    names = [f"{json.dumps(name, ensure_ascii=False)}: " for name in result.names]
    for batch in result.batches:
        columns = [
            json_rows.write_column(column, is_json=form == "json")
            for column, form in zip(batch.columns, result.forms, strict=True)
        ]
        yield from json_rows.join(names, columns)


def to_markdown(result: QueryResult) -> Iterator[str]:
    """Yield a result as a table of Markdown; numbers are on the right."""
    rules = ["--:" if form == "number" else "---" for form in result.forms]
    yield _row(map(markdown.escape, result.names)) + _row(rules)
    for batch in result.batches:
        texts = [cells.write(column).to_pylist() for column in batch.columns]
        for row in zip(*texts, strict=True):
            yield _row("" if each is None else markdown.escape(each) for each in row)


def _row(texts: Iterator[str] | Sequence[str] | map[str]) -> str:
    return f"| {' | '.join(texts)} |\n"

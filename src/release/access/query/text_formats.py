"""Formats of a result that are text: CSV, JSON, and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from release.access.query import cells
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

    Integers have all of their digits. A decimal is text, because most readers of JSON would round it, and so
    is a number that JSON has not, such as NaN.

    Raises:
        SqlError: Two columns have one name.
    """
    expect_names(result)
    names = [f"{json.dumps(name, ensure_ascii=False)}: " for name in result.names]
    for batch in result.batches:
        columns = [_json_column(*each) for each in zip(batch.columns, result.forms, strict=True)]
        for row in zip(*columns, strict=True):
            yield "{" + ", ".join(map("".join, zip(names, row, strict=True))) + "}"


def _json_column(column: pa.Array, form: Form) -> list[str]:
    """Return the values of a column as JSON."""
    texts = ["null" if each is None else each for each in cells.write(column).to_pylist()]
    is_exact = not (pa.types.is_decimal(column.type) and column.type.scale)
    if form in ("json", "boolean") or (form == "number" and is_exact):
        return [_NO_JSON.get(text, text) for text in texts]
    valid = column.is_valid().to_pylist()
    return [
        json.dumps(text, ensure_ascii=False) if is_there else text
        for text, is_there in zip(texts, valid, strict=True)
    ]


_NO_JSON = {"nan": '"NaN"', "-nan": '"NaN"', "inf": '"Infinity"', "-inf": '"-Infinity"'}


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

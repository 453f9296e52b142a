"""Labels of codes, by language, from the table of their codelist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor.model import Resource
from release.package.metadata.summary.model import ColumnSummary
from release.records.codelists import find_label_columns

#: The most characters of a label.
_CHARACTERS = 200


def find_labels(codes: pa.Array, codelist: Resource, table: pa.Table) -> list[Mapping[str, str]]:
    """Return the labels of each code by language; none for a text that is no code."""
    columns = find_label_columns(codelist)
    at = pc.index_in(codes, value_set=table[codelist.primary_key[0]].combine_chunks())
    rows = {language: table[name].take(at).to_pylist() for name, language in columns.items()}
    return [
        {language: labels[row] for language, labels in rows.items() if labels[row]}
        for row in range(len(codes))
    ]


def with_labels(summary: ColumnSummary, codelist: Resource, table: pa.Table) -> ColumnSummary:
    """Add labels to the commonest values of a column of codes."""
    codes = pa.array([each.value for each in summary.values], pa.string())
    found = find_labels(codes, codelist, table)
    values = tuple(
        replace(each, labels={language: text[:_CHARACTERS] for language, text in labels.items()})
        for each, labels in zip(summary.values, found, strict=True)
    )
    return replace(summary, values=values)

"""The summary of a column in words."""

from __future__ import annotations

from release.package.metadata.summary.model import ColumnSummary, CommonValue, Quartiles
from release.package.page.pictures import svg

#: So many columns of a value stand in a sentence.
_COLUMNS = 40


def describe(summary: ColumnSummary, language: str = "") -> str:
    """Say what is in a column: `score: 0 to 100, half between 40 and 80; 2 missing`."""
    said = f"{summary.name}: {describe_values(summary, language)}"
    if summary.missing:
        said += f"; {summary.missing:,} missing"
    return said


def describe_values(summary: ColumnSummary, language: str = "") -> str:
    """Say what the values of a column are, without its name and what is missing."""
    quartiles = summary.quartiles
    if summary.kind == "values":
        return _describe_common(summary, language)
    if quartiles is None:
        return "no value"
    if summary.kind == "lengths":
        return f"text of {_describe_span(quartiles)} characters"
    if summary.kind == "dates":
        return _describe_span(quartiles, most=_describe_peak(summary))
    return _describe_span(quartiles)


def _describe_span(quartiles: Quartiles, most: str = "") -> str:
    if quartiles.minimum == quartiles.maximum:
        return f"always {quartiles.minimum}"
    half = f", half between {quartiles.lower} and {quartiles.upper}"
    return f"{quartiles.minimum} to {quartiles.maximum}{most or half}"


def _describe_peak(summary: ColumnSummary) -> str:
    """Say in which period most of the rows are."""
    if summary.periods is None:
        return ""
    period, rows = max(summary.periods.rows.items(), key=lambda each: each[1])
    names = {"hour": "in the hour {}", "decade": "in the {}s", "century": "in the years from {} on"}
    return f", most {names.get(summary.periods.unit, 'in {}').format(period)} ({rows:,})"


def _describe_common(summary: ColumnSummary, language: str) -> str:
    if not summary.distinct:
        return "no value"
    if not summary.values:
        return f"{summary.distinct:,} values, each once"
    listed = ", ".join(f"{show(value, language)} {value.rows:,}" for value in summary.values)
    others = summary.distinct - len(summary.values)
    more = f", and {others:,} other value{'s' if others > 1 else ''}" if others else ""
    return f"{listed}{more}"


def show(value: CommonValue, language: str = "") -> str:
    """Return a value for people: the label of a code, if it has one, else the value; long ones are cut."""
    label = value.labels.get(language) or next(iter(value.labels.values()), "")
    shown = svg.cut(label or value.value, _COLUMNS)
    return f"{shown}…" if value.characters and not shown.endswith("…") else shown

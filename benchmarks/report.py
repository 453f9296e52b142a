"""Write the results of a run as JSON, as Markdown and as a plot."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import goals
from benchmarks.runs import Bench

#: The libraries whose versions may change the figures.
LIBRARIES = (
    "release",
    "pyarrow",
    "pandas",
    "frictionless",
    "python-frontmatter",
    "PyYAML",
    "duckdb",
    "orjson",
    "ryaml",
    "py-yaml12",
    "yamlrocks",
    "dask",
)

#: The labels of the measures, by name, in the order of tables and plot.
LABELS = {"peer": "the peer", **goals.OURS, "dask": "cold build, two Dask workers", **goals.LIMITS}


def collect_results(bench: Bench) -> dict[str, Any]:
    """Return all results of a run, in the form of `latest.json`."""
    measures = bench.collect_measures()
    return {
        "format": 1,
        "environment": {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "libraries": dict(_find_versions()),
            "parsers": bench.fastest_parsers(),
        },
        "rounds": bench.settings.rounds,
        "notes": bench.notes,
        "goals": [_describe_goal(verdict) for verdict in goals.judge_goals(measures)],
        "ratios": {
            name: {
                "value": _round(ratio.value),
                "low": _round(ratio.low),
                "high": _round(ratio.high),
            }
            for name, ratio in goals.compute_ratios(measures).items()
        },
        "measures": {
            str(size): {name: _summarize(series) for name, series in by_name.items()}
            for size, by_name in sorted(measures.series.items())
        },
        "limits": {
            str(size): _round(median(goals.sum_limits(measures, size)))
            for size, by_name in measures.series.items()
            if "limit-hash" in by_name
        },
        "stages": {
            name: {stage: _round(seconds) for stage, seconds in stages.items()}
            for name, stages in bench.median_stages().items()
        },
    }


def _find_versions() -> Iterator[tuple[str, str]]:
    for library in LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            continue


def _describe_goal(verdict: goals.Verdict) -> dict[str, Any]:
    return {
        "goal": verdict.goal.name,
        "wanted": f"at {'least' if verdict.goal.at_least else 'most'} {verdict.goal.bound:g}",
        "value": None if verdict.value is None else _round(verdict.value),
        "met": verdict.met,
        "verdict": str(verdict),
    }


def _summarize(series: goals.Series) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "runs": len(series.seconds),
        "median": _round(series.median),
        "min": _round(min(series.seconds)),
        "max": _round(max(series.seconds)),
    }
    return summary | ({"megabytes": round(series.peak / 1e6)} if series.memory else {})


def _round(value: float) -> float:
    """Round to four significant figures; more would be noise."""
    return float(f"{value:.4g}")


def write_results(results: Mapping[str, Any], last: Mapping[str, Any], folder: Path) -> str:
    """Write `latest.json`, `latest.md` and `latest.svg` into a folder; return the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    text = render_markdown(results, last)
    (folder / "latest.json").write_text(
        json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (folder / "latest.md").write_text(text, encoding="utf-8")
    (folder / "latest.svg").write_text(draw_plot(results), encoding="utf-8")
    return text


# Markdown


def render_markdown(results: Mapping[str, Any], last: Mapping[str, Any]) -> str:
    """Return the page of a run: goals, the comparison with the last run, all measures, stages."""
    return (
        "\n\n".join(
            [
                "# Results",
                _render_environment(results),
                *(
                    ["\n".join(f"- {note}" for note in results["notes"])]
                    if results["notes"]
                    else []
                ),
                "![Seconds against the peer's](latest.svg)",
                "## Goals",
                _render_goals(results["goals"]),
                "## Against the last run",
                _render_changes(results, last),
                *_render_sizes(results),
                "## Stages, seconds",
                _render_stages(results["stages"]),
            ]
        ).rstrip()
        + "\n"
    )


def _render_environment(results: Mapping[str, Any]) -> str:
    environment = results["environment"]
    libraries = ", ".join(f"{name} {number}" for name, number in environment["libraries"].items())
    parsers = ", ".join(f"{name} for {of.upper()}" for of, name in environment["parsers"].items())
    return (
        f"Python {environment['python']}, {environment['cores']} cores, "
        f"{results['rounds']} rounds; {libraries}. The fastest parsers: {parsers or 'not measured'}."
    )


def _render_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _render_goals(verdicts: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [goal["goal"], goal["wanted"], _format_number(goal["value"]), goal["verdict"]]
        for goal in verdicts
    ]
    return _render_table(["ratio", "goal", "measured", "verdict"], rows)


def _format_number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _render_changes(results: Mapping[str, Any], last: Mapping[str, Any]) -> str:
    now = {name: goals.Ratio(**ratio) for name, ratio in results["ratios"].items()}
    then = {name: ratio["value"] for name, ratio in last.get("ratios", {}).items()}
    rows = []
    for change in goals.compare_ratios(now, then):
        size, name, against = change.name.split("/")
        label = f"{LABELS[name]}, {int(size):,} records, to the {against}"
        rows.append(
            [label, _format_number(change.before), _format_number(change.now.value), change.verdict]
        )
    return (
        _render_table(["ratio", "then", "now", "verdict"], rows)
        if rows
        else "There is none to compare with."
    )


def _render_sizes(results: Mapping[str, Any]) -> Iterator[str]:
    for size, measures in results["measures"].items():
        yield f"## {int(size):,} records" if int(size) else "## Start-up and validation"
        yield _render_table(
            ["", "seconds", "least to greatest", "runs", "MB", "to the peer", "to the limits"],
            [_make_row(results, size, name, measures[name]) for name in _order_names(measures)],
        )
        if size in results["limits"]:
            total = results["limits"][size]
            yield (
                f"The sum of the limits is {_format_number(total)} s: hashing, parsing by 2 processes, "
                "writing Parquet."
            )


def _order_names(measures: Mapping[str, Any]) -> list[str]:
    return [*(name for name in LABELS if name in measures), *sorted({*measures} - {*LABELS})]


def _make_row(
    results: Mapping[str, Any], size: str, name: str, series: Mapping[str, Any]
) -> list[str]:
    ratios = [results["ratios"].get(f"{size}/{name}/{against}") for against in ("peer", "limit")]
    return [
        LABELS.get(name, name),
        _format_number(series["median"]),
        f"{_format_number(series['min'])} to {_format_number(series['max'])}",
        str(series["runs"]),
        str(series.get("megabytes") or ""),
        *(_format_number(ratio["value"]) if ratio else "" for ratio in ratios),
    ]


def _render_stages(medians: Mapping[str, Mapping[str, float]]) -> str:
    rows = []
    for name, stages in medians.items():
        size, script = name.split("/")
        listed = ", ".join(
            f"{stage} {_format_number(seconds)}" for stage, seconds in stages.items()
        )
        rows.append(f"- {int(size):,} records, {_STAGE_LABELS[script]}: {listed}")
    return "\n".join(rows) or "Not measured."


_STAGE_LABELS = {
    "peer": "the peer",
    "stages-1": "ours with 1 worker",
    "stages-2": "ours with 2 workers",
}


# the plot

_WIDTH, _LINE, _LEFT, _BAR = 760, 20, 230, 400
_COLOURS = {"peer": "#8c8c8c", "limit": "#c9a227"}


def draw_plot(results: Mapping[str, Any]) -> str:
    """Return an SVG with a bar for each measure, grouped by number of records; the unit is the peer."""
    y, parts = 10, []
    for size, measures in results["measures"].items():
        if "peer" not in measures:
            continue
        bars = {name: measures[name]["median"] for name in LABELS if name in measures}
        if size in results["limits"]:
            bars["limits"] = results["limits"][size]
        y += _LINE
        parts.append(
            _draw_text(10, y, f"{int(size):,} records; the peer is 1", "font-weight='bold'")
        )
        for name in [name for name in bars if not name.startswith("limit-")]:
            y += _LINE
            parts += _draw_bar(y, name, bars[name] / bars["peer"])
        y += _LINE // 2
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {y + 20}' "
        "font-family='sans-serif' font-size='13'>\n"
        f"<rect width='{_WIDTH}' height='{y + 20}' fill='#ffffff'/>\n" + "".join(parts) + "</svg>\n"
    )


def _draw_bar(y: int, name: str, ratio: float) -> list[str]:
    colour = _COLOURS.get("limit" if name == "limits" else name, "#2a6f97")
    length = max(1.0, min(ratio, 1.2) * _BAR)
    label = "the sum of the limits" if name == "limits" else LABELS[name]
    return [
        _draw_text(_LEFT - 8, y, label, "text-anchor='end'"),
        f"<rect x='{_LEFT}' y='{y - 11}' width='{length:.1f}' height='14' fill='{colour}'/>\n",
        _draw_text(int(_LEFT + length) + 6, y, _format_number(ratio)),
    ]


def _draw_text(x: int, y: int, text: str, more: str = "") -> str:
    return f"<text x='{x}' y='{y}' {more}>{escape(text)}</text>\n"

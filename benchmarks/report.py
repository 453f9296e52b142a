"""The results of a run as JSON, as a Markdown table and as a plot."""

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

#: What can make the numbers other ones.
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

NAMES = {"peer": "the peer", **goals.OURS, "dask": "cold build, two Dask workers", **goals.LIMITS}


def results(bench: Bench) -> dict[str, Any]:
    """Everything that a run found, as it is kept."""
    measures = bench.measures()
    return {
        "format": 1,
        "environment": {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "libraries": dict(_versions()),
            "parsers": bench.parsers(),
        },
        "rounds": bench.settings.rounds,
        "notes": bench.notes,
        "goals": [_goal(verdict) for verdict in goals.verdicts(measures)],
        "ratios": {
            name: {
                "value": _short(ratio.value),
                "low": _short(ratio.low),
                "high": _short(ratio.high),
            }
            for name, ratio in goals.ratios(measures).items()
        },
        "measures": {
            str(size): {name: _series(series) for name, series in by_name.items()}
            for size, by_name in sorted(measures.series.items())
        },
        "limits": {
            str(size): _short(median(goals.limits(measures, size)))
            for size, by_name in measures.series.items()
            if "limit-hash" in by_name
        },
        "stages": {
            name: {stage: _short(seconds) for stage, seconds in stages.items()}
            for name, stages in bench.stages().items()
        },
    }


def _versions() -> Iterator[tuple[str, str]]:
    for library in LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            continue


def _goal(verdict: goals.Verdict) -> dict[str, Any]:
    return {
        "goal": verdict.goal.name,
        "wanted": f"at {'least' if verdict.goal.at_least else 'most'} {verdict.goal.wanted:g}",
        "value": None if verdict.value is None else _short(verdict.value),
        "met": verdict.met,
        "verdict": str(verdict),
    }


def _series(series: goals.Series) -> dict[str, Any]:
    found: dict[str, Any] = {
        "runs": len(series.seconds),
        "median": _short(series.median),
        "min": _short(min(series.seconds)),
        "max": _short(max(series.seconds)),
    }
    return found | ({"megabytes": round(series.peak / 1e6)} if series.memory else {})


def _short(value: float) -> float:
    """Four figures: no run can tell more."""
    return float(f"{value:.4g}")


def write(found: Mapping[str, Any], before: Mapping[str, Any], folder: Path) -> str:
    """Write `latest.json`, `latest.md` and `latest.svg`; the Markdown is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    text = markdown(found, before)
    (folder / "latest.json").write_text(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (folder / "latest.md").write_text(text, encoding="utf-8")
    (folder / "latest.svg").write_text(svg(found), encoding="utf-8")
    return text


# Markdown


def markdown(found: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """The page of a run: goals, the last run, every measure, stages."""
    return (
        "\n\n".join(
            [
                "# Results",
                _environment(found),
                *(["\n".join(f"- {note}" for note in found["notes"])] if found["notes"] else []),
                "![Seconds against the peer's](latest.svg)",
                "## Goals",
                _goals(found["goals"]),
                "## Against the last run",
                _changes(found, before),
                *_sizes(found),
                "## Stages, seconds",
                _stages(found["stages"]),
            ]
        ).rstrip()
        + "\n"
    )


def _environment(found: Mapping[str, Any]) -> str:
    environment = found["environment"]
    libraries = ", ".join(f"{name} {number}" for name, number in environment["libraries"].items())
    parsers = ", ".join(f"{name} for {of.upper()}" for of, name in environment["parsers"].items())
    return (
        f"Python {environment['python']}, {environment['cores']} cores, "
        f"{found['rounds']} rounds; {libraries}. The fastest parsers: {parsers or 'not measured'}."
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _goals(found: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [goal["goal"], goal["wanted"], _number(goal["value"]), goal["verdict"]] for goal in found
    ]
    return _table(["ratio", "goal", "measured", "verdict"], rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _changes(found: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    now = {name: goals.Ratio(**ratio) for name, ratio in found["ratios"].items()}
    then = {name: ratio["value"] for name, ratio in before.get("ratios", {}).items()}
    rows = []
    for change in goals.changes(now, then):
        size, name, against = change.name.split("/")
        what = f"{NAMES[name]}, {int(size):,} records, to the {against}"
        rows.append([what, _number(change.before), _number(change.now.value), change.verdict])
    return (
        _table(["ratio", "then", "now", "verdict"], rows)
        if rows
        else "There is none to compare with."
    )


def _sizes(found: Mapping[str, Any]) -> Iterator[str]:
    for size, measures in found["measures"].items():
        yield f"## {int(size):,} records" if int(size) else "## Start-up and validation"
        yield _table(
            ["", "seconds", "least to greatest", "runs", "MB", "to the peer", "to the limits"],
            [_row(found, size, name, measures[name]) for name in _ordered(measures)],
        )
        if size in found["limits"]:
            total = found["limits"][size]
            yield (
                f"The sum of the limits is {_number(total)} s: hashing, parsing by 2 processes, "
                "writing Parquet."
            )


def _ordered(measures: Mapping[str, Any]) -> list[str]:
    return [*(name for name in NAMES if name in measures), *sorted({*measures} - {*NAMES})]


def _row(found: Mapping[str, Any], size: str, name: str, series: Mapping[str, Any]) -> list[str]:
    ratios = [found["ratios"].get(f"{size}/{name}/{against}") for against in ("peer", "limit")]
    return [
        NAMES.get(name, name),
        _number(series["median"]),
        f"{_number(series['min'])} to {_number(series['max'])}",
        str(series["runs"]),
        str(series.get("megabytes") or ""),
        *(_number(ratio["value"]) if ratio else "" for ratio in ratios),
    ]


def _stages(found: Mapping[str, Mapping[str, float]]) -> str:
    rows = []
    for name, stages in found.items():
        size, what = name.split("/")
        listed = ", ".join(f"{stage} {_number(seconds)}" for stage, seconds in stages.items())
        rows.append(f"- {int(size):,} records, {_STAGED[what]}: {listed}")
    return "\n".join(rows) or "Not measured."


_STAGED = {
    "peer": "the peer",
    "stages-1": "ours with 1 worker",
    "stages-2": "ours with 2 workers",
}


# the plot

_WIDTH, _LINE, _LEFT, _BAR = 760, 20, 230, 400
_COLOURS = {"peer": "#8c8c8c", "limit": "#c9a227"}


def svg(found: Mapping[str, Any]) -> str:
    """Bars of every measure, one group for each number of records, the peer's bar being the longest."""
    y, parts = 10, []
    for size, measures in found["measures"].items():
        if "peer" not in measures:
            continue
        bars = {name: measures[name]["median"] for name in NAMES if name in measures}
        if size in found["limits"]:
            bars["limits"] = found["limits"][size]
        y += _LINE
        parts.append(_text(10, y, f"{int(size):,} records; the peer is 1", "font-weight='bold'"))
        for name in [name for name in bars if not name.startswith("limit-")]:
            y += _LINE
            parts += _bar(y, name, bars[name] / bars["peer"])
        y += _LINE // 2
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {y + 20}' "
        "font-family='sans-serif' font-size='13'>\n"
        f"<rect width='{_WIDTH}' height='{y + 20}' fill='#ffffff'/>\n" + "".join(parts) + "</svg>\n"
    )


def _bar(y: int, name: str, ratio: float) -> list[str]:
    colour = _COLOURS.get("limit" if name == "limits" else name, "#2a6f97")
    length = max(1.0, min(ratio, 1.2) * _BAR)
    label = "the sum of the limits" if name == "limits" else NAMES[name]
    return [
        _text(_LEFT - 8, y, label, "text-anchor='end'"),
        f"<rect x='{_LEFT}' y='{y - 11}' width='{length:.1f}' height='14' fill='{colour}'/>\n",
        _text(int(_LEFT + length) + 6, y, _number(ratio)),
    ]


def _text(x: int, y: int, text: str, more: str = "") -> str:
    return f"<text x='{x}' y='{y}' {more}>{escape(text)}</text>\n"

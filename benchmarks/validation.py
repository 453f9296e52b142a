"""Time our validation and that of frictionless on the same CSV: types, constraints, primary and foreign keys.

The table holds the scores of the real records, repeated under new ids up to any number of rows.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import inputs

_TEXTS = {
    "label": "label",
    "evidence": "evidence",
    "citation": "citation",
    "auditNote": "audit_note",
}
_DIMENSIONS = ("incentive", "liability", "market", "mrv", "statutory", "strategic", "technical")

#: Complete, because frictionless guesses any property that is missing.
_DIALECT = {
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}


def _schema(key: list[str], *fields: dict[str, Any], **references: list[str]) -> dict[str, Any]:
    """Return a schema; `references` maps the name of a table to the fields that refer to it."""
    return {
        "fields": [*({"name": name, "type": "string"} for name in key), *fields],
        "primaryKey": key,
        "foreignKeys": [
            {
                "fields": own,
                "reference": {
                    "resource": table,
                    "fields": own if table == "editions" else ["code"],
                },
            }
            for table, own in references.items()
        ],
    }


#: The schemas of the shipped dataset; `editions` takes the place of its long table of texts.
SCHEMAS = {
    "scores": _schema(
        ["policy_id", "language", "dimension"],
        {"name": "score", "type": "integer", "constraints": {"minimum": 0, "maximum": 100}},
        *({"name": name, "type": "string"} for name in _TEXTS.values()),
        editions=["policy_id", "language"],
        languages=["language"],
        dimensions=["dimension"],
    ),
    "editions": _schema(["policy_id", "language"], languages=["language"]),
    "languages": _schema(["code"]),
    "dimensions": _schema(["code"]),
}


def repeat_editions() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield id, language and analysis of the real editions without end; each pass has new ids."""
    count = len(inputs.load_templates())
    for number in itertools.count():
        for language, template in inputs.load_templates()[number % count].items():
            yield f"p{number}", language, template.values.get("analysis", {})


def generate_scores() -> Iterator[list[Any]]:
    """Yield the rows of the table of scores, without end."""
    for policy_id, language, analysis in repeat_editions():
        for dimension, score in analysis.items():
            texts = [score[name] for name in _TEXTS]
            yield [policy_id, language, dimension, score["score"], *texts]


def make(count: int, folder: Path) -> Path:
    """Write `count` scores, the tables that they refer to, and both descriptors; return the folder.

    A folder that has a datapackage.json is left as it is.
    """
    if (folder / "datapackage.json").is_file():
        return folder
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    keys = _write_table(folder, "scores", itertools.islice(generate_scores(), count))
    _write_table(folder, "editions", ([*key] for key in keys))
    _write_table(folder, "languages", ([code] for code in inputs.LANGUAGES))
    _write_table(folder, "dimensions", ([code] for code in _DIMENSIONS))
    resources: list[dict[str, Any]] = [
        {"name": name, "path": f"tables/{name}.csv", "schema": schema}
        for name, schema in SCHEMAS.items()
    ]
    ours = {"version": "0.1.0-dev", "created": "2026-01-01T00:00:00Z", "title": "Scores"}
    package: dict[str, Any] = {"name": "scores", "resources": resources}
    (folder / "datapackage.yaml").write_text(json.dumps(package | ours))  # YAML as well
    for resource in resources:
        resource |= {"format": "csv", "encoding": "utf-8", "dialect": _DIALECT}
    (folder / "datapackage.json").write_text(json.dumps(package))
    return folder


def _write_table(
    folder: Path, name: str, lines: Iterable[list[Any]]
) -> Mapping[tuple[str, ...], None]:
    """Write a table; return the distinct pairs of its first two columns, in order."""
    found: dict[tuple[str, ...], None] = {}
    with (folder / "tables" / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow(field["name"] for field in SCHEMAS[name]["fields"])
        for line in lines:
            writer.writerow(line)
            found[tuple(line[:2])] = None
    return found


def time_frictionless(folder: Path) -> float:
    """Return the seconds that frictionless takes to find the table valid."""
    from frictionless import Package

    start = time.perf_counter()
    report = Package(str(folder / "datapackage.json")).validate()
    if not report.valid:
        raise SystemExit(str(report.flatten(["name", "type", "message"])[:3]))
    return time.perf_counter() - start


def time_ours(folder: Path) -> float:
    """Return the seconds that `release check` takes, without start-up, to find the same table valid."""
    from release.system.processes import arrow_setup

    arrow_setup.apply()  # as the command does
    from release.build import pipeline
    from release.descriptor import load

    start = time.perf_counter()
    outcome = pipeline.check(load.load(folder / "datapackage.yaml"))
    if outcome.findings:
        raise SystemExit(str(outcome.findings[:3]))
    return time.perf_counter() - start


def main() -> None:
    """Validate a small table untimed, then the table; print its seconds as JSON."""
    parser = argparse.ArgumentParser(description="Validate one table.")
    parser.add_argument("validator", choices=["frictionless", "ours"])
    parser.add_argument("folder", type=Path, help="the folder of the table")
    parser.add_argument("small", type=Path, help="the folder of a small table of the same kind")
    options = parser.parse_args()
    validate = time_frictionless if options.validator == "frictionless" else time_ours
    validate(options.small)
    print(json.dumps({"seconds": {"validation": validate(options.folder)}}))


if __name__ == "__main__":
    main()

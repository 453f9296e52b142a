"""frictionless, the independent referee: every release passes it before it is published.

It runs in a process of its own, which needs nothing of Arrow and should not wait for it to load.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

_TABLE = b"key\none\n"


def prepare(folder: Path) -> None:
    """Load everything that judging needs; frictionless loads much of it with its first package.

    That package is written into an empty folder.
    """
    (folder / "table.csv").write_bytes(_TABLE)
    (folder / "datapackage.json").write_text(json.dumps(_package()))
    judge(folder)


def _package() -> dict[str, object]:
    """Return the smallest package with all features of a release."""
    key = {"fields": ["key"], "reference": {"resource": "", "fields": ["key"]}}
    fields = [{"name": "key", "type": "string"}]
    return {
        "name": "package",
        "resources": [
            {
                "name": "table",
                "type": "table",
                "path": "table.csv",
                "format": "csv",
                "encoding": "utf-8",
                "bytes": len(_TABLE),
                "hash": f"sha256:{hashlib.sha256(_TABLE).hexdigest()}",
                "schema": {"fields": fields, "primaryKey": ["key"], "foreignKeys": [key]},
            }
        ],
    }


def judge(folder: Path) -> list[str]:
    """Let frictionless judge the package in a folder; return its objections, none if it accepts.

    It checks bytes and hashes of every file, and types, constraints, primary and foreign keys of the
    CSV tables.
    """
    import frictionless

    # as a value: of a path frictionless would take parts for those of a URL
    package = json.loads((folder / "datapackage.json").read_bytes())
    try:
        report = frictionless.Package.from_descriptor(package, basepath=str(folder)).validate()
    except frictionless.FrictionlessException as exception:
        # what it says of a descriptor that it cannot read
        return [
            f"{error.type}: {error.message}" for error in exception.reasons or [exception.error]
        ]
    return [
        f"{task.place}: {error.type}: {error.message}"
        for task in report.tasks
        for error in task.errors
    ] + [f"{error.type}: {error.message}" for error in report.errors]

"""frictionless, the independent referee: every release passes it before it is published."""

from __future__ import annotations

from pathlib import Path


def judge(folder: Path) -> list[str]:
    """What frictionless finds wrong with the package in a folder; nothing if it accepts it.

    It checks bytes and hashes of every file, and types, constraints, primary and foreign keys of the
    CSV tables.
    """
    import frictionless

    try:
        report = frictionless.Package(str(folder / "datapackage.json")).validate()
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

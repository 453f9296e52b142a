"""Read files that may be records, with the reader of the build."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.findings.finding import Finding
from release.records import reader
from release.records.files.sources import Source


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: the values of its record, None if it is none; its faults that are errors."""

    path: str
    values: Mapping[str, Any] | None
    has_body: bool
    faults: tuple[Finding, ...]


def read_files(
    folder: Path, paths: Iterable[str], progress: Callable[[str], object] = lambda _: None
) -> list[Reading]:
    """Read files below a folder, in their order."""
    root = str(folder)
    readings = []
    for at, path in enumerate(paths):
        if at % 1000 == 0:
            progress(f"reading file {at + 1:,}")
        readings.append(_read(Source("", path, f"{root}/{path}", {}, None, root)))
    return readings


def _read(source: Source) -> Reading:
    record, findings = reader.read(source)
    faults = tuple(each for each in findings if each.severity == "error")
    if record is None or faults:
        return Reading(source.path, None, has_body=False, faults=faults)
    return Reading(source.path, record.values, bool(record.body.strip()), faults)

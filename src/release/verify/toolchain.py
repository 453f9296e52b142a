"""The toolchain that a release was built with, against the one that is here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from release.findings.finding import Finding
from release.findings.message import printable
from release.package import provenance
from release.package.provenance import BUILDINFO
from release.verify.report import StepReport, done, not_possible

#: The parts that decide if records and their descriptor are accepted, and if queries are.
OF_RECORDS = (
    "release",
    "pyarrow",
    "PyYAML",
    "py-yaml12",
    "orjson",
    "python-frontmatter",
    "libyaml",
)
OF_QUERIES = ("release", "duckdb", "pyarrow")

#: Each part that differs, with its version there and its version here; None if the one there is not known.
Differences = Mapping[str, tuple[str, str]] | None

#: Said where a release does not name its toolchain.
UNKNOWN = f"there is no {BUILDINFO} that says with what it was built"


def compare(info: Mapping[str, Any] | None) -> Differences:
    """Return the parts of a toolchain that differ from this one; `info` is a buildinfo.json."""
    toolchain = (info or {}).get("toolchain")
    if not isinstance(toolchain, dict) or info is None:
        return None
    there = {**toolchain, "platform": info.get("platform")}
    here = {**provenance.toolchain(), "platform": provenance.system()}
    names = [*here, *(name for name in there if name not in here)]
    return {
        name: (str(there.get(name, "none")), str(here.get(name, "none")))
        for name in names
        if there.get(name) != here.get(name)
    }


def select(others: Differences, names: Iterable[str]) -> Mapping[str, tuple[str, str]]:
    """Return the differences in some parts."""
    return {name: others[name] for name in names if others and name in others}


def describe(others: Mapping[str, tuple[str, str]]) -> str:
    """Return the versions there and here as text for people."""
    return printable("; ".join(f"{name} {one}, here {two}" for name, (one, two) in others.items()))


def describe_here(names: Iterable[str]) -> str:
    """Return the versions here as text for people."""
    here = provenance.toolchain()
    return ", ".join(f"{name} {here[name]}" for name in names)


def refuse(
    step: str,
    findings: Sequence[Finding],
    others: Differences,
    parts: Sequence[str] = OF_RECORDS,
) -> StepReport:
    """Return the report of a step that refuses a release.

    Where some parts of the toolchain are others than those of the build, they may be why. Where those of the
    build are not known, a query that is refused says nothing against the release, but a record does.
    """
    if deciding := select(others, parts):
        note = f"this toolchain cannot do it; built with {describe(deciding)}"
        return not_possible(step, findings, note)
    if others is None and parts == OF_QUERIES:
        note = f"this toolchain cannot do it; {UNKNOWN}; here {describe_here(parts)}"
        return not_possible(step, findings, note)
    return done(step, findings)

"""Codelists: curated tables that lead from a text (code, label or alias) to a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from release.descriptor.model import Descriptor, Resource
from release.findings.finding import Finding
from release.findings.message import named, shown
from release.syntax.looks.appearance import appearance, caseless
from release.syntax.looks.contrast import find_similar, tell_apart
from release.tables import csv

#: Stands between the aliases in a cell.
SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A codelist, ready to look up the texts of records.

    Attributes:
        resource: The name of its table.
        path: The table's file.
        codes: The code, by each text that stands for it: the code itself, a label or an alias.
        languages: The languages of each text that is a label, but neither code nor alias.
        labels: The label, by (code, language).
        capture: The capture that gives a record's language; empty if labels have no language.
    """

    resource: str
    path: str
    codes: Mapping[str, str]
    languages: Mapping[str, frozenset[str]]
    labels: Mapping[tuple[str, str], str]
    capture: str

    def refuse(self, text: str, field: str) -> str:
        """Return the message on a text that the list lacks: the most similar one, and the file to extend."""
        near = find_similar(text, self.codes, 0.75)
        if near is None:
            folded = {caseless(known): known for known in self.codes}
            similar = find_similar(caseless(text), folded, 0.75)
            near = None if similar is None else folded[similar]
        own, meant = (shown(text), "") if near is None else tell_apart(text, near)
        advice = "correct it, or " if near is None else f"did you mean {meant}? If not, "
        expected = f"expected a code, label or alias of {named(self.resource)}"
        return f"{named(field)} is {own}, {expected}; {advice}add it to {self.path}"


def parse_tables(
    descriptor: Descriptor, files: Mapping[str, bytes]
) -> tuple[dict[str, pa.Table], list[Finding]]:
    """Parse the files of curated tables, by the name of the table.

    A file that is no table of its schema is left out, with findings that say why.
    """
    found: dict[str, pa.Table] = {}
    findings: list[Finding] = []
    for name, data in files.items():
        resource = descriptor.resource(name)
        table, faults = csv.parse(data, resource, descriptor.root / resource.path)
        if table is not None:
            found[name] = table
        findings += faults
    return found, findings


def build_lookups(
    descriptor: Descriptor, tables: Mapping[str, pa.Table], files: Mapping[str, bytes]
) -> tuple[dict[str, Lookup], list[Finding]]:
    """Build a lookup for each codelist among curated tables, by the name of the table.

    `files` has the bytes that the tables were parsed from. A text that leads to two codes has a finding; the
    code of the first row is used.
    """
    found: dict[str, Lookup] = {}
    findings: list[Finding] = []
    for resource in descriptor.resources:
        if resource.codelist is not None and resource.name in tables:
            table, data = tables[resource.name], files[resource.name]
            found[resource.name], faults = _build_lookup(resource, table, data)
            findings += [replace(f, file=str(descriptor.root / f.path)) for f in faults]
    return found, findings


def _build_lookup(resource: Resource, table: pa.Table, data: bytes) -> tuple[Lookup, list[Finding]]:
    """Build the lookup of a codelist from its table and the bytes of its file."""
    assert resource.codelist is not None
    label_columns = find_label_columns(resource)
    codes: dict[str, str] = {}
    looks: dict[str, str] = {}
    languages: dict[str, set[str]] = {}
    labels: dict[tuple[str, str], str] = {}
    not_only_labels: set[str] = set()
    findings = []
    for number, row in enumerate(table.to_pylist()):
        code = str(row[resource.primary_key[0]])
        aliases = str(row.get(resource.codelist.aliases or "") or "").split(SEPARATOR)
        not_only_labels.update([code, *aliases])
        for column, language in label_columns.items():
            if label := row[column]:
                languages.setdefault(label, set()).add(language)
                labels[code, language] = label
        texts = [(resource.primary_key[0], code)]
        texts += [(column, row[column]) for column in label_columns]
        texts += [(resource.codelist.aliases or "", alias) for alias in aliases]
        for name, text in texts:
            rule, message = _find_conflict(text, code, codes, looks)
            if message:
                (location,) = csv.locate_cells(data, resource, [number], name)
                findings.append(
                    Finding(
                        f"{resource.name}-{rule}",
                        resource.path,
                        message,
                        *location,
                        table=resource.name,
                        key=code,
                    )
                )
    only = {t: frozenset(found) for t, found in languages.items() if t not in not_only_labels}
    capture = resource.codelist.labels.captures[0] if resource.codelist.labels else ""
    return Lookup(resource.name, resource.path, codes, only, labels, capture), findings


def _find_conflict(
    text: str | None, code: str, codes: dict[str, str], looks: dict[str, str]
) -> tuple[str, str]:
    """Add a text to those that lead to a code; return the rule and the message if it leads to two.

    `looks` has the first text of each appearance.
    """
    if not text:
        return "", ""
    if (first := codes.setdefault(text, code)) != code:
        expected = "expected one code for each text"
        return "codelist", f"{shown(text)} leads to {shown(first)} and to {shown(code)}, {expected}"
    twin = looks.setdefault(appearance(text), text)
    if codes[twin] == code:
        return "", ""
    own, other = tell_apart(text, twin)
    alike = f"{other} looks the same and leads to {shown(codes[twin])}"
    return "look-alike", f"{own} leads to {shown(code)}, but {alike}; expected one code for both"


def find_label_columns(resource: Resource) -> dict[str, str]:
    """Return the language of each column of labels, by name; empty if the codelist has no labels."""
    assert resource.codelist is not None
    if resource.codelist.labels is None:
        return {}
    regex = resource.codelist.labels.regex()
    matches = {name: regex.match(name) for name in resource.field_names}
    return {name: match[1] for name, match in matches.items() if match}

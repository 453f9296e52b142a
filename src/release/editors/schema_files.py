"""The JSON Schemas that `release schema` writes: of the descriptor, and of the records of each kind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from release.descriptor.load import load
from release.descriptor.model import Descriptor
from release.descriptor.properties import suggest
from release.editors.cms.config import write_config
from release.editors.descriptor.package_level import describe_descriptor
from release.editors.kinds import SchemaFile, describe_kinds
from release.findings.errors import UsageError
from release.findings.message import shown
from release.records import codelists
from release.records.codelists import Lookup
from release.records.files.table_files import read_curated

#: The name of the schema of the descriptor; a kind cannot have it.
DESCRIPTOR = "datapackage.yaml"


def make(descriptor_file: Path, names: Sequence[str] = ()) -> list[SchemaFile]:
    """Make the schemas of the descriptor and of the kinds of these names; without names all.

    That of the descriptor alone needs no descriptor.

    Raises:
        UsageError: The descriptor or a codelist cannot be used, or a name is that of no kind.
    """
    own = SchemaFile(DESCRIPTOR, DESCRIPTOR, describe_descriptor(), (DESCRIPTOR,), "yaml")
    if set(names) == {DESCRIPTOR}:
        return [own]
    descriptor, lookups = _read(descriptor_file)
    kinds = [kind.name for kind in descriptor.kinds]
    known = [DESCRIPTOR, *kinds]
    for name in names:
        if name not in known:
            expected = f"expected one of {', '.join(known)}{suggest(name, known)}"
            raise UsageError(f"{shown(name)} has no schema, {expected}")
    found = [own, *describe_kinds(descriptor, lookups)]
    return [each for each in found if not names or each.kind in names]


def make_cms(descriptor_file: Path) -> str:
    """Make the configuration of a CMS, with a form for each kind of records.

    Raises:
        UsageError: The descriptor or a codelist cannot be used.
    """
    return write_config(*_read(descriptor_file))


def _read(descriptor_file: Path) -> tuple[Descriptor, Mapping[str, Lookup]]:
    """Read a descriptor and its codelists, by the name of their table."""
    descriptor = load(descriptor_file)
    curated, faults = read_curated(descriptor)
    lists = {each.name for each in descriptor.resources if each.codelist is not None}
    curated = {name: data for name, data in curated.items() if name in lists}
    tables, more = codelists.parse_tables(descriptor, curated)
    faults = [each for each in faults if each.table in lists]
    if faults := [each for each in (*faults, *more) if each.severity == "error"]:
        raise UsageError("\n".join(str(each) for each in faults))
    lookups, _ = codelists.build_lookups(descriptor, tables, curated)
    return descriptor, lookups


def write_json(value: Any) -> str:
    """Return a JSON Schema as a text that people can read."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"

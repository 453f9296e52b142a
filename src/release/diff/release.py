"""Read a release for comparison: its tables, their metadata, and the files that it was made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from release.descriptor.schema import tolerance
from release.descriptor.vocabulary import FINDING_FIELDS, FINDING_KEY, FINDINGS, NOTATIONS
from release.findings.finding import Finding, FindingsError
from release.package import checksums
from release.package.checksums import SUMS
from release.package.datapackage import SOURCE
from release.package.manifest import folder as manifest_folder
from release.package.manifest import tables
from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestResource, ManifestSchema
from release.syntax.types.value_type import ValueType
from release.syntax.versions import Scheme
from release.syntax.yaml import read_yaml
from release.system.folders import Folder
from release.system.limits import LIMITS, Limits

#: Origins of a field that speak of a record's file, not of data.
OF_FILES = frozenset(("$path", "$sha256", "$bytes", "$format"))

#: Properties of a resource that a build writes of its files, or that are compared as schema or name.
_NOT_ABOUT = frozenset("name path format mediatype encoding bytes hash dialect schema type".split())

#: Properties that each version is expected to change.
_OF_THE_VERSION = frozenset("version created resources $schema".split())

_SOURCE = "source/"


@dataclass(frozen=True, slots=True)
class Table:
    """One released table.

    `hash` is the digest of its CSV: tables of the same hash are the same. `parquet` are its parts in order,
    if they were proven to hold what the CSV holds, and nothing that is false. `of_files` are the fields that
    speak of a record's file.
    """

    name: str
    csv: Path
    parquet: tuple[Path, ...]
    hash: str
    types: Mapping[str, ValueType]
    key: tuple[str, ...]
    schema: Mapping[str, Any]
    about: Mapping[str, Any]
    of_files: frozenset[str] = frozenset()
    is_findings: bool = False
    is_codelist: bool = False

    @property
    def fields(self) -> dict[str, Mapping[str, Any]]:
        """The properties of the fields by name, in order."""
        return {each["name"]: each for each in self.schema["fields"]}

    @property
    def tolerances(self) -> dict[str, tuple[float, float]]:
        """The absolute and the relative tolerance of the fields of numbers that have one, by name."""
        found: dict[str, tuple[float, float]] = {}
        for name, properties in self.fields.items():
            if "tolerance" in properties and self.types[name].name == "number":
                bounds = tolerance.find_bounds(properties["tolerance"])
                found |= {} if bounds is None else {name: bounds}
        return found


@dataclass(frozen=True, slots=True)
class Release:
    """One of two releases that are compared.

    `about` is the package's metadata; `sources` the SHA-256 of the files that it was made from, by path,
    without its descriptor; `listed` that of its other files, none in the making; `rules` what its descriptor
    says of how records are read.
    """

    folder: Path
    name: str
    version: str
    created: str
    about: Mapping[str, Any]
    tables: Mapping[str, Table]
    sources: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    listed: Mapping[str, str] = field(default_factory=dict)

    @property
    def scheme(self) -> Scheme:
        """The scheme of its versions: numbers, or dates."""
        return "calendar" if self.about.get("versioning") == "calendar" else "semver"


def read(folder: Path, *, holding: bool = True, limits: Limits = LIMITS) -> Release:
    """Return the release in a folder, with what SHA256SUMS and source/ tell where they are there.

    Every table is held against its manifest, and its Parquet against its CSV. Without `holding` that is left
    out, and Parquet too: tables are then their CSV alone.

    Raises:
        UsageError: there is no release.
        FindingsError: its manifest or a table cannot be trusted, or a file is no regular one.
    """
    manifest = manifest_folder.read(folder)
    held = Folder.at(folder)
    sums = {line.path: line.sha256 for line in checksums.lines(_text(held, SUMS)) if line.path}
    sources = {
        path.removeprefix(_SOURCE): digest
        for path, digest in sums.items()
        if path.startswith(_SOURCE) and path != SOURCE
    }
    listed = {path: digest for path, digest in sums.items() if not path.startswith(_SOURCE)}
    true = tables.hold_release(folder, manifest, listed, limits) if holding else frozenset[str]()
    found = _made(folder, manifest, _rules(_text(held, SOURCE)), true)
    return replace(found, sources=sources, listed=listed)


def in_the_making(
    folder: Path, manifest: Manifest, source: str, sources: Mapping[str, str]
) -> Release:
    """Return the release whose tables a build has written into a folder.

    `source` is the text of its descriptor, `sources` are the SHA-256 of the files that it is made from, by
    path.
    """
    found = _made(folder, manifest, _rules(source), manifest.parquet.keys())
    return replace(found, sources=sources)


def _made(
    folder: Path, manifest: Manifest, rules: Mapping[str, Any], true: Collection[str]
) -> Release:
    """Return the release of a manifest; `true` are the tables whose Parquet says nothing that is false."""
    found = {
        name: _table(
            folder,
            resource,
            manifest.parquet[name].paths if name in true else (),
            rules.get(name, {}),
        )
        for name, resource in manifest.tables.items()
    }
    about = {key: value for key, value in manifest.properties.items() if key not in _OF_THE_VERSION}
    named = manifest.name, manifest.version, manifest.created
    return Release(folder, *named, about, found, rules=_unpublished(rules))


def _table(
    folder: Path, resource: ManifestResource, parquet: Sequence[str], rules: Mapping[str, Any]
) -> Table:
    schema = resource.schema
    assert schema is not None, "a CSV resource has a schema"
    origins = {
        each.get("name"): each.get("from")
        for each in _each(_mapping(rules.get("schema")).get("fields"))
    }
    types = {each.name: each.values for each in schema.fields}
    return Table(
        resource.name,
        folder / resource.paths[0],
        tuple(folder / path for path in parquet),
        resource.hash,
        types,
        schema.primary_key,
        schema.properties,
        {key: value for key, value in resource.properties.items() if key not in _NOT_ABOUT},
        frozenset(name for name in types if str(origins.get(name)) in OF_FILES),
        rules.get("rows") == FINDINGS if rules else _looks_like_findings(types, schema),
        "codelist" in rules,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _each(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _looks_like_findings(types: Mapping[str, ValueType], schema: ManifestSchema) -> bool:
    """Return whether a table of unknown origin holds findings: it has exactly their fields and key."""
    names = {name: kind.name for name, kind in types.items()}
    return names == dict(FINDING_FIELDS) and set(schema.primary_key) == set(FINDING_KEY)


def _rules(text: str) -> dict[str, Any]:
    """Return the descriptor of the records, with its resources by name; empty if it cannot be read."""
    value, faults = read_yaml(text)
    if faults or not isinstance(value, dict):
        return {}
    resources = {
        str(resource["name"]): resource
        for resource in _each(value.get("resources"))
        if "name" in resource
    }
    return {**resources, "": {key: value[key] for key in value if key != "resources"}}


def _unpublished(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules that only the descriptor of the records has: how they are read and checked."""
    package = rules.get("", {})
    found = {key: package[key] for key in ("records", "severity", "checks") if key in package}
    for name, resource in rules.items():
        own = {key: resource[key] for key in _RULES_OF_TABLE if key in resource}
        if "missingValues" in (schema := _mapping(resource.get("schema"))):
            own["missingValues"] = schema["missingValues"]
        fields = {
            str(each.get("name")): {key: each[key] for key in _RULES_OF_FIELD if key in each}
            for each in _each(schema.get("fields"))
        }
        if name:
            # a table may be named as one of the package's properties
            found[name] = (found.get(name), {**own, "fields": fields})
    return found


_RULES_OF_TABLE = ("rows", "parent", "compare", "checks", "codelist", "dialect", "encoding")
_RULES_OF_FIELD = ("from", "when", "codes", "locate", "format", *NOTATIONS)


def _text(folder: Folder, path: str) -> str:
    """Return a text file of a release; an empty text if it is missing or not in UTF-8.

    Raises:
        FindingsError: something else than a regular file stands there.
    """
    data = manifest_folder.read_file(folder, path)
    if isinstance(data, Finding):
        if data.rule == "not-a-file":
            raise FindingsError([data])
        return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""

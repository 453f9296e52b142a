"""The manifest of a release: its datapackage.json as a typed value, and findings on what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from release.descriptor.load import parse_time
from release.findings.finding import Finding
from release.findings.message import printable, shown
from release.package.manifest.properties import Problem, PropertyReader
from release.package.manifest.resources import ManifestResource, read_resources
from release.syntax.json import read_standard
from release.syntax.paths import KeyPath
from release.syntax.text import Location, Locations, SyntaxFault, nearest_located
from release.syntax.versions import is_version
from release.system.filenames import path_problem

NAME = "datapackage.json"


@dataclass(frozen=True, slots=True)
class Contributor:
    """A person or an organization that contributed to a release; a text that is not given is empty."""

    title: str = ""
    given_name: str = ""
    family_name: str = ""
    organization: str = ""
    path: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A licence or a source of a release: its name, its title, a path or URL; empty where not given."""

    name: str = ""
    title: str = ""
    path: str = ""


@dataclass(frozen=True)
class Manifest:
    """A released datapackage.json. Texts that are not given are empty.

    `properties` is the whole as it was read, for what has to look at properties that have no type here.
    """

    name: str
    version: str
    created: str
    resources: tuple[ManifestResource, ...]
    properties: Mapping[str, Any] = field(repr=False)
    contributors: tuple[Contributor, ...] = ()
    licenses: tuple[Reference, ...] = ()
    sources: tuple[Reference, ...] = ()
    keywords: tuple[str, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> tuple[Manifest | None, list[Finding]]:
        """Return the manifest in the bytes of a datapackage.json, and the findings about it.

        It is None where the bytes are not well-formed, unambiguous JSON. Where only some properties are
        wrong, the manifest lacks those: a caller that relies on the whole refuses it if there is any finding.
        """
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            message = "is not text in UTF-8, expected JSON"
            return None, [Finding("not-utf-8", NAME, message, line, 1)]
        value, faults = read_standard(text)
        if not faults and not isinstance(value, dict):
            faults = [SyntaxFault("json-syntax", 0, 0, f"is {shown(value)}, expected a mapping")]
        if faults:
            return None, [
                Finding(each.rule, NAME, each.message, each.line + 1, each.column + 1)
                for each in faults
            ]
        manifest, wrong = cls.of(value)
        return manifest, locate_problems(text, wrong)

    @classmethod
    def of(cls, package: Mapping[str, Any]) -> tuple[Manifest, list[Problem]]:
        """Return the manifest that a mapping makes, and the problems of its properties."""
        reader = PropertyReader()
        return cls._read(reader, package), reader.problems

    def text(self, name: str) -> str:
        """Return a property that is a text, such as `title`; an empty text where it is not given."""
        found = self.properties.get(name, "")
        return found if isinstance(found, str) else ""

    @cached_property
    def tables(self) -> Mapping[str, ManifestResource]:
        """The resources of the kind csv, the canonical form of each table, by name, in order."""
        return {each.name: each for each in self.resources if each.kind == "csv"}

    @cached_property
    def parquet(self) -> Mapping[str, ManifestResource]:
        """The resources of the kind parquet by the name of their table."""
        return {
            each.name.removesuffix("-parquet"): each
            for each in self.resources
            if each.kind == "parquet"
        }

    @property
    def time(self) -> datetime | None:
        """The time of creation; None where the manifest names none that a zip can hold."""
        return parse_time(self.created)

    @classmethod
    def _read(cls, reader: PropertyReader, package: Mapping[str, Any]) -> Manifest:
        name, version, created = (
            reader.text(package, (key,)) for key in ("name", "version", "created")
        )
        if name and ("/" in name or path_problem(name)):
            reader.note(("name",), f"name is {shown(name)}, expected a name without a folder")
            name = ""
        if version and not is_version(version):
            reader.note(("version",), f"version is {shown(version)}, expected one such as 1.2.0")
            version = ""
        if created and parse_time(created) is None:
            expected = "expected a time such as 2026-01-31T00:00:00Z"
            reader.note(("created",), f"created is {shown(created)}, {expected}")
        for key in ("title", "description", "homepage", "id", "image"):
            reader.optional(package, (key,))
        contributors, licenses, sources = (
            list(reader.entries(package.get(key, []), (key,)))
            for key in ("contributors", "licenses", "sources")
        )
        return cls(
            name,
            version,
            created,
            read_resources(reader, package),
            package,
            tuple(_read_contributor(reader, *each) for each in contributors),
            tuple(_read_reference(reader, *each) for each in licenses),
            tuple(_read_reference(reader, *each) for each in sources),
            reader.texts(package.get("keywords", []), ("keywords",)),
        )


def _read_contributor(
    reader: PropertyReader, value: Mapping[str, Any], key_path: KeyPath
) -> Contributor:
    keys = ("title", "givenName", "familyName", "organization", "path", "email")
    title, given, family, organization, path, email = (
        reader.optional(value, (*key_path, key)) for key in keys
    )
    roles = reader.texts(value.get("roles", []), (*key_path, "roles"))
    return Contributor(title, given, family, organization, path, email, roles)


def _read_reference(
    reader: PropertyReader, value: Mapping[str, Any], key_path: KeyPath
) -> Reference:
    return Reference(
        *(reader.optional(value, (*key_path, key)) for key in ("name", "title", "path"))
    )


def locate_problems(text: str, problems: Sequence[Problem]) -> list[Finding]:
    """Return problems as findings, located at the property or, where it is missing, at what lacks it."""
    locations: Locations = {}
    if problems:
        read_standard(text, locations)
    begin = Location(0, 0, 0, 0)
    found = []
    for each in problems:
        mark = locations.get(nearest_located(locations, each.key_path), begin)
        found.append(
            Finding(each.rule, NAME, printable(each.message), mark.line + 1, mark.column + 1)
        )
    return found

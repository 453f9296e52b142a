"""What a release is, for other catalogues: CITATION.cff, schema.org and Croissant.

All of it comes from datapackage.json. What that leaves out is left out here; nothing is made up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from release.descriptor.model import FieldType

CITATION, CROISSANT = "CITATION.cff", "croissant.json"

_URL = re.compile(r"(https?|ftp)://\S+")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)")
ORCID = re.compile(r"https://orcid\.org/(\d{4}-){3}\d{3}[\dX]")

#: Of the contributors those with such a role are whom a release is cited by.
_AUTHORS = frozenset({"author", "creator"})

#: CITATION.cff takes only names that SPDX lists; of a licence with another name it has the address alone.
SPDX = frozenset(
    "0BSD AGPL-3.0-only Apache-2.0 BSD-2-Clause BSD-3-Clause CC-BY-3.0 CC-BY-4.0 CC-BY-NC-4.0 "
    "CC-BY-NC-ND-4.0 CC-BY-NC-SA-4.0 CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-PDDC CC0-1.0 "
    "CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 EUPL-1.2 GPL-2.0-only GPL-3.0-only "
    "GPL-3.0-or-later ISC LGPL-3.0-only MIT MIT-0 MPL-2.0 ODC-By-1.0 ODbL-1.0 OGL-UK-3.0 PDDL-1.0 "
    "Unlicense etalab-2.0".split()
)

#: How Croissant calls the types of Table Schema.
TYPES: Mapping[FieldType, str] = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "year": "sc:Integer",
}

#: The context that the specification asks for. It must name a language; that of the texts is not known here.
CONTEXT = {
    "@language": "und",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs column equivalentProperty extract field fileObject fileProperty fileSet format includes "
            "isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
            "samplingRate separator source subField transform"
        ).split()
    },
}


# what a release says of itself


def title(package: Mapping[str, Any]) -> str:
    """What a release is called: its title, else its name."""
    return str(package.get("title") or package["name"])


def day(package: Mapping[str, Any]) -> str:
    """The day on which a release was made, in ISO 8601."""
    return str(package["created"])[: len("2026-01-31")]


def doi(package: Mapping[str, Any]) -> str | None:
    """The DOI that is a release's id, if it is one, as `10.…`."""
    found = _DOI.fullmatch(package.get("id", ""))
    return found[1] if found else None


def authors(package: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The contributors whom a release is cited by: authors and creators, or all where none is called that."""
    contributors = package.get("contributors", [])
    return [each for each in contributors if _roles(each) & _AUTHORS] or contributors


def _roles(contributor: Mapping[str, Any]) -> set[str]:
    return {role.casefold() for role in contributor.get("roles", [])}


def called(contributor: Mapping[str, Any]) -> str:
    """What a contributor is called."""
    person = [contributor[name] for name in ("givenName", "familyName") if name in contributor]
    return str(contributor.get("title") or " ".join(person) or contributor["organization"])


def cited_as(package: Mapping[str, Any]) -> str:
    """How a release is cited in a text."""
    names = "; ".join(called(each) for each in authors(package))
    year = day(package)[:4]
    by = f"{names} ({year}). " if names else ""
    version = f"Version {package['version']}" + ("" if names else f", {year}")
    address = f"https://doi.org/{doi(package)}" if doi(package) else package.get("homepage")
    return f"{by}{title(package)}. {version}." + (f" {address}" if address else "")


def licence_of(package: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first licence: the formats have room for one."""
    licences: Sequence[Mapping[str, Any]] = package.get("licenses", [])
    return licences[0] if licences else {}


def measured(resource: Mapping[str, Any]) -> dict[str, str]:
    """Return the size and SHA-256 of a resource's file, as schema.org and Croissant name them."""
    return {
        "contentSize": f"{resource['bytes']} B",
        "sha256": resource["hash"].removeprefix("sha256:"),
    }


def paths_of(resource: Mapping[str, Any]) -> list[str]:
    """Return the paths of a resource: one, or those of its parts."""
    path = resource["path"]
    return path if isinstance(path, list) else [path]


def text_of(about: Mapping[str, Any]) -> str:
    """Return the description, without space around it."""
    return str(about.get("description", "")).strip()


def url(path: str | None) -> str | None:
    """A path that is an address, of the kinds that a page may lead to."""
    return path if path is not None and _URL.fullmatch(path) else None


def without_empty(found: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what has no value."""
    return {key: value for key, value in found.items() if value not in (None, "", [])}

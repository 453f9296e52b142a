"""What a release is, for other catalogues: CITATION.cff, schema.org and Croissant.

All of it comes from datapackage.json. What that leaves out is left out here; nothing is made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from release.declarations import FieldType

CITATION, CROISSANT = "CITATION.cff", "croissant.json"

_URL = re.compile(r"(https?|ftp)://\S+")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)")
_ORCID = re.compile(r"https://orcid\.org/(\d{4}-){3}\d{3}[\dX]")

#: Of the contributors those with such a role are whom a release is cited by.
_AUTHORS = frozenset({"author", "creator"})

#: CITATION.cff takes only names that SPDX lists; of a licence with another name it has the address alone.
_SPDX = frozenset(
    "0BSD AGPL-3.0-only Apache-2.0 BSD-2-Clause BSD-3-Clause CC-BY-3.0 CC-BY-4.0 CC-BY-NC-4.0 "
    "CC-BY-NC-ND-4.0 CC-BY-NC-SA-4.0 CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-PDDC CC0-1.0 "
    "CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 EUPL-1.2 GPL-2.0-only GPL-3.0-only "
    "GPL-3.0-or-later ISC LGPL-3.0-only MIT MIT-0 MPL-2.0 ODC-By-1.0 ODbL-1.0 OGL-UK-3.0 PDDL-1.0 "
    "Unlicense etalab-2.0".split()
)

#: How Croissant calls the types of Table Schema.
_TYPES: Mapping[FieldType, str] = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "year": "sc:Integer",
}

#: The context that the specification asks for. It must name a language; that of the texts is not known here.
_CROISSANT_CONTEXT = {
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


def citation(package: Mapping[str, Any]) -> bytes | None:
    """CITATION.cff 1.2.0 of a release, by its datapackage.json; None where that names no contributor.

    The format asks for an author. Source: https://github.com/citation-file-format/citation-file-format
    """
    cited = authors(package)
    if not cited:
        return None
    licence = _licence(package)
    found = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": title(package),
        "version": package["version"],
        "date-released": day(package),
        "authors": [_cff_author(each) for each in cited],
        "doi": doi(package),
        "url": url(package.get("homepage")),
        "abstract": _text(package),
        "keywords": list(dict.fromkeys(package.get("keywords", []))),
        "license": licence.get("name") if licence.get("name") in _SPDX else None,
        "license-url": url(licence.get("path")),
    }
    held = _without_empty(found)
    return yaml.safe_dump(held, allow_unicode=True, sort_keys=False, width=100).encode()


def schema_org(package: Mapping[str, Any]) -> dict[str, Any]:
    """A release as a schema.org Dataset, by its datapackage.json; its files stand beside it."""
    files = []
    for resource in package["resources"]:
        is_canonical = resource["format"] == "csv"
        for path in _paths(resource):
            about = {
                "@type": "DataDownload",
                "name": path.removeprefix("data/"),
                "contentUrl": path,
                "encodingFormat": resource["mediatype"],
            }
            # of Parquet only the values are the same under any version of its writer
            files.append({**about, **(_measured(resource) if is_canonical else {})})
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **_about(package),
        "distribution": files,
    }


def croissant(package: Mapping[str, Any]) -> bytes:
    """A release as Croissant 1.0 has it, by its datapackage.json: its CSV files, and what each column holds.

    A reference of several columns has no form there, and is left out. Source:
    https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    tables = [each for each in package["resources"] if each["format"] == "csv"]
    files = [
        {
            "@type": "cr:FileObject",
            "@id": table["path"],
            "name": table["path"].removeprefix("data/"),
            "contentUrl": table["path"],
            "encodingFormat": table["mediatype"],
            **_measured(table),
        }
        for table in tables
    ]
    found = {
        "@context": _CROISSANT_CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **_about(package),
        "citeAs": cited_as(package),
        "isLiveDataset": False,
        "distribution": files,
        "recordSet": [_record_set(table) for table in tables],
    }
    return (json.dumps(_without_empty(found), ensure_ascii=False, indent=2) + "\n").encode()


def _record_set(table: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of a table; each column is known by the table's name and its own."""
    name, schema = table["name"], table["schema"]
    references = {
        key["fields"][
            0
        ]: f"{key['reference'].get('resource', name)}/{key['reference']['fields'][0]}"
        for key in schema.get("foreignKeys", [])
        if len(key["fields"]) == 1
    }
    fields = []
    for field in schema["fields"]:
        about = {
            "@type": "cr:Field",
            "@id": f"{name}/{field['name']}",
            "name": field["name"],
            "description": field.get("description") or field.get("title"),
            "dataType": _TYPES[field["type"]],
            "source": {
                "fileObject": {"@id": table["path"]},
                "extract": {"column": field["name"]},
            },
        }
        if field["name"] in references:
            about["references"] = {"field": {"@id": references[field["name"]]}}
        fields.append(_without_empty(about))
    keys = [{"@id": f"{name}/{field}"} for field in schema["primaryKey"]]
    about = {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": _text(table) or table.get("title"),
        "key": keys if len(keys) > 1 else keys[0],
        "field": fields,
    }
    return _without_empty(about)


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


def _about(package: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a whole release, by the terms of schema.org."""
    licence = _licence(package)
    found = {
        "name": title(package),
        "alternateName": package["name"] if package.get("title") else None,
        "description": _text(package),
        "version": package["version"],
        "datePublished": day(package),
        "url": package.get("homepage"),
        "identifier": f"https://doi.org/{doi(package)}" if doi(package) else package.get("id"),
        "license": licence.get("path") or licence.get("name"),
        "keywords": package.get("keywords"),
        "creator": [_creator(each) for each in authors(package)],
        "isBasedOn": [
            _without_empty(
                {"@type": "CreativeWork", "name": each["title"], "url": url(each.get("path"))}
            )
            for each in package.get("sources", [])
        ],
        "image": package.get("image"),
    }
    return _without_empty(found)


def _creator(contributor: Mapping[str, Any]) -> dict[str, Any]:
    is_person = "givenName" in contributor or "familyName" in contributor
    organization = contributor.get("organization")
    found = {
        "@type": "Person" if is_person else "Organization",
        "name": called(contributor),
        "givenName": contributor.get("givenName"),
        "familyName": contributor.get("familyName"),
        "url": url(contributor.get("path")),
        "email": contributor.get("email"),
        "affiliation": {"@type": "Organization", "name": organization}
        if is_person and organization
        else None,
    }
    return _without_empty(found)


def _cff_author(contributor: Mapping[str, Any]) -> dict[str, Any]:
    """A person by both names, anything else by the one that it has."""
    address = url(contributor.get("path"))
    is_orcid = address is not None and _ORCID.fullmatch(address) is not None
    reached = {
        "orcid": address if is_orcid else None,
        "website": None if is_orcid else address,
        "email": contributor.get("email"),
    }
    if "givenName" in contributor or "familyName" in contributor:
        person = {
            "family-names": contributor.get("familyName"),
            "given-names": contributor.get("givenName"),
            "affiliation": contributor.get("organization"),
        }
        return _without_empty({**person, **reached})
    return _without_empty({"name": called(contributor), **reached})


def _licence(package: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first licence: the formats have room for one."""
    licences: Sequence[Mapping[str, Any]] = package.get("licenses", [])
    return licences[0] if licences else {}


def _measured(resource: Mapping[str, Any]) -> dict[str, str]:
    return {
        "contentSize": f"{resource['bytes']} B",
        "sha256": resource["hash"].removeprefix("sha256:"),
    }


def _paths(resource: Mapping[str, Any]) -> list[str]:
    path = resource["path"]
    return path if isinstance(path, list) else [path]


def _text(about: Mapping[str, Any]) -> str:
    return str(about.get("description", "")).strip()


def url(path: str | None) -> str | None:
    """A path that is an address, of the kinds that a page may lead to."""
    return path if path is not None and _URL.fullmatch(path) else None


def _without_empty(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value not in (None, "", [])}

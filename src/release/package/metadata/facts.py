"""Facts of a release for other catalogues: CITATION.cff, schema.org and Croissant.

All of them come from the manifest; what it leaves out is left out here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from release.package.manifest.model import Contributor, Manifest, Reference
from release.package.manifest.resources import ManifestResource

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


# facts of a release


def title(manifest: Manifest) -> str:
    """Return the title of a release, or its name if it has none."""
    return manifest.text("title") or manifest.name


def day(manifest: Manifest) -> str:
    """Return the day on which a release was created, in ISO 8601."""
    return manifest.created[: len("2026-01-31")]


def doi(manifest: Manifest) -> str | None:
    """Return the DOI of a release as `10.…`, if its id is one."""
    found = _DOI.fullmatch(manifest.text("id"))
    return found[1] if found else None


def authors(manifest: Manifest) -> Sequence[Contributor]:
    """Return the contributors by whom a release is cited: authors and creators, or all if there is none."""
    found = [each for each in manifest.contributors if _roles(each) & _AUTHORS]
    return found or manifest.contributors


def _roles(contributor: Contributor) -> set[str]:
    return {role.casefold() for role in contributor.roles}


def called(contributor: Contributor) -> str:
    """Return the name of a contributor."""
    person = " ".join(filter(None, (contributor.given_name, contributor.family_name)))
    return contributor.title or person or contributor.organization


def cited_as(manifest: Manifest) -> str:
    """Return the text by which a release is cited."""
    names = "; ".join(called(each) for each in authors(manifest))
    year, identifier = day(manifest)[:4], doi(manifest)
    by = f"{names} ({year}). " if names else ""
    version = f"Version {manifest.version}" + ("" if names else f", {year}")
    address = f"https://doi.org/{identifier}" if identifier else manifest.text("homepage")
    return f"{by}{title(manifest)}. {version}." + (f" {address}" if address else "")


def licence_of(manifest: Manifest) -> Reference:
    """Return the first licence, for the formats have room for one; an empty one if there is none."""
    return manifest.licenses[0] if manifest.licenses else Reference()


def measured(resource: ManifestResource) -> dict[str, str]:
    """Return the size and SHA-256 of a resource's file, as schema.org and Croissant name them."""
    return {
        "contentSize": f"{resource.bytes} B",
        "sha256": resource.hash.removeprefix("sha256:"),
    }


def url(path: str) -> str | None:
    """Return a path that is an address of the kinds that a page may lead to; None for any other."""
    return path if _URL.fullmatch(path) else None


def without_empty(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that have a value."""
    return {key: value for key, value in found.items() if value not in (None, "", [])}

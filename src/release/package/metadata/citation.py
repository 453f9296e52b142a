"""CITATION.cff of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from release.package.metadata.facts import (
    ORCID,
    SPDX,
    authors,
    called,
    day,
    doi,
    licence_of,
    text_of,
    title,
    url,
    without_empty,
)


def citation(package: Mapping[str, Any]) -> bytes | None:
    """CITATION.cff 1.2.0 of a release, by its datapackage.json; None where that names no contributor.

    The format asks for an author. Source: https://github.com/citation-file-format/citation-file-format
    """
    cited = authors(package)
    if not cited:
        return None
    licence = licence_of(package)
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
        "abstract": text_of(package),
        "keywords": list(dict.fromkeys(package.get("keywords", []))),
        "license": licence.get("name") if licence.get("name") in SPDX else None,
        "license-url": url(licence.get("path")),
    }
    held = without_empty(found)
    return yaml.safe_dump(held, allow_unicode=True, sort_keys=False, width=100).encode()


def _cff_author(contributor: Mapping[str, Any]) -> dict[str, Any]:
    """A person by both names, anything else by the one that it has."""
    address = url(contributor.get("path"))
    is_orcid = address is not None and ORCID.fullmatch(address) is not None
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
        return without_empty({**person, **reached})
    return without_empty({"name": called(contributor), **reached})

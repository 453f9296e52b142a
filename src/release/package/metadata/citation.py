"""Write the CITATION.cff of a release."""

from __future__ import annotations

from typing import Any

import yaml

from release.package.manifest.model import Contributor, Manifest
from release.package.metadata.facts import (
    ORCID,
    SPDX,
    authors,
    called,
    day,
    doi,
    licence_of,
    title,
    url,
    without_empty,
)


def citation(manifest: Manifest) -> bytes | None:
    """Return the CITATION.cff 1.2.0 of a release; None where the manifest names no contributor.

    The format asks for an author. Source: https://github.com/citation-file-format/citation-file-format
    """
    cited = authors(manifest)
    if not cited:
        return None
    licence = licence_of(manifest)
    found = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": title(manifest),
        "version": manifest.version,
        "date-released": day(manifest),
        "authors": [_cff_author(each) for each in cited],
        "doi": doi(manifest),
        "url": url(manifest.text("homepage")),
        "abstract": manifest.text("description").strip(),
        "keywords": list(dict.fromkeys(manifest.keywords)),
        "license": licence.name if licence.name in SPDX else None,
        "license-url": url(licence.path),
    }
    held = without_empty(found)
    return yaml.safe_dump(held, allow_unicode=True, sort_keys=False, width=100).encode()


def _cff_author(contributor: Contributor) -> dict[str, Any]:
    """Return a person by both names, or an organization by its one."""
    address = url(contributor.path)
    is_orcid = address is not None and ORCID.fullmatch(address) is not None
    reached = {
        "orcid": address if is_orcid else None,
        "website": None if is_orcid else address,
        "email": contributor.email,
    }
    if contributor.given_name or contributor.family_name:
        person = {
            "family-names": contributor.family_name,
            "given-names": contributor.given_name,
            "affiliation": contributor.organization,
        }
        return without_empty({**person, **reached})
    return without_empty({"name": called(contributor), **reached})

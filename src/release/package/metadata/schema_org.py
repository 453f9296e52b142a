"""Describe a release as schema.org does."""

from __future__ import annotations

from typing import Any

from release.package.manifest.model import Contributor, Manifest
from release.package.metadata.facts import (
    authors,
    called,
    day,
    doi,
    licence_of,
    measured,
    title,
    url,
    without_empty,
)
from release.syntax.escapes import escape_path


def schema_org(manifest: Manifest) -> dict[str, Any]:
    """Return a release as a schema.org Dataset, with paths of its files relative to the manifest."""
    files = []
    for resource in manifest.resources:
        is_canonical = resource.kind == "csv"
        for path in resource.paths:
            about = {
                "@type": "DataDownload",
                "name": path.removeprefix("data/"),
                "contentUrl": escape_path(path),
                "encodingFormat": resource.text("mediatype"),
            }
            # of Parquet only the values are the same under any version of its writer
            files.append({**about, **(measured(resource) if is_canonical else {})})
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **dataset_facts(manifest),
        "distribution": files,
    }


def dataset_facts(manifest: Manifest) -> dict[str, Any]:
    """Return the facts of a whole release by the terms of schema.org."""
    licence, identifier = licence_of(manifest), doi(manifest)
    found = {
        "name": title(manifest),
        "alternateName": manifest.name if manifest.text("title") else None,
        "description": manifest.text("description").strip(),
        "version": manifest.version,
        "datePublished": day(manifest),
        "url": manifest.text("homepage"),
        "identifier": f"https://doi.org/{identifier}" if identifier else manifest.text("id"),
        "license": licence.path or licence.name,
        "keywords": list(manifest.keywords),
        "creator": [_creator(each) for each in authors(manifest)],
        "isBasedOn": [
            without_empty({"@type": "CreativeWork", "name": each.title, "url": url(each.path)})
            for each in manifest.sources
        ],
        "image": manifest.text("image"),
    }
    return without_empty(found)


def _creator(contributor: Contributor) -> dict[str, Any]:
    is_person = bool(contributor.given_name or contributor.family_name)
    organization = contributor.organization
    found = {
        "@type": "Person" if is_person else "Organization",
        "name": called(contributor),
        "givenName": contributor.given_name,
        "familyName": contributor.family_name,
        "url": url(contributor.path),
        "email": contributor.email,
        "affiliation": {"@type": "Organization", "name": organization}
        if is_person and organization
        else None,
    }
    return without_empty(found)

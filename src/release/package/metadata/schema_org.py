"""schema.org of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from release.package.metadata.facts import (
    authors,
    called,
    day,
    doi,
    licence_of,
    measured,
    paths_of,
    text_of,
    title,
    url,
    without_empty,
)


def schema_org(package: Mapping[str, Any]) -> dict[str, Any]:
    """A release as a schema.org Dataset, by its datapackage.json; its files stand beside it."""
    files = []
    for resource in package["resources"]:
        is_canonical = resource["format"] == "csv"
        for path in paths_of(resource):
            about = {
                "@type": "DataDownload",
                "name": path.removeprefix("data/"),
                "contentUrl": path,
                "encodingFormat": resource["mediatype"],
            }
            # of Parquet only the values are the same under any version of its writer
            files.append({**about, **(measured(resource) if is_canonical else {})})
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **dataset_facts(package),
        "distribution": files,
    }


def dataset_facts(package: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a whole release, by the terms of schema.org."""
    licence = licence_of(package)
    found = {
        "name": title(package),
        "alternateName": package["name"] if package.get("title") else None,
        "description": text_of(package),
        "version": package["version"],
        "datePublished": day(package),
        "url": package.get("homepage"),
        "identifier": f"https://doi.org/{doi(package)}" if doi(package) else package.get("id"),
        "license": licence.get("path") or licence.get("name"),
        "keywords": package.get("keywords"),
        "creator": [_creator(each) for each in authors(package)],
        "isBasedOn": [
            without_empty(
                {"@type": "CreativeWork", "name": each["title"], "url": url(each.get("path"))}
            )
            for each in package.get("sources", [])
        ],
        "image": package.get("image"),
    }
    return without_empty(found)


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
    return without_empty(found)

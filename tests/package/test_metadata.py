"""CITATION.cff, schema.org and Croissant say of a release what its datapackage.json says, no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from release.package.checksums import Digest
from release.package.manifest.model import Manifest
from release.package.metadata import citation as package_citation
from release.package.metadata import croissant as package_croissant
from release.package.metadata import facts, schema_org
from release.package.metadata.bibtex import write_bibtex
from tests.support.pages import Page
from tests.support.tampering import package_of, sha256

PERSON = {
    "givenName": "Given",
    "familyName": "Family",
    "organization": "Institute",
    "path": "https://orcid.org/0000-0000-0000-0000",
    "email": "author@example.org",
    "roles": ["Author"],
}
GROUP = {"title": "Group", "path": "https://example.org/", "roles": ["creator"]}
HELPER = {"title": "Helper", "roles": ["editor"]}


def package(**more: Any) -> Manifest:
    """A manifest with as little in it as may be, and more."""
    about = {"name": "notes", "version": "1.0.0", "created": "2026-01-31T00:00:00Z"}
    manifest, problems = Manifest.of({**about, "resources": [], **more})
    assert problems == []
    return manifest


def citation(**more: Any) -> dict[str, Any]:
    """What CITATION.cff holds."""
    data = package_citation.citation(package(**more))
    assert data is not None
    held: dict[str, Any] = yaml.safe_load(data)
    return held


# BibTeX


def test_an_entry_for_bibtex_has_what_is_known() -> None:
    """A person by both names, others in braces; what TeX would take for something else is escaped."""
    group = {"title": "Salt and Sons, {Ltd} 50% ~^\\"}
    more = {"id": "10.1234/a_b", "title": "R&D\nin #1", "homepage": "https://example.org/a{b}_c%20"}
    entry = write_bibtex(package(contributors=[PERSON, {**group, "roles": ["author"]}], **more))
    assert entry == (
        "@misc{notes-1.0.0,\n"
        r"  author = {Family, Given and {Salt and Sons, \{Ltd\} 50\% "
        r"\textasciitilde{}\textasciicircum{}\textbackslash{}}},"
        "\n"
        r"  title = {{R\&D in \#1}},"
        "\n"
        "  year = {2026},\n"
        "  note = {Dataset, version 1.0.0},\n"
        "  doi = {10.1234/a_b},\n"
        "  url = {https://example.org/a%7Bb%7D_c%20}\n}"
    )


def test_an_entry_for_bibtex_needs_no_author() -> None:
    """A release has a title, or its name, and the year."""
    entry = write_bibtex(package())
    assert entry.split("\n")[1:] == [
        "  title = {{notes}},",
        "  year = {2026},",
        "  note = {Dataset, version 1.0.0}",
        "}",
    ]


# CITATION.cff


def test_the_release_of_the_seeds_says_how_it_is_cited(built: Path) -> None:
    """Each fact as the descriptor has it."""
    held = yaml.safe_load((built / "CITATION.cff").read_bytes())
    package = package_of(built)
    assert held == {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": package["title"],
        "version": "0.1.0",
        "date-released": "2026-11-22",
        "authors": [{"name": "liuh886", "website": "https://github.com/liuh886/ccus-policy-hub"}],
        "abstract": package["description"].strip(),
        "keywords": package["keywords"],
        "license": "MIT",
        "license-url": "https://opensource.org/license/mit",
    }


def test_without_contributors_there_is_no_citation() -> None:
    """The format asks for an author, and none is made up."""
    assert package_citation.citation(package()) is None


def test_people_are_cited_by_their_names_and_all_others_by_one() -> None:
    """An ORCID is one; any other address is a website."""
    assert citation(contributors=[PERSON, GROUP, HELPER])["authors"] == [
        {
            "family-names": "Family",
            "given-names": "Given",
            "affiliation": "Institute",
            "orcid": "https://orcid.org/0000-0000-0000-0000",
            "email": "author@example.org",
        },
        {"name": "Group", "website": "https://example.org/"},
    ]
    assert citation(contributors=[{"organization": "Institute"}])["authors"] == [
        {"name": "Institute"}
    ]


def test_all_contributors_are_cited_where_none_is_called_an_author() -> None:
    """Whatever their roles."""
    assert citation(contributors=[HELPER, {"title": "Other"}])["authors"] == [
        {"name": "Helper"},
        {"name": "Other"},
    ]


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        ([{"name": "CC-BY-4.0"}], {"license": "CC-BY-4.0"}),
        ([{"name": "CC-BY-4.0"}, {"name": "MIT"}], {"license": "CC-BY-4.0"}),
        (
            [{"name": "house", "path": "https://example.org/l"}],
            {"license-url": "https://example.org/l"},
        ),
        ([{"name": "house", "path": "LICENSE"}], {}),
        ([], {}),
    ],
)
def test_a_licence_is_named_as_spdx_names_it(
    licences: list[dict[str, str]], expected: dict[str, str]
) -> None:
    """Under another name the file would be invalid; then it has the address alone."""
    held = citation(contributors=[GROUP], licenses=licences)
    assert {key: value for key, value in held.items() if key.startswith("license")} == expected


@pytest.mark.parametrize(
    ("id", "doi"),
    [
        ("https://doi.org/10.5281/zenodo.7", "10.5281/zenodo.7"),
        ("doi:10.5281/zenodo.7", "10.5281/zenodo.7"),
        ("10.5281/zenodo.7", "10.5281/zenodo.7"),
        ("urn:uuid:8a2f4a0e-7c1c-4f0e-9f1e-2f6a3f0a3b55", None),
    ],
)
def test_an_id_that_is_a_doi_is_told_as_one(id: str, doi: str | None) -> None:
    """In CITATION.cff, in schema.org, and where a text cites the release."""
    whole = package(id=id, contributors=[GROUP])
    assert citation(id=id, contributors=[GROUP]).get("doi") == doi
    address = f"https://doi.org/{doi}" if doi else id
    assert schema_org.schema_org(whole)["identifier"] == address
    assert facts.cited_as(whole).endswith(f" {address}") == (doi is not None)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "notes. Version 1.0.0, 2026."),
        (
            {
                "title": "Notes",
                "contributors": [PERSON, GROUP],
                "homepage": "https://example.org/n",
            },
            "Given Family; Group (2026). Notes. Version 1.0.0. https://example.org/n",
        ),
    ],
)
def test_a_text_cites_authors_year_title_and_version(more: dict[str, Any], text: str) -> None:
    """And the address, where there is one."""
    assert facts.cited_as(package(**more)) == text


def test_keywords_are_told_once() -> None:
    """The format asks for that."""
    assert citation(contributors=[GROUP], keywords=["b", "a", "b"])["keywords"] == ["b", "a"]


# schema.org


def test_the_page_carries_the_facts_for_search_engines(built: Path) -> None:
    """The release as a schema.org Dataset, and its files by their places beside the page."""
    page = Page((built / "index.html").read_text("utf-8"))
    data, *_ = page.data
    held = json.loads(data)
    assert held == schema_org.schema_org(Manifest.of(package_of(built))[0])
    assert held["@type"] == "Dataset"
    assert held["license"] == "https://opensource.org/license/mit"
    for file in held["distribution"]:
        content = (built / file["contentUrl"]).read_bytes()
        if file["encodingFormat"] == "text/csv":
            assert file["sha256"] == sha256(built / file["contentUrl"])
            assert file["contentSize"] == f"{len(content)} B"
        else:
            assert "sha256" not in file


def test_what_a_package_does_not_say_is_left_out() -> None:
    """Nothing is made up."""
    assert schema_org.schema_org(package()) == {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": "notes",
        "version": "1.0.0",
        "datePublished": "2026-01-31",
        "distribution": [],
    }


def test_people_and_sources_are_things_of_schema_org() -> None:
    """A person with an affiliation, an organization, and works that the release is based on."""
    sources = [
        {"title": "Book", "path": "https://example.org/b"},
        {"title": "Talk", "path": "t.md"},
    ]
    held = schema_org.schema_org(package(contributors=[PERSON, GROUP], sources=sources))
    assert held["creator"] == [
        {
            "@type": "Person",
            "name": "Given Family",
            "givenName": "Given",
            "familyName": "Family",
            "url": "https://orcid.org/0000-0000-0000-0000",
            "email": "author@example.org",
            "affiliation": {"@type": "Organization", "name": "Institute"},
        },
        {"@type": "Organization", "name": "Group", "url": "https://example.org/"},
    ]
    assert held["isBasedOn"] == [
        {"@type": "CreativeWork", "name": "Book", "url": "https://example.org/b"},
        {"@type": "CreativeWork", "name": "Talk"},
    ]


@pytest.mark.parametrize(
    ("contributor", "told"),
    [
        ({"familyName": "Family"}, {"@type": "Person", "name": "Family", "familyName": "Family"}),
        (
            {"title": "F. Given", "givenName": "Given"},
            {"@type": "Person", "name": "F. Given", "givenName": "Given"},
        ),
        (
            {"title": "Group", "organization": "Institute"},
            {"@type": "Organization", "name": "Group"},
        ),
        (
            {"title": "Group", "path": "javascript://x"},
            {"@type": "Organization", "name": "Group"},
        ),
    ],
)
def test_a_contributor_is_a_person_by_a_name_of_one(
    contributor: dict[str, str], told: dict[str, str]
) -> None:
    """One name is enough; a title is what anyone is called, and an organization belongs to a person."""
    assert schema_org.schema_org(package(contributors=[contributor]))["creator"] == [told]


# Croissant


@pytest.fixture(scope="module")
def croissant(built: Path) -> dict[str, Any]:
    """Croissant of the release of the seeds."""
    held: dict[str, Any] = json.loads((built / "croissant.json").read_bytes())
    return held


def test_croissant_lists_every_file_by_its_hash(built: Path, croissant: dict[str, Any]) -> None:
    """Both forms of a table."""
    files = {file["contentUrl"]: file for file in croissant["distribution"]}
    assert set(files) == {each["path"] for each in package_of(built)["resources"]}
    for path, file in files.items():
        assert file["sha256"] == sha256(built / path)
        assert file["contentSize"] == f"{(built / path).stat().st_size} B"
        assert file["@id"] == path
        is_parquet = path.endswith(".parquet")
        assert file["encodingFormat"] == ("application/x-parquet" if is_parquet else "text/csv")


def test_croissant_has_every_column_of_every_table(built: Path, croissant: dict[str, Any]) -> None:
    """With its type, and where it is read from; and the key of the table."""
    kinds = {
        "string": "sc:Text",
        "integer": "sc:Integer",
        "year": "sc:Integer",
        "date": "sc:Date",
    }
    sets = {each["@id"]: each for each in croissant["recordSet"]}
    for resource in package_of(built)["resources"]:
        if resource["format"] != "csv":
            continue
        name, schema = resource["name"], resource["schema"]
        table = sets.pop(name)
        assert [field["name"] for field in table["field"]] == [
            field["name"] for field in schema["fields"]
        ]
        for told, field in zip(table["field"], schema["fields"], strict=True):
            assert told["@id"] == f"{name}/{field['name']}"
            assert told["dataType"] == kinds[field["type"]]
            assert told["source"] == {
                "fileObject": {"@id": f"data/{name}.parquet"},
                "extract": {"column": field["name"]},
            }
        keys = table["key"] if isinstance(table["key"], list) else [table["key"]]
        assert [key["@id"] for key in keys] == [f"{name}/{field}" for field in schema["primaryKey"]]
    assert sets == {}


def test_croissant_names_what_a_column_refers_to(croissant: dict[str, Any]) -> None:
    """Where it refers by itself to a key: by the file of that table, as mlcroissant joins them."""
    fields = {field["@id"]: field for table in croissant["recordSet"] for field in table["field"]}
    told = {
        name: (field["references"]["fileObject"]["@id"], field["references"]["extract"]["column"])
        for name, field in fields.items()
        if "references" in field
    }
    assert told["policies/country"] == ("data/countries.parquet", "code")
    assert told["texts/policy_id"] == ("data/policies.parquet", "policy_id")
    assert told["scores/language"] == ("data/languages.parquet", "code")
    assert "scores/policy_id" not in told  # it refers together with the language


def of_one_table(schema: dict[str, Any], *parts: str) -> dict[str, Any]:
    """Croissant of a release with one table, as one Parquet file or in parts."""
    paths = list(parts) or ["data/tree.parquet"]
    about = {"name": "tree", "title": "Tree", "bytes": 3, "hash": "sha256:ab"}
    csv = {**about, "format": "csv", "path": "data/tree.csv", "mediatype": "text/csv"}
    parquet = {**about, "name": "tree-parquet", "format": "apache-parquet", "path": paths}
    manifest = package(resources=[{**csv, "schema": schema}, {**parquet, "schema": schema}])
    digests = {path: Digest(3, "ab", 0) for path in ["data/tree.csv", *paths]}
    held: dict[str, Any] = json.loads(package_croissant.croissant(manifest, digests))
    return held


TREE = {
    "fields": [
        {"name": "id", "type": "number", "title": "Id"},
        {"name": "up", "type": "boolean"},
        {"name": "code", "type": "string", "constraints": {"unique": True}},
    ],
    "primaryKey": ["id"],
    "foreignKeys": [{"fields": ["up"], "reference": {"fields": ["id"]}}],
}


def test_a_reference_to_its_own_table_is_one_too() -> None:
    """There the standard leaves out the table's name. Where there is no description, a title is one."""
    held = of_one_table(TREE)
    assert held["isLiveDataset"] is False
    (told,) = held["recordSet"]
    assert told["description"] == "Tree"
    assert [field.get("description") for field in told["field"]] == ["Id", None, None]
    assert told["key"] == {"@id": "tree/id"}
    kinds = [field["dataType"] for field in told["field"]]
    assert kinds == ["sc:Float", "sc:Boolean", "sc:Text"]
    column = {"fileObject": {"@id": "data/tree.parquet"}, "extract": {"column": "id"}}
    assert told["field"][1]["references"] == column


@pytest.mark.parametrize(("column", "is_told"), [("id", True), ("code", True), ("up", False)])
def test_a_reference_to_a_column_with_repeated_values_is_left_out(
    column: str, is_told: bool
) -> None:
    """mlcroissant would join each row with all that it refers to."""
    keys = [{"fields": ["up"], "reference": {"fields": [column]}}]
    (told,) = of_one_table({**TREE, "foreignKeys": keys})["recordSet"]
    assert ("references" in told["field"][1]) == is_told


def test_a_table_in_parts_is_read_from_the_set_of_them() -> None:
    """Each part is listed by its hash, too."""
    parts = ["data/tree/part-00001.parquet", "data/tree/part-00002.parquet"]
    held = of_one_table(TREE, *parts)
    *files, together = held["distribution"]
    assert [file["@id"] for file in files] == ["data/tree.csv", *parts]
    assert (together["@id"], together["includes"]) == ("data/tree/", "data/tree/*.parquet")
    source = held["recordSet"][0]["field"][0]["source"]
    assert source == {"fileSet": {"@id": "data/tree/"}, "extract": {"column": "id"}}

"""What the script of a page reads: the model of the release, and the small tables."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from release.build import pipeline
from release.descriptor import load
from release.package.page.script_data import choose_tables, read_embedded
from release.verify import verification
from tests.support import tampering
from tests.support.datasets import NOTE, describe, table, write_dataset
from tests.support.tampering import refit


def element(page: str, name: str) -> str:
    """The text of the script element with that id."""
    found = re.search(f'<script type="[^"]*" id="{name}">([^<]*)</script>', page)
    assert found is not None
    return found[1]


def model_of(release: Path) -> dict[str, Any]:
    """The model in the page of a release."""
    model: dict[str, Any] = json.loads(element((release / "index.html").read_text(), "release"))
    return model


def test_the_model_of_the_seeds_names_entity_titles_and_languages(built: Path) -> None:
    """They are worked out from keys: everything of a policy leads to `policies`."""
    model = model_of(built)
    assert model["entity"] == "policies"
    assert model["titles"] == {"table": "texts", "column": "title", "language": "language"}
    assert model["language"] == {"column": "language", "table": "languages"}
    assert model["languages"] == ["en", "zh"]
    assert model["findings"] == "findings"


def test_the_model_tells_where_quotes_and_their_documents_stand(built: Path) -> None:
    """The script marks a quote in the text of its document."""
    quotes = {table["name"]: table["quotes"] for table in model_of(built)["tables"]}
    assert quotes.pop("evidence") == {
        "quote": "quote",
        "start": "start",
        "table": "documents",
        "fields": ["document_id"],
        "text": "text",
    }
    assert set(quotes.values()) == {None}


def test_the_tables_of_the_model_stand_in_groups(built: Path) -> None:
    """First what the records say, then what is said about them, then codelists."""
    groups: dict[str, list[str]] = {}
    for each in model_of(built)["tables"]:
        groups.setdefault(each["group"], []).append(each["name"])
    assert list(groups) == ["records", "about", "codelists"]
    assert groups["records"][:3] == ["policies", "texts", "scores"]
    assert groups["about"] == ["provenance", "documents", "evidence", "findings"]
    assert groups["codelists"][:2] == ["languages", "countries"]


def test_the_model_tells_what_is_of_the_file_and_not_of_its_subject(built: Path) -> None:
    """Such columns are hidden where a record is shown."""
    tables = {table["name"]: table for table in model_of(built)["tables"]}
    assert tables["documents"]["hidden"] == ["record_path", "record_sha256"]
    assert tables["scores"]["compared"] == ["score"]
    assert tables["countries"]["labels"] == {"en": "label_en", "zh": "label_zh"}


def test_the_page_shows_what_its_descriptor_says(tmp_path: Path) -> None:
    """Its entity, their title and language, the tables that come first, and what is hidden."""
    tags = table(
        "tags",
        NOTE,
        "at, type: integer, from: '{at}'",
        "tag, from: $value",
        of="notes/tags.{at}",
        key="note, at",
    )
    texts = table(
        "texts", NOTE, "lang, from: '{lang}'", "head", "path, from: $path", key="note, lang"
    )
    more = "page: {entity: notes, title: texts.head, language: texts.lang, order: [tags, texts], hide: at}\n"
    text = describe(
        texts,
        table("notes", NOTE),
        tags,
        path="{lang}/{note}.md",
        kind="prefer: {lang: [en]}",
        more=more,
    )
    write_dataset(tmp_path, text, {"en/a.md": "---\nhead: A\ntags: [x]\n---\n"})
    built = pipeline.build(load.load(tmp_path / "datapackage.yaml"), tmp_path / "dist")
    assert built.path is not None
    model = model_of(built.path)
    assert model["entity"] == "notes"
    assert model["titles"] == {"table": "texts", "column": "head", "language": "lang"}
    assert model["language"] == {"column": "lang", "table": None}
    hidden = {each["name"]: each["hidden"] for each in model["tables"]}
    assert list(hidden.items()) == [("tags", ["at"]), ("texts", []), ("notes", [])]
    shown = re.findall('<div id="table-([^"]*)"', (built.path / "index.html").read_text("utf-8"))
    assert shown == ["tags", "texts", "notes"]


def test_a_codelist_that_is_the_entity_stands_among_the_records(tmp_path: Path) -> None:
    """With the tables made from records, as it is of no kind of records itself."""
    kinds = table("kinds", "code", "label", of="kinds.csv", key="code", more="codelist: {}")
    notes = table("notes", NOTE, "kind, from: kind, codes: kinds")
    text = describe(notes, kinds, more="page: {entity: kinds, title: label, hide: []}\n")
    files = {"kinds.csv": "code,label\na,A\n", "notes/n.md": "---\nkind: a\n---\n"}
    write_dataset(tmp_path, text, files)
    built = pipeline.build(load.load(tmp_path / "datapackage.yaml"), tmp_path / "dist")
    assert built.path is not None
    model = model_of(built.path)
    assert model["titles"] == {"table": "kinds", "column": "label", "language": None}
    groups = [(each["name"], each["group"]) for each in model["tables"]]
    assert groups == [("kinds", "records"), ("notes", "records")]


def test_the_page_embeds_the_bytes_of_each_small_table(built: Path) -> None:
    """They are those of its Parquet file."""
    embedded = dict(read_embedded((built / "index.html").read_text("utf-8")))
    assert len(embedded) == len(model_of(built)["tables"])
    for name, data in embedded.items():
        assert data == (built / f"data/{name}.parquet").read_bytes()


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ({"a": 10, "b": 20}, ["a", "b"]),
        ({"a": 256 * 1024, "b": 256 * 1024 + 1}, ["a"]),
        ({"a": 250_000, "b": 250_001, "c": 250_000, "d": 250_003}, ["a", "c"]),
    ],
)
def test_what_is_large_is_not_embedded(sizes: dict[str, int], chosen: list[str]) -> None:
    """A file of more than 256 KiB, and what is beyond a million characters; the smallest come first."""
    tables = [{"name": name, "bytes": size, "parquet": ["p"]} for name, size in sizes.items()]
    assert list(choose_tables({"tables": tables})) == chosen


def test_what_the_descriptor_puts_first_is_embedded_first() -> None:
    """A first table that is too large takes no place from the others."""
    sizes = {"a": 200_000, "b": 250_000, "c": 250_000, "d": 250_000, "e": 300_000}
    tables = [{"name": name, "bytes": size, "parquet": ["p"]} for name, size in sizes.items()]
    assert list(choose_tables({"tables": tables}, ["e", "d", "b"])) == ["d", "b", "a"]


def test_a_table_of_several_files_is_not_embedded() -> None:
    """The script reads its parts from a server."""
    tables = [{"name": "a", "bytes": 10, "parquet": ["p/1", "p/2"]}]
    assert list(choose_tables({"tables": tables})) == []


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A small release, in no store."""
    return tampering.alone(tampering.built(tmp_path / "built"), tmp_path / "release")


def found(release: Path, page: str) -> list[str]:
    """What `verify` finds in a release with another page, of which all digests fit."""
    (release / "index.html").write_text(page, "utf-8")
    refit(release, keeps_page=True)
    (report,) = verification.verify(
        str(release), verification.VerifyOptions(referee="none")
    ).releases
    steps = [step for step in report.steps if step.name == "integrity"]
    return [each.message for step in steps for each in step.findings]


def test_one_changed_byte_of_an_embedded_table_is_found(release: Path) -> None:
    """Who reads the page would see another table than who loads the file."""
    page = (release / "index.html").read_text("utf-8")
    text = element(page, "data-notes")
    data = bytearray(base64.b64decode(text))
    data[50] ^= 1
    changed = page.replace(text, base64.b64encode(data).decode())
    assert found(release, changed) == ["the table notes is not data/notes.parquet"]


@pytest.mark.parametrize(
    ("element", "problems"),
    [
        (
            '<script id="data-notes">AAAA</script>',
            [
                "the table notes is not data/notes.parquet",
                "the table notes stands there twice, expected it once",
            ],
        ),
        ('<p id="data-other">AAAA</p>', ["the table other is not in base64"]),
        (
            "<script type=x id=data-other>AAAA</script>",
            ["the table other is no table of the release in one file"],
        ),
        (
            "<SCRIPT ID='data-l%69nks'>A</SCRIPT>",
            [
                "the table links is not in base64",
                "the table links stands there twice, expected it once",
            ],
        ),
    ],
)
def test_an_element_that_poses_as_a_table_is_found(
    release: Path, element: str, problems: list[str]
) -> None:
    """Whatever it is, and wherever it stands: a script that asks for its id might be given it."""
    page = (release / "index.html").read_text("utf-8")
    assert found(release, page.replace("</main>", f"{element}</main>")) == problems

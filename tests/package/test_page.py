"""The page of a release: what it shows, that it leads somewhere, and that it needs nothing but itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from release.build import pipeline
from release.descriptor import load
from release.package import render
from release.package.manifest.model import Manifest
from release.package.page import document as page
from release.system.limits import Limits
from tests.support import tampering
from tests.support.descriptors import FINDINGS
from tests.support.pages import Page, is_guarded
from tests.support.tampering import package_of

HOSTILE = "</script><script>alert('1')</script> & \"more\""


def page_of(release: Path) -> Page:
    """The page of a release, parsed."""
    return Page((release / "index.html").read_text("utf-8"))


def words(text: str) -> str:
    """A text with one space between its words."""
    return " ".join(text.split())


def made(folder: Path, text: str, records: dict[str, str]) -> Path:
    """The release of a descriptor and records, all of them in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "datapackage.yaml").write_text(text, "utf-8")
    for name, record in records.items():
        (folder / name).write_text(record, "utf-8")
    built = pipeline.build(load.load(folder / "datapackage.yaml"), folder / "dist")
    assert built.path is not None, [str(finding) for finding in built.outcome.findings]
    return built.path


def small(**more: Any) -> str:
    """A descriptor of notes with a title each."""
    about = {
        "name": "notes",
        "version": "1.0.0",
        "created": "2026-01-31T00:00:00Z",
        "records": {"notes": {"path": "{note}.md"}},
        "resources": [
            {
                "name": "notes",
                "rows": "notes",
                "schema": {
                    "primaryKey": ["note"],
                    "fields": [
                        {"name": "note", "from": "{note}"},
                        {"name": "title", "from": "title"},
                        {"name": "weight", "type": "number", "from": "weight"},
                    ],
                },
            }
        ],
    }
    return json.dumps({**about, **more})


def note(title: str) -> str:
    """A record."""
    return f"---\n{json.dumps({'title': title})}\n---\n"


@pytest.fixture(scope="module")
def first(built: Path) -> Page:
    """The page of the release of the seeds."""
    return page_of(built)


def test_every_link_of_the_page_leads_somewhere(built: Path, first: Page) -> None:
    """To a file of the release, to a place in the page, or to an address that the descriptor names."""
    named = re.findall(r"https?://[^\s'\"]+", (built / "datapackage.json").read_text("utf-8"))
    for link in first.links:
        if link.startswith("#"):
            assert link[1:] in first.ids, link
        elif "://" in link:
            assert link in named, link
        else:
            assert (built / unquote(link)).exists(), link
    assert len(first.ids) == len(set(first.ids))


def test_the_page_leads_to_every_table_in_both_forms(built: Path, first: Page) -> None:
    """And to what stands beside the tables."""
    paths = {each["path"] for each in package_of(built)["resources"]}
    beside = {"CHANGELOG.md", "changes.csv", "datapackage.json", "croissant.json", "README.md"}
    assert paths | beside | {"LICENSE", "SHA256SUMS", "CITATION.cff"} <= set(first.links)


def test_the_page_of_a_release_needs_nothing_but_itself(built: Path, first: Page) -> None:
    """It runs nothing, and reads no other file."""
    assert first.addresses == []
    text = (built / "index.html").read_text("utf-8")
    assert is_guarded(text)
    assert "@import" not in text
    assert "url(" not in text


def test_the_page_counts_what_the_build_noticed(built: Path, first: Page) -> None:
    """By severity and rule, the most first."""
    rules = pq.read_table(built / "data/findings.parquet")["rule"].value_counts().to_pylist()
    counted = sorted((-each["counts"], each["values"]) for each in rules)
    told = " ".join(f"warning {rule} {-count}" for count, rule in counted)
    assert f"Severity Rule Findings {told} {counted[0][1]} 5 Record Field" in words(first.text)


def test_the_page_lists_the_first_findings_of_each_rule(built: Path, first: Page) -> None:
    """With the record, the field and the message."""
    for each in pq.read_table(built / "data/findings.parquet").to_pylist():
        assert words(f"{each['key']} {each['field']} {each['message']}") in words(first.text)


def test_a_page_says_that_nothing_was_noticed(tmp_path: Path) -> None:
    """Where the table of findings is empty; without such a table it says nothing of it."""
    whole = json.loads(small())
    without = page_of(made(tmp_path / "one", json.dumps(whole), {"a.md": note("A")}))
    assert "What the build noticed" not in without.text
    whole["resources"] += yaml.safe_load(FINDINGS)
    clean = page_of(made(tmp_path / "two", json.dumps(whole), {"a.md": note("A")}))
    assert "What the build noticed Nothing: every record is what" in words(clean.text)


def test_the_first_rows_are_shown_as_csv_writes_them(tmp_path: Path) -> None:
    """Five at most; what is missing is said to be, and what is long is cut."""
    long = "x" * (page.CHARACTERS + 1)
    records = {f"n{at}.md": note(f"T{at}") for at in range(page.ROWS + 1)}
    records["n0.md"] = f"---\ntitle: {long}\nweight: 1e-7\n---\n"
    records["n1.md"] = "---\nweight: 2.50\n---\n"
    shown = words(page_of(made(tmp_path, small(), records)).text)
    assert f"note title weight n0 {long[: page.CHARACTERS - 1]}… 1e-7 n1 missing 2.5 " in shown
    _, _, rows = shown.partition("The first 5 rows; long values are cut.")
    assert "T4" in rows
    assert "T5" not in rows


@pytest.mark.parametrize("length", [page.CHARACTERS, page.CHARACTERS + 1])
def test_a_value_is_cut_where_it_is_longer(tmp_path: Path, length: int) -> None:
    """The longest that is whole has as many characters as one that is cut."""
    shown = page_of(made(tmp_path, small(), {"a.md": note("y" * length)})).text
    (value,) = re.findall("yy+…?", shown)
    assert len(value) == page.CHARACTERS
    assert value.endswith("…") == (length > page.CHARACTERS)


def test_texts_of_a_dataset_are_texts_in_its_page(tmp_path: Path) -> None:
    """Titles, descriptions, names and values run nothing, and end no script."""
    about = {
        "title": HOSTILE,
        "description": f"{HOSTILE} ![x](https://example.org/x.png) [go](javascript:alert(1))",
        "keywords": [HOSTILE],
        "contributors": [{"title": HOSTILE, "roles": [HOSTILE]}],
        "sources": [{"title": HOSTILE, "path": "javascript:alert(1)"}],
        "licenses": [{"name": "X", "path": "javascript:alert(2)", "title": HOSTILE}],
        "homepage": "javascript:alert(3)",
    }
    release = made(tmp_path, small(**about), {"a.md": note(HOSTILE)})
    shown = page_of(release)
    assert shown.addresses == []
    assert not any("javascript" in link for link in shown.links)
    assert shown.text.count(HOSTILE) == 11
    data, *_ = shown.data  # the others are for its script
    assert json.loads(data)["name"] == HOSTILE
    assert is_guarded((release / "index.html").read_text("utf-8"))


def test_texts_of_a_dataset_are_texts_in_its_readme(tmp_path: Path) -> None:
    """README.md has no HTML, no image and no address of another kind; a description keeps its Markdown."""
    about = {
        "title": HOSTILE,
        "description": f"*One* {HOSTILE}\n\n![x](https://example.org/x.png) [go](javascript:alert(1))\n",
        "sources": [
            {"title": HOSTILE, "path": "javascript:alert(1)"},
            {"title": "[a](javascript:b)", "path": "https://example.org/a"},
        ],
        "licenses": [{"name": "X", "path": "LICENSE", "title": HOSTILE}],
    }
    whole = json.loads(small(**about))
    whole["resources"][0]["description"] = "a | b ![x](https://example.org/x.png)\n\n| c |"
    text = (made(tmp_path, json.dumps(whole), {"a.md": note("A")}) / "README.md").read_text()
    shown = r"\</script\>\<script\>alert('1')\</script\> \& \"more\"".replace(r"\"", '"')
    assert text.startswith(
        f"# {shown} 1.0.0\n\n*One* {shown}\n\n"
        r"\![x](https://example.org/x.png) \[go\](javascript:alert(1))"
        "\n\n## Tables\n"
    )
    assert r"| a \| b \![x](https://example.org/x.png) \| c \| |" in text
    assert f"\n- {shown}: javascript:alert(1)\n" in text
    assert "\n- \\[a\\](javascript:b): <https://example.org/a>\n" in text
    assert f"\n- {shown}: LICENSE\n" in text


def test_descriptions_are_markdown(tmp_path: Path) -> None:
    """As the standard has it: paragraphs, lists and links, of a package, a table or a column."""
    whole = json.loads(small(description="One `word`.\n\n- [here](https://example.org/)\n"))
    (table,) = whole["resources"]
    table["description"] = "Each\n*note*."
    table["schema"]["fields"][1]["description"] = "In **short**."
    text = (made(tmp_path, json.dumps(whole), {"a.md": note("A")}) / "index.html").read_text()
    assert (
        '<p>One <code>word</code>.</p>\n<ul>\n<li><a href="https://example.org/">here</a></li>'
        in text
    )
    assert text.count("Each <em>note</em>.") == 2
    assert '<td class="about">In <strong>short</strong>.</td>' in text


@pytest.mark.parametrize(("version", "is_draft"), [("1.0.0-rc.1", True), ("1.0.0", False)])
def test_a_draft_says_that_it_is_one(tmp_path: Path, version: str, is_draft: bool) -> None:
    """For it may change under the same number, unlike a final version."""
    release = made(tmp_path, small(version=version), {"a.md": note("A")})
    told = "Draft: what this version holds may still change under the same number." in words(
        page_of(release).text
    )
    assert told == is_draft
    text = (release / "index.html").read_text("utf-8")
    assert f"<title>notes {version}{' (draft)' if is_draft else ''}</title>" in text
    assert ("withdrawn later" in text) != is_draft


def test_a_table_without_a_description_is_told_by_its_title(tmp_path: Path) -> None:
    """And the page names the zip that it comes in."""
    whole = json.loads(small())
    whole["resources"][0]["title"] = "Every note"
    shown = words(page_of(made(tmp_path, json.dumps(whole), {"a.md": note("A")})).text)
    assert "notes 1 Every note CSV" in shown
    assert "Unpack notes-1.0.0.zip and begin" in shown


def test_a_column_has_its_constraints_and_references(first: Page) -> None:
    """As the published schema has them, those to codelists among them."""
    shown = words(first.text)
    assert "score integer minimum 0, maximum 100 Points from 0 to 100" in shown
    assert "language string required texts, languages The language of the edition" in shown


def test_a_column_tells_where_in_a_record_it_is_read(first: Page) -> None:
    """As a path, a part of the record's path, or in words; a codelist has none."""
    shown = words(first.text)
    assert "The day the policy was published, by the record. pubDate status string" in shown
    assert "The language of the edition, as in languages. {language} author string" in shown
    assert (
        "The record's file, below source/ in the release. the record's path record_sha256" in shown
    )
    assert "Column Type Constraints Refers to What it holds code string" in shown


def test_a_final_version_says_where_its_withdrawal_would_be_told(first: Page) -> None:
    """It cannot say so itself: its files never change."""
    assert "this page cannot tell if the version was withdrawn later" in words(first.text)
    assert "@misc{ccus-policy-0.1.0, author = {{liuh886}}," in words(first.text)


def test_values_of_a_constraint_are_listed(tmp_path: Path) -> None:
    """A list by its values, a flag by its name; categories with or without labels; each reference once."""
    package = package_of(made(tmp_path, small(), {"a.md": note("A")}))
    schema = package["resources"][0]["schema"]
    schema["fields"][1] |= {
        "title": "About",
        "constraints": {"required": True, "unique": False, "enum": ["x", "y"]},
        "categories": [{"value": "x", "label": "X"}, "y"],
    }
    key = {"fields": ["title"], "reference": {"fields": ["note"]}}
    schema["foreignKeys"] = [key, key]
    manifest, problems = Manifest.of(package)
    assert problems == []
    table = pa.table({"note": ["a"], "title": ["x"], "weight": [1.5]})
    shown = words(Page("".join(page.pieces(manifest, {"notes": table}, None, []))).text)
    assert " title string required, enum x, y, one of x, y notes About weight number " in shown


def test_tables_in_parts_are_loaded_from_their_folder(tmp_path: Path) -> None:
    """The page leads to the folder, and names all files in it."""
    path = tampering.dataset(tmp_path / "records")
    options = pipeline.Options(limits=Limits(part_rows=2))
    built = pipeline.build(load.load(path), tmp_path / "dist", options)
    assert built.path is not None
    shown = page_of(built.path)
    assert "data/notes/" in shown.links
    assert 'pl.read_parquet("data/notes/*.parquet")' in shown.text
    assert 'dplyr::collect(open_dataset("data/notes/"))' in shown.text


def test_the_page_is_the_same_whatever_wrote_the_parquet(built: Path) -> None:
    """Of Parquet files it has neither size nor hash: they are others with other versions of pyarrow."""
    text = (built / "index.html").read_text("utf-8")
    package = package_of(built)
    for resource in package["resources"]:
        is_canonical = resource["format"] == "csv"
        assert (resource["hash"].removeprefix("sha256:") in text) == is_canonical
    assert render.size(package["resources"][0]["bytes"]) in text

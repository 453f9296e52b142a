"""Every rule that can be lowered: what a release has of a record that breaks it, row by row.

The reference has the same in a table, sentence by sentence.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from release.findings import ALWAYS_ERRORS, RULES
from tests.support.datasets import NOTE, describe, table
from tests.support.descriptors import FINDINGS
from tests.support.kit import ROOT, run

#: The rules that can be errors or warnings; a note is neither.
LOWERABLE = {rule for rule, (severity, _) in RULES.items() if severity != "note"} - ALWAYS_ERRORS

#: What a release has where a rule is lowered, as the reference says it. The cases below try each sentence.
LEAVES = {
    "file-unmatched": "all records; the file is no part of the release",
    "control-character": "the text with the character",
    "cell-size": "the text as it is",
    "line-ends": "the text, its lines ended with LF; `source/` has the file as it is",
    "text-after-hash": "the text before the ` #`",
    "unmapped-path": "every value that is mapped; this one is in no table",
    "capture-disagrees": "the value in the record",
    "quote-not-found": "the quote, with an empty cell for its offset",
    "editions-disagree": (
        "the values of both editions; in a row that is made of both, that of the preferred one"
    ),
    "edition-only": "the rows that are there",
    "label-language": "the code that the label leads to",
    "hidden-character": "the text with the character",
    "blank-ends": "the text with the blanks",
    "mojibake": "the text as it is written",
    "replacement-character": "the text with the character",
    "look-alike": "both rows, each with its key as it is written",
    "near-alike": "both rows, each with its key as it is written",
    "type": "the row, with an empty cell. In a primary key or a `required` field that is still an error",
    "code": "the row, with the text as it is written. The schema does not say that the field has codes",
}

#: A dataset with everything that a rule may be about; records and codelists are those of a case.
EACH = (NOTE, 'language, from: "{language}"')
POSITION = 'position, type: integer, from: "{position}"'
CHECKS = """\
compare: {across: language, fields: [year]}
checks:
  - name: late
    field: year
    severity: error
    message: "year is {year}, expected one before 3000"
    query: SELECT note, language, year FROM texts WHERE year >= 3000
"""
DATASET = describe(
    table("notes", "note", "colour, from: colour, codes: colours"),
    table(
        "texts",
        *EACH,
        "title",
        "year, type: integer",
        "body, from: $body",
        key="note, language",
        more=CHECKS,
    ),
    table(
        "uses",
        *EACH,
        'use, from: "{use}", codes: colours',
        "why, from: $value",
        of="notes/uses.{use}",
        key="note, language, use",
        more="compare: {across: language}",
    ),
    table(
        "counts",
        *EACH,
        'number, type: integer, from: "counts.{position}.number"',
        'about, from: "counts.{position}.about"',
        of="notes/counts.{position}",
        key="note, language, number",
    ),
    table(
        "words",
        *EACH,
        "word, from: $value",
        of="notes/words.{position}",
        key="note, language, word",
    ),
    table(
        "quotes",
        *EACH,
        POSITION,
        "quote, from: $value",
        'start, type: integer, locate: "quotes.{position}"',
        of="notes/quotes.{position}",
        key="note, language, position",
    ),
    table("places", "place", "height, type: integer", of="places.csv", key="place"),
    table(
        "colours",
        "code",
        "label_en",
        "label_de",
        of="colours.csv",
        key="code",
        more='codelist: {labels: "label_{language}"}',
    ),
    FINDINGS,
    path="notes/{language}/{note}.md",
    kind="prefer: {language: [en, de]}",
)

COLOURS = "code,label_en,label_de\nred,Red,Rot\nblue,Blue,Blau\n"
PLACES = "place,height\nhill,300\n"

#: The tables of a record `notes/en/a.md` with `note: a`, `colour: red` and `title: Rain`.
PLAIN: dict[str, list[tuple[str, ...]]] = {
    "notes": [("a", "red")],
    "texts": [("a", "en", "Rain", "", "")],
    "uses": [],
    "counts": [],
    "words": [],
    "quotes": [],
    "places": [("hill", "300")],
    "colours": [("red", "Red", "Rot"), ("blue", "Blue", "Blau")],
}

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Case:
    """One fault: the rule and the name it has here, the files, and the rows that are other than PLAIN's.

    `location` and `message` are those of its one finding, which a release has in its table of findings.
    """

    rule: str
    name: str
    front: str
    tables: Mapping[str, Rows]
    location: str
    message: str
    body: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "type": Case(
        "type",
        "year-type",
        "note: a\ncolour: red\ntitle: Rain\nyear: soon\n",
        {},
        "notes/en/a.md:5:7",
        "year is 'soon', expected an integer",
    ),
    "type-of-a-mapping-among-entries": Case(
        "type",
        "why-type",
        "note: a\ncolour: red\ntitle: Rain\nuses:\n  red: [war, love]\n  blue: sea\n",
        {"uses": [("a", "en", "blue", "sea"), ("a", "en", "red", "")]},
        "notes/en/a.md:6:8",
        "why is a list, expected text",
    ),
    "type-in-a-curated-table": Case(
        "type",
        "height-type",
        "note: a\ncolour: red\ntitle: Rain\n",
        {"places": [("hill", "300"), ("peak", "")]},
        "places.csv:3:6",
        "height is 'high', expected an integer",
        files={"places.csv": f"{PLACES}peak,high\n"},
    ),
    "code": Case(
        "code",
        "colour-code",
        "note: a\ncolour: pink\ntitle: Rain\n",
        {"notes": [("a", "pink")]},
        "notes/en/a.md:3:9",
        "colour is 'pink', expected a code, label or alias of colours; correct it, or add it to colours.csv",
    ),
    "code-in-a-key": Case(
        "code",
        "use-code",
        "note: a\ncolour: red\ntitle: Rain\nuses:\n  pink: love\n  Red: war\n",
        {"uses": [("a", "en", "pink", "love"), ("a", "en", "red", "war")]},
        "notes/en/a.md:6:3",
        "use is 'pink', expected a code, label or alias of colours; correct it, or add it to colours.csv",
    ),
    "control-character": Case(
        "control-character",
        "control-character",
        'note: a\ncolour: red\ntitle: "Ra\\u0007in"\n',
        {"texts": [("a", "en", "Ra\x07in", "", "")]},
        "notes/en/a.md:4:8",
        "found the control character U+0007, expected text without it",
    ),
    "control-character-in-a-body": Case(
        "control-character",
        "control-character",
        "note: a\ncolour: red\ntitle: Rain\n",
        {"texts": [("a", "en", "Rain", "", "Ra\x07in\n")]},
        "notes/en/a.md:6:3",
        "found the control character U+0007, expected text without it",
        body="Ra\x07in\n",
    ),
    "cell-size": Case(
        "cell-size",
        "cell-size",
        f"note: a\ncolour: red\ntitle: {'Rain' * 40_000}\n",
        {"texts": [("a", "en", "Rain" * 40_000, "", "")]},
        "notes/en/a.md:4:8",
        "title has 160,000 characters; unless told otherwise, Python's csv module takes 131,072 in a cell",
    ),
    "line-ends": Case(
        "line-ends",
        "line-ends",
        "note: a\ncolour: red\ntitle: Rain\n",
        {"texts": [("a", "en", "Rain", "", "One.\nTwo.\n")]},
        "notes/en/a.md:6:5",
        "1 of 7 lines end in CRLF, the first here, expected LF in all",
        body="One.\r\nTwo.\n",
    ),
    "text-after-hash": Case(
        "text-after-hash",
        "text-after-hash",
        "note: a\ncolour: red\ntitle: Rain #12\n",
        {},
        "notes/en/a.md:4:13",
        "found '#12', which YAML takes for a comment: the value is 'Rain'; expected quotes around a value "
        "that has it, or a comment on a line of its own",
    ),
    "unmapped-path": Case(
        "unmapped-path",
        "unmapped-path",
        "note: a\ncolour: red\ntitle: Rain\nauthor: Ann\n",
        {},
        "notes/en/a.md:5:9",
        "author is 'Ann', which nothing maps; map it with `from`, or ignore it with a reason",
    ),
    "unmapped-path-of-an-entry": Case(
        "unmapped-path",
        "unmapped-path",
        "note: a\ncolour: red\ntitle: Rain\nuses:\n  red: war\ncounts: seven\n",
        {"uses": [("a", "en", "red", "war")]},
        "notes/en/a.md:7:9",
        "counts is 'seven', which nothing maps; rows take its entries: write a list, or give these "
        "rows `oneOrMany: true`; else map it with `from`, or ignore it with a reason",
    ),
    "capture-disagrees": Case(
        "capture-disagrees",
        "capture-disagrees",
        "note: b\ncolour: red\ntitle: Rain\n",
        {"notes": [("b", "red")]},
        "notes/en/a.md:2:7",
        "note is 'b', expected 'a' as in the file's path; write that in the file, or rename the file",
    ),
    "quote-not-found": Case(
        "quote-not-found",
        "quote-not-found",
        "note: a\ncolour: red\ntitle: Rain\nquotes: [falls, snow]\n",
        {
            "texts": [("a", "en", "Rain", "", "It falls.\n")],
            "quotes": [("a", "en", "0", "falls", "3"), ("a", "en", "1", "snow", "")],
        },
        "notes/en/a.md:5:17",
        "'snow' does not stand in the record's body, expected it word for word",
        body="It falls.\n",
    ),
    "editions-disagree": Case(
        "editions-disagree",
        "editions-disagree",
        "note: a\ncolour: red\ntitle: Rain\n",
        {"texts": [("a", "de", "Regen", "", ""), ("a", "en", "Rain", "", "")]},
        "notes/de/a.md:3:9",
        "colour is 'red' in en, 'blue' in de, expected the editions to agree; en is used",
        files={"notes/de/a.md": "---\nnote: a\ncolour: blue\ntitle: Regen\n---\n"},
    ),
    "editions-disagree-compared": Case(
        "editions-disagree",
        "editions-disagree",
        "note: a\ncolour: red\ntitle: Rain\nyear: 2020\n",
        {"texts": [("a", "de", "Regen", "2021", ""), ("a", "en", "Rain", "2020", "")]},
        "notes/de/a.md:5:7",
        "year is 2020 in en, 2021 in de, expected the editions to agree",
        files={"notes/de/a.md": "---\nnote: a\ncolour: red\ntitle: Regen\nyear: 2021\n---\n"},
    ),
    "edition-only": Case(
        "edition-only",
        "edition-only",
        "note: a\ncolour: red\ntitle: Rain\nuses: {red: war}\n",
        {
            "texts": [("a", "de", "Regen", "", ""), ("a", "en", "Rain", "", "")],
            "uses": [("a", "en", "red", "war")],
        },
        "notes/en/a.md:5:8",
        "red of uses stands in en, expected it in de too",
        files={"notes/de/a.md": "---\nnote: a\ncolour: red\ntitle: Regen\n---\n"},
    ),
    "label-language": Case(
        "label-language",
        "label-language",
        "note: a\ncolour: Rot\ntitle: Rain\n",
        {},
        "notes/en/a.md:3:9",
        "colour is 'Rot', a label in de, expected the en label 'Red' in a record in en",
    ),
    "file-unmatched": Case(
        "file-unmatched",
        "file-unmatched",
        "note: a\ncolour: red\ntitle: Rain\n",
        {},
        "notes/en/b.txt",
        "the file belongs to no kind of record, expected notes/{language}/{note}.md",
        files={"notes/en/b.txt": "Not yet.\n"},
    ),
    "hidden-character": Case(
        "hidden-character",
        "title-hidden-character",
        'note: a\ncolour: red\ntitle: "Ra\\u200bin"\n',
        {"texts": [("a", "en", "Ra\u200bin", "", "")]},
        "notes/en/a.md:4:8",
        "title has U+200B ZERO WIDTH SPACE in 'Ra\\u200bin', which nobody sees; expected text without it",
    ),
    "blank-ends": Case(
        "blank-ends",
        "title-blank-ends",
        'note: a\ncolour: red\ntitle: "Rain "\n',
        {"texts": [("a", "en", "Rain ", "", "")]},
        "notes/en/a.md:4:8",
        "title is 'Rain ', which ends with U+0020 SPACE; expected text without blanks at its ends",
    ),
    "mojibake": Case(
        "mojibake",
        "title-mojibake",
        "note: a\ncolour: red\ntitle: RenÃ©\n",
        {"texts": [("a", "en", "RenÃ©", "", "")]},
        "notes/en/a.md:4:8",
        "title is 'RenÃ©', UTF-8 that was read in another encoding; expected 'René'",
    ),
    "replacement-character": Case(
        "replacement-character",
        "title-replacement-character",
        "note: a\ncolour: red\ntitle: Ra\ufffdn\n",
        {"texts": [("a", "en", "Ra\ufffdn", "", "")]},
        "notes/en/a.md:4:8",
        "title has U+FFFD in 'Ra\ufffdn', where a character was lost; expected the text as it was before it "
        "was converted",
    ),
    "look-alike": Case(
        "look-alike",
        "words-look-alike",
        "note: a\ncolour: red\ntitle: Rain\nwords: [m\u00f4le, mo\u0302le]\n",
        {"words": [("a", "en", "mo\u0302le"), ("a", "en", "m\u00f4le")]},
        "notes/en/a.md:5:9",
        "word 'm\u00f4le' (U+00F4) looks the same as 'mo\u0302le' (U+006F U+0302) in notes/en/a.md:5:15; "
        "expected the same text in both, or texts that look different",
    ),
    "near-alike": Case(
        "near-alike",
        "words-near-alike",
        "note: a\ncolour: red\ntitle: Rain\nwords: [ibm, IBM]\n",
        {"words": [("a", "en", "IBM"), ("a", "en", "ibm")]},
        "notes/en/a.md:5:9",
        "word 'ibm' differs from 'IBM' in notes/en/a.md:5:14 only in upper and lower case; expected one way "
        "of writing it",
    ),
    "a-check": Case(
        "late",
        "late",
        "note: a\ncolour: red\ntitle: Rain\nyear: 3000\n",
        {"texts": [("a", "en", "Rain", "3000", "")]},
        "notes/en/a.md:5:7",
        "year is 3000, expected one before 3000",
    ),
}


def write_dataset(files: Mapping[str, str]) -> None:
    """Write the dataset into the working folder, with files of its own or in the place of others."""
    own = {"datapackage.yaml": DATASET, "colours.csv": COLOURS, "places.csv": PLACES}
    for path, text in {**own, **files}.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(text.encode())


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A case, whose dataset is the working folder."""
    monkeypatch.chdir(tmp_path)
    found = CASES[request.param]
    write_dataset({"notes/en/a.md": f"---\n{found.front}---\n{found.body}", **found.files})
    return found


ALL = pytest.mark.parametrize("case", CASES, indirect=True)


def _tables(folder: Path) -> dict[str, Rows]:
    """The tables of a release as text, from the CSV; those in Parquet hold the same."""
    tables = {}
    for path in sorted((folder / "data").glob("*.csv")):
        before = csv.field_size_limit(1 << 20)
        with path.open(newline="", encoding="utf-8") as file:
            _, *rows = csv.reader(file)
        csv.field_size_limit(before)
        tables[path.stem] = [tuple(row) for row in rows]
        parquet = pq.read_table(path.with_suffix(".parquet")).to_pylist()
        held = [
            tuple("" if value is None else str(value) for value in row.values()) for row in parquet
        ]
        assert held == tables[path.stem]
    return tables


@ALL
def test_a_rule_that_is_an_error_lets_nothing_be_built(case: Case) -> None:
    """None is lowered by itself."""
    code, out, err = run("check", "--severity", f"{case.name}=error")
    assert (code, err) == (1, "")
    first, summed_up, *_ = out.splitlines()
    assert first == f"{case.location}: error: {case.name}: {case.message}"
    assert summed_up.endswith("1 error, 0 warnings")


@ALL
def test_a_lowered_rule_removes_no_row_and_no_other_value(case: Case) -> None:
    """The release has every row, as CSV and as Parquet, and the finding; and it can be rebuilt."""
    code, out, err = run("build", "--severity", f"{case.name}=warning")
    assert (code, err) == (0, "")
    assert out.splitlines()[:-2] == [f"{case.location}: warning: {case.name}: {case.message}"]
    assert run("verify", "dist/0.1.0", "--rebuild")[0] == 0
    found = _tables(Path("dist/0.1.0"))
    (listed,) = found.pop("findings") or [()]
    assert found == {**PLAIN, **case.tables} | {"colours": sorted(PLAIN["colours"])}
    if case.rule == "file-unmatched":
        assert listed == ()
        assert not Path("dist/0.1.0/source/notes/en/b.txt").exists()
        return
    path, _, place = case.location.partition(":")
    assert [listed[0], listed[1], f"{listed[2]}:{listed[3]}"] == [case.name, path, place]
    assert listed[8] == case.message
    for file in ("notes/en/a.md", "colours.csv", "places.csv", *case.files):
        assert Path("dist/0.1.0/source", file).read_bytes() == Path(file).read_bytes()


def test_each_rule_that_can_be_lowered_has_a_case() -> None:
    """A new one is tried too."""
    assert {case.rule for case in CASES.values()} - {"late"} == LOWERABLE


def test_the_reference_says_what_each_lowered_rule_leaves() -> None:
    """One line for each rule and none for others, word for word as it was tried here."""
    text = (ROOT / "docs/reference/findings.md").read_text("utf-8")
    section = text.split("### What a lowered rule leaves", 1)[1].split("\n#", 1)[0]
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", section, re.MULTILINE)) == LEAVES


@pytest.mark.parametrize("rule", ["type=warning", "year-type=warning", "number-type=warning"])
def test_a_value_of_another_type_in_a_key_is_an_error_whatever_is_lowered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    """A key cannot be empty, and a row is never left out."""
    monkeypatch.chdir(tmp_path)
    write_dataset(
        {"notes/en/a.md": "---\nnote: a\ncounts: [{number: 1}, {number: two, about: all}]\n---\n"}
    )
    code, out, _ = run("build", "--severity", rule)
    lowered = rule != "year-type=warning"
    assert code == 1
    expected = ["notes/en/a.md:3:32: error: number-type: number is 'two', expected an integer"]
    if lowered:
        message = "number is missing, expected a value in every field of the primary key"
        missing = f"notes/en/a.md:3:32: error: counts-primaryKey: {message}"
        expected = [missing, expected[0].replace("error", "warning")]
    assert out.splitlines()[:-2] == expected
    assert not Path("dist").exists()


@pytest.mark.parametrize("rule", ["code", "colour-code", "use-code"])
def test_a_field_whose_code_is_lowered_refers_to_no_codelist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    """Its texts need not be codes, so the manifest does not say that they are."""
    monkeypatch.chdir(tmp_path)
    write_dataset({"notes/en/a.md": "---\nnote: a\ncolour: red\nuses: {Rot: war}\n---\n"})
    assert run("build", "--severity", f"{rule}=warning")[0] == 0
    manifest = json.loads(Path("dist/0.1.0/datapackage.json").read_bytes())
    referring = {
        key["fields"][0]
        for each in manifest["resources"]
        for key in each["schema"].get("foreignKeys", [])
    }
    assert referring == {"code": set(), "colour-code": {"use"}, "use-code": {"colour"}}[rule]
    assert _tables(Path("dist/0.1.0"))["uses"] == [("a", "en", "red", "war")]

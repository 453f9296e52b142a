"""The seeds, exactly: tables, findings, bytes and quotes."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path

import pytest

from release import cli
from release.build import pipeline

POLICY = "cn-miit-industrial-plan-2022"
EN, ZH = f"seeds/policies/en/{POLICY}.md", f"seeds/policies/zh/{POLICY}.md"

ROWS = {
    "policies": 1,
    "texts": 2,
    "scores": 10,
    "impacts": 6,
    "regulatory": 0,
    "provenance": 2,
    "tags": 3,
    "sectors": 0,
    "clusters": 0,
    "relations": 0,
    "facilities": 0,
    "milestones": 0,
    "documents": 3,
}

#: Digests of the records' files, and of the web pages that are the documents' bodies.
RECORDS = {
    EN: "4854866cedd7754f4229b63cd5bc99c30d70ed25e4c67e17285f2cd0a20268c9",
    ZH: "0e6385fb4c2d33f2ced81a0df666b943893d0635bbda4954c37000642e5f16e6",
}
BESTAO = "bestao-industrial-carbon-peak-action-plan-2022"
ENVIX = "envix-manufacturing-carbon-peaking-program-2022"
GIZ = "climate-cooperation-china-science-technology-carbon-peaking-2022"
PAGES = {
    BESTAO: "2a6d4314f70dd9b08a2b9648f6f5703011b4b8a68f0032d65418cbb405afb2a4",
    ENVIX: "5b0acff158b61886be29743bb497ba1bbb2bb90ca3975fcb5d531028581ee209",
    GIZ: "d135ab13a4a41c41e812dc7960ed9d85dd04f1422f100d030960023cfb9a75b8",
}

AGREE = "expected the editions to agree"
FINDINGS = [
    (
        EN,
        3,
        10,
        "label-language",
        "country is '中国', a label in zh, expected the en label 'China' in a record in en",
    ),
    (
        EN,
        22,
        3,
        "edition-only",
        "technical of scores stands in en, expected it in zh too",
    ),
    (ZH, 9, 16, "editions-disagree", f"score of incentive is 60 in en, 65 in zh, {AGREE}"),
    (ZH, 11, 5, "edition-only", "market of scores stands in zh, expected it in en too"),
    (ZH, 23, 16, "editions-disagree", f"score of mrv is 80 in en, 75 in zh, {AGREE}"),
    (ZH, 30, 16, "editions-disagree", f"score of statutory is 85 in en, 75 in zh, {AGREE}"),
    (ZH, 37, 16, "editions-disagree", f"score of strategic is 100 in en, 30 in zh, {AGREE}"),
    (
        ZH,
        69,
        19,
        "editions-disagree",
        f"review_status is 'draft' in en, 'verified' in zh, {AGREE}",
    ),
    (
        ZH,
        69,
        19,
        "verified-while-pending",
        (
            "review_status is 'verified' while the reviewer is 'Human Audit Pending', "
            "expected a reviewer who has reviewed"
        ),
    ),
]

#: Document, stance, a part of the quote, and a part of the note: what the evidence must hold.
REQUIRED = [
    (BESTAO, "contradicts", "On July 7, 2022", "7 July 2022"),
    (ENVIX, "supports", "On Aug. 1, 2022", "this day"),
    (
        BESTAO,
        "context",
        "per added-value of industrial companies will be reduced by 13.5%",
        "value",
    ),
    (ENVIX, "context", "per unit industry value added (IVA) by 13.5%", "value added"),
    (GIZ, "context", "a 13.5 percent drop in energy consumption per unit of GDP", "different plan"),
    (BESTAO, "context", "short-stream steelmaking will reach more than 15%", "steel"),
    (BESTAO, "supports", "short-stream steelmaking reaching more than 20%", "steel"),
    (BESTAO, "supports", "cement clinker will be reduced by more than 3%", "cement"),
    (BESTAO, "supports", "carbon capture as well as the utilization", "kilns"),
]


@pytest.mark.parametrize(("table", "rows"), ROWS.items(), ids=ROWS)
def test_a_table_has_exactly_these_rows(seeds: pipeline.Outcome, table: str, rows: int) -> None:
    """Each table of the dataset has as many rows as the seeds have entries."""
    assert seeds.content.tables[table].num_rows == rows


def test_the_scores_add_up_per_language(seeds: pipeline.Outcome) -> None:
    """Scores add up to 415 in English and 305 in Chinese."""
    sums = {"en": 0, "zh": 0}
    for row in seeds.content.tables["scores"].to_pylist():
        sums[row["language"]] += row["score"]
    assert sums == {"en": 415, "zh": 305}


def test_every_score_is_the_one_of_its_record(seeds: pipeline.Outcome) -> None:
    """Each edition has its own five scores, none of the other's."""
    scores: dict[str, dict[str, int]] = {"en": {}, "zh": {}}
    for row in seeds.content.tables["scores"].to_pylist():
        scores[row["language"]][row["dimension"]] = row["score"]
    assert scores == {
        "en": {"strategic": 100, "statutory": 85, "technical": 90, "mrv": 80, "incentive": 60},
        "zh": {"strategic": 30, "statutory": 75, "market": 60, "mrv": 75, "incentive": 65},
    }


def test_the_policy_is_right_for_both_editions(seeds: pipeline.Outcome) -> None:
    """The one row of policies holds codes and typed values, whatever words an edition used."""
    (policy,) = seeds.content.tables["policies"].to_pylist()
    assert policy == {
        "policy_id": POLICY,
        "country": "CN",
        "region": None,
        "year": 2022,
        "published": date(2022, 8, 1),
        "status": "active",
        "category": "strategic",
        "legal_weight": "Departmental Rules",
        "scope": "national",
        "url": "https://www.miit.gov.cn/jgsj/jns/wjfb/art/2022/art_0e86e068060446008800ba8800088000.html",
        "source": "工信部",
    }


def test_all_findings_are_these_warnings(seeds: pipeline.Outcome) -> None:
    """The findings, by rule, place and message, are exactly those known; none is an error."""
    found = [(f.path, f.line, f.column, f.rule, f.message) for f in seeds.findings]
    assert found == FINDINGS
    assert seeds.errors == 0


def test_the_findings_are_a_table_of_the_release(seeds: pipeline.Outcome) -> None:
    """The table of findings says what the findings say, one row each."""
    rows = {
        (row["path"], row["line"], row["column"], row["rule"], row["message"])
        for row in seeds.content.tables["findings"].to_pylist()
    }
    assert rows == set(FINDINGS)


@pytest.mark.parametrize(("path", "digest"), RECORDS.items(), ids=["en", "zh"])
def test_a_record_has_the_bytes_of_its_source(root: Path, path: str, digest: str) -> None:
    """The policy records are kept byte for byte."""
    assert hashlib.sha256((root / path).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(("document", "digest"), PAGES.items(), ids=["bestao", "envix", "giz"])
def test_a_document_has_the_bytes_of_its_page(root: Path, document: str, digest: str) -> None:
    """What stands below the closing fence of a document is the page, byte for byte."""
    data = (root / f"seeds/documents/{document}.md").read_bytes()
    body = data.split(b"\n---\n", 1)[1]
    assert hashlib.sha256(body).hexdigest() == digest


@pytest.mark.parametrize(("document", "digest"), PAGES.items(), ids=["bestao", "envix", "giz"])
def test_the_text_of_a_document_is_its_page(
    seeds: pipeline.Outcome, document: str, digest: str
) -> None:
    """documents.text is the page, character for character."""
    texts = {
        row["document_id"]: row["text"] for row in seeds.content.tables["documents"].to_pylist()
    }
    assert hashlib.sha256(texts[document].encode()).hexdigest() == digest


def test_every_quote_stands_where_start_says(seeds: pipeline.Outcome) -> None:
    """At least 20 quotes, each found in documents.text at its offset in code points."""
    tables = seeds.content.tables
    texts = {row["document_id"]: row["text"] for row in tables["documents"].to_pylist()}
    evidence = tables["evidence"].to_pylist()
    assert len(evidence) >= 20
    for row in evidence:
        start, quote = row["start"], row["quote"]
        assert texts[row["document_id"]][start : start + len(quote)] == quote
        assert row["policy_id"] == POLICY


def test_every_claim_names_a_released_column(seeds: pipeline.Outcome) -> None:
    """A claim is table.column or table.entry.column of a table that holds such a row."""
    tables = seeds.content.tables
    for row in tables["evidence"].to_pylist():
        table, *entry, column = row["claim"].split(".")
        assert column in tables[table].column_names, row["claim"]
        if entry:
            key = tables[table].column_names[2]
            assert entry[0] in tables[table][key].to_pylist(), row["claim"]


@pytest.mark.parametrize(
    ("document", "stance", "words", "note"), REQUIRED, ids=[words for _, _, words, _ in REQUIRED]
)
def test_the_evidence_holds_what_the_pages_say(
    seeds: pipeline.Outcome, document: str, stance: str, words: str, note: str
) -> None:
    """Dates, targets and denominators are quoted, each with what it means for the record."""
    assert any(
        row["document_id"] == document
        and row["stance"] == stance
        and words in row["quote"]
        and note.lower() in f"{row['note']} {row['quote']}".lower()
        for row in seeds.content.tables["evidence"].to_pylist()
    )


def test_every_quote_from_another_plan_says_so(seeds: pipeline.Outcome) -> None:
    """The page about another ministry's plan supports nothing, and each of its notes says why."""
    rows = [r for r in seeds.content.tables["evidence"].to_pylist() if r["document_id"] == GIZ]
    assert {row["stance"] for row in rows} == {"context"}
    assert all(row["note"].startswith("A different plan") for row in rows)


def _copy(root: Path, folder: Path) -> Path:
    shutil.copytree(root / "seeds", folder / "seeds")
    shutil.copytree(root / "codelists", folder / "codelists")
    shutil.copy(root / "datapackage.yaml", folder)
    return folder


def test_a_quote_that_is_not_in_its_page_stops_the_build(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one character of a quote changed, the build ends with 1 and writes nothing."""
    folder = _copy(root, tmp_path / "copy")
    path = folder / f"seeds/documents/{ENVIX}.md"
    text = path.read_text(encoding="utf-8")
    changed = text.replace("text: 'On Aug. 1, 2022'", "text: 'On Aug. 2, 2022'")
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    line = changed[: changed.index("On Aug. 2")].count("\n") + 1
    store = tmp_path / "dist"

    arguments = ["build", "--descriptor", str(folder / "datapackage.yaml"), "--out", str(store)]
    assert cli.main(arguments) == 1
    assert (
        f"{path}:{line}:11: error: quote-not-found: 'On Aug. 2, 2022' does not stand in the "
        "record's body, expected it word for word\n" in capsys.readouterr().out
    )
    assert not store.exists()


def test_nothing_of_a_record_is_unmapped(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger of the seeds has a column or a reason for every leaf."""
    monkeypatch.chdir(root)
    assert cli.main(["check", "--coverage"]) == 0
    out = capsys.readouterr().out
    assert "UNMAPPED" not in out
    assert "policies/analysis.{dimension}.score" in out

"""The real records, held against counts that an independent script made of them.

The files belong to another project and are never copied here; without them these tests are skipped.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from release import cli
from release.build import pipeline
from release.descriptor import load
from release.findings import Finding, Severity
from release.syntax.file_patterns import FilePattern
from release.syntax.json import read_json
from release.syntax.yaml import read_yaml
from tests.support.corpora import FEBRUARY, JUNE, LOWERED, MARCH, SNAPSHOTS, pattern

LANGUAGES = ["en", "zh"]

#: Texts of a category that the codelist does not have, on purpose.
NO_CATEGORY = {"Offshore Storage Licensing", "Statutory", "Tax Incentives"}

#: Keys of a score that stand among the impacts of one record, as its indentation is wrong.
MISPLACED = ("citation", "evidence", "label", "score")

QUOTES = "'\""

Row = dict[str, Any]


class Snapshot(NamedTuple):
    """One snapshot: where it is, what is true of it, and what was made of it."""

    name: str
    folder: Path
    truth: dict[str, Any]
    scores: list[Row]
    outcome: pipeline.Outcome

    def rows(self, table: str) -> list[Row]:
        """A table as rows."""
        rows: list[Row] = self.outcome.content.tables[table].to_pylist()
        return rows

    def found(self, rule: str) -> list[Finding]:
        """The findings of one rule."""
        return [finding for finding in self.outcome.findings if finding.rule == rule]


@pytest.fixture(scope="module", params=SNAPSHOTS)
def snapshot(request: pytest.FixtureRequest, shared: Path, root: Path) -> Snapshot:
    """Each snapshot in turn, read through the descriptor of the seeds."""
    name = request.param
    folder, truth = shared / "corpora" / name, shared / "corpora" / "truth"
    lowered: dict[str, Severity] = {text.partition("=")[0]: "warning" for text in LOWERED[name]}
    described = load.with_severities(load.load(root / "datapackage.yaml"), lowered)
    elsewhere = {"policies": FilePattern(pattern(folder))}
    outcome = pipeline.check(described, pipeline.Options(elsewhere))
    with (truth / f"{name}.scores.csv").open(encoding="utf-8", newline="") as file:
        scores = list(csv.DictReader(file))
    return Snapshot(
        name, folder, json.loads((truth / f"{name}.json").read_text("utf-8")), scores, outcome
    )


def per_language(rows: list[Row], *columns: str) -> dict[str, int]:
    """How many rows each language has in which none of the columns is missing."""
    return {
        language: sum(
            row["language"] == language and all(row[name] is not None for name in columns)
            for row in rows
        )
        for language in LANGUAGES
    }


def true_of(snapshot: Snapshot, *path: str) -> dict[str, Any]:
    """A part of the truth for each language; `path` starts at what is told per language."""
    first, *rest = path
    values = {}
    for language in LANGUAGES:
        value = snapshot.truth[first][language]
        for key in rest:
            value = value[key]
        values[language] = value
    return values


# what the tables hold


def test_nothing_stops_the_build_but_what_was_lowered(snapshot: Snapshot) -> None:
    """Every error of the snapshot is one of the known faults."""
    assert snapshot.outcome.errors == 0


def test_policies_are_as_many_as_there_are(snapshot: Snapshot) -> None:
    """One policy per id, one text and one provenance per record."""
    truth = snapshot.truth["policies"]
    assert len(snapshot.rows("policies")) == truth["distinct_ids"]
    assert per_language(snapshot.rows("texts")) == {"en": truth["en"], "zh": truth["zh"]}
    assert per_language(snapshot.rows("provenance")) == {"en": truth["en"], "zh": truth["zh"]}


def test_every_score_is_the_true_one(snapshot: Snapshot) -> None:
    """The scores are those of the truth, each by policy, language and dimension."""
    expected = {(r["id"], r["lang"], r["dimension"]): int(r["score"]) for r in snapshot.scores}
    rows = snapshot.rows("scores")
    found = {(r["policy_id"], r["language"], r["dimension"]): r["score"] for r in rows}
    assert found == expected
    assert len(rows) == snapshot.truth["scores"]["rows"]


def test_scores_add_up_by_language_and_dimension(snapshot: Snapshot) -> None:
    """Rows and sums of each language and dimension are the true ones."""
    truth = snapshot.truth["scores"]["by_lang_dimension"]
    for language in LANGUAGES:
        rows = [row for row in snapshot.rows("scores") if row["language"] == language]
        for dimension, expected in truth[language].items():
            scores = [r["score"] for r in rows if dimension in ("_all", r["dimension"])]
            assert {"rows": len(scores), "sum": sum(scores)} == expected, (language, dimension)


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("label", "label_nonempty"),
        ("evidence", "evidence_nonempty"),
        ("citation", "citation_nonempty"),
        ("audit_note", "auditNote_nonempty"),
    ],
)
def test_the_grounds_of_scores_are_all_there(snapshot: Snapshot, column: str, key: str) -> None:
    """Labels, evidence, citations and notes are as many as the records hold."""
    assert per_language(snapshot.rows("scores"), column) == snapshot.truth["scores"][key]


def test_impacts_are_as_many_as_there_are(snapshot: Snapshot) -> None:
    """Impacts by language and kind; an empty one makes no row, and one of no known kind is kept."""
    unknown = set(MISPLACED)
    for language in LANGUAGES:
        found = Counter(
            row["impact"] for row in snapshot.rows("impacts") if row["language"] == language
        )
        kept = {kind: n for kind, n in found.items() if kind not in unknown}
        assert kept == dict(Counter(snapshot.truth["impacts"][language]["nonempty"]))
    rows = [row for row in snapshot.rows("impacts") if row["impact"] in unknown]
    assert Counter(row["impact"] for row in rows) == dict.fromkeys(MISPLACED, 1)
    assert len(snapshot.found("impact-code")) == len(rows)


def test_regulatory_is_as_much_as_there_is(snapshot: Snapshot) -> None:
    """Regulatory texts by language and pillar; an empty one makes no row."""
    for language in LANGUAGES:
        found = Counter(
            row["pillar"] for row in snapshot.rows("regulatory") if row["language"] == language
        )
        truth = {k: n for k, n in snapshot.truth["regulatory"][language]["nonempty"].items() if n}
        assert found == Counter(truth)


@pytest.mark.parametrize(
    ("table", "key"),
    [("tags", "tags"), ("sectors", "sectors"), ("facilities", "relatedFacilities")],
)
def test_lists_have_a_row_for_each_entry(snapshot: Snapshot, table: str, key: str) -> None:
    """Entries of lists, and how many different ones there are."""
    rows = snapshot.rows(table)
    assert per_language(rows) == true_of(snapshot, key, "rows")
    value = {"tags": "tag", "sectors": "sector", "facilities": "facility_id"}[table]
    for language, distinct in true_of(snapshot, key, "distinct").items():
        assert len({row[value] for row in rows if row["language"] == language}) == distinct


def test_clusters_and_relations_are_as_many_as_there_are(snapshot: Snapshot) -> None:
    """What stands under evolution, by language and kind."""
    assert per_language(snapshot.rows("clusters")) == true_of(
        snapshot, "evolution", "clusters_rows"
    )
    assert per_language(snapshot.rows("milestones")) == true_of(
        snapshot, "evolution", "milestones_rows"
    )
    kinds = {
        "supersedes": "supersedes_rows",
        "superseded_by": "supersededBy_nonempty",
        "consolidated_from": "consolidatedFrom_rows",
        "current_version": "currentConsolidatedVersion_nonempty",
    }
    for kind, key in kinds.items():
        rows = [row for row in snapshot.rows("relations") if row["relation"] == kind]
        assert per_language(rows) == true_of(snapshot, "evolution", key), kind


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("author", "author_nonempty"),
        ("reviewer", "reviewer_nonempty"),
        ("last_audit_date", "lastAuditDate_nonempty"),
    ],
)
def test_provenance_is_all_there(snapshot: Snapshot, column: str, key: str) -> None:
    """Authors, reviewers and audit dates are as many as the records hold."""
    assert per_language(snapshot.rows("provenance"), column) == true_of(snapshot, "provenance", key)


def test_texts_are_all_there(snapshot: Snapshot) -> None:
    """Descriptions, interpretations and details of implementation are as many as there are."""
    rows = snapshot.rows("texts")
    assert per_language(rows, "description") == true_of(snapshot, "text", "description_nonempty")
    assert per_language(rows, "interpretation") == true_of(
        snapshot, "text", "interpretation_nonempty"
    )
    names = ["authority", "mechanism", "funding_scale"]
    parts = [per_language(rows, f"implementation_{name}") for name in names]
    details = {language: sum(part[language] for part in parts) for language in LANGUAGES}
    assert details == true_of(snapshot, "implementationDetails", "nonempty_fields")


def codes_of(snapshot: Snapshot, codelist: str) -> dict[str, str]:
    """Every text of a codelist and its code, from the file of the codelist itself."""
    path = snapshot.outcome.content.descriptor.root / f"codelists/{codelist}.csv"
    codes = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            texts = [row["code"], row["label_en"], row["label_zh"], *row["aliases"].split("|")]
            codes.update({text: row["code"] for text in texts if text})
    return codes


def coded(snapshot: Snapshot, codelist: str, counts: dict[str, int]) -> Counter[str | None]:
    """Counts by text as counts by code; texts that have no code are kept."""
    codes = codes_of(snapshot, codelist)
    found: Counter[str | None] = Counter()
    for text, count in counts.items():
        code = None if text == "<absent>" else text if text in NO_CATEGORY else codes[text]
        found[code] += count
    return found


@pytest.mark.parametrize(
    ("column", "key", "codelist"),
    [
        ("status", "status", "statuses"),
        ("category", "category", "categories"),
        ("scope", "scope", "scopes"),
        ("region", "region", "regions"),
        ("country", "country", "countries"),
    ],
)
def test_codes_are_those_of_the_texts(
    snapshot: Snapshot, column: str, key: str, codelist: str
) -> None:
    """The codes of the policies are, count by count, those of both languages' texts."""
    found = Counter(row[column] for row in snapshot.rows("policies"))
    for language in LANGUAGES:
        assert found == coded(snapshot, codelist, snapshot.truth["fields"][key][language])


def test_review_statuses_are_those_of_the_texts(snapshot: Snapshot) -> None:
    """The review statuses of each language's editions are the true ones."""
    for language, counts in snapshot.truth["fields"]["reviewStatus"].items():
        rows = [row for row in snapshot.rows("provenance") if row["language"] == language]
        expected = coded(snapshot, "review_statuses", counts)
        assert Counter(row["review_status"] for row in rows) == expected


def test_legal_weights_are_kept_word_for_word(snapshot: Snapshot) -> None:
    """legal_weight is an open list: the texts of the records, unchanged."""
    found = Counter(row["legal_weight"] or "<absent>" for row in snapshot.rows("policies"))
    assert found == Counter(snapshot.truth["fields"]["legalWeight"]["en"])


def test_years_dates_and_addresses_are_the_true_ones(snapshot: Snapshot) -> None:
    """Years add up; the first and last day and the number of addresses are right."""
    rows = snapshot.rows("policies")
    published = sorted(row["published"].isoformat() for row in rows if row["published"])
    truth = snapshot.truth["pubDate"]["en"]
    assert {"present": len(published), "min": published[0], "max": published[-1]} == truth
    assert sum(row["year"] for row in rows if row["year"]) == snapshot.truth["year_sum"]["en"]
    urls = [row["url"] for row in rows if row["url"]]
    assert len(urls) == snapshot.truth["url"]["en"]["nonempty"]
    http_only = sum(url.startswith("http://") for url in urls)
    assert http_only == snapshot.truth["url"]["en"]["http_only"]


# what is found


def lines_of(finding: Finding) -> list[str]:
    """The lines of a finding's file, whatever their ends."""
    return Path(finding.file).read_bytes().decode("utf-8").replace("\r\n", "\n").split("\n")


def text_at(finding: Finding) -> str:
    """What stands in the file where a finding points."""
    return lines_of(finding)[finding.line - 1][finding.column - 1 :]


def edition(finding: Finding) -> tuple[str, str]:
    """The id and language of the record that a finding is about."""
    language, name = finding.path.split("/")[-2:]
    return name.removesuffix(".md"), language


#: Rules whose messages name the value that a finding points at.
POINTING = {
    "unmapped-path",
    "label-language",
    "impact-code",
    "category-code",
    "relation-to-unknown",
    "verified-while-pending",
    "year-differs",
}


def test_a_finding_points_at_its_value(snapshot: Snapshot) -> None:
    """The text at a finding's line and column is the value that its message names."""
    found = [finding for finding in snapshot.outcome.findings if finding.rule in POINTING]
    assert len({finding.rule for finding in found}) >= 5
    for finding in found:
        match = re.search(r" is (?:'([^']*?)…?'|(\d+))", finding.message)
        assert match is not None, finding
        value = match[1] or match[2]
        there = text_at(finding).lstrip(QUOTES).replace("''", "'")
        assert there.startswith(value), finding


def test_dangling_relations_are_the_true_ones(snapshot: Snapshot) -> None:
    """Each relation whose target is no policy of the set is a finding, and no other is."""
    truth = {
        (entry["id"], entry["lang"], entry["relation"], entry["target"])
        for entry in snapshot.truth["evolution"]["dangling_targets"]
    }
    found = snapshot.found("relation-to-unknown")
    assert {tuple(finding.key.split(", ")) for finding in found} == truth
    assert len(found) == len(truth)
    for finding in found:
        target = finding.key.split(", ")[-1]
        expected = f"target_id is '{target}', expected the id of a policy of the set"
        assert finding.message == expected


def test_descriptions_cut_at_500_are_counted(snapshot: Snapshot) -> None:
    """A description of just 500 characters with a longer body is a finding at its place."""
    found = snapshot.found("description-cut")
    counts = Counter(edition(finding)[1] for finding in found)
    assert {x: counts[x] for x in LANGUAGES} == true_of(snapshot, "text", "description_len500")
    for finding in found:
        assert re.search(r"description[\"']?:", lines_of(finding)[finding.line - 1])


def test_years_that_differ_are_found(snapshot: Snapshot) -> None:
    """A year that is not that of the publication is a finding, once per policy."""
    truth = {entry["id"] for entry in snapshot.truth["year_vs_pubDate_mismatch"]}
    assert {finding.key for finding in snapshot.found("year-differs")} == truth


def test_misplaced_values_are_found(snapshot: Snapshot) -> None:
    """Each value that stands where no score belongs is a finding, in the right record."""
    truth = {
        (entry["id"], entry["lang"], entry["path"])
        for entry in snapshot.truth["scores"]["misplaced_or_nonscore_keys_under_analysis"]
    }
    found = {(*edition(f), f.field) for f in snapshot.found("unmapped-path")} | {
        (*edition(f), f"impactAnalysis.{re.split('[^a-z]', text_at(f).lstrip(QUOTES))[0]}")
        for f in snapshot.found("impact-code")
    }
    assert truth <= found
    others = {path.split(".")[-1] for _, _, path in found - truth}
    assert others <= {"label", "evidence", "citation"}  # the rest of the same objects


@pytest.mark.parametrize("snapshot", [FEBRUARY], indirect=True)
def test_scores_one_level_too_high_are_found_line_by_line(snapshot: Snapshot) -> None:
    """The record whose scores stand at its root has a finding for each of their 20 values."""
    found = [
        (finding.line, finding.column, finding.field)
        for finding in snapshot.found("unmapped-path")
        if edition(finding) == ("sa-hydrogen-strategy-ccus", "en")
    ]
    blocks = {"analysis": 12, "incentive": 43, "statutory": 48, "mrv": 53, "market": 58}
    columns = {"score": 10, "label": 10, "evidence": 13, "citation": 13}
    assert found == [
        (line + at, columns[key], f"{block}.{key}")
        for block, line in blocks.items()
        for at, key in enumerate(columns)
    ]


@pytest.mark.parametrize("snapshot", [FEBRUARY], indirect=True)
def test_a_score_that_one_edition_lacks_is_found(snapshot: Snapshot) -> None:
    """The scores that only one edition has are findings, one per dimension."""
    truth = {
        f"{entry['dimension']} of scores stands in zh, expected it in en too"
        for entry in snapshot.truth["scores"]["en_zh_conflicts"]
    }
    assert truth <= {finding.message for finding in snapshot.found("edition-only")}


def test_an_impact_that_is_a_score_is_found_key_by_key(snapshot: Snapshot) -> None:
    """The record whose impacts are a score's parts has a finding at each of the four keys."""
    found = snapshot.found("impact-code")
    assert {edition(finding) for finding in found} == {("ca-sk-ccs-directives", "en")}
    keys = {finding.message.split("'")[1] for finding in found}
    assert keys == {"score", "label", "evidence", "citation"}
    line = found[0].line
    assert [finding.line for finding in found] == [line, line + 1, line + 2, line + 3]
    expected = "expected a code, label or alias of impact_kinds; "
    advice = "correct it, or add it to codelists/impact_kinds.csv"
    assert {f.message.split(", ", 1)[1] for f in found} == {expected + advice}


@pytest.mark.parametrize("snapshot", [FEBRUARY], indirect=True)
def test_the_version_of_a_framework_is_found(snapshot: Snapshot) -> None:
    """analysis.frameworkVersion is a finding with its place in each record that has one."""
    truth = {
        (entry["id"], entry["lang"])
        for entry in snapshot.truth["scores"]["misplaced_or_nonscore_keys_under_analysis"]
        if entry["path"] == "analysis.frameworkVersion"
    }
    found = [f for f in snapshot.found("unmapped-path") if f.field == "analysis.frameworkVersion"]
    assert {edition(finding) for finding in found} == truth
    for finding in found:
        assert lines_of(finding)[finding.line - 1].strip() == "frameworkVersion: '5.0'"
        assert finding.message == (
            "analysis.frameworkVersion is '5.0', which nothing maps; "
            "map it with `from`, or ignore it with a reason"
        )


def test_line_ends_are_found_in_every_file_that_has_crlf(snapshot: Snapshot) -> None:
    """Files that end lines in CRLF, in all or in some, are findings that say which."""
    expected = {}
    for path in sorted((snapshot.folder / "policies").rglob("*.md")):
        data = path.read_bytes()
        crlf, lf = data.count(b"\r\n"), data.count(b"\n")
        if crlf == lf:
            expected[str(path)] = (1, "every line ends in CRLF, expected LF")
        elif crlf:
            line = data[: data.index(b"\r\n")].count(b"\n") + 1
            message = f"{crlf} of {lf} lines end in CRLF, the first here, expected LF in all"
            expected[str(path)] = (line, message)
    found = {f.file: (f.line, f.message) for f in snapshot.found("line-ends")}
    assert found == expected
    kinds = {message.startswith("every") for _, message in expected.values()}
    assert kinds == ({True, False} if snapshot.name == MARCH else set())


@pytest.mark.parametrize("snapshot", [JUNE], indirect=True)
def test_chinese_words_in_english_records_are_counted(snapshot: Snapshot) -> None:
    """Status and category in Chinese in English records are findings, as many as there are."""
    found = Counter(
        (finding.field, finding.message.split("'")[1])
        for finding in snapshot.found("label-language")
        if edition(finding)[1] == "en"
    )
    truth = {
        (field, text): count
        for field in ("status", "category")
        for text, count in snapshot.truth["fields"][field]["en"].items()
        if not text.isascii()
    }
    assert found == truth


def test_a_carriage_return_is_kept_only_where_it_was_written_out(snapshot: Snapshot) -> None:
    """A line end in CRLF puts no carriage return into a text; one written as an escape stays."""
    held = Counter(
        (row["policy_id"], row["language"])
        for row in snapshot.rows("texts")
        for text in row.values()
        if text and "\r" in text
    )
    expected = {
        (path.stem, path.parent.name)
        for path in (snapshot.folder / "policies").rglob("*.md")
        if b"\\r" in path.read_bytes()
    }
    assert set(held) == expected
    assert bool(expected) == (snapshot.name == JUNE)


# a whole build


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_snapshot_is_built_and_accepted(
    shared: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Each snapshot becomes a release that the referee accepts, by the descriptor of the seeds."""
    store = tmp_path / "dist"
    arguments = ["--descriptor", str(root / "datapackage.yaml"), "--out", str(store)]
    records = ["--records", f"policies={pattern(shared / 'corpora' / name)}"]
    severities = [part for text in LOWERED[name] for part in ("--severity", text)]
    assert cli.main(["build", *arguments, *records, *severities, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    truth = json.loads((shared / "corpora/truth" / f"{name}.json").read_text("utf-8"))
    assert report["tables"]["scores"] == truth["scores"]["rows"]
    assert (store / "0.1.0" / "datapackage.json").is_file()


# reading


def front_matters(shared: Path) -> Iterator[tuple[Path, str]]:
    """The front matter of every real record, split off without our help."""
    for path in sorted((shared / "corpora").glob("2026-*/**/*.md")):
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        lines = text.split("\n")
        end = lines.index("---", 1)
        yield path, "\n".join(lines[1:end]) + "\n"


def agree(ours: object, theirs: object) -> bool:
    """Whether two readings have the same shape, and the same text where both read text."""
    if isinstance(theirs, dict):
        return (
            isinstance(ours, dict)
            and list(ours) == [str(key) for key in theirs]
            and all(agree(ours[str(key)], value) for key, value in theirs.items())
        )
    if isinstance(theirs, list):
        return (
            isinstance(ours, list)
            and len(ours) == len(theirs)
            and all(agree(one, other) for one, other in zip(ours, theirs, strict=True))
        )
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs
    if isinstance(ours, str):  # text until a schema says more: a date, a number in another form
        return theirs is not None
    return type(ours) is type(theirs) and ours == theirs


def form_of(text: str) -> str:
    """What a front matter is written in: json, flow (YAML in braces) or block."""
    if not text.lstrip().startswith("{"):
        return "block"
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return "flow"
    return "json"


def test_values_are_those_of_other_parsers(shared: Path) -> None:
    """Every real front matter reads as PyYAML reads it, and as json does where it is JSON."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    counts: Counter[str] = Counter()
    for path, text in front_matters(shared):
        form = form_of(text)
        value, faults = (read_json if form == "json" else read_yaml)(text)
        assert faults == [], path
        theirs = json.loads(text) if form == "json" else yaml.load(text, loader)
        assert agree(value, theirs), path
        counts[form] += 1
    assert counts["json"] > 100
    assert counts["flow"] > 100
    assert counts["block"] > 100

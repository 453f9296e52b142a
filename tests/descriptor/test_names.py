"""Names of tables and fields: any text that is read as it is written, and no other."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pandas as pd
import pytest

from release.descriptor import load
from release.findings.errors import UsageError
from tests.support.datasets import NOTE, describe, table, write_dataset
from tests.support.descriptors import FINDINGS
from tests.support.kit import run
from tests.support.pages import Page
from tests.support.tampering import package_of

#: Names that the standard takes and that something on the way could take for a command.
NAMES = (
    *(
        "unit price",
        "名称",
        "Language_ID",
        "decimalLatitude",
        "my-field",
        "2020",
        "null",
        "a.b",
        "a/b",
    ),
    *(
        'it\'s "q"',
        "a,b",
        "]]>",
        "</script><script>alert(1)</script>",
        "`x`",
        ";drop table notes;--",
    ),
    *(
        "$ref",
        "🚀",
        "مرحبا",
        "{x}",
        "%s",
        "x=1",
        "<img src=x>",
        "**b**",
        "|p|",
        "[l](http://e.org)",
    ),
    *("##[error]x", "::error::x", "title", "title_first", "\\n", "rowid"),
)
TABLE = "My table's 名称"


def quoted(text: str) -> str:
    """A text as YAML has it in quotes."""
    return json.dumps(text, ensure_ascii=False)


def key_of(name: str) -> str:
    """The path of one key, whatever stands in it."""
    return quoted('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"')


CHECK = '''\
compare: {across: language, fields: ["unit price"]}
checks:
  - name: dear
    field: unit price
    severity: warning
    message: 'price is {unit price} of {it''s "q"}'
    query: SELECT note, language, "unit price", "it's ""q""" FROM "My table's 名称" WHERE "unit price" <> 'x'
'''

FIELDS = [f"{quoted(name)}, from: {key_of(name)}" for name in NAMES]
DATASET = describe(
    table(
        TABLE,
        *(NOTE, 'language, from: "{language}"', *FIELDS),
        key="note, language",
        schema='foreignKeys: [{fields: title, reference: {resource: code-list, fields: ["Code ID"]}}]',
        more=CHECK,
    ),
    table("merged", NOTE, *FIELDS),
    table(
        "code-list",
        *("Code ID", "label en"),
        of="codes.csv",
        key="Code ID",
        more='codelist: {labels: "label {language}"}',
    ),
    FINDINGS,
    path="notes/{language}/{note}.md",
    kind="prefer: {language: [en, de]}",
    more='severity: {"unit price-blank-ends": error}\n',
)


def note(language: str) -> str:
    """A record in which each value is the name of its field, but for two."""
    values = {**{name: name for name in NAMES}, "title": "red", "unit price": f"7 {language}"}
    return "---\n" + "".join(f"{quoted(k)}: {quoted(v)}\n" for k, v in values.items()) + "---\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a release of such names, and a second one in which a value differs."""
    root = tmp_path_factory.mktemp("names")
    files = {f"notes/{each}/a.md": note(each) for each in ("en", "de")}
    files["codes.csv"] = 'Code ID,"label en"\nred,Red\n'
    write_dataset(root, DATASET, files)
    arguments = ("--descriptor", str(root / "datapackage.yaml"), "--out", str(root / "dist"))
    code, out, _ = run("build", *arguments)
    assert code == 0, out
    assert out.splitlines()[0] == (
        f"{root}/notes/de/a.md:2:15: warning: dear: price is '7 de' of 'it's \"q\"'"
    )
    (root / "notes/en/a.md").write_text(note("en").replace('"a,b": "a,b"', '"a,b": "x|y"'))
    text = DATASET.replace("0.1.0", "0.2.0")
    (root / "datapackage.yaml").write_text(text, "utf-8")
    assert run("build", *arguments)[0] == 0
    return root / "dist"


def test_a_release_of_any_names_verifies_and_is_rebuilt(store: Path) -> None:
    """frictionless, among others, reads it as the standard says."""
    code, out, _ = run("verify", "--rebuild", str(store / "0.1.0"))
    assert (code, out.splitlines()[-1]) == (0, "verifies")


def test_tables_hold_each_value_below_its_name(store: Path) -> None:
    """In CSV and Parquet, read by the code that README.md shows."""
    folder = store / "0.1.0"
    read = pd.read_parquet(folder / f"data/{TABLE}.parquet").to_dict("records")
    text = pd.read_csv(folder / f"data/{TABLE}.csv", dtype=str, keep_default_na=False)
    assert text.to_dict("records") == read
    for row, language in zip(read, ("de", "en"), strict=True):
        own = {"note": "a", "language": language, "title": "red", "unit price": f"7 {language}"}
        assert row == {**{name: name for name in NAMES}, **own}
    code = (folder / "README.md").read_text("utf-8")
    assert f'pd.read_parquet("data/{TABLE}.parquet")' in code
    (line,) = (each.strip() for each in code.splitlines() if "SELECT * FROM 'data/" in each)
    assert line == "SELECT * FROM 'data/My table''s 名称.parquet'"
    with duckdb.connect() as database:
        rows = database.execute(line.replace("'data/", f"'{folder}/data/")).fetchall()
    assert len(rows) == 2
    assert f'.import --csv --skip 1 "data/{TABLE}.csv" "{TABLE}"' in code


def test_names_do_nothing_on_the_page(store: Path) -> None:
    """They are shown as they are; each link leads to a file, or to a place of the page."""
    folder = store / "0.1.0"
    page = Page((folder / "index.html").read_text("utf-8"))
    assert page.addresses == []
    tables = [each for each in package_of(folder)["resources"] if each["format"] == "csv"]
    # the facts for search engines, the model, the summaries, a table each, and the program
    assert page.elements.count("script") == 4 + len(tables)
    assert [name for name in (TABLE, *NAMES) if name not in page.text] == []
    for link in page.links:
        is_place = link.startswith("#") and link[1:] in page.ids
        assert is_place or (folder / unquote(link)).is_file(), link


def test_ids_of_croissant_have_no_blank_and_are_unique(store: Path) -> None:
    """mlcroissant takes no other; what an IRI does not take is escaped."""
    described = json.loads((store / "0.1.0/croissant.json").read_text("utf-8"))
    sets = described["recordSet"]
    ids = [each["@id"] for each in (*described["distribution"], *sets)]
    ids += [field["@id"] for each in sets for field in each["field"]]
    assert len(set(ids)) == len(ids)
    assert not [each for each in ids if set(each) & set(' <>"{}|\\^`')]
    assert sets[0]["field"][2]["@id"] == "My+table%27s+名称/unit+price"
    assert sets[0]["field"][2]["source"] == {
        "fileObject": {"@id": "data/My+table%27s+名称.parquet"},
        "extract": {"column": "unit price"},
    }


def test_a_difference_names_tables_and_fields(store: Path) -> None:
    """In text, Markdown, changes.csv and the changelog; nothing in them is markup."""
    code, out, _ = run("diff", str(store / "0.1.0"), str(store / "0.2.0"))
    assert code == 0
    assert "a,b" in out
    cells = (store / "0.2.0/changes.csv").read_text("utf-8")
    assert f'"{TABLE}","[""a"",""en""]","changed","a,b","a,b","x|y"\n' in cells
    log = (store / "0.2.0/CHANGELOG.md").read_text("utf-8")
    assert "- changed **a, en**: a,b: “a,b” → “x\\|y”" in log


FORMULA = "with which spreadsheets begin a formula; expected another first character"

#: Texts that are no name of a field, and why.
REFUSED = {
    "=SUM(A1)": f"begins with '=', {FORMULA}",
    "-log10": f"begins with '-', {FORMULA}",
    "@id": f"begins with '@', {FORMULA}",
    ".a": "begins with a dot, expected another first character",
    "a\tb": "has U+0009 TAB, expected text that is read as it is written",
    "a\nb": "has U+000A LINE FEED, expected text that is read as it is written",
    "a\u202eb": "has U+202E RIGHT-TO-LEFT OVERRIDE, expected text that is read as it is written",
    "a\ufffd": "has U+FFFD REPLACEMENT CHARACTER, expected text that is read as it is written",
    "a\u200bb": "has U+200B ZERO WIDTH SPACE, which nobody sees, expected it left out",
    " a": "has blanks at an end or side by side, expected single ones between words",
    "a  b": "has blanks at an end or side by side, expected single ones between words",
    "a\u00a0b": "has blanks at an end or side by side, expected single ones between words",
    "no\u0302m": "has accents beside their letters, expected them composed: 'n\u00f4m' (U+00F4)",
    "$record": "is a column that the build adds, expected another name",
    "a" * 201: "has 201 characters, expected at most 200",
}

TAKEN = (
    "which shells and readers of tables take for a command or a pattern: it names files, "
    "expected another sign"
)

#: More texts that are no name of a table.
REFUSED_TABLES = {
    "a/b": "has /: it names files, expected another sign",
    "a\\b": "has a backslash: it names files, expected another sign",
    "a:b": "has ':', which Windows allows in no name; expected another sign: it names files",
    "nul": "has the name 'nul', which Windows keeps for a device; expected another one",
    "NUL": "has the name 'NUL', which Windows keeps for a device; expected another one: it names files",
    "a.": "ends in '.': it names files with endings of their own, expected none",
    "a.csv": "ends in '.csv': it names files with endings of their own, expected none",
    "$x": f"has '$', {TAKEN}",
    "a[1]": f"has '[', {TAKEN}",
    "风" * 34: "has 102 bytes, expected at most 100: it names files",
}


def refusal(text: str) -> str:
    """What is said of a descriptor with one problem, without its place."""
    with pytest.raises(UsageError) as caught:
        load.parse(text, Path("datapackage.yaml"))
    return str(caught.value).partition(" ")[2].partition(" is ")[2]


@pytest.mark.parametrize("name", REFUSED, ids=range(len(REFUSED)))
def test_a_text_that_would_be_read_otherwise_is_no_name(name: str) -> None:
    """Not of a field, and not of a table."""
    found = refusal(describe(table("notes", NOTE, f"{quoted(name)}, from: title")))
    assert found.partition(", which ")[2] == REFUSED[name]
    found = refusal(describe(table(quoted(name))))
    assert found.partition(", which ")[2] == REFUSED[name]


@pytest.mark.parametrize("name", REFUSED_TABLES, ids=range(len(REFUSED_TABLES)))
def test_a_table_has_no_name_that_its_files_cannot_have(name: str) -> None:
    """On any system, and for the tools that are given their paths."""
    found = refusal(describe(table(quoted(name))))
    assert found.partition(", which ")[2] == REFUSED_TABLES[name]


#: Pairs of names that people or SQL take for one, and why the second is refused.
TWINS = {
    ("title", "Title"): "differs from 'title' in case only, expected another name",
    ("unit-price", "unit\u2010price"): "looks like another name: 'unit\u2010price' (U+2010) and "
    "'unit-price' (U+002D); expected another one",
    ("time", "t\u0456me"): "looks like another name: 't\u0456me' (U+0456) and 'time' (U+0069); "
    "expected another one",
}


@pytest.mark.parametrize("pair", TWINS, ids=range(len(TWINS)))
def test_no_two_names_look_alike(pair: tuple[str, str]) -> None:
    """Of the fields of a table, or of tables."""
    one, other = pair
    fields = (f"{quoted(name)}, from: title" for name in pair)
    found = refusal(describe(table("notes", NOTE, *fields)))
    assert found.partition(", which ")[2] == TWINS[pair]
    found = refusal(describe(table(quoted(one)), table(quoted(other))))
    assert found.partition(", which ")[2] == TWINS[pair]


def test_no_table_has_the_name_of_the_parquet_of_another() -> None:
    """A release has a resource for each."""
    found = refusal(describe(table("notes"), table("notes-parquet")))
    expected = (
        "'notes-parquet', which is what a release calls the Parquet of notes; expected another name"
    )
    assert found == expected


def test_aggregates_of_arrow_take_no_field_for_one_of_theirs(tmp_path: Path) -> None:
    """Editions are merged by Arrow, which calls the first value of `title` by the name of a field here."""
    fields = ("title", "title_first", "title_count_distinct")
    text = describe(
        table("notes", NOTE, *fields),
        path="notes/{language}/{note}.md",
        kind="prefer: {language: [en, de]}",
    )
    record = "---\ntitle: a\ntitle_first: b\ntitle_count_distinct: c\n---\n"
    files = {f"notes/{each}/a.md": record for each in ("en", "de")}
    write_dataset(tmp_path, text, files)
    code, out, _ = run("check", "--descriptor", str(tmp_path / "datapackage.yaml"))
    assert (code, out) == (0, "2 records, 0 errors, 0 warnings\n")

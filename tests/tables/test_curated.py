"""Curated tables in other dialects and encodings, and with other columns: the same release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from release.descriptor import load
from release.findings.errors import UsageError
from tests.support import kit
from tests.support.datasets import describe, table, write_dataset

FIELDS = ("code", "label", "n, type: integer")
PLAIN = "code,label,n\nA,x,1\nB,,2\n"
RELEASED = 'code,label,n\n"A","x",1\n"B",,2\n'
NOTE = {"notes/a.md": "---\ntitle: A\n---\n"}


def described(more: str = "", schema: str = "") -> str:
    """The descriptor of a note and a curated table, given what its resource and schema say besides."""
    return describe(table(), table("c", *FIELDS, of="c.csv", key="code", more=more, schema=schema))


#: Files with the same rows, by what the resource and the schema say of them.
SAME = {
    "semicolons": ("dialect: {delimiter: ;}", "", "code;label;n\nA;x;1\nB;;2\n"),
    "several signs": ('dialect: {delimiter: "::"}', "", "code::label::n\nA::x::1\nB::::2\n"),
    "tabs and CRLF": (
        r'dialect: {delimiter: "\t", lineTerminator: "\r\n"}',
        "",
        "code\tlabel\tn\r\nA\tx\t1\r\nB\t\t2\r\n",
    ),
    "quotes": ('dialect: {quoteChar: "\'"}', "", "'code',label,n\n'A','x','1'\nB,'',2\n"),
    "escapes": (
        r'dialect: {escapeChar: "\\", doubleQuote: false}',
        "",
        'code,label,n\nA,"\\x",1\n\\B,,2\n',
    ),
    "comments": (
        'dialect: {commentChar: "#"}',
        "",
        '# from "elsewhere\ncode,label,n\nA,x,1\n#,,\n\nB,,2\n',
    ),
    "comments by row": (
        "dialect: {commentRows: [1, 3]}",
        "",
        f"a title\n{PLAIN}".replace("\nA", "\n\nA"),
    ),
    "no header": ("dialect: {header: false}", "", "A,x,1\nB,,2\n"),
    "a title above": ("dialect: {headerRows: [3]}", "", f"a title\n\n{PLAIN}"),
    "two header rows": (
        'dialect: {headerRows: [1, 2], headerJoin: ""}',
        "",
        "co,,n\nde,label,\nA,x,1\nB,,2\n",
    ),
    "blanks": ("dialect: {skipInitialSpace: true}", "", 'code, label, n\nA,  "x", 1\nB,, 2\n'),
    "a sign for nothing": (r'dialect: {nullSequence: "\\N"}', "", "code,label,n\nA,x,1\nB,\\N,2\n"),
    "any order": ("", "fieldsMatch: equal", "n,code,label\n1,A,x\n2,B,\n"),
    "more columns": ("", "fieldsMatch: subset", "n,more,code,label\n1,m,A,x\n2,m,B,\n"),
    "what is the default": (
        "dialect: {delimiter: ','}\nencoding: UTF-8",
        "fieldsMatch: exact",
        PLAIN,
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_one_table_is_read_from_many_files(tmp_path: Path, name: str) -> None:
    """The rows are the same ones."""
    more, schema, text = SAME[name]
    write_dataset(tmp_path, described(more, schema), {**NOTE, "c.csv": text})
    outcome = kit.check(tmp_path)
    assert list(map(str, outcome.findings)) == []
    rows = outcome.content.tables["c"].select(["code", "label", "n"]).to_pylist()
    assert rows == [{"code": "A", "label": "x", "n": 1}, {"code": "B", "label": None, "n": 2}]


def test_the_release_has_its_own_csv_and_keeps_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`source/` has the file as it is, which makes the release again; the manifest says nothing of it."""
    monkeypatch.chdir(tmp_path)
    more = "dialect: {delimiter: ;, commentChar: '#'}\nencoding: windows-1252"
    data = "n;label;code\n# é\n1;é;A\n".encode("cp1252")
    write_dataset(tmp_path, described(more, "fieldsMatch: equal"), NOTE)
    Path("c.csv").write_bytes(data)
    assert kit.run("build")[0] == 0
    assert Path("dist/0.1.0/data/c.csv").read_text("utf-8") == 'code,label,n\n"A","é",1\n'
    assert Path("dist/0.1.0/source/c.csv").read_bytes() == data
    resources = json.loads(Path("dist/0.1.0/datapackage.json").read_text("utf-8"))["resources"]
    binary = next(each for each in resources if each["name"] == "c-parquet")
    assert not {"dialect", "encoding"} & binary.keys()
    assert all("fieldsMatch" not in each["schema"] for each in resources)
    code, out, _ = kit.run("verify", "--rebuild", "dist/0.1.0")
    assert (code, out.splitlines()[-1]) == (0, "verifies")


def test_a_field_without_a_column_is_missing(tmp_path: Path) -> None:
    """Where the schema says that a file may have fewer columns; what is required is told at the row."""
    text = described("", "fieldsMatch: superset").replace(
        "name: n,", "name: n, constraints: {required: true},"
    )
    write_dataset(tmp_path, text, {**NOTE, "c.csv": "label,code\nx,A\n"})
    (found,) = map(str, kit.check(tmp_path).findings)
    assert found == f"{tmp_path}/c.csv:2:1: error: n-required: n is missing, expected an integer"
    text = described("", "fieldsMatch: partial")
    write_dataset(tmp_path, text, {**NOTE, "c.csv": "code,other\nA,1\n"})
    assert kit.check(tmp_path).content.tables["c"]["n"].to_pylist() == [None]


STRAY = "has a stray quote, expected quotes around a whole value, and doubled inside it"

#: Files with a fault, with what is said of them: rule, line, column, message.
FAULTS = {
    "a value": (
        "dialect: {delimiter: ;, commentChar: '#'}",
        "fieldsMatch: equal",
        '#\nn;label;code\n1;\'x;A\n#\n 2;"y\nz";B\n',
        "5:1: error: n-type: n is ' 2', expected an integer; blanks stand at its ends",
    ),
    "a key": (
        "dialect: {delimiter: ;}",
        "fieldsMatch: equal",
        'n;label;code\n1;"x\ny";A\n2;z;A\n',
        "4:5: error: c-primaryKey: code 'A' stands in c.csv:3:4 too, expected it once",
    ),
    "a short row": (
        "dialect: {delimiter: ;}",
        "",
        "code;label;n\nA;x;1\nB;y\n",
        "3:1: error: c-fields: has 2 values in this row, expected 3",
    ),
    "a stray quote": (
        "dialect: {delimiter: ;}",
        "",
        'code;label;n\nA;x"y;1\n',
        f"2:4: error: c-fields: {STRAY}",
    ),
    "an open quote": (
        "dialect: {delimiter: ;}",
        "",
        'code;label;n\nA;"x;1\n',
        f"2:3: error: c-fields: {STRAY}",
    ),
    "a control character": (
        "dialect: {delimiter: ;}",
        "",
        "code;label;n\nA;\x01;1\n",
        "2:3: error: control-character: found the control character U+0001, expected text without it",
    ),
    "too many columns": (
        "",
        "fieldsMatch: equal",
        "n,code,label,more\n1,A,x,y\n",
        (
            "1:1: error: c-fields: has the columns n, code, label, more, expected in any order the columns "
            "code, label, n"
        ),
    ),
    "too few columns": (
        "dialect: {headerRows: [2]}",
        "fieldsMatch: subset",
        "title\nn,code\n1,A\n",
        "2:1: error: c-fields: has the columns n, code, expected at least the columns code, label, n",
    ),
    "none of the columns": (
        "",
        "fieldsMatch: partial",
        "a,b\n1,A\n",
        "1:1: error: c-fields: has the columns a, b, expected at least one of the columns code, label, n",
    ),
    "an unknown column": (
        "",
        "fieldsMatch: superset",
        "code,b\n1,A\n",
        "1:1: error: c-fields: has the columns code, b, expected no columns but code, label, n",
    ),
    "a column twice": (
        "",
        "fieldsMatch: equal",
        "code,label,n,n\nA,x,1,1\n",
        (
            "1:1: error: c-fields: has the columns code, label, n, n, expected in any order the columns "
            "code, label, n, each once"
        ),
    ),
    "nothing": (
        "",
        "fieldsMatch: equal",
        "",
        "1:1: error: c-fields: is empty, expected in any order the columns code, label, n",
    ),
    "other delimiters than it says": (
        "",
        "",
        "code;label;n\nA;x;1\n",
        (
            "1:1: error: c-fields: has the columns 'code;label;n', expected the columns code, label, n; with "
            '`dialect: {{delimiter: ";"}}` it would have them'
        ),
    ),
    "a title above": (
        "",
        "",
        "Codes; of all\n\ncode;label;n\nA;x;1\n",
        (
            "1:1: error: c-fields: has the columns 'Codes; of all', expected the columns code, label, n; "
            'with `dialect: {{delimiter: ";", headerRows: [3]}}` it would have them'
        ),
    ),
    "a delimiter that is a word": (
        "dialect: {delimiter: semicolon}",
        "",
        "code;label;n\nA;x;1\n",
        (
            "1:1: error: c-fields: has the columns 'code;label;n', expected the columns code, label, n; with "
            '`dialect: {{delimiter: ";"}}` it would have them'
        ),
    ),
    "blanks before names": (
        "",
        "",
        "code, label, n\nA, x, 1\n",
        (
            "1:1: error: c-fields: has the columns code, ' label', ' n', expected the columns code, label, "
            "n; with `dialect: {{skipInitialSpace: true}}` it would have them"
        ),
    ),
    "a delimiter at the end": (
        "",
        "",
        "code,label,n,\nA,x,1,\n",
        (
            "1:1: error: c-fields: has the columns code, label, n, one without a name, expected the columns "
            "code, label, n; with `fieldsMatch: subset` in the schema, the last column is left out"
        ),
    ),
    "a comment": (
        "",
        "",
        "code,label,n\nA,x,1\n# all of them\n",
        (
            "3:1: error: c-fields: has 1 value in this row, expected 3; with "
            '`dialect: {{commentChar: "#"}}` it would be left out'
        ),
    ),
    "a byte-order mark": (
        "",
        "",
        "\ufeffcode,label,n\nA,x,1\n",
        (
            "1:1: error: byte-order-mark: found a byte-order mark; save the file as UTF-8 without it, or "
            "give the table `encoding: utf-8-sig`"
        ),
    ),
    "a zip": (
        "",
        "",
        "PK\x03\x04\x00",
        "1:1: error: not-utf-8: is no CSV: this is a zip: unpack it",
    ),
    "a PDF": ("", "", "%PDF-1.7\n", "1:1: error: not-utf-8: is no CSV: this is a PDF"),
    "an image": ("", "", "GIF89a\n", "1:1: error: not-utf-8: is no CSV: this is an image"),
    "another order than it says": (
        "",
        "",
        "label,code,n\nx,A,1\n",
        (
            "1:1: error: c-fields: has the columns label, code, n, expected the columns code, label, n; with "
            "`fieldsMatch: equal` in the schema, any order is right"
        ),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_place_in_the_file(tmp_path: Path, name: str) -> None:
    """Under any dialect, each is told at the line and column where it stands."""
    more, schema, text, expected = FAULTS[name]
    write_dataset(tmp_path, described(more, schema), {**NOTE, "c.csv": text})
    (found,) = map(str, kit.check(tmp_path).findings)
    assert found == f"{tmp_path}/c.csv:{expected.format(tmp_path)}"


BYTE = (
    "found the byte 0xC3, expected text in ascii, or the right `encoding` of the table, "
    "such as windows-1252"
)
MARK = (
    "found a byte-order mark; save the file as UTF-8 without it, "
    "or give the table `encoding: utf-8-sig`"
)
TYPE = "n is 'y', expected an integer"


@pytest.mark.parametrize(
    ("encoding", "data", "expected"),
    [
        ("ascii", "code,label,n\nA,é,1\n".encode(), f"2:3: error: not-utf-8: {BYTE}"),
        ("utf-8", b"\xef\xbb\xbfcode,label,n\n", f"1:1: error: byte-order-mark: {MARK}"),
        ("utf-16", "code,label,n\né,x,y\n".encode("utf-16"), f"2:5: error: n-type: {TYPE}"),
        ("gb18030", "code,label,n\n名,称,y\n".encode("gb18030"), f"2:5: error: n-type: {TYPE}"),
    ],
)
def test_columns_count_characters_in_any_encoding(
    tmp_path: Path, encoding: str, data: bytes, expected: str
) -> None:
    """A byte that is no text of the encoding is told where it stands, too."""
    write_dataset(tmp_path, described(f"encoding: {encoding}"), NOTE)
    (tmp_path / "c.csv").write_bytes(data)
    (found,) = map(str, kit.check(tmp_path).findings)
    assert found == f"{tmp_path}/c.csv:{expected}"


def test_a_codelist_may_have_any_dialect(tmp_path: Path) -> None:
    """Labels are found in it, and what leads to two codes has its place."""
    codes = table(
        *("colours", "code", "label_en"),
        of="c.csv",
        key="code",
        more='codelist: {labels: "label_{language}"}\ndialect: {delimiter: ;}',
        schema="fieldsMatch: equal",
    )
    text = describe(table("notes", 'note, from: "{note}"', "title, codes: colours"), codes)
    write_dataset(
        tmp_path, text, {"notes/a.md": "---\ntitle: Red\n---\n", "c.csv": "label_en;code\nRed;r\n"}
    )
    outcome = kit.check(tmp_path)
    assert list(map(str, outcome.findings)) == []
    assert outcome.content.tables["notes"]["title"].to_pylist() == ["r"]
    (tmp_path / "c.csv").write_text("label_en;code\nRed;r\nRed;s\n")
    (found,) = map(str, kit.check(tmp_path).findings)
    assert found.startswith(
        f"{tmp_path}/c.csv:3:1: error: colours-codelist: 'Red' leads to 'r' and to 's'"
    )


OTHER = "and this is CSV; leave it out"
ENDS = "expected one character or more, no line end"
MAPPING = "expected a mapping; one in a file of its own is not supported"
NO_HEADER = "the file has no header; leave it out"
ANY = "expected LF, CRLF or CR; each of them is recognized"
ENCODING = "expected the name of an encoding such as 'utf-8' or 'windows-1252'"

#: What is no dialect, encoding or `fieldsMatch`, with what is said of it.
REFUSED = {
    "dialect: {delimeter: ;}": ".delimeter is an unknown property; did you mean 'delimiter'?",
    "dialect: {sheetName: a}": f".sheetName is not supported: it is about spreadsheets, {OTHER}",
    "dialect: {table: a}": f".table is not supported: it is about databases, {OTHER}",
    'dialect: {delimiter: ""}': ".delimiter is empty text, expected one character or more",
    'dialect: {delimiter: "\\n"}': f".delimiter is '\\n', {ENDS}",
    "dialect: {quoteChar: ab}": ".quoteChar is 'ab', expected one character",
    "dialect: {quoteChar: ','}": ".quoteChar is among the signs of delimiter, expected another one",
    "dialect: {header: 1}": ".header is 1, expected true or false",
    "dialect: {header: false, headerRows: [1]}": f".headerRows has no meaning here: {NO_HEADER}",
    "dialect: {headerRows: [0]}": ".headerRows is [0], expected different numbers of rows, from 1 to 1000",
    "dialect: {lineTerminator: '|'}": f".lineTerminator is '|', {ANY}",
    "dialect: dialect.json": f" is 'dialect.json', {MAPPING}",
    "encoding: latin-99": f" is 'latin-99', {ENCODING}",
    "encoding: base64": f" is 'base64', {ENCODING}",
}


@pytest.mark.parametrize("more", REFUSED, ids=range(len(REFUSED)))
def test_what_no_file_can_be_is_refused(more: str) -> None:
    """With what was found, what was expected, and the reason."""
    with pytest.raises(UsageError) as caught:
        load.parse(described(more), Path("datapackage.yaml"))
    assert (
        str(caught.value).partition(" ")[2]
        == f"resources.1.{more.partition(':')[0]}{REFUSED[more]}"
    )


def test_fields_match_is_one_of_the_standard() -> None:
    """It is a word of Table Schema, which means nothing for a table that the build writes."""
    with pytest.raises(UsageError) as caught:
        load.parse(described("", "fieldsMatch: some"), Path("datapackage.yaml"))
    expected = "is 'some', expected one of exact, equal, subset, superset, partial"
    assert str(caught.value).endswith(f"resources.1.schema.fieldsMatch {expected}")
    with pytest.raises(UsageError) as caught:
        load.parse(describe(table(schema="fieldsMatch: equal")), Path("datapackage.yaml"))
    expected = "has no meaning here: the table is made from `rows`; leave it out"
    assert str(caught.value).endswith(f"resources.0.schema.fieldsMatch {expected}")
    with pytest.raises(UsageError) as caught:
        load.parse(
            described("dialect: {header: false}", "fieldsMatch: equal"), Path("datapackage.yaml")
        )
    expected = "has no meaning for a file without a header; leave it out"
    assert str(caught.value).endswith(f"resources.1.schema.fieldsMatch {expected}")

"""`release export`: every value of every format read back, and compared with the CSV of the release."""

from __future__ import annotations

import csv
import datetime
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from release import cli
from release.access.export import sheet_names
from release.system.limits import LIMITS
from tests.support import every_type, hard_values
from tests.support.datasets import describe, table, write_dataset
from tests.support.foreign_tables import copy_with_texts
from tests.support.kit import build, command, run, sha256

#: Texts that spreadsheets run, change, or cannot hold as they are.
TEXTS = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.org","x")',
    "+1",
    "-2+3",
    "@x",
    "00123",
    "1E5",
    "1/2",
    "TRUE",
    "_x0041_",
    "{=1}",
    "'quoted",
    "a\tb",
    "a\r\nb",
    'say ""no""',
    "https://example.org/",
    "-" * 300,
    *(f"{sign}a long text, which begins with a sign and has no digit" for sign in "=+-@'"),
    "=" + "a" * 9000,
    "😀" * 20_000,
]

WIDE = [f"c{at}" for at in range(300)]

#: A table name that is longer than that of a sheet, and another one that begins alike.
LONG_NAMES = ("a_name_that_is_longer_than_a_sheet_takes", "a_name_that_is_longer_than_a_sheet_has")


def write_odd(root: Path) -> Path:
    """Write a dataset of such texts, of 300 columns, long names, real dates, and a table without rows."""
    quoted = [f'"t{at:02}","' + text.replace('"', '""') + '"\n' for at, text in enumerate(TEXTS)]
    days = (
        "id,day,at,price\n1,1900-01-01,2024-02-29T12:30:00.250Z,1.50\n2,9999-12-31,,-3.00\n3,,,\n"
    )
    places = "id,within\n1,3\n2,1\n3,\n"
    descriptor = describe(
        table(),
        table("texts", "id", "text", of="texts.csv", key="id"),
        table("wide", *WIDE, of="wide.csv", key="c0"),
        *(table(name, "id", of=f"{name}.csv", key="id") for name in LONG_NAMES),
        table("empty", "id", "day, type: date", of="empty.csv", key="id"),
        table(
            "days",
            *("id, type: integer", "day, type: date", "at, type: datetime"),
            "price, type: number, decimal: {precision: 10, scale: 2}",
            of="days.csv",
            key="id",
        ),
        table(
            "places",
            *("id, type: integer", "within, type: integer"),
            of="places.csv",
            key="id",
            schema="foreignKeys: [{fields: [within], reference: {resource: places, fields: [id]}}]\n",
        ),
    )
    files = {
        "notes/a.md": "---\ntitle: A\n---\n",
        "texts.csv": "id,text\n" + "".join(quoted),
        "wide.csv": ",".join(WIDE) + "\n" + ",".join(f"v{at}" for at in range(300)) + "\n",
        **{f"{name}.csv": "id\nx\n" for name in LONG_NAMES},
        "empty.csv": "id,day\n",
        "days.csv": days,
        "places.csv": places,
    }
    return write_dataset(root, descriptor, files)


DATASETS: Mapping[str, Callable[[Path], Path]] = {
    "hard": hard_values.write,
    "every": every_type.write,
    "odd": write_odd,
}


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The folder of a release of each dataset."""
    found = {}
    for name, write in DATASETS.items():
        folder = tmp_path_factory.mktemp(f"{name} values")
        found[name] = build(write(folder / "data"), folder / "dist")
    return found


def export(release: Path, target: Path, *options: str) -> list[str]:
    """Export a release; return the lines that say what is not as in it."""
    code, out, err = run("export", str(release), "--out", str(target), *options)
    assert (code, out) == (0, f"wrote {target}\n")
    return err.splitlines()


Rows = list[list[str | None]]


def tables_of(release: Path) -> dict[str, tuple[list[dict[str, Any]], Rows]]:
    """The fields of each table, and its rows as texts; a missing value is None."""
    csv.field_size_limit(1 << 24)
    manifest = json.loads((release / "datapackage.json").read_text("utf-8"))
    found = {}
    for resource in manifest["resources"]:
        if resource["format"] == "csv":
            with (release / resource["path"]).open(encoding="utf-8", newline="") as file:
                _, *rows = csv.reader(file)
            texts: Rows = [[text or None for text in row] for row in rows]
            found[resource["name"]] = (resource["schema"]["fields"], texts)
    return found


def typed(text: str | None, field: Mapping[str, Any]) -> Any:
    """The value of a text in the CSV, as Python has it where that is exact, else the text."""
    match field["type"]:
        case _ if text is None:
            return None
        case "integer" | "year":
            return int(text)
        case "number":
            return Decimal(text) if "decimal" in field else float(text)
        case "boolean":
            return text == "true"
        case "date":
            return datetime.date.fromisoformat(text)
        case "datetime":
            return datetime.datetime.fromisoformat(text.removesuffix("Z"))
        case "time":
            return datetime.time.fromisoformat(text.removesuffix("Z"))
    return text


def is_same_cell(found: Any, text: str | None, field: Mapping[str, Any]) -> Any:
    """Return whether a cell of a workbook is a value of the CSV: as such, or as exactly its text."""
    if isinstance(found, str):
        found = re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), found)
        if text is not None and len(text) > 32_767 // 2 and found != text:
            beginning, note, _ = found.rpartition("… [cut: all ")
            return bool(note) and text.startswith(beginning) and len(beginning) > 16_000
        return found == text
    expected = typed(text, field)
    if isinstance(expected, datetime.date) and not isinstance(expected, datetime.datetime):
        found = found.date() if isinstance(found, datetime.datetime) else found
    if isinstance(found, datetime.datetime | datetime.time) and field["type"] in (
        "datetime",
        "time",
    ):
        return found == expected
    if isinstance(expected, Decimal):
        return found is not None and Decimal(repr(found)) == expected
    return type(found) in (type(expected), int) and found == expected


@pytest.mark.parametrize("name", DATASETS)
def test_a_workbook_has_every_value(
    releases: Mapping[str, Path], name: str, tmp_path: Path
) -> None:
    """No text is a formula; numbers and dates are real ones where no value would change."""
    export(releases[name], tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    sheets = sheet_names.make_names([*(found := tables_of(releases[name])), "about", "dictionary"])
    assert book.sheetnames == [sheets[each] for each in ("about", "dictionary", *found)]
    for table_name, (fields, rows) in found.items():
        sheet = book[sheets[table_name]]
        header, *cells = sheet.iter_rows()
        assert [cell.value for cell in header] == [each["name"] for each in fields]
        assert len(cells) == len(rows)
        for row, texts in zip(cells, rows, strict=True):
            assert not any(cell.data_type == "f" or cell.hyperlink for cell in row)
            pairs = zip(row, texts, fields, strict=True)
            wrong = [
                (field["name"], text, cell.value)
                for cell, text, field in pairs
                if not is_same_cell(cell.value, text, field)
            ]
            assert wrong == []
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.endswith(str(max(len(rows) + 1, 1)))


def test_a_workbook_has_real_dates_and_numbers(
    releases: Mapping[str, Path], tmp_path: Path
) -> None:
    """Shown as they are written in the CSV; and what is text says why, in the workbook too."""
    export(releases["odd"], tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    first = [(cell.value, cell.number_format) for cell in book["days"][2]]
    assert first == [
        (1, "0"),
        (datetime.datetime(1900, 1, 1), "yyyy-mm-dd"),
        (datetime.datetime(2024, 2, 29, 12, 30, 0, 250_000), "yyyy-mm-dd hh:mm:ss"),
        (1.5, "0.00"),
    ]
    told = export(releases["hard"], tmp_path / "hard.xlsx")
    assert told == [
        "things.id is text: has numbers of more than 15 digits",
        "things.day is text: has dates before 1900",
        "things.text: 1 value is cut, as a cell takes 32,767 characters",
        "kinds.weight is text: has numbers of more than 15 digits",
    ]
    about = openpyxl.load_workbook(tmp_path / "hard.xlsx")["about"]
    values = [(name, text) for name, text in about.iter_rows(values_only=True)]
    assert [text for name, text in values if name == "note"] == told
    assert ("cite as", "Group (2026). Hard values. Version 0.1.0.") in values


def test_a_workbook_has_the_dictionary(releases: Mapping[str, Path], tmp_path: Path) -> None:
    """A row for each table and column: type, key, what it refers to, constraints."""
    export(releases["hard"], tmp_path / "x.xlsx", "--table", "parts")
    rows = openpyxl.load_workbook(tmp_path / "x.xlsx")["dictionary"].iter_rows(values_only=True)
    assert list(rows) == [
        ("table", "column", "type", "key", "refers to", "constraints", "description"),
        ("parts", None, None, None, None, "4 rows", None),
        ("parts", "thing", "string", "primary key", "things.thing", "required: true", None),
        ("parts", "position", "integer", "primary key", None, "required: true", None),
        ("parts", "kind", "string", None, "kinds.code", None, None),
    ]


def test_characters_that_xml_refuses_are_kept(releases: Mapping[str, Path], tmp_path: Path) -> None:
    """The release of another program may have them, and any a text that looks like their escape."""
    text = "a\x00b\x0b\x1f\ufffe\uffff_x0041_"
    root = copy_with_texts(releases["hard"], tmp_path / "copy", "parts", [text, text])
    export(root, tmp_path / "x.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx")["parts"]["C2"].value
    assert re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), cell) == text
    assert export(root, tmp_path / "x.sqlite") == ["parts has no primary key: it does not hold"]


def test_a_key_that_does_not_hold_is_left_out(releases: Mapping[str, Path], tmp_path: Path) -> None:
    """A release may have warnings about it; the rows are all there."""
    manifest = json.loads((releases["odd"] / "datapackage.json").read_text("utf-8"))
    key = {"fields": ["id"], "reference": {"resource": "texts", "fields": ["id"]}}
    root = Path(shutil.copytree(releases["odd"], tmp_path / "copy"))
    for resource in manifest["resources"]:
        if resource["name"].startswith(LONG_NAMES[0]):
            resource["schema"]["foreignKeys"] = [key]
    (root / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    names = ("--table", LONG_NAMES[0], "--table", "texts")
    for target in (tmp_path / "x.sqlite", tmp_path / "x.duckdb"):
        assert export(root, target, *names) == [
            f"{LONG_NAMES[0]} (id) has no foreign key: some rows refer to none of texts"
        ]


def test_names_of_sheets_are_those_that_a_spreadsheet_takes() -> None:
    """At most 31 characters, no sign that it refuses, none twice, whatever the case of letters."""
    names = ["a/b", "A_b", "x" * 40, "x" * 41, "'q'", "History", "😀" * 20, ""]
    assert list(sheet_names.make_names(names).values()) == [
        *("a_b", "A_b~2", "x" * 31, "x" * 29 + "~2", "_q_", "History~2", "😀" * 15, "_"),
    ]


def test_what_does_not_fit_into_a_sheet_is_refused(
    releases: Mapping[str, Path], tmp_path: Path
) -> None:
    """In words that say what takes it; nothing is written."""
    arguments = ("export", str(releases["hard"]), "--out", str(tmp_path / "x.xlsx"))
    code, out, err = run(*arguments, limits=replace(LIMITS, sheet_rows=14))
    assert (code, out) == (2, "")
    assert err == (
        "release: things has 16 rows, and a sheet takes 14: take sqlite, duckdb or jsonl for it, or name "
        "other tables with --table\n"
    )
    assert list(tmp_path.iterdir()) == []
    code, _, _ = run(*arguments, "--table", "parts", limits=replace(LIMITS, sheet_rows=14))
    assert code == 0


def database_rows(fields: Sequence[Mapping[str, Any]], rows: Rows, *, is_sqlite: bool) -> list[Any]:
    """The rows of a CSV as a database gives them."""
    return [
        tuple(
            _database_value(text, field, is_sqlite=is_sqlite)
            for text, field in zip(row, fields, strict=True)
        )
        for row in rows
    ]


def _database_value(text: str | None, field: Mapping[str, Any], *, is_sqlite: bool) -> Any:
    if is_sqlite:
        exact = field["type"] in ("integer", "year", "boolean") or (
            field["type"] == "number" and "decimal" not in field
        )
        return typed(text, field) if exact else text
    value = typed(text, field)
    if isinstance(value, Decimal) and field["decimal"]["precision"] > 38:
        return text
    is_zoned = field["type"] == "datetime" and field.get("zone") != "none"
    return value.replace(tzinfo=datetime.UTC) if is_zoned and value is not None else value


@pytest.mark.parametrize("name", DATASETS)
def test_sqlite_has_every_value_and_the_keys(
    releases: Mapping[str, Path], name: str, tmp_path: Path
) -> None:
    """Text as it is, true as 1, what numbers would change as text; the keys hold."""
    export(releases[name], tmp_path / "x.sqlite")
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    try:
        for table_name, (fields, rows) in tables_of(releases[name]).items():
            found = connection.execute(f'SELECT * FROM "{table_name}"').fetchall()
            assert found == database_rows(fields, rows, is_sqlite=True)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def test_sqlite_has_keys_types_and_descriptions(
    releases: Mapping[str, Path], tmp_path: Path
) -> None:
    """In the statements that make its tables, and in a dictionary."""
    export(releases["hard"], tmp_path / "x.sqlite")
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    try:
        query = "SELECT sql FROM sqlite_schema WHERE name = 'parts'"
        assert connection.execute(query).fetchone()[0] == (
            'CREATE TABLE "parts" (\n'
            '  "thing" TEXT NOT NULL,\n'
            '  "position" INTEGER NOT NULL,\n'
            '  "kind" TEXT,\n'
            '  PRIMARY KEY ("thing", "position"),\n'
            '  FOREIGN KEY ("thing") REFERENCES "things" ("thing"),\n'
            '  FOREIGN KEY ("kind") REFERENCES "kinds" ("code")\n'
            ")"
        )
        query = 'SELECT type, "refers to" FROM _dictionary WHERE "column" = \'kind\''
        assert connection.execute(query).fetchall() == [("string", "kinds.code")]
        query = "SELECT value FROM _release WHERE name = 'version'"
        assert connection.execute(query).fetchall() == [("0.1.0",)]
    finally:
        connection.close()


@pytest.mark.parametrize("name", DATASETS)
def test_duckdb_has_every_value(releases: Mapping[str, Path], name: str, tmp_path: Path) -> None:
    """With the types of the schema; decimals of more than 38 digits are text."""
    export(releases[name], tmp_path / "x.duckdb")
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as connection:
        for table_name, (fields, rows) in tables_of(releases[name]).items():
            zoned = [
                f'"{each["name"]}"::TIMESTAMP AS "{each["name"]}"'
                for each in fields
                if each["type"] == "datetime" and each.get("zone") != "none"
            ]
            connection.execute("SET TimeZone = 'UTC'")
            replaced = f"REPLACE ({', '.join(zoned)})" if zoned else ""
            found = connection.execute(f'SELECT * {replaced} FROM "{table_name}"').fetchall()
            expected = [
                tuple(
                    value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value
                    for value in row
                )
                for row in database_rows(fields, rows, is_sqlite=False)
            ]
            assert found == expected


def test_duckdb_has_keys_and_labels(releases: Mapping[str, Path], tmp_path: Path) -> None:
    """And says which key it has not: that of a table to itself."""
    export(releases["hard"], tmp_path / "x.duckdb")
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as connection:
        keys = connection.execute(
            "SELECT constraint_text FROM duckdb_constraints() WHERE table_name = 'parts' "
            "AND constraint_type <> 'NOT NULL' ORDER BY ALL"
        ).fetchall()
        label = connection.execute("SELECT kind_label FROM en.parts LIMIT 1").fetchall()
    assert keys == [
        ("FOREIGN KEY (kind) REFERENCES kinds(code)",),
        ("FOREIGN KEY (thing) REFERENCES things(thing)",),
        ('PRIMARY KEY(thing, "position")',),
    ]
    assert label == [("none",)]
    assert export(releases["odd"], tmp_path / "odd.duckdb") == [
        "places (within) has no foreign key: DuckDB has none within a table whose rows come in another order"
    ]


def test_a_key_to_a_table_that_is_not_exported_is_left_out(
    releases: Mapping[str, Path], tmp_path: Path
) -> None:
    """Both databases say so."""
    for target in (tmp_path / "x.sqlite", tmp_path / "x.duckdb"):
        assert export(releases["hard"], target, "--table", "parts", "--table", "kinds") == [
            "parts (thing) has no foreign key: things is not exported"
        ]


@pytest.mark.parametrize("name", DATASETS)
def test_lines_of_json_have_every_value(
    releases: Mapping[str, Path], name: str, tmp_path: Path
) -> None:
    """Integers with all digits; decimals, dates and times as the texts of the CSV."""
    export(releases[name], tmp_path / "x", "--format", "jsonl")
    found = tables_of(releases[name])
    assert {path.stem for path in (tmp_path / "x").iterdir()} == set(found)
    for table_name, (fields, rows) in found.items():
        lines = (tmp_path / "x" / f"{table_name}.jsonl").read_text("utf-8").split("\n")[:-1]
        plain = ("integer", "year", "boolean")
        expected = [
            {
                field["name"]: typed(text, field)
                if field["type"] in plain or (field["type"] == "number" and "decimal" not in field)
                else text
                for text, field in zip(row, fields, strict=True)
            }
            for row in rows
        ]
        assert [json.loads(line) for line in lines] == expected


def read_kept(cell: str) -> str:
    """The text that Excel shows of a cell: that of a formula which is a text, or the cell."""
    if re.fullmatch(r'=("([^"]|"")*")(&"([^"]|"")*")*', cell):
        parts = re.findall(r'"((?:[^"]|"")*)"', cell)
        assert all(len(part.encode("utf-16-le")) <= 2 * 255 for part in parts)
        return "".join(part.replace('""', '"') for part in parts)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or _is_number(cell)
    return cell


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", text) is not None


@pytest.mark.parametrize("name", DATASETS)
def test_csv_for_excel_keeps_every_text(
    releases: Mapping[str, Path], name: str, tmp_path: Path
) -> None:
    """Nothing is run but formulas that are a text; what is too long for one has an apostrophe."""
    told = export(releases[name], tmp_path / "x", "--format", "csv-excel")
    for table_name, (fields, rows) in tables_of(releases[name]).items():
        path = tmp_path / "x" / f"{table_name}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *cells = csv.reader(file)
        assert list(map(read_kept, header)) == [each["name"] for each in fields]
        for row, texts in zip(cells, rows, strict=True):
            for cell, text in zip(row, texts, strict=True):
                found = read_kept(cell) or None
                is_marked = text is not None and found == f"'{text}" and len(text) > 8000
                assert found == text or is_marked or is_same_cell(found, text, {"type": "string"})
    if name == "odd":
        assert told == [
            "texts.text: 1 value is cut, as a cell takes 32,767 characters",
            "texts.text: 1 value begins with an apostrophe of this file, as Excel would run them",
        ]


def test_the_same_release_gives_the_same_bytes(
    releases: Mapping[str, Path], tmp_path: Path
) -> None:
    """All formats but DuckDB, whose files hold what differs from one to the next."""
    (tmp_path / "other").mkdir()
    for name in ("x.xlsx", "x.sqlite"):
        export(releases["hard"], tmp_path / name)
        again = tmp_path / "other" / name
        ran = command("export", releases["hard"], "--out", name, cwd=again.parent, TZ="Asia/Tokyo")
        assert ran.returncode == 0, ran.stderr
        assert sha256(again.read_bytes()) == sha256((tmp_path / name).read_bytes())


def test_nothing_is_replaced_unless_told(releases: Mapping[str, Path], tmp_path: Path) -> None:
    """A folder never is; what fails leaves nothing."""
    target = tmp_path / "x.sqlite"
    target.write_text("mine")
    arguments = ("export", str(releases["hard"]), "--out")
    assert run(*arguments, str(target)) == (
        2,
        "",
        f"release: {target}: is there already; --replace replaces it\n",
    )
    export(releases["hard"], target, "--replace")
    assert target.read_bytes().startswith(b"SQLite format 3")
    folder = tmp_path / "folder"
    folder.mkdir()
    code, _, err = run(*arguments, str(folder), "--format", "jsonl", "--replace")
    assert (code, list(folder.iterdir())) == (2, [])
    assert err == (
        f"release: {folder}: is a folder, which is never replaced: name another path, or remove it\n"
    )
    code, _, err = run(*arguments, str(tmp_path / "y.xlsx"), "--table", "thngs")
    assert (code, err) == (
        2,
        "release: there is no table thngs, expected things, parts, kinds or marks; did you mean 'things'?\n",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "x.sqlite"]


def test_a_format_that_is_left_out_says_what_to_take(capsys: pytest.CaptureFixture[str]) -> None:
    """By its name, with the reason."""
    with pytest.raises(SystemExit):
        cli.main(["export", "dist", "--out", "x", "--format", "rds"])
    message = capsys.readouterr().err
    assert "rds is not supported: R reads the Parquet files of a release" in message

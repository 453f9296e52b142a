"""`release query`: values as the CSV has them, labels as views, faults in words, and it only reads."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pyarrow.parquet as pq
import pytest

from release.system.limits import LIMITS
from tests.support import every_type, hard_values
from tests.support.kit import ENVIRONMENT, build, command, run
from tests.support.terminal import on_terminal

#: All but columns whose type in SQL has no room for how the CSV writes them: years, times in UTC.
_COLUMNS = "* EXCLUDE (since, closes)"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the release of values that readers change."""
    folder = tmp_path_factory.mktemp("hard values")
    build(hard_values.write(folder / "data"), folder / "dist")
    return folder / "dist"


def ask(store: Path, sql: str, *options: str) -> str:
    """What a query prints that is answered."""
    code, out, err = run("query", str(store), sql, *options)
    assert (code, err) == (0, "")
    return out


def refusal(store: Path, sql: str, *options: str) -> str:
    """The message of a query that is refused."""
    code, out, err = run("query", str(store), sql, *options)
    assert (code, out) == (2, "")
    return err.removeprefix("release: ").removesuffix("\n")


def read_texts(file: Path, columns: str) -> list[tuple[str | None, ...]]:
    """Columns of a CSV file, every value as the text that stands there."""
    sql = f"SELECT {columns} FROM read_csv('{file}', all_varchar = true)"
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("table", ["things", "parts", "kinds", "marks"])
def test_a_whole_table_as_csv_is_its_file(store: Path, table: str) -> None:
    """Byte for byte: integers beyond 2^53, dates of the year 1, `NA`, line breaks, no rows."""
    expected = (store / "0.1.0/data" / f"{table}.csv").read_bytes()
    assert ask(store, f"FROM {table}", "--format", "csv").encode() == expected


def test_values_of_every_type_are_those_of_the_csv(tmp_path: Path) -> None:
    """Decimals of 50 digits, instants, times, months, JSON; years and times in UTC are plain in SQL."""
    root = build(every_type.write(tmp_path / "data"), tmp_path / "dist")
    shown = ask(root, f"SELECT {_COLUMNS} FROM things", "--format", "csv")
    file = root / "data/things.csv"
    expected = read_texts(file, _COLUMNS)
    (tmp_path / "shown.csv").write_text(shown, "utf-8")
    assert read_texts(tmp_path / "shown.csv", "*") == expected


def test_json_keeps_every_digit(store: Path) -> None:
    """Python reads integers of any size; decimals are text, and what is missing is null."""
    sql = "SELECT id, day, code, share FROM things ORDER BY thing"
    rows = json.loads(ask(store, sql, "--format", "json"))
    expected = [
        {"id": row[1], "day": row[5] and str(row[5]), "code": row[2], "share": row[3]}
        for row in hard_values.ROWS
    ]
    assert [{**row, "day": row["day"]} for row in rows] == [
        {**row, "day": row["day"] and str(row["day"]).rjust(10, "0")} for row in expected
    ]
    lines = ask(store, sql, "--format", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == rows
    shown = ask(store, "SELECT 1.50 AS d, '' AS e, NULL AS n, [1, NULL] AS l", "--format", "jsonl")
    assert shown == '{"d": "1.50", "e": "", "n": null, "l": [1,null]}\n'
    shown = ask(store, "SELECT 'nan'::DOUBLE AS x WHERE false", "--format", "json")
    assert shown == "[]\n"


def test_a_parquet_file_has_the_types(store: Path, tmp_path: Path) -> None:
    """The rows of a table are those of its own file."""
    target = tmp_path / "things.parquet"
    assert ask(store, "FROM things", "--out", str(target)) == f"wrote {target}\n"
    expected = pq.read_table(store / "0.1.0/data/things.parquet")
    found = pq.read_table(io.BytesIO(target.read_bytes()))
    assert found.equals(expected)


def test_labels_stand_beside_codes_in_a_schema_of_their_language(store: Path) -> None:
    """A code that looks like a missing value has its label, and every row stays."""
    shown = ask(store, "FROM en.parts", "--format", "csv")
    assert shown == (
        "thing,position,kind,kind_label\n"
        '"a",0,"NA","none"\n"a",1,"00123","=1+1"\n"c",0,"null","void"\n"n",0,"NA","none"\n'
    )
    for table in ("things", "marks"):  # which have no codes
        plain = ask(store, f"FROM {table}", "--format", "csv")
        assert ask(store, f"FROM en.{table}", "--format", "csv") == plain


def test_a_table_for_people_is_cut_and_says_so(store: Path) -> None:
    """Numbers are on the right, wide letters have their width, and a missing value is not an empty text."""
    shown = ask(store, "SELECT '中文' AS a, 1 AS b UNION ALL SELECT '', NULL ORDER BY b")
    assert shown == "a     b\n────  ─\n中文  1\n''\n"
    code, out, err = run("query", str(store), "FROM range(101)")
    assert (code, out.count("\n")) == (0, 102)
    assert err == "these are the first 100 rows; --limit N shows more\n"
    assert ask(store, "FROM range(101)", "--limit", "2") == "range\n─────\n    0\n    1\n"
    assert ask(store, r"SELECT 'a|b' || chr(10) AS t", "--format", "markdown") == (
        "| t |\n| --- |\n| a\\|b |\n"
    )


FAULTS = {
    "SELECT * FROM thigns": "SQL, column 15: there is no table 'thigns'; did you mean 'things'?",
    "SELECT *\nFROM en.prats": "SQL, line 2, column 6: there is no table 'prats'; did you mean 'parts'?",
    "FROM fr.parts": "SQL, column 6: there is no schema 'fr': labels are in en",
    "SELECT '好', cod FROM things": "SQL, column 13: there is no column 'cod'; did you mean 'code'?",
    "SELECT lenght(code) FROM things": (
        "SQL, column 8: there is no function 'lenght'; did you mean 'length'?"
    ),
    "SELCT 1": 'SQL, column 1: syntax error at or near "SELCT"',
    "SELECT \udcff": "SQL: is not UTF-8, expected text",
    f"SELECT {'(' * 2000}1{')' * 2000}": "SQL: max expression depth limit of 1000 exceeded",
    "SELECT 'abc": "SQL, column 8: unterminated string literal",
    "-- nothing": "SQL: has no statement, expected one query",
    "SELECT 1; SELECT 2": "SQL: has 2 statements, expected one query",
    "SELECT 9223372036854775807 + 1": "SQL: overflow in addition of INT64 (9223372036854775807 + 1)",
    "SELECT code::INT FROM things": "SQL, column 12: could not convert string 'NA' to INT32 when "
    "casting from source column code",
    "DROP TABLE things": (
        "SQL: DROP is not supported: a release is only read; expected a query such as SELECT …"
    ),
    "PIVOT parts ON kind": "SQL: PIVOT has to name its values: PIVOT … ON column IN (…)",
    "SELECT * FROM read_text('/etc/passwd')": (
        "SQL, column 15: read_text may not stand for a table here, only generate_series, json_each, "
        "json_tree, range, repeat, repeat_row, unnest and duckdb_columns may"
    ),
    "FROM '/etc/passwd.parquet'": (
        "SQL: a query reads the tables of the release alone: no other file, and no network"
    ),
}


@pytest.mark.parametrize("sql", FAULTS)
def test_a_fault_says_where_it_is_and_what_was_meant(store: Path, sql: str) -> None:
    """Each fault is one line."""
    assert refusal(store, sql) == FAULTS[sql]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY parts TO '{file}'",
        "EXPORT DATABASE '{file}'",
        "ATTACH '{file}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET lock_configuration = false",
        "SET enable_external_access = true",
        "INSERT INTO parts VALUES ('a', 9, 'NA')",
        "CREATE TABLE other AS SELECT 1",
        "CALL pragma_version()",
        "FROM glob('{folder}/*')",
        "FROM '{folder}/source/kinds.csv'",
        "FROM read_csv('{folder}/data/kinds.csv')",
        "FROM 'http://localhost:9/x.parquet'",
        "FROM query('ATTACH ''{file}''')",
        "FROM enable_logging(storage='file', storage_path='{file}')",
        "WITH t AS (SELECT (SELECT count(*) FROM arrow_scan(1, 2, 3))) FROM t",
        "FROM read_parquet('{folder}/data/kinds.parquet')",
        "EXPLAIN ANALYZE COPY parts TO '{file}'",
    ],
)
def test_nothing_but_the_tables_is_reached(store: Path, tmp_path: Path, sql: str) -> None:
    """No file is written, none beside the Parquet of the tables is read, and no setting is changed."""
    file = tmp_path / "written"
    before = sorted(path for path in store.rglob("*"))
    refusal(store, sql.format(file=file, folder=store / "0.1.0"))
    assert not file.exists()
    assert sorted(path for path in store.rglob("*")) == before


def test_a_file_that_is_there_is_replaced_only_if_told(store: Path, tmp_path: Path) -> None:
    """A query that fails leaves it as it was, and nothing beside it."""
    target = tmp_path / "rows.csv"
    target.write_text("mine")
    options = ("--out", str(target))
    assert refusal(store, "FROM parts", *options) == (
        f"{target}: is there already; --replace replaces it"
    )
    refusal(store, "SELECT code::INT FROM things", *options, "--replace")
    assert [each.name for each in tmp_path.iterdir()] == ["rows.csv"]
    assert target.read_text() == "mine"
    ask(store, "SELECT 1 AS a", *options, "--replace")
    assert target.read_text() == "a\n1\n"


def test_a_query_without_an_end_is_ended_by_a_limit(store: Path, tmp_path: Path) -> None:
    """In words, and without a file; a limit of time ends the process that the query has for itself."""
    arguments = (
        "query",
        str(store),
        "FROM range(1000000000000)",
        "--out",
        str(tmp_path / "rows.csv"),
    )
    message = f"release: {store}: takes more than {{}}, which is the limit; `--limits {{}}=…` changes it\n"
    ran = run(*arguments, "--limits", "bytes=1MB")
    assert ran == (1, "", message.format("1,000,000 bytes", "bytes"))
    assert list(tmp_path.iterdir()) == []
    killed = command(*arguments, "--limits", "seconds=0.5", cwd=tmp_path)
    assert killed.stderr == message.format("0.5 seconds", "seconds")
    assert list(tmp_path.iterdir()) == []


def test_a_changed_file_is_not_read(store: Path, tmp_path: Path) -> None:
    """The Parquet of a table that a query names is the one that the manifest describes."""
    root = Path(shutil.copytree(store / "0.1.0", tmp_path / "copy"))
    path = root / "data/parts.parquet"
    path.write_bytes(path.read_bytes()[:-5] + b"X" + path.read_bytes()[-4:])
    code, out, err = run("query", str(root), "FROM parts")
    assert (code, out) == (1, "")
    assert "parts.parquet: has the hash 'sha256:" in err
    assert ask(root, "SELECT count(*) AS n FROM things", "--format", "csv") == "n\n16\n"


def test_a_query_that_needs_too_much_memory_says_so(store: Path) -> None:
    """And not how to change settings that are locked."""
    limits = replace(LIMITS, query_memory="40MB")
    code, out, err = run(
        "query", str(store), "SELECT list(range) FROM range(9000000)", limits=limits
    )
    assert (code, out) == (1, "")
    assert err == (
        "release: SQL: the query needs more than 40MB of memory and what is free for temporary files\n"
    )


def test_a_store_behind_http_is_asked_for_its_latest_version(store: Path) -> None:
    """And a folder or a zip there is asked itself."""
    handler = partial(Silent, directory=str(store))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}"
            for place in (url, f"{url}/0.1.0", f"{url}/0.1.0/hard-values-0.1.0.zip"):
                code, out, err = run(
                    "query", place, "SELECT count(*) AS n FROM things", "--format", "csv"
                )
                assert (code, out, err) == (0, "n\n16\n", "")
        finally:
            server.shutdown()
            thread.join()


class Silent(SimpleHTTPRequestHandler):
    """Files of a folder behind http."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def test_without_a_query_one_line_says_what_to_do(store: Path, tmp_path: Path) -> None:
    """On a terminal nothing is waited for; elsewhere stdin has the query."""
    shown = on_terminal(["query", str(store)], tmp_path)
    told = "there is no query: give one as the argument SQL, or on stdin; for a prompt, "
    assert told in shown
    closed = ["sh", "-c", '"$0" -m release query "$1" <&-', sys.executable, str(store)]
    ran = subprocess.run(closed, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=False)
    assert (ran.returncode, told in ran.stderr.decode()) == (2, True)


def test_a_zip_is_asked_too(store: Path) -> None:
    """As it was downloaded."""
    archive = store / "0.1.0/hard-values-0.1.0.zip"
    assert ask(archive, "SELECT kind FROM parts LIMIT 1", "--format", "csv") == 'kind\n"NA"\n'


def test_a_version_of_a_store_is_asked_and_a_withdrawn_one_says_so(
    store: Path, tmp_path: Path
) -> None:
    """On this machine or by an address that fsspec reads; an export takes a version, too."""
    copy = Path(shutil.copytree(store, tmp_path / "store"))
    kinds = ("SELECT code FROM kinds LIMIT 1", "--format", "csv", "--version", "0.1.0")
    first = ask(store, *kinds[:-2])
    assert ask(copy, *kinds) == first
    assert refusal(copy, *kinds[:-1], "0.2.0") == f"{copy}: has no version '0.2.0'; it has 0.1.0"
    assert refusal(copy / "0.1.0", *kinds[:-1], "0.2.0") == (
        f"{copy}/0.1.0: is version 0.1.0, expected 0.2.0"
    )
    run("yank", "0.1.0", "--reason", "wrong years", "--store", str(copy))
    none = f"{copy}: every final version in {copy} was withdrawn, expected a release"
    assert refusal(copy, *kinds[:-2]) == none
    for place in (str(copy), copy.as_uri()):
        told = f"{place.removeprefix('file://')}: version 0.1.0 was withdrawn: wrong years\n"
        code, out, err = run("query", place, *kinds)
        assert (code, out, err) == (0, first, told)
    target = tmp_path / "kinds.sqlite"
    code, out, err = run(
        "export", str(copy), "--version", "0.1.0", "--out", str(target), "--table", "kinds"
    )
    assert (code, out, err) == (
        0,
        f"wrote {target}\n",
        f"{copy}: version 0.1.0 was withdrawn: wrong years\n",
    )

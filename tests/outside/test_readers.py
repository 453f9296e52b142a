"""Every line that a release prints for its readers gives the values of the release, however hard they are."""

from __future__ import annotations

import datetime
import html
import json
import re
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from release.build.inputs import Options
from release.package.manifest import folder as manifest_folder
from release.package.metadata import examples, tool_code
from release.system.limits import Limits
from tests.support import hard_values, kit, odd_values, readers
from tests.support.told import Columns, Told

PARQUET = ["pandas", "Polars", "DuckDB", "R", "Spark", "DataFusion", "JavaScript"]
CSV = ["pandas", "Polars", "DuckDB", "SQLite", "R", "Spark", "DataFusion", "Python"]

#: The tables that each tool loads, by the release in which they stand.
TABLES = {
    "hard": ["things", "kinds", "marks"],
    "parted": ["things"],
    "odd": ["my-table", "it's 名称", "wide", "long"],
}
EVERY = [(release, table) for release, tables in TABLES.items() for table in tables]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what the tools need."""
    return tmp_path_factory.mktemp("readers")


@pytest.fixture(scope="module")
def releases(temporary: Path) -> Mapping[str, Path]:
    """The release of hard values, also in parts of four rows, and that of a column of every type."""
    hard = hard_values.write(temporary / "hard")
    odd = odd_values.write(temporary / "odd")
    return {
        "hard": kit.build(hard, temporary / "dist"),
        "parted": kit.build(hard, temporary / "parted", Options(limits=Limits(part_rows=4))),
        "odd": kit.build(odd, temporary / "odd-dist"),
    }


def codes(release: Path, table: str) -> dict[tuple[str, str], str]:
    """The code that loads a table, by what it reads and by tool."""
    manifest = manifest_folder.read(release)
    parts = [release / path for path in manifest.parquet[table].paths]
    tools = tool_code.list_tools(manifest, table, pq.ParquetDataset(parts).read())
    return {(what, tool): code for tool, listed in tools for what, code in listed}


class Loaded:
    """What each tool makes of the tables; it is started once for all that it reads in one form."""

    def __init__(self, releases: Mapping[str, Path], temporary: Path) -> None:
        self.releases, self.temporary = releases, temporary
        self.read = cache(self._read)

    def _read(self, what: str, tool: str) -> dict[tuple[str, str], Columns | str]:
        loads = {}
        for release, table in EVERY:
            if (code := codes(self.releases[release], table).get((what, tool))) is not None:
                loads[release, table] = (self.releases[release], code)
        found = readers.load(tool, [*loads.values()], self.temporary)
        return dict(zip(loads, found, strict=True))


@pytest.fixture(scope="module")
def loaded(releases: Mapping[str, Path], temporary: Path) -> Loaded:
    """What each tool makes of the tables."""
    return Loaded(releases, temporary)


def test_the_csv_has_the_values_of_the_records(releases: Mapping[str, Path]) -> None:
    """What the tools are held against: text as it is, numbers and dates by their meaning."""
    wanted: dict[str, list[Told]] = {name: [] for name in hard_values.COLUMNS}
    kinds = {str: "text", int: "integer", float: "number", bool: "boolean", datetime.date: "date"}
    for row in hard_values.ROWS:
        for name, value in zip(hard_values.COLUMNS, row, strict=True):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            wanted[name].append(None if value is None else (kinds[type(value)], text))
    assert readers.differences(readers.expected(releases["hard"], "things"), wanted) == {}


def documented() -> dict[tuple[str, str], dict[str, str]]:
    """What docs/how-to/load.md says that a tool makes of a type, by what it reads and its name."""
    text = (kit.ROOT / "docs/how-to/load.md").read_text("utf-8")
    section = text.partition("\n## What a tool makes something else of\n")[2].partition("\n## ")[0]
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in re.findall(r"^\| (?!---|tool)(.*) \|$", section, re.MULTILINE):
        tools, what, types, becomes, _ = row.split(" | ")
        for tool in tools.split(", "):
            for form in re.findall(r"`(.*?)`", types):
                found.setdefault((what, tool), {})[form] = becomes
    return found


def become(value: Told, becomes: str) -> Told:
    """Return what a value becomes by the words of the table, as `compared` has it."""
    if value is None:
        return None
    kind, text = value
    match becomes:
        case "text":
            return ("text", text)
        case "a number of 64 bits":
            return _short("number", text)
        case "a number of seconds":
            return _short("seconds", _seconds(text))
        case "a number of microseconds":
            return ("integer", _seconds(text).replace(".", ""))
        case "milliseconds":
            time = datetime.datetime.fromisoformat(text.removesuffix("Z") + "+00:00")
            parts = int((time - _EPOCH) / datetime.timedelta(milliseconds=1))
            time = _EPOCH + datetime.timedelta(milliseconds=parts)
            return ("datetime", time.replace(tzinfo=None).isoformat())
        case "a line end for a carriage return":
            return (kind, re.sub("\r\n?", "\n", text))
    raise AssertionError(becomes)


_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def _seconds(text: str) -> str:
    """Return the seconds since midnight of a time of day, with six digits behind the point."""
    time = datetime.datetime.fromisoformat(f"1970-01-01T{text.removesuffix('Z')}+00:00")
    return f"{time.timestamp():.6f}"


def _short(kind: str, text: str) -> Told:
    """Return a number of 64 bits with the digits that each way to make one of a decimal agrees on."""
    return (kind, f"{float(text):.6f}" if kind == "seconds" else f"{float(text):.15g}")


def expect(release: Path, table: str, what: str, tool: str) -> Columns:
    """Return the values that a tool gives of a table, as the docs say."""
    differs = documented().get((what, tool), {})
    columns = readers.expected(release, table)
    forms = readers.forms(release, table)
    return {
        name: [become(value, differs[forms[name]]) for value in values]
        if forms[name] in differs
        else values
        for name, values in columns.items()
    }


def compared(found: Columns, release: Path, table: str, what: str, tool: str) -> Columns:
    """Return the values that a tool gives, without digits in which rounded numbers may differ."""
    differs = documented().get((what, tool), {})
    forms = readers.forms(release, table)
    return {
        name: [each and _short(*each) for each in values]
        if differs.get(forms[name]) in ("a number of 64 bits", "a number of seconds")
        else values
        for name, values in found.items()
    }


def check(loaded: Loaded, what: str, tool: str) -> None:
    """Compare every table that a tool loads, and that one that it is not shown is one that the docs name."""
    found = loaded.read(what, tool)
    for release, table in EVERY:
        folder = loaded.releases[release]
        if (release, table) not in found:  # then it is in the docs what the tool would make of it
            assert documented()[what, tool].keys() & readers.forms(folder, table).values()
            continue
        told = found[release, table]
        assert not isinstance(told, str), told
        columns = compared(told, folder, table, what, tool)
        wanted = expect(folder, table, what, tool)
        if (
            tool in ("DataFusion", "Spark") and wanted
        ):  # which do not keep the order of rows of several files
            key = next(iter(wanted))
            columns, wanted = readers.ordered(columns, key), readers.ordered(wanted, key)
        if not any(wanted.values()) and tool in ("JavaScript", "Python"):  # rows without a table
            wanted = {}
        assert readers.differences(columns, wanted) == {}, (release, table)


@pytest.mark.parametrize("tool", PARQUET)
def test_parquet_is_loaded_with_every_value(loaded: Loaded, tool: str) -> None:
    """Ids of 64 bits beside missing values, dates of any century, instants, decimals, 300 columns."""
    check(loaded, tool_code.PARQUET, tool)


@pytest.mark.parametrize("tool", CSV)
def test_csv_is_loaded_with_every_value(loaded: Loaded, tool: str) -> None:
    """`NA`, `null` and `00123` stay, what is missing is missing, and types are those of the schema."""
    check(loaded, tool_code.CSV, tool)


def test_the_release_itself_is_loaded_with_every_value(loaded: Loaded) -> None:
    """By the line that stands first."""
    check(loaded, tool_code.RELEASE, "release")


@pytest.mark.parametrize("tool", ["Polars", "DuckDB", "Spark", "JavaScript"])
def test_long_decimals_are_not_shown_to_tools_that_lose_them(
    releases: Mapping[str, Path], temporary: Path, tool: str
) -> None:
    """Which would not open the table, or round the numbers."""
    assert (tool_code.PARQUET, tool) not in codes(releases["odd"], "long")
    becomes = documented()[tool_code.PARQUET, tool]["number long decimal"]
    code = {each.tool: each.code for each in examples.from_parquet("data/long.parquet")}[tool]
    (found,) = readers.load(tool, [(releases["odd"], code)], temporary)
    if becomes == "not opened":
        assert isinstance(found, str)
    else:
        assert not isinstance(found, str), found
        given = (releases["odd"], "long", tool_code.PARQUET, tool)
        assert readers.differences(compared(found, *given), expect(*given)) == {}


def test_nanoparquet_rounds_what_the_docs_say(
    releases: Mapping[str, Path], temporary: Path
) -> None:
    """It takes the place of arrow where no column has integers of 64 bits or decimals."""
    tables = [each for each in EVERY if each[0] != "parted"]
    loads = [
        (releases[name], f'table <- nanoparquet::read_parquet("data/{table}.parquet")')
        for name, table in tables
    ]
    loaded = readers.load("R", loads, temporary)
    for (release, table), found in zip(tables, loaded, strict=True):
        assert not isinstance(found, str), found
        given = (releases[release], table, tool_code.PARQUET, "nanoparquet")
        assert readers.differences(compared(found, *given), expect(*given)) == {}, table


def test_a_row_of_three_megabytes_is_loaded(tmp_path: Path) -> None:
    """DuckDB is told how long a line is; Python takes a cell of any length."""
    root = hard_values.write(tmp_path / "long")
    text = '"' * 1_500_000
    kit.edit(root / "things/a.md", '"code": "NA"', f'"code": {json.dumps(text)}')
    release = kit.build(root, tmp_path / "dist")
    code = codes(release, "things")
    assert "max_line_size = 4194304" in code[tool_code.CSV, "DuckDB"]
    for tool in ("pandas", "Polars", "DuckDB", "Python", "SQLite"):
        (found,) = readers.load(tool, [(release, code[tool_code.CSV, tool])], tmp_path)
        assert not isinstance(found, str), found
        assert tuple(found["code"][0] or ()) == ("text", text), tool


@pytest.mark.parametrize("release", TABLES)
def test_the_page_and_the_readme_print_these_lines(
    releases: Mapping[str, Path], release: str
) -> None:
    """Each tool has a block of its own, which is shut on the page."""
    folder = releases[release]
    expected = codes(folder, TABLES[release][0])
    assert [*expected] == readers.order(PARQUET, CSV)
    assert readers.printed((folder / "README.md").read_text("utf-8")) == expected
    page = (folder / "index.html").read_text("utf-8")
    section = page.partition('<h2 id="use">')[2].partition("<h2")[0]
    found = {}
    for tool, block in re.findall(
        r'<details class="tool">\n<summary>(\w+)</summary>(.*?)</details>', section, re.DOTALL
    ):
        for what, code in re.findall(
            r">([^<]+)</p>\n<pre[^>]*><code>(.*?)\n</code></pre>", block, re.DOTALL
        ):
            found[what, tool] = html.unescape(code)
    assert found == expected


def test_the_lines_for_the_shell_make_what_they_say(
    releases: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook and a database; tests/access/test_export.py compares their values."""
    folder = shutil.copytree(releases["odd"], tmp_path / "copy")
    monkeypatch.chdir(folder)
    for tool, name in (("Excel", "odd-values.xlsx"), ("SQLite", "odd-values.sqlite")):
        command = codes(folder, "my-table")[tool_code.RELEASE, tool]
        assert command == f"release export . --out {name}"
        code, out, _ = kit.run(*command.split()[1:])
        assert (code, out) == (0, f"wrote {name}\n")
        assert (folder / name).is_file()


# croissant.json


_CROISSANT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import mlcroissant
dataset = mlcroissant.Dataset(jsonld="croissant.json")
assert not dataset.metadata.issues.errors, dataset.metadata.issues.report()
found = []
for table in json.loads(sys.argv[1]):
    records = list(dataset.records(record_set=table))
    names = [each.id for each in next(
        each for each in dataset.metadata.record_sets if each.id == table).fields]
    columns = {name.partition("/")[2]: [row[name] for row in records] for name in names}
    found.append(told.tell_all(columns))
print("told:" + json.dumps(found))
"""


@pytest.mark.parametrize("release", TABLES)
def test_mlcroissant_loads_every_value(releases: Mapping[str, Path], release: str) -> None:
    """By the files, types and references that croissant.json names; a decimal is a number of 64 bits."""
    # a table without rows has no records, and ids have names in another form
    tables = [each for each in TABLES[release] if each != "marks"]
    ids = [each.replace("'", "%27").replace(" ", "+") for each in tables]
    found = readers.run_python("mlcroissant", _CROISSANT, releases[release], json.dumps(ids))
    for table, columns in zip(tables, found, strict=True):
        assert not isinstance(columns, str)
        given = (releases[release], table, "Croissant", "mlcroissant")
        wanted = expect(*given)
        named = dict(zip(wanted, columns.values(), strict=True))
        assert readers.differences(compared(named, *given), wanted) == {}, table

"""Every line that a release prints for its readers gives the values of the release, however hard they are."""

from __future__ import annotations

import datetime
import html
import json
import re
import subprocess
import textwrap
from pathlib import Path

import pytest

from release.build.inputs import Options
from release.package.metadata import examples
from release.syntax.types.registry import FieldType
from release.syntax.types.value_type import of, of_release
from release.system.limits import Limits
from tests.support import hard_values, kit, odd_values, readers

PARQUET = ["pandas", "Polars", "DuckDB", "DataFusion", "R", "Spark", "JavaScript"]
CSV = ["pandas", "Polars", "DataFusion", "R", "Spark", "Python", "DuckDB", "SQLite"]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what the tools need."""
    return tmp_path_factory.mktemp("readers")


@pytest.fixture(scope="module")
def whole(temporary: Path) -> Path:
    """The release of hard values."""
    return kit.build(hard_values.write(temporary / "hard"), temporary / "dist")


@pytest.fixture(scope="module")
def parted(temporary: Path) -> Path:
    """The same with tables in parts of four rows."""
    root = hard_values.write(temporary / "hard-parted")
    return kit.build(root, temporary / "parted", Options(limits=Limits(part_rows=4)))


def lines(release: Path) -> dict[tuple[str, str], str]:
    """The code in README.md by format and tool."""
    blocks = readers.printed((release / "README.md").read_text("utf-8"))
    assert [tool for tool, _ in blocks] == PARQUET + CSV
    formats = ["Parquet"] * len(PARQUET) + ["CSV"] * len(CSV)
    return {(format, tool): code for format, (tool, code) in zip(formats, blocks, strict=True)}


def test_the_csv_has_the_values_of_the_records(whole: Path) -> None:
    """What the tools are held against: text as it is, numbers and dates by their meaning."""
    wanted: dict[str, list[readers.Told]] = {name: [] for name in hard_values.COLUMNS}
    kinds = {str: "text", int: "integer", float: "number", bool: "boolean", datetime.date: "date"}
    for row in hard_values.ROWS:
        for name, value in zip(hard_values.COLUMNS, row, strict=True):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            wanted[name].append(None if value is None else (kinds[type(value)], text))
    assert readers.same(readers.expected(whole, "things", is_typed=True), wanted)


@pytest.mark.parametrize("tool", PARQUET)
def test_parquet_is_loaded_with_every_value(whole: Path, temporary: Path, tool: str) -> None:
    """Ids of 64 bits beside missing values, dates of any century, and booleans that may be missing."""
    found = readers.load(tool, lines(whole)["Parquet", tool], whole, temporary)
    assert readers.same(found, readers.expected(whole, "things", is_typed=True))


@pytest.mark.parametrize("tool", PARQUET)
def test_parquet_in_parts_is_loaded_as_one_table(parted: Path, temporary: Path, tool: str) -> None:
    """With all rows; in their order, which DataFusion and Spark do not keep."""
    assert (parted / "data/things/part-00004.parquet").is_file()
    found = readers.load(tool, lines(parted)["Parquet", tool], parted, temporary)
    if tool in ("DataFusion", "Spark"):
        found = readers.ordered(found, "thing")
    assert readers.same(found, readers.expected(parted, "things", is_typed=True))


@pytest.mark.parametrize("tool", CSV)
def test_csv_is_loaded_with_every_text_as_it_stands(
    whole: Path, temporary: Path, tool: str
) -> None:
    """`NA`, `null` and `00123` stay, and a missing value is missing; SQLite takes the types."""
    found = readers.load(tool, lines(whole)["CSV", tool], whole, temporary)
    wanted = readers.expected(whole, "things", is_typed=False)
    if tool == "SQLite":  # a date and a boolean are text there
        wanted = readers.expected(whole, "things", is_typed=True)
        for name in ("flag", "day"):
            wanted[name] = [each and ("text", each[1]) for each in wanted[name]]
    if tool == "R":  # as the comment in its code says
        for name, values in wanted.items():
            texts = (each and re.sub("\r\n?", "\n", each[1]) for each in values)
            wanted[name] = [("text", text) if text else None for text in texts]
    if tool == "Python":  # where a missing value is empty text, as the page says
        found = {
            name: [each if each and each[1] else None for each in values]
            for name, values in found.items()
        }
    assert readers.same(found, wanted)


@pytest.mark.parametrize("tool", ["pandas", "Polars", "DuckDB", "JavaScript", "SQLite"])
@pytest.mark.parametrize("table", ["kinds", "marks"])
def test_other_tables_are_loaded_like_the_first(
    whole: Path, temporary: Path, tool: str, table: str
) -> None:
    """A codelist, and one of one column that has no rows."""
    columns = readers.expected(whole, table, is_typed=True)
    path = f"data/{table}.parquet"
    code = {each.tool: each.code for each in examples.from_parquet(path)}
    if tool in code:
        found = readers.load(tool, code[tool], whole, temporary)
        rows = {name: values for name, values in columns.items() if values or tool != "JavaScript"}
        assert readers.same(found, rows)
    kinds: dict[str, FieldType] = {"weight": "integer"}
    fields = [(name, of(kinds.get(name, "string"))) for name in columns]
    code = {each.tool: each.code for each in examples.from_csv(table, f"data/{table}.csv", fields)}
    if tool in code:
        found = readers.load(tool, code[tool], whole, temporary)
        is_typed = tool == "SQLite"
        assert readers.same(found, readers.expected(whole, table, is_typed=is_typed))


@pytest.mark.parametrize("tool", ["pandas", "Polars", "DuckDB", "Python", "SQLite"])
def test_a_row_of_three_megabytes_is_loaded(tmp_path: Path, tool: str) -> None:
    """DuckDB is told how long a line is; Python takes a cell of any length."""
    root = hard_values.write(tmp_path / "long")
    text = '"' * 1_500_000
    kit.edit(root / "things/a.md", '"code": "NA"', f'"code": {json.dumps(text)}')
    release = kit.build(root, tmp_path / "dist")
    assert "max_line_size = 4194304" in lines(release)["CSV", "DuckDB"]
    found = readers.load(tool, lines(release)["CSV", tool], release, tmp_path)
    assert tuple(found["code"][0] or ()) == ("text", text)


def test_the_page_prints_the_lines_of_the_readme(whole: Path, parted: Path) -> None:
    """So both are tried by these tests."""
    for release in (whole, parted):
        page = (release / "index.html").read_text("utf-8")
        section = page.partition('<h2 id="use">')[2].partition("<h2")[0]
        blocks = re.findall(
            r"<h4>(\w+)</h4>\n<pre[^>]*><code>(.*?)\n</code></pre>", section, re.DOTALL
        )
        found = [(tool, html.unescape(code)) for tool, code in blocks]
        assert found == readers.printed((release / "README.md").read_text("utf-8"))


# croissant.json


_CROISSANT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import mlcroissant
dataset = mlcroissant.Dataset(jsonld="croissant.json")
assert not dataset.metadata.issues.errors, dataset.metadata.issues.report()
records = list(dataset.records(record_set=sys.argv[1]))
names = [each.id for each in next(
    each for each in dataset.metadata.record_sets if each.id == sys.argv[1]).fields]
show({name.partition("/")[2]: [row[name] for row in records] for name in names})
"""


@pytest.mark.parametrize("table", ["things", "parts", "kinds"])
@pytest.mark.parametrize("form", ["whole", "parted"])
def test_mlcroissant_loads_every_value(whole: Path, parted: Path, form: str, table: str) -> None:
    """By the files, types and references that croissant.json names."""
    release = {"whole": whole, "parted": parted}[form]
    found = _load_croissant(release, table)
    assert readers.same(found, readers.expected(release, table, is_typed=True))


def _load_croissant(release: Path, table: str) -> readers.Columns:
    """The columns that mlcroissant makes of a table."""
    python = readers.find_python("mlcroissant")
    done = subprocess.run(
        [python, "-c", readers.SHOW + textwrap.dedent(_CROISSANT), table],
        cwd=release,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return readers.told(done.stdout)


# odd names and every type: only where `make readers` has made its tools


@pytest.fixture(scope="module")
def odd(temporary: Path) -> Path:
    """The release of a column of every type, in tables and under names that tools must quote."""
    readers.find_python("DataFusion")
    return kit.build(odd_values.write(temporary / "odd"), temporary / "odd-dist")


#: The columns of which a tool makes something else, as docs/reference/types.md says.
OTHERS = {"JavaScript": ("unit price", "total", "opens", "closes", "updated")}


@pytest.mark.parametrize("tool", PARQUET)
def test_parquet_of_every_type_is_loaded_under_any_name(
    odd: Path, temporary: Path, tool: str
) -> None:
    """Instants, times of day, exact decimals, years before 0 and after 9999, and JSON."""
    found = dict(readers.load(tool, lines(odd)["Parquet", tool], odd, temporary))
    wanted = readers.expected(odd, "my-table", is_typed=True)
    for name in OTHERS.get(tool, ()):
        assert [each is None for each in found.pop(name)] == [
            each is None for each in wanted.pop(name)
        ]
    assert readers.same(found, wanted)


@pytest.mark.parametrize("tool", CSV)
def test_csv_of_every_type_is_loaded_under_any_name(odd: Path, temporary: Path, tool: str) -> None:
    """As the texts that stand there; SQLite makes numbers of what is one for sure."""
    found = readers.load(tool, lines(odd)["CSV", tool], odd, temporary)
    wanted = readers.expected(odd, "my-table", is_typed=False)
    if tool == "SQLite":
        for name, typed in readers.expected(odd, "my-table", is_typed=True).items():
            if next(filter(None, typed))[0] in ("integer", "number"):
                wanted[name] = typed
    if tool == "Python":
        found = {
            name: [each if each and each[1] else None for each in values]
            for name, values in found.items()
        }
    assert readers.same(found, wanted)


def test_long_decimals_are_shown_to_tools_that_keep_them(odd: Path, temporary: Path) -> None:
    """With each of their digits; the others are shown the CSV."""
    wanted = readers.expected(odd, "long", is_typed=True)
    package = json.loads((odd / "datapackage.json").read_bytes())
    (fields,) = (
        each["schema"]["fields"] for each in package["resources"] if each["name"] == "long"
    )
    types = [of_release(field["type"], field) for field in fields]
    code = {each.tool: each.code for each in examples.from_parquet("data/long.parquet", types)}
    assert [*code] == ["pandas", "DataFusion", "R"]
    for tool in ("pandas", "DataFusion"):
        assert readers.same(readers.load(tool, code[tool], odd, temporary), wanted)


@pytest.mark.parametrize("table", ["my-table", "it%27s+名称", "long"])
def test_mlcroissant_loads_every_type_under_any_name(odd: Path, table: str) -> None:
    """With a decimal as a number of 64 bits."""
    found = _load_croissant(odd, table)
    names = {"it%27s+名称": "it's 名称"}
    columns = readers.expected(odd, names.get(table, table), is_typed=True)
    wanted = {
        name: [each and ("number" if each[0] == "decimal" else each[0], each[1]) for each in values]
        for name, values in columns.items()
    }
    # the ids have the names in another form, and are in their order
    found = dict(zip(columns, found.values(), strict=True))
    assert readers.same(found, wanted)

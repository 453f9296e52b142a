"""What a release is: its files, their bytes, and that anyone can check and rebuild them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import frictionless
import jsonschema
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from release import cli
from release.build import pipeline
from release.descriptor import load
from release.descriptor.model import Descriptor
from release.findings import NAMES
from release.findings.errors import RefusedError
from release.tables import csv as csv_format
from release.tables import parquet as parquet_format
from tests.support.datasets import describe
from tests.support.kit import sha256, tree
from tests.support.tampering import package_of

ZIP = "ccus-policy-0.1.0.zip"
#: Not in the zip and not in SHA256SUMS: the zip itself, and what was noted beside it.
BESIDE = {ZIP, "buildinfo.json", "provenance.intoto.json"}

#: What a Python of its own needs to import what this one imports.
PYTHONPATH = os.pathsep.join(path for path in sys.path if path)

#: A dataset without a table of findings.
SMALL = describe(path="{note}.md", more="licenses: [{name: CC0-1.0}]\n")

PHYSICAL = {
    "string": ("BYTE_ARRAY", "String"),
    "integer": ("INT64", "None"),
    "year": ("INT64", "None"),
    "number": ("DOUBLE", "None"),
    "boolean": ("BOOLEAN", "None"),
    "date": ("INT32", "Date"),
}

Json = dict[str, Any]


@cache
def described(root: Path) -> Descriptor:
    """The descriptor of the dataset."""
    return load.load(root / "datapackage.yaml")


def resources_of(folder: Path, format: str) -> Iterator[Json]:
    """The resources of one format."""
    return (r for r in package_of(folder)["resources"] if r["format"] == format)


# the folder


def test_a_release_has_these_files(built: Path, root: Path) -> None:
    """A release is the data, its descriptor, its sources, texts for people and checksums."""
    names = [resource.name for resource in described(root).resources]
    data = {f"data/{name}.{suffix}" for name in names for suffix in ("csv", "parquet")}
    inputs = {f"seeds/{path.relative_to(root / 'seeds')}" for path in root.glob("seeds/**/*.md")}
    inputs |= {f"codelists/{path.name}" for path in root.glob("codelists/*.csv")}
    source = {f"source/{path}" for path in inputs | {"datapackage.yaml", "LICENSE"}}
    texts = {"README.md", "LICENSE", "SHA256SUMS", "datapackage.json", "summary.json"}
    texts |= {"CHANGELOG.md", "changes.json", "changes.csv"}
    texts |= {"index.html", "croissant.json", "CITATION.cff"}
    assert set(tree(built)) == data | source | texts | BESIDE


def test_the_store_holds_the_release_and_nothing_else(built: Path) -> None:
    """No folder of a build in the making is left; beside the release are the index and a file for Git."""
    names = sorted(path.name for path in built.parent.iterdir())
    assert names == [".gitattributes", "0.1.0", "index.html", "latest.json", "versions.json"]


def test_checksums_cover_every_file_and_are_right(built: Path) -> None:
    """SHA256SUMS, read as sha256sum reads it, covers all files but itself and those beside."""
    lines = (built / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    files = tree(built)
    assert set(sums) == set(files) - BESIDE - {"SHA256SUMS"}
    assert sums == {path: sha256(files[path]) for path in sums}
    assert list(sums) == sorted(sums)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_sha256sum_accepts_the_release(built: Path) -> None:
    """The tool that users have says OK for every file."""
    run = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=built, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout
    assert all(line.endswith(": OK") for line in run.stdout.splitlines())


def test_records_travel_byte_for_byte(built: Path, root: Path) -> None:
    """source/ holds the records, the codelists and the descriptor as they are."""
    for path, data in tree(built / "source").items():
        assert data == (root / path).read_bytes(), path


def test_the_readme_counts_the_rows(built: Path, seeds: pipeline.Outcome) -> None:
    """The release's README names every table with its rows and key."""
    text = (built / "README.md").read_text("utf-8")
    for resource in seeds.content.descriptor.resources:
        rows = seeds.content.tables[resource.name].num_rows
        key = ", ".join(resource.primary_key)
        assert f"| [{resource.name}](data/{resource.name}.csv) | {rows} | {key} |" in text


@pytest.mark.parametrize("name", ["", "doubts"])
def test_the_readme_names_only_what_the_release_has(tmp_path: Path, name: str) -> None:
    """The table of findings by its name, where there is one, and LICENSE where there is one."""
    fields = ", ".join(f"{{name: {each}}}" for each in NAMES if each not in ("line", "column"))
    findings = f"""\
  - name: {name}
    rows: $findings
    schema:
      primaryKey: [rule, path, line, column, field]
      fields: [{fields}, {{name: line, type: integer}}, {{name: column, type: integer}}]
"""
    path = tmp_path / "datapackage.yaml"
    path.write_text(SMALL + (findings if name else ""), "utf-8")
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\n", "utf-8")
    if name:
        (tmp_path / "LICENSE").write_text("Free.\n", "utf-8")
    made = pipeline.build(load.load(path), tmp_path / "dist")
    assert made.path is not None
    text = (made.path / "README.md").read_text("utf-8")
    assert re.findall("The table `(.*?)` says", text) == ([name] if name else [])
    assert ("`LICENSE`" in text) == bool(name)


@pytest.mark.parametrize(
    ("licence", "line"),
    [
        ("{name: CC0-1.0}", "- CC0-1.0"),
        ("{name: CC0-1.0, title: Free}", "- Free"),
        ("{name: CC0-1.0, path: FREE.txt}", "- CC0-1.0: FREE.txt"),
        ("{title: Free, path: FREE.txt}", "- Free: FREE.txt"),
        ("{path: FREE.txt}", "- FREE.txt"),
    ],
)
def test_the_readme_has_a_licence_by_what_it_is_called(
    tmp_path: Path, licence: str, line: str
) -> None:
    """A licence has a title, a name, a path, or several of these; one of them is enough."""
    path = tmp_path / "datapackage.yaml"
    path.write_text(SMALL.replace("{name: CC0-1.0}", licence), "utf-8")
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\n", "utf-8")
    made = pipeline.build(load.load(path), tmp_path / "dist")
    assert made.path is not None
    _, _, text = (made.path / "README.md").read_text("utf-8").partition("## Licence\n\n")
    assert text == f"{line}\n"


def test_no_path_of_this_machine_is_in_a_release(built: Path, root: Path) -> None:
    """The folder that a release was built in, and who built it, is in none of its files."""
    for name, data in tree(built).items():
        assert str(root).encode() not in data, name
        assert str(built.parent).encode() not in data, name


# the descriptor


def test_the_descriptor_is_valid_by_the_standard(built: Path) -> None:
    """datapackage.json and all its parts validate against the profiles of Data Package v2."""
    profiles = Path(__file__).parents[2] / "src/release/verify/profiles/2.0"

    def validate(value: Any, profile: str) -> None:
        schema = json.loads((profiles / f"{profile}.json").read_text("utf-8"))
        errors = jsonschema.Draft7Validator(schema).iter_errors(value)
        assert [error.message for error in errors] == []

    package = package_of(built)
    validate(package, "datapackage")
    for resource in package["resources"]:
        validate(resource, "dataresource")
        validate(resource["schema"], "tableschema")
        if "dialect" in resource:
            validate(resource["dialect"], "tabledialect")


def test_a_broken_descriptor_is_not_valid(built: Path) -> None:
    """The profiles, as used here, do refuse a descriptor that breaks them."""
    path = Path(__file__).parents[2] / "src/release/verify/profiles/2.0" / "datapackage.json"
    validator = jsonschema.Draft7Validator(json.loads(path.read_text("utf-8")))
    for broken in [{"resources": []}, {"resources": [{"name": "x"}]}]:
        assert not validator.is_valid(broken)
    assert not validator.is_valid({**package_of(built), "created": 2026})


def test_bytes_and_hashes_are_those_of_the_files(built: Path) -> None:
    """Each resource says how long its file is and what its hash is."""
    for resource in package_of(built)["resources"]:
        data = (built / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{sha256(data)}"


def test_csv_is_a_table_and_parquet_a_file_with_the_same_schema(built: Path) -> None:
    """Each table is two resources; the Parquet one says what it is and repeats the schema."""
    tables = {resource["name"]: resource for resource in resources_of(built, "csv")}
    for other in resources_of(built, "apache-parquet"):
        table = tables.pop(other["name"].removesuffix("-parquet"))
        assert table["type"] == "table"
        assert "type" not in other
        assert other["schema"] == table["schema"]
        assert other["mediatype"] == "application/vnd.apache.parquet"
        assert table["encoding"] == "utf-8"
        assert table["dialect"]["delimiter"] == ","
    assert tables == {}


def test_properties_of_ours_are_not_published(built: Path) -> None:
    """datapackage.json holds the standard's properties only."""
    package = package_of(built)
    ours = {"rows", "from", "codes", "locate", "compare", "checks", "codelist", "records"}
    ours.add("severity")
    assert not ours & set(package)
    for resource in package["resources"]:
        assert not ours & set(resource)
        assert not ours & {key for field in resource["schema"]["fields"] for key in field}


def test_a_field_of_codes_has_a_foreign_key_to_its_codelist(built: Path, root: Path) -> None:
    """Whoever reads the package alone can check codes against their list."""
    tables = {resource["name"]: resource for resource in resources_of(built, "csv")}
    coded = [(r.name, f.name, f.codes) for r in described(root).resources for f in r.fields]
    assert any(codes for _, _, codes in coded)
    for name, field, codes in coded:
        if codes is not None:
            key = {"fields": [field], "reference": {"resource": codes, "fields": ["code"]}}
            assert key in tables[name]["schema"]["foreignKeys"]


# the referee


def test_the_referee_accepts_the_release(built: Path) -> None:
    """frictionless finds nothing wrong in any resource."""
    report = frictionless.Package(str(built / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "message"])
    assert report.stats["tasks"] == len(package_of(built)["resources"])


@pytest.mark.parametrize("path", ["data/scores.csv", "data/scores.parquet"])
def test_the_referee_refuses_a_flipped_byte(built: Path, tmp_path: Path, path: str) -> None:
    """One byte changed in one file is noticed, in CSV as in Parquet."""
    folder = Path(shutil.copytree(built, tmp_path / "copy"))
    data = bytearray((folder / path).read_bytes())
    at = data.index(b"strategic" if path.endswith("csv") else b"PAR1") + 3
    data[at] ^= 1
    (folder / path).write_bytes(bytes(data))
    report = frictionless.Package(str(folder / "datapackage.json")).validate()
    assert not report.valid
    found = {(task.place, error.type) for task in report.tasks for error in task.errors}
    assert (path, "hash-count") in found


# CSV


def test_csv_is_plain(built: Path) -> None:
    """CSV is UTF-8 without a byte-order mark, with LF, ending in LF."""
    for resource in resources_of(built, "csv"):
        data = (built / resource["path"]).read_bytes()
        data.decode("utf-8")
        assert not data.startswith(b"\xef\xbb\xbf")
        assert b"\r\n" not in data
        assert data.endswith(b"\n")


def test_csv_is_read_by_a_strict_reader_of_rfc_4180(built: Path, seeds: pipeline.Outcome) -> None:
    """Python's csv in strict mode reads the header and values of every table."""
    for resource in resources_of(built, "csv"):
        text = (built / resource["path"]).read_bytes().decode("utf-8")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        table = seeds.content.tables[resource["name"]]
        assert header == table.column_names
        expected = [
            ["" if v is None else str(v) for v in row.values()] for row in table.to_pylist()
        ]
        assert rows == expected, resource["name"]


def test_missing_is_nothing_and_text_is_quoted(built: Path) -> None:
    """A missing value is nothing between commas; text stands in quotes, numbers and dates not."""
    policy = (built / "data/policies.csv").read_text("utf-8").splitlines()[1]
    assert policy.startswith(
        '"cn-miit-industrial-plan-2022","CN",,2022,2022-08-01,"active","strategic",'
    )


def test_rows_are_in_the_order_of_the_key(built: Path) -> None:
    """Rows are sorted by primary key, by code point, and no key stands twice."""
    for resource in resources_of(built, "csv"):
        table = pq.read_table(built / resource["path"].replace(".csv", ".parquet"))
        keys = [
            tuple(row.values())
            for row in table.select(resource["schema"]["primaryKey"]).to_pylist()
        ]
        assert keys == sorted(keys), resource["name"]
        assert len(set(keys)) == len(keys), resource["name"]


# Parquet


def test_parquet_read_back_is_the_csv_byte_for_byte(built: Path) -> None:
    """Parquet holds the same values: read and written as CSV it gives the same bytes."""
    for resource in resources_of(built, "csv"):
        path = built / resource["path"]
        table = parquet_format.read(path.with_suffix(".parquet"))
        assert csv_format.to_bytes(table) == path.read_bytes(), resource["name"]


def test_csv_read_back_is_the_parquet(built: Path, root: Path) -> None:
    """CSV read by its schema gives the table of the Parquet file, types and nulls included."""
    for resource in described(root).resources:
        path = built / f"data/{resource.name}.csv"
        table, faults = csv_format.parse(path.read_bytes(), resource, path)
        assert faults == []
        assert table == parquet_format.read(built / f"data/{resource.name}.parquet")


def test_parquet_has_the_types_of_the_schema(built: Path, root: Path) -> None:
    """Physical and logical types follow from the field types; no lists, no nesting."""
    for resource in described(root).resources:
        schema = pq.ParquetFile(built / f"data/{resource.name}.parquet").schema
        found = []
        for at in range(len(schema.names)):
            column = schema.column(at)
            found.append((column.name, column.physical_type, column.logical_type.type.capitalize()))
            assert column.max_repetition_level == 0
            assert column.max_definition_level <= 1
        expected = [(field.name, *PHYSICAL[field.type]) for field in resource.fields]
        assert found == expected, resource.name


def test_parquet_is_zstd_and_sorted(built: Path, root: Path) -> None:
    """Every column is compressed with zstd; the row groups say by which columns they are sorted."""
    for resource in described(root).resources:
        file = pq.ParquetFile(built / f"data/{resource.name}.parquet")
        order = [resource.field_names.index(name) for name in resource.primary_key]
        for at in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(at)
            columns = [group.column(number) for number in range(group.num_columns)]
            assert {column.compression for column in columns} == {"ZSTD"}
            assert [sorting.column_index for sorting in group.sorting_columns] == order
            assert not any(sorting.descending for sorting in group.sorting_columns)


def test_parquet_names_no_library_but_that_which_wrote_it(built: Path) -> None:
    """It has no schema of Arrow; what it says for pandas names no version, so bytes do not depend on one."""
    for path in built.glob("data/*.parquet"):
        metadata = pq.ParquetFile(path).metadata.metadata or {}
        assert b"ARROW:schema" not in metadata
        said = json.loads(metadata[b"pandas"])
        assert set(said) == {"index_columns", "column_indexes", "columns"}
        assert said["index_columns"] == said["column_indexes"] == []


def test_pandas_reads_the_types_of_the_schema(built: Path, root: Path) -> None:
    """Integers and booleans in types that can lack a value, the same whether one is missing or not."""
    dtypes = {"integer": "Int64", "year": "Int64", "boolean": "boolean", "number": "float64"}
    for resource in described(root).resources:
        table = pd.read_parquet(built / f"data/{resource.name}.parquet")
        for field in resource.fields:
            found = str(table[field.name].dtype)
            assert found == dtypes.get(field.type, "object" if field.type == "date" else "str")


def test_parquet_describes_its_columns(built: Path, root: Path) -> None:
    """A Parquet file alone says what its columns mean."""
    for resource in described(root).resources:
        file = pq.ParquetFile(built / f"data/{resource.name}.parquet")
        held = [*(file.metadata.metadata or {}).values()]
        for item in file.schema_arrow:
            held += (item.metadata or {}).values()
        text = json.dumps([value.decode("utf-8") for value in held], ensure_ascii=False)
        for field in resource.fields:
            assert field.description in text.replace("\\", ""), (resource.name, field.name)


def test_other_readers_read_the_parquet(built: Path) -> None:
    """DuckDB and Polars read the same scores as pyarrow does."""
    import duckdb
    import polars

    path = str(built / "data/scores.parquet")
    expected = [row["score"] for row in pq.read_table(path).to_pylist()]
    assert polars.read_parquet(path)["score"].to_list() == expected
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute("SELECT score FROM read_parquet(?)", [path]).fetchall()
    assert [score for (score,) in rows] == expected


# the zip


def test_the_zip_is_stored_sorted_and_dated(built: Path) -> None:
    """Members are stored, in order, with one mode and the time of `created`."""
    with zipfile.ZipFile(built / ZIP) as archive:
        members = archive.infolist()
        assert archive.testzip() is None
    names = [member.filename for member in members]
    assert names == sorted(names)
    assert "datapackage.json" in names
    for member in members:
        assert member.compress_type == zipfile.ZIP_STORED
        assert member.date_time == (2026, 11, 22, 0, 0, 0)
        assert member.external_attr >> 16 == 0o100644
        assert (member.create_system, member.extra, member.comment) == (3, b"", b"")


def test_the_zip_holds_the_loose_files(built: Path) -> None:
    """Members are the files of the folder, all but those that stand beside it."""
    loose = {path: data for path, data in tree(built).items() if path not in BESIDE}
    with zipfile.ZipFile(built / ZIP) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == loose


def test_an_unpacked_zip_is_accepted(built: Path, tmp_path: Path) -> None:
    """What comes out of the archive is a package that the referee accepts."""
    with zipfile.ZipFile(built / ZIP) as archive:
        archive.extractall(tmp_path)
    assert frictionless.Package(str(tmp_path / "datapackage.json")).validate().valid


def test_buildinfo_names_what_the_release_was_made_with(built: Path) -> None:
    """buildinfo.json has the archive's hash, the versions of the libraries, and every input."""
    info = json.loads((built / "buildinfo.json").read_text("utf-8"))
    archive = (built / ZIP).read_bytes()
    assert info["archive"] == {
        "path": ZIP,
        "bytes": len(archive),
        "hash": f"sha256:{sha256(archive)}",
    }
    assert info["toolchain"]["pyarrow"] == pa.__version__
    assert info["toolchain"]["python"] == ".".join(map(str, sys.version_info[:3]))
    source = tree(built / "source")
    inputs = {path.removeprefix("source/"): digest for path, digest in info["inputs"].items()}
    assert inputs == {path: f"sha256:{sha256(data)}" for path, data in source.items()}


# again


def dataset(root: Path, folder: Path, *, backwards: bool = False) -> Path:
    """A copy of the dataset, its files created one by one in some order; its descriptor."""
    paths = [root / "datapackage.yaml", root / "LICENSE"]
    paths += [*root.glob("codelists/*.csv"), *root.glob("seeds/**/*.md")]
    for path in sorted(paths, reverse=backwards):
        target = folder / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder / "datapackage.yaml"


def identity(folder: Path) -> dict[str, str]:
    """The digest of every file but those that say how and where it was built."""
    files = tree(folder)
    noted = BESIDE - {ZIP}
    return {path: sha256(data) for path, data in files.items() if path not in noted}


def test_building_again_gives_the_same_bytes(built: Path, root: Path, tmp_path: Path) -> None:
    """Two builds in one process do not differ in a byte."""
    made = pipeline.build(described(root), tmp_path / "dist")
    assert made.path is not None
    assert identity(made.path) == identity(built)


def test_the_order_of_files_changes_no_byte(built: Path, root: Path, tmp_path: Path) -> None:
    """Records that were created in another order, in another folder, give the same bytes."""
    path = dataset(root, tmp_path / "deep/er/folder", backwards=True)
    made = pipeline.build(load.load(path), tmp_path / "dist")
    assert made.path is not None
    assert identity(made.path) == identity(built)


def test_a_release_rebuilds_itself_from_its_sources(built: Path, tmp_path: Path) -> None:
    """source/ of a release is all that is needed to build the same release again."""
    source = Path(shutil.copytree(built / "source", tmp_path / "source"))
    made = pipeline.build(load.load(source / "datapackage.yaml"), tmp_path / "dist")
    assert made.path is not None
    assert identity(made.path) == identity(built)


def test_records_from_elsewhere_travel_in_their_own_place(
    built: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--records changes where records are read, not a byte of the release; what is read elsewhere is said."""
    shutil.copytree(root / "seeds/policies", tmp_path / "a b/ü")
    arguments = ["build", "--descriptor", str(root / "datapackage.yaml"), "--out"]
    records = f"policies={tmp_path}/a b/ü/{{language}}/{{policy_id}}.md"
    assert cli.main([*arguments, str(tmp_path / "dist"), "--records", records]) == 0
    _, err = capsys.readouterr()
    assert err == (
        "documents are read from seeds/documents/{document_id}.md, as in the descriptor; "
        "`--records documents=PATTERN` reads others\n"
    )
    assert identity(tmp_path / "dist/0.1.0") == identity(built)


# a version


def change(path: Path, old: str, new: str) -> None:
    """Replace one text in a file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_building_the_same_version_again_does_nothing(root: Path, tmp_path: Path) -> None:
    """A version that is there with the same content is left as it is, and the build succeeds."""
    path = dataset(root, tmp_path)
    first = pipeline.build(load.load(path), tmp_path / "dist")
    assert first.path is not None
    times = {p: p.stat().st_mtime_ns for p in first.path.rglob("*")}
    second = pipeline.build(load.load(path), tmp_path / "dist")
    assert (first.is_new, second.is_new) == (True, False)
    assert {p: p.stat().st_mtime_ns for p in first.path.rglob("*")} == times


def test_a_version_with_other_content_is_refused(root: Path, tmp_path: Path) -> None:
    """A version is written once: other content under its number leaves the store as it was."""
    path = dataset(root, tmp_path)
    pipeline.build(load.load(path), tmp_path / "dist")
    before = tree(tmp_path / "dist")
    change(tmp_path / "seeds/policies/en/cn-miit-industrial-plan-2022.md", "score: 90", "score: 91")
    with pytest.raises(RefusedError) as refused:
        pipeline.build(load.load(path), tmp_path / "dist")
    message = str(refused.value)
    assert message.startswith(
        f"{tmp_path / 'dist/0.1.0'} is there with other content (SHA256SUMS, "
    )
    assert message.endswith(
        "a final version is written once: give this one a new version in datapackage.yaml: 0.1.1, "
        "for scores: values of 1 row changed"
    )
    assert tree(tmp_path / "dist") == before


def test_a_draft_may_be_rebuilt(root: Path, tmp_path: Path) -> None:
    """A version with a pre-release part is replaced by the next build of it."""
    path = dataset(root, tmp_path)
    change(path, "version: 0.1.0", "version: 0.1.0-dev")
    pipeline.build(load.load(path), tmp_path / "dist")
    change(tmp_path / "seeds/policies/en/cn-miit-industrial-plan-2022.md", "score: 90", "score: 91")
    made = pipeline.build(load.load(path), tmp_path / "dist")
    assert made.path == tmp_path / "dist/0.1.0-dev"
    assert made.is_new
    scores = pq.read_table(made.path / "data/scores.parquet").to_pylist()
    assert 91 in [row["score"] for row in scores]
    names = sorted(p.name for p in (tmp_path / "dist").iterdir())
    assert names == [".gitattributes", "0.1.0-dev", "index.html", "versions.json"]


def test_a_severity_from_the_command_line_is_rebuilt_too(root: Path, tmp_path: Path) -> None:
    """What --severity changed travels in source/, so that the release can be built again."""
    path = dataset(root, tmp_path)
    change(
        tmp_path / "seeds/policies/en/cn-miit-industrial-plan-2022.md",
        "scope: National",
        "scope: National\nextra: 1",
    )
    lowered = load.with_severities(load.load(path), {"unmapped-path": "warning"})
    first = pipeline.build(lowered, tmp_path / "one")
    assert first.path is not None
    again = pipeline.build(load.load(first.path / "source/datapackage.yaml"), tmp_path / "two")
    assert again.path is not None
    assert identity(again.path) == identity(first.path)

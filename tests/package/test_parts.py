"""A table of many rows stands in several Parquet files: as they are written, described, read and verified."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import frictionless
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import release as releases
from release import cli
from release.build import pipeline
from release.descriptor import load
from release.diff import comparison
from release.diff import release as diff_release
from release.findings.errors import RefusedError
from release.package import datapackage
from release.package.manifest.model import Manifest
from release.package.write import files
from release.system.limits import Limits
from release.tables import csv, parquet
from release.verify import verification
from tests.support import readers, tampering
from tests.support.tampering import as_printed, package_of, refit, write_package

PARTS = [f"data/notes/part-0000{number}.parquet" for number in (1, 2, 3)]


#: A build, and so a rebuild, cuts a table after two rows.
SMALL_PARTS = Limits(part_rows=2)


def _built(folder: Path, **options: Any) -> Path:
    """The small release with parts of two rows: six notes and six links, each in three parts."""
    path = tampering.dataset(folder / "records")
    how = pipeline.Options(limits=SMALL_PARTS, **options)
    made = pipeline.build(load.load(path), folder / "dist", how)
    assert made.path is not None, [str(finding) for finding in made.outcome.findings]
    return made.path


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small release in parts."""
    return _built(tmp_path_factory.mktemp("parted"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same release as it is: small."""
    return tampering.built(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def release(parted: Path, tmp_path: Path) -> Path:
    """A copy of the release in parts, in no store."""
    return tampering.alone(parted, tmp_path / "release")


def _resource(folder: Path, name: str = "notes-parquet") -> dict[str, Any]:
    return next(each for each in package_of(folder)["resources"] if each["name"] == name)


def _faults(place: Path, **options: Any) -> dict[str, list[str]]:
    """What each step that failed found."""
    (report,) = verification.verify(str(place), verification.VerifyOptions(**options)).releases
    failed = [step for step in report.steps if step.status == "failed"]
    return {step.name: as_printed(step.findings) for step in failed}


# how it is written


def test_a_table_is_cut_by_its_number_of_rows(tmp_path: Path) -> None:
    """One file up to so many rows; above, parts of as many, the last with the rest."""
    options = pipeline.Options(limits=Limits(part_rows=4))
    assert [parquet.count_parts(rows, 4) for rows in (0, 1, 4, 5, 8, 9)] == [1, 1, 1, 2, 2, 3]
    of = load.load(tampering.dataset(tmp_path / "records"))
    made = pipeline.build(of, tmp_path / "dist", options)
    assert made.path is not None
    found = [path for path in files(made.path, "source") if path.endswith(".parquet")]
    rows = {path: pq.read_metadata(made.path / path).num_rows for path in found}
    assert rows == {
        "data/colours.parquet": 2,
        "data/links/part-00001.parquet": 4,
        "data/links/part-00002.parquet": 2,
        "data/notes/part-00001.parquet": 4,
        "data/notes/part-00002.parquet": 2,
    }


def test_row_groups_are_the_same_in_parts() -> None:
    """A part ends where a row group ends, whatever the size of row groups."""
    sizes = {parquet.rows_per_group(1 << 30, 1 << shift) for shift in range(20, 60)}
    assert max(sizes) > min(sizes)
    assert all(Limits().part_rows % size == 0 for size in sizes)


def test_parts_hold_the_rows_of_the_one_file_in_its_order(parted: Path, whole: Path) -> None:
    """Nothing but where the rows stand is another; the CSV is the same file."""
    for name in ("notes", "links"):
        parts = [
            pq.read_table(parted / path) for path in _resource(parted, f"{name}-parquet")["path"]
        ]
        one = pq.read_table(whole / f"data/{name}.parquet")
        assert [part.num_rows for part in parts] == [2, 2, 2]
        assert pa.concat_tables(parts) == one
        assert (parted / f"data/{name}.csv").read_bytes() == (
            whole / f"data/{name}.csv"
        ).read_bytes()
    assert (parted / "data/colours.parquet").read_bytes() == (
        whole / "data/colours.parquet"
    ).read_bytes()


def test_every_part_says_what_it_holds_and_how_it_is_sorted(parted: Path, whole: Path) -> None:
    """Description, fields, sorting columns, types and compression are those of the one file."""
    one = pq.read_metadata(whole / "data/notes.parquet")
    assert one.metadata
    for path in PARTS:
        part = pq.read_metadata(parted / path)
        assert part.metadata == one.metadata
        assert part.schema.equals(one.schema)
        assert part.row_group(0).sorting_columns == one.row_group(0).sorting_columns != ()
        assert part.row_group(0).column(0).compression == "ZSTD"


def test_parts_are_written_while_rows_come_in(tmp_path: Path, whole: Path) -> None:
    """A part is whole before the rows behind the next one are asked for: no table is held."""
    resource = load.load(whole / "source/datapackage.yaml").resource("notes")
    table = parquet.read(whole / "data/notes.parquet")
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    there: list[list[int]] = []

    def batches() -> Iterator[pa.Table]:
        for row in range(table.num_rows):
            there.append([at for at, path in enumerate(paths) if path.exists()])
            yield table.slice(row, 1)

    parquet.write_parts(batches(), resource, paths, 1 << 17, 2)
    assert there == [[0], [0], [0, 1], [0, 1], [0, 1, 2], [0, 1, 2]]
    assert pa.concat_tables([parquet.read(path) for path in paths]) == table


def test_two_workers_give_the_same_bytes(parted: Path, tmp_path: Path) -> None:
    """Parts are cut by rows, not by who read them."""
    other = _built(tmp_path, workers=2)
    for path in files(parted):
        if path not in ("buildinfo.json", "provenance.intoto.json"):
            assert (other / path).read_bytes() == (parted / path).read_bytes(), path


# how it is described


def test_a_resource_lists_its_parts(parted: Path) -> None:
    """`path` is the list, `bytes` their sum, `hash` the digest of them one after the other."""
    resource = _resource(parted)
    data = b"".join((parted / path).read_bytes() for path in PARTS)
    assert resource["path"] == PARTS
    assert resource["bytes"] == len(data)
    assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert _resource(parted, "notes")["path"] == "data/notes.csv"
    assert _resource(parted, "colours-parquet")["path"] == "data/colours.parquet"


def test_frictionless_accepts_parts_and_sees_what_was_done_to_one(release: Path) -> None:
    """It holds bytes and hash against all parts together."""
    path = str(release / "datapackage.json")
    assert frictionless.Package(path).validate().valid
    tampering.flip(release / PARTS[1])
    report = frictionless.Package(path).validate()
    (task,) = [task for task in report.tasks if task.errors]
    assert task.name == "notes-parquet"
    assert [error.type for error in task.errors] == ["hash-count"]


def test_sums_list_each_part(parted: Path) -> None:
    """`sha256sum -c` checks every part."""
    lines = (parted / "SHA256SUMS").read_text().splitlines()
    for path in PARTS:
        assert f"{tampering.sha256(parted / path)}  {path}" in lines


def test_the_readme_loads_a_table_in_parts(parted: Path, whole: Path) -> None:
    """Each line that it gives is run, and gives the rows of the one file."""
    text = (parted / "README.md").read_text()
    assert "A table of more than 2 rows stands in `data/<table>/`" in text
    assert "here notes, links." in text
    assert "in parts" not in (whole / "README.md").read_text()
    assert "part-" not in (whole / "README.md").read_text()
    assert "one table again, as above.\n" in text
    codes = readers.printed(text)
    for tool in ("pandas", "Polars", "DuckDB"):
        (found,) = readers.load(tool, [(parted, codes["Parquet", tool])], parted)
        assert not isinstance(found, str), found
        assert [each and each[1] for each in found["note"]] == [f"n{at}" for at in range(1, 7)]


def test_the_readme_loads_a_later_table_in_parts(tmp_path: Path) -> None:
    """Where the first one is a file, how a folder is loaded is shown beside it."""
    path = tampering.dataset(tmp_path / "records")
    tampering.change(path.parent / "notes/n1.md", "links: [n2]", "links: [n2, n3]")
    options = pipeline.Options(limits=Limits(part_rows=6))
    made = pipeline.build(load.load(path), tmp_path / "dist", options)
    assert made.path is not None, [str(finding) for finding in made.outcome.findings]
    text = (made.path / "README.md").read_text()
    assert "here links. Name the folder, or all files in it, and it is one table again:\n" in text
    assert '    table = pd.read_parquet("data/notes.parquet")\n' in text
    assert '    table = pd.read_parquet("data/links/")\n' in text


# who reads it


@pytest.mark.parametrize("table", ["notes", "links", "colours"])
def test_load_gives_the_same_frame(parted: Path, whole: Path, table: str) -> None:
    """From a folder and from a zip, in parts or not: the same rows, types and index."""
    expected = releases.load(whole, table)
    for place in (parted, parted / tampering.ZIP):
        pd.testing.assert_frame_equal(releases.load(place, table), expected)


def test_a_part_without_a_value_in_a_column_does_not_change_its_type(
    parted: Path, tmp_path: Path
) -> None:
    """Missing values are pd.NA or None as in one file, whatever part they stand in."""
    folder = tampering.alone(parted, tmp_path / "parted")
    declared = load.load(folder / "source/datapackage.yaml").resource("notes")
    table = pq.read_table(folder / PARTS[1])
    columns = [table["note"], *(pa.nulls(2, field.type) for field in list(table.schema)[1:])]
    parquet.write([pa.table(columns, schema=table.schema)], declared, folder / PARTS[1], 1 << 17)
    one = tampering.alone(folder, tmp_path / "one")
    together = pa.concat_tables([parquet.read(one / path) for path in PARTS])
    parquet.write([together], declared, one / "data/notes.parquet", 1 << 17)
    value = package_of(one)
    next(each for each in value["resources"] if each["name"] == "notes-parquet")["path"] = (
        "data/notes.parquet"
    )
    write_package(one, value)
    for each in (folder, one):
        refit(each)
    pd.testing.assert_frame_equal(releases.load(folder, "notes"), releases.load(one, "notes"))


def test_where_a_table_stands_is_no_difference(parted: Path, whole: Path) -> None:
    """A release in parts against the same one in one file each: the data is the same."""
    for old, new in ((parted, whole), (whole, parted)):
        with comparison.compare(old, new) as difference:
            assert (difference.level, difference.reasons()) == ("none", [])
            assert not difference.every_change
            assert not list(difference.lines())


def test_rows_in_parts_are_compared(parted: Path, whole: Path, tmp_path: Path) -> None:
    """A change is found between parts and one file, and between two releases in parts."""
    place = tmp_path / "changed"
    shutil.copytree(whole.parents[1] / "records", place / "records")
    tampering.change(place / "records/notes/n5.md", "year: 2005", "year: 2055")
    of = load.load(place / "records/datapackage.yaml")
    made = pipeline.build(of, place / "dist", pipeline.Options(limits=SMALL_PARTS))
    assert made.path is not None
    assert diff_release.read(made.path).tables["notes"].parquet == tuple(
        made.path / path for path in PARTS
    )
    for old in (parted, whole):
        with comparison.compare(old, made.path) as difference:
            lines = pa.concat_tables(difference.lines()).to_pylist()
        assert [
            (line["table"], line["key"], line["field"], line["old"], line["new"]) for line in lines
        ] == [("notes", '["n5"]', "year", "2005", "2055")]


def test_a_part_that_cannot_be_compared_is_named(release: Path, parted: Path) -> None:
    """Of the parts, the one that is damaged, missing, or has other columns."""
    path = release / PARTS[1]
    pq.write_table(pq.read_table(path).drop_columns(["text"]), path)
    with (
        pytest.raises(
            RefusedError, match=r"notes-parquet has more bytes than datapackage\.json says"
        ),
        comparison.compare(parted, release),
    ):
        pass
    refit(release)
    with pytest.raises(RefusedError) as refused, comparison.compare(parted, release):
        pass
    assert str(refused.value).splitlines()[0] == (
        f"{path}: has the columns note, title, year, weight, good, seen, colour, "
        "expected note, title, year, weight, good, seen, colour, text"
    )
    path.write_bytes(b"PAR1")
    refit(release)
    with (
        pytest.raises(RefusedError, match=r"part-00002\.parquet: cannot be read as Parquet: "),
        comparison.compare(parted, release),
    ):
        pass
    path.unlink()
    with (
        pytest.raises(
            RefusedError, match=r"part-00002\.parquet: is missing, expected a file of the release"
        ),
        comparison.compare(parted, release),
    ):
        pass


# how it is verified


def test_a_release_in_parts_verifies(parted: Path, release: Path) -> None:
    """Every step, in a store, alone, and as a zip; the rebuild makes the same parts."""
    options = verification.VerifyOptions(rebuild=True, limits=SMALL_PARTS)
    for place in (parted, release, parted / tampering.ZIP):
        (report,) = verification.verify(str(place), options).releases
        steps = {step.name: step for step in report.steps}
        assert report.verified, report
        assert steps["validity"].notes == ("frictionless judged all 14 rows",)
        assert "proven: Parquet, the archive and every other file too" in steps["rebuild"].notes


def test_making_all_digests_fit_is_no_fault_by_itself(release: Path) -> None:
    """What the tests below do besides what they test."""
    before = (release / "datapackage.json").read_bytes()
    refit(release)
    assert (release / "datapackage.json").read_bytes() == before
    assert _faults(release) == {}


def test_a_changed_part_is_told(release: Path) -> None:
    """By its own digest, and that of all parts."""
    tampering.flip(release / PARTS[1])
    found = _faults(release)
    assert set(found) == {"integrity"}
    assert [line.split(" ")[:4] for line in found["integrity"]] == [
        [f"{PARTS[1]}:", "error:", "file-changed:", "was"],
        ["notes-parquet:", "error:", "resource-hash:", "has"],
        [f"{tampering.ZIP}:", "error:", "archive-members:", f"'{PARTS[1]}'"],
    ]


def test_bytes_and_hash_of_all_parts_are_told(release: Path) -> None:
    """datapackage.json says something else of the parts than they are."""
    value = package_of(release)
    resource = next(each for each in value["resources"] if each["name"] == "notes-parquet")
    size, digest = resource["bytes"], resource["hash"]
    resource.update(bytes=7, hash="sha256:0")
    write_package(release, value)
    told = _faults(release)["integrity"]
    assert (
        f"notes-parquet: error: resource-bytes: has in 3 files {size} bytes, datapackage.json says 7"
        in told
    )
    assert (
        f"notes-parquet: error: resource-hash: has in 3 files the hash '{digest}', datapackage.json says "
        "'sha256:0'"
    ) in told


def test_a_missing_part_is_told(release: Path) -> None:
    """By the list of files and by the resource; its table is not read."""
    (release / PARTS[1]).unlink()
    found = _faults(release)
    assert set(found) == {"integrity"}
    assert found["integrity"][:2] == [
        f"{PARTS[1]}: error: file-missing: is missing, expected it as SHA256SUMS lists it",
        f"{PARTS[1]}: error: file-missing: is missing, expected the file of a resource in datapackage.json",
    ]


def test_a_part_too_many_is_told(release: Path) -> None:
    """It belongs to no resource, also where it is listed."""
    extra = PARTS[0].replace("00001", "00004")
    shutil.copyfile(release / PARTS[2], release / extra)
    refit(release)
    assert _faults(release) == {
        "integrity": [f"{extra}: error: file-extra: belongs to no resource of datapackage.json"]
    }


def test_a_part_left_out_everywhere_is_told(release: Path) -> None:
    """Every digest fits and no file is missing: the CSV goes on where the parts end."""
    (release / PARTS[2]).unlink()
    value = package_of(release)
    next(each for each in value["resources"] if each["name"] == "notes-parquet")["path"].pop()
    write_package(release, value)
    refit(release)
    assert _faults(release, referee="none") == {
        "validity": [
            f"data/links.csv: error: links-foreignKeys: row {row}: to '{to}' refers to nothing, "
            "expected a row of notes with that note"
            for row, to in ((4, "n5"), (5, "n6"))
        ],
        "equality": [
            (
                f"data/notes.csv:10:1: error: parquet-values: is not what {PARTS[1]} holds, written as "
                "CSV (byte 313)"
            )
        ],
    }


def test_swapped_parts_are_told(release: Path) -> None:
    """Two parts that have each other's name, by their digests; where these fit, by the CSV and the key."""
    one, other = release / PARTS[0], release / PARTS[1]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    lines = _faults(release)["integrity"]
    assert [line.split(":")[0] for line in lines[:3]] == [PARTS[0], PARTS[1], "notes-parquet"]
    refit(release)
    found = _faults(release, referee="none")
    assert found == {
        "validity": [
            "data/notes.csv: error: row-order: row 3 stands behind row 2, expected rows in the order of note"
        ],
        "equality": [
            (
                f"data/notes.csv:2:1: error: parquet-values: is not what {PARTS[0]} holds, written as CSV "
                "(byte 47)"
            )
        ],
    }


def test_parts_listed_in_another_order_are_told(release: Path) -> None:
    """The order of the list is that of the rows."""
    value = package_of(release)
    resource = next(each for each in value["resources"] if each["name"] == "notes-parquet")
    resource["path"] = [PARTS[0], PARTS[2], PARTS[1]]
    write_package(release, value)
    refit(release)
    found = _faults(release, referee="none")
    place = package_of(release)["resources"].index(_resource(release))
    assert found["validity"] == [
        f"datapackage.json:{96 + at}:9: error: manifest-source: resources.{place}.path.{at} is '{found}', "
        f"{datapackage.SOURCE} says '{wanted}'"
        for at, found, wanted in ((1, PARTS[2], PARTS[1]), (2, PARTS[1], PARTS[2]))
    ] + [
        "data/notes.csv: error: row-order: row 5 stands behind row 4, expected rows in the order of note",
    ]
    assert [line.split(" holds")[0] for line in found["equality"]] == [
        f"data/notes.csv:6:1: error: parquet-values: is not what {PARTS[2]}"
    ]


def test_a_changed_value_in_a_part_is_told_with_the_part(release: Path) -> None:
    """Where every digest fits, CSV and Parquet hold something else."""
    _rewrite(release, 1, tampering.with_value("year", 0, 1999))
    assert [line.split(", written")[0] for line in _faults(release)["equality"]] == [
        f"data/notes.csv:6:1: error: parquet-values: is not what {PARTS[1]} holds"
    ]


@pytest.mark.parametrize(
    ("cut", "told"),
    [
        ([1, 2, 3], [(1, 2), (2, 3)]),
        ([2, 1, 3], [(1, 1), (2, 3)]),
        ([2, 4, 0], [(1, 4), (2, 0)]),
        ([1, 1, 4], [(2, 4)]),
    ],
)
def test_parts_cut_elsewhere_are_told(
    release: Path, cut: list[int], told: list[tuple[int, int]]
) -> None:
    """Each but the last holds as many rows as the first; the last one is not empty and not larger."""
    table = pa.concat_tables([parquet.read(release / path) for path in PARTS])
    start = 0
    for at, rows in enumerate(cut):
        _rewrite(release, at, _always(table.slice(start, rows)))
        start += rows
    assert _faults(release) == {
        "equality": [
            f"{PARTS[at]}: error: parquet-parts: has {rows} rows, expected {cut[0]} as in {PARTS[0]}, "
            "and the rest in the last part"
            for at, rows in told
        ]
    }


def test_a_part_of_other_columns_or_of_none_is_named(release: Path) -> None:
    """The part, not the table."""
    path = release / PARTS[2]
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["text"]), path)
    refit(release)
    columns = "note, title, year, weight, good, seen, colour"
    assert _faults(release, referee="none")["equality"] == [
        f"{PARTS[2]}: error: parquet-schema: has the columns {columns}, expected {columns}, text"
    ]
    path.write_bytes(b"PAR1 and no more PAR1")
    refit(release)
    (line,) = _faults(release, referee="none")["equality"]
    assert line.startswith(f"{PARTS[2]}: error: parquet-unreadable: cannot be read as Parquet: ")


def test_a_rebuild_holds_each_part_against_what_source_makes(release: Path) -> None:
    """Values changed in CSV and Parquet alike, with every digest made to fit."""
    _rewrite(release, 1, tampering.with_value("year", 0, 1999), with_csv=True)
    found = _faults(release, rebuild=True, limits=SMALL_PARTS)
    assert set(found) == {"rebuild"}
    assert found["rebuild"][0].startswith("data/notes.csv:6:1: error: rebuild-differs: is ")
    assert any(
        line.startswith(f"{PARTS[1]}: error: rebuild-differs: is not what source/ makes")
        for line in found["rebuild"]
    )


def test_a_rebuild_that_cuts_elsewhere_says_so(release: Path) -> None:
    """One that makes one file of what stands here in parts: the descriptor is another."""
    found = _faults(release, rebuild=True)["rebuild"]
    place = package_of(release)["resources"].index(_resource(release))
    assert (
        f"datapackage.json: error: rebuild-differs: resources.{place}.path is a list of 3, source/ says "
        "'data/notes.parquet'"
    ) in found


def _always(table: pa.Table) -> Callable[[pa.Table], pa.Table]:
    return lambda _: table


def _rewrite(
    folder: Path, part: int, changed: Callable[[pa.Table], pa.Table], *, with_csv: bool = False
) -> None:
    """Change a part, and the CSV too; all digests fit afterwards."""
    declared = load.load(folder / "source/datapackage.yaml").resource("notes")
    path = folder / PARTS[part]
    parquet.write([changed(parquet.read(path))], declared, path, 1 << 17)
    if with_csv:
        table = pa.concat_tables([parquet.read(folder / path) for path in PARTS])
        (folder / "data/notes.csv").write_bytes(csv.to_bytes(table))
    refit(folder)


def test_the_sample_of_the_referee_is_read_across_parts(release: Path) -> None:
    """Rows are chosen by number, wherever they stand, and frictionless accepts them."""
    paths = [release / path for path in PARTS]
    table = pa.concat_tables([parquet.read(path) for path in paths])
    for rows in ([], [0], [1, 2], [0, 3, 4, 5], [5]):
        assert parquet.read_rows(paths, rows) == table.take(pa.array(rows, pa.int64()))
    options = verification.VerifyOptions(limits=Limits(judged_whole=10, judged_sample=6))
    (report,) = verification.verify(str(release), options).releases
    assert report.verified
    (note,) = report.steps[1].notes
    assert note.startswith("frictionless judged a sample of ")


@pytest.mark.parametrize(
    "path",
    [[], [3], [PARTS[0], None], [PARTS[0], "../notes.parquet"], [PARTS[0], PARTS[0]], {}, [[]]],
    ids=str,
)
def test_no_list_of_paths_ends_in_a_traceback(
    release: Path, parted: Path, path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no list of different files of the release is a fault, and a refusal where it is read."""
    value = package_of(release)
    resource = next(each for each in value["resources"] if each["name"] == "notes-parquet")
    resource["path"] = path
    write_package(release, value)
    found = _faults(release)
    assert "validity" in found
    assert any(line.startswith("datapackage.json:") for line in found["validity"])
    assert cli.main(["diff", str(parted), str(release)]) == 1
    assert ".path is " in capsys.readouterr().err


def test_a_list_is_followed_whole_or_not_at_all() -> None:
    """One path in it that cannot be followed, or that stands there twice, and none is."""

    def paths(path: object) -> tuple[str, ...]:
        resource = {"name": "x", "path": path, "format": "apache-parquet", "bytes": 1, "hash": "x"}
        manifest, _ = Manifest.of({"resources": [resource]})
        return manifest.resources[0].paths if manifest.resources else ()

    assert paths(PARTS) == tuple(PARTS)
    assert paths(PARTS[0]) == (PARTS[0],)
    for path in ([], None, [*PARTS, "/etc/passwd"], [*PARTS, 1], [*PARTS, PARTS[0]]):
        assert paths(path) == ()


def test_a_csv_in_parts_is_no_table_of_a_release(release: Path) -> None:
    """The canonical form is one file; a list is a fault by source/."""
    value = package_of(release)
    next(each for each in value["resources"] if each["name"] == "notes")["path"] = [
        "data/notes.csv",
        "data/links.csv",
    ]
    write_package(release, value)
    found = _faults(release)["validity"]
    assert any(
        ".path is a list of 2, source/datapackage.yaml says 'data/notes.csv'" in f for f in found
    )


def test_a_part_number_has_five_digits_and_the_list_is_in_its_order(parted: Path) -> None:
    """So that the order of names is the order of rows, for who reads a folder."""
    found = sorted(path.name for path in (parted / "data/notes").iterdir())
    assert [f"data/notes/{name}" for name in found] == PARTS == _resource(parted)["path"]

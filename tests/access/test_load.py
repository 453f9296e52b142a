"""`release.load` and `release.open`: the tables of a release for pandas, Polars, Arrow and DuckDB."""

from __future__ import annotations

import datetime
import json
import shutil
import sys
from pathlib import Path
from typing import Any, cast

import fsspec
import pandas as pd
import pyarrow as pa
import pytest

import release
from release.access.engines import Engine
from release.findings import FindingsError
from release.findings.errors import UsageError
from tests.support import diffs, hard_values, kit, odd_values
from tests.support.diffs import Made


def test_a_table_is_loaded_with_its_types(built: Path) -> None:
    """Integers stay integers, dates are dates, a missing value is pd.NA."""
    policies = release.load(built, "policies")
    assert policies.shape == (1, 11)
    row = policies.iloc[0]
    assert (row["country"], row["year"], row["status"]) == ("CN", 2022, "active")
    assert row["published"] == datetime.date(2022, 8, 1)
    assert row["region"] is pd.NA
    assert str(policies["year"].dtype) == "Int64"


def test_the_zip_gives_the_same_frames_as_the_folder(built: Path) -> None:
    """A release may be loaded without unpacking it."""
    (archive,) = built.glob("*.zip")
    pd.testing.assert_frame_equal(release.load(archive, "scores"), release.load(built, "scores"))


def test_an_unknown_table_is_refused_with_those_there_are(built: Path) -> None:
    """The message lists the tables."""
    with pytest.raises(UsageError, match=r"has no table 'score'; it has policies, texts, scores, "):
        release.load(built, "score")


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    """A folder without datapackage.json, a file that is no zip, and nothing at all."""
    file = tmp_path / "notes.txt"
    file.write_text("x")
    for place, message in (
        (tmp_path, f"{tmp_path}: has no datapackage.json, expected a release"),
        (file, f"{file}: is no zip, expected a release's folder or zip"),
        (
            tmp_path / "missing",
            f"{tmp_path}/missing: is neither a folder nor a zip, expected a release",
        ),
    ):
        with pytest.raises(UsageError) as refused:
            release.load(place, "scores")
        assert str(refused.value) == message


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("datapackage.json", b"{", ":1: not well-formed JSON: expecting property name"),
        ("datapackage.json", b"\xff", ":1: is not text in UTF-8, expected JSON"),
        ("datapackage.json", b"[]", ":1: is a list, expected a mapping"),
        ("datapackage.json", b'{"resources": [1]}', ":1: name is missing, expected text"),
        ("data/scores.parquet", b"PAR1", ": has 4 bytes, datapackage.json says "),
    ],
)
def test_a_damaged_release_is_refused(
    built: Path, tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    """The first line names the file, and what of it is wrong."""
    release_folder = tmp_path / "release"
    shutil.copytree(built, release_folder)
    (release_folder / name).write_bytes(data)
    with pytest.raises(FindingsError) as refused:
        release.load(release_folder, "scores")
    assert str(refused.value).startswith(f"{release_folder / name}{message}")


def test_a_table_with_other_bytes_of_the_same_number_is_refused(
    built: Path, tmp_path: Path
) -> None:
    """Its hash is another one than in the manifest."""
    release_folder = tmp_path / "release"
    shutil.copytree(built, release_folder)
    path = release_folder / "data/scores.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(FindingsError) as refused:
        release.load(release_folder, "scores")
    assert [each.rule for each in refused.value.findings] == ["resource-hash"]


def test_a_missing_date_is_none(tmp_path: Path) -> None:
    """Pandas has no dates that may be missing; those of a release are objects, and None."""
    made = Made([("id", "string"), ("day", "date")], ["id"], [{"id": "one"}])
    folder = diffs.released(tmp_path, {"days": made})
    assert release.load(folder, "days")["day"].tolist() == [None]


def test_pandas_is_asked_for_where_it_is_missing(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence, with what to do."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError) as told:
        release.load(built, "policies")
    expected = "release.load needs pandas, which is not installed: pip install pandas"
    assert str(told.value) == expected


@pytest.mark.parametrize("engine", ["polars", "arrow", "duckdb", "pandas"])
def test_each_engine_has_every_value(tmp_path: Path, engine: Engine) -> None:
    """A number beyond 2^53 beside a missing one, codes that look like others, and the first and last day."""
    fields = [("id", "string"), ("number", "integer"), ("day", "date")]
    rows: list[dict[str, Any]] = [
        {"id": "00123", "number": 9007199254740993, "day": datetime.date(1, 1, 1)},
        {"id": "NA", "number": 1234567890123456789, "day": datetime.date(9999, 12, 31)},
        {"id": "null"},
    ]
    folder = diffs.released(tmp_path, {"things": Made(fields, ["id"], rows)})
    found: Any = release.load(folder, "things", engine=engine)
    if engine == "pandas":
        values = [tuple(None if each is pd.NA else each for each in row) for row in found.values]
    elif engine == "polars":
        values = found.rows()
    elif engine == "arrow":
        values = [tuple(row.values()) for row in found.to_pylist()]
    else:
        values = found.fetchall()
    assert values == [
        ("00123", 9007199254740993, datetime.date(1, 1, 1)),
        ("NA", 1234567890123456789, datetime.date(9999, 12, 31)),
        ("null", None, None),
    ]


def test_all_tables_are_a_mapping_that_completes(built: Path) -> None:
    """By key and behind a dot; a table is loaded once, when it is asked for."""
    tables = release.load(built)
    assert list(tables)[:3] == ["policies", "texts", "scores"]
    assert tables._ipython_key_completions_() == list(tables)
    assert {"scores", "keys"} <= set(dir(tables))
    assert tables.scores is tables["scores"]
    assert "score" not in tables
    assert tables.get("score") is None


def test_labels_stand_behind_their_codes(built: Path) -> None:
    """In the language that is asked for; another one is refused with those there are."""
    scores = release.load(built, "scores", labels="zh")
    assert [*scores.columns[3:5]] == ["dimension", "dimension_label"]
    labels = dict(zip(scores["dimension"], scores["dimension_label"], strict=True))
    assert labels["statutory"] == "法规制度"
    with pytest.raises(UsageError) as told:
        release.load(built, "scores", labels="fr")
    expected = "labels is 'fr', in which no codelist has labels; there are "
    assert str(told.value).startswith(expected)


def test_tables_are_joined_along_their_keys(built: Path) -> None:
    """In any order but for the first, whose rows are kept; the columns of a key stand once."""
    opened = release.open(built, engine="arrow")
    scores = opened.tables["scores"]
    joined = opened.joined("scores", "policies", "texts")
    assert joined.column("dimension").equals(scores.column("dimension"))
    assert joined.column("country").to_pylist() == ["CN"] * scores.num_rows
    assert joined.column_names.count("policy_id") == 1
    assert "texts_policy_id" not in joined.column_names


def test_what_cannot_be_joined_is_said_in_words(built: Path) -> None:
    """The tables that stand between are named."""
    with pytest.raises(UsageError) as told:
        release.open(built).joined("scores", "policies")
    message = "no foreign key leads between policies and scores"
    assert str(told.value) == f"{message}; the way between them is through texts: name it too"


def test_an_opened_release_tells_of_itself(built: Path) -> None:
    """Its manifest, findings, citation and relations."""
    opened = release.open(built)
    assert (opened.manifest["name"], opened.version) == (opened.name, "0.1.0")
    assert opened.citation.endswith("Version 0.1.0.")
    assert "rule" in opened.findings
    assert str(opened.relations[0]) == "policies (country) → countries (code)"


def test_a_store_and_an_address_of_fsspec_are_loaded(built: Path) -> None:
    """The newest version, or the one that is asked for; from a folder, a store and a zip."""
    memory = fsspec.filesystem("memory")
    store = built.parent
    memory.put(str(store), "/release-load", recursive=True)
    expected = release.load(built, "scores")
    try:
        (archive,) = (path.name for path in built.glob("*.zip"))
        for place in ("", f"/{built.name}", f"/{built.name}/{archive}"):
            found = release.load(f"memory://release-load{place}", "scores")
            pd.testing.assert_frame_equal(found, expected)
    finally:
        memory.rm("/release-load", recursive=True)
    pd.testing.assert_frame_equal(release.load(store, "scores"), expected)
    with pytest.raises(UsageError) as told:
        release.load(store, "scores", version="9.9.9")
    assert str(told.value) == f"{store}: has no version '9.9.9'; it has 0.1.0"


def test_checksums_are_held_unless_switched_off(tmp_path: Path) -> None:
    """A file with other bytes is read if that is asked for."""
    made = Made([("id", "string")], ["id"], [{"id": "one"}])
    folder = diffs.released(tmp_path, {"things": made})
    other = diffs.released(
        tmp_path / "other", {"things": Made(made.fields, ["id"], [{"id": "two"}])}
    )
    shutil.copy(other / "data/things.parquet", folder / "data/things.parquet")
    with pytest.raises(FindingsError):
        release.load(folder, "things")
    assert release.load(folder, "things", checksums=False)["id"].tolist() == ["two"]


def test_an_unknown_engine_is_refused(built: Path) -> None:
    """With those there are."""
    with pytest.raises(UsageError) as told:
        release.load(built, "scores", engine=cast(Engine, "spark"))
    expected = "expected 'pandas', 'polars', 'arrow' or 'duckdb'"
    assert str(told.value) == f"engine is 'spark', {expected}"


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Releases of hard values, and of a column of every type under names that tools must quote."""
    root = tmp_path_factory.mktemp("hard")
    sources = (hard_values.write(root / "hard"), odd_values.write(root / "odd"))
    return [kit.build(each, root / f"{each.name}-dist") for each in sources]


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_no_engine_changes_a_value(hard: list[Path], engine: Engine) -> None:
    """Each table comes back from it with the rows that Arrow has of it, or is refused in words."""
    refused = []
    for place in hard:
        for name, table in release.load(place, engine="arrow").items():
            try:
                found: Any = release.load(place, name, engine=engine)
            except UsageError as error:
                refused.append(str(error))
                continue
            if engine == "pandas":
                found = pa.Table.from_pandas(found, table.schema, preserve_index=False)
            else:
                found = (found.to_arrow if engine == "polars" else found.to_arrow_table)()
            assert found.cast(table.schema).equals(table), name
    long = f"digits has decimals of 60 digits, and {engine} has at most 38; "
    expected = f"{long}expected engine='pandas' or engine='arrow'"
    assert refused == ([] if engine == "pandas" else [expected])


def test_two_ways_to_join_are_listed(tmp_path: Path) -> None:
    """And the one that is chosen is taken; a row without a partner is kept."""
    people = Made([("id", "string"), ("name", "string")], ["id"], [{"id": "a", "name": "Ann"}])
    letters = Made(
        [("id", "string"), ("sender", "string"), ("reader", "string")],
        ["id"],
        [{"id": "1", "sender": "a"}, {"id": "2", "sender": "b", "reader": "a"}],
    )
    folder = diffs.released(tmp_path, {"letters": letters, "people": people})
    path = folder / "datapackage.json"
    package = json.loads(path.read_bytes())
    keys = [
        {"fields": [field], "reference": {"resource": "people", "fields": ["id"]}}
        for field in ("sender", "reader")
    ]
    for each in package["resources"]:
        if each["name"] == "letters":
            each["schema"]["foreignKeys"] = keys
    path.write_text(json.dumps(package))
    opened = release.open(folder, engine="arrow")
    with pytest.raises(UsageError) as told:
        opened.joined("letters", "people")
    ways = "letters (sender) → people (id); letters (reader) → people (id)"
    choice = "choose the fields of one, such as on={'people': 'sender'}"
    assert str(told.value) == f"people can be joined in 2 ways: {ways}; {choice}"
    joined = opened.joined("letters", "people", on={"people": "reader"})
    assert joined.column("name").to_pylist() == [None, "Ann"]

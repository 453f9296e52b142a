"""A release with a field of every type: built, judged, proven and rebuilt, and compared with another."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from release.diff import comparison
from release.syntax.types.value_type import of
from release.tables import validate
from release.verify import verification
from tests.support import every_type, kit
from tests.support.tables import resource_of

TABLE = """\
id,updated,local,price,total,people,share,opens,closes,since,month,took,paid,day,seen,meta,tags,sizes,raw,\
place,shape,other,mail,site,uid,blob
"a",2024-03-09T23:30:00Z,2024-03-10T01:30:00.25,1.50,12345678901234567.89,12400,12.5,15:30:00,23:30:00Z,0476,\
"2026-01","P1DT12H",true,2026-01-31,2001-12-15T02:59:43.1Z,"{""a"":[""x"",{""y"":null}],""b"":1.5}",\
"[""a"",""b,c""]","[1,2,3]","[1,[""2.50"",null]]","12.5, 41.9",\
"{""coordinates"":[12.5,41.9,100],""type"":""Point""}","{""a"":1}","a.b@example.org","urn:isbn:0451450523",\
"123E4567-e89b-12d3-a456-426614174000","aGVsbG8="
"b",2024-03-09T23:30:00Z,,3.00,,,1.5,,,-0500,,,false,,,,"[""one"",""two""]",,,"-180, 0.5",,"true",,,,
"c",2024-03-09T23:30:00.5Z,,,,,,,,12026,,,true,,,,,,,,,,,,,
"""

#: Properties that say how values are read, which would be wrong of the values of a release.
READING = (
    "missingValues",
    "trueValues",
    "decimalChar",
    "groupChar",
    "bareNumber",
    "delimiter",
    "itemType",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset, and a store with its release."""
    root = every_type.write(tmp_path_factory.mktemp("every") / "type")
    kit.build(root, root / "dist")
    return root


def test_a_release_has_values_in_one_way(root: Path) -> None:
    """The canonical CSV, and a schema that says nothing of how the records were written."""
    folder = root / "dist/0.1.0"
    assert (folder / "data/things.csv").read_text() == TABLE
    schemas = [
        each["schema"]
        for each in json.loads((folder / "datapackage.json").read_text())["resources"]
    ]
    for schema in schemas:
        assert schema["missingValues"] == [""]
        for field in schema["fields"]:
            assert not set(READING) & field.keys()
            assert field["name"] in ("mail", "site", "uid", "blob") or "format" not in field
    types = {field["name"]: field["type"] for field in schemas[0]["fields"]}
    assert (types["tags"], types["sizes"], types["since"]) == ("array", "array", "year")
    forms = {field["name"]: field for field in schemas[0]["fields"]}
    assert forms["price"]["decimal"] == {"precision": 38, "scale": 2}
    assert forms["local"]["zone"] == "none"


def test_a_release_with_every_type_verifies(root: Path) -> None:
    """The referee agrees, though it knows no year -500; CSV and Parquet are equal; it can be rebuilt."""
    options = verification.VerifyOptions(rebuild=True, referee="full")
    (report,) = verification.verify(str(root / "dist/0.1.0"), options).releases
    steps = {step.name: step for step in report.steps}
    assert [f.message for step in report.steps for f in step.findings] == []
    names = ("integrity", "validity", "equality", "parquet", "rebuild")
    assert {steps[name].status for name in names} == {"passed"}


def test_equal_values_written_in_another_way_are_no_change(root: Path, tmp_path: Path) -> None:
    """An instant in another zone, a decimal with fewer digits, JSON in another order, a longer duration."""
    other = every_type.write(tmp_path / "other")
    note = other / "things/a.md"
    for old, new in (
        ("2024-03-10T01:30:00+02:00", "2024-03-09T18:30:00-05:00"),
        ("price: 1.50", "price: 1.5"),
        ("PT36H", "P1DT12H"),
        ('{b: 1.5, a: [x, {"y": null}]}', '{a: [x, {"y": null}], b: 1.5}'),
    ):
        kit.edit(note, old, new)
    kit.edit(other / "datapackage.yaml", "version: 0.1.0", "version: 0.1.1")
    kit.edit(other / "datapackage.yaml", "decimal: 2, from: price", "decimal: 4, from: price")
    folder = kit.build(other, tmp_path / "dist")
    with comparison.compare(root / "dist/0.1.0", folder) as difference:
        assert [
            (table.name, table.rows.changed) for table in difference.tables if table.rows.changed
        ] == []
        changes = [str(change) for change in difference.every_change if change.is_of_schema]
    assert changes == [
        "things.price: decimal is {'precision': 38, 'scale': 4}, was {'precision': 38, 'scale': 2}"
    ]


def test_text_that_is_no_value_of_its_type_is_found_in_a_release() -> None:
    """Of types that are text in Parquet, a release has only what it writes itself."""
    resource = resource_of({"place": of("geopoint"), "took": of("duration")})
    table = pa.table({"place": ["12.5, 41.9", "12.50,41.9", None], "took": ["P1D", "PT24H", "P"]})
    expected = "expected a duration such as P1Y2M or PT30M, as a release writes it"
    point = "expected a longitude and a latitude such as 12.5, 41.9, as a release writes it"
    assert [(each.row, each.message) for each in validate.check_texts(table, resource)] == [
        (1, f"place is '12.50,41.9', {point}"),
        (1, f"took is 'PT24H', {expected}"),
        (2, f"took is 'P', {expected}"),
    ]

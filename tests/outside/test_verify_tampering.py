"""What was done to a release is found: each way of changing one is named by the step and the file."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from release import cli
from release.findings import RELEASE_RULES, RULES, family, shown
from release.package import provenance
from release.verify import signature
from tests.support import tampering
from tests.support.tampering import (
    ALLOWED,
    ZIP,
    change,
    flip,
    package_of,
    refit,
    repack,
    retable,
    rezip,
    swapped,
    with_value,
    write_package,
)

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"
)

Faults = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Made:
    """A signed release in a folder of its own, and the keys: that of its curator, and another."""

    release: Path
    key: Path
    other: Path

    @property
    def allowed(self) -> list[str]:
        """The argument that names the curator's key."""
        return ["--allowed-signers", str(self.key.with_suffix(".allowed"))]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The release that is copied for each test."""
    folder = tmp_path_factory.mktemp("tampering")
    release = tampering.alone(tampering.built(folder), folder / "release")
    keys = Made(release, tampering.key(folder, "curator"), tampering.key(folder, "other"))
    signature.sign(release, keys.key)
    return keys


@pytest.fixture
def release(made: Made, tmp_path: Path) -> Path:
    """A copy of it."""
    return tampering.alone(made.release, tmp_path / "release")


@pytest.fixture
def unsigned(release: Path) -> Path:
    """A copy of it without its signature, as one who makes all digests fit would leave it."""
    (release / "SHA256SUMS.sig").unlink()
    return release


@pytest.fixture
def verified(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Faults]]:
    """Runs `release verify`: its exit code, and what each step that failed said of which file."""

    def run(place: Path, *arguments: str) -> tuple[int, Faults]:
        code = cli.main(["verify", str(place), "--no-referee", "--format", "json", *arguments])
        (report,) = json.loads(capsys.readouterr().out)["releases"]
        faults = {
            step["name"]: [(found["path"], found["message"]) for found in step["findings"]]
            for step in report["steps"]
            if step["status"] == "failed"
        }
        rules = {found["rule"] for step in report["steps"] for found in step["findings"]}
        assert {family(rule) for rule in rules} <= {*RULES, *RELEASE_RULES}
        assert (code == 1) == bool(faults)
        return code, faults

    return run


Verified = Callable[..., tuple[int, Faults]]


def test_a_release_as_it_was_made_verifies(made: Made, verified: Verified) -> None:
    """Nothing is found where nothing was done, in the folder and in the zip, with everything asked."""
    for place in (made.release, made.release / ZIP):
        assert verified(place, "--rebuild", *made.allowed) == (0, {})


def test_making_all_digests_fit_is_no_fault_by_itself(unsigned: Path, verified: Verified) -> None:
    """The tests below rest on this: what `refit` makes of a release that was not changed verifies."""
    refit(unsigned)
    assert verified(unsigned, "--rebuild") == (0, {})


# one bit in each kind of file; `refit` was not called: the digests tell

BITS = {
    "csv": "data/notes.csv",
    "parquet": "data/notes.parquet",
    "descriptor": "datapackage.json",
    "record": "source/notes/n3.md",
    "codelist": "source/codelists/colours.csv",
    "source-descriptor": "source/datapackage.yaml",
    "readme": "README.md",
    "licence": "LICENSE",
    "archive": ZIP,
    "buildinfo": "buildinfo.json",
}


@pytest.mark.parametrize("kind", BITS)
def test_one_bit_is_told_by_integrity(release: Path, verified: Verified, kind: str) -> None:
    """One bit of any kind of file fails integrity, which names the file."""
    flip(release / BITS[kind])
    code, faults = verified(release)
    assert code == 1
    assert BITS[kind] in {file for file, _ in faults["integrity"]}


def test_one_bit_of_the_checksums_is_told(release: Path, verified: Verified) -> None:
    """A digest in SHA256SUMS that is another names the file that it belongs to."""
    change(release / "SHA256SUMS", (release / "SHA256SUMS").read_text()[:8], "00000000")
    _, faults = verified(release)
    first = sums_of(release)[0]
    assert (first, "was changed") in {(f, m[:11]) for f, m in faults["integrity"]}


def test_one_bit_of_the_attestation_is_told(release: Path, verified: Verified) -> None:
    """The attestation is held against the files to the last byte."""
    change(release / "provenance.intoto.json", "Statement/v1", "Statement/v2")
    assert verified(release)[1] == {
        "integrity": [
            (
                "provenance.intoto.json",
                (
                    "_type is 'https://in-toto.io/Statement/v2', SHA256SUMS and buildinfo.json says "
                    "'https://in-toto.io/Statement/v1'"
                ),
            )
        ]
    }


def test_one_bit_of_the_signature_is_told(release: Path, verified: Verified) -> None:
    """A signature that was changed is none, whether its signer is asked for or not."""
    path = release / "SHA256SUMS.sig"
    data = path.read_bytes()
    flip(path, data.index(b"\n-----END") - 20, 2)
    assert [file for file, _ in verified(release)[1]["signature"]] == ["SHA256SUMS.sig"]


@pytest.mark.parametrize(
    "at", [10, 12, 38, -46, -2], ids=["time", "day", "mode", "entry", "comment"]
)
def test_what_a_zip_says_of_its_members_is_told(release: Path, verified: Verified, at: int) -> None:
    """Times, modes and what else stands between the members of a zip are not free either."""
    path = release / ZIP
    data = path.read_bytes()
    place = data.rindex(b"PK\x01\x02") + at if at > 12 else at
    flip(path, place if at >= 0 else len(data) + at)
    assert "integrity" in verified(release)[1]
    lone = release.parent / ZIP
    shutil.copy(path, lone)
    _, faults = verified(lone)
    assert {Path(file).name for file, _ in faults["integrity"]} == {ZIP}


# files


def test_a_removed_row_is_told(release: Path, verified: Verified) -> None:
    """A CSV with a row less is not the file that is listed."""
    path = release / "data/notes.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    _, faults = verified(release)
    assert "data/notes.csv" in {file for file, _ in faults["integrity"]}


def test_an_added_file_is_told(release: Path, verified: Verified) -> None:
    """A file that is not listed is extra, a hidden one too."""
    for path in ("data/more.csv", ".hidden", "source/notes/n7.md"):
        (release / path).write_text("x")
    assert verified(release)[1] == {
        "integrity": [
            (".hidden", "is extra: SHA256SUMS does not list it"),
            ("data/more.csv", "is extra: SHA256SUMS does not list it"),
            ("source/notes/n7.md", "is extra: SHA256SUMS does not list it"),
            ("data/more.csv", "belongs to no resource of datapackage.json"),
        ]
    }


def test_an_empty_folder_is_told(release: Path, verified: Verified) -> None:
    """No list has it, and the zip has not: it is there all the same."""
    (release / "data/more").mkdir()
    fault = ("data/more", "is an empty folder, expected none")
    assert verified(release)[1] == {"integrity": [fault]}


def test_an_added_table_that_is_listed_is_told(unsigned: Path, verified: Verified) -> None:
    """A file of data that SHA256SUMS lists, and no resource, is told by the descriptor."""
    (unsigned / "data/more.csv").write_text("x\n1\n")
    refit(unsigned)
    assert verified(unsigned)[1] == {
        "integrity": [("data/more.csv", "belongs to no resource of datapackage.json")]
    }


@pytest.mark.parametrize(
    "path",
    ["LICENSE", "data/links.parquet", "source/notes/n1.md", ZIP, "buildinfo.json", "SHA256SUMS",
     "provenance.intoto.json", "datapackage.json"],
)  # fmt: skip
def test_a_removed_file_is_told(release: Path, verified: Verified, path: str) -> None:
    """A file that is missing is named."""
    (release / path).unlink()
    _, faults = verified(release)
    assert path in {
        file for file, message in faults["integrity"] if message.startswith("is missing")
    }


def test_a_removed_signature_is_told_to_those_who_ask_for_it(
    made: Made, unsigned: Path, verified: Verified
) -> None:
    """Nothing says that a release was ever signed; those who expect it are told."""
    assert verified(unsigned) == (0, {})
    assert verified(unsigned, *made.allowed)[1] == {
        "signature": [("SHA256SUMS.sig", "is missing, expected a signature")]
    }


def test_a_renamed_file_is_told(release: Path, verified: Verified) -> None:
    """A file of another name is extra, and the old one missing."""
    (release / "LICENSE").rename(release / "LICENCE")
    assert verified(release)[1] == {
        "integrity": [
            ("LICENSE", "is missing, expected it as SHA256SUMS lists it"),
            ("LICENCE", "is extra: SHA256SUMS does not list it"),
        ]
    }


def test_a_symbolic_link_is_told(release: Path, verified: Verified) -> None:
    """A link to a file of the same content is no file of a release, and is not followed."""
    (release.parent / "elsewhere").write_bytes((release / "LICENSE").read_bytes())
    (release / "LICENSE").unlink()
    (release / "LICENSE").symlink_to(release.parent / "elsewhere")
    (release / "data/loop").symlink_to(release)
    assert verified(release)[1]["integrity"] == [
        ("LICENSE", "is a symbolic link, expected a regular file or folder"),
        ("data/loop", "is a symbolic link, expected a regular file or folder"),
        ("LICENSE", "is missing, expected it as SHA256SUMS lists it"),
    ]


def test_a_path_out_of_the_folder_in_the_checksums_is_told(
    release: Path, verified: Verified
) -> None:
    """SHA256SUMS names files of the release, none elsewhere."""
    with (release / "SHA256SUMS").open("a") as sums:
        sums.write(f"{'0' * 64}  ../../secret\n")
    _, faults = verified(release)
    expected = (
        "leads out of its folder or through nothing, expected a path with a name in each part"
    )
    assert ("SHA256SUMS", f"'../../secret' {expected}") in faults["integrity"]


@pytest.mark.parametrize("how", ["turned-round", "no-end", "blank"])
def test_the_list_of_files_is_written_in_one_way(
    unsigned: Path, verified: Verified, how: str
) -> None:
    """Where nothing stands beside the files, SHA256SUMS itself is held against how it is written."""
    for name in (ZIP, "buildinfo.json", "provenance.intoto.json"):
        (unsigned / name).unlink()
    assert verified(unsigned) == (0, {})
    path = unsigned / "SHA256SUMS"
    lines = path.read_text().splitlines(keepends=True)
    changed = {
        "turned-round": lines[::-1],
        "no-end": ["".join(lines)[:-1]],
        "blank": [*lines, "\n"],
    }
    path.write_text("".join(changed[how]))
    assert [file for file, _ in verified(unsigned)[1]["integrity"]] == ["SHA256SUMS"]


# the zip


def test_a_member_that_is_not_the_loose_file_is_told(release: Path, verified: Verified) -> None:
    """The zip and the folder are one release: a member that differs is named."""
    path = release / ZIP
    data = path.read_bytes()
    with zipfile.ZipFile(path) as held:
        content = held.read("LICENSE")
    path.write_bytes(data.replace(content, content.replace(b"Free", b"Paid")))
    _, faults = verified(release)
    assert (ZIP, "'LICENSE' is damaged: its CRC-32 is another one") in faults["integrity"]
    original = (release / "LICENSE").read_bytes()
    (release / "LICENSE").write_bytes(content.replace(b"Free", b"Paid"))
    repack(release, [*sums_of(release), "SHA256SUMS"])
    (release / "LICENSE").write_bytes(original)
    _, faults = verified(release)
    assert (ZIP, "'LICENSE' is not the file of that name") in faults["integrity"]


def sums_of(release: Path) -> list[str]:
    """The paths in SHA256SUMS."""
    return [line[66:] for line in (release / "SHA256SUMS").read_text().splitlines()]


def _add(name: str, data: bytes = b"x", mode: int = 0o100644) -> Callable[[zipfile.ZipFile], None]:
    def edit(target: zipfile.ZipFile) -> None:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        member.create_system = 3
        target.writestr(member, data)

    return edit


def _bomb(target: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("bomb")
    target.writestr(member, bytes(64 << 20), zipfile.ZIP_DEFLATED, 9)


HOSTILE = {
    "out": (_add("../x"), "'../x' leads out of its folder"),
    "absolute": (_add("/x"), "'/x' is an absolute path"),
    "link": (_add("l", b"/etc/passwd", 0o120777), "'l' is a symbolic link"),
    "bomb": (_bomb, "holds 6"),
    "twice": (_add("LICENSE"), "'LICENSE' stands there twice"),
    "case": (_add("license"), "'license' stands there beside 'LICENSE'"),
    "more": (_add("more"), "holds 'more', which is no file of the release"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_zip_is_told(release: Path, verified: Verified, kind: str) -> None:
    """A zip that may do harm, or holds more than the release, fails; nothing of it is written."""
    edit, message = HOSTILE[kind]
    rezip(release / ZIP, edit)
    _, faults = verified(release)
    assert any(file == ZIP and message in said for file, said in faults["integrity"])
    lone = release.parent / "alone.zip"
    shutil.move(release / ZIP, lone)
    _, faults = verified(lone)
    found = {Path(file).name: said for file, said in faults["integrity"]}
    assert message in found["alone.zip"] or kind == "more"
    assert not (release.parent / "x").exists()


def test_a_member_whose_own_name_is_no_text_is_told(release: Path, verified: Verified) -> None:
    """The name that stands before a member's content is part of the zip too, whether it is text or not."""
    data = bytearray((release / ZIP).read_bytes())
    data[7] |= 8
    data[30] = 0xFF
    (release / ZIP).write_bytes(data)
    _, faults = verified(release)
    told = [message for file, message in faults["integrity"] if file == ZIP]
    assert told[0].startswith("'CHANGELOG.md' has another")


@pytest.mark.parametrize("share", [0, 10, 50, 99])
def test_a_truncated_zip_is_told(release: Path, verified: Verified, share: int) -> None:
    """A zip that is not whole is none, loose or alone."""
    path = release / ZIP
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * share // 100])
    _, faults = verified(release)
    whole = "is no whole zip: its directory is missing; fetch it again"
    assert (ZIP, whole) in faults["integrity"]
    assert verified(path)[1]["integrity"] == [(ZIP, whole)]


# every digest fits: the tables tell


def test_a_csv_of_other_values_is_told_by_equality(unsigned: Path, verified: Verified) -> None:
    """A CSV that was changed, with its hash and SHA256SUMS made to fit, is not what the Parquet holds."""
    change(unsigned / "data/notes.csv", "2003", "2013")
    refit(unsigned)
    (told,) = verified(unsigned)[1]["equality"]
    assert told == (
        "data/notes.csv",
        "is not what data/notes.parquet holds, written as CSV (byte 200)",
    )


def test_swapped_rows_of_a_csv_are_told_by_equality(unsigned: Path, verified: Verified) -> None:
    """The order of rows is part of a table's identity."""
    path = unsigned / "data/links.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[2], lines[1], *lines[3:]]))
    refit(unsigned)
    assert [file for file, _ in verified(unsigned)[1]["equality"]] == ["data/links.csv"]


def test_a_parquet_of_other_values_is_told_by_equality(unsigned: Path, verified: Verified) -> None:
    """A Parquet of other values, with hashes that fit, is not what the CSV holds."""
    retable(unsigned, "notes", with_value("weight", 2, 9.25), both=False)
    assert [file for file, _ in verified(unsigned)[1]["equality"]] == ["data/notes.csv"]


def test_a_parquet_with_more_rows_is_told_by_equality(unsigned: Path, verified: Verified) -> None:
    """A Parquet with a row more ends where the CSV does."""
    more = lambda table: pa.concat_tables([table, table.slice(5)])  # noqa: E731
    retable(unsigned, "notes", more, both=False)
    code, faults = verified(unsigned)
    assert code == 1
    assert [file for file, _ in faults["equality"]] == ["data/notes.csv"]


def test_another_physical_type_is_told_by_equality(unsigned: Path, verified: Verified) -> None:
    """Integers of 32 bits, or numbers as text, are not what the schema declares."""
    import pyarrow.parquet as pq

    path = unsigned / "data/notes.parquet"
    table = pq.read_table(path)
    at = table.schema.get_field_index("year")
    pq.write_table(table.set_column(at, "year", table["year"].cast(pa.int32())), path)
    refit(unsigned)
    assert verified(unsigned)[1]["equality"] == [
        ("data/notes.parquet", "has the type INT32 in year, expected INT64 for integer")
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("title", pa.dictionary(pa.int32(), pa.string())),
        ("note", pa.large_string()),
        ("year", pa.duration("s")),
    ],
    ids=["dictionary", "large", "duration"],
)
def test_a_type_that_arrow_noted_is_told_by_equality(
    unsigned: Path, verified: Verified, name: str, kind: pa.DataType
) -> None:
    """A column that a file says is to be read as another type is told in those words."""
    import pyarrow.parquet as pq

    path = unsigned / "data/notes.parquet"
    table = pq.read_table(path)
    plain = table.schema.field(name).type
    at = table.schema.get_field_index(name)
    pq.write_table(table.set_column(at, name, table[name].cast(kind)), path)
    refit(unsigned)
    message = f"says that {name} is to be read as '{kind}', expected {plain}"
    assert verified(unsigned)[1]["equality"] == [("data/notes.parquet", message)]


def test_what_a_parquet_says_to_pandas_is_told_by_equality(
    unsigned: Path, verified: Verified
) -> None:
    """A column that pandas takes for the index is none of the table's columns to who reads it there."""
    import pyarrow.parquet as pq

    path = unsigned / "data/notes.parquet"
    table = pq.read_table(path)
    indexed = pa.Table.from_pandas(table.to_pandas().set_index("note")).schema.metadata
    pq.write_table(table.replace_schema_metadata(indexed), path)
    refit(unsigned)
    message = "says that pandas is to read it in another way than its schema does"
    assert verified(unsigned)[1]["equality"] == [("data/notes.parquet", message)]


def test_a_parquet_of_the_same_values_that_is_packed_otherwise_is_told(
    unsigned: Path, verified: Verified
) -> None:
    """It is no fault of equality, but nothing proves what else the file says."""
    import pyarrow.parquet as pq

    path = unsigned / "data/links.parquet"
    table = pq.read_table(path)
    whole = pa.schema([field.with_nullable(False) for field in table.schema])
    pq.write_table(table.cast(whole), path, compression="gzip", row_group_size=1)
    refit(unsigned)
    wrote = f"parquet-cpp-arrow version {pa.cpp_version} wrote both"
    message = f"differs in byte 7 from what its rows make; {wrote}"
    assert verified(unsigned) == (1, {"parquet": [("data/links.parquet", message)]})


def test_columns_within_another_are_told_by_equality(unsigned: Path, verified: Verified) -> None:
    """A column is one by its name in the table, not by that of what stands within."""
    import pyarrow.parquet as pq

    path = unsigned / "data/links.parquet"
    table = pq.read_table(path)
    fields = list(table.schema)
    within = pa.StructArray.from_arrays([c.combine_chunks() for c in table.columns], fields=fields)
    schema = pa.schema([pa.field("all", within.type, nullable=False)])
    pq.write_table(pa.table([within], schema=schema), path)
    refit(unsigned)
    message = "has the columns all, expected note, position, to"
    assert verified(unsigned)[1]["equality"] == [("data/links.parquet", message)]


@pytest.mark.parametrize("name", ["note", "to"])
def test_a_parquet_whose_text_is_none_is_told_by_equality(
    unsigned: Path, verified: Verified, name: str
) -> None:
    """Bytes that are no UTF-8 in a column of text, also of a key, are a fault of that file."""
    import pyarrow.parquet as pq

    path = unsigned / "data/links.parquet"
    table = pq.read_table(path)
    data = pa.array([b"\xff", *(b"n1" for _ in range(table.num_rows - 1))], pa.binary())
    text = pa.StringArray.from_buffers(len(data), *data.buffers()[1:])
    pq.write_table(table.set_column(table.column_names.index(name), name, text), path)
    refit(unsigned)
    ((file, message),) = verified(unsigned)[1]["equality"]
    assert file == "data/links.parquet"
    assert message.startswith("cannot be read as Parquet: In column")
    assert "Invalid UTF8" in message


def test_a_changed_type_is_told(unsigned: Path, verified: Verified) -> None:
    """A type that was changed in datapackage.json is neither that of the source nor of the Parquet."""
    package = package_of(unsigned)
    for resource in package["resources"][:2]:
        resource["schema"]["fields"][2]["type"] = "number"
    write_package(unsigned, package)
    refit(unsigned)
    _, faults = verified(unsigned)
    assert faults["validity"] == [
        (
            "datapackage.json",
            f"resources.{at}.schema.fields.2.type is 'number', source/datapackage.yaml says 'integer'",
        )
        for at in (0, 1)
    ]
    assert faults["equality"] == [
        ("data/notes.parquet", "has the type INT64 in year, expected DOUBLE for number")
    ]


def test_a_broken_foreign_key_is_told_by_validity(unsigned: Path, verified: Verified) -> None:
    """A row that refers to nothing is named, in a table and in a codelist."""
    retable(unsigned, "links", with_value("to", 1, "n9"))
    retable(unsigned, "notes", with_value("colour", 3, "blue"))
    assert verified(unsigned)[1]["validity"] == [
        (
            "data/notes.csv",
            ("row 4: colour 'blue' refers to nothing, expected a row of colours with that code"),
        ),
        (
            "data/links.csv",
            ("row 2: to 'n9' refers to nothing, expected a row of notes with that note"),
        ),
    ]


def test_a_repeated_key_is_told_by_validity(unsigned: Path, verified: Verified) -> None:
    """A key that stands twice is named with both rows."""
    retable(unsigned, "links", with_value("note", 1, "n1"))
    assert verified(unsigned)[1]["validity"] == [
        (
            "data/links.csv",
            "row 2: note 'n1', position 0 stands in row 1 too, expected it once",
        )
    ]


def test_a_broken_constraint_is_told_by_validity(unsigned: Path, verified: Verified) -> None:
    """A value that its field does not allow, and one that is missing, are named with their rows."""
    retable(unsigned, "notes", with_value("year", 4, 1815))
    retable(unsigned, "notes", with_value("title", 0, None))
    assert verified(unsigned)[1]["validity"] == [
        ("data/notes.csv", "row 1: title is missing, expected text"),
        ("data/notes.csv", "row 5: year is 1815, expected an integer, at least 1900"),
    ]


def test_two_swapped_rows_are_told_by_validity(unsigned: Path, verified: Verified) -> None:
    """Rows swapped in CSV and Parquet, all digests fitting, are not in the order of the key."""
    retable(unsigned, "notes", swapped)
    assert verified(unsigned)[1] == {
        "validity": [
            ("data/notes.csv", "row 2 stands behind row 1, expected rows in the order of note")
        ]
    }


def test_an_edited_descriptor_is_told_by_validity(unsigned: Path, verified: Verified) -> None:
    """datapackage.json is what source/ declares: a title, a constraint and a licence are held against it."""
    package = package_of(unsigned)
    package["licenses"] = [{"name": "CC0-1.0"}]
    package["resources"][0]["title"] = "Other notes"
    write_package(unsigned, package)
    refit(unsigned)
    assert verified(unsigned)[1] == {
        "validity": [
            (
                "datapackage.json",
                "resources.0.title is 'Other notes', source/datapackage.yaml says 'Notes'",
            ),
            ("datapackage.json", "licenses is extra, by source/datapackage.yaml"),
        ]
    }


def test_an_edited_source_descriptor_is_told_by_validity(
    unsigned: Path, verified: Verified
) -> None:
    """The other way round: source/ was edited and datapackage.json not."""
    change(unsigned / "source/datapackage.yaml", "maxLength: 40", "maxLength: 50")
    refit(unsigned)
    code, faults = verified(unsigned)
    assert code == 1
    assert {file for file, _ in faults["validity"]} == {"datapackage.json"}


def test_a_descriptor_that_breaks_the_standard_is_told(unsigned: Path, verified: Verified) -> None:
    """The profiles of Data Package v2 are held against the descriptor, offline."""
    package = package_of(unsigned)
    package["contributors"] = "me"
    write_package(unsigned, package)
    refit(unsigned)
    _, faults = verified(unsigned)
    assert ("datapackage.json", "contributors: 'me' is not of type 'array'") in faults["validity"]


def test_a_dialect_that_breaks_the_standard_is_told(unsigned: Path, verified: Verified) -> None:
    """By the profile of dialects, and by source/."""
    package = package_of(unsigned)
    package["resources"][0]["dialect"]["delimiter"] = 7
    write_package(unsigned, package)
    refit(unsigned)
    place = "resources.0.dialect.delimiter"
    assert verified(unsigned)[1] == {
        "validity": [
            ("datapackage.json", f"{place}: 7 is not of type 'string'"),
            ("datapackage.json", f"{place} is 7, source/datapackage.yaml says ','"),
        ]
    }


def test_what_a_descriptor_has_more_is_named_at_the_most_fifty_times(
    unsigned: Path, verified: Verified
) -> None:
    """Also a property whose name is empty."""
    more = ["", *(f"x{at:02}" for at in range(60))]
    write_package(unsigned, package_of(unsigned) | dict.fromkeys(more, 7))
    refit(unsigned)
    assert verified(unsigned)[1] == {
        "validity": [
            ("datapackage.json", f"{name or repr(name)} is extra, by source/datapackage.yaml")
            for name in more[:50]
        ]
    }


def test_a_release_without_its_source_is_told(release: Path, verified: Verified) -> None:
    """By its list of files, and where datapackage.json would be held against it."""
    (release / "source/datapackage.yaml").unlink()
    missing = "is missing, expected it as SHA256SUMS lists it"
    unread = "cannot be read: No such file or directory; expected a descriptor"
    assert verified(release)[1] == {
        "integrity": [("source/datapackage.yaml", missing)],
        "validity": [("source/datapackage.yaml", unread)],
    }


def test_a_false_attestation_is_told(unsigned: Path, verified: Verified) -> None:
    """An attestation that leaves out an input is not what the files make."""
    path = unsigned / "provenance.intoto.json"
    value = json.loads(path.read_bytes())
    value["predicate"]["buildDefinition"]["resolvedDependencies"].pop()
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")
    ((file, message),) = verified(unsigned)[1]["integrity"]
    assert file == "provenance.intoto.json"
    assert message.startswith("predicate.buildDefinition.resolvedDependencies is a list of 8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[" * 100_000, "cannot be read as JSON: maximum recursion depth exceeded"),
        ("[1, 2]", "is a list of 2, SHA256SUMS and buildinfo.json says a mapping"),
    ],
    ids=["empty", "deep", "list"],
)
def test_an_attestation_of_another_shape_is_told(
    unsigned: Path, verified: Verified, text: str, message: str
) -> None:
    """Nothing that stands in its place ends in a traceback."""
    (unsigned / "provenance.intoto.json").write_text(text)
    ((file, told),) = verified(unsigned)[1]["integrity"]
    assert file == "provenance.intoto.json"
    assert told.startswith(message)


def test_an_attestation_is_written_in_one_way(unsigned: Path, verified: Verified) -> None:
    """The same statement with other spaces is not the one that a build writes."""
    path = unsigned / "provenance.intoto.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=2) + "\n")
    assert verified(unsigned)[1] == {
        "integrity": [("provenance.intoto.json", "is not written as release writes it")]
    }


def test_the_first_faults_of_an_attestation_are_told(unsigned: Path, verified: Verified) -> None:
    """Twenty of them: one that was made up could have as many as it has bytes."""
    path = unsigned / "provenance.intoto.json"
    value = json.loads(path.read_bytes())
    path.write_text(json.dumps({f"x{at:02}": at for at in range(30)} | value))
    message = "is extra, by SHA256SUMS and buildinfo.json"
    assert verified(unsigned)[1]["integrity"] == [
        ("provenance.intoto.json", f"x{at:02} {message}") for at in range(20)
    ]


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("inputs", "notes/n1.md", "sha256:0"),
        ("archive", "path", "others-0.1.0.zip"),
        ("archive", "bytes", 7),
        ("archive", "hash", "sha256:0"),
    ],
)
def test_a_false_buildinfo_is_told(
    unsigned: Path, verified: Verified, part: str, name: str, value: Any
) -> None:
    """buildinfo.json that names another archive or other inputs is told, also with an attestation of it."""
    info: dict[str, Any] = json.loads((unsigned / "buildinfo.json").read_bytes())
    message = f"{part}.{name} is {shown(value)}, the release says {shown(info[part][name])}"
    info[part][name] = value
    lines = [line.split("  ") for line in (unsigned / "SHA256SUMS").read_text().splitlines()]
    sums = [(file, digest) for digest, file in lines]
    provenance.write(unsigned, info, sums, tampering.sha256(unsigned / "SHA256SUMS"))
    assert verified(unsigned)[1] == {"integrity": [("buildinfo.json", message)]}


# every digest fits and every table is right: only the records, or the signature, tell


def other_value(release: Path) -> None:
    """Another value in CSV and Parquet."""
    retable(release, "notes", with_value("year", 2, 2013))


def row_removed(release: Path) -> None:
    """A row less in CSV and Parquet."""
    retable(release, "links", lambda table: table.slice(0, 5))


def record_edited(release: Path) -> None:
    """Another value in a record."""
    change(release / "source/notes/n3.md", "year: 2003", "year: 2013")
    refit(release)


def record_added(release: Path) -> None:
    """A record more."""
    text = (release / "source/notes/n3.md").read_text()
    (release / "source/notes/n7.md").write_text(text)
    refit(release)


def record_removed(release: Path) -> None:
    """A record less."""
    (release / "source/notes/n6.md").unlink()
    change(release / "source/notes/n5.md", "links: [n6]", "links: [n1]")
    refit(release)


def readme_edited(release: Path) -> None:
    """Other words in the README."""
    change(release / "README.md", "Notes", "Lies")
    refit(release)


def readme_removed(release: Path) -> None:
    """No README."""
    (release / "README.md").unlink()
    refit(release)


def file_added(release: Path) -> None:
    """A file more, listed."""
    (release / "NOTES.txt").write_text("Run this.\n")
    refit(release)


def codelist_edited(release: Path) -> None:
    """Another label in a codelist of the source."""
    change(release / "source/codelists/colours.csv", '"red"', '"rot"')
    refit(release)


ONLY_THE_RECORDS_TELL: Mapping[Callable[[Path], None], str] = {
    other_value: "data/notes.csv",
    row_removed: "data/links.csv",
    record_edited: "data/notes.csv",
    record_added: "data/notes.csv",
    record_removed: "data/notes.csv",
    readme_edited: "README.md",
    readme_removed: "README.md",
    file_added: "NOTES.txt",
    codelist_edited: "source/notes/n1.md",
}


@pytest.mark.parametrize("tamper", ONLY_THE_RECORDS_TELL, ids=lambda each: each.__name__)
def test_what_only_the_records_can_tell_is_told_by_rebuild(
    made: Made, unsigned: Path, verified: Verified, tamper: Callable[[Path], None]
) -> None:
    """Where all digests were made to fit, verify passes without --rebuild; with it, it names the file.

    The signature of before fails too, for it is one over another SHA256SUMS.
    """
    tamper(unsigned)
    assert verified(unsigned) == (0, {})
    code, faults = verified(unsigned, "--rebuild")
    assert (code, list(faults)) == (1, ["rebuild"])
    assert ONLY_THE_RECORDS_TELL[tamper] in {file for file, _ in faults["rebuild"]}
    shutil.copy(made.release / "SHA256SUMS.sig", unsigned)
    for arguments in ([], made.allowed):
        assert list(verified(unsigned, *arguments)[1]) == ["signature"]


def test_only_a_signature_tells_of_a_release_built_from_other_records(
    made: Made, tmp_path: Path, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who edits a record and builds anew has a whole release; it is not the one that was signed."""
    path = tampering.dataset(tmp_path / "records")
    change(path.parent / "notes/n3.md", "year: 2003", "year: 2013")
    assert cli.main(["build", "--descriptor", str(path), "--out", str(tmp_path / "dist")]) == 0
    forged = tampering.alone(tmp_path / "dist/0.1.0", tmp_path / "forged")
    capsys.readouterr()
    assert verified(forged, "--rebuild") == (0, {})
    shutil.copy(made.release / "SHA256SUMS.sig", forged)
    assert list(verified(forged, *made.allowed)[1]) == ["signature"]


# signatures


def test_another_signer_is_told(made: Made, unsigned: Path, verified: Verified) -> None:
    """A signature by a key that the file of allowed signers does not name is not accepted."""
    signature.sign(unsigned, made.other)
    assert verified(unsigned) == (0, {})
    assert verified(unsigned, *made.allowed)[1] == {
        "signature": [
            ("SHA256SUMS.sig", f"is by a key that {made.allowed[1]} does not name"),
        ]
    }


def test_another_identity_is_told(made: Made, release: Path, verified: Verified) -> None:
    """A signer who is allowed, and is not the one asked for, is not accepted."""
    assert verified(release, *made.allowed, "--identity", ALLOWED) == (0, {})
    _, faults = verified(release, *made.allowed, "--identity", "other@example.org")
    ((file, message),) = faults["signature"]
    assert file == "SHA256SUMS.sig"
    assert message.startswith("is no signature of other@example.org over this SHA256SUMS: ")


def test_a_signature_over_another_file_is_told(
    made: Made, unsigned: Path, verified: Verified
) -> None:
    """A signature by the right key over something else is none of this release."""
    other = unsigned.parent / "other"
    other.mkdir()
    (other / "SHA256SUMS").write_text("something else\n")
    shutil.move(signature.sign(other, made.key), unsigned)
    for arguments in ([], made.allowed):
        (told,) = verified(unsigned, *arguments)[1]["signature"]
        assert told[0] == "SHA256SUMS.sig"


def test_a_signature_for_another_purpose_is_told(
    made: Made, unsigned: Path, verified: Verified
) -> None:
    """A signature of the same file that was made for another namespace is none."""
    import subprocess

    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(made.key), "SHA256SUMS"]
    subprocess.run(command, cwd=unsigned, check=True, capture_output=True)
    for arguments in ([], made.allowed):
        assert list(verified(unsigned, *arguments)[1]) == ["signature"]


# a store


def test_another_release_in_the_place_of_one_is_told_by_the_index(
    tmp_path: Path, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    """A version whose digests were made to fit is not the one that the index of its store names."""
    folder = tampering.built(tmp_path)
    other_value(folder)
    _, faults = verified(folder)
    assert list(faults) == ["index"]
    assert [file for file, _ in faults["index"]] == ["SHA256SUMS", ZIP]
    assert cli.main(["verify", str(folder.parent), "--no-referee"]) == 1
    out = capsys.readouterr().out
    assert "does not verify: 2 errors in index" in out

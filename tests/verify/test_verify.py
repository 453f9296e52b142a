"""`release verify`: what it says, of what, and how it ends."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from release import cli
from release.build import pipeline
from release.descriptor import load
from release.package import datapackage, provenance
from release.package import zip as package_zip
from release.package.datapackage import SOURCE
from release.package.manifest.model import Manifest
from release.syntax.file_patterns import FilePattern
from release.system.limits import Limits
from release.tables import csv, parquet
from release.verify import descriptor as verify_descriptor
from release.verify import inventory, tables, verification
from release.verify import report as verify_report
from tests.support import tampering
from tests.support.descriptors import FINDINGS
from tests.support.moments import Call, asked_by, refusing, watching
from tests.support.tampering import ZIP, as_printed, package_of, refit, write_package


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the small release."""
    return tampering.built(tmp_path_factory.mktemp("verify")).parent


@pytest.fixture
def release(store: Path, tmp_path: Path) -> Path:
    """A copy of the small release, in no store."""
    return tampering.alone(store / "0.1.0", tmp_path / "release")


def status(place: Path, **options: Any) -> dict[str, verify_report.StepReport]:
    """The steps by name."""
    (report,) = verification.verify(str(place), verification.VerifyOptions(**options)).releases
    return {step.name: step for step in report.steps}


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `release verify`: its exit code, and what it printed."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main(["verify", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


# what it says


PASSED = """\
{place}:
  integrity passed: every file is the one that SHA256SUMS lists and nothing else is there; the archive \
and what stands beside it say the same
  validity  passed: datapackage.json follows the standard and is what source/ declares; every table \
follows its schema, keys and order
    (frictionless judged all 14 rows)
  equality  passed: the Parquet of each table, written as CSV, is its CSV byte for byte
  parquet   passed: the Parquet of each table is byte for byte what its rows make, so no statistic or \
index in it is false
  rebuild   passed: the files are what the records, codelists and descriptor in source/ make
    (proven: CSV, descriptor and source are what source/ makes, byte for byte)
    (proven: Parquet, the archive and every other file too)
    (proven: CHANGELOG.md, changes.json, changes.csv, this being the first release)
  signature not done
    (there is no SHA256SUMS.sig)
verifies
"""


def test_each_step_is_named_with_what_it_proves(release: Path, run: Run) -> None:
    """The whole of it for a release that is right: nothing on stderr, 0."""
    assert run(release, "--rebuild") == (0, PASSED.format(place=release), "")


def test_a_failed_step_lists_its_faults(release: Path, run: Run) -> None:
    """A step that failed has a line for each fault; the last line counts them; 1."""
    (release / "LICENSE").unlink()
    (release / "data/x.csv").write_text("")
    code, out, err = run(release, "--no-referee")
    assert (code, err) == (1, "")
    assert out.splitlines()[1:5] == [
        "  integrity failed",
        "    LICENSE: error: file-missing: is missing, expected it as SHA256SUMS lists it",
        "    data/x.csv: error: file-extra: is extra: SHA256SUMS does not list it",
        "    data/x.csv: error: file-extra: belongs to no resource of datapackage.json",
    ]
    assert out.splitlines()[-1] == "does not verify: 3 errors in integrity"


def test_json_has_every_step(release: Path, run: Run) -> None:
    """--format json prints one object with each release, step and fault."""
    (release / "LICENSE").unlink()
    code, out, _ = run(release, "--no-referee", "--format", "json")
    report = json.loads(out)
    (told,) = report.pop("releases")
    listed = told.pop("steps")
    missing = {
        "rule": "file-missing",
        "path": "LICENSE",
        "message": "is missing, expected it as SHA256SUMS lists it",
        "line": 0,
        "column": 0,
        "field": "",
        "table": "",
        "key": "",
        "severity": "error",
        "file": str(release / "LICENSE"),
    }
    assert (code, report) == (1, {"verified": False, "findings": [missing]})
    assert told == {"place": str(release), "version": "0.1.0", "verified": False}
    assert [(step["name"], step["status"]) for step in listed] == [
        ("integrity", "failed"),
        ("validity", "passed"),
        ("equality", "passed"),
        ("parquet", "passed"),
        ("rebuild", "not done"),
        ("signature", "not done"),
    ]
    assert listed[0] == {
        "name": "integrity",
        "status": "failed",
        "proves": verify_report.STEPS["integrity"],
        "findings": [missing],
        "notes": [],
    }


def test_a_store_is_verified_version_by_version(store: Path, run: Run) -> None:
    """A store gives a report for each version, and one for its index."""
    code, out, _ = run(store, "--no-referee")
    assert code == 0
    assert [line for line in out.splitlines() if not line.startswith(" ")] == [
        f"{store}/0.1.0:",
        "verifies",
        f"{store}:",
        "verifies",
    ]


def test_an_index_that_is_not_right_fails(store: Path, tmp_path: Path, run: Run) -> None:
    """What the index of a store says of a version is held against the version."""
    copy = Path(shutil.copytree(store, tmp_path / "dist"))
    index = copy / "versions.json"
    index.write_text(index.read_text().replace('"files": ', '"files": 1'))
    code, out, _ = run(copy, "--no-referee")
    assert code == 1
    assert "  index     failed\n    versions.json: error: index-entry: files of 0.1.0 is 1" in out
    assert out.endswith("does not verify: 1 error in index\n")


def test_a_folder_without_releases_is_no_store(tmp_path: Path, run: Run) -> None:
    """A folder in which there is nothing of a release is none, and a file that is no zip: 2."""
    assert run(tmp_path, "--no-referee") == (
        2,
        "",
        (
            f"release: {tmp_path}: is no release: it has neither SHA256SUMS nor datapackage.json; "
            "expected a release's folder or zip, or a store\n"
        ),
    )
    (tmp_path / "x.yaml").write_text("x: 1\n")
    assert run(tmp_path / "x.yaml") == (
        2,
        "",
        f"release: {tmp_path / 'x.yaml'}: is no zip, expected a release's folder or zip\n",
    )


def test_a_place_that_cannot_be_reached_is_neither_right_nor_wrong(run: Run) -> None:
    """A server that does not answer is no fault of a release: 2."""
    code, out, err = run("http://127.0.0.1:1/x")
    assert (code, out) == (2, "")
    assert err.startswith("release: http://127.0.0.1:1/x/versions.json: cannot be fetched: ")


def test_large_files_are_read_as_small_ones_are(release: Path) -> None:
    """With the same digests, and with the CRC-32 that a zip needs of those above the limit."""
    small, faults = inventory.take(release)
    assert (small.crcs, faults) == ({}, [])
    limit = small.sizes["datapackage.json"]
    large, faults = inventory.take(release, Limits(large_file=limit))
    assert (large.digests, faults) == (small.digests, [])
    assert large.crcs == {
        path: zlib.crc32((release / path).read_bytes())
        for path, size in small.sizes.items()
        if size > limit
    }
    assert large.crcs


@pytest.mark.parametrize("limit", [0, 1 << 20])
def test_a_file_that_cannot_be_read_is_a_fault(
    release: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """Large or small, it is told by name, and the others are read."""
    real = io.open

    def opened(path: Any, *more: Any, **named: Any) -> Any:
        if str(path).endswith("datapackage.json"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, *more, **named)

    for module in ("builtins", "io"):
        monkeypatch.setattr(f"{module}.open", opened)
    held, faults = inventory.take(release, Limits(large_file=limit))
    assert as_printed(faults) == [
        "datapackage.json: error: file-unreadable: cannot be read: Permission denied"
    ]
    assert held.sizes.keys() - held.digests.keys() == {"datapackage.json"}


@pytest.mark.parametrize("name", [ZIP, "buildinfo.json", "provenance.intoto.json"])
def test_what_stands_beside_the_files_and_cannot_be_read_is_told_once(
    release: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Nothing else is said of it, and the other steps are done."""
    real = io.open

    def opened(path: Any, *more: Any, **named: Any) -> Any:
        if str(path).endswith(name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, *more, **named)

    for module in ("builtins", "io"):
        monkeypatch.setattr(f"{module}.open", opened)
    told = status(release)
    assert as_printed(told["integrity"].findings) == [
        f"{name}: error: file-unreadable: cannot be read: Permission denied"
    ]
    assert told["validity"].status == told["equality"].status == "passed"


def test_very_deep_folders_are_a_fault(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not looked into: deeper than Python's calls, or the longest path of the system."""
    number = 1200
    with monkeypatch.context() as inside:
        inside.chdir(release)
        for _ in range(number):
            os.mkdir("d")  # noqa: PTH102 - by a name, as the path is longer than the system takes
            os.chdir("d")
        Path("x").touch()
    try:
        found = [str(each) for each in status(release, referee="none")["integrity"].findings]
    finally:
        subprocess.run(["rm", "-r", str(release / "d")], check=True)
    path = "/".join("d" * 102)
    message = "stands in 101 folders and is not looked into, expected a path of 101 parts at most"
    assert found == [f"{release}/{path}: error: file-unreadable: {message}"]


def test_an_emptied_list_is_one_fault(release: Path, run: Run) -> None:
    """Where nothing is listed, that is told once, and what would be read of the tables is not done."""
    (release / "SHA256SUMS").write_bytes(b"")
    code, out, _ = run(release)
    assert code == 1
    lines = out.splitlines()
    assert lines[1:4] == [
        "  integrity failed",
        "    SHA256SUMS: error: checksums-syntax: is empty, expected a line for each file of the release",
        "  validity  not done",
    ]
    assert "  equality  not done" in lines
    assert lines[-1] == "does not verify: 1 error in integrity"


def test_what_was_not_read_is_not_proven(release: Path) -> None:
    """Where one table of several cannot be read, the steps speak of the tables that were."""
    (release / "data" / sorted(path.name for path in release.glob("data/*.csv"))[0]).write_text("x")
    found = status(release)
    assert "every table that was read follows" in found["validity"].proves
    assert "each table that was read, written" in found["equality"].proves


def test_a_zip_alone_is_not_held_against_what_is_not_there(release: Path) -> None:
    """The headline of integrity speaks of what was there to be looked at."""
    listed = "every file is the one that SHA256SUMS lists and nothing else is there"
    proves = status(release / ZIP)["integrity"].proves
    assert proves == f"{listed}; the archive holds them and no byte more"
    for name in (ZIP, "buildinfo.json", "provenance.intoto.json"):
        (release / name).unlink()
    assert status(release)["integrity"].proves == listed


def test_a_link_in_the_place_of_the_descriptor_is_not_followed(release: Path) -> None:
    """What it leads to is not read: that the descriptor is a link is all that is said of it."""
    (release / "datapackage.json").rename(release.parent / "elsewhere")
    (release / "datapackage.json").symlink_to(release.parent / "elsewhere")
    told = status(release)
    assert as_printed(told["integrity"].findings) == [
        "datapackage.json: error: not-a-file: is a symbolic link, expected a regular file or folder",
        "datapackage.json: error: file-missing: is missing, expected it as SHA256SUMS lists it",
    ]
    assert told["validity"].status == told["equality"].status == "not done"


@pytest.mark.parametrize("name", ["buildinfo.json", "provenance.intoto.json", ZIP])
def test_a_zip_that_holds_what_stands_beside_it_is_told(release: Path, name: str) -> None:
    """Also where its SHA256SUMS lists it: what speaks of a zip cannot be in it."""
    sums = (release / "SHA256SUMS").read_text().splitlines()
    sums.append(f"{tampering.sha256(release / name)}  {name}")
    listed = sorted(sums, key=lambda line: line[66:])
    (release / "SHA256SUMS").write_text("".join(f"{line}\n" for line in listed))
    paths = sorted([*(line[66:] for line in listed), "SHA256SUMS"])
    time = load.load(release / "source/datapackage.yaml").created
    packed = release.parent / "packed.zip"
    with packed.open("wb") as file:
        package_zip.write(release, paths, package_zip.Form.of(time), file)
    assert as_printed(status(packed)["integrity"].findings) == [
        "packed.zip: error: archive-members: holds what stands beside an archive"
    ]


def test_nothing_of_what_stands_beside_the_files_goes_alone(release: Path) -> None:
    """A zip without both files that speak of it lacks them; the files alone lack nothing."""
    for name in ("buildinfo.json", "provenance.intoto.json"):
        (release / name).unlink()
    assert as_printed(status(release)["integrity"].findings) == [
        "buildinfo.json: error: file-missing: is missing, expected it beside the files of a release",
        "provenance.intoto.json: error: file-missing: is missing, expected it beside the files of a release",
    ]
    (release / ZIP).unlink()
    assert status(release)["integrity"].status == "passed"


def test_a_signature_is_that_of_one_release(store: Path, release: Path, run: Run) -> None:
    """--signature with a store, or of no file: 2; a fault names the file that was given."""
    assert run(store, "--signature", release / "LICENSE") == (
        2,
        "",
        (
            f"release: --signature is that of one release, and {store} is a store: name one of its "
            "versions\n"
        ),
    )
    assert run(release, "--signature", "/nope") == (
        2,
        "",
        "release: --signature /nope: is no file, expected a signature\n",
    )
    code, out, _ = run(release, "--no-referee", "--signature", release / "LICENSE")
    assert code == 1
    assert (
        f"{release / 'LICENSE'}: error: signature-syntax: is not written as ssh-keygen writes"
        in out
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "nothing: is neither a folder nor a zip, expected a release"),
        (
            ["{release}", "--identity", "x"],
            "--identity is one of the allowed signers: give --allowed-signers too",
        ),
        (
            ["{release}", "--allowed-signers", "none"],
            "--allowed-signers none: is no file, expected allowed signers",
        ),
    ],
)
def test_what_cannot_be_used_ends_with_2(
    release: Path, run: Run, arguments: list[str], message: str
) -> None:
    """A path or an argument that leads to nothing: 2, and what was expected."""
    given = [each.replace("{release}", str(release)) for each in arguments]
    assert run(*given, "--no-referee") == (2, "", f"release: {message}\n")


@pytest.mark.parametrize(("place", "making"), [(ZIP, "opened"), (".", "rebuilt")])
def test_no_room_here_says_nothing_of_a_release(
    release: Path, run: Run, place: str, making: str
) -> None:
    """That a zip cannot be unpacked, or a release not built again, for a full disk is no fault of it."""
    full = OSError(errno.ENOSPC, "No space left on device")
    with refusing("open", f"/release-{making}-.*/notes.csv$", full):
        code, out, err = run(release / place, "--rebuild", "--no-referee")
    assert (code, out) == (2, "")
    begin = f"release: {release / place}: cannot be verified here: {tempfile.gettempdir()}"
    assert err.startswith(begin)
    assert err.endswith(": No space left on device\n")


def test_what_may_not_be_read_of_one_version_does_not_end_the_others(store: Path, run: Run) -> None:
    """It is a fault of that version, and of the index, of which the rest is told."""
    denied = PermissionError(errno.EACCES, "Permission denied", f"{store}/0.1.0/{ZIP}")
    with refusing("open", f"/0.1.0/{ZIP}$", denied):
        code, out, err = run(store, "--no-referee")
    assert (code, err) == (1, "")
    lines = [
        f"  integrity failed\n    {ZIP}: error: file-unreadable: cannot be read: Permission denied\n",
        f"    0.1.0/{ZIP}: error: version-broken: Permission denied; the release is not whole\n",
    ]
    assert [line for line in lines if line not in out] == []


def test_a_folder_of_a_version_that_may_not_be_listed_is_a_fault_of_it(
    store: Path, run: Run
) -> None:
    """The version cannot be opened; the others are looked at."""
    denied = PermissionError(errno.EACCES, "Permission denied", f"{store}/0.1.0/data")
    with refusing("os.(scandir|listdir)", "/0.1.0/data$", denied):
        code, out, err = run(store, "--no-referee")
    assert (code, err) == (1, "")
    line = "data: error: file-unreadable: cannot be read: Permission denied\n"
    assert f"  integrity failed\n    {line}" in out


def test_a_store_that_may_not_be_read_ends_with_2(store: Path, run: Run) -> None:
    """Nothing can be said of what is in it."""
    denied = PermissionError(errno.EACCES, "Permission denied", str(store))
    with refusing("os.(scandir|listdir)", f"^{re.escape(str(store))}$", denied):
        assert run(store) == (2, "", f"release: {store}: cannot be read: Permission denied\n")


def test_an_index_that_cannot_be_read_is_told_once(store: Path, tmp_path: Path, run: Run) -> None:
    """By its name, and by what is wrong with it."""
    shutil.copytree(store, tmp_path / "dist")
    (tmp_path / "dist/versions.json").write_text("[]")
    code, out, _ = run(tmp_path / "dist/0.1.0", "--no-referee")
    assert code == 1
    assert (
        "    versions.json: error: index-syntax: cannot be read: is a list, expected an object; "
        "`release reindex "
    ) in out


def test_nothing_is_changed_by_verifying(release: Path, run: Run) -> None:
    """A release that nobody may write to verifies, and is as it was."""
    before = {path: path.read_bytes() for path in release.rglob("*") if path.is_file()}
    for path in [release, *release.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert run(release, "--rebuild", "--no-referee")[0] == 0
    assert {path: path.read_bytes() for path in release.rglob("*") if path.is_file()} == before
    for path in [release, *release.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_an_unpacked_zip_verifies_and_says_what_it_lacks(release: Path, run: Run) -> None:
    """The files alone are a release; what stands beside the archive was not looked at, and that is said."""
    for name in (ZIP, "buildinfo.json", "provenance.intoto.json"):
        (release / name).unlink()
    code, out, _ = run(release, "--rebuild", "--no-referee")
    assert code == 0
    assert "(the files alone: there is no archive and no buildinfo.json to look at)" in out
    assert "(proven: Parquet, the archive and every other file too)" in out


def test_a_file_of_others_beside_a_release_is_no_index(release: Path) -> None:
    """A versions.json that happens to stand beside a release's folder is not asked."""
    (release.parent / "versions.json").write_text("[]")
    assert "index" not in status(release, referee="none")


def test_the_release_says_how_to_check_it_without_this_program(release: Path) -> None:
    """README.md in a release names the command that everybody has."""
    assert "    sha256sum -c SHA256SUMS\n" in (release / "README.md").read_text("utf-8")


# the referee


def judged() -> tuple[list[tuple[str, int]], AbstractContextManager[None]]:
    """Each table that frictionless opens from here on, and how many rows it has."""
    seen: list[tuple[str, int]] = []

    def watch(call: Call) -> None:
        if call.is_of("open", r"\.csv$") and asked_by("frictionless"):
            (path,) = (Path(each) for each in call.paths if each.endswith(".csv"))
            if path.parent.name == "data":  # else it has the values of foreign keys
                seen.append((path.stem, pyarrow.csv.read_csv(path).num_rows))

    return seen, watching(watch)


def test_frictionless_is_asked_and_heard(release: Path, run: Run) -> None:
    """What frictionless says fails validity; with --no-referee it is not asked, which is said."""
    table = release / "data/notes.csv"
    good = table.read_bytes()

    def damage(call: Call) -> None:
        if call.is_of("open", r"notes\.csv$") and asked_by("frictionless"):
            table.write_bytes(good.replace(b"2001", b"2xx1"))

    with watching(damage):
        validity = status(release)["validity"]
    assert validity.status == "failed"
    told = sorted(line.split(": ")[:5] for line in as_printed(validity.findings))
    begin = ["data/notes.csv", "error", "referee", "frictionless"]
    assert told == [[*begin, "hash-count"], [*begin, "type-error"]]
    table.write_bytes(good)
    seen, watched = judged()
    with watched:
        code, out, _ = run(release, "--no-referee")
    assert (code, seen) == (0, [])
    assert "(frictionless did not judge the tables: it was not asked to)" in out


#: A small release is large, and a sample of it small.
SAMPLED = Limits(judged_whole=10, judged_sample=6)


def test_of_a_large_release_a_sample_is_judged(release: Path) -> None:
    """Above the limit a sample chosen by key is judged, as in a build; --referee full judges all."""
    seen, watched = judged()
    with watched:
        validity = status(release, limits=SAMPLED)["validity"]
        (note,) = validity.notes
        part = dict(seen)
        whole_validity = status(release, referee="full", limits=SAMPLED)["validity"]
    assert validity.status == "passed"
    assert note.startswith("frictionless judged a sample of ")
    assert whole_validity.notes == ("frictionless judged all 14 rows",)
    whole = dict(seen)
    assert whole == {"colours": 2, "links": 6, "notes": 6}
    assert 0 < part["links"] < 6 or 0 < part["notes"] < 6
    assert part["colours"] == 2


# the tables


def test_tables_are_read_in_pieces(release: Path) -> None:
    """However many rows are held at once, the same is found, with the same numbers of rows."""
    tampering.retable(release, "notes", tampering.with_value("year", 4, 1815))
    tampering.retable(release, "links", tampering.swapped)
    tampering.change(release / "data/notes.csv", "2006", "2016")
    refit(release)
    found = []
    for rows in (1, 2, 5, 1000):
        told = status(release, referee="none", limits=Limits(read_rows=rows))
        found.append((told["validity"].findings, told["equality"].findings))
    assert found[0] == found[1] == found[2] == found[3]
    assert as_printed(found[0][0]) == [
        "data/notes.csv: error: year-minimum: row 5: year is 1815, expected an integer, at least 1900",
        (
            "data/links.csv: error: row-order: row 2 stands behind row 1, expected rows in the order of "
            "note, position"
        ),
    ]
    assert [fault.path for fault in found[0][1]] == ["data/notes.csv"]


def test_values_of_a_descriptor_differ_by_their_type_too() -> None:
    """`true` is no 1, nor is 1.0, nor a list what is none."""
    found = {"a": True, "b": 1.0, "c": [1], "d": 1}
    wanted = {"a": 1, "b": 1, "c": 1, "d": 1}
    assert list(verify_descriptor.differences(found, wanted)) == [
        ("a", f"is true, {datapackage.SOURCE} says 1"),
        ("b", f"is 1.0, {datapackage.SOURCE} says 1"),
        ("c", f"is a list of 1, {datapackage.SOURCE} says 1"),
    ]


KEYS = """\
name: things
version: 0.1.0
created: '2026-01-31T00:00:00Z'
resources:
  - name: things
    path: things.csv
    schema:
      primaryKey: [id]
      uniqueKeys: [[two, three]]
      foreignKeys: [{fields: [other], reference: {resource: others, fields: [name]}}]
      fields:
        - {name: id, type: integer}
        - {name: one, type: string, constraints: {unique: true}}
        - {name: two, type: string}
        - {name: three, type: string}
        - {name: other, type: string}
  - name: others
    path: others.csv
    schema:
      primaryKey: [id]
      fields: [{name: id, type: integer}, {name: name, type: string}]
"""


def test_every_key_of_a_schema_is_held_against_the_tables(tmp_path: Path) -> None:
    """Those of one field and of several, and what refers to a field that is no primary key."""
    of = load.parse(KEYS, tmp_path / "datapackage.yaml")
    things = {"id": [1, 2], "one": ["a", "a"], "two": ["b", "b"], "three": ["c", "c"]}
    made = {
        "things": pa.table({**things, "other": ["d", "e"]}),
        "others": pa.table({"id": [1], "name": ["d"]}),
    }
    (tmp_path / "data").mkdir()
    for name, table in made.items():
        parquet.write([table], of.resource(name), tmp_path / f"data/{name}.parquet", 1 << 17)
        (tmp_path / f"data/{name}.csv").write_bytes(csv.to_bytes(table))
    sound = [f"data/{name}.{end}" for name in made for end in ("csv", "parquet")]
    held = tables.read(tmp_path, of, {}, sound)
    assert [*(one.invalid for one in held), *(one.held.unlike for one in held)] == [[], [], [], []]
    assert as_printed(tables.check_keys(held, of)) == [
        (
            "data/things.csv: error: things-uniqueKeys: row 2: two 'b', three 'c' stands in row 1 too, "
            "expected it once"
        ),
        "data/things.csv: error: one-unique: row 2: one 'a' stands in row 1 too, expected it once",
        (
            "data/things.csv: error: things-foreignKeys: row 2: other 'e' refers to nothing, expected a row "
            "of others with that name"
        ),
    ]


def test_a_parquet_that_unfolds_without_end_is_not_read_to_its_end(release: Path) -> None:
    """Reading stops where more was written than the CSV holds: what is damaged after that is not seen."""
    limits = Limits(read_rows=10)
    path = release / "data/links.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table] * 1000), path, store_schema=False, row_group_size=100)
    last = pq.ParquetFile(path).metadata.row_group(59).column(0)
    data = bytearray(path.read_bytes())
    start = min(last.dictionary_page_offset, last.data_page_offset)
    data[start : start + last.total_compressed_size] = bytes(last.total_compressed_size)
    path.write_bytes(data)
    refit(release)
    equality = status(release, referee="none", limits=limits)["equality"]
    assert equality.status == "failed"
    assert "cannot be read" not in str(as_printed(equality.findings))


def test_damaged_tables_are_not_read(release: Path) -> None:
    """A table whose files are not those that are listed is not read by what might crash on it."""
    tampering.flip(release / "data/notes.parquet")
    told = status(release)
    assert told["equality"].status == "passed"
    assert told["equality"].notes == (
        "not read, for its files are not those that are listed: notes",
    )
    assert told["validity"].notes[-1] == (
        "frictionless did not judge the tables: it was not asked to"
    )


def test_what_is_no_parquet_is_told(release: Path) -> None:
    """A file that pyarrow cannot read is a fault of that file."""
    (release / "data/notes.parquet").write_bytes(b"PAR1 and no more PAR1")
    refit(release)
    (fault,) = status(release, referee="none")["equality"].findings
    assert fault.path == "data/notes.parquet"
    assert fault.message.startswith("cannot be read as Parquet: ")


# what a release says of itself


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", ":1:2: error: json-syntax: not well-formed JSON: expecting property name"),
        ("[]", ":1:1: error: json-syntax: is a list, expected a mapping"),
        (
            '{"name": 1,\n "name": 2}',
            ":2:2: error: duplicate-key: 'name' stands twice: here it is 2, 1 line above it is 1",
        ),
        ('{"x": NaN}', ":1:7: error: not-a-number: found NaN, expected a number"),
        (
            '{"x": 1e999}',
            ":1:7: error: not-a-number: found 1e999, expected a number",
        ),
        (
            "[" * 100_000,
            ":1:1: error: too-deep: found more than 64 levels, expected no more",
        ),
        (
            f'{{"x": {"[" * 300}{"]" * 300}}}',
            ":1:70: error: too-deep: found a level below 64, expected no more",
        ),
        (
            r'{"x": "\uD800"}',
            ":1:7: error: lone-surrogate: found half of a surrogate pair, U+D800, expected Unicode",
        ),
        (f'{{"x": {"9" * 5000}}}', ":1:1: error: json-syntax: cannot be read: Exceeds the limit"),
    ],
    ids=["syntax", "list", "twice", "nan", "large", "deep", "too-deep", "half", "digits"],
)
def test_a_descriptor_that_cannot_be_read_is_a_fault(
    release: Path, text: str, message: str
) -> None:
    """Nothing that stands in datapackage.json ends in a traceback; what hangs on it is not done."""
    (release / "datapackage.json").write_text(text)
    told = status(release, rebuild=True)
    assert any(
        line.startswith(f"datapackage.json{message}")
        for line in as_printed(told["integrity"].findings)
    )
    assert told["validity"].status == told["equality"].status == "not done"


def test_a_descriptor_that_cannot_be_read_puts_no_other_file_in_the_wrong(release: Path) -> None:
    """It names the zip, and what buildinfo.json should say: without it neither is extra or false."""
    path = release / "datapackage.json"
    before = tampering.sha256(path)
    path.write_text("[]")
    assert as_printed(status(release)["integrity"].findings) == [
        "datapackage.json:1:1: error: json-syntax: is a list, expected a mapping",
        (
            "datapackage.json: error: file-changed: was changed: its SHA-256 is "
            f"{tampering.sha256(path)}, expected {before}"
        ),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"resources": None},
        {"resources": [1, None, {}, {"path": 3}, {"path": "../x", "format": "csv"}]},
        {"name": 3, "version": [], "created": 7},
        {"created": "yesterday"},
        {"created": "2108-01-01T00:00:00Z"},
        {"created": "9999-12-31T23:59:59-12:00"},
        {"name": "../../x"},
        {"resources": [{"name": "x", "path": "data/notes.csv", "format": "csv", "schema": 1}]},
        {"resources": [{"path": "data/notes.csv", "format": "csv", "schema": {"fields": [{}]}}]},
    ],
)
def test_a_descriptor_of_another_shape_is_a_fault(release: Path, change: dict[str, Any]) -> None:
    """Whatever is in the place of a property, verify says what is wrong and goes on."""
    write_package(release, {**package_of(release), **change})
    told = status(release, rebuild=True, referee="none")
    assert told["integrity"].status == "failed"
    assert told["validity"].status == "failed"


@pytest.mark.parametrize(
    "change",
    [
        {"archive": 1},
        {"toolchain": None},
        {"inputs": []},
        {"lock": 3},
        {"git": "x"},
        {"name": {}},
        {"name": ["files"]},  # what stands in the statement where its files are put
    ],
)
def test_a_buildinfo_of_another_shape_is_a_fault(release: Path, change: dict[str, Any]) -> None:
    """The same for buildinfo.json."""
    path = release / "buildinfo.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **change}))
    told = status(release, rebuild=True, referee="none")
    assert told["integrity"].status == "failed"


@pytest.mark.parametrize(
    "path", ["datapackage.json", "source/datapackage.yaml", "source/codelists/colours.csv"]
)
def test_a_pipe_is_told_and_not_waited_for(release: Path, path: str) -> None:
    """What stands in the place of a file may never end, or never begin: it is not read."""
    (release / path).unlink()
    os.mkfifo(release / path)
    command = [sys.executable, "-m", "release", "verify", "--rebuild", str(release)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"    {path}: error: not-a-file: is no regular file, expected one\n" in done.stdout
    assert "line 0" not in done.stdout


def test_frictionless_is_asked_of_what_source_declares_only(release: Path) -> None:
    """By a descriptor of others it would fetch what that names, from wherever that is."""
    package = package_of(release)
    for resource in package["resources"]:
        resource["dialect"] = "http://127.0.0.1:1/dialect.json"
    write_package(release, package)
    refit(release)
    seen, watched = judged()
    with watched:
        found = status(release)["validity"]
    assert seen == []
    assert found.status == "failed"
    assert list(found.notes) == [
        "frictionless did not judge the tables: the descriptor is not that of source/"
    ]


def test_another_history_of_a_first_release_is_not_proven(release: Path) -> None:
    """What is not so is not called proven, and there is no version before to speak of."""
    tampering.change(release / "CHANGELOG.md", "first release", "first, certified release")
    refit(release)
    found = status(release, rebuild=True)["rebuild"]
    assert "CHANGELOG.md: error: history: is not what a first release has" in as_printed(
        found.findings
    )
    names = "CHANGELOG.md, changes.json, changes.csv"
    assert found.notes[-1] == f"not proven: {names}, this being the first release"


def test_a_history_that_cannot_be_compared_names_files_of_the_release(release: Path) -> None:
    """Of a zip, the folder that it was unpacked into is nothing to anyone."""
    (release / "data/notes.csv").write_bytes(b"note\n")
    refit(release)
    faults = status(release / ZIP, rebuild=True)["rebuild"].findings
    (fault,) = [fault for fault in faults if fault.path == "changes.json"]
    assert fault.message.startswith("cannot be compared: data/notes.csv: ")


@pytest.mark.parametrize(
    ("end", "found", "made"),
    [
        ("", '"n6",0,"n1" without a line end', '"n6",0,"n1"'),
        ("\n\n", "an empty line", "nothing"),
    ],
    ids=["none", "two"],
)
def test_a_line_that_differs_in_its_end_is_told(
    release: Path, end: str, found: str, made: str
) -> None:
    """Two lines that look alike are told apart."""
    path = release / "data/links.csv"
    path.write_text(path.read_text().removesuffix("\n") + end)
    refit(release)
    findings = status(release, rebuild=True)["rebuild"].findings
    assert [f.message for f in findings if f.line] == [f"is {found}, source/ makes {made}"]


def test_a_descriptor_that_is_written_otherwise_is_told_by_rebuild(release: Path) -> None:
    """The descriptor is what source/ makes byte for byte, also of a zip that says no toolchain."""
    path = release / "datapackage.json"
    text = json.dumps(dict(reversed(json.loads(path.read_bytes()).items())), indent=2) + "\n"
    path.write_text(text)
    sums = release / "SHA256SUMS"
    lines = [
        line for line in sums.read_text().splitlines() if not line.endswith("datapackage.json")
    ]
    lines.append(f"{tampering.sha256(path)}  datapackage.json")
    sums.write_text("".join(f"{line}\n" for line in sorted(lines, key=lambda line: line[66:])))
    tampering.repack(
        release, [*(line[66:] for line in sorted(lines, key=lambda x: x[66:])), "SHA256SUMS"]
    )
    found = status(release / ZIP, rebuild=True)["rebuild"]
    assert as_printed(found.findings) == [
        "datapackage.json: error: rebuild-differs: is not written as release writes it"
    ]


def test_a_count_that_is_no_number_is_a_fault(release: Path) -> None:
    """JSON writes numbers that are larger than all."""
    summary = json.loads((release / "changes.json").read_bytes())
    summary["from"] = "0.0.1"
    text = json.dumps(summary).replace('"old": 0', '"old": 1e999', 1)
    (release / "changes.json").write_text(text)
    refit(release)
    findings = as_printed(status(release, rebuild=True)["rebuild"].findings)
    assert [line for line in findings if "read" in line] == [
        "changes.json: error: history: cannot be read: cannot convert float infinity to integer"
    ]


def test_a_source_that_cannot_be_used_is_a_fault(release: Path) -> None:
    """A descriptor in source/ that cannot be read fails validity and rebuild, with its line."""
    tampering.change(
        release / "source/datapackage.yaml", "primaryKey: [note]", "primaryKey: [nope]"
    )
    refit_text = (release / "source/datapackage.yaml").read_text()
    assert "nope" in refit_text
    told = status(release, rebuild=True, referee="none")
    for name in ("validity", "rebuild"):
        finding = told[name].findings[0]
        assert (finding.rule, finding.path, finding.line) == ("descriptor", SOURCE, 13)
        assert finding.file == str(release / SOURCE)


def test_a_published_descriptor_is_read_as_what_it_is(store: Path) -> None:
    """datapackage.json is read into typed values, which are those of the source's tables."""
    folder = store / "0.1.0"
    manifest, _ = Manifest.of(package_of(folder))
    typed, faults = verify_descriptor.read_tables(manifest, folder)
    source = load.load(folder / "source/datapackage.yaml")
    assert faults == []
    assert typed is not None
    assert [r.name for r in typed.resources] == [r.name for r in source.resources]
    for one, other in zip(typed.resources, source.resources, strict=True):
        assert one.field_names == other.field_names
        assert one.primary_key == other.primary_key
        assert [field.type for field in one.fields] == [field.type for field in other.fields]


def test_the_profiles_here_are_the_published_ones(shared: Path) -> None:
    """The copies of the standard's profiles that travel with the program differ in no byte."""
    ours = Path(verify_descriptor.__file__).parent / "profiles/2.0"
    theirs = shared / "standards/profiles/2.0"
    names = sorted(path.name for path in ours.iterdir())
    assert len(names) == 4
    for name in names:
        assert (ours / name).read_bytes() == (theirs / name).read_bytes()


# rebuild


def other_toolchain(folder: Path, **versions: str) -> None:
    """Let a release say that it was built with other versions."""
    info = json.loads((folder / "buildinfo.json").read_bytes())
    info["toolchain"] |= versions
    tampering.note(folder, info)


def other_parquet(release: Path) -> None:
    """The same values in a Parquet as another version of pyarrow may write it."""
    path = release / "data/notes.parquet"
    pq.write_table(pq.read_table(path), path, store_schema=False, compression="gzip")
    refit(release)


def test_another_toolchain_is_no_failure(release: Path) -> None:
    """Where Parquet differs and so does the toolchain, both versions are named, and CSV is proven."""
    other_parquet(release)
    other_toolchain(release, pyarrow="25.0.0")
    told = status(release, rebuild=True, referee="none")["rebuild"]
    assert (told.status, told.findings) == ("passed", ())
    assert told.notes[:2] == (
        "proven: CSV, descriptor and source are what source/ makes, byte for byte",
        (
            f"not proven: data/notes.parquet, index.html, SHA256SUMS, datapackage.json, {ZIP}; built "
            f"with pyarrow 25.0.0, here {pa.__version__}"
        ),
    )


def test_what_is_found_outside_a_release_does_not_hinder_its_rebuild(tmp_path: Path) -> None:
    """As a file beside the records, in the folder where they were said to be."""
    path = tampering.dataset(tmp_path)
    path.write_text(path.read_text() + FINDINGS)
    (tmp_path / "notes/draft.txt").write_text("Not yet.")
    elsewhere = {"notes": FilePattern(f"{tmp_path}/notes/{{note}}.md")}
    made = pipeline.build(load.load(path), tmp_path / "dist", pipeline.Options(elsewhere))
    assert made.path is not None
    assert [finding.rule for finding in made.outcome.findings] == ["file-unmatched"]
    assert pq.read_table(made.path / "data/findings.parquet")["rule"].to_pylist() == []
    told = status(made.path, rebuild=True, referee="none")["rebuild"]
    assert (told.status, told.findings) == ("passed", ())


def test_the_same_toolchain_gives_the_same_parquet(release: Path) -> None:
    """Where Parquet differs and the toolchain does not, that is a failure."""
    other_parquet(release)
    told = status(release, rebuild=True, referee="none")["rebuild"]
    assert told.status == "failed"
    assert as_printed(told.findings)[0] == (
        "data/notes.parquet: error: rebuild-differs: is not what source/ makes with the same toolchain"
    )


def test_another_toolchain_excuses_no_value(release: Path) -> None:
    """CSV is the same whatever the toolchain: that it is said to be another excuses nothing."""
    tampering.retable(release, "notes", tampering.with_value("year", 2, 2013))
    other_toolchain(release, pyarrow="25.0.0", release="9.0")
    told = status(release, rebuild=True, referee="none")["rebuild"]
    assert as_printed(told.findings)[0] == (
        'data/notes.csv:6:1: error: rebuild-differs: is "n3","The 3. note",2013,3.5,true,2026-01-03,"r",'
        '"Rain, on day 3., source/ makes "n3","The 3. note",2003,3.5,true,2026-01-03,"r","Rain, on day 3.'
    )


def test_another_toolchain_with_the_same_files_is_proven_whole(release: Path) -> None:
    """Where every file comes out the same, another toolchain matters to none of them."""
    other_toolchain(release, numpy="1.0")
    told = status(release, rebuild=True, referee="none")["rebuild"]
    assert told.notes[1] == "proven: Parquet, the archive and every other file too"


def test_a_zip_alone_does_not_say_with_what_it_was_built(release: Path) -> None:
    """Without buildinfo.json a Parquet that differs is not explained, and that is said."""
    other_parquet(release)
    alone = release.parent / ZIP
    shutil.copy(release / ZIP, alone)
    told = status(alone, rebuild=True, referee="none")["rebuild"]
    assert told.status == "passed"
    assert told.notes[1].endswith(
        "; there is no buildinfo.json that says with what they were built"
    )


def test_records_that_cannot_be_released_are_told(release: Path) -> None:
    """A record in source/ that has an error is a fault of that record, with its line."""
    tampering.change(release / "source/notes/n2.md", "year: 2002", "year: soon")
    refit(release)
    told = status(release, rebuild=True, referee="none")["rebuild"]
    assert as_printed(told.findings) == [
        "source/notes/n2.md:3:7: error: year-type: year is 'soon', expected an integer, at least 1900"
    ]


def test_a_zip_by_another_name_is_rebuilt_as_what_it_is(release: Path) -> None:
    """What a zip is called where it was saved to is not held against it."""
    named = (release / ZIP).rename(release.parent / "saved.zip")
    told = status(named, rebuild=True, referee="none")["rebuild"]
    assert (told.status, told.notes[1]) == (
        "passed",
        "proven: Parquet, the archive and every other file too",
    )


@pytest.fixture
def second(store: Path, tmp_path: Path) -> Path:
    """A second version, in a store with the first."""
    copy = Path(shutil.copytree(store, tmp_path / "dist"))
    path = tampering.dataset(tmp_path / "records")
    tampering.change(path, "version: 0.1.0", "version: 0.2.0")
    tampering.change(path.parent / "notes/n3.md", "year: 2003", "year: 2013")
    made = pipeline.build(load.load(path), copy)
    assert made.path is not None
    return made.path


def test_the_history_is_made_anew_from_the_version_before(second: Path) -> None:
    """Beside the version before, what a release says of the difference is made again and compared."""
    told = status(second, rebuild=True, referee="none")["rebuild"]
    assert told.findings == ()
    assert told.notes[-1] == (
        "proven: CHANGELOG.md, changes.json, changes.csv, changes.html, 0.1.0 being the one before"
    )


def test_a_false_history_is_told(second: Path, tmp_path: Path) -> None:
    """An old value that was changed is told beside the version before, and not without it, which is said;
    a new value that was changed is told by the table itself.
    """
    alone = tampering.alone(second, tmp_path / "alone")
    for folder in (second, alone):
        tampering.change(folder / "changes.csv", "2003", "2004")
    rezipped(second)
    rezipped(alone)
    message = "is not what the difference to 0.1.0 gives"
    told = status(second, rebuild=True, referee="none")["rebuild"]
    assert as_printed(told.findings) == [f"changes.csv: error: history: {message}"]
    told = status(alone, rebuild=True, referee="none")["rebuild"]
    assert told.findings == ()
    assert told.notes[-1] == (
        "not proven: CHANGELOG.md, changes.json, changes.csv, changes.html speak of 0.1.0, which is not "
        "beside this release; what they say of these tables was compared"
    )
    tampering.change(alone / "changes.csv", "2013", "2014")
    rezipped(alone)
    told = status(alone, rebuild=True, referee="none")["rebuild"]
    assert [fault.path for fault in told.findings] == ["changes.csv"]


def test_a_false_page_of_the_difference_is_told(second: Path) -> None:
    """As what is beside it is; not where another toolchain built it, which may write pages otherwise."""
    tampering.change(second / "changes.html", "2003", "2004")
    rezipped(second)
    told = status(second, rebuild=True, referee="none")["rebuild"]
    message = "is not what the difference to 0.1.0 gives"
    assert as_printed(told.findings) == [f"changes.html: error: history: {message}"]
    info = json.loads((second / "buildinfo.json").read_text("utf-8"))
    info["toolchain"]["markupsafe"] = "0.1"
    (second / "buildinfo.json").write_text(json.dumps(info), "utf-8")
    told = status(second, rebuild=True, referee="none")["rebuild"]
    assert told.findings == ()
    assert told.notes[-1] == (
        "proven: CHANGELOG.md, changes.json, changes.csv, 0.1.0 being the one before"
    )


def rezipped(folder: Path) -> None:
    """Make the digests of the second version fit."""
    (zipped,) = folder.glob("*.zip")
    zipped.rename(folder / ZIP)
    refit(folder)
    (folder / ZIP).rename(zipped)
    info = json.loads((folder / "buildinfo.json").read_bytes())
    info["archive"]["path"] = zipped.name
    lines = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    listed = tampering.sha256(folder / "SHA256SUMS")
    provenance.write(folder, info, [(path, digest) for digest, path in lines], listed)


def test_a_rebuild_leaves_nothing_behind(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder in which a release is built again goes."""
    import gc
    import tempfile

    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    assert status(release, rebuild=True, referee="none")["rebuild"].status == "passed"
    gc.collect()
    assert list(place.iterdir()) == []


def test_the_seeds_verify_whole(built: Path) -> None:
    """The release of the seeds passes every step, frictionless and rebuild among them."""
    told = status(built, rebuild=True)
    assert {name: step.status for name, step in told.items()} == {
        "integrity": "passed",
        "validity": "passed",
        "equality": "passed",
        "parquet": "passed",
        "rebuild": "passed",
        "signature": "not done",
        "index": "passed",
    }, [str(fault) for step in told.values() for fault in step.findings]
    assert pipeline.Options().workers == 1

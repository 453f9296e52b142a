"""A store's index says what its folders hold, in order, and can be made from them again."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from release.findings.errors import RefusedError, UsageError
from release.package import render
from release.store import check, contents, index, placement
from release.store import entry as store_entry
from release.store import page as store_page
from tests.support import kit, stores
from tests.support.datasets import write_notes
from tests.support.kit import run, unwaited
from tests.support.pages import Page, is_guarded


def index_of(where: Path) -> dict[str, bytes | None]:
    """The files of an index."""
    return {name: index.content(where / name) for name in index.NAMES}


# what the index says


def test_the_index_has_these_facts_of_a_version(tmp_path: Path) -> None:
    """versions.json: status, date, digests and sizes of the zip and SHA256SUMS, documents, changes."""
    changes = {"from": "0.0.9", "level": "minor", "schema": 0}
    rows = {"added": 4, "removed": 0, "changed": 12}
    more = {"changes.json": json.dumps({**changes, "rows": rows}), "CHANGELOG.md": "# Changelog\n"}
    path, _ = stores.place(tmp_path, "0.1.0", more=more)
    archive, sums = path / "notes-0.1.0.zip", path / "SHA256SUMS"
    assert json.loads((tmp_path / "versions.json").read_bytes()) == {
        "latest": "0.1.0",
        "versions": [
            {
                "version": "0.1.0",
                "status": "final",
                "created": "2026-01-31T00:00:00Z",
                "name": "notes",
                "title": "Notes & more",
                "archive": {
                    "path": "0.1.0/notes-0.1.0.zip",
                    "bytes": archive.stat().st_size,
                    "hash": f"sha256:{kit.sha256(archive.read_bytes())}",
                },
                "checksums": {
                    "path": "0.1.0/SHA256SUMS",
                    "bytes": sums.stat().st_size,
                    "hash": f"sha256:{kit.sha256(sums.read_bytes())}",
                },
                "files": 6,
                "bytes": sum(
                    len(data)
                    for name, data in kit.tree(path).items()
                    if name not in (archive.name, "buildinfo.json")
                ),
                "documents": ["0.1.0/README.md", "0.1.0/CHANGELOG.md", "0.1.0/datapackage.json"],
                "changes": {
                    "before": "0.0.9",
                    "level": "minor",
                    "added": 4,
                    "removed": 0,
                    "changed": 12,
                    "schema": 0,
                },
            }
        ],
    }


def test_the_latest_version_is_told_with_its_digests(dist: Path) -> None:
    """latest.json: the newest final version, its date, its zip and its SHA256SUMS; no draft."""
    latest = json.loads((dist / "latest.json").read_bytes())
    entry = contents.versions(dist)[1]
    assert latest == {
        "version": "0.2.0",
        "created": "2026-01-31T00:00:00Z",
        "archive": store_entry.to_json(entry)["archive"],
        "checksums": store_entry.to_json(entry)["checksums"],
    }
    assert contents.latest(dist) == "0.2.0"


def test_versions_are_listed_newest_first_by_precedence(tmp_path: Path) -> None:
    """0.10.0 is newer than 0.9.0, a draft older than its final version, whatever was placed first."""
    for version in ["0.9.0", "1.0.0-dev.2", "0.10.0", "1.0.0-dev.10", "0.10.0-dev"]:
        stores.place(tmp_path, version)
    found = [(entry.version, entry.status) for entry in contents.versions(tmp_path)]
    assert found == [
        ("1.0.0-dev.10", "draft"),
        ("1.0.0-dev.2", "draft"),
        ("0.10.0", "final"),
        ("0.10.0-dev", "draft"),
        ("0.9.0", "final"),
    ]
    assert contents.latest(tmp_path) == "0.10.0"
    assert contents.before(tmp_path, "0.10.0") == "0.9.0"
    assert contents.before(tmp_path, "0.9.0") is None


def test_the_order_of_placing_changes_no_byte(tmp_path: Path) -> None:
    """An index is a function of what the store holds."""
    found = set()
    for number, order in enumerate(itertools.permutations(["0.1.0", "0.2.0-dev", "0.3.0"])):
        where = tmp_path / str(number)
        for version in order:
            stores.place(where, version)
        found.add(tuple(index_of(where).values()))
    assert len(found) == 1


def test_an_entry_of_a_final_version_stays_as_it_is(dist: Path) -> None:
    """Placing, withdrawing and making anew leave the entries of other versions byte for byte."""
    before = {entry.version: entry for entry in contents.versions(dist)}
    stores.place(dist, "0.4.0", "four")
    contents.yank(dist, "0.2.0", "wrong")
    contents.reindex(dist)
    after = {entry.version: entry for entry in contents.versions(dist)}
    assert after["0.1.0"] == before["0.1.0"]
    assert after["0.2.0"] == store_entry.withdrawn(before["0.2.0"], "wrong")


def test_what_is_said_of_a_final_version_is_not_read_anew(dist: Path) -> None:
    """A version that is changed after its release does not change its entry: that is how it is found."""
    before = {entry.version: entry for entry in contents.versions(dist)}
    stores.release(dist / "0.1.0", "0.1.0", "other")
    stores.place(dist, "0.4.0", "four")
    after = {entry.version: entry for entry in contents.versions(dist)}
    assert after["0.1.0"] == before["0.1.0"]
    assert any("0.1.0" in fault for fault in stores.found(dist))


def test_a_store_of_drafts_has_no_latest_version(tmp_path: Path) -> None:
    """A draft may change under the digest that someone was given, so it is never the latest."""
    stores.place(tmp_path, "0.1.0-dev")
    assert contents.latest(tmp_path) is None
    assert not (tmp_path / "latest.json").exists()
    assert json.loads((tmp_path / "versions.json").read_bytes())["latest"] is None
    assert "No version here is final" in (tmp_path / "index.html").read_text("utf-8")
    stores.place(tmp_path, "0.1.0")
    assert (tmp_path / "latest.json").exists()


def test_a_rebuilt_draft_has_its_new_digests(dist: Path) -> None:
    """The index of a draft that was replaced says what stands there now."""
    old = contents.versions(dist)[0]
    stores.place(dist, "0.3.0-dev", "other")
    new = contents.versions(dist)[0]
    assert new == store_entry.derived(dist / "0.3.0-dev")
    assert new.archive.hash != old.archive.hash


def test_a_draft_that_was_removed_is_forgotten(dist: Path) -> None:
    """Drafts may be removed by hand; the next release takes them out of the index."""
    shutil.rmtree(dist / "0.3.0-dev")
    stores.place(dist, "0.3.0", "three")
    assert [entry.version for entry in contents.versions(dist)] == ["0.3.0", "0.2.0", "0.1.0"]
    assert check.check_index(dist) == []


def test_a_store_without_an_index_gets_one_with_all_its_versions(dist: Path) -> None:
    """A store from before there was an index is read by its folders, and indexed by the next build."""
    expected = contents.versions(dist)
    for name in index.NAMES:
        (dist / name).unlink()
    assert contents.versions(dist) == expected
    assert contents.latest(dist) == "0.2.0"
    stores.place(dist, "0.2.0", "two")
    assert contents.versions(dist) == expected
    assert check.check_index(dist) == []


def test_what_is_no_whole_version_is_never_named(dist: Path) -> None:
    """A folder that bears a version's name and lacks a file is not in the index of the next build."""
    shutil.copytree(dist / "0.2.0", dist / "0.0.9")
    (dist / "0.0.8").mkdir()
    (dist / "notes").mkdir()
    stores.place(dist, "0.4.0")
    assert [entry.version for entry in contents.versions(dist)] == [
        *("0.4.0", "0.3.0-dev", "0.2.0", "0.1.0")
    ]


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077, 0o000], ids="{:03o}".format)
def test_permissions_are_those_of_the_umask(tmp_path: Path, umask: int) -> None:
    """Of every file and folder in a store, whichever command wrote it: all private, or all public."""
    descriptor = write_notes(tmp_path / "notes", 3) / "datapackage.yaml"
    text = descriptor.read_text("utf-8")
    before = os.umask(umask)
    try:
        for version in ("0.1.0", "0.2.0-dev", "0.2.0-dev"):
            about = f"version: {version}\ntitle: T{os.urandom(4).hex()}"  # a draft is replaced
            descriptor.write_text(text.replace("version: 0.1.0", about), "utf-8")
            of = ("--descriptor", str(descriptor))
            assert run("build", *of, "--out", str(tmp_path / "dist"))[0] == 0
        dist = str(tmp_path / "dist")
        assert run("publish", str(tmp_path / "public"), "0.1.0", "--store", dist)[0] == 0
        assert run("yank", "0.1.0", "--store", dist, "--reason", "wrong")[0] == 0
        (tmp_path / "dist/index.html").unlink()
        assert run("reindex", dist)[0] == 0
    finally:
        os.umask(before)
    for store in ("dist", "public"):
        held = [tmp_path / store, *(tmp_path / store).rglob("*")]
        assert {oct(p.stat().st_mode & 0o777) for p in held if p.is_dir()} == {oct(0o777 & ~umask)}
        assert {oct(p.stat().st_mode & 0o777) for p in held if p.is_file()} == {oct(0o666 & ~umask)}


def test_an_index_keeps_its_permissions(tmp_path: Path) -> None:
    """Who made it readable, or private, need not do so again at the next version."""
    stores.place(tmp_path / "dist", "0.1.0")
    for name, mode in zip(index.NAMES, (0o640, 0o600, 0o644), strict=True):
        (tmp_path / "dist" / name).chmod(mode)
    stores.place(tmp_path / "dist", "0.2.0")
    modes = [(tmp_path / "dist" / name).stat().st_mode & 0o777 for name in index.NAMES]
    assert modes == [0o640, 0o600, 0o644]


# withdrawing


def test_a_withdrawn_version_stays_and_is_no_longer_the_latest(dist: Path) -> None:
    """No byte of the version changes; the index has the reason, and the version before is the latest."""
    before = kit.tree(dist / "0.2.0")
    assert contents.yank(dist, "0.2.0", "the  years\nare wrong")
    assert kit.tree(dist / "0.2.0") == before
    entry = contents.versions(dist)[1]
    assert (entry.version, entry.status, entry.reason) == (
        *("0.2.0", "withdrawn", "the years are wrong"),
    )
    assert json.loads((dist / "latest.json").read_bytes())["version"] == "0.1.0"
    assert index.withdrawn(dist, "0.2.0") == "the years are wrong"
    assert index.withdrawn(dist, "0.1.0") is None
    assert contents.before(dist, "0.3.0") == "0.1.0"
    assert check.check_index(dist) == []


def test_a_version_is_withdrawn_once(dist: Path) -> None:
    """The same reason again changes nothing; another reason takes the place of the first."""
    assert contents.yank(dist, "0.2.0", "wrong")
    before = index_of(dist)
    assert not contents.yank(dist, "0.2.0", "wrong")
    assert index_of(dist) == before
    assert contents.yank(dist, "0.2.0", "very wrong")
    assert contents.versions(dist)[1].reason == "very wrong"


def test_with_all_versions_withdrawn_there_is_no_latest(dist: Path) -> None:
    """latest.json goes with the last version that it could name."""
    contents.yank(dist, "0.2.0", "wrong")
    contents.yank(dist, "0.1.0", "wrong too")
    assert not (dist / "latest.json").exists()
    assert contents.latest(dist) is None


def test_a_withdrawn_version_that_is_built_again_stays_withdrawn(dist: Path) -> None:
    """The same content again is there already; what was said of it holds."""
    contents.yank(dist, "0.2.0", "wrong")
    before = index_of(dist)
    assert stores.place(dist, "0.2.0", "two")[1] is False
    assert index_of(dist) == before


@pytest.mark.parametrize(
    ("version", "reason", "message"),
    [
        ("0.9.0", "x", "dist has no version '0.9.0', expected one of 0.3.0-dev, 0.2.0, 0.1.0"),
        ("latest", "x", "dist has no version 'latest', expected one of 0.3.0-dev, 0.2.0, 0.1.0"),
        ("0.1.0", " \n", "--reason: expected a text that says why the version is withdrawn"),
        (
            "0.3.0-dev",
            "x",
            (
                "0.3.0-dev is a draft, which is not withdrawn: build it again, or remove its folder and "
                "run `release reindex dist`"
            ),
        ),
    ],
    ids=["unknown", "latest", "no-reason", "draft"],
)
def test_what_cannot_be_withdrawn_is_told(
    dist: Path, version: str, reason: str, message: str
) -> None:
    """An unknown version, a draft and no reason are refused; nothing changes."""
    before = kit.tree(dist)
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        contents.yank(dist, version, reason)
    assert kit.tree(dist) == before


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"version": "0.2.0"}', '{"version": "0.1.0", "reason": "x"}']
)
def test_a_mark_that_says_nothing_is_refused(dist: Path, text: str) -> None:
    """A damaged mark is neither a withdrawal nor none."""
    (dist / "0.2.0.withdrawn.json").write_text(text)
    with pytest.raises(
        RefusedError, match="expected the version and the reason why it was withdrawn"
    ):
        contents.versions(dist)
    (fault,) = stores.found(dist)
    assert fault.startswith("dist/0.2.0.withdrawn.json: error: withdrawal-syntax: ")


# made again


def test_the_index_is_made_again_from_the_folders_byte_for_byte(dist: Path) -> None:
    """With all its files lost, withdrawals included, the same index is made again."""
    contents.yank(dist, "0.2.0", "wrong")
    before = index_of(dist)
    for name in index.NAMES:
        (dist / name).unlink(missing_ok=True)
    assert [entry.version for entry in contents.reindex(dist)] == ["0.3.0-dev", "0.2.0", "0.1.0"]
    assert index_of(dist) == before


def test_a_damaged_index_is_made_again(dist: Path) -> None:
    """What cannot be read says nothing; the folders do."""
    before = index_of(dist)
    (dist / "versions.json").write_bytes(b'{"versions": [')
    (dist / "latest.json").write_bytes(b"")
    (dist / "index.html").write_bytes(b"mine")
    contents.reindex(dist)
    assert index_of(dist) == before


def test_an_index_is_not_made_of_versions_that_changed(dist: Path) -> None:
    """What the index says of a final version and its folder does not is no reason to write it anew."""
    text = (dist / "versions.json").read_text("utf-8")
    old = contents.versions(dist)[2].archive.hash
    (dist / "versions.json").write_text(text.replace(old, f"sha256:{'0' * 64}"))
    shutil.rmtree(dist / "0.2.0")
    (dist / "0.3.0-dev/README.md").unlink()
    before = kit.tree(dist)
    with pytest.raises(RefusedError) as refused:
        contents.reindex(dist)
    size = (dist / "0.1.0/notes-0.1.0.zip").stat().st_size
    assert str(refused.value).splitlines() == [
        "dist: the index stays as it is:",
        (
            "  dist/0.3.0-dev/README.md: error: file-missing: is missing, expected a file of the release"
        ),
        (
            "  dist/versions.json: error: index-gone: lists 0.2.0, which is not there: put it back, or "
            "remove the index to forget it"
        ),
        (
            f"  dist/versions.json: error: index-entry: archive of 0.1.0 is 0.1.0/notes-0.1.0.zip of {size} "
            f"bytes with sha256:{'0' * 64}, its folder has 0.1.0/notes-0.1.0.zip of {size} bytes with {old}; "
            "a final version stays as it was: put it back, or remove the index if the version is right"
        ),
    ]
    assert kit.tree(dist) == before


def test_a_final_version_whose_folder_is_gone_is_not_given_other_content(dist: Path) -> None:
    """The index remembers: the same content may come back, other content may not."""
    shutil.rmtree(dist / "0.1.0")
    before = kit.tree(dist)
    with pytest.raises(
        RefusedError, match=r"^dist/versions.json lists 0.1.0 with other content \(its"
    ):
        stores.place(dist, "0.1.0", "other")
    assert kit.tree(dist) == before
    assert stores.place(dist, "0.1.0", "one")[1] is True
    assert check.check_index(dist) == []


#: What may stand in versions.json and is no index.
NO_INDEX = {
    "cut": '{"versions": [',
    "list": "[]",
    "no-versions": "{}",
    "text": '{"versions": "0.1.0"}',
    "entries": '{"versions": [1]}',
    "deep": "[" * 100_000,
    "bytes": "\udcff",
}


@pytest.mark.parametrize("name", NO_INDEX)
def test_an_index_that_cannot_be_read_stops_what_would_write_it(dist: Path, name: str) -> None:
    """A build, a withdrawal and a copy say what to do, and change nothing."""
    (dist / "versions.json").write_bytes(NO_INDEX[name].encode("utf-8", "surrogateescape"))
    before = kit.tree(dist)
    stores.place(Path("other"), "0.5.0")
    for act in (
        lambda: stores.place(dist, "0.4.0"),
        lambda: contents.yank(dist, "0.1.0", "x"),
        lambda: contents.versions(dist),
    ):
        with pytest.raises(RefusedError) as refused:
            act()
        message = str(refused.value)
        assert message.startswith("dist/versions.json: cannot be read: ")
        assert message.endswith(
            "; `release reindex dist` makes it from the versions that are there"
        )
    assert run("publish", "dist", "--store", "other")[0] == 1
    assert kit.tree(dist) == before


def test_an_index_that_cannot_be_read_is_told_before_the_work(dist: Path) -> None:
    """A build does not write a release first to hear of it then."""
    (dist / "versions.json").write_text("mine")
    with pytest.raises(RefusedError, match="cannot be read"), placement.staging(dist):
        pytest.fail("the work has begun")


def entry_with(key: str, value: object) -> Callable[[Path], object]:
    """Puts another value into the first entry of an index."""

    def change(where: Path) -> None:
        content = json.loads((where / "versions.json").read_bytes())
        content["versions"][0][key] = value
        (where / "versions.json").write_text(json.dumps(content))

    return change


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", "latest"),
        ("version", None),
        ("status", "good"),
        ("status", "withdrawn"),
        ("reason", "because"),
        ("created", 2026),
        ("files", "6"),
        ("archive", {"path": "a", "bytes": "1", "hash": "b"}),
        ("archive", {"path": "a"}),
        ("documents", [1]),
        ("changes", {"level": "minor"}),
        ("more", "of it"),
    ],
)
def test_an_entry_that_is_none_is_refused(dist: Path, key: str, value: object) -> None:
    """Each value of an entry has its type, and there are no others."""
    entry_with(key, value)(dist)
    with pytest.raises(RefusedError, match=r"^dist/versions\.json: cannot be read: "):
        contents.versions(dist)


# faults


MEND = "`release reindex dist` makes it from the versions that are there"


def damage(name: str, old: str, new: str) -> Callable[[Path], object]:
    """Changes a text in a file of the store."""

    def change(where: Path) -> None:
        text = (where / name).read_text("utf-8")
        assert old in text
        (where / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


def removed(name: str) -> Callable[[Path], object]:
    """Removes a file or folder of the store."""

    def change(where: Path) -> None:
        shutil.rmtree(where / name) if (where / name).is_dir() else (where / name).unlink()

    return change


def unnamed(where: Path) -> None:
    """Takes the entry of the newest version out of the index."""
    content = json.loads((where / "versions.json").read_bytes())
    del content["versions"][0]
    (where / "versions.json").write_text(json.dumps(content))


OTHER = "is not what this version of release makes of the store"

FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no index": (
        removed("versions.json"),
        f"dist/versions.json: error: index-missing: is not there; {MEND}",
    ),
    "no page": (
        removed("index.html"),
        f"dist/index.html: error: index-stale: is not there; {MEND}",
    ),
    "no latest": (
        removed("latest.json"),
        f"dist/latest.json: error: index-stale: is not there; {MEND}",
    ),
    "not listed": (
        unnamed,
        f"dist/versions.json: error: index-unlisted: does not list 0.3.0-dev, which is there; {MEND}",
    ),
    "not there": (
        removed("0.1.0"),
        "dist/versions.json: error: index-gone: lists 0.1.0, which is not there",
    ),
    "not whole": (
        removed("0.1.0/data/notes.csv"),
        (
            "dist/0.1.0/data/notes.csv: error: file-missing: is missing, expected a file of the release"
        ),
    ),
    "no checksums": (
        removed("0.1.0/SHA256SUMS"),
        (
            "dist/0.1.0/SHA256SUMS: error: file-missing: No such file or directory; every release has it"
        ),
    ),
    "date": (
        entry_with("created", "2026-02-01T00:00:00Z"),
        (
            "dist/versions.json: error: index-entry: created of 0.3.0-dev is '2026-02-01T00:00:00Z', its "
            "folder has '2026-01-31T00:00:00Z'"
        ),
    ),
    "status": (
        entry_with("status", "final"),
        f"dist/versions.json: error: index-entry: 0.3.0-dev is final, expected draft; {MEND}",
    ),
    "layout": (
        entry_with("status", "draft"),
        f"dist/versions.json: error: index-stale: {OTHER}; {MEND}",
    ),
    "page": (
        damage("index.html", "0.1.0/", "https://example.org/"),
        f"dist/index.html: error: index-stale: {OTHER}; {MEND}",
    ),
    "latest": (
        damage("latest.json", "0.2.0", "0.1.0"),
        f"dist/latest.json: error: index-stale: {OTHER}; {MEND}",
    ),
    "mark": (
        lambda where: index.withdraw(where, "0.2.0", "wrong"),
        f"dist/versions.json: error: index-entry: 0.2.0 is final, expected withdrawn; {MEND}",
    ),
    "stray mark": (
        lambda where: index.withdraw(where, "0.7.0", "wrong"),
        "dist/0.7.0.withdrawn.json: error: withdrawal-stray: is for version '0.7.0', which is not there",
    ),
    "descriptor": (
        damage("0.1.0/datapackage.json", '"0.1.0"', '"0.1.1"'),
        (
            "dist/0.1.0/datapackage.json: error: version-broken: version is '0.1.1', expected '0.1.0' as its "
            "folder"
        ),
    ),
    "no text": (
        damage("0.1.0/datapackage.json", '"notes"', "1"),
        "dist/0.1.0/datapackage.json:1:10: error: manifest-property: name is 1, expected text",
    ),
    "another place": (
        damage("0.1.0/datapackage.json", '"notes"', '"../notes"'),
        (
            "dist/0.1.0/datapackage.json:1:10: error: manifest-property: name is '../notes', expected a name "
            "without a folder"
        ),
    ),
    "no descriptor": (
        damage("0.1.0/datapackage.json", "{", "<"),
        (
            "dist/0.1.0/datapackage.json:1:1: error: json-syntax: not well-formed JSON: expecting value"
        ),
    ),
    "checksums": (
        damage("0.1.0/SHA256SUMS", "  README.md", " README.md"),
        "dist/0.1.0/SHA256SUMS:1:1: error: checksums-syntax: ",
    ),
}


def test_a_store_as_it_was_written_has_no_fault(dist: Path) -> None:
    """Nothing is found where nothing is wrong, also after a withdrawal."""
    assert check.check_index(dist) == []
    contents.yank(dist, "0.1.0", "wrong")
    assert check.check_index(dist) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_damaged_store_is_found(dist: Path, name: str) -> None:
    """Each damage of the index, or of what it names, is told with its place."""
    change, message = FAULTS[name]
    change(dist)
    faults = stores.found(dist)
    assert any(
        fault == message or (name == "checksums" and fault.startswith(message)) for fault in faults
    ), faults
    if name not in ("not there", "not whole") and not message.startswith("dist/0.1.0/"):
        assert len(faults) == 1


def test_a_changed_zip_is_found(dist: Path) -> None:
    """The zip of a version is held against the digest in the index."""
    path = dist / "0.1.0/notes-0.1.0.zip"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    (fault,) = stores.found(dist)
    assert fault.startswith(
        "dist/versions.json: error: index-entry: archive of 0.1.0 is 0.1.0/notes-0.1.0.zip of "
    )


def test_a_link_is_no_file_of_a_release(dist: Path) -> None:
    """A release holds its files itself."""
    path = dist / "0.1.0/README.md"
    path.rename(dist / "elsewhere")
    path.symlink_to(Path("../elsewhere"))
    assert stores.found(dist)[0] == (
        "dist/0.1.0/README.md: error: not-a-file: is a symbolic link, expected a regular file or folder"
    )


def _make(name: str, what: str) -> str:
    """Put a folder or a named pipe in a file's place; what is said of it."""
    path = Path("dist", name)
    path.unlink(missing_ok=True)
    if what == "folder":
        path.mkdir()
        return f"{path}: cannot be read: it is a folder, expected a file"
    os.mkfifo(path)
    return f"{path}: cannot be read: it is no regular file"


@pytest.mark.parametrize("what", ["folder", "pipe"])
@pytest.mark.usefixtures("dist")
def test_an_index_that_is_no_file_is_told_and_not_waited_for(what: str) -> None:
    """Every command says what to do about it; without it the index is made again."""
    told = f"{_make('versions.json', what)}; remove it"
    how = "; `release reindex dist` makes it from the versions that are there"
    with unwaited():
        for command in (["list"], ["yank", "0.1.0", "--reason", "x"], ["publish", "public"]):
            assert run(*command) == (1, "", f"release: {told}{how}\n")
        assert run("reindex") == (1, "", f"release: {told}\n")
        code, out, _ = run("verify", "--no-referee", "dist")
    assert code == 1
    said = told.removeprefix("dist/versions.json: ")
    assert f"    versions.json: error: index-syntax: {said}{how}\n" in out
    path = Path("dist/versions.json")
    path.rmdir() if what == "folder" else path.unlink()
    assert run("reindex")[0] == 0
    assert check.check_index(Path("dist")) == []


@pytest.mark.parametrize("what", ["folder", "pipe"])
@pytest.mark.parametrize("name", ["index.html", "latest.json"])
@pytest.mark.usefixtures("dist")
def test_a_page_that_is_no_file_is_told_and_not_waited_for(name: str, what: str) -> None:
    """What reads the index alone goes on; what would write it, or holds it against the versions, says so."""
    told = f"{_make(name, what)}; remove it"
    with unwaited():
        assert run("list")[0] == 0
        assert run("reindex") == (1, "", f"release: {told}\n")
        said = told.removeprefix(f"dist/{name}: ")
        assert stores.found(Path("dist")) == [f"dist/{name}: error: index-syntax: {said}"]


@pytest.mark.parametrize("what", ["folder", "pipe"])
@pytest.mark.usefixtures("dist")
def test_a_mark_that_is_no_file_is_told_and_not_waited_for(what: str) -> None:
    """A pipe gives way to a mark; a folder does not, and is named."""
    name = "0.2.0.withdrawn.json"
    told = _make(name, what)
    with unwaited():
        code, out, err = run("list")
        assert (code, out) == (1, "")
        assert err.startswith(f"release: {told}; expected the version and the reason")
        code, _, err = run("yank", "0.2.0", "--reason", "x")
    folder = (1, f"release: dist/{name}: Is a directory\n")
    assert (code, err) == (folder if what == "folder" else (0, ""))


@pytest.mark.parametrize("name", ["datapackage.json", "SHA256SUMS"])
def test_a_pipe_in_a_version_is_not_waited_for(dist: Path, name: str) -> None:
    """Nor where it is asked what a version is, nor where the next is compared with it."""
    path = dist / "0.2.0" / name
    path.unlink()
    os.mkfifo(path)
    with unwaited():
        assert run("reindex")[0] == 1
        assert run("verify", "--no-referee", "dist")[0] == 1
        assert run("diff", "0.1.0", "0.2.0")[0] in (0, 1)


# the page


def page_of(where: Path) -> Page:
    """The page of a store, parsed."""
    return Page((where / "index.html").read_text("utf-8"))


def test_the_page_leads_to_everything_in_the_store(dist: Path) -> None:
    """Every version, its zip and documents, and the index for programs: each link leads somewhere."""
    page = page_of(dist)
    for link in page.links:
        assert (dist / unquote(link)).exists(), link
    expected = {"versions.json", "latest.json"}
    for entry in contents.versions(dist):
        expected |= {
            f"{entry.version}/",
            entry.archive.path,
            entry.checksums.path,
            *entry.documents,
        }
    assert set(page.links) == expected


def test_the_page_needs_nothing_but_itself(dist: Path) -> None:
    """No script, no other file, no address outside the store."""
    page = page_of(dist)
    assert page.addresses == []
    text = (dist / "index.html").read_text("utf-8")
    assert is_guarded(text)
    assert "://" not in text
    assert "@import" not in text
    assert "url(" not in text


def test_the_page_says_what_the_index_says(dist: Path) -> None:
    """The latest version with its hash, and of each version status, date and reason."""
    contents.yank(dist, "0.1.0", "the years are wrong")
    text = " ".join(page_of(dist).text.split())
    hash = contents.versions(dist)[1].archive.hash.removeprefix("sha256:")
    assert "Latest version: 0.2.0 Of 2026-01-31. Download notes-0.2.0.zip (" in text
    assert f"SHA-256 {hash}" in text
    assert re.search(
        r"0\.1\.0 2026-01-31 withdrawn, because: the years are wrong \S+ bytes zip README\.md", text
    )
    assert re.search(r"0\.3\.0-dev 2026-01-31 draft", text)


def test_a_version_leads_to_what_changed(tmp_path: Path) -> None:
    """To its own page of the difference, which says with which version, and whether that was withdrawn."""
    rows = {"added": 2, "removed": 0, "changed": 1}
    said = {"from": "0.1.0", "level": "minor", "schema": 0, "rows": rows}
    stores.place(tmp_path, "0.1.0")
    more = {"changes.json": json.dumps(said), "changes.html": "<!doctype html>"}
    stores.place(tmp_path, "0.2.0", more=more)
    link = (
        '<a href="0.2.0/changes.html" aria-label="Compare with 0.1.0: version 0.2.0">'
        "Compare with 0.1.0</a>"
    )
    text = (tmp_path / "index.html").read_text("utf-8")
    assert text.count("changes.html") == text.count(f"{link}</span></td>") == 1
    assert "minor since 0.1.0; rows: 2 added, 1 changed" in text
    contents.yank(tmp_path, "0.1.0", "the years are wrong")
    text = (tmp_path / "index.html").read_text("utf-8")
    assert f"{link} (withdrawn)</span></td>" in text
    assert check.check_index(tmp_path) == []


def test_texts_of_a_dataset_are_texts_in_the_page(dist: Path) -> None:
    """Titles and reasons are escaped."""
    contents.yank(dist, "0.1.0", "<script>alert('1')</script> & \"more\"")
    page = page_of(dist)
    assert "<script>alert('1')</script> & \"more\"" in page.text
    assert page.addresses == []
    assert page.text.strip().startswith("Notes & more: versions")


def test_a_version_whose_mark_was_removed_is_as_it_was_before(tmp_path: Path) -> None:
    """Its reason goes with the mark, when the index is written the next time."""
    stores.place(tmp_path, "0.1.0")
    before = contents.versions(tmp_path)
    contents.yank(tmp_path, "0.1.0", "the years are wrong")
    (mark,) = tmp_path.glob("0.1.0*.json")
    mark.unlink()
    stores.place(tmp_path, "0.2.0")
    assert list(contents.versions(tmp_path))[1:] == list(before)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("name", None, "missing"),
        ("created", None, "missing"),
        ("created", 7, "7"),
        ("title", ["Notes"], "a list"),
    ],
)
def test_what_a_release_says_of_itself_is_text(
    tmp_path: Path, key: str, value: object, shown: str
) -> None:
    """Else it is not placed in the index, where others would have to read it."""
    folder = stores.release(tmp_path / "0.1.0", "0.1.0")
    path = folder / "datapackage.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), key: value}))
    with pytest.raises(RefusedError) as refused:
        store_entry.derived(folder)
    assert str(refused.value) == f"{path}:1: {key} is {shown}, expected text"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("datapackage.json", "[]", "is a list, expected a mapping"),
        ("changes.json", "7", "expected a JSON object"),
        ("changes.json", '{"rows": 3}', "level is missing, expected text"),
        (
            "changes.json",
            '{"level": "minor", "rows": 3}',
            "added is missing, expected a whole number",
        ),
        (
            "changes.json",
            '{"level": "minor", "schema": true, "rows": {"added": 0, "removed": 0, "changed": 0}}',
            "schema is true, expected a whole number",
        ),
        (
            "changes.json",
            '{"level": "minor", "schema": 0, "rows": {"added": 0, "removed": 0, "more\\n": 0}}',
            "more\\n is not known here",
        ),
    ],
)
def test_a_file_of_a_release_that_is_of_another_shape_is_refused(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    """By the name of the file, and of what in it is wrong."""
    folder = stores.release(tmp_path / "0.1.0", "0.1.0", more={"changes.json": "{}"})
    (folder / name).write_text(text)
    with pytest.raises(RefusedError) as refused:
        store_entry.derived(folder)
    line = ":1" if name == "datapackage.json" else ""
    assert str(refused.value) == f"{folder / name}{line}: {message}"


def test_a_release_without_a_title_has_its_name(tmp_path: Path) -> None:
    """In the index, and so on the page."""
    about = {
        "name": "notes",
        "version": "0.1.0",
        "created": "2026-01-31T00:00:00Z",
        "resources": [],
    }
    stores.place(tmp_path, "0.1.0", more={"datapackage.json": json.dumps(about)})
    assert [entry.title for entry in contents.versions(tmp_path)] == ["notes"]


def test_the_page_of_an_empty_store_says_so() -> None:
    """Without versions there is no table."""
    page = store_page.render_page([], None)
    assert "<title>Releases: versions</title>" in page
    assert "There is no version here yet." in page
    assert "<table" not in page


def test_the_page_is_called_as_the_latest_version_is(tmp_path: Path) -> None:
    """Whatever a draft after it is called; where there are drafts only, as the newest of them."""
    for version in ("0.2.0-dev", "0.1.0"):
        stores.place(tmp_path, version)
    draft, final = contents.versions(tmp_path)
    assert (draft.version, final.version) == ("0.2.0-dev", "0.1.0")
    draft, final = replace(draft, title="Then"), replace(final, title="Now")
    assert "<title>Now" in store_page.render_page([draft, final], final)
    assert "<title>Then" in store_page.render_page([draft], None)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (353_834, "354 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (1_234_567_890, "1.23 GB"),
    ],
)
def test_sizes_are_told_for_people(number: int, text: str) -> None:
    """Three digits, in powers of 1000."""
    assert render.size(number) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (None, ""),
        (store_entry.Changes(None, "none", 0, 0, 0, 0), "first version"),
        (store_entry.Changes("0.1.0", "none", 0, 0, 0, 0), "no change since 0.1.0"),
        (
            store_entry.Changes("0.1.0", "major", 1200, 0, 3, 1002),
            "major since 0.1.0; rows: 1,200 added, 3 changed; tables and fields: 1,002 changed",
        ),
    ],
)
def test_changes_are_told_in_a_few_words(
    tmp_path: Path, changes: store_entry.Changes | None, text: str
) -> None:
    """The level, the version before, and how many rows and parts of the schema changed."""
    stores.place(tmp_path, "0.2.0")
    (entry,) = contents.versions(tmp_path)
    assert store_page.describe_changes(replace(entry, changes=changes)) == text


# what killed commands left


@pytest.fixture
def littered(dist: Path) -> Path:
    """The store with all that a command may leave which was killed, each with the files of a release."""
    for name in (".building-x1", ".publishing-0.4.0", ".replaced-0.3.0-dev"):
        shutil.copytree(dist / "0.2.0", dist / name)
    (dist / ".building-empty").mkdir()
    (dist / ".writing-x2").write_text("{")
    (dist / ".lock").write_text("process 1 on nowhere")
    return dist


def test_what_killed_commands_left_is_neither_listed_nor_verified(littered: Path) -> None:
    """`list` and `verify` say of such a store what they say of one without, and change nothing of it."""
    litter = [littered / name for name in stores.hidden(littered)]
    assert len(litter) == 6
    before = kit.tree(littered)
    shown = [run("list"), run("list", "--format", "json"), run("verify", "--no-referee", "dist")]
    assert kit.tree(littered) == before
    for path in litter:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert shown == [
        run("list"),
        run("list", "--format", "json"),
        run("verify", "--no-referee", "dist"),
    ]
    assert check.check_index(littered) == []


def test_reindex_removes_what_killed_commands_left(littered: Path) -> None:
    """The index is the same, and nothing hidden is left: the draft that was being replaced is there."""
    before = index_of(littered)
    (littered / "versions.json").unlink()
    code, out, err = run("reindex", "--format", "json")
    assert (code, err) == (0, "")
    assert index_of(littered) == before
    assert json.loads(out)["findings"] == []
    assert stores.hidden(littered) == []
    assert sorted(index.folders(littered)) == ["0.1.0", "0.2.0", "0.3.0-dev"]


def test_a_version_that_was_being_replaced_comes_back(littered: Path) -> None:
    """Where the draft is gone, what was put aside takes its place again when a command writes."""
    shutil.rmtree(littered / ".replaced-0.3.0-dev")
    (littered / "0.3.0-dev").rename(littered / ".replaced-0.3.0-dev")
    before = {path.name for path in littered.iterdir()}
    code, out, err = run("list")
    assert (code, err) == (0, "")
    assert out.startswith(
        "dist/versions.json: warning: index-gone: lists 0.3.0-dev, which is not there\n"
    )
    assert {path.name for path in littered.iterdir()} == before
    assert run("reindex")[0] == 0
    assert run("list")[1].count("warning") == 0
    assert check.check_index(littered) == []

"""A folder that is no store, a store of other data, an empty argument: told, and nothing is touched."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release.cli import main
from release.findings import Finding
from release.findings.errors import RefusedError, UsageError
from release.package import zip
from release.store import check, contents, index, placement, transfer
from tests.support import kit, stores
from tests.support.datasets import NOTES, describe
from tests.support.kit import ASCII_PATH, run


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two final versions; it is `dist` in the working folder."""
    monkeypatch.chdir(tmp_path)
    return stores.dist({"0.1.0": "one", "0.2.0": "two"})


# folders that are none


def test_a_folder_without_versions_is_not_indexed(dist: Path) -> None:
    """`reindex` of a folder that is no store writes nothing into it, whatever is there."""
    place = Path("site")
    place.mkdir()
    message = (
        "release: site: holds no version and no index of versions, expected a store of releases\n"
    )
    assert run("reindex", "site") == (2, "", message)
    for name in index.NAMES:
        (place / name).write_text("mine")
        before = kit.tree(Path())
        code, out, err = run("reindex", "site")
        assert (code, out) == (2, "")
        assert err == message
        assert kit.tree(Path()) == before
        (place / name).unlink()
    assert contents.reindex(dist)


def test_the_index_of_a_store_that_lost_its_versions_is_made_again(dist: Path) -> None:
    """A store of which a draft was removed is a store still."""
    stores.place(Path("drafts"), "0.1.0-dev")
    shutil.rmtree("drafts/0.1.0-dev")
    assert run("reindex", "drafts") == (
        *(0, "drafts holds 0 versions; there is no latest version now\n"),
        "",
    )
    assert contents.latest(dist) == "0.2.0"


@pytest.mark.parametrize("name", ["index.html", "latest.json"])
def test_a_file_of_others_is_not_taken_for_an_index(dist: Path, name: str) -> None:
    """Neither a build nor a copy puts its index over a file that no store has written."""
    place = Path("site")
    place.mkdir()
    (place / name).write_text("mine")
    before = kit.tree(Path())
    message = (
        f"site/{name}: is there, in a folder that holds no version and no index of versions; a store would "
        "write its own: expected a store, or a folder without that file"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"), placement.staging(place):
        pytest.fail("the work has begun")
    for more in ([], ["--dry-run"]):
        assert run("publish", "site", *more) == (2, "", f"release: {message}\n")
    assert kit.tree(Path()) == before
    assert dist.is_dir()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("public/0.1.0", "is a release, expected a store of releases"),
        ("public/0.1.0/data/more", "is in public/0.1.0, a release, expected another store"),
        ("public/sub", "is in the store public, expected a folder outside of it"),
        ("dist/sub/more", "is in the store dist, expected a folder outside of it"),
    ],
)
def test_a_store_is_not_made_inside_another(dist: Path, target: str, message: str) -> None:
    """A release is what its SHA256SUMS lists, and a store holds versions and its index."""
    transfer.copy(dist, "public", "0.1.0")
    before = kit.tree(Path())
    for more in ([], ["--dry-run"]):
        assert run("publish", target, *more) == (2, "", f"release: {target}: {message}\n")
    assert kit.tree(Path()) == before


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("dist/0.1.0", "is a release, expected a store of releases"),
        ("dist/0.1.0/data", "is in dist/0.1.0, a release, expected another store"),
        ("dist/0.3.0", "is in the store dist, expected a folder outside of it"),
        ("LICENSE", "LICENSE is no folder, expected a store or a place for one"),
    ],
)
def test_a_store_is_not_built_where_none_can_be(dist: Path, target: str, message: str) -> None:
    """`--out dist/0.1.0` in place of `--out dist` would add files to a final version, or be taken for one."""
    Path("LICENSE").write_text("free\n")
    before = kit.tree(Path())
    with (
        pytest.raises(UsageError, match=f"^{re.escape(f'{target}: {message}')}$"),
        placement.staging(Path(target)),
    ):
        pytest.fail("the work has begun")
    assert kit.tree(Path()) == before
    assert dist.is_dir()


@pytest.mark.parametrize("command", ["build", "publish"])
@pytest.mark.parametrize("leads_to", ["link", "nothing"])
@pytest.mark.usefixtures("dist")
def test_a_link_that_leads_nowhere_is_no_store(command: str, leads_to: str) -> None:
    """To itself or to what is not there: neither a traceback, nor a folder where the link points."""
    Path("datapackage.yaml").write_text(NOTES)
    Path("link").symlink_to(leads_to)
    for target in ("link", "link/below"):
        where = ["--out", target] if command == "build" else [target]
        told = f"release: {target}: link is a link that leads nowhere, expected a folder"
        code, out, err = run(command, *where)
        assert (code, out, err.partition(";")[0].strip()) == (2, "", told)
    assert not Path("nothing").exists()


@pytest.mark.parametrize("target", ["LICENSE", "LICENSE/below"])
@pytest.mark.usefixtures("dist")
def test_a_file_is_no_store(target: str) -> None:
    """A copy and a dry run say the same of a target that is a file, or below one."""
    Path("LICENSE").write_text("free\n")
    message = f"release: {target}: LICENSE is no folder, expected a store or a place for one\n"
    for more in ([], ["--dry-run"]):
        assert run("publish", target, *more) == (2, "", message)


@pytest.mark.usefixtures("dist")
def test_a_copy_that_may_not_be_written_is_told_by_a_dry_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A dry run promises nothing that the system forbids."""
    Path("locked").mkdir()
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    message = "release: locked/public: locked may not be written to\n"
    for more in ([], ["--dry-run"]):
        assert run("publish", "locked/public", *more) == (2, "", message)
    assert not Path("locked/public").exists()


@pytest.mark.parametrize("why", [errno.EACCES, errno.EPERM, errno.EROFS])
@pytest.mark.parametrize(
    "command",
    [
        ["build", "--no-cache"],
        ["yank", "0.1.0", "--reason", "wrong"],
        ["reindex"],
        ["publish", "--store", "other", "dist"],
    ],
)
def test_a_store_that_may_not_be_written_is_told_alike_by_every_command(
    dist: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], why: int
) -> None:
    """The command line names what it cannot use, whatever the command is, and nothing else is named."""
    Path("datapackage.yaml").write_text(NOTES.replace("0.1.0", "0.3.0"))
    Path("notes").mkdir()
    Path("notes/a.md").write_text("---\ntitle: Rain\n---\n")
    shutil.copytree(dist, "other")
    before, as_it_is = kit.tree(dist), os.open

    def refuse(path: object, *how: Any, **where: Any) -> int:
        if str(path).endswith(".lock"):  # as where a folder is read-only, which it is not for root
            raise OSError(why, os.strerror(why), str(path))
        return as_it_is(path, *how, **where)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    told = f"release: dist: cannot be written: {os.strerror(why)}\n"
    assert run(*command) == (2, "", told)
    assert kit.tree(dist) == before


@pytest.mark.usefixtures("dist")
def test_a_read_only_store_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read for a store that is known to be none that can be written."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    Path("datapackage.yaml").write_text(NOTES)
    assert run("build") == (2, "", "release: dist: may not be written to\n")


# a store of other data


def _of_another_dataset(where: Path, version: str, name: str = "letters") -> None:
    """Place a release of a dataset of another name."""
    with placement.staging(where) as folder:
        stores.release(folder, version)
        (folder / f"notes-{version}.zip").unlink()
        path = folder / "datapackage.json"
        data = path.read_text("utf-8").replace('"notes"', f'"{name}"')
        path.write_text(data, "utf-8")
        sums = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
        kept = [line for line in sums if not line.endswith("  datapackage.json")]
        lines = sorted([*kept, f"{kit.sha256(data.encode())}  datapackage.json"], key=_path_of)
        (folder / "SHA256SUMS").write_text("".join(f"{line}\n" for line in lines))
        paths = [*map(_path_of, lines), "SHA256SUMS"]
        with (folder / f"{name}-{version}.zip").open("wb") as file:
            zip.write(folder, paths, zip.Form.of(stores.CREATED), file)
        placement.place(folder, where, version)


def _path_of(line: str) -> str:
    return line.split("  ", 1)[1]


def test_a_version_is_not_published_among_those_of_another_dataset(dist: Path) -> None:
    """The store there holds versions of another dataset: nothing is copied, a dry run says so too."""
    other = Path("other")
    _of_another_dataset(other, "0.1.0")
    before = kit.tree(other)
    message = (
        "release: other: holds versions of letters, dist those of notes; expected a store of the same "
        "dataset\n"
    )
    for more in ([], ["--dry-run"]):
        assert run("publish", "other", *more) == (2, "", message)
    assert kit.tree(other) == before
    assert contents.latest(dist) == "0.2.0"


def test_a_dataset_that_was_given_another_name_is_still_published(dist: Path) -> None:
    """A store knows the old name and the new one, so the other store is of the same dataset."""
    transfer.copy(dist, "public")
    _of_another_dataset(dist, "1.0.0")
    assert transfer.copy(dist, "public", "1.0.0").is_new
    assert transfer.copy(dist, "public", "0.1.0").is_new


# empty arguments


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["publish", ""], "TARGET"),
        (["publish", "public", ""], "VERSION"),
        (["publish", "public", "--store="], "--store"),
        (["build", "--out", ""], "--out"),
        (["check", "--cache", ""], "--cache"),
        (["check", "--descriptor", ""], "--descriptor"),
        (["check", "--scratch", ""], "--scratch"),
        (["diff", ""], "OLD"),
        (["diff", "0.1.0", ""], "NEW"),
        (["verify", ""], "PATH"),
        (["verify", "dist", "--identity", ""], "--identity"),
        (["sign", "", "--key", "key"], "PATH"),
        (["list", ""], "STORE"),
        (["reindex", ""], "STORE"),
        (["yank", "", "--reason", "x"], "VERSION"),
        (["yank", "0.1.0", "--reason", ""], "--reason"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_empty_argument_names_nothing(
    dist: Path, arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A variable that is not set is no folder, version or name: a fault of the command line."""
    before = kit.tree(Path())
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    err = capsys.readouterr().err.splitlines()[0]
    assert err == f"release {arguments[0]}: {name}: is empty, expected a value"
    assert kit.tree(Path()) == before
    assert dist.is_dir()


# reasons and marks


def test_a_reason_that_is_no_text_is_told(dist: Path) -> None:
    """Bytes that are no UTF-8 are refused, from the command line and from a program; nothing changes."""
    before = kit.tree(dist)
    message = "--reason: is no text in UTF-8"
    assert run("yank", "0.1.0", "--reason", "\udcff") == (2, "", f"release: {message}\n")
    with pytest.raises(UsageError, match=f"^{message}$"):
        contents.yank(dist, "0.1.0", "\ud800")
    assert kit.tree(dist) == before


@ASCII_PATH
@pytest.mark.usefixtures("dist")
def test_a_reason_in_utf_8_is_kept_whatever_the_locale() -> None:
    """In the locale C an argument comes as bytes that stand for themselves."""
    command = [sys.executable, "-m", "release", "yank", "0.1.0", "--reason", "Grüße"]
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("LC_")},
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    encoded = [os.fsencode(part) if part != "Grüße" else part.encode() for part in command]
    done = subprocess.run(encoded, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert index.withdrawn(Path("dist"), "0.1.0") == "Grüße"


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"version": "0.1.0", "reason": "x"}', '{"version": "0.2.0", "reason": 1}']
)
def test_a_broken_mark_is_told_with_what_to_do_and_mended_so(dist: Path, text: str) -> None:
    """What the message says to do makes the mark whole."""
    (dist / "0.2.0.withdrawn.json").write_text(text)
    code, _, err = run("list")
    assert code == 1
    assert err.endswith(
        "; `release yank 0.2.0 --reason TEXT --store dist` writes it anew, or remove it if the "
        "version was not withdrawn\n"
    )
    assert run("yank", "0.2.0", "--reason", "wrong")[0] == 0
    assert index.withdrawn(dist, "0.2.0") == "wrong"
    assert check.check_index(dist) == []


def test_another_broken_mark_stops_a_withdrawal_before_it(dist: Path) -> None:
    """A version is not marked where the index cannot be brought up to date after it."""
    (dist / "0.1.0.withdrawn.json").write_text("{")
    before = kit.tree(dist)
    with pytest.raises(RefusedError, match=r"^dist/0\.1\.0\.withdrawn\.json: cannot be read: "):
        contents.yank(dist, "0.2.0", "wrong")
    assert kit.tree(dist) == before


def test_half_a_character_in_a_file_of_a_store_is_told(dist: Path) -> None:
    """JSON can name what no text in UTF-8 can hold; it is refused where it is read."""
    mark = dist / "0.2.0.withdrawn.json"
    mark.write_text('{"version": "0.2.0", "reason": "\\ud800"}')
    with pytest.raises(RefusedError, match="holds half of a surrogate pair"):
        contents.versions(dist)
    mark.unlink()
    path = dist / "0.1.0/datapackage.json"
    path.write_text(path.read_text("utf-8").replace("Notes", "\\uD800"), "utf-8")
    assert (
        "dist/0.1.0/datapackage.json:1:28: error: lone-surrogate: found half of a surrogate pair, U+D800, "
        "expected Unicode text" in (stores.found(dist))
    )


# what messages say


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "versions is missing, expected a list"),
        ("[]", "is a list, expected an object"),
        ('{"versions": "0.1.0"}', "versions is '0.1.0', expected a list"),
        ('{"versions": [1]}', "versions[0] is 1, expected an object"),
        ('{"versions": [{"version": "0.1.0"}]}', "versions[0]: status is missing, expected text"),
        ("[" * 100_000, "nests too deep"),
        ("\udcff", "is no text in UTF-8"),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)
def test_an_index_that_cannot_be_read_is_told_in_plain_words(
    dist: Path, text: str, told: str
) -> None:
    """What was found, what was expected, and that `reindex` alone mends it: so it does."""
    path = dist / "versions.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    message = (
        f"release: dist/versions.json: cannot be read: {told}; `release reindex dist` makes it from the "
        "versions that are there\n"
    )
    assert run("list") == (1, "", message)
    assert run("reindex", "dist")[0] == 0
    assert check.check_index(dist) == []


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("archive", None, "archive is missing, expected an object"),
        ("archive", {"path": "a"}, "archive: bytes is missing, expected a whole number"),
        ("archive", {"path": 1, "bytes": 1, "hash": ""}, "archive: path is 1, expected text"),
        ("files", "6", "files is '6', expected a whole number"),
        ("files", True, "files is true, expected a whole number"),
        ("title", 1, "title is 1, expected text"),
        ("documents", "README.md", "documents is 'README.md', expected a list of texts"),
        ("documents", [1], "documents is a list, expected a list of texts"),
        ("changes", 1, "changes is 1, expected an object"),
        ("more", 1, "more is not known here"),
        ("version", "latest", None),
        ("status", "good", "status is 'good', expected final, draft or withdrawn"),
        ("reason", "x", "reason is 'x', expected none, for status is 'final'"),
    ],
)
def test_an_entry_that_is_none_is_told_in_plain_words(
    dist: Path, key: str, value: object, told: str | None
) -> None:
    """The place in the index, what was found and what was expected; no word of the program's inside."""
    path = dist / "versions.json"
    content = json.loads(path.read_bytes())
    content["versions"][1][key] = value
    path.write_text(json.dumps(content))
    with pytest.raises(RefusedError) as refused:
        contents.versions(dist)
    message = str(refused.value)
    assert message.startswith(f"dist/versions.json: cannot be read: versions[1]: {told or ''}")
    assert not re.search(r"__init__|argument|NoneType|Changes\(|<class|\bstr\b|tuple", message)


def _listed(where: Path, key: str, value: object) -> list[str]:
    """The faults of a store whose index says something else of its oldest version."""
    path = where / "versions.json"
    content = json.loads(path.read_bytes())
    content["versions"][-1][key] = value
    path.write_text(json.dumps(content))
    return stores.found(where)


def test_what_an_index_says_otherwise_is_told_in_plain_words(tmp_path: Path) -> None:
    """A part of what changed is named by itself; documents are a list."""
    rows = {"added": 4, "removed": 0, "changed": 12}
    changes = {"from": "0.0.9", "level": "minor", "schema": 0, "rows": rows}
    stores.place(tmp_path, "0.1.0", more={"changes.json": json.dumps(changes)})
    path = tmp_path / "versions.json"
    said = json.loads(path.read_bytes())["versions"][0]["changes"]
    other = {**said, "level": "patch", "added": 5}
    assert _listed(tmp_path, "changes", other) == [
        f"{path}: error: index-entry: changes.level of 0.1.0 is 'patch', its folder has 'minor'",
        f"{path}: error: index-entry: changes.added of 0.1.0 is 5, its folder has 4",
    ]
    assert _listed(tmp_path, "changes", None) == [
        f"{path}: error: index-entry: changes of 0.1.0 is missing, its folder has one since 0.0.9"
    ]
    _listed(tmp_path, "changes", said)
    assert _listed(tmp_path, "documents", []) == [
        (
            f"{path}: error: index-entry: documents of 0.1.0 is none, its folder has 0.1.0/README.md and "
            "0.1.0/datapackage.json"
        )
    ]


# an index that is behind


def test_list_tells_where_the_index_and_the_folders_differ(dist: Path) -> None:
    """A version whose folder is gone is not passed over in silence, nor one that is not listed."""
    stores.release(dist / "0.3.0", "0.3.0")
    shutil.rmtree(dist / "0.1.0")
    told = [
        "dist/versions.json: warning: index-gone: lists 0.1.0, which is not there",
        (
            "dist/versions.json: warning: index-unlisted: does not list 0.3.0, which is there; "
            "`release reindex dist` makes it from the versions that are there"
        ),
    ]
    code, out, err = run("list")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == told
    assert "\n0.1.0 " in out
    assert "\n0.3.0 " in out
    code, out, err = run("list", "--format", "json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert [str(Finding(**each)) for each in report["findings"]] == told
    assert [each["version"] for each in report["versions"]] == ["0.3.0", "0.2.0", "0.1.0"]


DESCRIPTOR = describe(more="title: Notes\n")


def _built_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Build one note into a store in a folder, which is the working folder then."""
    monkeypatch.chdir(folder)
    Path("notes").mkdir()
    Path("notes/first.md").write_text("---\ntitle: The first\n---\n")
    Path("datapackage.yaml").write_text(DESCRIPTOR)
    assert run("build", "--no-cache", "--workers", "1")[0] == 0


@pytest.mark.parametrize("text", [None, "{"], ids=["gone", "broken"])
def test_a_build_after_a_damaged_version_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    """Not the command line is at fault but the version before: what to run, and what to do."""
    _built_in(tmp_path, monkeypatch)
    path = Path("dist/0.1.0/datapackage.json")
    path.unlink() if text is None else path.write_text(text)
    Path("datapackage.yaml").write_text(DESCRIPTOR.replace("0.1.0", "0.2.0"))
    before = kit.tree(Path("dist"))
    code, out, err = run("build", "--no-cache", "--workers", "1")
    assert (code, out) == (1, "")
    assert err.startswith("release: dist/0.1.0")
    assert (
        "; the version before is damaged: `release verify dist` says what is wrong with it, put it back "
        "from a copy\n"
    ) in err
    assert kit.tree(Path("dist")) == before


def test_what_can_be_no_store_is_told_before_a_record_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read a million records takes minutes."""
    monkeypatch.chdir(tmp_path)
    Path("datapackage.yaml").write_text(DESCRIPTOR)
    Path("notes").mkdir()
    Path("notes/wrong.md").write_text("---\n")  # which else would be told
    message = "datapackage.yaml is no folder, expected a store or a place for one"
    said = run("build", "--out", "datapackage.yaml")
    assert said == (2, "", f"release: datapackage.yaml: {message}\n")


def test_a_version_that_a_killed_build_did_not_name_is_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in its place whole; a first release is not what comes after it."""
    _built_in(tmp_path, monkeypatch)
    for name in index.NAMES:
        Path("dist", name).unlink()
    Path("dist", index.INDEX).write_text('{"latest": null, "versions": []}\n')
    assert contents.latest(Path("dist")) == "0.1.0"
    Path("datapackage.yaml").write_text(DESCRIPTOR.replace("0.1.0", "0.2.0"))
    code, out, _ = run("build", "--no-cache", "--workers", "1")
    assert (code, out.splitlines()[-1]) == (0, "built dist/0.2.0 (no difference to 0.1.0)")
    assert check.check_index(Path("dist")) == []

"""Links that lead out of a dataset: nothing outside is read, shown or published, unless that is asked for."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from release.build import Options, pipeline
from release.descriptor import load
from tests.support.datasets import describe, table
from tests.support.kit import edit, run, unwaited

#: What stands outside of the dataset, and must not appear anywhere.
SECRET = "hunter2"

DESCRIPTOR = describe(
    table(),
    table("colours", "code", of="lists/colours.csv", key="code"),
    path="data/notes/{note}.md",
)

LINK = "is a symbolic link that"
REFUSED = "expected a file or folder in it; --follow-links follows it"
OUT = f"{LINK} leads out of the dataset's folder, {REFUSED}"
HIDDEN = f"{LINK} leads to something hidden, {REFUSED}"


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset in the working folder `own`, and beside it `outside`, which has the same, with a secret."""
    for folder, word in (("own", "plain"), ("outside", SECRET)):
        root = tmp_path / folder
        (root / "data/notes").mkdir(parents=True)
        (root / "lists").mkdir()
        (root / "datapackage.yaml").write_text(
            DESCRIPTOR if folder == "own" else f"{DESCRIPTOR}title: {word}\n"
        )
        (root / "data/notes/a.md").write_text(f"---\ntitle: {word}\n---\n")
        (root / "lists/colours.csv").write_text(f"code\n{word}\n")
        (root / "LICENSE").write_text(f"{word}\n")
    monkeypatch.chdir(tmp_path / "own")
    return tmp_path / "own"


def _texts(folder: Path) -> str:
    """Everything below a folder, as one text."""
    return "".join(
        path.read_bytes().decode("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )


def _refused(path: str, message: str) -> None:
    """`check` and `build` refuse a file for this reason; neither says or keeps what stands outside."""
    for command in (("check",), ("build",), ("check", "--format", "json")):
        code, out, err = run(*command)
        assert SECRET not in out + err
        assert not Path("dist").exists()
        if path == "datapackage.yaml":
            if "json" in command:
                assert json.loads(out) == {"findings": [], "error": f"datapackage.yaml: {message}"}
            else:
                assert out == ""
            assert (code, err) == (2, f"release: datapackage.yaml: {message}\n")
        elif "json" in command:
            found = [each for each in json.loads(out)["findings"] if each["rule"] == "not-a-file"]
            assert [(each["path"], each["message"]) for each in found] == [(path, message)]
        else:
            assert (code, err) == (1, "")
            assert f"{path}: error: not-a-file: {message}" in out.splitlines()


#: What may be a link, and where each of its kind stands: in a folder of the dataset that is so many deep.
LINKS = {
    "datapackage.yaml": "datapackage.yaml",
    "LICENSE": "LICENSE",
    "a table": "lists/colours.csv",
    "the folder of a table": "lists",
    "the folder of records": "data/notes",
    "the folder above": "data",
}


@pytest.fixture(params=LINKS, ids=[name.replace(" ", "-") for name in LINKS])
def linked(request: pytest.FixtureRequest, dataset: Path) -> Path:
    """A file or folder of the dataset, which is moved to `kept`, so that a link may stand in its place."""
    path = Path(LINKS[request.param])
    Path("kept").mkdir()
    path.rename(Path("kept", path.name))
    assert dataset == Path.cwd()
    return path


def _up(path: Path) -> str:
    """The relative path from the folder of a path to the dataset's."""
    return "../" * (len(path.parts) - 1)


WAYS_OUT: dict[str, Callable[[Path], str]] = {
    "by a relative path": lambda path: f"{_up(path)}../outside/{path}",
    "by an absolute path": lambda path: str(Path.cwd().parent / "outside" / path),
    "by an absolute path inside": lambda path: str(Path.cwd() / "kept" / path.name),
    "out and in again": lambda path: f"{_up(path)}../own/kept/{path.name}",
    "to nothing": lambda path: f"{_up(path)}../nothing",
    "to a device": lambda _: "/dev/zero",
    "from a folder inside": lambda path: f"{_up(path)}kept/../../outside/{path}",
}


@pytest.mark.parametrize("way", WAYS_OUT, ids=[way.replace(" ", "-") for way in WAYS_OUT])
def test_a_link_that_leads_out_is_refused(linked: Path, way: str) -> None:
    """Whatever it stands for, and whatever it leads to."""
    linked.symlink_to(WAYS_OUT[way](linked))
    with unwaited():
        _refused(linked.as_posix(), OUT)


def test_a_chain_of_links_is_refused_at_the_one_that_leads_out(linked: Path) -> None:
    """The file that is named is the link that has to go."""
    linked.symlink_to(f"{_up(linked)}next")
    Path("next").symlink_to(f"../outside/{linked}")
    code, out, err = run("check")
    assert SECRET not in out + err
    if linked.name == "datapackage.yaml":
        assert (code, err) == (2, f"release: next: {OUT}\n")
    else:
        assert f"next: error: not-a-file: {OUT}" in out.splitlines()


def test_a_link_to_something_hidden_is_refused(linked: Path) -> None:
    """As `.git/config`, where a checkout keeps its token."""
    Path(".git").mkdir()
    Path("kept", linked.name).rename(Path(".git", linked.name))
    linked.symlink_to(f"{_up(linked)}.git/{linked.name}")
    _refused(linked.as_posix(), HIDDEN)


def test_a_link_that_stays_in_the_dataset_is_followed(linked: Path) -> None:
    """The release is that of the file itself."""
    linked.symlink_to(f"{_up(linked)}kept/{linked.name}")
    assert run("build", "--out", "linked") == (
        0,
        "1 record, 0 errors, 0 warnings\nbuilt linked/0.1.0\n",
        "",
    )
    linked.unlink()
    Path("kept", linked.name).rename(linked)
    assert run("build", "--out", "plain")[0] == 0
    for name in ("SHA256SUMS", "LICENSE", "data/notes.csv", "data/colours.csv"):
        assert Path("linked/0.1.0", name).read_bytes() == Path("plain/0.1.0", name).read_bytes()


@pytest.mark.parametrize("command", ["check", "build"])
def test_links_that_lead_out_are_followed_on_demand(linked: Path, command: str) -> None:
    """A user who wants them says so; the release has what they lead to."""
    linked.symlink_to(f"{_up(linked)}../outside/{linked}")
    code, _, err = run(command, "--follow-links")
    assert (code, err) == (0, "")
    if command == "build":
        assert SECRET in _texts(Path("dist/0.1.0/source"))


def test_a_loop_of_links_ends(linked: Path) -> None:
    """As it does for the system."""
    linked.symlink_to(linked.name)
    with unwaited():
        code, out, err = run("check")
    assert code == (2 if linked.name == "datapackage.yaml" else 1)
    assert "Too many levels of symbolic links" in out + err


@pytest.mark.parametrize("follow", [[], ["--follow-links"]], ids=["held", "followed"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "dangling link"])
def test_a_licence_that_is_no_file_is_an_error(dataset: Path, kind: str, follow: list[str]) -> None:
    """It is not waited for, and no release without a licence is built."""
    licence = dataset / "LICENSE"
    licence.unlink()
    if kind == "pipe":
        os.mkfifo(licence)
    elif kind == "folder":
        licence.mkdir()
    else:
        licence.symlink_to("/dev/zero" if kind == "device" else "nothing")
    with unwaited():
        code, out, err = run("build", *follow)
    assert (code, err) == (1, "")
    (found, *_) = out.splitlines()
    wanted = {
        "pipe": "not-a-file: is no regular file, expected one",
        "folder": "not-a-file: is no regular file, expected one",
        "device": "not-a-file: is no regular file, expected one"
        if follow
        else f"not-a-file: {OUT}",
        "dangling link": "file-unreadable: cannot be read: No such file or directory, expected the text of a "
        "licence",
    }
    assert found == f"LICENSE: error: {wanted[kind]}"
    assert not Path("dist").exists()


@pytest.mark.parametrize("swapped", ["data", "data/notes", "data/notes/a.md"])
@pytest.mark.parametrize("cached", [False, True])
def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(
    dataset: Path, tmp_path: Path, swapped: str, cached: bool
) -> None:
    """Between the list of the records and their reading: they are opened part by part."""

    def swap(what: str, *_: int) -> None:
        if what.startswith("reading") and not Path(swapped).is_symlink():
            Path(swapped).rename("gone")
            Path(swapped).symlink_to(dataset.parent / "outside" / swapped)

    options = Options(progress=swap, cache=tmp_path / "cache" if cached else None)
    found = pipeline.check(load.load(dataset / "datapackage.yaml"), options)
    assert Path(swapped).is_symlink()
    assert [finding.rule for finding in found.findings] == ["not-a-file"]
    assert SECRET not in str(list(found.findings))


def test_a_link_among_records_is_refused_though_links_are_followed(dataset: Path) -> None:
    """One file would be two records."""
    (dataset / "data/notes/b.md").symlink_to("a.md")
    told = (
        "data/notes/b.md: error: not-a-file: is a symbolic link, expected a regular file or folder"
    )
    for more in ([], ["--follow-links"]):
        code, out, _ = run("check", *more)
        assert (code, out.splitlines()[0]) == (1, told)


def test_records_that_the_user_names_elsewhere_may_be_behind_a_link(dataset: Path) -> None:
    """A path that leads away is the user's own; one in the working folder is held there."""
    outside = dataset.parent / "outside"
    (dataset.parent / "link").symlink_to("outside")
    for folder in (outside, dataset.parent / "link", Path("../link")):
        assert run("check", "--records", f"notes={folder}/data/notes/{{note}}.md")[0] == 0
    Path("near").symlink_to("../outside")
    code, out, _ = run("check", "--records", "notes=near/data/notes/{note}.md")
    assert code == 1
    assert f"near: error: not-a-file: {OUT}" in out.splitlines()
    (outside / "data/notes/b.md").symlink_to("a.md")
    assert run("check", "--records", f"notes={outside}/data/notes/{{note}}.md")[0] == 1


@pytest.mark.parametrize("name", ["buildinfo.json", "provenance.intoto.json", "SHA256SUMS.sig"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_what_stands_beside_a_release_is_published_or_refused(
    dataset: Path, name: str, kind: str
) -> None:
    """It is not dropped, and a link is not followed."""
    assert run("build")[0] == 0
    place = dataset / "dist/0.1.0" / name
    place.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(dataset.parent / "outside/LICENSE")
    with unwaited():
        code, out, err = run("publish", "other")
    problem = "is a symbolic link, expected a regular file or folder"
    message = problem if kind == "link" else "is no regular file, expected one"
    assert (code, out, err) == (1, "", f"release: dist/0.1.0/{name}: {message}\n")
    assert not Path("other").exists()
    if kind == "folder":
        place.rmdir()
    else:
        place.unlink()
    shutil.rmtree("other", ignore_errors=True)
    assert run("publish", "other")[0] == 0


def test_a_descriptor_of_another_dataset_is_no_way_out(dataset: Path) -> None:
    """The folder is that of the descriptor, and not the working folder."""
    outside = dataset.parent / "outside"
    edit(outside / "datapackage.yaml", "lists/colours.csv", "colours.csv")
    (outside / "colours.csv").symlink_to("../own/lists/colours.csv")
    code, out, _ = run("check", "--descriptor", "../outside/datapackage.yaml")
    assert (code, out.splitlines()[0]) == (1, f"../outside/colours.csv: error: not-a-file: {OUT}")

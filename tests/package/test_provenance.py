"""buildinfo.json and the attestation: what they say, that it is so, and that they speak of no time."""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from release.build import pipeline
from release.descriptor import load
from release.package import provenance
from release.system.git import revision as system_git
from tests.support import tampering
from tests.support.tampering import ZIP

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "profiles/attestation/statement.json").read_text("utf-8")
)
BESIDE = {ZIP, "buildinfo.json", "provenance.intoto.json"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small release, built from a folder that is no checkout."""
    return tampering.built(tmp_path_factory.mktemp("provenance"))


@pytest.fixture(scope="module")
def statement(release: Path) -> dict[str, Any]:
    """Its attestation."""
    value: dict[str, Any] = json.loads((release / "provenance.intoto.json").read_bytes())
    return value


def info_of(release: Path) -> dict[str, Any]:
    """What buildinfo.json says."""
    value: dict[str, Any] = json.loads((release / "buildinfo.json").read_bytes())
    return value


# the attestation


def valid(value: Any) -> bool:
    """Whether the published layouts let a statement through."""
    return bool(jsonschema.Draft7Validator(SCHEMA).is_valid(value))


def test_the_attestation_has_the_published_layout(statement: dict[str, Any]) -> None:
    """It is an in-toto Statement v1 with SLSA Provenance v1 as its predicate."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(statement, SCHEMA, jsonschema.Draft7Validator)


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "type": lambda v: v.update(_type="https://in-toto.io/Statement/v0.1"),
    "no-subject": lambda v: v.update(subject=[]),
    "digest": lambda v: v["subject"][0].update(digest={"sha256": "x"}),
    "no-digest": lambda v: v["subject"][0].pop("digest"),
    "predicate-type": lambda v: v.update(predicateType="https://slsa.dev/provenance/v0.2"),
    "no-builder": lambda v: v["predicate"]["runDetails"].pop("builder"),
    "no-build-type": lambda v: v["predicate"]["buildDefinition"].pop("buildType"),
    "builder": lambda v: v["predicate"]["runDetails"]["builder"].update(id="me"),
    "extra": lambda v: v["predicate"].update(materials=[]),
    "empty": lambda v: v["predicate"]["buildDefinition"].update(resolvedDependencies=[{}]),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_the_layout_as_used_here_refuses_others(statement: dict[str, Any], kind: str) -> None:
    """What breaks the layout is refused, so that passing it says something."""
    value = copy.deepcopy(statement)
    assert valid(value)
    BROKEN[kind](value)
    assert not valid(value)


def test_every_file_is_a_subject(release: Path, statement: dict[str, Any]) -> None:
    """Subjects are the zip, every file of the release, its list and buildinfo.json, by their digests."""
    subjects = {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}
    files = [path for path in release.rglob("*") if path.is_file()]
    expected = {path.relative_to(release).as_posix(): tampering.sha256(path) for path in files}
    del expected["provenance.intoto.json"]
    assert subjects == expected
    assert list(subjects) == sorted(subjects)
    assert ZIP in subjects


def test_every_input_is_a_dependency(release: Path, statement: dict[str, Any]) -> None:
    """Resolved dependencies are each record, codelist and the descriptor, by their digests."""
    listed = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    files = [path for path in release.glob("source/**/*") if path.is_file()]
    assert {each["name"]: each["digest"]["sha256"] for each in listed} == {
        path.relative_to(release).as_posix(): tampering.sha256(path) for path in files
    }


def test_the_lock_and_the_revision_are_dependencies(release: Path) -> None:
    """Behind the inputs: by their digests, and whether the checkout was clean."""
    info = json.loads((release / "buildinfo.json").read_bytes())
    info["lock"] = {"path": "requirements.lock", "hash": "sha256:ab", "differs": []}
    info["git"] = {"revision": "c0ffee", "clean": False}
    beside = {"SHA256SUMS": "1", "buildinfo.json": "2"}
    value = json.loads(b"".join(provenance.statement(info, [("source/a.md", "3")], beside)))
    assert value["predicate"]["buildDefinition"]["resolvedDependencies"] == [
        {"name": "source/a.md", "digest": {"sha256": "3"}},
        {"name": "requirements.lock", "digest": {"sha256": "ab"}},
        {"name": "git", "digest": {"gitCommit": "c0ffee"}, "annotations": {"clean": False}},
    ]


def test_what_a_release_was_made_with_is_in_the_attestation(release: Path) -> None:
    """As buildinfo.json has it, whose own digest is there too."""
    info = info_of(release)
    assert list(info["toolchain"]) == ["release", "python", *provenance.LIBRARIES, "libyaml"]
    beside = {"SHA256SUMS": "1", "buildinfo.json": "2"}
    predicate = json.loads(b"".join(provenance.statement(info, [], beside)))["predicate"]
    assert predicate["buildDefinition"]["internalParameters"] == {"platform": info["platform"]}
    assert predicate["runDetails"]["builder"]["version"] == info["toolchain"]
    assert predicate["runDetails"]["byproducts"] == [
        {"name": "buildinfo.json", "digest": {"sha256": "2"}}
    ]


def test_the_attestation_speaks_of_no_time_and_no_place(release: Path) -> None:
    """Neither file has a time, a user, a host or a path of the machine."""
    for name in ("provenance.intoto.json", "buildinfo.json"):
        text = (release / name).read_text("utf-8")
        assert not re.search(r"startedOn|finishedOn|20\d\d-\d\d-\d\dT|/tmp|/home", text), name
        assert os.uname().nodename not in text
    assert "invocationId" not in (release / "provenance.intoto.json").read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["source/a.md", 'a "b"\\c', "\x00\x1f\x7f\u2028\t\n", "碳/é😀", ""]
)
def test_a_file_is_named_as_json_writes_it(release: Path, name: str) -> None:
    """Each file is written by itself, for there are many: in the one way in which all of it is written."""
    beside = {"SHA256SUMS": "1", "buildinfo.json": "2"}
    written = b"".join(provenance.statement(info_of(release), [(name, "0" * 64)], beside))
    value = json.loads(written)
    assert {"name": name, "digest": {"sha256": "0" * 64}} in value["subject"]
    assert written.decode() == json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


# buildinfo.json


def test_the_toolchain_has_every_library_that_is_used(root: Path) -> None:
    """buildinfo.json has the versions of all that `release build` imports and that is not our own."""
    toolchain = provenance.toolchain()
    for library in provenance.LIBRARIES:
        assert toolchain[library] == version(library)
    text = (root / "pyproject.toml").read_text("utf-8")
    needed = set(
        re.findall(r'^    "([A-Za-z0-9_-]+)[>=]', text.split("[project.optional", 1)[0], re.M)
    )
    shown_only = {"pandas", "rich", "jsonschema", "shtab"}  # frames, terminal, verify, completion
    assert {name.lower() for name in needed - shown_only} <= {name.lower() for name in toolchain}


def test_buildinfo_has_the_digest_of_each_input(release: Path) -> None:
    """Descriptor, codelists and records are listed by path with their digests, and the archive with its."""
    info = info_of(release)
    assert set(info["inputs"]) == {
        "LICENSE",
        "codelists/colours.csv",
        "datapackage.yaml",
        *(f"notes/n{number}.md" for number in range(1, 7)),
    }
    for path, digest in info["inputs"].items():
        assert digest == f"sha256:{tampering.sha256(release / 'source' / path)}"
    assert info["archive"]["hash"] == f"sha256:{tampering.sha256(release / ZIP)}"
    assert (info["lock"], info["git"]) == (None, None)


# the lock


def test_the_lock_beside_the_descriptor_is_told(tmp_path: Path) -> None:
    """The digest of requirements.lock, and the libraries whose version here is not the one in it."""
    assert provenance.lock(tmp_path / "requirements.lock") is None
    assert provenance.lock(tmp_path) is None  # a folder of that name
    lines = [f"{library}=={version(library)} \\\n" for library in provenance.LIBRARIES]
    text = "".join(lines).replace("PyYAML", "pyyaml").replace("python-front", "python_front")
    path = tmp_path / "requirements.lock"
    path.write_text(text)
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    assert provenance.lock(path) == {"path": path.name, "hash": digest, "differs": []}
    path.write_text(text.replace(f"duckdb=={version('duckdb')}", "duckdb==0.1"))
    told = provenance.lock(path)
    assert told is not None
    assert told["differs"] == ["duckdb"]


def test_a_lock_is_read_whatever_stands_beside_its_versions(tmp_path: Path) -> None:
    """Markers and line ends right behind a version are none of it; a comment may be in any encoding."""
    ends = itertools.cycle([b"; python_version > '3'\n", b"\\\n    --hash=sha256:0\n", b"\n"])
    pins = [f"{library}=={version(library)}".encode() for library in provenance.LIBRARIES]
    path = tmp_path / "requirements.lock"
    path.write_bytes(b"# caf\xe9\n" + b"".join(map(b"".join, zip(pins, ends, strict=False))))
    told = provenance.lock(path)
    assert told is not None
    assert told["differs"] == []


def test_the_lock_of_this_repository_is_the_toolchain_here(root: Path) -> None:
    """The tests run with the versions that are locked."""
    told = provenance.lock(root / "requirements.lock")
    assert told is not None
    assert told["differs"] == []


# git


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
    ran = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return ran.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The small dataset as a clean checkout."""
    folder = tampering.dataset(tmp_path / "checkout").parent
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Notes")
    return folder


PATHS = ["datapackage.yaml", "notes/n1.md"]


@needs_git
def test_a_clean_checkout_is_told(checkout: Path) -> None:
    """The revision, and that what was built is what it holds; files that nobody builds from do not count."""
    (checkout / "dist").mkdir()
    (checkout / "dist/x").write_text("x")
    revised = git(checkout, "rev-parse", "HEAD")
    assert system_git.read_revision(checkout, PATHS) == {"revision": revised, "clean": True}


@needs_git
def test_a_checkout_that_was_changed_is_not_clean(checkout: Path) -> None:
    """A file that differs from the revision, staged or not, or a record that git does not keep."""
    (checkout / "notes/new.md").write_text("x")
    assert system_git.read_revision(checkout, PATHS) != system_git.read_revision(
        checkout, [*PATHS, "notes/new.md"]
    )
    for path in ("notes/n2.md", "LICENSE"):
        before = (checkout / path).read_text()
        (checkout / path).write_text("x")
        told = system_git.read_revision(checkout, PATHS)
        assert told is not None
        assert told["clean"] is False
        (checkout / path).write_text(before)


@needs_git
def test_two_commits_with_the_same_records_give_the_same_zip(checkout: Path) -> None:
    """The revision stands beside the archive and is no input to it; the attestation names it."""
    one = pipeline.build(load.load(checkout / "datapackage.yaml"), checkout / "one").path
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Nothing")
    two = pipeline.build(load.load(checkout / "datapackage.yaml"), checkout / "two").path
    assert one is not None
    assert two is not None
    for path in one.rglob("*"):
        if path.is_file() and path.name not in BESIDE - {ZIP}:
            assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path
    assert info_of(one)["git"] != info_of(two)["git"]
    assert info_of(two)["git"] == {"revision": git(checkout, "rev-parse", "HEAD"), "clean": True}
    value = json.loads((two / "provenance.intoto.json").read_bytes())
    assert valid(value)
    assert value["predicate"]["buildDefinition"]["resolvedDependencies"][-1] == {
        "name": "git",
        "digest": {"gitCommit": git(checkout, "rev-parse", "HEAD")},
        "annotations": {"clean": True},
    }


@needs_git
def test_records_from_elsewhere_are_not_those_of_the_revision(checkout: Path) -> None:
    """Where records are read from another place, the revision does not say what was built."""
    from release.syntax.file_patterns import FilePattern

    shutil.copytree(checkout / "notes", checkout.parent / "elsewhere")
    pattern = FilePattern(f"{checkout.parent}/elsewhere/{{note}}.md")
    options = pipeline.Options(elsewhere={"notes": pattern})
    made = pipeline.build(load.load(checkout / "datapackage.yaml"), checkout / "d", options).path
    assert made is not None
    assert info_of(made)["git"]["clean"] is False


@needs_git
def test_a_folder_without_a_commit_has_no_revision(tmp_path: Path) -> None:
    """A repository in which nothing was committed, and a folder that is none, have no revision."""
    assert system_git.read_revision(tmp_path, PATHS) is None
    git(tmp_path, "init", "-q")
    assert system_git.read_revision(tmp_path, PATHS) is None


def test_without_git_there_is_no_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git builds all the same."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert system_git.read_revision(tmp_path, PATHS) is None


@needs_git
def test_a_git_that_hangs_or_fails_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """git is given some time and no more."""
    (tmp_path / "git").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert system_git.read_revision(tmp_path, PATHS, 0.2) is None


@needs_git
def test_a_repository_makes_nothing_run(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the repository's file monitor nor the caller's GIT_DIR changes what is done."""
    mark = checkout.parent / "ran"
    script = checkout.parent / "monitor"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    git(checkout, "config", "core.fsmonitor", str(script))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    told = system_git.read_revision(checkout, PATHS)
    assert told is not None
    assert told["clean"]
    assert not mark.exists()
    monkeypatch.delenv("GIT_DIR")
    subprocess.run(["git", "status"], cwd=checkout, check=False, capture_output=True)
    assert mark.exists()  # what the program did not let run


@pytest.mark.parametrize("count", [0, 1, 2, 9000])
def test_buildinfo_is_written_as_json_would(release: Path, tmp_path: Path, count: int) -> None:
    """However many inputs there are and whatever their names, the text is that of the standard library."""
    inputs = {f'notes/é中"\\{at}.md': f"sha256:{at:064}" for at in range(count)}
    info = {**info_of(release), "lock": None, "empty": {}, "inputs": inputs}
    info["inputs"] = info.pop("inputs")  # behind all else, as a build has it
    expected = json.dumps(info, ensure_ascii=False, indent=2) + "\n"
    provenance.write(tmp_path, info, [], "0" * 64)
    assert (tmp_path / "buildinfo.json").read_text("utf-8") == expected

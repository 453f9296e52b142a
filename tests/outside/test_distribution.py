"""The wheel and the sdist: what is in them, what they say of themselves, and that both are reproducible."""

from __future__ import annotations

import email
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from tests.support.kit import ROOT

#: Builds what is in the working folder as an installer does, by the hooks of PEP 517.
BUILD = "import sys; from flit_core import buildapi; buildapi.build_{}(sys.argv[1])"

#: What would install or run the `release` of the package index, which is somebody else's.
ASKS_FOR_ANOTHER = re.compile(
    r"(?:(?:pip|pipx|uv tool) install|uv add|pipx run|uvx) (?:-\S+ )*['\"]?release\b"
    r"|--(?:from|spec) ['\"]?release\b"
)


def build(kind: str, source: Path, target: Path) -> Path:
    """A wheel or an sdist of a folder of sources."""
    target.mkdir()
    subprocess.run(
        [sys.executable, "-c", BUILD.format(kind), target],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"},
        check=True,
    )
    (built,) = target.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this repository."""
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel") / "out")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of this repository."""
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist") / "out")


def sources() -> set[str]:
    """Every file of the program: modules, templates, profiles, texts, `py.typed`."""
    folder = ROOT / "src"
    return {
        path.relative_to(folder).as_posix()
        for path in (folder / "release").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def names(wheel: Path) -> list[str]:
    """The members of a wheel."""
    with zipfile.ZipFile(wheel) as opened:
        return opened.namelist()


def metadata(wheel: Path) -> Message:
    """What a wheel says of itself."""
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [each for each in opened.namelist() if each.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(opened.read(name))


def test_the_wheel_has_every_file_of_the_program_and_no_other(wheel: Path) -> None:
    """Also those that are no modules; and nothing of the dataset or the tests."""
    assert re.fullmatch(r"records_release-[\d.]+-py3-none-any\.whl", wheel.name)
    found = {name for name in names(wheel) if ".dist-info/" not in name}
    assert found == sources()
    for kind in (".html.j2", ".md.j2", ".json", "py.typed"):
        assert any(name.endswith(kind) for name in found), kind
    told = {name.split("/", 1)[1] for name in names(wheel) if ".dist-info/" in name}
    assert told == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


def test_the_sdist_has_what_builds_the_wheel_and_no_records(sdist: Path) -> None:
    """The program, its metadata, page and licence."""
    with tarfile.open(sdist) as opened:
        members = [each.name.split("/", 1)[1] for each in opened.getmembers() if each.isfile()]
    known = {f"src/{name}" for name in sources()}
    assert set(members) == known | {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO"}
    assert len(members) == len({*members})


def test_the_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """To the byte: who builds from it has what others have."""
    with tarfile.open(sdist) as opened:
        opened.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    again = build("wheel", folder, tmp_path / "out")
    assert (again.name, digest(again)) == (wheel.name, digest(wheel))


def test_both_have_the_same_bytes_whoever_builds_them(
    wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    """Where the files have other times and permissions, as after another clone."""
    with tarfile.open(sdist) as opened:
        opened.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    (folder / "PKG-INFO").unlink()
    for path in folder.rglob("*"):
        os.utime(path, (10**9, 10**9))
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert digest(build("wheel", folder, tmp_path / "wheel")) == digest(wheel)
    assert digest(build("sdist", folder, tmp_path / "sdist")) == digest(sdist)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_metadata_is_what_an_index_takes(wheel: Path) -> None:
    """Name, licence, page and versions of Python; no extra without packages, no classifier of another one."""
    found = metadata(wheel)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert found["Name"] == "records-release"
    assert found["License-Expression"] == "MIT"
    assert found["License-File"] == "LICENSE"
    assert found["Requires-Python"] == project["requires-python"] == ">=3.11"
    assert found["Description-Content-Type"] == "text/markdown"
    assert str(found.get_payload()).startswith("# release\n")
    assert found["Summary"]
    assert len(found["Summary"]) <= 512
    assert found.get_all("Provides-Extra") == sorted(project["optional-dependencies"])
    pythons = [each for each in found.get_all("Classifier", []) if ":: 3." in each]
    assert pythons == [f"Programming Language :: Python :: 3.{n}" for n in range(11, 15)]


def test_each_library_has_a_lowest_version_and_no_highest(wheel: Path) -> None:
    """`make installed` proves the lowest; the newest is not known when the program is published."""
    for each in metadata(wheel).get_all("Requires-Dist", []):
        assert re.fullmatch(r"[\w-]+(\[\w+\])?>=[\d.]+( ; extra == \"\w+\")?", each), each


def test_the_command_is_release(wheel: Path) -> None:
    """The distribution is called otherwise, the command and the module are not."""
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [each for each in opened.namelist() if each.endswith("entry_points.txt")]
        told = opened.read(name).decode()
    assert told.split() == ["[console_scripts]", "release=release.__main__:program"]


def test_nobody_is_told_to_install_what_is_not_ours() -> None:
    """No text of the repository installs the `release` of somebody else."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\0")
    if tracked == [""]:
        pytest.skip("this is no clone")
    found = [
        f"{name}: {match[0]}"
        for name in tracked
        if name.endswith((".md", ".py", ".toml", ".yml", ".yaml", "Makefile", "Containerfile"))
        and not name.startswith(("seeds/", "tests/outside/test_distribution.py"))
        for match in ASKS_FOR_ANOTHER.finditer((ROOT / name).read_text("utf-8", "replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "pip install release",
        "pip install -U release",
        "pipx install 'release[dask]'",
        "uv add release",
        "pipx run release check",
        "uvx release check",
        "uvx --from release release check",
    ],
)
def test_the_words_that_are_looked_for_are_found(text: str) -> None:
    """The test before would see them."""
    assert ASKS_FOR_ANOTHER.search(text)


def test_the_locks_agree_and_name_no_index() -> None:
    """What both have has one version; every package has hashes."""
    locks = {}
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text, name
        packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
        assert all("--hash=sha256:" in each for each in packages), name
        locks[name] = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.M))
    run, dev = locks.values()
    assert run.items() <= dev.items()
    assert not {"pytest", "mypy", "polars", "ruff", "distributed"} & run.keys()
    assert "flit-core" in run

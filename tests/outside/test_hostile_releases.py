"""A release from elsewhere: load, diff, verify, list and publish refuse the same, for the same rule."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import release
from release.diff import comparison
from release.findings import FindingsError
from release.store import contents, fetch, transfer
from release.verify import verification
from tests.support import tampering
from tests.support.kit import IS_STRESS, unwaited
from tests.support.tampering import ZIP, package_of, write_package

PARQUET = "data/notes.parquet"
MANIFEST = "datapackage.json"


@dataclass(frozen=True)
class Hostile:
    """A release in a store without an index, the release beside it, and what of it is opened by itself."""

    store: Path
    good: Path
    opened: Path

    @property
    def folder(self) -> Path:
        """The folder of the release."""
        return self.store / "0.1.0"


def change_resource(folder: Path, **properties: Any) -> None:
    """Change the resource of a table's Parquet."""
    package = package_of(folder)
    resource = next(each for each in package["resources"] if each["name"] == "notes-parquet")
    resource.update(properties)
    write_package(folder, package)


def absolute_path(folder: Path) -> None:
    """A path of the machine that reads it."""
    change_resource(folder, path=str(folder.parents[1] / "elsewhere.parquet"))


def path_above(folder: Path) -> None:
    """A path to a file beside the release."""
    change_resource(folder, path="../elsewhere.parquet")


def link(folder: Path) -> None:
    """A link to a file with the right bytes."""
    target = folder.parents[1] / "elsewhere.parquet"
    (folder / PARQUET).rename(target)
    (folder / PARQUET).symlink_to(target)


def linked_folder(folder: Path) -> None:
    """A link to a folder with the right files."""
    target = folder.parents[1] / "elsewhere"
    (folder / "data").rename(target)
    (folder / "data").symlink_to(target)


def pipe(folder: Path) -> None:
    """A pipe that nobody writes to, in place of a table."""
    (folder / PARQUET).unlink()
    os.mkfifo(folder / PARQUET)


def pipe_as_manifest(folder: Path) -> None:
    """A pipe that nobody writes to, in place of the manifest."""
    (folder / MANIFEST).unlink()
    os.mkfifo(folder / MANIFEST)


def edited(old: str, new: str) -> Callable[[Path], None]:
    """Replace a text in the manifest."""

    def edit(folder: Path) -> None:
        text = (folder / MANIFEST).read_text("utf-8")
        assert old in text
        (folder / MANIFEST).write_text(text.replace(old, new, 1), "utf-8")

    return edit


def name_twice(folder: Path) -> None:
    """Two resources of one name."""
    change_resource(folder, name="notes")


def rezipped(more: Callable[[zipfile.ZipFile], None]) -> Callable[[Path], None]:
    """Pack the files of the release again, and more."""

    def rezip(folder: Path) -> None:
        with zipfile.ZipFile(folder / ZIP) as before:
            held = {each: before.read(each) for each in before.namelist()}
        with zipfile.ZipFile(folder / ZIP, "w") as after:
            for name, data in held.items():
                after.writestr(name, data)
            more(after)

    return rezip


def add_bomb(archive: zipfile.ZipFile) -> None:
    """Add a file that takes much more room than the zip."""
    archive.writestr("bomb", bytes(1 << 26), zipfile.ZIP_DEFLATED)


def add_nameless(archive: zipfile.ZipFile) -> None:
    """Add a member without a name."""
    archive.writestr(zipfile.ZipInfo(""), b"x")


#: Each case: what is done to a release, and the rule that it breaks.
CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "absolute-path": (absolute_path, "manifest-path"),
    "path-above": (path_above, "manifest-path"),
    "link": (link, "not-a-file"),
    "linked-folder": (linked_folder, "not-a-file"),
    "pipe": (pipe, "not-a-file"),
    "pipe-as-manifest": (pipe_as_manifest, "not-a-file"),
    "repeated-key": (edited('"name": "notes"', '"name": "x", "name": "notes"'), "duplicate-key"),
    "nan": (edited('"name": "notes"', '"x": NaN, "name": "notes"'), "not-a-number"),
    "half-a-character": (edited('"Notes"', r'"\ud800"'), "lone-surrogate"),
    "deep": (edited("{", f'{{"x": {"[" * 500}{"]" * 500},'), "too-deep"),
    "very-deep": (edited("{", f'{{"x": {"[" * 100_000}'), "too-deep"),
    "name-twice": (name_twice, "manifest-names"),
    "bomb": (rezipped(add_bomb), "archive-unsafe"),
    "nameless": (rezipped(add_nameless), "archive-unsafe"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the small release."""
    return tampering.built(tmp_path_factory.mktemp("good")).parent


@pytest.fixture(scope="module", params=CASES)
def case(
    request: pytest.FixtureRequest, store: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Hostile, str]:
    """A hostile release, made once for all commands, and the rule that it breaks."""
    folder = tmp_path_factory.mktemp("hostile") / "store/0.1.0"
    shutil.copytree(store / "0.1.0", folder)
    spoil, rule = CASES[request.param]
    spoil(folder)
    opened = folder / ZIP if rule == "archive-unsafe" else folder
    return Hostile(folder.parent, store / "0.1.0", opened), rule


def by_load(hostile: Hostile) -> Iterator[str]:
    """The rules for which a table is not loaded."""
    release.load(hostile.opened, "notes")
    yield from ()


def by_diff(hostile: Hostile) -> Iterator[str]:
    """The rules for which it is not compared."""
    with (
        fetch.folder(str(hostile.opened)) as folder,
        comparison.compare(hostile.good, folder) as difference,
    ):
        assert difference.level == "none"
    yield from ()


def by_verify(hostile: Hostile) -> Iterator[str]:
    """The rules for which it does not verify, on its own and in its store."""
    for place in (hostile.opened, hostile.folder):
        report = verification.verify(str(place), verification.VerifyOptions("none"))
        assert not report.verified
        yield from {each.rule for each in report.findings} & {rule for _, rule in CASES.values()}


def by_list(hostile: Hostile) -> Iterator[str]:
    """The rules for which it is not listed."""
    versions, findings = contents.inspect(hostile.store)
    assert versions == []
    yield from (each.rule for each in findings)


def by_publish(hostile: Hostile) -> Iterator[str]:
    """The rules for which it is not copied."""
    transfer.copy(hostile.store, str(hostile.store.parent / "target"), "0.1.0")
    yield from ()


@pytest.mark.parametrize("command", [by_load, by_diff, by_verify, by_list, by_publish])
def test_a_hostile_release_is_refused_for_the_same_rule(
    case: tuple[Hostile, str], command: Callable[[Hostile], Iterator[str]]
) -> None:
    """Whoever reads it; nothing is waited for, read outside of it, or unpacked without end."""
    hostile, rule = case
    try:
        with unwaited():
            rules = set(command(hostile))
    except FindingsError as error:
        rules = {each.rule for each in error.findings}
    assert rules == {rule}


#: So many tables, each with a resource for its CSV and one for its Parquet: 20,000 in all with `make stress`.
MANY = 10_000 if IS_STRESS else 1_000


@pytest.fixture(scope="module")
def many(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """A release of very many resources more, which share two files."""
    folder = tmp_path_factory.mktemp("many") / "store/0.1.0"
    shutil.copytree(store / "0.1.0", folder)
    package = package_of(folder)
    pair = [each for each in package["resources"] if each["path"].startswith("data/colours.")]
    names = [f"t{number}" for number in range(MANY)]
    package["resources"] += [
        {**each, "name": each["name"].replace("colours", name)} for name in names for each in pair
    ]
    write_package(folder, package)
    tampering.refit(folder)
    return Hostile(folder.parent, store / "0.1.0", folder)


def test_a_table_of_many_is_loaded(many: Hostile) -> None:
    """The last of them is that of which it is a copy."""
    last = release.load(many.opened, f"t{MANY - 1}")
    assert last.equals(release.load(many.good, "colours"))


def test_many_tables_are_compared(many: Hostile) -> None:
    """Those of the same hash are not read."""
    with comparison.compare(many.folder, many.folder) as difference:
        assert (difference.level, len(difference.tables)) == ("none", MANY + 3)


def test_many_tables_are_verified(many: Hostile) -> None:
    """The manifest can be read; but source/ publishes other tables, and none that share a file."""
    report = verification.verify(str(many.folder), verification.VerifyOptions("none"))
    found = [each for each in report.findings if each.rule != "manifest-tables"]
    assert [(each.rule, each.message) for each in found] == [
        (
            "manifest-source",
            f"resources is a list of {2 * MANY + 6}, source/datapackage.yaml says a list of 6",
        )
    ]
    (rest,) = (each for each in report.findings if each.rule == "manifest-tables")
    assert f"; and {MANY - 1:,} more like it" in rest.message


def test_a_version_of_many_tables_is_listed_and_published(many: Hostile) -> None:
    """As any other."""
    (version,), findings = contents.inspect(many.store)
    assert (version.version, findings) == ("0.1.0", [])
    target = many.store.parent / "target"
    assert transfer.copy(many.store, str(target), "0.1.0").is_new

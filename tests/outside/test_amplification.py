"""Little input never makes much output: many faults of one cause are one finding, with their number."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from release.system.limits import LIMITS
from tests.support import tampering
from tests.support.datasets import NOTE, describe, table
from tests.support.kit import run
from tests.support.tampering import package_of, write_package

#: So many faults each input has; without groups each would be a finding.
MANY = 3_000

NUMBERED = (NOTE, 'n, type: integer, from: "{n}"')
DESCRIPTOR = describe(
    table(),
    table(
        "marks",
        *NUMBERED,
        "mark, type: integer, from: $value",
        of="notes/marks.{n}",
        key="note, n",
    ),
    table(
        "kinds",
        *NUMBERED,
        "kind, from: $value, codes: known",
        of="notes/kinds.{n}",
        key="note, n",
    ),
    table("known", "code", of="known.csv", key="code", more="codelist: {}"),
)


def front(text: str) -> str:
    """A record with a text in its front matter."""
    return f"---\ntitle: a\n{text}\n---\nBody\n"


def block(line: str) -> str:
    """A record with a line in its front matter many times, in which `#N` is the number of the line."""
    return front("\n".join(line.replace("#N", str(at)) for at in range(MANY)))


def items(item: str) -> str:
    """A list of many items."""
    return f"[{', '.join([item] * MANY)}]"


#: Records by what is wrong in them, with the rule that is told.
RECORDS: dict[str, tuple[str, str]] = {
    "control characters in the body": ("control-character", front("") + "\0" * MANY),
    "control characters in YAML": ("front-matter-syntax", front("a: " + "\x01" * MANY)),
    "escapes in JSON": (
        "control-character",
        f'---\n{{"title": "a", "other": {items(chr(34) + chr(92) + "u0000" + chr(34))}}}\n---\n',
    ),
    "halves of surrogate pairs": (
        "lone-surrogate",
        f'---\n{{"title": "a", "other": {items(chr(34) + chr(92) + "ud800" + chr(34))}}}\n---\n',
    ),
    "unknown keys": ("unmapped-path", block("k#N: x")),
    "unknown keys below each other": ("unmapped-path", block("k#N: {a: x}")),
    "unknown items": ("unmapped-path", front(f"other: {items('x')}")),
    "unknown mappings in a list": ("unmapped-path", front(f"other: {items('{a: x}')}")),
    "one key again and again": ("duplicate-key", block("title: x")),
    "two keys again and again": ("duplicate-key", block("title: x\nmarks: []")),
    "one key again and again in JSON": (
        "duplicate-key",
        "---\n{" + ", ".join(['"title": "a"'] * MANY) + "}\n---\n",
    ),
    "anchors": ("anchor", block("k#N: &a x")),
    "aliases": ("anchor", front(f"a: &a x\nother: {items('*a')}")),
    "tags": ("tag", front(f"other: {items('!!str x')}")),
    "infinities": ("not-a-number", front(f"other: {items('.inf')}")),
    "comments that may be text": ("text-after-hash", block("k#N: a #b")),
    "texts for numbers": ("mark-type", front(f"marks: {items('x')}")),
    "unknown codes": ("kind-code", front(f"kinds: {items('x')}")),
    "lists for texts": ("unmapped-path", front(f"others: {items('[[]]')}")),
}


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of records, which is empty."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datapackage.yaml").write_text(DESCRIPTOR)
    (tmp_path / "known.csv").write_text("code\na\n")
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


@pytest.mark.parametrize("name", RECORDS)
def test_many_faults_of_one_cause_are_one_finding(notes: Path, name: str) -> None:
    """Text and JSON name each rule a few times, and the number of faults."""
    rule, text = RECORDS[name]
    (notes / "a.md").write_text(text)
    code, out, _ = run("check")
    assert code == 1
    (told,) = (line for line in out.splitlines() if f": {rule}: " in line)
    assert f" {MANY - 1:,} more like it, the next at " in told or name in UNEVEN, told
    assert len(out) < 3_000
    found = json.loads(run("check", "--format", "json")[1])["findings"]
    assert [each["message"] for each in found if each["rule"] == rule] == [
        told.partition(f": {rule}: ")[2]
    ]


#: Inputs with another number of faults than MANY.
UNEVEN = {
    "one key again and again",
    "two keys again and again",
    "aliases",
    "one key again and again in JSON",
}


def test_a_message_is_cut_and_says_by_how_much(notes: Path) -> None:
    """A key of a megabyte does not come back as a megabyte."""
    key = "k" * 900
    nested = "{" + key + ": " * 1 + "x}"
    for _ in range(60):
        nested = "{" + key + ": " + nested + "}"
    (notes / "a.md").write_text(front(f"other: {nested}"))
    for form in ("text", "json"):
        out = run("check", "--format", form)[1]
        assert "unmapped-path" in out
        assert len(out) < 6_000


def test_files_of_no_kind_are_counted(notes: Path) -> None:
    """Of one rule, ten thousand findings are told; here the limit is lower."""
    (notes / "a.md").write_text(front(""))
    for at in range(200):
        (notes / f"{at:03}.txt").touch()
    out = run("check", limits=replace(LIMITS, findings=100))[1]
    lines = [line for line in out.splitlines() if ": file-unmatched: " in line]
    assert len(lines) == 100
    assert lines[-1].endswith("; and 100 more of this rule, left out")


@pytest.fixture(scope="module")
def release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small release."""
    return tampering.built(tmp_path_factory.mktemp("good"))


def add_bad_lines(folder: Path) -> None:
    """Lines in SHA256SUMS that are none."""
    with (folder / "SHA256SUMS").open("a") as file:
        file.writelines(f"nothing {at}\n" for at in range(MANY))


def add_missing_files(folder: Path) -> None:
    """Files in SHA256SUMS that are not there."""
    with (folder / "SHA256SUMS").open("a") as file:
        file.writelines(f"{'0' * 64}  z/{at:06}\n" for at in range(MANY))


def add_long_paths(folder: Path) -> None:
    """Files in SHA256SUMS with names of a megabyte."""
    with (folder / "SHA256SUMS").open("a") as file:
        file.writelines(f"{'0' * 64}  z{'a' * (1 << 20)}{at}\n" for at in range(3))


def add_extra_files(folder: Path) -> None:
    """Files that nothing lists."""
    for at in range(MANY):
        (folder / f"{at}.txt").touch()


def add_resources(folder: Path) -> None:
    """Resources without a path."""
    package = package_of(folder)
    package["resources"] += [{"name": f"r{at}"} for at in range(MANY)]
    write_package(folder, package)


def add_values_that_are_no_text(folder: Path) -> None:
    """Contributors who are numbers."""
    package = package_of(folder)
    package["contributors"] = [{"title": at} for at in range(MANY)]
    write_package(folder, package)


@pytest.mark.parametrize(
    "change",
    [
        add_bad_lines,
        add_missing_files,
        add_long_paths,
        add_extra_files,
        add_resources,
        add_values_that_are_no_text,
    ],
    ids=lambda change: change.__doc__.rstrip("."),
)
def test_a_report_about_a_release_is_short(
    release_folder: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """Whatever is wrong with a release of someone else, and however often."""
    folder = tmp_path / "0.1.0"
    shutil.copytree(release_folder, folder)
    change(folder)
    for form in ("text", "json"):
        code, out, err = run("verify", str(folder), "--no-referee", "--format", form)
        assert code == 1
        assert len(out) + len(err) < 1_500_000
    load = run("diff", str(folder), str(folder))
    assert len("".join(load[1:])) < 100_000

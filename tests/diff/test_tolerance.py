"""Numbers that differ within the tolerance of their field: told apart, and no reason for a version."""

from __future__ import annotations

import csv
import json
import math
import random
from pathlib import Path

import pytest

from release.descriptor import load
from release.diff import comparison
from release.findings.errors import UsageError
from tests.support import kit
from tests.support.datasets import NOTE, describe, table, write_dataset

Q = "q, type: number, tolerance: {absolute: 0.5, relative: 1.0e-9}"
FIELDS = (NOTE, "x, type: number", "y, type: number, tolerance: 0.01", Q)


def record(x: str, y: str, q: str) -> str:
    """A note with three numbers: exact, with an absolute tolerance, with both."""
    return f"---\nx: {x}\ny: {y}\nq: {q}\n---\n"


def build(root: Path, version: str, notes: dict[str, str], *fields: str) -> Path:
    """Build notes with numbers, each release from a folder of its own."""
    text = describe(table("notes", *(fields or FIELDS)), version=version)
    files = {f"notes/{name}.md": note for name, note in notes.items()}
    return kit.build(write_dataset(root / version, text, files), root / f"dist-{version}")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases: one note differs within tolerance only, one beyond it too, one not at all."""
    root = tmp_path_factory.mktemp("tolerance")
    same = record("1", "2", "3")
    old = {"a": record("0.3", "1.000", "1e12"), "b": record("0.3", "1", "4"), "c": same}
    new = {
        "a": record("0.3", "1.009", "1000000000500"),
        "b": record("0.30000000000000004", "1.009", "4.6"),
        "c": same,
    }
    return build(root, "0.1.0", old), build(root, "0.1.1", new)


def test_cells_within_tolerance_are_no_change_of_data(two: tuple[Path, Path]) -> None:
    """They are counted apart; a field without tolerance is exact."""
    with comparison.compare(*two) as difference:
        (notes,) = difference.tables
        assert (notes.rows.changed, notes.rows.within) == (1, 2)
        assert notes.cells == {"x": 1, "q": 1}
        (row,) = difference.rows(notes, "changed")
        assert (row.key, [cell.field for cell in row.cells]) == (("b",), ["x", "q"])
        assert [text for _, text in difference.reasons()] == [
            "notes: values of 1 row changed",
            "records rewritten",
        ]
        assert notes.notes == ("values of 2 rows differ within tolerance",)


def test_each_form_of_a_difference_tells_them_apart(two: tuple[Path, Path]) -> None:
    """In text as a note, in CSV as a change of its own."""
    _, out, _ = kit.run("diff", *map(str, two))
    assert "  ? values of 2 rows differ within tolerance\n" in out
    _, out, _ = kit.run("diff", *map(str, two), "--format", "csv")
    cells = [(row["key"], row["field"], row["change"]) for row in csv.DictReader(out.splitlines())]
    assert cells == [
        ('["a"]', "y", "within"),
        ('["a"]', "q", "within"),
        ('["b"]', "x", "changed"),
        ('["b"]', "y", "within"),
        ('["b"]', "q", "changed"),
    ]
    _, out, _ = kit.run("diff", *map(str, two), "--format", "json")
    rows = json.loads(out)["tables"]["notes"]["rows"]
    assert (rows["changed"], rows["within"]) == (1, 2)


def test_a_release_within_tolerance_has_no_new_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its history says what is told, and verifies; the record that was written again is a patch."""
    monkeypatch.chdir(tmp_path)
    fields = ("code", "x, type: number, tolerance: {relative: 0.001}")
    curated = table("c", *fields, of="c.csv", key="code")
    write_dataset(tmp_path, describe(table(), curated), {"notes/a.md": "---\ntitle: a\n---\n"})
    Path("c.csv").write_text("code,x\nA,0.3\n")
    assert kit.run("build")[0] == 0
    Path("c.csv").write_text("code,x\nA,0.30000000000000004\n")
    kit.edit(Path("datapackage.yaml"), "0.1.0", "0.1.1")
    code, out, _ = kit.run("build")
    assert (code, out.splitlines()[-1]) == (
        0,
        "built dist/0.1.1 (patch after 0.1.0, which calls for 0.1.1)",
    )
    log = Path("dist/0.1.1/CHANGELOG.md").read_text("utf-8")
    assert "Level: **patch** (records rewritten, data unchanged)" in log
    assert "- values of 1 row differ within tolerance\n" in log
    assert kit.run("verify", "--rebuild", "dist/0.1.1")[0] == 0
    assert kit.run("verify", "dist")[0] == 0


def test_nothing_but_noise_is_no_difference(tmp_path: Path) -> None:
    """Where nobody says which files the numbers came from, nothing is left to tell."""
    one = build(tmp_path, "0.1.0", {"a": record("1", "1", "1")})
    two = build(tmp_path, "0.1.1", {"a": record("1", "1.001", "1")})
    for folder in (one, two):
        (folder / "SHA256SUMS").unlink()
    code, out, _ = kit.run("diff", str(one), str(two), "--exit-code")
    assert (code, out.splitlines()[-1]) == (0, "no difference, but within tolerance")
    _, out, _ = kit.run("diff", str(one), str(two), "--format", "md")
    assert out.endswith(
        "No difference, but within tolerance.\n- notes: values of 1 row differ within tolerance\n"
    )


def test_a_tolerance_is_what_isclose_means(tmp_path: Path) -> None:
    """Of two numbers that differ, by the absolute bound or by the relative one of the larger."""
    chance = random.Random(7)
    pairs = []
    for _ in range(500):
        number = chance.uniform(-1, 1) * 10 ** chance.randint(-3, 9)
        step = chance.choice([0, 0.25, 0.2500001, 0.01 * number, 0.011 * number, -number, 1e-17])
        pairs.append((number, number + step))
    field = "x, type: number, tolerance: {absolute: 0.25, relative: 0.01}"
    text = describe(table(), table("c", "code, type: integer", field, of="c.csv", key="code"))
    folders = []
    for side in range(2):
        rows = "".join(f"{at},{pair[side]!r}\n" for at, pair in enumerate(pairs))
        files = {"notes/a.md": "---\ntitle: a\n---\n", "c.csv": f"code,x\n{rows}"}
        folder = write_dataset(tmp_path / str(side), text, files)
        folders.append(kit.build(folder, tmp_path / f"dist{side}"))
    with comparison.compare(*folders) as difference:
        found = next(each for each in difference.tables if each.name == "c")
    differ = [pair for pair in pairs if pair[0] != pair[1]]
    close = [math.isclose(*pair, rel_tol=0.01, abs_tol=0.25) for pair in differ]
    assert (found.rows.within, found.rows.changed) == (sum(close), len(close) - sum(close))
    assert 100 < sum(close) < len(close) - 100


#: What is no tolerance, and what is said of it.
REFUSED = {
    "x, type: number, tolerance: 0": " is 0, expected a number above 0, or a mapping with `absolute`, "
    "`relative` or both",
    "x, type: number, tolerance: {}": " is an empty mapping, expected a number above 0, or a mapping with "
    "`absolute`, `relative` or both",
    "x, type: number, tolerance: {absolute: some}": ".absolute is 'some', expected a number above 0",
    "x, type: number, tolerance: {rel: 1}": ".rel is an unknown property; did you mean 'relative'?",
    "x, type: integer, tolerance: 1": " has no meaning here: the field has the type integer, not number; "
    "leave it out",
}


@pytest.mark.parametrize("field", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_tolerance_is_refused(field: str) -> None:
    """With what was found and what was expected."""
    with pytest.raises(UsageError) as caught:
        load.parse(describe(table("notes", NOTE, field)), Path("datapackage.yaml"))
    found = str(caught.value).partition(" ")[2]
    assert found == f"resources.0.schema.fields.1.tolerance{REFUSED[field]}"

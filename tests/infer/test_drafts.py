"""A draft says each thing once: a table is drawn with its parent, and defaults are not written out."""

from __future__ import annotations

from pathlib import Path

from release.descriptor.load import load
from tests.support import kit

#: Two products: versions by name, each with a list of files; one of them has nothing else.
PRODUCTS = {
    "a": "title: A\nreleases: {v1: {day: 2024-05-01, files: [{name: x, size: 1}]}, v2: {day: 2024-06-01}}\n",
    "b": "title: B\nreleases: {v1: {day: 2024-05-02, files: [{name: x, size: 1}, {name: y, size: 2}]}}\n",
}


def draft(root: Path, records: dict[str, str]) -> str:
    """Write products, and return the descriptor that `init` makes of them from the first table on."""
    (root / "products").mkdir(parents=True)
    for name, text in records.items():
        (root / f"products/{name}.yaml").write_text(text)
    code, out, err = kit.run("init", str(root))
    assert (code, err) == (0, ""), out
    assert not [each for each in kit.check(root).findings if each.severity != "note"]
    return (root / "datapackage.yaml").read_text("utf-8").partition("resources:\n")[2]


def test_a_table_is_drafted_with_its_parent(tmp_path: Path) -> None:
    """Key, foreign key and captures stand once; rows and fields go on from the entry above."""
    assert draft(tmp_path, PRODUCTS) == (
        """  - name: products
    rows: products
    schema:
      primaryKey: [product]
      fields:
        - {name: product, from: '{product}'}
        - {name: title, from: title}

  # its keys are numbers
  - name: releases
    parent: products
    rows: .releases.{release}
    schema:
      fields:
        - {name: release, from: '{release}'}
        - {name: day, type: date, from: $value.day}

  - name: files
    parent: releases
    rows: .files.{position}
    schema:
      fields:
        - {name: position, type: integer, from: '{position}'}
        - {name: name, from: $value.name}
        - {name: size, type: integer, from: $value.size}
"""
    )
    files = load(tmp_path / "datapackage.yaml").resource("files")
    assert files.primary_key == ("product", "release", "position")


def test_an_entry_that_is_nothing_but_rows_of_a_child_is_a_row(tmp_path: Path) -> None:
    """A release that is nothing but its files is one: its files belong to it as others do."""
    only_files = "title: C\nreleases: {v9: {files: [{name: z, size: 9}]}}\n"
    text = draft(tmp_path, PRODUCTS | {"c": only_files})
    start = text.index("  - name: files")
    assert text[start:].startswith(
        "  - name: files\n    parent: releases\n    rows: .files.{position}\n"
    )
    tables = kit.check(tmp_path).content.tables
    assert (tables["releases"].num_rows, tables["files"].num_rows) == (4, 4)

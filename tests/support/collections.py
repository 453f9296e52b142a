"""Small collections as people keep them, each with the tables that a careful person would draw of it.

Each folder in tests/infer/collections has

- `records.txt`: the files of the collection, one below the other, each after a line `-- its/path --`;
  `hex` before the last dashes says that its bytes follow as hexadecimal digits;
- `wanted.yaml`: the tables, drawn before any program drew them;
- `datapackage.yaml`: a descriptor written by hand that gives these tables.

A wanted table has the number of its `rows`, its `key`, its `fields` with their types, `foreignKeys`
(fields: table), and `some` of its rows. `a|b` are names that are equally good; a field in brackets may
be missing. `or key` and `or fields` are said where two drawings are equally good. `codes` are fields
whose values are in a codelist, and how many it has; `companions` are how many pictures and the like belong to
the records.

`python -m tests.support.collections NAME FOLDER` writes a collection into a folder.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.kit import ROOT

FOLDER = ROOT / "tests/infer/collections"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())

#: Names that say the same of any table.
SYNONYMS = ({"position", "n"}, {"text", "body"})


def write(name: str, folder: Path) -> Path:
    """Write the files of a collection into a folder."""
    text = (FOLDER / name / "records.txt").read_text("utf-8")
    parts = re.split(r"^-- (\S.*?)( hex)? --\n", text, flags=re.MULTILINE)
    assert parts[0] == "", f"{name}: a text stands before the first file"
    for path, kind, content in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes.fromhex(content) if kind else content.encode())
    return folder


def wanted(name: str) -> dict[str, Any]:
    """Return what a careful person would draw of a collection."""
    value = yaml.load((FOLDER / name / "wanted.yaml").read_text("utf-8"), yaml.BaseLoader)
    assert isinstance(value, dict)
    return value


@dataclass(frozen=True)
class Table:
    """A table as it was released: its schema, and its rows as CSV has them."""

    schema: Mapping[str, Any]
    rows: Sequence[Mapping[str, str]]

    @property
    def fields(self) -> dict[str, str]:
        """The types by name."""
        return {field["name"]: field.get("type", "string") for field in self.schema["fields"]}


def tables(release: Path) -> dict[str, Table]:
    """Return the tables of a release, read by nothing of this program."""
    package = json.loads((release / "datapackage.json").read_text("utf-8"))
    found = {}
    for resource in package["resources"]:
        if "fields" in resource.get("schema", {}) and str(resource["path"]).endswith(".csv"):
            with (release / resource["path"]).open(encoding="utf-8", newline="") as file:
                found[resource["name"]] = Table(resource["schema"], list(csv.DictReader(file)))
    return found


def companions(release: Path) -> int:
    """Count the files of a release's source that hold no text."""
    endings = {".png", ".jpg", ".pdf", ".tif", ".db"}
    return sum(path.suffix in endings for path in (release / "source").rglob("*"))


def differences(drawing: Mapping[str, Any], drawn: Mapping[str, Table]) -> list[str]:
    """Compare tables with what was wanted; return a line for each difference.

    Where a drawn table has the name of several wanted ones, it is taken for the one that it is more like.
    """
    choices = [[*_all_named(names, list(drawn)), None] for names in drawing["tables"]]
    found = [
        pairs
        for pairs in itertools.product(*choices)
        if len({*filter(None, pairs)}) == len([*filter(None, pairs)])
    ]
    fewest = min(pairs.count(None) for pairs in found)
    told = (
        _differences(drawing, drawn, dict(zip(drawing["tables"], pairs, strict=True)))
        for pairs in found
        if pairs.count(None) == fewest
    )
    return min(told, key=len)


def _differences(
    drawing: Mapping[str, Any], drawn: Mapping[str, Table], pairs: Mapping[str, str | None]
) -> list[str]:
    called = {names.split("|")[0]: found for names, found in pairs.items()}
    told: list[str] = []
    for names, table in drawing["tables"].items():
        found = pairs[names]
        if found is None:
            told.append(f"no table {names}; there are {', '.join(sorted(drawn))}")
        else:
            told += (f"{found}: {each}" for each in _of_table(table, drawn[found], called))
    for path, count in drawing.get("codes", {}).items():
        table, _, field = path.partition(".")
        told += _of_codes(drawn, called.get(table), field, int(count))
    codes = {key["reference"].get("resource") for each in drawn.values() for key in _keys(each)}
    extra = drawn.keys() - set(called.values()) - codes - {"findings"}
    return told + [f"a table {each} that nobody wants" for each in sorted(extra)]


def _of_table(
    table: Mapping[str, Any], found: Table, called: Mapping[str, str | None]
) -> Iterator[str]:
    if len(found.rows) != int(table["rows"]):
        yield f"has {len(found.rows)} rows, wanted {table['rows']}"
    choices = [table[each] for each in ("fields", "or fields") if each in table]
    told = [list(_of_fields(fields, found)) for fields in choices]
    yield from min(told, key=len)
    fields = choices[told.index(min(told, key=len))]
    names = _called(fields, found)
    keys = [
        {names.get(name, name) for name in table[each]}
        for each in ("key", "or key")
        if each in table
    ]
    key = found.schema.get("primaryKey", [])
    key = {key} if isinstance(key, str) else set(key)
    if key not in keys:
        yield f"has the key {sorted(key)}, wanted {' or '.join(str(sorted(each)) for each in keys)}"
    for texts, target in table.get("foreignKeys", {}).items():
        ours = [names.get(text, text) for text in texts.split(", ")]
        if not any(
            sorted(_listed(each["fields"])) == sorted(ours)
            and (each["reference"].get("resource") or called.get(target)) == called.get(target)
            for each in _keys(found)
        ):
            yield f"has no foreign key {ours} to {called.get(target)}"
    for row in table.get("some", []):
        cells = {names.get(name, name): cell for name, cell in row.items()}
        if not any(cells.items() <= each.items() for each in found.rows):
            yield f"has no row {cells}"


def _of_codes(
    drawn: Mapping[str, Table], table: str | None, field: str, count: int
) -> Iterator[str]:
    keys = _keys(drawn[table]) if table else []
    lists = [
        each["reference"].get("resource") for each in keys if _listed(each["fields"]) == [field]
    ]
    if [len(drawn[each].rows) for each in lists] != [count]:
        yield f"{table}: has no {count} codes for {field}"


def _of_fields(fields: Mapping[str, str], found: Table) -> Iterator[str]:
    taken = set()
    for names, kind in fields.items():
        name = _field(names, kind, found)
        if name is None and not names.startswith("("):
            yield f"has no field {names}: {kind}"
        elif name is not None:
            taken.add(name)
    for name in found.fields.keys() - taken:
        yield f"has a field {name}: {found.fields[name]} that nobody wants"


def _called(fields: Mapping[str, str], found: Table) -> dict[str, str]:
    """Return the names that fields really have, by the first that was wanted."""
    names = {
        each.split("|")[0].strip("()"): _field(each, kind, found) for each, kind in fields.items()
    }
    return {wish: name for wish, name in names.items() if name is not None}


def _field(names: str, kind: str, found: Table) -> str | None:
    """Find the field of that type that has one of some names."""
    kinds = kind.split("|")
    return _named(names, [name for name, each in found.fields.items() if each in kinds])


def _named(names: str, among: Sequence[str]) -> str | None:
    return next(_all_named(names, among), None)


def _all_named(names: str, among: Sequence[str]) -> Iterator[str]:
    """Yield those that have one of some names, the best name first."""
    for name in names.split("|"):
        wish = _plain(name)
        also = next((each for each in SYNONYMS if wish in each), {wish})
        yield from (one for one in among if _plain(one) in also)


def _plain(name: str) -> str:
    """Leave out what styles of names differ in: `releaseDate` is `release_date`."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", name)).casefold()


def _keys(table: Table) -> list[Mapping[str, Any]]:
    return list(table.schema.get("foreignKeys", []))


def _listed(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))

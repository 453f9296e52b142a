"""Small releases for comparing, and changes applied to tables by code that is not the program's."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from release.diff import comparison
from release.diff.views import csv as csv_view
from release.package.manifest import tables as manifest_tables
from release.package.manifest.model import Manifest
from release.syntax import json as syntax_json
from release.syntax import yaml as syntax_yaml
from release.system.limits import LIMITS, Limits
from release.tables import csv as csv_format
from release.tables import parquet

ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "year": pa.int64(),
}


@dataclass(frozen=True)
class Made:
    """A table to release: fields as (name, type), a key, rows in any order."""

    fields: Sequence[tuple[str, str]]
    key: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    schema: Mapping[str, Any] | None = None
    about: Mapping[str, Any] | None = None

    @property
    def names(self) -> list[str]:
        """The names of the fields."""
        return [name for name, _ in self.fields]

    def arrow(self) -> pa.Table:
        """The table in the order of a release."""
        schema = pa.schema([(name, ARROW[kind]) for name, kind in self.fields])
        table = pa.Table.from_pylist([dict(row) for row in self.rows], schema)
        return table.sort_by([(name, "ascending") for name in self.key])


def released(  # noqa: PLR0913 — what a test does not give is left out
    folder: Path,
    tables: Mapping[str, Made],
    version: str = "1.0.0",
    source: str = "",
    sums: Mapping[str, str] | None = None,
    *,
    with_parquet: bool = True,
    **about: Any,
) -> Path:
    """Write what a comparison reads of a release: datapackage.json, tables, and source/ where it is given."""
    (folder / "data").mkdir(parents=True)
    resources: list[dict[str, Any]] = []
    for name, made in tables.items():
        table = made.arrow()
        data = csv_format.to_bytes(table)
        (folder / f"data/{name}.csv").write_bytes(data)
        fields = [{"name": each, "type": kind} for each, kind in made.fields]
        resources.append(
            {
                "name": name,
                **(made.about or {}),
                "path": f"data/{name}.csv",
                "format": "csv",
                **measured(data),
                "schema": {"fields": fields, "primaryKey": list(made.key), **(made.schema or {})},
            }
        )
        if with_parquet:
            about_parquet = {"path": f"data/{name}.parquet", "format": "apache-parquet"}
            resources.append({"name": f"{name}-parquet", **about_parquet, **measured(b"")})
    package = {"name": "things", "version": version, "created": "2026-01-31T00:00:00Z", **about}
    manifest, _ = Manifest.of(package | {"resources": resources})
    for name, known in manifest_tables.find(folder, manifest).items():
        path, table = folder / known.parquet[0], tables[name].arrow()
        rows = parquet.rows_per_group(table.num_rows, (folder / known.csv).stat().st_size)
        parquet.write([table], known.resource, path, rows)
        (resource,) = (each for each in resources if each["name"] == f"{name}-parquet")
        resource |= measured(path.read_bytes())
    (folder / "datapackage.json").write_text(json.dumps(package | {"resources": resources}))
    if source:
        (folder / "source").mkdir()
        (folder / "source/datapackage.yaml").write_text(source)
    if sums:
        lines = [f"{digest:0>64}  source/{path}\n" for path, digest in sums.items()]
        (folder / "SHA256SUMS").write_text("".join(lines))
    return folder


def measured(data: bytes) -> dict[str, Any]:
    """What a manifest says of a file."""
    return {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}


Texts = dict[str, dict[tuple[str, ...], dict[str, str]]]


def texts(folder: Path, as_in: Path | None = None) -> Texts:
    """The tables of a release as text: by name, key, field; a missing value is no entry.

    Where a key has the fields of that in another release, they stand in the order that they have there.
    """
    orders = _keys(as_in) if as_in else {}
    found: Texts = {}
    for resource in _tables(folder):
        key = resource["schema"]["primaryKey"]
        order = orders.get(resource["name"], key)
        key = order if set(order) == set(key) else key
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        found[resource["name"]] = {
            tuple(row[name] for name in key): {
                name: text for name, text in row.items() if text != "" and name not in key
            }
            for row in rows
        }
    return found


def _tables(folder: Path) -> list[dict[str, Any]]:
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    return [resource for resource in package["resources"] if resource["format"] == "csv"]


def _keys(folder: Path) -> dict[str, list[str]]:
    return {table["name"]: table["schema"]["primaryKey"] for table in _tables(folder)}


Line = dict[str, str]


def lines(old: Path, new: Path, *, limits: Limits = LIMITS) -> list[Line]:
    """The lines of `changes.csv` between two releases."""
    target = io.BytesIO()
    with comparison.compare(old, new, limits=limits) as difference:
        csv_view.write(difference, target)
    return list(csv.DictReader(io.StringIO(target.getvalue().decode(), newline="")))


def inverse(changes: Sequence[Line]) -> list[Line]:
    """The changes back: what was added is removed, what was new is old."""
    other = {"added": "removed", "removed": "added"}
    turned = [
        line
        | {"change": other.get(line["change"], line["change"])}
        | {"old": line["new"], "new": line["old"]}
        for line in changes
    ]
    # a row that goes makes place for one of the same key that comes
    return sorted(turned, key=lambda line: line["change"] != "removed")


def apply(tables: Texts, changes: Sequence[Line]) -> Texts:
    """The tables after the changes, each of which must fit what is there."""
    result = {name: {key: dict(row) for key, row in rows.items()} for name, rows in tables.items()}
    gone: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
    for line in changes:
        rows = result.setdefault(line["table"], {})
        key, field = tuple(json.loads(line["key"])), line["field"]
        place = (line["table"], key)
        if line["change"] == "removed":
            row = gone.setdefault(place, rows.pop(key, {}))
        else:
            row = rows.setdefault(key, {}) if line["change"] == "added" else rows[key]
        if not field:
            continue
        assert row.pop(field, "") == line["old"], line
        if line["new"]:
            row[field] = line["new"]
    assert all(row == {} for row in gone.values()), gone
    return result


def reformatted(data: bytes, turn: int) -> bytes:
    """A record with the same values in another form: JSON, flow or block, keys the other way round, CRLF."""
    text = data.decode().replace("\r\n", "\n")
    _, front, body = text.split("---\n", 2)
    is_json = front.lstrip().startswith("{") and _is_json(front)
    values, faults = (syntax_json.read_json if is_json else syntax_yaml.read_yaml)(front)
    assert faults == []
    values = dict(reversed(values.items()))
    if turn % 3 == 0:
        front = json.dumps(values, ensure_ascii=False, indent=1) + "\n"
    else:
        front = yaml.dump(
            values,
            allow_unicode=True,
            sort_keys=False,
            width=1_000_000,
            default_flow_style=turn % 3 == 1,
        )
    text = f"---\n{front}---\n{body}"
    return (text.replace("\n", "\r\n") if turn % 2 else text).encode()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True

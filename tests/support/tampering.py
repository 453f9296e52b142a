"""A small release, and ways of making all of its digests fit again after something in it was changed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from release.build import pipeline
from release.descriptor import load
from release.findings import Finding
from release.package import provenance, zip
from release.tables import csv, parquet

DESCRIPTOR = """\
name: notes
title: Notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records:
  notes:
    path: notes/{note}.md
resources:
  - name: notes
    title: Notes
    rows: notes
    schema:
      primaryKey: [note]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: title, type: string, from: title, constraints: {required: true, maxLength: 40}}
        - {name: year, type: integer, from: year, constraints: {minimum: 1900}}
        - {name: weight, type: number, from: weight}
        - {name: good, type: boolean, from: good}
        - {name: seen, type: date, from: seen}
        - {name: colour, type: string, from: colour, codes: colours}
        - {name: text, type: string, from: $body}
  - name: links
    rows: notes/links.{position}
    schema:
      primaryKey: [note, position]
      foreignKeys:
        - {fields: [to], reference: {resource: notes, fields: [note]}}
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: position, type: integer, from: "{position}"}
        - {name: to, type: string, from: $value}
  - name: colours
    path: codelists/colours.csv
    codelist: {labels: "label_{language}"}
    schema:
      primaryKey: [code]
      fields:
        - {name: code, type: string}
        - {name: label_en, type: string}
"""
COLOURS = 'code,label_en\n"r","red"\n"g","green"\n'
NOTE = """\
---
title: The {number}. note
year: {year}
weight: {number}.5
good: true
seen: 2026-01-{number:02}
colour: {colour}
links: [{links}]
---
Rain, on day {number}.
"""
ZIP = "notes-0.1.0.zip"
ALLOWED = "curator@example.org"


def dataset(folder: Path) -> Path:
    """Write the records and their descriptor; the path of the latter."""
    (folder / "notes").mkdir(parents=True)
    (folder / "codelists").mkdir()
    (folder / "datapackage.yaml").write_text(DESCRIPTOR)
    (folder / "codelists/colours.csv").write_text(COLOURS)
    (folder / "LICENSE").write_text("Free.\n")
    for number in range(1, 7):
        colour = "red" if number % 2 else "green"
        links = f"n{number % 6 + 1}"
        text = NOTE.format(number=number, year=2000 + number, colour=colour, links=links)
        (folder / f"notes/n{number}.md").write_text(text)
    return folder / "datapackage.yaml"


def built(folder: Path) -> Path:
    """Build the release of the small dataset; where it is."""
    made = pipeline.build(load.load(dataset(folder / "records")), folder / "dist")
    assert made.path is not None, [str(finding) for finding in made.outcome.findings]
    return made.path


def alone(release: Path, target: Path) -> Path:
    """A copy of a release that is in no store."""
    return Path(shutil.copytree(release, target))


def key(folder: Path, name: str) -> Path:
    """A throw-away key; the file of allowed signers that names it stands beside it."""
    path = folder / name
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
    subprocess.run(command, check=True)
    public = path.with_suffix(".pub").read_text()
    (folder / f"{name}.allowed").write_text(f'{ALLOWED} namespaces="release" {public}')
    return path


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def change(path: Path, old: str, new: str) -> None:
    """Replace one text in a file."""
    text = path.read_text("utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new, 1), "utf-8")


def flip(path: Path, at: int = -1, mask: int = 1) -> None:
    """Change the bits of one byte; the middle one if none is named."""
    data = bytearray(path.read_bytes())
    data[at if at >= 0 else len(data) // 2] ^= mask
    path.write_bytes(data)


def package_of(folder: Path) -> dict[str, Any]:
    """The published descriptor."""
    value: dict[str, Any] = json.loads((folder / "datapackage.json").read_bytes())
    return value


def write_package(folder: Path, value: dict[str, Any]) -> None:
    """Write the published descriptor as release does."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    (folder / "datapackage.json").write_text(text, "utf-8")


def embed(folder: Path) -> None:
    """Put the tables that are there into the page, in place of those that it holds."""
    page = folder / "index.html"
    if page.is_file():
        page.write_bytes(
            re.sub(rb'(?<= id="data-)([^"]*)">[^<]*', partial(_embed, folder), page.read_bytes())
        )


def _embed(folder: Path, match: re.Match[bytes]) -> bytes:
    file = folder / f"data/{unquote(match[1].decode())}.parquet"
    if not file.is_file():
        return match[0]
    return match[1] + b'">' + base64.b64encode(file.read_bytes())


def refit(folder: Path, *, keeps_page: bool = False) -> None:
    """Make every digest fit the files that are there, as one would who knows how releases are made.

    So are the tables in the page, unless that is what was changed.
    """
    if not keeps_page:
        embed(folder)
    package = package_of(folder)
    for resource in package["resources"]:
        listed = resource["path"]
        paths = [folder / path for path in (listed if isinstance(listed, list) else [listed])]
        if all(path.is_file() for path in paths):
            data = b"".join(path.read_bytes() for path in paths)
            resource["bytes"] = len(data)
            resource["hash"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    write_package(folder, package)
    beside = {ZIP, "SHA256SUMS", "buildinfo.json", "provenance.intoto.json", "SHA256SUMS.sig"}
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    sums = {path: sha256(folder / path) for path in sorted(set(files) - beside)}
    text = "".join(f"{digest}  {path}\n" for path, digest in sums.items())
    (folder / "SHA256SUMS").write_text(text)
    repack(folder, [*sums, "SHA256SUMS"])
    info = json.loads((folder / "buildinfo.json").read_bytes())
    inputs = {path: digest for path, digest in sums.items() if path.startswith("source/")}
    info["inputs"] = {p.removeprefix("source/"): f"sha256:{d}" for p, d in inputs.items()}
    note(folder, info, sums)


def repack(folder: Path, paths: list[str]) -> None:
    """Make the zip anew."""
    time = load.parse_time(package_of(folder)["created"])
    assert time is not None
    with (folder / ZIP).open("wb") as file:
        zip.write(folder, paths, zip.Form.of(time), file)


def note(folder: Path, info: dict[str, Any], sums: dict[str, str] | None = None) -> None:
    """Write buildinfo.json and the attestation for the zip that is there."""
    path = folder / ZIP
    info["archive"] = {
        "path": ZIP,
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256(path)}",
    }
    if sums is None:
        lines = (folder / "SHA256SUMS").read_text().splitlines()
        sums = {line[66:]: line[:64] for line in lines}
    provenance.write(folder, info, sorted(sums.items()), sha256(folder / "SHA256SUMS"))


def retable(
    folder: Path, name: str, changed: Callable[[pa.Table], pa.Table], *, both: bool = True
) -> None:
    """Change a table in its Parquet, and in its CSV too; all digests fit afterwards."""
    declared = load.load(folder / "source/datapackage.yaml").resource(name)
    path = folder / f"data/{name}.parquet"
    table = changed(pq.read_table(path).replace_schema_metadata(None))
    parquet.write([table], declared, path, 1 << 17)
    if both:
        (folder / f"data/{name}.csv").write_bytes(csv.to_bytes(table))
    refit(folder)


def with_value(name: str, row: int, value: Any) -> Callable[[pa.Table], pa.Table]:
    """Put a value into a cell."""

    def changed(table: pa.Table) -> pa.Table:
        values = table[name].to_pylist()
        values[row] = value
        column = pa.array(values, table.schema.field(name).type)
        return table.set_column(table.schema.get_field_index(name), name, column)

    return changed


def swapped(table: pa.Table) -> pa.Table:
    """Swap the first two rows."""
    return table.take([1, 0, *range(2, table.num_rows)])


def rezip(path: Path, edit: Callable[[zipfile.ZipFile], None]) -> None:
    """Write the members of a zip again, and let something be added."""
    with zipfile.ZipFile(path) as held:
        members = [(info, held.read(info)) for info in held.infolist()]
    with zipfile.ZipFile(path, "w") as target:
        for info, data in members:
            target.writestr(info, data)
        edit(target)


def as_printed(findings: Iterable[Finding]) -> list[str]:
    """Findings as `release verify` prints them below a step, without their indentation."""
    return [finding.text(finding.path) for finding in findings]

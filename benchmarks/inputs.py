"""Make datasets to measure with: the real records under new ids, in three syntaxes, in any number."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent

#: The first 260 records are all of the newer snapshot. After those of the older one the records repeat.
SNAPSHOTS = ("2026-06-24-f39641c4", "2026-03-05-5748d37e")
LANGUAGES = ("en", "zh")
SYNTAXES = ("block", "flow", "json")

#: The beginning of an id, with the number of its policy.
ID_NUMBER = re.compile(r"p([0-9]{7})-")

# Corrections of the values that the shipped descriptor refuses, so that a build succeeds.
_CATEGORIES = {
    "Offshore Storage Licensing": "Regulatory",
    "Statutory": "Regulatory",
    "Tax Incentives": "Incentive",
}
_IMPACTS = ("economic", "environmental", "technical")

_FENCES = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)
_JOURNAL = "changed.json"


def shared_folder() -> Path:
    """Return the folder that holds the corpora: RELEASE_SHARED, else ../shared beside the project."""
    return Path(os.environ.get("RELEASE_SHARED") or ROOT.parent / "shared")


def bench_folder() -> Path:
    """Return the folder of inputs and results that are not committed.

    It is RELEASE_BENCH_DIR, else `release-bench` in the folder of temporary files.
    """
    named = os.environ.get("RELEASE_BENCH_DIR")
    return Path(named) if named else Path(tempfile.gettempdir()) / "release-bench"


# the real records


@dataclass(frozen=True, slots=True)
class Template:
    """One edition of a real policy: its values, with the ids of the first pass, and its body."""

    values: Mapping[str, Any]
    body: str


@cache
def load_templates() -> tuple[Mapping[str, Template], ...]:
    """Return the editions of every policy by language, in the order of SNAPSHOTS and id."""
    found: list[Mapping[str, Template]] = []
    for snapshot in SNAPSHOTS:
        folder = shared_folder() / "corpora" / snapshot / "policies"
        ids = sorted(path.stem for path in (folder / LANGUAGES[0]).glob("*.md"))
        numbered = {name: f"p{at:07d}-{name}" for at, name in enumerate(ids, len(found))}
        found += [
            {
                language: _read_template(folder / language / f"{name}.md", numbered)
                for language in LANGUAGES
            }
            for name in ids
        ]
    return tuple(found)


def _read_template(path: Path, numbered: Mapping[str, str]) -> Template:
    text = path.read_bytes().decode().replace("\r\n", "\n")
    match = _FENCES.fullmatch(text)
    if match is None or ID_NUMBER.search(text):
        raise ValueError(f"{path.name} cannot serve as a template")
    values = yaml.load(match[1], yaml.CSafeLoader)
    return Template(_renumber(_mend(values), numbered), match[2])


def _mend(values: Mapping[str, Any]) -> dict[str, Any]:
    mended = {**values, "category": _CATEGORIES.get(values["category"], values["category"])}
    if "impactAnalysis" in values:
        impacts = values["impactAnalysis"]
        mended["impactAnalysis"] = {key: impacts[key] for key in impacts if key in _IMPACTS}
    return mended


def _renumber(values: dict[str, Any], numbered: Mapping[str, str]) -> dict[str, Any]:
    """Return the values with numbered ids, in references too; a reference to an unknown policy stays."""
    renumbered = {**values, "id": numbered[values["id"]]}
    if "evolution" in values:
        evolution = dict(values["evolution"])
        for key in ("supersedes", "consolidatedFrom"):
            if key in evolution:
                evolution[key] = [numbered.get(target, target) for target in evolution[key]]
        for key in ("supersededBy", "currentConsolidatedVersion"):
            if key in evolution:
                evolution[key] = numbered.get(evolution[key], evolution[key])
        renumbered["evolution"] = evolution
    return renumbered


# the three syntaxes


def format_front_matter(values: Mapping[str, Any], syntax: str) -> str:
    """Return values as front matter; every syntax quotes text that looks like a number or a date."""
    if syntax == "json":
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"
    if syntax == "flow":
        return "".join(line + "\n" for line in _format_flow(values))
    return yaml.dump(
        dict(values), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1_000_000
    )


def _format_flow(value: Any) -> list[str]:
    """Return the lines of a value in the flow style of the newer snapshot.

    There is one entry per line, in single quotes; a comma follows the last entry too.
    """
    if isinstance(value, dict) and value:
        lines = ["{"]
        for key, item in value.items():
            lines += _format_entry(f"{_format_scalar(key)}:", _format_flow(item))
        return [*lines, "}"]
    if isinstance(value, list) and value:
        items = [_format_flow(item) for item in value]
        line = f"[{', '.join(item[0] for item in items)}]"
        if all(len(item) == 1 for item in items) and len(line) <= 70:
            return [line]
        return ["[", *(f"  {line}" for item in items for line in _add_comma(item)), "]"]
    return [_format_scalar(value)]


def _format_entry(key: str, item: Sequence[str]) -> Iterator[str]:
    nested = len(item) > 1 or item[0].startswith("['")
    yield f"  {key}" if nested else f"  {key} {item[0]},"
    if nested:
        yield from (f"    {line}" for line in _add_comma(item))


def _add_comma(lines: Sequence[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]},"]


def _format_scalar(value: Any) -> str:
    if isinstance(value, str) and value.isprintable() and "'" not in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def syntax_of(number: int) -> str:
    """Return the syntax of the records of a policy; it changes with each pass over the templates."""
    return SYNTAXES[(number + number // len(load_templates())) % len(SYNTAXES)]


# the files


@cache
def _split_record(at: int, language: str, syntax: str) -> tuple[str | int, ...]:
    """Return the text of a record, split at the numbers in its ids: text and numbers alternate."""
    template = load_templates()[at][language]
    text = f"---\n{format_front_matter(template.values, syntax)}---\n{template.body}"
    parts = ID_NUMBER.split(text)
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts))


def format_record(number: int, language: str) -> str:
    """Return the text of one edition of the policy with a number."""
    at = number % len(load_templates())
    base = number - at
    return "".join(
        part if isinstance(part, str) else f"p{base + part:07d}-"
        for part in _split_record(at, language, syntax_of(number))
    )


def record_path(folder: Path, at: int) -> Path:
    """Return the file of the record with an index; the editions of a policy have adjacent indexes."""
    number, edition = divmod(at, len(LANGUAGES))
    language = LANGUAGES[edition]
    identifier = load_templates()[number % len(load_templates())][language].values["id"]
    name = f"p{number:07d}-{ID_NUMBER.sub('', identifier)}.md"
    return folder / "seeds" / "policies" / language / name


@cache
def _digest_templates() -> str:
    """Return a fingerprint of the templates, on which inputs depend besides the number of records."""
    digest = hashlib.sha256()
    for at in range(len(load_templates())):
        for language in LANGUAGES:
            for syntax in SYNTAXES:
                digest.update(repr(_split_record(at, language, syntax)).encode())
    return digest.hexdigest()


def make(records: int, folder: Path | None = None) -> Path:
    """Return the folder of a dataset with a number of records; write the records if they are missing.

    The project's descriptor and codelists are written into it each time.

    Raises:
        ValueError: The number is odd or below 2: both editions of each policy are needed.
    """
    if records < 2 or records % 2:
        raise ValueError(
            f"{records} records: expected an even number, both editions of each policy"
        )
    folder = folder or bench_folder() / f"records-{records}"
    expected = {"records": records, "digest": _digest_templates()}
    marker = folder / "inputs.json"
    if not marker.is_file() or json.loads(marker.read_text()) != expected:
        shutil.rmtree(folder, ignore_errors=True)
        _write_records(records, folder)
        marker.write_text(json.dumps(expected))
    _restore(folder)
    _write_descriptor(folder / "datapackage.yaml")
    shutil.copytree(ROOT / "codelists", folder / "codelists", dirs_exist_ok=True)
    return folder


def _write_descriptor(path: Path) -> None:
    """Write the project's descriptor; no documents are made, which a dataset has to say."""
    text = (ROOT / "datapackage.yaml").read_text("utf-8")
    documents = "    path: seeds/documents/{document_id}.md\n"
    assert documents in text
    path.write_text(text.replace(documents, f"{documents}    mayBeEmpty: true\n"), "utf-8")


def _write_records(records: int, folder: Path) -> None:
    for language in LANGUAGES:
        (folder / "seeds" / "policies" / language).mkdir(parents=True)
    for at in range(records):
        number, edition = divmod(at, len(LANGUAGES))
        record_path(folder, at).write_bytes(format_record(number, LANGUAGES[edition]).encode())


# changes


@contextmanager
def change_records(folder: Path, count: int, nonce: str) -> Iterator[list[Path]]:
    """Change `count` records, evenly spread, and restore them at the end; yield their files.

    A change adds a line with the nonce to the end of the body. If the process is killed, `make` restores
    the records later.
    """
    records = int(json.loads((folder / "inputs.json").read_text())["records"])
    shift = int.from_bytes(hashlib.sha256(nonce.encode()).digest()[:4], "big")
    chosen = sorted({(at * records // count + shift) % records for at in range(count)})
    files = [record_path(folder, at) for at in chosen]
    journal = {str(file): [file.stat().st_size, file.stat().st_mtime_ns] for file in files}
    (folder / _JOURNAL).write_text(json.dumps(journal))
    try:
        for file in files:
            with file.open("ab") as end:
                end.write(f"\nChanged: {nonce}.\n".encode())
        yield files
    finally:
        _restore(folder)


def _restore(folder: Path) -> None:
    journal = folder / _JOURNAL
    if not journal.is_file():
        return
    for name, (size, modified) in json.loads(journal.read_text()).items():
        os.truncate(name, size)
        os.utime(name, ns=(modified, modified))
    journal.unlink()


def main() -> None:
    """Make datasets and print their folders."""
    parser = argparse.ArgumentParser(description="Make the inputs of the benchmark.")
    parser.add_argument("records", type=int, nargs="+", metavar="N", help="the number of records")
    for records in parser.parse_args().records:
        print(make(records))


if __name__ == "__main__":
    main()

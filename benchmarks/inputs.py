"""Records to measure with: the real ones under new ids, in three syntaxes, as many as wanted."""

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

#: The first 260 records are the newer snapshot, whole; after the older one they begin again.
SNAPSHOTS = ("2026-06-24-f39641c4", "2026-03-05-5748d37e")
LANGUAGES = ("en", "zh")
SYNTAXES = ("block", "flow", "json")

# What the shipped descriptor refuses, mended, so that a build passes.
_CATEGORIES = {
    "Offshore Storage Licensing": "Regulatory",
    "Statutory": "Regulatory",
    "Tax Incentives": "Incentive",
}
_IMPACTS = ("economic", "environmental", "technical")

_FENCES = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)
_NUMBER = re.compile(r"p([0-9]{7})-")
_JOURNAL = "changed.json"


def shared() -> Path:
    """Where the corpora are: RELEASE_SHARED, or beside the project."""
    return Path(os.environ.get("RELEASE_SHARED") or ROOT.parent / "shared")


def cache_dir() -> Path:
    """Where inputs and results that are not committed go: RELEASE_BENCH_DIR, or among temporary files."""
    named = os.environ.get("RELEASE_BENCH_DIR")
    return Path(named) if named else Path(tempfile.gettempdir()) / "release-bench"


# the real records


@dataclass(frozen=True, slots=True)
class Template:
    """One edition of a real policy: its values, its ids numbered as in the first round, and its body."""

    values: Mapping[str, Any]
    body: str


@cache
def templates() -> tuple[Mapping[str, Template], ...]:
    """The editions by language of every policy of the snapshots, in the order of SNAPSHOTS and id."""
    found: list[Mapping[str, Template]] = []
    for snapshot in SNAPSHOTS:
        folder = shared() / "corpora" / snapshot / "policies"
        ids = sorted(path.stem for path in (folder / LANGUAGES[0]).glob("*.md"))
        numbered = {name: f"p{at:07d}-{name}" for at, name in enumerate(ids, len(found))}
        found += [
            {
                language: _template(folder / language / f"{name}.md", numbered)
                for language in LANGUAGES
            }
            for name in ids
        ]
    return tuple(found)


def _template(path: Path, numbered: Mapping[str, str]) -> Template:
    text = path.read_bytes().decode().replace("\r\n", "\n")
    match = _FENCES.fullmatch(text)
    if match is None or _NUMBER.search(text):
        raise ValueError(f"{path.name} cannot serve as a template")
    values = yaml.load(match[1], yaml.CSafeLoader)
    return Template(_renamed(_mended(values), numbered), match[2])


def _mended(values: Mapping[str, Any]) -> dict[str, Any]:
    mended = {**values, "category": _CATEGORIES.get(values["category"], values["category"])}
    if "impactAnalysis" in values:
        impacts = values["impactAnalysis"]
        mended["impactAnalysis"] = {key: impacts[key] for key in impacts if key in _IMPACTS}
    return mended


def _renamed(values: dict[str, Any], numbered: Mapping[str, str]) -> dict[str, Any]:
    """The values with the ids of the snapshot's policies numbered; ids of no policy stay."""
    renamed = {**values, "id": numbered[values["id"]]}
    if "evolution" in values:
        evolution = dict(values["evolution"])
        for key in ("supersedes", "consolidatedFrom"):
            if key in evolution:
                evolution[key] = [numbered.get(target, target) for target in evolution[key]]
        for key in ("supersededBy", "currentConsolidatedVersion"):
            if key in evolution:
                evolution[key] = numbered.get(evolution[key], evolution[key])
        renamed["evolution"] = evolution
    return renamed


# the three syntaxes


def front_matter(values: Mapping[str, Any], syntax: str) -> str:
    """The values as front matter; text that looks like a number or a date is in quotes in all three."""
    if syntax == "json":
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"
    if syntax == "flow":
        return "".join(line + "\n" for line in _flow(values))
    return yaml.dump(
        dict(values), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1_000_000
    )


def _flow(value: Any) -> list[str]:
    """Flow style as the newer snapshot has it: one entry a line, in single quotes, commas to the end."""
    if isinstance(value, dict) and value:
        lines = ["{"]
        for key, item in value.items():
            lines += _flow_entry(f"{_scalar(key)}:", _flow(item))
        return [*lines, "}"]
    if isinstance(value, list) and value:
        items = [_flow(item) for item in value]
        line = f"[{', '.join(item[0] for item in items)}]"
        if all(len(item) == 1 for item in items) and len(line) <= 70:
            return [line]
        return ["[", *(f"  {line}" for item in items for line in _comma(item)), "]"]
    return [_scalar(value)]


def _flow_entry(key: str, item: Sequence[str]) -> Iterator[str]:
    nested = len(item) > 1 or item[0].startswith("['")
    yield f"  {key}" if nested else f"  {key} {item[0]},"
    if nested:
        yield from (f"    {line}" for line in _comma(item))


def _comma(lines: Sequence[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]},"]


def _scalar(value: Any) -> str:
    if isinstance(value, str) and value.isprintable() and "'" not in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def syntax_of(number: int) -> str:
    """The syntax of a policy's records; another one in each round of the templates."""
    return SYNTAXES[(number + number // len(templates())) % len(SYNTAXES)]


# the files


@cache
def _pieces(at: int, language: str, syntax: str) -> tuple[str | int, ...]:
    """A record as text and the numbers of the ids in it, in turn."""
    template = templates()[at][language]
    text = f"---\n{front_matter(template.values, syntax)}---\n{template.body}"
    parts = _NUMBER.split(text)
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))


def record(number: int, language: str) -> str:
    """The text of one edition of the policy of a number."""
    at = number % len(templates())
    base = number - at
    return "".join(
        part if isinstance(part, str) else f"p{base + part:07d}-"
        for part in _pieces(at, language, syntax_of(number))
    )


def place(folder: Path, at: int) -> Path:
    """The file of a folder's record at a position, both editions of a policy together."""
    number, edition = divmod(at, len(LANGUAGES))
    language = LANGUAGES[edition]
    identifier = templates()[number % len(templates())][language].values["id"]
    name = f"p{number:07d}-{_NUMBER.sub('', identifier)}.md"
    return folder / "seeds" / "policies" / language / name


@cache
def _digest() -> str:
    """What the inputs are a function of, besides their number."""
    digest = hashlib.sha256()
    for at in range(len(templates())):
        for language in LANGUAGES:
            for syntax in SYNTAXES:
                digest.update(repr(_pieces(at, language, syntax)).encode())
    return digest.hexdigest()


def make(records: int, folder: Path | None = None) -> Path:
    """The folder of a dataset with so many records, made if it is not there yet.

    It holds the project's own descriptor and codelists, which are copied anew each time.
    """
    if records < 2 or records % 2:
        raise ValueError(
            f"{records} records: expected an even number, both editions of each policy"
        )
    folder = folder or cache_dir() / f"records-{records}"
    made = {"records": records, "digest": _digest()}
    marker = folder / "inputs.json"
    if not marker.is_file() or json.loads(marker.read_text()) != made:
        shutil.rmtree(folder, ignore_errors=True)
        _write_records(records, folder)
        marker.write_text(json.dumps(made))
    _restore(folder)
    shutil.copyfile(ROOT / "datapackage.yaml", folder / "datapackage.yaml")
    shutil.copytree(ROOT / "codelists", folder / "codelists", dirs_exist_ok=True)
    return folder


def _write_records(records: int, folder: Path) -> None:
    for language in LANGUAGES:
        (folder / "seeds" / "policies" / language).mkdir(parents=True)
    for at in range(records):
        number, edition = divmod(at, len(LANGUAGES))
        place(folder, at).write_bytes(record(number, LANGUAGES[edition]).encode())


# changes


@contextmanager
def changed(folder: Path, count: int, nonce: str) -> Iterator[list[Path]]:
    """A folder whose records are changed, `count` of them, evenly spread; as before afterwards.

    A change is a line at the end of the body that holds the nonce. What a run that was killed left
    changed is restored by `make`.
    """
    records = int(json.loads((folder / "inputs.json").read_text())["records"])
    shift = int.from_bytes(hashlib.sha256(nonce.encode()).digest()[:4], "big")
    chosen = sorted({(at * records // count + shift) % records for at in range(count)})
    files = [place(folder, at) for at in chosen]
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
    """Make inputs and print their folders."""
    parser = argparse.ArgumentParser(description="Make the inputs of the benchmark.")
    parser.add_argument("records", type=int, nargs="+", metavar="N", help="how many records")
    for records in parser.parse_args().records:
        print(make(records))


if __name__ == "__main__":
    main()

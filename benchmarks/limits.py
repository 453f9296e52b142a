"""Measure the limits: times that no program for this work can go below. Start-up is not included.

- hash: read every record and take its SHA-256
- parse: parse every record, already in memory, with the fastest parser installed for its syntax, and do
  nothing with the values; in one process, and split over two
- parquet: write the tables of a release as Parquet again
- verify: hash every file of a release, and read its Parquet and CSV once
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

Parser = Callable[[bytes], Any]

#: The number of records that are held in memory at once: they are read untimed, then parsed.
BATCH = 500

#: The number of records on which parsers are compared.
SAMPLE = 60


def find_records(root: Path) -> list[Path]:
    """Return the files of the records of a dataset, sorted."""
    return sorted(root.glob("seeds/policies/*/*.md"))


def cut_front_matter(data: bytes) -> bytes:
    """Return the text between the fences."""
    return data[4 : data.index(b"\n---\n", 3) + 1]


def is_json(front: bytes) -> bool:
    """Return True if front matter is JSON: a brace, then a key in double quotes."""
    return front[:1] == b"{" and front[1:].lstrip()[:1] == b'"'


def import_parsers() -> tuple[dict[str, Parser], dict[str, Parser]]:
    """Return the installed parsers of JSON, and those of YAML, by name."""
    readers: dict[str, Parser] = {"json": json.loads}
    if module := _import("orjson"):
        readers["orjson"] = module.loads
    yamls: dict[str, Parser] = {}
    if module := _import("yamlrocks"):
        yamls["yamlrocks"] = module.loads
    if module := _import("ryaml"):
        ryaml = module.loads
        yamls["ryaml"] = lambda data: ryaml(data.decode())
    if module := _import("yaml12"):
        yaml12 = module.parse_yaml
        yamls["py-yaml12"] = lambda data: yaml12(data.decode())
    if not yamls:
        yaml = importlib.import_module("yaml")
        yamls["PyYAML"] = lambda data: yaml.load(data, yaml.CSafeLoader)
    return readers, yamls


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def choose_fastest(candidates: dict[str, Parser], sample: Sequence[bytes]) -> tuple[str, Parser]:
    """Return the name and the parser that take the least time for the sample."""

    def seconds(name: str) -> float:
        return min(_time(candidates[name], sample) for _ in range(3))

    name = min(candidates, key=seconds)
    return name, candidates[name]


def _time(parse: Parser, fronts: Sequence[bytes]) -> float:
    start = time.perf_counter()
    for front in fronts:
        parse(front)
    return time.perf_counter() - start


def choose_parsers(paths: Sequence[Path]) -> tuple[tuple[str, Parser], tuple[str, Parser]]:
    """Return the fastest parser of JSON and that of YAML on a sample of the records."""
    step = max(1, len(paths) // SAMPLE)
    fronts = [cut_front_matter(path.read_bytes()) for path in paths[::step]]
    readers, yamls = import_parsers()
    return (
        choose_fastest(readers, [front for front in fronts if is_json(front)]),
        choose_fastest(yamls, [front for front in fronts if not is_json(front)]),
    )


# the limits


def time_hashing(paths: Sequence[Path]) -> float:
    """Return the seconds to read files and take their SHA-256."""
    start = time.perf_counter()
    for path in paths:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 — the fastest way to read
            hashlib.sha256(file.read()).digest()
    return time.perf_counter() - start


def time_parsing(paths: Sequence[Path], names: tuple[str, str]) -> float:
    """Return the seconds to parse records that are in memory."""
    readers, yamls = import_parsers()
    of_json, of_yaml = readers[names[0]], yamls[names[1]]
    seconds = 0.0
    for batch in _batches(paths):
        data = [path.read_bytes() for path in batch]
        start = time.perf_counter()
        for record in data:
            front = cut_front_matter(record)
            (of_json if is_json(front) else of_yaml)(front)
        seconds += time.perf_counter() - start
    return seconds


def _batches(paths: Sequence[Path]) -> Iterator[list[Path]]:
    rest = iter(paths)
    while batch := list(islice(rest, BATCH)):
        yield batch


def time_split_parsing(paths: Sequence[Path], names: tuple[str, str], workers: int) -> float:
    """Return the seconds to parse records split over several processes: those of the slowest."""
    parts = [paths[at::workers] for at in range(workers)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for _ in pool.map(len, parts):  # start all processes before any is timed
            pass
        return max(pool.map(time_parsing, parts, [names] * workers))


def time_writing(release: Path, out: Path) -> float:
    """Return the seconds that pyarrow takes to write the tables of a release as Parquet with zstd."""
    import pyarrow.parquet as pq

    seconds = 0.0
    for at, path in enumerate(sorted((release / "data").rglob("*.parquet"))):
        table = pq.read_table(path)
        start = time.perf_counter()
        pq.write_table(table, out / f"{at}.parquet", compression="zstd")
        seconds += time.perf_counter() - start
    return seconds


def time_verifying(release: Path) -> float:
    """Return the seconds to hash the files of a release and to read its Parquet and CSV once."""
    import pyarrow.csv
    import pyarrow.parquet as pq

    start = time.perf_counter()
    for path in release.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256").digest()
    multiline = pyarrow.csv.ParseOptions(newlines_in_values=True)
    for path in (release / "data").rglob("*"):
        if path.suffix == ".parquet":
            pq.read_table(path)
        elif path.suffix == ".csv":
            pyarrow.csv.read_csv(path, parse_options=multiline)
    return time.perf_counter() - start


def main() -> None:
    """Measure each limit; print the seconds and the names of the parsers as JSON."""
    parser = argparse.ArgumentParser(description="Measure the limits of building a release.")
    parser.add_argument("root", type=Path, help="the folder of the dataset")
    parser.add_argument("release", type=Path, help="the folder of a release of it")
    parser.add_argument("out", type=Path, help="a folder to write to")
    options = parser.parse_args()
    options.out.mkdir(parents=True)
    paths = find_records(options.root)
    (json_name, _), (yaml_name, _) = choose_parsers(paths)
    names = (json_name, yaml_name)
    seconds = {
        "hash": time_hashing(paths),
        "parse-1": time_parsing(paths, names),
        "parse-2": time_split_parsing(paths, names, 2),
        "parquet": time_writing(options.release, options.out),
        "verify": time_verifying(options.release),
    }
    print(json.dumps({"seconds": seconds, "parsers": {"json": json_name, "yaml": yaml_name}}))


if __name__ == "__main__":
    main()

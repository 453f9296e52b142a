"""The limits: what no program that does this work can go below, each measured inside one process.

- hash: read every record and take its SHA-256
- parse: parse every record, already read, with the fastest parser there is for it, and do nothing more;
  in one process, and split over two
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

#: So many records are read, untimed, before they are parsed; memory holds no more of them.
BATCH = 500

#: So many records decide which parser is the fastest here.
SAMPLE = 60


def records(root: Path) -> list[Path]:
    """The records of a dataset."""
    return sorted(root.glob("seeds/policies/*/*.md"))


def front_matter(data: bytes) -> bytes:
    """What stands between the fences."""
    return data[4 : data.index(b"\n---\n", 3) + 1]


def is_json(front: bytes) -> bool:
    """Whether front matter is JSON: a brace, then a key in double quotes."""
    return front[:1] == b"{" and front[1:].lstrip()[:1] == b'"'


def parsers() -> tuple[dict[str, Parser], dict[str, Parser]]:
    """What is installed that reads JSON and YAML."""
    readers: dict[str, Parser] = {"json": json.loads}
    if module := _imported("orjson"):
        readers["orjson"] = module.loads
    yamls: dict[str, Parser] = {}
    if module := _imported("yamlrocks"):
        yamls["yamlrocks"] = module.loads
    if module := _imported("ryaml"):
        ryaml = module.loads
        yamls["ryaml"] = lambda data: ryaml(data.decode())
    if module := _imported("yaml12"):
        yaml12 = module.parse_yaml
        yamls["py-yaml12"] = lambda data: yaml12(data.decode())
    if not yamls:
        yaml = importlib.import_module("yaml")
        yamls["PyYAML"] = lambda data: yaml.load(data, yaml.CSafeLoader)
    return readers, yamls


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def fastest(candidates: dict[str, Parser], sample: Sequence[bytes]) -> tuple[str, Parser]:
    """The parser that reads the sample in the least time."""

    def seconds(name: str) -> float:
        return min(_timed(candidates[name], sample) for _ in range(3))

    name = min(candidates, key=seconds)
    return name, candidates[name]


def _timed(parse: Parser, fronts: Sequence[bytes]) -> float:
    start = time.perf_counter()
    for front in fronts:
        parse(front)
    return time.perf_counter() - start


def chosen(paths: Sequence[Path]) -> tuple[tuple[str, Parser], tuple[str, Parser]]:
    """The fastest parser of JSON, and of YAML, on some of the records."""
    step = max(1, len(paths) // SAMPLE)
    fronts = [front_matter(path.read_bytes()) for path in paths[::step]]
    readers, yamls = parsers()
    return (
        fastest(readers, [front for front in fronts if is_json(front)]),
        fastest(yamls, [front for front in fronts if not is_json(front)]),
    )


# the limits


def hashing(paths: Sequence[Path]) -> float:
    """The seconds to read files and take their SHA-256."""
    start = time.perf_counter()
    for path in paths:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 — the fastest way to read
            hashlib.sha256(file.read()).digest()
    return time.perf_counter() - start


def parsing(paths: Sequence[Path], names: tuple[str, str]) -> float:
    """The seconds to parse records that are in memory."""
    readers, yamls = parsers()
    of_json, of_yaml = readers[names[0]], yamls[names[1]]
    seconds = 0.0
    for batch in _batches(paths):
        data = [path.read_bytes() for path in batch]
        start = time.perf_counter()
        for record in data:
            front = front_matter(record)
            (of_json if is_json(front) else of_yaml)(front)
        seconds += time.perf_counter() - start
    return seconds


def _batches(paths: Sequence[Path]) -> Iterator[list[Path]]:
    rest = iter(paths)
    while batch := list(islice(rest, BATCH)):
        yield batch


def parsing_split(paths: Sequence[Path], names: tuple[str, str], workers: int) -> float:
    """The same by several processes at once: the seconds of the slowest."""
    parts = [paths[at::workers] for at in range(workers)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for _ in pool.map(len, parts):  # the processes are there before any is timed
            pass
        return max(pool.map(parsing, parts, [names] * workers))


def writing(release: Path, out: Path) -> float:
    """The seconds to write a release's tables as Parquet, as pyarrow does it with zstd."""
    import pyarrow.parquet as pq

    seconds = 0.0
    for at, path in enumerate(sorted((release / "data").rglob("*.parquet"))):
        table = pq.read_table(path)
        start = time.perf_counter()
        pq.write_table(table, out / f"{at}.parquet", compression="zstd")
        seconds += time.perf_counter() - start
    return seconds


def verifying(release: Path) -> float:
    """The seconds to hash a release's files and to read its Parquet and CSV once."""
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
    """Measure and print the seconds of each limit as JSON."""
    parser = argparse.ArgumentParser(description="Measure the limits of building a release.")
    parser.add_argument("root", type=Path, help="the folder of the dataset")
    parser.add_argument("release", type=Path, help="the folder of a release of it")
    parser.add_argument("out", type=Path, help="a folder to write to")
    options = parser.parse_args()
    options.out.mkdir(parents=True)
    paths = records(options.root)
    (json_name, _), (yaml_name, _) = chosen(paths)
    names = (json_name, yaml_name)
    seconds = {
        "hash": hashing(paths),
        "parse-1": parsing(paths, names),
        "parse-2": parsing_split(paths, names, 2),
        "parquet": writing(options.release, options.out),
        "verify": verifying(options.release),
    }
    print(json.dumps({"seconds": seconds, "parsers": {"json": json_name, "yaml": yaml_name}}))


if __name__ == "__main__":
    main()

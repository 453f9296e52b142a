"""What a release was built from, copied into it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Event

import pyarrow as pa

from release import storage
from release.descriptor import Descriptor
from release.errors import RefusedError
from release.sources import Sources
from release.storage import File

#: Where it stands in a release.
FOLDER = "source"


#: Files are copied so many at a time; between them the copying can be given up.
_BATCH = 1 << 10


@contextmanager
def copying(
    descriptor: Descriptor,
    sources: Sources,
    sha256: pa.ChunkedArray,
    curated: Mapping[str, str],
    folder: Path,
) -> Iterator[Callable[[], dict[str, str]]]:
    """Copy the descriptor, curated tables and records into a release's folder, beside other work.

    `sha256` is what the records had when they were read, `curated` what the curated tables had, by path. What
    is given waits for the copies and tells their SHA-256 by path in the release.

    Raises:
        RefusedError: a file is no longer what was read.
    """
    given_up = Event()
    into = folder / FOLDER
    into.mkdir()
    with ThreadPoolExecutor(1) as thread:
        try:
            text = descriptor.text.encode()
            (into / "datapackage.yaml").write_bytes(text)
            own = {f"{FOLDER}/datapackage.yaml": hashlib.sha256(text).hexdigest()}
            files = _files(descriptor, sources, sha256, curated)
            copy = thread.submit(_copy, files, into, own, given_up)
            yield copy.result
        finally:
            given_up.set()


#: A file: its path below FOLDER, where it is read, and the SHA-256 that it must have.
_Original = tuple[str, File, str | None]


def _files(
    descriptor: Descriptor,
    sources: Sources,
    sha256: pa.ChunkedArray,
    curated: Mapping[str, str],
) -> Iterator[_Original]:
    """All that is copied."""
    root = descriptor.root
    for path, digest in curated.items():
        yield path, root / path, digest
    if (root / "LICENSE").is_file():
        yield "LICENSE", root / "LICENSE", None
    for source, digest in zip(sources, map(str, sha256), strict=True):
        yield source.path, source.file, digest


def _copy(
    files: Iterator[_Original], into: Path, sums: dict[str, str], given_up: Event
) -> dict[str, str]:
    made: set[str] = set()
    while (some := list(islice(files, _BATCH))) and not given_up.is_set():
        contents = storage.contents(file for _, file, _ in some)
        for (path, file, expected), data in zip(some, contents, strict=True):
            digest = hashlib.sha256(data).hexdigest()
            if expected not in (digest, None):
                raise RefusedError(
                    f"{file} was changed while the release was built: build it again"
                )
            parent = path.rpartition("/")[0]
            if parent not in made:
                (into / parent).mkdir(parents=True, exist_ok=True)
                made.add(parent)
            with open(f"{into}/{path}", "xb") as target:  # noqa: PTH123 — many thousands
                target.write(data)
            sums[f"{FOLDER}/{path}"] = digest
    return sums

"""Cut records into chunks, and compute the fingerprint of each: its cache key.

Nothing here needs more than Python's own library: what is named can be looked for before anything is loaded
that could make it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from release import __version__
from release.descriptor.load import Descriptor
from release.findings import Finding
from release.limits import LIMITS, Limits
from release.records.sources import MAX_BYTES, Source, Sources
from release.system import files

#: What is made of a chunk, or found in all of them, may differ between versions of these.
LIBRARIES = ("pyarrow", "PyYAML", "py-yaml12", "orjson", "numpy", "duckdb")

#: The folder of the whole program: whatever is in it may change what is made.
_PROGRAM = Path(__file__).parents[2]

#: Most records are read with one call.
_BLOCK = 1 << 14


@dataclass(frozen=True, slots=True)
class Work:
    """The input that all chunks of a build share; it travels to where chunks are built.

    `text` is the descriptor, `curated` has the files of the codelists, by name of the table; `code` tells
    versions of this program and of the libraries that matter apart.
    """

    text: str
    curated: tuple[tuple[str, bytes], ...]
    code: str
    limits: Limits = LIMITS

    def digest(self) -> bytes:
        """Return the SHA-256 of everything that a chunk depends on besides its records."""
        whole = hashlib.sha256(self.code.encode())
        for name, data in (("", self.text.encode()), *self.curated):
            whole.update(f"{name}\0{len(data)}\0".encode() + data)
        return whole.digest()


def work(of: Descriptor, curated: Mapping[str, bytes], limits: Limits = LIMITS) -> Work:
    """Return the work of a descriptor, with the files of the codelists among `curated`."""
    coded = {f.codes for resource in of.resources if resource.rows for f in resource.fields}
    files = tuple(sorted((name, data) for name, data in curated.items() if name in coded))
    return Work(of.text, files, code(), limits)


def cut(sources: Sources, of: Descriptor, size: int) -> list[range]:
    """Cut sorted records into chunks of `size`, as positions in the list of all.

    A chunk is longer where the editions of its last record go on.
    """
    chunks: list[range] = []
    start = 0
    for _, same in groupby(sources.kinds()):
        end = start + sum(1 for _ in same)
        while start < end:
            stop = min(start + size, end)
            while stop < end and same_record(sources[stop - 1], sources[stop], of):
                stop += 1
            chunks.append(range(start, stop))
            start = stop
    return chunks


def same_record(one: Source, other: Source, of: Descriptor) -> bool:
    """Return whether two records of one kind are editions of the same."""
    kind = of.kind(one.kind)
    return all(
        value == other.captures[name]
        for name, value in one.captures.items()
        if name not in kind.prefer
    )


@cache
def code() -> str:
    """Return a fingerprint of Python, the libraries and this program, on which every chunk depends."""
    source = hashlib.sha256()
    for path, data in _read_modules():
        source.update(f"{path}\0{len(data)}\0".encode() + data)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    versions = dict(_installed())
    libraries = [f"{name} {_version(name, versions)}" for name in LIBRARIES]
    return ", ".join(
        [f"Python {python}", f"release {__version__}+{source.hexdigest()}", *libraries]
    )


def _read_modules() -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each module of the program, sorted by path; texts are faster than `Path`."""
    root = str(_PROGRAM)
    found = [
        f"{folder}{os.sep}{name}"
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith(".py")
    ]
    for path in sorted(found):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 — a warm check does little else
            yield path[len(root) + 1 :].replace(os.sep, "/"), file.read()


def _installed() -> Iterator[tuple[str, str]]:
    """Yield the installed libraries and their versions, by the names of their folders; the first counts.

    As importlib.metadata finds them, which takes longer to import than all else that names a chunk.
    """
    for folder in reversed(sys.path):
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 — names are all that is asked for
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                library, _, version = name.removesuffix(".dist-info").partition("-")
                yield library.lower(), version


def _version(name: str, versions: Mapping[str, str]) -> str:
    if known := versions.get(name.lower().replace("-", "_")):
        return known
    from importlib.metadata import version

    return version(name)


def name_of(digest: bytes, records: Iterable[tuple[str, str, str]]) -> str:
    """Return the cache key of a chunk, from its work and the kind, path and `held` of each record."""
    key = hashlib.sha256(digest)
    key.update("".join(f"{kind}\0{path}\0{held}\n" for kind, path, held in records).encode())
    return f"{key.hexdigest()}.chunk"


def name(digest: bytes, sources: Sources, where: range) -> str:
    """Return the cache key of a chunk, from its records as they are now.

    Raises:
        ReleaseError: a record behind a URL cannot be reached.
    """
    kinds, paths, places, _, _ = sources.columns(where)
    digests = list(map(_sha256, places))
    if "" in digests:
        from release.records import reader

        odd = [at for at, sha256 in enumerate(digests) if not sha256]
        read = reader.read_all([sources[where[at]] for at in odd])
        for at, content in zip(odd, read, strict=True):
            digests[at] = held(*content)
    return name_of(digest, zip(kinds, paths, digests, strict=True))


def held(data: bytes | None, fault: Finding | None) -> str:
    """Return the SHA-256 of a record's bytes, or the reason why there are none, for a cache key."""
    if data is not None:
        return hashlib.sha256(data).hexdigest()
    return fault.message if fault is not None else ""


def _sha256(place: str) -> str:
    """Return the SHA-256 of a file on this machine; empty if it cannot be read at once.

    In threads it takes longer: what they could do at once is too short to be worth it.
    """
    if files.is_url(place):
        return ""
    try:
        file = os.open(place, os.O_RDONLY | files.STRICT_FLAGS)
    except OSError:
        return ""
    try:
        data = os.read(file, _BLOCK)
        digest, size = hashlib.sha256(data), len(data)
        if not data.strip():
            return ""
        while size <= MAX_BYTES and (data := os.read(file, _BLOCK)):
            digest.update(data)
            size += len(data)
        return digest.hexdigest() if size <= MAX_BYTES else ""
    except OSError:
        return ""
    finally:
        os.close(file)

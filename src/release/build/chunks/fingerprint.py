"""Cut records into chunks, and make the cache key of each from all that it depends on.

Only Python's own library is needed: a cache hit is found before anything is loaded that could build a chunk.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from release import __version__
from release.descriptor.model import Descriptor, RecordKind
from release.findings.finding import Finding
from release.records.files.sources import MAX_BYTES, MAX_BYTES_OF_SEVERAL, Source, Sources
from release.syntax.formats.pieces import WHOLE, Piece
from release.system import files
from release.system.confinement import Confinement
from release.system.limits import LIMITS, Limits

if TYPE_CHECKING:
    from release.descriptor.kinds.patches import Patches

#: The libraries whose version may change a chunk or a finding.
LIBRARIES = ("pyarrow", "PyYAML", "py-yaml12", "orjson", "numpy", "duckdb", "markdown-it-py")

#: The folder of the program, and the packages that neither chunks nor the checks of whole tables import. Any
#: other module may change a chunk or a finding.
_PROGRAM = Path(__file__).parents[2]
NOT_IN_CHUNKS = frozenset({"cli", "diff", "editors", "fix", "infer", "package", "store", "verify"})

#: The bytes that are read with one call; most records have fewer.
BLOCK = 1 << 14


@dataclass(frozen=True, slots=True)
class BuildContext:
    """The input that all chunks of a build share; it is sent to the workers.

    `text` is the descriptor, `curated` has the files of the codelists by the names of their tables, `code`
    the versions of this program and of the libraries that matter. `limits` change no result. `patches` are
    the path of the file with patches in a release, and its text: each counts for its own record only.
    """

    text: str
    curated: tuple[tuple[str, bytes], ...]
    code: str
    limits: Limits = LIMITS
    patches: tuple[str, str] = ("", "")

    def read_patches(self) -> Patches | None:
        """Return the patches of records; None if there are none."""
        path, text = self.patches
        if not text:
            return None
        from release.descriptor.kinds.patches import parse_patches

        return parse_patches(text, path)[0]

    def fingerprint(self) -> bytes:
        """Return the SHA-256 of all that the result of every chunk depends on."""
        digest = hashlib.sha256(self.code.encode())
        for name, data in (("", self.text.encode()), *self.curated):
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
        return digest.digest()


def make_context(
    of: Descriptor, curated: Mapping[str, bytes], limits: Limits = LIMITS, patches: str = ""
) -> BuildContext:
    """Make the context of a build from the files of curated tables, by name, and the text of the patches."""
    coded = {f.codes for resource in of.resources if resource.rows for f in resource.fields}
    files = tuple(sorted((name, data) for name, data in curated.items() if name in coded))
    return BuildContext(of.text, files, code(), limits, (of.patches, patches))


class ChunkSpan(NamedTuple):
    """The files of a chunk, as positions in all sources; or a piece of the only one."""

    where: range
    piece: Piece = WHOLE


def cut_chunks(
    sources: Sources, of: Descriptor, limits: Limits = LIMITS, patches: Patches | None = None
) -> list[ChunkSpan]:
    """Cut sorted records into chunks of `limits.chunk` files.

    A chunk is longer if the editions of its last record go on, and shorter where a kind of record ends. Files
    that hold several records make chunks of `limits.piece` bytes, and a large one is cut into pieces.
    """
    chunks: list[ChunkSpan] = []
    start = 0
    for name, same in groupby(sources.kinds()):
        kind, end = of.kind(name), start + sum(1 for _ in same)
        while start < end:
            stop, piece = min(start + limits.chunk, end), WHOLE
            if kind.has_large_files:
                stop, piece = _fill_chunk(sources, range(start, stop), limits.piece)
            while stop < end and is_same_record(sources[stop - 1], sources[stop], of):
                stop, piece = stop + 1, WHOLE
            if kind.prefer or kind.where or (patches and sources[start].path in patches.changes):
                piece = WHOLE  # what is said of all its records, or of one, is found in one chunk
            pieces = piece.of
            chunks += [ChunkSpan(range(start, stop), Piece(at, pieces)) for at in range(pieces)]
            start = stop
    return chunks


def _fill_chunk(sources: Sources, where: range, most: int) -> tuple[int, Piece]:
    """Return where a chunk of files ends that has so many bytes, and the pieces of its only file."""
    total = 0
    for at in where:
        size = _size(sources[at])
        if at > where.start and total + size > most:
            return at, WHOLE
        if size >= 2 * most:
            return at + 1, Piece(0, -(-size // most))
        total += size
    return where.stop, WHOLE


def _size(source: Source) -> int:
    """Return the size of a file; 0 if it cannot be told."""
    if source.size is not None:
        return source.size
    try:
        return os.stat(source.file).st_size  # noqa: PTH116 — a text
    except OSError:
        return 0


def is_same_record(one: Source, other: Source, of: Descriptor) -> bool:
    """Return True if two files of one kind are editions of one record."""
    kind = of.kind(one.kind)
    return all(
        value == other.captures[name]
        for name, value in one.captures.items()
        if name not in kind.prefer
    )


@cache
def code() -> str:
    """Return the versions of Python, this program and LIBRARIES, on which every chunk depends.

    That of the program has the SHA-256 of its modules, but for NOT_IN_CHUNKS.
    """
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
    """Yield path and content of each module that may change a chunk, sorted by path."""
    root = str(_PROGRAM)  # texts are faster than `Path`
    found = []
    for folder, inner, names in os.walk(root):
        if folder == root:
            inner[:] = [name for name in inner if name not in NOT_IN_CHUNKS]
        found += [f"{folder}{os.sep}{name}" for name in names if name.endswith(".py")]
    for path in sorted(found):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 — a warm check does little else
            yield path[len(root) + 1 :].replace(os.sep, "/"), file.read()


def _installed() -> Iterator[tuple[str, str]]:
    """List the installed libraries and their versions, by the names of their folders; the first one counts.

    importlib.metadata finds the same, but takes longer to import than all else that makes a cache key.
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
    """Return the version of a library."""
    if known := versions.get(name.lower().replace("-", "_")):
        return known
    from importlib.metadata import version

    return version(name)


def make_cache_key(
    fingerprint: bytes, records: Iterable[tuple[str, str, str]], patches: Patches | None = None
) -> str:
    """Make the cache key of a chunk, the name of its file, from kind, name and digest of each file."""
    key = hashlib.sha256(fingerprint)
    if patches is not None:
        records = list(records)
        key.update("".join(patches.digest(path) for _, path, _ in records).encode())
    key.update("".join(f"{kind}\0{path}\0{digest}\n" for kind, path, digest in records).encode())
    return f"{key.hexdigest()}.chunk"


def read_cache_key(
    fingerprint: bytes,
    sources: Sources,
    span: ChunkSpan,
    patches: Patches | None = None,
    most: int = MAX_BYTES,
) -> str:
    """Read the records of a chunk and make its cache key; it depends on the patches of these records.

    A file has at most so many bytes.

    Raises:
        ReleaseError: a record behind a URL cannot be reached.
    """
    where, piece = span
    kinds, paths, found, _, _ = sources.columns(where)
    root = sources.root(kinds[0])  # all records of a chunk are of one kind
    start = len(root) + 1 if root else 0
    if files.is_url(found[0]):  # of one kind, all records are behind a URL or none is
        digests = [""] * len(found)
    else:
        with Confinement(root) as below:
            digests = [_sha256(below, file, start, most) for file in found]
    if "" in digests:
        from release.records.files import contents

        odd = [at for at, sha256 in enumerate(digests) if not sha256]
        read = contents.read_all([sources[where[at]] for at in odd], most)
        for at, content in zip(odd, read, strict=True):
            digests[at] = digest_content(*content)
    if piece.of > 1:
        paths = [replace(sources[where[0]], piece=piece).name]
    return make_cache_key(fingerprint, zip(kinds, paths, digests, strict=True), patches)


def most_bytes(kind: RecordKind) -> int:
    """Return the most bytes that a file of a kind may have."""
    return MAX_BYTES_OF_SEVERAL if kind.has_large_files else MAX_BYTES


def digest_content(data: bytes | None, fault: Finding | None) -> str:
    """Return the SHA-256 of a record's bytes, or the message that says why there are none."""
    if data is not None:
        return hashlib.sha256(data).hexdigest()
    return fault.message if fault is not None else ""


def _sha256(below: Confinement, path: str, start: int, most: int) -> str:
    """Return the SHA-256 of a local file; empty if only the strict reader can tell what the file holds.

    The path below the root begins at the character `start`.
    Threads would make it slower: what they could do at once is too short.
    """
    try:
        file = below.open(path[start:])
    except OSError:
        return ""
    try:
        data = os.read(file, BLOCK)
        digest, size = hashlib.sha256(data), len(data)
        if not data or data.isspace():
            return ""
        while size <= most and (data := os.read(file, BLOCK)):
            digest.update(data)
            size += len(data)
        return digest.hexdigest() if size <= most else ""
    except OSError:
        return ""
    finally:
        os.close(file)

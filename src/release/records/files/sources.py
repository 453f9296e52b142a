"""Sources: the files of records, packed so that millions of them take little memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Self, overload

from release.descriptor.model import Descriptor, RecordKind
from release.limits import LIMITS
from release.syntax.file_patterns import FilePattern
from release.syntax.formats.pieces import WHOLE, Piece
from release.system import confinement
from release.system import files as system_files


@dataclass(frozen=True, slots=True)
class Source:
    """The file of one record.

    `kind` is the record's kind; `path` the file's path in a release, below `source/`; `file` the path or URL
    from which it is read. `captures` are the values of the captures in its path, by name. `size` is in bytes,
    None if the listing did not give it. `root` is the folder that `file` is in, and is not left by a link;
    empty, it is the working folder. Of one record among several in a file, `captures` has those of its place
    in the file, too, whose names are `within`. If only a `piece` of a large file is meant, it says which.
    """

    kind: str
    path: str
    file: str
    captures: Mapping[str, str]
    size: int | None = None
    root: str = ""
    within: tuple[str, ...] = ()
    piece: Piece = WHOLE

    @property
    def name(self) -> str:
        """The path, and the piece that is meant; it tells apart what is read."""
        return self.path + (f"\0{self.piece.number}/{self.piece.of}" if self.piece.of > 1 else "")

    @property
    def below(self) -> str:
        """The path of the file from the root."""
        return self.file[len(self.root) + 1 :] if self.root else self.file

    def shared(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return a key that all editions of a record share; the captures `names` tell these apart."""
        rest = [value for name, value in self.captures.items() if name not in names]
        return (self.kind, *rest)


@dataclass(frozen=True, slots=True)
class Search:
    """A search for the files of a kind of records, by a pattern of paths from `root`.

    Links are not followed, below the root; if the path is trusted, below the folder of the pattern.
    """

    kind: RecordKind
    pattern: FilePattern
    root: Path
    is_trusted: bool

    @property
    def base(self) -> str:
        """The folder that no link leads out of; empty for the working folder."""
        return f"{self._above}{self.pattern.folder}".rstrip("/") if self.is_trusted else self._root

    @property
    def _root(self) -> str:
        return "" if self.root == Path() else str(self.root)

    @property
    def _above(self) -> str:
        return f"{self._root}/" if self._root and not self.pattern.template.startswith("/") else ""

    def list_files(self) -> Iterator[tuple[str, str, int | None, str | None]]:
        """List the files in the pattern's folder: path from the root, file, size in bytes, problem.

        Path and file of a file behind a URL are its URL. Only there is the size known.
        """
        folder = self.pattern.folder
        if system_files.is_url(self.pattern.template):
            for url, problem in system_files.list_files(folder):
                yield url.text, url.text, url.size, problem
            return
        above = self._above
        start = f"{folder}/" if self.is_trusted and folder else ""
        for below, problem in confinement.walk(self.base, "" if start else folder):
            path = start + below if below else folder
            yield path, above + path, None, problem


def plan_searches(
    descriptor: Descriptor, elsewhere: Mapping[str, FilePattern], *, follow_links: bool
) -> dict[str, Search]:
    """Plan where the records of each kind are looked for.

    A path that the user gives and that leads away from the working folder is trusted.
    """
    searches = {}
    for kind in descriptor.kinds:
        pattern = elsewhere.get(kind.name)
        folder = pattern.folder if pattern else ""
        leads_away = folder.startswith("/") or ".." in folder.split("/")
        root = Path() if pattern else descriptor.root
        is_trusted = follow_links or leads_away
        searches[kind.name] = Search(kind, pattern or kind.pattern, root, is_trusted)
    return searches


#: The most bytes that the file of a record, and one of several records, may have.
MAX_BYTES, MAX_BYTES_OF_SEVERAL = 16 * 2**20, 256 * 2**20

#: Separators: between packed texts, and between the captures of one source. No path contains either.
BETWEEN, WITHIN = "\0", "\n"


class SourceColumns(NamedTuple):
    """Sources as columns, one item per source; captures are their values, joined by WITHIN."""

    kinds: list[str]
    paths: list[str]
    files: list[str]
    captures: list[str]
    sizes: list[int | None]

    @classmethod
    def none(cls) -> Self:
        """Return columns without a source."""
        return cls([], [], [], [], [])

    def take(self, order: Sequence[int]) -> SourceColumns:
        """Return the sources at some positions, in the order of the positions."""
        return SourceColumns(
            [self.kinds[at] for at in order],
            [self.paths[at] for at in order],
            [self.files[at] for at in order],
            [self.captures[at] for at in order],
            [self.sizes[at] for at in order],
        )

    def extend(self, more: SourceColumns) -> None:
        """Append other sources."""
        self.kinds.extend(more.kinds)
        self.paths.extend(more.paths)
        self.files.extend(more.files)
        self.captures.extend(more.captures)
        self.sizes.extend(more.sizes)


class Sources(Sequence[Source]):
    """A sequence of sources in little memory: packed as bytes, and unpacked when asked for.

    `names` has the names of the captures, by kind; `roots` the folder that its files are in. `batch` sources
    are packed together.
    """

    def __init__(
        self,
        sources: SourceColumns,
        names: Mapping[str, tuple[str, ...]],
        batch: int = LIMITS.packed_sources,
        roots: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._names = names
        self._roots = dict(roots)
        self._size = batch
        self._packed: list[tuple[list[str], bytes, bytes | str, bytes, list[int | None]]] = []
        self._length = len(sources.paths)
        self._last = (-1, SourceColumns.none())
        for start in range(0, self._length, batch):
            some = sources.take(range(start, min(start + batch, self._length)))
            files = _pack_below(some.files, some.paths)
            texts = _pack(some.paths), files, _pack(some.captures)
            self._packed.append((some.kinds, *texts, some.sizes))

    @classmethod
    def none(cls) -> Self:
        """Return an empty sequence."""
        return cls(SourceColumns.none(), {})

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Source]:
        for start in range(0, len(self), self._size):
            yield from self[start : start + self._size]

    @overload
    def __getitem__(self, at: int) -> Source: ...
    @overload
    def __getitem__(self, at: slice) -> list[Source]: ...
    def __getitem__(self, at: int | slice) -> Source | list[Source]:
        """Return one source, or a list of several."""
        if isinstance(at, slice):
            where = range(len(self))[at]
            if where.step != 1:
                return [self[number] for number in where]
            return list(map(self._source, *self.columns(where)))
        at = range(len(self))[at]
        return self[at : at + 1][0]

    def columns(self, where: range) -> SourceColumns:
        """Return a range of sources as columns, which is faster than as values."""
        found = SourceColumns.none()
        for number in range(where.start // self._size, -(-where.stop // self._size)):
            first = number * self._size
            some = slice(max(where.start - first, 0), max(where.stop - first, 0))
            batch = self._batch(number)
            found.extend(batch.take(range(len(batch.paths))[some]))
        return found

    def part(self, where: range) -> Sources:
        """Return a range of sources as a sequence of its own."""
        return Sources(self.columns(where), self._names, self._size, self._roots)

    def select(self, positions: Sequence[int]) -> Sources:
        """Return the sources at some positions as a sequence of its own."""
        found = self.columns(range(len(self))).take(positions)
        return Sources(found, self._names, self._size, self._roots)

    def root(self, kind: str) -> str:
        """Return the folder that the files of a kind are in, and is not left by a link."""
        return self._roots.get(kind, "")

    def kinds(self) -> Iterator[str]:
        """Return the kind of each source, in order."""
        return chain.from_iterable(packed[0] for packed in self._packed)

    def batches(self) -> Iterator[SourceColumns]:
        """Return all sources as columns, batch by batch."""
        return (self._batch(number) for number in range(len(self._packed)))

    def files(self) -> dict[str, str]:
        """Return the file of each source, by its path in a release."""
        return {
            path: file
            for some in self.batches()
            for path, file in zip(some.paths, some.files, strict=True)
        }

    def _batch(self, number: int) -> SourceColumns:
        """Unpack a batch; the last one is kept unpacked."""
        if self._last[0] != number:
            kinds, packed, files, captures, sizes = self._packed[number]
            paths = _unpack(packed)
            texts = paths, _unpack_below(files, paths), _unpack(captures)
            self._last = number, SourceColumns(kinds, *texts, sizes)
        return self._last[1]

    def _source(self, kind: str, path: str, file: str, captures: str, size: int | None) -> Source:
        values = zip(self._names[kind], captures.split(WITHIN), strict=False)
        return Source(kind, path, file, dict(values), size, self.root(kind))


def _pack(texts: Sequence[str]) -> bytes:
    return BETWEEN.join(texts).encode("utf-8", "surrogateescape")


def _unpack(packed: bytes) -> list[str]:
    return packed.decode("utf-8", "surrogateescape").split(BETWEEN)


def _pack_below(files: Sequence[str], paths: Sequence[str]) -> bytes | str:
    """Pack files; if all are their path behind the same prefix, the prefix alone."""
    above = files[0].removesuffix(paths[0])
    alike = all(file == above + path for file, path in zip(files, paths, strict=True))
    return above if alike else _pack(files)


def _unpack_below(packed: bytes | str, paths: Sequence[str]) -> list[str]:
    return _unpack(packed) if isinstance(packed, bytes) else [packed + path for path in paths]

"""Sources: the files of records, packed so that millions of them take little memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple, Self, overload

from release.syntax.formats.pieces import WHOLE, Piece
from release.system.limits import LIMITS


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


#: The most bytes that the file of a record, and one of several records, may have.
MAX_BYTES, MAX_BYTES_OF_SEVERAL = 16 * 2**20, 256 * 2**20

#: Separators: between packed texts, and between the captures of one source. No path contains either.
BETWEEN, WITHIN = "\0", "\n"


class Companion(NamedTuple):
    """A file beside records: its path in a release, the file that is read, and whose it is.

    It belongs to those records of the kind that have the captures of `place`.
    """

    path: str
    file: str
    kind: str
    place: tuple[tuple[str, str], ...]


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
    are packed together. `companions` are the files that belong to the records.
    """

    def __init__(
        self,
        sources: SourceColumns,
        names: Mapping[str, tuple[str, ...]],
        batch: int = LIMITS.packed_sources,
        roots: Mapping[str, str] = MappingProxyType({}),
        companions: Sequence[Companion] = (),
    ) -> None:
        self.companions = companions
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
        left = select_owned(self.companions, found, self._names) if self.companions else ()
        return Sources(found, self._names, self._size, self._roots, left)

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


def add_companions(sources: SourceColumns, companions: Sequence[Companion]) -> SourceColumns:
    """Return sources with companions behind them; only paths and files of these are known."""
    paths = [*sources.paths, *(each.path for each in companions)]
    files = [*sources.files, *(each.file for each in companions)]
    return SourceColumns(sources.kinds, paths, files, sources.captures, sources.sizes)


def select_owned(
    companions: Sequence[Companion], sources: SourceColumns, names: Mapping[str, Sequence[str]]
) -> list[Companion]:
    """Select the companions that belong to one of some sources; `names` are those of captures, by kind."""
    wanted: dict[str, set[tuple[str, ...]]] = {}
    for each in companions:
        wanted.setdefault(each.kind, set()).add(tuple(name for name, _ in each.place))
    owned: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for kind, captures in zip(sources.kinds, sources.captures, strict=True):
        if kind in wanted:
            values = dict(zip(names[kind], captures.split(WITHIN), strict=True))
            owned.update((kind, tuple((n, values[n]) for n in some)) for some in wanted[kind])
    return [each for each in companions if (each.kind, each.place) in owned]


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

"""The files that are records, found by pattern, in an order of their own; and those of curated tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, Self, overload


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is a record: its kind, where it stands in a release and where it is read.

    `file` is a path or a URL; `size` is in bytes where a listing told it.
    """

    kind: str
    path: str
    file: str
    captures: Mapping[str, str]
    size: int | None = None

    def shared(self, names: Sequence[str]) -> tuple[str, ...]:
        """What the editions of a record share, which the captures `names` tell apart."""
        rest = [value for name, value in self.captures.items() if name not in names]
        return (self.kind, *rest)


#: A record has so many bytes at the most.
MAX_BYTES = 16 * 2**20

#: What stands between texts that are packed, and between the captures of one source: no path holds either.
BETWEEN, WITHIN = "\0", "\n"

#: So many sources are packed together.
_BATCH = 1 << 12


class SourceColumns(NamedTuple):
    """Some sources by column; captures are their values, as they are packed."""

    kinds: list[str]
    paths: list[str]
    files: list[str]
    captures: list[str]
    sizes: list[int | None]

    @classmethod
    def none(cls) -> Self:
        """No sources."""
        return cls([], [], [], [], [])

    def take(self, order: Sequence[int]) -> SourceColumns:
        """Those at some positions, in their order."""
        return SourceColumns(
            [self.kinds[at] for at in order],
            [self.paths[at] for at in order],
            [self.files[at] for at in order],
            [self.captures[at] for at in order],
            [self.sizes[at] for at in order],
        )

    def extend(self, more: SourceColumns) -> None:
        """Put others behind these."""
        self.kinds.extend(more.kinds)
        self.paths.extend(more.paths)
        self.files.extend(more.files)
        self.captures.extend(more.captures)
        self.sizes.extend(more.sizes)


class Sources(Sequence[Source]):
    """Sources in little memory: packed, and made as they are asked for.

    `names` are those of the captures of each kind.
    """

    def __init__(self, sources: SourceColumns, names: Mapping[str, tuple[str, ...]]) -> None:
        self._names = names
        self._packed: list[tuple[list[str], bytes, bytes | str, bytes, list[int | None]]] = []
        self._length = len(sources.paths)
        self._last = (-1, SourceColumns.none())
        for start in range(0, self._length, _BATCH):
            some = sources.take(range(start, min(start + _BATCH, self._length)))
            files = _pack_below(some.files, some.paths)
            texts = _pack(some.paths), files, _pack(some.captures)
            self._packed.append((some.kinds, *texts, some.sizes))

    @classmethod
    def none(cls) -> Self:
        """No sources."""
        return cls(SourceColumns.none(), {})

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Source]:
        for start in range(0, len(self), _BATCH):
            yield from self[start : start + _BATCH]

    @overload
    def __getitem__(self, at: int) -> Source: ...
    @overload
    def __getitem__(self, at: slice) -> list[Source]: ...
    def __getitem__(self, at: int | slice) -> Source | list[Source]:
        """One source, or several."""
        if isinstance(at, slice):
            where = range(len(self))[at]
            if where.step != 1:
                return [self[number] for number in where]
            return list(map(self._source, *self.columns(where)))
        at = range(len(self))[at]
        return self[at : at + 1][0]

    def columns(self, where: range) -> SourceColumns:
        """Some sources by column, which takes less time than to make them."""
        found = SourceColumns.none()
        for number in range(where.start // _BATCH, -(-where.stop // _BATCH)):
            first = number * _BATCH
            some = slice(max(where.start - first, 0), max(where.stop - first, 0))
            batch = self._batch(number)
            found.extend(batch.take(range(len(batch.paths))[some]))
        return found

    def part(self, where: range) -> Sources:
        """Some sources that follow each other, packed as they are."""
        return Sources(self.columns(where), self._names)

    def kinds(self) -> Iterator[str]:
        """The kind of each."""
        return chain.from_iterable(packed[0] for packed in self._packed)

    def batches(self) -> Iterator[SourceColumns]:
        """All sources by column, some at a time."""
        return (self._batch(number) for number in range(len(self._packed)))

    def files(self) -> dict[str, str]:
        """Where each is read, by path."""
        return {
            path: file
            for some in self.batches()
            for path, file in zip(some.paths, some.files, strict=True)
        }

    def _batch(self, number: int) -> SourceColumns:
        """The sources that are packed together; those asked for last are not unpacked again."""
        if self._last[0] != number:
            kinds, packed, files, captures, sizes = self._packed[number]
            paths = _unpack(packed)
            texts = paths, _unpack_below(files, paths), _unpack(captures)
            self._last = number, SourceColumns(kinds, *texts, sizes)
        return self._last[1]

    def _source(self, kind: str, path: str, file: str, captures: str, size: int | None) -> Source:
        values = zip(self._names[kind], captures.split(WITHIN), strict=False)
        return Source(kind, path, file, dict(values), size)


def _pack(texts: Sequence[str]) -> bytes:
    return BETWEEN.join(texts).encode("utf-8", "surrogateescape")


def _unpack(packed: bytes) -> list[str]:
    return packed.decode("utf-8", "surrogateescape").split(BETWEEN)


def _pack_below(files: Sequence[str], paths: Sequence[str]) -> bytes | str:
    """Places as the text that stands before the path in each, where that is the same one."""
    above = files[0].removesuffix(paths[0])
    alike = all(file == above + path for file, path in zip(files, paths, strict=True))
    return above if alike else _pack(files)


def _unpack_below(packed: bytes | str, paths: Sequence[str]) -> list[str]:
    return _unpack(packed) if isinstance(packed, bytes) else [packed + path for path in paths]

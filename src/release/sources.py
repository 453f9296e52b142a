"""The files that are records, found by pattern, in an order of their own; and those of curated tables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, overload

from release import storage
from release.descriptor import Descriptor, Kind, Resource
from release.findings import Finding, shown
from release.paths import FilePattern
from release.storage import File, Url


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is a record: its kind, where it stands in a release and where it is read.

    `place` is a path or a URL; `size` is in bytes where a listing told it.
    """

    kind: str
    path: str
    place: str
    captures: Mapping[str, str]
    size: int | None = None

    @property
    def file(self) -> File:
        """The file where it is read."""
        return Url(self.place, self.size) if storage.is_url(self.place) else Path(self.place)


#: A record has so many bytes at the most.
MAX_BYTES = 16 * 2**20

#: What stands between texts that are packed, and between the captures of one source: no path holds either.
_BETWEEN, _WITHIN = "\0", "\n"

#: So many sources are packed together.
_BATCH = 1 << 12


class Columns(NamedTuple):
    """Some sources by column; captures are their values, as they are packed."""

    kinds: list[str]
    paths: list[str]
    places: list[str]
    captures: list[str]
    sizes: list[int | None]


class Sources(Sequence[Source]):
    """Sources in little memory: packed, and made as they are asked for."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._packed: list[tuple[list[str], bytes, bytes, bytes, list[int | None]]] = []
        self._length = 0
        rest = iter(sources)
        while some := list(islice(rest, _BATCH)):
            self._length += len(some)
            self._names |= {source.kind: tuple(source.captures) for source in some}
            captures = [_WITHIN.join(source.captures.values()) for source in some]
            self._packed.append(
                (
                    [source.kind for source in some],
                    _pack([source.path for source in some]),
                    _pack([source.place for source in some]),
                    _pack(captures),
                    [source.size for source in some],
                )
            )
        self._last = (-1, Columns([], [], [], [], []))

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

    def columns(self, where: range) -> Columns:
        """Some sources by column, which takes less time than to make them."""
        found = Columns([], [], [], [], [])
        for number in range(where.start // _BATCH, -(-where.stop // _BATCH)):
            first = number * _BATCH
            some = slice(max(where.start - first, 0), max(where.stop - first, 0))
            batch = self._batch(number)
            found.kinds.extend(batch.kinds[some])
            found.paths.extend(batch.paths[some])
            found.places.extend(batch.places[some])
            found.captures.extend(batch.captures[some])
            found.sizes.extend(batch.sizes[some])
        return found

    def part(self, where: range) -> Sources:
        """Some sources that follow each other, packed as they are."""
        part = Sources(())
        part._names = self._names
        part._length = len(where)
        for start in range(where.start, where.stop, _BATCH):
            some = self.columns(range(start, min(start + _BATCH, where.stop)))
            texts = _pack(some.paths), _pack(some.places), _pack(some.captures)
            part._packed.append((some.kinds, *texts, some.sizes))
        return part

    def kinds(self) -> Iterator[str]:
        """The kind of each."""
        return chain.from_iterable(packed[0] for packed in self._packed)

    def batches(self) -> Iterator[Columns]:
        """All sources by column, some at a time."""
        return (self._batch(number) for number in range(len(self._packed)))

    def places(self) -> dict[str, str]:
        """Where each is read, by path."""
        return {
            path: place
            for some in self.batches()
            for path, place in zip(some.paths, some.places, strict=True)
        }

    def _batch(self, number: int) -> Columns:
        """The sources that are packed together; those asked for last are not unpacked again."""
        if self._last[0] != number:
            kinds, paths, places, captures, sizes = self._packed[number]
            texts = _unpack(paths), _unpack(places), _unpack(captures)
            self._last = number, Columns(kinds, *texts, sizes)
        return self._last[1]

    def _source(self, kind: str, path: str, place: str, captures: str, size: int | None) -> Source:
        values = zip(self._names[kind], captures.split(_WITHIN), strict=False)
        return Source(kind, path, place, dict(values), size)


def _pack(texts: Sequence[str]) -> bytes:
    return _BETWEEN.join(texts).encode("utf-8", "surrogateescape")


def _unpack(packed: bytes) -> list[str]:
    return packed.decode("utf-8", "surrogateescape").split(_BETWEEN)


def find(
    descriptor: Descriptor, elsewhere: Mapping[str, FilePattern] | None = None
) -> tuple[Sources, list[Finding]]:
    """All records by kind and key, and the files in their folders that are none.

    `elsewhere` gives another pattern for a kind, relative to the working folder, or a URL; in the release
    the records stand where the descriptor's own pattern puts them all the same.

    Raises:
        UsageError: what is behind a URL cannot be listed.
    """
    sources: list[Source] = []
    findings: list[Finding] = []
    unmatched: dict[str, str] = {}
    for kind in descriptor.kinds:
        pattern = (elsewhere or {}).get(kind.name)
        root = Path() if pattern else descriptor.root
        found, others, faults = _find_kind(kind, root, pattern or kind.pattern)
        sources += _in_order(kind, found)
        findings += faults
        unmatched |= others
    taken = {source.place for source in sources} if unmatched else set()
    patterns = ((elsewhere or {}).get(kind.name, kind.pattern) for kind in descriptor.kinds)
    expected = " or ".join(dict.fromkeys(pattern.template for pattern in patterns))
    unmatched_message = f"the file belongs to no kind of record, expected {expected}"
    findings += [
        Finding("file-unmatched", path, unmatched_message, severity="warning", file=place)
        for place, path in unmatched.items()
        if place not in taken
    ]
    return Sources(sources), findings


def read_curated(descriptor: Descriptor) -> tuple[dict[str, bytes], list[Finding]]:
    """The files of the curated tables, by the table's name; those that cannot be read are missing."""
    found: dict[str, bytes] = {}
    findings: list[Finding] = []
    for resource in (each for each in descriptor.resources if each.is_curated):
        data, faults = read_table(descriptor.root / resource.path, resource)
        if data is not None:
            found[resource.name] = data
        findings += faults
    return found, findings


def read_table(path: Path, resource: Resource) -> tuple[bytes | None, list[Finding]]:
    """The bytes of a table's file, or the finding that says why there are none."""
    try:
        return path.read_bytes(), []
    except OSError as error:
        message = f"cannot be read: {error.strerror}, expected the table {resource.name}"
        fault = Finding("file-unreadable", resource.path, message, table=resource.name)
        return None, [replace(fault, file=str(path))]


def _in_order(kind: Kind, found: Sequence[Source]) -> list[Source]:
    """The sources of a kind by which record each is, then by edition, the preferred one first."""
    captures = [source.captures for source in found]
    names = [name for name in dict.fromkeys(kind.pattern.captures) if name not in kind.prefer]
    columns = [[each[name] for each in captures] for name in names]
    for name, order in kind.prefer.items():
        ranked = {value: f"{at:04}" for at, value in enumerate(order)}
        last = f"{len(order):04}"
        columns.append([ranked.get(each[name]) or last + each[name] for each in captures])
    keys = list(zip(*columns, strict=True)) or [()] * len(found)
    return [found[at] for at in sorted(range(len(found)), key=keys.__getitem__)]


def _find_kind(
    kind: Kind, root: Path, pattern: FilePattern
) -> tuple[list[Source], dict[str, str], list[Finding]]:
    regex, read_back = pattern.regex(), kind.pattern.regex()
    sources, findings = [], []
    others: dict[str, str] = {}
    captured = tuple(dict.fromkeys(kind.pattern.captures))
    own = pattern == kind.pattern
    for path, place, size, problem in _listed(root, pattern):
        match = regex.match(path)
        if problem is not None:
            rule = "file-unreadable" if problem.startswith("cannot") else "not-a-file"
            findings.append(Finding(rule, _told(path), problem, file=place))
        elif not path.isprintable():  # nor is half of a surrogate pair
            message = "the file's name is not printable text, expected one that any system can show"
            findings.append(Finding("path-capture", _told(path), message))
        elif match is None:
            others[place] = path
        else:
            captures = match.groupdict()
            if not own:
                captures = {name: captures[name] for name in captured if name in captures}
            if len(captures) == len(captured):
                where = path if own else kind.pattern.fill(captures)
                again = match if own else read_back.match(where)
                assert again is not None  # these captures fit it
                if (back := again.groupdict()) == captures:
                    sources.append(Source(kind.name, where, place, captures, size))
                    continue
                message = (
                    f"found {_named(captures)}, but {where}, where it would stand in a release, "
                    f"says {_named(back)}, expected the same; give the file another name"
                )
                findings.append(Finding("path-capture", path, message, file=place))
    return sources, others, findings


def _told(path: str) -> str:
    """A path as a finding has it: what is no text in UTF-8 is written as an escape."""
    return path.encode("utf-8", "backslashreplace").decode()


def _named(captures: Mapping[str, str]) -> str:
    return " and ".join(f"{name} {shown(value)}" for name, value in captures.items())


def _listed(root: Path, pattern: FilePattern) -> Iterator[tuple[str, str, int | None, str | None]]:
    """The files below a pattern's folder: by path from root or by URL, where, size, what is wrong."""
    if storage.is_url(pattern.template):
        for url, problem in storage.listed(pattern.folder):
            yield url.text, url.text, url.size, problem
    else:
        above = "" if root == Path() else f"{root}/"
        for path, problem in _files(root, pattern.folder):
            yield path, path if path.startswith("/") else f"{above}{path}", None, problem


def _files(root: Path, folder: str) -> Iterator[tuple[str, str | None]]:
    """The files below a folder by path from root, and what is wrong with one or with a folder.

    Links are not followed, hidden files are none of ours.
    """
    folders = [folder]  # and no recursion, which ends before the depth of folders does
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            yield folder, f"cannot be listed: {error.strerror}, expected a folder of records"
            continue
        for entry in listing:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                yield path, "is a symbolic link, expected a regular file or folder"
            elif entry.is_dir():
                folders.append(path)
            else:
                yield path, None

"""The files that are records, found by pattern, in an order of their own; and those of curated tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple, Self, overload

from release import storage
from release.descriptor import Descriptor, Kind, Resource
from release.filenames import one_name
from release.findings import Finding, shown
from release.kinds import KEPT
from release.paths import FilePattern


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

    def shared(self, names: Sequence[str]) -> tuple[str, ...]:
        """What the editions of a record share, which the captures `names` tell apart."""
        rest = [value for name, value in self.captures.items() if name not in names]
        return (self.kind, *rest)


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

    @classmethod
    def none(cls) -> Self:
        """No sources."""
        return cls([], [], [], [], [])

    def take(self, order: Sequence[int]) -> Columns:
        """Those at some positions, in their order."""
        return Columns(
            [self.kinds[at] for at in order],
            [self.paths[at] for at in order],
            [self.places[at] for at in order],
            [self.captures[at] for at in order],
            [self.sizes[at] for at in order],
        )

    def extend(self, more: Columns) -> None:
        """Put others behind these."""
        self.kinds.extend(more.kinds)
        self.paths.extend(more.paths)
        self.places.extend(more.places)
        self.captures.extend(more.captures)
        self.sizes.extend(more.sizes)


class Sources(Sequence[Source]):
    """Sources in little memory: packed, and made as they are asked for.

    `names` are those of the captures of each kind.
    """

    def __init__(self, sources: Columns, names: Mapping[str, tuple[str, ...]]) -> None:
        self._names = names
        self._packed: list[tuple[list[str], bytes, bytes | str, bytes, list[int | None]]] = []
        self._length = len(sources.paths)
        self._last = (-1, Columns.none())
        for start in range(0, self._length, _BATCH):
            some = sources.take(range(start, min(start + _BATCH, self._length)))
            places = _pack_below(some.places, some.paths)
            texts = _pack(some.paths), places, _pack(some.captures)
            self._packed.append((some.kinds, *texts, some.sizes))

    @classmethod
    def none(cls) -> Self:
        """No sources."""
        return cls(Columns.none(), {})

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
        found = Columns.none()
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
            kinds, packed, places, captures, sizes = self._packed[number]
            paths = _unpack(packed)
            texts = paths, _unpack_below(places, paths), _unpack(captures)
            self._last = number, Columns(kinds, *texts, sizes)
        return self._last[1]

    def _source(self, kind: str, path: str, place: str, captures: str, size: int | None) -> Source:
        values = zip(self._names[kind], captures.split(_WITHIN), strict=False)
        return Source(kind, path, place, dict(values), size)


def _pack(texts: Sequence[str]) -> bytes:
    return _BETWEEN.join(texts).encode("utf-8", "surrogateescape")


def _unpack(packed: bytes) -> list[str]:
    return packed.decode("utf-8", "surrogateescape").split(_BETWEEN)


def _pack_below(places: Sequence[str], paths: Sequence[str]) -> bytes | str:
    """Places as the text that stands before the path in each, where that is the same one."""
    above = places[0].removesuffix(paths[0])
    alike = all(place == above + path for place, path in zip(places, paths, strict=True))
    return above if alike else _pack(places)


def _unpack_below(packed: bytes | str, paths: Sequence[str]) -> list[str]:
    return _unpack(packed) if isinstance(packed, bytes) else [packed + path for path in paths]


def find(
    descriptor: Descriptor, elsewhere: Mapping[str, FilePattern] | None = None
) -> tuple[Sources, list[Finding]]:
    """All records by kind and key, and the files in their folders that are none.

    `elsewhere` gives another pattern for a kind, relative to the working folder, or a URL; in the release
    the records stand where the descriptor's own pattern puts them all the same.

    Raises:
        UsageError: what is behind a URL cannot be listed.
    """
    sources = Columns.none()
    findings: list[Finding] = []
    unmatched: dict[str, str] = {}
    is_known = _known(descriptor)
    for kind in descriptor.kinds:
        pattern = (elsewhere or {}).get(kind.name)
        root = Path() if pattern else descriptor.root
        found, others, faults = _find_kind(kind, root, pattern or kind.pattern)
        sources.extend(found.take(_order(kind, found.captures)))
        faults = [each for each in faults if each.rule != "not-a-file" or not is_known(each.file)]
        findings += faults
        if not found.paths and not faults:
            findings.append(_no_records(descriptor, kind))
        unmatched |= others
    taken = set(sources.places) if unmatched else set()
    patterns = ((elsewhere or {}).get(kind.name, kind.pattern) for kind in descriptor.kinds)
    expected = " or ".join(dict.fromkeys(pattern.template for pattern in patterns))
    unmatched_message = f"the file belongs to no kind of record, expected {expected}"
    findings += [
        Finding("file-unmatched", path, unmatched_message, severity="warning", file=place)
        for place, path in unmatched.items()
        if place not in taken and not is_known(place)
    ]
    findings += _alike(descriptor, sources)
    names = {kind.name: _names(kind) for kind in descriptor.kinds}
    return Sources(sources, names), findings


def _known(descriptor: Descriptor) -> Callable[[str], bool]:
    """Whether a file is read as something else than a record, by whatever path it was found."""
    own = [str(path) for path in _own(descriptor).values()]
    places = {place for path in own for place in (_located(path), os.path.realpath(path))}
    names = {place.rpartition("/")[2] for place in places}
    # most have another name, and need not be asked for
    return lambda place: place.rpartition("/")[2] in names and _located(place) in places


def _located(place: str) -> str:
    """A file by the one path of its folder, whatever the file is a link to."""
    folder, _, name = place.rpartition("/")
    return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 — a text


def _own(descriptor: Descriptor) -> dict[str, Path]:
    """What a release keeps beside the records, by path in it, and where it is read."""
    descriptor_at, licence_at = KEPT
    own = {descriptor_at: descriptor.file, licence_at: descriptor.root / licence_at}
    curated = (each.path for each in descriptor.resources if each.is_curated)
    return own | {path: descriptor.root / path for path in curated}


def _no_records(descriptor: Descriptor, kind: Kind) -> Finding:
    """That a kind has none. A release says the same, so not where they were sought."""
    files = f"files such as {kind.pattern.template}, or where --records says"
    message = f"the kind {kind.name} has no records, expected {files}"
    return descriptor.finding("no-records", ("records", kind.name, "path"), message, "warning")


def _names(kind: Kind) -> tuple[str, ...]:
    """The names of a kind's captures, each once."""
    return tuple(dict.fromkeys(kind.pattern.captures))


def _alike(descriptor: Descriptor, sources: Columns) -> Iterator[Finding]:
    """Files that a release would hold at one path, everywhere or on some systems."""
    own = _own(descriptor)
    names = {one_name(path) for path in own}
    names.update(map(one_name, sources.paths))
    if len(names) == len(own) + len(sources.paths):
        return
    files = chain(
        ((path, str(place)) for path, place in own.items()),
        zip(sources.paths, sources.places, strict=True),
    )
    seen: dict[str, str] = {}
    for path, place in files:
        other = seen.setdefault(one_name(path), path)
        if other is path:
            continue
        message = (
            "the file belongs to more than one kind of record or table, expected one"
            if other == path
            else f"the file is {shown(other)} to systems that know no case, or one form of accents; "
            "expected another name"
        )
        yield Finding("path-capture", path, message, file=place)


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
        return storage.read(path), []
    except OSError as error:
        message = f"cannot be read: {error.strerror}, expected the table {resource.name}"
        fault = Finding("file-unreadable", resource.path, message, table=resource.name)
        return None, [replace(fault, file=str(path))]


def _order(kind: Kind, captures: Sequence[str]) -> list[int]:
    """The order of a kind's sources: by which record each is, then by edition, the preferred one first."""
    names = _names(kind)
    plain = [at for at, name in enumerate(names) if name not in kind.prefer]
    ranked = [
        (
            names.index(name),
            {value: f"{at:04}" for at, value in enumerate(order)},
            f"{len(order):04}",
        )
        for name, order in kind.prefer.items()
    ]

    def key(number: int) -> str:
        values = captures[number].split(_WITHIN)
        ranks = [rank.get(values[at]) or last + values[at] for at, rank, last in ranked]
        # what stands between is less than all that a value holds: they sort as their parts do
        return _BETWEEN.join([*(values[at] for at in plain), *ranks])

    return sorted(range(len(captures)), key=key)


def _find_kind(
    kind: Kind, root: Path, pattern: FilePattern
) -> tuple[Columns, dict[str, str], list[Finding]]:
    regex, read_back = pattern.regex(), kind.pattern.regex()
    found = Columns.none()
    findings = []
    others: dict[str, str] = {}
    names = _names(kind)
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
            captures = match.groups()
            if not own:
                named = match.groupdict()
                captures = tuple(named[name] for name in names if name in named)
            if len(captures) == len(names):
                where = path if own else kind.pattern.fill(dict(zip(names, captures, strict=True)))
                again = match if own else read_back.match(where)
                assert again is not None  # these captures fit it
                if "\\" in where:
                    told = where
                    message = (
                        "the file's name has a backslash, expected one that any system can keep"
                    )
                elif again.groups() != captures:
                    told = path
                    message = (
                        f"found {_named(names, captures)}, but {where}, where it would stand in a "
                        f"release, says {_named(names, again.groups())}, expected the same; give the "
                        "file another name"
                    )
                else:
                    found.paths.append(where)
                    found.places.append(place)
                    found.captures.append(_WITHIN.join(captures))
                    found.sizes.append(size)
                    continue
                findings.append(Finding("path-capture", told, message, file=place))
    found.kinds.extend([kind.name] * len(found.paths))
    return found, others, findings


def _told(path: str) -> str:
    """A path as a finding has it: what is no text in UTF-8 is written as an escape."""
    return path.encode("utf-8", "backslashreplace").decode()


def _named(names: Sequence[str], values: Sequence[str]) -> str:
    return " and ".join(f"{name} {shown(value)}" for name, value in zip(names, values, strict=True))


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

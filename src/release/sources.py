"""The files that are records: found by pattern, in an order of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import pyarrow as pa

from release import storage
from release.descriptor import Descriptor, Kind
from release.findings import Finding
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


#: What stands between the values of captures: no path holds it.
_BETWEEN = "\0"

#: So many sources are unpacked at once.
_BATCH = 1 << 12

_PACKED = pa.schema(
    [
        ("kind", pa.dictionary(pa.int32(), pa.string())),
        ("path", pa.string()),
        ("place", pa.string()),
        ("captures", pa.string()),
        ("size", pa.int64()),
    ]
)


class Sources(Sequence[Source]):
    """Sources in little memory: they are packed into columns, and made as they are asked for."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        rows = []
        for source in sources:
            self._names.setdefault(source.kind, tuple(source.captures))
            values = _BETWEEN.join(source.captures.values())
            rows.append((source.kind, source.path, source.place, values, source.size))
        columns = list(zip(*rows, strict=True)) or [()] * len(_PACKED)
        self._packed = pa.table([list(column) for column in columns], schema=_PACKED)

    @property
    def columns(self) -> pa.Table:
        """Their kinds, paths, places, captures and sizes."""
        return self._packed

    def __len__(self) -> int:
        return int(self._packed.num_rows)

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
            start, stop, step = at.indices(len(self))
            return self._unpacked(start, stop)[::step]
        at = range(len(self))[at]
        return self._unpacked(at, at + 1)[0]

    def _unpacked(self, start: int, stop: int) -> list[Source]:
        columns = (c.to_pylist() for c in self._packed.slice(start, stop - start).columns)
        return [
            Source(
                kind,
                path,
                place,
                dict(zip(self._names[kind], captures.split(_BETWEEN), strict=False)),
                size,
            )
            for kind, path, place, captures, size in zip(*columns, strict=True)
        ]


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
        found.sort(key=_sort_key(kind))
        sources += found
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


def _sort_key(kind: Kind) -> Callable[[Source], tuple[list[str], list[str]]]:
    """Which record a source is, then which edition of it, the preferred one first."""
    names = [name for name in dict.fromkeys(kind.pattern.captures) if name not in kind.prefer]
    ranks = {
        name: {value: f"{at:04}" for at, value in enumerate(order)}
        for name, order in kind.prefer.items()
    }
    last = {name: f"{len(ranked):04}" for name, ranked in ranks.items()}

    def key(source: Source) -> tuple[list[str], list[str]]:
        captures = source.captures
        edition = [
            ranked.get(captures[name]) or last[name] + captures[name]
            for name, ranked in ranks.items()
        ]
        return [captures[name] for name in names], edition

    return key


def _find_kind(
    kind: Kind, root: Path, pattern: FilePattern
) -> tuple[list[Source], dict[str, str], list[Finding]]:
    regex = pattern.regex()
    sources, findings = [], []
    others: dict[str, str] = {}
    captured = tuple(dict.fromkeys(kind.pattern.captures))
    own = pattern == kind.pattern
    for path, place, size, problem in _listed(root, pattern):
        match = regex.match(path)
        if problem is not None:
            rule = "file-unreadable" if problem.startswith("cannot") else "not-a-file"
            findings.append(Finding(rule, path, problem, file=place))
        elif not path.isprintable():  # nor is half of a surrogate pair
            message = "the file's name is not printable text, expected one that any system can show"
            told = path.encode("utf-8", "backslashreplace").decode()
            findings.append(Finding("path-capture", told, message))
        elif match is None:
            others[place] = path
        else:
            groups = match.groupdict()
            captures = {name: groups[name] for name in captured if name in groups}
            if len(captures) == len(captured):
                where = path if own else kind.pattern.fill(captures)
                sources.append(Source(kind.name, where, place, captures, size))
    return sources, others, findings


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
    try:
        with os.scandir(root / folder) as entries:
            listing = sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        yield folder, f"cannot be listed: {error.strerror}, expected a folder of records"
        return
    for entry in listing:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            yield path, "is a symbolic link, expected a regular file or folder"
        elif entry.is_dir():
            yield from _files(root, path)
        else:
            yield path, None

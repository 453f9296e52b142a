"""Companions: files that belong to records, such as their images, and are released beside them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from release.descriptor.model import RecordKind
from release.findings.finding import Finding
from release.records.files.searches import Search
from release.records.files.sources import Companion, SourceColumns, select_owned
from release.syntax.file_patterns import FilePattern
from release.system import confinement

#: The most bytes that a companion may have: it is held in memory while it is copied and packed.
MAX_BYTES = 256 * 2**20


def take_companions(
    searches: Mapping[str, Search],
    others: Mapping[str, str],
    sources: SourceColumns,
    taken: Collection[str],
) -> tuple[list[Companion], dict[str, str]]:
    """Take the companions of records out of the files that are no records, which are paths by file.

    The files `taken` are left out, or read as something else than records.

    Returns:
        The companions, sorted by path, and the files that are left.
    """
    found: dict[str, Companion] = {}
    taken = {*taken, *sources.files}
    for search in searches.values():
        for each in _find_companions(search.kind, search, others):
            if each.file not in taken:
                found.setdefault(each.path, each)
    names = {name: search.kind.pattern.names for name, search in searches.items()}
    owned = select_owned([found[path] for path in sorted(found)], sources, names)
    files = {each.file for each in owned}
    left = {file: path for file, path in others.items() if file not in files}
    return owned, left


def _find_companions(
    kind: RecordKind, search: Search, others: Mapping[str, str]
) -> Iterator[Companion]:
    """Find the companions of a kind among the files in its folder that are no records, paths by file.

    Those in other folders are looked for there.
    """
    there, here = search.pattern.folder, kind.pattern.folder
    for pattern in kind.companions:
        match = pattern.matcher()
        files: Iterable[tuple[str, str]]
        files = ((file, _move(path, there, here)) for file, path in others.items())
        if not _is_below(pattern.folder, here):
            files = _list_elsewhere(pattern, search)
        for file, path in files:
            if (values := match(path)) is not None and path.isprintable():
                named = zip(pattern.names, values, strict=True)
                place = tuple((name, value) for name, value in named if name in pattern.captures)
                yield Companion(path, file, kind.name, place)


def _move(path: str, there: str, here: str) -> str:
    """Return the path of a file in a release, which is read from below another folder."""
    return path if there == here or not path.startswith(there) else here + path[len(there) :]


def _is_below(folder: str, above: str) -> bool:
    return not above or folder == above or folder.startswith(f"{above}/")


def _list_elsewhere(pattern: FilePattern, search: Search) -> Iterator[tuple[str, str]]:
    """List the files in the folder of a pattern: the file, and its path from the descriptor's folder."""
    root = str(search.root) if str(search.root) != "." else ""
    for path, problem in confinement.walk(root, pattern.folder):
        if problem is None:
            yield f"{root}/{path}" if root else path, path


def report_large(companions: Sequence[Companion]) -> Iterator[Finding]:
    """Report companions that are too large."""
    for each in companions:
        try:
            size = os.lstat(each.file).st_size
        except OSError:
            continue
        if size > MAX_BYTES:
            message = f"has {size:,} bytes, expected at most {MAX_BYTES:,} in a file beside records"
            yield Finding("file-too-large", each.path, message, file=each.file)

"""Exclusions: the files in a folder of records that its kind leaves out, counted by pattern."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from release.descriptor.kinds.model import ExcludedFiles
from release.descriptor.model import Descriptor
from release.findings.finding import Finding
from release.findings.message import count_left_out
from release.records.files.searches import Search


class Exclusions:
    """The files that a kind excludes, counted as they are met; `files` are those that are read.

    Patterns are about the paths that files have in a release, wherever they are read from. So are those of
    single records that are left out by name; `withdrawn` are those that were met.
    """

    def __init__(self, search: Search, by_name: Collection[str] = ()) -> None:
        self._kind = search.kind
        self._by_name = by_name
        self._fill = _make_filler(search) if self._kind.exclude or by_name else None
        self._matches = [each.pattern.regex().match for each in self._kind.exclude]
        self._counts = [0] * len(self._matches)
        self._first = [""] * len(self._matches)
        self.files: list[str] = []
        self.withdrawn: list[str] = []

    def take(self, path: str, file: str = "") -> bool:
        """Return True, and count the file, if its path is one of those that are left out."""
        if self._fill is None:
            return False
        path = self._fill(path)
        if path in self._by_name:
            self.withdrawn.append(path)
            self.files.append(file)
            return True
        for at, match in enumerate(self._matches):
            if match(path):
                self._first[at] = self._first[at] or path
                self._counts[at] += 1
                self.files.append(file)
                return True
        return False

    def counts(self) -> Iterator[tuple[ExcludedFiles, int]]:
        """Return each pattern with the number of files that it left out."""
        return zip(self._kind.exclude, self._counts, strict=True)

    def notes(self, descriptor: Descriptor) -> Iterator[Finding]:
        """Return a note for each pattern that left out files."""
        for at, (excluded, count) in enumerate(self.counts()):
            if count:
                what = f"{count:,} file{'' if count == 1 else 's'} of {self._kind.name}"
                first = self._first[at].encode("utf-8", "backslashreplace").decode()
                message = count_left_out(what, count, excluded.reason, first)
                key_path = ("records", self._kind.name, "exclude", at)
                yield descriptor.finding("left-out", key_path, message, "note")


def count_excluded(search: Search) -> list[tuple[ExcludedFiles, int]]:
    """Count the files that each pattern of a kind leaves out; the first that matches a file counts it."""
    exclusions = Exclusions(search)
    if search.kind.exclude:
        for path, *_ in search.list_files():
            exclusions.take(path)
    return list(exclusions.counts())


def _make_filler(search: Search) -> Callable[[str], str]:
    """Make a function that gives the path of a file in a release, also of one that is no record's."""
    match, names, own = search.pattern.matcher(), search.pattern.names, search.kind.pattern
    if search.pattern == own:
        return lambda path: path

    there = f"{search.pattern.folder}/" if search.pattern.folder else ""
    here = f"{own.folder}/" if own.folder else ""

    def fill(path: str) -> str:
        found = match(path)
        if found is not None:
            return own.fill(dict(zip(names, found, strict=True)))
        return here + path[len(there) :] if path.startswith(there) else path

    return fill

"""Searches: where the files of each kind of records are looked for, and what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from release.descriptor.model import Descriptor, RecordKind
from release.syntax.file_patterns import FilePattern
from release.system import confinement
from release.system import files as system_files


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

"""List the files of a folder, without stores and what belongs to the descriptor."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from release.descriptor.kinds.record_kinds import KEPT_FILES
from release.infer.files.forms import FORMATS
from release.system import confinement

#: Endings of files that may be records.
TEXTS = frozenset(
    "md markdown mdx qmd rmd txt text rst adoc html htm yaml yml json toml jsonl ndjson csv tsv".split()
) | frozenset(FORMATS)


@dataclass(frozen=True, slots=True)
class Listing:
    """The files below a folder, by path from there: those that may be records, and others."""

    texts: tuple[str, ...]
    others: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]


def list_folder(folder: Path, kept: Collection[str] = ()) -> Listing:
    """List what is not hidden in a folder, and neither in a store nor a descriptor's own, such as `kept`.

    Raises:
        OSError: The folder cannot be listed.
    """
    found: list[str] = []
    problems: list[tuple[str, str]] = []
    for path, problem in confinement.walk(str(folder), ""):
        if problem is None:
            found.append(path)
        else:
            problems.append((path, problem))
    stores = _find_stores(found)
    own = {*KEPT_FILES, *kept}
    mine = [path for path in found if not path.startswith(stores) and path not in own]
    texts = [path for path in mine if ending(path) in TEXTS]
    kept = set(texts)
    return Listing(
        tuple(sorted(texts)),
        tuple(sorted(path for path in mine if path not in kept)),
        tuple(sorted(problems)),
    )


def ending(path: str) -> str:
    """Return the ending of a file's name in lower case, without its dot."""
    return posixpath.splitext(path)[1][1:].lower()


def _find_stores(paths: list[str]) -> tuple[str, ...]:
    """Return the folders, each with a slash, that are stores of releases or releases, or installed code."""
    folders = set()
    for path in paths:
        above, _, name = path.rpartition("/")
        if above and name in ("versions.json", "datapackage.json", "SHA256SUMS"):
            folders.add(f"{above}/")
    for path in paths:
        parts = path.split("/")
        for at, part in enumerate(parts[:-1]):
            if part in ("node_modules", "__pycache__"):
                folders.add("/".join(parts[: at + 1]) + "/")
    return tuple(sorted(folders))

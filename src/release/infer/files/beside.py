"""Place the files beside records: companions of the records, or left out with the reason."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from release.infer.files.folder import ending
from release.infer.files.kinds import exact_pattern
from release.infer.files.readings import is_about_folder
from release.infer.model import KindDraft, Omission
from release.syntax.file_patterns import FilePattern
from release.system import surroundings

#: What files are by their endings, in the words of a reason; the first ones may belong to a record.
_SORTS = {
    "is a picture": "png jpg jpeg gif svg webp avif tif tiff bmp heic",
    "is a recording": "mp3 ogg oga wav flac m4a mp4 webm mov ogv avi",
    "is a document": "pdf epub docx doc odt pptx ppt odp rtf",
    "is a spreadsheet: save it as CSV if its rows are records": "xlsx xls xlsm ods numbers",
    "is an archive": "zip gz tgz tar bz2 xz 7z rar zst",
    "is code": "css scss sass less js mjs ts jsx tsx py rb php sh r jl go rs lua ipynb sql",
}
_BELONGING = 3

_REASONS = {name: reason for reason, names in _SORTS.items() for name in names.split()}
_COMPANIONS = frozenset(
    name for reason in list(_SORTS)[:_BELONGING] for name in _SORTS[reason].split()
)

#: By the name of a kind and names of captures: their values in its records.
_Places = dict[tuple[str, tuple[str, ...]], set[tuple[str, ...]]]


def place_others(
    kinds: Sequence[KindDraft], files: Iterable[str], reasons: Mapping[str, str]
) -> None:
    """Make the files in folders of records companions, or leave them out: all that no kind takes.

    `reasons` are those of files that cannot be records, by path.
    """
    taken = [FilePattern(kind.pattern).regex() for kind in kinds]
    records = {entry.path for kind in kinds for entry in kind.entries}
    full = {folder for path in records for folder in _folders(path)}
    left: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    known: _Places = {}
    for path in files:
        if (
            path in records
            or surroundings.is_of_desktop(path)
            or any(regex.match(path) for regex in taken)
        ):
            continue
        owner = _find_owner(kinds, path)
        if owner is None:
            continue  # it stands in no folder of records
        if _make_companion(kinds, path, known):
            continue
        top = next((each for each in _folders(path) if each not in full), "")
        shared = f"{exact_pattern(top)}/**" if top else exact_pattern(path)
        left[owner, shared].append((path, _explain(path, reasons)))
    for (owner, pattern), some in left.items():
        why = dict.fromkeys(reason for _, reason in some)
        reason = next(iter(why)) if len(why) == 1 else "holds no records"
        kinds[owner].exclude.append(Omission(pattern, reason))


def _folders(path: str) -> Iterator[str]:
    """Yield the folders above a file, the topmost first."""
    parts = path.split("/")
    for at in range(1, len(parts)):
        yield "/".join(parts[:at])


def _find_owner(kinds: Sequence[KindDraft], path: str) -> int | None:
    """Return the position of the kind in whose folder a file is, the deepest one; None if it is in none."""
    found = []
    for at, kind in enumerate(kinds):
        folder = FilePattern(kind.pattern).folder
        if not folder or path.startswith(f"{folder}/"):
            found.append((-len(folder), at))
    return min(found)[1] if found else None


def _explain(path: str, reasons: Mapping[str, str]) -> str:
    """Return why a file is no record."""
    if is_about_folder(path):
        return "is about its folder"
    return reasons.get(path) or _REASONS.get(ending(path), "is no record")


def _make_companion(kinds: Sequence[KindDraft], path: str, known: _Places) -> bool:
    """Add a pattern of companions for a file that may belong to records; return True if one takes it."""
    if ending(path) not in _COMPANIONS:
        return False
    for kind in kinds:
        if any(_belongs(kind, pattern, path, known) for pattern in kind.companions):
            return True
    last = posixpath.splitext(path)[1]
    for find in (_name_after_record, _name_in_bundle, _name_in_folder):
        for kind in kinds:
            pattern = "" if kind.records else find(kind, last)
            if pattern and _belongs(kind, pattern, path, known):
                kind.companions.append(pattern)
                return True
    return False


def _name_after_record(kind: KindDraft, last: str) -> str:
    """Return the pattern of files that are called as the records are."""
    return posixpath.splitext(kind.pattern)[0] + last


def _name_in_bundle(kind: KindDraft, last: str) -> str:
    """Return the pattern of files in the folder of a record that has one of its own; empty if none has."""
    folder, _, name = kind.pattern.rpartition("/")
    return f"{folder}/**/*{last}" if "{" in folder and "{" not in name else ""


def _name_in_folder(kind: KindDraft, last: str) -> str:
    """Return the pattern of files in a folder of records; empty if all records are one file."""
    folder, slash, name = kind.pattern.rpartition("/")
    return f"{folder}{slash}*{last}" if "{" in name else ""


def _belongs(kind: KindDraft, pattern: str, path: str, known: _Places) -> bool:
    """Return True if a pattern of companions takes a file for one of the records."""
    companions = FilePattern(pattern)
    match = companions.regex().match(path)
    if match is None:
        return False
    values = dict(zip(companions.names, match.groups(), strict=True))
    names = companions.captures
    if (kind.name, names) not in known:
        known[kind.name, names] = {
            tuple(entry.captures.get(name) or "" for name in names) for entry in kind.entries
        }
    return tuple(values[name] or "" for name in names) in known[kind.name, names]

"""Find the files that are records, and read curated tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from release.descriptor.load import Descriptor, RecordKind, Resource
from release.descriptor.record_kinds import KEPT_FILES
from release.findings import Finding, shown
from release.records.sources import BETWEEN, WITHIN, SourceColumns, Sources
from release.syntax.paths import FilePattern
from release.system import files as system_files
from release.system.filenames import collision_key


def find_records(
    descriptor: Descriptor, elsewhere: Mapping[str, FilePattern] | None = None
) -> tuple[Sources, list[Finding]]:
    """All records by kind and key, and the files in their folders that are none.

    `elsewhere` gives another pattern for a kind, relative to the working folder, or a URL; in the release
    the records stand where the descriptor's own pattern puts them all the same.

    Raises:
        UsageError: what is behind a URL cannot be listed.
    """
    sources = SourceColumns.none()
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
    taken = set(sources.files) if unmatched else set()
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
    descriptor_at, licence_at = KEPT_FILES
    own = {descriptor_at: descriptor.file, licence_at: descriptor.root / licence_at}
    curated = (each.path for each in descriptor.resources if each.is_curated)
    return own | {path: descriptor.root / path for path in curated}


def _no_records(descriptor: Descriptor, kind: RecordKind) -> Finding:
    """That a kind has none. A release says the same, so not where they were sought."""
    files = f"files such as {kind.pattern.template}, or where --records says"
    message = f"the kind {kind.name} has no records, expected {files}"
    return descriptor.finding("no-records", ("records", kind.name, "path"), message, "warning")


def _names(kind: RecordKind) -> tuple[str, ...]:
    """The names of a kind's captures, each once."""
    return tuple(dict.fromkeys(kind.pattern.captures))


def _alike(descriptor: Descriptor, sources: SourceColumns) -> Iterator[Finding]:
    """Files that a release would hold at one path, everywhere or on some systems."""
    own = _own(descriptor)
    names = {collision_key(path) for path in own}
    names.update(map(collision_key, sources.paths))
    if len(names) == len(own) + len(sources.paths):
        return
    files = chain(
        ((path, str(place)) for path, place in own.items()),
        zip(sources.paths, sources.files, strict=True),
    )
    seen: dict[str, str] = {}
    for path, place in files:
        other = seen.setdefault(collision_key(path), path)
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
        return system_files.read(path), []
    except OSError as error:
        message = f"cannot be read: {error.strerror}, expected the table {resource.name}"
        fault = Finding("file-unreadable", resource.path, message, table=resource.name)
        return None, [replace(fault, file=str(path))]


def _order(kind: RecordKind, captures: Sequence[str]) -> list[int]:
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
        values = captures[number].split(WITHIN)
        ranks = [rank.get(values[at]) or last + values[at] for at, rank, last in ranked]
        # what stands between is less than all that a value holds: they sort as their parts do
        return BETWEEN.join([*(values[at] for at in plain), *ranks])

    return sorted(range(len(captures)), key=key)


def _find_kind(
    kind: RecordKind, root: Path, pattern: FilePattern
) -> tuple[SourceColumns, dict[str, str], list[Finding]]:
    regex, read_back = pattern.regex(), kind.pattern.regex()
    found = SourceColumns.none()
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
                    found.files.append(place)
                    found.captures.append(WITHIN.join(captures))
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
    if system_files.is_url(pattern.template):
        for url, problem in system_files.list_files(pattern.folder):
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

"""Discovery: find the files that are records, and read the files of curated tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from release.descriptor.model import Descriptor, RecordKind
from release.descriptor.record_kinds import KEPT_FILES
from release.findings.finding import Finding
from release.findings.message import shown
from release.limits import LIMITS, Limits
from release.records.files.sources import (
    BETWEEN,
    WITHIN,
    Search,
    SourceColumns,
    Sources,
    plan_searches,
)
from release.syntax.file_patterns import FilePattern
from release.system import files as system_files
from release.system import folders
from release.system.filenames import are_portable, collision_key, portability_problem


def find_records(
    descriptor: Descriptor,
    elsewhere: Mapping[str, FilePattern] | None = None,
    limits: Limits = LIMITS,
    *,
    follow_links: bool = False,
) -> tuple[Sources, list[Finding]]:
    """Find the files of all records, and report files among them that are no records.

    Sources are in the order of the kinds in the descriptor, then of the captures that identify a record, then
    of its editions, the preferred one first. `elsewhere` has other patterns, by kind, relative to the working
    folder or as a URL; in a release the records are still at the paths that the descriptor's pattern gives.
    With `follow_links` a link in the path of a folder of records may lead anywhere.

    Raises:
        UsageError: The files below a URL cannot be listed.
    """
    sources = SourceColumns.none()
    findings: list[Finding] = []
    others: dict[str, str] = {}
    empty: list[RecordKind] = []
    is_known = _make_known_test(descriptor)
    searches = plan_searches(descriptor, elsewhere or {}, follow_links=follow_links)
    for kind in descriptor.kinds:
        found, unmatched, faults = _find_kind(kind, searches[kind.name])
        sources.extend(found.take(_sort_positions(kind, found.captures)))
        faults = [each for each in faults if each.rule != "not-a-file" or not is_known(each.file)]
        findings += faults
        if not (found.paths or faults or kind.may_be_empty):
            empty.append(kind)
        others |= unmatched
    taken = set(sources.files) if others else set()
    others = {file: at for file, at in others.items() if file not in taken and not is_known(file)}
    findings += _report_unmatched(others, searches.values())
    findings += [_report_no_records(descriptor, k, searches[k.name], others) for k in empty]
    findings += [*_find_collisions(descriptor, sources), *_check_portability(descriptor, sources)]
    names = {kind.name: kind.pattern.names for kind in descriptor.kinds}
    roots = {name: search.base for name, search in searches.items()}
    return Sources(sources, names, limits.packed_sources, roots), findings


def _report_unmatched(
    unmatched: Mapping[str, str], searches: Iterable[Search]
) -> Iterator[Finding]:
    """Report files among the records, as paths by file, that no pattern matches."""
    expected = " or ".join(dict.fromkeys(each.pattern.template for each in searches))
    message = f"the file belongs to no kind of record, expected {expected}"
    for file, path in unmatched.items():
        yield Finding("file-unmatched", path, message, severity="warning", file=file)


def _make_known_test(descriptor: Descriptor) -> Callable[[str], bool]:
    """Make a test for files that are read as something other than a record, through any path to them."""
    own = [str(path) for path in _kept_files(descriptor).values()]
    files = {file for path in own for file in (_resolve_folder(path), os.path.realpath(path))}
    names = {file.rpartition("/")[2] for file in files}
    # most files have another name, so that their folder need not be resolved
    return lambda file: file.rpartition("/")[2] in names and _resolve_folder(file) in files


def _resolve_folder(file: str) -> str:
    """Return the path of a file with the links in its folder resolved, but not the file itself."""
    folder, _, name = file.rpartition("/")
    return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 — a text


def _kept_files(descriptor: Descriptor) -> dict[str, Path]:
    """Return the files that a release keeps beside the records: by path in it, the file that is read."""
    descriptor_at, licence_at = KEPT_FILES
    own = {descriptor_at: descriptor.file, licence_at: descriptor.root / licence_at}
    curated = (each.path for each in descriptor.resources if each.is_curated)
    return own | {path: descriptor.root / path for path in curated}


def _report_no_records(
    descriptor: Descriptor, kind: RecordKind, search: Search, unmatched: Mapping[str, str]
) -> Finding:
    """Return the finding that a kind has no records, and the nearest cause.

    `unmatched` are the files that no pattern matches.
    """
    root, pattern = search.root, search.pattern
    below = f"{pattern.folder}/" if pattern.folder else ""
    others = sorted(path for path in unmatched.values() if path.startswith(below))
    if len(others) == 1:
        why = f"the only file in its folder, {shown(others[0])}, does not match"
    elif others:
        why = f"{len(others):,} files in its folder do not match, such as {shown(others[0])}"
    elif excluded := sum(count for _, count in search.count_excluded()):
        why = "the only file" if excluded == 1 else f"each of the {excluded:,} files"
        why = f"{why} in its folder is excluded"
    elif system_files.is_url(pattern.template):
        why = f"there is no file below {shown(pattern.folder)}"
    else:
        why = folders.explain_emptiness(root, pattern.folder)
    message = (
        f"the kind {kind.name} has no records: {why}; expected files such as {pattern.template}, "
        "or `mayBeEmpty: true` if there may be none"
    )
    return descriptor.finding("no-records", ("records", kind.name, "path"), message, "error")


def _find_collisions(descriptor: Descriptor, sources: SourceColumns) -> Iterator[Finding]:
    """Find files that would have the same path in a release, on every system or on some."""
    own = _kept_files(descriptor)
    names = {collision_key(path) for path in own}
    names.update(map(collision_key, sources.paths))
    if len(names) == len(own) + len(sources.paths):
        return
    files = chain(
        ((path, str(file)) for path, file in own.items()),
        zip(sources.paths, sources.files, strict=True),
    )
    seen: dict[str, str] = {}
    for path, file in files:
        other = seen.setdefault(collision_key(path), path)
        if other is path:
            continue
        message = (
            "the file belongs to more than one kind of record or table, expected one"
            if other == path
            else f"some systems take the file for {shown(other)}: they ignore case, or know one form of "
            "accents; expected another name"
        )
        yield Finding("path-capture", path, message, file=file)


def _check_portability(descriptor: Descriptor, sources: SourceColumns) -> Iterator[Finding]:
    """Find files whose path in a release some system cannot keep."""
    curated = {each.path: each for each in descriptor.resources if each.is_curated}
    if are_portable(sources.paths) and are_portable(list(curated)):
        return
    own = ((path, str(descriptor.root / path)) for path in curated)
    for path, file in chain(own, zip(sources.paths, sources.files, strict=True)):
        if problem := portability_problem(path):
            yield Finding("path-portable", path, f"the path {problem}", file=file)


def _sort_positions(kind: RecordKind, captures: Sequence[str]) -> list[int]:
    """Sort the positions of a kind's sources by record, then by edition, the preferred one first."""
    names = kind.pattern.names
    plain = [at for at, name in enumerate(names) if name not in kind.prefer]
    ranked = [
        (
            names.index(name),
            {value: f"{at:04}" for at, value in enumerate(order)},
            f"{len(order):04}",
        )
        for name, order in kind.prefer.items()
        if name in names  # others tell apart the records within a file
    ]

    def key(number: int) -> str:
        values = captures[number].split(WITHIN)
        ranks = [rank.get(values[at]) or last + values[at] for at, rank, last in ranked]
        # the separator sorts before every character of a value, so the text sorts as its parts do
        return BETWEEN.join([*(values[at] for at in plain), *ranks])

    return sorted(range(len(captures)), key=key)


def _find_kind(
    kind: RecordKind, search: Search
) -> tuple[SourceColumns, dict[str, str], list[Finding]]:
    """Find the sources of one kind of records, the other files in its folder, and the faulty ones.

    The other files, which do not match the pattern, are given as paths by file.
    """
    match, read_back = search.pattern.matcher(), kind.pattern.matcher()
    found = SourceColumns.none()
    findings = []
    others: dict[str, str] = {}
    names, there = kind.pattern.names, search.pattern.names
    own = search.pattern == kind.pattern
    for path, file, size, problem in search.list_files():
        captures = match(path)
        # half of a surrogate pair is not printable
        if problem is not None or not path.isprintable():
            findings.append(_report_file(path, file, problem))
        elif captures is None:
            others[file] = path
        else:
            target: str = path
            again: Sequence[str] | None = captures
            if not own:
                named = dict(zip(there, captures, strict=True))
                captures = tuple(named.get(name, "") for name in names)
                target = kind.pattern.fill(named)
                again = read_back(target)
            if "\\" in target or again != captures:
                message = _report_captures(names, captures, target, again)
                reported = target if "\\" in target else path
                findings.append(Finding("path-capture", reported, message, file=file))
            else:
                found.paths.append(target)
                found.files.append(file)
                found.captures.append(WITHIN.join(captures))
                found.sizes.append(size)
    found.kinds.extend([kind.name] * len(found.paths))
    return found, others, findings


def _report_file(path: str, file: str, problem: str | None) -> Finding:
    """Return the finding of a file or folder with a problem, or of a file whose name is not printable."""
    path = path.encode("utf-8", "backslashreplace").decode()  # a name may not be UTF-8
    if problem is None:
        message = "the file's name is not printable text, expected one that any system can show"
        return Finding("path-capture", path, message)
    rule = "file-unreadable" if problem.startswith("cannot") else "not-a-file"
    return Finding(rule, path, problem, file=file)


def _report_captures(
    names: Sequence[str], captures: Sequence[str], target: str, again: Sequence[str] | None
) -> str:
    """Return the message on a file that would not be the same record at its path in a release, `target`."""
    if "\\" in target:
        return "the file's name has a backslash, expected one that any system can keep"
    given = f"the path gives {_show_captures(names, captures)}, but the path in a release would be {target}"
    if again is None:
        return f"{given}, which does not match the kind's `path`; expected one that does"
    expected = "expected the same, give the file another name"
    return f"{given}, which gives {_show_captures(names, again)}; {expected}"


def _show_captures(names: Sequence[str], values: Sequence[str]) -> str:
    return " and ".join(f"{name} {shown(value)}" for name, value in zip(names, values, strict=True))

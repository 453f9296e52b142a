"""Discovery: find the files that are records, and read the files of curated tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from release.descriptor.kinds.record_kinds import KEPT_FILES
from release.descriptor.model import Descriptor, RecordKind
from release.findings.finding import Finding
from release.findings.message import shown
from release.records.files.exclusions import Exclusions
from release.records.files.placement import make_placing, report_captures
from release.records.files.searches import Search, plan_searches
from release.records.files.sources import (
    BETWEEN,
    WITHIN,
    Companion,
    SourceColumns,
    Sources,
    add_companions,
)
from release.syntax.file_patterns import FilePattern
from release.system import files as system_files
from release.system import folders
from release.system.filenames import are_portable, collision_key, portability_problem
from release.system.limits import LIMITS, Limits
from release.system.surroundings import is_of_desktop

if TYPE_CHECKING:
    from release.descriptor.kinds.patches import Patches


def find_records(
    descriptor: Descriptor,
    elsewhere: Mapping[str, FilePattern] | None = None,
    limits: Limits = LIMITS,
    *,
    follow_links: bool = False,
    patches: Patches | None = None,
) -> tuple[Sources, list[Finding]]:
    """Find the files of all records, and report files among them that are no records.

    Sources are in the order of the kinds in the descriptor, then of the captures that identify a record, then
    of its editions, the preferred one first. `elsewhere` has other patterns, by kind, relative to the working
    folder or as a URL; in a release the records are still at the paths that the descriptor's pattern gives.
    With `follow_links` links may lead anywhere. What `patches` leave out is none, and told if it is absent.

    Raises:
        UsageError: The files below a URL cannot be listed.
    """
    is_known = _make_known_test(descriptor)
    searches = plan_searches(descriptor, elsewhere or {}, follow_links=follow_links)
    found = _Discovery(SourceColumns.none(), [], {}, [], [], [])
    by_name = {each.path for each in patches.withdrawals} if patches is not None else set()
    for search in searches.values():
        found.add(search, descriptor, by_name, is_known)
    findings, sources = found.findings, found.sources
    others = found.list_others(is_known)
    companions: Sequence[Companion] = ()
    if any(kind.companions for kind in descriptor.kinds):
        from release.records.files.selection import companions as selected

        taken = {*found.excluded, *map(str, list_kept_files(descriptor).values())}
        companions, others = selected.take_companions(searches, others, sources, taken)
        findings += selected.report_large(companions)
    findings += _report_unmatched(others, searches.values())
    findings += [_report_no_records(descriptor, searches[n], others, c) for n, c in found.empty]
    if patches is not None:
        findings += _report_patches(patches, found)
    files = add_companions(sources, companions) if companions else sources
    findings += [*_find_collisions(descriptor, files), *_check_portability(descriptor, files)]
    return _pack(sources, searches, limits.packed_sources, companions), findings


def _pack(
    sources: SourceColumns, searches: Mapping[str, Search], size: int, beside: Sequence[Companion]
) -> Sources:
    names = {name: search.kind.pattern.names for name, search in searches.items()}
    roots = {name: search.base for name, search in searches.items()}
    return Sources(sources, names, size, roots, beside)


@dataclass(frozen=True, slots=True)
class _Discovery:
    """The files that were found in the folders of all kinds.

    `others` are no records, as paths by file; `excluded` are those that are left out, `withdrawn` the paths
    of those of them that are left out by name; `empty` are kinds without records, with the number left out.
    """

    sources: SourceColumns
    findings: list[Finding]
    others: dict[str, str]
    excluded: list[str]
    withdrawn: list[str]
    empty: list[tuple[str, int]]

    def list_others(self, is_known: Callable[[str], bool]) -> dict[str, str]:
        """Return the files that no kind takes or leaves out, that nothing else knows and no desktop made."""
        taken = {*self.sources.files, *self.excluded} if self.others else set()
        left = [each for each in self.others.items() if not is_of_desktop(each[1])]
        return {f: at for f, at in left if f not in taken and not is_known(f)}

    def add(
        self,
        search: Search,
        descriptor: Descriptor,
        by_name: Collection[str],
        is_known: Callable[[str], bool],
    ) -> None:
        """Add the files in the folder of a kind; those at the paths `by_name` are left out."""
        kind, exclusions = search.kind, Exclusions(search, by_name)
        found, others, faults = _find_kind(search, exclusions)
        self.sources.extend(found.take(_sort_positions(kind, found.captures)))
        faults = [each for each in faults if each.rule != "not-a-file" or not is_known(each.file)]
        self.findings.extend([*faults, *exclusions.notes(descriptor)])
        if not (found.paths or faults or kind.may_be_empty):
            self.empty.append((kind.name, len(exclusions.files)))
        self.others.update(others)
        self.excluded.extend(exclusions.files)
        self.withdrawn.extend(exclusions.withdrawn)


def _report_patches(patches: Patches, found: _Discovery) -> Iterator[Finding]:
    """Report what patches leave out, and those of them that name no record."""
    from release.records.files.selection import withdrawals

    return withdrawals.report(patches, found.sources.paths, found.withdrawn)


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
    own = [str(path) for path in list_kept_files(descriptor).values()]
    files = {file for path in own for file in (_resolve_folder(path), os.path.realpath(path))}
    names = {file.rpartition("/")[2] for file in files}
    # most files have another name, so that their folder need not be resolved
    return lambda file: file.rpartition("/")[2] in names and _resolve_folder(file) in files


def _resolve_folder(file: str) -> str:
    """Return the path of a file with the links in its folder resolved, but not the file itself."""
    folder, _, name = file.rpartition("/")
    return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 — a text


def list_kept_files(descriptor: Descriptor) -> dict[str, Path]:
    """Return the files that a release keeps beside the records: by path in it, the file that is read."""
    descriptor_at, licence_at = KEPT_FILES
    own = {descriptor_at: descriptor.file, licence_at: descriptor.root / licence_at}
    tables = (each.path for each in descriptor.resources if each.is_curated)
    return own | {path: descriptor.root / path for path in (*tables, descriptor.patches) if path}


def _report_no_records(
    descriptor: Descriptor, search: Search, unmatched: Mapping[str, str], excluded: int
) -> Finding:
    """Return the finding that a kind has no records, and the nearest cause.

    `unmatched` are the files that no pattern matches, `excluded` is the number of those that are left out.
    """
    kind, root, pattern = search.kind, search.root, search.pattern
    below = f"{pattern.folder}/" if pattern.folder else ""
    others = sorted(path for path in unmatched.values() if path.startswith(below))
    if len(others) == 1:
        why = f"the only file in its folder, {shown(others[0])}, does not match"
    elif others:
        why = f"{len(others):,} files in its folder do not match, such as {shown(others[0])}"
    elif excluded:
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
    own = list_kept_files(descriptor)
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
    search: Search, exclusions: Exclusions
) -> tuple[SourceColumns, dict[str, str], list[Finding]]:
    """Find the sources of one kind of records, the other files in its folder, and the faulty ones.

    The other files, which do not match the pattern, are given as paths by file.
    """
    kind = search.kind
    match, place = search.pattern.matcher(), make_placing(search)
    found = SourceColumns.none()
    findings = []
    others: dict[str, str] = {}
    for path, file, size, problem in search.list_files():
        if exclusions.take(path, file):
            continue
        captures = match(path)
        # half of a surrogate pair is not printable
        if problem is not None or not path.isprintable():
            findings.append(_report_file(path, file, problem))
        elif captures is None:
            others[file] = path
        else:
            target, captures, again = place(path, captures)
            if "\\" in target or again != captures:
                message = report_captures(kind.pattern.names, captures, target, again)
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

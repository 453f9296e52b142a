"""Draft a descriptor from a folder of records."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from release.descriptor.kinds.record_kinds import KEPT_FILES
from release.infer.files.beside import place_others
from release.infer.files.folder import Listing, list_folder
from release.infer.files.groups import group_readings
from release.infer.files.kinds import (
    LANGUAGE,
    draft_kinds,
    exact_pattern,
    find_repeated,
    leave_out,
)
from release.infer.files.quotes import has_quotes
from release.infer.files.readings import Reading, is_about_folder, read_files
from release.infer.model import Draft, FieldDraft, KindDraft, Omission, TableDraft
from release.infer.names import kind_name, make_unique, table_name
from release.infer.tables import codelists, editions, links, parents, references
from release.infer.tables.keys import choose_key
from release.infer.tables.layout import Designer
from release.infer.tables.shapes import Shape
from release.syntax.file_patterns import FilePattern
from release.syntax.paths import Capture

#: A file as a store of releases has it, if it stands at the usual place.
_IN_STORE = "dist/0.1.0/README.md"

#: The time of a record's file must be in the years of a zip's entries.
_EARLIEST, _LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)

#: So many files or records take longer than starting processes.
MANY = 2_000

Progress = Callable[[str], object]


def make_draft(
    folder: Path,
    progress: Progress = lambda _: None,
    kept: Collection[str] = (),
    workers: int = 1,
    loads: Sequence[str] = (),
) -> Draft:
    """Draft the descriptor of the records in a folder; files that are `kept` are none.

    Many files are read in so many other processes, which import the modules `loads` before they begin.

    Raises:
        OSError: The folder cannot be listed.
        ReleaseError: A process was lost.
    """
    listing = list_folder(folder, kept)
    collects = gc.isenabled()
    gc.disable()  # nothing of it is garbage, and looking for some takes a tenth of the time
    try:
        workers = workers if len(listing.texts) >= MANY else 1
        readings = read_files(folder, listing.texts, progress, workers, loads)
        return _make_draft(folder, listing, readings, progress)
    finally:
        if collects:
            gc.enable()


def _make_draft(
    folder: Path, listing: Listing, readings: list[Reading], progress: Progress
) -> Draft:
    title = folder.resolve().name or "records"
    draft = Draft(kind_name(title).replace("_", "-"), title, _newest(folder, listing))
    draft.kinds = draft_kinds(group_readings(readings), title)
    _leave_out(draft, listing, readings)
    taken = {kind.name for kind in draft.kinds}
    for kind in draft.kinds:
        progress(f"looking at {kind.name}")
        draft.tables += _design_tables(draft, folder, kind, taken)
    references.find_references(draft)
    draft.codelists += codelists.find_enumerations(draft.tables, taken)
    return draft


def _newest(folder: Path, listing: Listing) -> str:
    """Return the time at which the newest file was written, as a descriptor has it."""
    newest = _EARLIEST
    for path in listing.texts:
        written = datetime.fromtimestamp((folder / path).stat().st_mtime, UTC)
        newest = max(newest, min(written, _LATEST))
    return newest.strftime("%Y-%m-%dT%H:%M:%SZ")


def _leave_out(draft: Draft, listing: Listing, readings: list[Reading]) -> None:
    """Leave out the files that are no records, and say why."""
    reasons = dict(listing.problems)
    for each in readings:
        if each.is_bare and not each.faults:
            is_about = is_about_folder(each.path)
            reasons[each.path] = "is about its folder" if is_about else "has no front matter"
        elif not each.faults:
            is_section = each.path.rpartition("/")[2].startswith("_index.")
            why = each.reason or "holds no record"
            reasons[each.path] = "is about its folder" if is_section else why
        if each.faults:
            first = each.faults[0]
            where = f"line {first.line}: " if first.line else ""
            reasons[each.path] = f"{where}{first.message}"
    leave_out(draft.kinds, [*listing.texts, *listing.others, *dict(listing.problems)], reasons)
    bare = {each.path for each in readings if each.is_bare}
    records = {entry.path for kind in draft.kinds for entry in kind.entries}
    excluded = {each.path for kind in draft.kinds for each in kind.exclude}
    for path, reason in reasons.items():
        if path in records:
            continue
        is_among = exact_pattern(path) in excluded and path not in bare
        (draft.mend if is_among else draft.strays).append(Omission(path, reason))
    place_others(draft.kinds, [*listing.texts, *listing.others], reasons)
    for kind in draft.kinds:
        if FilePattern(kind.pattern).regex().match(_IN_STORE):
            kind.exclude.append(Omission("dist/**", "are releases"))
        for file in KEPT_FILES:
            if FilePattern(kind.pattern).regex().match(file):
                kind.exclude.append(Omission(file, "is no record"))


def _design_tables(
    draft: Draft, folder: Path, kind: KindDraft, taken: set[str]
) -> list[TableDraft]:
    """Design the tables of a kind, with its codelists and what it leaves out."""
    shape = Shape()
    for entry in kind.entries:
        shape.add(entry.values)
    key = choose_key(kind)
    taken.discard(kind.name)
    layout = Designer(kind, key, taken, partial(has_quotes, folder, kind)).design(shape)
    kind.ignore += layout.messy
    tables = layout.tables
    root = tables[0]
    if any(entry.has_body for entry in kind.entries):
        name = make_unique("text", [each.name for each in root.fields])
        root.fields.append(FieldDraft(name, "string", "$body"))
    _add_sections(kind, root)
    if key and links.are_linked(folder, kind):
        taken.add(found := make_unique("links", taken))
        tables.append(links.draw_links(kind, key, found))
    codes: editions.Codes = {}
    if kind.languages:
        for_field = codelists.pair_translations(kind, root, taken)
        draft.codelists += [each.draft for each in for_field.values()]
        codes = {path: each.code for path, each in for_field.items()}

        def name_table(name: str) -> str:
            if name in taken:
                name = f"{kind.name}_{name}"
            taken.add(found := make_unique(table_name([name]), taken))
            return found

        editions.split_by_language(kind, tables, codes, name_table)
    if any(table.has_values for table in tables[1:]) and not root.key and not root.fields:
        return _drop_root(tables)
    _key_single_record(root)
    parents.choose_parents(tables)
    return tables


def _drop_root(tables: list[TableDraft]) -> list[TableDraft]:
    """Return the tables of a kind with one record, of which nothing but its lists is data."""
    root, *others = tables
    for table in others:  # the name of the kind is free now
        table.name = root.name if table.name == f"{root.name}_{root.name}" else table.name
    parents.choose_parents(others)
    return others


def _add_sections(kind: KindDraft, root: TableDraft) -> None:
    """Add the folders and names of files that neither the key nor a value of the records repeats."""
    used = {each.source for each in root.fields}
    within = kind.captures[-1:] if kind.records else ()
    own = [each for each in kind.captures if each not in within and f"{{{each}}}" not in used]
    records = [entry.values for entry in kind.entries]
    at = len(root.key)
    for name in own:
        values = [entry.captures.get(name, "") for entry in kind.entries]
        if name == LANGUAGE or find_repeated(records, values):
            continue
        taken = [each.name for each in root.fields]
        root.fields.insert(at, FieldDraft(make_unique(name, taken), "string", Capture(name)))
        at += 1


def _key_single_record(root: TableDraft) -> None:
    """Give the table of a kind with one record a key: one of its values, or the path of its file."""
    if root.key:
        return
    for wanted in ("id", "name", "title"):
        if wanted in [each.name for each in root.fields if each.values]:
            root.key = [wanted]
            return
    root.fields.insert(
        0, FieldDraft(make_unique("path", [f.name for f in root.fields]), "string", "$path")
    )
    root.key = [root.fields[0].name]

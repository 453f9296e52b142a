"""Draft the kinds: name them and the captures of their paths, and leave out what is no record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.infer.files.groups import DEEP, SLOT, Group, are_paired, split_path
from release.infer.files.languages import are_languages
from release.infer.files.readings import POSITION
from release.infer.model import KindDraft, Omission, RecordRead
from release.infer.names import kind_name, make_unique, plain_name, singular
from release.infer.tables.openness import find_open_keys
from release.infer.tables.shapes import Shape
from release.syntax.file_patterns import FilePattern
from release.syntax.formats.endings import format_of
from release.syntax.paths import Capture, Path, show_path
from release.syntax.types.values import as_text

#: The capture for languages.
LANGUAGE = "language"

_YEAR = re.compile(r"(19|20)[0-9]{2}")
_MONTH = re.compile(r"0[1-9]|1[0-2]")

#: Levels of mappings in which a value is looked for that repeats a part of the path.
_LEVELS = 2


@dataclass(frozen=True, slots=True)
class _Slot:
    """A capture of a group: its name, and its value in each record."""

    name: str
    values: tuple[str, ...]


def draft_kinds(groups: Sequence[Group], title: str) -> list[KindDraft]:
    """Draft a kind for each group of records; `title` is the name of the folder."""
    kinds: list[KindDraft] = []
    for group in groups:
        name = _name_kind(group, title)
        if name in (taken := [kind.name for kind in kinds]):
            name = make_unique(kind_name(f"{name}_{group.ending[1:]}"), taken)
        kinds.append(_draft_kind(group, name))
    return kinds


def _name_kind(group: Group, title: str) -> str:
    """Name a kind after the last part of its paths that all have."""
    fixed = [part for part in group.parts if part not in (SLOT, DEEP)]
    if group.parts[-1] is not SLOT and len(group.parts) > 1 and group.parts[-2] is SLOT:
        fixed = fixed[:-1]  # a page bundle: all files are called `index`
    return kind_name(fixed[-1] if fixed else title)


def _draft_kind(group: Group, name: str) -> KindDraft:
    slots = _name_slots(group, name)
    languages = next((slot.values for slot in slots if slot.name == LANGUAGE), ())
    keys = {key for each in group.readings for key in each.keys}
    taken = [*keys, *(slot.name for slot in slots)]  # a capture and a field of one name must agree
    within = make_unique(POSITION, taken)
    pattern = _write_pattern(group, [slot.name for slot in slots])
    if (inner := _open_root(group)) is not None:
        below = {key for value in inner.values() for key in value}
        capture = make_unique(singular(plain_name(name)), below)
        path = group.readings[0].path
        entries = [RecordRead(path, {capture: key}, value, False) for key, value in inner.items()]
        return KindDraft(name, pattern, entries, records=f"{{{capture}}}")
    entries = [
        RecordRead(
            reading.path,
            {slot.name: slot.values[at] for slot in slots}
            | ({within: part.at} if part.at is not None else {}),
            part.values,
            part.has_body,
        )
        for at, reading in enumerate(group.readings)
        for part in reading.parts
    ]
    kind = KindDraft(name, pattern, entries, _order_languages(languages))
    first = group.readings[0]
    within_file: Path = (first.above, Capture(within)) if first.above else (Capture(within),)
    kind.records = show_path(within_file) if first.has_several else ""
    if format_of(first.path) != first.format:
        kind.format = first.format
    kind.delimiter, kind.encoding = first.delimiter, first.encoding
    reason = "is about the file"
    beside = dict.fromkeys(key for each in group.readings for key in each.beside)
    kind.beside = [Omission(show_path((key,)), reason) for key in beside]
    kind.may_lack_front_matter = any(each.is_bare for each in group.readings)
    kind.is_text = group.readings[0].format in ("csv", "tsv")
    return kind


def _write_pattern(group: Group, captures: Iterable[str]) -> str:
    """Return the pattern of the paths of a group, with these captures in its slots."""
    texts: list[str] = []
    names = iter(captures)
    for at, part in enumerate(group.parts):
        if part == DEEP:
            texts.append(f"{{{next(names)}:**}}")
        elif part is not SLOT:
            texts.append(part)
        elif at == len(group.parts) - 1 and group.joint:
            texts.append(f"{{{next(names)}}}{group.joint}{{{next(names)}}}")
        else:
            texts.append(f"{{{next(names)}}}")
    return "/".join(texts) + group.ending


def _open_root(group: Group) -> Mapping[str, Any] | None:
    """Return the records of a file that is a mapping of records; None if it is none."""
    if len(group.readings) != 1 or group.readings[0].has_several or SLOT in group.parts:
        return None
    values = group.readings[0].parts[0].values
    if group.readings[0].format == "markdown" or not all(
        isinstance(value, dict) and value for value in values.values()
    ):
        return None
    shape = Shape()
    shape.add(values)
    opened = find_open_keys(shape)
    is_all = opened is not None and set(opened.shapes) == set(values)
    return (
        values if is_all and not any("/" in key or key.startswith(".") for key in values) else None
    )


def _order_languages(languages: Iterable[str]) -> tuple[str, ...]:
    """Return languages, that of most records first."""
    counts: dict[str, int] = {}
    for language in languages:
        counts[language] = counts.get(language, 0) + 1
    return tuple(sorted(counts, key=lambda language: (-counts[language], language)))


def _name_slots(group: Group, kind: str) -> list[_Slot]:
    """Name the captures of a group: a language, a field with the same values, or the place in the path."""
    columns = [
        (at, group.values(at)) for at, part in enumerate(group.parts) if part in (SLOT, DEEP)
    ]
    taken: list[str] = []
    slots: list[_Slot] = []
    last = len(group.parts) - 1
    rest = len([at for at, _ in columns if at != last])
    for at, values in columns:
        if at == last and group.joint:
            pairs = [value.rpartition(group.joint) for value in values]
            stems = [start for start, *_ in pairs]
            slots.append(_Slot(_name_slot(group, stems, taken, singular(kind)), tuple(stems)))
            slots.append(_Slot(LANGUAGE, tuple(end for *_, end in pairs)))
            continue
        if group.parts[at] == DEEP:
            slots.append(_Slot(make_unique("section", taken), tuple(values)))
            taken.append(slots[-1].name)
            continue
        is_name = at == last or (group.parts[last] is not SLOT and at == columns[-1][0])
        if not is_name and LANGUAGE not in taken and _tells_editions(group, at, values):
            name = LANGUAGE
            taken.append(name)
        else:
            own = "page" if DEEP in group.parts else singular(kind)
            fallback = own if is_name else _name_folder(values, rest)
            name = _name_slot(group, values, taken, fallback)
        slots.append(_Slot(name, tuple(values)))
    return slots


def _tells_editions(group: Group, at: int, values: Sequence[str]) -> bool:
    """Return True if the folders at a position are languages, and hold files of the same names."""
    if len(set(values)) < 2 or not are_languages(set(values)):
        return False
    others = []
    for each in group.readings:
        parts = split_path(each.path)
        others.append("/".join(parts[:at] + parts[at + 1 :]))
    return are_paired(others)


def _name_folder(values: Sequence[str], count: int) -> str:
    """Name the capture of a folder by what its names look like."""
    if all(map(_YEAR.fullmatch, values)):
        return "year"
    if count > 1 and all(map(_MONTH.fullmatch, values)):
        return "month"
    return "folder"


def _name_slot(group: Group, values: Sequence[str], taken: list[str], fallback: str) -> str:
    """Name a capture after the key whose value it repeats in every record, or with the fallback."""
    repeated: tuple[str, ...] = ()
    if not group.readings[0].has_several:
        repeated = find_repeated([each.parts[0].values for each in group.readings], values)
    name = plain_name(repeated[-1], fallback) if repeated else plain_name(fallback, "name")
    if not repeated:  # a capture and a field of one name must agree
        known = {key.lower() for each in group.readings for key in each.keys} | {LANGUAGE, *taken}
        free = (each for each in (name, "slug", "file") if each not in known)
        name = next(free, "") or make_unique(name, known)
    else:
        name = make_unique(name, [*taken, LANGUAGE])
    taken.append(name)
    return name


def find_repeated(records: Sequence[Any], values: Sequence[str]) -> tuple[str, ...]:
    """Return the key path at which each record repeats its value; empty if there is none."""
    if not all(isinstance(each, dict) for each in records):
        return ()
    candidates: list[tuple[str, ...]] | None = None
    for here, value in zip(records, values, strict=True):
        if candidates is None:
            candidates = [path for path, text in _scalars(here, _LEVELS) if text == value]
        else:
            candidates = [path for path in candidates if text_at(here, path) == value]
        if not candidates:
            return ()
    return min(candidates or [()], key=lambda path: (len(path), path[-1:] != ("id",)))


def _scalars(values: Mapping[str, Any], levels: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the key path and text of each value in a mapping, some levels deep."""
    for key, value in values.items():
        if isinstance(value, dict) and levels > 1:
            for path, found in _scalars(value, levels - 1):
                yield (key, *path), found
        elif (text := as_text(value)) is not None:
            yield (key,), text


def text_at(values: Mapping[str, Any], path: Sequence[str]) -> str | None:
    """Return the text at a key path; None if there is none."""
    here: Any = values
    for key in path:
        if not isinstance(here, dict) or key not in here:
            return None
        here = here[key]
    return as_text(here)


def leave_out(kinds: Sequence[KindDraft], files: Iterable[str], reasons: Mapping[str, str]) -> None:
    """Exclude from each kind the files that its pattern matches and that are none of its records.

    `reasons` are those of files that cannot be records, by path.
    """
    owners = {entry.path: kind for kind in kinds for entry in kind.entries}
    listed = list(files)
    for kind in kinds:
        regex = FilePattern(kind.pattern).regex()
        own = {entry.path for entry in kind.entries}
        patterns: dict[str, None] = {}
        for path in listed:
            if path in own or regex.match(path) is None:
                continue
            other = owners.get(path)
            if other is None:
                reason = reasons.get(path, "is no record")
                kind.exclude.append(Omission(exact_pattern(path), reason))
                continue
            wide = FilePattern(other.pattern).regex()
            is_apart = not any(wide.match(each) for each in own)
            pattern = other.pattern if is_apart else exact_pattern(path)
            if pattern not in patterns:
                patterns[pattern] = None
                kind.exclude.append(Omission(pattern, f"is a record of {other.name}"))


def exact_pattern(path: str) -> str:
    """Return the pattern of a single file; `*` stands for signs that no pattern can have."""
    parts = path.split("/")
    return "/".join(_SPECIAL.sub("*", part) for part in parts)


#: From the first to the last sign in a part of a path that no pattern can have.
_SPECIAL = re.compile(r"[][{}*?\ud800-\udfff](?:.*[][{}*?\ud800-\udfff])?", re.DOTALL)

"""Group records by folder and shape: files whose paths and keys are alike become one kind."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from release.infer.files.languages import are_languages
from release.infer.files.readings import Reading, is_about_folder

#: Formats of files that hold data alone: several in one folder may have nothing in common.
_DATA = frozenset("yaml json toml csv tsv".split())

#: Formats of files that are rows below a header.
_ROWS = frozenset(("csv", "tsv"))

#: From this share of columns in common on, two files of rows are parts of one table.
_SAME_HEADER = 0.7

#: From this share of keys in common on, two folders hold records of one kind.
_ALIKE = 0.3

#: From this share of keys in common on, the texts of all folders are records of one kind.
_SAME_KEYS = 0.6

#: So many folders beside each other are never compared one by one: their names tell records apart.
_MANY = 12

#: A part of a path that differs from file to file.
SLOT = None

#: Folders at any depth.
DEEP = "**"


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one kind.

    `parts` are those of their paths, the last one without its ending; SLOT is one that differs. A last part
    with a language has it behind `joint`.
    """

    parts: tuple[str | None, ...]
    ending: str
    readings: tuple[Reading, ...]
    joint: str = ""

    def values(self, at: int) -> list[str]:
        """Return the texts of the part at a position, one for each file."""
        found = []
        for each in self.readings:
            parts = split_path(each.path)
            if DEEP in self.parts:
                first = self.parts.index(DEEP)
                parts = [*parts[:first], "/".join(parts[first:-1]), parts[-1]]
            found.append(parts[at])
        return found


def split_path(path: str) -> list[str]:
    """Return the parts of a path, the last one without its ending."""
    return posixpath.splitext(path)[0].split("/")


def group_readings(readings: Sequence[Reading]) -> list[Group]:
    """Group the files that are records into kinds, sorted by path."""
    forms: dict[tuple[int, str, bool, str, str, str], list[Reading]] = defaultdict(list)
    for each in _select_records(readings):
        ending = posixpath.splitext(each.path)[1]
        form = (
            each.path.count("/"),
            ending,
            each.has_several,
            each.delimiter,
            each.above,
            each.encoding,
        )
        forms[form].append(each)
    groups = [
        group
        for (depth, ending, *_), some in sorted(forms.items())
        for group in _split(Group((), ending, tuple(some)), depth)
    ]
    groups = _merge_trees(_merge_depths(_merge_same(groups)))
    return sorted(groups, key=lambda group: group.readings[0].path)


def _merge_depths(groups: Sequence[Group]) -> list[Group]:
    """Merge groups of texts in folders at several depths, below one folder, that have keys in common."""
    trees: dict[tuple[str | None, str], list[Group]] = defaultdict(list)
    merged: list[Group] = []
    for group in groups:
        can_merge = group.readings[0].format == "markdown" and not group.joint
        if can_merge and len(group.parts) > 1 and group.parts[0] is not SLOT:
            trees[group.parts[0], group.ending].append(group)
        else:
            merged.append(group)
    for (folder, ending), tree in trees.items():
        depths = {len(group.parts) for group in tree}
        profiles = [_profile(group.readings) for group in tree]
        alike = all(_are_alike(profiles[0], profile) for profile in profiles)
        if len(depths) == 1 or not alike or _are_all_called_alike(tree):
            merged += tree
            continue
        some = sorted((each for group in tree for each in group.readings), key=lambda r: r.path)
        merged.append(Group((folder, DEEP, SLOT), ending, tuple(some)))
    return merged


def _merge_trees(groups: Sequence[Group]) -> list[Group]:
    """Merge groups of texts in all folders, at several depths, that share their keys: a vault."""
    trees: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        if group.readings[0].format == "markdown":
            trees[group.ending].append(group)
    merged = list(groups)
    for ending, every in trees.items():
        tree = [group for group in every if len(group.parts) > 1]
        below = _profile([each for group in tree for each in group.readings])
        top = [group for group in every if group.parts == (SLOT,)]
        tree += [g for g in top if _are_alike(below, _profile(g.readings), _SAME_KEYS)]
        profiles = [_profile(group.readings) for group in tree]
        if (
            len({len(group.parts) for group in tree}) < 2
            or any(group.joint or group.parts[-1] is not SLOT for group in tree)
            or not all(_are_alike(profiles[0], each, _SAME_KEYS) for each in profiles)
        ):
            continue
        some = sorted((each for group in tree for each in group.readings), key=lambda r: r.path)
        merged = [group for group in merged if group not in tree]
        merged.append(Group((DEEP, SLOT), ending, tuple(some)))
    return merged


def _are_all_called_alike(groups: Sequence[Group]) -> bool:
    """Return True if all files have one name, as in page bundles."""
    return len({name for group in groups for name in group.values(-1)}) == 1


def _select_records(readings: Sequence[Reading]) -> Iterator[Reading]:
    """Yield the files that hold records: a text without front matter is one among others in its folder."""
    beside = Counter(
        posixpath.split(each.path)[0]
        for each in readings
        if each.format == "markdown" and each.parts and not is_about_folder(each.path)
    )
    for each in readings:
        is_note = is_about_folder(each.path) or beside[posixpath.split(each.path)[0]] < 2
        is_section = each.path.rpartition("/")[2].startswith("_index.")
        if each.parts and not (each.is_bare and is_note) and not is_section:
            yield each


def _merge_same(groups: Sequence[Group]) -> list[Group]:
    """Merge the groups whose paths no pattern tells apart."""
    merged: dict[object, Group] = {}
    for group in groups:
        other = merged.get((group.parts, group.ending))
        if other is not None:
            some = sorted((*other.readings, *group.readings), key=lambda each: each.path)
            joint = group.joint if group.joint == other.joint else ""
            group = replace(group, readings=tuple(some), joint=joint)  # noqa: PLW2901
        merged[group.parts, group.ending] = group
    return list(merged.values())


def _split(group: Group, depth: int) -> Iterator[Group]:
    """Split a group at the next part of its paths, and each piece at those that follow."""
    at = len(group.parts)
    if at == depth:
        yield from _split_names(group)
        return
    folders: dict[str, list[Reading]] = defaultdict(list)
    for each, name in zip(group.readings, group.values(at), strict=True):
        folders[name].append(each)
    for names in _cluster(folders):
        # a folder that is a number, such as a year, is one of several to come
        is_fixed = len(names) == 1 and is_literal(names[0]) and not names[0].isdecimal()
        part: str | None = names[0] if is_fixed else SLOT
        some = tuple(each for name in names for each in folders[name])
        yield from _split(replace(group, parts=(*group.parts, part), readings=some), depth)


def is_literal(part: str) -> bool:
    """Return True if a pattern of records may have a part of a path as it is."""
    return part.isprintable() and not set("[]{}*?\\:~") & set(part)


def _split_names(group: Group) -> Iterator[Group]:
    """Split a group by the names of its files, if they hold data that has nothing in common."""
    names = group.values(-1)
    is_alone = len(names) == 1 and len(group.parts) > 0 and group.readings[0].format == "markdown"
    is_alone = is_alone or _are_editions_of_one(group)
    if len(set(names)) == 1 and is_literal(names[0]) and not is_alone:
        yield replace(group, parts=(*group.parts, names[0]))
        return
    form = group.readings[0].format
    if form in _DATA and len(group.readings) <= _MANY:
        files = {each.path: [each] for each in group.readings}
        for paths in _cluster(files, _SAME_HEADER if form in _ROWS else _ALIKE):
            some = tuple(each for path in paths for each in files[path])
            name = split_path(paths[0])[-1]
            last = name if len(paths) == 1 and is_literal(name) else SLOT
            yield replace(group, parts=(*group.parts, last), readings=some)
        return
    joint = next((sign for sign in (".", "_", "-") if _has_languages(names, sign)), "")
    yield replace(group, parts=(*group.parts, SLOT), joint=joint)


def _are_editions_of_one(group: Group) -> bool:
    """Return True if the only part in which the paths differ so far is the language of several editions."""
    slots = [set(group.values(at)) for at, part in enumerate(group.parts) if part is SLOT]
    return len(slots) == 1 and len(slots[0]) > 1 and are_languages(slots[0])


def _has_languages(names: Sequence[str], joint: str) -> bool:
    """Return True if every name ends with a sign and a language, and most names have several."""
    pairs = [name.rpartition(joint) for name in names]
    if not all(start and sign for start, sign, _ in pairs):
        return False
    return are_languages({last for *_, last in pairs}) and are_paired([p[0] for p in pairs])


def are_paired(names: Sequence[str]) -> bool:
    """Return True if at least half of the names stand there more than once."""
    counts = Counter(names)
    return sum(count > 1 for count in counts.values()) * 2 >= len(counts)


def _cluster(sets: Mapping[str, Sequence[Reading]], share: float = _ALIKE) -> list[list[str]]:
    """Put the names of sets of records together whose records have enough keys in common."""
    names = sorted(sets)
    if len(names) > _MANY:
        return [names]
    profiles = {name: _profile(sets[name]) for name in names}
    clusters: list[list[str]] = []
    for name in names:
        near = [
            c for c in clusters if any(_are_alike(profiles[name], profiles[o], share) for o in c)
        ]
        merged = sorted({name, *(other for cluster in near for other in cluster)})
        clusters = [each for each in clusters if each not in near] + [merged]
    return sorted(clusters)


def _profile(readings: Sequence[Reading]) -> dict[str, float]:
    """Return the share of records that have each key."""
    counts = Counter(key for each in readings for key in each.keys)
    return {key: count / len(readings) for key, count in counts.items()}


def _are_alike(one: Mapping[str, float], other: Mapping[str, float], share: float = _ALIKE) -> bool:
    """Return True if two sets of records have enough keys in common, or both have none."""
    keys = {*one, *other}
    shared = sum(min(one.get(key, 0), other.get(key, 0)) for key in keys)
    total = sum(max(one.get(key, 0), other.get(key, 0)) for key in keys)
    return shared >= share * total

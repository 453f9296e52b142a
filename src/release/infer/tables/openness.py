"""Tell mappings with fixed keys, which become columns, from those whose keys are data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from release.infer.files.languages import are_languages
from release.infer.names import plain_name, singular
from release.infer.tables.shapes import Shape, merged

#: From this length on, on average, a text is prose: several of them below different keys say the same sort of
#: thing about different subjects.
_PROSE = 80

#: Lists hold texts of one sort if one in so many of those in the smaller one is in the other, too.
_COMMON = 20

#: From so many mappings on, a key that a few of them lack is one that they share.
_MANY = 4

#: A mapping with fewer keys than this has no open ones.
_FEWEST = 2

#: A mapping with fewer keys than this is never taken for prose by key.
_FEW = 3


@dataclass(frozen=True, slots=True)
class OpenKeys:
    """The keys of a mapping that are data: the shapes below them, the one that they share, and why."""

    shapes: dict[str, Shape]
    shape: Shape
    reason: str


def find_open_keys(shape: Shape, among: int = 0, name: str = "") -> OpenKeys | None:
    """Find the keys of a mapping that are data; None if its keys are the names of columns.

    `among` is how many values might have been such a mapping, `name` is the key at which it stands.
    """
    if "" in shape.keys:
        return None  # an empty key is no part of a key
    if _REQUIRING.search(name) and _are_requirements(list(shape.keys.values())):
        return OpenKeys(dict(shape.keys), merged(shape.keys), "its values are versions required")
    found = _find_numbers(shape) or _find_open_keys(shape, among)
    return found if found is not None and len(found.shape.forms) == 1 else None


def _find_open_keys(shape: Shape, among: int) -> OpenKeys | None:
    filled = {key: each for key, each in shape.keys.items() if each.count}
    forms = {key: each.forms for key, each in filled.items()}
    if len(filled) < _FEWEST:
        return None
    same = {
        form: {key for key in filled if forms[key] == {form}}
        for form in ("mapping", "list", "scalar")
    }
    for form in ("mapping", "list"):
        keys = same[form]
        if len(keys) < 2 or len(keys) * 2 < len(filled):
            continue
        shapes = {key: each for key, each in shape.keys.items() if key in keys or not each.count}
        inner = [filled[key] for key in keys]
        if form == "mapping" and (share_keys(inner) or _are_rare(shape, keys)):
            return OpenKeys(shapes, merged(shapes), "the values of its keys have one shape")
        if form == "list" and len(keys) + len(same["scalar"]) < len(filled):
            continue  # the entries of a mapping would be taken for those of a list
        if form == "list" and (_are_alike_lists(inner) or _has_lists_only(shape)):
            return OpenKeys(shapes, merged(shapes), "the values of its keys are lists of one shape")
    if len(same["scalar"]) < len(filled):
        return None
    if are_languages(filled):
        reason = "its keys are languages"
    elif _are_rare(shape, same["scalar"]):
        reason = "most of its keys stand in few records"
    elif _are_varied(shape, among):
        reason = "its keys vary, and their values look alike"
    elif _are_prose(shape):
        reason = "the values of its keys are texts of one sort"
    else:
        return None
    return OpenKeys(dict(shape.keys), merged(shape.keys), reason)


#: Names of mappings from what is needed to the versions that will do.
_REQUIRING = re.compile(r"depend|requires|engines|(^|[-_])deps$", re.IGNORECASE)

#: A version, or what is asked of one: `1.0`, `^2.1`, `>=3 <4`, `*`.
_REQUIREMENT = re.compile(r"[\^~<>=!]+ ?v?[0-9].*|v?[0-9]+(\.[0-9a-z*+-]+)*|\*|latest")


def _are_requirements(shapes: list[Shape]) -> bool:
    """Return True if values are versions, or mappings in which more is said."""
    texts = [text for shape in shapes for text in shape.scalars.texts or ()]
    return (
        all(shape.forms <= {"scalar", "mapping"} for shape in shapes)
        and any(shape.scalars.count for shape in shapes)
        and all(map(_REQUIREMENT.fullmatch, texts))
    )


def _find_numbers(shape: Shape) -> OpenKeys | None:
    """Find keys with numbers that are data, such as 2019 and 2020, or v1 and v2.

    Words with numbers are also names of columns, as in `line1` and `line2`, where they have single values.
    """
    forms = [each.forms for each in shape.keys.values() if each.count]
    if len(forms) < _FEWEST or len({*forms}) > 1:
        return None
    looks = {_look(key) for key in shape.keys}
    if all(map(_NUMBER.fullmatch, shape.keys)):
        reason = "its keys are numbers"
    elif len(looks) == 1 and "0" in looks.pop() and forms[0] != {"scalar"}:
        reason = "its keys differ in numbers only"
    else:
        return None
    return OpenKeys(dict(shape.keys), merged(shape.keys), reason)


def are_years(keys: Iterable[str]) -> bool:
    """Return True if all keys of a mapping are years."""
    return all(map(_YEAR.fullmatch, keys))


def name_key(name: str, keys: Collection[str]) -> str:
    """Name the capture of a mapping's keys: for what the mapping has several of, if its name is a plural."""
    if are_languages(keys):
        return "language"
    if are_years(keys):
        return "year"
    plain = plain_name(name, "key")
    return singular(plain) if singular(plain) != plain else "key"


_YEAR = re.compile(r"(1[5-9]|20)[0-9]{2}")

#: A number, date or version.
_NUMBER = re.compile(r"v?[0-9]+([-./:][0-9]+)*")


def share_keys(shapes: list[Shape]) -> bool:
    """Return True if mappings have the same keys for the most part, and more than one."""
    counts = Counter(key for shape in shapes for key in shape.keys)
    if len(shapes) < _MANY:
        common = sum(count == len(shapes) for count in counts.values())
        return common > 0 and common * 2 >= len(counts)
    common = sum(count for count in counts.values() if count * 5 >= len(shapes) * 3)
    return common * 2 >= counts.total() > 0


def _are_alike_lists(shapes: list[Shape]) -> bool:
    """Return True if lists hold mappings with the same keys, or texts of which some are the same."""
    items = [shape.item for shape in shapes if shape.item is not None and shape.item.count]
    forms = {form for item in items for form in item.forms}
    if forms == {"mapping"}:
        return share_keys(items)
    texts = [set(item.scalars.texts or ()) for item in items]
    return forms == {"scalar"} and all(
        any(
            len(one & other) * _COMMON >= min(len(one), len(other)) > 0
            for other in texts
            if other is not one
        )
        for one in texts
    )


def _has_lists_only(shape: Shape) -> bool:
    """Return True if below each key there is a list of texts, or nothing that is no list."""
    return all(
        each.forms <= {"list"}
        and not each.scalars.missing
        and (each.item is None or each.item.forms <= {"scalar"})
        for each in shape.keys.values()
    )


def _are_rare(shape: Shape, keys: set[str]) -> bool:
    """Return True if there are many keys, each in few of the mappings."""
    if len(keys) < 6 or shape.mappings < 2:
        return False
    present = sum(shape.keys[key].total for key in keys)
    return present <= 0.25 * len(keys) * shape.mappings


def _are_varied(shape: Shape, among: int) -> bool:
    """Return True if there are three keys or more, most of them absent, whose texts look alike: ^1.0, ^2.1.

    Only a look with digits and other signs tells: names and sentences look alike everywhere.
    """
    keys = [each for each in shape.keys.values() if each.count]
    places = max(among, shape.mappings + shape.empty_mappings)
    present = sum(each.count for each in keys)
    if len(keys) < _FEW or shape.mappings < 2 or present * 2 > len(keys) * places:
        return False
    if any(each.scalars.classes.keys() != {"text"} or not each.scalars.texts for each in keys):
        return False
    looks = [{_look(text) for text in each.scalars.texts or ()} for each in keys]
    counts = Counter(look for some in looks for look in some)
    shared = {look for look, count in counts.items() if count > 1 and _TELLING.search(look)}
    return sum(bool(some & shared) for some in looks) * 5 >= len(keys) * 4


def _look(text: str) -> str:
    """Return a text with its digits and letters made one."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text))


#: A digit, and another sign that is no letter and no blank.
_TELLING = re.compile(r"0.*[^\w\s]|[^\w\s].*0")


def _are_prose(shape: Shape) -> bool:
    """Return True if most of the texts below each of the common keys are long."""
    common = [each for each in shape.keys.values() if each.total * 4 >= shape.mappings]
    if len(common) < _FEW:
        return False
    return all(
        each.scalars.classes.keys() == {"text"}
        and each.scalars.length >= _PROSE * each.scalars.count
        for each in common
        if each.count
    )

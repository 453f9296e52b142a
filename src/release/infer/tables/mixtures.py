"""Decide what becomes of values that have several forms or types at one place."""

from __future__ import annotations

import re
from collections import Counter

from release.infer.tables.shapes import Shape

#: Names of lists of numbers whose positions have a meaning each.
_POINT = re.compile(
    r"coord|geo|lat|lon|point|position|location|bbox|extent|range|size", re.IGNORECASE
)

#: Names of lists that are often written as one text.
_TAGS = re.compile(r"(tag|keyword|categor|topic|label|alias|author|subject)", re.IGNORECASE)

#: What a geometry of GeoJSON may be.
_GEOMETRIES = frozenset(
    "Point MultiPoint LineString MultiLineString Polygon MultiPolygon GeometryCollection".split()
)

#: The most numbers that a point has.
_MOST = 4

#: A text longer than this on average is no list of words.
_LONGEST = 60


def is_point(key: str, shape: Shape) -> bool:
    """Return True if all values are lists of numbers of one length, under a name for points."""
    item = shape.item
    if shape.forms != {"list"} or item is None or shape.empty_lists or not _POINT.search(key):
        return False
    if not 1 < shape.shortest == shape.longest <= _MOST:
        return False
    return item.forms == {"scalar"} and set(item.scalars.classes) <= {
        "integer",
        "number",
        "decimal",
    }


def is_geometry(key: str, shape: Shape) -> bool:
    """Return True if values are geometries of GeoJSON, some of which are no points: lists of any depth."""
    if key != "geometry" or shape.forms != {"mapping"} or "type" not in shape.keys:
        return False
    kinds = set(shape.keys["type"].scalars.texts or ())
    return bool(kinds) and kinds <= _GEOMETRIES and kinds != {"Point"}


def may_be_one(shape: Shape) -> bool:
    """Return True if some values are lists, and the others what such a list has as an entry.

    A text may stand for one of the mappings of a list, too: the name of a person.
    """
    item = shape.item
    if item is None or "list" not in shape.forms or len(shape.forms) != 2 or "list" in item.forms:
        return False
    others = shape.forms - {"list"}
    return others <= item.forms or (others == {"scalar"} and _are_texts(shape))


def _are_texts(shape: Shape) -> bool:
    """Return True if no scalar is a number or boolean."""
    return set(shape.scalars.classes) <= {"text"}


def find_separator(shape: Shape) -> str:
    """Return the sign between the entries of texts that stand in the place of lists, if there is one."""
    texts = shape.scalars.texts
    several = [text for text in texts or () if "," in text]
    if not several or shape.scalars.length > _LONGEST * shape.scalars.count:
        return ""
    known = set((shape.item and shape.item.scalars.texts) or ()) | {*(texts or ())}
    parts = {part.strip() for text in several for part in text.split(",")}
    return "," if parts & known else ""


def join_one_and_many(shape: Shape, separator: str) -> Shape:
    """Return the shape of the entries of lists, and of values that stand in the place of one."""
    whole = Shape()
    if shape.item is not None:
        whole.merge(shape.item)
    for text, count in (shape.scalars.texts or {}).items() if separator else ():
        for part in text.split(separator):
            for _ in range(count):
                whole.add(part.strip())
    if not separator:
        whole.scalars.merge(shape.scalars)
    whole.mappings += shape.mappings
    for key, each in shape.keys.items():
        whole.keys.setdefault(key, Shape()).merge(each)
    return whole


def without_booleans(classes: Counter[str]) -> Counter[str] | None:
    """Return the classes of values but for booleans; None if there are none, or the rest are texts."""
    if "boolean" not in classes:
        return None
    rest = Counter({each: n for each, n in classes.items() if not each.endswith("boolean")})
    found = set(rest)
    is_one = found == {"date"} or (found and found <= {"integer", "number"})
    return rest if is_one else None

"""Mappings and lists as canonical JSON: objects, arrays, lists, points and shapes on the Earth."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from release.syntax.types import numbers, times
from release.syntax.types.value_type import ValueType, of

#: The most levels that a value in JSON may nest, as in a record.
_MAX_DEPTH = 64


def write_json(value: Any) -> str:
    """Return a value as canonical JSON: keys sorted by code point, no blanks, each number in one way."""
    if isinstance(value, dict):
        pairs = (f"{_quote(key)}:{write_json(value[key])}" for key in sorted(value))
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(write_json, value))}]"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, Decimal):
        number = float(value)
        return repr(number) if Decimal(repr(number)) == value else str(value).lower()
    if isinstance(value, float):
        return repr(value)
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: It is not well-formed, has a key twice, nests too deep or has half of a surrogate pair.
    """
    try:
        text.encode()
        value = json.loads(
            text,
            object_pairs_hook=_make_mapping,
            parse_float=_read_number,
            parse_constant=_refuse_constant,
        )
        write_json(value).encode()
    except RecursionError as error:
        raise ValueError("nests too deep") from error
    if _depth(value) > _MAX_DEPTH:
        raise ValueError("nests too deep")
    return value


def _make_mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("has a key twice")
    return found


def _read_number(text: str) -> float | Decimal:
    """Return a number of 64 bits if it has all digits of a text, else an exact one."""
    number, exact = float(text), Decimal(text)
    return number if math.isfinite(number) and Decimal(repr(number)) == exact else exact


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"has {text}, which is no number of JSON")


def _depth(value: Any) -> int:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, below), default=0) if isinstance(value, dict | list) else 0


def convert(value: dict[str, Any] | list[Any], kind: ValueType) -> str | None:
    """Return a mapping or list of a record as the text that a release has of it; None if it does not fit."""
    return _CONVERTERS[kind.name](value, kind)


def parse(text: str, kind: ValueType) -> str | None:
    """Return a text as a release has it; None if it does not fit: JSON, or what the type has besides."""
    if kind.name == "any":
        return text
    if kind.name == "list":
        return _parse_list(text, kind)
    if kind.name == "geopoint" and kind.notation.format == "default":
        return _write_point(*text.split(",")) if text.count(",") == 1 else None
    try:
        value = read_json(text)
    except (ValueError, ArithmeticError):
        return None
    return convert(value, kind) if isinstance(value, dict | list) else None


def _convert_object(value: Any, _: ValueType) -> str | None:
    return write_json(value) if isinstance(value, dict) else None


def _convert_array(value: Any, _: ValueType) -> str | None:
    return write_json(value) if isinstance(value, list) else None


def _convert_list(value: Any, kind: ValueType) -> str | None:
    """Return a list of values that are not lists themselves, each of the type of the list's items."""
    if not isinstance(value, list):
        return None
    items = []
    for each in value:
        if isinstance(each, dict | list):
            return None
        text = each if isinstance(each, str) else write_json(each)
        item = None if each is None else _parse_item(text, kind)
        if item is None and each is not None:
            return None
        items.append(item)
    return write_json(items)


def _parse_list(text: str, kind: ValueType) -> str | None:
    items = [_parse_item(part.strip(), kind) for part in text.split(kind.notation.delimiter)]
    return write_json(items) if None not in items else None


_ITEMS: Mapping[str, Callable[[str, ValueType], Any]] = {
    "integer": numbers.parse_integer,
    "number": numbers.parse_number,
    "boolean": numbers.parse_boolean,
    "datetime": times.parse_datetime,
    "date": times.parse_date,
    "time": times.parse_time,
}


def _parse_item(text: str, kind: ValueType) -> Any:
    """Return an item of a list as JSON has it; None if it does not fit."""
    if not text or kind.item == "string":
        return text or None
    item = _ITEMS[kind.item](text, of(kind.item))
    if isinstance(item, datetime | date | time):
        return item.isoformat().replace("+00:00", "Z")
    return item


#: A number of degrees.
_DEGREES = re.compile(r"[-+]?(?:[0-9]{1,3}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")


def _convert_point(value: Any, _: ValueType) -> str | None:
    """Return a longitude and latitude, of a list of two or a mapping with `lon` and `lat`."""
    if isinstance(value, dict):
        value = [value["lon"], value["lat"]] if value.keys() == {"lon", "lat"} else []
    if len(value) != 2 or any(
        isinstance(each, dict | list | bool) or each is None for each in value
    ):
        return None
    return _write_point(*(each if isinstance(each, str) else str(each) for each in value))


def _write_point(longitude: str, latitude: str) -> str | None:
    degrees = []
    for text, most in ((longitude.strip(), 180), (latitude.strip(), 90)):
        if _DEGREES.fullmatch(text) is None or abs(number := Decimal(text)) > most:
            return None
        plain = format(number.copy_sign(Decimal(text)), "f")
        if "." in plain:
            plain = plain.rstrip("0").rstrip(".")
        degrees.append("0" if plain in ("-0", "") else plain)
    return ", ".join(degrees)


def _convert_shape(value: Any, kind: ValueType) -> str | None:
    if not isinstance(value, dict):
        return None
    is_right = _is_topology(value) if kind.content == "topojson" else _is_geojson(value)
    return write_json(value) if is_right else None


#: How deep the positions of each geometry of RFC 7946 are nested, and the fewest on each level.
GEOMETRIES = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


def _is_geojson(value: dict[str, Any]) -> bool:
    """Return whether a mapping is a geometry, a feature or a collection of RFC 7946."""
    box = value.get("bbox", [0, 0, 0, 0])
    if not isinstance(box, list) or len(box) not in (4, 6) or not _are_numbers(box):
        return False
    kind = value.get("type")
    if kind == "FeatureCollection":
        features = value.get("features")
        return isinstance(features, list) and all(
            isinstance(each, dict) and each.get("type") == "Feature" and _is_geojson(each)
            for each in features
        )
    if kind == "Feature":
        geometry, properties = value.get("geometry", ""), value.get("properties", "")
        return (geometry is None or _is_geometry(geometry)) and (
            properties is None or isinstance(properties, dict)
        )
    return _is_geometry(value)


def _is_geometry(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if value.get("type") == "GeometryCollection":
        geometries = value.get("geometries")
        return isinstance(geometries, list) and all(map(_is_geometry, geometries))
    kind = value.get("type")
    depth = GEOMETRIES.get(kind) if isinstance(kind, str) else None
    if depth is None:
        return False
    lines = list(_lines(value.get("coordinates"), depth))
    if kind in ("Polygon", "MultiPolygon"):
        return all(line is not None and len(line) > 3 and line[0] == line[-1] for line in lines)
    fewest = 2 if kind in ("LineString", "MultiLineString") else 0
    return all(line is not None and len(line) >= fewest for line in lines)


def _lines(value: Any, depth: int) -> Iterator[list[Any] | None]:
    """Yield the lists of positions in coordinates; None for what is no list of positions."""
    if depth == 0:
        yield [value] if _is_position(value) else None
    elif not isinstance(value, list):
        yield None
    elif depth == 1:
        yield value if all(map(_is_position, value)) else None
    else:
        for each in value:
            yield from _lines(each, depth - 1)


def _is_position(value: Any) -> bool:
    return isinstance(value, list) and len(value) in (2, 3) and _are_numbers(value)


def _are_numbers(values: list[Any]) -> bool:
    return all(isinstance(n, int | float | Decimal) and not isinstance(n, bool) for n in values)


def _is_topology(value: dict[str, Any]) -> bool:
    """Return whether a mapping is a topology of TopoJSON."""
    return (
        value.get("type") == "Topology"
        and isinstance(value.get("objects"), dict)
        and all(isinstance(each, dict) and "type" in each for each in value["objects"].values())
        and isinstance(value.get("arcs"), list)
    )


_CONVERTERS: dict[str, Callable[[Any, ValueType], str | None]] = {
    "object": _convert_object,
    "array": _convert_array,
    "list": _convert_list,
    "geopoint": _convert_point,
    "geojson": _convert_shape,
    "any": lambda value, _: write_json(value),
}

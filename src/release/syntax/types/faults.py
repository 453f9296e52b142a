"""Show a value that does not fit its type, and say why, for messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from release.findings.message import shown
from release.syntax.types import parse, structures
from release.syntax.types.value_type import ValueType

#: Types whose texts may hold any character.
_OF_ANY_TEXT = ("string", "any", "object", "array", "list", "geojson", "boolean")

#: A date or time of the form that XML Schema has, whatever its digits, and the hour 24 or second 60 of one.
_SHAPE = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})?T?(?P<time>[0-9]{2}(?::[0-9]{2}){2})?(?P<rest>.*)"
)
_ZONE = re.compile(r"(?:\.[0-9]+)?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?")


def show_misfit(value: Any, kind: ValueType) -> str:
    """Return a value that does not fit as a message shows it: a list or mapping as JSON, other signs by name.

    `−5` looks like `-5`, so it is shown as `'−5' (U+2212)`.
    """
    if isinstance(value, dict | list):
        if not kind.facts.is_json:
            return shown(value)
        text = structures.write_json(value)
        return text if len(text) <= 60 else f"{text[:59]}…"
    if not isinstance(value, str) or (kind.name in _OF_ANY_TEXT and not kind.content):
        return shown(value)
    others = {
        sign: f"U+{ord(sign):04X}" for sign in value[:60] if sign > "~" and sign.isprintable()
    }
    points = " ".join([*others.values()][:3])
    return f"{shown(value)} ({points})" if 0 < len(others) <= 3 else shown(value)


def explain_misfit(value: Any, kind: ValueType) -> str:
    """Return why a value does not fit its type, where that is not plain to see; empty where it is."""
    if (
        isinstance(value, str)
        and value != value.strip()
        and parse.parse(value.strip(), kind) is not None
    ):
        return "blanks stand at its ends"
    explain = _REASONS.get(kind.name)
    return explain(value, kind) if explain is not None else ""


def _explain_time(value: Any, kind: ValueType) -> str:
    """Explain a date or time: it is none of the calendar, has a zone too many or few, or has another form."""
    text = str(value) if kind.name == "date" and isinstance(value, int) else value
    if not isinstance(text, str) or kind.notation.format not in ("default", "any"):
        return ""
    for form in _loose(kind):
        if (found := parse.parse(text, form)) is None:
            continue
        if form.zone != kind.zone:
            return "it has no zone" if kind.zone else "it has a zone"
        written = found.isoformat().replace("+00:00", "Z")
        return f"write {written} (in datapackage.yaml: `format: any` reads such {kind.name}s)"
    match = _SHAPE.fullmatch(text)
    is_day, is_time = (match["day"], match["time"]) if match is not None else (None, None)
    if match is None or _ZONE.fullmatch(match["rest"]) is None:
        return ""
    if (kind.name != "time") != bool(is_day) or (kind.name != "date") != bool(is_time):
        return ""
    if re.search(r"\.[0-9]{6}[0-9]*[1-9]", text):
        return "a time has microseconds and nothing finer"
    return "there is no such day" if kind.name == "date" else "there is no such time"


@cache
def _loose(kind: ValueType) -> tuple[ValueType, ValueType]:
    """Return a type of times with the format `any`, first with its zone or without it, then the reverse."""
    loose = replace(kind, notation=replace(kind.notation, format="any"))
    return loose, replace(loose, zone=not kind.zone)


def _explain_point(value: Any, kind: ValueType) -> str:
    if kind.notation.format != "default":
        return ""
    if isinstance(value, dict) and value.keys() != {"lon", "lat"}:
        return "the keys of a mapping are `lon` and `lat`"
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) != 2:
        return ""
    is_swapped = parse.parse(",".join(str(each) for each in reversed(parts)), kind) is not None
    return (
        "the longitude, of 180 degrees at most, comes first; a latitude has 90"
        if is_swapped
        else ""
    )


def _explain_list(value: Any, kind: ValueType) -> str:
    """Name the first item that does not fit."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(kind.notation.delimiter)]
    if not isinstance(value, list):
        return ""
    for at, item in enumerate(value):
        if isinstance(item, dict | list):
            return f"its item {at} is {show_misfit(item, kind)}, which a list cannot hold"
        if item == "":
            return f"its item {at} is empty"
        if item is not None and structures.convert([item], kind) is None:
            return f"its item {at} is {shown(item)}"
    return ""


def _explain_shape(value: Any, _: ValueType) -> str:
    if not isinstance(value, dict):
        return ""
    known = ("Feature", "FeatureCollection", "GeometryCollection", *structures.GEOMETRIES)
    if (name := value.get("type")) not in known:
        return f"its type is {shown(name)}, expected one of {', '.join(known)}"
    return ""


def _explain_text(value: Any, kind: ValueType) -> str:
    if kind.content != "uri" or not isinstance(value, str):
        return ""
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", value) is None:
        return "it has no scheme such as https:"
    return (
        ""
        if value.isascii()
        else "a URI is of ASCII, and other signs are written as % and two digits"
    )


_REASONS: Mapping[str, Callable[[Any, ValueType], str]] = {
    **dict.fromkeys(("date", "datetime", "time"), _explain_time),
    "geopoint": _explain_point,
    "geojson": _explain_shape,
    "list": _explain_list,
    "string": _explain_text,
}

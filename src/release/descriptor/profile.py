"""Check the properties that a release passes on against the profiles of Data Package v2.

It is stricter than https://datapackage.org/profiles/2.0/ in two points: it refuses empty properties and
unknown ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from release.descriptor.properties import Properties, describe
from release.descriptor.vocabulary import PROPERTIES, WRITTEN_BY_BUILD

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_SAFE_PATH = r"(?=[^./~])(?!file:)((?!/\.\./)(?!\\)(?!://).)*|(http|ftp)s?://.*"

#: A function that reads the property of a mapping that a key names, and notes its problems.
_Shape = Callable[[Properties, str], None]


@dataclass(frozen=True, slots=True)
class _Member:
    """The shape of the mappings in a list: their properties, and which are required.

    At least one of `one_of` is required, and each of `needed`, which gives the reasons by property.
    """

    shapes: Mapping[str, _Shape]
    one_of: tuple[str, ...] = ()
    needed: Mapping[str, str] | None = None


def _read_text(properties: Properties, key: str) -> None:
    properties.read_text(key)


def _make_text_shape(pattern: str, expected: str) -> _Shape:
    regex = re.compile(pattern)

    def shape(properties: Properties, key: str) -> None:
        properties.read_text(key, expected, regex)

    return shape


def _read_flag(properties: Properties, key: str) -> None:
    if not isinstance(properties.value[key], bool):
        properties.note_unexpected(key, "true or false")


def _read_texts(properties: Properties, key: str) -> None:
    items = properties.read_list(key, "a list of texts")
    if not items and isinstance(properties.value[key], list):
        properties.note_unexpected(key, "a list of texts")
    for at, item in enumerate(items):
        if not isinstance(item, str) or not item.strip():
            properties.note(f"is {describe(item)}, expected text", key, at)


def _read_members(member: _Member, properties: Properties, key: str) -> None:
    members = properties.read_mappings(key, "a list of mappings")
    if properties.value[key] == []:
        properties.note_unexpected(key, "a list of mappings")
    for one in members:
        one.note_unknown(*member.shapes)
        _check_shapes(one, member.shapes)
        if member.one_of and not any(name in one for name in member.one_of):
            names = " or ".join(f"`{name}`" for name in member.one_of)
            one.note(f"has no {names}, expected one of them")
        for name, why in (member.needed or {}).items():
            if name not in one:
                one.note(f"is missing, expected text: {why}", name)


_PATH = _make_text_shape(_SAFE_PATH, "a URL, or a path below the folder")
_URL = _make_text_shape(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", "a URL")
_EMAIL = _make_text_shape(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}", "an e-mail address")
_LICENCE_NAME = _make_text_shape(r"[-a-zA-Z0-9._]+", "a licence's name such as 'CC-BY-4.0'")

_SOURCES = partial(
    _read_members,
    _Member(
        {"title": _read_text, "path": _PATH, "email": _EMAIL, "version": _read_text},
        needed={"title": "README.md lists the sources by it"},
    ),
)
_LICENSES = partial(
    _read_members,
    _Member({"name": _LICENCE_NAME, "path": _PATH, "title": _read_text}, one_of=("name", "path")),
)
_CONTRIBUTORS = partial(
    _read_members,
    _Member(
        {
            "title": _read_text,
            "path": _PATH,
            "email": _EMAIL,
            "givenName": _read_text,
            "familyName": _read_text,
            "organization": _read_text,
            "roles": _read_texts,
        },
        one_of=("title", "givenName", "familyName", "organization"),
    ),
)

_PACKAGE: Mapping[str, _Shape] = {
    "$schema": _make_text_shape(re.escape(PROFILE), f"'{PROFILE}', or no $schema"),
    "id": _read_text,
    "title": _read_text,
    "description": _read_text,
    "homepage": _URL,
    "keywords": _read_texts,
    "image": _read_text,
    "licenses": _LICENSES,
    "sources": _SOURCES,
    "contributors": _CONTRIBUTORS,
}
_RESOURCE: Mapping[str, _Shape] = {
    "title": _read_text,
    "description": _read_text,
    "homepage": _URL,
    "sources": _SOURCES,
    "licenses": _LICENSES,
}
_FIELD: Mapping[str, _Shape] = {
    "title": _read_text,
    "description": _read_text,
    "rdfType": _read_text,
    "categoriesOrdered": _read_flag,
}


#: The properties of Data Package v2 at each level of a descriptor, and their shapes.
SHAPES = {"package": _PACKAGE, "resource": _RESOURCE, "field": _FIELD}


def read(properties: Properties, level: str) -> None:
    """Note the properties that are unknown at this level, or break the profile."""
    written: list[str] = []
    if level == "resource":
        own = () if "rows" in properties else ("dialect", "encoding")
        written = [key for key in properties.value if key in WRITTEN_BY_BUILD and key not in own]
    for key in written:
        what = "is written by the build; leave it out"
        if key == "data":
            what = "is not supported in a descriptor; put the rows into a CSV file, and name it by `path`"
        properties.note(what, key, at_key=True)
    properties.note_unknown(*PROPERTIES[level], *written)
    _check_shapes(properties, SHAPES[level])


def _check_shapes(properties: Properties, shapes: Mapping[str, _Shape]) -> None:
    for key, shape in shapes.items():
        if key in properties:
            shape(properties, key)

"""Explain the words of other tools and of other versions of the standard by those that a descriptor has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from release.descriptor.vocabulary import PROPERTIES

#: By level: what others call a property that has another name here.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "package": {
        **dict.fromkeys(("author", "authors", "creator", "maintainers"), "contributors"),
        "tags": "keywords",
        "doi": "id",
        "date": "created",
        "tables": "resources",
    },
    "page": {
        **dict.fromkeys(("main", "subject", "primary"), "entity"),
        **dict.fromkeys(("name", "label"), "title"),
        **dict.fromkeys(("languages", "editions"), "language"),
        "tables": "order",
        **dict.fromkeys(("hidden", "exclude"), "hide"),
        "charts": "pictures",
    },
    "contributors": {"name": "title", "affiliation": "organization", "orcid": "path"},
    "kind": {
        **dict.fromkeys(("file", "files", "glob", "include", "pattern"), "path"),
        "type": "format",
        "filter": "where",
        "skip": "exclude",
        "omit": "ignore",
        **dict.fromkeys(("optional", "allowEmpty"), "mayBeEmpty"),
    },
    "resource": {"file": "path", "from": "rows", "label": "title"},
    "dialect": {
        **dict.fromkeys(("separator", "sep"), "delimiter"),
        "quote": "quoteChar",
        "escape": "escapeChar",
        "comment": "commentChar",
        "null": "nullSequence",
        "skipRows": "headerRows",
    },
    "field": {
        "label": "title",
        "comment": "description",
        "note": "description",
        "unit": "description",
        **dict.fromkeys(("path", "source", "key"), "from"),
        "codelist": "codes",
        "na": "missingValues",
        "nullValues": "missingValues",
    },
    "constraints": {
        **dict.fromkeys(("regex", "regexp", "match"), "pattern"),
        **dict.fromkeys(("allowed", "choices", "oneOf", "options", "values"), "enum"),
        **dict.fromkeys(("notNull", "not_null", "nullable"), "required"),
    },
}

#: By level: other levels, and where their properties stand, seen from here.
_NEIGHBOURS: Mapping[str, Mapping[str, str]] = {
    "package": {"resource": "in a table of `resources`", "page": "in `page`"},
    "kind": {"resource": "in a table of `resources`"},
    "resource": {"schema": "in `schema`, not beside it"},
    "schema": {"resource": "beside `schema`, not in it"},
    "field": {
        "constraints": "in `constraints`, not beside it",
        "schema": "beside `fields`, not in one of them",
    },
    "constraints": {"field": "beside `constraints`, not in it"},
}

#: By level: what is not supported, and why.
_NOT_SUPPORTED: Mapping[str, Mapping[str, str]] = {
    "package": dict.fromkeys(
        ("views", "dataDependencies"), "is of Data Package v1 and not supported; leave it out"
    ),
    "resource": dict.fromkeys(
        ("scheme", "control", "layout", "innerpath", "compression", "extrapaths"),
        "is of frictionless and not of the standard; leave it out: a curated table is one CSV",
    ),
    "field": {
        "default": "is not supported, as no value is made up: a missing one stays missing",
        **dict.fromkeys(
            ("hide", "hidden"),
            "is no property of a field; `hide` in `page` leaves columns out where a row is shown",
        ),
        "nullable": "is an unknown property; a value may be missing, unless `constraints` has `required`",
    },
    "dialect": {
        "caseSensitiveHeader": "is of Table Dialect v1 and not supported: upper and lower case differ",
        "csvddfVersion": "is of Table Dialect v1 and not supported; leave it out",
        **dict.fromkeys(
            ("csv", "excel", "json"), "is of frictionless; its properties stand in `dialect` itself"
        ),
    },
}

#: How others call the types, and what is written here.
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("text", "str", "char", "varchar", "character"), "string"),
    **dict.fromkeys(("int", "int32", "int64", "long", "bigint"), "integer"),
    **dict.fromkeys(("float", "float64", "double", "real"), "number"),
    **dict.fromkeys(("decimal", "numeric", "money", "currency"), "number, with `decimal`"),
    "bool": "boolean",
    **dict.fromkeys(("timestamp", "date-time", "instant"), "datetime"),
    "day": "date",
    "month": "yearmonth",
    "gyear": "year",
    "gyearmonth": "yearmonth",
    "year-month": "yearmonth",
    **dict.fromkeys(("interval", "timedelta"), "duration"),
    **dict.fromkeys(("dict", "map", "mapping", "json", "struct"), "object"),
    "point": "geopoint",
    "geometry": "geojson",
    **dict.fromkeys(("enum", "category", "factor"), "string, with `categories` or a codelist"),
    **{word: f"string, with `format: {word}`" for word in ("email", "uri", "uuid", "binary")},
    **dict.fromkeys(("url", "link", "iri"), "string, with `format: uri`"),
}


def explain_property(key: str, key_path: Sequence[str | int], known: Sequence[str]) -> str:
    """Explain a property that a level does not have, by its key path; empty if nothing is known of it."""
    level = _level(key_path)
    if reason := _NOT_SUPPORTED.get(level, {}).get(key):
        return reason
    name = _NAMES.get(level, {}).get(key)
    if name in known:
        return f"is an unknown property, expected `{name}`"
    for other, where in _NEIGHBOURS.get(level, {}).items():
        if key in PROPERTIES[other]:
            return f"stands {where}"
    return ""


def explain_type(name: str) -> str:
    """Return the type that others call so, with what it needs; empty if it is none of theirs."""
    return _TYPES.get(name.lower(), "")


def _level(key_path: Sequence[str | int]) -> str:
    """Return the level of the mapping at a key path, as PROPERTIES calls it."""
    if not key_path:
        return "package"
    if len(key_path) == 2 and key_path[0] == "records":
        return "kind"
    names = [each for each in key_path if isinstance(each, str)]
    last = names[-1] if names else "patch"  # a file of patches is a list
    return {"resources": "resource", "fields": "field"}.get(last, last)

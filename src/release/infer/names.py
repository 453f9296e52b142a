"""Names for kinds, tables, fields and captures, made from those that the author gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from release.system.filenames import portability_problem

#: Plurals whose singular no rule gives.
_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
    "data": "datum",
    "media": "medium",
    "indices": "index",
    "movies": "movie",
    "series": "series",
    "species": "species",
    "news": "news",
    "lenses": "lens",
    "aliases": "alias",
    "biases": "bias",
    "gases": "gas",
}

#: Endings of singulars that look like plurals.
_SINGULAR = re.compile(r"(ss|us|is|ics)$")

_UPPER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def plain_name(text: str, fallback: str = "field") -> str:
    """Return a text as a name: lower-case letters, digits and `_`, a letter first.

    Accents are left off. What has no such letter or digit at all becomes the fallback.
    """
    text = _UPPER.sub("_", text)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not text:
        return fallback
    return text if text[0].isalpha() else f"{fallback}_{text}"


def kind_name(text: str, fallback: str = "records") -> str:
    """Return a text as the name of a kind, which is also that of a table."""
    without_number = re.sub(r"^[^A-Za-z]+(?=[A-Za-z]{3})", "", text)
    return table_name(without_number, fallback)


def table_name(text: str, fallback: str = "table") -> str:
    """Return a text as the name of a table, which no system keeps for a device."""
    name = plain_name(text, fallback)
    return f"{name}_table" if portability_problem(f"{name}.csv") else name


def make_unique(name: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken: with a number behind it if it is."""
    known = {other.casefold() for other in taken}
    if name.casefold() not in known:
        return name
    at = 2
    while f"{name}_{at}".casefold() in known:
        at += 1
    return f"{name}_{at}"


def singular(name: str) -> str:
    """Return the singular of an English noun, or the name itself; of several words, the last one changes."""
    start, joint, word = name.rpartition("_")
    return start + joint + _singular(word)


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if _SINGULAR.search(word) or len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if re.search(r"(ches|shes|sses|xes|zes|[^aoe]uses)$", word):
        return word[:-2]
    return word[:-1]


def plural(name: str) -> str:
    """Return the plural of an English noun; of several words, the last one changes."""
    start, joint, word = name.rpartition("_")
    return start + joint + _plural(word)


def _plural(word: str) -> str:
    for many, one in _IRREGULAR.items():
        if word == one:
            return many
    if word != _singular(word):
        return word
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"

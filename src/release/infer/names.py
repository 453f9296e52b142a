"""Names for kinds, tables, fields and captures, made from those that the author gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from release.descriptor.schema import names
from release.syntax.looks.appearance import fold_case, shape

#: Plurals whose singular no rule gives.
_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
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

#: A name is cut behind so many characters.
_LONGEST = 60

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
    text = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:_LONGEST].strip("_")
    if not text:
        return fallback
    return text if text[0].isalpha() else f"{fallback}_{text}"


def field_name(keys: Sequence[str]) -> str:
    """Return the keys that lead to a value as the name of a field, as the author wrote them if he may."""
    name = "_".join(part for part in map(_mend, keys) if part)[:_LONGEST].rstrip()
    return name if name and not names.find_problem(name) else plain_name(name)


def _mend(key: str) -> str:
    """Return a key without what no name may have."""
    key = unicodedata.normalize("NFC", " ".join(key.split()))
    return key.lstrip("=+-@. ") if key and names.find_problem(key) else key


def kind_name(text: str, fallback: str = "records") -> str:
    """Return a text as the name of a kind, which is also that of a table."""
    without_number = re.sub(r"^[^A-Za-z]+(?=[A-Za-z]{3})", "", text)
    name = plain_name(without_number, fallback)
    return f"{name}_table" if names.find_table_problem(name) else name


def table_name(keys: Sequence[str]) -> str:
    """Return the keys that lead to rows as the name of a table, as their author wrote them if that can be."""
    name = field_name(keys)
    if not names.find_table_problem(name):
        return name
    plain = plain_name(name, "table")
    return f"{plain}_table" if names.find_table_problem(plain) else plain


def make_unique(name: str, taken: Iterable[str]) -> str:
    """Return a name that no other looks like: with a number behind it if one does."""
    known = {fold_case(shape(other)) for other in taken}
    if fold_case(shape(name)) not in known:
        return name
    at = 2
    while fold_case(shape(f"{name}_{at}")) in known:
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

"""The texts that lead to a code, for one field: codes, labels in the record's language, aliases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from release.descriptor.model import Field
from release.records.codelists import Lookup
from release.syntax.types.values import as_text


@dataclass(frozen=True, slots=True)
class CodeText:
    """A text that stands for a code.

    `label` is the code's name in the record's language; `is_foreign` is True of a label in other languages
    only, which is the finding `label-language`.
    """

    text: str
    code: str
    label: str
    is_code: bool
    is_foreign: bool

    def describe(self) -> str:
        """Describe it for a list to choose from; empty if there is no more to say."""
        if self.is_code:
            return self.label if self.label != self.code else ""
        return f"{self.code}: {self.label}" if self.label not in ("", self.text) else self.code


def find_texts(field: Field, lookup: Lookup, language: str) -> list[CodeText]:
    """Find the texts that a field takes in records in a language, in the order of the codelist.

    Texts of codes that break a constraint of the field are left out. Without a language no label is foreign.
    """
    found = []
    for text, code in lookup.codes.items():
        languages = lookup.languages.get(text)
        if not text or not fits_constraints(code, field):
            continue
        is_foreign = languages is not None and bool(language) and language not in languages
        label = find_label(lookup, code, language)
        found.append(CodeText(text, code, label, text == code, is_foreign))
    return found


def find_label(lookup: Lookup, code: str, language: str) -> str:
    """Return the label of a code in a language, else in the first that it has one in; empty without any."""
    if (own := lookup.labels.get((code, language))) is not None:
        return own
    return next((label for (each, _), label in lookup.labels.items() if each == code), "")


def fits_constraints(code: str, field: Field) -> bool:
    """Return whether a code keeps the constraints of a field, which are about codes and not their labels."""
    limits: Mapping[str, object] = field.constraints
    listed = [as_text(each) for each in (*limits.get("enum", ()), *field.categories)]  # type: ignore[misc]
    if listed and code not in listed:
        return False
    if (pattern := limits.get("pattern")) is not None and not re.fullmatch(
        str(pattern), code, re.ASCII
    ):
        return False
    shortest, longest = limits.get("minLength", 0), limits.get("maxLength", len(code))
    return shortest <= len(code) <= longest  # type: ignore[operator]


def languages_of(lookup: Lookup) -> Iterator[str]:
    """Yield the languages of the labels of a codelist, each once, in its order."""
    yield from dict.fromkeys(language for _, language in lookup.labels)

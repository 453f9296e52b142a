"""A type with the properties of a field that decide what a text means, and what a column holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from release.findings.message import list_choices
from release.syntax.types.registry import FORMS, FieldType, TypeFacts

#: The texts that are true, and those that are false, unless a field says otherwise.
TRUE, FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")

#: The most digits of a decimal number, and the most of one that DuckDB has.
MOST_DIGITS, SHORT_DIGITS = 76, 38


@dataclass(frozen=True, slots=True)
class Decimals:
    """The digits of an exact decimal number: all that it may have, and those behind its point."""

    precision: int
    scale: int

    @classmethod
    def of(cls, precision: object, scale: object) -> Decimals | None:
        """Return the digits, or None if a column cannot have them."""
        if type(precision) is not int or type(scale) is not int:
            return None
        return (
            cls(precision, scale) if 0 <= scale <= precision <= MOST_DIGITS and precision else None
        )


@dataclass(frozen=True, slots=True)
class Notation:
    """The notation of a field's texts where they are read; a release has the plain one.

    Attributes:
        format: The format of Table Schema: `default`, `any`, a pattern of strptime, or that of a point.
        missing: Texts that mean that there is no value, as empty text always does.
        true: Texts that are true.
        false: Texts that are false.
        decimal_char: Stands before the fraction of a number.
        group_char: Stands between groups of digits; empty if there are none.
        bare: False if other text may stand before and after a number.
        delimiter: Stands between the items of a list in a text.
    """

    format: str = "default"
    missing: frozenset[str] = frozenset()
    true: tuple[str, ...] = TRUE
    false: tuple[str, ...] = FALSE
    decimal_char: str = "."
    group_char: str = ""
    bare: bool = True
    delimiter: str = ","

    @property
    def is_plain(self) -> bool:
        """True if values are written as a release writes them, but for those that are missing."""
        return replace(self, missing=PLAIN.missing) == PLAIN

    @property
    def is_plain_number(self) -> bool:
        """True if a number is written as a release writes it."""
        return self.decimal_char == "." and not self.group_char and self.bare


PLAIN = Notation()


@dataclass(frozen=True, slots=True)
class ValueType:
    """The type of a field's values.

    Attributes:
        name: The type of Table Schema.
        content: What the texts of a string are: `email`, `uri`, `uuid`, `binary`, or empty; `topojson` of a
            geojson.
        decimals: The digits of a number that is exact; None for one of 64 bits.
        zone: True if a datetime or time has a zone, and is kept in UTC.
        item: The type of a list's items.
        notation: How texts are read.
    """

    name: FieldType
    content: str = ""
    decimals: Decimals | None = None
    zone: bool = False
    item: FieldType = "string"
    notation: Notation = field(default=PLAIN)

    @property
    def form(self) -> str:
        """The name of its form in FORMS."""
        if self.decimals is not None:
            is_long = self.decimals.precision > SHORT_DIGITS
            return "number long decimal" if is_long else "number decimal"
        if self.name == "datetime":
            return "datetime" if self.zone else "datetime local"
        if self.name == "time":
            return "time utc" if self.zone else "time"
        return f"string {self.content}" if self.name == "string" and self.content else self.name

    @property
    def facts(self) -> TypeFacts:
        """The facts of its form."""
        return FORMS[self.form]

    @property
    def words(self) -> str:
        """A value of it in messages, as it is written where it is read."""
        notation, words = self.notation, self.facts.words
        if self.name == "boolean" and (notation.true, notation.false) != (TRUE, FALSE):
            return list_choices((*notation.true, *notation.false))
        if self.name == "list" and self.item != "string":
            return f"a list of {self.item}s"
        if "%" in notation.format:
            return f"a {self.name} as {notation.format} writes it"
        if self.name in ("number", "integer") and not notation.is_plain_number:
            beside = "" if notation.bare else ", also with other text beside it"
            part = f"{notation.decimal_char}5" if self.name == "number" else ""
            return f"{words} such as 1{notation.group_char}234{part}{beside}"
        return words

    @property
    def arrow(self) -> str:
        """Its type in Arrow, as Arrow prints it."""
        return self._with_digits(self.facts.arrow)

    @property
    def sql(self) -> str:
        """Its type in the queries of checks."""
        return self._with_digits(self.facts.sql)

    @property
    def order(self) -> str:
        """The type in DuckDB by which its texts in CSV are sorted; empty if they sort as texts."""
        return self._with_digits(self.facts.order)

    @property
    def plain(self) -> ValueType:
        """The type as a release has it."""
        return self if self.notation is PLAIN else replace(self, notation=PLAIN)

    def _with_digits(self, text: str) -> str:
        if self.decimals is None:
            return text
        return text.format(f"{self.decimals.precision}, {self.decimals.scale}")


@cache
def of(name: FieldType) -> ValueType:
    """Return a type without properties of a field."""
    return ValueType(name, zone=name == "datetime")


def of_release(name: FieldType, properties: Mapping[str, Any]) -> ValueType:
    """Return the type of a field of a release by its properties there; what is not sound is left out."""
    found, content = of(name), properties.get("format")
    if name in ("string", "geojson") and isinstance(content, str) and content != "default":
        found = replace(found, content=content)
    if name == "number" and isinstance(digits := properties.get("decimal"), dict):
        found = replace(found, decimals=Decimals.of(digits.get("precision"), digits.get("scale")))
    if name in ("datetime", "time") and properties.get("zone") in ("utc", "none"):
        found = replace(found, zone=properties["zone"] == "utc")
    return found if found.form in FORMS else of(name)

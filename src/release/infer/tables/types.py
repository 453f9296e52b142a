"""Find the type that all values of a field have, so that nothing of them is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from release.syntax.types.registry import PLAIN_TEXTS, FieldType
from release.syntax.types.values import parse_value

#: Names of fields that hold years, where all numbers have four digits.
_YEARLY = re.compile(r"(^|_|[a-z])([Yy]ears?|since|founded|until)$|^year")

#: Names of fields whose numbers count nothing.
_VERSIONS = re.compile(r"version|release|edition|cycle", re.IGNORECASE)

_FOUR = re.compile(r"[1-9][0-9]{3}")

_BOOLEAN = re.compile(PLAIN_TEXTS["boolean"])

_BY_TYPE: Mapping[str, re.Pattern[str]] = {
    name: re.compile(PLAIN_TEXTS[name]) for name in ("date", "integer")
}


#: Dates with a time and a zone as people write them, which the format `any` reads.
_LOOSE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})"
)
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?")

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,20})\.([0-9]{1,12})")

#: Numbers with a sign before their fraction, perhaps with another between groups of three digits.
_WRITTEN = {
    sign: re.compile(
        rf"-?([1-9][0-9]{{0,2}}(\{group}[0-9]{{3}})+|0|[1-9][0-9]{{0,20}})(\{sign}[0-9]{{1,12}})?"
    )
    for sign, group in ((",", "."), (".", ","))
}

#: A number with the sign or code of a currency, or %, before or behind it.
_CURRENCY = r"([$€£¥₹₽₩₺]|[A-Z]{3}|%)"
_PRICE = re.compile(rf"{_CURRENCY}? ?(-?[0-9][0-9.,]*) ?{_CURRENCY}?")
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,12})?")

#: So many texts are several.
_SEVERAL = 2

#: Texts that people write for true and false.
_YES, _NO = frozenset({"yes", "on"}), frozenset({"no", "off"})


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """The type of a field, and other properties that say how its values are written."""

    type: FieldType
    properties: Mapping[str, Any] = field(default_factory=dict)


def classify(value: Any, text: str) -> str:
    """Return what a value can be, such as `boolean`, `date` or `text`.

    A number in quotes is `quoted integer` or `quoted number`: its author may have meant the text. One that
    would be published in another way, such as 1.50, is `decimal`, whether it has quotes or not; 007 is text.
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer" if -(2**63) <= value < 2**63 else "text"
    if isinstance(value, float):
        return "number"  # the reader keeps the text of what a float would change
    first = text[0]
    if first in "tTfF" and _BOOLEAN.fullmatch(text):
        return "quoted boolean"
    if not (first.isdigit() or first == "-") or len(text) > 40:
        return "text"
    if text.isdecimal() and text.isascii():
        is_plain = (first != "0" or len(text) == 1) and int(text) < 2**63
        return "quoted integer" if is_plain else "text"
    if _BY_TYPE["date"].match(text):
        return "date" if parse_value(text, "date") is not None else "text"
    if _BY_TYPE["integer"].match(text) and str(int(text)) == text:
        return "quoted integer" if int(text) >= -(2**63) else "text"
    if _DECIMAL.fullmatch(text):
        return "quoted number" if text == repr(float(text)) else "decimal"
    return _classify_time(text)


def _classify_time(text: str) -> str:
    """Return what a text with a digit in front can be: a time, with or without a date, or only text."""
    if _LOOSE.fullmatch(text):
        is_plain = parse_value(text, "datetime") is not None
        return "datetime" if is_plain else "loose datetime"
    if _LOCAL.fullmatch(text):
        return "local datetime"
    return "time" if _TIME.fullmatch(text) and parse_value(text, "time") is not None else "text"


def choose_type(
    name: str,
    classes: Counter[str],
    texts: Mapping[str, int] | None,
    *,
    is_text: bool = False,
    has_quotes: Callable[[], bool] = lambda: True,
) -> TypeChoice:
    """Choose the type of a field from the classes of its values.

    If the format `is_text`, as CSV is, quotes say nothing about a number. `has_quotes` is asked whether
    numbers that may have quotes have them.
    """
    found = {each.removeprefix("quoted ") if is_text else each for each in classes}
    if found and found <= {"date", "datetime", "time", "boolean"} and len(found) == 1:
        return TypeChoice(next(each for each in _PLAIN if each in found))
    if found and found <= {"datetime", "loose datetime"}:
        return TypeChoice("datetime", {"format": "any"})
    if found == {"local datetime"}:
        return TypeChoice("datetime", {"zone": "none"})
    if "boolean" in found and found <= {"boolean", "quoted boolean"}:
        return TypeChoice("boolean")
    if found == {"boolean", "text"} and texts is not None:
        return _choose_boolean(texts)
    if found <= {"integer", "quoted integer"} and "integer" in found:
        is_year = _YEARLY.search(name) and _are_years(texts)
        return TypeChoice("year" if is_year else "integer")
    numbers = {"integer", "number", "quoted integer", "quoted number"}
    if found <= numbers and found & {"integer", "number"}:
        return TypeChoice("number")
    if is_text and texts and (written := _choose_written(texts)) is not None:
        return written
    if found == {"text"} and texts and (price := _choose_price(texts)) is not None:
        return price
    if "decimal" in found and _VERSIONS.search(name):
        return TypeChoice("string")  # 1.10 comes behind 1.9
    if "decimal" in found and found <= numbers | {"decimal"} and texts is not None:
        return _choose_decimal(texts, is_text=is_text, has_quotes=has_quotes)
    return TypeChoice("string")


_PLAIN: tuple[FieldType, ...] = ("date", "datetime", "time", "boolean")


def _choose_boolean(texts: Mapping[str, int]) -> TypeChoice:
    """Choose the type of booleans some of which are texts such as `yes`."""
    words = {text for text in texts if text not in ("true", "false")}
    if not words <= _YES | _NO:
        return TypeChoice("string")
    properties = {}
    if words & _YES:
        properties["trueValues"] = ["true", *sorted(words & _YES)]
    if words & _NO:
        properties["falseValues"] = ["false", *sorted(words & _NO)]
    return TypeChoice("boolean", properties)


def _choose_decimal(
    texts: Mapping[str, int], *, is_text: bool, has_quotes: Callable[[], bool]
) -> TypeChoice:
    """Choose the type of numbers that end in zeros: they are exact if they are numbers to their author.

    In CSV they are if all have as many digits behind the point, as prices have; `1.9` and `1.10` are
    versions.
    """
    scales = {len(text.partition(".")[2]) for text in texts}
    if is_text and len(scales) > 1:
        return TypeChoice("string")
    if not is_text and has_quotes():
        return TypeChoice("string")
    return TypeChoice("number", {"decimal": max(scales)})


def _choose_written(texts: Mapping[str, int]) -> TypeChoice | None:
    """Choose a number for texts such as 1.234,50, which a reader of another country would misread.

    All have as many digits behind the sign, so that one that ends in zeros is exact. In 1,234 the comma may
    stand between groups or before a fraction: that is no number unless another text tells.
    """
    for sign, group in ((",", "."), (".", ",")):
        pattern = _WRITTEN[sign]
        matches = [pattern.fullmatch(text) for text in texts]
        if not all(matches):
            continue
        has_groups = any(group in text for text in texts)
        scales = {len(text.partition(sign)[2]) for text in texts}
        is_clear = has_groups or (sign == "," and scales != {3})
        if len(scales) > 1 or scales == {0} or not is_clear:
            continue
        properties = {"decimalChar": sign} if sign == "," else {}
        properties |= {"groupChar": group} if has_groups else {}
        return TypeChoice("number", {**properties, "decimal": max(scales)})
    return None


def _choose_price(texts: Mapping[str, int]) -> TypeChoice | None:
    """Choose a number for texts that all have one sign of a currency or % beside it, which is described."""
    matches = [_PRICE.fullmatch(text) for text in texts]
    signs = {match[1] or match[3] or "" for match in matches if match}
    if len(texts) < _SEVERAL or not all(matches) or len(signs) != 1 or signs == {""}:
        return None
    numbers = {match[2]: 1 for match in matches if match}
    written = _choose_written(numbers)
    if written is None:
        scales = {len(number.partition(".")[2]) for number in numbers}
        is_plain = all(map(_PLAIN_NUMBER.fullmatch, numbers))
        if not is_plain or len(scales) > 1:
            return None
        written = TypeChoice("number", {"decimal": max(scales)})
    (sign,) = signs
    return TypeChoice(
        "number", {**written.properties, "bareNumber": False, "description": f"in {sign}"}
    )


def _are_years(texts: Mapping[str, int] | None) -> bool:
    return texts is not None and all(_FOUR.fullmatch(text) for text in texts)

"""Parse booleans, integers, numbers of 64 bits, exact decimals and years."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from release.syntax.types.value_type import Decimals, Notation, ValueType

#: Integers and numbers as a release writes them, or in another way that has no other meaning.
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")

#: The integers of YAML 1.2 and TOML in other bases (https://yaml.org/spec/1.2.2/#1032-tag-resolution).
_HEXADECIMAL, _OCTAL = re.compile(r"0x[0-9a-fA-F]+"), re.compile(r"0o[0-7]+")

#: A year as XML Schema writes it, of four digits at least (https://www.w3.org/TR/xmlschema11-2/#gYear).
YEAR = re.compile(r"-?(?:[1-9][0-9]{3,17}|0[0-9]{3})")

#: The most characters of an integer of 64 bits, or of a number in digits, with room.
_LONG = 400


def parse_boolean(text: str, value_type: ValueType) -> bool | None:
    """Return true or false, by the texts that mean either; None for any other text."""
    if text in value_type.notation.true:
        return True
    return False if text in value_type.notation.false else None


def parse_integer(text: str, value_type: ValueType) -> int | None:
    """Return the integer of 64 bits that a text writes; None if it writes none."""
    plain = make_plain(text, value_type.notation)
    if plain is None or len(plain) > _LONG:
        return None
    if (other := _parse_other_base(plain)) is not None:
        return _of_64_bits(other)
    return _of_64_bits(int(plain)) if INTEGER.fullmatch(plain) else None


def _of_64_bits(value: int) -> int | None:
    return value if -(2**63) <= value < 2**63 else None


def _parse_other_base(text: str) -> int | None:
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    return int(text, 8) if _OCTAL.fullmatch(text) else None


def parse_number(text: str, value_type: ValueType) -> float | Decimal | None:
    """Return the number that a text writes: exact if the type is, else of 64 bits; None if it writes none.

    A number of 64 bits has all digits of the text, or the text has exactly those 17 that `%.17g` prints.
    """
    plain = make_plain(text, value_type.notation)
    if plain is None:
        return None
    if (other := _parse_other_base(plain)) is not None:
        plain = str(other)
    if NUMBER.fullmatch(plain) is None:
        return None
    if value_type.decimals is not None:
        return _parse_decimal(plain, value_type.decimals)
    try:
        number, exact = float(plain), Decimal(plain)
        is_kept = exact in (Decimal(repr(number)), Decimal(format(number, ".17g")))
        return number if is_kept else None
    except (ValueError, ArithmeticError):  # the latter where an exponent has a score of digits
        return None


def _parse_decimal(text: str, decimals: Decimals) -> Decimal | None:
    """Return a number with exactly the digits of its column; None if it has more than fit in there."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not any(digits):
        return Decimal((0, (0,), -decimals.scale))
    # by hand: a context of `decimal` would round, and may have been changed by another library
    shift = exponent + decimals.scale
    if shift > decimals.precision:
        return None
    if shift < 0:
        if any(digits[shift:]) or -shift > len(digits):
            return None
        digits = digits[:shift]
    else:
        digits = digits + (0,) * shift
    kept = digits[next((at for at, digit in enumerate(digits) if digit), len(digits)) :]
    if len(kept) > decimals.precision:
        return None
    return Decimal((sign, kept or (0,), -decimals.scale))


def parse_year(text: str, _: ValueType) -> int | None:
    """Return the year that a text writes; None if it writes none."""
    return int(text) if YEAR.fullmatch(text) and text != "-0000" else None


def write_year(year: int) -> str:
    """Return a year as XML Schema writes it, with four digits at least."""
    return f"{'-' if year < 0 else ''}{abs(year):04d}"


def make_plain(text: str, notation: Notation) -> str | None:
    """Return a number as a release would write it, with `.` and without groups; None if it is no number."""
    if notation.is_plain_number:
        return text
    match = _pattern(notation).fullmatch(text)
    if match is None:
        return None
    sign, whole = match["outer"] + match["sign"], match["whole"]
    if len(sign) > 1:
        return None
    if notation.group_char:
        whole = whole.replace(notation.group_char, "")
    point = "." if match["fraction"] else ""
    return f"{sign}{whole}{point}{match['fraction'] or ''}{match['exponent'] or ''}"


@lru_cache(maxsize=64)
def _pattern(notation: Notation) -> re.Pattern[str]:
    """Return the pattern of a number in a notation.

    A group has three digits, or two before the last one, as in India. What stands beside a number that is not
    bare has neither digits nor brackets, which may mean a minus.
    """
    digits = r"(?:0|[1-9][0-9]*)"
    if notation.group_char:
        group = re.escape(notation.group_char)
        grouped = rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}"
        digits = rf"(?:{grouped}|{digits})"
    fraction = rf"(?:{re.escape(notation.decimal_char)}(?P<fraction>[0-9]*))?"
    number = rf"(?P<whole>{digits}|(?={re.escape(notation.decimal_char)}[0-9])){fraction}"
    number += r"(?P<exponent>[eE][-+]?[0-9]+)?"
    if notation.bare:
        return re.compile(rf"(?P<outer>)(?P<sign>[-+]?){number}")
    beside = r"[^0-9()\-+−]*"
    return re.compile(rf"(?P<outer>[-+]?){beside}(?P<sign>[-+]?){number}{beside}")

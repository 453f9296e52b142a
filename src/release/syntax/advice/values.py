"""Say how a value is written that does not have its type, where that can be told."""

from __future__ import annotations

import re

from release.findings.message import shown
from release.syntax.advice.days import explain_day
from release.syntax.types.faults import explain_misfit
from release.syntax.types.value_type import ValueType

#: Words for true and false in YAML 1.1 and forms, in English, Chinese, German, French and Spanish.
_TRUE = frozenset("yes y on 1 t true wahr ja oui si sí 是 对 有 真".split())
_FALSE = frozenset("no n off 0 f false falsch nein non 否 不 无 假".split())

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(?:[,  \u202f'’_][0-9]{3})+(?:\.[0-9]+)?")
_WITH_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")
_WITH_UNIT = re.compile(
    r"(?P<number>[-+]?[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[%‰°€$£¥][^\W\d_]?|[^\W\d_]{1,12}\.?)"
)

#: Words and signs for a thousand and more.
_MANY = re.compile(r"[万萬亿億千百]|(?:bn|mn|mio|mrd|thousand|million|billion)\.?\Z", re.IGNORECASE)
_WIDE = str.maketrans("０１２３４５６７８９．－，", "0123456789.-,")


def advise_on_value(value: object, kind: ValueType) -> str:
    """Return what to write for a value that is not of a type, or why it is none; empty if not known."""
    reason = explain_misfit(value, kind)
    if reason.startswith("blanks "):
        return reason
    advice = _advise(value, kind)
    if "`format: any`" in reason and advice.startswith("write "):
        return f"{advice} {reason[reason.index('(in ') :]}"
    return advice or reason


def _advise(value: object, kind: ValueType) -> str:
    """Return what to write for a value; nothing for a type whose values are written in ways of their own."""
    if not kind.notation.is_plain_number or kind.notation.format != "default":
        return ""
    if kind.name == "boolean" and kind.facts.words == kind.words:
        return _advise_on_boolean(value)
    if kind.name == "date" and isinstance(value, str):
        return explain_day(value)
    if kind.name in ("number", "integer"):
        return _advise_on_number(value, kind.name)
    return ""


def _advise_on_boolean(value: object) -> str:
    """Say which of the two values a word stands for."""
    word = str(value).strip().lower()
    if word in _TRUE:
        return "write true"
    return "write false" if word in _FALSE else ""


def _advise_on_number(value: object, name: str) -> str:
    """Say how a number is written."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return f"write {int(value)}"
    if not isinstance(value, str):
        return ""
    text = value.strip().translate(_WIDE)
    if name == "integer" and re.fullmatch(r"0+[0-9]+", text):
        return f"write {int(text)}, or give the field the type string if it is a code"
    if _GROUPED.fullmatch(text):
        written = re.sub(r"[^0-9.+-]", "", text)
        if _WITH_COMMA.fullmatch(text) and name == "number":
            return f"write {written} or {text.replace(',', '.')}"
        return f"write {written}" if name == "number" or "." not in written else ""
    if _WITH_COMMA.fullmatch(text):
        return f"write {text.replace(',', '.')}" if name == "number" else ""
    if _NUMBER.fullmatch(text) and text != value:
        return f"write {text}" if name == "number" or "." not in text else ""
    if (unit := _WITH_UNIT.fullmatch(text)) is not None and (
        name == "number" or "." not in unit["number"]
    ):
        if _MANY.match(unit["unit"]):
            return f"write all digits of the number, without {shown(unit['unit'])}"
        return f"write the number alone: {unit['number']}, without {shown(unit['unit'])}"
    return ""

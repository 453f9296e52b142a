"""The texts of each type as regular expressions that Python, JavaScript and Rust read alike.

They take what `syntax.types` takes, in the notation of a release. A JSON Schema searches with them, so each
needs `^` and `$` around it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from release.syntax.types.value_type import ValueType

_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DATE = (
    f"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    f"|{_LEAP_YEAR}-02-29)"
)
#: A fraction of microseconds at most; further digits are zeros.
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6}0*)?"
_ZONE = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

_INTEGER = "(?:[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+)"
_NUMBER = (
    "(?:[-+]?(?:(?:0|[1-9][0-9]*)(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    "|0x[0-9a-fA-F]+|0o[0-7]+)"
)
_DURATION = (
    "-?P(?:[0-9]+W|[0-9]+Y(?:[0-9]+M)?(?:[0-9]+D)?{time}"
    "|[0-9]+M(?:[0-9]+D)?{time}|[0-9]+D{time}|{clock})"
)
_CLOCK = (
    "T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+(?:\\.[0-9]+)?S)?|[0-9]+M(?:[0-9]+(?:\\.[0-9]+)?S)?"
    "|[0-9]+(?:\\.[0-9]+)?S)"
)
_DEGREES = "[-+]?(?:[0-9]{1,3}(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"

_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_ATOM = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+"
_CONTENTS: Mapping[str, str] = {
    "email": f"{_ATOM}(?:\\.{_ATOM})*@(?:{_LABEL}\\.)+(?:[a-zA-Z]{{2,63}}|xn--[a-zA-Z0-9-]{{1,59}})",
    "uri": "[a-zA-Z][a-zA-Z0-9+.-]*:(?:[a-zA-Z0-9\\-._~:/?#\\[\\]@!$&'()*+,;=]|%[0-9a-fA-F]{2})+",
    "uuid": "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "binary": "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}

_PATTERNS: Mapping[str, str] = {
    "integer": _INTEGER,
    "number": _NUMBER,
    "date": _DATE,
    "time": _TIME,
    "year": "-?(?:[1-9][0-9]{3,17}|0[0-9]{3})",
    "yearmonth": f"{_YEAR}-(?:0[1-9]|1[0-2])",
    "duration": _DURATION.format(time=f"(?:{_CLOCK})?", clock=_CLOCK),
    "geopoint": f"\\s*{_DEGREES}\\s*,\\s*{_DEGREES}\\s*",
    "object": "\\s*\\{[\\s\\S]*\\}\\s*",
    "geojson": "\\s*\\{[\\s\\S]*\\}\\s*",
    "array": "\\s*\\[[\\s\\S]*\\]\\s*",
}

#: The directives of strptime, as it reads them: a day or month may have one digit, names any case.
_DIRECTIVES: Mapping[str, str] = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "(?:1[0-2]|0?[1-9])",
    "d": "(?:3[01]|[12][0-9]|0?[1-9]| [1-9])",
    "H": "(?:2[0-3]|[01]?[0-9])",
    "I": "(?:1[0-2]|0?[1-9]| [1-9])",
    "M": "[0-5]?[0-9]",
    "S": "(?:6[01]|[0-5]?[0-9])",
    "f": "[0-9]{1,6}",
    "j": "[0-9]{1,3}",
    "z": "(?:[+-][0-9]{2}:?[0-9]{2}(?::?[0-9]{2}(?:\\.[0-9]{1,6})?)?|[zZ])",
    "%": "%",
}


#: The signs of the syntax of regular expressions; with the flag `u`, JavaScript lets no other be escaped.
_SYNTAX = re.compile(r"[\^$\\.*+?()\[\]{}|/]")


def escape(text: str) -> str:
    """Return the pattern of one text."""
    return _SYNTAX.sub(r"\\\g<0>", text)


def match_whole(pattern: str, *, may_be_empty: bool = False) -> str:
    """Return a pattern that matches a text as a whole, or empty text, too."""
    return f"^(?:{pattern}){'?' if may_be_empty else ''}$"


_ESCAPE = re.compile(r"\\[\s\S]|\[\^?|\]|[\s\S]")
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \\t\\n\\r\\f\\v"}


def spell_out(pattern: str) -> str:
    """Return a pattern of a schema with its classes of ASCII written out, as engines differ in them."""
    out, is_within = "", False
    for piece in _ESCAPE.findall(pattern):
        if piece[0] == "[" and not is_within:
            is_within = True
        elif piece == "]":
            is_within = False
        out += _spell_class(piece, is_within=is_within)
    return out


def _spell_class(piece: str, *, is_within: bool) -> str:
    """Return a class such as that of digits written out, and any other piece as it is."""
    letter = piece[1:] if piece[0] == "\\" else ""
    if letter in _CLASSES:
        return _CLASSES[letter] if is_within else f"[{_CLASSES[letter]}]"
    if letter.lower() in _CLASSES and not is_within:
        return f"[^{_CLASSES[letter.lower()]}]"
    return piece


def find_pattern(kind: ValueType) -> str | None:
    """Return the pattern of the texts of a type; None if any text fits, or if no pattern says which."""
    if kind.name == "string":
        return _CONTENTS.get(kind.content)
    notation = kind.notation
    if kind.name in ("number", "integer") and not notation.is_plain_number:
        return _number_in(kind)
    if kind.name in ("date", "time", "datetime") and notation.format != "default":
        return _date_in(notation.format)
    if kind.name == "geopoint" and notation.format != "default":
        return "\\s*[\\[{][\\s\\S]*[\\]}]\\s*"
    if kind.name == "boolean":
        return "|".join(escape(text) for text in (*notation.true, *notation.false))
    if kind.name == "datetime":
        return f"{_DATE}T{_TIME}{_ZONE if kind.zone else ''}"
    if kind.name == "time":
        return f"{_TIME}{_ZONE if kind.zone else ''}"
    return _PATTERNS.get(kind.name)


def _number_in(kind: ValueType) -> str:
    """Return the pattern of a number in a notation of its own, in which other text may stand beside it."""
    notation = kind.notation
    digits = "(?:0|[1-9][0-9]*)"
    if notation.group_char:
        group = escape(notation.group_char)
        digits = f"(?:[1-9][0-9]{{0,2}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|{digits})"
    char = escape(notation.decimal_char)
    whole = f"(?:{digits}(?:{char}[0-9]*)?|{char}[0-9]+)" if kind.name == "number" else digits
    number = f"[-+]?{whole}(?:[eE][-+]?[0-9]+)?" if kind.name == "number" else f"[-+]?{whole}"
    if notation.bare:
        return number
    beside = "[^0-9()\\-+\u2212]*"
    return f"[-+]?{beside}{number}{beside}"


def _date_in(form: str) -> str | None:
    """Return the pattern of a date or time in a format; None if names of months or days stand in it."""
    if form == "any":
        return None
    out = ""
    for piece in re.split(r"(%.)", form):
        if piece[:1] == "%" and len(piece) == 2:
            if piece[1] not in _DIRECTIVES:
                return None
            out += _DIRECTIVES[piece[1]]
        else:
            out += re.sub(r"\s+", r"\\s+", escape(piece))
    return out

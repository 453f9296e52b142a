"""Tell how a text looks: texts that a reader takes for one, characters that nobody sees, broken encodings.

No value is changed by this. It decides what is reported, and how a message shows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

#: The characters that nobody sees, as ranges of code points: those with Unicode's property
#: Default_Ignorable_Code_Point, the marks of annotations (U+FFF9 to U+FFFB), and the blank of Braille.
HIDDEN = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800)),
    *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)

#: Those that take the room of a letter: fillers of Hangul, and the blank of Braille.
_WIDE = frozenset("\u115f\u1160\u2800\u3164\uffa0")

#: Those that change the sign before them: variation selectors.
_SELECTORS = ((0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))

#: Signs that are typed for one another, and letters of Cyrillic and Greek with the shape of a Latin one
#: (UTS #39, intentional.txt).
_SHAPES = str.maketrans(
    "‘’ʼʹ′´`“”″‐‒–—−АВЕЅІЈКМНОРСТХаеѕіјорсхуһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "'''''''\"\"\"-----ABESIJKMHOPCTXaesijopcxyhdqwABEZHIKMNOPTYXo",
)

#: The ways in which a form of compatibility may differ from its character and still look like it (UAX #44).
_SAME_SHAPE = ("<wide>", "<narrow>", "<noBreak>", "<compat>", "<font>")

#: The most characters of two texts that are compared one by one.
_COMPARED = 400


#: A hyphen and a mark of Tibetan: the one at which no line breaks looks like the other.
_NO_BREAK = {0x2011: 0x2010, 0x0F0C: 0x0F0B}


@cache
def _hidden() -> re.Pattern[str]:
    """Return the pattern of a character that nobody sees."""
    return re.compile(f"[{''.join(f'{chr(low)}-{chr(high)}' for low, high in HIDDEN)}]")


def appearance(text: str) -> str:
    """Return a text that is equal for two texts if they look the same.

    Letters are composed (NFC), characters that nobody sees are gone, blanks are single and at no end.
    """
    if not text.isascii():
        if _hidden().search(text):
            text = _hidden().sub(lambda match: " " if match[0] in _WIDE else "", text)
        text = unicodedata.normalize("NFC", text.translate(_NO_BREAK))
    return " ".join(text.split())


def caseless(text: str) -> str:
    """Return a text that is equal for two texts if they look the same but for upper and lower case."""
    return fold_case(appearance(text))


def fold_case(text: str) -> str:
    """Return a text that is equal for two texts if they differ in case, or in how accents are written.

    This is a canonical caseless match (The Unicode Standard, definition D145).
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def shape(text: str) -> str:
    """Return a text that is equal for two texts if their letters and signs have the same shapes.

    Such are letters of two scripts, letters of full width, ligatures, and the kinds of quotes and dashes.
    """
    text = appearance(text)
    if text.isascii():
        return text.replace("`", "'")
    return unicodedata.normalize("NFC", "".join(map(_base, text.translate(_SHAPES))))


def _base(character: str) -> str:
    """Return what a character looks like, by its compatibility decomposition; most are as they are."""
    if character.isascii():
        return character
    kind, _, points = unicodedata.decomposition(character).partition(" ")
    if kind not in _SAME_SHAPE:
        return character
    return "".join(chr(int(point, 16)) for point in points.split()).translate(_SHAPES)


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing."""
    return not appearance(text)


# characters that nobody sees


def find_hidden(text: str) -> Iterator[int]:
    """Yield the offset of each character that nobody sees and that has no task where it stands.

    Some have one: to join or part letters of Arabic or of an Indic script, to part words of Thai, to set the
    direction in a text with Hebrew or Arabic, to choose the form of an ideograph or emoji.
    """
    if text.isascii():
        return
    for match in _hidden().finditer(text):
        if not _has_task(text, match.start()):
            yield match.start()


def _has_task(text: str, at: int) -> bool:
    sign = text[at]
    before = _skip(text, at, -1)
    after = text[at + 1 : at + 2]
    code = ord(sign)
    if _is_selector(sign):
        # of an emoji, a keycap, an ideograph, a letter of Mongolian or Myanmar, or a sign of mathematics
        is_keycap = before in "0123456789#*" and "\u20e3" in text[at + 1 : at + 3]
        return bool(before) and (is_keycap or not (before.isascii() or before.isspace()))
    if sign in "\u200c\u200d":
        return _is_joining(before) or _is_joining(after) or (sign == "\u200d" and _is_emoji(before))
    if sign == "\u200b":
        return _is_unspaced(before) or _is_unspaced(after)
    if sign in "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069":
        return any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)
    if sign == "\u034f":
        return bool(after) and unicodedata.combining(after) > 0
    if sign == "\u2800":
        return any("\u2801" <= each <= "\u28ff" for each in text)
    if sign in "\u115f\u1160":
        return any("\u1100" <= each <= "\u11ff" for each in (before, after))
    if 0xE0020 <= code <= 0xE007F:  # a flag: a black flag, then the letters of a region as tags
        return _is_emoji(before)
    neighbours = {0x180E: "\u1800", 0x17B4: "\u1780", 0x17B5: "\u1780"}.get(code)
    if neighbours is not None:
        return before >= neighbours
    return 0x1BCA0 <= code <= 0x1BCA3 or 0x1D173 <= code <= 0x1D17A


def _is_selector(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in _SELECTORS)


def _skip(text: str, at: int, step: int) -> str:
    """Return the nearest character before or after an offset that can be seen; empty if there is none."""
    at += step
    while 0 <= at < len(text) and _hidden().match(text[at]):
        at += step
    return text[at] if 0 <= at < len(text) else ""


def _is_joining(character: str) -> bool:
    """Return whether a character is of a script whose letters are joined, such as Arabic or Devanagari."""
    return bool(character) and (
        "\u0590" <= character <= "\u1cff"
        or "\ua800" <= character <= "\uabff"
        or "\ufb1d" <= character <= "\ufdff"
        or "\ufe70" <= character <= "\ufefc"
        or "\U00010800" <= character <= "\U00011fff"
        or "\U0001e800" <= character <= "\U0001eeff"
    )


def _is_unspaced(character: str) -> bool:
    """Return whether a character is of a script without blanks between words, such as Thai or Khmer."""
    return bool(character) and (
        "\u0e00" <= character <= "\u0fff"
        or "\u1000" <= character <= "\u109f"
        or "\u1780" <= character <= "\u17ff"
        or "\u1950" <= character <= "\u1aff"
        or "\ua980" <= character <= "\uaadf"
    )


def _is_emoji(character: str) -> bool:
    return bool(character) and (
        unicodedata.category(character) in ("So", "Sk") or character in "\u2640\u2642"
    )


# what tells two texts apart


def name_character(character: str) -> str:
    """Return code point and name of a character, as `U+200B ZERO WIDTH SPACE`."""
    name = {"\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN"}.get(character, "")
    return f"U+{ord(character):04X} {name or unicodedata.name(character, '')}".rstrip()


def spell_difference(one: str, other: str) -> tuple[str, str]:
    """Return the code points in which two texts differ, such as `U+00F4` and `U+006F U+0302`.

    Both are empty if the texts do not print alike.
    """
    if one == other or shape(one) != shape(other):
        return "", ""
    start = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        start += 1
    one, other = one[start : start + _COMPARED], other[start : start + _COMPARED]
    parts: tuple[list[str], list[str]] = ([], [])
    from difflib import SequenceMatcher  # as in `contrast`

    for tag, begin, end, start, stop in SequenceMatcher(None, one, other, False).get_opcodes():
        if tag != "equal":
            parts[0].append(one[begin:end])
            parts[1].append(other[start:stop])
    return _spell(parts[0]), _spell(parts[1])


#: The most places in which two texts differ that are spelled, and the most characters of each.
_SPELLED = 4


def _spell(parts: list[str]) -> str:
    """Return the code points of some parts of a text; the first ones, if they are many."""
    words = [" ".join(f"U+{ord(c):04X}" for c in part[:_SPELLED]) for part in parts if part]
    cut = len(words) > _SPELLED or any(len(part) > _SPELLED for part in parts)
    return ", ".join(words[:_SPELLED]) + (", …" if cut else "")

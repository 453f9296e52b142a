"""Find UTF-8 that was read as Windows-1252 or Latin-1, such as `RenÃ©` for `René`, and read it again.

Text that nobody spoilt must be left alone. So a single pair of characters is only taken for a spoilt one
where honest text does not have it; `PIÑA»` and `3 Å²` are two that it has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

#: What the bytes 0x80 to 0xBF are in Windows-1252; the five that it lacks are what Latin-1 has.
_TAILS = "".join(
    bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0)
)

#: The byte of each character of one of the two encodings, from 0x80 on.
_BYTES = {
    **{chr(byte): byte for byte in range(0x80, 0x100)},
    **{tail: 0x80 + at for at, tail in enumerate(_TAILS)},
}

#: What honest text has right behind a letter: quotes that close, dashes and so on; also signs of units, marks
#: of notes, and raised numbers.
_CLOSING = frozenset("\u00a0‘’“”‹›«»…–—•·")
_MAY_FOLLOW = _CLOSING | frozenset("™®©°ºª¹²³†‡˜ˆ´¨¸§¶")
_UNITS = _MAY_FOLLOW | {"±"}

#: So many times is a text read again: what was spoilt twice, too.
_TIMES = 3


def tails() -> str:
    """Return the characters that can follow the first one of a spoilt character."""
    return "".join(sorted({*_TAILS, *map(chr, range(0x80, 0xA0))}))


@cache
def _runs() -> re.Pattern[str]:
    """Return the pattern of spoilt characters that stand side by side: each has two, three or four signs."""
    tail = f"[{re.escape(tails())}]"
    return re.compile(f"(?:[\xc2-\xdf]{tail}|[\xe0-\xef]{tail}{{2}}|[\xf0-\xf4]{tail}{{3}})+")


def repair(text: str) -> str:
    """Return a text as it was before it was decoded wrongly; the text itself if nothing shows that it was."""
    if text.isascii():
        return text
    for _ in range(_TIMES):
        found = list(_find_runs(text))
        if not any(_is_spoilt(text, *run) for run in found):
            break
        for start, end, decoded in reversed(found):
            text = text[:start] + decoded + text[end:]
    return text


def _find_runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and decoded text of each run of characters that are UTF-8 once more."""
    for match in _runs().finditer(text):
        try:
            decoded = bytes(_BYTES[sign] for sign in match[0]).decode("utf-8")
        except UnicodeDecodeError:
            continue
        if all(unicodedata.category(sign) not in ("Cn", "Co", "Cs") for sign in decoded):
            yield match.start(), match.end(), decoded


def _is_spoilt(text: str, start: int, end: int, decoded: str) -> bool:
    """Return whether no honest text has what stands between two offsets."""
    if len(decoded) > 1:
        return True
    signs, before, after = text[start:end], text[:start][-1:], text[end : end + 1]
    lead, tail = signs[0], signs[1]
    if len(signs) == 4 or decoded in ("\ufeff", "\ufffd"):
        return True
    if len(signs) == 3:
        return lead == "â" and "\u2000" <= decoded < "\u2c00" and tail not in _CLOSING
    if before.islower() and lead in "ÂÃÄÅÌÍ":
        return True
    if lead in "ÂÃ":
        is_inside = before.isalpha() and after.isalpha()
        is_sign = tail == "\u00a0" or (lead == "Â" and tail not in _CLOSING)
        is_first = not before.isalpha() and (is_sign or after.isalpha())
        return tail not in _MAY_FOLLOW or is_inside or is_first
    # Å may be a unit; what the other signs lead to is no letter of a text in Latin
    return lead in "ÄÅ" and after.isalpha() and tail not in (_CLOSING if lead == "Ä" else _UNITS)

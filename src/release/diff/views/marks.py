"""Mark the parts in which two values differ, and leave out most of what is alike in long ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

#: Values of at most so many characters, or so many without a blank, are marked as a whole: what differs in
#: `70` and `80` is the number.
SHORT, SHORT_WORD = 12, 40

#: Values of at most so many characters are shown whole; of longer ones so many around each difference.
WHOLE, AROUND = 200, 40

#: The most characters of a part that differs, and of all parts of a value together.
PART, MOST = 240, 480

#: The most words of what lies between the first and the last difference, for which these are told apart.
_WORDS = 200


class MarkedText(NamedTuple):
    """A part of a value, and whether it differs from the other value."""

    text: str
    differs: bool


def marked(old: str | None, new: str | None) -> tuple[list[MarkedText], list[MarkedText]]:
    """Return the parts of two values in order, cut to what is near a difference if they are long."""
    if old is None or new is None or _are_short(old, new):
        pairs = [(old or "", new or "", True)]
    else:
        pairs = list(_pairs(old, new))
    return (
        _cut([MarkedText(was, differs) for was, _, differs in pairs]),
        _cut([MarkedText(now, differs) for _, now, differs in pairs]),
    )


def _are_short(old: str, new: str) -> bool:
    longest = max(len(old), len(new))
    return longest <= SHORT or (longest <= SHORT_WORD and not any(map(_has_blank, (old, new))))


def _has_blank(text: str) -> bool:
    return any(map(str.isspace, text))


#: What is no letter of a script that leaves no blanks between words: Chinese, Japanese, Korean.
_SPACED = r"[^\W\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"


@cache
def _word() -> re.Pattern[str]:
    """Return the pattern of a word with the blanks behind it, or of one other character."""
    return re.compile(rf"{_SPACED}(?:{_SPACED}|[\u0300-\u036f])*\s*|.\s*", re.DOTALL)


@cache
def _in_word() -> re.Pattern[str]:
    """Return the pattern of a character of a word, or of a mark on one."""
    return re.compile(rf"{_SPACED}|[\u0300-\u036f]")


def _pairs(old: str, new: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what stands in both texts in turn, and whether that differs."""
    start = _same_start(old, new)
    back_old, back_new = old[start:][::-1], new[start:][::-1]
    end = _to_word(back_old, back_new, _same_start(back_old, back_new))
    start = _to_word(old, new, start)
    yield old[:start], new[:start], False
    yield from _between(old[start : len(old) - end], new[start : len(new) - end])
    yield old[len(old) - end :], new[len(new) - end :], False


def _same_start(one: str, other: str) -> int:
    """Return the number of characters with which two texts begin alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _to_word(one: str, other: str, at: int) -> int:
    """Return where the word begins in which two texts begin to differ; the place itself if it is long."""
    within = _in_word()
    if not (within.match(one, at) or within.match(other, at)):
        return at
    for place in range(at, max(at - _LONG_WORD, 0), -1):
        if not within.match(one, place - 1):
            return place
    return 0 if at <= _LONG_WORD else at


#: The most characters of a word that is marked as a whole.
_LONG_WORD = 24


def _between(old: str, new: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the parts of two texts that have neither beginning nor end in common."""
    most = _WORDS * 40
    if not old or not new or max(len(old), len(new)) > most:
        yield old, new, True
        return
    ours, theirs = _word().findall(old), _word().findall(new)
    if max(len(ours), len(theirs)) > _WORDS:
        yield old, new, True
        return
    from difflib import SequenceMatcher  # most values are short

    for tag, one, two, three, four in SequenceMatcher(None, ours, theirs, False).get_opcodes():
        was, now = "".join(ours[one:two]), "".join(theirs[three:four])
        blanks = len(was) - len(was.rstrip())
        if tag == "replace" and blanks and was[-blanks:] == now[len(now.rstrip()) :]:
            yield was[:-blanks], now[:-blanks], True
            yield was[-blanks:], now[-blanks:], False
        else:
            yield was, now, tag != "equal"


def _cut(parts: list[MarkedText]) -> list[MarkedText]:
    """Return the parts of one value without those that are empty, cut if the value is long."""
    if sum(len(part.text) for part in parts) <= WHOLE:
        return [part for part in parts if part.text]
    found: list[MarkedText] = []
    left = MOST
    for at, part in enumerate(parts):
        if left <= 0:
            found.append(MarkedText("…", differs=False))
            break
        if part.differs:
            text = _without_middle(part.text, PART, PART - AROUND)
        elif at == 0:
            text = part.text if len(part.text) <= AROUND else f"…{part.text[-AROUND:]}"
        elif at == len(parts) - 1:
            text = part.text if len(part.text) <= AROUND else f"{part.text[:AROUND]}…"
        else:
            text = _without_middle(part.text, 2 * AROUND, AROUND)
        left -= len(text)
        found += [MarkedText(text, part.differs)] if text else []
    return found


def _without_middle(text: str, most: int, before: int) -> str:
    """Return a text of at most so many characters, with so many of its beginning."""
    return text if len(text) <= most else f"{text[:before]} … {text[before - most :]}"

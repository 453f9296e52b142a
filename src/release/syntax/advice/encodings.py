"""Decode bytes as UTF-8, or say what they are: in which encoding they seem to be, and what to do."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Callable

from release.syntax.advice.file_types import find_sort

#: Bytes of text, enough to tell by.
_MOST = 1 << 20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: Signs of Western texts, besides letters.
_SIGNS = frozenset("’‘“”„«»–—…·•°€£¥§©®™½¼¾×±²³µº\xa0")


def read_utf8(data: bytes, owner: str) -> tuple[str, str]:
    """Decode bytes as UTF-8.

    Args:
        data: All bytes of a file.
        owner: What of the descriptor may have an `encoding`, such as "the kind"; empty if nothing may.

    Returns:
        The text and an empty message; or the text before the fault, and the message on what the bytes are.
    """
    text, fault = "", -1
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = error.start
    if (sort := find_sort(data)) is not None:
        advice = sort.advice
        if sort.encoding and owner:
            advice = f"give {owner} `encoding: {sort.encoding}`, or {advice}"
        return "", f"found {sort.name}, expected text in UTF-8; {advice}"
    if fault < 0:
        return text, ""
    guess = guess_encoding(data)
    looks = "is text in another encoding, or broken" if guess is None else f"looks like {guess}"
    advice = f", or give {owner} its `encoding`" if owner else ""
    if guess is not None and owner:
        advice = f", or give {owner} `encoding: {guess}`"
    found = f"found the byte 0x{data[fault]:02X}, expected text in UTF-8"
    message = f"{found}; this {looks}: save the file as UTF-8{advice}"
    return data[:fault].decode("utf-8"), message


def explain_byte(data: bytes, at: int, encoding: str, owner: str) -> str:
    """Return the message on a byte that is no text in the encoding, other than UTF-8, that `owner` has."""
    name = codecs.lookup(encoding).name
    other = "utf-16" if data.startswith(_UTF_16) else "windows-1252"
    example = f", such as {other}" if name != codecs.lookup(other).name else ""
    message = f"found the byte 0x{data[at]:02X}, expected text in {encoding}"
    return f"{message}, or the right `encoding` of {owner}{example}"


def guess_encoding(data: bytes) -> str | None:
    """Return the name of the encoding that a text seems to be in; None if that is not clear.

    A text with more signs of UTF-8 than broken ones has no other encoding.
    """
    data = data[:_MOST]
    high = [at for at, byte in enumerate(data) if byte > 0x7F]
    read = data.decode("utf-8", "replace")
    broken = read.count("\ufffd")
    if sum(sign > "\x7f" for sign in read) > 2 * broken:
        return None
    beside = sum(one + 1 == other for one, other in itertools.pairwise(high))
    several = _SEVERAL if beside * 2 >= len(high) else _SINGLE
    return next((name for name, is_one in several if is_one(data, name)), None)


def _is_western(data: bytes, encoding: str) -> bool:
    """Return whether nearly all signs beyond ASCII are letters in the case of their words, or known signs."""
    text = _decode(data, encoding)
    found = [at for at, sign in enumerate(text) if sign > "\x7f"]
    fit = sum(text[at] in _SIGNS or _has_case(text, at) for at in found)
    return bool(found) and fit >= 0.9 * len(found)


def _has_case(text: str, at: int) -> bool:
    """Return whether a letter has the case that its neighbours let expect."""
    sign, before, after = text[at], text[max(0, at - 1) : at], text[at + 1 : at + 2]
    if not sign.isalpha():
        return False
    if sign.isupper():
        return not (before.islower() or (after.islower() and before.isupper()))
    return not after.isupper()


def _is_cyrillic(data: bytes, encoding: str) -> bool:
    text = _decode(data, encoding)
    found = [at for at, sign in enumerate(text) if sign > "\x7f"]
    fit = sum("А" <= text[at] <= "ё" and _has_case(text, at) for at in found)
    return bool(found) and fit >= 0.9 * len(found)


def _has_frequent_signs(data: bytes, encoding: str) -> bool:
    """Return whether most pairs are among the 3,755 characters that are used most."""
    if not _decode(data, encoding):
        return False
    pairs: list[bytes] = re.findall(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]", data)
    return sum(0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1 for pair in pairs) >= 0.7 * len(pairs)


def _has_kana(data: bytes, encoding: str) -> bool:
    """Return whether there is much kana."""
    text = _decode(data, encoding)
    found = [sign for sign in text if sign > "\x7f"]
    return sum("぀" <= sign <= "ヿ" for sign in found) >= 0.3 * max(1, len(found))


def _decode(data: bytes, encoding: str) -> str:
    """Return the text; empty if a byte is none in the encoding. The last character may be cut."""
    for cut in range(4 if len(data) == _MOST else 1):
        try:
            return data[: len(data) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


#: Encodings whose texts have signs beyond ASCII between others; and those where they stand side by side.
_SINGLE: tuple[tuple[str, Callable[[bytes, str], bool]], ...] = (
    ("windows-1252", _is_western),
    ("mac-roman", _is_western),
    ("cp850", _is_western),
)
_SEVERAL: tuple[tuple[str, Callable[[bytes, str], bool]], ...] = (
    ("gb18030", _has_frequent_signs),
    ("shift_jis", _has_kana),
    ("windows-1251", _is_cyrillic),
    ("koi8-r", _is_cyrillic),
)

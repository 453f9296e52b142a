"""Front matter read by fast parsers, believed only where they cannot have changed anything.

What a fast parser made of a text is written out again, and both are stripped to what carries content:
letters, digits and the signs that are no syntax. Where the two differ in one byte - a key that stood twice, a
number that was rewritten, an anchor, a tag, a comment, a second document - the strict reader decides.
So which parsers are installed never decides what a release contains.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import orjson
import yaml12

_SYNTAX = b" \n\t:,-[]{}'\"#|>?&*!%@`\\"

# What the comparison cannot see, or the fast parsers take and the strict reader refuses: tabs; separators
# of lines and paragraphs; byte-order marks; deep nesting; the start of a second document; JSON's constants.
# Behind each sign that is quickly looked for: what is odd, if the sign is there at all.
_UNSEEN = (
    (b"\xe2\x80", (b"\xe2\x80\xa8", b"\xe2\x80\xa9")),
    (b"\xef", (b"\xef\xbb\xbf",)),
    (b"\n" + b" " * 32, (b"",)),
    (b"?", (b"? ", b"?\n")),
    (b" : ", (b"- : ", b": : ")),
    (b": - ", (b"",)),
    (b"- - - - ", (b"",)),
    (b"\n---", (b"",)),
    (b"NaN", (b"",)),
    (b"Infinity", (b"",)),
)
_NOT_CONTROL = bytes([*range(0x20, 0x7F), *range(0x80, 0x100), 0x0A])
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
#: A negative zero; an anchor, whose aliases the fast parser would expand without end; a block scalar,
#: whose line breaks the comparison would not see.
_MINUS_ZERO = re.compile(rb"-0(?![\w.-])")
_ANCHOR = re.compile(rb"&\S")
_BLOCK_SCALAR = re.compile(rb"[|>][-+0-9]* *(?:#[^\n]*)?(?:\n|\Z)")
#: Escapes that orjson writes for control characters, and numbers that it writes with an exponent.
_CONTROLS = (b"\\u", b"\\b", b"\\f")
_EXPONENT = re.compile(rb"[:,\[]-?[0-9][0-9.]*[eE][-+]?[0-9]")
_MARKED = bytes(
    48 if byte in b"0123456789" else 35 if byte in _SYNTAX and byte not in b'":' else byte
    for byte in range(256)
)
_LONG_KEY = re.compile(rb'"[^"]{1000,}":')
_DEEPEST = 32


def read(text: str) -> tuple[dict[str, Any], Literal["yaml", "json"]] | None:
    """The mapping that a text writes and its format, or None where the strict reader must decide."""
    data = text.encode()
    if _is_odd(data):
        return None
    value: Any
    try:
        if data[:1] == b"{":
            return _braced(data, text)
        value = yaml12.parse_yaml(text)
    except ValueError:
        return None
    return (value, "yaml") if isinstance(value, dict) and _same(data, value) else None


def _braced(data: bytes, text: str) -> tuple[dict[str, Any], Literal["yaml", "json"]] | None:
    """The mapping of a text that begins with a brace: JSON, or else YAML's flow style.

    Raises:
        ValueError: it is neither.
    """
    try:
        value = orjson.loads(data)
        return (value, "json") if _same(data, value) else None
    except orjson.JSONDecodeError:
        flow: Any = yaml12.parse_yaml(text)
        whole = isinstance(flow, dict) and data.rstrip().endswith(b"}") and _same(data, flow)
        # yaml12 lets more stand behind the brace that closes the mapping
        return (flow, "yaml") if whole and _braces(data) == _braces(orjson.dumps(flow)) else None


def _braces(data: bytes) -> bytes:
    return data.translate(None, _NO_BRACKETS)


def _is_odd(data: bytes) -> bool:
    """Whether a text has what only the strict reader may judge."""
    for sign, odd in _UNSEEN:
        if sign in data and any(text in data for text in odd):
            return True
    return bool(
        data[:1] == b" "
        or data.translate(None, _NOT_CONTROL)
        or (b"\xc2" in data and _C1.search(data))
        or _MINUS_ZERO.search(data)
        or (b"&" in data and _has_anchor(data))
        or ((b"|" in data or b">" in data) and _BLOCK_SCALAR.search(data))
        or (data.count(b"[") + data.count(b"{") > _DEEPEST and _nests(data))
    )


def _has_anchor(data: bytes) -> bool:
    """Whether `&` stands where a value may begin."""
    for match in _ANCHOR.finditer(data):
        before = data[max(0, match.start() - 64) : match.start()].rstrip(b" ")
        if before[-1:] in b"\n:,[{-":
            return True
    return False


def _nests(data: bytes) -> bool:
    """Whether brackets may stand deeper than _DEEPEST; those in texts count too."""
    depth = 0
    for bracket in data.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > _DEEPEST:
            return True
    return False


_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _same(data: bytes, value: dict[str, Any]) -> bool:
    """Whether a value, written out, has the same content in the same order as the text."""
    try:
        written = orjson.dumps(value)
    except TypeError:  # a key that is no text, a value with a tag
        return False
    if b"\\" in written and any(escape in written for escape in _CONTROLS):
        return False
    marked = written.translate(_MARKED)
    if (b"0e" in marked or b"0E" in marked) and _EXPONENT.search(written):
        return False
    # A key that ends in syntax may be nothing but that, and would be lost to the comparison.
    if b'#":' in marked or b'"":' in marked or b':":' in marked or _LONG_KEY.search(written):
        return False
    return _content(data) == _content(written)


def _content(data: bytes) -> bytes:
    if b"\\n" in data:
        data = data.replace(b"\\n", b"")
    return data.translate(None, _SYNTAX)

"""Read front matter with fast parsers, and accept a value only if it provably equals the text.

The value is written out as JSON, and both texts are stripped of syntax: letters, digits and signs that are no
syntax remain. If the two differ in one byte, the strict reader reads the text again. They differ, for
example, after a repeated key, a rewritten number, an anchor, a tag, a comment or a second document. So the
version of a fast parser never decides what a release contains.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import orjson
import yaml12

_SYNTAX = b" \n\t:,-[]{}'\"#|>?&*!%@`\\"
#: The last byte before the end of a key in written JSON, `":`, where it is syntax or part of another end.
_SYNTAX_OR_NOTHING = frozenset((b"", *(_SYNTAX[at : at + 1] for at in range(len(_SYNTAX)))))

# Texts that the comparison cannot judge, or that a fast parser accepts and the strict reader refuses.
# In any text: tabs, which may be syntax or content; line and page ends other than LF; byte-order marks;
# U+007F to U+009F, which orjson does not escape; code points that libyaml takes for no character.
_UNSEEN = ("\t", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "\x7f")
_C1 = re.compile("[\x80-\x9f]")
_MINUS_ZERO = re.compile(rb"-0(?![\w.-])")
# In YAML: lists in lists on one line, deeply nested blocks, a second document. They are looked for first in
# the text without letters and digits, which is short, and then in the text.
_UNSEEN_IN_YAML = (b"- - - - ", b"\n" + b" " * 32, b"\n---")
#: A block scalar: the comparison does not see its line breaks. There is one expression for each sign that
#: begins one, since a search for one letter is many times as fast as that for a set.
_BLOCK_SCALARS = [
    (sign, re.compile(re.escape(sign) + rb"[-+0-9]* *(?:#[^\n]*)?(?:\n|\Z)"))
    for sign in (b"|", b">")
]
#: Signs that may begin no plain scalar in flow style; an anchor is none of these: a fast parser would expand
#: its aliases without limit.
_INDICATORS = (b"?", b"|", b">")
#: A colon whose key is on the line above.
_LATE_COLON = re.compile(rb"\n *:")
_LETTERS = bytes(byte for byte in range(256) if byte not in _SYNTAX)
#: Escapes that orjson writes for control characters; numbers for which orjson writes an exponent and Python
#: does not, or the reverse.
_CONTROLS = (b"\\u", b"\\b", b"\\f")
_SMALL = b"0.0000"
_EXPONENT = re.compile(rb"[:,\[]-?[0-9][0-9.]*[eE][-+]?[0-9]")
_DIGITS = bytes.maketrans(b"123456789E", b"000000000e")
#: A key with a quote in it.
_QUOTE_IN_KEY = re.compile(rb'\\"[^"]*":')
#: In YAML a key ends within 1,024 characters, including quotes, escapes (at least half as long in JSON) and
#: spaces before the colon; not all parsers check that.
_LONG_KEY = 440
_FAR_COLON = b" " * 100 + b":"
#: Signs that are no syntax inside a key.
_INNER = b" -&'"
_DEEPEST = 32
_ALIKE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
#: What stands for an escaped backslash and for an escaped quote while quotes are made double.
_BACKSLASH, _QUOTE = "\0\0", "\0'"
#: A comma behind the last item, which YAML allows. In JSON no quoted text holds a line break.
_LAST_COMMA = re.compile(r",(?<=[\"\w\]}],)(?=\n *[}\]])")


def read(text: str) -> tuple[dict[str, Any], Literal["yaml", "json"]] | None:
    """Read the mapping in a text.

    Returns:
        The mapping and the format of the text; None if the strict reader has to read the text.
    """
    data = text.encode()
    if _needs_strict_reader(text, data):
        return None
    try:
        if data.lstrip()[:1] == b"{":
            return _read_braced(data, text)
        value = _read_yaml(data, text)
    except ValueError:
        return None
    written = _write_if_equal(data, value)
    return (value, "yaml") if written is not None and not _has_suspect_key(data, written) else None


def _read_braced(data: bytes, text: str) -> tuple[dict[str, Any], Literal["yaml", "json"]] | None:
    """Read the mapping in a text that begins with a brace: JSON, or YAML in flow style.

    Returns:
        The mapping and its format; None if the strict reader has to read the text.

    Raises:
        ValueError: It is neither JSON nor YAML.
    """
    try:
        value = orjson.loads(data)
        return (value, "json") if _write_if_equal(data, value) is not None else None
    except orjson.JSONDecodeError:
        if b"NaN" in data or b"Infinity" in data:
            return None
    flow = _read_requoted(data, text)
    is_requoted = flow is not None
    if not is_requoted:
        flow = _read_yaml(data, text)
    written = _write_if_equal(data, flow) if data.rstrip().endswith(b"}") else None
    # yaml12 ignores what follows the brace that closes the mapping
    if written is None or _keep_brackets(data) != _keep_brackets(written):
        return None
    if is_requoted:
        has_odd_key = _has_long_key(written, _split_at_keys(written))
    else:
        has_odd_key = _has_suspect_key(data, written)
    return None if has_odd_key else (flow, "yaml")


def _read_requoted(data: bytes, text: str) -> Any:
    """Read a text in flow style that differs from JSON only in single quotes and last commas.

    It is tried with all single quotes made double, which is right if every quote that no backslash escapes
    opens or closes a scalar, and no backslash stands outside of double quotes.

    Returns:
        The value; None for any other text.
    """
    if _LATE_COLON.search(data):
        return None
    is_escaped = "\\" in text
    if is_escaped:
        text = text.replace("\\\\", _BACKSLASH).replace('\\"', _QUOTE)
    parts = text.split('"')
    if is_escaped and any(sign in "".join(parts[::2]) for sign in "\\\0"):
        return None  # a backslash in single quotes stands for itself
    for at in range(0, len(parts), 2):
        if parts[at].count("'") % 2:  # a scalar in quotes of one kind holds a quote of the other
            return None
        parts[at] = parts[at].replace("'", '"')
    text = '"'.join(parts)
    if is_escaped:
        text = text.replace(_QUOTE, '\\"').replace(_BACKSLASH, "\\\\")
    try:
        return orjson.loads(_LAST_COMMA.sub("", text))
    except orjson.JSONDecodeError:
        return None


def _read_yaml(data: bytes, text: str) -> Any:
    """Read YAML with yaml12.

    Raises:
        ValueError: It is not YAML, or the strict reader has to read it.
    """
    signs = data.translate(None, _LETTERS)
    if (
        any(sign in signs and sign in data for sign in _UNSEEN_IN_YAML)
        or data[:1] in b" \n#-"  # yaml12 does not see all that precedes the first key
        or (b"?" in signs and (b"? " in data or b"?\n" in data))
        or (b"&" in signs and _begins_value(data, b"&", b" ", b"\n:,[{-"))
        or any(sign in signs and scalar.search(data) for sign, scalar in _BLOCK_SCALARS)
        or any(sign in signs and _begins_value(data, sign, b" \n", b"[{,:") for sign in _INDICATORS)
        or _LATE_COLON.search(data)
    ):
        raise ValueError
    try:
        return yaml12.parse_yaml(text)
    except TypeError as error:  # a list or mapping with a standard tag as a key
        raise ValueError from error


def _has_suspect_key(data: bytes, written: bytes) -> bool:
    """Return whether a key may be too long, ends in syntax or is on two lines: yaml12 accepts `{:: 0}`."""
    befores = _split_at_keys(written)
    if not _SYNTAX_OR_NOTHING.isdisjoint([each[-1:] for each in befores]):
        return True
    if _has_long_key(written, befores):
        return True
    return b"{" in data and (b"\\\n" in data or _has_folded_key(data, written, befores))


def _split_at_keys(written: bytes) -> list[bytes]:
    """Return the parts of written JSON that each end in a key, without the quote behind it."""
    return written.split(b'":')[:-1]


def _has_long_key(written: bytes, befores: list[bytes]) -> bool:
    """Return whether a key in written JSON may be too long, or has a quote in it."""
    if max(map(len, befores), default=0) >= _LONG_KEY and any(
        len(each) - each.rfind(b'"') >= _LONG_KEY for each in befores
    ):
        return True
    return b"\\" in written and bool(_QUOTE_IN_KEY.search(written))


def _has_folded_key(data: bytes, written: bytes, befores: list[bytes]) -> bool:
    """Return whether a space in a key may be a line break in the text.

    Then the text holds the key, as it was written out, less often than the written JSON does. `befores` are
    the parts of the JSON that each end in a key; no key ends in syntax.
    """
    keys = {each[each.rfind(b'"') + 1 :] for each in befores}
    return any(
        key.strip(_SYNTAX) != key
        or key.translate(None, _LETTERS + _INNER)
        or data.count(key) != written.count(key)
        for key in keys
        if b" " in key or b"\\" in key
    )


def _keep_brackets(data: bytes) -> bytes:
    """Return only the brackets and braces of a text."""
    return data.translate(None, _NO_BRACKETS)


def _needs_strict_reader(text: str, data: bytes) -> bool:
    """Return whether a text, JSON or YAML, holds something that only the strict reader can judge."""
    return bool(
        any(sign in text for sign in _UNSEEN)
        or (b"\xc2" in data and _C1.search(text))
        or _FAR_COLON in data
        or _MINUS_ZERO.search(data)
        or (data.count(b"[") + data.count(b"{") > _DEEPEST and _is_nested_deep(data))
    )


def _begins_value(data: bytes, sign: bytes, blanks: bytes, before: bytes) -> bool:
    """Return whether a sign may be the first of a value: it stands behind blanks and one of some signs."""
    at = data.find(sign)
    while at >= 0:
        if data[max(0, at - 64) : at].rstrip(blanks)[-1:] in before:
            return True
        at = data.find(sign, at + 1)
    return False


def _is_nested_deep(data: bytes) -> bool:
    """Return whether brackets may nest deeper than `_DEEPEST`, counting those inside scalars too."""
    brackets = _keep_brackets(data).translate(_ALIKE)
    for removed in range(_DEEPEST):
        fewer = brackets.replace(b"[]", b"")
        if len(fewer) == len(brackets):
            return removed + brackets.count(b"[") > _DEEPEST
        brackets = fewer
    return b"[" in brackets


def _write_if_equal(data: bytes, value: Any) -> bytes | None:
    """Write a mapping as JSON, if that has the same content in the same order as the text.

    Returns:
        The JSON; None if the content differs or the value is no mapping.
    """
    try:
        written = orjson.dumps(value)
    except TypeError:  # a key that is not text, or a value with a tag
        return None
    if b"\\" in written and any(escape in written for escape in _CONTROLS):
        return None
    # Python writes this number with another exponent than orjson, so the strict reader keeps it as text
    if _SMALL in written or (b"0e" in written.translate(_DIGITS) and _EXPONENT.search(written)):
        return None
    # of a repeated key one colon is lost, and no escape adds one without adding content
    if data.count(b":") != written.count(b":"):
        return None
    # a comment is lost with its hash
    if (b"#" in data or b"#" in written) and data.count(b"#") != written.count(b"#"):
        return None
    is_equal = data.translate(None, _SYNTAX) == written.translate(None, _SYNTAX) or (
        # a line break may be an escape in only one of the two
        b"\\n" in written and _strip_syntax(data) == _strip_syntax(written)
    )
    return written if is_equal and isinstance(value, dict) else None


def _strip_syntax(data: bytes) -> bytes:
    """Return what carries content, without escaped line breaks."""
    return data.replace(b"\\n", b"").translate(None, _SYNTAX)

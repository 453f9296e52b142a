"""Read front matter with fast parsers, and accept a value only if it provably equals the text.

The value is written out as JSON, and both texts are stripped of syntax: letters, digits and signs that are no
syntax remain. If the two differ in one byte, the strict reader reads the text again. They differ, for
example, after a repeated key, a rewritten number, an anchor, a tag, a comment or a second document. So the
version of a fast parser never decides what a release contains.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import orjson
import yaml12

_SYNTAX = b" \n\t:,-[]{}'\"#|>?&*!%@`\\"

# Texts that the comparison cannot judge, or that a fast parser accepts and the strict reader refuses.
# In any text: tabs, which may be syntax or content; line and page ends other than LF; byte-order marks;
# U+007F to U+009F, which orjson does not escape; code points that libyaml takes for no character.
_UNSEEN = ("\t", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "\x7f")
_C1 = re.compile("[\x80-\x9f]")
_MINUS_ZERO = re.compile(rb"-0(?![\w.-])")
# In YAML: lists in lists on one line, deeply nested blocks, a second document. They are looked for first in
# the text without letters and digits, which is short, and then in the text.
_UNSEEN_IN_YAML = (b"- - - - ", b"\n" + b" " * 32, b"\n---")
#: An anchor: a fast parser would expand its aliases without limit. A block scalar: the comparison does not
#: see its line breaks.
_ANCHOR = re.compile(rb"&\S")
_BLOCK_SCALAR = re.compile(rb"[|>][-+0-9]* *(?:#[^\n]*)?(?:\n|\Z)")
#: Signs that may begin no plain scalar in flow style, and a colon whose key is on the line above.
_NO_BEGINNING = re.compile(rb"[\[{,:][ \n]*[?|>]")
_LATE_COLON = re.compile(rb"\n *:")
_LETTERS = bytes(byte for byte in range(256) if byte not in _SYNTAX)
#: Escapes that orjson writes for control characters; numbers for which orjson writes an exponent and Python
#: does not, or the reverse.
_CONTROLS = (b"\\u", b"\\b", b"\\f")
_SMALL = b"0.0000"
_EXPONENT = re.compile(rb"[:,\[]-?[0-9][0-9.]*[eE][-+]?[0-9]")
_DIGITS = bytes.maketrans(b"123456789E", b"000000000e")
_MARKED = bytes.maketrans(signs := bytes(set(_SYNTAX) - set(b'":')), b"#" * len(signs))
#: Every key in the written JSON, if no key has a quote in it. It looks ahead, so that matches may overlap and
#: none is missed, whatever the texts hold.
_KEY = re.compile(rb'"(?=([^"]*)":)')
#: A key with a quote in it, or one that may be too long. In YAML a key ends within 1,024 characters,
#: including quotes, escapes (at least half as long in JSON) and spaces before the colon; not all parsers
#: check that.
_LONG_KEY = re.compile(rb'(?:"[^"]{450,}|\\"[^"]*)":')
_FAR_COLON = b" " * 100 + b":"
#: Signs that are no syntax inside a key.
_INNER = b" -&'"
_DEEPEST = 32
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
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
    has_odd_key: Callable[[bytes], object] = _LONG_KEY.search
    if flow is None:
        flow, has_odd_key = _read_yaml(data, text), partial(_has_suspect_key, data)
    written = _write_if_equal(data, flow) if data.rstrip().endswith(b"}") else None
    # yaml12 ignores what follows the brace that closes the mapping
    if written is None or has_odd_key(written) or _keep_brackets(data) != _keep_brackets(written):
        return None
    return flow, "yaml"


def _read_requoted(data: bytes, text: str) -> Any:
    """Read a text in flow style that differs from JSON only in single quotes and last commas.

    It is tried with all single quotes made double, which is right if every quote opens or closes a scalar.

    Returns:
        The value; None for any other text.
    """
    if "\\" in text or _LATE_COLON.search(data):
        return None
    parts = text.split('"')
    for at in range(0, len(parts), 2):
        if parts[at].count("'") % 2:  # a scalar in quotes of one kind holds a quote of the other
            return None
        parts[at] = parts[at].replace("'", '"')
    try:
        return orjson.loads(_LAST_COMMA.sub("", '"'.join(parts)))
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
        or (b"&" in signs and _has_anchor(data))
        or ((b"|" in signs or b">" in signs) and _BLOCK_SCALAR.search(data))
        or ((b"?" in signs or b"|" in signs or b">" in signs) and _NO_BEGINNING.search(data))
        or _LATE_COLON.search(data)
    ):
        raise ValueError
    try:
        return yaml12.parse_yaml(text)
    except TypeError as error:  # a list or mapping with a standard tag as a key
        raise ValueError from error


def _has_suspect_key(data: bytes, written: bytes) -> bool:
    """Return whether a key may be too long, ends in syntax or is on two lines: yaml12 accepts `{:: 0}`."""
    marked = written.translate(_MARKED)
    ends = (b'#":', b'"":', b':":')
    if any(end in marked for end in ends) or _LONG_KEY.search(written):
        return True
    return b"{" in data and (b"\\\n" in data or _has_folded_key(data, written))


def _has_folded_key(data: bytes, written: bytes) -> bool:
    """Return whether a space in a key may be a line break in the text.

    Then the text holds the key, as it was written out, less often than the written JSON does.
    """
    keys = {key for key in _KEY.findall(written) if b" " in key or b"\\" in key}
    return any(
        key.strip(_SYNTAX) != key
        or key.translate(None, _LETTERS + _INNER)
        or data.count(key) != written.count(key)
        for key in keys
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


def _has_anchor(data: bytes) -> bool:
    """Return whether a `&` is where a value may begin."""
    for match in _ANCHOR.finditer(data):
        before = data[max(0, match.start() - 64) : match.start()].rstrip(b" ")
        if before[-1:] in b"\n:,[{-":
            return True
    return False


def _is_nested_deep(data: bytes) -> bool:
    """Return whether brackets nest deeper than `_DEEPEST`, counting those inside scalars too."""
    depth = 0
    for bracket in _keep_brackets(data):
        depth += 1 if bracket in b"[{" else -1
        if depth > _DEEPEST:
            return True
    return False


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
    if data.count(b"#") != written.count(b"#"):
        return None
    is_equal = data.translate(None, _SYNTAX) == written.translate(None, _SYNTAX) or (
        # a line break may be an escape in only one of the two
        b"\\n" in written and _strip_syntax(data) == _strip_syntax(written)
    )
    return written if is_equal and isinstance(value, dict) else None


def _strip_syntax(data: bytes) -> bytes:
    """Return what carries content, without escaped line breaks."""
    return data.replace(b"\\n", b"").translate(None, _SYNTAX)

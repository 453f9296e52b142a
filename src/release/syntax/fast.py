"""Front matter read by fast parsers, believed only where they cannot have changed anything.

What a fast parser made of a text is written out again, and both are stripped to what carries content:
letters, digits and the signs that are no syntax. Where the two differ in one byte - a key that stood twice, a
number that was rewritten, an anchor, a tag, a comment, a second document - the strict reader decides.
So which parsers are installed never decides what a release contains.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import orjson
import yaml12

_SYNTAX = b" \n\t:,-[]{}'\"#|>?&*!%@`\\"

# What the comparison cannot see, or a fast parser takes and the strict reader refuses. Of any text: tabs,
# which are syntax or content; what ends a line or page besides LF; byte-order marks; U+007F and U+0080 to
# U+009F, which orjson writes as they are; what is no character to libyaml.
_UNSEEN = ("\t", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "\x7f")
_C1 = re.compile("[\x80-\x9f]")
_MINUS_ZERO = re.compile(rb"-0(?![\w.-])")
# Of YAML: lists in lists on one line; blocks in blocks, deeper than these; a second document. Looked for in
# what is left of a text without letters and digits, which is short, before the text itself.
_UNSEEN_OF_YAML = (b"- - - - ", b"\n" + b" " * 32, b"\n---")
#: An anchor, whose aliases a fast parser would expand without end; a block scalar, whose line breaks the
#: comparison would not see.
_ANCHOR = re.compile(rb"&\S")
_BLOCK_SCALAR = re.compile(rb"[|>][-+0-9]* *(?:#[^\n]*)?(?:\n|\Z)")
#: What begins no plain text in flow style, and a colon whose key stands on the line before.
_NO_BEGINNING = re.compile(rb"[\[{,:][ \n]*[?|>]")
_LATE_COLON = re.compile(rb"\n *:")
_LETTERS = bytes(byte for byte in range(256) if byte not in _SYNTAX)
#: Escapes that orjson writes for control characters, and numbers that it writes with an exponent, or without
#: the one that Python writes.
_CONTROLS = (b"\\u", b"\\b", b"\\f")
_SMALL = b"0.0000"
_EXPONENT = re.compile(rb"[:,\[]-?[0-9][0-9.]*[eE][-+]?[0-9]")
_DIGITS = bytes.maketrans(b"123456789E", b"000000000e")
_MARKED = bytes.maketrans(signs := bytes(set(_SYNTAX) - set(b'":')), b"#" * len(signs))
#: Every key that was written, if none has a quote in it; the look ahead misses none, whatever texts hold.
_KEY = re.compile(rb'"(?=([^"]*)":)')
#: A key with a quote in it, or one that may be too long: YAML has it end within 1,024 characters, and quotes,
#: escapes, of which half is left at the least, and spaces before its colon count. Not all parsers see that.
_LONG_KEY = re.compile(rb'(?:"[^"]{450,}|\\"[^"]*)":')
_FAR_COLON = b" " * 100 + b":"
#: What a key that is looked for in a text may hold besides letters: between two of these it is no syntax.
_INNER = b" -&'"
_DEEPEST = 32
#: A comma behind the last item, which YAML allows; no text in quotes holds a line break when it is JSON.
_LAST_COMMA = re.compile(r",(?<=[\"\w\]}],)(?=\n *[}\]])")


def read(text: str) -> tuple[dict[str, Any], Literal["yaml", "json"]] | None:
    """The mapping that a text writes and its format, or None where the strict reader must decide."""
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
    """The mapping of a text that begins with a brace: JSON, or else YAML's flow style.

    Raises:
        ValueError: it is neither.
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
    # yaml12 lets more stand behind the brace that closes the mapping
    if written is None or has_odd_key(written) or _keep_brackets(data) != _keep_brackets(written):
        return None
    return flow, "yaml"


def _read_requoted(data: bytes, text: str) -> Any:
    """What flow style says that differs from JSON in quotes and last commas only; None for any other.

    Quotes of both kinds must stand around whole values: then what is outside is the same to both, or no JSON.
    """
    if "\\" in text or _LATE_COLON.search(data):
        return None
    parts = text.split('"')
    for at in range(0, len(parts), 2):
        if parts[at].count("'") % 2:  # one of the other quotes stands in a text in these
            return None
        parts[at] = parts[at].replace("'", '"')
    try:
        return orjson.loads(_LAST_COMMA.sub("", '"'.join(parts)))
    except orjson.JSONDecodeError:
        return None


def _read_yaml(data: bytes, text: str) -> Any:
    """What YAML says.

    Raises:
        ValueError: it is none, or has what only the strict reader may judge.
    """
    signs = data.translate(None, _LETTERS)
    if (
        any(sign in signs and sign in data for sign in _UNSEEN_OF_YAML)
        or data[:1] in b" \n#-"  # yaml12 does not see all that stands left of the first key
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
    """Whether a key is too long, ends in syntax, or stands on two lines: yaml12 takes `{:: 0}`."""
    marked = written.translate(_MARKED)
    ends = (b'#":', b'"":', b':":')
    if any(end in marked for end in ends) or _LONG_KEY.search(written):
        return True
    return b"{" in data and (b"\\\n" in data or _has_folded_key(data, written))


def _has_folded_key(data: bytes, written: bytes) -> bool:
    """Whether a space of a key may be a line break: then the text has it less often than what was written."""
    keys = {key for key in _KEY.findall(written) if b" " in key or b"\\" in key}
    return any(
        key.strip(_SYNTAX) != key
        or key.translate(None, _LETTERS + _INNER)
        or data.count(key) != written.count(key)
        for key in keys
    )


def _keep_brackets(data: bytes) -> bytes:
    return data.translate(None, _NO_BRACKETS)


def _needs_strict_reader(text: str, data: bytes) -> bool:
    """Whether a text has what only the strict reader may judge, in whatever it is written."""
    return bool(
        any(sign in text for sign in _UNSEEN)
        or (b"\xc2" in data and _C1.search(text))
        or _FAR_COLON in data
        or _MINUS_ZERO.search(data)
        or (data.count(b"[") + data.count(b"{") > _DEEPEST and _is_nested_deep(data))
    )


def _has_anchor(data: bytes) -> bool:
    """Whether `&` stands where a value may begin."""
    for match in _ANCHOR.finditer(data):
        before = data[max(0, match.start() - 64) : match.start()].rstrip(b" ")
        if before[-1:] in b"\n:,[{-":
            return True
    return False


def _is_nested_deep(data: bytes) -> bool:
    """Whether brackets may stand deeper than _DEEPEST; those in texts count too."""
    depth = 0
    for bracket in data.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > _DEEPEST:
            return True
    return False


_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _write_if_equal(data: bytes, value: Any) -> bytes | None:
    """A mapping written out, if that has the same content in the same order as the text."""
    try:
        written = orjson.dumps(value)
    except TypeError:  # a key that is no text, a value with a tag
        return None
    if b"\\" in written and any(escape in written for escape in _CONTROLS):
        return None
    # Python writes another exponent than orjson, or the only one, so that such a number is kept as text
    if _SMALL in written or (b"0e" in written.translate(_DIGITS) and _EXPONENT.search(written)):
        return None
    # a key that stood twice took a colon with it: no escape makes up for that without leaving content
    if data.count(b":") != written.count(b":"):
        return None
    # a comment took a hash with it
    if data.count(b"#") != written.count(b"#"):
        return None
    same = data.translate(None, _SYNTAX) == written.translate(None, _SYNTAX) or (
        # a line break may be an escape in one of them only
        b"\\n" in written and _strip_syntax(data) == _strip_syntax(written)
    )
    return written if same and isinstance(value, dict) else None


def _strip_syntax(data: bytes) -> bytes:
    return data.replace(b"\\n", b"").translate(None, _SYNTAX)

"""The formats of a string: an e-mail address, a URI, a UUID, base64."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping

#: An address as HTML takes it (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address), but
#: as a dot-atom of RFC 5322, and at a name with a top level of letters: not `root@localhost`.
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_ATOM = r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+"
_TOP = r"(?:[a-zA-Z]{2,63}|xn--[a-zA-Z0-9-]{1,59})"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP}")

#: A URI with a scheme, by RFC 3986: of ASCII, each other character and each `%` as `%` and two digits.
_URI = re.compile(
    r"[a-zA-Z][a-zA-Z0-9+.-]*:(?:[a-zA-Z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9a-fA-F]{2})+"
)

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return False
    return True


FITS: Mapping[str, Callable[[str], bool]] = {
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "uri": lambda text: _URI.fullmatch(text) is not None,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "binary": _is_base64,
}

"""The formats of a string: an e-mail address, a URI, a UUID, base64."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping

#: An address as HTML takes it, without those at a single name such as `root@localhost`
#: (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address).
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")

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

"""JSON for people: indented by two, just as json.dumps writes it, in a fraction of the time."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

#: Values that orjson writes otherwise than json, or that it makes null: in lines that end with them.
_OTHERWISE = re.compile(rb"(?m)(?:: |^ *)(?:null|-?[0-9.]+e-?[0-9]+),?$")


def dumped(value: Any) -> bytes:
    """A value as JSON with a line end."""
    try:
        fast = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # an integer that is too large, or a key that is no text
        fast = b"null"
    if _OTHERWISE.search(fast) is None:
        return fast
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()

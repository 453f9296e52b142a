"""Which paths any system can keep, and which are one file to some."""

from __future__ import annotations

import re
import unicodedata

#: Control characters and halves of surrogate pairs.
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_DRIVE = re.compile("[A-Za-z]:")
_SHORT = 60


def path_problem(path: str) -> str:
    """Why a path from elsewhere may not be used below a folder of this machine; nothing where it may."""
    parts = path.split("/")
    if path.startswith("/") or _DRIVE.match(path):
        return "is an absolute path, expected one below the folder"
    if "\\" in path:
        return "has a backslash, expected / between the parts of a path"
    if "" in parts or "." in parts or ".." in parts:
        return (
            "leads out of its folder or through nothing, expected a path with a name in each part"
        )
    if _CONTROL.search(path):
        return "has a control character, expected a path of text"
    if len(path) > _SHORT and (
        max(len(p.encode()) for p in parts) > 255 or len(path.encode()) > 4000
    ):
        return "is too long, expected at most 255 bytes in each part and 4,000 in all"
    return ""


def collision_key(path: str) -> str:
    """What is the same for paths that a file system without case, or with one form of accents, confuses."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())

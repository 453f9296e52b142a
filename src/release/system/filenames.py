"""Refuse paths that some operating system cannot keep, and find those that it takes for one file."""

from __future__ import annotations

import re
import unicodedata

#: Control characters and halves of surrogate pairs, which UTF-8 cannot write.
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_DRIVE = re.compile("[A-Za-z]:")
_SHORT = 60  # a path of so few characters needs no count of bytes


def path_problem(path: str) -> str:
    """Explain why a path from elsewhere may not be used below a folder of this machine.

    Returns:
        A predicate for people, such as `is an absolute path, expected …`; empty if the path may be used.
    """
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
    """Return a key that is equal for two paths if some file system takes them for one file.

    Such a file system ignores case, or the form in which Unicode writes accents.
    """
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())

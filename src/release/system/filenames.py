"""Find paths that some operating system cannot keep, and those that it takes for one file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: Control characters and halves of surrogate pairs, which UTF-8 cannot write.
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
#: Characters without width, and those that end a line or change the direction of text.
_UNSEEN = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

#: A path that can be kept on Windows has 200 characters, so at most 100 parts below `source/`.
DEEPEST = 101
_DRIVE = re.compile("[A-Za-z]:")
#: Names that Windows keeps for devices, whatever their ending (Naming Files, Paths, and Namespaces).
_DEVICE = r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])"

#: What Windows keeps in no path.
_NOT_PORTABLE = re.compile(
    rf"(?P<sign>[<>:\"|?*])|(?P<end>[. ])(?=/|$)|(?P<device>(?:(?<=/)|^){_DEVICE})(?=[./ ]|$)",
    re.IGNORECASE | re.MULTILINE,
)

#: The same for paths between slashes: signs, ends and what a device begins with as texts, then an expression.
_NOT_PORTABLE_PARTS = (*'<>:"|?*', "./", " /")
_DEVICE_STARTS = ("/con", "/prn", "/aux", "/nul", "/com", "/lpt")
_DEVICE_PART = re.compile(rf"/{_DEVICE}[./ ]", re.IGNORECASE)

#: Windows takes 260 characters, those of the folder that a release is unpacked into among them.
_LONGEST_PORTABLE = 200

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
    if unseen := _UNSEEN.search(path):
        return (
            f"has U+{ord(unseen[0]):04X}, which is not seen, expected a path that is read as it is"
        )
    if len(parts) > DEEPEST:
        return f"has {len(parts)} parts, expected at most {DEEPEST}"
    if len(path) > _SHORT and (
        max(len(p.encode()) for p in parts) > 255 or len(path.encode()) > 4000
    ):
        return "is too long, expected at most 255 bytes in each part and 4,000 in all"
    return ""


def are_portable(paths: Sequence[str]) -> bool:
    """Tell whether none of some paths, which have no control characters, has a portability problem.

    Looks for texts in all paths at once, which takes a fraction of the time of the expressions.
    """
    text = "/".join(("", *paths, ""))
    folded = text.casefold()
    may_be_device = any(start in folded for start in _DEVICE_STARTS)
    found = any(part in text for part in _NOT_PORTABLE_PARTS) or (
        may_be_device and _DEVICE_PART.search(text)
    )
    return not found and max(map(len, paths), default=0) <= _LONGEST_PORTABLE


def portability_problem(path: str) -> str:
    """Explain why a path cannot be kept on every system.

    Returns:
        A predicate for people, such as `has ':', which …`; empty if there is nothing.
    """
    if problem := naming_problem(path):
        return problem
    if len(path) <= _LONGEST_PORTABLE:
        return ""
    return f"has {len(path)} characters, expected at most {_LONGEST_PORTABLE}, as Windows has it"


def naming_problem(path: str) -> str:
    """Explain why Windows cannot keep a name in a path, however long the path is; empty if it can."""
    match = _NOT_PORTABLE.search(path)
    if match is None:
        return ""
    found = match[0]
    return {
        "sign": f"has {found!r}, which Windows allows in no name; expected another sign",
        "end": f"has a part that ends in {found!r}, which Windows drops; expected it left out",
        "device": f"has the name {found!r}, which Windows keeps for a device; expected another one",
    }[match.lastgroup or ""]


def collision_key(path: str) -> str:
    """Return a key that is equal for two paths if some file system takes them for one file.

    Such a file system ignores case, or the form in which Unicode writes accents.
    """
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())

"""Traces of Git and of desktops in a folder: rewritten line ends, and files of their own."""

from __future__ import annotations

import hashlib
from pathlib import Path

from release.system import files

#: So many bytes of a file are held at once.
_BLOCK = 1 << 20

#: The content of a .gitattributes by which Git rewrites no line ends in its folder and below.
ATTRIBUTES = b"* -text\n"

#: What rewrites line ends, and what to do.
ADVICE = (
    "Git does that (core.autocrlf, or `text` in .gitattributes): put the line `* -text` into .gitattributes "
    "of the store and commit that file alone, then remove this folder and check it out again; or unpack the "
    "zip, which Git leaves as it is"
)


def has_rewritten(path: Path, sha256: str) -> bool:
    """Return whether a file would have a SHA-256 if all of its line ends were LF, or all of them CRLF.

    Raises:
        OSError: It cannot be read.
    """
    short, long = hashlib.sha256(), hashlib.sha256()
    with files.open_regular(path) as file:
        held = b""
        while block := file.read(_BLOCK):
            block = held + block
            held = block[-1:] if block.endswith(b"\r") else b""
            block = block.removesuffix(held).replace(b"\r\n", b"\n")
            short.update(block)
            long.update(block.replace(b"\n", b"\r\n"))
        short.update(held)
        long.update(held)
    return sha256 in (short.hexdigest(), long.hexdigest())


#: Who makes the files of such a name, in small letters.
_MAKERS = {
    ".ds_store": "macOS",
    ".localized": "macOS",
    "icon\r": "macOS",
    "desktop.ini": "Windows",
    "thumbs.db": "Windows",
    "ehthumbs.db": "Windows",
    "ehthumbs_vista.db": "Windows",
    ".directory": "KDE",
}

#: How a file begins that keeps for macOS what another file system cannot: AppleSingle and AppleDouble,
#: RFC 1740. A file of data that is named like one does not begin so.
_APPLE = (b"\x00\x05\x16\x00", b"\x00\x05\x16\x07")


def is_of_desktop(path: str) -> bool:
    """Return whether a desktop makes files of this name in folders that it shows, such as `Thumbs.db`."""
    return path.rpartition("/")[2].lower() in _MAKERS


def find_maker(folder: Path, path: str) -> str:
    """Return the system whose desktop makes the file at a path below a folder; empty if none does."""
    name = path.rpartition("/")[2]
    if maker := _MAKERS.get(name.lower()):
        return maker
    return "macOS" if name.startswith("._") and _is_apple(folder / path) else ""


def _is_apple(path: Path) -> bool:
    try:
        with files.open_regular(path) as file:
            return file.read(4) in _APPLE
    except OSError:
        return False

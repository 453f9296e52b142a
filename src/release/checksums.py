"""SHA256SUMS: which files a release has, and what is in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from release.errors import RefusedError
from release.filenames import unsafe
from release.findings import shown

NAME = "SHA256SUMS"

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(frozen=True, slots=True)
class Digest:
    """A file by its path, its size and its hash, `sha256:…`."""

    path: str
    bytes: int
    hash: str


def digest(path: Path, name: str) -> Digest:
    """The digest of a file, under a name.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return Digest(name, file.tell(), f"sha256:{sha256}")


def read(folder: Path) -> Mapping[str, str]:
    """The hashes, `sha256:…`, of the files of a release by path, as its SHA256SUMS has them.

    Raises:
        RefusedError: it is not there, is empty, or a line is none of its kind.
    """
    path = folder / NAME
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}; every release has it") from error
    except UnicodeDecodeError as error:
        raise RefusedError(f"{path}: is not UTF-8, expected what sha256sum writes") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, 1):
        match = _LINE.fullmatch(line)
        name = match[2] if match else line
        problem: str | None = unsafe(name) if match else "is no line of sha256sum"
        problem = problem or ("stands there twice" if name in found else None)
        if problem or not match:
            raise RefusedError(f"{path}:{number}: {shown(name)} {problem}")
        found[name] = f"sha256:{match[1]}"
    if not found:
        raise RefusedError(f"{path}: is empty, expected a line for each file of the release")
    return found

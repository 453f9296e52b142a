"""Puts the bytes of files into another folder, and reads them back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from release import checksums, durable
from release.checksums import Digest
from release.errors import RefusedError


def unlike(folder: Path, wanted: Mapping[str, Digest]) -> Iterator[Digest]:
    """Those of the wanted files that a folder does not hold with the same bytes.

    Where the system can be told so, files are read from the disk and not from its memory.
    """
    for digest in wanted.values():
        path = folder / digest.path
        if path.is_symlink() or not path.is_file() or path.stat().st_size != digest.bytes:
            yield digest
            continue
        _forget(path)
        if checksums.digest(path, digest.path) != digest:
            yield digest


def _forget(path: Path) -> None:
    """Let the system forget what it keeps of a file in memory, so that the disk is read."""
    if hasattr(os, "posix_fadvise"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def put(source: Path, target: Path, wanted: Mapping[str, Digest]) -> None:
    """Make a folder hold the wanted files of another and no others; those that it holds are not copied.

    Every file is read back. An interrupted copy is completed by the next one.

    Raises:
        RefusedError: a file is not what is wanted when it is read back.
    """
    for path in sorted(target.rglob("*"), reverse=True):
        if not path.is_dir() and path.relative_to(target).as_posix() not in wanted:
            path.unlink()
    copied = list(unlike(target, wanted))
    for digest in copied:
        place = target / digest.path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / digest.path, place, follow_symlinks=False)
    durable.sync_tree(target)
    for digest in unlike(target, {digest.path: digest for digest in copied}):
        raise RefusedError(
            f"{target / digest.path}: has other bytes than {source / digest.path} when it is read back: "
            "try again, and if it fails again look at the disks"
        )

"""Unpack a zip from elsewhere safely: no path out of the folder, no name twice, no unlimited size."""

from __future__ import annotations

import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from release.errors import NO_ROOM
from release.findings import Finding, FindingsError, shown
from release.system.filenames import collision_key, path_problem

_BLOCK = 1 << 20

#: What zipfile raises for a member that is not as it was packed; a name that is no text among that.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)

#: So many problems of one zip are named.
_MAX_NAMED = 20


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """The limits of a zip from elsewhere.

    Attributes:
        members: The most members.
        directory: The most bytes of the central directory.
        bytes: The most bytes of all members, unpacked.
        ratio: The most times that all members may be larger unpacked than the zip.
        small: The bytes, unpacked, up to which `ratio` does not count.
    """

    members: int = 2_000_000
    directory: int = 1 << 29
    bytes: int = 1 << 36
    ratio: int = 200
    small: int = 1 << 24


@dataclass(frozen=True, slots=True)
class ZipProblem:
    """A problem of one member of a zip, or of the whole zip if the member is empty."""

    member: str
    message: str

    def __str__(self) -> str:
        return f"{shown(self.member)} {self.message}" if self.member else self.message


def unpack(
    path: Path,
    folder: Path,
    limits: ZipLimits = ZipLimits(),
    *,
    wanted: Callable[[str], bool] | None = None,
) -> None:
    """Unpack a zip into an empty folder, or of it the members whose paths are `wanted`.

    Nothing is written before all members are known to be safe.

    Raises:
        FindingsError: it is no whole zip, or one that may do harm; the message names each member.
        OSError: there is no room for it.
    """
    refuse(path, limits)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not member.is_dir() and (wanted is None or wanted(member.filename)):
                _extract(archive, member, folder / member.filename, path)


def refuse(path: Path, limits: ZipLimits = ZipLimits()) -> None:
    """Refuse a zip that cannot be unpacked without harm, by its directory.

    Raises:
        FindingsError: it is not whole, or unsafe; the message names each member.
    """
    if found := faults(path, limits):
        more = [f"… and {len(found) - _MAX_NAMED} more"] if len(found) > _MAX_NAMED else []
        raise _unsafe(path, *map(str, found[:_MAX_NAMED]), *more)


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, path: Path) -> None:
    """Write one member; zipfile reads no more than the size that was checked before."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("xb") as place:
            shutil.copyfileobj(source, place, _BLOCK)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise OSError(error.errno, error.strerror, str(target)) from error
        reason = error.strerror or error
        raise _unsafe(path, f"{shown(member.filename)} cannot be unpacked: {reason}") from error
    except DAMAGED as error:
        message = f"is damaged ({error}), expected the file that was packed"
        raise _unsafe(path, f"{shown(member.filename)} {message}") from error


def _unsafe(path: Path, *messages: str) -> FindingsError:
    """Return the error of a zip that cannot be unpacked."""
    return FindingsError(
        Finding("archive-unsafe", path.name, message, file=str(path)) for message in messages
    )


def faults(path: Path, limits: ZipLimits = ZipLimits()) -> Sequence[ZipProblem]:
    """Find the problems of a zip that forbid unpacking it, by its directory."""
    try:
        with path.open("rb") as file:
            if fault := _directory(file, limits):
                return [fault]
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except OSError as error:
        return [ZipProblem("", f"cannot be read: {error.strerror or error}, expected a zip")]
    except (
        zipfile.BadZipFile,
        struct.error,
        ValueError,
        OverflowError,
        NotImplementedError,
    ) as error:
        return [ZipProblem("", f"is no whole zip: {error}; fetch it again")]
    size = path.stat().st_size
    return [
        *(ZipProblem(m.orig_filename, message) for m in members for message in _member(m)),
        *_names(members),
        *_sizes(members, size, limits),
    ]


def _directory(file: IO[bytes], limits: ZipLimits) -> ZipProblem | None:
    """Refuse a directory that is too large for memory before zipfile reads it (APPNOTE 4.3.14, 4.3.16)."""
    size = file.seek(0, 2)
    start = max(0, size - 22 - 0xFFFF - 20)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return ZipProblem("", "is no whole zip: its directory is missing; fetch it again")
    count, length = struct.unpack_from("<HI", tail, at + 10)
    if tail[at - 20 : at - 16] == b"PK\x06\x07" and at >= 20:
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = file.read(56)
        if record[:4] == b"PK\x06\x06" and len(record) == 56:
            count, length = struct.unpack_from("<QQ", record, 32)
    if count > limits.members:
        return ZipProblem("", f"has {count} members, expected at most {limits.members}")
    if length > limits.directory:
        return ZipProblem(
            "", f"has a directory of {length} bytes, expected at most {limits.directory}"
        )
    return None


def _member(member: zipfile.ZipInfo) -> Iterator[str]:
    """Yield the problems of one member."""
    if not member.orig_filename:
        yield "a member has no name, expected the path of a file"
        return
    if problem := path_problem(member.orig_filename.removesuffix("/")):
        yield problem
    mode = member.external_attr >> 16
    wanted = (0, stat.S_IFDIR) if member.is_dir() else (0, stat.S_IFREG)
    if member.create_system == 3 and stat.S_IFMT(mode) not in wanted:
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        yield f"is {kind}, expected a regular file"
    if member.is_dir() and member.file_size:
        yield "is a folder with content, expected none"
    if member.flag_bits & 0x41:
        yield "is encrypted, expected it in the clear"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield f"is compressed by method {member.compress_type}, expected it stored or deflated"


def _names(members: Sequence[zipfile.ZipInfo]) -> Iterator[ZipProblem]:
    """Find members that are one file where case does not matter, and files that are also folders."""
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for member in members:
        name = member.orig_filename
        key = collision_key(name.removesuffix("/"))
        if key in seen:
            other = "twice" if seen[key] == name else f"beside {shown(seen[key])}"
            yield ZipProblem(name, f"stands there {other}, expected each name once")
        seen.setdefault(key, name)
        parts = key.split("/")
        for end in range(1, len(parts)):
            folders.setdefault("/".join(parts[:end]), name)
    for key, name in seen.items():
        if key in folders and not name.endswith("/"):
            yield ZipProblem(name, f"is a file and the folder of {shown(folders[key])}")


def _sizes(
    members: Sequence[zipfile.ZipInfo], size: int, limits: ZipLimits
) -> Iterator[ZipProblem]:
    total = sum(member.file_size for member in members)
    if total > limits.bytes:
        yield ZipProblem("", f"holds {total} bytes, expected at most {limits.bytes}")
    elif total > max(limits.small, limits.ratio * size):
        yield ZipProblem(
            "", f"holds {total} bytes in {size}, expected at most {limits.ratio} times as many"
        )
    end = 0
    before = ""
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            where = (
                f"shares bytes with {shown(before)}, expected its own"
                if end
                else "begins before the zip does"
            )
            yield ZipProblem(member.orig_filename, where)
        if member.file_size > member.compress_size and member.compress_type == zipfile.ZIP_STORED:
            yield ZipProblem(member.orig_filename, "is longer than what is stored of it")
        end = member.header_offset + 30 + len(member.orig_filename) + member.compress_size
        before = member.orig_filename

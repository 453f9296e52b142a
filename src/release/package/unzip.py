"""Unpack a zip from elsewhere safely: no path out of the folder, no name twice, no unlimited size."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from release.findings.errors import NO_ROOM
from release.findings.finding import Finding, FindingsError
from release.findings.message import shown
from release.system.archive import directory as zip_directory
from release.system.archive import layout as zip_layout
from release.system.archive.directory import Directory, LayoutError, ZipMember
from release.system.filenames import collision_key, naming_problem, path_problem

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
    members = refuse(path, limits)
    with path.open("rb") as file:
        for member in members:
            if not member.is_folder and (wanted is None or wanted(member.name)):
                _extract(file, member, folder / member.name, path)


def refuse(path: Path, limits: ZipLimits = ZipLimits()) -> Sequence[ZipMember]:
    """Refuse a zip that cannot be unpacked without harm, by its directory and headers; return its members.

    Raises:
        FindingsError: it is not whole, or unsafe; the message names each member.
    """
    members, found = read(path, limits)
    if found:
        more = [f"… and {len(found) - _MAX_NAMED} more"] if len(found) > _MAX_NAMED else []
        raise _unsafe(path, *map(str, found[:_MAX_NAMED]), *more)
    return members


def _extract(file: IO[bytes], member: ZipMember, target: Path, path: Path) -> None:
    """Write one member, and no more of it than the size that was checked before."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as place:
            place.writelines(zip_layout.read_content(file, member))
    except OSError as error:
        if error.errno in NO_ROOM:
            raise OSError(error.errno, error.strerror, str(target)) from error
        reason = error.strerror or error
        raise _unsafe(path, f"{shown(member.name)} cannot be unpacked: {reason}") from error
    except LayoutError as error:
        raise _unsafe(path, f"{shown(member.name)} {error}") from error


def _unsafe(path: Path, *messages: str) -> FindingsError:
    """Return the error of a zip that cannot be unpacked."""
    return FindingsError(
        Finding("archive-unsafe", path.name, message, file=str(path)) for message in messages
    )


def read(
    path: Path, limits: ZipLimits = ZipLimits()
) -> tuple[Sequence[ZipMember], Sequence[ZipProblem]]:
    """Read the directory of a zip: its members, and the problems that forbid unpacking it."""
    try:
        with path.open("rb") as file:
            directory = zip_directory.find_directory(file)
            if fault := _excess(directory, limits):
                return (), [fault]
            members = zip_directory.read_members(file, directory)
            placed = list(zip_layout.check_layout(file, directory, members))
    except OSError as error:
        return (), [ZipProblem("", f"cannot be read: {error.strerror or error}, expected a zip")]
    except LayoutError as error:
        return (), [ZipProblem("", str(error))]
    size = path.stat().st_size
    return members, [
        *(ZipProblem(each.name, message) for each in members for message in _member(each)),
        *_names(members),
        *_sizes(members, size, limits),
        *(ZipProblem(each.name, message) for each, message in placed),
    ]


def faults(path: Path, limits: ZipLimits = ZipLimits()) -> Sequence[ZipProblem]:
    """Find the problems of a zip that forbid unpacking it."""
    return read(path, limits)[1]


def differences(
    path: Path, members: Sequence[ZipMember], digests: Mapping[str, str]
) -> Iterator[str]:
    """Yield a message for each file that a zip lacks, holds besides, or holds with other bytes.

    Args:
        path: The zip.
        members: Its members, which were read before.
        digests: The SHA-256 of each file that it should hold, by path.
    """
    names = {each.name for each in members if not each.is_folder}
    yield from (f"lacks {shown(each)}" for each in sorted(digests.keys() - names))
    for each in sorted(names - digests.keys()):
        yield f"holds {shown(each)}, which is no file of the release"
    with path.open("rb") as file:
        for member in members:
            if member.name not in digests:
                continue
            digest = hashlib.sha256()
            try:
                for piece in zip_layout.read_content(file, member):
                    digest.update(piece)
            except LayoutError as error:
                yield f"{shown(member.name)} {error}"
            except OSError as error:
                yield f"{shown(member.name)} cannot be read: {error.strerror or error}"
            else:
                if digest.hexdigest() != digests[member.name]:
                    yield f"{shown(member.name)} is not the file of that name"


def _excess(directory: Directory, limits: ZipLimits) -> ZipProblem | None:
    """Refuse a directory that is too large for memory before it is read."""
    if directory.count > limits.members:
        message = f"has {directory.count} members, expected at most {limits.members}"
    elif directory.size > limits.directory:
        message = f"has a directory of {directory.size} bytes, expected at most {limits.directory}"
    else:
        return None
    return ZipProblem("", message)


def _member(member: ZipMember) -> Iterator[str]:
    """Yield the problems of one member."""
    if not member.name:
        yield "a member has no name, expected the path of a file"
        return
    if member.problem:
        yield member.problem
        return
    path = member.name.removesuffix("/")
    if problem := path_problem(path) or naming_problem(path):
        yield problem
    mode, wanted = member.attributes >> 16, stat.S_IFDIR if member.is_folder else stat.S_IFREG
    if stat.S_IFMT(mode) not in (0, wanted) or member.attributes & _SPECIAL:
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        yield f"is {kind}, expected a regular file"
    if member.is_folder and (member.size or member.packed):
        yield "is a folder with content, expected none"
    if member.flags & zip_directory.ENCRYPTED:
        yield "is encrypted, expected it in the clear"
    if member.method not in (zip_directory.STORED, zip_directory.DEFLATED):
        yield f"is compressed by method {member.method}, expected it stored or deflated"
    elif member.method == zip_directory.STORED and member.size != member.packed:
        which = "longer" if member.size > member.packed else "shorter"
        yield f"is {which} than what is stored of it"


#: Attributes of DOS: the name of a volume, and a link of Windows.
_SPECIAL = 0x0008 | 0x0400


def _names(members: Sequence[ZipMember]) -> Iterator[ZipProblem]:
    """Find members that are one file where case does not matter, and files that are also folders."""
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for member in members:
        name = member.name
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


def _sizes(members: Sequence[ZipMember], size: int, limits: ZipLimits) -> Iterator[ZipProblem]:
    total = sum(member.size for member in members)
    if total > limits.bytes:
        yield ZipProblem("", f"holds {total} bytes, expected at most {limits.bytes}")
    elif total > max(limits.small, limits.ratio * size):
        yield ZipProblem(
            "", f"holds {total} bytes in {size}, expected at most {limits.ratio} times as many"
        )

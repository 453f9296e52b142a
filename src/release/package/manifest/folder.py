"""Read the folder of a release by its manifest; refuse files that are links, pipes, or not as described."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from release.findings.errors import UsageError
from release.findings.finding import Finding, FindingsError
from release.package.manifest.model import NAME, Manifest, locate_problems
from release.package.manifest.properties import Problem
from release.package.manifest.resources import ManifestResource
from release.system.folders import Folder, NoFileError

#: The most findings that are named where a release is refused.
MOST = 20

#: So many bytes of a file are held at once.
_BLOCK = 1 << 18


def read(folder: Path, *, is_whole: bool = True) -> Manifest:
    """Return the manifest of the release in a folder, which has all of its files if it `is_whole`.

    Raises:
        UsageError: the folder has no manifest.
        FindingsError: it cannot be trusted, or names a file that is missing or not a regular one.
    """
    manifest, found = find(folder)
    if any(each.rule == "file-missing" for each in found):
        raise UsageError(f"{folder}: has no {NAME}, expected a release")
    if manifest is not None and not found and is_whole:
        found = list(find_files(folder, manifest.resources))
    if manifest is None or found:
        raise FindingsError(found[:MOST])
    return manifest


def find(folder: Path) -> tuple[Manifest | None, list[Finding]]:
    """Return the manifest of the release in a folder, as far as it can be read, and what is wrong with it."""
    data = read_file(Folder.at(folder), NAME)
    if isinstance(data, Finding):
        return None, [data]
    manifest, found = Manifest.parse(data)
    return manifest, [replace(each, file=str(folder / each.path)) for each in found]


def locate(folder: Path, problems: Sequence[Problem]) -> list[Finding]:
    """Return the findings of problems of a manifest in a folder, with line and column."""
    data = read_file(Folder.at(folder), NAME) if problems else b""
    text = "" if isinstance(data, Finding) else data.decode("utf-8", "replace")
    return locate_problems(text, problems)


def read_file(folder: Folder, path: str) -> bytes | Finding:
    """Return the content of a file, or the finding for which it cannot be read."""
    try:
        return folder.read(path)
    except OSError as error:
        return unreadable(error, folder, path)


def unreadable(error: OSError, folder: Folder, path: str) -> Finding:
    """Return the finding of a file that cannot be read."""
    file = f"{folder.root}/{path}"
    if isinstance(error, NoFileError):
        return Finding("not-a-file", path, str(error.strerror), file=file)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Finding(
            "file-missing", path, "is missing, expected a file of the release", file=file
        )
    return Finding("file-unreadable", path, f"cannot be read: {error.strerror}", file=file)


def find_files(folder: Path, resources: Iterable[ManifestResource]) -> Iterator[Finding]:
    """Find the files of resources that are missing, or are no regular files of the folder.

    A file is not read, only looked at.
    """
    held = Folder.at(folder)
    for resource in resources:
        for path in resource.paths:
            try:
                held.stat(path)
            except OSError as error:
                yield unreadable(error, held, path)


def read_resource(folder: Path, resource: ManifestResource) -> list[bytes]:
    """Return the content of each file of a resource, which is held against its `bytes` and `hash`.

    No more of a file is read than the manifest allows.

    Raises:
        FindingsError: a file is not there, is no regular file, or is not the one that the manifest describes.
    """
    held, found, size, digest = Folder.at(folder), [], 0, hashlib.sha256()
    for path in resource.paths:
        try:
            size += held.stat(path).st_size
            if size > resource.bytes:
                break
            data = held.read(path)
        except OSError as error:
            raise FindingsError([unreadable(error, held, path)]) from error
        digest.update(data)
        found.append(data)
    if problem := _problem(resource, size, f"sha256:{digest.hexdigest()}"):
        rule, message = problem
        path = resource.paths[0]
        raise FindingsError([Finding(rule, path, message, file=f"{held.root}/{path}")])
    return found


def check_resource(
    folder: Folder, resource: ManifestResource, listed: Mapping[str, str]
) -> list[Finding]:
    """Hold the files of a resource against its `bytes` and `hash`, and against SHA256SUMS.

    `listed` is the SHA-256 that SHA256SUMS has of each file, by path; a file that it lacks is not held
    against it. No more of a file is read than the manifest allows.
    """
    found: list[Finding] = []
    try:
        size = sum(folder.stat(path).st_size for path in resource.paths)
        whole = "" if size > resource.bytes else _sha256(folder, resource.paths)
        for path in resource.paths if whole else ():
            one = whole if len(resource.paths) == 1 else _sha256(folder, [path])
            if one != listed.get(path, one):
                message = f"was changed: its SHA-256 is {one}, expected {listed[path]}"
                found.append(Finding("file-changed", path, message, file=f"{folder.root}/{path}"))
    except OSError as error:
        return [unreadable(error, folder, str(error.filename).removeprefix(f"{folder.root}/"))]
    if problem := _problem(resource, size, f"sha256:{whole}"):
        rule, message = problem
        path = resource.paths[0]
        found.append(Finding(rule, path, message, file=f"{folder.root}/{path}"))
    return found


def _sha256(folder: Folder, paths: Sequence[str]) -> str:
    """Return the SHA-256 of some files in sequence."""
    found, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    for path in paths:
        with folder.open(path) as file:
            while count := file.readinto(block):
                found.update(block[:count])
    return found.hexdigest()


def _problem(resource: ManifestResource, size: int, digest: str) -> tuple[str, str] | None:
    """Return the rule and message of a resource whose content differs from the manifest."""
    of = f"{resource.name} " if len(resource.paths) > 1 else ""
    if size > resource.bytes:
        message = f"{of}has more bytes than {NAME} says, which are {resource.bytes}"
        return "resource-bytes", message
    if size < resource.bytes:
        return "resource-bytes", f"{of}has {size} bytes, {NAME} says {resource.bytes}"
    if digest != resource.hash:
        return "resource-hash", f"{of}has the hash '{digest}', {NAME} says '{resource.hash}'"
    return None

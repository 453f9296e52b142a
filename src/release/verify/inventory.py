"""The inventory of a release: its files, each read once, compared with SHA256SUMS."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from release.findings.finding import Finding
from release.package import checksums
from release.package.checksums import SUMS, Digest
from release.system import files
from release.system.filenames import DEEPEST
from release.system.folders import no_file
from release.system.limits import LIMITS, Limits
from release.system.surroundings import ADVICE, find_maker, has_rewritten

#: The number of large files that are read at once.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Inventory:
    """The files of a release's folder, by path.

    Attributes:
        folder: The folder.
        digests: The SHA-256 of each file that can be read.
        sizes: The size of each file in bytes.
        listed: The SHA-256 that SHA256SUMS lists.
        crcs: The CRC-32 of each large file.
        rewritten: The paths of files with other line ends than those of the digest that is listed.
    """

    folder: Path
    digests: Mapping[str, str]
    sizes: Mapping[str, int]
    listed: Mapping[str, str]
    crcs: Mapping[str, int]
    rewritten: Sequence[str] = ()

    def is_right(self, path: str) -> bool:
        """Return whether a file exists and has the digest that is listed."""
        return path in self.listed and self.digests.get(path) == self.listed[path]


def take(
    folder: Path, limits: Limits = LIMITS, *, is_packed: bool = False
) -> tuple[Inventory, list[Finding]]:
    """Read every file of a folder once, and SHA256SUMS; return findings about files that cannot be read.

    Files of a desktop that SHA256SUMS does not list are left out, with a warning, unless the folder was
    packed: no desktop puts files into a zip.
    """
    sizes, findings = _walk(folder)
    found: dict[str, str] = {}
    crcs: dict[str, int] = {}
    for path, digest in _digests(folder, sizes, limits.large_file):
        if isinstance(digest, OSError):
            findings.append(_unreadable(path, digest))
        elif isinstance(digest, str):
            found[path] = digest
        else:
            found[path], crcs[path] = digest.sha256, digest.crc
    listed: dict[str, str] = {}
    rewritten: list[str] = []
    if SUMS in found:
        listed, about_list, is_rewritten = _read(folder / SUMS)
        findings += about_list
        rewritten += [SUMS] if is_rewritten else []
    if not is_packed:
        for path, maker in _of_desktops(folder, sizes, listed):
            sizes.pop(path)
            found.pop(path, None)
            findings.append(_of_desktop(path, maker))
    changed = [path for path in listed if found.get(path, listed[path]) != listed[path]]
    rewritten += [path for path in changed if _is_rewritten(folder / path, listed[path])]
    return Inventory(folder, found, sizes, listed, crcs, rewritten), findings


def _of_desktops(
    folder: Path, sizes: Mapping[str, int], listed: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the files that are not listed and that a desktop makes, each with the system that does."""
    found = ((path, find_maker(folder, path)) for path in sizes if path not in listed)
    return [(path, maker) for path, maker in found if maker]


def _of_desktop(path: str, maker: str) -> Finding:
    message = (
        f"is no part of the release: {maker} makes it in folders that it shows; it was left out"
    )
    return Finding("desktop-file", path, message, severity="warning")


def _is_rewritten(path: Path, wanted: str) -> bool:
    try:
        return has_rewritten(path, wanted)
    except OSError:
        return False


def _digests(
    folder: Path, sizes: Mapping[str, int], limit: int
) -> Iterator[tuple[str, str | Digest | OSError]]:
    """Yield the digest of each file; large files are read side by side."""
    large = [path for path, size in sizes.items() if size > limit]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        reading = [pool.submit(_large, folder / path) for path in large]
        yield from ((path, _small(f"{folder}/{path}")) for path in sizes if sizes[path] <= limit)
        yield from ((path, job.result()) for path, job in zip(large, reading, strict=True))


def _small(path: str) -> str | OSError:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 — many thousands
            return hashlib.sha256(file.readall()).hexdigest()
    except OSError as error:
        return error


def _large(path: Path) -> Digest | OSError:
    try:
        return checksums.of(path)
    except OSError as error:
        return error


def _unreadable(path: str, error: OSError) -> Finding:
    return Finding("file-unreadable", path, f"cannot be read: {error.strerror}")


def compare(inventory: Inventory, beside: Sequence[str]) -> Iterator[Finding]:
    """Yield files that are missing, changed or extra; `beside` are those that SHA256SUMS need not list."""
    if SUMS not in inventory.digests:
        yield Finding("file-missing", SUMS, "is missing, expected the list of the release's files")
        return
    for path, wanted in inventory.listed.items():
        if path not in inventory.sizes:
            yield Finding("file-missing", path, f"is missing, expected it as {SUMS} lists it")
        elif path in inventory.rewritten:
            continue
        elif path in inventory.digests and inventory.digests[path] != wanted:
            found = inventory.digests[path]
            message = f"was changed: its SHA-256 is {found}, expected {wanted}"
            yield Finding("file-changed", path, message)
    if inventory.rewritten:
        yield _rewritten(inventory.rewritten)
    for path in inventory.sizes if inventory.listed else ():
        if path not in inventory.listed and path not in (SUMS, *beside):
            yield Finding("file-extra", path, f"is extra: {SUMS} does not list it")


def _rewritten(paths: Sequence[str]) -> Finding:
    """Return the one finding about all files whose line ends were rewritten."""
    others = len(paths) - 1
    more = (
        f", as {'has 1 other file' if others == 1 else f'have {others} other files'}"
        if others
        else ""
    )
    message = (
        f"has other line ends than it was released with{more}, and is the same otherwise; {ADVICE}"
    )
    return Finding("line-ends-rewritten", paths[0], message)


def _walk(folder: Path) -> tuple[dict[str, int], list[Finding]]:
    """Return the sizes of the regular files below a folder, sorted by path, and findings about all others."""
    sizes: dict[str, int] = {}
    findings: list[Finding] = []

    def unreadable(error: OSError) -> None:
        path = Path(error.filename or folder).relative_to(folder).as_posix()
        findings.append(_unreadable(path, error))

    root = str(folder)
    for parent, folders, names in os.walk(root, onerror=unreadable):
        if not folders and not names and parent != root:
            findings.append(
                Finding(
                    "folder-empty", parent[len(root) + 1 :], "is an empty folder, expected none"
                )
            )
        if folders and parent.count("/") - root.count("/") >= DEEPEST:
            # os.walk would call itself until Python's stack ends
            findings.append(_too_deep(f"{parent}/{folders[0]}"[len(root) + 1 :]))
            folders.clear()
        for name in folders + names:
            path = f"{parent}/{name}"
            about = os.lstat(path)
            relative = path[len(root) + 1 :]
            if stat.S_ISREG(about.st_mode):
                sizes[relative] = about.st_size
            elif not stat.S_ISDIR(about.st_mode):
                findings.append(Finding("not-a-file", relative, no_file(about.st_mode)))
    return dict(sorted(sizes.items())), findings


def _too_deep(path: str) -> Finding:
    expected = f"expected a path of {DEEPEST} parts at most"
    message = f"stands in {DEEPEST} folders and is not looked into, {expected}"
    return Finding("file-unreadable", path, message)


def _read(path: Path) -> tuple[dict[str, str], list[Finding], bool]:
    """Read SHA256SUMS.

    Returns:
        The digests that it lists, by path; findings about its lines; and whether all of them end in CRLF.
    """
    try:
        text = files.read(path).decode("utf-8")
    except UnicodeDecodeError:
        return {}, [_bad_list("is not text in UTF-8, expected lines of sha256sum")], False
    if not text:
        return {}, [_bad_list("is empty, expected a line for each file of the release")], False
    if "\r\n" in text and "\r" not in (short := text.replace("\r\n", "\n")):
        listed, findings = _listed(short)
        if not findings:
            return listed, [], True
    return *_listed(text), False


def _listed(text: str) -> tuple[dict[str, str], list[Finding]]:
    """Return the digests that a SHA256SUMS lists, by path, and findings about its lines."""
    listed: dict[str, str] = {}
    findings: list[Finding] = []
    for line in checksums.lines(text):
        problem = line.problem if line.path else "is no digest, two spaces and a path"
        if not problem and line.path in listed:
            problem = "stands there twice, expected it once"
        if not problem and line.path == SUMS:
            problem = "lists itself"
        if problem:
            findings.append(_bad_list(f"{line.shown} {problem}", line.number))
        else:
            listed[line.path] = line.sha256
    if not findings and text != "".join(f"{listed[path]}  {path}\n" for path in sorted(listed)):
        findings.append(_bad_list("is not sorted by path, with one line for each file"))
    return listed, findings


def _bad_list(message: str, line: int = 0) -> Finding:
    return Finding("checksums-syntax", SUMS, message, line, 1 if line else 0)

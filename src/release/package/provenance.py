"""Describe the origin of a release: buildinfo.json, and the same as an in-toto statement.

Both stand beside the archive and are no input to it. Neither asks for the time.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from importlib.metadata import version
from itertools import islice, starmap
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

import orjson

from release import __version__
from release.descriptor.model import Descriptor
from release.system import files

BUILDINFO = "buildinfo.json"
STATEMENT = "provenance.intoto.json"
SIGNATURE = "SHA256SUMS.sig"

#: The libraries that can change a byte of a release, or what it is found to be.
LIBRARIES = (
    "pyarrow",
    "numpy",
    "PyYAML",
    "py-yaml12",
    "orjson",
    "python-frontmatter",
    "duckdb",
    "jinja2",
    "markdown-it-py",
    "frictionless",
)

#: Where the files that a release was built from stand in it.
_SOURCE = "source/"

#: So many files are written into the statement at once.
_AT_ONCE = 1 << 12

#: The lock of the toolchain, where it stands beside the descriptor.
LOCK = "requirements.lock"

# See docs/decisions/0014-provenance-and-signatures.md for what the two identifiers stand for.
BUILD_TYPE = "urn:uuid:196992b1-01d0-5fb4-874a-263bf9ad95a1"
BUILDER = "urn:uuid:edd1980d-7a0e-55d4-9ef5-6df3ed1d54d0"


def read_archive_hash(folder: Path) -> str | None:
    """Return the hash of a release's zip, `sha256:…`, by its buildinfo.json; None if it does not say it."""
    try:
        value = orjson.loads(files.read(folder / BUILDINFO))
    except (OSError, ValueError):
        return None
    archive = value.get("archive") if isinstance(value, dict) else None
    found = archive.get("hash") if isinstance(archive, dict) else None
    return found if isinstance(found, str) else None


def toolchain() -> dict[str, str]:
    """Return the version here of every library that can change a byte of a release."""
    import yaml

    return {
        "release": __version__,
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
        "libyaml": str(yaml._yaml.get_version_string()),
    }


def system() -> str:
    """Describe this machine."""
    return f"{platform.system()} {platform.machine()}"


def buildinfo(
    descriptor: Descriptor,
    sums: Iterable[tuple[str, str]],
    archive: Mapping[str, Any],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Describe the toolchain and the inputs of a release.

    `sums` are the paths of its files, sorted, each with its SHA-256, which are gone through more than once;
    `archive` is the path, bytes and hash of its zip, `about` what else is known: what the referee was shown,
    the revision of the records.
    """
    return {
        "name": descriptor.name,
        "version": descriptor.version,
        "archive": dict(archive),
        "toolchain": toolchain(),
        "platform": system(),
        "lock": lock(descriptor.root / LOCK),
        **about,
        "inputs": _Inputs(sums),
    }


@dataclass(frozen=True, slots=True)
class _Inputs:
    """The hashes of the files in source/ by path; computed on demand, as they are many."""

    sums: Iterable[tuple[str, str]]

    def items(self) -> Iterator[tuple[str, str]]:
        for path, sha256 in self.sums:
            if path.startswith(_SOURCE):
                yield path.removeprefix(_SOURCE), f"sha256:{sha256}"


def lock(path: Path) -> dict[str, Any] | None:
    """Return the lock of the toolchain, and the libraries that have another version here."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    pinned = dict(
        re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", data.decode("utf-8", "replace"), re.M)
    )
    locked = {_normal(name): number for name, number in pinned.items()}
    other = [name for name in LIBRARIES if locked.get(_normal(name), "") != version(name)]
    digest = hashlib.sha256(data).hexdigest()
    return {"path": path.name, "hash": f"sha256:{digest}", "differs": other}


def _normal(name: str) -> str:
    """Return the name of a Python package in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def statement(
    info: Mapping[str, Any], sums: Iterable[tuple[str, str]], beside: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield the in-toto Statement v1 about a release, with SLSA Provenance v1 as its predicate.

    It is JSON in one line, in one way only; and in pieces, for it names each file twice. `sums` are as in
    `buildinfo`, `beside` the SHA-256 of what is no member of them: SHA256SUMS and buildinfo.json.
    """
    archive = info["archive"]
    digests = {archive["path"]: str(archive["hash"]).removeprefix("sha256:"), **beside}
    begin, middle, end = _encoded(_statement(info, beside[BUILDINFO])).split(_encoded(_HOLE))
    yield begin
    others = (each for each in sums if each[0] not in digests)
    yield from _listed(starmap(_file, merge(sorted(digests.items()), others)))
    yield middle
    yield from _listed(_dependencies(info, sums))
    yield end + b"\n"


#: Stands where the files are put.
_HOLE = ["files"]


def _statement(info: Mapping[str, Any], buildinfo_digest: str) -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": _HOLE,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "descriptor": "source/datapackage.yaml",
                    "name": info["name"],
                    "version": info["version"],
                },
                "internalParameters": {"platform": info["platform"]},
                "resolvedDependencies": _HOLE,
            },
            "runDetails": {
                "builder": {"id": BUILDER, "version": info["toolchain"]},
                "byproducts": [_resource(BUILDINFO, buildinfo_digest)],
            },
        },
    }


def _dependencies(info: Mapping[str, Any], sums: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Yield each file of source/, the lock, and the git revision of the records, as JSON."""
    yield from (_file(path, sha256) for path, sha256 in sums if path.startswith(_SOURCE))
    if locked := info.get("lock"):
        yield _file(locked["path"], str(locked["hash"]).removeprefix("sha256:"))
    if revision := info.get("git"):
        clean = {"clean": revision["clean"]}
        digest = {"gitCommit": revision["revision"]}
        yield _encoded({"name": "git", "digest": digest, "annotations": clean})


def _resource(name: str, sha256: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": sha256}}


def _file(name: str, sha256: str) -> bytes:
    """Return a `_resource` as JSON, quickly, as there are many."""
    return b'{"name":%b,"digest":{"sha256":%b}}' % (orjson.dumps(name), orjson.dumps(sha256))


def _listed(values: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a list as JSON, some values at a time."""
    opening = b"["
    while some := list(islice(values, _AT_ONCE)):
        yield opening + b",".join(some)
        opening = b","
    yield b"]" if opening == b"," else b"[]"


def write(
    folder: Path,
    info: Mapping[str, Any],
    sums: Iterable[tuple[str, str]],
    listed: str,
) -> None:
    """Write buildinfo.json and provenance.intoto.json into the folder of a release.

    `sums` are as in `buildinfo`; `listed` is the SHA-256 of its SHA256SUMS.
    """
    digest = hashlib.sha256()
    with (folder / BUILDINFO).open("wb") as target:
        for piece in _indented(info):
            digest.update(piece)
            target.write(piece)
    beside = {"SHA256SUMS": listed, BUILDINFO: digest.hexdigest()}
    with (folder / STATEMENT).open("wb") as target:
        target.writelines(statement(info, sums, beside))


def _indented(info: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield buildinfo.json as people read it, in pieces, as it names each input.

    As json writes it, whose own code for indented text takes ten times as long.
    """
    *others, (last, inputs) = info.items()
    begin = json.dumps({**dict(others), last: {}}, ensure_ascii=False, indent=2)
    before, _, end = begin.rpartition("{}")
    first = opening = f"{before}{{\n"
    rest = iter(inputs.items())
    while some := list(islice(rest, _AT_ONCE)):
        lines = (
            f"    {encode_basestring(path)}: {encode_basestring(digest)}" for path, digest in some
        )
        yield (opening + ",\n".join(lines)).encode()
        opening = ",\n"
    yield (f"{begin}\n" if opening is first else f"\n  }}{end}\n").encode()


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

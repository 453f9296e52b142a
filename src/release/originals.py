"""What a release was built from, copied into it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from release import storage
from release.descriptor import Descriptor
from release.errors import RefusedError
from release.records import Source
from release.storage import File

#: Where it stands in a release.
FOLDER = "source"


@contextmanager
def copying(
    descriptor: Descriptor, sources: Sequence[Source], digests: Mapping[str, str], folder: Path
) -> Iterator[Callable[[], dict[str, str]]]:
    """Copy the descriptor, curated tables and records into a release's folder, beside other work.

    `digests` are the SHA-256 of what was read, by path. What is given waits for the copies, and tells their
    SHA-256 by path in the release.

    Raises:
        RefusedError: a file is no longer what was read.
    """
    given_up = Event()
    with ThreadPoolExecutor(1) as thread:
        try:
            originals = _originals(descriptor, sources)
            copy = thread.submit(_copy, originals, digests, folder / FOLDER, given_up)
            (folder / FOLDER).mkdir(exist_ok=True)
            (folder / FOLDER / "datapackage.yaml").write_bytes(descriptor.text.encode())
            yield copy.result
        finally:
            given_up.set()


def _originals(descriptor: Descriptor, sources: Sequence[Source]) -> dict[str, File]:
    """Where each file is read that a release holds a copy of, by path below FOLDER."""
    originals: dict[str, File] = {record.path: record.file for record in sources}
    for resource in descriptor.resources:
        if resource.is_curated:
            originals[resource.path] = descriptor.root / resource.path
    if (descriptor.root / "LICENSE").is_file():
        originals["LICENSE"] = descriptor.root / "LICENSE"
    return originals


def _copy(
    originals: Mapping[str, File], digests: Mapping[str, str], into: Path, given_up: Event
) -> dict[str, str]:
    for parent in sorted({path.rpartition("/")[0] for path in originals}):
        (into / parent).mkdir(parents=True, exist_ok=True)
    sums = {}
    contents = storage.contents(originals.values())
    for (path, file), data in zip(originals.items(), contents, strict=True):
        if given_up.is_set():
            break
        sha256 = hashlib.sha256(data).hexdigest()
        if digests.get(path, sha256) != sha256:
            raise RefusedError(f"{file} was changed while the release was built: build it again")
        with open(f"{into}/{path}", "xb") as target:  # noqa: PTH123 — many thousands
            target.write(data)
        sums[f"{FOLDER}/{path}"] = sha256
    return sums

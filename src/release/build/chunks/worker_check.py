"""Refuse the workers of a cluster that differ from this machine or do not share its files."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from release import __version__
from release.build.chunks import fingerprint, worker
from release.build.chunks.worker import ClusterPaths
from release.findings.errors import ReleaseError, UsageError
from release.system import files

if TYPE_CHECKING:
    from distributed import Client

R = TypeVar("R")

#: The most workers that a message lists.
_LISTED = 20


def refuse_differing(client: Client) -> None:
    """Refuse workers whose code differs: their chunks might differ too."""
    codes = _run_on_workers(client, worker.code)
    differing = {at: code for at, code in codes.items() if code != fingerprint.code()}
    if differing:
        raise UsageError(describe_workers(differing))


def _run_on_workers(
    client: Client, act: Callable[..., R], *on: object
) -> dict[str, R | BaseException]:
    """Run a function on each worker; return its results by address, without workers that died meanwhile."""
    from distributed.comm.core import CommClosedError

    answers = client.run(act, *on, on_error="return")
    there = client.nthreads()
    return {
        address: answer
        for address, answer in sorted(answers.items())
        if address in there and not isinstance(answer, CommClosedError)
    }


def describe_workers(differing: Mapping[str, str | BaseException]) -> str:
    """List the workers that differ, a line each, for a message."""
    lines = [f"  {address}: {_describe_code(code)}" for address, code in differing.items()]
    more = [f"  … and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
    listed = "\n".join(lines[:_LISTED] + more)
    return f"workers differ from this machine, so they might make something else:\n{listed}"


def _describe_code(code: str | BaseException) -> str:
    """List the versions in the code of a worker that differ from those here."""
    if isinstance(code, BaseException):
        return f"release {__version__} cannot run there: {code}"
    here, there = _parse_code(fingerprint.code()), _parse_code(code)
    return ", ".join(
        f"{name} {there.get(name, 'missing')[:24]} (here {here.get(name, 'missing')[:24]})"
        for name in here | there
        if here.get(name) != there.get(name)
    )


def _parse_code(code: str) -> dict[str, str]:
    """Parse a code into versions by name."""
    pairs = (part.rpartition(" ") for part in code.split(", "))
    return {name: version for name, _, version in pairs}


def refuse_unshared(client: Client, paths: ClusterPaths) -> None:
    """Refuse workers that do not see the shared folder or the records, or whose files are not seen here."""
    files.make_folder(paths.shared)
    name = f".shared-{secrets.token_hex(8)}"
    shared = files.join(paths.shared, name)
    files.write(shared, name.encode())
    problems = {}
    for address, answer in _run_on_workers(client, worker.answer, paths, name).items():
        if isinstance(answer, BaseException):
            raise answer
        written = files.join(paths.shared, f"{name}-{answer.end}")
        if not _has_text(written, name):
            problems[address] = f"does not share {paths.shared} with this machine; give --scratch"
        elif answer.unseen:
            problems[address] = f"does not see {answer.unseen}; read records with --records from"
        files.remove(written)
    files.remove(shared)
    for address, problem in problems.items():
        raise UsageError(f"{address} {problem} a folder or URL that all workers see")


def _has_text(file: files.File, text: str) -> bool:
    """Return True if a file holds just a text."""
    try:
        return file.read_bytes() == text.encode()
    except (OSError, ReleaseError):
        return False

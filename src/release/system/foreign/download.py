"""Fetch files over http and https, within limits of size."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from release import __version__
from release.findings.errors import RefusedError, ReleaseError, UsageError
from release.findings.message import printable
from release.system.foreign.budget import Budget
from release.system.foreign.connections import Guard, HttpHandler, HttpsHandler, RedirectHandler

#: The most bytes of one file, and of a list of files.
MAX_BYTES = 1 << 36
MAX_LIST_BYTES = 1 << 29

_THREADS = 8
_BLOCK = 1 << 20


class MissingError(RefusedError):
    """The server says that there is no such file (404, 410)."""


class UnreachableError(UsageError):
    """The file cannot be fetched now; it may exist, and a later attempt may succeed."""


class ForbiddenError(UnreachableError):
    """The file may not be read, or is missing (403).

    Object stores whose lists are not public answer 403 in both cases.
    """


#: The errors that status codes stand for; any other is an UnreachableError.
_ERROR_OF_STATUS: Mapping[int, type[ReleaseError]] = {
    403: ForbiddenError,
    404: MissingError,
    410: MissingError,
}


def is_web(text: str) -> bool:
    """Return whether a text is an http or https URL."""
    return re.match(r"https?://", text, re.IGNORECASE) is not None


def url_path(url: str) -> str:
    """Return the path in a URL, with percent-encoding undone.

    Raises:
        UsageError: The text is no URL.
    """
    try:
        return unquote(urlsplit(url).path)
    except ValueError as error:
        raise UsageError(f"{url}: is no URL: {error}") from error


def join_url(url: str, path: str) -> str:
    """Return the URL of a file, given the URL of a folder and the file's path below it."""
    return f"{url.rstrip('/')}/{quote(path)}"


def fetch(url: str, target: Path, most: int = MAX_BYTES, budget: Budget | None = None) -> int:
    """Fetch one file to `target`, and return how many bytes it has.

    All that a command fetches shares its budget.

    Raises:
        MissingError: There is no such file.
        ForbiddenError: The file may not be read, or is missing.
        UnreachableError: The file cannot be fetched now, or ended too early.
        RefusedError: The file has more than `most` bytes, or is redirected to where it may not be fetched.
        LimitError: The budget is used up.
    """
    try:
        with _open(Guard(url, budget or Budget())) as answer:
            wanted = answer.headers.get("Content-Length")
            got = 0
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                while block := answer.read(_BLOCK):
                    got += len(block)
                    if got > most:
                        raise RefusedError(f"{url}: {_too_large(most)}")
                    file.write(block)
    except urllib.error.HTTPError as error:
        error.close()
        raise _ERROR_OF_STATUS.get(error.code, UnreachableError)(
            f"{url}: answered {error.code} {_one_line(error.reason)}, expected a file"
        ) from error
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise UnreachableError(f"{url}: cannot be fetched: {_one_line(reason)}") from error
    if wanted is not None and wanted.isdigit() and got != int(wanted):
        raise UnreachableError(f"{url}: ended after {got} bytes of {wanted}: fetch it again")
    return got


def _too_large(most: int) -> str:
    return f"has more than {most} bytes, which are not taken"


def _one_line(reason: object) -> str:
    """Write the reason that a server or a library gives in one line."""
    return printable(" ".join(str(reason).split()))


def fetch_all(
    url: str, paths: Iterable[str], folder: Path, budget: Budget, *, lenient: bool = False
) -> None:
    """Fetch files below a URL into a folder, several at a time.

    Args:
        url: The URL of the folder that the paths are below.
        paths: The paths of the files.
        folder: The folder to write to.
        budget: The budget of the command.
        lenient: Skip missing files.

    Raises:
        UnreachableError: A file cannot be fetched now.
        RefusedError: A file is missing.
        LimitError: The budget is used up.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        jobs = [
            pool.submit(fetch, join_url(url, path), folder / path, MAX_BYTES, budget)
            for path in paths
        ]
        try:
            for job in jobs:
                if lenient and isinstance(job.exception(), MissingError):
                    continue
                job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _open(guard: Guard) -> Any:
    """Return the answer to a GET request; redirects are followed to http and https URLs only.

    Raises:
        ValueError: The URL has no host.
        OSError: There is no answer, or one with an error.
    """
    parts = urlsplit(guard.url)
    if not parts.hostname:
        raise ValueError("there is no host in it")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        HttpHandler(guard),
        HttpsHandler(guard),
        urllib.request.HTTPDefaultErrorHandler(),
        RedirectHandler(guard),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    opener.addheaders = [
        ("User-Agent", f"release/{__version__}"),
        ("Accept-Encoding", "identity"),
    ]
    return opener.open(guard.url)

"""Files behind http(s): fetched into a folder of this machine, never more than was allowed."""

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
from release.errors import RefusedError, ReleaseError, UsageError
from release.findings import printable

#: So many bytes of one file, and of a list of files, are taken.
MAX_BYTES = 1 << 36
MAX_LIST_BYTES = 1 << 29

_TIMEOUT = 60
_THREADS = 8
_BLOCK = 1 << 20


class MissingError(RefusedError):
    """There is no such file."""


class UnreachableError(UsageError):
    """Whether there is such a file cannot be told now, so nothing is said of it."""


class ForbiddenError(UnreachableError):
    """It may not be read; of one that is missing object stores say the same, where they may not be listed."""


#: What answers of a host mean.
_ERROR_OF_STATUS: Mapping[int, type[ReleaseError]] = {
    403: ForbiddenError,
    404: MissingError,
    410: MissingError,
}


def is_web(text: str) -> bool:
    """Whether a text is an http(s) URL."""
    return re.match(r"https?://", text, re.IGNORECASE) is not None


def url_path(url: str) -> str:
    """The path in a URL.

    Raises:
        UsageError: it is none.
    """
    try:
        return unquote(urlsplit(url).path)
    except ValueError as error:
        raise UsageError(f"{url}: is no URL: {error}") from error


def join_url(url: str, path: str) -> str:
    """The URL of a file below a folder's."""
    return f"{url.rstrip('/')}/{quote(path)}"


def fetch(url: str, target: Path, most: int = MAX_BYTES) -> int:
    """Fetch one file; how many bytes it has.

    Raises:
        MissingError: there is none.
        ForbiddenError: it may not be read, or there is none.
        UnreachableError: it cannot be fetched now, or is cut short.
        RefusedError: it has more bytes than allowed.
    """
    try:
        with _open(url) as answer:
            wanted = answer.headers.get("Content-Length")
            got = 0
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as place:
                while block := answer.read(_BLOCK):
                    got += len(block)
                    if got > most:
                        told = f"has more than {most} bytes, which are not taken"
                        raise RefusedError(f"{url}: {told}")
                    place.write(block)
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


def _one_line(reason: object) -> str:
    """What a server, or a library, gives as reason, in one line."""
    return printable(" ".join(str(reason).split()))


def fetch_all(url: str, paths: Iterable[str], folder: Path, *, lenient: bool = False) -> None:
    """Fetch files below a URL into a folder, several at a time, all of them together within the limit.

    Where that is `lenient`, files that are missing are left out.

    Raises:
        UnreachableError: one cannot be fetched now.
        RefusedError: one is missing, or they have more bytes than allowed.
    """
    left = MAX_BYTES
    with ThreadPoolExecutor(_THREADS) as pool:
        jobs = [pool.submit(fetch, join_url(url, path), folder / path) for path in paths]
        try:
            for job in jobs:
                if lenient and isinstance(job.exception(), MissingError):
                    continue
                left -= job.result()
                if left < 0:
                    raise RefusedError(
                        f"{url}: has more than {MAX_BYTES} bytes, which are not taken"
                    )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _open(url: str) -> Any:
    """The answer to a request; http and https only, also where one leads on to another place."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("there is no host in it")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    opener.addheaders = [
        ("User-Agent", f"release/{__version__}"),
        ("Accept-Encoding", "identity"),
    ]
    return opener.open(url, timeout=_TIMEOUT)

"""Ask GitHub's REST API, wait where it says so, and tell in plain words what it refuses."""

from __future__ import annotations

import http.client
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

#: The version of the API that the answers are read as.
VERSION = "2022-11-28"

#: A request is sent so often, where GitHub is busy or the connection is cut.
TRIES = 5

#: So many seconds are waited for GitHub in all; a limit on requests may last an hour.
PATIENCE = 120.0

#: So many seconds may pass without a byte.
SILENCE = 30.0

#: The media type of a file.
BYTES = "application/octet-stream"

#: So many redirects are followed.
REDIRECTS = 5

#: The most bytes of an answer, other than a download: a page of a hundred comments has at most 26 MB.
MOST_BYTES = 64 << 20

#: The most pages of a list.
MOST_PAGES = 1000


class RefusedError(Exception):
    """An answer of GitHub that is no success.

    `status` is None where no answer came.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class CutError(RefusedError):
    """A connection that ended before the answer: what was asked for may have been done, or not."""


@dataclass(frozen=True)
class _Request:
    """A request: a body is bytes, or a file with its size; what is downloaded goes to a file."""

    method: str
    url: str
    body: bytes | BinaryIO | None = None
    kind: str = "application/json"
    size: int | None = None
    target: BinaryIO | None = None
    most: int = MOST_BYTES

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.method} {urlsplit(self.url).path}"


@dataclass(frozen=True)
class _Answer:
    """What a server answered: status, headers by name in small letters, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Unfollowed(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: a token must not go where a server points to."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


@dataclass
class Api:
    """The API of a server, as the owner of a token.

    Attributes:
        url: Its root, such as `https://api.github.com`.
        token: What stands for the one who asks.
        sleep: Waits for so many seconds.
        left: For how many seconds it may still wait.
    """

    url: str
    token: str
    sleep: Callable[[float], object] = time.sleep
    left: float = PATIENCE
    _open: Callable[..., Any] = field(
        default_factory=lambda: urllib.request.build_opener(_Unfollowed).open, repr=False
    )

    @classmethod
    def of_job(cls) -> Api:
        """Return the API that the variables of a job name: GITHUB_API_URL and GITHUB_TOKEN.

        Raises:
            RefusedError: There is no token.
        """
        if not (token := os.environ.get("GITHUB_TOKEN", "")):
            raise RefusedError("there is no token: the step needs GITHUB_TOKEN")
        return cls(os.environ.get("GITHUB_API_URL") or "https://api.github.com", token)

    def get(self, path: str) -> Any:
        """Return what stands at a path, or at a URL of this API.

        Raises:
            RefusedError: GitHub refuses, or cannot be reached.
        """
        return _value(self._ask(_Request("GET", full_url(self.url, path))))

    def pages(self, path: str) -> Iterator[Any]:
        """Yield every entry of a list, page by page.

        Raises:
            RefusedError: As for `get`.
        """
        following: str | None = f"{path}{'&' if '?' in path else '?'}per_page=100"
        for _ in range(MOST_PAGES):
            if following is None:
                return
            answer = self._ask(_Request("GET", full_url(self.url, following)))
            entries = _value(answer)
            if not isinstance(entries, list):
                raise RefusedError(f"GET {path}: the answer is no list")
            yield from entries
            following = _next_page(answer.headers.get("link", ""))

    def send(self, method: str, path: str, value: Mapping[str, Any] | None = None) -> Any:
        """Send a value, and return the answer.

        A POST is not sent again after a connection was cut: it may have been carried out.

        Raises:
            CutError: The connection ended before the answer to a POST.
            RefusedError: As for `get`.
        """
        body = None if value is None else json.dumps(value).encode()
        return _value(self._ask(_Request(method, full_url(self.url, path), body)))

    def upload(self, url: str, file: Path) -> Any:
        """Send a file; otherwise as `send` does a POST."""
        with file.open("rb") as stream:
            size = file.stat().st_size
            return _value(self._ask(_Request("POST", full_url(self.url, url), stream, BYTES, size)))

    def download(self, url: str, file: Path, most: int) -> None:
        """Write what is behind the URL of an asset; the token stays here if that is elsewhere.

        Raises:
            RefusedError: As for `get`; or it has more than `most` bytes.
        """
        with file.open("wb") as stream:
            self._ask(
                _Request("GET", full_url(self.url, url), kind=BYTES, target=stream, most=most)
            )

    def _ask(self, request: _Request) -> _Answer:
        """Send a request until it is answered, and return that answer if it is a success."""
        for attempt in range(1, TRIES + 1):
            is_last = attempt == TRIES
            try:
                answer = self._follow(request)
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", None) or str(error) or type(error).__name__
                cut = CutError(f"{request.name}: the connection failed: {reason}")
                if request.method == "POST" or is_last or not self._wait(2.0 ** (attempt - 1)):
                    raise cut from error
                continue
            if answer.status < 300:
                return answer
            refusal = _refusal(request.name, answer)
            if request.method == "POST" and answer.status in (500, 502, 504):
                raise CutError(str(refusal), answer.status)
            pause = _pause(answer, attempt)
            if pause is None or is_last:
                raise refusal
            if not self._wait(pause):
                raise RefusedError(
                    f"{refusal}; it asks to wait {pause:,.0f} seconds, longer than this step may",
                    answer.status,
                )
        raise AssertionError("the last attempt returns or raises")

    def _follow(self, request: _Request) -> _Answer:
        """Send a request, and again where its answer points to: elsewhere a GET only, without the token."""
        origin = urlsplit(request.url)[:2]
        for _ in range(REDIRECTS + 1):
            here = urlsplit(request.url)[:2]
            answer = self._send(request, has_token=here == origin)
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                return answer
            following = urljoin(request.url, answer.headers["location"])
            there = urlsplit(following)
            is_safe = there.scheme in ("https", origin[0]) and (
                there[:2] == origin or request.method == "GET"
            )
            if not is_safe:
                raise RefusedError(f"{request.name}: is redirected to {following}", answer.status)
            request = replace(request, url=following)
        raise RefusedError(f"{request.name}: more than {REDIRECTS} redirects")

    def _send(self, request: _Request, *, has_token: bool) -> _Answer:
        """Send a request once; return any answer, refusals too."""
        headers = {
            "Accept": BYTES if request.target else "application/vnd.github+json",
            "User-Agent": "records-release",
            "X-GitHub-Api-Version": VERSION,
        }
        if has_token:
            headers["Authorization"] = f"Bearer {self.token}"
        if request.body is not None:
            headers["Content-Type"] = request.kind
        if request.size is not None:
            headers["Content-Length"] = str(request.size)
        if request.body is not None and not isinstance(request.body, bytes):
            request.body.seek(0)
        sent = urllib.request.Request(request.url, request.body, headers, method=request.method)
        try:
            with self._open(sent, timeout=SILENCE) as response:
                return _read(response, request)
        except urllib.error.HTTPError as error:
            with error:
                return _read(error, request)

    def _wait(self, seconds: float) -> bool:
        """Wait, and return True; False if that is longer than may be waited."""
        if seconds > self.left:
            return False
        self.left -= seconds
        self.sleep(seconds)
        return True


def full_url(root: str, path: str) -> str:
    """Return the URL of a path of an API; a URL stays as it is.

    Raises:
        RefusedError: It is one of another server, which must not get the token.
    """
    url = path if "://" in path else root.rstrip("/") + path
    here, there = urlsplit(root), urlsplit(url)
    # files are sent to a neighbour: uploads.github.com
    for_uploads = re.sub(r"^api\.", "uploads.", here.netloc)
    if there.scheme != here.scheme or there.netloc not in (here.netloc, for_uploads):
        raise RefusedError(f"{url} is not at {root}: the token is not sent there")
    return url


def _read(response: Any, request: _Request) -> _Answer:
    """Read an answer whole; a success goes to the target of the request, if that has one.

    Raises:
        IncompleteRead: The connection ended within it.
        RefusedError: It is larger than it may be.
    """
    headers = {name.lower(): text for name, text in response.headers.items()}
    target = request.target if response.status < 300 else None
    if target is not None:
        target.seek(0)
        target.truncate()
    body, size = b"", 0
    while piece := response.read(1 << 20):
        size += len(piece)
        if size > request.most:
            raise RefusedError(f"{request.name}: the answer has more than {request.most:,} bytes")
        if target is not None:
            target.write(piece)
        else:
            body += piece
    expected = headers.get("content-length", "")
    if expected.isdigit() and size < int(expected):
        raise http.client.IncompleteRead(body, int(expected) - size)
    return _Answer(response.status, headers, body)


def _value(answer: _Answer) -> Any:
    """Return the JSON of an answer; None where it has none.

    Raises:
        RefusedError: It is no JSON, as where a proxy answers.
    """
    if not answer.body:
        return None
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise RefusedError("the answer is no JSON: is GITHUB_API_URL that of GitHub?") from error


def _next_page(link: str) -> str | None:
    """Return the URL of the next page that a header names."""
    found = re.search(r'<([^<>]*)>\s*;[^,]*\brel="?next\b', link)
    return found[1] if found else None


def _pause(answer: _Answer, attempt: int) -> float | None:
    """Return for how many seconds to wait before a request is sent again; None where it would not help.

    See https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """
    is_limited = answer.status == 429 or (answer.status == 403 and _is_limit(answer))
    if not is_limited and answer.status not in (500, 502, 503, 504):
        return None
    headers = answer.headers
    if headers.get("retry-after", "").isdigit():
        return float(headers["retry-after"])
    if (
        headers.get("x-ratelimit-remaining") == "0"
        and headers.get("x-ratelimit-reset", "").isdigit()
    ):
        return max(0.0, float(headers["x-ratelimit-reset"]) - time.time()) + 1
    # a secondary limit that names no time lasts a minute at least
    return 60.0 if is_limited else 2.0 ** (attempt - 1)


def _is_limit(answer: _Answer) -> bool:
    """Return True if a refusal is about the number of requests, not about rights."""
    headers = answer.headers
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or b"rate limit" in answer.body.lower()
    )


def _refusal(what: str, answer: _Answer) -> RefusedError:
    """Return in plain words why GitHub refuses, with its own."""
    why = {
        401: "the token is not valid, or no longer",
        403: "the token may not do this",
        404: "there is no such thing, or the token may not see it",
        409: "something else changes it at the same time",
        410: "it was removed, or is switched off",
        413: "it is too large",
        422: "GitHub does not take what was sent",
        429: "too many requests",
    }.get(answer.status, "GitHub has trouble" if answer.status >= 500 else "GitHub refuses")
    if answer.status == 403 and _is_limit(answer):
        why = "too many requests"
    said = _said(answer.body)
    return RefusedError(
        f"{what}: {answer.status}: {why}{f' ({said})' if said else ''}", answer.status
    )


def _said(body: bytes) -> str:
    """Return what GitHub says of a refusal: its message and the errors of what was sent."""
    try:
        value = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(value, dict):
        return ""
    errors = value.get("errors")
    parts = [value.get("message"), *map(_error, errors if isinstance(errors, list) else [])]
    return " ".join("; ".join(str(each) for each in parts if each).split())[:500]


def _error(error: Any) -> str:
    """Return one of the errors of what was sent, in GitHub's words or codes."""
    if not isinstance(error, dict):
        return str(error)
    codes = " ".join(str(error[key]) for key in ("field", "code") if key in error)
    return str(error.get("message") or codes)

"""A server on this machine that answers as GitHub's REST API does: comments, releases and their assets.

Forms of answers and errors: https://docs.github.com/en/rest. A test may let the next answers be others: a
status with its headers, or a connection that is cut before the request is carried out, or after.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "token-of-the-job"

#: How a request is answered that is not carried out: a status, a message, headers.
Refusal = tuple[int, str, dict[str, str]]

#: A status, a value that becomes JSON, and headers.
_Answer = tuple[int, Any, dict[str, str]]

NO_RIGHTS: Refusal = (403, "Resource not accessible by integration", {})
TOO_LONG: Refusal = (422, "Validation Failed", {})


@dataclass
class GitHub:
    """What is on GitHub, and what was asked of it.

    Attributes:
        login: Who the token is; empty for a job, which may not ask.
        instead: For "METHOD path", the next answers instead: a refusal, or
            `cut-before`, `cut-after` and `cut-within` (the answer), or `502-after` where it is carried out
            and the answer is no success.
        asked: Every request, as "METHOD path".
        waits: The seconds that were waited, where a test gives `waits.append` to what waits.
        page: So many entries of a list are in an answer, at most.
    """

    login: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    releases: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[int, bytes] = field(default_factory=dict)
    instead: dict[str, list[Refusal | str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    page: int = 100
    url: str = ""
    elsewhere: str = ""
    seen_elsewhere: list[dict[str, str]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1000, 100_000)))

    @property
    def author(self) -> str:
        """Who writes with the token."""
        return self.login or "github-actions[bot]"

    def add_comment(self, login: str, body: str) -> dict[str, Any]:
        """Add a comment to pull request 7."""
        number = next(self.numbers)
        made = {
            "id": number,
            "user": {"login": login},
            "body": body,
            "html_url": f"comment-{number}",
        }
        self.comments.append(made)
        return made

    def add_release(self, tag: str, assets: dict[str, bytes], **more: Any) -> dict[str, Any]:
        """Add a release with its assets."""
        number = next(self.numbers)
        made: dict[str, Any] = {
            "id": number,
            "tag_name": tag,
            "draft": False,
            "prerelease": False,
            "body": "",
            "html_url": f"release-{number}",
            "upload_url": f"{self.url}/repos/somebody/notes/releases/{number}/assets{{?name,label}}",
            "assets": [],
            **more,
        }
        self.releases.append(made)
        for name, content in assets.items():
            self.add_asset(made, name, content)
        return made

    def add_asset(
        self, release: dict[str, Any], name: str, content: bytes, state: str = "uploaded"
    ) -> dict[str, Any]:
        """Add an asset to a release."""
        number = next(self.numbers)
        self.contents[number] = content
        made = {
            "id": number,
            "name": name,
            "state": state,
            "size": len(content),
            "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "url": f"{self.url}/repos/somebody/notes/releases/assets/{number}",
        }
        release["assets"].append(made)
        return made


class _Error(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.more = status, more


@contextmanager
def serving(github: GitHub) -> Iterator[GitHub]:
    """Answer on this machine for as long as the context lasts; files are on another port, as GitHub's are."""
    handler = type("Handler", (_Handler,), {"github": github})
    storage = type("Storage", (_Storage,), {"github": github})
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), each) for each in (handler, storage)]
    github.url, github.elsewhere = (f"http://127.0.0.1:{each.server_port}" for each in servers)
    for each in servers:
        threading.Thread(target=each.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield github
    finally:
        for each in servers:
            each.shutdown()
            each.server_close()


class _Quiet(BaseHTTPRequestHandler):
    github: GitHub

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


class _Storage(_Quiet):
    """Where the bytes of assets are: another server, which must not see the token."""

    def do_GET(self) -> None:
        """Send an asset."""
        self.github.seen_elsewhere.append(dict(self.headers.items()))
        found = re.fullmatch(r"/(\d+)(?:/[^/]*\.zip)?", self.path)
        if not found:
            self.send_error(404)
            return
        content = self.github.contents[int(found[1])]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Handler(_Quiet):
    def __getattr__(self, name: str) -> Callable[[], None]:
        """Return what answers any method, as `do_GET`."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        url = urlsplit(self.path)
        name = f"{self.command} {url.path}"
        self.github.asked.append(name)
        waiting = self.github.instead.get(name) or []
        instead = waiting.pop(0) if waiting else None
        if instead == "cut-before":
            self.connection.shutdown(2)
            return
        try:
            if isinstance(instead, tuple):
                status, message, headers = instead
                raise _Error(status, message, headers=headers)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise _Error(401, "Bad credentials")
            status, value, headers = self._carried_out(url.path, parse_qs(url.query), body)
        except _Error as error:
            headers = error.more.pop("headers", {})
            value = {"message": str(error), "documentation_url": "https://docs.github.com/rest"}
            status, value = error.status, {**value, "status": str(error.status), **error.more}
        if instead == "cut-after":
            self.connection.shutdown(2)
            return
        if instead == "502-after":
            status, value, headers = 502, {"message": "Server Error"}, {}
        sent = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        length = len(sent) + (10 if instead == "cut-within" else 0)
        for header, text in {**headers, "Content-Length": str(length)}.items():
            self.send_header(header, text)
        self.end_headers()
        self.wfile.write(sent)

    def _carried_out(self, path: str, query: dict[str, list[str]], body: bytes) -> _Answer:
        if path == "/user" and self.github.login:
            return 200, {"login": self.github.login}, {}
        if path == "/user":
            raise _Error(*NO_RIGHTS[:2])
        parts = path.removeprefix("/repos/somebody/notes").strip("/").split("/")
        for each in (self._of_comments, self._of_releases, self._of_assets):
            if found := each([self.command, *parts], query, body):
                return found
        raise _Error(404, "Not Found")

    def _of_comments(
        self, asked: list[str], query: dict[str, list[str]], body: bytes
    ) -> _Answer | None:
        comments = self.github.comments
        match asked:
            case "GET", "issues", "7", "comments":
                return self._listed(comments, query)
            case "POST", "issues", "7", "comments":
                text = self._body_of_comment(body)
                return 201, self.github.add_comment(self.github.author, text), {}
            case "PATCH", "issues", "comments", number:
                made = self._found(comments, number)
                made["body"] = self._body_of_comment(body)
                return 200, made, {}
            case "DELETE", "issues", "comments", number:
                comments.remove(self._found(comments, number))
                return 204, None, {}
        return None

    def _of_releases(
        self, asked: list[str], query: dict[str, list[str]], body: bytes
    ) -> _Answer | None:
        releases = self.github.releases
        match asked:
            case "GET", "releases":
                return self._listed(releases, query)
            case "GET", "releases", "latest":
                final = [each for each in releases if not (each["draft"] or each["prerelease"])]
                if not final:
                    raise _Error(404, "Not Found")
                return 200, final[-1], {}
            case "GET", "releases", "tags", tag:
                final = [e for e in releases if e["tag_name"] == unquote(tag) and not e["draft"]]
                if not final:
                    raise _Error(404, "Not Found")
                return 200, final[0], {}
            case "POST", "releases":
                value = json.loads(body)
                return 201, self.github.add_release(value.pop("tag_name"), {}, **value), {}
            case "PATCH", "releases", number:
                made = self._found(releases, number)
                made |= json.loads(body)
                return 200, made, {}
        return None

    def _of_assets(
        self, asked: list[str], query: dict[str, list[str]], body: bytes
    ) -> _Answer | None:
        releases = self.github.releases
        match asked:
            case "GET", "releases", "assets", number:
                return 302, None, {"Location": f"{self.github.elsewhere}/{number}"}
            case "DELETE", "releases", "assets", number:
                for release in releases:
                    kept = [each for each in release["assets"] if each["id"] != int(number)]
                    if len(kept) < len(release["assets"]):
                        release["assets"] = kept
                        return 204, None, {}
            case "POST", "releases", number, "assets":
                return self._uploaded(self._found(releases, number), query["name"][0], body)
            case "GET", "releases", number, "assets":
                return self._listed(self._found(releases, number)["assets"], query)
        return None

    def _uploaded(self, release: dict[str, Any], name: str, body: bytes) -> _Answer:
        if any(each["name"] == name for each in release["assets"]):
            errors = [{"resource": "ReleaseAsset", "code": "already_exists", "field": "name"}]
            raise _Error(422, "Validation Failed", errors=errors)
        return 201, self.github.add_asset(release, name, body), {}

    def _body_of_comment(self, body: bytes) -> str:
        text = str(json.loads(body)["body"])
        if len(text) > 65_536:
            errors = [{"resource": "IssueComment", "code": "unprocessable", "field": "data"}]
            errors[0]["message"] = "Body is too long (maximum is 65536 characters)"
            raise _Error(422, "Validation Failed", errors=errors)
        return text

    def _found(self, entries: list[dict[str, Any]], number: str) -> dict[str, Any]:
        for each in entries:
            if each["id"] == int(number):
                return each
        raise _Error(404, "Not Found")

    def _listed(self, entries: list[dict[str, Any]], query: dict[str, list[str]]) -> _Answer:
        """Return a page of a list, with the header that names the next one."""
        size = min(int(query.get("per_page", ["30"])[0]), self.github.page)
        at = int(query.get("page", ["1"])[0])
        headers = {}
        if at * size < len(entries):
            path = re.sub(r"\?.*", "", self.path)
            url = f"{self.github.url}{path}?per_page={size}&page={at + 1}"
            headers["Link"] = f'<{url}>; rel="next", <{url}>; rel="last"'
        return 200, entries[(at - 1) * size : at * size], headers

"""A web server of a folder that counts what it is asked for, and answers to ranges or does not."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

_TYPES = {".html": "text/html; charset=utf-8", ".csv": "text/csv", ".json": "application/json"}


@dataclass(frozen=True)
class Answer:
    """One answer of a server: the path below its folder, the status of HTTP, and the bytes of its body."""

    path: str
    status: int
    size: int


@dataclass
class Server:
    """A server that runs: its address, without a slash at the end, and its answers so far."""

    address: str
    answers: list[Answer] = field(default_factory=list)

    def take(self, ending: str = "") -> list[Answer]:
        """Return the answers since the last time, of paths that end so; the others are forgotten, too."""
        found = [each for each in self.answers if each.path.endswith(ending)]
        self.answers.clear()
        return found


@contextlib.contextmanager
def serve(folder: Path, *, ranges: bool = True) -> Iterator[Server]:
    """Serve a folder on this machine alone.

    Without `ranges` every answer is a whole file, as those of Python's own server are.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    found = Server(f"http://127.0.0.1:{server.server_port}")

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Tell nothing."""

        def do_GET(self) -> None:
            """Answer with a file or a part of it."""
            path = unquote(urlsplit(self.path).path).lstrip("/")
            file = folder / path
            if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
                found.answers.append(Answer(path, 404, 0))
                self.send_error(404)
                return
            size = file.stat().st_size
            part = _read_range(self.headers.get("Range", ""), size) if ranges else None
            start, end = part or (0, size)
            found.answers.append(Answer(path, 206 if part else 200, end - start))
            self.send_response(206 if part else 200)
            self.send_header("Content-Type", _TYPES.get(file.suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(end - start))
            if part:
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self.end_headers()
            with file.open("rb") as opened, contextlib.suppress(ConnectionError):
                opened.seek(start)
                self.wfile.write(opened.read(end - start))

    server.RequestHandlerClass = Handler
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def _read_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first byte of a range and the one after its last; None without one (RFC 9110, 14)."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header)
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size

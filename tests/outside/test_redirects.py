"""A server says where to look further, and is obeyed only where that does no harm."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from release.findings.errors import ReleaseError
from release.system.foreign import download
from release.system.foreign.budget import Budget, LimitError
from release.system.foreign.connections import is_public
from release.system.limits import LIMITS
from tests.support.kit import run

#: Gives an answer to a request, by its path.
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def served(answer: Answer) -> Iterator[tuple[int, list[str]]]:
    """Serve on this machine; yields the port, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def moved(location: str, code: int = 302) -> Answer:
    """Answer `/x` with a redirect, all else with a file."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        if request.path.startswith("/x"):
            request.send_response(code)
            request.send_header("Location", location)
            request.end_headers()
        else:
            found(request)

    return answer


def found(request: http.server.BaseHTTPRequestHandler) -> None:
    """Answer with a file."""
    request.send_response(200)
    request.send_header("Content-Length", "4")
    request.end_headers()
    request.wfile.write(b"file")


FOLLOWING = replace(LIMITS, other_hosts=True)


@dataclass
class Names:
    """What names lead to: addresses in turn, and the port here that stands for one address and port."""

    addresses: dict[str, list[str]]
    ports: dict[tuple[str, int], int]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """An internet of names and addresses, whose servers are on this machine."""
    net = Names({}, {})
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def found(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host not in net.addresses:
            return look_up(host, port, *rest, **more)
        known = net.addresses[host]
        address = known.pop(0) if len(known) > 1 else known[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connected(self: socket.socket, address: Any) -> None:
        port = net.ports.get(tuple(address[:2]))
        connect(self, ("127.0.0.1", port) if port else address)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket.socket, "connect", connected)
    return net


PUBLIC, OTHER = "93.184.215.14", "93.184.215.15"


def test_a_redirect_on_one_server_is_followed(tmp_path: Path) -> None:
    """As where a folder has another name now."""
    with served(moved("/y")) as (port, asked):
        assert download.fetch(f"http://127.0.0.1:{port}/x", tmp_path / "x") == 4
    assert asked == ["/x", "/y"]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_server_is_not_followed(tmp_path: Path, code: int) -> None:
    """Unless that is asked for; another port is another server."""
    with served(found) as (other, asked):
        location = f"http://127.0.0.1:{other}/secret"
        with served(moved(location, code)) as (port, _):
            url = f"http://127.0.0.1:{port}/x"
            with pytest.raises(ReleaseError) as raised:
                download.fetch(url, tmp_path / "x")
            assert str(raised.value) == (
                f"{url}: is redirected to another server, {location}; `--follow-redirects` allows it"
            )
            assert asked == []
            assert download.fetch(url, tmp_path / "x", budget=Budget(FOLLOWING)) == 4
    assert asked == ["/secret"]


def test_the_flag_follows_redirects() -> None:
    """Of `verify`, which says else why it does not."""
    with (
        served(found) as (other, asked),
        served(moved(f"http://localhost:{other}/a.zip")) as (port, _),
    ):
        url = f"http://127.0.0.1:{port}/x.zip"
        code, out, err = run("verify", url)
        assert (code, asked) == (1, []), out + err
        assert "`--follow-redirects` allows it" in out + err
        run("verify", url, "--follow-redirects")
    assert asked


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254"),
        *("0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
        *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1"),
    ],
)
def test_an_address_of_the_inside_is_not_public(address: str) -> None:
    """However it is written."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07::1", "64:ff9b::808:808"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    """Of both kinds."""
    assert is_public(address)


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "inside.example", "localhost"]
)
def test_the_internet_does_not_lead_inside(tmp_path: Path, names: Names, inside: str) -> None:
    """Also where redirects are followed: from a public address never to a private one."""
    with (
        served(found) as (secret, asked),
        served(moved(f"http://{inside}:{secret}/secret")) as (port, _),
    ):
        names.addresses = {"one.example": [PUBLIC], "inside.example": ["192.168.0.9"]}
        names.ports[PUBLIC, 80] = port
        for address in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.9", "::1"):
            names.ports[address, secret] = secret
        with pytest.raises(ReleaseError) as raised:
            download.fetch("http://one.example/x", tmp_path / "x", budget=Budget(FOLLOWING))
    assert asked == []
    assert ", which is no public address, from one that is; it is not followed" in str(raised.value)


def test_the_internet_leads_to_the_internet(tmp_path: Path, names: Names) -> None:
    """Where redirects are followed."""
    with served(found) as (second, asked), served(moved("http://two.example/y")) as (first, _):
        names.addresses = {"one.example": [PUBLIC], "two.example": [OTHER]}
        names.ports = {(PUBLIC, 80): first, (OTHER, 80): second}
        size = download.fetch("http://one.example/x", tmp_path / "x", budget=Budget(FOLLOWING))
    assert (size, asked) == (4, ["/y"])


def test_a_name_that_leads_inside_later_is_not_followed(tmp_path: Path, names: Names) -> None:
    """DNS rebinding: the address that is connected to is looked at, each time."""
    with served(found) as (port, asked):
        names.addresses = {"rebound.example": [PUBLIC, "127.0.0.1"]}
        names.ports = {(PUBLIC, 80): port, ("127.0.0.1", 80): port}
        download.fetch("http://rebound.example/a", tmp_path / "a")
        with pytest.raises(
            ReleaseError, match=r"leads to 127\.0\.0\.1, which is no public address"
        ):
            download.fetch("http://rebound.example/b", tmp_path / "b")
    assert asked == ["/a"]


def test_a_redirect_does_not_leave_https(
    tmp_path: Path, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked for: what was encrypted stays so."""
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", lambda _, connection, **__: connection)
    with served(moved("http://one.example/y")) as (port, asked):
        names.addresses = {"one.example": [PUBLIC]}
        names.ports = {(PUBLIC, 443): port, (PUBLIC, 80): port}
        with pytest.raises(ReleaseError) as raised:
            download.fetch("https://one.example/x", tmp_path / "x", budget=Budget(FOLLOWING))
    assert asked == ["/x"]
    assert str(raised.value) == (
        "https://one.example/x: is redirected from https to http://one.example/y; it is not followed"
    )


def test_redirects_end(tmp_path: Path) -> None:
    """After five of them."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", f"/{len(asked)}")
        request.end_headers()

    with served(answer) as (port, asked), pytest.raises(ReleaseError, match="redirect"):
        download.fetch(f"http://127.0.0.1:{port}/x", tmp_path / "x")
    assert len(asked) == 6


# time, bytes and requests


def dripping(head: int) -> Answer:
    """Answer a byte at a time, from the header on or only the body."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        data = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
        request.wfile.write(data[:head])
        try:
            for at in range(head, len(data)):
                request.wfile.write(data[at : at + 1])
                if stop.wait(0.05):
                    return
        except OSError:
            pass

    stop = threading.Event()
    answer.stop = stop  # type: ignore[attr-defined]
    return answer


@pytest.mark.parametrize("head", [0, 20, 60], ids=["status", "header", "body"])
@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (replace(LIMITS, seconds=0.5), "more than 0.5 seconds"),
        (replace(LIMITS, answer_seconds=0.5), "longer than at 1,000 bytes a second"),
    ],
    ids=["seconds", "rate"],
)
def test_a_server_that_drips_is_not_waited_for(
    tmp_path: Path, head: int, limits: Any, what: str
) -> None:
    """A byte at a time resets the clock of a socket, and not that of a command."""
    answer = dripping(head)
    with served(answer) as (port, _):
        url = f"http://127.0.0.1:{port}/x"
        with pytest.raises(LimitError) as raised:
            download.fetch(url, tmp_path / "x", budget=Budget(limits))
        answer.stop.set()  # type: ignore[attr-defined]
    (finding,) = raised.value.findings
    assert (finding.rule, finding.path) == ("limit", url)
    assert finding.message.startswith(f"takes {what}, which is the limit; `--limits ")


def test_a_body_of_a_redirect_counts(tmp_path: Path) -> None:
    """It is read, too."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", "/y")
        request.end_headers()
        with_body = b"x" * 1000
        try:
            for _ in range(10_000):
                request.wfile.write(with_body)
        except OSError:
            pass

    budget = Budget(replace(LIMITS, bytes=100_000))
    with served(answer) as (port, _), pytest.raises(LimitError, match="more than 100,000 bytes"):
        download.fetch(f"http://127.0.0.1:{port}/x", tmp_path / "x", budget=budget)


def test_eight_files_share_one_budget(tmp_path: Path) -> None:
    """Each of them alone is small enough."""

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "60000")
        request.end_headers()
        with suppress(OSError):
            request.wfile.write(b"x" * 60_000)

    budget, paths = Budget(replace(LIMITS, bytes=100_000)), [f"{at}" for at in range(8)]
    with served(answer) as (port, _), pytest.raises(LimitError, match="more than 100,000 bytes"):
        download.fetch_all(f"http://127.0.0.1:{port}", paths, tmp_path, budget)
    written = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert written <= 200_000


def test_requests_are_counted(tmp_path: Path) -> None:
    """A list of a million small files is no reason to ask a million times."""
    budget, paths = Budget(replace(LIMITS, requests=10)), [f"{at}" for at in range(100)]
    with served(found) as (port, asked), pytest.raises(LimitError, match="more than 10 requests"):
        download.fetch_all(f"http://127.0.0.1:{port}", paths, tmp_path, budget)
    assert len(asked) == 10

"""Connections to servers of others: the addresses, the time and the bytes of each are limited."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import urllib.request
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

from release.findings.errors import RefusedError
from release.findings.message import printable
from release.system.foreign.budget import Budget, reached

#: The most redirects of one request.
_REDIRECTS = 5

_PORTS = {"http": 80, "https": 443}

#: Addresses of IPv6 that stand for one of IPv4 in their last 32 bits (RFC 6052, 2.1).
_NAT64 = IPv6Network("64:ff9b::/96")

#: Hosts that had a public address in this process: one that leads elsewhere later is a trick, DNS rebinding.
_public_hosts: set[str] = set()


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet: no loopback, private or link-local one."""
    found: IPv4Address | IPv6Address | None = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    return found is not None and found.is_global and not found.is_multicast


class Guard:
    """The guard of one request and of its redirects.

    Attributes:
        url: The URL that was asked for.
        budget: The budget of the command.
        is_public: Whether the last server had a public address; None before the first answer.
    """

    def __init__(self, url: str, budget: Budget) -> None:
        self.url = url
        self.budget = budget
        self.is_public: bool | None = None
        self._begun = monotonic()
        self._received = 0

    def begin(self) -> None:
        """Note that a request is made.

        Raises:
            LimitError: There were too many.
        """
        self.budget.spend_request(self.url)
        self._begun, self._received = monotonic(), 0

    def timeout(self) -> float:
        """Return for how many seconds the server may be silent.

        Raises:
            LimitError: No time is left.
        """
        self.budget.check_time(self.url)
        return max(min(self.budget.limits.answer_seconds, self.budget.seconds), 0.001)

    def receive(self, count: int) -> None:
        """Count bytes that came.

        Raises:
            LimitError: They are too many, or come too slowly, or no time is left.
        """
        self._received += count
        self.budget.spend_bytes(count, self.url)
        self.budget.check_time(self.url)
        limits, seconds = self.budget.limits, monotonic() - self._begun
        if seconds > limits.answer_seconds and self._received < limits.rate * seconds:
            what = f"longer than at {limits.rate:,} bytes a second"
            raise reached(self.url, "rate", what)

    def connect(
        self, address: tuple[str, int], _timeout: object = None, _source: object = None
    ) -> socket.socket:
        """Connect to the first address of a host that answers, if it may be connected to.

        Raises:
            OSError: None answers.
            RefusedError: The address is not public, and this request or this host began with a public one.
        """
        host, port = address
        failure: OSError | None = None
        for family, kind, protocol, _, target in socket.getaddrinfo(
            host, port, 0, socket.SOCK_STREAM
        ):
            found = is_public(str(target[0]))
            if not found and (self.is_public or host in _public_hosts):
                raise RefusedError(
                    f"{self.url}: leads to {target[0]}, which is no public address, from one that is; it is "
                    "not followed"
                )
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(self.timeout())
                connection.connect(target)
            except OSError as error:
                connection.close()
                failure = error
                continue
            if self.is_public is None:
                self.is_public = found
            if found:
                _public_hosts.add(host)
            return connection
        raise failure or OSError("the host has no address")


class _GuardedSocket:
    """A socket whose answers are counted and timed."""

    def __init__(self, connection: socket.socket, guard: Guard) -> None:
        self._socket = connection
        self._guard = guard

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        """Return the answer as a file."""
        return io.BufferedReader(_GuardedAnswer(self._socket, self._guard))

    def sendall(self, data: Any) -> None:
        """Send a request."""
        self._socket.settimeout(self._guard.timeout())
        self._socket.sendall(data)

    def close(self) -> None:
        """Close the socket when the answer is closed, too."""
        self._socket.close()


class _GuardedAnswer(io.RawIOBase):
    """The bytes of an answer."""

    def __init__(self, connection: socket.socket, guard: Guard) -> None:
        self._socket = connection
        self._raw = connection.makefile("rb", buffering=0)
        self._guard = guard

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes, within the limits."""
        self._socket.settimeout(self._guard.timeout())
        try:
            count = self._raw.readinto(buffer) or 0
        except TimeoutError:
            self._guard.budget.check_time(self._guard.url)
            raise
        self._guard.receive(count)
        return count

    def close(self) -> None:
        """Close the answer."""
        self._raw.close()
        super().close()


class _Guarded(http.client.HTTPConnection):
    """A connection whose opening, and whatever comes through it, is guarded."""

    def __init__(self, host: str, guard: Guard | None = None, **options: Any) -> None:
        super().__init__(host, **options)
        self.guard = guard
        if guard is not None:
            self._create_connection = guard.connect

    def connect(self) -> None:
        """Connect, and guard what comes."""
        super().connect()
        if self.guard is not None:
            self.sock: Any = _GuardedSocket(self.sock, self.guard)


class _GuardedTls(_Guarded, http.client.HTTPSConnection):
    """The same in TLS, whose handshake comes before the guard of what comes through it."""


class HttpHandler(urllib.request.HTTPHandler):
    """Opens http URLs through guarded connections."""

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open a URL."""
        self._guard.begin()
        return self.do_open(partial(_Guarded, guard=self._guard), req)


class HttpsHandler(urllib.request.HTTPSHandler):
    """Opens https URLs through guarded connections."""

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open a URL."""
        self._guard.begin()
        context = ssl.create_default_context()
        make = partial(_GuardedTls, guard=self._guard)
        return self.do_open(make, req, context=context)


class RedirectHandler(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the same origin; to others only if that was asked for."""

    max_redirections = _REDIRECTS
    max_repeats = _REDIRECTS

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def redirect_request(self, *parts: Any) -> urllib.request.Request | None:
        """Return the request that follows.

        Raises:
            RefusedError: The redirect is not followed.
        """
        before, target = parts[0].full_url, parts[-1]
        old, new = urlsplit(before), urlsplit(target)
        where = printable(target[:200])
        problem = ""
        if old.scheme == "https" and new.scheme == "http":
            problem = f"is redirected from https to {where}; it is not followed"
        elif _origin(old) != _origin(new) and not self._guard.budget.limits.other_hosts:
            problem = f"is redirected to another server, {where}; `--follow-redirects` allows it"
        if problem:
            parts[1].close()
            raise RefusedError(f"{self._guard.url}: {problem}")
        return super().redirect_request(*parts)


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)

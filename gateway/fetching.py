"""Fetches a file that a citizen's message points at, without being led astray by what it says.

Only https, only from the places that a source names, only from public addresses: a name is resolved
once, every address it has is checked, and the connection goes to one of these, so that a resolver
which answers differently a moment later changes nothing. Redirects are no exception.
Source: OWASP "Server-Side Request Forgery Prevention" cheat sheet.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, HTTPResponse
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

MOST_REDIRECTS = 4
_OK, _CLIENT_ERROR, _SERVER_ERROR = 200, 400, 500
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Not there yet (a provider may be slower with a file than with its message), or too often.
_COMES_BACK = frozenset({401, 404, 408, 425, 429})
_HTTPS = 443
_SPELLED = re.compile(r"[!-~]+")
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))

Address = IPv4Address | IPv6Address
Headers = Mapping[str, str]


class NotFetched(Exception):
    """There is no file. `final`: nor will there be; else try again, at best after `retry_after` s.

    The message names no address: what a URL holds is for whoever may see the journal.
    """

    def __init__(self, reason: str, *, final: bool = False, retry_after: float | None = None):
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Place:
    """Where files may be: everything at this host and port whose path begins so."""

    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> Place:
        """Read one from `https://host[:port]/beginning`; ValueError."""
        host, port, path = _parts(url)
        return cls(host, port, path)

    def has(self, host: str, port: int, path: str) -> bool:
        """Tell whether a file is here. A path with steps back is nowhere."""
        steps_back = "/../" in f"{path}/" or "%2e" in path.lower() or "\\" in path
        return (
            (host, port) == (self.host, self.port)
            and path.startswith(self.path)
            and (not steps_back)
        )


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for all addresses of a name; OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def is_public(address: Address) -> bool:
    """Tell whether an address is on the public network, and not another one in disguise."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address.is_site_local or any(address in net for net in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


class Fetcher:
    """Opens files at providers. `patience`: seconds for each step; `longest`: for all of them."""

    def __init__(
        self,
        *,
        patience: float,
        longest: float,
        find: Callable[[str, int], Sequence[str]] = resolve,
        may_reach: Callable[[Address], bool] = is_public,
        trust: ssl.SSLContext | None = None,
    ):
        self._patience = patience
        self._longest = longest
        self._find = find
        self._may_reach = may_reach
        self._trust = trust or ssl.create_default_context()

    @contextmanager
    def open(
        self, url: str, places: Sequence[Place], proof: Callable[[str], Headers]
    ) -> Iterator[Body]:
        """Open a file at one of these places; reading it raises NotFetched, as this does.

        `proof` gives the headers that show the provider at a URL that we may have the file: asked
        for each URL anew, so that no redirect carries a secret elsewhere.
        """
        until = time.monotonic() + self._longest
        for _ in range(MOST_REDIRECTS + 1):
            with self._asked(url, places, proof(url), until) as response:
                if response.status not in _REDIRECTS:
                    _check(response)
                    yield Body(response, until)
                    return
                url = _next(url, response)
        raise NotFetched("too many redirects", final=True)

    @contextmanager
    def _asked(
        self, url: str, places: Sequence[Place], headers: Headers, until: float
    ) -> Iterator[HTTPResponse]:
        try:
            host, port, path = _parts(url)
        except ValueError as exc:
            raise NotFetched("not an https address", final=True) from exc
        if not any(place.has(host, port, path) for place in places):
            raise NotFetched("at a place that is not named for this source", final=True)
        connection = self._connected(host, port)
        # A time-out is for one read: what comes byte by byte is ended from outside.
        ended = threading.Timer(max(0.0, until - time.monotonic()), _hang_up, [connection])
        ended.daemon = True
        ended.start()
        response = None
        try:
            with _failing():
                query = urlsplit(url).query
                connection.request(
                    "GET",
                    f"{path}?{query}" if query else path,
                    headers={"Host": _spelled(host, port), **_PLAIN, **headers},
                    preload_content=False,
                )
                response = connection.getresponse()
            yield response
        finally:
            ended.cancel()
            if response is not None:
                response.close()  # it holds the socket, too
            connection.close()

    def _connected(self, host: str, port: int) -> HTTPSConnection:
        with _failing():
            found = self._find(host, port)
        if not found or not all(self._may_reach(ip_address(of.partition("%")[0])) for of in found):
            raise NotFetched("not at a public address", final=True)
        connection = HTTPSConnection(
            found[0],
            port,
            timeout=self._patience,
            ssl_context=self._trust,
            server_hostname=host,
            assert_hostname=host,
        )
        with _failing():
            connection.connect()
        return connection


_PLAIN: Headers = {"Accept-Encoding": "identity", "User-Agent": "lapor-gateway"}


class Body:
    """What a provider sends, as it comes."""

    def __init__(self, response: BaseHTTPResponse, until: float):
        self._response = response
        self._until = until

    def read(self, size: int, /) -> bytes:
        """Give up to `size` bytes; none at the end. Raises NotFetched."""
        if time.monotonic() > self._until:
            raise NotFetched("too slow")
        with _failing():
            return self._response.read1(size, decode_content=False)


@contextmanager
def _failing() -> Iterator[None]:
    """Name what failed by its kind alone: its words hold the address."""
    try:
        yield
    except (HTTPError, HTTPException, OSError, UnicodeError) as exc:
        raise NotFetched(f"away: {type(exc).__name__}") from exc


def _hang_up(connection: HTTPSConnection) -> None:
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _parts(url: str) -> tuple[str, int, str]:
    """Give host, port and path; ValueError for all but a plain https address."""
    if not _SPELLED.fullmatch(url):
        raise ValueError("not printable ASCII")
    split = urlsplit(url)
    if split.scheme != "https" or "@" in split.netloc or not split.hostname:
        raise ValueError("not https, or with a name in front of the host")
    return split.hostname.rstrip("."), split.port or _HTTPS, split.path or "/"


def _spelled(host: str, port: int) -> str:
    named = f"[{host}]" if ":" in host else host
    return named if port == _HTTPS else f"{named}:{port}"


def _next(url: str, response: HTTPResponse) -> str:
    location = response.headers.get("Location")
    if not location:
        raise NotFetched("a redirect to nowhere", final=True)
    try:
        return urljoin(url, location)
    except ValueError as exc:
        raise NotFetched("a redirect to nowhere", final=True) from exc


def _check(response: HTTPResponse) -> None:
    status = response.status
    if status == _OK:
        return
    after = response.headers.get("Retry-After", "")
    may_come = status >= _SERVER_ERROR or status in _COMES_BACK
    raise NotFetched(
        f"the provider answers {status}",
        final=not may_come and status >= _CLIENT_ERROR,
        retry_after=float(after) if after.isdecimal() and len(after) < len("86400") else None,
    )

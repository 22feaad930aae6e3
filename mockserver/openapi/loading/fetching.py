"""The client that fetches the documents of a contract: from one server, within a deadline, and of bounded size.

Every URL is checked before it is requested, those of redirects included. The addresses of a server are looked up once,
so that its name can't be rebound to another one in between, such as this machine.
"""

import re
import ssl
from collections.abc import Callable, Iterable
from http import HTTPStatus
from time import monotonic  # noqa: TID251 (a deadline for real servers, handed in by tests)
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2

from mockserver.deadlines import FAILURES, LookUp, Network, looked_up
from mockserver.errors import ContractError
from mockserver.escaping import masked

SILENCE = 10.0  # seconds until a silent server is given up
DEADLINE = 60.0  # seconds for all documents together
MAX_DOWNLOAD = 20 * 2**20  # bytes of a document
MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_TARGET = re.compile(r"/[!-\[\]-~]*")  # printable ASCII without a backslash, which some take for a slash
_HEADERS = [("accept", "application/yaml, application/json, */*"), ("user-agent", "openloyalty-mockserver")]


class Origin(NamedTuple):
    """The origin of a URL: two URLs are on the same server if all three are equal."""

    scheme: str
    host: str
    port: int

    def may_lead_to(self, other: "Origin") -> bool:
        """Whether a redirect to another origin is followed: the same one, or the same host by TLS."""
        by_tls = Origin("https", self.host, _PORTS["https"])
        return other == self or (other == by_tls and self.port == _PORTS["http"])


class Location(NamedTuple):
    """An http(s) URL in a normal form that all parsers read alike."""

    origin: Origin
    target: str

    @classmethod
    def of(cls, url: str) -> "Location":
        """The location of a URL, without its fragment. Raises ValueError if it is no usable URL."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:  # whose message repeats a part of the URL, which may be a password
            raise ValueError("it is no URL, or its port is no number up to 65535") from None
        host, target = parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.scheme not in _PORTS:
            raise ValueError("it is no http(s) URL")
        if "@" in parts.netloc:
            raise ValueError("it has a user name in it")
        if not _HOST.fullmatch(host) or not _TARGET.fullmatch(target):
            raise ValueError("it is no URL, or has characters that should be percent-encoded")
        return cls(Origin(parts.scheme, host, port or _PORTS[parts.scheme]), target)

    @property
    def shown(self) -> str:
        """The URL for people, with possible secrets masked."""
        return masked(str(self))

    def __str__(self) -> str:
        scheme, host, port = self.origin
        shown = f"[{host}]" if ":" in host else host
        return f"{scheme}://{shown}{'' if port == _PORTS[scheme] else f':{port}'}{self.target}"


class Web:
    """An HTTP client for one server, with timeouts of `silence` seconds per read and `deadline` in all. Must be closed.

    `now` is in seconds, from any start; `look_up` finds the addresses of a host, and is called once for each.
    """

    def __init__(
        self,
        silence: float = SILENCE,
        deadline: float = DEADLINE,
        now: Callable[[], float] = monotonic,
        look_up: LookUp = looked_up,
    ) -> None:
        self._network = Network(silence, now() + deadline, now, look_up)
        self._pools: dict[Origin, httpcore2.ConnectionPool] = {}

    def fetch(self, location: Location) -> tuple[Location, bytes]:
        """The location at the end of all redirects, and the content there. Raises ContractError."""
        asked = location
        try:
            for _ in range(MOST_REDIRECTS + 1):
                onward, text = self._ask(asked)
                if onward is None:
                    return asked, text
                asked = onward
        except FAILURES as error:
            raise _failed(location, str(error) or type(error).__name__) from error
        raise _failed(location, "it redirects too often")

    def close(self) -> None:
        """End all connections."""
        for pool in self._pools.values():
            pool.close()

    def _ask(self, location: Location) -> tuple[Location | None, bytes]:
        """The location of a redirect, or the content."""
        scheme, host, port = location.origin
        url = httpcore2.URL(scheme=scheme, host=host, port=port, target=location.target)
        with self._pool(location.origin).stream("GET", url, headers=_HEADERS) as response:
            headers = dict(response.headers)
            if response.status in _REDIRECTS and b"location" in {name.lower() for name in headers}:
                return _onward(location, headers), b""
            if response.status != HTTPStatus.OK:
                raise OSError(f"HTTP Error {response.status}: {_phrase(response.status)}")
            return None, _text(location, response.iter_stream())

    def _pool(self, origin: Origin) -> httpcore2.ConnectionPool:
        if origin not in self._pools:
            trusted = ssl.create_default_context() if origin.scheme == "https" else None
            self._pools[origin] = httpcore2.ConnectionPool(
                trusted, _proxy(origin), max_connections=1, network_backend=self._network
            )
        return self._pools[origin]


def _failed(location: Location, reason: str) -> ContractError:
    return ContractError(f"{location.shown} can't be fetched: {reason}. Check the URL, or download the file.")


def _onward(location: Location, headers: dict[bytes, bytes]) -> Location:
    """The location that a redirect leads to. Raises ContractError if it is on another server."""
    named = next(value for name, value in headers.items() if name.lower() == b"location").decode("latin-1")
    try:
        onward = Location.of(urljoin(str(location), named))
    except ValueError as error:
        raise ContractError(f"{location.shown} can't be fetched: it redirects to {masked(named)!r}: {error}.") from None
    if not location.origin.may_lead_to(onward.origin):
        raise ContractError(
            f"{location.shown} can't be fetched: it redirects to another server. If you trust that, give its URL: "
            f"{onward.shown}"
        )
    return onward


def _text(location: Location, pieces: Iterable[bytes]) -> bytes:
    text = bytearray()
    for piece in pieces:
        text += piece
        if len(text) > MAX_DOWNLOAD:
            raise ContractError(
                f"{location.shown} has more than {MAX_DOWNLOAD >> 20} MB. Download it and serve the file."
            )
    return bytes(text)


def _phrase(status: int) -> str:
    return next((known.phrase for known in HTTPStatus if known == status), "")


def _proxy(origin: Origin) -> httpcore2.Proxy | None:
    """The proxy for a server by the environment variables, read as urllib does."""
    named = None if proxy_bypass(origin.host) else getproxies().get(origin.scheme)
    if not named:
        return None
    parts = urlsplit(named if "://" in named else f"http://{named}")
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return httpcore2.Proxy(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", auth)

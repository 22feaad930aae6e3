"""Bounds of one exchange: a deadline for all of it, and a size, whatever the target does.

`Timeout` of requests is for the silence between two bytes; a target that drips a byte a second outlasts it. Here the
time that is left is counted down from the first byte of the request to the last one of the response, and what comes is
read in pieces, so that nothing is kept of a response that is too large.
"""

import io
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import Any
from weakref import WeakSet

import requests
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

MOST_BYTES = 2**22  # of a body, after decompression
MOST_ON_THE_WAY = 2 * MOST_BYTES  # of a response as it is sent: head, chunks, trailers
MOST_VALUES = 250_000  # of JSON; each takes twenty times its own length in memory
DEEPEST = 100  # levels of JSON; parsers and validators of this world end further down
PIECE = 2**16
SHORTEST_WAIT = 0.001  # seconds; zero would mean not to wait at all
_OPENING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{}\]]', re.DOTALL)  # a text, or what opens and closes
_BLANK = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"  # before JSON: white space, the mark of an encoding
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "iso-8859-15", "windows-1252", "utf-16"}


Wait = Callable[[], float | None]


class TooLarge(requests.RequestException):
    """A response that is larger than a run reads. The message says how large."""


class NoHttp(requests.ConnectionError):
    """A response that is no HTTP."""


class OpenSockets:
    """The sockets of all connections that are open; threads add to them."""

    def __init__(self) -> None:
        self._open: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()

    def add(self, opened: socket.socket) -> None:
        """Take note of one."""
        with self._lock:
            self._open.add(opened)

    def shut(self) -> None:
        """End every wait for an answer."""
        with self._lock:
            for one in list(self._open):
                with suppress(OSError):  # it may be closed already
                    one.shutdown(socket.SHUT_RDWR)


class _Overflow(Exception):
    """More bytes than a response may have. No OSError, which urllib3 would take for a lost connection."""


class _Countdown(io.RawIOBase):
    """The bytes of a socket, as long as time and size allow."""

    def __init__(self, raw: Any, wait: Wait, set_timeout: Callable[[float | None], None]) -> None:
        self._raw, self._wait, self._set_timeout = raw, wait, set_timeout
        self._count = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> Any:
        """Read the next bytes. Raises TimeoutError or _Overflow."""
        self._set_timeout(self._wait())
        count = self._raw.readinto(buffer)
        self._count += count or 0
        if self._count > MOST_ON_THE_WAY:
            raise _Overflow(f"more than {MOST_ON_THE_WAY} bytes with its head")
        return count

    def close(self) -> None:
        """Close the socket, too."""
        self._raw.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    """A response that is read by a countdown."""

    def __init__(self, sock: socket.socket, *args: Any, wait: Wait, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Countdown(self.fp.detach(), wait, sock.settimeout))


class _BoundedConnection(HTTPConnection):
    """A connection on which each exchange has one deadline, from its first byte on."""

    now: Callable[[], float]
    opened: Callable[[socket.socket], None]
    is_kept: bool  # for another exchange
    is_read: bool
    _end: float | None = None
    _asks = _has_begun = _is_used = False

    @property
    def is_connected(self) -> bool:
        """Whether another exchange may go over it; if not, the pool has it connect anew."""
        return super().is_connected and (self.is_kept or not self._is_used)

    def connect(self) -> None:
        """Connect; TLS does so before anything is asked."""
        if not self._asks:
            self._begin()
            self._has_begun = True
        super().connect()
        self._is_used = False
        self.opened(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request."""
        if not self._has_begun:
            self._begin()
        self._has_begun, self._asks = False, True
        try:
            super().request(*args, **kwargs)
        finally:
            self._asks, self._is_used = False, True

    def send(self, data: Any) -> None:
        """Send piece by piece: with TLS each has a time-out of its own."""
        if not isinstance(data, bytes):
            super().send(data)
            return
        for at in range(0, len(data), PIECE):
            if self.sock is not None:
                self.sock.settimeout(self._wait())
            super().send(data[at : at + PIECE])

    def getresponse(self) -> Any:
        """The response. Raises RemoteDisconnected if nobody wants one: then the connection is closed as soon as the
        request is sent."""
        if self.is_read:
            return super().getresponse()
        self.close()
        raise RemoteDisconnected("the check hung up before the answer, as it should")

    def _begin(self) -> None:
        self._end = self.now() + self.timeout if isinstance(self.timeout, int | float) else None
        self.response_class = partial(_BoundedResponse, wait=self._wait)  # type: ignore[assignment] # called, and no more

    def _wait(self) -> float | None:
        """Seconds that are left. Raises TimeoutError."""
        if self._end is None:
            return None
        if (left := self._end - self.now()) <= 0:
            raise TimeoutError("timed out")
        return max(left, SHORTEST_WAIT)


class _BoundedTlsConnection(_BoundedConnection, HTTPSConnection):
    """A bounded connection over TLS."""


def bind(
    manager: PoolManager,
    opened: Callable[[socket.socket], None],
    now: Callable[[], float],
    *,
    kept: bool = True,
    is_read: bool = True,
) -> None:
    """Bound all connections of a manager, and tell of each socket as it is opened. `now` is in seconds; `kept`
    connections are used for more than one exchange; where nothing `is_read`, they end with the request."""
    told = {"now": staticmethod(now), "opened": staticmethod(opened), "is_kept": kept, "is_read": is_read}
    pools = {"http": (HTTPConnectionPool, _BoundedConnection), "https": (HTTPSConnectionPool, _BoundedTlsConnection)}
    manager.pool_classes_by_scheme = {
        scheme: type("Pool", (pool,), {"ConnectionCls": type("Bounded", (kind,), told)})
        for scheme, (pool, kind) in pools.items()
    }


@contextmanager
def translated(request: requests.PreparedRequest) -> Iterator[None]:
    """Raise every error of an exchange as one of requests that carries the request: Timeout, TooLarge, NoHttp, …"""
    try:
        yield
    except _Overflow as error:
        raise TooLarge(str(error), request=request) from error
    except requests.RequestException as error:
        error.request = request  # not the one with the secrets
        causes = list(_causes(error))
        if not isinstance(error, requests.Timeout) and any(isinstance(one, TimeoutError) for one in causes):
            raise requests.ReadTimeout(error, request=request) from error
        garbage = (one for one in causes if isinstance(one, HTTPException) and not isinstance(one, RemoteDisconnected))
        if isinstance(error, requests.ConnectionError) and any(garbage):
            raise NoHttp(error, request=request) from error
        raise
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(error, request=request) from error


def read(response: requests.Response) -> None:
    """Read a body within the bounds; then it is the response's content. Raises what requests raises, and TooLarge."""
    try:
        content = b"".join(_pieces(response))
        _check(content)
    except BaseException:
        response.close()
        raise
    response._content, response._content_consumed = content, True  # type: ignore[attr-defined] # noqa: SLF001 (no other way)
    if (response.encoding or "").lower() not in _ENCODINGS:
        response.encoding = "utf-8"  # what a target names may take forever, and guessing does


def _pieces(response: requests.Response) -> Iterator[bytes]:
    size = 0
    try:
        for piece in response.raw.stream(PIECE, decode_content=True):
            size += len(piece)
            if size > MOST_BYTES:
                raise TooLarge(f"more than {MOST_BYTES} bytes")
            yield piece
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error) from error
    except (urllib3.exceptions.ProtocolError, ValueError) as error:  # http.client stumbles over odd sizes of chunks
        raise requests.exceptions.ChunkedEncodingError(error) from error


def _check(content: bytes) -> None:
    """Raises TooLarge for what would be too much when it is read as JSON."""
    if content.lstrip(_BLANK)[:1] not in (b"[", b"{"):
        return
    opened = content.count(b"[") + content.count(b"{")
    if content.count(b",") + opened > MOST_VALUES:
        raise TooLarge(f"more than {MOST_VALUES} values")
    if opened > DEEPEST and _depth(content) > DEEPEST:
        raise TooLarge(f"more than {DEEPEST} arrays and objects within each other")


def _depth(content: bytes) -> int:
    """The largest number of arrays and objects that are open at once; counted up to one more than DEEPEST."""
    depth = deepest = 0
    for sign in _OPENING.finditer(content):
        first = sign[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            break
    return deepest


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """All errors of which one speaks."""
    while error is not None:
        yield error
        inner = getattr(error, "reason", None) or next((one for one in error.args if _is_error(one)), None)
        error = inner if _is_error(inner) else error.__cause__


def _is_error(value: object) -> bool:
    return isinstance(value, BaseException)

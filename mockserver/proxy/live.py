"""The live instance as the proxy calls it: pooled connections, bodies piece by piece, and failures in words.

The pool is that of httpcore2, the engine of httpx2, as for deliveries: it follows no redirects, keeps no cookies, reads
no proxies of the environment and decompresses nothing.
"""

import os
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpcore2

from mockserver.http.messages import WITHOUT_BODY, BrokenOff, Header
from mockserver.http.tls import client_context
from mockserver.proxy.live_address import LiveAddress
from mockserver.proxy.wire import WireNetwork

CONNECTIONS = 256
IDLE_CONNECTIONS = 64
IDLE_SECONDS = 4.0  # shorter than the five after which many servers close
CONNECT_SECONDS = 10.0
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})  # idempotent (RFC 9110, section 9.2.2)
_QUOTED = r"(?s):? *(bytearray\(|b['\"]).*"  # what h11 repeats of a message, which may be a secret
BAD_REQUEST, BAD_GATEWAY, GATEWAY_TIMEOUT = 400, 502, 504


class LiveFailed(Exception):
    """The instance has no answer. `status` is what the proxy answers in its place, the message says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Live:
    """The instance, for one event loop. `timeout` is in seconds: of silence until the answer begins, and between two
    pieces of it. Has to be closed."""

    def __init__(self, address: LiveAddress, timeout: float, ca_file: str | None = None, *, insecure: bool) -> None:
        """Raises SettingsError if the CA file can't be used."""
        self.address = address
        self._timeout = timeout
        self._base, self._host = address.base_path.encode(), address.host.encode()
        self._scheme, self._port = address.scheme.encode(), address.port
        self._trusted = _trusted(ca_file, insecure=insecure) if address.scheme == "https" else None
        self._pool: httpcore2.AsyncConnectionPool | None = None

    async def ask(
        self, method: str, target: bytes, headers: Sequence[Header], body: bytes | AsyncIterator[bytes]
    ) -> "LiveAnswer":
        """The answer to a request, as soon as its head is there. Raises LiveFailed, and what `body` raises.

        A kept connection may have ended meanwhile: what may be sent twice, then is, on another one.
        """
        limits: dict[str, float | None] = {
            "connect": CONNECT_SECONDS,
            "read": self._timeout,
            "write": self._timeout,
            "pool": self._timeout,
        }
        request = httpcore2.Request(
            method,
            httpcore2.URL(scheme=self._scheme, host=self._host, port=self._port, target=self._base + target),
            headers=headers,
            content=body,
            extensions={"timeout": limits},
        )
        try:
            try:
                answer = await self._connections.handle_async_request(request)
            except (httpcore2.RemoteProtocolError, httpcore2.ReadError):
                if method not in REPEATABLE or not isinstance(body, bytes):
                    raise
                answer = await self._connections.handle_async_request(request)
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, OSError) as error:
            raise self._failure(error) from error
        return LiveAnswer(method, answer, limits)

    @property
    def _connections(self) -> httpcore2.AsyncConnectionPool:
        """The pool, made in the event loop that uses it."""
        if self._pool is None:
            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=self._trusted,
                max_connections=CONNECTIONS,
                max_keepalive_connections=IDLE_CONNECTIONS,
                keepalive_expiry=IDLE_SECONDS,
                network_backend=WireNetwork(self._trusted),
            )
        return self._pool

    async def close(self) -> None:
        """End all connections."""
        if self._pool is not None:
            await self._pool.aclose()

    def _failure(self, error: Exception) -> LiveFailed:
        """What to tell of a failure."""
        url, cause = self.address.url, _cause(error)
        if isinstance(error, httpcore2.TimeoutException):
            return LiveFailed(GATEWAY_TIMEOUT, self._lateness(error))
        if isinstance(cause, ssl.SSLCertVerificationError):
            return LiveFailed(
                BAD_GATEWAY,
                f"The certificate of {url} is not trusted ({cause.verify_message}). Start the proxy with --ca-file and "
                "the certificate to trust, or with --insecure.",
            )
        if isinstance(error, httpcore2.ConnectError):
            return LiveFailed(BAD_GATEWAY, f"{url} can't be reached: {_told(cause)}")
        if isinstance(error, httpcore2.LocalProtocolError):
            return LiveFailed(BAD_REQUEST, f"This request can't be passed on: {_told(cause)}")
        return LiveFailed(BAD_GATEWAY, f"{url} gave no answer that is HTTP, or ended the connection: {_told(cause)}")

    def _lateness(self, error: httpcore2.TimeoutException) -> str:
        """What took too long."""
        url = self.address.url
        if isinstance(error, httpcore2.PoolTimeout):
            return (
                f"All {CONNECTIONS} connections to {url} are busy, and none was free within {self._timeout:g} seconds."
            )
        if isinstance(error, httpcore2.ConnectTimeout):
            return f"{url} accepted no connection within {CONNECT_SECONDS:g} seconds."
        return f"{url} didn't answer within {self._timeout:g} seconds. Raise --timeout if it may take longer."


class LiveAnswer:
    """An answer whose head is there. Has to be read to its end, or closed. `has_surplus` says, once it has ended,
    whether there were bytes behind its end."""

    def __init__(self, method: str, answer: httpcore2.Response, limits: dict[str, float | None]) -> None:
        self.status = answer.status
        self.headers: list[Header] = answer.headers
        self.has_surplus = False
        self._method = method
        self._answer = answer
        self._stream: Any = answer.extensions["network_stream"]
        self._stream.begin_body()
        self._limits = limits
        self._pieces: AsyncIterator[bytes] | None = None

    def be_patient(self) -> None:
        """Let it be silent for any time, as streams of events are."""
        self._limits["read"] = None

    async def read(self) -> bytes:
        """The next piece of the body, or nothing at its end. Raises BrokenOff if it ends too early."""
        if self._pieces is None:
            self._pieces = self._answer.aiter_stream()
        try:
            async for piece in self._pieces:
                if piece:
                    return piece
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, OSError) as error:
            raise BrokenOff(_told(_cause(error))) from error
        await self.close()
        return b""

    async def close(self) -> None:
        """End it; its connection ends too, unless all of it was read and nobody else can get what comes behind it."""
        self.has_surplus = self.has_surplus or _has_more(self._answer.stream, self._stream)
        if self.has_surplus or self._may_go_on():
            await self._stream.aclose()
        await self._answer.aclose()

    def _may_go_on(self) -> bool:
        """Whether a body may follow that belongs to no answer: some servers send one where HTTP allows none, often a
        moment after the head."""
        if self._method == "HEAD":
            return True
        lengths = {name.lower(): value for name, value in self.headers}
        announced = lengths.get(b"content-length", b"0").strip(b"0") or b"transfer-encoding" in lengths
        return self.status in WITHOUT_BODY and bool(announced)


def _has_more(body: Any, stream: Any) -> bool:
    """Whether something has come behind an answer. httpcore2 keeps that, and would take it for the next answer; it
    shows it to nobody."""
    unread, _ = body._stream._connection._h11_state.trailing_data  # noqa: SLF001 (there is no public way)
    return bool(unread) or bool(stream.get_extra_info("is_unread"))


def _trusted(ca_file: str | None, *, insecure: bool) -> ssl.SSLContext:
    context = client_context(ca_file) or ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


def _cause(error: BaseException) -> BaseException:
    """The error that caused the others."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    return error


def _told(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError):
        return f"{os.strerror(error.errno) if error.errno > 0 else error.strerror}."
    told = re.sub(_QUOTED, "", f"{error}")
    return f"{told}." if told else f"{type(error).__name__}."

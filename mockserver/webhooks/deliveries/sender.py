"""The sender of attempts: posts a request and returns the response. It has one pool of connections for plain HTTP, and
one for TLS, made when needed, as certificates cost time and memory.

The pools are those of httpcore2, the engine of httpx2: it lets us choose the address to connect to, and does nothing
that a delivery must not do: no redirects, no cookies, no proxies of the environment, no decompression.
"""

import asyncio
import os
import ssl
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from time import perf_counter  # noqa: TID251 (how long a real receiver took)
from typing import Any
from urllib.parse import urlsplit

import httpcore2

from mockserver.webhooks.deliveries.egress_policy import EgressPolicy
from mockserver.webhooks.deliveries.records import ReceiverResponse, SentRequest

LONGEST_READ = 64 * 1024  # bytes that are read of a response; then the connection is closed
LONGEST_KEPT = 2 * 1024  # bytes that are kept of a response's body
MOST_HEADERS_KEPT = 50  # of a response
LONGEST_HEADERS_KEPT = 8 * 1024  # bytes of these
CONNECTIONS = 128
IDLE_CONNECTIONS = 64
IDLE_SECONDS = 5.0
HOW_TO_TRUST = "To trust it, start the mock with `--ca-file FILE` (MOCKSERVER_CA_FILE)."


class Sender:
    """The sender of one event loop. `timeout` is in seconds, for one attempt as a whole. Has to be closed."""

    def __init__(self, policy: EgressPolicy, timeout: float, trusted: ssl.SSLContext | None) -> None:
        self._timeout = timeout
        self._trusted = trusted
        self._network = _CheckedNetwork(policy)
        self._plain = self._pool(None)
        self._tls: httpcore2.AsyncConnectionPool | None = None

    async def send(self, request: SentRequest) -> tuple[float, ReceiverResponse | None, str | None]:
        """Send a request. Returns the seconds that it took, the response or None, and the error or None.

        Raises DestinationRefused if the egress policy forbids it, and ValueError if the URL can't be used.
        """
        started = perf_counter()
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._exchange(request)
        except TimeoutError:
            return perf_counter() - started, None, f"No answer within {self._timeout:g} seconds."
        except (OSError, ssl.SSLError, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            return perf_counter() - started, None, _explained(error)
        return perf_counter() - started, response, None

    async def _exchange(self, request: SentRequest) -> ReceiverResponse:
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers]
        url, content = _target(request.url), request.body.encode()
        async with self._pool_for(url).stream(request.method, url, headers=headers, content=content) as response:
            body = b""
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > LONGEST_READ:
                    break
            kept = body[:LONGEST_KEPT].decode("utf-8", "replace")
            return ReceiverResponse(response.status, tuple(_kept(response.headers)), kept)

    def _pool_for(self, url: httpcore2.URL) -> httpcore2.AsyncConnectionPool:
        if url.scheme != b"https":
            return self._plain
        if self._tls is None:
            self._tls = self._pool(self._trusted or ssl.create_default_context())
        return self._tls

    def _pool(self, trusted: ssl.SSLContext | None) -> httpcore2.AsyncConnectionPool:
        return httpcore2.AsyncConnectionPool(
            ssl_context=trusted,
            max_connections=CONNECTIONS,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=self._network,
        )

    async def close(self) -> None:
        """End all connections."""
        for pool in (self._plain, self._tls):
            if pool is not None:
                await pool.aclose()


class _CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """The network that connects only to addresses which the egress policy has checked."""

    def __init__(self, policy: EgressPolicy) -> None:
        self._policy = policy
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore2's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first address that accepts one."""
        problem: httpcore2.NetworkError | None = None
        for address in await self._policy.addresses(host, port):
            try:
                return _Stream(await self._network.connect_tcp(address, port, timeout, local_address, socket_options))
            except httpcore2.NetworkError as error:
                problem = problem or error
        raise problem or OSError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        """Wait; the pool does so between retries, of which it makes none."""
        await self._network.sleep(seconds)


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection that writes head and body of a request together, when the response is read: half the cost."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._buffered = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 (httpcore2's)
        """Write what is buffered, then read."""
        if self._buffered:
            buffered, self._buffered = self._buffered, b""
            await self._stream.write(buffered, timeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 (the same)
        """Buffer what is to be written."""
        self._buffered += buffer

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (the same)
    ) -> httpcore2.AsyncNetworkStream:
        """The same connection, encrypted."""
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    async def aclose(self) -> None:
        """End the connection."""
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        """A detail of the connection, by its name in httpcore2."""
        return self._stream.get_extra_info(info)


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    """The first headers of a response, up to a number and a size."""
    left = LONGEST_HEADERS_KEPT
    for name, value in islice(headers, MOST_HEADERS_KEPT):
        left -= len(name) + len(value)
        if left < 0:
            return
        yield name.decode("latin-1"), value.decode("latin-1")


@lru_cache(maxsize=4_096)
def _target(url: str) -> httpcore2.URL:
    """The parts of a URL that the contract accepts: plain ASCII, without a user name."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore2.URL(
        scheme=parts.scheme.encode(), host=(parts.hostname or "").encode(), port=parts.port, target=target.encode()
    )


def _explained(error: BaseException) -> str:
    """The message of the error that caused the others."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The receiver's certificate is not trusted ({error.verify_message}). {HOW_TO_TRUST}"
    if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError):
        return f"{os.strerror(error.errno)}."
    return f"{type(error).__name__}: {error}" if f"{error}" else type(error).__name__

"""Sends one attempt and tells what came back. One pool of connections for all receivers; those by TLS have their own,
as trusting somebody costs time and memory that few need.

The pool is httpcore2, the engine of httpx2: it lets us choose the address that is connected to, and it has none of what
a delivery mustn't have: redirects, cookies, proxies of the environment, decompression.
"""

import asyncio
import os
import ssl
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import httpcore2

from mockserver.webhooks.deliveries.egress_policy import EgressPolicy
from mockserver.webhooks.deliveries.records import ReceiverResponse, Sent

LONGEST_READ = 64 * 1024  # bytes of a reply before the connection is given up
LONGEST_KEPT = 2 * 1024  # bytes of a reply's body
MOST_HEADERS_KEPT = 50  # of a reply that are kept
LONGEST_HEADERS_KEPT = 8 * 1024  # bytes of these
CONNECTIONS = 128
IDLE_CONNECTIONS = 64
IDLE_SECONDS = 5.0
HOW_TO_TRUST = "To trust it, start the mock with `--ca-file FILE` (MOCKSERVER_CA_FILE)."


class Courier:
    """Posts to receivers. `timeout` is in seconds, for one attempt as a whole. To be closed."""

    def __init__(self, targets: EgressPolicy, timeout: float, trusted: ssl.SSLContext | None) -> None:
        self._timeout = timeout
        self._trusted = trusted
        self._network = _CheckedNetwork(targets)
        self._plain = self._pool(None)
        self._tls: httpcore2.AsyncConnectionPool | None = None

    async def send(self, request: Sent) -> tuple[float, ReceiverResponse | None, str | None]:
        """Send a request: how many seconds it took, and the reply, or why there is none.

        Raises Refused if it may not be sent there, and ValueError if it can't be sent at all.
        """
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._exchange(request)
        except TimeoutError:
            return time.perf_counter() - started, None, f"No answer within {self._timeout:g} seconds."
        except (OSError, ssl.SSLError, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            return time.perf_counter() - started, None, _explained(error)
        return time.perf_counter() - started, reply, None

    async def _exchange(self, request: Sent) -> ReceiverResponse:
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
    """Connects to addresses that were checked, and to no others."""

    def __init__(self, targets: EgressPolicy) -> None:
        self._targets = targets
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore2's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first address that takes one."""
        problem: httpcore2.NetworkError | None = None
        for address in await self._targets.addresses(host, port):
            try:
                return _Stream(await self._network.connect_tcp(address, port, timeout, local_address, socket_options))
            except httpcore2.NetworkError as error:
                problem = problem or error
        raise problem or OSError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        """The pool's waiting, if it retries; it doesn't."""
        await self._network.sleep(seconds)


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection that writes head and body of a request in one go, when the answer is waited for: half the cost."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._unwritten = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 (httpcore2's)
        """Write what is to be written, then read."""
        if self._unwritten:
            unwritten, self._unwritten = self._unwritten, b""
            await self._stream.write(unwritten, timeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 (the same)
        """Note what is to be written."""
        self._unwritten += buffer

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
        """What the connection knows of itself."""
        return self._stream.get_extra_info(info)


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    """The first headers of a reply, up to a number and a size."""
    left = LONGEST_HEADERS_KEPT
    for name, value in islice(headers, MOST_HEADERS_KEPT):
        left -= len(name) + len(value)
        if left < 0:
            return
        yield name.decode("latin-1"), value.decode("latin-1")


@lru_cache(maxsize=4_096)
def _target(url: str) -> httpcore2.URL:
    """The parts of a URL that the contract has found valid: plain ASCII, and no user name."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore2.URL(
        scheme=parts.scheme.encode(), host=(parts.hostname or "").encode(), port=parts.port, target=target.encode()
    )


def _explained(error: BaseException) -> str:
    """What went wrong, by the error that caused the others."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The receiver's certificate is not trusted ({error.verify_message}). {HOW_TO_TRUST}"
    if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError):
        return f"{os.strerror(error.errno)}."
    return f"{type(error).__name__}: {error}" if f"{error}" else type(error).__name__

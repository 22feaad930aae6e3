"""The wire: connections to the instance as httpcore2 uses them, straight on asyncio.

httpcore2's own go through anyio, which takes a quarter of the time of a request that passes.
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any, cast

import httpcore2

JOINED = 64 * 1024  # bytes that are written together, at most
LONGEST_HEAD = 256 * 1024  # bytes that come before an answer is there: its head, and interim ones (1xx)
READ_AHEAD = 256 * 1024  # bytes; what nobody reads isn't received


class WireNetwork(httpcore2.AsyncNetworkBackend):
    """The network; with `trusted` all connections are encrypted from their start."""

    def __init__(self, trusted: ssl.SSLContext | None) -> None:
        self._trusted = trusted

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore2's signature)
        local_address: str | None = None,  # noqa: ARG002 (the same)
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 (the same)
    ) -> httpcore2.AsyncNetworkStream:
        """A connection."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                _, wire = await loop.create_connection(Wire, host, port, ssl=self._trusted)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return WireStream(wire)

    async def sleep(self, seconds: float) -> None:
        """Wait; the pool does so between retries, of which it makes none."""
        await asyncio.sleep(seconds)


class Wire(asyncio.Protocol):
    """One connection: what has come on it, and whether it takes more."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.received = bytearray()
        self.has_ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._is_full = False  # of what is to be sent
        self._is_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep what came, and receive no more for now if it is much."""
        self.received += data
        if len(self.received) > READ_AHEAD and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """End: a server that closes its half has nothing more to say."""
        self.has_ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """End, by an error if there is one."""
        self.has_ended, self._error, self._is_full = True, exc, False
        self._wake()

    def pause_writing(self) -> None:
        """Note that there is too much to be sent."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Note that more can be sent."""
        self._is_full = False
        self._wake()

    async def read(self, most: int) -> bytes:
        """The next bytes, or nothing at the end. Raises OSError."""
        while not (self.received or self.has_ended):
            await self._wait()
        if self._error is not None and not self.received:
            raise self._as_os_error(self._error)
        piece = bytes(self.received) if len(self.received) <= most else bytes(self.received[:most])
        del self.received[: len(piece)]
        if self._is_paused and len(self.received) <= READ_AHEAD // 2 and not self.has_ended:
            self._is_paused = False
            self.transport.resume_reading()
        return piece

    async def write(self, data: bytes) -> None:
        """Send bytes; returns once there is room for more. Raises OSError."""
        if self._error is not None or self.transport.is_closing():
            raise self._as_os_error(self._error or ConnectionResetError("the connection has ended"))
        self.transport.write(data)
        while self._is_full:
            await self._wait()
        if self._error is not None:
            raise self._as_os_error(self._error)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @staticmethod
    def _as_os_error(error: Exception) -> OSError:
        return error if isinstance(error, OSError) else ConnectionResetError(str(error))


class WireStream(httpcore2.AsyncNetworkStream):
    """A connection for httpcore2. It writes the head of a request together with the beginning of its body."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._buffered = b""
        self._has_read = False  # since the last write
        self._in_head, self._head_size, self._head_until = False, 0, 0.0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 (httpcore2's)
        """Write what is buffered, then read."""
        await self._flush(timeout)
        if self._in_head:
            timeout = self._time_left(timeout)
        self._has_read = True
        try:
            if self._wire.received and not self._in_head:
                return await self._wire.read(max_bytes)
            async with asyncio.timeout(timeout):
                piece = await self._wire.read(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout from error
        except OSError as error:
            raise httpcore2.ReadError(str(error)) from error
        self._head_size += len(piece)
        return piece

    def begin_body(self) -> None:
        """Note that the head of an answer is there: its body may be long, and take long."""
        self._in_head = False

    def _time_left(self, timeout: float | None) -> float | None:
        """The seconds that are left for a head. It has one limit for all of it, and for the interim answers before it,
        of which some servers send many. Raises RemoteProtocolError if those are too many."""
        if self._head_size > LONGEST_HEAD:
            raise httpcore2.RemoteProtocolError(f"over {LONGEST_HEAD // 1024} KiB came before the answer")
        if timeout is None:
            return None
        now = asyncio.get_running_loop().time()
        if not self._has_read:
            self._head_until = now + timeout
        return max(self._head_until - now, 0)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 (the same)
        """Buffer what is to be written; write it once there is enough. What has come before a request begins is no
        answer to it: the request then goes by another connection."""
        if self._has_read and self._wire.received:
            raise httpcore2.ConnectionNotAvailable
        self._has_read, self._in_head, self._head_size = False, True, 0
        self._buffered = self._buffered + buffer if self._buffered else buffer
        if len(self._buffered) >= JOINED:
            await self._flush(timeout)

    async def _flush(self, timeout: float | None) -> None:  # noqa: ASYNC109 (the same)
        if not self._buffered:
            return
        buffered, self._buffered = self._buffered, b""
        try:
            async with asyncio.timeout(timeout):
                await self._wire.write(buffered)
        except TimeoutError as error:
            raise httpcore2.WriteTimeout from error
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 (it is that of the network)
        server_hostname: str | None = None,  # noqa: ARG002 (the host of the connection)
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 (httpcore2's signature)
    ) -> httpcore2.AsyncNetworkStream:
        """The same connection, which is encrypted already."""
        return self

    async def aclose(self) -> None:
        """End the connection at once: what isn't sent yet, nobody waits for. It is readable from now on, so that nobody
        takes it for an idle one."""
        self._wire.has_ended = True
        self._wire.transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """Whether an idle connection has something to say, which is its end; whether there are bytes that nobody has
        read; the TLS object, if there is one."""
        if info == "is_unread":
            return bool(self._wire.received)
        if info == "is_readable":
            return bool(self._wire.received) or self._wire.has_ended
        return self._wire.transport.get_extra_info("ssl_object") if info == "ssl_object" else None

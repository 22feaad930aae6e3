"""A reverse proxy that changes what passes: HTTP/1.1 on loopback, one connection to the server for each client's.

What no fault touches goes through as it came, hostile bytes included.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlsplit

from mockserver.http.messages import WITHOUT_LENGTH
from tests.mutants.exchange import Answer, Headers, Request, Send

Fault = Callable[[Request, Send], Awaitable[Answer]]
MAX_HEAD = 1 << 20  # bytes
LOOPBACK = "127.0.0.1"


class HangUp(Exception):
    """Raised by a fault that ends the connection in place of an answer."""


async def honest(request: Request, send: Send) -> Answer:
    """No fault at all."""
    return await send(request)


@contextlib.asynccontextmanager
async def proxy(target: str, fault: Fault = honest, port: int = 0) -> AsyncIterator[str]:
    """A proxy before the server at the URL `target`; yields its own URL. Its connections end with the block, which
    raises what a fault has raised by mistake: a connection that is lost for that would be taken for what it breaks."""
    host, upstream_port = urlsplit(target).hostname or LOOPBACK, urlsplit(target).port or 80
    tasks: set[asyncio.Task[None]] = set()
    mistakes: list[Exception] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        try:
            await _Connection(reader, writer, _Upstream(host, upstream_port)).serve(fault)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told at the end)
            mistakes.append(error)
            writer.close()

    server = await asyncio.start_server(connected, LOOPBACK, port, limit=MAX_HEAD)
    try:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if mistakes:
        raise ExceptionGroup("the fault raises what it shouldn't", mistakes)


class _Connection:
    """A client's connection: requests one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: "_Upstream") -> None:
        self._reader, self._writer, self._upstream = reader, writer, upstream

    async def serve(self, fault: Fault) -> None:
        """Answer until either side has enough. A client that leaves is no error."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer_one(fault):
                pass
        self._upstream.close()
        self._writer.close()

    async def _answer_one(self, fault: Fault) -> bool:
        line, headers = await read_head(self._reader)
        method, _, rest = line.partition(" ")
        body = await _read_body(self._reader, headers)
        request = Request(_unframed(headers), body, method, rest.rpartition(" ")[0])
        try:
            answer = await fault(request, self._upstream.send)
        except HangUp:
            return False
        except ConnectionError:
            answer = Answer.of(502, {"message": "The server behind the proxy can't be reached."})
        await asyncio.sleep(answer.delay)
        return await self._write(answer, bodiless=method == "HEAD") and (
            _value(headers, "connection").lower() != "close"
        )

    async def _write(self, answer: Answer, *, bodiless: bool) -> bool:
        length = len(answer.body) + (10 if answer.cut else 0)
        framing = () if answer.status in WITHOUT_LENGTH and not answer.body else (("content-length", str(length)),)
        headers = answer.headers if bodiless else (*_unframed(answer.headers), *framing)
        head = _head(f"HTTP/1.1 {answer.status} {answer.status}", headers)
        self._writer.write(head if bodiless else head + answer.body)
        await self._writer.drain()
        return not answer.cut


class _Upstream:
    """The connection to the server behind, opened when it is needed."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: Request) -> Answer:
        """The server's answer. Raises ConnectionError if there is none."""
        try:
            return await self._exchange(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()  # the server has closed an idle connection: once more on a new one
        try:
            return await self._exchange(request)
        except asyncio.IncompleteReadError as error:
            raise ConnectionError from error

    def close(self) -> None:
        """Give the connection up."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None

    async def _exchange(self, request: Request) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address, limit=MAX_HEAD)
        reader, writer = self._streams
        length = (("content-length", str(len(request.body))),) if request.body or request.method in _WITH_BODY else ()
        writer.write(_head(f"{request.method} {request.target} HTTP/1.1", (*request.headers, *length)) + request.body)
        await writer.drain()
        line, headers = await read_head(reader)
        status = int(line.split(" ")[1])
        if request.method == "HEAD":
            answer = Answer(headers, status=status)
        else:
            body = b"" if status in WITHOUT_LENGTH else await _read_body(reader, headers)
            answer = Answer(_unframed(headers), body, status)
        if _value(headers, "connection").lower() == "close":
            self.close()
        return replace(answer, headers=tuple(pair for pair in answer.headers if pair[0].lower() != "connection"))


_WITH_BODY = ("POST", "PUT", "PATCH")
_FRAMING = {"content-length", "transfer-encoding"}


async def read_head(reader: asyncio.StreamReader) -> tuple[str, Headers]:
    """The first line and the headers. Raises ConnectionError for what is too long."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise ConnectionError from error
    line, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    return line, tuple((name, value.strip()) for name, _, value in (field.partition(":") for field in fields))


async def _read_body(reader: asyncio.StreamReader, headers: Headers) -> bytes:
    if "chunked" in _value(headers, "transfer-encoding").lower():
        return b"".join([chunk async for chunk in _chunks(reader)])
    return await reader.readexactly(int(_value(headers, "content-length") or 0))


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int((await reader.readline()).split(b";")[0], 16):
        yield await reader.readexactly(size)
        await reader.readline()
    while (await reader.readline()).strip():
        pass


def _head(line: str, headers: Headers) -> bytes:
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{line}\r\n{fields}\r\n".encode("latin-1")


def _value(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _unframed(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in _FRAMING)

"""The exchange: one request on a connection, and its response."""

import asyncio
import logging
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from mockserver.http.messages import (
    WITHOUT_LENGTH,
    BodyStream,
    BrokenOff,
    Disconnected,
    Header,
    OpenResponse,
    PassedResponse,
    Request,
    Response,
)

if TYPE_CHECKING:
    from uvicorn.server import ServerState

logger = logging.getLogger("uvicorn.error")

FRAMING = frozenset({b"connection", b"content-length", b"keep-alive", b"transfer-encoding", b"upgrade"})
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
RESET_DELAY = 0.05  # seconds; on some systems a reset discards what the client hasn't read yet
LONGEST_COPY = 16 * 1024  # bytes of a body
LONGEST_KEPT = 4 * 1024  # bytes of a head that is remembered
STATUS_LINES = {status.value: b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


def final_response(status: int, media_type: bytes, body: bytes) -> bytes:
    """The bytes of a response after which the connection is closed."""
    return _framed(status, ((b"content-type", media_type),), len(body), False) + body  # noqa: FBT003 (see below)


class HttpApplication(Protocol):
    """An application: answers requests."""

    @property
    def single_headers(self) -> frozenset[bytes]:
        """The headers, in lower case, that a request may have once only."""

    async def answer(self, request: Request) -> Response:
        """The response. Raises Disconnected if the client leaves before it has sent its body."""

    def abandoned(self, request: Request) -> None:
        """Note a request that `answer` never gets: its client left before it had sent all of it, or before its turn
        came."""


class Connection(Protocol):
    """The connection, as an exchange needs it."""

    app: HttpApplication
    client: str
    scheme: str
    loop: asyncio.AbstractEventLoop
    drained: asyncio.Future[None] | None
    state: "ServerState"  # with the headers that every response has

    def send(self, data: bytes) -> None:
        """Write soon."""

    def reset(self) -> None:
        """End at once, so that the client takes it for an error."""

    def ignore_input(self) -> None:
        """Read on, but only to see when the client leaves."""

    def apply_backpressure(self) -> None:
        """Pause or resume reading: some of what was received has been consumed."""

    def exchange_done(self, exchange: "Exchange", *, keep_alive: bool) -> None:
        """The exchange is over."""


class Exchange:
    """One request on a connection, and its response. The RequestOrigin of that request."""

    expects_continue = False
    received = b""  # the part of the body that was not read yet
    is_complete = False
    is_queued = False
    runs = False
    is_answered = False
    has_left = False  # no more input comes; whether somebody still listens, nobody can tell
    takes_chunks = True  # what HTTP/1.0 can't
    _is_disconnected = False
    _waiter: asyncio.Future[None] | None = None
    _stream: BodyStream | None = None
    _call_when_left: Callable[[], object] | None = None

    def __init__(self, connection: Connection, request: Request, head_size: int, keep_alive: bool) -> None:  # noqa: FBT001 (made for each request)
        self._connection = connection
        self.request = request
        self.head_size = head_size
        self.keep_alive = keep_alive

    @property
    def client(self) -> str:
        """The address of the client."""
        return self._connection.client

    @property
    def scheme(self) -> str:
        """http or https."""
        return self._connection.scheme

    async def run(self) -> None:
        """Send the response. A defect of the application becomes a bare 500 and the end of the connection."""
        if self.is_complete:
            self.request.body, self.received, self.expects_continue = self.received, b"", False
        try:
            response = await self._connection.app.answer(self.request)
            if self._connection.drained:
                await self._connection.drained
            if self._is_disconnected:
                _close_stream(response)
                return
            if isinstance(response, (OpenResponse, PassedResponse)):
                await self._send_streaming(response)
            elif response.ending:
                await self._send_broken(response)
            else:
                self._send(response, len(response.body))
                self.is_answered = True
        except Disconnected:
            pass
        except Exception:
            logger.exception("The application failed")
            if not self._is_disconnected:
                self._connection.send(FAILED)
        finally:
            self.received = b""  # the unread rest
            self.request.source = None  # else the two would keep each other
            del self.request  # the connection knows its last exchange until the next begins, and a body may be large
            self._connection.exchange_done(self, keep_alive=self.keep_alive and self.is_answered)

    def wake(self) -> None:
        """Tell whoever waits in `read` that there is something new."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def receive_eof(self) -> None:
        """Note that the client sends no more. The response is still sent; whoever waits for more input is told."""
        self.has_left = True
        self.wake()
        if self._call_when_left:
            self._call_when_left()

    def when_left(self, call: Callable[[], object] | None) -> None:
        """Call this, in place of what was given before, once the client has left."""
        self._call_when_left = call
        if call and self.has_left:
            call()

    def disconnect(self) -> None:
        """Note that the connection is over: no response is sent any more."""
        self._is_disconnected = True
        self.receive_eof()
        if self._stream:
            self._stream.close()

    def abandon(self) -> None:
        """Note that the connection is over before the exchange was run, if it wasn't."""
        self.disconnect()
        if self.runs or self.request.source is None:
            return
        self._connection.app.abandoned(self.request)
        self.request.source = None  # else the two would keep each other

    async def _send_broken(self, response: Response) -> None:
        """Send a response with an `ending`: it is incomplete, or for "hung" never begun until the client leaves.

        Browsers silently repeat a request if the connection ends before any head. A dropped response without a body
        would be complete after its head: an interim response is sent in its place.
        """
        self.keep_alive = False
        if response.ending == "hung":
            self._connection.ignore_input()
            while not self.has_left:
                await self._next_input()
        elif response.ending == "truncated" or response.may_have_body(self.request):
            self._send(response, response.length)
        else:
            self._connection.send(CONTINUE)
        if response.ending == "dropped":
            await asyncio.sleep(RESET_DELAY)
            if not self._is_disconnected:
                self._connection.reset()

    async def _send_streaming(self, response: OpenResponse | PassedResponse) -> None:
        """Send a response that may have a stream."""
        if isinstance(response, OpenResponse):
            await self._send_open(response)
        else:
            await self._send_passed(response)

    async def _send_open(self, response: OpenResponse) -> None:
        """Send a response whose body goes on, until its stream or its client ends it; the connection ends with it.

        A client that doesn't fetch gets no further piece, and is left to the time-out of its connection.
        """
        self.keep_alive, self._stream = False, response.stream
        self._connection.ignore_input()
        try:
            headers = (*response.all_headers, *self._connection.state.default_headers)
            head = response_head(response.status, headers, False)  # noqa: FBT003 (see below)
            self._connection.send(head + b"\r\n" + response.body_for(self.request))
            while response.may_have_body(self.request) and (piece := await response.stream.read()):
                self._connection.send(piece)
                if self._connection.drained:
                    await self._connection.drained
        finally:
            response.stream.close()

    async def _send_passed(self, response: PassedResponse) -> None:
        """Send a response of another server, and then what its stream has, as it comes.

        A client that doesn't fetch gets no further piece, and is left to the time-out of its connection.
        """
        self._stream, has_body = response.stream, response.may_have_body(self.request)
        if self.expects_continue:
            self.keep_alive = False
        headers, framing = tuple(response.all_headers), b""
        if all(name.lower() != b"date" for name, _ in headers):
            headers += tuple(self._connection.state.default_headers)
        in_chunks = has_body and response.size is None and self.takes_chunks
        if in_chunks:
            framing = b"transfer-encoding: chunked\r\n"
        elif response.size is not None and response.status not in WITHOUT_LENGTH:
            framing = b"content-length: %d\r\n" % response.size
        elif has_body:
            self.keep_alive = False  # its end is that of the connection
        head = response_head(response.status, headers, self.keep_alive) + framing + b"\r\n"
        try:
            first = response.body if has_body else b""
            self._connection.send(head + (_chunk(first) if in_chunks and first else first))
            if response.stream and has_body:
                await self._pass_on(response.stream, in_chunks=in_chunks)
            self.is_answered = True
        except BrokenOff:
            if not in_chunks and response.size is None:
                await asyncio.sleep(RESET_DELAY)
                self._connection.reset()
        finally:
            if response.stream:
                response.stream.close()

    async def _pass_on(self, stream: BodyStream, *, in_chunks: bool) -> None:
        """Send what a stream has. Raises BrokenOff."""
        while piece := await stream.read():
            self._connection.send(_chunk(piece) if in_chunks else piece)
            if self._connection.drained:
                await self._connection.drained
        if self._is_disconnected:
            raise Disconnected
        if in_chunks:
            self._connection.send(b"0\r\n\r\n")

    async def _next_input(self) -> None:
        self._waiter = self._connection.loop.create_future()
        await self._waiter

    async def read(self) -> bytes:
        """The next piece of the body, or nothing at its end. Raises Disconnected."""
        if self.expects_continue and not self.has_left:
            self.expects_continue = False
            self._connection.send(CONTINUE)
        while not (self.received or self.is_complete or self.has_left):
            await self._next_input()
        if self.has_left and not self.is_complete:
            raise Disconnected
        piece, self.received = self.received, b""
        if not self.is_complete:
            self._connection.apply_backpressure()
        return piece

    def _send(self, response: Response, length: int) -> None:
        """Send head and body, in one packet unless the body is large: a large body isn't copied.

        A client that still waits for `100 Continue` has to connect anew.
        """
        if self.expects_continue:
            self.keep_alive = False
        headers = (*response.all_headers, *self._connection.state.default_headers)
        head = _framed(response.status, headers, length, self.keep_alive)
        body = response.body_for(self.request)
        if len(body) > LONGEST_COPY:
            self._connection.send(head)
            self._connection.send(body)
        else:
            self._connection.send(head + body)


def _close_stream(response: Response) -> None:
    if isinstance(response, (OpenResponse, PassedResponse)) and response.stream:
        response.stream.close()


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def response_head(status: int, headers: tuple[Header, ...], keep_alive: bool) -> bytes:  # noqa: FBT001 (see below)
    """Status line and headers, without those that frame the message: the connection sets them. Of heads of more than
    LONGEST_KEPT bytes none is remembered.

    Raises ValueError for a header with a line break or a null byte.
    """
    head = _head(status, headers, keep_alive)
    if len(head) > LONGEST_KEPT:
        forget_heads()  # cheaper than to measure each before, and the others are soon there again
    return head


def forget_heads() -> None:
    """Forget all remembered heads."""
    _head.cache_clear()


def remembered_heads() -> int:
    """How many heads are remembered."""
    return _head.cache_info().currsize


@lru_cache(maxsize=256)  # responses have few different heads, but for their length
def _head(status: int, headers: tuple[Header, ...], keep_alive: bool) -> bytes:  # noqa: FBT001 (a key of the cache)
    kept = [header for header in headers if header[0].lower() not in FRAMING]
    if not keep_alive:
        kept.append((b"connection", b"close"))
    lines = [STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status, *[b"%b: %b\r\n" % header for header in kept]]
    head = b"".join(lines)
    if not head.count(b"\n") == head.count(b"\r") == len(lines) or b"\0" in head:
        raise ValueError("a header of the answer has a line break or a null byte in it")
    return head


def _framed(status: int, headers: tuple[Header, ...], length: int, keep_alive: bool) -> bytes:  # noqa: FBT001 (see above)
    """The head of a response with a body of `length` bytes."""
    head = response_head(status, headers, keep_alive)
    return head + b"\r\n" if status in WITHOUT_LENGTH else b"%bcontent-length: %d\r\n\r\n" % (head, length)


FAILED = final_response(500, b"text/plain; charset=utf-8", b"Internal Server Error")

"""One request on a connection, and its answer."""

import asyncio
import logging
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from mockserver.http.messages import WITHOUT_LENGTH, Disconnected, Header, Request, Response

if TYPE_CHECKING:
    from uvicorn.server import ServerState

logger = logging.getLogger("uvicorn.error")

FRAMING = frozenset({b"connection", b"content-length", b"keep-alive", b"transfer-encoding", b"upgrade"})
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MOMENT = 0.05  # seconds; on some systems a reset takes with it what the client hasn't read yet
LONGEST_COPY = 16 * 1024  # bytes of a body
STATUS_LINES = {status.value: b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


def last_words(status: int, media_type: bytes, body: bytes) -> bytes:
    """An answer after which the connection is closed."""
    return _framed(status, ((b"content-type", media_type),), len(body), False) + body  # noqa: FBT003 (see below)


class Answering(Protocol):
    """What answers requests."""

    @property
    def single_headers(self) -> frozenset[bytes]:
        """The headers, in lower case, that a request may have once only."""

    async def answer(self, request: Request) -> Response:
        """The answer. Raises Disconnected if the client leaves before it has sent its body."""


class Connection(Protocol):
    """What an exchange needs of its connection."""

    app: Answering
    client: str
    scheme: str
    loop: asyncio.AbstractEventLoop
    drained: asyncio.Future[None] | None
    state: "ServerState"  # with the headers that every answer has

    def send(self, data: bytes) -> None:
        """Write soon."""

    def reset(self) -> None:
        """End at once, so that the client takes it for an error."""

    def ignore_input(self) -> None:
        """Read on, but only to see when the client leaves."""

    def regulate(self) -> None:
        """Something that was received has been asked for: maybe there is room for more."""

    def answered(self, exchange: "Exchange", *, keep_alive: bool) -> None:
        """The exchange is over."""


class Exchange:
    """One request on a connection, and its answer."""

    expects_continue = False
    received = b""  # of the body, and not yet asked for
    is_complete = False
    is_taken = False
    runs = False
    is_answered = False
    _is_over = False
    _is_disconnected = False
    _waiter: asyncio.Future[None] | None = None

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
        """Answer. A defect of the application is a bare 500 and the end of the connection."""
        if self.is_complete:
            self.request.body, self.received, self.expects_continue = self.received, b"", False
        try:
            answer = await self._connection.app.answer(self.request)
            if self._connection.drained:
                await self._connection.drained
            if self._is_disconnected:
                return
            if answer.ending:
                await self._break_off(answer)
            else:
                self._send(answer, len(answer.body))
                self.is_answered = True
        except Disconnected:
            pass
        except Exception:
            logger.exception("The application failed")
            if not self._is_disconnected:
                self._connection.send(FAILED)
        finally:
            self.received = b""  # what nobody has asked for
            self.request.source = None  # else the two would keep each other
            del self.request  # the connection knows its last exchange until the next begins, and a body may be large
            self._connection.answered(self, keep_alive=self.keep_alive and self.is_answered)

    def wake(self) -> None:
        """There is something new to read."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def hear_the_end(self) -> None:
        """The client sends no more. It may still listen: its answer goes out, but whoever waits for more is told."""
        self._is_over = True
        self.wake()

    def disconnect(self) -> None:
        """The client has left, or is left: nothing that is answered from now on is sent."""
        self._is_disconnected = True
        self.hear_the_end()

    async def _break_off(self, answer: Response) -> None:
        """Let the client see that its answer doesn't arrive, or, if it is hung, wait until it leaves.

        Browsers and others silently repeat a request whose connection ends before any head: so of an answer that is
        dropped and has no body, after whose own head nothing would be missing, an interim one is sent.
        """
        self.keep_alive = False
        if answer.ending == "hung":
            self._connection.ignore_input()
            while not self._is_over:
                await self._something_new()
        elif answer.ending == "truncated" or answer.may_have_body(self.request):
            self._send(answer, answer.length)
        else:
            self._connection.send(CONTINUE)
        if answer.ending == "dropped":
            await asyncio.sleep(MOMENT)
            if not self._is_disconnected:
                self._connection.reset()

    async def _something_new(self) -> None:
        self._waiter = self._connection.loop.create_future()
        await self._waiter

    async def read(self) -> bytes:
        """The next piece of the body, or nothing at its end. Raises Disconnected."""
        if self.expects_continue and not self._is_over:
            self.expects_continue = False
            self._connection.send(CONTINUE)
        while not (self.received or self.is_complete or self._is_over):
            await self._something_new()
        if self._is_over and not self.is_complete:
            raise Disconnected
        piece, self.received = self.received, b""
        if not self.is_complete:
            self._connection.regulate()
        return piece

    def _send(self, answer: Response, length: int) -> None:
        """Head and body share a packet, unless the body is large: that is shared by all who wait for it, not copied.

        A client that waits to be told to go on, and isn't, has to connect anew.
        """
        if self.expects_continue:
            self.keep_alive = False
        headers = (*answer.headers, *self._connection.state.default_headers)
        head = _framed(answer.status, headers, length, self.keep_alive)
        body = answer.sent_to(self.request)
        if len(body) > LONGEST_COPY:
            self._connection.send(head)
            self._connection.send(body)
        else:
            self._connection.send(head + body)


@lru_cache(maxsize=256)  # answers have few heads, but for their length
def _head(status: int, headers: tuple[Header, ...], keep_alive: bool) -> bytes:  # noqa: FBT001 (a key of the cache)
    """Status line and headers, but for those that say where an answer ends: only the connection knows. Raises
    ValueError for a header that would be more than one."""
    kept = [header for header in headers if header[0].lower() not in FRAMING]
    if not keep_alive:
        kept.append((b"connection", b"close"))
    lines = [STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status, *[b"%b: %b\r\n" % header for header in kept]]
    head = b"".join(lines)
    if not head.count(b"\n") == head.count(b"\r") == len(lines) or b"\0" in head:
        raise ValueError("a header of the answer has a line break or a null byte in it")
    return head


def _framed(status: int, headers: tuple[Header, ...], length: int, keep_alive: bool) -> bytes:  # noqa: FBT001 (see above)
    """All that comes before the body, whose length is `length`."""
    head = _head(status, headers, keep_alive)
    return head + b"\r\n" if status in WITHOUT_LENGTH else b"%bcontent-length: %d\r\n\r\n" % (head, length)


FAILED = last_words(500, b"text/plain; charset=utf-8", b"Internal Server Error")

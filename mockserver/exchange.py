"""One request on a connection, and its answer."""

import asyncio
import logging
import sys
from collections.abc import Coroutine, Generator
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol

from mockserver.messages import Answer, Disconnected, Header, Request

logger = logging.getLogger("uvicorn.error")

BODILESS = frozenset({204, 304})
CLOSE: Header = (b"connection", b"close")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MOMENT = 0.05  # seconds; on some systems a reset takes with it what the client hasn't read yet
STATUS_LINES = {status.value: b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


def last_words(status: int, media_type: bytes, body: bytes) -> bytes:
    """An answer after which the connection is closed."""
    return _framed(status, [(b"content-type", media_type), CLOSE], b"", len(body)) + body


class Answering(Protocol):
    """What answers requests."""

    async def answer(self, request: Request) -> Answer:
        """The answer. Raises Disconnected if the client leaves before it has sent its body."""


class Connection(Protocol):
    """What an exchange needs of its connection."""

    app: Answering
    client: str
    scheme: str
    loop: asyncio.AbstractEventLoop
    drained: asyncio.Future[None] | None

    def send(self, data: bytes) -> None:
        """Write soon."""

    def regulate(self) -> None:
        """Something that was received has been asked for: maybe there is room for more."""

    def answered(self, *, keep_alive: bool) -> None:
        """The exchange is over."""

    def reset(self) -> None:
        """End the connection so that the client can't take it for an orderly end."""

    def default_headers(self) -> bytes:
        """The headers that every answer has, as they go out."""


class Exchange:
    """One request on a connection, and its answer."""

    __slots__ = (
        "_connection",
        "_is_disconnected",
        "_is_over",
        "_waiter",
        "client",
        "expects_continue",
        "head_size",
        "is_answered",
        "is_complete",
        "is_taken",
        "keep_alive",
        "received",
        "request",
        "runs",
    )

    request: Request

    def __init__(self, connection: Connection, head_size: int) -> None:
        self.client = connection.client
        self.head_size = head_size
        self.received = b""  # of the body, and not yet asked for
        self.is_complete = False
        self.is_taken = False
        self.runs = False
        self.is_answered = False
        self.keep_alive = True
        self.expects_continue = False
        self._connection = connection
        self._is_disconnected = False
        self._is_over = False
        self._waiter: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Answer. A defect of the application is a bare 500 and the end of the connection."""
        if self.is_complete:
            self.request.body, self.received, self.expects_continue = self.received, b"", False
        try:
            answer = await self._connection.app.answer(self.request)
            if self._connection.drained:
                await self._connection.drained
            if answer.ending:
                await self._break_off(answer)
            elif not self._is_disconnected:
                self._send(answer)
                self.is_answered = True
        except Disconnected:
            pass
        except Exception:
            logger.exception("The application failed")
            self._connection.send(FAILED)
        finally:
            self.received = b""  # what nobody has asked for
            self._connection.answered(keep_alive=self.keep_alive and self.is_answered)

    @property
    def scheme(self) -> str:
        """How the client speaks to the server."""
        return self._connection.scheme

    def wake(self) -> None:
        """There is something new to read."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def hear_the_end(self) -> None:
        """The client sends no more. It may still listen: its answer goes out, but whoever waits for more is told."""
        self._is_over = True
        self.wake()

    def disconnect(self) -> None:
        """The client has left."""
        self._is_disconnected = True
        self.hear_the_end()

    async def read(self) -> bytes:
        """The next piece of the body, or nothing at its end. Raises Disconnected."""
        if self.expects_continue:
            self.expects_continue = False
            self._connection.send(CONTINUE)
        while not (self.received or self.is_complete or self._is_over):
            self._waiter = self._connection.loop.create_future()
            await self._waiter
        if self._is_over and not self.is_complete:
            raise Disconnected
        piece, self.received = self.received, b""
        if not self.is_complete:
            self._connection.regulate()
        return piece

    def _send(self, answer: Answer) -> None:
        """Head and body share a packet. A client that waits to be told to go on, and isn't, has to connect anew."""
        if self.expects_continue:
            self.keep_alive = False
        headers = answer.headers if self.keep_alive else [*answer.headers, CLOSE]
        head = _framed(answer.status, headers, self._connection.default_headers(), answer.length)
        self._connection.send(head + answer.sent_to(self.request))

    async def _break_off(self, answer: Answer) -> None:
        """Let a client see that its answer doesn't arrive.

        Browsers, Java and others silently repeat a request of a kept connection that ends before any head is complete.
        So one is sent: of an answer without a body, after whose head nothing could be missing, an interim one.
        """
        while answer.ending == "hung" and not self._is_disconnected:
            self._waiter = self._connection.loop.create_future()
            await self._waiter
        if self._is_disconnected:
            return
        if answer.ending == "truncated" or answer.may_have_body(self.request):
            self._send(answer)
        else:
            self._connection.send(CONTINUE)
        if answer.ending == "dropped":
            await asyncio.sleep(MOMENT)
            self._connection.reset()


@lru_cache(maxsize=256)  # answers have few heads, but for their length
def _head(status: int, headers: tuple[Header, ...]) -> bytes:
    """Status line and headers. Raises ValueError for a header that would be more than one."""
    lines = [STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status, *[b"%b: %b\r\n" % header for header in headers]]
    head = b"".join(lines)
    if not head.count(b"\n") == head.count(b"\r") == len(lines) or b"\0" in head:
        raise ValueError("a header of the answer has a line break or a null byte in it")
    return head


def _framed(status: int, headers: list[Header], more: bytes, length: int) -> bytes:
    """All that comes before the body. `more` are headers that are rendered already; `length` is that of the body."""
    head = _head(status, tuple(headers))
    if status in BODILESS:
        return b"%b%b\r\n" % (head, more)
    return b"%b%bcontent-length: %d\r\n\r\n" % (head, more, length)


FAILED = last_words(500, b"text/plain; charset=utf-8", b"Internal Server Error")


class _Started(Coroutine[Any, Any, Any]):
    """A coroutine that has run up to its first wait, for a task that takes it from there."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], awaited: Any) -> None:
        self._coroutine = coroutine
        self._awaited: list[Any] = [awaited]

    def send(self, value: Any) -> Any:
        return self._awaited.pop() if self._awaited else self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        self._awaited.clear()
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise NotImplementedError("it is a task's")


_OVER = object()


def start(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
    """Run a coroutine at once. If it has to wait, the task that goes on with it; asyncio has this from 3.12 on.

    On Python 3.11 there is no current task before the first wait: `asyncio.timeout` can't be entered there.
    """
    if sys.version_info >= (3, 12):
        task = asyncio.Task(coroutine, loop=loop, eager_start=True)
        return None if task.done() else task
    awaited = next(coroutine.__await__(), _OVER)  # a StopIteration to be caught would cost more than the coroutine
    return None if awaited is _OVER else loop.create_task(_Started(coroutine, awaited))

"""One HTTP request and its answer: what ASGI calls `receive` and `send`."""

import asyncio
import logging
import sys
from collections.abc import Coroutine, Generator
from http import HTTPStatus
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Scope

logger = logging.getLogger("uvicorn.error")

BODILESS = frozenset({204, 304})
STATUS_LINES = {status.value: b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


def last_words(status: int, media_type: bytes, body: bytes) -> bytes:
    """An answer after which the connection is closed."""
    head = b"content-type: %s\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % (media_type, len(body))
    return STATUS_LINES[status] + head + body


FAILED = last_words(500, b"text/plain; charset=utf-8", b"Internal Server Error")


class Connection(Protocol):
    """What an exchange needs of its connection."""

    app: ASGIApp
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    drained: asyncio.Future[None] | None

    def regulate(self) -> None:
        """Something that was received has been asked for: maybe there is room for more."""

    def answered(self, *, keep_alive: bool) -> None:
        """The exchange is over."""

    def default_headers(self) -> bytes:
        """The headers that every answer has, as they go out."""


class Exchange:
    """One request and its answer: what ASGI calls `receive` and `send`."""

    __slots__ = (
        "_answer",
        "_connection",
        "_expects_continue",
        "_has_begun",
        "_is_disconnected",
        "_is_over",
        "_is_read",
        "_left",
        "_scope",
        "_waiter",
        "body",
        "is_answered",
        "is_complete",
        "is_taken",
        "keep_alive",
        "runs",
    )

    def __init__(self, connection: Connection, scope: Scope, *, keep_alive: bool, expects_continue: bool) -> None:
        self.body = b""  # received, and not yet asked for
        self.is_complete = False
        self.is_taken = False
        self.runs = False
        self.is_answered = False
        self.keep_alive = keep_alive
        self._connection = connection
        self._scope = scope
        self._expects_continue = expects_continue
        self._has_begun = False  # whether anything was sent
        self._is_disconnected = False
        self._is_over = False
        self._is_read = False
        self._waiter: asyncio.Future[None] | None = None
        self._answer: Message | None = None  # its start, as long as nothing was sent
        self._left: int | None = None  # bytes of the body that were announced and not yet sent

    async def run(self) -> None:
        """Have the application answer. One that says nothing, or less than it announced, closes the connection; so does
        ConnectionAbortedError, which is no defect."""
        try:
            await self._connection.app(self._scope, self.receive, self.send)
        except ConnectionAbortedError:
            self.keep_alive = False
        except Exception:
            logger.exception("The application failed")
            if not self._has_begun:
                self._connection.transport.write(FAILED)
            self.keep_alive = False
        finally:
            self.body = b""  # what nobody has asked for
            keeps = self.keep_alive and self.is_answered and not self._left and not self._expects_continue
            self._connection.answered(keep_alive=keeps)

    def wake(self) -> None:
        """There is something new to receive."""
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

    async def receive(self) -> Message:
        """The next piece of the request; once it is read, its client's leaving, or the end of its answer."""
        if self._expects_continue:
            self._expects_continue = False
            self._connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not self._is_over and (self._is_read or not (self.body or self.is_complete)):
            self._waiter = self._connection.loop.create_future()
            await self._waiter
        if self._is_over and (self._is_read or not self.is_complete):
            return {"type": "http.disconnect"}
        body, self.body, self._is_read = self.body, b"", self.is_complete
        if not self.is_complete:
            self._connection.regulate()
        return {"type": "http.request", "body": body, "more_body": not self.is_complete}

    async def send(self, message: Message) -> None:
        """A piece of the answer. Nothing goes out before the first piece of the body is there: they share a packet."""
        if message["type"] == "http.response.start":
            self._answer = message
            return
        if self._connection.drained:
            await self._connection.drained
        if self._is_disconnected:
            return
        body, is_last = message.get("body", b""), not message.get("more_body", False)
        if self._answer:
            head = self._head(self._answer, len(body) if is_last else None)
            self._answer = None
        else:
            head = b""
        if self._scope["method"] == "HEAD":
            self._left, body = 0, b""
        elif self._left is not None:
            body = body[: self._left]
            self._left -= len(body)
        self._connection.transport.write(head + body)
        self._has_begun = True
        self.is_answered = is_last

    def _head(self, start: Message, length: int | None) -> bytes:
        """Status line and headers. `length` is what the body has if the application doesn't tell it; where neither is
        known, the end of the connection ends the body. Raises ValueError for a header that would be more than one."""
        lines = [STATUS_LINES.get(start["status"]) or b"HTTP/1.1 %d \r\n" % start["status"]]
        for name, value in start["headers"]:
            if name == b"content-length":
                self._left = int(value)
            lines.append(name + b": " + value + b"\r\n")
        if self._left is None and start["status"] not in BODILESS:
            self._left = length
            if length is None:
                self.keep_alive = False
            else:
                lines.append(b"content-length: %d\r\n" % length)
        if not self.keep_alive or self._expects_continue:
            lines.append(b"connection: close\r\n")
        own = b"".join(lines)
        if not own.count(b"\n") == own.count(b"\r") == len(lines) or b"\0" in own:
            raise ValueError("a header of the answer has a line break or a null byte in it")
        return own + self._connection.default_headers() + b"\r\n"


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


def start(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
    """Run a coroutine at once. If it has to wait, the task that goes on with it; asyncio has this from 3.12 on.

    On Python 3.11 there is no current task before the first wait: `asyncio.timeout` can't be entered there.
    """
    if sys.version_info >= (3, 12):
        task = asyncio.Task(coroutine, loop=loop, eager_start=True)
        return None if task.done() else task
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return loop.create_task(_Started(coroutine, awaited))

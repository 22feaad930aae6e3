"""ASGI messages, translated to and from Request and Response, for test clients and servers other than ours."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import quote

from starlette.types import Message, Receive, Scope, Send

from mockserver.http.messages import (
    WITHOUT_LENGTH,
    Disconnected,
    Header,
    OpenResponse,
    Request,
    Response,
    combine_headers,
)

LONGEST_OPEN = 30.0  # seconds; a server that is to end may wait for its responses, and can't tell them so
BROKEN_OFF = "A fault breaks the answer off."


class _AsgiOrigin:
    """The RequestOrigin of a request that came by ASGI."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.client = scope["client"][0] if scope.get("client") else ""
        self.scheme = scope.get("scheme", "http")
        self.has_left = False  # until it is read: ASGI tells no sooner
        self.head_size = len(_target(scope)) + sum(len(name) + len(value) for name, value in scope["headers"])
        self._receive = receive
        self._input_has_ended = False

    def when_left(self, call: Callable[[], object] | None) -> None:
        """Nothing: ASGI tells it only to who reads."""

    async def read(self) -> bytes:
        """The next piece of the body, or nothing at its end. Raises Disconnected."""
        piece = b""
        while not (piece or self._input_has_ended):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.has_left = True
                raise Disconnected
            piece += message.get("body", b"")
            self._input_has_ended = not message.get("more_body", False)
        return piece


def request_of(scope: Scope, receive: Receive, single_headers: frozenset[bytes] = frozenset()) -> Request:
    """The request that a scope of the type "http" describes. Raises BadRequest if a single header is repeated."""
    headers: dict[bytes, bytes] = {}
    repeated: list[Header] = []
    for name, value in scope["headers"]:
        if name in headers:
            repeated.append((name, value))
        else:
            headers[name] = value
    combined_headers = combine_headers(headers, repeated, single_headers) if repeated else headers
    return Request(scope["method"], _target(scope), combined_headers, _AsgiOrigin(scope, receive))


def path_of(scope: Scope) -> bytes:
    """The path as it was sent, relative to where the application is mounted. Servers may omit both."""
    path = bytes(scope.get("raw_path") or quote(scope["path"]).encode())
    root = quote(scope.get("root_path", "")).rstrip("/").encode()
    return path[len(root) :] if path.startswith(root + b"/") else path  # whole segments: /mock isn't above /mocked


def _target(scope: Scope) -> bytes:
    """Path and query."""
    path, query = path_of(scope), scope.get("query_string", b"")
    return b"%b?%b" % (path, query) if query else path


async def send_response(request: Request, response: Response, receive: Receive, send: Send) -> None:
    """Send a response by ASGI.

    Raises ConnectionAbortedError for a response with an `ending`. ASGI can't say that a response shall break off, but
    servers end the connection, or the HTTP/2 stream, of a response that isn't complete. A response without a body can't
    be incomplete: it is not begun, and servers answer 500.
    """
    while response.ending == "hung":
        if (await receive())["type"] == "http.disconnect":
            return
    if response.ending == "dropped" and not response.may_have_body(request):
        raise ConnectionAbortedError(BROKEN_OFF)
    if isinstance(response, OpenResponse):
        await _send_open(request, response, receive, send)
        return
    length = [] if response.status in WITHOUT_LENGTH else [(b"content-length", b"%d" % response.length)]
    await send({"type": "http.response.start", "status": response.status, "headers": [*response.all_headers, *length]})
    await send(
        {"type": "http.response.body", "body": response.body_for(request), "more_body": response.ending is not None}
    )
    if response.ending:
        raise ConnectionAbortedError(BROKEN_OFF)


async def _send_open(request: Request, response: OpenResponse, receive: Receive, send: Send) -> None:
    """Send a response whose body goes on, until its stream or its client ends it, or for LONGEST_OPEN."""
    stream = response.stream

    async def notice_leaving() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        stream.close()

    leaving = asyncio.create_task(notice_leaving())
    late = asyncio.get_running_loop().call_later(LONGEST_OPEN, stream.close)
    try:
        await send({"type": "http.response.start", "status": response.status, "headers": [*response.all_headers]})
        piece = response.body_for(request)
        while response.may_have_body(request) and (piece := piece or await stream.read()):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = b""
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        late.cancel()
        stream.close()
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving


class BodyReceiver:
    """ASGI's `receive` for one request: its body as one message, then the messages of `rest`."""

    def __init__(self, request: Request, rest: Callable[[], Awaitable[Message]]) -> None:
        self._request, self._rest = request, rest
        self._is_read = False
        self.is_disconnected = False

    async def receive(self) -> Message:
        """The next message. Raises PayloadTooLarge."""
        if self._is_read:
            return await self._rest()
        try:
            body = await self._request.read()
        except Disconnected:
            self.is_disconnected = True
            return {"type": "http.disconnect"}
        self._is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

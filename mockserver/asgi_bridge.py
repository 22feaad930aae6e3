"""Somebody else's ASGI application: served by our HTTP server, and with our pages beside it."""

from collections.abc import Callable
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.messages import SINGLE_HEADERS, Answer, Disconnected, Request


class Fork:
    """ASGI middleware: what `is_own` says of a path decides whether `own` answers, or the application below."""

    def __init__(self, app: ASGIApp, own: ASGIApp, is_own: Callable[[str], bool]) -> None:
        self._app, self._own, self._is_own = app, own, is_own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_own = scope["type"] == "http" and self._is_own(scope["path"])
        await (self._own if is_own else self._app)(scope, receive, send)


class Bridge:
    """An ASGI application in the words of our server. What it sends is collected: nothing is streamed."""

    def __init__(self, app: ASGIApp, single_headers: frozenset[bytes] = SINGLE_HEADERS) -> None:
        self._app = app
        self.single_headers = single_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI, as it is: the lifespan, and requests of other servers."""
        await self._app(scope, receive, send)

    async def answer(self, request: Request) -> Answer:
        """The application's answer. Raises Disconnected if the client leaves before it has sent its body."""
        exchange = _Exchange(request)
        await self._app(_scope(request), exchange.receive, exchange.send)
        if exchange.is_disconnected:
            raise Disconnected
        exchange.answer.body = bytes(exchange.body)
        return exchange.answer


class _Exchange:
    """ASGI's messages of one request. Its body is read as a whole, and is one message."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._is_read = False
        self.is_disconnected = False
        self.answer = Answer(500, [])
        self.body = bytearray()

    async def receive(self) -> Message:
        """The body, then the end. Raises PayloadTooLarge, which an application may answer."""
        if self._is_read:
            return {"type": "http.disconnect"}
        try:
            body = await self._request.read()
        except Disconnected:
            self.is_disconnected = True
            return {"type": "http.disconnect"}
        self._is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Collect a part of the answer."""
        if message["type"] == "http.response.start":
            self.answer = Answer(message["status"], list(message.get("headers", ())))
        else:
            self.body += message.get("body", b"")


def _scope(request: Request) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.source.scheme if request.source else "http",
        "path": unquote(request.raw_path.decode("latin-1")),
        "raw_path": request.raw_path,
        "root_path": "",
        "query_string": request.query_string,
        "headers": list(request.headers.items()),
        "client": (request.client, 0),
        "server": None,
    }

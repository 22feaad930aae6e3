"""The ASGI bridge: any ASGI application, served by our HTTP server."""

import asyncio
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.app.asgi_middleware import OwnPages
from mockserver.http.asgi_messages import BodyReceiver
from mockserver.http.messages import Disconnected, Request, Response


class AsgiBridge:
    """An ASGI application and the mock's own pages, as one HttpApplication. Responses are collected, not streamed."""

    def __init__(self, app: ASGIApp, own: OwnPages) -> None:
        self._app, self._own = app, own
        self.single_headers = own.single_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: the lifespan, and requests of other servers, passed on unchanged."""
        await self._app(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """The response. Raises Disconnected if the client leaves before it has sent its body."""
        if self._own.is_own(unquote(request.raw_path)):
            return await self._own.answer(request)
        collected = _CollectedResponse()
        body = BodyReceiver(request, collected.disconnect)
        await self._app(_scope(request), body.receive, collected.send)
        if body.is_disconnected:
            raise Disconnected
        collected.response.body = bytes(collected.body)
        return collected.response

    def abandoned(self, request: Request) -> None:
        """Nothing: no ASGI application is told of a request that it doesn't get, and this engine has no journal."""


class _CollectedResponse:
    """ASGI's `send` and `receive` for one response, which is collected."""

    def __init__(self) -> None:
        self._is_complete = asyncio.Event()
        self.response = Response(500, [])
        self.body = bytearray()

    async def disconnect(self) -> Message:
        """The message that the client has left, once the response is complete."""
        await self._is_complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Collect a part of the response."""
        if message["type"] == "http.response.start":
            self.response = Response(message["status"], list(message.get("headers", ())))
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            self._is_complete.set()


def _scope(request: Request) -> Scope:
    """The ASGI scope of a request."""
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

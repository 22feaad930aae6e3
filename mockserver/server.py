"""Serving an ASGI application with uvicorn: the listening socket, and an orderly start and end."""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.errors import PortTaken

CLOSE = "mockserver.close"  # an extension of ASGI: closes the connection as soon as what was sent is out
GRACE = 1  # seconds that open requests get at the end
LONGEST_HEAD = 64 * 1024  # bytes of request line and headers
_TOO_LARGE = orjson.dumps({"code": 431, "message": "Request Header Fields Too Large"})
_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(_TOO_LARGE), _TOO_LARGE)
)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose. Raises PortTaken if the address is taken or can't be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        advice = (
            "Stop what uses it, or choose another port: `make mock PORT=9000` or `mockserver serve --port 9000`."
            if error.errno in (errno.EADDRINUSE, errno.EACCES)
            else "Check --host and MOCKSERVER_HOST: it must be an address of this machine."
        )
        raise PortTaken(f"Can't listen on {host}:{port} ({error.strerror}). {advice}") from error
    return listener


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's HTTP, but for a head (request line and headers) that grows without end: it gets a 431."""

    _in_head = False
    _pending = 0  # bytes received since the piece in which the head began, that piece included

    def data_received(self, data: bytes) -> None:
        """Read on, as long as the head is of a decent size."""
        in_same_head = self._in_head
        self._pending = self._pending + len(data) if in_same_head else len(data)
        super().data_received(data)
        if in_same_head and self._in_head and self._pending > LONGEST_HEAD:
            self._refuse()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head = True
        self.scope["extensions"] = {CLOSE: {"close": self.transport.close}}

    def on_headers_complete(self) -> None:
        """The head is over; it is measured if so much was received that it might be too large."""
        self._in_head = False
        if self._pending > LONGEST_HEAD and self._is_large():
            raise ValueError("the head is too large")  # the parser stops, and asks for a 400
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too much of it."""
        if self._is_large():
            self._refuse()
        else:
            super().send_400_response(msg)

    def _is_large(self) -> bool:
        headers = sum(len(name) + len(value) for name, value in getattr(self, "headers", ()))
        return len(getattr(self, "url", b"")) + headers > LONGEST_HEAD

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()


class Server(uvicorn.Server):
    """A uvicorn server that says when it answers."""

    def __init__(self, app: ASGIApp, on_ready: Callable[[], object]) -> None:
        self._app = app
        self._is_over = False
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",  # it takes a method for something older
            http=BoundedHttp,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the caller's address counts logins: nobody may choose it
            ws="none",
            timeout_graceful_shutdown=2 * GRACE,  # never reached: it would cancel handlers and log their tracebacks
        )
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then call `on_ready`."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop to answer. A request that isn't done after GRACE is cut off, as if its client had left."""
        cut_off = asyncio.get_running_loop().call_later(GRACE, self._cut_off)
        await super().shutdown(sockets)
        cut_off.cancel()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What is cut off at the end, such as a long poll, is no defect."""
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_over:
                raise

    def _cut_off(self) -> None:
        self._is_over = True
        for connection in tuple(self.server_state.connections):
            connection.transport.close()
        for request in tuple(self.server_state.tasks):
            request.cancel()


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: ASGIApp, listener: socket.socket, on_ready: Callable[[], Any]) -> None:
    """Answer until interrupted. Raises KeyboardInterrupt after an orderly end by Ctrl-C."""
    Server(app, on_ready).run(sockets=[listener])

"""Serving the mock with uvicorn: the listening socket, and an orderly start and end."""

import asyncio
import errno
import signal
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import uvicorn
from starlette.types import Receive, Scope, Send

from mockserver.errors import PortTaken
from mockserver.exchange import Answering
from mockserver.outbox import Outbox
from mockserver.protocol import HttpProtocol

GRACE = 1  # seconds that open requests get at the end
HANDSHAKE = 10.0  # seconds


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


class Served(Answering, Protocol):
    """What can be served: it answers requests, and lives by ASGI's lifespan."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send, /) -> None: ...


class Server(uvicorn.Server):
    """A uvicorn server that says when it answers. With `tls` it speaks HTTPS, and cuts off who doesn't begin or end
    that within `handshake` seconds."""

    def __init__(
        self,
        app: Served,
        on_ready: Callable[[], object],
        tls: ssl.SSLContext | None = None,
        handshake: float = HANDSHAKE,
    ) -> None:
        self._outbox = Outbox()
        config = uvicorn.Config(
            app,
            http=partial(HttpProtocol, outbox=self._outbox),  # type: ignore[arg-type] # uvicorn only calls it
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
        self._tls = tls
        self._handshake = handshake

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then call `on_ready`."""
        if self._tls is None:
            await super().startup(sockets)
        else:
            await super().startup([])
            self.servers = [await self._listen_by_tls(listener) for listener in sockets or ()]
        if self.started:
            self._on_ready()

    async def _listen_by_tls(self, listener: socket.socket) -> asyncio.Server:
        """What uvicorn does with a socket, with these time-outs, which it leaves at a minute and half of one."""
        connect = partial(HttpProtocol, self.config, self.server_state, self.lifespan.state, outbox=self._outbox)
        return await asyncio.get_running_loop().create_server(
            connect,
            sock=listener,
            ssl=self._tls,
            ssl_handshake_timeout=self._handshake,
            ssl_shutdown_timeout=self._handshake,
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop to answer. A request that isn't done after GRACE is cut off, as if its client had left."""
        cut_off = asyncio.get_running_loop().call_later(GRACE, self._cut_off)
        await super().shutdown(sockets)
        cut_off.cancel()

    def _cut_off(self) -> None:
        self._outbox.flush()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()  # not `close`, by which TLS would wait for the client to say goodbye
        for request in tuple(self.server_state.tasks):
            request.cancel()


def address(listener: socket.socket, tls: ssl.SSLContext | None = None) -> str:
    """The URL of a listening socket."""
    host, port, *_ = listener.getsockname()
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def serve(app: Served, listener: socket.socket, on_ready: Callable[[], Any], tls: ssl.SSLContext | None = None) -> None:
    """Answer until interrupted. Raises KeyboardInterrupt after an orderly end by Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # uvicorn ends in order at it, then raises it again
    Server(app, on_ready, tls).run(sockets=[listener])

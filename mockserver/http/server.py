"""The server: uvicorn with our protocol, its listening socket, and an orderly start and end."""

import asyncio
import errno
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, ClassVar, Protocol, cast

import uvicorn
from starlette.types import Receive, Scope, Send

from mockserver.errors import PortTaken
from mockserver.http.exchange import HttpApplication
from mockserver.http.protocol import ConnectionLimits, HttpProtocol, WaitingProtocol
from mockserver.http.write_batching import WriteBatcher
from mockserver.logs import write_out

if sys.platform != "win32":
    import resource

logger = logging.getLogger("uvicorn.error")

OTHER_PORT = "`make mock PORT=8282` or `mockserver serve --port 8282`"
GRACE = 0.5  # seconds that open requests get at the end
TICKS_A_DAY = 864_000  # after which uvicorn counts anew
PATIENCE = 2.0  # seconds for all of the end; after GRACE only what ignores that it was cancelled is left
LOOK = 0.002  # seconds between two looks at who is still there, at the end
CLIENT_TIMEOUT = 30.0  # seconds
KEEP_ALIVE = 75  # seconds; longer than a balancer keeps a connection: it must not send a request into one that closes
OTHER_FILES = 128  # descriptors that connections leave to everything else: deliveries, modules, certificates


def listen(host: str, port: int, elsewhere: str = OTHER_PORT) -> socket.socket:
    """A listening socket; port 0 lets the system choose. Raises PortTaken if the address is taken or can't be used;
    `elsewhere` is how to choose another port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        advice = (
            f"Stop what uses it, or choose another port: {elsewhere}."
            if error.errno in (errno.EADDRINUSE, errno.EACCES)
            else "Check --host and MOCKSERVER_HOST: it must be an address of this machine."
        )
        raise PortTaken(f"Can't listen on {host}:{port} ({error.strerror}). {advice}") from error
    return listener


class ServedApplication(HttpApplication, Protocol):
    """An application that the server can serve: answers requests, and supports ASGI's lifespan."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send, /) -> None: ...


def most_connections() -> int:
    """The limit of connections: all file descriptors but OTHER_FILES, and at least half of them."""
    if sys.platform == "win32":
        return sys.maxsize
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if files == resource.RLIM_INFINITY else max(files - OTHER_FILES, files // 2)


class Server(uvicorn.Server):
    """A uvicorn server that calls `on_ready` once it answers. With `tls` it speaks HTTPS."""

    tick: ClassVar = 0.1  # seconds between two looks at the time that clients take

    def __init__(
        self,
        app: ServedApplication,
        on_ready: Callable[[], object],
        client_timeout: float = CLIENT_TIMEOUT,
        tls: ssl.SSLContext | None = None,
        *,
        in_tasks: bool = False,
    ) -> None:
        """`client_timeout`, in seconds, is that of ConnectionLimits; it bounds TLS handshakes and shutdowns, too.
        `in_tasks` is for applications that mostly wait: each request has a task from its start."""
        self._batcher = WriteBatcher()
        self._protocol = partial(
            WaitingProtocol if in_tasks else HttpProtocol,
            batcher=self._batcher,
            limits=ConnectionLimits(client_timeout, most_connections()),
        )
        config = uvicorn.Config(
            app,
            http=self._protocol,  # type: ignore[arg-type] # uvicorn only calls it
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            proxy_headers=False,  # logins are limited by address: a client must not choose its own
            ws="none",
        )
        super().__init__(config)
        self._on_ready = on_ready
        self._tls = tls
        self._client_timeout = client_timeout
        self._ends = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """End the server, from any thread, at once."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._ends.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the server by a signal; a second Ctrl-C waits for nobody."""
        super().handle_exit(sig, frame)
        self.stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then call `on_ready`."""
        self._loop = asyncio.get_running_loop()
        if self._tls is None:
            await super().startup(sockets)
        else:
            await super().startup([])
            self.servers = [await self._listen_by_tls(listener) for listener in sockets or ()]
        if self.started:
            self._on_ready()

    async def main_loop(self) -> None:
        """Tick until the server ends, and see that at once: uvicorn's own sees it with its next tick."""
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % TICKS_A_DAY
            with suppress(TimeoutError):
                async with asyncio.timeout(self.tick):
                    await self._ends.wait()

    async def on_tick(self, counter: int) -> bool:
        """End the connections whose clients take too long; it is called ten times a second."""
        now = asyncio.get_running_loop().time()
        for connection in tuple(cast("set[HttpProtocol]", self.server_state.connections)):
            try:
                connection.check_time(now)
            except Exception:
                logger.exception("A connection can't be looked after")
                connection.transport.abort()
        return await super().on_tick(counter)

    async def _listen_by_tls(self, listener: socket.socket) -> asyncio.Server:
        """Listen as uvicorn does, but with our time-outs for TLS; its own are a minute and half a minute."""
        connect = partial(self._protocol, self.config, self.server_state, self.lifespan.state)
        return await asyncio.get_running_loop().create_server(
            connect,
            sock=listener,
            ssl=self._tls,
            ssl_handshake_timeout=self._client_timeout,
            ssl_shutdown_timeout=self._client_timeout,
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop the server. A request that isn't done after GRACE is cut off, as if its client had left.

        It does what uvicorn's does, in its order, without the tenths of a second that those sleep.
        """
        cut_off = asyncio.get_running_loop().call_later(GRACE, self._cut_off)
        for closed in (*self.servers, *(sockets or ())):
            closed.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._all_have_left()
        except TimeoutError:
            logger.error("%d requests don't end; they are left behind", len(self.server_state.tasks))  # noqa: TRY400
        cut_off.cancel()
        if not self.force_exit:
            await self.lifespan.shutdown()
        write_out()  # what comes next may be the signal again, which ends the process as it is

    async def _all_have_left(self) -> None:
        """Wait until no connection and no request is left, or the user is out of patience."""
        state = self.server_state
        while (state.connections or state.tasks) and not self.force_exit:  # noqa: ASYNC110 (uvicorn's sets tell nobody)
            await asyncio.sleep(LOOK)
        if not self.force_exit:
            for server in self.servers:
                await server.wait_closed()

    def _cut_off(self) -> None:
        self._batcher.flush()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()  # not `close`, by which TLS would wait for the client to say goodbye
        for request in tuple(self.server_state.tasks):
            request.cancel()


def address(listener: socket.socket, tls: ssl.SSLContext | None = None) -> str:
    """The URL of a listening socket."""
    host, port, *_ = listener.getsockname()
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def serve(  # noqa: PLR0913 (what a server is)
    app: ServedApplication,
    listener: socket.socket,
    on_ready: Callable[[], Any],
    client_timeout: float,
    tls: ssl.SSLContext | None = None,
    *,
    in_tasks: bool = False,
) -> None:
    """Serve until interrupted. Raises KeyboardInterrupt after an orderly end by Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # uvicorn ends in order at it, then raises it again
    Server(app, on_ready, client_timeout, tls, in_tasks=in_tasks).run(sockets=[listener])

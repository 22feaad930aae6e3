"""A small threaded HTTP server on loopback. It receives deliveries in tests and for `mockserver listen`."""

import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

SILENCE = 60.0  # seconds without a byte after which a connection is given up
Handle = Callable[[BaseHTTPRequestHandler], None]


class LoopbackServer(ThreadingHTTPServer):
    """A server that runs inside a `with` block and gives every request to a function once its head is read.

    The function is called in a thread per connection, and responds through the handler that it gets. The system
    chooses the port. With `tls` the server speaks HTTPS. Broken connections are not logged.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # with socketserver's 5, some of many at once wait for a second
    timeout = 0  # `_serve` has waited already: a client that has gone meanwhile is waited for no longer

    def __init__(self, handle: Handle, tls: ssl.SSLContext | None = None) -> None:
        self._ended, self._end = socket.socketpair()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.handle = handle
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.send(b".")
        self._thread.join()
        self.server_close()

    def server_close(self) -> None:
        """Close all sockets."""
        super().server_close()
        self._ended.close()
        self._end.close()

    def _serve(self) -> None:
        """Take connections until the end, which is a byte to wait for like them: nobody polls."""
        with selectors.DefaultSelector() as selector:
            for source in (self.socket, self._ended):
                selector.register(source, selectors.EVENT_READ)
            while self._ended not in [key.fileobj for key, _ in selector.select()]:
                self.handle_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors: clients may break off."""


class _Handler(BaseHTTPRequestHandler):
    """Passes requests of one connection to the function of its server."""

    server: LoopbackServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = SILENCE

    def do_POST(self) -> None:
        """Call the function."""
        with suppress(OSError):
            self.server.handle(self)

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 (the base class's names)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's)
        """Log nothing: the function reports what arrives."""

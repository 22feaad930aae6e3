"""The address that deliveries go to: a small HTTP server on loopback, in threads."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

POLL = 0.05  # seconds until the end is noticed
_NO_BODY = (204, 304)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a delivery is answered with."""

    status: int = 204
    media_type: str = ""
    body: bytes = b""


Handle = Callable[[str, Mapping[str, str], bytes], Reply]


class Hook:
    """Hands every POST (path, headers, body) to a function, from `with` to the end of its block.

    The function is called in a thread for each connection.
    """

    def __init__(self, handle: Handle) -> None:
        self._server = _Server(handle)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, handle: Handle) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.handle_post = handle

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever breaks off has his reasons."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer as the function says."""
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(int(length) if length.isdecimal() else 0)
        reply = self.server.handle_post(self.path, dict(self.headers.items()), body)
        with suppress(OSError):
            self.send_response(reply.status)
            if reply.media_type:
                self.send_header("Content-Type", reply.media_type)
            if reply.status not in _NO_BODY:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(b"" if reply.status in _NO_BODY else reply.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's)
        """Who listens prints what arrives."""

"""The address that deliveries go to: a small HTTP server on loopback, in threads.

It takes nothing from web pages. A page may post to any address; but it can't hide that in `Origin` and `Sec-Fetch-…`,
and one whose host name was made to resolve to this machine names that in `Host`.
"""

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from mockserver.messages import WITHOUT_BODY, WITHOUT_LENGTH

POLL = 0.05  # seconds until the end is noticed
SILENCE = 60.0  # seconds without a byte after which a connection is given up
LONGEST_BODY = 4 * 1024 * 1024  # bytes; deliveries have a quarter of that at most


@dataclass(frozen=True, slots=True)
class Reply:
    """What a delivery is answered with."""

    status: int = 204
    media_type: str = ""
    body: bytes = b""


FORBIDDEN, TOO_LARGE, LENGTH_REQUIRED = Reply(403), Reply(413), Reply(411)
Handle = Callable[[str, Mapping[str, str], bytes], Reply]


class Hook:
    """Hands every POST (path, headers, body) to a function, from `with` to the end of its block.

    The function is called in a thread for each connection. What comes from a web page is refused.
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
    timeout = SILENCE

    def do_POST(self) -> None:
        """Answer as the function says, or refuse."""
        refusal = self._refusal()
        if refusal:
            self.close_connection = True  # as its body isn't read
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = refusal or self.server.handle_post(self.path, dict(self.headers.items()), body)
        with suppress(OSError):
            self.send_response(reply.status)
            if reply.media_type:
                self.send_header("Content-Type", reply.media_type)
            body = b"" if reply.status in WITHOUT_BODY else reply.body
            if reply.status not in WITHOUT_LENGTH:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def _refusal(self) -> Reply | None:
        """Why it isn't handed over, if so."""
        names = {name.lower() for name in self.headers}
        host, port = self.headers.get_all("Host") or [], self.server.server_port
        if "origin" in names or any(name.startswith("sec-") for name in names) or host != [f"127.0.0.1:{port}"]:
            return FORBIDDEN
        lengths = self.headers.get_all("Content-Length") or []
        if len(lengths) != 1 or not re.fullmatch("[0-9]{1,18}", lengths[0]) or "transfer-encoding" in names:
            return LENGTH_REQUIRED
        return TOO_LARGE if int(lengths[0]) > LONGEST_BODY else None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's)
        """Who listens prints what arrives."""

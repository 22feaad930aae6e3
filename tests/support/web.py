"""A web server for tests, on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import NamedTuple


class Moved(NamedTuple):
    """A redirect."""

    location: str
    status: int = 302


class Endless(NamedTuple):
    """A body that is this piece again and again, until the client has enough."""

    piece: bytes


Found = str | bytes | int | Moved | Endless


class Web(ThreadingHTTPServer):
    """Answers with what is in `files`: a text, a status, or a redirect; notes what is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, Found] = {}
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = self.server.files.get(self.path, 404)
        body = found.encode() if isinstance(found, str) else found if isinstance(found, bytes) else b""
        self.send_response(found.status if isinstance(found, Moved) else found if isinstance(found, int) else 200)
        if isinstance(found, Moved):
            self.send_header("Location", found.location)
        if isinstance(found, Endless):
            self._go_on(found.piece)
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _go_on(self, piece: bytes) -> None:
        self.end_headers()
        try:
            for each in repeat(piece):
                self.wfile.write(each)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Web]:
    """A web server, until the end of the context."""
    with Web() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()

"""bench.memory.served: a client hears what a server says, JSON or not."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from bench.memory.life import Told
from bench.memory.served import asking


class _Library(BaseHTTPRequestHandler):
    """Answers one book, and nothing else."""

    def do_GET(self) -> None:
        """One book; else a 404 in words."""
        found = self.path == "/v1/books/1"
        body = b'{"id": 1}' if found else b"no such book"
        self.send_response(200 if found else 404)
        self.send_header("X-Mock-Source", "resource" if found else "mock")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of a library."""
    with HTTPServer(("127.0.0.1", 0), _Library) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def test_answers_are_told_with_their_source(url: str) -> None:
    """A refusal has its words as the hint, if it has no other."""
    with requests.Session() as session:
        ask = asking(session, url, {})

        assert ask("GET", "/books/1", None) == Told(200, {"id": 1}, "resource", "")
        assert ask("GET", "/books/2", None) == Told(404, None, "mock", "no such book")

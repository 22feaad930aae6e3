"""Answers with bytes behind their end: nobody else gets them."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.proxies import client_of, proxy_to, raw_instance

OTHER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"evil"}'
SIZE = b"Content-Length: %d\r\n\r\n" % len(OTHER)


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("GET", b"HTTP/1.1 304 Not Modified\r\n" + SIZE),
        ("GET", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n" + SIZE),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\n" + SIZE),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"a" * 2_000_000),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("surplus", [OTHER, b"\r\n", OTHER[:30]])
def test_nobody_gets_what_follows_the_answer_of_another(method: str, head: bytes, surplus: bytes) -> None:
    """Bytes behind an answer end with its connection; the next request reaches the instance and gets its answer."""
    with raw_instance(head + surplus) as raw, proxy_to(raw.url) as proxy, client_of(proxy) as client:
        client.request(method, "/a")
        raw.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine"
        found = client.post("/b", content=b"{}")

    assert (found.status_code, found.content) == (200, b"mine")
    assert [one.split()[1] for one in raw.heads] == [b"/a", b"/b"]


def test_what_follows_an_answer_is_counted() -> None:
    """The tally tells of bytes that belong to no answer."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    with raw_instance(head + OTHER) as raw, proxy_to(raw.url) as proxy, client_of(proxy) as client:
        client.get("/a")
        told = client.get("/_mock/violations").json()["unjudged"]

    assert told == {"bytes behind the end of an answer, which were dropped with their connection": 1}


class _AnswersHeadAsGet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_told: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        """A note, whether its body is asked for or not."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"note")

    do_HEAD = do_POST = do_GET  # noqa: N815 (names of http.server)


@contextmanager
def _careless_instance() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _AnswersHeadAsGet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_server_that_answers_head_as_get_harms_nobody() -> None:
    """Whether the body of a HEAD comes with its head or a moment later, the next client gets its own answer."""
    with _careless_instance() as url, proxy_to(url) as proxy, client_of(proxy) as one, client_of(proxy) as another:
        found = [(one.head("/a").status_code, another.post("/b", content=b"{}")) for _ in range(20)]

    assert [(status, answer.status_code, answer.content) for status, answer in found] == [(200, 200, b"note")] * 20

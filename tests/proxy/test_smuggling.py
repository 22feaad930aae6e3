"""Requests that two servers could read in two ways: none of them reaches the instance as another one."""

import socket

import pytest

from tests.support.proxies import PATIENCE, proxy_to, raw_instance

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"


def _head(*lines: bytes) -> bytes:
    return b"\r\n".join([b"POST /api/pets HTTP/1.1", b"Host: a", b"Connection: close", *lines, b"", b""])


@pytest.mark.parametrize(
    "sent",
    [
        _head(b"Content-Length: %d" % (5 + len(HIDDEN)), b"Transfer-Encoding: chunked") + b"0\r\n\r\n" + HIDDEN,
        _head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity") + b"0\r\n\r\n" + HIDDEN,
        _head(b"Transfer-Encoding: xchunked") + b"0\r\n\r\n" + HIDDEN,
        _head(b"Content-Length: 0", b"Content-Length: %d" % len(HIDDEN)) + HIDDEN,
        _head(b"Content-Length: +%d" % len(HIDDEN)) + HIDDEN,
        _head(b"Content-Length : %d" % len(HIDDEN)) + HIDDEN,
        _head(b"X: 1\n\n" + HIDDEN),
        _head(b"X: 1\r\n Content-Length: 3"),
        _head(b"X: 1\rContent-Length: 3"),
        _head(b"Host: b"),
        _head(b"Authorization: a", b"Authorization: b"),
    ],
)
def test_ambiguous_requests_dont_pass(sent: bytes) -> None:
    """What is ambiguous about its end, its host or its credentials is refused, or passed as one request."""
    with raw_instance(OK) as raw, proxy_to(raw.url) as proxy:
        host, _, port = proxy.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            connection.sendall(sent)
            answered = connection.recv(65536)

    assert not any(head.startswith(b"GET /hidden") for head in raw.heads)
    assert answered.startswith(b"HTTP/1.1 400") or len(raw.heads) == 1


@pytest.mark.parametrize(
    "line", [b"Connection: close, content-length", b"Connection: close, host", b"Connection: transfer-encoding"]
)
def test_a_connection_header_cant_take_the_framing_away(line: bytes) -> None:
    """Whatever Connection names, the body keeps its length, and the request its host."""
    with raw_instance(OK) as raw, proxy_to(raw.url) as proxy:
        host, _, port = proxy.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            connection.sendall(b"POST /api/pets HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n" + line + b"\r\n\r\nabc")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")

    (head,) = raw.heads
    assert b"\r\ncontent-length: 3\r\n" in head
    assert f"host: {raw.url.removeprefix('http://')}\r\n".encode() in head

"""mockserver.proxy.own_answers: what the proxy answers itself, as the request isn't for it."""

import socket

import pytest

from mockserver.http.messages import AbsoluteRequest, Request
from mockserver.proxy.live_address import LiveAddress
from mockserver.proxy.own_answers import misdirected, refusal
from tests.support.proxies import PATIENCE, proxy_to, raw_instance

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("line", "host", "status"),
    [
        (b"CONNECT a.test:443", b"a.test:443", 501),
        (b"GET http://evil.test/api/pets", b"localhost", 421),
        (b"GET http://evil.test/_mock/requests", b"localhost", 421),
        (b"GET http://me@evil/_mock/requests", b"localhost", 421),
        (b"GET http://localhost/api/pets", b"localhost", 200),
    ],
)
def test_the_target_says_whom_a_request_is_for(line: bytes, host: bytes, status: int) -> None:
    """Requests for other servers, and for tunnels, are refused with words, whatever Host says."""
    with raw_instance(OK) as raw, proxy_to(raw.url) as proxy:
        address = proxy.url.removeprefix("http://").split(":")
        with socket.create_connection((address[0], int(address[1])), PATIENCE) as connection:
            connection.sendall(line + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
            answered = connection.recv(65536)

    assert (answered[9:12], len(raw.heads)) == (b"%d" % status, int(status == 200))


@pytest.mark.parametrize(
    ("kind", "host", "is_ours"),
    [
        (AbsoluteRequest, b"localhost:8182", True),
        (AbsoluteRequest, b"[::1]:8182", True),
        (AbsoluteRequest, b"localhost:8080", False),
        (AbsoluteRequest, b"localhost", False),
        (Request, b"localhost:8080", True),
    ],
)
def test_the_port_counts(kind: type[Request], host: bytes, *, is_ours: bool) -> None:
    """Another port of this machine is another server; without a whole URL the way that a request took says enough."""
    answer = misdirected(kind("GET", b"/", {b"host": host}, None), "http://a.test", 8182)

    assert (answer is None) == is_ours


@pytest.mark.parametrize(
    ("path", "base", "is_refused"),
    [
        (b"/../admin", "/base", True),
        (b"/a/%2e%2E/%2e./admin", "/base", True),
        (b"/a%2f..%5cb", "/base", True),
        (b"/%252e%252e/b", "/base", True),
        (b"/..;x/b", "/base", True),
        (b"/a..b/...", "/base", False),
        (b"/../admin", "", False),
    ],
)
def test_no_path_leads_out_of_that_of_the_instance(path: bytes, base: str, *, is_refused: bool) -> None:
    """Below a path of --to, whatever a server might read as a step up is refused."""
    answer = refusal(Request("GET", path, {}, None), b"id", LiveAddress.of(f"http://a.test{base}"))

    assert (answer is not None and answer.status == 400) == is_refused

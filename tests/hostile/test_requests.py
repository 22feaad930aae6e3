"""Hostile input: it gets a plain refusal, soon, and breaks nothing."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from time import monotonic  # noqa: TID251 (bounds in real time)
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.hostile.bodies import nested

KEY = {"X-AUTH-TOKEN": "mock-api-key", "Content-Type": "application/json"}
LOGIN = "/api/admin/login_check"
SUBSCRIPTION = "/api/DEFAULT/webhook/subscription"
TRANSACTION = "/api/DEFAULT/transaction"
SOON = 2.0  # seconds, generous


BODIES: dict[str, tuple[str, bytes]] = {
    "deep list": (LOGIN, nested(300)),
    "deep object": (LOGIN, nested(300, b'{"a":', b"}")),
    "deeper than any parser": (LOGIN, nested(100_000)),
    "deep value": (LOGIN, b'{"username":' + nested(300) + b"}"),
    "deep event name": (SUBSCRIPTION, b'{"webhookSubscription":{"eventName":' + nested(253) + b"}}"),
    "deep header": (SUBSCRIPTION, b'{"webhookSubscription":{"headers":[{"x":' + nested(300) + b"}]}}"),
    "huge integer": (LOGIN, b'{"username":' + b"9" * 5_000 + b"}"),
    "huge exponent": (LOGIN, b'{"username":1e999}'),
    "not a number": (LOGIN, b'{"username":NaN}'),
    "lone surrogate": (LOGIN, b'{"username":"\\ud800","password":"x"}'),
    "invalid UTF-8": (LOGIN, b'{"username":"\xff"}'),
    "UTF-16": (LOGIN, '{"username":"admin"}'.encode("utf-16")),
    "byte order mark": (LOGIN, b"\xef\xbb\xbf{}"),
    "a thousand items too many": (
        TRANSACTION,
        b'{"transaction":{"header":{"documentNumber":"1","purchasedAt":"2026-01-01"},"items":['
        + b",".join([b"{}"] * 300_000)
        + b"]}}",
    ),
    "a hundred thousand properties": (
        TRANSACTION,
        orjson.dumps({"transaction": {f"p{number}": 1 for number in range(60_000)}}),
    ),
}


@pytest.mark.parametrize(("path", "body"), BODIES.values(), ids=BODIES)
def test_hostile_body_is_refused_soon(client: TestClient, path: str, body: bytes) -> None:
    """A body that no client means gets a short 400 in the vendor's shape, or a 413, within a moment."""
    started = monotonic()

    answer = client.post(path, content=body, headers=KEY)

    assert answer.status_code in (400, 413), answer.text[:300]
    assert monotonic() - started < SOON
    assert len(answer.content) < 200_000
    assert {"code", "message"} <= answer.json().keys()


@pytest.mark.parametrize("operator", ["eq", "lt", "lte", "gt", "gte"])
@pytest.mark.parametrize("text", ["2026-01-15T10:30:0,+00:00", "20,6-12-31T18:59:60-05:00", "0000-00-00T00:00:00Z"])
def test_odd_dates_are_refused(client: TestClient, operator: str, text: str) -> None:
    """A date-time that no calendar knows is a 400, not a surprise further on."""
    answer = client.get(SUBSCRIPTION, params={f"createdAt[{operator}]": text}, headers=KEY)

    assert answer.status_code == 400


def test_all_problems_of_an_ordinary_body_are_told(client: TestClient) -> None:
    """A hundred items that are all wrong are told of one by one, up to a limit."""
    header = {"documentNumber": "1", "purchasedAt": "2026-01-01"}
    answer = client.post(TRANSACTION, json={"transaction": {"header": header, "items": [{}] * 100}}, headers=KEY)

    errors: list[Any] = answer.json()["errors"]
    assert len(errors) == 200
    assert errors[0]["path"] == "transaction.items[0].sku"


@pytest.mark.parametrize("headers", [[{"headername": "X-A"}], [{"headerName": "X-A", "more": 1}]])
def test_header_objects_are_closed(client: TestClient, headers: list[Any]) -> None:
    """A misspelt property of a subscription's header is told, not stored."""
    wanted = {"eventName": "CustomerRegistered", "url": "http://localhost:9/", "headers": headers}

    answer = client.post(SUBSCRIPTION, json={"webhookSubscription": wanted}, headers=KEY)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "This field was not expected."


@pytest.mark.parametrize("length", ["000042", "0000000000000000000042"])
def test_length_may_have_leading_zeros(client: TestClient, length: str) -> None:
    """A length with leading zeros is as long as it says."""
    body = b'{"username":"admin","password":"password"}'
    answer = client.post(LOGIN, content=body, headers=KEY | {"Content-Length": length})

    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["_orderBy[createdAt]]]]", "_orderBy[[createdAt]", "createdAt[gte]]", "url[like"])
def test_odd_brackets_are_refused(client: TestClient, name: str) -> None:
    """A parameter with one bracket too many is not the parameter."""
    answer = client.get(SUBSCRIPTION, params={name: "desc"}, headers=KEY)

    assert answer.status_code == 400


# ---------------------------------------------------------------- over a socket
def raw(mock: MockServer, *pieces: bytes) -> bytes:
    """Send bytes as they are, and read what comes back until the mock closes or has answered."""
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        with suppress(ConnectionError):  # a mock that refuses may close before all is sent
            for piece in pieces:
                connection.sendall(piece)
        with suppress(ConnectionError):
            return connection.recv(65536)
    return b""


GET = b"GET /_mock/health HTTP/1.1\r\nHost: mock\r\n"
LARGE_HEADS = {
    "one header": [GET + b"X-A: ", *[b"a" * 60_000] * 4, b"\r\n\r\n"],
    "many headers": [GET, *[b"X-A: b\r\n" * 5_000] * 4, b"\r\n"],
    "long path": [b"GET /", *[b"a" * 60_000] * 4, b" HTTP/1.1\r\nHost: mock\r\n\r\n"],
    "at once": [GET + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n"],
}


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    """A mock behind a real socket."""
    with MockServer(Settings()) as mock:
        yield mock


@pytest.mark.parametrize("pieces", LARGE_HEADS.values(), ids=LARGE_HEADS)
def test_large_head_is_a_431(mock: MockServer, pieces: list[bytes]) -> None:
    """A request line or headers beyond 64 KiB are refused in the vendor's shape, and the connection is closed."""
    answer = raw(mock, *pieces)

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert answer.endswith(b'{"code":431,"message":"Request Header Fields Too Large"}')


@pytest.mark.parametrize(
    "pieces",
    [
        [GET + b"X-A: " + b"a" * 60_000 + b"\r\n\r\n"],
        [GET, b"X-A: b\r\n", b"\r\n"],
        [(GET + b"\r\n") * 3_000],
    ],
    ids=["large", "in pieces", "pipelined"],
)
def test_decent_head_is_read(mock: MockServer, pieces: list[bytes]) -> None:
    """A head of a decent size is read, however it arrives, and however many follow."""
    assert raw(mock, *pieces).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("junk", [b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 5 + b"?\r\n\r\n"])
def test_what_is_no_http_is_a_plain_400(mock: MockServer, junk: bytes) -> None:
    """Bytes that are no HTTP request get the server's plain 400."""
    assert raw(mock, junk).startswith(b"HTTP/1.1 400 ")


def test_half_sent_requests_hold_up_nobody(mock: MockServer) -> None:
    """A hundred clients that stop in the middle leave the others alone."""
    host, port = mock.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        for half in [GET, POST + b"Content-Length: 9\r\n\r\n{"] * 50:
            connection = stack.enter_context(socket.create_connection((host, int(port))))
            connection.sendall(half)

        started = monotonic()
        assert raw(mock, GET + b"\r\n").startswith(b"HTTP/1.1 200 OK")

    assert monotonic() - started < SOON


def test_idle_connections_hold_up_nobody(mock: MockServer) -> None:
    """Four hundred clients that connect and say nothing leave the others alone."""
    host, port = mock.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        for _ in range(400):
            stack.enter_context(socket.create_connection((host, int(port))))

        started = monotonic()
        assert raw(mock, GET + b"\r\n").startswith(b"HTTP/1.1 200 OK")

    assert monotonic() - started < SOON


def test_slow_client_holds_up_nobody(mock: MockServer) -> None:
    """A client that sends byte by byte is answered in the end, and others between any two of its bytes."""
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as slow:
        for byte in GET + b"\r\n":
            slow.sendall(bytes([byte]))
            assert raw(mock, GET + b"\r\n").startswith(b"HTTP/1.1 200 OK")

        assert slow.recv(65536).startswith(b"HTTP/1.1 200 OK")


HIDDEN = GET + b"\r\n"
POST = b"POST /api/admin/login_check HTTP/1.1\r\nHost: mock\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0\n\n",
        b"Content-Length: +0\r\n\r\n",
        b"Content-Length : 0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_request_can_not_be_smuggled(mock: MockServer, head: bytes) -> None:
    """A request whose end two servers could see in different places is refused, and what follows it isn't read."""
    answers = all_of(mock, POST + head + HIDDEN)

    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 ") == 1


def test_pipelined_requests_are_answered_in_their_order(mock: MockServer) -> None:
    """Requests that are sent without waiting are answered one after the other, the slow first one first."""
    events = b"GET /api/DEFAULT/webhook/event HTTP/1.1\r\nHost: mock\r\nX-AUTH-TOKEN: mock-api-key\r\n"
    slow = events + b"Prefer: delay=0.05\r\n\r\n"
    answers = all_of(
        mock, slow + b"GET /nowhere HTTP/1.1\r\nHost: mock\r\n\r\n" + POST + b"Content-Length: 2\r\n\r\n{}" + HIDDEN
    )

    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"404", b"400", b"200"]


def all_of(mock: MockServer, sent: bytes) -> bytes:
    """Send bytes, say that there are no more, and read all that comes back."""
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        with suppress(OSError):  # it may be closed already
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError), connection.makefile("rb") as answers:
            return answers.read()
    return b""

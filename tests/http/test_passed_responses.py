"""mockserver.http.exchange and messages.PassedResponse: responses of other servers, sent by ours."""

import asyncio
import socket

import pytest

from mockserver.http.exchange import Exchange
from mockserver.http.messages import BrokenOff, Header, PassedResponse, Request
from tests.support.proxies import PATIENCE, Respond, instance

DATE: Header = (b"Date", b"today")
ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class Stream:
    """A body in pieces, which may break off."""

    def __init__(self, *pieces: bytes, breaks: bool = False) -> None:
        self._left, self._breaks = list(pieces), breaks
        self.is_closed = False

    async def read(self) -> bytes:
        """The next piece."""
        await asyncio.sleep(0)
        if not self._left and self._breaks:
            raise BrokenOff
        return self._left.pop(0) if self._left else b""

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


def _passing(
    *pieces: bytes, size: int | None = None, first: bytes = b"", breaks: bool = False, status: int = 200
) -> Respond:
    async def respond(_request: Request) -> PassedResponse:
        response = PassedResponse(status, [DATE], first, Stream(*pieces, breaks=breaks))
        response.size = size
        return response

    return respond


def _received(respond: Respond, *requests: bytes) -> bytes:
    """All that a server sends for these requests."""
    with instance(respond) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            connection.sendall(b"".join(requests))
            received = b""
            while part := connection.recv(65536):
                received += part
    return received


def test_what_has_no_length_is_sent_in_chunks() -> None:
    """A body of unknown length goes in chunks, and the connection goes on; there is one date."""
    received = _received(_passing(b"ab", b"c", first=b"x"), ASK, LAST)

    chunks = b"1\r\nx\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert received == (
        b"HTTP/1.1 200 OK\r\nDate: today\r\ntransfer-encoding: chunked\r\n\r\n" + chunks +
        b"HTTP/1.1 200 OK\r\nDate: today\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n" + chunks
    )  # fmt: skip


def test_a_known_length_is_told() -> None:
    """A body of known length has that."""
    received = _received(_passing(b"ab", size=3, first=b"x"), LAST)

    assert received.endswith(b"content-length: 3\r\n\r\nxab")


def test_http_1_0_knows_no_chunks() -> None:
    """For a client of HTTP/1.0 the end of a body is that of the connection."""
    received = _received(_passing(b"ab", b"c"), b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")

    assert received.endswith(b"connection: close\r\n\r\nabc")
    assert b"chunked" not in received


@pytest.mark.parametrize(("ask", "status"), [(ASK.replace(b"GET", b"HEAD"), 200), (ASK, 204), (ASK, 304)])
def test_what_has_no_body_ends_with_its_head(ask: bytes, status: int) -> None:
    """No body is sent where none may be, and the connection goes on."""
    received = _received(_passing(b"ab", size=5, status=status), ask, LAST)

    first, _, second = received.partition(b"\r\n\r\n")
    assert second.startswith(b"HTTP/1.1 ")
    assert (b"content-length: 5" in first) == (status == 200)


@pytest.mark.parametrize("size", [5, None])
def test_what_breaks_off_is_not_complete(size: int | None) -> None:
    """A body that breaks off ends the connection before its end."""
    received = _received(_passing(b"ab", size=size, breaks=True), ASK)

    assert received.endswith(b"ab" if size else b"ab\r\n")


def test_a_body_that_only_the_end_frames_is_reset() -> None:
    """Where the end of the connection is that of the body, one that breaks off is a reset: nobody takes that for it."""
    with pytest.raises(ConnectionResetError):
        _received(_passing(b"ab", breaks=True), b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")


def test_streams_are_closed() -> None:
    """A stream is closed once it was sent, also if it broke off."""
    made: list[Stream] = []

    async def respond(_request: Request) -> PassedResponse:
        made.append(Stream(b"a", breaks=len(made) == 1))
        return PassedResponse(200, [], b"", made[-1])

    _received(respond, ASK, LAST)

    assert [one.is_closed for one in made] == [True, True]


def test_who_left_before_is_told_at_once() -> None:
    """Whoever asks to be called when the client leaves is called at once if it has left."""
    exchange, told = Exchange.__new__(Exchange), list[str]()
    exchange.has_left = True

    exchange.when_left(lambda: told.append("left"))

    assert told == ["left"]

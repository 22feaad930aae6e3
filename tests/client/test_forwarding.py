"""mockserver.client.forwarding: which headers an application gets, how long it may take, and where it may be."""

import gzip
import socket
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from mockserver.client.forwarding import LONGEST_RESPONSE, Forwarder, check_is_local, is_passed_on
from mockserver.errors import SettingsError
from mockserver.http.hook_server import HookResponse
from mockserver.testing import CloseEarly, Drip, Hang, Reaction, Receiver, Respond

SECRET = "whsec_" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        *[(name, False) for name in ("Authorization", "COOKIE", "Origin", "Referer", "Sec-Fetch-Site", "sec-ch-ua")],
        *[(name, False) for name in ("Connection", "Host", "TE", "Upgrade", "Proxy-Authorization", "Keep-Alive")],
        *[(name, False) for name in ("X-Mock-Control-Token", "Content-Length", "Transfer-Encoding")],
        *[(name, True) for name in ("X-Mock-Delivery", "Content-Type", "User-Agent", "X-Webhook-Signature", "X-A")],
    ],
)
def test_headers_that_are_passed_on(name: str, passed: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    """Nothing about a connection and no credential is passed on. The mark is: it steers no mock either."""
    assert is_passed_on(name) is passed


def test_answer_isnt_decompressed_and_is_bounded() -> None:
    """A small answer that would grow to something large stays small, and of a large one no more than a part is read."""
    packed = gzip.compress(b"\0" * 50_000_000)
    application = Receiver(Respond(200, packed, headers={"Content-Encoding": "gzip"}), Respond(200, b"x" * 10_000_000))
    with application:
        forwarder = Forwarder(application.url, SECRET, timeout=60)
        responses = [forwarder.forward({}, b"{}", authentic=False).response for _ in range(2)]

    assert [(response.status, len(response.body)) for response in responses] == [
        (200, len(packed)),
        (200, LONGEST_RESPONSE),
    ]


class DripHead:
    """Answer a byte each 0.05 s, beginning with the first one of the head."""

    def react(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        """Send until the other side leaves."""
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Endless: 1\r\n" * 1_000:
            if ended.wait(0.05):
                break
            handler.wfile.write(bytes([byte]))


@pytest.mark.parametrize("reaction", [Drip(), DripHead()], ids=["body", "head"])
def test_dripping_answer_has_an_end(reaction: Reaction) -> None:
    """The time-out is for an answer as a whole, however slowly it comes."""
    with Receiver(reaction) as application:
        forwarded = Forwarder(application.url, SECRET, timeout=0.2).forward({}, b"{}", authentic=False)

    assert forwarded.error == "no answer within 0.2 s"
    assert forwarded.seconds < 5


def test_dripping_reader_has_an_end() -> None:
    """The same holds where a large delivery is taken byte by byte."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=1) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)

        def drip() -> None:
            with server.accept()[0] as connection:
                while not ended.wait(0.05):
                    connection.recv(1)

        threading.Thread(target=drip, daemon=True).start()
        forwarder = Forwarder(f"http://127.0.0.1:{server.getsockname()[1]}/", SECRET, timeout=0.2)
        forwarded = forwarder.forward({}, b" " * 20_000_000, authentic=False)
        ended.set()

    assert forwarded.error == "no answer within 0.2 s"
    assert forwarded.seconds < 5


def test_password_of_the_application_is_used_and_not_shown() -> None:
    """User name and password of the URL reach the application, and nobody else."""
    with Receiver() as application:
        forwarder = Forwarder(application.url.replace("//", "//jo:hidden@"), SECRET, timeout=60)
        forwarder.forward({"Authorization": "Bearer x"}, b"{}", authentic=False)

    assert application.captured[0].headers.get_all("Authorization") == ["Basic am86aGlkZGVu"]
    assert forwarder.url == application.url.replace("//", "//********@")


@pytest.mark.parametrize(
    "url",
    ["http://jo:hidden@192.0.2.1/", "http://jo:hidden@name.invalid/", "jo:hidden@localhost", "http://a:hidden@[::1"],
)
def test_password_is_in_no_error(url: str) -> None:
    """An error about the URL doesn't show its password."""
    with pytest.raises(SettingsError) as told:
        check_is_local(url if Forwarder(url, SECRET, 1) else "")

    assert "hidden" not in str(told.value)


@pytest.mark.parametrize(
    ("reaction", "timeout", "error"),
    [
        (Hang(), 0.05, "no answer within 0.05 s"),
        (CloseEarly(), 60, "Server disconnected"),
        (CloseEarly(b"?\r\n\r\n"), 60, "illegal"),
    ],
)
def test_application_that_fails_is_a_bad_gateway(reaction: Any, timeout: float, error: str) -> None:
    """No answer of the application is a 502, with the reason."""
    with Receiver(reaction) as application:
        forwarder = Forwarder(application.url, SECRET, timeout)
        forwarded = forwarder.forward({}, b"{}", authentic=False)

    assert forwarded.response == HookResponse(502)
    assert error in str(forwarded.error)


@pytest.mark.parametrize("url", ["ftp://localhost/", "localhost:3000", "http://", "http://[::1", "http://localhost:x"])
def test_application_needs_a_web_address(url: str) -> None:
    """What nothing can be posted to is refused."""
    with pytest.raises(SettingsError, match="--forward-to"):
        check_is_local(Forwarder(url, SECRET, 1).url)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:3000/hooks", True),
        ("http://127.1.2.3", True),
        ("https://[::1]:3000", True),
        ("http://192.0.2.1/", False),
        ("http://[2001:db8::1]/", False),
        ("http://0.0.0.0/", False),
        ("http://name.invalid/", False),
    ],
)
def test_application_has_to_be_here(url: str, here: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    """By default only this machine counts, however it is spelled."""
    if here:
        check_is_local(url)
    else:
        with pytest.raises(SettingsError):
            check_is_local(url)

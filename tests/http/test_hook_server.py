"""mockserver.http.hook_server: requests are handed over, and those of web pages refused."""

import socket
from queue import Queue
from typing import Any

import httpx2
import pytest

from mockserver.http.hook_server import LONGEST_HEAD, HookResponse, HookServer
from tests.support.commands import PATIENCE
from tests.support.subscriptions import EVENT


def test_hook_hands_over_what_arrives() -> None:
    """Path, headers and body go to the function, and its response goes back."""
    seen: Queue[tuple[str, str, bytes]] = Queue()

    def handle(path: str, headers: Any, body: bytes) -> HookResponse:
        seen.put((path, headers["X-One"], body))
        return HookResponse(418, "text/plain", b"short")

    with HookServer(handle) as hook:
        answer = httpx2.post(f"{hook.url}/a?b", headers={"X-One": "1"}, content=b"\x00")

    assert seen.get_nowait() == ("/a?b", "1", b"\x00")
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (418, "text/plain", b"short")


@pytest.mark.parametrize(("status", "length"), [(204, None), (205, "0"), (304, None), (200, "5")])
def test_hook_sends_no_body_where_http_has_none(status: int, length: str | None) -> None:
    """What an application says behind a status without a body stays out: it would begin the next answer."""
    with HookServer(lambda *_: HookResponse(status, body=b"short")) as hook, httpx2.Client() as client:
        answers = [client.post(hook.url, content=b"") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, status]
    assert {answer.headers.get("Content-Length") for answer in answers} == {length}
    assert {answer.content for answer in answers} == {b"short" if status == 200 else b""}


@pytest.mark.parametrize(
    "head",
    [
        "Host: {host}\r\nOrigin: http://evil.example\r\nContent-Length: 2",
        "Host: {host}\r\nOrigin: null\r\nContent-Length: 2",
        "Host: {host}\r\norigin:\r\nContent-Length: 2",
        "Host: {host}\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 2",
        "Host: {host}\r\nsec-fetch-mode: no-cors\r\nContent-Length: 2",
        "Host: evil.example\r\nContent-Length: 2",
        "Host: localhost:{port}\r\nContent-Length: 2",
        "Host: {host}\r\nHost: evil.example\r\nContent-Length: 2",
        "Content-Length: 2",
    ],
)
def test_pages_are_refused(head: str) -> None:
    """What a web page sends, of whatever origin, and what names another host, reaches nobody."""
    assert _answered(head) == ("403", [])


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Host: {host}\r\nContent-Length: 9999999", "413"),
        ("Host: {host}\r\nContent-Length: " + "9" * 18, "413"),
        ("Host: {host}\r\nContent-Length: " + "9" * 5000, "411"),
        ("Host: {host}\r\nContent-Length: -1", "411"),
        ("Host: {host}\r\nContent-Length: \u00b2", "411"),
        ("Host: {host}\r\nContent-Length: 2\r\nContent-Length: 3", "411"),
        ("Host: {host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked", "411"),
        ("Host: {host}", "411"),
    ],
)
def test_bodies_are_bounded(head: str, status: str) -> None:
    """A body whose length isn't plain, or is larger than any delivery, isn't read."""
    assert _answered(head) == (status, [])


@pytest.mark.parametrize(("size", "expected"), [(LONGEST_HEAD - 200, ("204", 1)), (LONGEST_HEAD, ("431", 0))])
def test_heads_are_bounded(size: int, expected: tuple[str, int]) -> None:
    """A head that is larger than any delivery's is refused, though none of its lines is."""
    padding = "x" * (size // 2)
    head = f"Host: {{host}}\r\nContent-Length: 2\r\nX-A: {padding}\r\nX-B: {padding}"

    status, seen = _answered(head)

    assert (status, len(seen)) == expected


def _answered(head: str) -> tuple[str, list[object]]:
    """The status that a raw POST gets from a hook, and what the hook has handed over."""
    seen: list[object] = []

    def handle(*request: object) -> HookResponse:
        seen.append(request)
        return HookResponse()

    with HookServer(handle) as hook:
        host = hook.url.removeprefix("http://")
        with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2])), timeout=PATIENCE) as connection:
            lines = head.format(host=host, port=host.rpartition(":")[2])
            connection.sendall(f"POST /{EVENT} HTTP/1.1\r\n{lines}\r\n\r\n{{}}".encode("latin-1"))
            return connection.recv(1000).decode().split()[1], seen

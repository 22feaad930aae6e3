"""The proxy: what no fault touches goes through as it came; and the witness sees what a request names."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from mockserver.settings import Settings
from mockserver.testing import MockServer
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.judges import Ruling
from tests.mutants.proxy import Fault, HangUp, honest, proxy
from tests.mutants.score import result
from tests.mutants.watched_instance import WatchedInstance

EVENTS = (
    b"GET /api/DEFAULT/webhook/event HTTP/1.1\r\nHost: x\r\nX-AUTH-TOKEN: mock-api-key\r\nConnection: close\r\n\r\n"
)
CHUNKED = (
    b"POST /api/admin/login_check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n13\r\n"
    b'{"username":"admin"\r\n16\r\n,"password":"password"\r\n1\r\n}\r\n0\r\n\r\n'
)
HEAD = EVENTS.replace(b"GET", b"HEAD", 1)
HOSTILE = (
    b"GET /api/DEFAULT/webhook/event?a=%00%FF&b='\xff HTTP/1.1\r\nHost: x\r\nX-A: \xe9\r\nConnection: close\r\n\r\n"
)


def _raw(url: str, request: bytes) -> bytes:
    """What comes back for some bytes, without the date; nothing if nothing does."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return b"\r\n".join(line for line in head.split(b"\r\n")[1:] if not _accidental(line)) + body


def _accidental(line: bytes) -> bool:
    """Whether a header may differ from answer to answer."""
    return line.lower().startswith((b"date:", b"connection:", b"content-length:", b"content-type:", b"server:"))


async def _through(fault: Fault, use: Callable[[str, str], Awaitable[None]]) -> None:
    with MockServer(Settings(seed=1, log_level="error")) as mock:
        async with proxy(mock.url, fault) as url:
            await use(mock.url, url)


def test_a_mistake_of_a_fault_is_told() -> None:
    """What a fault raises ends the trial: a lost connection would be found in place of what it breaks."""

    async def mistaken(_request: Request, _send: Send) -> Answer:
        raise TypeError("no such body")

    async def use(_direct: str, url: str) -> None:
        assert await asyncio.to_thread(_raw, url, EVENTS) == b""

    with pytest.RaisesGroup(pytest.RaisesExc(TypeError, match="no such body")):
        asyncio.run(_through(mistaken, use))


@pytest.mark.parametrize("request_", [EVENTS, HEAD, HOSTILE], ids=["get", "head", "hostile"])
def test_proxy_changes_nothing(request_: bytes) -> None:
    """An answer through the proxy is the answer without it."""

    async def use(direct: str, url: str) -> None:
        assert await asyncio.to_thread(_raw, url, request_) == await asyncio.to_thread(_raw, direct, request_)

    asyncio.run(_through(honest, use))


def test_proxy_takes_chunks() -> None:
    """A body in chunks arrives as one."""

    async def use(_: str, url: str) -> None:
        assert b'"refresh_token"' in await asyncio.to_thread(_raw, url, CHUNKED)

    asyncio.run(_through(honest, use))


def test_faults_may_hang_up() -> None:
    """A fault can end the connection in place of an answer."""

    async def fault(_request: Request, _send: Send) -> Answer:
        raise HangUp

    async def use(_: str, url: str) -> None:
        assert await asyncio.to_thread(_raw, url, EVENTS) == b""

    asyncio.run(_through(fault, use))


@pytest.mark.parametrize(
    ("method", "target", "body", "told"),
    [
        ("GET", "/api/DEFAULT/webhook/subscription/1f", b"", False),
        ("PUT", "/api/DEFAULT/webhook/subscription/1F", b"", True),
        ("DELETE", "/api/DEFAULT/webhook/subscription/2f", b"", False),
        ("POST", "/api/DEFAULT/webhook/subscription", b'{"id":"1f"}', True),
    ],
)
def test_witness_tells_changes_of_foreign_records(method: str, target: str, body: bytes, *, told: bool) -> None:
    """A changing request that names a foreign id anywhere is told; reading one, or changing another, is not."""
    before = {"/api/DEFAULT/webhook/subscription/1f": b"{}"}
    instance = WatchedInstance("", "", [Request((), body, method, target)], before)

    assert bool(instance.changing_foreign()) is told


@pytest.mark.parametrize(
    ("exit_code", "findings", "word"),
    [
        (1, {("here", "a")}, "found"),
        (1, {("there", "a")}, "elsewhere"),
        (1, {("here", "known")}, "missed"),
        (0, set(), "missed"),
        (2, {("here", "a")}, "exit 2"),
    ],
)
def test_only_new_findings_at_the_right_place_count(exit_code: int, findings: set[tuple[str, str]], word: str) -> None:
    """A ruling is "found" if it has a finding at a right place that the correct server has not."""
    ruling = Ruling(exit_code, frozenset(findings), 1.0)

    assert result(ruling, frozenset({"here"}), {("here", "known")}) == word

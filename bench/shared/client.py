"""A small load generator of our own: for exact numbers of requests, which may all differ, and in need of no program."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import uvloop

from bench.shared.load import Refused

HEAD_END, LENGTH, LAST_CHUNK = b"\r\n\r\n", b"content-length:", b"\r\n0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Burst:
    """What became of some requests."""

    answers: int
    seconds: float


def burst(port: int, requests: Iterable[bytes], connections: int = 32, expected: int = 200) -> Burst:
    """Send each request once, as fast as the answers come. Raises Refused if one has another status than `expected`."""
    return uvloop.run(_burst(port, iter(requests), connections, expected))


def volley(ports: Sequence[int], requests: Sequence[bytes]) -> list[int]:
    """The statuses of requests that are sent at once, each on a connection of its own that is there before, to these
    ports in turn. Raises Refused if a connection ends without an answer."""
    return uvloop.run(_volley(ports, requests))


async def _volley(ports: Sequence[int], requests: Sequence[bytes]) -> list[int]:
    lines = [await _connect(ports[number % len(ports)]) for number in range(len(requests))]
    statuses = await asyncio.gather(*(line.exchange(request) for line, request in zip(lines, requests, strict=True)))
    for line in lines:
        line.close()
    return statuses


async def _burst(port: int, requests: Iterator[bytes], connections: int, expected: int) -> Burst:
    lines = [await _connect(port) for _ in range(connections)]
    started = time.perf_counter()
    answers = await asyncio.gather(*(_send_all(line, requests, expected) for line in lines), return_exceptions=True)
    seconds = time.perf_counter() - started
    for line in lines:
        line.close()
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return Burst(sum(answer for answer in answers if isinstance(answer, int)), seconds)


async def _send_all(line: "_Line", requests: Iterator[bytes], expected: int) -> int:
    answers = 0
    for request in requests:
        status = await line.exchange(request)
        if status != expected:
            raise Refused(f"an answer was {status}")
        answers += 1
    return answers


async def _connect(port: int) -> "_Line":
    _, line = await asyncio.get_running_loop().create_connection(_Line, "127.0.0.1", port)
    return line


def status_of(received: bytes) -> int | None:
    """The status of the answer that was received, or None if it isn't complete; 0 if it is none of HTTP."""
    head, end, body = received.partition(HEAD_END)
    head = head.lower()
    if b"chunked" in head:
        is_complete = (b"\r\n" + body).endswith(LAST_CHUNK)
    else:
        is_complete = len(body) >= int(head.partition(LENGTH)[2].partition(b"\r\n")[0] or 0)
    if not (end and is_complete):
        return None
    return int(received[9:12]) if received[9:12].isdigit() else 0


class _Line(asyncio.Protocol):
    """One kept connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment] # a stream's, uvloop's
        self._received = b""
        self._answer: asyncio.Future[int] | None = None

    def exchange(self, request: bytes) -> "asyncio.Future[int]":
        """Send a request; its answer's status, when that is complete."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        status = status_of(self._received)
        if status is not None and self._answer and not self._answer.done():
            self._received = b""
            self._answer.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(Refused(f"the connection ended: {exc}"))

    def close(self) -> None:
        self._transport.close()

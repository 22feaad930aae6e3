"""Latency at a fixed rate: each request is sent when it is due, whether or not those before it were answered.

They are due at even intervals, and an answer is timed from when its request was due: a server that falls behind is not
asked less. It spins on the core of the load generators.
"""

import os
import select
import socket
import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Self

from bench.shared.client import status_of
from bench.shared.load import CONNECTIONS, Refused
from bench.shared.request import Request
from bench.shared.servers import LOAD_CORE

WARM_UP = 0.2  # of the requests, which aren't counted
PATIENCE = 10  # seconds for the last answers


@dataclass(frozen=True, slots=True)
class Latency:
    """At a fixed rate: answers a second that came, and milliseconds."""

    rate: float
    p50: float
    p99: float


def at_rate(port: int, request: Request, rate: float, seconds: float, expected: int) -> Latency:
    """Latency at a fixed rate on 32 kept connections. Raises Refused if an answer is missing, or is another one."""
    number, run = max(10, round(rate * seconds)), f"p{time.monotonic_ns()}x"
    requests = [request.unique(f"{run}{each}").raw() for each in range(number)]
    with ExitStack() as stack:
        stack.enter_context(_on_the_load_core())
        lines = [stack.enter_context(_Line(port)) for _ in range(CONNECTIONS)]
        pace = _Pace(lines, stack.enter_context(select.epoll()), expected)
        started = time.perf_counter()
        times = pace.run(requests, started, 1 / rate)
        took = time.perf_counter() - started
    counted = sorted(1000 * each for each in times[round(number * WARM_UP) :])
    return Latency(number / took, statistics.median(counted), counted[int(0.99 * len(counted))])


@contextmanager
def _on_the_load_core() -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class _Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.number = 0  # of the request that is on its way
        self.fileno = self._socket.fileno

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, number: int, request: bytes) -> None:
        """Send a request."""
        self.number = number
        self._socket.sendall(request)

    def status(self) -> int | None:
        """The status of the answer, once it is complete. Raises Refused if it never will be."""
        piece = self._socket.recv(262_144)
        if not piece:
            raise Refused("the connection ended")
        status = status_of(self._received + piece)
        self._received = self._received + piece if status is None else b""
        return status


class _Pace:
    """Requests on their way, and those that wait for a free connection."""

    def __init__(self, lines: Iterable[_Line], poll: select.epoll, expected: int) -> None:
        self._free = deque(lines)
        self._poll = poll
        self._expected = expected
        self._lines = {line.fileno(): line for line in self._free}
        for number in self._lines:
            poll.register(number, select.EPOLLIN)

    def run(self, requests: list[bytes], start: float, interval: float) -> list[float]:
        """Seconds from when each request was due to its answer."""
        times, sent, left = [0.0] * len(requests), 0, len(requests)
        deadline = start + interval * len(requests) + PATIENCE
        while left:
            now = time.perf_counter()
            if sent < len(requests) and self._free and now >= start + sent * interval:
                self._free.popleft().ask(sent, requests[sent])
                sent += 1
            for line in self._answered():
                times[line.number] = time.perf_counter() - (start + line.number * interval)
                left -= 1
            if now > deadline:
                raise Refused(f"{left} of {len(requests)} answers did not come")
        return times

    def _answered(self) -> Iterator[_Line]:
        for number, _ in self._poll.poll(0):
            line = self._lines[number]
            status = line.status()
            if status is None:
                continue
            if status != self._expected:
                raise Refused(f"an answer was {status}, not {self._expected}")
            self._free.append(line)
            yield line

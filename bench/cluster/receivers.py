"""Receivers of the deliveries of a run, on one port of loopback, one path each, of which some fail.

A receiver answers an attempt that it has seen before as it did then: a crash may repeat it.
"""

import asyncio
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from bench.cluster.ledger import Arrival, Event, Ledger

HEAD_END = b"\r\n\r\n"
OK, REFUSED, BROKEN = 204, 503, 500
KINDS = ("good", "slow", "stumbling", "failing")
SLOW = 0.02  # seconds
STUMBLES = 3  # one of so many events is refused the first time


class Receivers:
    """Receivers from `with` to the end of its block. The path says how one is: `/good-1`, `/slow-1`, `/stumbling-1`,
    which refuses the first attempt of every third event, and `/failing-1`, which refuses all."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._stack = AsyncExitStack()
        self._address = ""
        self._attempts: dict[tuple[str, Event], list[str]] = defaultdict(list)
        self._open: set[_Connection] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._connect, "127.0.0.1", 0)
        self._stack.callback(self._close_all)
        self._stack.callback(server.close)
        host, port = server.sockets[0].getsockname()[:2]
        self._address = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    def _connect(self) -> "_Connection":
        return _Connection(self.receive, self._open)

    def _close_all(self) -> None:
        """Close what clients keep open, who would take it for a receiver that is still there."""
        for connection in tuple(self._open):
            connection.close()

    def url(self, lane: str) -> str:
        """The address of one."""
        return f"{self._address}/{lane}"

    def receive(self, lane: str, body: bytes) -> tuple[int, float]:
        """Note a delivery; returns the status of the answer, and after how many seconds it is given."""
        content = json.loads(body)
        event = event_of(content)
        request_id = str(content["requestId"])
        status = self._status(lane, event, request_id)
        self.ledger.add(Arrival(lane, event, request_id, asyncio.get_running_loop().time(), status))
        return status, SLOW if lane.startswith("slow") else 0.0

    def _status(self, lane: str, event: Event, request_id: str) -> int:
        if lane.startswith("failing"):
            return BROKEN
        attempts = self._attempts[lane, event]
        if request_id not in attempts:
            attempts.append(request_id)
        stumbles = lane.startswith("stumbling") and zlib.crc32(repr(event).encode()) % STUMBLES == 0
        return REFUSED if stumbles and request_id == attempts[0] else OK


def email_of(event: Event) -> str:
    """The e-mail of the member that stands for an event."""
    return f"{event.writer}-{event.number}@example.com"


def event_of(content: Any) -> Event:
    """The event that a delivery tells of: by the e-mail of the new member, wherever it stands."""
    found = re.search(r'"([a-z0-9.]+)-([0-9]+)@example\.com"', json.dumps(content))
    return Event(found[1], int(found[2])) if found else Event("", 0)


class _Connection(asyncio.Protocol):
    """One connection, on which requests come one after another."""

    def __init__(self, receive: Callable[[str, bytes], tuple[int, float]], open_: "set[_Connection]") -> None:
        self._receive, self._open = receive, open_
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment] # a stream's
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """End."""
        self._open.discard(self)

    def close(self) -> None:
        """End it from here."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Answer a request that is complete."""
        self._received += data
        head, end, rest = self._received.partition(HEAD_END)
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        if not end or len(rest) < (size := int(length[1]) if length else 0):
            return
        self._received = rest[size:]
        status, seconds = self._receive(head.split(b" ")[1].decode("ascii").strip("/"), rest[:size])
        asyncio.get_running_loop().call_later(seconds, self._answer, status)

    def _answer(self, status: int) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)

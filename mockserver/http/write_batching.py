"""Write batching: all writes of one turn of the event loop, over all connections, are done together.

To wake a client costs the system more than to write to it. A client of several connections that is still busy with the
first response of a turn needn't be woken for the others.
"""

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter  # noqa: TID251 (a bound in real time, handed in by tests)

logger = logging.getLogger("uvicorn.error")

FULL = 64 * 1024  # bytes; a larger batch is written at once
LONGEST_WAIT = 0.001  # seconds; a response needn't wait for one that takes long to make


class WriteBatcher:
    """A batch of writes, which wait for the end of the turn of the event loop. For one server and one loop."""

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []
        self._size = 0
        self._since = 0.0

    def put(self, transport: asyncio.Transport, data: bytes) -> None:
        """Write soon, in the order of the calls. Nothing is written to a transport that closes meanwhile."""
        now = self._now()
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
            self._since = now
        self._waiting.append((transport, data))
        self._size += len(data)
        if self._size > FULL or now - self._since > LONGEST_WAIT:
            self.flush()

    def flush(self) -> None:
        """Write the batch now, as before a connection is closed."""
        waiting, self._waiting, self._size = self._waiting, [], 0
        for transport, data in waiting:
            if not transport.is_closing():
                try:
                    transport.write(data)
                except Exception:
                    logger.exception("A connection takes no answer")
                    transport.abort()

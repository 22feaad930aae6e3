"""What goes out in one turn of the event loop, over all connections, together.

To wake the other side takes the system longer than to write to it. A client of several connections that is still busy
with the first answer of a turn needn't be woken for the others.
"""

import asyncio
import logging
import time
from collections.abc import Callable

logger = logging.getLogger("uvicorn.error")

FULL = 64 * 1024  # bytes, which don't wait any longer
PATIENCE = 0.001  # seconds; an answer needn't wait for what takes long to make


class Outbox:
    """Writes of a server that wait until all that came in with them is answered. For one event loop."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []
        self._size = 0
        self._since = 0.0

    def put(self, transport: asyncio.Transport, data: bytes) -> None:
        """Write soon, in the order of the calls. What is lost meanwhile gets nothing any more."""
        now = self._now()
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
            self._since = now
        self._waiting.append((transport, data))
        self._size += len(data)
        if self._size > FULL or now - self._since > PATIENCE:
            self.flush()

    def flush(self) -> None:
        """Write now: before a connection is closed, for one."""
        waiting, self._waiting, self._size = self._waiting, [], 0
        for transport, data in waiting:
            if not transport.is_closing():
                try:
                    transport.write(data)
                except Exception:
                    logger.exception("A connection takes no answer")
                    transport.abort()

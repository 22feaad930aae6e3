"""The priority of requests over deliveries: while requests keep coming, deliveries get only a share of the time.

Both use one event loop, so each delivery between two requests delays the next request a little. The share grows with
the backlog, so that deliveries keep up with any lasting load.
"""

import asyncio
from collections import deque

QUIET = 0.002  # seconds without a request after which deliveries have all the time
LEAST_SHARE = 0.125  # deliveries for each request, when the backlog is small
FULL_SHARE = 1_000  # the backlog that makes it one delivery for each request; twice as much makes it two, and so on


class RequestPriority:
    """The priority in one event loop. `quiet` is in seconds."""

    def __init__(self, quiet: float = QUIET) -> None:
        self._quiet = quiet
        self._loop = asyncio.get_running_loop()
        self._quiet_at = 0.0
        self._credit = 1.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def request_arrived(self, backlog: float) -> None:
        """Let deliveries wait, as a request came. `backlog` is how many wait in a row."""
        self._quiet_at = self._loop.time() + self._quiet
        self._credit = min(self._credit + max(LEAST_SHARE, backlog / FULL_SHARE), 1 + len(self._waiting))
        while self._credit >= 1 and self._waiting:
            self._credit -= 1
            self._release()
        if self._timer is None:
            self._timer = self._loop.call_at(self._quiet_at, self._resume)

    async def wait_for_turn(self) -> None:
        """Wait until a delivery may be made."""
        if self._loop.time() >= self._quiet_at:
            return
        if self._credit >= 1:
            self._credit -= 1
            return
        waiting = self._loop.create_future()
        self._waiting.append(waiting)
        await waiting

    def _resume(self) -> None:
        if self._loop.time() < self._quiet_at:
            self._timer = self._loop.call_at(self._quiet_at, self._resume)
            return
        self._timer = None
        while self._waiting:
            self._release()

    def _release(self) -> None:
        waiting = self._waiting.popleft()
        if not waiting.done():  # it may have been cancelled
            waiting.set_result(None)

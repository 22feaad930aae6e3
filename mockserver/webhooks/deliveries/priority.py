"""Requests go first: while some come one after another, work in the background only gets a share of the time.

The event loop is one, so each delivery that is made between two requests delays the next one by a bit. The share grows
with what is left to do: it keeps up with any lasting load, and until then nobody notices it.
"""

import asyncio
from collections import deque

QUIET = 0.002  # seconds without a request after which the background has all the time
LEAST_SHARE = 0.125  # pieces of work for each request, when there is little to do
FULL_SHARE = 1_000  # so many pieces to do in a row make it one for each request, twice as many two, and so on


class Precedence:
    """Lets pieces of background work wait for requests. For one event loop; `quiet` is in seconds."""

    def __init__(self, quiet: float = QUIET) -> None:
        self._quiet = quiet
        self._loop = asyncio.get_running_loop()
        self._quiet_at = 0.0
        self._credit = 1.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def give_way(self, backlog: float) -> None:
        """A request has come, while so many pieces wait in a row."""
        self._quiet_at = self._loop.time() + self._quiet
        self._credit = min(self._credit + max(LEAST_SHARE, backlog / FULL_SHARE), 1 + len(self._waiting))
        while self._credit >= 1 and self._waiting:
            self._credit -= 1
            self._release()
        if self._timer is None:
            self._timer = self._loop.call_at(self._quiet_at, self._resume)

    async def turn(self) -> None:
        """Return when a piece of work may be done."""
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

"""The runtime of deliveries: the queue, the priority of requests and the sender of one event loop."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mockserver.clock import Clock
from mockserver.webhooks.deliveries.egress_policy import EgressPolicy
from mockserver.webhooks.deliveries.priority import RequestPriority
from mockserver.webhooks.deliveries.queue import MemoryQueue, Perform, Queue

if TYPE_CHECKING:
    from mockserver.webhooks.deliveries.sender import Sender

OpenSender = Callable[[], Awaitable["Sender"]]


class DeliveryRuntime:
    """The runtime of one event loop, in which it has to be made. `open_sender` is called for the first attempt.

    `fan_out` is the task that turns events into queued deliveries, if there is one.
    """

    def __init__(self, clock: Clock, perform: Perform, open_sender: OpenSender) -> None:
        self.priority = RequestPriority()
        self.queue: Queue = MemoryQueue(clock, self.priority, perform)
        self.fan_out: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._open_sender = open_sender
        self._opening = asyncio.Lock()
        self._sender: Sender | None = None

    @property
    def is_current(self) -> bool:
        """Whether its event loop is the running one."""
        return self._loop is asyncio.get_running_loop()

    async def sender(self) -> "Sender":
        """The sender of this event loop, opened if need be."""
        if self._sender is None:
            async with self._opening:
                self._sender = self._sender or await self._open_sender()
        return self._sender

    def cancel_fan_out(self) -> None:
        """Cancel the task of the fan-out, if there is one."""
        if self.fan_out:
            self.fan_out.cancel()
        self.fan_out = None

    async def close(self) -> None:
        """End all connections."""
        if self._sender is not None:
            await self._sender.close()


async def open_sender(policy: EgressPolicy, timeout: float, trusted: ssl.SSLContext | None) -> "Sender":  # noqa: ASYNC109
    """A new sender. Its libraries take long to import, so a thread does that while the event loop goes on."""
    return (await asyncio.to_thread(_sender_class))(policy, timeout, trusted)


def _sender_class() -> "type[Sender]":
    from mockserver.webhooks.deliveries.sender import Sender

    return Sender

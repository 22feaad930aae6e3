"""The attempts of the deliveries that one mock alone has queued: each is made, and its outcome remembered."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from mockserver.clock import Clock, Ids
from mockserver.settings import Settings
from mockserver.signing import Scheme
from mockserver.storage.state import State
from mockserver.webhooks.deliveries.attempt_maker import AttemptMaker, Letter
from mockserver.webhooks.deliveries.history import History
from mockserver.webhooks.deliveries.queue import Job
from mockserver.webhooks.deliveries.request_builder import NO_FAULT

if TYPE_CHECKING:
    from mockserver.webhooks.deliveries.sender import Sender


class Attempts:
    """The attempts of one mock. `sender` gives the sender of the running event loop."""

    def __init__(  # noqa: PLR0913, PLR0917 (all that it works with, made once by the service)
        self,
        settings: Settings,
        clock: Clock,
        ids: Ids,
        state: State,
        history: History,
        sender: "Callable[[], Awaitable[Sender]]",
        scheme: Scheme = Scheme.VENDOR,
    ) -> None:
        self._state = state
        self._history = history
        self._maker = AttemptMaker(settings, clock, ids, sender, lambda: history.is_full, scheme)

    async def perform(self, job: Job) -> float | None:
        """Make the next attempt of a delivery. Returns when to retry, on the mock's clock; None if it is finished."""
        entry, index = self._history.entry(job.number), job.recipient
        if entry is None:
            return None
        recipient = entry.recipients[index]
        find = partial(self._state.subscription, recipient.store_code, recipient.subscription_id)
        letter = Letter(job.number, entry.payload, find, entry.faults.get(index, NO_FAULT), form=entry.event.form)
        delivery = await self._maker.next(self._history.at(entry, index), letter)
        self._history.put(entry, index, delivery)
        return delivery.retry_at

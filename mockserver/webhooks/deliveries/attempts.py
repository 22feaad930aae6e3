"""The attempts of the deliveries that one mock alone has queued: each is made, and its outcome remembered."""

from functools import partial

from mockserver.storage.state import State
from mockserver.webhooks.deliveries.attempt_maker import AttemptMaker, Letter
from mockserver.webhooks.deliveries.history import History
from mockserver.webhooks.deliveries.queue import Job
from mockserver.webhooks.deliveries.request_builder import NO_FAULT


class Attempts:
    """The attempts of one mock, by its maker of attempts."""

    def __init__(self, state: State, history: History, maker: AttemptMaker) -> None:
        self._state = state
        self._history = history
        self._maker = maker

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

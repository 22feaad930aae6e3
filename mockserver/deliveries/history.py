"""What is remembered of deliveries: all that are under way, and the last ones that are finished.

A delivery of which nothing is known yet but its event and its recipient costs a few bytes: its record is made when
somebody asks, or when there is something to say. Its id is `EVENT-PLACE`, such as `17-2` for the second recipient of
event 17.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mockserver.clock import Ids
from mockserver.deliveries.outgoing import DeliveryFault
from mockserver.deliveries.stages import Delivery, Message, Status
from mockserver.events import Event
from mockserver.model import Subscription
from mockserver.table import Page

LONGEST_ID = 40  # characters of an id that may be one of ours
SIZE = 1_000  # finished deliveries that are remembered
COALESCE = 0.01  # seconds; changes in between are noticed together


class Case:
    """An event with its recipients; `tail` is what their payloads share. `stages` has what became of each delivery:
    None if nothing yet, False if it is forgotten. `revision` is that of the last change."""

    __slots__ = ("event", "faults", "forgotten", "recipients", "revision", "stages", "tail")

    def __init__(self, event: Event, recipients: Sequence[Subscription]) -> None:
        self.event, self.recipients = event, recipients
        self.stages: list[Delivery | bool | None] = [None] * len(recipients)
        self.tail = b""
        self.faults: dict[int, DeliveryFault] = {}
        self.forgotten = 0
        self.revision = 0


class History:
    """The deliveries of one mock, oldest first.

    `forgotten` counts those that had to go. `revision` counts the changes, and never goes back; `emptied` is the one at
    which everything was forgotten.
    """

    def __init__(self, ids: Ids, size: int = SIZE) -> None:
        self._ids = ids
        self._size = size
        self._cases: dict[int, Case] = {}
        self._finished: deque[tuple[int, int]] = deque()
        self._changes: set[asyncio.Event] = set()
        self.forgotten = 0
        self.revision = 0
        self.emptied = 0

    def open(self, event: Event, recipients: Sequence[Subscription]) -> Case:
        """Begin a case: all of its deliveries are pending."""
        case = self._cases[event.number] = Case(event, recipients)
        self._changed(case)
        return case

    def case(self, number: int) -> Case | None:
        """The case of an event, as long as one of its deliveries is remembered."""
        return self._cases.get(number)

    def at(self, case: Case, place: int) -> Delivery:
        """One delivery of a case."""
        stage = case.stages[place]
        return Delivery("pending", self._message(case, place)) if stage is None or isinstance(stage, bool) else stage

    def message_id(self, case: Case, place: int) -> str:
        """What tells one delivery from another: each subscription gets an id of its own (assumption A72)."""
        return self._ids.derived("message", case.event.number, case.recipients[place].subscription_id)

    def put(self, case: Case, place: int, delivery: Delivery) -> None:
        """Remember the stage of a delivery. Too many finished ones push out the oldest."""
        case.stages[place] = delivery
        if delivery.is_finished:
            self._finished.append((case.event.number, place))
            if len(self._finished) > self._size:
                self._forget(*self._finished.popleft())
        self._changed(case)

    def reopen(self, case: Case, place: int) -> None:
        """A finished delivery is pending again; its attempts stay."""
        before = self.at(case, place)
        self._finished.remove((case.event.number, place))
        self.put(case, place, Delivery("pending", before.message, before.attempts))

    def find(self, delivery_id: str) -> tuple[Case, int] | None:
        """Where a delivery is, if it is remembered."""
        number, _, place = delivery_id.partition("-")
        if not (number + place).isdecimal() or not (number + place).isascii() or len(delivery_id) > LONGEST_ID:
            return None
        case = self._cases.get(int(number or 0))
        index = int(place or 0) - 1
        if case is None or not 0 <= index < len(case.stages) or case.stages[index] is False:
            return None
        return case, index

    def page(self, filters: Mapping[str, Any], offset: int, limit: int) -> Page[Delivery]:
        """Some deliveries. `filters` has values by the names in FILTERS. Raises KeyError for another name."""
        total = sum(len(case.stages) - case.forgotten for case in self._cases.values())
        if not filters:
            return Page([self.at(*spot) for spot in islice(self._all(), offset, offset + limit)], total, total)
        matching = [spot for spot in self._all() if self._matches(*spot, filters)]
        return Page([self.at(*spot) for spot in matching[offset : offset + limit]], total, len(matching))

    def count(self, filters: Mapping[str, Any]) -> int:
        """How many deliveries match."""
        return sum(self._matches(*spot, filters) for spot in self._all())

    async def wait(self, filters: Mapping[str, Any], at_least: int, seconds: float) -> int:
        """Wait until so many match, or for so many real seconds; returns how many do."""
        changed = asyncio.Event()
        self._changes.add(changed)
        try:
            await asyncio.wait_for(self._enough(filters, at_least, changed), seconds)
        except TimeoutError:
            pass
        finally:
            self._changes.discard(changed)
        return self.count(filters)

    async def _enough(self, filters: Mapping[str, Any], at_least: int, changed: asyncio.Event) -> None:
        while self.count(filters) < at_least:
            await changed.wait()
            await asyncio.sleep(COALESCE)
            changed.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._cases.clear()
        self._finished.clear()
        self.forgotten = 0
        self.revision += 1
        self.emptied = self.revision
        self._notify()

    def _all(self) -> Iterator[tuple[Case, int]]:
        for case in self._cases.values():
            for place, stage in enumerate(case.stages):
                if stage is not False:
                    yield case, place

    def _matches(self, case: Case, place: int, filters: Mapping[str, Any]) -> bool:
        return all(FILTERS[name](self, case, place, value) for name, value in filters.items())

    def _message(self, case: Case, place: int) -> Message:
        event, recipient = case.event, case.recipients[place]
        return Message(
            delivery_id=f"{event.number}-{place + 1}",
            message_id=self.message_id(case, place),
            event_name=event.event_name,
            store_code=event.store_code,
            subscription_id=recipient.subscription_id,
            url=recipient.destination.url,
            created_at=event.created_at,
            data=event.data,
        )

    def _forget(self, number: int, place: int) -> None:
        case = self._cases[number]
        case.stages[place] = False
        case.forgotten += 1
        self.forgotten += 1
        if case.forgotten == len(case.stages):
            del self._cases[number]

    def _changed(self, case: Case) -> None:
        self.revision += 1
        case.revision = self.revision
        self._notify()

    def _notify(self) -> None:
        for change in self._changes:
            change.set()


def _status(case: Case, place: int) -> Status:
    stage = case.stages[place]
    return "pending" if stage is None or isinstance(stage, bool) else stage.status


# What one can filter by, in the words of `Delivery.as_json`, and by what was changed lately.
FILTERS: dict[str, Callable[[History, Case, int, Any], bool]] = {
    "deliveryId": lambda _, case, place, value: f"{case.event.number}-{place + 1}" == value,
    "messageId": lambda history, case, place, value: history.message_id(case, place) == value,
    "eventName": lambda _, case, _place, value: case.event.event_name == value,
    "storeCode": lambda _, case, _place, value: case.event.store_code == value,
    "subscriptionId": lambda _, case, place, value: case.recipients[place].subscription_id == value,
    "url": lambda _, case, place, value: case.recipients[place].destination.url == value,
    "status": lambda _, case, place, value: _status(case, place) == value,
    "changedSince": lambda _, case, _place, value: case.revision > value,
}

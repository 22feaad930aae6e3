"""What is remembered of deliveries: all that are under way, and the last ones that are finished.

A delivery of which nothing is known yet but its event and its recipient costs a few bytes: its record is made when
somebody asks, or when there is something to say. Its id is `EVENT-PLACE`, such as `17-2` for the second recipient of
event 17.
"""

import asyncio
import math
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import compress, islice
from typing import Any, Final

from mockserver.clock import Ids
from mockserver.storage.model import Subscription
from mockserver.storage.table import Page
from mockserver.turns import at_once, in_turns
from mockserver.webhooks.deliveries.records import Delivery, Message
from mockserver.webhooks.deliveries.request_builder import DeliveryFault
from mockserver.webhooks.events import Event, Text, enveloped

LONGEST_ID = 40  # characters of an id that may be one of ours
SIZE = 1_000  # finished deliveries that are remembered
MOST_BYTES = 16 * 1024 * 1024  # of what they have sent and received; fewer are remembered if they are large
MOST_HELD = 256 * 1024 * 1024  # bytes of data, and of what those that aren't finished have sent and received
COALESCE = 0.01  # seconds; changes in between are noticed together
REST = 9  # times as long as it took to look, a waiter rests: it gets a tenth of the time

# What can be asked for, in the words of `Delivery.as_json`, and what was changed lately.
FILTERS: Final = frozenset(
    {"deliveryId", "messageId", "eventName", "storeCode", "subscriptionId", "url", "status", "changedSince"}
)
_STATES = {status: code for code, status in enumerate(("pending", "attempted", "delivered", "failed", "blocked"))}
_FORGOTTEN, _NO_STATE = 254, 255


class Case:
    """An event with its recipients; `text` is its data, which their payloads share: None if it isn't ready, or isn't
    valid. `states` has one status byte for each recipient, `told` the materialised record of those that have one.
    `revision` is that of the last change."""

    __slots__ = ("event", "faults", "forgotten", "head", "recipients", "revision", "states", "text", "told")

    def __init__(self, event: Event, recipients: Sequence[Subscription]) -> None:
        self.event, self.recipients = event, recipients
        self.states = bytearray(len(recipients))
        self.told: dict[int, Delivery] = {}
        self.head = b""
        self.text: Text | None = None
        self.faults: dict[int, DeliveryFault] = {}
        self.forgotten = 0
        self.revision = 0

    @property
    def size(self) -> int:
        """How many bytes its data has as text."""
        return len(self.text.content) if self.text else 0

    def payload(self, message_id: str, request_id: str) -> bytes:
        """The payload of one attempt, of a case that has a text."""
        return enveloped(message_id, request_id, self.head, self.text.content if self.text else b"null")


class History:
    """The deliveries of one mock, oldest first.

    `forgotten` counts those that had to go. `revision` counts the changes, and never goes back; `emptied` is the one at
    which everything was forgotten.
    """

    def __init__(self, ids: Ids, size: int = SIZE) -> None:
        self.most_held = MOST_HELD
        self._ids = ids
        self._size = size
        self._cases: dict[int, Case] = {}
        self._finished: dict[tuple[int, int], int] = {}  # how large they are, the oldest first
        self._bytes = self._held = 0
        self._by_message: dict[str, tuple[int, int]] = {}  # of the ids that somebody may have seen
        self._changes: set[asyncio.Event] = set()
        self._one_waiter = asyncio.Lock()
        self._total = 0
        self.forgotten = 0
        self.revision = 0
        self.emptied = 0

    def open(self, event: Event, recipients: Sequence[Subscription]) -> Case:
        """Begin a case: all of its deliveries are pending."""
        case = self._cases[event.number] = Case(event, recipients)
        self._total += len(recipients)
        self._changed(case)
        return case

    @property
    def is_full(self) -> bool:
        """Whether so much is held that no delivery should begin, nor be repeated."""
        return self._held > self.most_held

    def hold(self, case: Case, text: Text | None) -> None:
        """Keep the data of a case as text, and no longer in any other form."""
        if text is not None:
            self._held += 0 if text.users else len(text.content)
            text.users += 1
            case.head = case.event.head()
        case.text, case.event = text, case.event._replace(data=None)

    def case(self, number: int) -> Case | None:
        """The case of an event, as long as one of its deliveries is remembered."""
        return self._cases.get(number)

    def at(self, case: Case, place: int) -> Delivery:
        """One delivery of a case."""
        return case.told.get(place) or Delivery("pending", self._message(case, place))

    def message_id(self, case: Case, place: int) -> str:
        """What tells one delivery from another: each subscription gets an id of its own (assumption A72)."""
        return self._ids.derived("message", case.event.number, case.recipients[place].subscription_id)

    def put(self, case: Case, place: int, delivery: Delivery) -> None:
        """Remember the stage of a delivery. Too many finished ones push out the oldest."""
        before = case.told.get(place)
        if before is not None and not before.is_finished:
            self._held -= before.size
        case.states[place] = _STATES[delivery.status]
        case.told[place] = delivery
        if not delivery.is_finished:
            self._held += delivery.size
        else:
            spot, size = (case.event.number, place), delivery.size + case.size
            self._bytes += size - self._finished.pop(spot, 0)
            self._finished[spot] = size
            while len(self._finished) > self._size or (self._bytes > MOST_BYTES and len(self._finished) > 1):
                self._forget(*next(iter(self._finished)))
        self._changed(case)

    def reopen(self, case: Case, place: int) -> None:
        """A finished delivery is pending again; its attempts stay."""
        before = self.at(case, place)
        self._bytes -= self._finished.pop((case.event.number, place))
        self.put(case, place, Delivery("pending", before.message, before.attempts))

    def find(self, delivery_id: str) -> tuple[Case, int] | None:
        """Where a delivery is, if it is remembered."""
        number, _, place = delivery_id.partition("-")
        if not (number + place).isdecimal() or not (number + place).isascii() or len(delivery_id) > LONGEST_ID:
            return None
        case = self._cases.get(int(number or 0))
        index = int(place or 0) - 1
        if case is None or not 0 <= index < len(case.states) or case.states[index] == _FORGOTTEN:
            return None
        return case, index

    def page(self, filters: Mapping[str, Any], offset: int, limit: int) -> Page[Delivery]:
        """Some deliveries. `filters` has values by the names in FILTERS. Raises KeyError for another name."""
        return at_once(self._look(filters, offset, limit))

    async def listing(
        self, filters: Mapping[str, Any], offset: int, limit: int, enough: float = math.inf
    ) -> Page[Delivery]:
        """The same, while others have their turns. It stops to count when there are enough."""
        return await in_turns(self._look(filters, offset, limit, enough))

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
        return await self._counted(filters, math.inf)

    async def _counted(self, filters: Mapping[str, Any], enough: float) -> int:
        """How many match. Of those who wait one looks at a time: a change wakes all of them together."""
        async with self._one_waiter:
            return (await self.listing(filters, 0, 0, enough)).filtered

    async def _enough(self, filters: Mapping[str, Any], at_least: int, changed: asyncio.Event) -> None:
        began = time.perf_counter()
        while await self._counted(filters, at_least) < at_least:
            took = time.perf_counter() - began
            await changed.wait()
            await asyncio.sleep(max(COALESCE, REST * took))
            changed.clear()
            began = time.perf_counter()

    def _look(
        self, filters: Mapping[str, Any], offset: int, limit: int, enough: float = math.inf
    ) -> Generator[None, None, Page[Delivery]]:
        """Look through the cases, and let go after each."""
        wanted, rows, count = _Wanted(filters), list[Delivery](), 0
        if wanted.names_one:
            spot = self._named(filters)
            fits = spot is not None and wanted.fits(*spot)
            return Page([self.at(*spot)] if spot and fits and limit and not offset else [], self._total, int(fits))
        for case in tuple(self._cases.values()):
            here = wanted.count(case)
            first = max(offset - count, 0)
            if first < here and len(rows) < limit:
                places = islice(wanted.places(case), first, first + limit - len(rows))
                rows += [self.at(case, place) for place in places]
            count += here
            if count >= enough or (not filters and len(rows) == limit):
                break
            yield
        return Page(rows, self._total, count if filters else self._total)

    def _named(self, filters: Mapping[str, Any]) -> tuple[Case, int] | None:
        """Where the delivery is that is named by its id, by that of its message, or by both."""
        spots = [self.find(filters["deliveryId"])] if "deliveryId" in filters else []
        if "messageId" in filters:
            number, place = self._by_message.get(filters["messageId"], (0, 0))
            spots.append(self.find(f"{number}-{place + 1}"))
        return spots[0] if spots[0] == spots[-1] else None

    def clear(self) -> None:
        """Forget everything."""
        self._cases.clear()
        self._finished.clear()
        self._by_message.clear()
        self._total = self._bytes = self._held = self.forgotten = 0
        self.revision += 1
        self.emptied = self.revision
        self._notify()

    def _message(self, case: Case, place: int) -> Message:
        event, recipient = case.event, case.recipients[place]
        message_id = self.message_id(case, place)
        self._by_message[message_id] = (event.number, place)
        return Message(
            delivery_id=f"{event.number}-{place + 1}",
            message_id=message_id,
            event_name=event.event_name,
            store_code=event.store_code,
            subscription_id=recipient.subscription_id,
            url=recipient.destination.url,
            created_at=event.created_at,
        )

    def _forget(self, number: int, place: int) -> None:
        case = self._cases[number]
        self._bytes -= self._finished.pop((number, place))
        self._by_message.pop(case.told.pop(place).message.message_id, None)
        case.states[place] = _FORGOTTEN
        case.forgotten += 1
        self._total -= 1
        self.forgotten += 1
        if case.forgotten == len(case.states):
            del self._cases[number]
            self._release(case)

    def _release(self, case: Case) -> None:
        if case.text is not None:
            case.text.users -= 1
            self._held -= 0 if case.text.users else case.size

    def _changed(self, case: Case) -> None:
        self.revision += 1
        case.revision = self.revision
        self._notify()

    def _notify(self) -> None:
        for change in self._changes:
            change.set()


class _Wanted:
    """Filters, made ready to be held against case after case. Raises KeyError for one that isn't in FILTERS."""

    def __init__(self, filters: Mapping[str, Any]) -> None:
        if unknown := filters.keys() - FILTERS:
            raise KeyError(*unknown)
        self.names_one = not filters.keys().isdisjoint(("deliveryId", "messageId"))
        self._event_name, self._store_code = filters.get("eventName"), filters.get("storeCode")
        self._since = filters.get("changedSince", -1)
        self._subscription_id, self._url = filters.get("subscriptionId"), filters.get("url")
        self._state = _STATES.get(filters["status"], _NO_STATE) if "status" in filters else None
        self._masks: dict[int, tuple[Sequence[Subscription], bytes]] = {}  # by the identity of recipients

    def count(self, case: Case) -> int:
        """How many of its deliveries are wanted: most often told by what compiled code counts."""
        if not self._concerns(case):
            return 0
        states: bytes | bytearray = case.states
        if self._picks:
            states = bytes(compress(states, self._mask(case.recipients)))
        return len(states) - states.count(_FORGOTTEN) if self._state is None else states.count(self._state)

    def places(self, case: Case) -> Iterator[int]:
        """The places of those that are wanted, of a case that has some."""
        everybody = range(len(case.states))
        places = compress(everybody, self._mask(case.recipients)) if self._picks else everybody
        return (place for place in places if self._has(case.states[place]))

    def fits(self, case: Case, place: int) -> bool:
        """Whether a delivery is wanted."""
        return self._concerns(case) and self._takes(case.recipients[place]) and self._has(case.states[place])

    def _concerns(self, case: Case) -> bool:
        """Whether the event is right."""
        return (
            case.revision > self._since
            and self._event_name in (None, case.event.event_name)
            and self._store_code in (None, case.event.store_code)
        )

    @property
    def _picks(self) -> bool:
        return self._subscription_id is not None or self._url is not None

    def _takes(self, recipient: Subscription) -> bool:
        return self._subscription_id in (None, recipient.subscription_id) and self._url in (
            None,
            recipient.destination.url,
        )

    def _has(self, state: int) -> bool:
        return state == self._state if self._state is not None else state != _FORGOTTEN

    def _mask(self, recipients: Sequence[Subscription]) -> bytes:
        """A byte for each recipient, 1 if it is wanted. Events share their recipients as long as nobody subscribes."""
        if id(recipients) not in self._masks:
            self._masks[id(recipients)] = recipients, bytes(map(self._takes, recipients))
        return self._masks[id(recipients)][1]

"""The history of deliveries: all unfinished ones, and the finished ones of late.

A delivery without attempts costs a few bytes: its record is made when somebody reads it, or when it changes. The id of
a delivery is `EVENT-RECIPIENT`, such as `17-2` for the second recipient of event 17.
"""

import asyncio
import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import compress, islice
from time import perf_counter  # noqa: TID251 (the share of real time that a listing may take)
from typing import Any, Final

from mockserver.clock import Ids
from mockserver.observers import Observers
from mockserver.storage.model import Subscription
from mockserver.storage.table import Page
from mockserver.turns import at_once, in_turns
from mockserver.webhooks.deliveries.outcomes import Outcomes
from mockserver.webhooks.deliveries.records import Delivery, Message
from mockserver.webhooks.deliveries.request_builder import DeliveryFault
from mockserver.webhooks.events import Event, SharedContent, enveloped

LONGEST_ID = 40  # characters of an id that may be one of ours
SIZE = 1_000  # finished deliveries that are remembered
MOST_BYTES = 16 * 1024 * 1024  # of what they have sent and received; fewer are remembered if they are large
MOST_HELD = 256 * 1024 * 1024  # bytes of data, and of what those that aren't finished have sent and received
TOO_MUCH_HELD = f"Deliveries that aren't finished hold more than {MOST_HELD // 2**20} MiB."
MOST_OBSERVED = 100  # deliveries of an event that an observer sees before they have changed
COALESCE = 0.01  # seconds; changes in between are noticed together
REST = 9  # times as long as it took to look, a waiter rests: it gets a tenth of the time

# The properties of `Delivery.as_json` that can be filtered by, and the revision after which something changed.
FILTERS: Final = frozenset(
    {"deliveryId", "messageId", "eventName", "storeCode", "subscriptionId", "url", "status", "changedSince"}
)
_STATES = {status: code for code, status in enumerate(("pending", "attempted", "delivered", "failed", "blocked"))}
_ENDED = [_STATES[status] for status in ("delivered", "failed", "blocked")]
_FORGOTTEN, _NO_STATE = 254, 255


class HistoryEntry:
    """An event with its deliveries, one for each of its recipients.

    `content` is the JSON of its data, which all payloads share; None before the fan-out, and if it can't be sent.
    `states` has one status byte for each recipient, `records` the record of those that have one. `revision` is that of
    the last change.
    """

    __slots__ = ("content", "event", "faults", "forgotten", "head", "recipients", "records", "revision", "states")

    def __init__(self, event: Event, recipients: Sequence[Subscription]) -> None:
        self.event, self.recipients = event, recipients
        self.states = bytearray(len(recipients))
        self.records: dict[int, Delivery] = {}
        self.head = b""
        self.content: SharedContent | None = None
        self.faults: dict[int, DeliveryFault] = {}
        self.forgotten = 0
        self.revision = 0

    @property
    def size(self) -> int:
        """The size of the data as JSON, in bytes."""
        return len(self.content.data) if self.content else 0

    def payload(self, message_id: str, request_id: str) -> bytes:
        """The payload of one attempt. The entry has to have its content."""
        return enveloped(message_id, request_id, self.head, self.content.data if self.content else b"null")


class History:
    """The history of one mock, oldest deliveries first.

    `outcomes` counts and logs them. `forgotten` counts the finished deliveries that were dropped. `revision` counts the
    changes and never decreases; `emptied` is the revision of the last `clear`.
    """

    def __init__(self, ids: Ids, size: int = SIZE) -> None:
        self.most_held = MOST_HELD
        self.outcomes = Outcomes()
        self.observers = Observers[[Delivery]]()  # told of each delivery after each of its changes
        self._ids = ids
        self._size = size
        self._entries: dict[int, HistoryEntry] = {}
        self._finished: dict[tuple[int, int], int] = {}  # sizes, the oldest first
        self._bytes = self._held = 0
        self._by_message: dict[str, tuple[int, int]] = {}  # ids that somebody may have seen
        self._waiting = Observers[[]]()  # told of any change
        self._one_waiter = asyncio.Lock()
        self._total = 0
        self.forgotten = 0
        self.revision = 0
        self.emptied = 0

    def open(self, event: Event, recipients: Sequence[Subscription]) -> HistoryEntry:
        """A new entry, all of whose deliveries are pending."""
        entry = self._entries[event.number] = HistoryEntry(event, recipients)
        self._total += len(recipients)
        self._changed(entry)
        if self.observers and len(recipients) <= MOST_OBSERVED:
            for index in range(len(recipients)):
                self.observers.tell(self.at(entry, index))
        return entry

    @property
    def is_full(self) -> bool:
        """Whether unfinished deliveries hold so much that none should begin or be retried."""
        return self._held > self.most_held

    def hold(self, entry: HistoryEntry, content: SharedContent | None) -> None:
        """Keep the data of an entry as JSON only; None if it can't be sent."""
        if content is not None:
            entry.head = entry.event.head()
            self._held += 0 if content.users else len(content.data)
            content.users += 1
        entry.content, entry.event = content, entry.event._replace(data=None)

    def entry(self, number: int) -> HistoryEntry | None:
        """The entry of an event, or None if none of its deliveries is remembered."""
        return self._entries.get(number)

    def at(self, entry: HistoryEntry, index: int) -> Delivery:
        """The delivery of the recipient at an index."""
        return entry.records.get(index) or Delivery("pending", self._message(entry, index))

    def message_id(self, entry: HistoryEntry, index: int) -> str:
        """The message id of a delivery: each subscription gets its own (assumption A72)."""
        return self._ids.derived("message", entry.event.number, entry.recipients[index].subscription_id)

    def put(self, entry: HistoryEntry, index: int, delivery: Delivery) -> None:
        """Remember a delivery as it is now. Where too many are finished, the oldest are forgotten. Of an entry that was
        forgotten, nothing is remembered."""
        if self._entries.get(entry.event.number) is not entry:
            return
        before = entry.records.get(index)
        if before is not None and not before.is_finished:
            self._held -= before.size
        entry.states[index] = _STATES[delivery.status]
        entry.records[index] = delivery
        if not delivery.is_finished:
            self._held += delivery.size
        else:
            position, size = (entry.event.number, index), delivery.size + entry.size
            self._bytes += size - self._finished.pop(position, 0)
            self._finished[position] = size
            while len(self._finished) > self._size or (self._bytes > MOST_BYTES and len(self._finished) > 1):
                self._forget(*next(iter(self._finished)))
        self._changed(entry)
        self.outcomes.add(delivery)
        if self.observers:
            self.observers.tell(delivery)

    def reopen(self, entry: HistoryEntry, index: int) -> None:
        """Make a finished delivery pending again; its attempts stay."""
        before = self.at(entry, index)
        self._bytes -= self._finished.pop((entry.event.number, index))
        self.put(entry, index, Delivery("pending", before.message, before.attempts))

    def unfinished(self) -> tuple[int, float | None]:
        """How many deliveries aren't finished, and when the event of the first of them happened."""
        open_ones = (e for e in self._entries.values() if len(e.states) - e.forgotten > _ended(e.states))
        first = next(open_ones, None)
        return self._total - len(self._finished), None if first is None else first.event.created_at

    def find(self, delivery_id: str) -> tuple[HistoryEntry, int] | None:
        """Entry and index of a delivery, or None if it isn't remembered."""
        number, _, nth = delivery_id.partition("-")
        if not (number + nth).isdecimal() or not (number + nth).isascii() or len(delivery_id) > LONGEST_ID:
            return None
        entry = self._entries.get(int(number or 0))
        index = int(nth or 0) - 1
        if entry is None or not 0 <= index < len(entry.states) or entry.states[index] == _FORGOTTEN:
            return None
        return entry, index

    def page(self, filters: Mapping[str, Any], offset: int, limit: int) -> Page[Delivery]:
        """A page of deliveries. `filters` has values by the names in FILTERS. Raises KeyError for another name."""
        return at_once(self._search(filters, offset, limit))

    async def listing(
        self, filters: Mapping[str, Any], offset: int, limit: int, enough: float = math.inf
    ) -> Page[Delivery]:
        """The same as `page`, while other tasks have their turns. It stops counting at `enough`."""
        return await in_turns(self._search(filters, offset, limit, enough))

    async def wait(self, filters: Mapping[str, Any], at_least: int, seconds: float) -> int:
        """Wait until so many match, or for so many real seconds; returns how many do."""
        changed = asyncio.Event()
        self._waiting.add(changed.set)
        try:
            await asyncio.wait_for(self._enough(filters, at_least, changed), seconds)
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(changed.set)
        return await self._counted(filters, math.inf)

    async def _counted(self, filters: Mapping[str, Any], enough: float) -> int:
        """How many match. One waiter counts at a time, as a change wakes all of them together."""
        async with self._one_waiter:
            return (await self.listing(filters, 0, 0, enough)).filtered

    async def _enough(self, filters: Mapping[str, Any], at_least: int, changed: asyncio.Event) -> None:
        began = perf_counter()
        while await self._counted(filters, at_least) < at_least:
            took = perf_counter() - began
            await changed.wait()
            await asyncio.sleep(max(COALESCE, REST * took))
            changed.clear()
            began = perf_counter()

    def _search(
        self, filters: Mapping[str, Any], offset: int, limit: int, enough: float = math.inf
    ) -> Generator[None, None, Page[Delivery]]:
        """Search the entries; other tasks may have their turn after each."""
        wanted, rows, count = _Filter(filters), list[Delivery](), 0
        if wanted.names_one:
            position = self._named(filters)
            matches = position is not None and wanted.matches(*position)
            return Page(
                [self.at(*position)] if position and matches and limit and not offset else [], self._total, int(matches)
            )
        for entry in tuple(self._entries.values()):
            here = wanted.count(entry)
            first = max(offset - count, 0)
            if first < here and len(rows) < limit:
                indexes = islice(wanted.indexes(entry), first, first + limit - len(rows))
                rows += [self.at(entry, index) for index in indexes]
            count += here
            if count >= enough or (not filters and len(rows) == limit):
                break
            yield
        return Page(rows, self._total, count if filters else self._total)

    def _named(self, filters: Mapping[str, Any]) -> tuple[HistoryEntry, int] | None:
        """Entry and index of the delivery with this delivery id, message id, or both."""
        found = [self.find(filters["deliveryId"])] if "deliveryId" in filters else []
        if "messageId" in filters:
            number, index = self._by_message.get(filters["messageId"], (0, 0))
            found.append(self.find(f"{number}-{index + 1}"))
        return found[0] if found[0] == found[-1] else None

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._finished.clear()
        self._by_message.clear()
        self._total = self._bytes = self._held = self.forgotten = 0
        self.revision += 1
        self.emptied = self.revision
        self._waiting.tell()

    def clear_store(self, store_code: str) -> None:
        """Forget the deliveries of a store; one that is under way is sent, and not remembered."""
        gone = [entry for entry in self._entries.values() if entry.event.store_code == store_code]
        for entry in gone:
            self._drop(entry)
        self._by_message = {name: place for name, place in self._by_message.items() if place[0] in self._entries}
        self.revision += 1
        self._waiting.tell()

    def _drop(self, entry: HistoryEntry) -> None:
        number = entry.event.number
        del self._entries[number]
        self._total -= len(entry.states) - entry.forgotten
        self._bytes -= sum(self._finished.pop((number, index), 0) for index in entry.records)
        self._held -= sum(record.size for record in entry.records.values() if not record.is_finished)
        self._release(entry)

    def _message(self, entry: HistoryEntry, index: int) -> Message:
        event, recipient = entry.event, entry.recipients[index]
        message_id = self.message_id(entry, index)
        self._by_message[message_id] = (event.number, index)
        return Message(
            delivery_id=f"{event.number}-{index + 1}",
            message_id=message_id,
            event_name=event.event_name,
            store_code=event.store_code,
            subscription_id=recipient.subscription_id,
            url=recipient.destination.url,
            created_at=event.created_at,
        )

    def _forget(self, number: int, index: int) -> None:
        entry = self._entries[number]
        self._bytes -= self._finished.pop((number, index))
        self._by_message.pop(entry.records.pop(index).message.message_id, None)
        entry.states[index] = _FORGOTTEN
        entry.forgotten += 1
        self._total -= 1
        self.forgotten += 1
        if entry.forgotten == len(entry.states):
            del self._entries[number]
            self._release(entry)

    def _release(self, entry: HistoryEntry) -> None:
        if entry.content is not None:
            entry.content.users -= 1
            self._held -= 0 if entry.content.users else entry.size

    def _changed(self, entry: HistoryEntry) -> None:
        self.revision += 1
        entry.revision = self.revision
        self._waiting.tell()


def _ended(states: bytearray) -> int:
    """How many of these deliveries are finished, and not forgotten."""
    return sum(map(states.count, _ENDED))


class _Filter:
    """A compiled filter of deliveries. Raises KeyError for a name that isn't in FILTERS."""

    def __init__(self, filters: Mapping[str, Any]) -> None:
        if unknown := filters.keys() - FILTERS:
            raise KeyError(*unknown)
        self.names_one = not filters.keys().isdisjoint(("deliveryId", "messageId"))
        self._event_name, self._store_code = filters.get("eventName"), filters.get("storeCode")
        self._since = filters.get("changedSince", -1)
        self._subscription_id, self._url = filters.get("subscriptionId"), filters.get("url")
        self._state = _STATES.get(filters["status"], _NO_STATE) if "status" in filters else None
        self._masks: dict[int, tuple[Sequence[Subscription], bytes]] = {}  # by the identity of recipients

    def count(self, entry: HistoryEntry) -> int:
        """How many deliveries of an entry match. Most often compiled code does the counting."""
        if not self._matches_event(entry):
            return 0
        states: bytes | bytearray = entry.states
        if self._has_recipient_filter:
            states = bytes(compress(states, self._mask(entry.recipients)))
        return len(states) - states.count(_FORGOTTEN) if self._state is None else states.count(self._state)

    def indexes(self, entry: HistoryEntry) -> Iterator[int]:
        """The indexes of the deliveries that match, in an entry that has some."""
        all_places = range(len(entry.states))
        indexes = compress(all_places, self._mask(entry.recipients)) if self._has_recipient_filter else all_places
        return (index for index in indexes if self._matches_state(entry.states[index]))

    def matches(self, entry: HistoryEntry, index: int) -> bool:
        """Whether a delivery matches."""
        return (
            self._matches_event(entry)
            and self._matches_recipient(entry.recipients[index])
            and self._matches_state(entry.states[index])
        )

    def _matches_event(self, entry: HistoryEntry) -> bool:
        """Whether the event matches."""
        return (
            entry.revision > self._since
            and self._event_name in (None, entry.event.event_name)
            and self._store_code in (None, entry.event.store_code)
        )

    @property
    def _has_recipient_filter(self) -> bool:
        return self._subscription_id is not None or self._url is not None

    def _matches_recipient(self, recipient: Subscription) -> bool:
        return self._subscription_id in (None, recipient.subscription_id) and self._url in (
            None,
            recipient.destination.url,
        )

    def _matches_state(self, state: int) -> bool:
        return state == self._state if self._state is not None else state != _FORGOTTEN

    def _mask(self, recipients: Sequence[Subscription]) -> bytes:
        """A byte for each recipient, 1 if it matches. Events share their recipients as long as nobody subscribes."""
        if id(recipients) not in self._masks:
            self._masks[id(recipients)] = recipients, bytes(map(self._matches_recipient, recipients))
        return self._masks[id(recipients)][1]

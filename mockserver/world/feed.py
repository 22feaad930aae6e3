"""Feed: what happens in the mock, for those who watch it as it happens. While nobody does, nothing is kept of it.

All listeners read from one ring: a slow one costs no memory, and is told that it has missed something. Of what tells
how something is now (STATES) a newer happening takes the place of the older one: nothing is missed with that.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, Literal, NamedTuple

from mockserver.clock import Clock, Ids
from mockserver.errors import TooManyListeners
from mockserver.webhooks.deliveries import Deliveries, Delivery
from mockserver.world.faults import FaultRules
from mockserver.world.journal import LONGEST_HEAD, Journal

KEPT = 1_000  # happenings
MOST_BYTES = 8 * 1024 * 1024  # of what is kept; fewer are kept if they are large
MOST_LISTENERS = 32
LONGEST_NUMBER = 15  # digits
EPOCH_DIGITS = 16  # hexadecimal
LINGER = 60.0  # real seconds after the last listener has left, in which another one can go on where that ended

Kind = Literal["request", "delivery", "clock", "faults", "reset"]
STATES: frozenset[Kind] = frozenset({"clock", "faults"})  # described as they are when somebody reads of them


class Happening(NamedTuple):
    """Something that has happened. `describe` makes its JSON object, of about so many bytes, for who reads it; of a
    request the JournalEntry."""

    number: int
    kind: Kind
    describe: Callable[[], Any]
    size: int

    @property
    def kept_size(self) -> int:
        """How many bytes are kept with it: of a state none."""
        return 0 if self.kind in STATES else self.size


def _by_chance() -> str:
    """A name that no two runs share, whatever their seed."""
    return Ids.from_chance().hex(EPOCH_DIGITS)


class Feed:
    """The feed of one mock, for one event loop; `publish` may be called in any thread.

    Happenings are numbered. The id of one is `EPOCH-NUMBER`; the epoch tells two mocks apart that follow each other at
    one address. It comes from `new_epoch`, by default from chance: neither from the mock's clock nor from its seed,
    which may be the same in two runs.
    """

    def __init__(self, clock: Clock, new_epoch: Callable[[], str] = _by_chance) -> None:
        self.is_open = False
        self._clock = clock
        self._new_epoch = new_epoch
        self._start_sources: Callable[[], None] = lambda: None
        self._stop_sources: Callable[[], None] = lambda: None
        self._epoch = ""
        self._number = 0
        self._bytes = 0
        self._kept: deque[Happening] = deque()
        self._states: dict[Kind, int] = {}  # the numbers of the last ones
        self._lock = threading.Lock()
        self._listeners: set[FeedReader] = set()
        self._closing: asyncio.TimerHandle | None = None

    def follow(self, faults: FaultRules, deliveries: Deliveries, journal: Journal) -> None:
        """Publish, while somebody listens, what these and the clock do."""

        def delivery(changed: Delivery) -> None:
            self.publish("delivery", changed.as_json, changed.size)

        def request() -> None:
            entry = journal.latest
            if entry is not None:
                size = LONGEST_HEAD + len(entry.request.body or b"") + len(entry.response_body)
                self.publish("request", lambda: entry, size)

        def changed_faults() -> None:
            self.publish("faults", faults.shown, faults.size)

        def clock() -> None:
            self.publish("clock", self._clock.shown)

        def start() -> None:
            self._clock.observers.add(clock)
            faults.observers.add(changed_faults)
            journal.observers.add(request)
            deliveries.observers.add(delivery)

        def stop() -> None:
            self._clock.observers.discard(clock)
            faults.observers.discard(changed_faults)
            journal.observers.discard(request)
            deliveries.observers.discard(delivery)

        self._start_sources, self._stop_sources = start, stop

    def publish(self, kind: Kind, describe: Callable[[], Any], size: int = 0) -> None:
        """Tell all listeners. `size` is about how many bytes it has. Without listeners it does nothing."""
        if not self.is_open:
            return
        with self._lock:
            self._number += 1
            self._kept.append(Happening(self._number, kind, describe, size))
            self._bytes += self._kept[-1].kept_size
            if kind in STATES:
                self._states[kind] = self._number
            while len(self._kept) > KEPT or (self._bytes > MOST_BYTES and len(self._kept) > 1):
                self._bytes -= self._kept.popleft().kept_size
        for listener in tuple(self._listeners):
            listener.wake()

    def listen(self, last_id: str | None = None) -> "FeedReader":
        """A listener to what happens from now on, or after the happening of this id. It has to be closed.

        Raises TooManyListeners.
        """
        if len(self._listeners) >= MOST_LISTENERS:
            raise TooManyListeners
        if self._closing:
            self._closing.cancel()
            self._closing = None
        self._epoch = self._epoch or self._new_epoch()
        if not self.is_open:
            self.is_open = True
            self._start_sources()
        listener = FeedReader(self, self._number if last_id is None else self._number_of(last_id))
        self._listeners.add(listener)
        return listener

    def id_of(self, number: int) -> str:
        """The id of a happening."""
        return f"{self._epoch}-{number}"

    @property
    def last(self) -> int:
        """The number of the last happening."""
        return self._number

    def after(self, number: int) -> tuple[bool, Iterator[Happening]]:
        """Whether some of the happenings after this one aren't kept, and those that are, without outdated states."""
        with self._lock:
            kept, states, last = tuple(self._kept), dict(self._states), self._number
        first = kept[0].number if kept else last + 1
        news = islice(kept, max(number + 1 - first, 0), None)
        return number + 1 < first, (one for one in news if states.get(one.kind, one.number) == one.number)

    def leave(self, listener: "FeedReader") -> None:
        """Forget a listener; after the last one everything, once LINGER is over."""
        self._listeners.discard(listener)
        if not self._listeners and self.is_open and not self._closing:
            self._closing = asyncio.get_running_loop().call_later(LINGER, self._close)

    def end(self) -> None:
        """End all listeners, as the mock ends."""
        for listener in tuple(self._listeners):
            listener.close()
        if self._closing:
            self._closing.cancel()
        self._close()

    def _close(self) -> None:
        self._closing, self._bytes = None, 0
        self._kept.clear()
        self.is_open = False
        self._stop_sources()
        self._number += 1  # for all that nobody counts from here on: who comes back has missed something

    def _number_of(self, last_id: str) -> int:
        """The number in an id of ours; -1, which was missed for sure, for any other text."""
        epoch, _, number = last_id.partition("-")
        is_ours = epoch == self._epoch and number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER
        return int(number) if is_ours and int(number) <= self._number else -1


class FeedReader:
    """One reader of the feed."""

    def __init__(self, feed: Feed, number: int) -> None:
        self._feed, self._number = feed, number
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self.is_closed = False

    @property
    def has_news(self) -> bool:
        """Whether there is something to take."""
        return self._feed.last > self._number

    async def wait(self, seconds: float) -> None:
        """Wait until there are news, the listener is closed, or so many real seconds are over."""
        self._news.clear()
        if not (self.has_news or self.is_closed):
            late = self._loop.call_later(seconds, self._news.set)
            try:
                await self._news.wait()
            finally:
                late.cancel()

    def take(self, most: int, most_bytes: int = MOST_BYTES) -> tuple[bool, list[tuple[str, Happening]]]:
        """Whether something was missed, and what has happened since the last call with its ids: at most so much, and of
        so many bytes, but for a single one."""
        taken: list[Happening] = []
        missed, news = self._feed.after(self._number)
        for happening in islice(news, most):
            most_bytes -= happening.size
            if taken and most_bytes < 0:
                break
            taken.append(happening)
        if taken or missed:
            self._number = taken[-1].number if taken else self._feed.last
        return missed, [(self._feed.id_of(happening.number), happening) for happening in taken]

    @property
    def last_id(self) -> str:
        """The id after which the listener goes on."""
        return self._feed.id_of(self._number)

    def wake(self) -> None:
        """Tell of news, in any thread."""
        if not self._news.is_set():
            with suppress(RuntimeError):  # its loop has ended
                self._loop.call_soon_threadsafe(self._news.set)

    def close(self) -> None:
        """Leave. May be repeated."""
        if not self.is_closed:
            self.is_closed = True
            self._news.set()
            self._feed.leave(self)

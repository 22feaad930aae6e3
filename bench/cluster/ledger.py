"""The ledger of a run: what was answered, what arrived at receivers, and what is wrong with it.

Each event has the name of its writer and a number. A writer waits for an answer before it sends its next request, so
the events of one writer have an order, and each subscription has to get them in it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_ATTEMPTS = 2  # of a delivery: it is repeated once
SUCCESSES = range(200, 300)


class Event(NamedTuple):
    """One event: who caused it, and the number that it has there."""

    writer: str
    number: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request at a receiver: the subscription, the event, the id of the attempt, when, and what was answered."""

    lane: str
    event: Event
    request_id: str
    at: float
    status: int


class Disorder(NamedTuple):
    """A delivery that came when it should not have come: which, and why."""

    lane: str
    event: Event
    why: str


@dataclass
class Ledger:
    """What was asked, answered and delivered. Moments are those of one monotonic clock."""

    answered: dict[Event, float] = field(default_factory=dict)  # when each was answered with success
    unanswered: Counter[str] = field(default_factory=Counter)  # requests without a success, by what came instead
    arrivals: list[Arrival] = field(default_factory=list)  # in the order in which they came
    _reached: dict[str, set[Event]] = field(default_factory=lambda: defaultdict(set))  # by lane
    _confirmed: dict[str, set[Event]] = field(default_factory=lambda: defaultdict(set))  # by lane

    def add(self, arrival: Arrival) -> None:
        """Note what came."""
        self.arrivals.append(arrival)
        self._reached[arrival.lane].add(arrival.event)
        if arrival.status in SUCCESSES:
            self._confirmed[arrival.lane].add(arrival.event)

    def lag(self, lanes: Sequence[str]) -> int:
        """How many events the slowest of these lanes is behind."""
        return len(self.answered) - min(len(self._reached[lane]) for lane in lanes)

    def missing(self, lanes: Sequence[str]) -> list[tuple[str, Event]]:
        """The deliveries of answered events that no receiver has confirmed."""
        return [(lane, event) for lane in lanes for event in self.answered.keys() - self._confirmed[lane]]

    def never_came(self, lanes: Sequence[str]) -> list[tuple[str, Event]]:
        """The deliveries of answered events that didn't arrive at all."""
        return [(lane, event) for lane in lanes for event in self.answered.keys() - self._reached[lane]]

    def sent_twice(self) -> int:
        """How many requests were repeated though their attempt had come already."""
        attempts = Counter((one.lane, one.event, one.request_id) for one in self.arrivals)
        return sum(times - 1 for times in attempts.values())

    def disorders(self) -> list[Disorder]:
        """What came before its predecessor, or before that was repeated. Events that weren't answered have no order:
        nobody knows when they happened."""
        found: list[Disorder] = []
        latest: dict[tuple[str, str], Event] = {}
        attempts: dict[tuple[str, Event], dict[str, int]] = defaultdict(dict)
        for one in self.arrivals:
            if one.event not in self.answered:
                continue
            before = latest.get((one.lane, one.event.writer))
            if before and one.event.number < before.number:
                found.append(Disorder(one.lane, one.event, f"after {before.number}"))
            elif before and one.event != before and not _is_over(attempts[one.lane, before]):
                found.append(Disorder(one.lane, one.event, f"before {before.number} was repeated"))
            attempts[one.lane, one.event][one.request_id] = one.status
            latest[one.lane, one.event.writer] = max(before or one.event, one.event, key=lambda event: event.number)
        return found

    def silence(self, lanes: Sequence[str], since: float) -> float | None:
        """Seconds from a moment until each lane had got something again; None if one has got nothing yet."""
        first: dict[str, float] = {}
        for one in reversed(self.arrivals):
            if one.at < since:
                break
            first[one.lane] = one.at
        return max(first[lane] for lane in lanes) - since if first.keys() >= set(lanes) else None


def _is_over(attempts: dict[str, int]) -> bool:
    """Whether a delivery with these answers has nothing to repeat."""
    return len(attempts) >= MOST_ATTEMPTS or any(status in SUCCESSES for status in attempts.values())

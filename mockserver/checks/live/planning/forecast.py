"""The forecast of a run: how many requests it sends, in which time.

It counts what the run itself goes by: the names of the scenarios, each with the requests that it takes on an instance
that keeps its promises, and the cases that Schemathesis has for each operation. Then it plays the run, request by
request: what may be on the way at once, what waits for its turn, and what fits into a budget that has to leave enough
for the sweep. The figures are measured: tests/checks/live/planning/test_forecast.py holds them to what a run sends.
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

from mockserver.checks.live.list_reader import ListFilter
from mockserver.checks.transport.rate_limiting import LOGINS_A_MINUTE, MINUTE

USUAL_LATENCY, LATENCY_HERE = 0.05, 0.002  # seconds
WORK, SWEEP_WORK = 0.005, 0.001  # seconds that this machine takes to make and judge an exchange
READS, DELETES = 1, 3  # requests of the sweep for a record that is gone already, and for one that isn't
LISTS = 4  # requests of the sweep beside
MOST_OF_ONE = 4  # requests that come before the next look at what is left: creating a record, and its sweep
WALK = 7  # requests along the links, for each walk
EXTRA = 3  # requests of an operation that needs a credential, to see that it does
_VALID = {"examples": 0.5, "coverage": 0.45, "fuzzing": 0.75}  # share of the cases that could create something
MADE_ON_A_WALK = 0.8


@dataclass(frozen=True)
class Cost:
    """What something takes: requests, those of them that log in or refresh, and records that are created, of which the
    sweep finds some alive."""

    requests: float = 0.0
    logins: float = 0.0
    gone: float = 0.0
    alive: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.requests + other.requests,
            self.logins + other.logins,
            self.gone + other.gone,
            self.alive + other.alive,
        )

    @property
    def sweep(self) -> float:
        """The requests of the sweep."""
        return READS * self.gone + DELETES * self.alive


@dataclass(frozen=True)
class Step:
    """A part of a run that begins when the one before it has ended. Its lanes may go on at the same time, what is in
    one comes one after the other."""

    lanes: tuple[Cost, ...]

    @property
    def cost(self) -> Cost:
        """What all of it takes."""
        return sum(self.lanes, Cost())

    def seconds(self, latency: float, work: float, at_once: int) -> float:
        """Seconds from one request to the next, as answers and this machine allow."""
        everything, longest = self.cost.requests, max(lane.requests for lane in self.lanes)
        side_by_side = min(at_once, everything / longest) if longest else 1.0
        return max((latency + work) / side_by_side, work)


@dataclass(frozen=True)
class Limits:
    """What a run is limited by: `rate` in requests a second, `latency` in seconds, so many requests `at_once`, whether
    the host counts logins, and the budgets. None is no limit."""

    latency: float
    at_once: int = 1
    rate: float | None = None
    counts_logins: bool = False
    most_requests: int | None = None
    most_seconds: float | None = None


@dataclass(frozen=True)
class Forecast:
    """The requests of a run, and how long they take if an answer takes `latency` seconds. `unlimited` are the requests
    that it would send without budgets."""

    requests: int
    seconds: float
    latency: float
    unlimited: int


_SCENARIOS = tuple(
    (re.compile(pattern), cost)
    for pattern, cost in (
        (r"walk: login of", Cost(3, 3)),
        (r"walk: life of", Cost(11, 0, 1)),
        (r"walk: .* that stays", Cost(2)),
        (r"walk: .* by nobody", Cost(1, 1)),
        (r"is created and read|with more in its lists", Cost(8, 0, 1)),
        (r": updated ", Cost(9, 0, 2)),
        (r"of a \w+: deleted", Cost(7, 0, 1)),
        (r"several of a kind", Cost(8, 0, 3)),
        (r"can be deleted", Cost(3, 0, 1)),
        (r"unknown store", Cost(2)),
        (r"other store", Cost(11, 0, 2)),
        (r"life of a", Cost(10, 0, 3)),  # what renews a secret
        (r"list of .*: rows", Cost(6, 0, 6)),
        (r"list of .*: pages", Cost(6)),
        (r"list of .*: (sorted by|filtered by)", Cost(2)),
        (r"list of .*: length of a page", Cost(7, 0, 6)),
        (r"list of .*: done", Cost(12)),
        (r"access: bad passwords", Cost(3, 3)),
        (r"access: refreshing", Cost(6.5, 5.5)),
        (r"access: bad tokens", Cost(9)),
        (r"access: (nobody|a member) at", Cost(1.2, 0, 0, 0.2)),
        (r"access: ", Cost(3, 2)),
        (r"sense: parts of", Cost(3)),
        (r"allowed methods of", Cost(3)),
        (r"residue: ", Cost(4)),
    )
)


def of_scenario(name: str, filters: Iterable[ListFilter] = ()) -> Cost:
    """What a scenario takes; `filters` are those of the list that it is about."""
    for one in filters:
        if name.endswith(f": filtered by {one.parameter.name}"):
            return Cost(_values(one))
    return next((cost for pattern, cost in _SCENARIOS if pattern.search(name)), Cost(1))


def of_cases(phase: str, cases: int, *, makes: bool, takes: bool, issues: bool) -> Cost:
    """What the cases of an operation take in a phase. It `makes` records, or `takes` one of its own for each case."""
    valid = cases * _VALID[phase]
    return Cost(cases + valid * takes, cases * issues, 0, valid * (makes or takes))


def of_walks(walks: int) -> Cost:
    """What walks along the links take."""
    return Cost(walks * WALK, walks * WALK * 0.6, 0, walks * MADE_ON_A_WALK)


def forecast(steps: Sequence[Step], limits: Limits) -> Forecast:
    """The forecast for what a run takes, step by step and sweep, within its budgets."""
    run = _Run(limits)
    for step in steps:
        if not run.takes(step):
            break
    run.sweep()
    everything = sum((step.cost for step in steps), Cost())
    return Forecast(run.sent, run.elapsed, limits.latency, round(everything.requests + everything.sweep + LISTS))


@dataclass
class _Run:
    """A run as it goes on: what was sent, in which time, and what it has made so far."""

    limits: Limits
    sent: int = 0
    elapsed: float = 0.0
    made: Cost = Cost()
    _logins: deque[float] = field(default_factory=lambda: deque(maxlen=LOGINS_A_MINUTE))

    def takes(self, step: Step) -> bool:
        """Send the requests of a step; False if a budget was spent on the way."""
        cost, number = step.cost, round(step.cost.requests)
        pace = self._pace(step.seconds(self.limits.latency, WORK, self.limits.at_once))
        one = Cost(0, 0, cost.gone / number, cost.alive / number) if number else Cost()
        for before, after in pairwise(range(number + 1)):
            if self._is_spent:
                return False
            if int(after * cost.logins / number) > int(before * cost.logins / number) and not self._logs_in():
                return False
            self.sent, self.elapsed, self.made = self.sent + 1, self.elapsed + pace, self.made + one
        return True

    def sweep(self) -> None:
        """Send the requests of the sweep."""
        number = round(self.made.sweep) + LISTS
        self.sent, self.elapsed = self.sent + number, self.elapsed + number * self._pace_of_sweep(SWEEP_WORK)

    def _logs_in(self) -> bool:
        """Wait for the turn of a login; False if it doesn't come in time."""
        if self.limits.counts_logins:
            turn = self._logins[0] + MINUTE if len(self._logins) == LOGINS_A_MINUTE else 0.0
            self.elapsed = max(self.elapsed, min(turn, self._end))
            self._logins.append(self.elapsed)
        return not self._is_spent

    @property
    def _is_spent(self) -> bool:
        """Whether what is left of a budget is for the sweep."""
        most = self.limits.most_requests
        return self.elapsed >= self._end or (most is not None and self.sent + self._reserved >= most)

    @property
    def _end(self) -> float:
        most = self.limits.most_seconds
        return inf if most is None else most - self._reserved * self._pace_of_sweep(0)

    @property
    def _reserved(self) -> float:
        """The requests that a run keeps for the sweep: also for what is on the way."""
        return self.made.sweep + LISTS + MOST_OF_ONE * self.limits.at_once

    def _pace_of_sweep(self, work: float) -> float:
        return self._pace(max((self.limits.latency + work) / self.limits.at_once, work))

    def _pace(self, seconds: float) -> float:
        return max(seconds, 1 / self.limits.rate) if self.limits.rate else seconds


def _values(one: ListFilter) -> int:
    """The number of values that a filter is tried with."""
    if one.operator in ("hasValue", "notHasValue"):
        return 1
    if one.parameter.schema.get("type") == "boolean":
        return 2
    if one.parameter.schema.get("format") == "date-time":
        return 3
    return 7 if one.operator == "like" else 8

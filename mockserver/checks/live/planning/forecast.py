"""The forecast of a run: how many requests it sends, in which time.

It counts what the run itself goes by: the names of the scenarios, each with the requests that it takes on an instance
that keeps its promises, and the cases that Schemathesis has for each operation. Then it plays the run, request by
request: what may be on the way at once, what waits for its turn, and what fits into a budget that has to leave enough
for the sweep. The figures are measured: tests/checks/live/planning/test_forecast.py holds them to what a run sends.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import pairwise
from math import inf

from mockserver.checks.live.list_reader import ListFilter
from mockserver.checks.transport.rate_limiting import LOGINS_A_MINUTE, MINUTE

USUAL_LATENCY, LATENCY_HERE = 0.05, 0.002  # seconds
WORK = 0.003  # seconds that this machine takes to make and judge an exchange; one of a generated case takes longer
WORK_ON_CASES = {"examples": 0.02, "coverage": 0.0035, "fuzzing": 0.008, "stateful": 0.012}
WORK_ON_SWEEP = 0.001
READS, DELETES = 1, 3  # requests of the sweep for a record that is gone already, and for one that isn't
LISTS = 4  # requests of the sweep beside
MOST_OF_ONE = 4  # requests that come before the next look at what is left: creating a record, and its sweep
WALK = 8  # requests along the links, for each walk
EXTRA = 3  # requests of an operation that needs a credential, to see that it does
_VALID = {"examples": 1.0, "coverage": 0.5, "fuzzing": 0.85}  # share of the cases that could create something
MADE_ON_A_WALK = 1.1


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
class PlannedStage:
    """A part of a run that begins when the one before it has ended. Its lanes may go on at the same time, what is in
    one comes one after the other. `work` are the seconds that this machine takes for an exchange."""

    lanes: tuple[Cost, ...]
    work: float = WORK

    @property
    def cost(self) -> Cost:
        """What all of it takes."""
        return sum(self.lanes, Cost())

    def requests(self) -> Iterator[deque[Cost]]:
        """The requests of each lane. What a lane has of a request beside whole ones is left to the next."""
        rest = 0.0
        for lane in self.lanes:
            number = round(rest + lane.requests)
            rest += lane.requests - number
            logins = [int(place * lane.logins / number) for place in range(number + 1)] if number else []
            yield deque(
                Cost(1, after - before, lane.gone / number, lane.alive / number) for before, after in pairwise(logins)
            )


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
        (r"variety of a [\w-]+: updated", Cost(1)),
        (r"variety of a ", Cost(3, 0, 1)),
        (r": updated ", Cost(9, 0, 2)),
        (r"of a \w+: deleted", Cost(7, 0, 1)),
        (r"several of a kind", Cost(9, 0, 3)),
        (r"can be deleted", Cost(5, 0, 1)),
        (r"unknown store", Cost(2)),
        (r"store in other case", Cost(3, 0, 1)),
        (r"other store", Cost(12, 0, 2)),
        (r"life of a", Cost(13, 0, 3)),  # what renews a secret
        (r"list of .*: rows", Cost(6, 0, 6)),
        (r"list of .*: pages", Cost(7)),
        (r"list of .*: (sorted by|filtered by)", Cost(2)),
        (r"list of .*: limits of", Cost(3)),
        (r"list of .*: length of a page", Cost(7, 0, 6)),
        (r"list of .*: done", Cost(12)),
        (r"access: bad passwords", Cost(3, 3)),
        (r"access: refreshing", Cost(7, 6.5)),
        (r"access: bad tokens", Cost(9)),
        (r"access: (nobody|a member) at", Cost(1.2, 0, 0, 0.2)),
        (r"access: a member under another store", Cost(1, 1)),
        (r"access: ", Cost(3, 2)),
        (r"sense: parts of", Cost(3)),
        (r"allowed methods of", Cost(3)),
        (r"residue: .* in two stores", Cost(6)),
        (r"residue: ", Cost(4)),
    )
)


def of_scenario(name: str, filters: Iterable[ListFilter] = ()) -> Cost:
    """What a scenario takes; `filters` are those of the list that it is about."""
    for one in filters:
        if name.endswith(f": filtered by {one.parameter.name}"):
            return Cost(_values(one))
    return next((cost for pattern, cost in _SCENARIOS if pattern.search(name)), Cost(1))


def of_cases(phase: str, cases: int, *, makes: bool, takes: bool, ends: bool) -> Cost:
    """What the cases of an operation take in a phase. It `makes` records, or `takes` one of its own for each case, and
    `ends` it: that it is its own is seen before, by a request that the sweep saves where the record stays."""
    valid = cases * _VALID[phase]
    return Cost(cases + valid * takes + valid * ends, 0, valid * ends, valid * ((makes or takes) and not ends))


def of_walks(walks: int) -> Cost:
    """What walks along the links take."""
    return Cost(walks * WALK, walks * WALK * 0.6, 0, walks * MADE_ON_A_WALK)


def forecast(stages: Sequence[PlannedStage], limits: Limits) -> Forecast:
    """The forecast for what a run takes, stage by stage and sweep, within its budgets."""
    run = _Run(limits)
    is_whole = all(run.takes(stage) for stage in stages)
    run.sweep()
    everything = sum((stage.cost for stage in stages), Cost())
    unlimited = run.sent if is_whole else round(everything.requests + everything.sweep + LISTS)
    return Forecast(run.sent, run.elapsed, limits.latency, max(run.sent, unlimited))


@dataclass
class _Run:
    """A run as it goes on: what was sent, in which time, and what it has made so far."""

    limits: Limits
    sent: int = 0
    elapsed: float = 0.0
    made: Cost = Cost()
    _free_at: float = 0.0  # for the next request
    _busy_until: float = 0.0  # with making and judging, of which there is one at a time
    _logins: deque[float] = field(default_factory=lambda: deque(maxlen=LOGINS_A_MINUTE))

    def takes(self, stage: PlannedStage) -> bool:
        """Send the requests of a stage; False if a budget was spent on the way."""
        lanes = deque(stage.requests())
        going = [(self.elapsed, number, lanes.popleft()) for number in range(min(self.limits.at_once, len(lanes)))]
        while going:
            now, number, lane = heappop(going)
            self.elapsed = max(self.elapsed, min(now, self._end))
            if self._is_spent:
                return False
            if lane:
                heappush(going, (self._next(now, lane, stage.work), number, lane))
            elif lanes:
                heappush(going, (now, number, lanes.popleft()))
        return True

    def _next(self, now: float, lane: deque[Cost], work: float) -> float:
        """The time at which a lane goes on, after the answer to its next request; or when that may log in."""
        request = lane.popleft()
        if request.logins and self.limits.counts_logins:
            turn = self._logins[0] + MINUTE if len(self._logins) == LOGINS_A_MINUTE else now
            self._logins.append(max(turn, now))
            if turn > now:
                lane.appendleft(replace(request, logins=0))
                return turn
        turn = max(now, self._free_at)
        self._free_at = turn + (1 / self.limits.rate if self.limits.rate else 0)
        self.sent, self.made = self.sent + 1, self.made + request
        self._busy_until = max(turn + self.limits.latency, self._busy_until) + work
        return self._busy_until

    def sweep(self) -> None:
        """Send the requests of the sweep."""
        number = round(self.made.sweep) + LISTS
        self.sent, self.elapsed = self.sent + number, self.elapsed + number * self._pace_of_sweep(WORK_ON_SWEEP)

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
        seconds = self.limits.latency / self.limits.at_once + work
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

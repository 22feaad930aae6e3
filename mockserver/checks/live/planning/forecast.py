"""The forecast of a run: how many requests it sends, in which time.

It counts what the run itself goes by: the names of the scenarios, each with the requests that it takes on an instance
that keeps its promises, and the cases that Schemathesis has for each operation. The figures are measured:
tests/checks/live/planning/test_forecast.py holds them to what a run sends.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.checks.live.list_reader import ListFilter
from mockserver.checks.transport.rate_limiting import LOGINS_A_MINUTE, MINUTE

USUAL_LATENCY = 0.05  # seconds
CASES_A_SECOND = 40  # that this machine makes and judges
READS, DELETES = 1, 3  # requests of the sweep for a record that is gone already, and for one that isn't
LISTS = 4  # requests of the sweep beside
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
class Forecast:
    """The requests of a run, and how long they take if an answer takes `latency` seconds."""

    requests: int
    seconds: float
    latency: float


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


def forecast(  # noqa: PLR0913 (what a run is limited by)
    cost: Cost,
    *,
    rate: float | None,
    latency: float,
    counts_logins: bool,
    most_requests: int | None,
    most_seconds: float | None,
) -> Forecast:
    """The forecast for what a run takes, within its budgets. `rate` is in requests a second."""
    total = cost.requests + cost.sweep + LISTS
    pace = max(1 / rate, latency / 8) if rate else latency / 8 + 1 / CASES_A_SECOND
    waiting = max(cost.logins / LOGINS_A_MINUTE - 1, 0) * MINUTE if counts_logins else 0.0
    if most_requests is not None:
        total = min(total, most_requests)
    if most_seconds is not None:
        total, waiting = min(total, most_seconds / pace), min(waiting, most_seconds)
    return Forecast(round(total), max(total * pace, waiting), latency)


def _values(one: ListFilter) -> int:
    """The number of values that a filter is tried with."""
    if one.operator in ("hasValue", "notHasValue"):
        return 1
    if one.parameter.schema.get("type") == "boolean":
        return 2
    if one.parameter.schema.get("format") == "date-time":
        return 3
    return 7 if one.operator == "like" else 8

"""A row of load: all contestants side by side, checked, then driven in interleaved rounds."""

import http.client
import itertools
import statistics
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial

from bench.contestants.roster import Contestant
from bench.shared import load, pace
from bench.shared.load import Refused
from bench.shared.request import Request
from bench.shared.servers import DidNotStart, Server
from bench.shared.work import EVENTS, Credentials, Row, subscribed

LATENCY_ROUNDS = 3
WARM_UP = 4  # seconds; what compiles itself gets no time between its turns
TROUBLE = (OSError, http.client.HTTPException, Refused, DidNotStart, subprocess.SubprocessError)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure: rounds, seconds of each, and by how much what is counted in thousands is made smaller."""

    rounds: int
    seconds: float
    shrink: int = 1


@dataclass(slots=True)
class Figures:
    """What a contestant did in a row. `rates` are answers a second by rounds; `reason` says why there are none."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # microseconds of the server for an answer
    half: list[float] = field(default_factory=list)  # the rates that came when half of the median was asked for
    p50: list[float] = field(default_factory=list)  # milliseconds at that rate
    p99: list[float] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    reason: str | None = None


Loop = Callable[[float], float]  # does something for some seconds; how often a second


def measure(
    row: Row, contestants: list[Contestant], known: Credentials, plan: Plan, loops: Mapping[str, Loop]
) -> dict[str, Figures]:
    """Figures by the contestant's name. What fails has a reason, and doesn't stop the others.

    `loops` take their turns in the rounds, too.
    """
    figures = {contestant.name: Figures() for contestant in contestants} | {name: Figures() for name in loops}
    with ExitStack() as stack:
        racers: dict[str, Server] = {}
        for contestant in contestants:
            server = stack.enter_context(contestant.server())
            if _takes_part(row, contestant, server, known, figures[contestant.name]):
                racers[contestant.name] = server
            server.rest()
        turns = {name: partial(_at_most, server, row, plan.seconds) for name, server in racers.items()}
        turns |= {name: partial(_loop, loop, plan.seconds) for name, loop in loops.items()}
        for name in itertools.chain(*[turns] * plan.rounds):
            _attempt(figures[name], turns[name])
        for name in itertools.chain(*[racers] * min(plan.rounds, LATENCY_ROUNDS)):
            _attempt(figures[name], partial(_at_half, racers[name], row, plan.seconds))
    return figures


def _takes_part(row: Row, contestant: Contestant, server: Server, known: Credentials, found: Figures) -> bool:
    """Start, prepare, check and warm up; whether it can do the work."""
    try:
        server.start(Request(EVENTS, headers=known.headers))
        if contestant.kind in ("floor", "limit"):
            if contestant.kind not in row.floors:
                found.reason = "does no such work"
                return False
        else:
            _check(row, server, known, found)
        if found.reason is None:
            load.maximum(server, row.request, WARM_UP, row.expected)
    except TROUBLE as error:
        found.reason = str(error)[:200]
    return found.reason is None


def _check(row: Row, server: Server, known: Credentials, found: Figures) -> None:
    if row.rows:
        with suppress(Refused):  # the checks say what that means
            subscribed(server, known.headers, row.rows)
    failing = (check for check in row.checks if not check.holds(server))
    for check in failing:
        if check.must:
            found.reason = check.otherwise
            return
        found.remarks.append(check.otherwise)


def _at_most(server: Server, row: Row, seconds: float, found: Figures) -> None:
    """As many answers as come, and what they cost."""
    with server.awake():
        before = server.cpu()
        rate, answers = load.maximum(server, row.request, seconds, row.expected)
        found.rates.append(rate)
        found.cpu.append(1e6 * (server.cpu() - before) / answers)


def _loop(loop: Loop, seconds: float, found: Figures) -> None:
    found.rates.append(loop(seconds))


def _at_half(server: Server, row: Row, seconds: float, found: Figures) -> None:
    with server.awake():
        latency = pace.at_rate(server.port, row.request, statistics.median(found.rates) / 2, seconds, row.expected)
    found.half.append(latency.rate)
    found.p50.append(latency.p50)
    found.p99.append(latency.p99)


def _attempt(found: Figures, step: Callable[[Figures], None]) -> None:
    if found.reason is None:
        try:
            step(found)
        except TROUBLE as error:
            found.reason = str(error)[:200]

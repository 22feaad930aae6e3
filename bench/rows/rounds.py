"""A row of load: all contestants side by side, checked, then driven in interleaved rounds."""

import http.client
import itertools
import statistics
import subprocess
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial

from bench.contestants.roster import CONSTANT, OURS, Contestant
from bench.shared import load, pace
from bench.shared.load import Refused
from bench.shared.request import Request
from bench.shared.servers import DidNotStart, Server
from bench.shared.work import EVENTS, OK, Credentials, Row, subscribed

LATENCY_ROUNDS = 3
PACED_TOGETHER = (OURS, CONSTANT)  # in every round, one after the other, at the rate of the first
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
    half: list[float] = field(default_factory=list)  # the rates that came when half of a median was asked for
    p50: list[float] = field(default_factory=list)  # milliseconds at that rate
    p99: list[float] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    reason: str | None = None


Loop = Callable[[float], float]  # does something for some seconds; how often a second


@dataclass(frozen=True, slots=True)
class Racer:
    """A contestant that takes part in a row: its server, what it is asked, and the status that it has to answer."""

    server: Server
    row: Row
    expected: int

    def run(self, seconds: float, found: Figures) -> None:
        """As many answers as come, and what they cost."""
        with self.server.awake():
            before = self.server.cpu()
            rate, answers = load.maximum(self.server, self.row.request, seconds, self.expected)
            found.rates.append(rate)
            found.cpu.append(1e6 * (self.server.cpu() - before) / answers)

    def keep_pace(self, rate: float, seconds: float, found: Figures) -> None:
        """How long answers take at a rate."""
        with self.server.awake():
            latency = pace.at_rate(self.server.port, self.row.request, rate, seconds, self.expected)
        found.half.append(latency.rate)
        found.p50.append(latency.p50)
        found.p99.append(latency.p99)


def measure(
    row: Row, contestants: list[Contestant], known: Credentials, plan: Plan, loops: Mapping[str, Loop]
) -> dict[str, Figures]:
    """Figures by the contestant's name. What fails has a reason, and doesn't stop the others.

    `loops` take their turns in the rounds, too.
    """
    figures = {contestant.name: Figures() for contestant in contestants} | {name: Figures() for name in loops}
    with ExitStack() as stack:
        racers: dict[str, Racer] = {}
        for contestant in contestants:
            server = stack.enter_context(contestant.server())
            racer = Racer(server, row, row.expected if contestant.does_the_work else OK)
            if _takes_part(racer, contestant, known, figures[contestant.name]):
                racers[contestant.name] = racer
            server.rest()
        turns = {name: partial(racer.run, plan.seconds) for name, racer in racers.items()}
        turns |= {name: partial(_loop, loop, plan.seconds) for name, loop in loops.items()}
        for name in itertools.chain(*[turns] * plan.rounds):
            _attempt(figures[name], turns[name])
        for name in paced(racers, plan.rounds):
            _attempt(figures[name], partial(racers[name].keep_pace, _half(name, figures), plan.seconds))
    return figures


def paced(names: Iterable[str], rounds: int) -> list[str]:
    """Whose latency is measured, in turns: everybody's in some rounds, and that of PACED_TOGETHER in all."""
    able = list(names)
    some = min(rounds, LATENCY_ROUNDS)
    together = [name for name in PACED_TOGETHER if name in able]
    others = [name for name in able if name not in PACED_TOGETHER]
    return [*[*together, *others] * some, *together * (rounds - some)]


def _half(name: str, figures: Mapping[str, Figures]) -> float:
    """Half of the own maximum; for who is paced together with the mock, half of the mock's."""
    leader = OURS if name in PACED_TOGETHER and figures[OURS].rates else name
    return statistics.median(figures[leader].rates or [0.0]) / 2


def _takes_part(racer: Racer, contestant: Contestant, known: Credentials, found: Figures) -> bool:
    """Start, prepare, check and warm up; whether it can do the work."""
    server, row = racer.server, racer.row
    try:
        server.start(Request(EVENTS, headers=known.headers))
        if contestant.does_the_work:
            _check(row, server, known, found)
        elif contestant.kind in ("floor", "limit") and contestant.kind not in row.floors:
            found.reason = "does no such work"
        elif racer.expected != row.expected:
            found.remarks.append(f"answers {racer.expected}: it doesn't look at what it gets")
        if found.reason is None:
            load.maximum(server, row.request, WARM_UP, racer.expected)
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


def _loop(loop: Loop, seconds: float, found: Figures) -> None:
    found.rates.append(loop(seconds))


def _attempt(found: Figures, step: Callable[[Figures], None]) -> None:
    if found.reason is None:
        try:
            step(found)
        except TROUBLE as error:
            found.reason = str(error)[:200]

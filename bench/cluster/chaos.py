"""`make cluster-chaos`: a cluster under mixed load, whose parts are killed and restarted; writes a page of results.

    python -m bench.cluster.chaos --kills 50

What was answered with success has to be there afterwards, and each of its events at every receiver that takes it: in
order, at least once. Bounded: a part that isn't back after a minute ends the run. All of it is on loopback.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import click

from bench.cluster import chaos_page
from bench.cluster.disturbances import (
    KILL_DATABASE,
    KILL_REPLICA,
    RELOAD_BALANCER,
    RESTART_DATABASE,
    Disturbance,
)
from bench.cluster.ledger import Event, Ledger
from bench.cluster.load import DELIVERED, MEMBERS, STATE, SUBSCRIPTIONS, Load, subscription
from bench.cluster.receivers import Receivers, email_of
from tools.cluster.cluster import MockCluster, Plan, until_healthy
from tools.programs import Failure, Missing, say

CONFIRMING = [f"{kind}-{number}" for kind in ("good", "slow", "stumbling") for number in range(3)]
FAILING = ["failing-0", "failing-1"]
ALL = (*CONFIRMING, *FAILING)
PATIENCE = 60.0  # seconds until all goes on again, and until the last delivery has come
LOOK, LONG_LOOK = 0.05, 0.5  # seconds between two looks at whether it goes on, and at whether all has come
CALM = 0.5  # seconds between two disturbances
TRIES = 10  # to add the first member, and to get the state
LATE = 1.0  # seconds in which something may come that shouldn't
SETTINGS = {"MOCKSERVER_LOG_LEVEL": "warning", "MOCKSERVER_RETRY_DELAY": "0.02"}  # who fails shall keep up, too
FIRST = "good-first"  # the subscription of `Newcomer`


@dataclass
class Phase:
    """What came of one kind of disturbance."""

    name: str
    times: int
    seconds: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    lost_effects: list[str] = field(default_factory=list)
    deliveries: int = 0  # that had to arrive
    requests: int = 0  # that arrived
    lost_deliveries: int = 0
    disorders: int = 0
    sent_twice: int = 0
    back: list[float] = field(default_factory=list)  # seconds until what was struck answers again
    resumed: list[float] = field(default_factory=list)  # seconds until every subscription gets something again
    longest_gap: float = 0.0  # seconds without a successful answer


class Newcomer(NamedTuple):
    """Seconds of a first use: from the start to the first 200 through HAProxy; and, once the replica that was asked for
    a subscription was killed, to the first webhook."""

    started: float
    webhook: float


class Chaos:
    """A run on a cluster: phase after phase, each with a load and a ledger of its own."""

    def __init__(self, cluster: MockCluster, receivers: Receivers, tell: Callable[[str], object]) -> None:
        self._cluster, self._receivers, self._tell = cluster, receivers, tell

    async def prepare(self) -> None:
        """Subscribe all receivers."""
        load = Load(self._cluster.url, Ledger(), "first")
        for lane in ALL:
            await load.ask("POST", SUBSCRIPTIONS, subscription(DELIVERED, self._receivers.url(lane)))
        await load.stop()

    async def first_webhook(self) -> float:
        """Seconds from the death of the replica that was asked for a subscription to its first webhook, of a member who
        is added at once."""
        loop, ledger, asked = asyncio.get_running_loop(), Ledger(), self._cluster.replicas[0]
        self._receivers.ledger = ledger
        subscribing, adding = Load(asked.url, ledger, ""), Load(self._cluster.url, ledger, "first")
        await subscribing.ask("POST", SUBSCRIPTIONS, subscription(DELIVERED, self._receivers.url(FIRST)))
        asked.process.signal(signal.SIGKILL)
        killed = loop.time()
        for number in range(TRIES):  # the first may have been on its way to the one that was killed
            member = {"customer": {"email": email_of(Event("first", number))}}
            if await adding.ask("POST", MEMBERS, member) is not None:
                break
        seconds = await self._resumed(ledger, killed, [FIRST])
        await subscribing.stop()
        await adding.stop()
        await until_healthy(asked.process, asked.port)
        return seconds

    async def play(self, disturbance: Disturbance, times: int, name: str) -> Phase:
        """Disturb so many times under load; returns what came of it. `name` is the phase's, in what it makes."""
        loop = asyncio.get_running_loop()
        began, ledger = loop.time(), Ledger()
        self._receivers.ledger = ledger
        load = Load(self._cluster.url, ledger, name, ALL)
        phase = Phase(disturbance.name, times)
        load.start()
        try:
            await self._resumed(ledger, loop.time())
            for number in range(times):
                await self._disturb(disturbance, number, phase, ledger)
        finally:
            await load.stop()
        await self._drain(ledger)
        snapshot = await self._snapshot()
        phase.seconds = loop.time() - began
        phase.answers, phase.unanswered = load.answers, ledger.unanswered
        phase.lost_effects = load.effects.lost(snapshot)
        phase.longest_gap = max((after - before for before, after in load.gaps), default=0.0)
        _judge(phase, ledger)
        return phase

    async def _disturb(self, disturbance: Disturbance, number: int, phase: Phase, ledger: Ledger) -> None:
        loop = asyncio.get_running_loop()
        struck = loop.time()
        await disturbance.strike(self._cluster, number)
        phase.back.append(loop.time() - struck)
        phase.resumed.append(await self._resumed(ledger, struck))
        told = f"{disturbance.name}, {number + 1} of {phase.times}"
        self._tell(f"{told}: back after {phase.back[-1]:.1f} s, all deliveries resumed after {phase.resumed[-1]:.1f} s")
        await asyncio.sleep(CALM)

    async def _resumed(self, ledger: Ledger, since: float, lanes: Sequence[str] = ALL) -> float:
        """Seconds from a moment until each subscription has got something. Raises Failure if one gets nothing."""
        ends_at = asyncio.get_running_loop().time() + PATIENCE
        while (silence := ledger.silence(lanes, since)) is None:
            if asyncio.get_running_loop().time() > ends_at:
                raise Failure(f"After {PATIENCE:.0f} s a subscription still gets nothing.")
            await asyncio.sleep(LOOK)
        return silence

    async def _drain(self, ledger: Ledger) -> None:
        """Wait until all has come that must, and then for what may come too late."""
        loop = asyncio.get_running_loop()
        while _left(ledger):
            if loop.time() - ledger.arrivals[-1].at > PATIENCE:
                break
            await asyncio.sleep(LONG_LOOK)
        await asyncio.sleep(LATE)

    async def _snapshot(self) -> Any:
        """The state. Raises Failure if nobody tells it."""
        ledger = Ledger()
        load = Load(self._cluster.url, ledger, "")
        for _ in range(TRIES):
            snapshot = await load.ask("GET", STATE)
            if snapshot is not None:
                break
        await load.stop()
        if snapshot is None:
            raise Failure(f"After a phase the cluster doesn't tell its state: {dict(ledger.unanswered)}")
        return snapshot


def _left(ledger: Ledger) -> bool:
    return bool(ledger.missing(CONFIRMING) or ledger.never_came(FAILING))


def _judge(phase: Phase, ledger: Ledger) -> None:
    phase.deliveries = len(ledger.answered) * (len(CONFIRMING) + len(FAILING))
    phase.requests = len(ledger.arrivals)
    phase.lost_deliveries = len(ledger.missing(CONFIRMING)) + len(ledger.never_came(FAILING))
    phase.disorders = len(ledger.disorders())
    phase.sent_twice = ledger.sent_twice()


async def run(
    phases: Sequence[tuple[Disturbance, int]], plan: Plan, tell: Callable[[str], object]
) -> tuple[Newcomer, list[Phase]]:
    """Start a cluster, and play phases on it. Raises Missing and Failure."""
    began = asyncio.get_running_loop().time()
    async with Receivers(Ledger()) as receivers, MockCluster(plan, lambda _: None) as cluster:
        chaos = Chaos(cluster, receivers, tell)
        await chaos.prepare()
        started = asyncio.get_running_loop().time() - began
        newcomer = Newcomer(started, await chaos.first_webhook())
        tell(f"started after {newcomer.started:.1f} s, first webhook {newcomer.webhook:.2f} s after a kill -9")
        played: list[Phase] = []
        for number, (disturbance, times) in enumerate(phases):
            played.append(await chaos.play(disturbance, times, f"p{number}"))
            tell(chaos_page.row(played[-1]))
        return newcomer, played


@click.command()
@click.option("--kills", default=50, show_default=True, help="How often a replica is killed.")
@click.option("--restarts", default=5, show_default=True, help="How often PostgreSQL is restarted in order.")
@click.option("--reloads", default=5, show_default=True, help="How often HAProxy is reloaded.")
@click.option("--database-kills", default=1, show_default=True, help="How often PostgreSQL is killed.")
@click.option("--replicas", default=3, show_default=True, help="How many mocks.")
@click.option("--out", default=chaos_page.PAGE, type=click.Path(path_type=Path), help="The page of results.")
def main(  # noqa: PLR0913, PLR0917 (the options)
    kills: int, restarts: int, reloads: int, database_kills: int, replicas: int, out: Path
) -> None:
    """Disturb a cluster, write what came of it, and end with exit code 1 if anything was lost that mustn't be."""
    wanted = [
        (KILL_REPLICA, kills),
        (RESTART_DATABASE, restarts),
        (RELOAD_BALANCER, reloads),
        (KILL_DATABASE, database_kills),
    ]
    try:
        plan = Plan(replicas=replicas, variables=SETTINGS)
        newcomer, phases = asyncio.run(run([(one, n) for one, n in wanted if n], plan, say))
    except Missing as error:
        say(f"cluster-chaos: SKIPPED: {error}")
        return
    except Failure as error:
        sys.exit(str(error))
    setting = chaos_page.Setting(replicas, os.cpu_count() or 1, len(ALL))
    text = chaos_page.page(setting, newcomer, phases)
    out.write_text(text, "utf-8")
    say(text)
    sys.exit(any(is_broken(phase) for phase in phases if phase.name != KILL_DATABASE.name))


def is_broken(phase: Phase) -> bool:
    """Whether anything was lost, or came in another order."""
    return bool(phase.lost_effects or phase.lost_deliveries or phase.disorders)


if __name__ == "__main__":
    main()

"""`make cluster-bench`: what shared state costs, and what replicas gain; writes a page of results.

    python -m bench.cluster.throughput --seconds 5 --rounds 3

A mock in memory, then one, two and three replicas on PostgreSQL behind HAProxy, one after another on the same machine:
answers a second, CPU time of each, latency at half of the maximum, and deliveries. Needs wrk. All of it is on loopback.
"""

import asyncio
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from bench.cluster import delivering
from bench.cluster.load import ADMIN, LOGIN, MEMBERS, NOWHERE, SILENT, SUBSCRIPTIONS, subscription
from bench.cluster.race import Asking
from bench.cluster.subjects import Subject, subject
from bench.shared import load, pace
from bench.shared.request import UNIQUE, Request
from bench.shared.servers import DidNotStart
from tools.programs import Failure, Missing, say

PAGE = Path(__file__).parents[1] / "results" / "cluster-bench.md"
SIZES = (0, 1, 2, 3)
OK = 200
WARM_UP = 1.0  # seconds
TEXT = """\
# What replicas cost, and gain

Written by `make cluster-bench` on a machine with {cores} cores, on which mocks, PostgreSQL (commits don't wait for the
disk), HAProxy and the load all run; rounds: {rounds}, of {seconds} s each, wrk with {connections} kept connections. So
what counts is the CPU time of a request; how much replicas answer on machines of their own can't be seen here.

In memory one mock is asked directly. Rates and CPU times are medians of the rounds; latencies are at half of the rate.

| | work | answers a second (least-most) | CPU of a request, µs: mocks + PostgreSQL + HAProxy | p50 ms | p99 ms |
|---|---|---|---|---|---|
{rows}

GET: one subscription by its id, with a JWT. POST: a new subscription. MEMBER: a new member, nobody subscribed.

{subscribed} subscriptions at a receiver that answers at once, {events} members one after another; then the same beside
{subscribed} more at a host that takes connections and never answers.

| | deliveries a second | CPU of a delivery, µs: mocks + PostgreSQL | a second to the living beside the dead |
|---|---|---|---|
{deliveries}
"""


@dataclass
class Work:
    """A kind of request at one subject, and what was measured of it."""

    subject: str
    name: str
    rates: list[float] = field(default_factory=list)
    cpu: list[tuple[float, float, float]] = field(default_factory=list)  # µs
    p50: float = 0.0
    p99: float = 0.0


@dataclass
class Delivered:
    """Deliveries of one subject: a second, µs of CPU of each, and a second beside a dead host."""

    subject: str
    rate: float
    mocks: float
    postgres: float
    beside_dead: float


def _requests(one: Subject) -> dict[str, Request]:
    asking = Asking(one.port)
    token = asking.answer(Request.post(LOGIN, ADMIN, {}))["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    new = Request.post(SUBSCRIPTIONS, subscription(SILENT, NOWHERE), bearer)
    own = asking.answer(new)["webhookSubscriptionId"]
    member = {"customer": {"email": f"m{UNIQUE}@example.com", "firstName": "Jane"}}
    return {
        "GET": Request(f"{SUBSCRIPTIONS}/{own}", headers=bearer),
        "POST": new,
        "MEMBER": Request.post(MEMBERS, member, bearer),
    }


def _measured(one: Subject, name: str, request: Request, seconds: float, rounds: int) -> Work:
    work = Work(one.name, name)
    load.maximum(one, request, WARM_UP, OK)
    for _ in range(rounds):
        before = one.cpu()
        rate, answers = load.maximum(one, request, seconds, OK)
        after = one.cpu()
        spent = after.mocks - before.mocks, after.postgres - before.postgres, after.proxy - before.proxy
        work.rates.append(rate)
        work.cpu.append((1e6 * spent[0] / answers, 1e6 * spent[1] / answers, 1e6 * spent[2] / answers))
    latency = pace.at_rate(one.port, request, statistics.median(work.rates) / 2, seconds, OK)
    work.p50, work.p99 = latency.p50, latency.p99
    return work


async def _delivered(one: Subject) -> Delivered:
    async with delivering.hosts() as receivers:
        await delivering.subscribe(one, receivers.living)
        before = one.cpu()
        rate = await delivering.rate(one, receivers, "alone")
        after = one.cpu()
        await delivering.subscribe(one, receivers.dead)
        beside = await delivering.rate(one, receivers, "beside")
    number = delivering.SUBSCRIBED * delivering.EVENTS
    spent = 1e6 * (after.mocks - before.mocks) / number, 1e6 * (after.postgres - before.postgres) / number
    return Delivered(one.name, rate, *spent, beside)


async def _all(
    sizes: Sequence[int], seconds: float, rounds: int, keep: Callable[[list[Work], list[Delivered]], object]
) -> None:
    """Measure; `keep` gets what there is after each size, so that nothing is lost when a later one fails."""
    works: list[Work] = []
    deliveries: list[Delivered] = []
    for size in sizes:
        found = await requests([size], seconds, rounds)
        works += found
        say("\n".join(map(_row, found)))
        async with subject(size) as one:  # without all these records
            deliveries.append(await _delivered(one))
            say(_delivery_row(deliveries[-1]))
        keep(works, deliveries)


async def requests(sizes: Sequence[int], seconds: float, rounds: int) -> list[Work]:
    """What requests cost at each size, without deliveries. Raises Missing and Failure."""
    works: list[Work] = []
    for size in sizes:
        async with subject(size) as one:
            for name, request in _requests(one).items():
                works.append(await asyncio.to_thread(_measured, one, name, request, seconds, rounds))
    return works


@click.command()
@click.option("--seconds", default=5.0, show_default=True, help="How long each round takes.")
@click.option("--rounds", default=3, show_default=True, help="How often each is measured.")
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True, help="How many replicas; 0 is memory.")
@click.option("--out", default=PAGE, type=click.Path(path_type=Path), help="The page of results.")
def main(seconds: float, rounds: int, sizes: str, out: Path) -> None:
    """Measure, and write."""
    if missing := load.missing():
        say(f"cluster-bench: SKIPPED: {missing}")
        return

    def keep(works: list[Work], deliveries: list[Delivered]) -> None:
        out.write_text(page(works, deliveries, seconds, rounds), "utf-8")

    try:
        asyncio.run(_all([int(size) for size in sizes.split(",")], seconds, rounds, keep))
    except Missing as error:
        say(f"cluster-bench: SKIPPED: {error}")
        return
    except (Failure, load.Refused, DidNotStart) as error:
        sys.exit(str(error))
    say(out.read_text("utf-8"))


def page(works: Sequence[Work], deliveries: Sequence[Delivered], seconds: float, rounds: int) -> str:
    """The page, as Markdown."""
    return TEXT.format(
        cores=os.cpu_count(),
        rounds=rounds,
        seconds=f"{seconds:g}",
        connections=load.CONNECTIONS,
        rows="\n".join(map(_row, works)),
        subscribed=f"{delivering.SUBSCRIBED:,}",
        events=delivering.EVENTS,
        deliveries="\n".join(map(_delivery_row, deliveries)),
    )


def _row(work: Work) -> str:
    rates = f"{statistics.median(work.rates):,.0f} ({min(work.rates):,.0f}-{max(work.rates):,.0f})"
    spent = " + ".join(f"{statistics.median(part):.0f}" for part in zip(*work.cpu, strict=True))
    return f"| {work.subject} | {work.name} | {rates} | {spent} | {work.p50:.1f} | {work.p99:.1f} |"


def _delivery_row(one: Delivered) -> str:
    return f"| {one.subject} | {one.rate:,.0f} | {one.mocks:.0f} + {one.postgres:.0f} | {one.beside_dead:,.0f} |"


if __name__ == "__main__":
    main()

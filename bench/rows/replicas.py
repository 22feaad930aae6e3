"""REPLICAS: the CPU time of a request to one and two replicas that share a state in PostgreSQL, beside one in memory.

It is `make cluster-bench` without deliveries, its third replica and its page. There is no target: on one machine the
replicas, PostgreSQL, HAProxy and the load take each other's time.
"""

import asyncio
import statistics
from collections.abc import Iterable

from bench.cluster import throughput
from bench.rows.rounds import Plan
from bench.shared.table import Table, spread
from tools.programs import Failure, Missing

SIZES = (0, 1, 2)  # replicas; 0 is memory
TITLE = "REPLICAS: one and two over PostgreSQL, behind HAProxy"
COLUMNS = [
    "subject",
    "work",
    "median/s",
    "least-most",
    "CPU µs: mocks",
    "PostgreSQL",
    "HAProxy",
    "CPU of mocks, x memory",
]
NOTE = "GET: one subscription by its id. POST: a new subscription. MEMBER: a new member, nobody subscribed."
MORE = "Three replicas, latencies and deliveries: [cluster-bench.md](cluster-bench.md)."


def measure(plan: Plan) -> Table:
    """Measure one size after another. Raises RuntimeError if a program isn't here, or a cluster fails."""
    try:
        return told(asyncio.run(throughput.requests(SIZES, plan.seconds, plan.rounds)))
    except (Missing, Failure) as error:
        raise RuntimeError(str(error)) from error


def told(works: Iterable[throughput.Work]) -> Table:
    """What was found; the first of each kind of work is that in memory."""
    table = Table(TITLE, COLUMNS, notes=[NOTE, MORE])
    of_memory: dict[str, float] = {}
    for work in works:
        mocks, postgres, proxy = (statistics.median(part) for part in zip(*work.cpu, strict=True))
        beside = mocks / of_memory.setdefault(work.name, mocks)
        rates = [f"{statistics.median(work.rates):,.0f}", spread(work.rates)]
        costs = [f"{part:.0f}" for part in (mocks, postgres, proxy)]
        table.rows.append([work.subject, work.name, *rates, *costs, f"{beside:.1f}"])
        table.figures[f"REPLICAS {work.subject} {work.name}"] = mocks
    return table

"""`make cluster`: several mocks behind one address, until Ctrl-C.

Exit codes: 0 ended by a signal, 1 something doesn't start, 2 a program is missing, 130 Ctrl-C.
"""

import asyncio
import signal
import sys
from collections.abc import Callable
from typing import Any

import click

from mockserver.settings import Settings
from tools.cluster.cluster import MockCluster, Plan
from tools.programs import Failure, Missing, say

FAILED, MISSING, INTERRUPTED = 1, 2, 130
MOST_REPLICAS = 20  # of which each holds nine connections of PostgreSQL's 300


@click.command()
@click.option("--port", default=Settings.default("port"), show_default=True, help="Port of the one address; 0: any.")
@click.option("--replicas", default=3, show_default=True, type=click.IntRange(1, MOST_REPLICAS), help="How many mocks.")
def main(port: int, replicas: int) -> None:
    """Run PostgreSQL, replicas of the mock, a delivery worker, and HAProxy in front, on this machine, until Ctrl-C.

    The MOCKSERVER_ variables hold for all replicas.
    """
    try:
        sys.exit(asyncio.run(run(Plan(port, replicas), say)))
    except Missing as error:
        say(f"SKIPPED: {error}")
        sys.exit(MISSING)
    except Failure as error:
        say(str(error))
        sys.exit(FAILED)


async def run(plan: Plan, tell: Callable[[str], object]) -> int:
    """Run a cluster until a signal; returns the exit code. Raises Missing and Failure."""
    ended = _signals()
    tell(f"Starting PostgreSQL, {plan.replicas} mocks, a delivery worker and HAProxy; what isn't here is fetched.")
    starting = asyncio.ensure_future(MockCluster(plan, tell).__aenter__())
    either: set[asyncio.Future[Any]] = {starting, ended}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        return _code(ended.result())
    cluster = starting.result()
    try:
        tell(banner(cluster))
        number = await ended
        tell("Ending: HAProxy, what delivers, replicas, PostgreSQL.")
    finally:
        await cluster.__aexit__(None, None, None)
    return _code(number)


def banner(cluster: MockCluster) -> str:
    """What a start tells: the address, a first call, and where what is."""
    key = Settings.default("api_key")
    replicas = "  ".join(one.url for one in cluster.replicas)
    return "\n".join(
        (
            f"Mocks with one state: {len(cluster.replicas)}, at {cluster.url}",
            f"  try       curl -H 'X-AUTH-TOKEN: {key}' {cluster.url}/api/DEFAULT/webhook/event",
            f"  page      {cluster.url}/_mock/ui   docs: {cluster.url}/docs",
            f"  replicas  {replicas}   and {len(cluster.workers)} that delivers only",
            f"  logs      {cluster.folder}",
            f"  state     PostgreSQL in {cluster.postgres.folder}; it is removed at the end, and so are the logs",
            "Ctrl-C ends all of it. docs/operating.md tells what to watch.",
        )
    )


def _signals() -> "asyncio.Future[signal.Signals]":
    """The first signal that asks to end."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[signal.Signals] = loop.create_future()

    def end(number: signal.Signals) -> None:
        if not ended.done():
            ended.set_result(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end, number)
    return ended


def _code(number: signal.Signals) -> int:
    return INTERRUPTED if number is signal.SIGINT else 0


if __name__ == "__main__":
    main()

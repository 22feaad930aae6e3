"""What is done to a cluster while it works: each is done, and waits until the part that it struck is back."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

from tools.cluster.cluster import MockCluster, until_healthy
from tools.postgres.binaries import NoPostgres
from tools.programs import Failure

TRIES = 20  # to start a database that was killed: what it had started may take a moment to end
PAUSE = 0.1  # seconds between two of them


class Disturbance(NamedTuple):
    """A kind of trouble: its name, and what makes it happen for the nth time (from 0)."""

    name: str
    strike: Callable[[MockCluster, int], Awaitable[None]]


async def _kill_replica(cluster: MockCluster, number: int) -> None:
    replica = cluster.replicas[number % len(cluster.replicas)]
    replica.process.signal(signal.SIGKILL)
    await replica.process.gone()
    await until_healthy(replica.process, replica.port)


async def _restart_database(cluster: MockCluster, _: int) -> None:
    await asyncio.to_thread(cluster.postgres.stop)
    await asyncio.to_thread(cluster.postgres.start)


async def _kill_database(cluster: MockCluster, _number: int) -> None:
    os.kill(cluster.postgres.pid, signal.SIGKILL)
    for _ in range(TRIES):
        await asyncio.sleep(PAUSE)
        with suppress(NoPostgres):
            await asyncio.to_thread(cluster.postgres.start)
            return
    raise Failure("PostgreSQL doesn't start again after it was killed.")


async def _reload_balancer(cluster: MockCluster, _: int) -> None:
    cluster.balancer.signal(signal.SIGUSR2)


KILL_REPLICA = Disturbance("a replica killed (kill -9)", _kill_replica)
RESTART_DATABASE = Disturbance("PostgreSQL restarted in order", _restart_database)
KILL_DATABASE = Disturbance("PostgreSQL killed (kill -9)", _kill_database)
RELOAD_BALANCER = Disturbance("HAProxy reloaded", _reload_balancer)

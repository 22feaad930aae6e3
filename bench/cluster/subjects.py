"""What is measured: one mock in memory, and clusters of several sizes, each behind one port."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.cluster.load import EVENTS, KEY
from bench.contestants import roster
from bench.shared.request import Request
from bench.shared.servers import Server, cpu_of
from tools.cluster.cluster import MockCluster, Plan

MEMORY = "memory"
QUIET = {"MOCKSERVER_LOG_LEVEL": "warning"}


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of CPU time: of the mocks and workers, of PostgreSQL, and of HAProxy."""

    mocks: float
    postgres: float = 0.0
    proxy: float = 0.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What answers at a port, and what CPU time it has used so far."""

    name: str
    port: int
    cpu: Callable[[], Cpu]

    @property
    def url(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def subject(replicas: int) -> AsyncIterator[Subject]:
    """A cluster of so many replicas and a worker, or with 0 a mock in memory. Raises Missing and Failure."""
    if not replicas:
        roster.credentials()  # makes the key that this mock signs with, if it isn't there
        with Server(MEMORY, roster.mock()) as server:
            server.start(Request(EVENTS, headers=KEY))
            yield Subject(MEMORY, server.port, lambda: Cpu(server.cpu()))
        return
    async with MockCluster(Plan(replicas=replicas, variables=QUIET), lambda _: None) as cluster:
        yield Subject(f"{replicas} on PostgreSQL", cluster.port, lambda: _cpu(cluster))


def _cpu(cluster: MockCluster) -> Cpu:
    mocks = [replica.process.pid for replica in cluster.replicas] + [worker.pid for worker in cluster.workers]
    return Cpu(sum(map(cpu_of, mocks)), cpu_of(cluster.postgres.pid), cpu_of(cluster.balancer.pid))

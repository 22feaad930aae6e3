"""The cluster: PostgreSQL, replicas with one state, delivery workers, and HAProxy in front, for the length of a block.

All of it is on loopback.
"""

import asyncio
import math
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.cluster import haproxy
from tools.cluster.ports import HOST, Port
from tools.cluster.processes import Process
from tools.postgres import binaries
from tools.postgres.cluster import Cluster
from tools.programs import Failure, Missing

HEALTH = f"GET /_mock/health HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
PATIENCE = 60.0  # seconds until a program answers
LOOK = 0.02  # seconds between two looks whether it does


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cluster consists of. Port 0 lets the system choose; `variables` are for the mocks."""

    port: int = 0
    replicas: int = 3
    workers: int = 1
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replica:
    """One mock of the cluster, and its own port."""

    process: Process
    port: int

    @property
    def url(self) -> str:
        """Its own address, which doesn't lead through HAProxy."""
        return f"http://{HOST}:{self.port}"


class MockCluster:
    """A cluster that is made and started, and in the end stopped and removed.

    A program that ends by itself is started again, and `tell` is told. Raises Missing if PostgreSQL or HAProxy can't be
    had, and Failure, with what it said, if something doesn't start.
    """

    def __init__(self, plan: Plan, tell: Callable[[str], object]) -> None:
        self._plan, self._tell = plan, tell
        self._stack = AsyncExitStack()
        self.folder = Path()
        self.replicas: list[Replica] = []
        self.workers: list[Process] = []

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            port = _kept(stack, self._plan.port)
            self.port = port.number
            balancer = haproxy.fetch()
            self.postgres = _postgres(stack)
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mock-cluster-")))
            self.replicas = [self._replica(number, _kept(stack)) for number in range(1, self._plan.replicas + 1)]
            await asyncio.gather(*(self._run(stack, one.process, one.port) for one in self.replicas))
            await self._work(stack)
            await self._balance(stack, balancer)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    @property
    def url(self) -> str:
        """The one address of all replicas."""
        return f"http://{HOST}:{self.port}"

    def _replica(self, number: int, port: Port) -> Replica:
        command = [sys.executable, "-m", "mockserver", "serve", "--host", HOST, "--port", str(port.number)]
        return Replica(self._process(f"replica-{number}", [*command, "--until-closed", "0"]), port.number)

    def _process(self, name: str, command: list[str], variables: Mapping[str, str] | None = None) -> Process:
        storage = {"MOCKSERVER_STORAGE": self.postgres.url(), "MOCKSERVER_TRUST_PROXY": HOST}
        given = {**storage, **self._plan.variables} if variables is None else variables
        return Process(name, command, self.folder / f"{name}.log", self._tell, given)

    async def _work(self, stack: AsyncExitStack) -> None:
        """Start the workers. They answer nobody; one that can't begin is started again, and that is told."""
        command = [sys.executable, "-m", "mockserver", "delivery-worker", "--until-closed", "0"]
        for number in range(1, self._plan.workers + 1):
            worker = self._process(f"worker-{number}", command)
            stack.push_async_callback(worker.end)
            await worker.start()
            self.workers.append(worker)

    async def _balance(self, stack: AsyncExitStack, program: haproxy.Haproxy) -> None:
        configuration = self.folder / "haproxy.cfg"
        configuration.write_text(haproxy.configuration(self.port, [one.port for one in self.replicas]), "utf-8")
        self.balancer = self._process("haproxy", program.command(configuration), program.variables)
        await self._run(stack, self.balancer, self.port)

    async def _run(self, stack: AsyncExitStack, process: Process, port: int) -> None:
        """Start a program, which ends with the block; returns when it answers."""
        stack.push_async_callback(process.end)
        await process.start()
        await until_healthy(process, port, crashes=0)


async def until_healthy(process: Process, port: int, crashes: float = math.inf) -> None:
    """Wait until a program says that it is well. Raises Failure if it takes too long, or has ended by itself more often
    than `crashes`."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + PATIENCE
    while not await _is_healthy(port):
        if process.crashes > crashes:
            raise Failure(f"{process.name} doesn't start. It said last:\n{process.last_words()}")
        if loop.time() > ends_at:
            raise Failure(f"{process.name} doesn't answer. It said last:\n{process.last_words()}")
        await asyncio.sleep(LOOK)


async def _is_healthy(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(HEALTH)
        line = await reader.readline()
        writer.close()
    except OSError:
        return False
    return b" 200 " in line


def _kept(stack: AsyncExitStack, number: int = 0) -> Port:
    port = Port(number)
    stack.callback(port.release)
    return port


def _postgres(stack: AsyncExitStack) -> Cluster:
    """A PostgreSQL that keeps what it has committed. Raises Missing."""
    try:
        return stack.enter_context(Cluster(binaries.fetch(), durable=True))
    except binaries.NoPostgres as error:
        raise Missing(str(error)) from None

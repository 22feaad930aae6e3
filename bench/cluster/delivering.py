"""How fast deliveries go: to living receivers alone, and beside as many that never answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.cluster.ledger import Ledger
from bench.cluster.load import DELIVERED, MEMBERS, SUBSCRIPTIONS, Load, subscription
from bench.cluster.subjects import Subject
from bench.rows.receiver import Receiver
from tools.programs import Failure

SUBSCRIBED, EVENTS = 1_000, 3
PATIENCE = 120.0  # seconds until all has come
LOOK = 0.02  # seconds


class Hosts:
    """A receiver that answers at once, and one that takes everything and never answers, each on a port of its own."""

    def __init__(self, living: str, dead: str) -> None:
        self.living, self.dead = living, dead
        self.connections: list[Receiver] = []

    @property
    def answered(self) -> int:
        """How many deliveries were answered."""
        return sum(one.answered for one in self.connections)

    def connect(self) -> Receiver:
        """Take a connection of the living one."""
        self.connections.append(Receiver())
        return self.connections[-1]


@asynccontextmanager
async def hosts() -> AsyncIterator[Hosts]:
    """Both receivers."""
    loop = asyncio.get_running_loop()
    found = Hosts("", "")
    servers = [await loop.create_server(make, "127.0.0.1", 0) for make in (found.connect, asyncio.Protocol)]
    found.living, found.dead = (f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers)
    yield found
    for server in servers:
        server.close()


async def rate(subject: Subject, receivers: Hosts, name: str) -> float:
    """Deliveries a second to the living, of EVENTS members who are added one after another. Raises Failure if not all
    come in time."""
    loop, load = asyncio.get_running_loop(), Load(subject.url, Ledger(), name)
    before, began = receivers.answered, loop.time()
    for number in range(EVENTS):
        await load.ask("POST", MEMBERS, {"customer": {"email": f"{name}.{number}@example.com"}})
    await load.stop()
    wanted = SUBSCRIBED * EVENTS
    for _ in range(round(PATIENCE / LOOK)):
        if receivers.answered - before >= wanted:
            return wanted / (loop.time() - began)
        await asyncio.sleep(LOOK)
    raise Failure(f"{receivers.answered - before} of {wanted} deliveries have come in {PATIENCE:.0f} s.")


async def subscribe(subject: Subject, url: str) -> None:
    """Subscribe so many receivers at this address. Raises Failure."""
    load = Load(subject.url, Ledger(), "")
    for number in range(SUBSCRIBED):
        if await load.ask("POST", SUBSCRIPTIONS, subscription(DELIVERED, f"{url}/{number}")) is None:
            raise Failure("A subscription was refused.")
    await load.stop()

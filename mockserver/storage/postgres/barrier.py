"""Barrier: changes that every replica makes, each before whoever asked for it has its answer.

A change is a row, numbered without gaps in the order of commits. Each replica reads on from the last that it made, when
it is notified and once a second anyway, and notes how far it has come. Whoever tells of a change waits until all that
are alive have come so far. A notification alone would not do: it arrives after the commit has returned.
"""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import orjson

from mockserver.errors import ReplicaSilent
from mockserver.observers import Observers
from mockserver.storage.model import Json
from mockserver.storage.postgres.connections import AWAY, FAILED
from mockserver.storage.postgres.schema import ALIVE

logger = logging.getLogger("mockserver")

BEAT = 1.0  # seconds
FRESH = 2.0  # seconds since it last read the changes for which a replica may trust what it remembers
PATIENCE = 2.0  # seconds in which the others have to make a change
KEPT = 86_400  # seconds that changes and silent replicas are kept

_IN_ORDER = "LOCK TABLE changes IN EXCLUSIVE MODE"  # so that numbers come in the order of commits
KEEP = "INSERT INTO facts VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value"
# Not only for who joins: one that was silent for long has been forgotten, and joins again.
_BEAT = """
INSERT INTO replicas (number, host, seen_at, made) VALUES ($1, $2, now(), $3)
ON CONFLICT (number) DO UPDATE SET seen_at = EXCLUDED.seen_at, made = EXCLUDED.made
"""
_TELL = """
WITH told AS (INSERT INTO changes (replica, change) VALUES ($1, $2) RETURNING number)
SELECT number, pg_notify(current_schema(), 'change') FROM told
"""
_READ = "SELECT number, replica, change FROM changes WHERE number > $1 ORDER BY number"
_SILENT = """
SELECT number, host FROM replicas WHERE made < $1 AND seen_at > now() - make_interval(secs => $2) ORDER BY number
"""

Make = Callable[[Json, Any], Awaitable[None]]  # a change, and the connection that reads the changes


async def keep(connection: Any, facts: Mapping[str, object]) -> None:
    """Keep facts for replicas that join later."""
    await connection.executemany(KEEP, [(name, orjson.dumps(one).decode()) for name, one in facts.items()])


class Barrier:
    """The barrier of one replica, from `open` to `close`, in one event loop.

    `connect` makes a connection; `make` makes a change of another replica. What it asks the database it asks by the
    connection that it gets: the others may all wait for this replica.
    """

    def __init__(self, number: int, connect: Callable[[], Awaitable[Any]], make: Make) -> None:
        self._number, self._connect, self._make = number, connect, make
        self._host = socket.gethostname()
        self._connection: Any = None
        self._made = 0
        self._read_at = 0.0
        self._news = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None
        self._acknowledged: set[asyncio.Event] = set()
        self.others = Observers[[str]]()  # told of what is notified beside changes, and of "" after a break

    @property
    def is_fresh(self) -> bool:
        """Whether this replica has read the changes just now: what it remembers is still so."""
        return asyncio.get_running_loop().time() - self._read_at < FRESH

    async def open(self, fact: str) -> Any:
        """Join the others: from now on they wait for this replica. Returns this fact as the last change has left it, or
        None; who asks has it before the next change is made. Raises one of FAILED."""
        self._news = asyncio.Event()
        await self._listen()
        async with self._connection.transaction():
            await self._connection.execute(_IN_ORDER)
            self._made = await self._connection.fetchval("SELECT coalesce(max(number), 0) FROM changes")
            await self._beat()
            found = await self._connection.fetchval("SELECT value FROM facts WHERE name = $1", fact)
        await self._forget_long_ago()
        self._read_at = asyncio.get_running_loop().time()
        self._follower = asyncio.get_running_loop().create_task(self._follow())
        return None if found is None else orjson.loads(found)

    async def close(self) -> None:
        """Leave: nobody waits for this replica any more."""
        if self._follower is None:
            return
        self._follower.cancel()
        with suppress(asyncio.CancelledError):
            await self._follower
        self._follower = None
        with suppress(*FAILED):
            await self._connection.execute("DELETE FROM replicas WHERE number = $1", self._number)
            await self._connection.close(timeout=1)

    async def tell(self, connection: Any, change: Json, facts: Mapping[str, object]) -> None:
        """Let all others make a change, which this replica has made already, and keep facts for those that join later.
        Raises ReplicaSilent."""
        async with connection.transaction():
            await connection.execute(_IN_ORDER)
            number, _ = await connection.fetchrow(_TELL, self._number, orjson.dumps(change))
            await keep(connection, facts)
        told = asyncio.Event()
        self._acknowledged.add(told)
        try:
            await self._wait(connection, number, told)
        finally:
            self._acknowledged.discard(told)

    async def _wait(self, connection: Any, number: int, told: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while silent := await connection.fetch(_SILENT, number, ALIVE):
            left = until - loop.time()
            if left <= 0:
                raise ReplicaSilent([f"replica {row[0]} on {row[1]}" for row in silent])
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), min(left, BEAT))
            told.clear()

    # ---------------------------------------------------------------- following
    async def _listen(self) -> None:
        self._connection = await self._connect()
        channel = await self._connection.fetchval("SELECT current_schema()")
        await self._connection.add_listener(channel, self._notified)

    def _notified(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        if payload == "made":
            for told in self._acknowledged:
                told.set()
        elif payload == "change":
            self._news.set()
        else:
            self.others.tell(payload)

    async def _follow(self) -> None:
        """Make the changes of the others, for as long as it takes."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                if self._connection.is_closed():
                    await self._listen()
                    self.others.tell("")
                began = loop.time()
                await self._catch_up()
                self._read_at = began
            except FAILED as error:
                logger.debug("The changes of other replicas can't be read: %s", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), BEAT)
            self._news.clear()

    async def _catch_up(self) -> None:
        changes = await self._connection.fetch(_READ, self._made)
        for number, replica, change in changes:
            if replica != self._number:
                await self._apply(orjson.loads(change))
            self._made = number
        await self._beat()
        if changes:
            await self._connection.execute("SELECT pg_notify(current_schema(), 'made')")

    async def _beat(self) -> None:
        await self._connection.execute(_BEAT, self._number, self._host, self._made)

    async def _apply(self, change: Json) -> None:
        try:
            await self._make(change, self._connection)
        except AWAY:  # the change will be read again
            raise
        except Exception:
            logger.exception("A change of another replica can't be made: a defect of the mock")

    async def _forget_long_ago(self) -> None:
        for table, column in (("replicas", "seen_at"), ("changes", "at")):
            old = f"DELETE FROM {table} WHERE {column} < now() - make_interval(secs => $1)"
            await self._connection.execute(old, KEPT)

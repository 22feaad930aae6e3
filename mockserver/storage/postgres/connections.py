"""Connections to PostgreSQL: a few, which tasks use in the order in which they come.

A pool of asyncpg would serve the task that came last first, and reset each connection between two uses: with more tasks
than connections that made the slowest answers ten times as slow. Whatever waits for real time here is in tasks of its
own, as a request on Python 3.11 begins without one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from mockserver.errors import StorageAway
from mockserver.storage.postgres.address import Address

logger = logging.getLogger("mockserver")

SIZE = 8
PATIENCE = 30.0  # seconds that a statement may take, and a connection to be made
PAUSE = 0.25  # seconds between two tries to connect
# What says that the database can't be reached, or is about to end.
AWAY: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that was told that it ends, but has not ended
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
)
# An address that can't be read, too, or has no such port.
FAILED: tuple[type[Exception], ...] = (*AWAY, asyncpg.PostgresError, ValueError, OverflowError)


async def connect(address: Address, options: Mapping[str, str]) -> Any:
    """A connection whose statements mean the tables of this schema. Raises one of AWAY, or asyncpg.PostgresError."""
    settings = {"search_path": address.schema, "application_name": "openloyalty-mockserver", **options}
    return await asyncpg.connect(address.url, server_settings=settings, timeout=PATIENCE, command_timeout=PATIENCE)


class Connections:
    """The connections of one mock, from `open` to `close`, in one event loop. Lost ones are replaced.

    While the database can't be reached, every statement raises StorageAway at once.
    """

    def __init__(self, connect: Callable[[], Awaitable[Any]], size: int = SIZE) -> None:
        self._connect = connect
        self._size = size
        self._all: set[Any] = set()
        self._only: Any = None
        self._free: deque[Any] = deque()
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._wanted = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is between `open` and `close`."""
        return self._keeper is not None

    @property
    def is_away(self) -> bool:
        """Whether the database can't be reached."""
        return not self._all

    async def open(self) -> None:
        """Connect. Raises one of FAILED if the database can't be reached; then no connection is left."""
        self._wanted = asyncio.Event()
        made = await asyncio.gather(*(self._connect() for _ in range(self._size)), return_exceptions=True)
        failures = [one for one in made if isinstance(one, BaseException)]
        for connection in made:
            if not isinstance(connection, BaseException):
                self._add(connection)
        if failures:
            await self.close()
            raise failures[0]
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """End all connections."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        self._refuse_waiting()
        left, self._all = self._all, set()
        self._free.clear()
        for connection in left:
            with suppress(*AWAY):
                await connection.close(timeout=1)

    async def row(self, statement: str, *values: Any) -> Any:
        """The first row of a statement's result, or None. Raises StorageAway."""
        # What `one` does, without the price of a context manager.
        connection = self._only or (self._free.popleft() if self._free else await self._in_turn())
        try:
            return await connection.fetchrow(statement, *values)
        except AWAY as error:
            _explain(error, connection)
            raise
        finally:
            self._give_back(connection)

    async def rows(self, statement: str, *values: Any) -> list[Any]:
        """All rows of a statement's result. Raises StorageAway."""
        async with self.one() as connection:
            found: list[Any] = await connection.fetch(statement, *values)
            return found

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Any]:
        """A connection for the block, in turn. Raises StorageAway if the database is away or goes away meanwhile."""
        connection = self._only or (self._free.popleft() if self._free else await self._in_turn())
        try:
            yield connection
        except AWAY as error:
            _explain(error, connection)
            raise
        finally:
            self._give_back(connection)

    @asynccontextmanager
    async def in_one_transaction(self) -> AsyncIterator[Any]:
        """A connection for the block, all of whose statements are one transaction, whoever asks for them here: no other
        task may ask meanwhile. Raises StorageAway."""
        async with self.one() as connection, connection.transaction():
            self._only = connection
            try:
                yield connection
            finally:
                self._only = None

    async def _in_turn(self) -> Any:
        if not self._all:
            raise StorageAway
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and not turn.exception():
                self._give_back(turn.result())
            raise

    def _give_back(self, connection: Any) -> None:
        if connection is self._only:
            return
        if connection.is_closed() or connection not in self._all:
            self._lose(connection)
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        self._free.append(connection)

    def _add(self, connection: Any) -> None:
        connection.add_termination_listener(self._lose)
        self._all.add(connection)
        self._give_back(connection)

    def _lose(self, connection: Any) -> None:
        """Forget a connection that has ended. Called by asyncpg, too, as soon as it does."""
        self._all.discard(connection)
        with suppress(ValueError):
            self._free.remove(connection)
        if not self._all:
            self._refuse_waiting()
        self._wanted.set()

    def _refuse_waiting(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(StorageAway())

    async def _keep(self) -> None:
        """Replace connections that were lost, for as long as it takes."""
        told = False
        while True:
            await self._wanted.wait()
            try:
                while len(self._all) < self._size:
                    self._add(await self._connect())
            except FAILED as error:
                if not told:
                    logger.error("The database is away: %s. The mock answers 503 until it is back.", error)  # noqa: TRY400
                told = True
                await asyncio.sleep(PAUSE)
            else:
                self._wanted.clear()
                if told:
                    logger.warning("The database is back.")
                told = False


def _explain(error: BaseException, connection: Any) -> None:
    """Raise StorageAway, and end the connection, unless the error tells of a statement that is wrong."""
    if connection.is_closed() or not isinstance(error, asyncpg.InterfaceError):
        connection.terminate()  # nobody knows what it would still receive
        raise StorageAway from error

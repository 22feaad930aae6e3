"""Changes of deliveries that replicas share: each tells the others that there are some, and reads what has changed."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from mockserver.errors import StorageAway
from mockserver.observers import Observers
from mockserver.storage.postgres import DeliveryTables
from mockserver.webhooks.deliveries.kept_deliveries import kept
from mockserver.webhooks.deliveries.records import Delivery

logger = logging.getLogger("mockserver")

TOGETHER = 0.02  # seconds; changes in between are told together
MOST = 2_000  # changes that are read at once


class _Watchers(Observers[[Delivery]]):
    """Observers, of whom the first one begins the reading."""

    __slots__ = ("_begin",)

    def __init__(self, begin: Callable[[], None]) -> None:
        self._begin = begin
        super().__init__()

    def add(self, observer: Callable[[Delivery], object]) -> None:
        """Add one; it is told of what changes from now on."""
        if not self:
            self._begin()
        super().add(observer)


class DeliveryChanges:
    """The changes that one replica makes and follows, from `start` to `stop`."""

    def __init__(self, tables: DeliveryTables) -> None:
        self._tables = tables
        self.observers: Observers[[Delivery]] = _Watchers(self._begin)
        self._news = asyncio.Event()
        self._waiting: set[asyncio.Event] = set()
        self._revision: int | None = None
        self._told: dict[str, Delivery] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._unsaid = asyncio.Event()

    def start(self) -> None:
        """Begin to tell and to follow, in this event loop."""
        self._news, self._unsaid = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._tell_all()), loop.create_task(self._follow())]

    async def stop(self) -> None:
        """End it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def _begin(self) -> None:
        self._revision = None
        self._told.clear()
        self._news.set()

    def made(self) -> None:
        """Tell the others, soon, that this replica has changed deliveries."""
        self._unsaid.set()

    def noticed(self) -> None:
        """Wake who waits for changes: there are some."""
        self._news.set()
        for waiting in self._waiting:
            waiting.set()

    async def news(self, at_most: float) -> None:
        """Wait for changes, or for so many real seconds."""
        waiting = asyncio.Event()
        self._waiting.add(waiting)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(waiting.wait(), at_most)
        finally:
            self._waiting.discard(waiting)

    async def _tell_all(self) -> None:
        while True:
            await self._unsaid.wait()
            self._unsaid.clear()
            try:
                await self._tables.tell()
            except StorageAway:
                logger.debug("Changes of deliveries can't be told: the database is away")
            except Exception:
                logger.exception("Changes of deliveries can't be told: a defect of the mock")
            await asyncio.sleep(TOGETHER)

    async def _follow(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                if self.observers:
                    await self._read()
            except StorageAway:
                logger.debug("The changes of deliveries can't be read: the database is away")
            except Exception:
                logger.exception("The changes of deliveries can't be read: a defect of the mock")

    async def _read(self) -> None:
        if self._revision is None:
            self._revision = (await self._tables.standing()).revision
        changed, self._revision = await self._tables.changed_after(self._revision, MOST)
        latest = {}
        for row in changed:
            delivery = kept(row)
            name = delivery.message.delivery_id
            latest[name] = delivery
            if self._told.get(name) != delivery:
                self.observers.tell(delivery)
        self._told = latest

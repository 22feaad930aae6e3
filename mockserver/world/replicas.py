"""Replicas: mocks that share one state in a database, and what they tell each other beside the records.

Imported only where the settings name a database, as it needs the extra `postgres`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson

from mockserver.clock import Clock, ClockSetting, Ids
from mockserver.errors import SettingsError, StorageAway, listed
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.storage.model import Json
from mockserver.storage.postgres import (
    STRUCK,
    Address,
    FaultRow,
    FaultTable,
    PostgresState,
    begin,
    keep_fact,
    read_fact,
)
from mockserver.storage.resource_records import ResourceRecords
from mockserver.storage.state import State
from mockserver.webhooks.deliveries import DeliverySources
from mockserver.webhooks.deliveries.shared_deliveries import SharedDeliveries
from mockserver.world.faults import Fault, FaultRules
from mockserver.world.faults.rules import FaultForm
from mockserver.world.feed import Feed
from mockserver.world.remembering import remembers

logger = logging.getLogger("mockserver")

CLOCK = "clock"  # facts in the database
KEY = "signing_key"
ORIGIN = "origin"
# What a schema is filled by, beside the contract.
FILLING = ("stores", "admin_username", "admin_password", "member_username", "member_password", "api_key")
TOGETHER = 0.05  # seconds in which what is to be told or looked at is one
OTHER_ORIGIN = (
    "The database of --storage was filled by a mock with another {}; what it has, keys and passwords too, stays valid. "
    "Give all mocks the same settings, or use another schema (--storage …?schema=NAME)."
)
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
Result = TypeVar("Result")


class Soon:
    """Work that is done soon after it was asked for: once for all who ask meanwhile, and not more often than each
    TOGETHER seconds. From `start` to `stop`, in one event loop."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to do it."""
        self._asked = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def ask(self) -> None:
        """Ask for it."""
        self._asked.set()

    async def _run(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await self._work()
            except StorageAway:
                logger.debug("What replicas tell each other has to wait: the database is away")
            except Exception:
                logger.exception("Replicas can't tell each other something: a defect of the mock")
            await asyncio.sleep(TOGETHER)


class SharedStorage(NamedTuple):
    """What a mock that shares its state begins with."""

    state: State
    ids: Ids
    signing_key: bytes | None
    faults: FaultTable
    records: ResourceRecords | None
    replicas: "Replicas"


class Follower(Protocol):
    """Where changes of other replicas are made: a world."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def faults(self) -> FaultRules:
        """The faults."""

    @property
    def feed(self) -> Feed:
        """What tells those who watch."""

    def forget(self) -> None:
        """Return to the initial state, but for the records."""

    def forget_store(self, store_code: str) -> None:
        """Forget what belongs to a store, but for the records."""

    def resume(self, snapshot: Json) -> None:
        """Go on as a snapshot says, but for the records."""


class Replicas:
    """This replica among the others, from `join` to `leave`."""

    def __init__(self, state: PostgresState, ids: Ids, number: int, origin: Mapping[str, str]) -> None:
        """`origin` has digests of what a schema is filled by."""
        self.number = number
        self._origin = origin
        self._state, self._table = state, state.faults
        self._ids = ids
        self._world: Follower | None = None
        self._telling, self._looking = Soon(self._table.tell), Soon(self.look_at_faults)
        self._catching_up = Soon(self._catch_up)
        self._changes = self._open = 0  # changes that were made or told here, and blocks that are about to

    @property
    def is_ready(self) -> bool:
        """Whether this replica can answer: its database is at hand."""
        return self._state.is_at_hand

    @property
    def _works(self) -> tuple[Soon, ...]:
        return self._telling, self._looking, self._catching_up

    async def living(self) -> int:
        """How many replicas are alive, this one included. Raises StorageAway."""
        return await self._state.living()

    async def keep_origin(self) -> None:
        """Keep by what settings the database was filled."""
        await self._state.keep_facts({ORIGIN: self._origin})

    async def have_begun(self) -> bool:
        """Whether the database was filled, by the same settings as this replica's. Raises SettingsError."""
        kept = await self._state.fact(ORIGIN)
        if kept is None:
            return False
        others = [name for name, digest in self._origin.items() if kept.get(name, digest) != digest]
        if others:
            options = listed([f"--{name.replace('_', '-')}" for name in others])
            raise SettingsError(OTHER_ORIGIN.format(options))
        return True

    async def join(self, world: Follower) -> None:
        """Begin to make what others tell, and go on by their clock."""
        self._world = world
        setting = await self._state.join_others(self._make, CLOCK)
        if setting is not None:
            world.clock.follow(ClockSetting(*setting))
        await self.look_at_faults()
        for work in self._works:
            work.start()
        world.faults.strikes.add(self._telling.ask)
        self._state.notices.add(self._noticed)

    async def begin(self, world: Follower) -> None:
        """Keep how a world begins, with the clock and the faults of its state file, for those that join."""
        await self._table.replace(map(_row, world.faults))
        await self._state.keep_facts({CLOCK: [*world.clock.setting]})

    def deliveries(self, settings: Settings, clock: Clock, sources: DeliverySources) -> SharedDeliveries:
        """The deliveries that all share. Raises SettingsError if the allow-list or the CA file can't be used."""
        return SharedDeliveries(settings, clock, self._ids, self._state, sources)

    async def leave(self) -> None:
        """End it: the others no longer wait for this replica."""
        if self._world is not None:
            self._world.faults.strikes.discard(self._telling.ask)
            self._state.notices.discard(self._noticed)
        for work in self._works:
            await work.stop()
        await self._state.leave_others()

    async def tell(self, change: Json) -> None:
        """Let all others make a change, which this replica has made. Raises ReplicaSilent and StorageAway."""
        if self._world is None:  # what it starts with is nobody's yet
            return
        if "faults" in change.get("restored", ()):
            await self._table.replace(map(_row, self._world.faults))
        elif "store" in change:
            await self._remove_of_store(change["store"])
        await self._tell(self._world, change)

    @asynccontextmanager
    async def together(self, world: Follower) -> AsyncIterator[None]:
        """A block that changes this replica, and tells the others. If the database is away before or meanwhile, it
        raises StorageAway, and the clock and the faults are what they were."""
        await self.living()  # so that nothing is changed, not even for a moment, if nobody can be told
        setting, faults = world.clock.setting, world.faults.listed()
        self._open += 1
        try:
            yield
        except StorageAway:
            world.clock.follow(setting)
            world.faults.adopt(faults)
            raise
        finally:
            self._open -= 1
            self._changes += 1

    async def _catch_up(self) -> None:
        """Have the clock and the faults that all have, after the database was away: whether what was told last has
        reached it wasn't known."""
        try:
            setting = await self._kept_clock()
            if self._world is not None and setting is not None and not self._open:
                self._world.clock.follow(ClockSetting(*setting))
            await self.look_at_faults()
        except StorageAway:  # it is back for some connections only
            self._catching_up.ask()
            raise

    async def _kept_clock(self) -> Any:
        """How the clock of all is set, as nothing has changed since; None if nobody has moved it."""
        before = -1
        while before != self._changes:
            before = self._changes
            setting = await self._state.fact(CLOCK)
        return setting

    # ---------------------------------------------------------------- faults
    def _noticed(self, what: str) -> None:
        """Show who watches here what faults have struck elsewhere; after a break, see what all have."""
        if not what:
            self._catching_up.ask()
        if what == STRUCK and self._world is not None and self._world.feed.is_open:
            self._looking.ask()

    async def look_at_faults(self) -> None:
        """See which faults there are, and what all replicas together have counted."""
        if self._world is not None:
            self._world.faults.adopt(await self._table.listed())

    async def added(self, fault: Fault) -> None:
        """Let all have a fault that this replica has added."""
        await self._table.add(_row(fault))
        await self._tell_of_faults()

    async def switched(self, fault: Fault) -> None:
        """Let all switch a fault as this replica has."""
        await self._table.switch(fault.fault_id, enabled=fault.enabled)
        await self._tell_of_faults()

    async def removed(self, fault_ids: Iterable[str]) -> None:
        """Let all be without faults that this replica has removed."""
        await self._table.remove(fault_ids)
        await self._tell_of_faults()

    async def _tell_of_faults(self) -> None:
        if self._world is not None:
            await self._tell(self._world, {"faults": True})
            await self.look_at_faults()  # what another one has told meanwhile was read before this one was there

    async def _remove_of_store(self, store_code: str) -> None:
        kept = await self._table.listed()
        own = [one["faultId"] for one in kept if FaultForm.of(one).match.get("storeCode") == store_code]
        if own:
            await self._table.remove(own)

    # ---------------------------------------------------------------- changes
    async def _tell(self, world: Follower, change: Json) -> None:
        setting = [*world.clock.setting]
        await self._state.tell_others({**change, CLOCK: setting}, {CLOCK: setting})

    async def _make(self, change: Json, connection: Any) -> None:
        if self._world is not None:
            self._changes += 1
            make(self._world, change)
            if change.keys() != {CLOCK}:
                self._world.faults.adopt(await self._table.listed(connection))


def make(world: Follower, change: Json) -> None:
    """Make a change that another replica has told: that it was reset, has restored a snapshot, has emptied a store, or
    has other faults, which the database has. Each brings the clock along."""
    if "reset" in change:
        world.forget()
    elif "restored" in change:
        world.resume(change["restored"])
    elif "store" in change:
        world.forget_store(change["store"])
    world.clock.follow(ClockSetting(*change[CLOCK]))


def _row(fault: Fault) -> FaultRow:
    calls, times = (fault.first, fault.last), fault.wanted.get("times")
    return FaultRow(fault.fault_id, fault.wanted, fault.enabled, calls, times, fault.counts)


def origin(settings: Settings, contract: Contract) -> dict[str, str]:
    """Digests of what a schema is filled by, by the names of settings. The shipped contract may be a newer one."""
    values: dict[str, object] = {name: getattr(settings, name) for name in FILLING}
    values["spec"] = None if contract.is_shipped else contract.document
    return {
        name: blake2b(orjson.dumps(value, option=_SORTED), digest_size=16).hexdigest() for name, value in values.items()
    }


def shared_storage(settings: Settings, contract: Contract) -> SharedStorage:
    """What the settings of a mock name: its state, and what it has in common with others. Makes the tables if they
    aren't there. Raises SettingsError, which says what to do, if the database can't be used."""
    address = Address.of(settings.storage)
    own = Ids.from_chance().seed if settings.seed is None else settings.seed
    replica = _now(begin(address, own))
    if settings.seed is not None and settings.seed != replica.seed:
        raise SettingsError(
            f"The database of --storage has another seed than --seed {settings.seed}: it is {replica.seed}. Leave "
            "--seed out, or use another schema (--storage …?schema=NAME)."
        )
    ids = Ids(replica.seed, replica.number)
    messages = Ids(replica.seed).derived("messages")  # the same in all replicas
    state = PostgresState(
        address,
        waits=settings.storage_sync,
        number=replica.number,
        message_key=messages,
        remembers=remembers(settings, contract),
    )
    key = None if settings.signing_key else _signing_key(address)
    replicas = Replicas(state, ids, replica.number, origin(settings, contract))
    return SharedStorage(state, ids, key, state.faults, state.remembered, replicas)


def _signing_key(address: Address) -> bytes:
    """The key that all replicas sign with; the first one makes it."""
    kept = _now(read_fact(address, KEY))
    if kept is None:
        from mockserver.world.keys import new_private_key

        kept = _now(keep_fact(address, KEY, new_private_key().decode()))
    return kept.encode()


def _now(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine, in a loop of its own: a world is built with or without one that runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()

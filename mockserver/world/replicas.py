"""Replicas: mocks that share one state in a database, and what they tell each other beside the records.

Imported only where the settings name a database, as it needs the extra `postgres`.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol, TypeVar

from mockserver.clock import Clock, ClockSetting, Ids
from mockserver.errors import SettingsError
from mockserver.settings import Settings
from mockserver.storage.model import Json
from mockserver.storage.postgres import Address, PostgresState, begin, keep_fact, read_fact
from mockserver.storage.state import State
from mockserver.webhooks.deliveries import DeliverySources
from mockserver.webhooks.deliveries.shared_deliveries import SharedDeliveries
from mockserver.world.faults import FaultRules

CLOCK = "clock"  # facts in the database
KEY = "signing_key"
Result = TypeVar("Result")


class SharedStorage(NamedTuple):
    """What a mock that shares its state begins with."""

    state: State
    ids: Ids
    signing_key: bytes | None
    replicas: "Replicas"


class Follower(Protocol):
    """Where changes of other replicas are made: a world."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def faults(self) -> FaultRules:
        """The faults."""

    def forget(self) -> None:
        """Return to the initial state, but for the records."""

    def forget_store(self, store_code: str) -> None:
        """Forget what belongs to a store, but for the records."""

    def resume(self, snapshot: Json) -> None:
        """Go on as a snapshot says, but for the records."""


class Replicas:
    """This replica among the others, from `join` to `leave`."""

    def __init__(self, state: PostgresState, ids: Ids) -> None:
        self._state = state
        self._ids = ids
        self._world: Follower | None = None

    async def join(self, world: Follower) -> None:
        """Begin to make what others tell, and go on by their clock."""
        self._world = world
        setting = await self._state.join_others(self._make, CLOCK)
        if setting is not None:
            world.clock.follow(ClockSetting(*setting))

    def deliveries(self, settings: Settings, clock: Clock, sources: DeliverySources) -> SharedDeliveries:
        """The deliveries that all share. Raises SettingsError if the allow-list or the CA file can't be used."""
        return SharedDeliveries(settings, clock, self._ids, self._state, sources)

    async def leave(self) -> None:
        """End it: the others no longer wait for this replica."""
        await self._state.leave_others()

    async def tell(self, change: Json) -> None:
        """Let all others make a change, which this replica has made. Raises ReplicaSilent and StorageAway."""
        if self._world is None:  # what it starts with is nobody's yet
            return
        setting = [*self._world.clock.setting]
        await self._state.tell_others({**change, CLOCK: setting}, {CLOCK: setting})

    def _make(self, change: Json) -> None:
        if self._world is not None:
            make(self._world, change)


def make(world: Follower, change: Json) -> None:
    """Make a change that another replica has told: that it was reset, has restored a snapshot, has emptied a store, or
    has other faults. Each brings the clock along."""
    if "reset" in change:
        world.forget()
    elif "restored" in change:
        world.resume(change["restored"])
    elif "store" in change:
        world.forget_store(change["store"])
    elif "faults" in change:
        world.faults.adopt(change["faults"])
    world.clock.follow(ClockSetting(*change[CLOCK]))


def shared_storage(settings: Settings) -> SharedStorage:
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
    state = PostgresState(address, waits=settings.storage_sync, number=replica.number, message_key=messages)
    key = None if settings.signing_key else _signing_key(address)
    return SharedStorage(state, ids, key, Replicas(state, ids))


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

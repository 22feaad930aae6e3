"""Presets: named states to test against, which are laborious to reach by hand."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mockserver.clock import timestamp
from mockserver.errors import SettingsError
from mockserver.storage.model import Destination, Subscription
from mockserver.turns import Turns
from mockserver.world.people import person
from mockserver.world.registration import register_member, register_transaction
from mockserver.world.remembering import remembered
from mockserver.world.state_file import StateFile
from mockserver.world.world import World

MEMBERS = 300  # of a busy store
MANY = 50  # records of each resource
WEEK, YEAR = 7 * 86_400, 365 * 86_400  # seconds
NOBODY = "http://127.0.0.1:9/nobody-listens"  # the port of the protocol "discard", which no machine serves any more
SUFFIXES = (".yaml", ".yml", ".json")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Preset(NamedTuple):
    """A preset. `apply` gets the world and a store, and, by their names, the parameters of the query that it `takes`;
    `of_store` tells whether it changes that store alone."""

    name: str
    description: str
    of_store: bool
    apply: Callable[..., Awaitable[None]]
    takes: tuple[str, ...] = ()


def presets_of(world: World) -> dict[str, Preset]:
    """The presets that fit the contract of a world, by their names: those that are built in, and the state files of a
    folder, which win. Raises SettingsError if the folder can't be read."""
    built_in = BUILT_IN if world.contract.is_ours else OF_RECORDS if world.memory is not None else ()
    return presets(world.settings.presets, built_in)


def presets(folder: str | None, built_in: Iterable[Preset] | None = None) -> dict[str, Preset]:
    """Presets by their names: those that are built in, which are those of our own contract if none are given, and the
    state files of a folder, which win. Raises SettingsError if the folder can't be read."""
    built_in = BUILT_IN if built_in is None else built_in
    return {**{preset.name: preset for preset in built_in}, **(_of_folder(Path(folder)) if folder else {})}


def _of_folder(folder: Path) -> Mapping[str, Preset]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    except OSError as error:
        raise SettingsError(f"The folder of presets {folder} can't be read: {error.strerror}.") from None
    return {path.stem: _of_file(path) for path in paths if _NAME.fullmatch(path.stem)}


def _of_file(path: Path) -> Preset:
    async def apply(world: World, _store_code: str) -> None:
        file = await asyncio.to_thread(StateFile, path, is_ours=world.contract.is_ours)
        await file.apply(await _just_started(world))  # which changes nothing if it doesn't fit
        await world.reset()
        await file.apply(world)

    return Preset(
        path.stem, f"The state file {path.name}, on a mock that was just started.", of_store=False, apply=apply
    )


async def _just_started(world: World) -> World:
    """Another world of the same settings, to try a file on."""
    started = World.build(
        replace(world.settings, state=None, save=False, storage="memory", storage_sync=False), world.contract
    )
    await started.seed()
    return started


async def _empty(world: World, store_code: str) -> None:
    await world.clear_store(store_code)


async def _busy_store(world: World, store_code: str) -> None:
    if not world.contract.is_ours:
        raise SettingsError("This preset adds members and receipts, which only the contract of Open Loyalty has.")
    await world.reset_store(store_code)
    now = world.clock.now()
    for name in ("CustomerRegistered", "TransactionRegistered"):
        subscription = Subscription(world.ids.uuid(), store_code, name, int(now - YEAR), Destination(NOBODY))
        await world.state.add_subscription(subscription, world.ids.uuid)
    async for number in Turns().over(range(MEMBERS)):
        joined = now - YEAR * (MEMBERS - number) / MEMBERS
        customer = person(number) | {"registeredAt": timestamp(joined)}
        await register_member(world, store_code, customer)
        for visit in range(number % 3):
            await register_transaction(world, store_code, _receipt(number, visit, customer["email"], joined))


def _receipt(number: int, visit: int, email: str, joined: float) -> dict[str, object]:
    """The receipt of a member's visit: the first one when they joined, the next ones a week later each."""
    value = 5 + (37 * number + 11 * visit) % 95
    line = {"sku": f"SKU-{value}", "name": f"Item {value}", "quantity": 1, "grossValue": value, "category": "general"}
    header = {"documentNumber": f"R-{number}-{visit}", "purchasedAt": timestamp(joined + WEEK * visit)}
    return {"header": header, "items": [line], "customerData": {"email": email}}


async def _expired_sessions(world: World, _store_code: str) -> None:
    world.clock.advance(1 + max(world.settings.token_ttl, world.settings.refresh_ttl))


async def _no_records(world: World, _store_code: str) -> None:
    if world.memory is not None:
        await world.memory.contents.empty()


async def _many_records(world: World, _store_code: str, count: int = MANY, resource: str | None = None) -> None:
    if world.memory is None:
        return
    names = [*world.memory.remembered] if resource is None else [remembered(world.memory, resource).resource.name]
    await world.memory.contents.fill(count, names)


BUILT_IN = (
    Preset("empty", "The store has nobody and nothing; the admin can still log in.", of_store=True, apply=_empty),
    Preset(
        "busy-store",
        f"{MEMBERS} members who joined over a year, their receipts, and deliveries that failed.",
        of_store=True,
        apply=_busy_store,
    ),
    Preset(
        "expired-sessions",
        "The clock moves on until every token that was issued has expired.",
        of_store=False,
        apply=_expired_sessions,
    ),
)
OF_RECORDS = (  # of resources, which mocks of other contracts remember
    Preset("empty", "No collection has a record.", of_store=False, apply=_no_records),
    Preset(
        "many",
        f"{MANY} more records of each resource, or as many as `count` says; of one alone with `resource`.",
        of_store=False,
        apply=_many_records,
        takes=("count", "resource"),
    ),
)

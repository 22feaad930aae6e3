"""Mock: reset, snapshot, presets and settings of the whole.

/_mock/reset · /_mock/state · /_mock/presets · /_mock/presets/{presetName} · /_mock/config
"""

import re
from dataclasses import fields
from typing import Any

from mockserver import __version__
from mockserver.errors import BadRequest, NotFound, SettingsError, listed, named
from mockserver.escaping import MASK
from mockserver.naming import camel_case
from mockserver.pipeline import Handler
from mockserver.settings import Settings
from mockserver.turns import Turns
from mockserver.violations import breach
from mockserver.world import World
from mockserver.world.described_state import add_described
from mockserver.world.presets import Preset, presets_of

Reply = tuple[object, int]
EXACT = 2**53  # up to which all JSON readers keep integers as they are
_USER_OF_URL = re.compile(r"(?<=://)[^/@]*@")


async def reset_mock(world: World, query: dict[str, Any]) -> Reply:
    """Return to the initial state, or return one store, or the records of one resource, to it."""
    if query.keys() >= {"storeCode", "resource"}:
        raise BadRequest([breach(("resource",), "alone", "A resource is in no store: give one of both.")])
    if "resource" in query:
        await world.reset_resource(query["resource"])
    elif "storeCode" in query:
        await world.require_store(query["storeCode"])
        await world.reset_store(query["storeCode"])
    else:
        await world.reset()
    return None, 204


async def get_state(world: World) -> Reply:
    """Snapshot of everything that later responses depend on."""
    return await world.snapshot(), 200


async def restore_state(world: World, body: dict[str, Any]) -> Reply:
    """Replace the state by a snapshot."""
    try:
        await world.restore(body)
    finally:
        await Turns().let_go(*(rows for rows in body.values() if isinstance(rows, list)))
    return None, 204


async def add_state(world: World, body: dict[str, Any]) -> Reply:
    """Add what a description says."""
    async with world.together():
        await add_described(world, body)
        await world.share({})  # it may have set the clock
    return None, 204


async def list_presets(world: World) -> Reply:
    """All presets."""
    found = _presets(world).values()
    return {
        "items": [{"name": one.name, "description": one.description, "ofStore": one.of_store} for one in found],
        "total": len(found),
    }, 200


async def apply_preset(world: World, preset_name: str, query: dict[str, Any]) -> Reply:
    """Put a store, or the whole mock, into a named state."""
    known = _presets(world)
    preset = known.get(preset_name)
    if preset is None:
        raise NotFound(hint=f"There is no preset {named(preset_name)}; this mock has {listed([*known])}.")
    if "storeCode" in query and not preset.of_store:
        raise BadRequest([breach(("storeCode",), "store", "This preset is for the whole mock. Leave the store out.")])
    options = {name: value for name, value in query.items() if name != "storeCode"}
    if unfit := [name for name in options if name not in preset.takes]:
        raise BadRequest([breach((name,), "preset", "This preset takes none. Leave it out.") for name in unfit])
    store_code = query.get("storeCode", world.settings.stores[0])
    await world.require_store(store_code)
    try:
        async with world.together():
            await preset.apply(world, store_code, **options)
            await world.share({})
    except SettingsError as error:
        raise BadRequest(message=str(error)) from None
    return None, 204


def _presets(world: World) -> dict[str, Preset]:
    try:
        return presets_of(world)
    except SettingsError as error:
        raise BadRequest(message=str(error)) from None


async def get_config(world: World) -> Reply:
    """Version, contract, seed and settings of the mock; secrets masked."""
    return {
        "version": __version__,
        "contract": world.contract.title,
        "seed": str(world.ids.seed),
        "settings": {camel_case(setting.name): _shown(world.settings, setting) for setting in fields(Settings)},
    }, 200


def _shown(settings: Settings, setting: Any) -> object:
    value = getattr(settings, setting.name)
    if value is not None and setting.metadata["secret"]:
        return MASK
    if isinstance(value, str):
        return _USER_OF_URL.sub("", value)
    return str(value) if isinstance(value, int) and abs(value) > EXACT else value


OPERATIONS: dict[str, Handler] = {
    "resetMock": reset_mock,
    "getState": get_state,
    "restoreState": restore_state,
    "addState": add_state,
    "listPresets": list_presets,
    "applyPreset": apply_preset,
    "getConfig": get_config,
}

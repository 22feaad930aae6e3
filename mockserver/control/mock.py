"""Mock: reset, snapshot and settings of the whole.

/_mock/reset · /_mock/state · /_mock/config
"""

import re
from dataclasses import fields
from typing import Any

from mockserver import __version__
from mockserver.escaping import MASK
from mockserver.pipeline import Handler
from mockserver.settings import Settings
from mockserver.storage.model import camel_case
from mockserver.turns import Turns
from mockserver.world import World

Reply = tuple[object, int]
EXACT = 2**53  # up to which all JSON readers keep integers as they are
_USER_OF_URL = re.compile(r"(?<=://)[^/@]*@")


async def reset_mock(world: World) -> Reply:
    """Return to the initial state."""
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
    "getConfig": get_config,
}

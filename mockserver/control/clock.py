"""Clock: the mock's time.

/_mock/clock · /_mock/clock/advance
"""

from typing import Any

from mockserver.clock import EARLIEST, LATEST, moment
from mockserver.errors import BadRequest
from mockserver.pipeline import Handler
from mockserver.violations import breach
from mockserver.world import World

Reply = tuple[object, int]


async def get_clock(world: World) -> Reply:
    """Time of the mock, and whether it is frozen."""
    return world.clock.shown(), 200


async def set_clock(world: World, body: dict[str, Any]) -> Reply:
    """Set, freeze or release the clock."""
    now = moment(body["now"]) if "now" in body else world.clock.now()
    _check(now, "now")
    async with world.together():
        world.clock.set(now, frozen=body.get("frozen", world.clock.frozen))
        await world.share({})
    return await get_clock(world)


async def advance_clock(world: World, body: dict[str, Any]) -> Reply:
    """Move the clock forward."""
    _check(world.clock.now() + body["seconds"], "seconds")
    async with world.together():
        world.clock.advance(body["seconds"])
        await world.share({})
    return await get_clock(world)


def _check(now: float, name: str) -> None:
    if not EARLIEST <= now <= LATEST:
        raise BadRequest([breach((name,), "range", "The clock can't leave the years 1970 to 9998.")])


OPERATIONS: dict[str, Handler] = {
    "getClock": get_clock,
    "setClock": set_clock,
    "advanceClock": advance_clock,
}

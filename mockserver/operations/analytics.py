"""Analytics: figures about a store.

GET /api/{storeCode}/analytics/members
"""

from typing import Any

from mockserver.pipeline import Handler
from mockserver.world import World


async def members_stats_get(world: World, store_code: str, query: dict[str, Any]) -> tuple[object, int]:
    """Number of members, and of those who registered lately."""
    wanted = query.get("withTransaction")
    counts = await world.state.count_members(store_code, world.clock.now(), with_transaction=wanted)
    interval = {f"in_{days}_days": count for days, count in counts.registered_in.items()}
    return {"intervals": [interval], "total": counts.total}, 200


OPERATIONS: dict[str, Handler] = {"membersStatsGet": members_stats_get}

"""Webhook event: the names that a subscription can have.

GET /api/{storeCode}/webhook/event
"""

from mockserver.pipeline import Handler
from mockserver.world import World


async def webhook_event_get_list(world: World) -> tuple[object, int]:
    """All event names of the contract."""
    return {"items": world.contract.event_names}, 200


OPERATIONS: dict[str, Handler] = {"webhookEventGetList": webhook_event_get_list}

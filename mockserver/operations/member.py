"""Member: the store's customers.

POST /api/{storeCode}/member
"""

from typing import Any

from mockserver.errors import BadRequest
from mockserver.pipeline import Handler
from mockserver.storage.state import IdentifierTaken
from mockserver.violations import taken
from mockserver.world import World
from mockserver.world.registration import register_member


async def member_post(world: World, store_code: str, body: dict[str, Any]) -> tuple[object, int]:
    """Register a member whose identifiers are free (assumption A34: a taken one is a 400)."""
    customer = body["customer"]
    try:
        member = await register_member(world, store_code, customer)
    except IdentifierTaken as error:
        raise BadRequest([taken(("customer", name)) for name in error.fields]) from error
    return {"customerId": member.customer_id, "email": customer["email"]}, 200


OPERATIONS: dict[str, Handler] = {"_memberPost": member_post}

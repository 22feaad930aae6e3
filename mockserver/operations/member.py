"""Member: the store's customers.

POST /api/{storeCode}/member
"""

from functools import partial
from typing import Any

from mockserver.clock import moment
from mockserver.errors import BadRequest
from mockserver.pipeline import Handler
from mockserver.storage.model import Member
from mockserver.storage.state import IdentifierTaken
from mockserver.violations import taken
from mockserver.webhooks.payloads import customer_registered
from mockserver.world import World


async def member_post(world: World, store_code: str, body: dict[str, Any]) -> tuple[object, int]:
    """Register a member whose identifiers are free (assumption A34: a taken one is a 400)."""
    customer = body["customer"]
    try:
        member = await world.state.add_member(_member(world, store_code, customer), world.ids.uuid)
    except IdentifierTaken as error:
        raise BadRequest([taken(("customer", name)) for name in error.fields]) from error
    await world.emit("CustomerRegistered", store_code, partial(customer_registered, member))
    return {"customerId": member.customer_id, "email": customer["email"]}, 200


def _member(world: World, store_code: str, customer: dict[str, Any]) -> Member:
    registered = customer.get("registeredAt") or customer.get("createdAt")
    return Member(
        customer_id=world.ids.uuid(),
        store_code=store_code,
        email=customer["email"],
        phone=customer.get("phone"),
        loyalty_card_number=customer.get("loyaltyCardNumber"),
        referral_token=world.ids.hex(8).upper(),
        registered_at=moment(registered) if registered else world.clock.now(),
        data=customer,
    )


OPERATIONS: dict[str, Handler] = {"_memberPost": member_post}

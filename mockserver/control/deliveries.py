"""Deliveries: their states and attempts.

/_mock/deliveries · /_mock/deliveries/{deliveryId} · …/{deliveryId}/redeliver
"""

from typing import Any

from mockserver import standard_webhooks
from mockserver.errors import NotFound
from mockserver.pipeline import Handler
from mockserver.signing import Scheme, canonical
from mockserver.turns import Turns
from mockserver.webhooks.deliveries import FILTERS, Attempt
from mockserver.world import World

Reply = tuple[object, int]


async def list_deliveries(world: World, query: dict[str, Any]) -> Reply:
    """One page of the deliveries that pass all filters; `wait` and `atLeast` wait for enough of them."""
    filters = {name: value for name, value in query.items() if name in FILTERS}
    if query["wait"]:
        await world.deliveries.wait(filters, query["atLeast"], query["wait"])
    size, deliveries = query["_itemsOnPage"], world.deliveries
    # Read before the page: a change in between has a later revision, so the next poll finds it.
    counts = (await deliveries.standing())._asdict()
    page = await deliveries.listing(filters, (query["_page"] - 1) * size, size)
    items = [delivery.as_json() async for delivery in Turns().over(page.rows)]
    return {"items": items, "total": page.filtered, **counts}, 200


async def get_delivery(world: World, delivery_id: str) -> Reply:
    """One delivery, with the signed lines of each attempt."""
    delivery = await world.deliveries.look_up(delivery_id)
    if delivery is None:
        raise NotFound(hint="No delivery of this id is remembered; GET /_mock/deliveries lists those that are.")
    message_id = delivery.message.message_id
    attempts = [
        attempt.as_json() | {"canonical": _canonical(world.scheme, message_id, attempt)}
        for attempt in delivery.attempts
    ]
    return delivery.as_json() | {"attempts": attempts}, 200


async def redeliver(world: World, delivery_id: str) -> Reply:
    """Deliver once more."""
    return (await world.deliveries.deliver_again(delivery_id)).as_json(), 202


def _canonical(scheme: Scheme, message_id: str, attempt: Attempt) -> list[str] | None:
    """Lines of what is signed of an attempt; None if it wasn't signed. Sent headers aren't read, as a
    subscription may have set them."""
    sent = attempt.request
    if attempt.signed_at is None:
        return None
    if scheme is Scheme.STANDARD_WEBHOOKS:
        signed = standard_webhooks.content(message_id, attempt.signed_at, sent.body.encode())
        return signed.decode("utf-8", "replace").split("\n")
    text = canonical(sent.method, sent.url, sent.body.encode(), attempt.signed_at, attempt.request_id)
    return text.decode("utf-8", "replace").split("\n")


OPERATIONS: dict[str, Handler] = {
    "listDeliveries": list_deliveries,
    "getDelivery": get_delivery,
    "redeliver": redeliver,
}

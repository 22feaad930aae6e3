"""Deliveries: their states and attempts.

/_mock/deliveries · /_mock/deliveries/{deliveryId} · …/{deliveryId}/redeliver
"""

from typing import Any

from mockserver.errors import NotFound
from mockserver.pipeline import Handler
from mockserver.signing import canonical
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
    counts = {"forgotten": deliveries.forgotten, "revision": deliveries.revision, "emptied": deliveries.emptied}
    page = await deliveries.listing(filters, (query["_page"] - 1) * size, size)
    items = [delivery.as_json() async for delivery in Turns().over(page.rows)]
    return {"items": items, "total": page.filtered, **counts}, 200


async def get_delivery(world: World, delivery_id: str) -> Reply:
    """One delivery, with the signed lines of each attempt."""
    delivery = world.deliveries.get(delivery_id)
    if delivery is None:
        raise NotFound(hint="No delivery of this id is remembered; GET /_mock/deliveries lists those that are.")
    attempts = [attempt.as_json() | {"canonical": _canonical(attempt)} for attempt in delivery.attempts]
    return delivery.as_json() | {"attempts": attempts}, 200


async def redeliver(world: World, delivery_id: str) -> Reply:
    """Deliver once more."""
    return world.deliveries.redeliver(delivery_id).as_json(), 202


def _canonical(attempt: Attempt) -> list[str] | None:
    """Lines of the canonical string of an attempt; None if it wasn't signed. Sent headers aren't read, as a
    subscription may have set them."""
    sent = attempt.request
    if attempt.signed_at is None:
        return None
    text = canonical(sent.method, sent.url, sent.body.encode(), attempt.signed_at, attempt.request_id)
    return text.decode("utf-8", "replace").split("\n")


OPERATIONS: dict[str, Handler] = {
    "listDeliveries": list_deliveries,
    "getDelivery": get_delivery,
    "redeliver": redeliver,
}

"""Webhook subscription: events, and the destinations of their deliveries.

/api/{storeCode}/webhook/subscription · …/{webhookSubscription} · …/{webhookSubscription}/rotate-hmac-key
"""

from typing import Any

import orjson

from mockserver.clock import moment, timestamp
from mockserver.pipeline import Handler
from mockserver.storage.model import Subscription
from mockserver.storage.table import Query
from mockserver.world import World
from mockserver.world.registration import destination_of, new_secret, new_subscription

Reply = tuple[object, int]
Body = dict[str, Any]


async def webhook_subscription_get_list(world: World, store_code: str, query: dict[str, Any]) -> Reply:
    """One page of the store's subscriptions."""
    wanted = Query.from_parameters(query, convert={"createdAt": moment})
    page = await world.state.subscriptions(store_code, wanted)
    total = {"all": page.total, "filtered": page.filtered, "estimated": False}
    return {"items": [_row(subscription) for subscription in page.rows], "total": total}, 200


async def webhook_subscription_post(world: World, store_code: str, body: Body) -> Reply:
    """Add a subscription. Its secret, if signing is on, is in this response only."""
    wanted = body["webhookSubscription"]
    subscription = new_subscription(world.ids, store_code, wanted, world.clock.now())
    subscription = await world.state.add_subscription(subscription, world.ids.uuid)
    secret = {"hmacSecretKey": subscription.signing.secret} if subscription.signing else {}
    return {"webhookSubscriptionId": subscription.subscription_id, **secret}, 200


async def webhook_subscription_get(world: World, store_code: str, webhook_subscription: str) -> Reply:
    """One subscription with its headers."""
    subscription = await world.state.subscription(store_code, webhook_subscription)
    return _row(subscription) | {"headers": orjson.loads(subscription.destination.headers)}, 200


async def webhook_subscription_put(world: World, store_code: str, webhook_subscription: str, body: Body) -> Reply:
    """Replace the destination: 200 with the secret if a key was issued, else 204 (assumption A13)."""
    wanted = body["webhookSubscription"]
    destination = destination_of(wanted)
    signed = False if destination.destination_type == "queue" else wanted.get("hmacEnabled")
    secret = new_secret(world.ids)
    issued = await world.state.replace_destination(store_code, webhook_subscription, destination, secret, signed=signed)
    return ({"hmacSecretKey": secret}, 200) if issued else (None, 204)


async def webhook_subscription_delete(world: World, store_code: str, webhook_subscription: str) -> Reply:
    """Delete a subscription."""
    await world.state.delete_subscription(store_code, webhook_subscription)
    return None, 204


async def webhook_subscription_rotate_hmac_key(world: World, store_code: str, webhook_subscription: str) -> Reply:
    """Replace the signing key; deliveries are signed with the new one from now on."""
    secret = new_secret(world.ids)
    await world.state.rotate_key(store_code, webhook_subscription, secret, world.clock.now())
    return {"hmacSecretKey": secret}, 200


def _row(subscription: Subscription) -> dict[str, Any]:
    """A subscription as lists show it."""
    destination = subscription.destination
    return {
        "webhookSubscriptionId": subscription.subscription_id,
        "eventName": subscription.event_name,
        "url": destination.url,
        "headerName": destination.header_name,
        "headerValue": destination.header_value,
        "legacy": subscription.legacy,
        "createdAt": timestamp(subscription.created_at),
        "destinationType": destination.destination_type,
        "hmacEnabled": subscription.signing is not None,
    }


OPERATIONS: dict[str, Handler] = {
    "webhookSubscriptionGetList": webhook_subscription_get_list,
    "_webhookSubscriptionPost": webhook_subscription_post,
    "webhookSubscriptionGet": webhook_subscription_get,
    "_webhookSubscriptionPut": webhook_subscription_put,
    "webhookSubscriptionDelete": webhook_subscription_delete,
    "webhookSubscriptionRotateHmacKey": webhook_subscription_rotate_hmac_key,
}

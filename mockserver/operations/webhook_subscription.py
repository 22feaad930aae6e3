"""Webhook subscription: events, and the destinations of their deliveries.

/api/{storeCode}/webhook/subscription · …/{webhookSubscription} · …/{webhookSubscription}/rotate-hmac-key
"""

from sys import intern
from typing import Any

import orjson

from mockserver.clock import moment, timestamp
from mockserver.errors import BadRequest
from mockserver.pipeline import Handler
from mockserver.storage.model import Destination, SigningState, Subscription
from mockserver.storage.table import Query
from mockserver.webhooks import custom_headers
from mockserver.webhooks.signing import SECRET_DIGITS, SECRET_PREFIX
from mockserver.world import World

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
    destination = _destination(wanted)  # may be refused, and then no id is drawn
    signing = SigningState(_new_secret(world)) if wanted.get("hmacEnabled") else None
    subscription = Subscription(
        world.ids.uuid(),
        store_code,
        intern(wanted["eventName"]),  # there are few
        int(world.clock.now()),  # whole seconds, as the API shows them: a filter finds what it saw
        destination,
        signing,
    )
    subscription = await world.state.add_subscription(subscription, world.ids.uuid)
    secret = {"hmacSecretKey": signing.secret} if signing else {}
    return {"webhookSubscriptionId": subscription.subscription_id, **secret}, 200


async def webhook_subscription_get(world: World, store_code: str, webhook_subscription: str) -> Reply:
    """One subscription with its headers."""
    subscription = await world.state.subscription(store_code, webhook_subscription)
    return _row(subscription) | {"headers": orjson.loads(subscription.destination.headers)}, 200


async def webhook_subscription_put(world: World, store_code: str, webhook_subscription: str, body: Body) -> Reply:
    """Replace the destination: 200 with the secret if a key was issued, else 204 (assumption A13)."""
    wanted = body["webhookSubscription"]
    destination = _destination(wanted)
    signed = False if destination.destination_type == "queue" else wanted.get("hmacEnabled")
    secret = _new_secret(world)
    issued = await world.state.replace_destination(store_code, webhook_subscription, destination, secret, signed=signed)
    return ({"hmacSecretKey": secret}, 200) if issued else (None, 204)


async def webhook_subscription_delete(world: World, store_code: str, webhook_subscription: str) -> Reply:
    """Delete a subscription."""
    await world.state.delete_subscription(store_code, webhook_subscription)
    return None, 204


async def webhook_subscription_rotate_hmac_key(world: World, store_code: str, webhook_subscription: str) -> Reply:
    """Replace the signing key; deliveries are signed with the new one from now on."""
    secret = _new_secret(world)
    await world.state.rotate_key(store_code, webhook_subscription, secret, world.clock.now())
    return {"hmacSecretKey": secret}, 200


def _new_secret(world: World) -> str:
    return SECRET_PREFIX + world.ids.secret(SECRET_DIGITS)


def _destination(wanted: Body) -> Destination:
    """Destination in a valid body; without a type, queue keys make it a queue. Raises BadRequest for a header that no
    subscription can set."""
    if "headers" in wanted or "headerName" in wanted:
        problems = custom_headers.violations(wanted, ("webhookSubscription",))
        if problems:
            raise BadRequest(problems)
    is_queue = wanted.get("destinationType") == "queue" or "queueKey" in wanted
    return Destination(
        wanted["url"],
        "queue" if is_queue else "rest",
        orjson.dumps(wanted["headers"]).decode() if "headers" in wanted else "[]",
        wanted.get("headerName"),
        wanted.get("headerValue"),
        wanted.get("queueKey"),
        wanted.get("queueSecretKey"),
        wanted.get("queueEncryptionKey"),
    )


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

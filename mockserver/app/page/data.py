"""What the page asks for beside the control plane: names to choose from, verdicts on a delivery, and the inbox."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from mockserver import __version__
from mockserver.app.builtin_routes import page_configuration
from mockserver.clock import timestamp
from mockserver.control.deliveries import get_delivery
from mockserver.control.events import get_event_schema
from mockserver.errors import BadRequest, NotFound
from mockserver.escaping import masked_header
from mockserver.http.messages import Request
from mockserver.operations.webhook_subscription import webhook_subscription_delete, webhook_subscription_post
from mockserver.signing import VERSION_HEADER, Scheme
from mockserver.standard_webhooks import verdict
from mockserver.violations import breach, dotted
from mockserver.webhooks.deliveries import Attempt
from mockserver.webhooks.inbox import InboxSubscription, Received
from mockserver.world import World
from mockserver.world.presets import OF_RECORDS
from mockserver.world.receivers import add_receiver, secret_of

LONGEST_BODY = 64 * 1024  # bytes


async def setup(world: World, _request: Request) -> Any:
    """What there is to choose from, and what the mock can do. Of keys only the one that everybody knows is told."""
    settings, contract = world.settings, world.contract
    resources = [*world.memory.remembered] if world.memory else []
    return {
        "version": __version__,
        "contract": contract.title,
        "hasInbox": contract.is_ours or bool(contract.event_names),
        "hasRequests": settings.engine != "connexion",
        "hasToken": settings.control_token is not None,
        "apiKey": page_configuration(contract, settings)["apiKey"] if contract.is_ours else None,
        "stores": list(settings.stores),
        "resources": resources,
        "takes": {one.name: [*one.takes] for one in OF_RECORDS} if resources else {},
        "events": contract.event_names,
        "operations": [
            {"operationId": route.operation_id, "method": route.method, "path": route.path}
            for route in contract.routes()
        ],
    }


async def event(world: World, request: Request) -> Any:
    """The schema of an event's payloads, and valid data for it."""
    name = request.path_parameters["eventName"]
    has_schema = name in world.events.schema_names
    schema = (await get_event_schema(world, name))[0] if has_schema or name not in world.events.names else {}
    return {"schema": schema, "data": world.events.generated(name) if name in world.events.names else None}


async def delivery(world: World, request: Request) -> Any:
    """A delivery as the control plane shows it, each attempt with verdicts on schema and signature; null if it was
    forgotten."""
    delivery_id = request.path_parameters["deliveryId"]
    found = await world.deliveries.look_up(delivery_id)
    if found is None:
        return None
    shown: Any = (await get_delivery(world, delivery_id))[0]
    secret = await _key_of(world, shown["storeCode"], shown["subscriptionId"])
    for attempt, row in zip(found.attempts, shown["attempts"], strict=True):
        row["signature"] = _signature(world.scheme, attempt, secret)
        row["violations"] = _violations(world, found.message.event_name, attempt.request.body.encode())
    return shown


async def _key_of(world: World, store_code: str, subscription_id: str) -> tuple[str, int] | None:
    """The key of a subscription, and its version; None if there is none any more."""
    try:
        signing = (await world.state.subscription(store_code, subscription_id)).signing
    except NotFound:
        return None
    return None if signing is None else (signing.secret, signing.version)


def _signature(scheme: Scheme, attempt: Attempt, key: tuple[str, int] | None) -> str:
    """The verdict of a receiver that got the attempt at once."""
    if attempt.signed_at is None:
        return "unsigned"
    if key is None:
        return "unknown: the subscription has no key any more"
    sent, (secret, version) = attempt.request, key
    headers = dict(sent.headers)
    refusal = verdict(scheme, secret, headers, sent.body.encode(), sent.url, attempt.at)
    signed_with = next((value for name, value in headers.items() if name.lower() == VERSION_HEADER.lower()), "")
    if refusal and scheme is Scheme.VENDOR and signed_with != str(version):
        return f"unknown: signed with key {signed_with}, which was replaced by key {version}"
    return refusal.value if refusal else "right"


def _violations(world: World, event_name: str, body: bytes) -> list[str]:
    """In what a payload leaves the contract, as far as it is JSON there."""
    try:
        if not world.events.form(event_name).media_type.endswith("json"):
            return []
        found = world.events.violations(event_name, orjson.loads(body))
    except orjson.JSONDecodeError:
        return ["the body is no JSON"]
    except KeyError:
        return ["the contract doesn't know this event"]
    return [f"{dotted(violation.path)}: {violation.message}" for violation in found]


async def show_inbox(world: World, _request: Request) -> Any:
    """The inbox: where it listens, what is subscribed, and what has arrived, with verdicts."""
    subscriptions = await world.inbox.subscriptions()
    return {
        "url": world.inbox.url,
        "subscriptions": [one._asdict() for one in subscriptions],
        "items": [_received(world, received) for received in world.inbox.received()],
    }


async def open_inbox(world: World, request: Request) -> Any:
    """Open the inbox, and subscribe it, as the admin does, to all events of a store; `hmacEnabled`, so that they are
    signed. What is subscribed stays so."""
    if not world.contract.event_names:
        raise BadRequest(message="This contract has no webhooks and no callbacks: nothing would come.")
    store_code = await _store_code(world, request)
    subscribed = {(one.store_code, one.event_name) for one in await world.inbox.subscriptions()}
    for name in world.contract.event_names:
        if (store_code, name) not in subscribed:
            subscription_id = await _subscribe(world, store_code, name, world.inbox.url_of(store_code, name))
            world.inbox.expect(InboxSubscription(store_code, name, subscription_id))
    return await show_inbox(world, request)


async def _subscribe(world: World, store_code: str, name: str, url: str) -> str:
    """Subscribe a URL: by the API, if the contract has one for that; returns the id."""
    if not world.contract.is_ours:
        return (await add_receiver(world, store_code, name, url, secret_of(world))).subscription_id
    wanted = {"eventName": name, "url": url, "hmacEnabled": True}
    answer: Any = (await webhook_subscription_post(world, store_code, {"webhookSubscription": wanted}))[0]
    return str(answer["webhookSubscriptionId"])


async def close_inbox(world: World, request: Request) -> Any:
    """Delete the inbox's subscriptions, and forget what has arrived. It listens on, for what is under way."""
    for one in await world.inbox.subscriptions():
        await webhook_subscription_delete(world, one.store_code, one.subscription_id)
    world.inbox.clear()
    return await show_inbox(world, request)


async def _store_code(world: World, request: Request) -> str:
    try:
        body = orjson.loads(await request.read(LONGEST_BODY))
        store_code = body["storeCode"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise BadRequest(message='Send a store as JSON: {"storeCode": "DEFAULT"}.') from None
    if not (isinstance(store_code, str) and await world.state.has_store(store_code)):
        raise BadRequest([breach(("storeCode",), "store", "There is no store with this code.")])
    return store_code


def _received(world: World, received: Received) -> Any:
    headers = {name: masked_header(name, value) for name, value in received.headers.items()}
    return {
        "number": received.number,
        "at": timestamp(received.at),
        "storeCode": received.store_code,
        "eventName": received.event_name,
        "headers": headers,
        "body": received.body.decode("utf-8", "replace"),
        "signature": received.signature,
        "violations": _violations(world, received.event_name, received.body),
    }


ROUTES: tuple[tuple[str, str, Callable[[World, Request], Awaitable[Any]]], ...] = (
    ("GET", "setup", setup),
    ("GET", "events/{eventName}", event),
    ("GET", "deliveries/{deliveryId}", delivery),
    ("GET", "inbox", show_inbox),
    ("POST", "inbox", open_inbox),
    ("DELETE", "inbox", close_inbox),
)

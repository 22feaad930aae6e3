"""Receivers: who gets events, beside those that the API has subscribed, or instead of them.

/_mock/receivers · /_mock/receivers/{receiverId}
"""

from typing import Any

from mockserver import standard_webhooks
from mockserver.clock import timestamp
from mockserver.errors import BadRequest, NotFound, SettingsError
from mockserver.pipeline import Handler
from mockserver.signing import Scheme, SignedUrl
from mockserver.violations import Violation, breach, not_a_choice
from mockserver.world import World
from mockserver.world.receivers import MOST_LISTED, EventReceiver, add_receiver, names_user, receivers, secret_of

Reply = tuple[object, int]
NO_URL = "This must be an absolute http or https URL."
USER = "This must have no user name before the host: no receiver is called with one."
FULL = f"There are {MOST_LISTED} receivers in this store already. Remove some."


async def list_receivers(world: World, query: dict[str, Any]) -> Reply:
    """Who gets the events of a store."""
    store_code = query.get("storeCode", world.settings.stores[0])
    await world.require_store(store_code)
    items = [_shown(one) for one in await receivers(world, store_code)]
    return {"items": items, "total": len(items), "signing": world.scheme.value}, 200


async def add_one(world: World, body: dict[str, Any]) -> Reply:
    """Send an event to a URL from now on."""
    store_code, name = body.get("storeCode", world.settings.stores[0]), body["eventName"]
    problems = [*_problems(world, body)]
    if no_store := await world.store_problem(store_code):
        problems.append(no_store)
    if problems:
        raise BadRequest(problems)
    if len(await receivers(world, store_code)) >= MOST_LISTED:
        raise BadRequest(message=FULL)
    secret = body.get("secret") or secret_of(world)
    made = await add_receiver(world, store_code, name, body["url"], secret)
    return _shown(EventReceiver(made, by_callback=False)) | {"secret": secret}, 201


async def delete_receiver(world: World, receiver_id: str, query: dict[str, Any]) -> Reply:
    """Send nothing more to a receiver."""
    store_code = query.get("storeCode", world.settings.stores[0])
    await world.require_store(store_code)
    try:
        await world.state.delete_subscription(store_code, receiver_id)
    except NotFound:
        raise NotFound(hint="There is no receiver with this id; GET /_mock/receivers lists those that are.") from None
    return None, 204


def _problems(world: World, body: dict[str, Any]) -> list[Violation]:
    problems = []
    if body["eventName"] not in world.events.names:
        problems.append(not_a_choice(("eventName",), body["eventName"], world.contract.event_names))
    if names_user(body["url"]):
        problems.append(breach(("url",), "format", USER))
    try:
        SignedUrl.of(body["url"])
    except ValueError:
        problems.append(breach(("url",), "format", NO_URL))
    if "secret" in body and world.scheme is Scheme.STANDARD_WEBHOOKS:
        try:
            standard_webhooks.key_of(body["secret"])
        except SettingsError as error:
            problems.append(breach(("secret",), "format", str(error)))
    return problems


def _shown(receiver: EventReceiver) -> dict[str, Any]:
    """A receiver, without its secret."""
    one = receiver.subscription
    return {
        "receiverId": one.subscription_id,
        "storeCode": one.store_code,
        "eventName": one.event_name,
        "url": one.destination.url,
        "signed": one.signing is not None,
        "byCallback": receiver.by_callback,
        "createdAt": timestamp(one.created_at),
    }


OPERATIONS: dict[str, Handler] = {
    "listReceivers": list_receivers,
    "addReceiver": add_one,
    "deleteReceiver": delete_receiver,
}

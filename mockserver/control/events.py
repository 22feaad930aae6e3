"""Events: any of them on request, and the schemas of their payloads.

/_mock/events · /_mock/schemas/{eventName}.json
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from mockserver.errors import BadRequest, NotFound, UnknownEvent
from mockserver.openapi.contract import Callback, DeclaredEvent
from mockserver.openapi.json_schema import json_schema
from mockserver.pipeline import Handler
from mockserver.storage.model import Subscription
from mockserver.violations import Violation, breach, not_a_choice
from mockserver.webhooks.events import Event
from mockserver.world import World
from mockserver.world.variation import varied

Reply = tuple[object, int]
MOST_SHOWN = 1_000  # of the deliveries that were caused
SHARED = "Mocks that share a database send an event to all its receivers. Leave it out."
SOME_ID = "00000000-0000-4000-8000-000000000000"


async def list_events(world: World) -> Reply:
    """All events of the contract, each with how it is sent."""
    sent_by = {name: [*of] for name, of in groupby(sorted(world.contract.callbacks, key=_name_of), key=_name_of)}
    items = [_described(world, event, sent_by.get(event.name, [])) for event in world.contract.events.values()]
    subscribed_by = "api" if world.contract.is_ours else "receivers"
    return {"items": items, "total": len(items), "subscribedBy": subscribed_by}, 200


def _name_of(callback: Callback) -> str:
    return callback.event_name


def _described(world: World, event: DeclaredEvent, callbacks: Sequence[Callback]) -> dict[str, Any]:
    form = world.events.form(event.name)
    sent = [{"operationId": one.operation_id, "expression": one.expression} for one in callbacks]
    return {
        "eventName": event.name,
        "method": form.method,
        "mediaType": form.media_type or None,
        "hasEnvelope": form.has_envelope,
        "hasSchema": event.pointer is not None,
        "callbacks": sent,
    }


async def trigger_event(world: World, body: dict[str, Any]) -> Reply:
    """Emit an event `count` times; responds with the deliveries, MOST_SHOWN at most."""
    name, store_code = body["eventName"], body.get("storeCode", world.settings.stores[0])
    await _check_names(world, name, store_code)
    only = await _receiver(world, name, store_code, body)
    generated = world.events.generated(name)
    violations = _violations(world, name, store_code, _changed(generated, body))
    if violations:
        raise BadRequest(violations)
    shown: list[object] = []
    total = 0
    for number in range(body.get("count", 1)):
        data = _changed(varied(generated, number, world.ids), body)
        ticket = await (world.emit(name, store_code, data) if only is None else world.emit_to(only, data))
        caused = [await world.deliveries.look_up(one) for one in ticket.delivery_ids()[: MOST_SHOWN - len(shown)]]
        shown += [delivery.as_json() for delivery in caused if delivery]
        total += ticket.size
        await asyncio.sleep(0)  # others have their turn
    return {"items": shown, "total": total}, 202


async def _receiver(world: World, name: str, store_code: str, body: Mapping[str, Any]) -> Subscription | None:
    """The only receiver that gets the event; None if all do. Raises BadRequest."""
    if "receiverId" not in body:
        return None
    if world.replicas is not None:
        raise BadRequest([breach(("receiverId",), "receiver", SHARED)])
    try:
        found = await world.state.subscription(store_code, body["receiverId"])
    except NotFound:
        found = None
    if found is None or found.event_name != name:
        raise BadRequest([breach(("receiverId",), "receiver", f"There is no such receiver of {name}.")])
    return found


def _changed(data: Any, body: Mapping[str, Any]) -> Any:
    """Generated data with the changes that a body wants."""
    return merged(data, body["data"]) if "data" in body else data


async def get_event_schema(world: World, event_name: str) -> Reply:
    """The JSON Schema of an event's payloads, or of those of all events."""
    try:
        pointer = world.events.schema_pointer(event_name)
    except KeyError:
        raise UnknownEvent(event_name, world.events.schema_names) from None
    return json_schema(world.contract.document, pointer, event_name), 200


async def _check_names(world: World, name: str, store_code: str) -> None:
    problems: list[Violation] = []
    if name not in world.events.names:
        problems.append(not_a_choice(("eventName",), name, world.contract.event_names))
    if no_store := await world.store_problem(store_code):
        problems.append(no_store)
    if problems:
        raise BadRequest(problems)


def _violations(world: World, name: str, store_code: str, data: Any) -> list[Violation]:
    """Violations of the contract in the payload of this event."""
    event = Event(0, name, store_code, world.clock.now(), data, world.events.form(name))
    return world.events.violations(name, event.payload(SOME_ID, SOME_ID))


def merged(base: Any, changes: Any) -> Any:
    """The base with the changes in it: objects key by key, anything else as a whole."""
    if not isinstance(base, Mapping) or not isinstance(changes, Mapping):
        return changes
    return {**base, **{key: merged(base.get(key), value) for key, value in changes.items()}}


OPERATIONS: dict[str, Handler] = {
    "listEvents": list_events,
    "triggerEvent": trigger_event,
    "getEventSchema": get_event_schema,
}

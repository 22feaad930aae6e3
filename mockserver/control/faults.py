"""Faults: responses and deliveries that go wrong on purpose.

/_mock/faults · /_mock/faults/{faultId}
"""

from typing import Any

from mockserver.errors import BadRequest, OtherEngine
from mockserver.pipeline import Handler
from mockserver.violations import missing, not_a_choice
from mockserver.world import World

Reply = tuple[object, int]
EFFECTS_OF_OPERATIONS = ("status", "body", "delay", "effect")


async def list_faults(world: World) -> Reply:
    """All active faults."""
    return world.faults.shown(), 200


async def add_fault(world: World, body: dict[str, Any]) -> Reply:
    """Add a fault for the responses of an operation, or for the deliveries of an event."""
    name, known = ("operationId", world.contract.operation_ids) if "operationId" in body else _event_names(world)
    if body[name] not in known:
        raise BadRequest([not_a_choice((name,), body[name], known)])
    if not any(effect in body for effect in EFFECTS_OF_OPERATIONS):
        raise BadRequest([missing(("effect",))])
    if name == "operationId" and world.settings.engine == "connexion":
        raise OtherEngine
    return world.faults.add(body).as_json(), 201


async def delete_faults(world: World) -> Reply:
    """Remove all faults."""
    world.faults.clear()
    return None, 204


async def delete_fault(world: World, fault_id: str) -> Reply:
    """Remove one fault."""
    world.faults.remove(fault_id)
    return None, 204


def _event_names(world: World) -> tuple[str, list[str]]:
    return "eventName", world.contract.event_names


OPERATIONS: dict[str, Handler] = {
    "listFaults": list_faults,
    "addFault": add_fault,
    "deleteFaults": delete_faults,
    "deleteFault": delete_fault,
}

"""Faults: responses and deliveries that go wrong on purpose.

/_mock/faults · /_mock/faults/{faultId}
"""

from typing import Any

from mockserver.errors import BadRequest, OtherEngine
from mockserver.pipeline import Handler
from mockserver.storage.model import Json
from mockserver.violations import Path, not_a_choice
from mockserver.world import World
from mockserver.world.faults.checks import problems
from mockserver.world.faults.rules import FaultForm

Reply = tuple[object, int]


async def list_faults(world: World, query: dict[str, Any]) -> Reply:
    """All faults, also those that are switched off; or those that are for one store alone."""
    if "storeCode" in query:
        await world.require_store(query["storeCode"])
    await _look(world)
    items = world.faults.listed(query.get("storeCode"))
    return {"items": items, "total": len(items)}, 200


async def add_fault(world: World, body: dict[str, Any]) -> Reply:
    """Add a fault for the responses of operations, or for the deliveries of events."""
    found = problems(body)
    if found:
        raise BadRequest(found)
    body = _with_known_operation(world, body)
    form = FaultForm.of(body)
    await _check_names(world, form.match, form.at("match"))
    if not form.of_deliveries and world.settings.engine == "connexion":
        raise OtherEngine
    async with world.together():
        added = world.faults.add(body)
        if world.replicas is not None:
            await world.replicas.added(added)
    return added.as_json(), 201


async def delete_faults(world: World, query: dict[str, Any]) -> Reply:
    """Remove all faults, or those that are for one store alone."""
    if "storeCode" in query:
        await world.require_store(query["storeCode"])
    await _look(world)
    async with world.together():
        before = {fault.fault_id for fault in world.faults}
        if "storeCode" in query:
            world.faults.clear_store(query["storeCode"])
        else:
            world.faults.clear()
        if world.replicas is not None:
            await world.replicas.removed(before - {fault.fault_id for fault in world.faults})
    return None, 204


async def get_fault(world: World, fault_id: str) -> Reply:
    """One fault."""
    await _look(world)
    return world.faults.get(fault_id).as_json(), 200


async def change_fault(world: World, fault_id: str, body: dict[str, Any]) -> Reply:
    """Switch one fault on or off."""
    await _look(world)
    async with world.together():
        changed = world.faults.switch(fault_id, enabled=body["enabled"])
        if world.replicas is not None:
            await world.replicas.switched(changed)
    return changed.as_json(), 200


async def delete_fault(world: World, fault_id: str) -> Reply:
    """Remove one fault."""
    await _look(world)
    async with world.together():
        world.faults.remove(fault_id)
        if world.replicas is not None:
            await world.replicas.removed([fault_id])
    return None, 204


async def _look(world: World) -> None:
    """See what other replicas have counted."""
    if world.replicas is not None:
        await world.replicas.look_at_faults()


def _with_known_operation(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """The fault with the operationId as the contract has it. Raises BadRequest for one that it doesn't have."""
    form = FaultForm.of(body)
    if "operationId" not in form.match:
        return body
    known = world.require_operation(form.match["operationId"], form.at("match"))
    return body | ({"operationId": known} if form.is_flat else {"match": {**form.match, "operationId": known}})


async def _check_names(world: World, match: Json, at: Path) -> None:
    """Raises BadRequest unless event and store exist."""
    if "eventName" in match and match["eventName"] not in world.contract.event_names:
        raise BadRequest([not_a_choice((*at, "eventName"), match["eventName"], [*world.contract.event_names])])
    if "storeCode" in match:
        await world.require_store(match["storeCode"], at)


OPERATIONS: dict[str, Handler] = {
    "listFaults": list_faults,
    "addFault": add_fault,
    "deleteFaults": delete_faults,
    "getFault": get_fault,
    "changeFault": change_fault,
    "deleteFault": delete_fault,
}

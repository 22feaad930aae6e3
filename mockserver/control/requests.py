"""Requests: the calls that the API got lately.

/_mock/requests
"""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.clock import moment
from mockserver.journal import Exchange
from mockserver.pipeline import Handler
from mockserver.world import World

Reply = tuple[object, int]
FILTERS: Mapping[str, Callable[[Exchange, Any], bool]] = {
    "method": lambda exchange, method: exchange.method == method,
    "path": lambda exchange, path: exchange.path == path,
    "status": lambda exchange, status: exchange.status == status,
    "operationId": lambda exchange, operation_id: exchange.operation_id == operation_id,
    "contractViolation": lambda exchange, violates: (exchange.violation is not None) == violates,
    "since": lambda exchange, since: exchange.at >= moment(since),
}


async def list_requests(world: World, query: dict[str, Any]) -> Reply:
    """The calls that pass all filters, the oldest first."""
    wanted = [(FILTERS[name], value) for name, value in query.items() if name in FILTERS]
    found = [exchange for exchange in world.journal.exchanges() if all(fits(exchange, value) for fits, value in wanted)]
    return {"items": [exchange.as_json() for exchange in found[-query.get("last", 0) :]], "total": len(found)}, 200


async def delete_requests(world: World) -> Reply:
    """Forget the calls."""
    world.journal.clear()
    return None, 204


OPERATIONS: dict[str, Handler] = {
    "listRequests": list_requests,
    "deleteRequests": delete_requests,
}

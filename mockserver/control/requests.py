"""Requests: the recent calls to the API.

/_mock/requests
"""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.clock import moment
from mockserver.errors import OtherEngine
from mockserver.pipeline import Handler
from mockserver.turns import Turns
from mockserver.world import World
from mockserver.world.journal import JournalEntry, key_headers, without_keys

Reply = tuple[object, int]
FILTERS: Mapping[str, Callable[[JournalEntry, Any], bool]] = {
    "method": lambda exchange, method: exchange.method == method,
    "path": lambda exchange, path: exchange.path == path,
    "status": lambda exchange, status: exchange.status == status,
    "operationId": lambda exchange, operation_id: exchange.operation_id == operation_id,
    "contractViolation": lambda exchange, violates: (exchange.violation is not None) == violates,
    "since": lambda exchange, since: exchange.at >= moment(since),
}


async def list_requests(world: World, query: dict[str, Any]) -> Reply:
    """The recorded calls that pass all filters, the oldest first; `last` keeps so many of the newest."""
    if world.settings.engine == "connexion":
        raise OtherEngine
    wanted = [(FILTERS[name], value) for name, value in query.items() if name in FILTERS]
    found = [exchange for exchange in world.journal.exchanges() if all(fits(exchange, value) for fits, value in wanted)]
    keys = key_headers(world.contract)
    last = Turns().over(found[-query.get("last", 0) :])  # bodies may be of thousands of values
    items = [without_keys(exchange.as_json(), keys) async for exchange in last]
    return {"items": items, "total": len(found)}, 200


async def delete_requests(world: World) -> Reply:
    """Remove all recorded calls."""
    world.journal.clear()
    return None, 204


OPERATIONS: dict[str, Handler] = {
    "listRequests": list_requests,
    "deleteRequests": delete_requests,
}

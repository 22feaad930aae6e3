"""Reserved response headers: a contract may declare them, but the mock doesn't send them.

A contract may come from a stranger. `world.reserved_headers` says which they are, and why.
"""

import logging
from collections.abc import Iterable

from mockserver.openapi.contract import DeclaredResponse, Operation
from mockserver.world.reserved_headers import reserved_because

logger = logging.getLogger("mockserver")

MOST_LISTED = 20


def without_reserved(declared: Operation) -> tuple[Operation, list[str]]:
    """The operation without reserved response headers, so that none is sent and none is required; and the names of the
    reserved ones, in lower case."""
    names = [name for response in declared.responses.values() for name in response.headers]
    reserved = [name.lower() for name in names if reserved_because(name)]
    if not reserved:
        return declared, []
    return declared._replace(responses={key: _allowed(one) for key, one in declared.responses.items()}), reserved


def warn_of_reserved(names: Iterable[str]) -> None:
    """Log, in one line, the reserved headers of a contract and the reasons; nothing if there are none."""
    listed = [f"{name} ({reserved_because(name)})" for name in dict.fromkeys(names)]
    if listed:
        more = f", and {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
        logger.warning(
            "the contract declares headers that answers don't get: %s%s", ", ".join(listed[:MOST_LISTED]), more
        )


def _allowed(response: DeclaredResponse) -> DeclaredResponse:
    headers = {name: header for name, header in response.headers.items() if reserved_because(name) is None}
    return response._replace(headers=headers)

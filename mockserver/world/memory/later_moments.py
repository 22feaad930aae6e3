"""Later moments: fields such as `completed_at`, which a record has once it is completed, and not before."""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import schemas

_MOMENT = re.compile(r"([a-z]+?)_?(at|on|date|time|timestamp)", re.IGNORECASE)
_ENDED = frozenset({"done", "completed", "complete", "finished", "closed", "resolved", "ended"})
_STATES = {  # words of states, by the word of the moment at which they begin
    **dict.fromkeys(("completed", "finished", "closed", "resolved", "ended"), _ENDED),
    **dict.fromkeys(("cancelled", "canceled"), frozenset({"cancelled", "canceled"})),
    "deleted": frozenset({"deleted", "removed"}),
    "archived": frozenset({"archived"}),
    "paid": frozenset({"paid", "settled"}),
    "shipped": frozenset({"shipped", "delivered"}),
    "returned": frozenset({"returned"}),
}


def settled(contract: Contract, schema: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record of this schema without the moments that no state of it is for: null where that is allowed, else left
    out where nothing requires them."""
    fields, required = schemas.fields(contract, schema), schemas.required(contract, schema)
    said = {value.lower() for value in record.values() if isinstance(value, str)}
    found = dict(record)
    for name, at in fields.items():
        match = _MOMENT.fullmatch(name)
        states = _STATES.get(match[1].lower()) if match else None
        if name not in record or states is None or states & said:
            continue
        if schemas.is_nullable(contract, at) and contract.validator(at).is_valid(None):
            found[name] = None
        elif name not in required:
            del found[name]
    return found

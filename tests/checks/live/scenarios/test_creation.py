"""mockserver.checks.live.scenarios.creation: bodies with more in their lists are those that the contract allows."""

from typing import Any

import pytest

from mockserver.checks.live.scenarios.creation import lengthened
from tests.support.contracts_of import json_body, surface_of

TEXT, CHOICE = {"type": "string"}, {"type": "string", "enum": ["a", "b"]}
OWN_ID = {"type": "integer", "readOnly": True}


def _lengthened(items: dict[str, Any], body: Any) -> Any:
    shown = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": OWN_ID, "rows": {"type": "array", "items": items}},
    }
    create = {"operationId": "one", "requestBody": json_body(shown), "responses": {"201": json_body(shown)}}
    surface = surface_of({"/pets": {"post": create}})
    return lengthened(surface.contract, surface.calls["one"], body)


@pytest.mark.parametrize(
    ("items", "rows"), [(TEXT, ["a", "a-2", "a-3"]), (CHOICE, ["a"]), ({**TEXT, "maxLength": 1}, ["a"])]
)
def test_lists_are_longer_where_that_is_allowed(items: dict[str, Any], rows: list[str]) -> None:
    """New items differ from the others in their texts, which not every list may hold. The id is for answers alone."""
    assert _lengthened(items, {"rows": ["a"]}) == {"rows": rows}

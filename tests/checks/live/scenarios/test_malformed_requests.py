"""mockserver.checks.live.scenarios.malformed_requests: where words are tried in a query."""

from types import SimpleNamespace
from typing import Any

from mockserver.checks.live.ownership import Policy
from mockserver.checks.live.scenarios.malformed_requests import MalformedRequestScenarios
from tests.support.contracts_of import json_body, surface_of


def _get(name: str, *queried: dict[str, Any]) -> dict[str, Any]:
    answers = {"200": json_body({"type": "object"}), "400": {"description": "no"}}
    query = [{"in": "query", "name": f"q{number}", "schema": schema} for number, schema in enumerate(queried)]
    return {"get": {"operationId": name, "parameters": query, "responses": answers}}


def test_words_are_tried_where_only_other_values_fit() -> None:
    """Not in texts, and not where the path names a record: a refusal may be about that one."""
    number, truth, choice = {"type": "integer"}, {"type": "boolean"}, {"type": "string", "enum": ["a"]}
    one = {"parameters": [{"in": "path", "name": "id", "required": True, "schema": {"type": "string"}}]}
    surface = surface_of(
        {"/pets": _get("list", number, truth, choice, {"type": "string"}), "/pets/{id}": one | _get("read", number)}
    )
    plan = SimpleNamespace(calls=tuple(surface.calls.values()), policy=Policy())
    context: Any = SimpleNamespace(plan=plan, surface=surface, collector=None)

    names = [name for name, _ in MalformedRequestScenarios(context).scenarios()]

    words = [name for name in names if name.startswith("a word as")]
    assert words == ["a word as q0 at list", "a word as q1 at list", "a word as q2 at list"]

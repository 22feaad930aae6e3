"""Places in a contract: the steps to what describes a value in an answer, with and without following references."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.checks.drift.ask import Path
from mockserver.openapi.contract import Contract
from mockserver.openapi.declared_answers import declared_status, declared_type
from mockserver.openapi.resources import Call
from mockserver.openapi.structure import Steps, bare_type, find, steps_of

ALTERNATIVES = ("allOf", "oneOf", "anyOf")


class ContractPlace(NamedTuple):
    """A place: `steps` lead to the node itself, `named` to what refers to it, which is the same without a reference."""

    steps: Steps
    node: Mapping[str, Any]
    named: Steps


class Places:
    """The places of one contract."""

    def __init__(self, contract: Contract) -> None:
        self.document = contract.document

    def response(self, call: Call, status: int) -> ContractPlace | None:
        """The response with a status; None if it isn't declared."""
        known = declared_status(call.declared.get("responses", {}), status)
        return None if known is None else self.at((*self.responses(call), known))

    def responses(self, call: Call) -> Steps:
        """The responses of an operation."""
        return ("paths", call.path, call.method.lower(), "responses")

    def content(self, call: Call, status: int, media_type: str) -> ContractPlace | None:
        """The schema of a body; None if none is declared."""
        response = self.response(call, status)
        content = response.node.get("content", {}) if response else {}
        names = {bare_type(one): one for one in content}
        declared_as = declared_type(names, media_type)
        if response is None or declared_as is None or "schema" not in content[names[declared_as]]:
            return None
        return self.at((*response.steps, "content", names[declared_as], "schema"))

    def value(self, start: ContractPlace | None, path: Path) -> ContractPlace | None:
        """What describes a value within a body; None if nothing does."""
        for step in path:
            start = None if start is None else self.child(start, step)
        return start

    def child(self, place: ContractPlace, step: str | int) -> ContractPlace | None:
        """What describes a property, or an item."""
        node = place.node
        if isinstance(step, int):
            if isinstance(node.get("items"), dict):
                return self.at((*place.steps, "items"))
        elif step in node.get("properties", {}):
            return self.at((*place.steps, "properties", step))
        parts = (self.child(one, step) for one in self.parts(place))
        return next((one for one in parts if one is not None), None)

    def parts(self, place: ContractPlace) -> Iterator[ContractPlace]:
        """The parts and alternatives of a schema."""
        for keyword in ALTERNATIVES:
            for index in range(len(place.node.get(keyword, ()))):
                yield self.at((*place.steps, keyword, index))

    def at(self, steps: Steps) -> ContractPlace:
        """The place at the end of these steps, behind the references there."""
        named, node = steps, find(self.document, steps)
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            steps = steps_of(node["$ref"])
            node = find(self.document, steps)
        return ContractPlace(steps, node if isinstance(node, dict) else {}, named)

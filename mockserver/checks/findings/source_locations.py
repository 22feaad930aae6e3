"""Locations in the contract: the line of a part of it, and the assumptions that it is marked with."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockserver.openapi.resources import Call, Surface
from mockserver.openapi.structure import Steps, at, steps_of

Step = str | int
Assumptions = tuple[str, ...]  # numbers such as A07
_PARTS = ("allOf", "oneOf", "anyOf")


class SourceLocations:
    """The lines and assumptions of one contract."""

    def __init__(self, surface: Surface) -> None:
        self._contract, self._surface = surface.contract, surface
        self._known: dict[Steps, str] = {}

    @property
    def calls(self) -> Iterable[Call]:
        """The operations of the contract."""
        return self._surface.calls.values()

    def line(self, *steps: Step) -> str:
        """The line of the part at the end of these steps, such as `openapi.yaml:123`; or of the deepest part that
        exists."""
        if steps not in self._known:
            self._known[steps] = self._surface.line(*steps)
        return self._known[steps]

    def of_call(self, call: Call) -> str:
        """The line of an operation."""
        return self.line("paths", call.path, call.method.lower())

    def of_response(self, call: Call, status: str) -> str:
        """The line of an operation's response with this status; of its responses if the status isn't declared."""
        return self.line("paths", call.path, call.method.lower(), "responses", status)

    def shared_response(self, call: Call, status: str) -> str:
        """The steps to a response that operations share, such as `components/responses/NotFound`; empty if it is the
        operation's own, or isn't declared."""
        declared = call.declared.get("responses", {}).get(status, {})
        return "/".join(map(str, _steps(declared["$ref"]))) if "$ref" in declared else ""

    def of_parameter(self, call: Call, name: str) -> str:
        """The line of a query parameter."""
        return self.line(*self._parameter(call, name)[0])

    def of_value(self, call: Call, status: str, path: Sequence[Step]) -> tuple[str, Assumptions]:
        """The line and the assumptions of the schema of a value in a response."""
        start = self._schema(call, status)
        if start is None:
            return self.of_response(call, status), ()
        steps, _, marks = self._walk(start, path)
        return self.line(*steps), marks

    def of_missing(self, call: Call, status: str, path: Sequence[Step], name: str) -> tuple[str, Assumptions]:
        """The line of a property that an object in a response lacks, and the assumptions that it has it."""
        start = self._schema(call, status)
        if start is None:
            return self.of_response(call, status), ()
        steps, node, _ = self._walk(start, path)
        steps, marks = self._holder(steps, node, name) or (steps, mark_of(node))
        return self.line(*steps), marks

    def of_sent(self, call: Call, media_type: str, path: Sequence[Step]) -> tuple[str, Assumptions]:
        """The line of the schema of a value in a request's body of a declared media type, and the assumptions that the
        operation, and the schemas on the way to the value, are marked with."""
        marks, pointer = mark_of(call.declared), call.operation.media_types.get(media_type)
        if pointer is None:
            return self.line("paths", call.path, call.method.lower(), "requestBody"), marks
        steps, node, mark = self._walk(_steps(pointer), path)
        parts = (
            self._at((*steps, keyword, index))[1] for keyword in _PARTS for index in range(len(node.get(keyword, ())))
        )
        return self.line(*steps), (*mark, *mark_of(node), *(one for part in parts for one in mark_of(part)), *marks)

    def of_event(self, event: str, path: Sequence[Step]) -> str:
        """The line of the schema of a value in the payload of an event; of the event itself without a path to one."""
        if not path:
            return self.line(*self._contract.event_steps(event))
        return self.line(*self._walk(steps_of(f"#{self._contract.event_schema(event)}"), path)[0])

    def schema_of_value(self, call: Call, status: str, path: Sequence[Step]) -> str:
        """The steps to the schema of a value in a response, such as `components/schemas/Error/properties/code`; empty
        if the response has none."""
        start = self._schema(call, status)
        return "/".join(str(step) for step in self._walk(start, path)[0]) if start is not None else ""

    def assumptions_of_response(self, call: Call, status: str) -> Assumptions:
        """The assumptions that a response of an operation is marked with."""
        return mark_of(self._contract.resolved(call.declared.get("responses", {}).get(status, {})))

    def assumptions_of_parameter(self, call: Call, name: str) -> Assumptions:
        """The assumptions that a parameter is marked with."""
        return mark_of(self._parameter(call, name)[1])

    def assumptions_of_call(self, call: Call) -> Assumptions:
        """The assumptions that an operation is marked with."""
        return mark_of(call.declared)

    def _parameter(self, call: Call, name: str) -> tuple[Steps, Mapping[str, Any]]:
        where: Steps = ("paths", call.path, call.method.lower(), "parameters")
        for index, entry in enumerate(call.declared.get("parameters", ())):
            resolved = self._contract.resolved(entry)
            if resolved.get("name") == name:
                return (_steps(entry["$ref"]) if "$ref" in entry else (*where, index)), resolved
        return where, {}

    def _schema(self, call: Call, status: str) -> Steps | None:
        response = call.operation.responses.get(status)
        pointer = next(filter(None, response.media_types.values()), None) if response else None
        return None if pointer is None else _steps(pointer)

    def _walk(self, steps: Steps, path: Sequence[Step]) -> tuple[Steps, Mapping[str, Any], Assumptions]:
        """What is at the end of a value's path through the schemas, and the last marks on the path. Those of an
        object are about its keys, so they don't count for what is in them."""
        steps, node = self._at(steps)
        mark: Assumptions = ()
        for step in path:
            found = self._child(steps, node, step)
            if found is None:
                break
            steps, node = found
            mark = (() if "properties" in node or "allOf" in node else mark_of(node)) or mark
        return steps, node, mark

    def _holder(self, steps: Steps, node: Mapping[str, Any], name: str) -> tuple[Steps, Assumptions] | None:
        """Where an object declares a property, and the marks of the innermost part of it that does and has any."""
        if name in node.get("properties", {}):
            return (*steps, "properties", name), mark_of(node)
        for index in range(len(node.get("allOf", ()))):
            found = self._holder(*self._at((*steps, "allOf", index)), name)
            if found is not None:
                return found[0], found[1] or mark_of(node)
        return None

    def _at(self, steps: Steps) -> tuple[Steps, Mapping[str, Any]]:
        node: Any = at(self._contract.document, steps)
        return (steps, node) if "$ref" not in node else self._at(_steps(node["$ref"]))

    def _child(self, steps: Steps, node: Mapping[str, Any], step: Step) -> tuple[Steps, Mapping[str, Any]] | None:
        if isinstance(step, int):
            return self._at((*steps, "items")) if "items" in node else None
        if step in node.get("properties", {}):
            return self._at((*steps, "properties", step))
        for keyword in _PARTS:
            for index in range(len(node.get(keyword, ()))):
                found = self._child(*self._at((*steps, keyword, index)), step)
                if found is not None:
                    return found
        return None


def mark_of(node: Mapping[str, Any]) -> Assumptions:
    """The assumptions that a part of the contract is marked with."""
    mark = node.get("x-assumption")
    return tuple(str(one) for one in mark) if isinstance(mark, list) else (str(mark),) if mark else ()


def _steps(pointer: str) -> Steps:
    return steps_of("#" + pointer.lstrip("#"))

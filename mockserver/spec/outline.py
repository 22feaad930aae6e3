"""Navigation in an OpenAPI document by places: values, the targets of references, and operations.

All references must be local, as in a loaded document.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.openapi.dialects import dialect_of
from mockserver.openapi.structure import EVENTS, METHODS, Steps, find, kind_of, mapping, steps_of

_VARIABLE = re.compile(r"\{([^{}]*)\}")


class DeclaredOperation(NamedTuple):
    """A declared operation or event, with its place and that of its path item."""

    path: str
    method: str
    steps: Steps
    item: Steps


class Outline:
    """A document whose values are found by their places."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def at(self, steps: Steps) -> Any:
        """The value at a place; None if there is none."""
        return find(self.document, steps)

    def end(self, steps: Steps) -> Steps:
        """The place itself, or if a reference stands there, the place at the end of the chain of references."""
        passed = set()
        while isinstance(reference := mapping(self.at(steps)).get("$ref"), str) and steps not in passed:
            passed.add(steps)
            steps = steps_of(reference)
        return steps

    def node(self, steps: Steps) -> dict[str, Any]:
        """The object at a place, with its reference followed; an empty one if there is none."""
        return mapping(self.at(self.end(steps)))

    def children(self, steps: Steps, key: str) -> dict[str, Steps]:
        """The places of the entries in the mapping under `key`, by name, without extensions."""
        end = self.end(steps)
        return {
            str(name): (*end, key, name) for name in mapping(self.node(end).get(key)) if not str(name).startswith("x-")
        }

    def operations(self, *sections: str) -> Iterator[DeclaredOperation]:
        """The operations below `paths` and the events, or those of some sections only."""
        for section in sections or ("paths", self.events()):
            for path, steps in self.children((), section).items():
                yield from self.methods(path, steps)

    def events(self, steps: Steps = ()) -> str:
        """The key of the events in the document, or in the one that is at a place of it."""
        return dialect_of(mapping(self.at(steps))).events

    def methods(self, path: str, steps: Steps) -> Iterator[DeclaredOperation]:
        """The operations of a path item."""
        item = self.end(steps)
        node = self.node(item)
        yield from (DeclaredOperation(path, method, (*item, method), item) for method in METHODS if method in node)

    def parameters(self, operation: DeclaredOperation) -> dict[tuple[str, str], Steps]:
        """The places of the parameters of an operation, by location and name; its own replace those of its path."""
        return {
            (node.get("in", ""), str(node.get("name", ""))): steps
            for holder in (operation.item, operation.steps)
            for index in range(len(mapping(self.at(holder)).get("parameters") or ()))
            for steps in [self.end((*holder, "parameters", index))]
            for node in [self.node(steps)]
        }

    def examples(self, body: Steps) -> Iterator[Any]:
        """The examples of a request or response body."""
        for media_type in self.children(body, "content").values():
            node = self.node(media_type)
            yield from [node["example"]] if "example" in node else []
            for example in self.children(media_type, "examples").values():
                yield self.node(example).get("value")

    def walk(self, kind: str = "document", steps: Steps = ()) -> Iterator[tuple[str, Steps, Any]]:
        """Every object and list at and below a place of some kind, with its kind, as `openapi.structure` names it;
        references are not followed."""
        start = self.at(steps)
        waiting: list[tuple[str, Steps, Any]] = [(kind, steps, start)] if isinstance(start, dict | list) else []
        while waiting:
            kind, steps, node = waiting.pop()
            yield kind, steps, node
            children = list(enumerate(node)) if isinstance(node, list) else list(node.items())
            for key, value in reversed(children):
                inner = _kind(kind, key) if isinstance(value, dict | list) else None
                if inner and inner != "any":
                    waiting.append((inner, (*steps, key), value))


def _kind(kind: str, key: str | int) -> str | None:
    if kind == "document" and key == EVENTS:
        return "{webhook}"
    return kind_of(kind, key if isinstance(key, str) else None)


def variables(text: str) -> list[str]:
    """The names in braces in a path or URL."""
    return _VARIABLE.findall(text)


def template(path: str) -> str:
    """The path without the names of its variables: equal for paths that match the same requests."""
    return _VARIABLE.sub("{}", path)

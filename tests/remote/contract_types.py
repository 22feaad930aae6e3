"""The types that the contract of the control plane asks of Python: schemas and annotations, as texts to compare."""

import types
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from mockserver.remote import answers

PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
ALIASES = {"MatchPath": "MatchPathJson | str"}  # a text, or conditions


class Types:
    """The types of a document's schemas."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def resolved(self, node: Any) -> Any:
        """What a reference leads to."""
        while "$ref" in node:
            found: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def of(self, schema: Any) -> str:
        """The type of a schema."""
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        node = self.resolved(schema)
        plain = ALIASES.get(name) or (
            f"{name}Json" if name and hasattr(answers, f"{name}Json") else self._structure(node)
        )
        return _union([plain, "None"] if node.get("nullable") else [plain])

    def _structure(self, node: Any) -> str:
        if "enum" in node:
            return f"Literal{node['enum']}"
        if "oneOf" in node:
            return _union(self.of(one) for one in node["oneOf"])
        if node.get("type") == "array":
            return f"list[{self.of(node['items'])}]"
        if node.get("type") == "object":
            values = node.get("additionalProperties")
            return f"dict[str, {self.of(values) if isinstance(values, dict) and values else 'Any'}]"
        return PLAIN.get(node.get("type"), "Any")


def annotation(hint: Any) -> str:
    """An annotation. A moment is a text, which a datetime may stand for."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Required, NotRequired):
        return annotation(arguments[0])
    if origin in (Union, types.UnionType):
        return _union(annotation(one) for one in arguments if one is not datetime)
    if origin is Literal:
        return f"Literal{list(arguments)}"
    if hint is Any or hint is types.NoneType:
        return "Any" if hint is Any else "None"
    inner = ", ".join(map(annotation, arguments))
    name = {"Mapping": "dict", "Iterable": "list"}.get((origin or hint).__name__, (origin or hint).__name__)
    return f"{name}[{inner}]" if arguments else str(name)


def _union(parts: Any) -> str:
    return " | ".join(sorted({piece for part in parts for piece in _pieces(part)}))


def _pieces(text: str) -> Iterator[str]:
    yield from text.split(" | ") if "[" not in text else [text]

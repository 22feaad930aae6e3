"""JSON Schema 2020-12 from the schemas of an OpenAPI document: those of OpenAPI 3.0 differ from it in a few keywords.

For those who validate, or generate code, by tools that know JSON Schema and nothing of OpenAPI. Our own validators are
compiled from Draft 4, in `contract`.
"""

from collections.abc import Mapping
from itertools import chain, count
from typing import Any

from mockserver.openapi.contract import INTEGER_BOUNDS
from mockserver.openapi.structure import at, kind_of, mapping, pointer_to, steps_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OPENAPI_ONLY = frozenset({"discriminator", "example", "externalDocs", "format", "nullable", "xml"})
_FORMATS = frozenset(
    {
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "regex",
        "uri",
        "uri-reference",
        "uuid",
    }
)


def json_schema(document: Mapping[str, Any], pointer: str, title: str) -> dict[str, Any]:
    """The schema at a JSON pointer, self-contained: what it refers to is under `$defs`, by the last names there.

    What OpenAPI alone knows is left out: extensions, the discriminator, formats that JSON Schema doesn't have; a size
    of integers becomes bounds. `title` is used if the schema has none. Raises LookupError if nothing is there.
    """
    translation = _Translation(document)
    node = at(document, steps_of(f"#{pointer}"))
    for _ in range(len(document)):  # a chain of references; no contract needs a longer one
        if isinstance(mapping(node).get("$ref"), str):
            node = at(document, steps_of(node["$ref"]))
    return {"$schema": DIALECT, "title": title, **mapping(translation.schema(node)), "$defs": translation.definitions()}


class _Translation:
    """The translation of schemas of one document, and the names of those that they refer to."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._names: dict[str, str] = {}  # by reference

    def definitions(self) -> dict[str, Any]:
        """All that was referred to, and what that refers to, by name."""
        found: dict[str, Any] = {}
        while len(found) < len(self._names):
            reference, name = list(self._names.items())[len(found)]
            found[name] = self.schema(at(self._document, steps_of(reference)))
        return found

    def schema(self, node: Any) -> Any:
        """The translation of a schema, or of what stands in its place, such as `additionalProperties: false`."""
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            return {"$ref": f"#{pointer_to('$defs', self._name(node['$ref']))}"}
        made = {
            key: self._value(kind_of("schema", key), value)
            for key, value in node.items()
            if key not in _OPENAPI_ONLY and not key.startswith("x-")
        }
        allow_null(node, made)
        exclude_bounds(made)
        _apply_format(node.get("format"), made)
        return made | ({"examples": [node["example"]]} if "example" in node else {})

    def _value(self, kind: str | None, value: Any) -> Any:
        """The value of a keyword, in which schemas may be."""
        if kind == "schema":
            return self.schema(value)
        if kind == "[schema]" and isinstance(value, list):
            return [self.schema(inner) for inner in value]
        if kind == "{schema}" and isinstance(value, dict):
            return {name: self.schema(inner) for name, inner in value.items()}
        return value

    def _name(self, reference: str) -> str:
        """The name under which the target of a reference is defined: its last step, or that with a number."""
        if reference not in self._names:
            last, taken = steps_of(reference)[-1], self._names.values()
            names = chain((last,), (f"{last}{number}" for number in count(2)))
            self._names[reference] = next(name for name in names if name not in taken)
        return self._names[reference]


def allow_null(node: Mapping[str, Any], made: dict[str, Any]) -> None:
    """Say by the types of the copy of a schema that its values may be null."""
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        made["type"] = [node["type"], "null"]
        if isinstance(node.get("enum"), list) and None not in node["enum"]:
            made["enum"] = [*node["enum"], None]


def exclude_bounds(made: dict[str, Any]) -> None:
    """Write exclusive bounds of a schema's copy as numbers; in OpenAPI 3.0 they are switches beside a bound."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)


def _apply_format(name: Any, made: dict[str, Any]) -> None:
    if name in INTEGER_BOUNDS and made.get("type") in ("integer", ["integer", "null"]):
        lowest, highest = INTEGER_BOUNDS[name]
        made["minimum"] = max(lowest, made.get("minimum", lowest))
        made["maximum"] = min(highest, made.get("maximum", highest))
    elif name == "byte":
        made["contentEncoding"] = "base64"
    elif name in _FORMATS:
        made["format"] = name

"""A contract as the site's pages read it: references followed, operations by tag, schemas as rows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.openapi.loading import Source

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DEEPEST = 6  # levels of a schema that are shown
BOUNDS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches `{}`",
}


class Operation(NamedTuple):
    """An operation of the contract, or an event: what it is called by, and what is declared of it."""

    path: str
    method: str
    declared: dict[str, Any]
    parameters: list[dict[str, Any]]  # those of its path, too

    @property
    def name(self) -> str:
        """The operationId."""
        return str(self.declared["operationId"])

    @property
    def anchor(self) -> str:
        """What links to it name: lower case, as Sphinx writes labels."""
        return f"operation-{self.name.strip('_').lower()}"

    @property
    def title(self) -> str:
        """A short line for people."""
        return str(self.declared.get("summary", self.name))


class Row(NamedTuple):
    """A value inside of a schema: the way to it, its type in words, whether it has to be there, and its schema."""

    name: str
    kind: str
    required: bool
    schema: dict[str, Any]


class Document:
    """One contract, as it is written. `content` is all of it."""

    def __init__(self, path: Path) -> None:
        self.content: dict[str, Any] = Source(path.name, path.read_bytes()).content

    def resolve(self, value: dict[str, Any]) -> dict[str, Any]:
        """What a value is, or what its `$ref` leads to."""
        while "$ref" in value:
            found: Any = self.content
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def operations(self, tag: str | None = None) -> list[Operation]:
        """The operations of a tag, or all, in the order of the contract."""
        found = [operation for path, item in self.content["paths"].items() for operation in self._of(path, item)]
        return [operation for operation in found if tag is None or tag in operation.declared.get("tags", [])]

    def events(self) -> dict[str, Operation]:
        """What is sent to subscribers, by the event's name."""
        items = self.content.get("x-webhooks", {})
        return {name: operation for name, item in items.items() for operation in self._of("", item)}

    def _of(self, path: str, item: dict[str, Any]) -> Iterator[Operation]:
        for method in METHODS:
            if method in item:
                declared = item[method]
                shared = [*item.get("parameters", []), *declared.get("parameters", [])]
                yield Operation(path, method, declared, [self.resolve(parameter) for parameter in shared])

    def examples(self, media: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The examples of a media type by name, each with `value`; a single one is called `example`."""
        if "example" in media:
            return {"example": {"value": media["example"]}}
        return {name: self.resolve(example) for name, example in media.get("examples", {}).items()}

    def kind(self, schema: dict[str, Any]) -> str:
        """The type of a value in a few words: `array of string, or null`."""
        schema = self._merged(schema)
        branches = schema.get("oneOf") or schema.get("anyOf")
        if "type" not in schema and branches:
            words = " or ".join(dict.fromkeys(self.kind(branch) for branch in branches))
        else:
            words = str(schema.get("type", "any"))
        if words == "array":
            words = f"array of {self.kind(schema.get('items', {}))}"
        if "format" in schema:
            words += f" ({schema['format']})"
        return words + (", or null" if schema.get("nullable") else "")

    def rows(self, schema: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Row]:
        """All values inside of a schema, outer ones first."""
        schema = self._merged(schema)
        required = schema.get("required", [])
        for name, inner in schema.get("properties", {}).items():
            merged = self._merged(inner)
            yield Row(prefix + name, self.kind(inner), name in required, merged)
            yield from self._inside(merged, prefix + name, depth + 1)

    def _inside(self, schema: dict[str, Any], name: str, depth: int) -> Iterator[Row]:
        if depth < DEEPEST and schema.get("type") == "array":
            yield from self._inside(self._merged(schema.get("items", {})), f"{name}[]", depth)
        elif depth < DEEPEST:
            yield from self.rows(schema, f"{name}.", depth)

    def _merged(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema with its `allOf` in it; of alternatives, the properties of all."""
        schema = self.resolve(schema)
        whole = {**schema}
        for part in schema.get("allOf", []):
            merged = self._merged(part)
            properties = {**whole.get("properties", {}), **merged.get("properties", {})}
            required = [*whole.get("required", []), *merged.get("required", [])]
            whole = {**merged, **whole, "required": required, "properties": properties}
        if "properties" not in schema:
            for branch in schema.get("oneOf", []):
                whole["properties"] = {**self._merged(branch).get("properties", {}), **whole.get("properties", {})}
        return whole


def limits(schema: dict[str, Any]) -> str:
    """What a value may be, as a sentence without its full stop: its list of values, bounds and default."""
    parts = [_counted(words.format(schema[key])) for key, words in BOUNDS.items() if key in schema]
    if "enum" in schema:
        values = ", ".join(f"`{value}`" for value in schema["enum"])
        parts.insert(0, f"one of {values}" if len(schema["enum"]) > 1 else f"always {values}")
    if "default" in schema:
        parts.append(f"default `{schema['default']}`")
    words = "; ".join(parts)
    return words[:1].upper() + words[1:]


def _counted(words: str) -> str:
    return words.removesuffix("s") if re.search(r" 1 \w+s$", words) else words

"""Forms: the fields of application/x-www-form-urlencoded become an object, by its schema and its `encoding`.

A property of the style deepObject is spread over fields: `address[city]=Oslo`. OpenAPI says nothing about what lies
deeper levels; `lines[0][price]=5` and `tags[]=new` are read as most servers read them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from mockserver.errors import BadRequest
from mockserver.openapi.contract import Contract
from mockserver.pipeline.parameters import typed, typed_items
from mockserver.pipeline.text_schemas import ItemSchemas, items_read_by, read_by

MOST_FIELDS = 1000
DEEPEST = 16  # brackets of a field, and alternatives within alternatives
_OF_ITEMS = frozenset({"items", "prefixItems"})
_DEEP = r"([^\[\]]+)((?:\[[^\[\]]*\])+)"
_STEP = r"\[([^\]]*)\]"

Schema = Mapping[str, Any]
Tree = dict[str, Any]  # of fields below a property: steps, and at their ends the texts


class FormReader:
    """Reads the forms of one request body."""

    def __init__(self, contract: Contract, pointer: str | None) -> None:
        """`pointer` is that of the schema, None if there is none."""
        self._contract = contract
        self._schema = contract.at(pointer)
        encoding = contract.at(pointer.removesuffix("/schema")).get("encoding") if pointer else None
        self._deep = {name for name, how in (encoding or {}).items() if how.get("style") == "deepObject"}

    def read(self, text: bytes) -> dict[str, Any]:
        """The fields by name, each of the type that its property has. Raises BadRequest."""
        try:
            fields = parse_qs(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise BadRequest(message=f"The form can't be read: {error}.") from error
        tree: Tree = {}
        for name, texts in fields.items():
            _plant(tree, self._steps(name), texts)
        return {name: self._value(node, self._member(self._schema, name)) for name, node in tree.items()}

    def _steps(self, name: str) -> list[str]:
        """The property that a field belongs to, and the steps inside of it."""
        found = re.fullmatch(_DEEP, name)
        if not found or found[1] not in self._deep:
            return [name]
        steps = [found[1], *re.findall(_STEP, found[2])]
        if len(steps) > DEEPEST:
            raise BadRequest(message=f"The form can't be read: a field has more than {DEEPEST - 1} brackets.")
        return steps

    def _value(self, node: Tree | list[str], schema: Schema) -> Any:
        if isinstance(node, list):
            return self._of_texts(node, read_by(self._contract, schema))
        listed = next((each for each in self._alternatives(schema) if not _OF_ITEMS.isdisjoint(each)), None)
        if listed is not None and all(not step or step.isdecimal() for step in node):
            if isinstance(texts := node.get(""), list):
                return self._of_texts(texts, {**listed, "type": "array"})
            items = ItemSchemas(listed.get("prefixItems", []), listed.get("items", {}))
            return [self._value(inner, each) for inner, each in zip(node.values(), items, strict=False)]
        return {step: self._value(inner, self._member(schema, step)) for step, inner in node.items()}

    def _of_texts(self, texts: list[str], schema: Schema) -> Any:
        if schema.get("type") == "array":
            return typed_items(texts, items_read_by(self._contract, schema))
        if schema.get("type") == "object":  # a property without a style is JSON
            try:
                return orjson.loads(texts[-1])
            except orjson.JSONDecodeError:
                return texts[-1]
        return typed(texts[-1], schema)

    def _member(self, schema: Schema, name: str) -> Schema:
        """The schema of a property, by a schema or one of its alternatives; empty if none declares it."""
        known: list[Schema] = list(self._alternatives(schema))
        found = [each["properties"][name] for each in known if name in each.get("properties", {})]
        found += [each["additionalProperties"] for each in known if isinstance(each.get("additionalProperties"), dict)]
        return found[0] if found else {}

    def _alternatives(self, schema: Schema, depth: int = 0) -> Iterator[Schema]:
        """The schema, and all schemas that it is composed of."""
        whole = self._contract.resolved(schema)
        yield whole
        if depth < DEEPEST:
            for keyword in ("allOf", "anyOf", "oneOf"):
                for part in whole.get(keyword, ()):
                    yield from self._alternatives(part, depth + 1)


def _plant(tree: Tree, steps: list[str], texts: list[str]) -> None:
    """Store the texts at the end of the steps. Raises BadRequest if another field is there."""
    *way, last = steps
    for step in way:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            break
    if not isinstance(tree, dict) or last in tree:
        raise BadRequest(message=f"The form can't be read: the fields of {steps[0]!r} contradict each other.")
    tree[last] = texts

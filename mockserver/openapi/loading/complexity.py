"""Limits for the size of a document that is written out, and for the cost of validating by its schemas: a hostile
contract of a few hundred bytes could exceed any time and memory.

A value that is shared, by anchors or by replaced references, counts as often as it occurs. The cost of a schema is the
number of its parts (`allOf`, `anyOf`, `oneOf`, `not`, references followed), plus that of the schemas that apply to one
place within the value, recursively. A dynamic reference leads to one of the schemas that have its anchor: the dearest
counts.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from mockserver.errors import ContractError
from mockserver.openapi.loading.limits import DEEPEST
from mockserver.openapi.structure import find, mapping, steps_of

# Of 2,640 published contracts, none has more than 205, 16 and 477, in this order.
MOST_PARTS = 2_000  # of a schema, with all alternatives
DEEPEST_PARTS = 50  # parts within each other
MOST_STEPS = 20_000  # of validating one value by a schema
_EFFORT = 2_000_000  # steps of measuring
_NESTING = (dict, list)
_COMBINED = ("allOf", "anyOf", "oneOf")
_ITEMS, _OTHERS = 0, 1  # places in a value that have no name
_PARTS = ("not", "if", "then", "else")
_PLACES = (
    *((keyword, _ITEMS) for keyword in ("items", "contains", "unevaluatedItems")),
    *((keyword, _OTHERS) for keyword in ("additionalProperties", "unevaluatedProperties", "propertyNames")),
)
_SEVERAL = ("prefixItems", "patternProperties", "dependentSchemas", "properties")

_NAMES = ("$dynamicAnchor", "$anchor")
_UNEVALUATED = frozenset({"unevaluatedItems", "unevaluatedProperties"})
_REFERENCES = ("$ref", "$dynamicRef")
_APPLIED = frozenset({*_REFERENCES, *_PARTS, *_COMBINED, *_SEVERAL, *dict(_PLACES)})  # keywords that hold other schemas

Schema = dict[str, Any]
Places = dict[str | int, int]  # steps, by place in a value
_ADVICE = "Let fewer schemas consist of others, or of the same one again."


class LimitExceeded(ContractError):
    """A contract exceeds a limit; `node` is the part of it that does."""

    def __init__(self, message: str, node: Any) -> None:
        super().__init__(message)
        self.node = node


class _Bound(dict[str, Any]):
    """Stands for what a dynamic reference leads to: one of the schemas that have its anchor."""


class DocumentSize:
    """Measures a document with all shared values written out, which may have `most` values.

    Raises LimitExceeded, and RecursionError.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, node: Any) -> tuple[int, int]:
        """The number of values in a node, and of levels of nesting."""
        if not isinstance(node, _NESTING):
            return 1, 0
        if id(node) not in self._known:
            children = node.values() if isinstance(node, dict) else node
            found = [self.of(child) for child in children if isinstance(child, _NESTING)]
            size = 1 + len(node) - len(found) + sum([size for size, _ in found])
            levels = 1 + max([levels for _, levels in found], default=0)
            if size > self._most:
                raise LimitExceeded(
                    f"written out, this has over {self._most} values. Let its parts be components.", node
                )
            if levels > DEEPEST:
                raise LimitExceeded(f"this is nested more than {DEEPEST} levels deep. Flatten it.", node)
            self._known[id(node)] = size, levels
        return self._known[id(node)]


class ValidationCost:
    """Estimates the cost of validating a value against each schema of a document whose references are local."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content
        self._targets: dict[str, list[Schema]] = {}
        self._anchored: dict[str, Schema] = {}
        self._known: dict[int, tuple[list[Schema], list[tuple[str | int, Schema]]]] = {}  # `_applied` of each schema
        self._parts: dict[int, tuple[int, int]] = {}  # how many, and on how many levels, by schema
        self._below: dict[int, Places] = {}  # steps of what is below a schema
        self._steps: dict[int, int] = {}  # of a whole schema
        self._effort = 0

    def check(self, schemas: Iterable[Schema]) -> None:
        """Raise LimitExceeded for a schema by which validating a value, or making one, would take too long."""
        known = list(schemas)
        self._anchored = _by_anchor(known)
        for schema in self._bottom_up(known):
            if _APPLIED.isdisjoint(schema):
                self._parts[id(schema)], self._steps[id(schema)] = (1, 1), 1
                continue
            parts, levels, _ = self._count(schema, [])
            below = self._below[id(schema)] = self._summed(schema, 1 if _UNEVALUATED.isdisjoint(schema) else levels)
            named = max((steps for place, steps in below.items() if isinstance(place, str)), default=0)
            largest = max(below.get(_ITEMS, 0), named + below.get(_OTHERS, 0))
            steps = self._steps[id(schema)] = parts + largest
            if steps > MOST_STEPS:
                raise LimitExceeded(
                    f"it takes over {MOST_STEPS} steps to hold one value against this. {_ADVICE}", schema
                )

    def _bottom_up(self, schemas: list[Schema]) -> Iterator[Schema]:
        """All schemas, each after the schemas that it refers to, except in cycles."""
        seen: set[int] = set()
        above: list[Schema] = []
        waiting = [iter(schemas)]
        while waiting:
            schema = next(waiting[-1], None)
            if schema is None:
                waiting.pop()
                yield from above[-1:]
                del above[-1:]
            elif id(schema) not in seen:
                seen.add(id(schema))
                held, children = self._applied(schema)
                if held or children:
                    above.append(schema)
                    waiting.append(iter([*held, *(child for _, child in children)]))
                else:
                    yield schema

    def _count(self, schema: Schema, above: list[int]) -> tuple[int, int, bool]:
        """The number of parts of a schema, itself included, their levels, and whether no cycle cut the count short."""
        if id(schema) in self._parts:
            return *self._parts[id(schema)], True
        if id(schema) in above:
            return 0, 0, False
        self._strain(schema, 1)
        found = [self._count(part, [*above, id(schema)]) for part in self._applied(schema)[0]]
        sizes = [size for size, _, _ in found]
        count = 1 + (max(sizes, default=0) if isinstance(schema, _Bound) else sum(sizes))
        levels = 1 + max((deep for _, deep, _ in found), default=0)
        if count > MOST_PARTS:
            raise LimitExceeded(f"this has over {MOST_PARTS} parts, all alternatives counted. {_ADVICE}", schema)
        if levels + len(above) > DEEPEST_PARTS:
            raise LimitExceeded(f"this has parts within parts, over {DEEPEST_PARTS} levels of them. {_ADVICE}", schema)
        is_whole = all(whole for _, _, whole in found)
        if is_whole:
            self._parts[id(schema)] = count, levels
        return count, levels, is_whole

    def _summed(self, schema: Schema, times: int) -> "Places":
        """The steps of the schemas below a schema, by their place in the value. What is below its parts is validated
        several times where it has to be seen what they evaluate: once more for each level of parts."""
        found: Places = {}
        held, children = self._applied(schema)
        for part in held:
            below = self._below.get(id(part), {})
            self._strain(schema, len(below))
            for place, steps in below.items():
                known = found.get(place, 0)
                found[place] = max(known, steps) if isinstance(schema, _Bound) else known + times * steps
        for place, child in children:
            found[place] = found.get(place, 0) + self._steps.get(id(child), 0)
        return found

    def _strain(self, schema: Schema, steps: int) -> None:
        """Spend steps of the budget for measuring itself. Raises LimitExceeded if there are too few left."""
        self._effort += steps
        if self._effort > _EFFORT:
            raise LimitExceeded(f"this is too involved to be measured. {_ADVICE}", schema)

    def _applied(self, schema: Schema) -> tuple[list[Schema], list[tuple[str | int, Schema]]]:
        """The schemas that apply to the same value, and those that apply to its members, by place."""
        if _APPLIED.isdisjoint(schema):
            return [], []
        if id(schema) not in self._known:
            self._known[id(schema)] = self._parts_of(schema), _children(schema)
        return self._known[id(schema)]

    def _parts_of(self, schema: Schema) -> list[Schema]:
        """The schemas that apply to the same value as a schema: its parts, or the target of its reference."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference not in self._targets:
                self._targets[reference] = _dicts([find(self._content, steps_of(reference))])
            return self._targets[reference]
        combined = [schema[keyword] for keyword in _COMBINED if keyword in schema]
        parts = [part for parts in combined if isinstance(parts, list) for part in parts]
        parts += [schema[keyword] for keyword in _PARTS if keyword in schema]
        if "$dynamicRef" in schema:
            parts.append(self._anchored.get(unquote(str(schema["$dynamicRef"]).partition("#")[2])))
        return _dicts([*parts, *mapping(schema.get("dependentSchemas")).values()])


def _by_anchor(schemas: list[Schema]) -> dict[str, Schema]:
    """What a dynamic reference may lead to, by its anchor."""
    found: dict[str, Schema] = {}
    for schema in schemas:
        for name in [schema[keyword] for keyword in _NAMES if isinstance(schema.get(keyword), str)]:
            found.setdefault(name, _Bound(anyOf=[]))["anyOf"].append(schema)
    return found


def _children(schema: Schema) -> list[tuple[str | int, Schema]]:
    """The schemas that apply to the members of a value, by place."""
    if "$ref" in schema:
        return []
    properties = schema.get("properties")
    found: list[tuple[str | int, Any]] = list(properties.items()) if isinstance(properties, dict) else []
    found += [(place, schema[keyword]) for keyword, place in _PLACES if keyword in schema]
    found += [(_OTHERS, child) for child in mapping(schema.get("patternProperties")).values()]
    first = schema.get("prefixItems")
    found += [(_ITEMS, child) for child in (first if isinstance(first, list) else ())]
    return [(place, child) for place, child in found if isinstance(child, dict)]


def _dicts(nodes: list[Any]) -> list[Schema]:
    return [node for node in nodes if isinstance(node, dict)]

"""The places of a value that a schema declares: its properties at all depths, and the values of its enumerations."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.checks.findings.source_locations import mark_of
from mockserver.openapi.contract import Contract

DEEPEST = 8  # levels of properties that are looked at
DEEPEST_CHOICE = 3  # levels of alternatives that are looked at for what they all forbid
MOST_PLACES = 500  # of one schema
MOST_ROWS = 200  # of an array
CLOSING = ("additionalProperties", "unevaluatedProperties")
ALTERNATIVES = ("allOf", "oneOf", "anyOf")
Value = tuple[str, str]  # a place, and what stands there as text
Undeclared = tuple[str, str, Any]  # a place, the name of a property there, and its value


@dataclass
class DeclaredPlace:
    """A place with what is below it. Names are like `items[].url`; that of the value itself is empty. `values` are
    those of an enumeration, as texts. `is_open`: not all of its properties are known, as it is a map, or was looked at
    in part; `is_closed`: it may have no others. `hidden` are properties of the other direction. `marks`
    are the assumptions about an object's keys, or about a value."""

    name: str = ""
    properties: dict[str, "DeclaredPlace"] = field(default_factory=dict)
    items: "DeclaredPlace | None" = None
    values: dict[str, None] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)
    is_open: bool = False
    is_closed: bool = False

    @property
    def below(self) -> "Iterator[DeclaredPlace]":
        """The place and all that are below it."""
        yield self
        for place in (*self.properties.values(), *([self.items] if self.items else [])):
            yield from place.below

    @property
    def fields(self) -> list[str]:
        """The names of all properties."""
        return [child.name for place in self.below for child in place.properties.values()]

    @property
    def enumerations(self) -> list[Value]:
        """The values of all enumerations."""
        return [(place.name, text) for place in self.below for text in place.values]

    def find(self, value: Any) -> tuple[set[str], set[Value]]:
        """The names of the properties that a value has, and the values of enumerations in it."""
        fields: set[str] = set()
        values: set[Value] = set()
        self._find(value, fields, values)
        return fields, values

    def _find(self, value: Any, fields: set[str], values: set[Value]) -> None:
        if isinstance(value, dict):
            for name, place in self.properties.items():
                if name in value:
                    fields.add(place.name)
                    place._find(value[name], fields, values)  # noqa: SLF001 (of the same class)
        elif isinstance(value, list):
            for one in value[:MOST_ROWS] if self.items else ():
                self.items._find(one, fields, values)  # type: ignore[union-attr] # noqa: SLF001 (as above)
        elif self.values and (text := as_text(value)) in self.values:
            values.add((self.name, text))

    def undeclared(self, value: Any) -> Iterator[Undeclared]:
        """The properties that a value has, and that nothing declares or forbids, where their siblings are declared."""
        if isinstance(value, dict) and self.properties:
            for name, inner in value.items():
                if name in self.properties:
                    yield from self.properties[name].undeclared(inner)
                elif not self.is_open and not self.is_closed and name not in self.hidden:
                    yield self.name, name, inner
        elif isinstance(value, list) and self.items is not None:
            for one in value[:MOST_ROWS]:
                yield from self.items.undeclared(one)

    def marked(self, value: Any) -> Iterator[str]:
        """The assumptions with which the places that a value has are marked."""
        if value is not None:
            yield from self.marks
        if isinstance(value, dict):
            for name, place in self.properties.items():
                yield from place.marked(value.get(name))
        elif isinstance(value, list) and self.items is not None:
            for one in value[:MOST_ROWS]:
                yield from self.items.marked(one)


def as_text(value: Any) -> str:
    """A value as it stands in a query: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def places(contract: Contract, schema: Mapping[str, Any], *, sent: bool, name: str = "") -> DeclaredPlace:
    """The places that a schema declares for a request, if `sent`, or for a response.

    Those of all its alternatives are there. A schema within itself is looked at once, and a large one in part.
    """
    root = DeclaredPlace(name)
    _Walk(contract, "readOnly" if sent else "writeOnly").fill(root, schema, ())
    return root


class DeclaredPlaces:
    """The places of the schemas of a contract, each looked at once."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._known: dict[tuple[str, bool], DeclaredPlace] = {}

    def places_at(self, pointer: str, *, sent: bool) -> DeclaredPlace:
        """The places of the schema at a JSON pointer, for a request if `sent`, else for a response."""
        if (pointer, sent) not in self._known:
            self._known[pointer, sent] = places(self.contract, self.contract.at(pointer), sent=sent)
        return self._known[pointer, sent]


class _Walk:
    """A walk through one schema, which leaves out properties marked with `other`."""

    def __init__(self, contract: Contract, other: str) -> None:
        self._contract, self._other, self._left = contract, other, MOST_PLACES

    def fill(
        self,
        place: DeclaredPlace,
        declared: Mapping[str, Any],
        above: Collection[int],
        depth: int = 0,
        *,
        is_certain: bool = True,
    ) -> None:
        """Fill a place with what a schema declares. `is_certain`: it holds for every value."""
        schema = self._contract.resolved(declared)
        if id(schema) in above or depth > DEEPEST:
            place.is_open = True
            return
        above = (*above, id(schema))
        place.is_open |= bool(schema.get("additionalProperties")) or "patternProperties" in schema
        place.is_closed |= is_certain and self._is_closed(schema)
        place.marks.update(mark_of(schema) if is_certain else ())
        place.values.update(dict.fromkeys(map(as_text, schema.get("enum", ()))))
        for name, entry in schema.get("properties", {}).items():
            if self._contract.resolved(entry).get(self._other):
                place.hidden.add(name)
            elif self._left:
                if name not in place.properties:
                    self._left -= 1
                    place.properties[name] = DeclaredPlace(f"{place.name}.{name}".lstrip("."))
                self.fill(place.properties[name], entry, above, depth + 1, is_certain=is_certain)
            else:
                place.is_open = True
        if isinstance(items := schema.get("items"), Mapping):
            place.items = place.items or DeclaredPlace(f"{place.name}[]")
            self.fill(place.items, items, above, depth + 1, is_certain=is_certain)
        for keyword in ALTERNATIVES:
            for part in schema.get(keyword, ()):
                self.fill(place, part, above, depth, is_certain=is_certain and keyword == "allOf")

    def _is_closed(self, declared: Mapping[str, Any], depth: int = 0) -> bool:
        """Whether a schema forbids what it doesn't declare: by itself, or by all that it leaves the choice of."""
        schema = self._contract.resolved(declared)
        if depth > DEEPEST_CHOICE:
            return False
        if any(schema.get(keyword) is False for keyword in CLOSING):
            return True
        if any(self._is_closed(part, depth + 1) for part in schema.get("allOf", ())):
            return True
        chosen = (schema.get(keyword) for keyword in ("oneOf", "anyOf"))
        return any(all(self._is_closed(part, depth + 1) for part in parts) for parts in chosen if parts)

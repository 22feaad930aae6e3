"""Large JSON objects, read, written and validated incrementally: others get turns of the event loop in between.

For objects whose bulk is in lists, and which have declared members only. Each item of a list is validated by itself,
then the object with as few items as possible. Of the schema of a list, only `items`, `minItems` and `maxItems` count.
"""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, NamedTuple

from mockserver.openapi.contract import Contract, Validator
from mockserver.pipeline.json_pieces import Items, members, written
from mockserver.turns import Turns
from mockserver.violations import Violation, unexpected


class Written(NamedTuple):
    """An object as JSON, and a `sample` of it with short lists, which is valid if the whole is."""

    text: bytes
    sample: dict[str, Any]


class LargeObjectCodec:
    """Reads and writes large JSON objects of one schema, given by its JSON pointer. `sent` is for request bodies."""

    def __init__(self, contract: Contract, pointer: str, *, sent: bool = False) -> None:
        self._whole = contract.validator(pointer, sent=sent)
        properties = dict(_properties(contract, pointer))
        self._members: Mapping[str, Validator] = {
            name: contract.validator(place, sent=sent) for name, place in properties.items()
        }
        declared = {name: contract.at(place) for name, place in properties.items()}
        lists = {name: schema for name, schema in declared.items() if schema.get("type") == "array"}
        self._items: Mapping[str, Validator] = {
            name: contract.validator(f"{properties[name]}/items", sent=sent) for name in lists
        }
        self._least = {name: max(1, schema.get("minItems", 1)) for name, schema in lists.items()}
        self._most = {name: schema["maxItems"] for name, schema in lists.items() if "maxItems" in schema}

    async def read(self, text: bytes, deepest: int, problems: list[Violation]) -> dict[str, Any]:
        """The object in a text, validated. The first violation is added to `problems` and ends the reading. Raises
        ValueError, with a message for the sender, as `json_pieces.members` does."""
        turns = Turns()
        content: dict[str, Any] = {}
        for name, value in members(text, deepest):
            if isinstance(value, Items):
                kept = content.setdefault(name, [])
                problems += self._problem(name, value, len(kept))
                kept += value
            else:
                content[name] = value
            if problems:
                break
            await turns.give()
        if not problems:
            problems += self._whole.first_violation(self._sample(content))
        return content

    async def write(self, content: Mapping[str, Any]) -> Written:
        """An object as JSON. Members that are iterators are written as lists, item by item. Invalid items are in the
        sample, so that the response validator finds them."""
        sample: dict[str, Any] = {name: [] if isinstance(value, Iterator) else value for name, value in content.items()}
        counts: dict[str, int] = {}

        def note(name: str, index: int, item: Any) -> None:
            counts[name] = index + 1
            if index < self._least[name] or not self._items[name].is_valid(item):
                sample[name].append(item)

        text = await written(content, note)
        for name, count in counts.items():
            most = self._most.get(name, count)
            if count > most:
                sample[name] = sample[name][:1] * (most + 1)
        return Written(text, sample)

    def _problem(self, name: str, items: Items, start: int) -> list[Violation]:
        """The first violation in these items of a list, of which `start` came before; empty if there is none."""
        if name not in self._members:
            return [unexpected((name,), self._members)]
        if name not in self._items or start + len(items) > self._most.get(name, inf):
            return self._members[name].first_violation([*items[:1]] * (self._most.get(name, 0) + 1), (name,))
        judge = self._items[name]
        bad = next((index for index, item in enumerate(items) if not judge.is_valid(item)), None)
        return [] if bad is None else judge.first_violation(items[bad], (name, start + bad))

    def _sample(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The object with lists cut to `minItems`: too short ones stay too short, and none is too long."""
        return {
            name: value[: self._least.get(name, 1)] if isinstance(value, list) else value
            for name, value in content.items()
        }


def _properties(contract: Contract, pointer: str) -> Iterator[tuple[str, str]]:
    """The names of an object's properties and the pointers of their schemas; of all parts of an `allOf`."""
    schema = contract.at(pointer)
    if "$ref" in schema:
        yield from _properties(contract, schema["$ref"].removeprefix("#"))
    for index in range(len(schema.get("allOf", ()))):
        yield from _properties(contract, f"{pointer}/allOf/{index}")
    for name in schema.get("properties", ()):
        yield name, f"{pointer}/properties/{name}"

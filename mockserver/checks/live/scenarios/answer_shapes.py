"""Shapes of answers that no schema judges: what examples show is there, and what the contract doesn't know is told."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import requests

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.findings.promises import Promise
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call, Surface, properties

MOST_ITEMS = 50  # of a list that are looked at
MOST_NOTES = 20
FEW = 5  # values; a choice of so many isn't a list of names
SECRET_WORDS = frozenset({"password", "passwd", "passphrase", "secret", "token", "apikey", "salt", "credentials"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
Path = tuple[str | int, ...]
Schema = Mapping[str, Any]


def lacking(contract: Contract, schema: Schema, examples: Sequence[Any], content: Any) -> Iterator[Path]:
    """The places that all examples have and a body lacks, but for those that its schema requires: they break that
    already. Of several items of a list that lack the same, one is named."""
    objects = [example for example in examples if isinstance(example, dict)]
    if isinstance(content, dict) and objects:
        declared, required = properties(contract, schema), required_of(contract, schema)
        for name in sorted(set.intersection(*(set(one) for one in objects))):
            if name in content:
                deeper = lacking(contract, declared.get(name, {}), [one[name] for one in objects], content[name])
                yield from ((name, *path) for path in deeper)
            elif name not in required:
                yield (name,)
    elif isinstance(content, list):
        shown = [item for example in examples if isinstance(example, list) for item in example]
        items, seen = contract.resolved(schema).get("items", {}), set()
        for index, item in enumerate(content[:MOST_ITEMS]):
            for path in lacking(contract, items, shown, item):
                if path not in seen:
                    seen.add(path)
                    yield (index, *path)


def dotted(path: Path) -> str:
    """A place in a body for people: `intervals[0].in_7_days`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def schema_of(surface: Surface, call: Call, status: str) -> Schema:
    """The schema of a response's body; an empty one if it has none."""
    response = call.operation.responses.get(status)
    pointer = next(filter(None, response.media_types.values()), None) if response else None
    return surface.contract.resolved(surface.contract.at(pointer)) if pointer else {}


def choices(surface: Surface) -> Iterator[tuple[str, frozenset[str]]]:
    """The properties of bodies that create which have a list of choices, with the choices."""
    contract = surface.contract
    for call in surface.calls.values():
        for pointer in call.operation.media_types.values() if call.creates else ():
            outer = properties(contract, contract.at(pointer))
            inner = (entry for value in outer.values() for entry in properties(contract, value).items())
            for name, schema in (*outer.items(), *inner):
                if len(schema.get("enum", ())) > FEW:
                    yield name, frozenset(value for value in schema["enum"] if isinstance(value, str))


class UndeclaredParts:
    """What answers have and the contract doesn't know: a note for each property and value, a finding for secrets."""

    def __init__(self, surface: Surface, collector: FindingCollector) -> None:
        self._surface, self._contract, self._collector = surface, surface.contract, collector
        self._told: set[tuple[str, str]] = set()

    def look_at(self, call: Call, response: requests.Response) -> None:
        """Tell what is new in a response."""
        try:
            content = response.json()
        except (ValueError, RecursionError):
            return
        schema = schema_of(self._surface, call, str(response.status_code))
        for path, value, declared in self._parts(schema, content, ()):
            name = dotted(tuple(step for step in path if isinstance(step, str)))
            if declared is None and is_secret(str(path[-1])) and isinstance(value, str) and value:
                self._tell_secret(call, response, name)
            elif declared is None:
                self._note(call, name, f"{call.id} answers {name}, which the contract doesn't know")
            elif isinstance(value, str) and value not in self._choices.get(str(path[-1]), {value}):
                said = f"{call.id} answers a {name} that the contract doesn't know: {value}"
                self._note(call, f"{name} {value}", said)

    @cached_property
    def _choices(self) -> dict[str, frozenset[str]]:
        return dict(choices(self._surface))

    def _parts(self, schema: Schema, content: Any, path: Path) -> Iterator[tuple[Path, Any, Schema | None]]:
        """The properties of a body with their schemas; None for one that isn't declared, where others are."""
        if isinstance(content, dict):
            declared = properties(self._contract, schema)
            is_open = not declared or "additionalProperties" in schema
            needed = required_of(self._contract, schema)
            for name, value in content.items():
                if name in declared:
                    yield (*path, name), value, declared[name]
                    yield from self._parts(declared[name], value, (*path, name))
                elif not is_open or (declared and is_secret(name)):
                    yield (*path, name), None if _is_renamed(name, content, needed) else value, None
        elif isinstance(content, list):
            items = self._contract.resolved(schema.get("items", {}))
            for index, item in enumerate(content[:MOST_ITEMS]):
                yield from self._parts(items, item, (*path, index))

    def _tell_secret(self, call: Call, response: requests.Response, name: str) -> None:
        if (call.id, name) not in self._told:
            self._told.add((call.id, name))
            message = f"{name} looks like a secret, and the contract doesn't know it"
            details = {"message": message, "cause": name.rpartition(".")[2]}  # as that of a secret that is shown again
            self._collector.broken_promise(call, Promise.SECRETS_STAY_SECRET, response, expected="no secret", **details)

    def _note(self, call: Call, what: str, line: str) -> None:
        if (call.id, what) not in self._told and len(self._told) < MOST_NOTES:
            self._told.add((call.id, what))
            self._collector.report.notes.append(self._collector.clean(line))


def is_secret(name: str) -> bool:
    """Whether the name of a property says that its value is a secret."""
    words = [word.lower() for word in _WORD.findall(name)]
    return not SECRET_WORDS.isdisjoint((*words, *(first + second for first, second in pairwise(words))))


def _is_renamed(name: str, content: Mapping[str, Any], needed: set[str]) -> bool:
    """Whether a property stands for one that is missing, written in another way; that it is missing is told."""
    return any(_plain(one) == _plain(name) for one in needed - content.keys())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def required_of(contract: Contract, schema: Schema) -> set[str]:
    """The properties that a schema requires: an answer without them breaks it, which needn't be told twice."""
    resolved = contract.resolved(schema)
    parts = (name for part in resolved.get("allOf", ()) for name in required_of(contract, part))
    return {*resolved.get("required", ()), *parts}

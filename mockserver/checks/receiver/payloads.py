"""Payloads of the contract's events, in several sizes: made by a walk through their schemas, so that each fits them.

Whoever a payload is about is made up, and marked: addresses end with `mockserver-check.invalid`, which no mail reaches,
phone numbers are those that films use, and names begin with `mockserver-check`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from mockserver.clock import Ids, timestamp
from mockserver.openapi.contract import Contract
from mockserver.openapi.structure import is_json_type

Json = dict[str, Any]
Schema = Mapping[str, Any]
ENVELOPE = frozenset({"messageId", "requestId", "eventName", "storeCode", "createdAt", "data"})
MARK = "mockserver-check"
HOST = f"{MARK}.invalid"
PHONE = "+1202555010"  # and one digit: nobody has such a number
DEEPEST = 12  # schemas within each other
LONGEST = 255  # characters of a text that has no limit; the vendor takes no more
MOST = 3  # items of a list that has no limit
HIGHEST = 2**31 - 1
STEP = 0.25  # from a bound of decimals that is excluded
LARGEST = 999_999_999.25  # with decimals
SCRIPTS = (
    'Zoë Łukasz Ñandú İlayda Ελένη Дарья שרה فاطمة 愛子 지우 🧑‍🚀🇵🇱 e\u0301 \u200f\U0001d54f "quoted" \\ / <b>&amp;'
)


class Size(StrEnum):
    """The size of a payload."""

    TYPICAL = "typical"
    MINIMAL = "with as little as the contract allows"
    MAXIMAL = "with as much as the contract allows"
    UNICODE = "in many scripts"


@dataclass(frozen=True)
class Person:
    """Who a payload is about."""

    run: str
    number: int

    def values(self) -> Json:
        """The values by the names of properties, in lower case."""
        name = f"{MARK}-{self.run}-{self.number}"
        return {
            "email": f"{name}@{HOST}",
            "phone": f"{PHONE}{self.number % 10}",
            "phonenumber": f"{PHONE}{self.number % 10}",
            "firstname": MARK,
            "lastname": f"{self.run}-{self.number}",
            "loyaltycardnumber": f"{MARK}-{self.run}-{self.number}",
            "referraltoken": f"{self.run}{self.number}",
        }


class OwnEvent(dict[str, Any]):
    """The payload of an event that has no envelope, with its name and the id of the message beside it."""

    def __init__(self, name: str, message_id: str, payload: Json) -> None:
        super().__init__(payload)
        self.name, self.message_id = name, message_id


class EventPayloads:
    """The payloads of a contract's events. `now` is the moment of the events, in Unix seconds."""

    def __init__(self, contract: Contract, ids: Ids, run: str, store: str) -> None:
        self.contract, self._ids, self._run, self._store = contract, ids, run, store
        self._number = 0
        self._enveloped: dict[str, bool] = {}

    @cached_property
    def names(self) -> list[str]:
        """The names of the events whose payload is an object in JSON, which can be made up, in the order of the
        contract."""
        return [name for name in self.contract.event_names if self._is_object(name)]

    @cached_property
    def unsent(self) -> list[str]:
        """The names of the other events."""
        return [name for name in self.contract.event_names if name not in self.names]

    def _is_object(self, name: str) -> bool:
        event = self.contract.events[name]
        if event.pointer is None or not is_json_type(event.media_type):
            return False
        walk = _Walk(self.contract, self._ids, Size.TYPICAL, timestamp(0), {})
        payload = walk.value(self.schema(name), "", 0)
        return isinstance(payload, dict) and (self.has_envelope(name) or self.fits(name, payload))

    def method(self, name: str) -> str:
        """The method by which an event is sent."""
        return self.contract.events[name].method

    def name_key(self, name: str) -> str | None:
        """The key that says in a payload which event it is: that of the envelope, or `type`, as Standard Webhooks
        propose; None if it has none."""
        if self.has_envelope(name):
            return "eventName"
        return "type" if self.contract.resolved(self.schema(name)).get("properties", {}).get("type") else None

    def has_envelope(self, name: str) -> bool:
        """Whether the payload of an event is an envelope with `data`, as Open Loyalty's are."""
        if name not in self._enveloped:
            walk = _Walk(self.contract, self._ids, Size.MAXIMAL, timestamp(0), {})
            self._enveloped[name] = walk.value(self.schema(name), "", 0).keys() >= ENVELOPE
        return self._enveloped[name]

    def pointer(self, name: str) -> str:
        """The JSON pointer of the schema of an event."""
        return self.contract.event_schema(name)

    def schema(self, name: str) -> Schema:
        """The schema of an event."""
        return self.contract.at(self.pointer(name))

    def fits(self, name: str, payload: Any) -> bool:
        """Whether a payload is one of this event."""
        return self.contract.validator(self.pointer(name)).is_valid(payload)

    def event(self, name: str, now: float, size: Size = Size.TYPICAL) -> Json:
        """A new event: its ids and its person are its own."""
        self._number += 1
        walk = _Walk(self.contract, self._ids, size, timestamp(now), Person(self._run, self._number).values())
        return self.enveloped(name, now, walk.value(self.schema(name), "", 0))

    def enveloped(self, name: str, now: float, payload: Json) -> Json:
        """A payload with an envelope of its own, as far as it has one."""
        if not self.has_envelope(name):
            return OwnEvent(name, self._ids.uuid(), payload)
        own = {"messageId": self._ids.uuid(), "requestId": self._ids.uuid(), "eventName": name}
        own |= {"storeCode": self._store, "createdAt": timestamp(now)}
        return own | {key: value for key, value in payload.items() if key not in own}

    def own(self, name: str, payload: Json, now: float) -> Json:
        """A payload that somebody else has made, as one of the run: with its own envelope, without properties that the
        contract doesn't know, and about nobody who might exist."""
        self._number += 1
        person = Person(self._run, self._number).values()
        walk = _Walk(self.contract, self._ids, Size.TYPICAL, timestamp(now), person)
        return self.enveloped(name, now, _marked(walk.known(self.schema(name), payload), person))


def _marked(value: Any, person: Json) -> Any:
    if isinstance(value, list):
        return [_marked(item, person) for item in value]
    if not isinstance(value, dict):
        return value
    named = {key: person[key.lower()] for key in ("email", "phone", "phoneNumber") if isinstance(value.get(key), str)}
    return {key: named[key] if key in named else _marked(one, person) for key, one in value.items()}


@dataclass(frozen=True)
class _Walk:
    """A walk through a schema, which makes a value on the way."""

    contract: Contract
    ids: Ids
    size: Size
    moment: str
    person: Json

    def value(self, schema: Schema, name: str, depth: int) -> Any:
        """A value of this schema, which a property of this name has."""
        node = self._whole(schema)
        kinds = _kinds(node)
        if depth > DEEPEST or (self.size is Size.MINIMAL and (node.get("nullable") or "null" in kinds)):
            return None
        if "const" in node:
            return node["const"]
        if "enum" in node:
            known = [one for one in node["enum"] if one is not None]
            return known[-1 if self.size is Size.MAXIMAL else 0] if known else None
        made: dict[str, Callable[[], Any]] = {
            "object": lambda: dict(self._properties(node, depth)),
            "array": lambda: [self.value(node.get("items", {}), name, depth + 1) for _ in range(self._length(node))],
            "string": lambda: self._text(node, name),
            "integer": lambda: self._number(node),
            "number": lambda: self._number(node),
            "boolean": lambda: self.size is not Size.MINIMAL,
            "null": lambda: None,
        }
        kind = min(kinds, key="null".__eq__, default="")  # the first one that isn't null
        return made[kind]() if kind in made else _example(node, {})

    def _whole(self, schema: Schema) -> Json:
        """The schema with what it refers to, and what `allOf` adds; of alternatives the first."""
        node = dict(self.contract.resolved(schema))
        parts = [*node.pop("allOf", ()), *(node[keyword][0] for keyword in ("oneOf", "anyOf") if node.get(keyword))]
        for part in parts:
            whole = self._whole(part)
            properties = {**whole.get("properties", {}), **node.get("properties", {})}
            required = [*node.get("required", ()), *whole.get("required", ())]
            node = whole | node | {"properties": properties, "required": required}
        return node

    def known(self, schema: Schema, value: Any) -> Any:
        """The value without properties that its schema doesn't name, where it names any."""
        node = self._whole(schema)
        if isinstance(value, list):
            return [self.known(node.get("items", {}), item) for item in value]
        declared = node.get("properties")
        if not isinstance(value, dict) or not declared:
            return value
        return {name: self.known(declared[name], one) for name, one in value.items() if name in declared}

    def _properties(self, node: Json, depth: int) -> Iterator[tuple[str, Any]]:
        wanted = node.get("required", ()) if self.size is Size.MINIMAL else node.get("properties", {})
        for name in dict.fromkeys(wanted):
            yield name, self.value(node.get("properties", {}).get(name, {}), name, depth + 1)

    def _length(self, node: Json) -> int:
        least, most = int(node.get("minItems", 0)), int(node.get("maxItems", MOST))
        return {Size.MINIMAL: least, Size.MAXIMAL: min(most, MOST)}.get(self.size, max(least, min(1, most)))

    def _text(self, node: Json, name: str) -> str:
        if (made := self._of_format(node.get("format", ""))) is not None:
            return made
        most = min(node.get("maxLength", LONGEST), LONGEST)
        own = self.person.get(name.lower())
        if own is not None and (self.size in (Size.TYPICAL, Size.MAXIMAL) or name.lower() in ("email", "phone")):
            return str(own)[:most]
        if "pattern" in node or node.get("format"):
            return str(_example(node, ""))
        texts = {Size.MINIMAL: "a" * node.get("minLength", 0), Size.MAXIMAL: "x" * most, Size.UNICODE: SCRIPTS[:most]}
        return str(texts.get(self.size, _example(node, name)))[:most]

    def _of_format(self, name: str) -> str | None:
        """A text of a format that has to be met."""
        if name == "uuid":
            return self.ids.uuid()
        return {"date-time": self.moment, "date": self.moment[:10], "uri": f"https://{HOST}/"}.get(name)

    def _number(self, node: Json) -> float:
        has_decimals = "number" in _kinds(node)
        least, most = _bounds(node, has_decimals=has_decimals)
        if has_decimals:
            most = max(least, min(most, LARGEST))
        usual = _example(node, min(max(least, 1), most))
        chosen: float = {Size.MINIMAL: least, Size.MAXIMAL: most}.get(self.size, usual)
        return chosen


def _kinds(node: Json) -> list[str]:
    """The types of a schema, of which one may be null; an object if it has properties."""
    kinds = node.get("type", "object" if node.get("properties") else [])
    return kinds if isinstance(kinds, list) else [kinds]


def _example(node: Json, usual: Any) -> Any:
    """The example of a schema in the spelling of either version; what is usual if it has none."""
    examples = node.get("examples")
    return node.get("example", examples[0] if isinstance(examples, list) and examples else usual)


def _bounds(node: Json, *, has_decimals: bool) -> tuple[float, float]:
    """The least and the highest number, by bounds that are included or not: by a flag before JSON Schema 2020-12, or by
    a number of their own since."""
    bounds = []
    for keyword, exclusive, inwards in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        bound, beyond = node.get(keyword), node.get(exclusive, False)
        if isinstance(beyond, bool):
            beyond = bound if beyond else None
        if beyond is not None:
            within = beyond + inwards * (STEP if has_decimals else 1)
            bound = within if bound is None else max(bound * inwards, within * inwards) * inwards
        bounds.append(bound)
    least, most = bounds
    if least is None:
        least = 0 if most is None else min(0, most)
    return least, max(least, HIGHEST) if most is None else most


def spellings() -> Iterator[tuple[str, Callable[[Json], bytes]]]:
    """The ways in which senders write the same JSON, each with a name: a parser reads the same, the bytes differ."""
    yield "with line breaks", lambda event: json.dumps(event, indent=2, ensure_ascii=False).encode()
    yield "with blanks after commas and colons", lambda event: json.dumps(event, ensure_ascii=False).encode()
    yield "with its keys the other way round", lambda event: _compact(dict(reversed(event.items())))
    yield "with \\u escapes", lambda event: _compact(event).replace(b'"m', b'"\\u006d')


def _compact(event: Json) -> bytes:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()

"""The events of the contract's `x-webhooks`, and the envelope of their payloads (vendor-facts §4.1).

A payload is built in two steps, as one event goes to many subscriptions: all its deliveries share `Event.head` and the
JSON of its data; `enveloped` puts the ids of one attempt in front of them.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from mockserver.clock import timestamp
from mockserver.errors import BadRequest
from mockserver.openapi.contract import Contract, Validator
from mockserver.openapi.examples import Examples
from mockserver.openapi.structure import find, steps_of
from mockserver.violations import Violation

ALL_EVENTS = "WebhookEvent"
NO_ENVELOPE = "{} can't be sent: its payload is no JSON with `data` in it, as the mock sends. It is only described."
_ALL_EVENTS = f"/components/schemas/{ALL_EVENTS}"


class Event(NamedTuple):
    """An event in a store. `created_at` is in Unix seconds; the events of a mock are numbered from 1."""

    number: int
    event_name: str
    store_code: str
    created_at: float
    data: Any

    def envelope(self, message_id: str, request_id: str) -> dict[str, Any]:
        """The payload of one attempt."""
        return {"messageId": message_id, "requestId": request_id, **self._common(), "data": self.data}

    def head(self) -> bytes:
        """The part of every payload of this event that stands between the two ids and the data, as JSON."""
        return orjson.dumps(self._common())[1:-1]

    def _common(self) -> dict[str, Any]:
        return {
            "eventName": self.event_name,
            "storeCode": self.store_code,
            "createdAt": timestamp(self.created_at),
        }


class SharedJson:
    """The data of an event as JSON, shared by events with the same data. `users` counts them.

    Raises TypeError for data that is no JSON in UTF-8.
    """

    __slots__ = ("data", "users")

    def __init__(self, data: Any) -> None:
        self.data = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
        self.users = 0


def enveloped(message_id: str, request_id: str, head: bytes, data: bytes) -> bytes:
    """The payload of one attempt, as `Event.envelope` would be written."""
    ids = message_id.encode(), request_id.encode()
    return b'{"messageId":"%s","requestId":"%s",%s,"data":%s}' % (*ids, head, data)


class Events:
    """The catalogue of a contract's events: their names, validators and generated data."""

    def __init__(self, contract: Contract, examples: Examples) -> None:
        self._contract = contract
        self._examples = examples
        self._validators: dict[str, Validator] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all events."""
        return frozenset(self._contract.event_names)

    def violations(self, payload: Mapping[str, Any]) -> list[Violation]:
        """The violations of the contract in a payload. Raises KeyError if the contract doesn't know its event."""
        return self._validator(payload["eventName"]).violations(payload)

    def generated(self, event_name: str) -> Any:
        """Valid `data` for an event: the same for the same seed. Raises KeyError for an event that doesn't exist, and
        BadRequest for one whose payload has no `data`."""
        self._require(event_name)
        pointer = self._contract.event_schema(event_name)
        is_json = find(self._contract.document, steps_of(f"#{pointer}")) is not None
        payload = self._examples.response(pointer) if is_json else None
        if not isinstance(payload, Mapping) or "data" not in payload:
            raise BadRequest(message=NO_ENVELOPE.format(event_name))
        return payload["data"]

    @property
    def schema_names(self) -> list[str]:
        """The names of its schemas: ALL_EVENTS, if there is one of all, and the events that are sent as JSON, in the
        order of the contract."""
        document = self._contract.document
        names = self._contract.event_names
        pointers = [(ALL_EVENTS, _ALL_EVENTS), *((name, self._contract.event_schema(name)) for name in names)]
        return [name for name, pointer in pointers if find(document, steps_of(f"#{pointer}")) is not None]

    def schema_pointer(self, name: str) -> str:
        """The JSON pointer of one of the schemas that `schema_names` lists. Raises KeyError for another name."""
        if name not in self.schema_names:
            raise KeyError(name)
        return self._contract.event_schema(name) if name in self.names else _ALL_EVENTS

    def _validator(self, event_name: str) -> Validator:
        if event_name not in self._validators:
            self._require(event_name)
            self._validators[event_name] = self._contract.validator(self._contract.event_schema(event_name))
        return self._validators[event_name]

    def _require(self, event_name: str) -> None:
        if event_name not in self.names:
            raise KeyError(event_name)

"""The events of a contract: how each is sent, what is valid in it, and generated payloads.

Open Loyalty's have an envelope (vendor-facts §4.1). Such a payload is built in two steps, as one event goes to many
subscriptions: all its deliveries share `Event.head` and the JSON of its data; `enveloped` puts the ids of one attempt
in front of them. The data of any other event is its payload.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from mockserver.clock import timestamp
from mockserver.errors import BadRequest
from mockserver.openapi.contract import Contract, DeclaredEvent, Validator
from mockserver.openapi.examples import Examples, NoExample
from mockserver.openapi.structure import bare_type, find, steps_of
from mockserver.violations import Violation

ALL_EVENTS = "WebhookEvent"
NO_PAYLOAD = "No payload of {} was found that its schema accepts: {} Give the mock an `example` in the contract."
FORM_TYPE = "application/x-www-form-urlencoded"
_ALL_EVENTS = f"/components/schemas/{ALL_EVENTS}"
MOST_PARTS = 8  # of an envelope, by `allOf` within each other
_ENVELOPE = frozenset({"messageId", "requestId", "eventName", "storeCode", "createdAt", "data"})


class EventForm(NamedTuple):
    """The form in which an event is sent. `media_type` is empty if it has no payload; `headers` are the ones that the
    contract declares for it."""

    method: str = "POST"
    media_type: str = "application/json"
    has_envelope: bool = True
    headers: tuple[tuple[str, str], ...] = ()


ENVELOPED = EventForm()


class Event(NamedTuple):
    """An event in a store. `created_at` is in Unix seconds; the events of a mock are numbered from 1."""

    number: int
    event_name: str
    store_code: str
    created_at: float
    data: Any
    form: EventForm = ENVELOPED

    def payload(self, message_id: str, request_id: str) -> Any:
        """The payload of one attempt."""
        if not self.form.has_envelope:
            return self.data
        return {"messageId": message_id, "requestId": request_id, **self._common(), "data": self.data}

    def head(self) -> bytes:
        """The part of every payload of this event that stands between the two ids and the data, as JSON; empty if it
        has no envelope."""
        return orjson.dumps(self._common())[1:-1] if self.form.has_envelope else b""

    def _common(self) -> dict[str, Any]:
        return {
            "eventName": self.event_name,
            "storeCode": self.store_code,
            "createdAt": timestamp(self.created_at),
        }


class SharedContent:
    """The data of an event as it is written, shared by events with the same data. `users` counts them.

    Raises TypeError for data that is no JSON in UTF-8.
    """

    __slots__ = ("data", "users")

    def __init__(self, data: Any, media_type: str = ENVELOPED.media_type) -> None:
        self.data = written(data, media_type)
        self.users = 0


def written(data: Any, media_type: str) -> bytes:
    """Data in a media type: JSON, or a form, or a text as it is. Raises TypeError for data that is no JSON in UTF-8."""
    if not media_type:
        return b""
    kind = bare_type(media_type)
    if kind == FORM_TYPE and isinstance(data, Mapping):
        return urlencode({name: _in_form(value) for name, value in data.items()}).encode()
    if isinstance(data, str) and not kind.endswith("json"):
        return data.encode()
    return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


def _in_form(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def enveloped(message_id: str, request_id: str, head: bytes, data: bytes) -> bytes:
    """The payload of one attempt, as `Event.payload` would be written."""
    if not head:
        return data
    ids = message_id.encode(), request_id.encode()
    return b'{"messageId":"%s","requestId":"%s",%s,"data":%s}' % (*ids, head, data)


class Events:
    """The catalogue of a contract's events: their names, forms, validators and generated data."""

    def __init__(self, contract: Contract, examples: Examples) -> None:
        self._contract = contract
        self._examples = examples
        self._validators: dict[str, Validator] = {}
        self._forms: dict[str, EventForm] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all events."""
        return frozenset(self._contract.event_names)

    def form(self, event_name: str) -> EventForm:
        """The form in which an event is sent. Raises KeyError for an event that doesn't exist."""
        if event_name not in self._forms:
            self._forms[event_name] = self._form_of(self._contract.events[event_name])
        return self._forms[event_name]

    def violations(self, event_name: str, payload: Any) -> list[Violation]:
        """The violations of the contract in a payload. Raises KeyError if the contract doesn't know its event."""
        return self._validator(event_name).violations(payload)

    def generated(self, event_name: str) -> Any:
        """Valid data for an event, the same for the same seed: what is in its envelope, or all of its payload. Raises
        KeyError for an event that doesn't exist, and BadRequest if none was found."""
        event = self._contract.events[event_name]
        if self.form(event_name).has_envelope:
            payload: Any = self._examples.response(event.content)
            return payload["data"]
        return self._payload(event)

    @property
    def schema_names(self) -> list[str]:
        """The names of its schemas: ALL_EVENTS, if there is one of all, and the events whose payloads have one, in the
        order of the contract."""
        has_all = find(self._contract.document, steps_of(f"#{_ALL_EVENTS}")) is not None
        named = [name for name, event in self._contract.events.items() if event.pointer is not None]
        return [*([ALL_EVENTS] if has_all else []), *named]

    def schema_pointer(self, name: str) -> str:
        """The JSON pointer of one of the schemas that `schema_names` lists. Raises KeyError for another name."""
        if name not in self.schema_names:
            raise KeyError(name)
        return self._contract.event_schema(name) if name in self.names else _ALL_EVENTS

    def _validator(self, event_name: str) -> Validator:
        if event_name not in self._validators:
            pointer = self._contract.events[event_name].pointer
            self._validators[event_name] = self._contract.validator(pointer)
        return self._validators[event_name]

    # ---------------------------------------------------------------- how it is sent
    def _form_of(self, event: DeclaredEvent) -> EventForm:
        if event.media_type == ENVELOPED.media_type and self._properties_of({"$ref": f"#{event.content}"}) >= _ENVELOPE:
            return EventForm(event.method)
        return EventForm(event.method, event.media_type, has_envelope=False, headers=tuple(self._headers_of(event)))

    def _properties_of(self, schema: Mapping[str, Any], depth: int = MOST_PARTS) -> set[str]:
        """The names of the properties of a schema, with those of its `allOf`."""
        if not depth or ("$ref" in schema and find(self._contract.document, steps_of(str(schema["$ref"]))) is None):
            return set()
        whole = self._contract.resolved(schema)
        parts = (self._properties_of(part, depth - 1) for part in whole.get("allOf", ()))
        return {*whole.get("properties", ()), *(name for part in parts for name in part)}

    def _headers_of(self, event: DeclaredEvent) -> Iterator[tuple[str, str]]:
        """The headers that the contract declares for an event with a value: an example, or the only one there is."""
        for entry in event.operation.get("parameters", ()):
            declared = self._contract.resolved(entry)
            if declared.get("in") != "header" or declared["name"].lower() == "content-type":
                continue
            schema = self._contract.resolved(declared.get("schema", {}))
            known = [declared.get("example"), *_values(declared), schema.get("example"), *schema.get("examples", ())]
            known += [schema.get("const"), *schema.get("enum", ())[:1], schema.get("default")]
            value = next((str(one) for one in known if one is not None), "")
            if value and value.isprintable() and value.isascii():
                yield declared["name"], value

    def _payload(self, event: DeclaredEvent) -> Any:
        """The payload of an event that has no envelope: a declared example if one is valid, else a generated one."""
        body = self._contract.resolved(event.operation.get("requestBody", {}))
        content = body.get("content", {}).get(event.media_type, {})
        examples = [content["example"]] if "example" in content else []
        examples += _values({"examples": self._named_examples(content)})
        if event.pointer is None:
            return next(iter(examples), {} if event.media_type.endswith("json") else "")
        validator = self._contract.validator(event.pointer)
        try:
            fitting = filter(validator.is_valid, examples)
            return next(fitting, None) or self._examples.response(event.pointer)
        except NoExample as error:
            raise BadRequest(message=NO_PAYLOAD.format(event.name, error)) from None

    def _named_examples(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._contract.resolved(entry) for name, entry in content.get("examples", {}).items()}


def _values(declared: Mapping[str, Any]) -> list[Any]:
    """The values of the named examples of a parameter or a body."""
    named = declared.get("examples", {})
    return [entry["value"] for entry in named.values() if isinstance(entry, Mapping) and "value" in entry]

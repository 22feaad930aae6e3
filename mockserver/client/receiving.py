"""What a listener needs of a mock of any contract: who subscribes it, what is valid, and how deliveries are signed."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from mockserver.client.account import OwnSubscription
from mockserver.client.running_mock import Remote
from mockserver.errors import Refused
from mockserver.openapi.contract import Contract
from mockserver.openapi.examples import Examples
from mockserver.openapi.structure import is_json_type
from mockserver.signing import Scheme
from mockserver.violations import dotted
from mockserver.webhooks.events import Events

_NOT_FOUND = 404


class Subscriber(Protocol):
    """Who subscribes a listener: an account at the API, or the control plane."""

    def event_names(self) -> list[str]:
        """The names of all events, in the order of the contract."""

    def subscribe(self, event_name: str, url: str) -> OwnSubscription:
        """Subscribe a URL to an event, with signatures."""

    def has(self, subscription: OwnSubscription) -> bool:
        """Whether the mock still has a subscription."""

    def unsubscribe(self, subscription: OwnSubscription) -> None:
        """End a subscription."""


class ReceiverAccount:
    """A subscriber by the control plane, for contracts whose API has no subscriptions. Every method raises as `Remote`
    does."""

    def __init__(self, remote: Remote, store_code: str) -> None:
        self._remote = remote
        self._store_code = store_code

    def event_names(self) -> list[str]:
        """The names of all events, in the order of the contract."""
        return [event["eventName"] for event in self._remote.events()["items"]]

    def subscribe(self, event_name: str, url: str, secret: str | None = None) -> OwnSubscription:
        """Let the mock send an event to a URL, signed with a secret, or its own."""
        added = self._remote.receivers.add(event_name, url, self._store_code, secret)
        return OwnSubscription(added["receiverId"], event_name, url, added.get("secret", ""))

    def has(self, subscription: OwnSubscription) -> bool:
        """Whether the mock still sends to it."""
        known = self._remote.receivers.list(self._store_code)["items"]
        return any(one["receiverId"] == subscription.subscription_id for one in known)

    def unsubscribe(self, subscription: OwnSubscription) -> None:
        """Let the mock send nothing more to it; one that is gone already is fine."""
        try:
            self._remote.receivers.remove(subscription.subscription_id, self._store_code)
        except Refused as refused:
            if refused.status != _NOT_FOUND:
                raise


class Expectations(Protocol):
    """What deliveries have to be like."""

    @property
    def scheme(self) -> Scheme:
        """How they are signed."""

    def method_of(self, event_name: str) -> str:
        """The method of an event's requests."""

    def breaches(self, event_name: str, payload: Any) -> list[str]:
        """In what a payload leaves the contract, in words. `payload` is None if the body is no JSON."""


class OurExpectations:
    """Those of Open Loyalty's contract, as this version ships it."""

    def __init__(self, scheme: Scheme = Scheme.VENDOR) -> None:
        contract = Contract.load()
        self._catalogue = Events(contract, Examples(contract, 0))
        self.scheme = scheme

    def method_of(self, _event_name: str) -> str:
        """The method of all of them."""
        return "POST"

    def breaches(self, _event_name: str, payload: Any) -> list[str]:
        """In what a payload leaves the contract; the payload says of which event it is."""
        if not isinstance(payload, dict):
            return ["the body is no JSON object"]
        name = payload.get("eventName")
        if not isinstance(name, str) or name not in self._catalogue.names:
            return [f"the contract knows no event {name!r}"]
        found = self._catalogue.violations(name, payload)
        return [f"{dotted(violation.path)}: {violation.message}" for violation in found]


class RemoteEvent(NamedTuple):
    """An event as the mock describes it."""

    method: str
    media_type: str
    has_schema: bool


class RemoteExpectations:
    """Those of the contract that a mock serves, whatever it is: it is asked for them."""

    def __init__(self, remote: Remote, store_code: str) -> None:
        self._remote = remote
        self._validators: dict[str, Any] = {}
        self.scheme = Scheme(remote.receivers.list(store_code)["signing"])
        self._events = {
            one["eventName"]: RemoteEvent(one["method"], one["mediaType"] or "", one["hasSchema"])
            for one in remote.events()["items"]
        }

    def method_of(self, event_name: str) -> str:
        """The method of an event's requests."""
        return self._events[event_name].method

    def breaches(self, event_name: str, payload: Any) -> list[str]:
        """In what a payload leaves the schema of its event; nothing where that isn't JSON, or has none."""
        event = self._events[event_name]
        if not (event.has_schema and is_json_type(event.media_type)):
            return []
        if payload is None:
            return ["the body is no JSON"]
        errors = self._validator(event_name).iter_errors(payload)
        return [f"{dotted(tuple(error.instance_path)) or 'the payload'}: {error.message}" for error in errors]

    def _validator(self, event_name: str) -> Any:
        import jsonschema_rs  # noqa: PLC0415 (of other contracts alone)

        if event_name not in self._validators:
            schema = self._remote.event_schema(event_name)
            self._validators[event_name] = jsonschema_rs.Draft202012Validator(schema)
        return self._validators[event_name]


def path_of(event_name: str) -> str:
    """The path at which a listener takes an event, whose name may be anything."""
    return f"/{quote(event_name, safe='')}"


def message_id_of(headers: Mapping[str, str], payload: Any) -> str | None:
    """The id of the message in a delivery: of its envelope, or of its headers; None if it has none."""
    named = payload.get("messageId") if isinstance(payload, dict) else None
    if isinstance(named, str):
        return named
    return {name.lower(): value for name, value in headers.items()}.get("webhook-id")

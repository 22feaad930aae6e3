"""The control plane of a mock as typed methods: the operations of `control/control.yaml`, in Python's names.

They are what tests call on a `MockServer`, and what commands ask a running mock by. A test holds them in step with the
contract. Every method raises as the calls of `MockConnection` do: Refused, with the mock's own words, for a 4xx.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Unpack
from urllib.parse import quote

from mockserver.naming import camel_case
from mockserver.remote.answers import (
    CausedDeliveriesJson,
    ClockJson,
    ConfigJson,
    DeliveryJson,
    EventListJson,
    ExchangeJson,
    FaultJson,
    FaultListJson,
    Json,
    PresetJson,
    PresetsJson,
    ReceiverJson,
    ReceiverListJson,
    RequestMatchJson,
    VerificationResultJson,
)
from mockserver.remote.arguments import DeliveryFilters, FaultArguments, RequestFilters, StateArguments
from mockserver.remote.happenings import delivery_line, near_miss_lines, request_line
from mockserver.remote.pages import ControlCall, latest_deliveries, page_of_deliveries, page_of_requests, waits

PAGE = 1_000  # deliveries
MOST_SHOWN = 10  # requests or deliveries in the message of a failed expectation

Deliveries = list[DeliveryJson]
Exchanges = list[ExchangeJson]
Faults = list[FaultJson]
Presets = list[PresetJson]


class ClockControl:
    """The mock's time."""

    def __init__(self, call: ControlCall) -> None:
        self._call = call

    def get(self) -> ClockJson:
        """The time, and whether it stands still."""
        return self._call("GET", "/clock", ClockJson)

    def set(self, now: str | datetime | None = None, *, frozen: bool | None = None) -> ClockJson:
        """The new time. `now` moves the clock, backwards, too; `frozen` stops it or lets it run. What is left out
        stays. A text is RFC 3339; a datetime without a zone counts as UTC."""
        body = _given(now=_moment(now), frozen=frozen)
        return self._call("PUT", "/clock", ClockJson, json=body)

    def freeze(self, now: str | datetime | None = None) -> ClockJson:
        """The new time, which stands still: at this moment, or where it is."""
        return self.set(now, frozen=True)

    def release(self) -> ClockJson:
        """The time, which goes on from where it is."""
        return self.set(frozen=False)

    def advance(self, seconds: float) -> ClockJson:
        """The new time, so many seconds later."""
        return self._call("POST", "/clock/advance", ClockJson, json={"seconds": seconds})


class ReceiversControl:
    """Who gets events."""

    def __init__(self, call: ControlCall) -> None:
        self._call = call

    def list(self, store_code: str | None = None) -> ReceiverListJson:
        """All receivers of a store, by default the first one, without their secrets, and how they are signed."""
        return self._call("GET", "/receivers", ReceiverListJson, params=_given(storeCode=store_code))

    def add(self, event_name: str, url: str, store_code: str | None = None, secret: str | None = None) -> ReceiverJson:
        """A new receiver: the URL gets each such event of a store, by default the first one. The answer has the secret
        that its deliveries are signed with."""
        body = _given(eventName=event_name, url=url, storeCode=store_code, secret=secret)
        return self._call("POST", "/receivers", ReceiverJson, json=body)

    def remove(self, receiver_id: str, store_code: str | None = None) -> None:
        """Send a receiver nothing more."""
        path = f"/receivers/{quote(receiver_id, safe='')}"
        self._call("DELETE", path, object, params=_given(storeCode=store_code))


class DeliveriesControl:
    """What was sent to the URLs of subscriptions."""

    def __init__(self, call: ControlCall) -> None:
        self._call = call

    def list(self, **filters: Unpack[DeliveryFilters]) -> Deliveries:
        """All deliveries that pass the filters, the oldest first."""
        return self._all(_wire(filters), 1, 0.0)

    def wait(self, at_least: int = 1, *, timeout: float = 5.0, **filters: Unpack[DeliveryFilters]) -> Deliveries:
        """The deliveries that pass the filters, as soon as there are enough of them. `status="delivered"` waits for
        their ends. Raises AssertionError after `timeout` seconds; it shows the deliveries that there are."""
        __tracebackhide__ = True  # what pytest shows ends in the test
        query = _wire(filters)
        for seconds in waits(timeout):
            found = self._all(query, at_least, seconds)
            if len(found) >= at_least:
                return found
        what = _expectation("delivery", "deliveries", at_least, filters, timeout)
        there = latest_deliveries(self._call, {}, MOST_SHOWN)
        raise AssertionError(_complaint(what, list(map(delivery_line, there["items"])), there["total"]))

    def get(self, delivery_id: str) -> DeliveryJson:
        """One delivery, with the lines that were signed."""
        return self._call("GET", f"/deliveries/{quote(delivery_id, safe='')}", DeliveryJson)

    def redeliver(self, delivery_id: str) -> DeliveryJson:
        """A finished delivery, which is sent once more."""
        path = f"/deliveries/{quote(delivery_id, safe='')}/redeliver"
        return self._call("POST", path, DeliveryJson)

    def _all(self, query: Mapping[str, object], at_least: int, wait: float) -> Deliveries:
        """All pages, the first as soon as there are so many deliveries, or after so many seconds."""
        size = {"_itemsOnPage": PAGE}
        page = page_of_deliveries(self._call, {**query, **size, "atLeast": at_least, "wait": wait})
        found = list(page["items"])
        while page["items"] and len(found) < page["total"]:
            page = page_of_deliveries(self._call, {**query, **size, "_page": 1 + len(found) // PAGE})
            found += page["items"]
        return found


class FaultsControl:
    """Answers and deliveries that go wrong on purpose."""

    def __init__(self, call: ControlCall) -> None:
        self._call = call

    def list(self, store_code: str | None = None) -> Faults:
        """All faults, or those that are for one store alone."""
        return self._call("GET", "/faults", FaultListJson, params=_given(storeCode=store_code))["items"]

    def add(self, **fault: Unpack[FaultArguments]) -> FaultJson:
        """A new fault: `add(operation_id="webhookEventGetList", status=503, times=1)`."""
        return self._call("POST", "/faults", FaultJson, json=_wire(fault))

    def get(self, fault_id: str) -> FaultJson:
        """One fault, with how often it struck."""
        return self._call("GET", f"/faults/{quote(fault_id, safe='')}", FaultJson)

    def change(self, fault_id: str, *, enabled: bool) -> FaultJson:
        """A fault, which is switched on or off."""
        path = f"/faults/{quote(fault_id, safe='')}"
        return self._call("PATCH", path, FaultJson, json={"enabled": enabled})

    def remove(self, fault_id: str) -> None:
        """Remove one fault."""
        self._call("DELETE", f"/faults/{quote(fault_id, safe='')}", object)

    def clear(self, store_code: str | None = None) -> None:
        """Remove all faults, or those that are for one store alone."""
        self._call("DELETE", "/faults", object, params=_given(storeCode=store_code))


class RequestsControl:
    """The requests that the API got lately."""

    def __init__(self, call: ControlCall) -> None:
        self._call = call

    def list(self, **filters: Unpack[RequestFilters]) -> Exchanges:
        """The requests that pass the filters, the oldest first. The mock keeps the last 250; secrets aren't shown."""
        return self._listed(_wire(filters))

    def wait(self, at_least: int = 1, *, timeout: float = 5.0, **filters: Unpack[RequestFilters]) -> Exchanges:
        """The requests that pass the filters, as soon as there are enough of them. Raises AssertionError after
        `timeout` seconds; it shows the requests that there are."""
        __tracebackhide__ = True  # what pytest shows ends in the test
        query = _wire(filters)
        for seconds in waits(timeout):
            found = self._listed({**query, "atLeast": at_least, "wait": seconds})
            if len(found) >= at_least:
                return found
        what = _expectation("request", "requests", at_least, filters, timeout)
        there = page_of_requests(self._call, {"last": MOST_SHOWN})
        raise AssertionError(_complaint(what, list(map(request_line, there["items"])), there["total"]))

    def verify(
        self,
        match: RequestMatchJson | None = None,
        *,
        sequence: Iterable[RequestMatchJson] | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        wait: float = 0.0,
    ) -> Exchanges:
        """The requests that fit `match`, if they came once or more, or as often as `at_least` and `at_most` say; or
        those that fit `sequence`, if they came in this order. It waits for them so many seconds; to see that no more
        than `at_most` come takes all of them. Raises AssertionError if not; it shows what came closest."""
        __tracebackhide__ = True  # what pytest shows ends in the test
        steps = None if sequence is None else [*sequence]
        body = _given(match=match, sequence=steps, atLeast=at_least, atMost=at_most)
        verdict = self._verdict(body, wait)
        if not verdict["ok"]:
            head = f"The requests aren't as expected: {body!r}. {verdict.get('reason', '')}".rstrip()
            lines = near_miss_lines(verdict["nearMisses"])
            raise AssertionError("\n  ".join([f"{head} The closest:" if lines else head, *lines]))
        named = verdict["requestIds"]
        kept = {one["requestId"]: one for one in self._listed({})} if named else {}
        return [kept[request_id] for request_id in named if request_id in kept]

    def _verdict(self, body: Json, wait: float) -> VerificationResultJson:
        """The verdict, as soon as it is settled, or after so many seconds."""
        at_most = body.get("atMost")
        for seconds in waits(wait):
            query = {"wait": seconds}
            verdict = self._call(
                "POST", "/requests/verify", VerificationResultJson, json=body, params=query, patience=seconds
            )
            is_exceeded = at_most is not None and verdict["count"] > at_most
            is_reached = verdict["ok"] and (at_most is None or body.get("atLeast", 0) > 0)
            if is_exceeded or is_reached:
                break
        return verdict

    def get(self, request_id: str) -> ExchangeJson:
        """One request, by the X-Mock-Request-Id of its answer."""
        return self._call("GET", f"/requests/{quote(request_id, safe='')}", ExchangeJson)

    def clear(self, store_code: str | None = None) -> None:
        """Forget all requests, or those to one store."""
        self._call("DELETE", "/requests", object, params=_given(storeCode=store_code))

    def _listed(self, query: Mapping[str, object]) -> Exchanges:
        return page_of_requests(self._call, query)["items"]


class StateControl:
    """All that decides about later answers."""

    def __init__(self, call: ControlCall) -> None:
        self._call = call

    def snapshot(self) -> Json:
        """A snapshot, to be put back. It has secrets in clear text."""
        return self._call("GET", "/state", Json)

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Replace all that the mock knows by a snapshot."""
        self._call("PUT", "/state", object, json=snapshot)

    def add(self, **records: Unpack[StateArguments]) -> None:
        """Add records by a short description, as state files have it: `add(members=[{"email": "jo@example.com"}])`."""
        self._call("POST", "/state", object, json=_wire(records))


class PresetsControl:
    """Named states."""

    def __init__(self, call: ControlCall) -> None:
        self._call = call

    def list(self) -> Presets:
        """All presets."""
        return self._call("GET", "/presets", PresetsJson)["items"]

    def apply(
        self,
        preset_name: str,
        store_code: str | None = None,
        *,
        count: int | None = None,
        resource: str | None = None,
    ) -> None:
        """Put a store, by default the first one, or the whole mock into a named state. `many` makes `count` records of
        each resource, or of one."""
        given = _given(storeCode=store_code, count=count, resource=resource)
        self._call("POST", f"/presets/{quote(preset_name, safe='')}", object, params=given)


class ControlPlane:
    """What a test may do to a mock."""

    clock: ClockControl
    deliveries: DeliveriesControl
    faults: FaultsControl
    presets: PresetsControl
    receivers: ReceiversControl
    requests: RequestsControl
    state: StateControl

    def __init__(self, call: ControlCall) -> None:
        self._call = call
        self.clock = ClockControl(call)
        self.deliveries = DeliveriesControl(call)
        self.faults = FaultsControl(call)
        self.presets = PresetsControl(call)
        self.receivers = ReceiversControl(call)
        self.requests = RequestsControl(call)
        self.state = StateControl(call)

    def reset(self, store_code: str | None = None, *, resource: str | None = None) -> None:
        """Put the mock, one store, or the records of one resource back to their start."""
        self._call("POST", "/reset", object, params=_given(storeCode=store_code, resource=resource))

    def events(self) -> EventListJson:
        """The events of the contract, and how each is sent."""
        return self._call("GET", "/events", EventListJson)

    def trigger(
        self,
        event_name: str,
        store_code: str | None = None,
        data: Mapping[str, Any] | None = None,
        count: int = 1,
        receiver_id: str | None = None,
    ) -> CausedDeliveriesJson:
        """The deliveries of an event that happens now, `count` times, in a store, by default the first one. The mock
        makes the payload up from the contract; `data` is merged into it. With `receiver_id` this one alone gets it."""
        body = _given(eventName=event_name, storeCode=store_code, data=data, count=count, receiverId=receiver_id)
        return self._call("POST", "/events", CausedDeliveriesJson, json=body)

    def event_schema(self, event_name: str) -> Json:
        """The JSON Schema (2020-12) of an event's payload."""
        return self._call("GET", f"/schemas/{quote(event_name, safe='')}.json", Json)

    def config(self) -> ConfigJson:
        """Version, contract, seed and settings of the mock; secrets are masked."""
        return self._call("GET", "/config", ConfigJson)


# ---------------------------------------------------------------- names and values as the contract has them
def _given(**values: Any) -> Json:
    """The values that are given, by their names in the contract."""
    return {name: value for name, value in values.items() if value is not None}


def _wire(values: Mapping[str, Any]) -> Json:
    """Arguments by their names in the contract."""
    return {camel_case(name): _moment(value) for name, value in values.items()}


def _moment(value: Any) -> Any:
    """A datetime as RFC 3339, any other value as it is."""
    if not isinstance(value, datetime):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


# ---------------------------------------------------------------- failed expectations
def _expectation(one: str, many: str, at_least: int, filters: Mapping[str, Any], seconds: float) -> str:
    terms = " and ".join(f"{name} == {value!r}" for name, value in filters.items())
    times = f"No {one}" if at_least == 1 else f"Not {at_least} {many}"
    return f"{times}{' with ' if terms else ''}{terms} within {seconds:g} s."


def _complaint(expectation: str, lines: list[str], total: int) -> str:
    if not lines:
        return f"{expectation} There are none at all."
    return "\n  ".join([f"{expectation} There are {total}, the last of them:", *lines])

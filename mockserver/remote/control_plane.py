"""The control plane of a mock as typed methods: the operations of `control/control.yaml`, in Python's names.

They are what tests call on a `MockServer`, and what commands ask a running mock by. A test holds them in step with the
contract. Every method raises as the calls of `MockConnection` do: Refused, with the mock's own words, for a 4xx.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, Unpack, cast
from urllib.parse import quote

from mockserver.remote import response_shapes
from mockserver.remote.answers import (
    CausedDeliveriesJson,
    ClockJson,
    ConfigJson,
    DeliveryJson,
    DeliveryListJson,
    ExchangeJson,
    FaultJson,
    Json,
    PresetJson,
    RequestListJson,
    RequestMatchJson,
    VerificationResultJson,
)
from mockserver.remote.arguments import DeliveryFilters, FaultArguments, RequestFilters, StateArguments
from mockserver.remote.happenings import delivery_line, near_miss_lines, request_line
from mockserver.storage.model import camel_case

LONGEST_WAIT = 60.0  # seconds that one call may wait; who waits longer, asks again
PAGE = 1_000  # deliveries
MOST_SHOWN = 10  # requests or deliveries in the message of a failed expectation
_LISTED = {"items": list}

Deliveries = list[DeliveryJson]
Exchanges = list[ExchangeJson]
Faults = list[FaultJson]
Presets = list[PresetJson]


class Ask(Protocol):
    """The call of an operation; `request` may have `json` and `params`, as those of `MockConnection.control`."""

    def __call__(self, method: str, path: str, shape: Any, *, patience: float = 0.0, **request: Any) -> Any: ...


class ClockControl:
    """The mock's time."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def get(self) -> ClockJson:
        """The time, and whether it stands still."""
        return cast("ClockJson", self._ask("GET", "/clock", response_shapes.CLOCK))

    def set(self, now: str | datetime | None = None, *, frozen: bool | None = None) -> ClockJson:
        """The new time. `now` moves the clock, backwards, too; `frozen` stops it or lets it run. What is left out
        stays. A text is RFC 3339; a datetime without a zone counts as UTC."""
        body = _given(now=_moment(now), frozen=frozen)
        return cast("ClockJson", self._ask("PUT", "/clock", response_shapes.CLOCK, json=body))

    def freeze(self, now: str | datetime | None = None) -> ClockJson:
        """The new time, which stands still: at this moment, or where it is."""
        return self.set(now, frozen=True)

    def release(self) -> ClockJson:
        """The time, which goes on from where it is."""
        return self.set(frozen=False)

    def advance(self, seconds: float) -> ClockJson:
        """The new time, so many seconds later."""
        return cast("ClockJson", self._ask("POST", "/clock/advance", response_shapes.CLOCK, json={"seconds": seconds}))


class DeliveriesControl:
    """What was sent to the URLs of subscriptions."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self, **filters: Unpack[DeliveryFilters]) -> Deliveries:
        """All deliveries that pass the filters, the oldest first."""
        return self._all(_wire(filters), 1, 0.0)

    def wait(self, at_least: int = 1, *, timeout: float = 5.0, **filters: Unpack[DeliveryFilters]) -> Deliveries:
        """The deliveries that pass the filters, as soon as there are enough of them. `status="delivered"` waits for
        their ends. Raises AssertionError after `timeout` seconds; it shows the deliveries that there are."""
        __tracebackhide__ = True  # what pytest shows ends in the test
        query, left = _wire(filters), timeout
        while True:
            found = self._all(query, at_least, min(left, LONGEST_WAIT))
            left -= LONGEST_WAIT
            if len(found) >= at_least:
                return found
            if left <= 0:
                what = _expectation("delivery", "deliveries", at_least, filters, timeout)
                there = self.latest({}, MOST_SHOWN)
                raise AssertionError(_complaint(what, list(map(delivery_line, there["items"])), there["total"]))

    def get(self, delivery_id: str) -> DeliveryJson:
        """One delivery, with the lines that were signed."""
        return cast("DeliveryJson", self._ask("GET", f"/deliveries/{quote(delivery_id, safe='')}", dict))

    def redeliver(self, delivery_id: str) -> DeliveryJson:
        """A finished delivery, which is sent once more."""
        path = f"/deliveries/{quote(delivery_id, safe='')}/redeliver"
        return cast("DeliveryJson", self._ask("POST", path, response_shapes.DELIVERY))

    def page(self, query: Mapping[str, object]) -> DeliveryListJson:
        """One page, by parameters as they stand in the contract."""
        patience = float(cast("float", query.get("wait", 0)))
        return cast(
            "DeliveryListJson", self._ask("GET", "/deliveries", response_shapes.CAUSED, params=query, patience=patience)
        )

    def latest(self, query: Mapping[str, object], count: int) -> DeliveryListJson:
        """The page of deliveries that pass the filters of `query`; `items` has the last `count` of them."""
        pages = [self.page({**query, "_page": 1, "_itemsOnPage": count})]
        last = -(-pages[0]["total"] // count)
        numbers = range(max(2, last - 1), last + 1)
        pages += [self.page({**query, "_page": number, "_itemsOnPage": count}) for number in numbers]
        items = [delivery for page in pages[-2:] for delivery in page["items"]]
        return {**pages[0], "items": items[-count:]}

    def _all(self, query: Mapping[str, object], at_least: int, wait: float) -> Deliveries:
        """All pages, the first as soon as there are so many deliveries, or after so many seconds."""
        size = {"_itemsOnPage": PAGE}
        page = self.page({**query, **size, "atLeast": at_least, "wait": wait})
        found = list(page["items"])
        while page["items"] and len(found) < page["total"]:
            page = self.page({**query, **size, "_page": 1 + len(found) // PAGE})
            found += page["items"]
        return found


class FaultsControl:
    """Answers and deliveries that go wrong on purpose."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self, store_code: str | None = None) -> Faults:
        """All faults, or those that are for one store alone."""
        found = self._ask("GET", "/faults", _LISTED, params=_given(storeCode=store_code))
        return cast("Faults", found["items"])

    def add(self, **fault: Unpack[FaultArguments]) -> FaultJson:
        """A new fault: `add(operation_id="webhookEventGetList", status=503, times=1)`."""
        return cast("FaultJson", self._ask("POST", "/faults", dict, json=_wire(fault)))

    def get(self, fault_id: str) -> FaultJson:
        """One fault, with how often it struck."""
        return cast("FaultJson", self._ask("GET", f"/faults/{quote(fault_id, safe='')}", dict))

    def change(self, fault_id: str, *, enabled: bool) -> FaultJson:
        """A fault, which is switched on or off."""
        path = f"/faults/{quote(fault_id, safe='')}"
        return cast("FaultJson", self._ask("PATCH", path, dict, json={"enabled": enabled}))

    def remove(self, fault_id: str) -> None:
        """Remove one fault."""
        self._ask("DELETE", f"/faults/{quote(fault_id, safe='')}", object)

    def clear(self, store_code: str | None = None) -> None:
        """Remove all faults, or those that are for one store alone."""
        self._ask("DELETE", "/faults", object, params=_given(storeCode=store_code))


class RequestsControl:
    """The requests that the API got lately."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self, **filters: Unpack[RequestFilters]) -> Exchanges:
        """The requests that pass the filters, the oldest first. The mock keeps the last 250; secrets aren't shown."""
        return self._listed(_wire(filters), 1, 0.0)

    def wait(self, at_least: int = 1, *, timeout: float = 5.0, **filters: Unpack[RequestFilters]) -> Exchanges:
        """The requests that pass the filters, as soon as there are enough of them. Raises AssertionError after
        `timeout` seconds; it shows the requests that there are."""
        __tracebackhide__ = True  # what pytest shows ends in the test
        query, left = _wire(filters), timeout
        while True:
            found = self._listed(query, at_least, min(left, LONGEST_WAIT))
            left -= LONGEST_WAIT
            if len(found) >= at_least:
                return found
            if left <= 0:
                what = _expectation("request", "requests", at_least, filters, timeout)
                there = self.page({"last": MOST_SHOWN})
                raise AssertionError(_complaint(what, list(map(request_line, there["items"])), there["total"]))

    def verify(
        self,
        match: RequestMatchJson | None = None,
        *,
        sequence: Iterable[RequestMatchJson] | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        wait: float = 0.0,
    ) -> VerificationResultJson:
        """The verdict of the mock: requests that fit `match` came once or more, or as often as `at_least` and `at_most`
        say; or requests that fit `sequence` came in this order. It waits for them so many seconds. Raises
        AssertionError if not; it shows what came closest."""
        __tracebackhide__ = True  # what pytest shows ends in the test
        steps = None if sequence is None else [*sequence]
        body = _given(match=match, sequence=steps, atLeast=at_least, atMost=at_most)
        shape = {"ok": bool, "count": int, "nearMisses": list}
        asked = self._ask("POST", "/requests/verify", shape, json=body, params={"wait": wait}, patience=wait)
        verdict = cast("VerificationResultJson", asked)
        if not verdict["ok"]:
            head = f"The requests aren't as expected: {body!r}. {verdict['count']} fit."
            lines = near_miss_lines(verdict["nearMisses"])
            raise AssertionError("\n  ".join([f"{head} The closest:" if lines else head, *lines]))
        return verdict

    def get(self, request_id: str) -> ExchangeJson:
        """One request, by the X-Mock-Request-Id of its answer."""
        return cast("ExchangeJson", self._ask("GET", f"/requests/{quote(request_id, safe='')}", dict))

    def clear(self, store_code: str | None = None) -> None:
        """Forget all requests, or those to one store."""
        self._ask("DELETE", "/requests", object, params=_given(storeCode=store_code))

    def page(self, query: Mapping[str, object]) -> RequestListJson:
        """The list by parameters as they stand in the contract, with its total."""
        patience = float(cast("float", query.get("wait", 0)))
        return cast("RequestListJson", self._ask("GET", "/requests", _LISTED, params=query, patience=patience))

    def _listed(self, query: Mapping[str, object], at_least: int, wait: float) -> Exchanges:
        return self.page({**query, "atLeast": at_least, "wait": wait})["items"]


class StateControl:
    """All that decides about later answers."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def snapshot(self) -> Json:
        """A snapshot, to be put back. It has secrets in clear text."""
        return cast("Json", self._ask("GET", "/state", dict))

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Replace all that the mock knows by a snapshot."""
        self._ask("PUT", "/state", object, json=snapshot)

    def add(self, **records: Unpack[StateArguments]) -> None:
        """Add records by a short description, as state files have it: `add(members=[{"email": "jo@example.com"}])`."""
        self._ask("POST", "/state", object, json=_wire(records))


class PresetsControl:
    """Named states."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self) -> Presets:
        """All presets."""
        return cast("Presets", self._ask("GET", "/presets", _LISTED)["items"])

    def apply(self, preset_name: str, store_code: str | None = None) -> None:
        """Put a store, by default the first one, or the whole mock into a named state."""
        self._ask("POST", f"/presets/{quote(preset_name, safe='')}", object, params=_given(storeCode=store_code))


class ControlPlane:
    """What a test may do to a mock."""

    clock: ClockControl
    deliveries: DeliveriesControl
    faults: FaultsControl
    presets: PresetsControl
    requests: RequestsControl
    state: StateControl

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.clock = ClockControl(ask)
        self.deliveries = DeliveriesControl(ask)
        self.faults = FaultsControl(ask)
        self.presets = PresetsControl(ask)
        self.requests = RequestsControl(ask)
        self.state = StateControl(ask)

    def reset(self, store_code: str | None = None) -> None:
        """Put the mock, or one store, back to its start."""
        self._ask("POST", "/reset", object, params=_given(storeCode=store_code))

    def trigger(
        self, event_name: str, store_code: str, data: Mapping[str, Any] | None = None, count: int = 1
    ) -> CausedDeliveriesJson:
        """The deliveries of an event that happens now, `count` times. The mock makes the payload up from the contract;
        `data` is merged into it."""
        body = _given(eventName=event_name, storeCode=store_code, data=data, count=count)
        return cast("CausedDeliveriesJson", self._ask("POST", "/events", response_shapes.CAUSED, json=body))

    def event_schema(self, event_name: str) -> Json:
        """The JSON Schema (2020-12) of an event's payload."""
        return cast("Json", self._ask("GET", f"/schemas/{quote(event_name, safe='')}.json", dict))

    def config(self) -> ConfigJson:
        """Version, contract, seed and settings of the mock; secrets are masked."""
        return cast("ConfigJson", self._ask("GET", "/config", response_shapes.CONFIG))


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

"""Fault rules: the responses and deliveries that go wrong on purpose, and how often.

control.yaml describes the faults. `pipeline.fault_injection` applies them to responses, `webhooks.deliveries` to
deliveries.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from mockserver.clock import Ids
from mockserver.errors import NotFound, StorageAway
from mockserver.http.messages import Request
from mockserver.observers import Observers
from mockserver.storage.model import Json
from mockserver.violations import Path
from mockserver.webhooks.deliveries import DeliveryFault

if TYPE_CHECKING:
    from mockserver.world.request_facts import RequestFacts
    from mockserver.world.request_match import RequestMatch

STALE = -3600.0  # seconds: far beyond what receivers tolerate
DELIVERY_EFFECTS: Mapping[str | None, Mapping[str, Any]] = {
    "duplicate": {"duplicate": True},
    "reorder": {"reorder": True},
    "wrongSignature": {"wrong_signature": True},
    "staleTimestamp": {"timestamp_shift": STALE},
    "corruptBody": {"corrupt_body": True},
}
OF_DELIVERIES = frozenset({"eventName", "subscriptionId"})  # conditions that only deliveries have, or only requests
OF_REQUESTS = frozenset({"operationId", "method", "path", "query", "headers", "body"})
_OF_MATCH = ("operationId", "eventName", "probability")  # the same, in the flat form
_OF_ANSWER = ("status", "body", "delay", "effect")
_SHOWN = ("faultId", "enabled", "matched", "chances", "applied", "left")  # beside what was wanted
Waiting = dict[str | None, list["Fault"]]  # the faults by their targets, the oldest first; None: any operation or event


class FaultForm(NamedTuple):
    """A fault as it is asked for, read from one of its two forms: what it is for and what it does; whether it is for
    deliveries; and whether the form is the flat one, in which both stand side by side."""

    match: Json
    answer: Json
    of_deliveries: bool
    is_flat: bool

    @classmethod
    def of(cls, wanted: Json) -> "FaultForm":
        """The form of a fault. It is for deliveries if it names what only they have; or nothing that only requests
        have, and does what is only done to deliveries."""
        is_flat = "match" not in wanted
        match = {key: wanted[key] for key in _OF_MATCH if key in wanted} if is_flat else wanted["match"]
        answer = {key: wanted[key] for key in _OF_ANSWER if key in wanted} if is_flat else wanted["answer"]
        done_to_deliveries = answer.get("effect") in DELIVERY_EFFECTS and not match.keys() & OF_REQUESTS
        return cls(match, answer, bool(match.keys() & OF_DELIVERIES) or done_to_deliveries, is_flat)

    def at(self, part: str) -> Path:
        """Where the parts of `match` or `answer` stand."""
        return () if self.is_flat else (part,)


class Counts(NamedTuple):
    """What has come of a fault: the requests or deliveries that it `matched`, the `chances` among them, which no older
    fault took and which `calls` allows, and how often it was `applied`."""

    matched: int = 0
    chances: int = 0
    applied: int = 0


NONE_YET = Counts()


class SharedCounts(Protocol):
    """Where replicas count together how often their faults have struck."""

    async def count(self, fault_id: str, *, strikes: bool | None) -> tuple[int, int, int] | None:
        """Count a request or delivery that a fault fits, as one step among all: it has matched, and, if `strikes` and
        `calls` and `times` allow it, has struck. `strikes` is None where an older fault has. Returns Counts, or None if
        the fault can't strike any more."""


class Fault:
    """A fault as requested (`FaultPost` of control.yaml), in one of two forms: flat, or with `match` and `answer`.

    Raises BadRequest for a `match` that can't be compiled.
    """

    def __init__(self, fault_id: str, wanted: Json, counts: Counts = NONE_YET, *, enabled: bool = True) -> None:
        self.fault_id, self.wanted, self.counts, self.enabled = fault_id, wanted, counts, enabled
        form = FaultForm.of(wanted)
        self.match, self.answer, self.of_deliveries = form.match, form.answer, form.of_deliveries
        self.number = 0  # older faults have lower ones
        self.conditions = None if form.of_deliveries or form.is_flat else _conditions(form.match)
        self.first, self.last = self.match.get("calls", (1, None))

    @property
    def target(self) -> str | None:
        """OperationId, or name of the event, that the fault is for; None for any."""
        target: str | None = self.match.get("eventName" if self.of_deliveries else "operationId")
        return target

    @cached_property
    def size(self) -> int:
        """How many bytes it has as JSON, about."""
        return len(orjson.dumps(self.wanted))

    @property
    def effect(self) -> str | None:
        """Name of the effect on the response or delivery, or None."""
        return self.answer.get("effect")

    @property
    def delay(self) -> float:
        """Delay in seconds, 0 for none."""
        return float(self.answer.get("delay", 0))

    @property
    def reads_body(self) -> bool:
        """Whether the body of a request decides."""
        return self.conditions is not None and self.conditions.reads_body

    def fits(self, facts: "RequestFacts") -> bool:
        """Whether it is for a request of its target; for one that no operation answers only if it wants a path."""
        if self.conditions is None:
            return True
        is_meant = facts.operation_id is not None or "path" in self.match
        return is_meant and self.conditions.fits(facts)

    @property
    def is_called(self) -> bool:
        """Whether `calls` has the last one that matched."""
        matched: int = self.counts.matched
        return bool(self.first <= matched <= (self.last or matched))

    @property
    def left(self) -> int | None:
        """How often it can still strike, at most; None without a bound."""
        bounds = [self.wanted["times"] - self.counts.applied] if "times" in self.wanted else []
        if self.last is not None:
            bounds.append(self.last - max(self.counts.matched, self.first - 1))
        return min(bounds, default=None)

    def summary(self) -> dict[str, object]:
        """What journal and log say of a response that the fault made."""
        named = {"faultId": self.fault_id, "name": self.wanted.get("name"), "effect": self.effect}
        return {key: value for key, value in named.items() if value is not None}

    def as_json(self) -> dict[str, Any]:
        """The fault as the control plane shows it."""
        chance = {} if "match" in self.wanted else {"probability": 1}
        left = {} if self.left is None else {"left": self.left}
        shown = {"faultId": self.fault_id, **chance, **self.wanted, "enabled": self.enabled}
        return {**shown, **self.counts._asdict(), **left}

    def count(self, **added: int) -> None:
        """Count up."""
        self.counts = self.counts._replace(**{name: getattr(self.counts, name) + one for name, one in added.items()})


class FaultRules:
    """The active faults.

    `of_operations` and `of_events` hold those that are switched on, by their targets. Both stay the same dictionaries,
    so that the request pipeline can keep a reference and see quickly that there is none. `shared` counts them where
    several replicas have the same faults.
    """

    def __init__(self, ids: Ids, shared: SharedCounts | None = None) -> None:
        self._ids, self._shared = ids, shared
        self.observers = Observers[[]]()  # told after each change
        self.strikes = Observers[[]]()  # told of each that others have to be told of
        self.of_operations: Waiting = {}
        self.of_events: Waiting = {}
        self._kept: dict[str, Fault] = {}
        self._numbered = self._draws = 0

    def add(self, wanted: Json) -> Fault:
        """Add a fault in which `checks.problems` finds none; it is active from now on, unless it is switched off."""
        fault_id = self._ids.uuid()
        while fault_id in self._kept:  # a snapshot may have brought ids that are still to be drawn
            fault_id = self._ids.uuid()
        asked = {key: value for key, value in wanted.items() if key != "enabled"}
        return self._keep(Fault(fault_id, asked, enabled=wanted.get("enabled", True)))

    def __iter__(self) -> Iterator[Fault]:
        return iter([*self._kept.values()])

    def get(self, fault_id: str) -> Fault:
        """The fault with this id. Raises NotFound."""
        if fault_id not in self._kept:
            raise NotFound(hint="No fault has this id; GET /_mock/faults lists those that there are.")
        return self._kept[fault_id]

    async def for_request(self, operation_id: str | None, request: Request) -> Fault | None:
        """The fault to apply to a request, counted: the oldest that fits, and that chance lets apply; or None.

        Without an operation (404, 405) only a fault that wants a path can fit. Raises Disconnected.
        """
        waiting = self._candidates(self.of_operations, operation_id)
        if all(fault.conditions is None for fault in waiting):
            return await self._struck(waiting)
        from mockserver.world.request_facts import RequestFacts

        facts = RequestFacts(request, operation_id)
        if any(fault.reads_body for fault in waiting):
            await facts.read()
            waiting = self._candidates(self.of_operations, operation_id)  # it may have taken a while
        return await self._struck([fault for fault in waiting if fault.fits(facts)])

    async def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:
        """The fault to apply to a delivery of this event, counted, or None."""
        facts = {"storeCode": store_code, "subscriptionId": subscription_id}
        waiting = self._candidates(self.of_events, event_name)
        fitting = [one for one in waiting if all(one.match.get(key, facts[key]) == facts[key] for key in facts)]
        fault = await self._struck(fitting)
        return None if fault is None else DeliveryFault(delay=fault.delay, **DELIVERY_EFFECTS.get(fault.effect, {}))

    def switch(self, fault_id: str, *, enabled: bool) -> Fault:
        """Switch a fault on or off; off, it neither strikes nor counts. Returns it. Raises NotFound."""
        fault = self.get(fault_id)
        if fault.enabled != enabled:
            fault.enabled = enabled
            self._wait(fault) if enabled else self._unwait(fault)
            self.observers.tell()
        return fault

    def remove(self, fault_id: str) -> None:
        """Remove a fault. Raises NotFound."""
        fault = self.get(fault_id)
        del self._kept[fault_id]
        if fault.enabled:
            self._unwait(fault)
        self.observers.tell()

    def clear(self) -> None:
        """Remove all faults."""
        self._kept.clear()
        self.of_operations.clear()
        self.of_events.clear()
        self.observers.tell()

    def clear_store(self, store_code: str) -> None:
        """Remove the faults that are for this store alone."""
        for fault in [*self._kept.values()]:
            if fault.match.get("storeCode") == store_code:
                self.remove(fault.fault_id)

    def shown(self) -> dict[str, Any]:
        """All faults as the control plane shows them."""
        items = self.listed()
        return {"items": items, "total": len(items)}

    @property
    def size(self) -> int:
        """How many bytes `shown` has as JSON, about."""
        return sum(fault.size for fault in self._kept.values())

    def listed(self, store_code: str | None = None) -> list[dict[str, Any]]:
        """All faults as JSON objects, or those that are for this store alone, the oldest first."""
        kept = self._kept.values()
        return [fault.as_json() for fault in kept if store_code in (None, fault.match.get("storeCode"))]

    def restore(self, listed: Iterable[Json]) -> None:
        """Replace all faults by those that `listed` returned, now or before there was `matched`."""
        self.clear()
        for entry in listed:
            wanted = {key: value for key, value in entry.items() if key not in _SHOWN}
            counts = Counts(entry.get("matched", entry["chances"]), entry["chances"], entry["applied"])
            self._keep(Fault(entry["faultId"], wanted, counts, enabled=entry.get("enabled", True)))

    def adopt(self, listed: Iterable[Json]) -> None:
        """Have these faults, as `listed` of all replicas together has them."""
        entries = [*listed]
        if entries != self.listed():
            self.restore(entries)

    @staticmethod
    def _candidates(waiting: Waiting, target: str | None) -> list[Fault]:
        """The faults for a target, and those for any, the oldest first."""
        own, common = waiting.get(target, ()) if target else (), waiting.get(None, ())
        return [*merge(own, common, key=attrgetter("number"))] if own and common else [*(own or common)]

    async def _struck(self, fitting: Iterable[Fault]) -> Fault | None:
        """The first fault that strikes. All are counted, and those that can't strike any more are removed."""
        if self._shared is not None:
            return await self._struck_among_all(fitting, self._shared)
        struck = None
        for fault in fitting:
            fault.count(matched=1)
            if struck is None and self._strikes(fault):
                struck = fault
            if fault.left == 0:
                self.remove(fault.fault_id)
        return struck

    def _strikes(self, fault: Fault) -> bool:
        """Whether `calls` and chance let the fault apply, the same with the same seed; counted."""
        if not fault.is_called:
            return False
        fault.count(chances=1)
        if not self._chance(fault, fault.counts.chances):
            return False
        fault.count(applied=1)
        self.observers.tell()
        return True

    async def _struck_among_all(self, fitting: Iterable[Fault], shared: SharedCounts) -> Fault | None:
        """The same, where others count, too. While their counts can't be had nothing strikes."""
        struck = None
        for fault in fitting:
            self._draws += 1
            strikes = None if struck else self._chance(fault, self._draws)
            try:
                counted = await shared.count(fault.fault_id, strikes=strikes)
            except StorageAway:
                return struck
            fault.counts = fault.counts if counted is None else Counts(*counted)
            if counted and strikes and fault.is_called:
                struck = fault
                self.observers.tell()
                self.strikes.tell()
            if (counted is None or fault.left == 0) and self._kept.get(fault.fault_id) is fault:
                self.remove(fault.fault_id)
        return struck

    def _chance(self, fault: Fault, number: int) -> bool:
        """Whether chance lets a fault apply, the same with the same seed and number."""
        probability: float = fault.match.get("probability", 1)
        return self._ids.chance("fault", fault.fault_id, number) < probability

    def _keep(self, fault: Fault) -> Fault:
        self._numbered += 1
        fault.number = self._numbered
        self._kept[fault.fault_id] = fault
        if fault.enabled:
            self._wait(fault)
        self.observers.tell()
        return fault

    def _wait(self, fault: Fault) -> None:
        insort(self._all_like(fault).setdefault(fault.target, []), fault, key=attrgetter("number"))

    def _unwait(self, fault: Fault) -> None:
        waiting = self._all_like(fault)
        waiting[fault.target].remove(fault)
        if not waiting[fault.target]:
            del waiting[fault.target]

    def _all_like(self, fault: Fault) -> Waiting:
        return self.of_events if fault.of_deliveries else self.of_operations


def _conditions(match: Json) -> "RequestMatch":
    from mockserver.world.request_match import compile_match

    return compile_match(match)

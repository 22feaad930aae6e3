"""Fault rules: the responses and deliveries that go wrong on purpose, and how often.

control.yaml describes the faults. `pipeline.fault_injection` applies them to responses, `webhooks.deliveries` to
deliveries.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.clock import Ids
from mockserver.errors import NotFound
from mockserver.storage.model import Json
from mockserver.webhooks.deliveries import DeliveryFault

FAULT_HEADER = b"x-mock-fault"
STALE = -3600.0  # seconds: far beyond what receivers tolerate
DELIVERY_EFFECTS: Mapping[str | None, Mapping[str, Any]] = {
    "duplicate": {"duplicate": True},
    "reorder": {"reorder": True},
    "wrongSignature": {"wrong_signature": True},
    "staleTimestamp": {"timestamp_shift": STALE},
    "corruptBody": {"corrupt_body": True},
}


class Fault:
    """A fault as requested (`ApiFaultPost` or `DeliveryFaultPost` of control.yaml). `chances` counts the requests or
    deliveries that it could have been applied to, `applied` those that it was."""

    def __init__(self, fault_id: str, wanted: Json, chances: int = 0, applied: int = 0) -> None:
        self.fault_id, self.wanted = fault_id, wanted
        self.chances, self.applied = chances, applied

    @property
    def target(self) -> str:
        """OperationId, or name of the event, that the fault is for."""
        return str(self.wanted["operationId"] if "operationId" in self.wanted else self.wanted["eventName"])

    @property
    def effect(self) -> str | None:
        """Name of the effect on the response or delivery, or None."""
        return self.wanted.get("effect")

    @property
    def delay(self) -> float:
        """Delay in seconds, 0 for none."""
        return float(self.wanted.get("delay", 0))

    def summary(self) -> dict[str, object]:
        """What journal and log say of a response that the fault made."""
        named = {key: self.wanted[key] for key in ("name", "effect") if key in self.wanted}
        return {"faultId": self.fault_id, **named}

    def as_json(self) -> dict[str, Any]:
        """The fault as the control plane shows it."""
        counted = {"chances": self.chances, "applied": self.applied}
        return {"faultId": self.fault_id, "probability": 1, **self.wanted, **counted}


class FaultRules:
    """The active faults.

    `of_operations` and `of_events` hold them by their targets. Both stay the same dictionaries, so that the request
    pipeline can keep a reference and see quickly that there is none.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.observer: Callable[[], None] | None = None  # called after each change
        self.of_operations: dict[str, list[Fault]] = {}
        self.of_events: dict[str, list[Fault]] = {}
        self._kept: dict[str, Fault] = {}

    def add(self, wanted: Json) -> Fault:
        """Add a fault, which is active from now on; returns it."""
        fault_id = self._ids.uuid()
        while fault_id in self._kept:  # a snapshot may have brought ids that are still to be drawn
            fault_id = self._ids.uuid()
        return self._keep(Fault(fault_id, wanted))

    def strike(self, waiting: Mapping[str, list[Fault]], target: str) -> Fault | None:
        """The oldest fault of a target in `waiting` (`of_operations` or `of_events`) that chance lets apply now; its
        counts go up. None if none applies."""
        return next((fault for fault in (*waiting.get(target, ()),) if self._strikes(fault)), None)

    def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:  # noqa: ARG002
        """The fault to apply to a delivery of this event, counted, or None."""
        fault = self.strike(self.of_events, event_name)
        return None if fault is None else DeliveryFault(delay=fault.delay, **DELIVERY_EFFECTS.get(fault.effect, {}))

    def remove(self, fault_id: str) -> None:
        """Remove a fault. Raises NotFound."""
        fault = self._kept.pop(fault_id, None)
        if fault is None:
            raise NotFound
        waiting = self._waiting(fault)
        waiting[fault.target].remove(fault)
        if not waiting[fault.target]:
            del waiting[fault.target]
        self._changed()

    def clear(self) -> None:
        """Remove all faults."""
        for kept in (self._kept, self.of_operations, self.of_events):
            kept.clear()
        self._changed()

    def shown(self) -> dict[str, Any]:
        """All faults as the control plane shows them."""
        items = self.listed()
        return {"items": items, "total": len(items)}

    def listed(self) -> list[dict[str, Any]]:
        """All faults as JSON objects, the oldest first."""
        return [fault.as_json() for fault in self._kept.values()]

    def restore(self, listed: Iterable[Json]) -> None:
        """Replace all faults by those that `listed` returned."""
        self.clear()
        for entry in listed:
            wanted = {key: value for key, value in entry.items() if key not in ("faultId", "chances", "applied")}
            self._keep(Fault(entry["faultId"], wanted, entry["chances"], entry["applied"]))

    def _strikes(self, fault: Fault) -> bool:
        """Whether chance lets the fault apply, the same with the same seed; counted. One that was applied `times` times
        is removed."""
        fault.chances += 1
        if self._ids.chance("fault", fault.fault_id, fault.chances) >= fault.wanted.get("probability", 1):
            return False
        fault.applied += 1
        if fault.applied >= fault.wanted.get("times", fault.applied + 1):
            self.remove(fault.fault_id)
        else:
            self._changed()
        return True

    def _keep(self, fault: Fault) -> Fault:
        self._kept[fault.fault_id] = fault
        self._waiting(fault).setdefault(fault.target, []).append(fault)
        self._changed()
        return fault

    def _changed(self) -> None:
        if self.observer:
            self.observer()

    def _waiting(self, fault: Fault) -> dict[str, list[Fault]]:
        return self.of_operations if "operationId" in fault.wanted else self.of_events

"""Faults: which answers and deliveries go wrong on purpose, and how often. What they do is control.yaml's to describe;
who does it is `breakage` for answers, and the deliveries themselves for deliveries.
"""

from collections.abc import Iterable, Mapping
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
    """A fault as it was asked for (`ApiFaultPost` or `DeliveryFaultPost` of control.yaml), how often it could have
    struck, and how often it did."""

    def __init__(self, fault_id: str, wanted: Json, chances: int = 0, applied: int = 0) -> None:
        self.fault_id, self.wanted = fault_id, wanted
        self.chances, self.applied = chances, applied

    @property
    def target(self) -> str:
        """The operationId or the name of the event."""
        return str(self.wanted["operationId"] if "operationId" in self.wanted else self.wanted["eventName"])

    @property
    def effect(self) -> str | None:
        """What is done to the answer or delivery, if anything."""
        return self.wanted.get("effect")

    @property
    def delay(self) -> float:
        """Seconds to wait."""
        return float(self.wanted.get("delay", 0))

    def as_json(self) -> dict[str, Any]:
        """The fault as the control plane shows it."""
        counted = {"chances": self.chances, "applied": self.applied}
        return {"faultId": self.fault_id, "probability": 1, **self.wanted, **counted}


class FaultRules:
    """The faults that can still strike.

    `of_operations` and `of_events` hold them by what they wait for. Both stay the same dictionaries: so those who ask
    at every request see at a glance that there is none.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.of_operations: dict[str, list[Fault]] = {}
        self.of_events: dict[str, list[Fault]] = {}
        self._kept: dict[str, Fault] = {}

    def add(self, wanted: Json) -> Fault:
        """Let something go wrong from now on."""
        fault_id = self._ids.uuid()
        while fault_id in self._kept:  # a snapshot may have brought ids that are still to be drawn
            fault_id = self._ids.uuid()
        return self._keep(Fault(fault_id, wanted))

    def strike(self, waiting: Mapping[str, list[Fault]], target: str) -> Fault | None:
        """The oldest fault among `waiting` (see above) that strikes this time, counted; None if all goes well."""
        return next((fault for fault in (*waiting.get(target, ()),) if self._strikes(fault)), None)

    def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:  # noqa: ARG002
        """What goes wrong with a delivery, if anything."""
        fault = self.strike(self.of_events, event_name)
        return None if fault is None else DeliveryFault(delay=fault.delay, **DELIVERY_EFFECTS.get(fault.effect, {}))

    def remove(self, fault_id: str) -> None:
        """Take a fault back. Raises NotFound."""
        fault = self._kept.pop(fault_id, None)
        if fault is None:
            raise NotFound
        waiting = self._waiting(fault)
        waiting[fault.target].remove(fault)
        if not waiting[fault.target]:
            del waiting[fault.target]

    def clear(self) -> None:
        """Take all faults back."""
        for kept in (self._kept, self.of_operations, self.of_events):
            kept.clear()

    def listed(self) -> list[dict[str, Any]]:
        """All faults, the oldest first."""
        return [fault.as_json() for fault in self._kept.values()]

    def restore(self, listed: Iterable[Json]) -> None:
        """Have the faults that were listed, and no others."""
        self.clear()
        for entry in listed:
            wanted = {key: value for key, value in entry.items() if key not in ("faultId", "chances", "applied")}
            self._keep(Fault(entry["faultId"], wanted, entry["chances"], entry["applied"]))

    def _strikes(self, fault: Fault) -> bool:
        """Let chance decide, the same way with the same seed, and count it. One that struck often enough is gone."""
        fault.chances += 1
        if self._ids.chance("fault", fault.fault_id, fault.chances) >= fault.wanted.get("probability", 1):
            return False
        fault.applied += 1
        if fault.applied >= fault.wanted.get("times", fault.applied + 1):
            self.remove(fault.fault_id)
        return True

    def _keep(self, fault: Fault) -> Fault:
        self._kept[fault.fault_id] = fault
        self._waiting(fault).setdefault(fault.target, []).append(fault)
        return fault

    def _waiting(self, fault: Fault) -> dict[str, list[Fault]]:
        return self.of_operations if "operationId" in fault.wanted else self.of_events

"""What deliveries are for everybody else: a protocol, kept in memory by one mock alone, and in a database by several.

An extension point: `DeliveryService` and `SharedDeliveries` keep the same promises under the same tests
(tests/webhooks/deliveries/test_service.py).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from mockserver.observers import Observers
from mockserver.signing import Scheme
from mockserver.storage.table import Page
from mockserver.webhooks.deliveries.egress_policy import EgressPolicy, Resolver, resolve
from mockserver.webhooks.deliveries.outcomes import Outcomes
from mockserver.webhooks.deliveries.records import Delivery
from mockserver.webhooks.deliveries.request_builder import DeliveryFaults
from mockserver.webhooks.events import Events


class Ticket(NamedTuple):
    """The number of an accepted event, and how many deliveries it has."""

    number: int
    size: int

    def delivery_ids(self) -> list[str]:
        """The ids of the deliveries."""
        return [f"{self.number}-{index + 1}" for index in range(self.size)]


NOTHING = Ticket(0, 0)


class DeliverySources(NamedTuple):
    """Where deliveries ask: for faults, for the events of the contract, for the addresses of receivers, and for the
    way of signing."""

    faults: DeliveryFaults
    catalogue: Events
    resolver: Resolver = resolve
    scheme: Scheme = Scheme.VENDOR


class Standing(NamedTuple):
    """How many finished deliveries were forgotten, as only so many are remembered; the revision, which is higher after
    each change; and that of the last `clear`, 0 if there was none."""

    forgotten: int
    revision: int
    emptied: int


class Backlog(NamedTuple):
    """How many deliveries aren't finished, and the age of the oldest, in seconds."""

    length: int
    oldest: float


class Deliveries(Protocol):
    """The deliveries of a mock, from `start` to `stop`.

    Each event goes to every subscription of its store and name. Deliveries of a subscription keep their order, and a
    repeated one comes before those after it; a host that hangs delays only deliveries to itself. Whoever emits never
    waits for a receiver.
    """

    @property
    def egress_policy(self) -> EgressPolicy:
        """Where deliveries may go. It has to know where the mock listens."""

    @property
    def outcomes(self) -> Outcomes:
        """How many deliveries this mock has finished, by status, since its start."""

    @property
    def observers(self) -> Observers[[Delivery]]:
        """Who is told of each delivery after each of its changes."""

    @property
    def events(self) -> int:
        """How many events were accepted; 0 where others accept events, too."""

    async def start(self) -> None:
        """Begin to deliver, in this event loop."""

    def request_arrived(self) -> None:
        """Let a request to the API, and those that follow at once, go before deliveries."""

    async def emit(
        self, events: Events, event_name: str, store_code: str, data: Any, *, only: str | None = None
    ) -> Ticket:
        """Deliver one of the `events`, soon after this call, to all subscriptions of its store and name, or only to the
        one with this id, which deliveries in a database can't.

        `data` may be a function that makes the data. Never raises: a defect is logged, as it mustn't break the response
        of the API.
        """

    async def look_up(self, delivery_id: str) -> Delivery | None:
        """A delivery, or None if no delivery of this id is remembered."""

    async def listing(self, filters: Mapping[str, Any], offset: int = 0, limit: int = 50) -> Page[Delivery]:
        """Deliveries in the order of their events. `filters` has values by the names in FILTERS."""

    async def wait(self, filters: Mapping[str, Any], at_least: int, seconds: float) -> int:
        """Wait until so many deliveries match, or for so many real seconds; returns how many do."""

    async def standing(self) -> Standing:
        """The history as a whole."""

    async def backlog(self) -> Backlog:
        """What isn't finished."""

    async def deliver_again(self, delivery_id: str) -> Delivery:
        """Deliver a finished delivery again: the same message, in new attempts and without faults. An unfinished one
        stays as it is. Raises NotFound."""

    async def drain(self, seconds: float) -> int:
        """Wait until no delivery is left that could be made in so many real seconds, but no longer than those.

        Returns how many deliveries are left. With a frozen clock, a delivery that isn't due is no reason to wait.
        """

    def clear(self, events: int = 0) -> None:
        """Cancel and forget all deliveries, and count on from so many events. What is kept in a database is forgotten
        there with the records."""

    def clear_store(self, store_code: str) -> None:
        """Cancel and forget the deliveries of a store, the same way. The numbers of events go on."""

    async def stop(self) -> None:
        """End: wait a moment for the deliveries that are left, and end all connections."""

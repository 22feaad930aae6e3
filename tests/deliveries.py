"""What the tests of deliveries share: an event, and what becomes of it."""

from typing import Any

from mockserver.storage.model import Member
from mockserver.webhooks.deliveries import Delivery, DeliveryFault, Ticket
from mockserver.webhooks.payloads import customer_registered
from mockserver.world import World
from tests.subscriptions import EVENT

PATIENCE = 10.0  # seconds; a test that works never needs them


def data(world: World, name: str = "jo") -> dict[str, Any]:
    """The data of a new member."""
    member = Member(world.ids.uuid(), "DEFAULT", f"{name}@example.com", None, None, "AB12CD", 0, {})
    return customer_registered(member)


async def emitted(world: World, name: str = "jo") -> Ticket:
    """A member registers."""
    return await world.emit(EVENT, "DEFAULT", data(world, name))


async def delivered(world: World, name: str = "jo") -> Delivery:
    """A member registers, and what can be done about its first delivery is done; returns its stage."""
    ticket = await emitted(world, name)
    await world.deliveries.drain(PATIENCE)
    return stage(world, ticket)


def stage(world: World, ticket: Ticket, place: int = 0) -> Delivery:
    """The stage of a delivery."""
    delivery = world.deliveries.get(ticket.delivery_ids()[place])
    assert delivery is not None
    return delivery


class PlannedFaults:
    """Faults that a test has planned, one delivery after another."""

    def __init__(self) -> None:
        self.faults: list[DeliveryFault | None] = []

    def for_delivery(self, event_name: str, store_code: str, subscription_id: str) -> DeliveryFault | None:
        """The next one."""
        assert (event_name, store_code, len(subscription_id)) == (EVENT, "DEFAULT", 36)
        return self.faults.pop(0) if self.faults else None

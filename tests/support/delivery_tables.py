"""Deliveries in a database, as tests of its statements make and settle them."""

from mockserver.storage.model import Destination, Subscription
from mockserver.storage.postgres import Address, DeliveryTables, PostgresState, Settled
from tests.support.subscriptions import EVENT

MADE = Settled("delivered", b"[]", "", "", 10, None, None)
CONTENT = b'{"some":"data"}'


async def opened(database: str, lanes: int = 1) -> PostgresState:
    """A state with a store and so many subscriptions, numbered from 1."""
    state = PostgresState(Address.of(database), message_key="key")
    await state.open()
    await state.clear(("A", "B"))
    for number in range(lanes):
        await state.add_subscription(Subscription(f"s{number + 1}", "A", EVENT, 0, Destination("http://a.test/")))
    return state


async def emit(tables: DeliveryTables, events: int = 1) -> None:
    """Write so many events."""
    for _ in range(events):
        await tables.emit("A", EVENT, 5.0, CONTENT)


async def taken(tables: DeliveryTables, most: int = 100) -> list[str]:
    """The ids of what can be taken."""
    found, _ = await tables.take(most)
    return [f"{one.number}-{one.place}" for one in found]

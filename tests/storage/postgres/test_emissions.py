"""mockserver.storage.postgres.emissions: the event of a change is there if, and only if, the change is."""

from typing import Any

import pytest

from mockserver.errors import NotFound
from mockserver.storage.model import Member, Subscription, Transaction
from mockserver.storage.state import Emission, IdentifierTaken
from tests.support.delivery_tables import opened

pytestmark = pytest.mark.anyio

MEMBER = Member("m1", "A", "a@x.com", None, None, "REF", 0, {})
SALE = Transaction("x1", "A", 0, None, {"customerData": {"email": "a@x.com"}})


async def _never(*_: object) -> None:
    raise AssertionError("it is written with the change")


def _emission(name: str, data: Any) -> Emission:
    return Emission(name, data, 5.0, _never)


REGISTERED = _emission("CustomerRegistered", lambda member: {"id": member.customer_id})


async def test_member_and_event_are_one_change(database: str) -> None:
    """A member who is added has an event, with the id under which it was stored; one who isn't added has none."""
    state = await opened(database)
    await state.add_member(MEMBER._replace(email="z@x.com"))
    await state.add_member(MEMBER, lambda: "m2", REGISTERED)
    with pytest.raises(IdentifierTaken):
        await state.add_member(MEMBER, lambda: "m3", REGISTERED)
    with pytest.raises(NotFound):
        await state.add_member(MEMBER._replace(store_code="C"), lambda: "m3", REGISTERED)
    found, _ = await state.deliveries.take(10)
    await state.close()

    assert [one.content for one in found] == [b'{"id":"m2"}']


async def test_transaction_and_events_are_one_change(database: str) -> None:
    """A transaction has its event, and one more if it belongs to a member; if one can't be written, nothing is."""
    state = await opened(database)
    (known,) = await state.subscriptions_of("A", "CustomerRegistered")
    for number, name in enumerate(("Registered", "Assigned")):
        await state.add_subscription(Subscription(f"t{number}", "A", name, 0, known.destination))
    await state.add_member(MEMBER)
    registered = _emission("Registered", lambda sale: {"of": sale.customer_id})
    assigned = _emission("Assigned", lambda sale, member: {"to": member.email, "of": sale.transaction_id})
    await state.add_transaction(SALE, None, registered, assigned)
    await state.add_transaction(SALE._replace(transaction_id="x2", data={}), None, registered, assigned)
    found = [await state.deliveries.page({"eventName": name}, 0, 9) for name in ("Registered", "Assigned")]
    taken, _ = await state.deliveries.take(10)
    await state.close()

    assert list(map(len, found)) == [2, 1]
    assert {one.content for one in taken} == {b'{"of":"m1"}', b'{"to":"a@x.com","of":"x1"}'}


async def test_defect_in_an_event_breaks_no_change(database: str, caplog: pytest.LogCaptureFixture) -> None:
    """An event whose data can't be made is lost, which the log says, and the member is there."""
    state = await opened(database)
    await state.add_member(MEMBER, None, _emission("CustomerRegistered", lambda _: 1 / 0))
    member = await state.member("A", "m1")
    figures = await state.deliveries.figures()
    await state.close()

    assert (member, figures.length) == (MEMBER, 0)
    assert "The event CustomerRegistered is lost: a defect of the mock" in caplog.text

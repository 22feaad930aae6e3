"""mockserver.world.registration: records of the API, and the events that they cause."""

import orjson
import pytest

from mockserver.clock import Ids, moment
from mockserver.storage.state import IdentifierTaken
from mockserver.world import World
from mockserver.world.registration import new_member, new_subscription, register_member, register_transaction
from tests.support.subscriptions import subscribe_in

pytestmark = pytest.mark.anyio

RECEIPT = {"items": [], "header": {"documentNumber": "R-1", "purchasedAt": "2026-01-15"}}


def test_member_joined_when_the_body_says() -> None:
    """`registeredAt` counts, then the older `createdAt`, then now."""
    later, earlier = "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"
    both = {"email": "a@x.com", "registeredAt": later, "createdAt": earlier}
    bodies = (both, {"email": "a@x.com", "createdAt": earlier}, {"email": "a@x.com"})

    joined = [new_member(Ids(1), "A", body, 5.0).registered_at for body in bodies]

    assert joined == [moment(later), moment(earlier), 5.0]


def test_subscription_is_signed_if_it_is_wanted() -> None:
    """A secret is drawn with `hmacEnabled: true` alone; the time is in whole seconds."""
    wanted = {"eventName": "CustomerRegistered", "url": "http://127.0.0.1:9/"}
    plain = new_subscription(Ids(1), "A", wanted, 5.7)
    signed = new_subscription(Ids(1), "A", wanted | {"hmacEnabled": True}, 5.7)

    assert (plain.signing, plain.created_at) == (None, 5)
    assert signed.signing is not None
    assert signed.signing.secret.startswith("whsec_")


def test_receiver_of_many_events_is_kept_once() -> None:
    """Subscriptions with equal destinations share one, which is half of the memory that they take; others don't."""
    wanted = {"url": "http://127.0.0.1:9/", "headers": [{"headerName": "X-A", "headerValue": "1"}]}
    bodies = [orjson.loads(orjson.dumps(wanted | {"eventName": name})) for name in ("A", "B")]
    one, same = (new_subscription(Ids(1), "A", body, 5.0).destination for body in bodies)
    other = new_subscription(Ids(1), "A", bodies[0] | {"headerName": "X-B"}, 5.0).destination

    assert one is same
    assert one != other


async def test_registration_emits_its_events(world: World) -> None:
    """A member is one event, a transaction of a member two, that of a stranger one; a taken identifier none."""
    names = ("CustomerRegistered", "TransactionRegistered", "TransactionAssignedToCustomer")
    for number, name in enumerate(names):
        await subscribe_in(world, "http://127.0.0.1:9/", number, of=("DEFAULT", name))

    await register_member(world, "DEFAULT", {"email": "a@x.com"})
    with pytest.raises(IdentifierTaken):
        await register_member(world, "DEFAULT", {"email": "A@x.com"})
    await register_transaction(world, "DEFAULT", RECEIPT | {"customerData": {"email": "a@x.com"}})
    await register_transaction(world, "DEFAULT", RECEIPT)

    emitted = [row.message.event_name for row in (await world.deliveries.listing({})).rows]
    assert emitted == [names[0], names[1], names[2], names[1]]
    await world.deliveries.stop()

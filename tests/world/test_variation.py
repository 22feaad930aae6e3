"""mockserver.world.variation: the same event for others."""

from typing import Any

from mockserver.clock import Ids
from mockserver.world import World
from mockserver.world.variation import varied

ID = "7239e6f7-e52e-466b-8c24-699709b64076"
DATA: dict[str, Any] = {
    "customerId": ID,
    "customer": {"customerId": ID, "email": "jane.doe@example.com", "firstName": "Jane", "phone": None},
    "items": [{"name": "Item", "grossValue": 3}],
}


def test_number_zero_is_what_was_there() -> None:
    """The first is not varied, so that one event is what the contract's examples show."""
    assert varied(DATA, 0, Ids(1)) == DATA


def test_others_are_somebody_else() -> None:
    """Ids and names differ from number to number; what was equal stays equal, and everything else stays."""
    first, second = varied(DATA, 1, Ids(1)), varied(DATA, 2, Ids(1))

    assert first["customerId"] == first["customer"]["customerId"] != ID
    assert len({one["customer"]["email"] for one in (DATA, first, second)}) == 3
    assert len({one["customerId"] for one in (DATA, first, second)}) == 3
    assert first["customer"]["phone"] is None
    assert first["items"] == DATA["items"]


def test_no_two_share_an_identifier() -> None:
    """Whatever identifies somebody differs from number to number."""
    base = {"phone": "+1", "loyaltyCardNumber": "1", "email": "a@x.com", "referralToken": "AB12CD"}
    people = [varied(base, number, Ids(1)) for number in range(10)]

    for name in base:
        assert len({one[name] for one in people}) == 10


def test_same_seed_gives_the_same() -> None:
    """With the same seed everything is the same, with another one the ids differ."""
    assert varied(DATA, 1, Ids(1)) == varied(DATA, 1, Ids(1)) != varied(DATA, 1, Ids(2))


def test_varied_events_keep_the_contract(world: World) -> None:
    """Every event of the contract is valid when it is varied."""
    problems = {}
    for name in world.events.names:
        data = varied(world.events.generated(name), 1, world.ids)
        envelope = {"messageId": ID, "requestId": ID, "eventName": name, "storeCode": "A"}
        problems[name] = world.events.violations(
            name, envelope | {"createdAt": "2026-01-15T10:30:00+00:00", "data": data}
        )

    assert {name: found for name, found in problems.items() if found} == {}

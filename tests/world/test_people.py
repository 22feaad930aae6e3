"""mockserver.world.people: made-up people."""

from mockserver.openapi.contract import Contract
from mockserver.world.people import person

MANY = 2_000


def test_people_share_no_identifier() -> None:
    """Of two thousand people, no two have the same e-mail address, phone number or card."""
    people = [person(number) for number in range(MANY)]

    for name in ("email", "phone", "loyaltyCardNumber"):
        values = [one[name] for one in people if name in one]
        assert len(set(values)) == len(values) > MANY / 3


def test_people_can_be_registered(contract: Contract) -> None:
    """The API takes everybody; some have a phone number, some a card, some both, some neither."""
    validator = contract.validator("/components/schemas/MemberPostRequest", sent=True)
    people = [person(number) for number in range(12)]

    assert [validator.violations({"customer": one}) for one in people] == [[]] * 12
    assert len({frozenset(one) for one in people}) == 4

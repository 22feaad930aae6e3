"""bench.cluster.load: what was answered with success and isn't there is lost, and so is what is there otherwise."""

from collections.abc import Iterator

import pytest

from bench.cluster.ledger import Ledger
from bench.cluster.load import MEMBERS, Effects, Load
from mockserver.testing import MockServer

SNAPSHOT = {
    "members": [{"email": "a@example.com", "customerId": "1"}],
    "subscriptions": [{"subscriptionId": "s", "destination": {"url": "http://a.test/"}}],
}


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A mock."""
    with MockServer() as running:
        yield running


def test_effects_that_are_there_are_not_lost() -> None:
    """Members by their ids, subscriptions by their URLs, and deleted ones that are gone."""
    effects = Effects({"a@example.com": "1"}, {"s": "http://a.test/", "deleted": None})

    assert effects.lost(SNAPSHOT) == []


@pytest.mark.parametrize(
    ("effects", "lost"),
    [
        (Effects({"b@example.com": "1"}), "member b@example.com"),
        (Effects({"a@example.com": "2"}), "member a@example.com"),
        (Effects({}, {"s": "http://b.test/"}), "subscription s"),
        (Effects({}, {"s": None}), "subscription s"),
        (Effects({}, {"t": "http://a.test/"}), "subscription t"),
        (Effects({}, {}, 1), "refresh token"),
    ],
)
def test_lost_effect_is_found(effects: Effects, lost: str) -> None:
    """One that is missing, has another id or URL, or is there though it was deleted."""
    assert effects.lost(SNAPSHOT) == [lost]


@pytest.mark.anyio
async def test_load_knows_what_it_was_answered(mock: MockServer) -> None:
    """A success has its content and is counted by its method; what else comes is counted by how it failed."""
    ledger = Ledger()
    load = Load(mock.url, ledger, "a")
    member = {"customer": {"email": "a@example.com"}}

    first, again = [await load.ask("POST", MEMBERS, member) for _ in range(2)]
    await load.stop()

    assert (first["email"], again) == ("a@example.com", None)
    assert (load.answers, ledger.unanswered) == ({"POST": 1}, {"POST 400": 1})

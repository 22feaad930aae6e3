"""mockserver.world.receivers: who gets events without the API."""

from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings
from mockserver.signing import Scheme
from mockserver.standard_webhooks import key_of
from mockserver.storage.model import Destination, Subscription
from mockserver.testing import MockServer
from mockserver.world import World
from mockserver.world.receivers import (
    MOST_OF_CALLBACK,
    add_receiver,
    names_user,
    receiver_of_callback,
    receivers,
    scheme_of,
    secret_of,
)
from tests.support.event_contracts import ORDERS, written

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1:9/"
OTHER = Contract(b"", {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}})


async def test_receivers_are_listed_with_subscriptions(world: World) -> None:
    """Subscriptions, added receivers and those of callbacks are listed, the oldest first, each URL of these once."""
    await world.start()
    await world.state.add_subscription(Subscription("s-1", "DEFAULT", "CustomerUpdated", 1, Destination(URL)))
    await add_receiver(world, "DEFAULT", "CustomerUpdated", f"{URL}a", "whsec_a")
    for _ in range(2):
        await receiver_of_callback(world, "DEFAULT", "CustomerUpdated", f"{URL}b")

    listed = await receivers(world, "DEFAULT")

    assert [(one.subscription.destination.url, one.by_callback) for one in listed] == [
        (URL, False),
        (f"{URL}a", False),
        (f"{URL}b", True),
    ]
    assert listed[1].subscription.signing is not None
    assert listed[1].subscription.signing.secret == "whsec_a"
    await world.stop()


async def test_receivers_are_part_of_the_state(tmp_path: Path) -> None:
    """A snapshot has them, with secrets of Standard Webhooks; a reset removes them, and the snapshot puts them back."""
    with MockServer(spec=written(tmp_path, ORDERS), strict=True) as mock:
        added = mock.receivers.add("note", URL)
        kept = mock.state.snapshot()
        mock.reset()
        assert mock.receivers.list()["items"] == []
        mock.state.restore(kept)
        assert mock.receivers.list()["items"] == [{name: one for name, one in added.items() if name != "secret"}]


async def test_urls_of_callbacks_are_bounded(world: World) -> None:
    """Of more than a hundred URLs of one event the oldest is removed; who was added otherwise stays."""
    await world.start()
    await add_receiver(world, "DEFAULT", "CustomerUpdated", URL, "whsec_a")
    for number in range(MOST_OF_CALLBACK + 3):
        await receiver_of_callback(world, "DEFAULT", "CustomerUpdated", f"{URL}{number}")

    listed = [one.subscription.destination.url for one in await receivers(world, "DEFAULT")]

    assert listed == [URL, *(f"{URL}{number}" for number in range(3, MOST_OF_CALLBACK + 3))]
    await world.stop()


async def test_the_secret_is_given_or_follows_from_the_seed(settings: Settings, contract: Contract) -> None:
    """Without a setting it is one of Standard Webhooks, the same for the same seed."""
    worlds = [World.build(replace(settings, seed=seed), contract) for seed in (1, 1, 2)]
    first, again, other = map(secret_of, worlds)

    assert first == again != other
    assert len(key_of(first)) == 32
    assert secret_of(World.build(replace(settings, webhook_secret="mine"), contract)) == "mine"


@pytest.mark.parametrize(
    ("whose", "name", "scheme"),
    [
        ("ours", None, Scheme.VENDOR),
        ("another", None, Scheme.STANDARD_WEBHOOKS),
        ("ours", "standard-webhooks", Scheme.STANDARD_WEBHOOKS),
        ("another", "vendor", Scheme.VENDOR),
        ("another", "none", Scheme.NONE),
    ],
)
async def test_the_scheme_is_chosen_or_follows_from_the_contract(
    settings: Settings, contract: Contract, whose: str, name: str | None, scheme: Scheme
) -> None:
    """Open Loyalty's contract is signed in its way, any other by Standard Webhooks."""
    chosen = replace(settings, webhook_signing=name)

    assert scheme_of(chosen, contract if whose == "ours" else OTHER) is scheme


async def test_a_secret_that_cannot_sign_is_refused_at_the_start(settings: Settings, contract: Contract) -> None:
    """The error names option and variable; where it isn't used, any will do."""
    wrong = replace(settings, webhook_secret="whsec_of_my_application")

    with pytest.raises(SettingsError, match=r"--webhook-secret \(MOCKSERVER_WEBHOOK_SECRET\): The secret is none of"):
        World.build(wrong, OTHER)
    assert World.build(wrong, contract).scheme is Scheme.VENDOR


@pytest.mark.parametrize(
    ("url", "names"),
    [("http://me:secret@a/", True), ("http://me@a", True), ("http://a/b@c", False), ("http://a?b@c", False)],
)
def test_a_user_name_stands_before_the_host(url: str, names: bool) -> None:  # noqa: FBT001
    """An @ elsewhere is none."""
    assert names_user(url) is names

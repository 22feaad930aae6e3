"""mockserver.operations.webhook_subscription: what is kept of a subscription for those who will deliver."""

from typing import Any

import pytest

from mockserver.operations.webhook_subscription import (
    webhook_subscription_get,
    webhook_subscription_post,
    webhook_subscription_put,
    webhook_subscription_rotate_hmac_key,
)
from mockserver.storage.model import SigningState, Subscription
from mockserver.world import World

pytestmark = pytest.mark.anyio

STORE = "DEFAULT"
REST = {"eventName": "CustomerRegistered", "url": "https://example.com/"}
QUEUE = {"url": "https://sqs.example.com/1", "queueKey": "k", "queueSecretKey": "s", "queueEncryptionKey": "e"}


async def _made(world: World, **wanted: Any) -> tuple[str, str]:
    """The id and the secret of a new subscription."""
    answer, status = await webhook_subscription_post(world, STORE, {"webhookSubscription": REST | wanted})
    assert status == 200
    assert isinstance(answer, dict)
    return answer["webhookSubscriptionId"], answer.get("hmacSecretKey", "")


async def _put(world: World, subscription_id: str, **wanted: Any) -> Any:
    body = {"webhookSubscription": {"url": "https://example.com/"} | wanted}
    answer, _ = await webhook_subscription_put(world, STORE, subscription_id, body)
    return answer


async def _kept(world: World, subscription_id: str) -> Subscription:
    return await world.state.subscription(STORE, subscription_id)


async def test_shown_secret_is_the_one_that_signs(world: World) -> None:
    """The secret that was answered is the key of version 1."""
    subscription_id, secret = await _made(world, hmacEnabled=True)

    assert (await _kept(world, subscription_id)).signing == SigningState(secret, version=1, rotated_at=None)


async def test_rotation_makes_the_next_version(world: World) -> None:
    """The new key replaces the old one at once, is one version higher, and remembers when."""
    subscription_id, _ = await _made(world, hmacEnabled=True)

    answer, _ = await webhook_subscription_rotate_hmac_key(world, STORE, subscription_id)

    assert isinstance(answer, dict)
    expected = SigningState(answer["hmacSecretKey"], version=2, rotated_at=world.clock.now())
    assert (await _kept(world, subscription_id)).signing == expected


@pytest.mark.parametrize("wanted", [{}, {"hmacEnabled": True}])
async def test_update_keeps_the_key(world: World, wanted: dict[str, Any]) -> None:
    """An update that doesn't end signing leaves the key as it is."""
    subscription_id, secret = await _made(world, hmacEnabled=True)

    assert await _put(world, subscription_id, **wanted) is None
    assert (await _kept(world, subscription_id)).signing == SigningState(secret)


async def test_signing_anew_starts_over(world: World) -> None:
    """A key that is issued after signing was off has nothing of the old one."""
    subscription_id, secret = await _made(world, hmacEnabled=True)
    await webhook_subscription_rotate_hmac_key(world, STORE, subscription_id)
    await _put(world, subscription_id, hmacEnabled=False)
    assert (await _kept(world, subscription_id)).signing is None

    answer = await _put(world, subscription_id, hmacEnabled=True)

    assert answer["hmacSecretKey"] != secret
    assert (await _kept(world, subscription_id)).signing == SigningState(answer["hmacSecretKey"])


async def test_queue_keeps_its_keys_unshown(world: World) -> None:
    """The keys of a queue are kept for the deliveries, though no answer shows them."""
    subscription_id, _ = await _made(world, **QUEUE)

    destination = (await _kept(world, subscription_id)).destination
    shown, _ = await webhook_subscription_get(world, STORE, subscription_id)

    assert (destination.queue_key, destination.queue_secret_key, destination.queue_encryption_key) == ("k", "s", "e")
    assert isinstance(shown, dict)
    assert not [name for name in shown if name.startswith("queue")]


async def test_age_is_kept_as_it_is_shown(world: World) -> None:
    """`createdAt` is kept in whole seconds, so that a filter finds the value that was read."""
    world.clock.advance(0.75)
    subscription_id, _ = await _made(world)

    shown, _ = await webhook_subscription_get(world, STORE, subscription_id)

    assert isinstance(shown, dict)
    assert shown["createdAt"] == "2026-01-15T10:30:00+00:00"
    assert (await _kept(world, subscription_id)).created_at == world.clock.now() - 0.75

"""Receivers: subscriptions that no operation of the API has made, but the control plane, or a callback.

They are kept as all subscriptions are, so their deliveries are queued, signed, spoilt and remembered like others.
"""

import re
from base64 import b64encode
from hashlib import sha256
from typing import NamedTuple, Protocol

from mockserver import standard_webhooks
from mockserver.clock import Clock, Ids
from mockserver.errors import NotFound, SettingsError
from mockserver.openapi.contract import Contract
from mockserver.settings import Settings, environment_variable
from mockserver.signing import SECRET_PREFIX, Scheme
from mockserver.storage.model import Destination, SigningState, Subscription
from mockserver.storage.state import State
from mockserver.storage.table import Query

MOST_OF_CALLBACK = 100  # URLs that one event is sent to by callbacks; the oldest goes
MOST_LISTED = 1_000


class ReceiverSource(Protocol):
    """What receivers are made of and go into: a world."""

    @property
    def settings(self) -> Settings:
        """Settings of the mock."""

    @property
    def contract(self) -> Contract:
        """The contract that is served."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def ids(self) -> Ids:
        """The source of ids and secrets."""

    @property
    def state(self) -> State:
        """All records."""


class EventReceiver(NamedTuple):
    """A receiver, and whether a callback has made it."""

    subscription: Subscription
    by_callback: bool


def names_user(url: str) -> bool:
    """Whether a URL has a user name, or more, before its host: a secret that deliveries would show, and that nobody
    sends."""
    return "@" in re.split("[/?#\\\\]", url.partition("://")[2], maxsplit=1)[0]


def scheme_of(settings: Settings, contract: Contract) -> Scheme:
    """How deliveries are signed. Raises SettingsError for a secret that can't sign so."""
    scheme = Scheme.chosen(settings.webhook_signing, is_ours=contract.is_ours)
    if scheme is Scheme.STANDARD_WEBHOOKS and settings.webhook_secret is not None:
        try:
            standard_webhooks.key_of(settings.webhook_secret)
        except SettingsError as error:
            raise SettingsError(f"--webhook-secret ({environment_variable('webhook_secret')}): {error}") from None
    return scheme


def secret_of(world: ReceiverSource) -> str:
    """The secret of receivers that bring none of their own: that of the settings, else one that follows from the
    seed."""
    if world.settings.webhook_secret is not None:
        return world.settings.webhook_secret
    drawn = Ids(world.ids.seed).derived("webhook secret")  # the same for all who share the seed
    return SECRET_PREFIX + b64encode(sha256(drawn.encode()).digest()).decode()


async def add_receiver(world: ReceiverSource, store_code: str, event_name: str, url: str, secret: str) -> Subscription:
    """A new receiver of an event."""
    made = Subscription(
        world.ids.uuid(), store_code, event_name, int(world.clock.now()), Destination(url), SigningState(secret)
    )
    return await world.state.add_subscription(made, world.ids.uuid)


async def receiver_of_callback(world: ReceiverSource, store_code: str, event_name: str, url: str) -> Subscription:
    """The receiver of a callback's event at this URL, which is made if it isn't there yet. Of too many the oldest is
    removed."""
    receiver_id = _callback_id(world, event_name, url)
    try:
        return await world.state.subscription(store_code, receiver_id)
    except NotFound:
        pass
    known = [one for one in await world.state.subscriptions_of(store_code, event_name) if _is_by_callback(world, one)]
    for one in known[: max(0, len(known) - MOST_OF_CALLBACK + 1)]:
        await world.state.delete_subscription(store_code, one.subscription_id)
    signing = SigningState(secret_of(world))
    made = Subscription(receiver_id, store_code, event_name, int(world.clock.now()), Destination(url), signing)
    return await world.state.add_subscription(made)


async def receivers(world: ReceiverSource, store_code: str) -> list[EventReceiver]:
    """All who get events of a store, subscriptions of the API included; MOST_LISTED at most. Raises NotFound."""
    page = await world.state.subscriptions(store_code, Query(items_on_page=MOST_LISTED))
    return [EventReceiver(one, _is_by_callback(world, one)) for one in page.rows]


def _callback_id(world: ReceiverSource, event_name: str, url: str) -> str:
    return Ids(world.ids.seed).derived("callback", event_name, url)


def _is_by_callback(world: ReceiverSource, subscription: Subscription) -> bool:
    expected = _callback_id(world, subscription.event_name, subscription.destination.url)
    return subscription.subscription_id == expected

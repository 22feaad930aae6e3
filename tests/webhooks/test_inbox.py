"""mockserver.webhooks.inbox: the receiver inside the mock, its port, its bounds and its verdicts."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from mockserver.webhooks import inbox
from mockserver.webhooks.inbox import MOST, Inbox, InboxSubscription
from mockserver.world import World
from tests.support.subscriptions import EVENT, subscribe_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def opened(world: World) -> AsyncIterator[Inbox]:
    """An inbox that is closed at the end, and nothing is delivered to it any longer."""
    yield world.inbox
    await world.deliveries.stop()
    world.inbox.close()


async def _expecting(world: World, *, signed: bool = False) -> str:
    """The URL of the inbox, which is subscribed."""
    url = world.inbox.url_of("DEFAULT", EVENT)
    world.inbox.expect(InboxSubscription("DEFAULT", EVENT, await subscribe_in(world, url, signed=signed)))
    return url


async def _post(url: str, body: bytes = b"{}", **headers: str) -> int:
    """The status of the answer. In a thread: its connection is closed when that is over, not some time later."""
    response = await asyncio.to_thread(httpx2.post, url, content=body, headers=headers)
    return response.status_code


def _post_often(url: str, times: int) -> None:
    with httpx2.Client() as client:
        for _ in range(times):
            client.post(url, content=b"{}")


async def test_inbox_is_opened_at_its_first_use(opened: Inbox) -> None:
    """It has no port until somebody opens it, the same one until it is closed, and none afterwards."""
    assert opened.url is None
    url = opened.open()

    assert opened.open() == url
    assert url.startswith("http://127.0.0.1:")
    opened.close()
    assert opened.url is None


async def test_deliveries_of_its_subscriptions_are_kept(world: World, opened: Inbox) -> None:
    """What comes to the URL of a subscription is kept as it came, anything else is a 404."""
    url = await _expecting(world)

    statuses = [
        await _post(url, b'{"a": 1}', a="b"),
        await _post(f"{url}/x"),
        await _post(f"{opened.url}/OTHER/{EVENT}"),
    ]

    (received,) = opened.received()
    assert statuses == [204, 404, 404]
    assert (received.body, received.headers["a"], received.event_name) == (b'{"a": 1}', "b", EVENT)
    assert (received.signature, received.at) == ("unsigned", world.clock.now())


async def test_no_page_can_post_to_it(world: World, opened: Inbox) -> None:
    """A web page that finds the port gets nowhere."""
    assert await _post(await _expecting(world), origin="http://127.0.0.1:8181") == 403
    assert opened.received() == []


async def test_signature_is_judged(world: World, opened: Inbox) -> None:
    """A delivery of a subscription with a key has to be signed; what the mock sends is."""
    url = await _expecting(world, signed=True)
    await _post(url)
    await world.emit(EVENT, "DEFAULT", lambda: world.events.generated(EVENT))
    await world.deliveries.drain(10)

    assert [received.signature for received in opened.received()] == ["a signature header is missing", "right"]


async def test_deleted_subscriptions_are_forgotten(world: World, opened: Inbox) -> None:
    """A subscription that somebody has deleted is the inbox's no more."""
    await _expecting(world)
    (place,) = await opened.subscriptions()
    await world.state.delete_subscription(place.store_code, place.subscription_id)

    assert await opened.subscriptions() == []


async def test_what_is_kept_is_bounded(world: World, opened: Inbox) -> None:
    """Of more than MOST deliveries the oldest are forgotten, and fewer are kept if they are large."""
    url = await _expecting(world)
    await asyncio.to_thread(_post_often, url, MOST + 5)
    assert [received.number for received in opened.received()] == list(range(6, MOST + 6))

    for _ in range(3):
        await _post(url, b"x" * (inbox.MOST_BYTES // 3 + 1))
    assert [received.number for received in opened.received()] == [MOST + 7, MOST + 8]
    opened.clear()
    assert opened.received(after=0) == []


async def test_headers_count_as_bodies_do(world: World, opened: Inbox) -> None:
    """Deliveries with large headers are forgotten as early as those with large bodies, and so are those of a store."""
    url = await _expecting(world)
    bodies, padding = [inbox.MOST_BYTES // 2 - 1_000] * 2, "x" * 10_000
    await _post(url, b"x" * bodies[0])
    await _post(url, b"x" * bodies[1], a=padding)
    assert [received.number for received in opened.received()] == [2]

    opened.clear_store("OTHER")
    await _post(url, b"x" * bodies[0])
    assert [received.number for received in opened.received()] == [3]

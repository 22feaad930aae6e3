"""mockserver.world.resets: a request that began before a reset changes nothing, and leaves no trace."""

import asyncio
from itertools import count

import pytest

from mockserver.app import create_app
from mockserver.errors import NotFound
from mockserver.http.messages import Overtaken, Request
from mockserver.storage.resource_records import RecordQuery
from mockserver.storage.table import Query
from mockserver.world import World
from mockserver.world.resets import MOST_STORES, Resets
from tests.support.remembering import pets_document, remembering_world
from tests.support.subscriptions import NOWHERE

pytestmark = pytest.mark.anyio

SUBSCRIPTIONS = b"/api/DEFAULT/webhook/subscription"
BODY = b'{"webhookSubscription": {"eventName": "CustomerRegistered", "url": "%s"}}' % NOWHERE.encode()
DELAYED = {
    b"x-auth-token": b"mock-api-key",
    b"content-type": b"application/json",
    b"prefer": b"delay=0.05",
}


def _delayed(target: bytes = SUBSCRIPTIONS) -> Request:
    request = Request("POST", target, dict(DELAYED), None)
    request.body = BODY
    return request


async def _subscriptions(world: World) -> int:
    page = await world.state.subscriptions("DEFAULT", Query())
    return page.total


async def _overtaken(world: World, request: Request, reset: str, *arguments: str) -> bool:
    """Whether a request ends without an answer as a reset comes while it waits."""
    app = create_app(world)
    task = asyncio.create_task(app.answer(request))
    await asyncio.sleep(0)  # until it waits
    await getattr(world, reset)(*arguments)
    try:
        await task
    except Overtaken:
        return True
    return False


@pytest.mark.parametrize("reset", [("reset",), ("reset_store", "DEFAULT")])
async def test_open_request_is_overtaken_by_a_reset(world: World, reset: tuple[str, ...]) -> None:
    """What a request that waits would have done isn't done, and the journal doesn't know it."""
    await world.seed()

    assert await _overtaken(world, _delayed(), *reset)

    assert (await _subscriptions(world), world.journal.exchanges()) == (0, [])
    response = await create_app(world).answer(_delayed())  # one that begins afterwards is answered
    assert (response.status, await _subscriptions(world), len(world.journal.exchanges())) == (200, 1, 1)


async def test_reset_of_another_store_overtakes_nothing(world: World) -> None:
    """Tests that have a store each don't disturb one another."""
    await world.seed()

    assert not await _overtaken(world, _delayed(), "reset_store", "OTHER")
    assert await _subscriptions(world) == 1


@pytest.mark.parametrize("target", [SUBSCRIPTIONS, b"/api/nowhere"])
async def test_delay_of_a_fault_is_overtaken_too(world: World, target: bytes) -> None:
    """So is a request that a fault delays, with an operation and without one."""
    await world.seed()
    answer = {"status": 503, "delay": 0.05}
    world.faults.add({"match": {"path": target.decode()}, "answer": answer})
    request = _delayed(target)
    del request.headers[b"prefer"]

    assert await _overtaken(world, request, "reset")
    assert world.journal.exchanges() == []


async def test_store_that_is_gone_overtakes_what_is_open(world: World) -> None:
    """A store that was removed has no late call in the journal."""
    await world.seed()

    assert await _overtaken(world, _delayed(), "clear_store", "DEFAULT")
    with pytest.raises(NotFound):
        await world.clear_store("NOWHERE")


async def test_resets_of_stores_are_bounded() -> None:
    """The oldest of very many is forgotten; the others are known."""
    moments = count(1)
    resets = Resets(lambda: float(next(moments)))
    for number in range(MOST_STORES + 1):
        resets.note_store(f"S{number}")
    request = Request("GET", b"/", {}, None)
    request.began_at = 0.5
    known = []
    for code in ("S0", "S1", f"S{MOST_STORES}", "ANOTHER"):
        request.path_parameters = {"storeCode": code}
        known.append(resets.overtook(request))

    assert known == [False, True, True, False]


async def test_a_request_that_is_overtaken_remembers_nothing() -> None:
    """What a request of another contract would have added, had it not waited, isn't there after the reset."""
    world = remembering_world(pets_document())
    await world.seed()
    request = Request("POST", b"/pets", {b"content-type": b"application/json", b"prefer": b"delay=0.05"}, None)
    request.body = b'{"name": "Rex"}'

    assert await _overtaken(world, request, "reset")

    assert world.memory is not None
    assert (await world.memory.remembered["pets"].find((), RecordQuery())).total == 3

"""mockserver.webhooks.deliveries.priority: requests go first, and the background isn't forgotten."""

import asyncio

import pytest

from mockserver.webhooks.deliveries.priority import FULL_SHARE, LEAST_SHARE, RequestPriority

pytestmark = pytest.mark.anyio


def _wait(priority: RequestPriority, count: int) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(priority.wait_for_turn()) for _ in range(count)]


async def _released(tasks: list[asyncio.Task[None]]) -> int:
    for _ in range(3):
        await asyncio.sleep(0)
    return sum(task.done() for task in tasks)


async def test_without_requests_nobody_waits() -> None:
    """As long as no request comes, the background has all the time."""
    assert await _released(_wait(RequestPriority(), 50)) == 50


@pytest.mark.parametrize(
    ("backlog", "requests", "released"),
    [
        (0, 1, 1),
        (0, round(1 / LEAST_SHARE), 2),
        (FULL_SHARE, 10, 11),
        (5 * FULL_SHARE, 3, 16),
    ],
)
async def test_while_requests_come_the_share_is_small(backlog: float, requests: int, released: int) -> None:
    """One piece may be done at once; then it takes so many requests for the next, the fewer the more there is to do."""
    priority = RequestPriority(quiet=3_600)
    priority.request_arrived(0)
    tasks = _wait(priority, 50)
    await asyncio.sleep(0)
    for _ in range(requests):
        priority.request_arrived(backlog)

    assert await _released(tasks) == released


async def test_when_it_is_quiet_all_go_on() -> None:
    """Soon after the last request nobody waits any more, and cancelled ones are no trouble."""
    priority = RequestPriority()
    priority.request_arrived(0)
    tasks = _wait(priority, 5)
    await asyncio.sleep(0)
    tasks[3].cancel()

    async with asyncio.timeout(5):
        await asyncio.gather(*tasks, return_exceptions=True)

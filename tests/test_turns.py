"""mockserver.turns: long work that lets others in."""

import asyncio
from collections.abc import Generator
from time import perf_counter  # noqa: TID251 (slices are in real time)
from typing import Any

import pytest

from mockserver.turns import BATCH, SLICE, Turns, at_once, in_turns

pytestmark = pytest.mark.anyio


def _busy(steps: int) -> Generator[None, None, int]:
    """Work of so many steps, each as long as a slice."""
    for _ in range(steps):
        until = perf_counter() + SLICE
        while perf_counter() <= until:
            pass
        yield
    return steps


async def test_others_have_their_turns() -> None:
    """After each slice whoever waits for the event loop gets it."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(others())
    assert await in_turns(_busy(5)) == 5
    waiting.cancel()

    assert turns >= 4


async def test_result_is_the_same() -> None:
    """Done at once or in turns, the same comes out."""
    assert at_once(_busy(3)) == await in_turns(_busy(3)) == 3


async def test_error_is_told() -> None:
    """What fails amid the work is raised."""

    def broken() -> Generator[None, None, float]:
        yield
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        await in_turns(broken())


async def _others_turns(work: Any) -> int:
    """How often somebody else had a turn while this was done."""
    turns, task = 0, asyncio.ensure_future(work)
    while not task.done():
        turns += 1
        await asyncio.sleep(0)
    return turns


async def _listed(turns: Turns, count: int) -> list[int]:
    return [item async for item in turns.over(range(count))]


async def test_work_makes_room_between_items() -> None:
    """With slices of no length others have their turn between any two items, and all items come in their order."""
    assert await _listed(Turns(0), 50) == list(range(50))
    assert await _others_turns(_listed(Turns(0), 50)) > 50


async def test_short_work_is_done_in_one_go() -> None:
    """What fits into a slice isn't interrupted."""
    assert await _others_turns(_listed(Turns(60), 5_000)) < 3


async def test_what_is_let_go_is_empty_bit_by_bit() -> None:
    """Containers of any kind are empty in the end, and others had their turns before."""
    count = 5 * BATCH
    numbers = range(count)
    containers: tuple[Any, ...] = (list(numbers), dict.fromkeys(numbers), set(numbers), [], {}, set())

    turns = await _others_turns(Turns(0).let_go(*containers))

    assert [len(container) for container in containers] == [0] * 6
    assert turns > 3 * 5

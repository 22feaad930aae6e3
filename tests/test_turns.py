"""mockserver.turns: long work in slices."""

import asyncio
from typing import Any

import pytest

from mockserver.turns import AT_ONCE, Turns

pytestmark = pytest.mark.anyio


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
    count = 5 * AT_ONCE
    numbers = range(count)
    containers: tuple[Any, ...] = (list(numbers), dict.fromkeys(numbers), set(numbers), [], {}, set())

    turns = await _others_turns(Turns(0).let_go(*containers))

    assert [len(container) for container in containers] == [0] * 6
    assert turns > 3 * 5

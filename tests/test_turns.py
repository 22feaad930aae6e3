"""mockserver.turns: long work that lets others in."""

import asyncio
import time
from collections.abc import Generator

import pytest

from mockserver.turns import SLICE, at_once, each, in_turns

pytestmark = pytest.mark.anyio


def _busy(steps: int) -> Generator[None, None, int]:
    """Work of so many steps, each as long as a slice."""
    for _ in range(steps):
        until = time.perf_counter() + SLICE
        while time.perf_counter() <= until:
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
    """Done at once or in turns, the same comes out, in its order."""
    assert at_once(each(str, range(3))) == await in_turns(each(str, range(3))) == ["0", "1", "2"]


async def test_error_is_told() -> None:
    """What fails amid the work is raised."""
    with pytest.raises(ZeroDivisionError):
        await in_turns(each(lambda number: 1 // number, [1, 0]))

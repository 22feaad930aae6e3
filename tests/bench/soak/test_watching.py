"""bench.soak.watching: what a client of the stream reads."""

import asyncio
from collections.abc import AsyncIterator

from bench.soak.watching import kinds

STREAM = ("retry: 1000", "id: a-1", "event: request", 'data: {"event": "x"}', "", ": nothing happens", "event: missed")


def test_kinds_are_those_of_events() -> None:
    """Each event is read by its kind; comments and data are none."""

    async def lines() -> AsyncIterator[str]:
        for line in STREAM:
            yield line

    async def read() -> list[str]:
        return [kind async for kind in kinds(lines())]

    assert asyncio.run(read()) == ["request", "missed"]

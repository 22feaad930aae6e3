"""Turns of the event loop: work that takes long is done in slices of SLICE seconds, and requests are answered between.

A coroutine asks `Turns` between two small pieces of its work. Work that is also done where there is no event loop is a
generator, which yields wherever it may be interrupted, and returns its result: `in_turns` does it in slices, `at_once`
without a break.
"""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterable
from typing import Any, TypeVar

SLICE = 0.004  # seconds of work in a row
BATCH = 1_000  # entries that are freed together

Item = TypeVar("Item")
Result = TypeVar("Result")


class Turns:
    """Cooperative yielding for one piece of work in one event loop, in time slices of `seconds`."""

    def __init__(self, seconds: float = SLICE) -> None:
        self._seconds = seconds
        self._time = asyncio.get_running_loop().time
        self._until = self._time() + seconds

    async def give(self) -> None:
        """Yield to the event loop if the time slice is used up. To be called between small pieces of the work.

        If others worked for longer than a slice meanwhile, it sleeps for as long again: so the slices of many long
        tasks don't add up to one that blocks all others.
        """
        began = self._time()
        if began >= self._until:
            await asyncio.sleep(0)
            away = self._time() - began
            if away > self._seconds:
                await asyncio.sleep(away)
            self._until = self._time() + self._seconds

    async def over(self, items: Iterable[Item]) -> AsyncIterator[Item]:
        """The items, one by one, yielding to the event loop between two of them if the slice is used up."""
        for item in items:
            if self._time() >= self._until:
                await self.give()
            yield item

    async def let_go(self, *containers: "list[Any] | dict[Any, Any] | set[Any]") -> None:
        """Empty containers in batches, yielding between them: freeing millions of objects at once blocks the loop."""
        for container in containers:
            while container:
                if isinstance(container, list):
                    del container[-BATCH:]
                else:
                    for _ in range(min(BATCH, len(container))):
                        container.pop() if isinstance(container, set) else container.popitem()
                await self.give()


def at_once(work: Generator[None, None, Result]) -> Result:
    """Result of the work, done now, without interruption."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


async def in_turns(work: Generator[None, None, Result]) -> Result:
    """Result of the work, yielding to the event loop after each SLICE."""
    turns = Turns()
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        await turns.give()

"""Long work in slices, so that others have their turns in between: the event loop is one.

Work that may also be done at once is a generator, which yields where it may be interrupted and returns its result.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from typing import Any, TypeVar

SLICE = 0.004  # seconds of work in a row
BATCH = 1_000  # entries that are let go together

Item = TypeVar("Item")
Result = TypeVar("Result")


class Turns:
    """Says when long work has to make room. For one piece of work in one event loop; a slice takes `seconds`."""

    def __init__(self, seconds: float = SLICE) -> None:
        self._seconds = seconds
        self._time = asyncio.get_running_loop().time
        self._until = self._time() + seconds

    async def give(self) -> None:
        """Let others have their turn, if the slice is over. To be called between small pieces of the work."""
        if self._time() >= self._until:
            await asyncio.sleep(0)
            self._until = self._time() + self._seconds

    async def over(self, items: Iterable[Item]) -> AsyncIterator[Item]:
        """The items, one by one; others have their turns between two of them."""
        for item in items:
            if self._time() >= self._until:
                await self.give()
            yield item

    async def let_go(self, *containers: "list[Any] | dict[Any, Any] | set[Any]") -> None:
        """Empty what nobody needs any more. To free a million records at once would hold up everybody."""
        for container in containers:
            while container:
                if isinstance(container, list):
                    del container[-BATCH:]
                else:
                    for _ in range(min(BATCH, len(container))):
                        container.pop() if isinstance(container, set) else container.popitem()
                await self.give()


def at_once(work: Generator[None, None, Result]) -> Result:
    """The result of all of it, done now."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


async def in_turns(work: Generator[None, None, Result]) -> Result:
    """The result of all of it; after each SLICE others have a turn."""
    turns = Turns()
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        await turns.give()


def each(make: Callable[[Item], Result], items: Iterable[Item]) -> Generator[None, None, list[Result]]:
    """Work that makes something of each item."""
    made = []
    for item in items:
        made.append(make(item))
        yield
    return made

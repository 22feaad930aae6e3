"""Turns: long work in an event loop is done in slices, and others have their turns in between."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

SLICE = 0.005  # seconds of work in a row
AT_ONCE = 1_000  # entries that are let go together

Item = TypeVar("Item")


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
                    del container[-AT_ONCE:]
                else:
                    for _ in range(min(AT_ONCE, len(container))):
                        container.pop() if isinstance(container, set) else container.popitem()
                await self.give()

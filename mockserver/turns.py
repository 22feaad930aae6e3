"""Long work in slices, so that others have their turns in between: the event loop is one.

Such work is a generator that yields where it may be interrupted, and returns its result.
"""

import asyncio
import time
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

SLICE = 0.004  # seconds of work, after which others have their turn
Item = TypeVar("Item")
Result = TypeVar("Result")


def at_once(work: Generator[None, None, Result]) -> Result:
    """The result of all of it, done now."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


async def in_turns(work: Generator[None, None, Result]) -> Result:
    """The result of all of it; after each SLICE the event loop has a turn."""
    until = time.perf_counter() + SLICE
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        if time.perf_counter() > until:
            await asyncio.sleep(0)
            until = time.perf_counter() + SLICE


def each(make: Callable[[Item], Result], items: Iterable[Item]) -> Generator[None, None, list[Result]]:
    """Work that makes something of each item."""
    made = []
    for item in items:
        made.append(make(item))
        yield
    return made

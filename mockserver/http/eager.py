"""Eager coroutines run at once, and become a task only if they have to wait. asyncio has this since Python 3.12."""

import asyncio
import sys
from collections.abc import Coroutine, Generator
from contextvars import Context
from typing import Any


class _Started(Coroutine[Any, Any, Any]):
    """A coroutine that has run up to its first wait. A task can run the rest."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], awaited: Any) -> None:
        self._coroutine = coroutine
        self._awaited: list[Any] = [awaited]

    def send(self, value: Any) -> Any:
        return self._awaited.pop() if self._awaited else self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        self._awaited.clear()
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise NotImplementedError("it is a task's")


_OVER = object()


def start(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, None], context: Context
) -> "asyncio.Task[None] | None":
    """Run a coroutine at once, in a copy of the context. Returns the task that runs the rest, or None if it is done.

    On Python 3.11 there is no current task before the first wait: `asyncio.timeout` can't be entered there.
    """
    own = context.copy()
    if sys.version_info >= (3, 12):
        task = asyncio.Task(coroutine, loop=loop, eager_start=True, context=own)
        return None if task.done() else task
    # A StopIteration to be caught would cost more than the coroutine.
    awaited = own.run(next, coroutine.__await__(), _OVER)
    return None if awaited is _OVER else loop.create_task(_Started(coroutine, awaited), context=own)


def start_as_task(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, None], context: Context
) -> "asyncio.Task[None] | None":
    """The same, but the coroutine has a task from its start: on Python 3.11 it begins in the next turn of the loop."""
    if sys.version_info >= (3, 12):
        return start(loop, coroutine, context)
    return loop.create_task(coroutine, context=context.copy())

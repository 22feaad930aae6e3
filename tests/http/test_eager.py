"""mockserver.http.eager: a coroutine that runs at once."""

import asyncio
from contextvars import copy_context

import pytest

from mockserver.http.eager import start, start_as_task


async def _noting(log: list[str], future: "asyncio.Future[str] | None") -> None:
    log.append("started")
    if future:
        try:
            log.append(await future)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise


def test_without_a_wait_there_is_no_task() -> None:
    """What need not wait is over when `start` returns."""

    async def main() -> None:
        log: list[str] = []
        assert start(asyncio.get_running_loop(), _noting(log, None), copy_context()) is None
        assert log == ["started"]

    asyncio.run(main())


def test_wait_goes_on_in_a_task() -> None:
    """What waits has run up to there, and goes on when it is over."""

    async def main() -> None:
        log: list[str] = []
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = start(asyncio.get_running_loop(), _noting(log, future), copy_context())
        assert log == ["started"]
        future.set_result("done")
        assert task
        await task
        assert log == ["started", "done"]

    asyncio.run(main())


@pytest.mark.parametrize("turns", [0, 1])
def test_task_can_be_cancelled(turns: int) -> None:
    """Cancelling reaches the coroutine, whether or not the task has had its first turn."""

    async def main() -> None:
        log: list[str] = []
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = start(asyncio.get_running_loop(), _noting(log, future), copy_context())
        assert task
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert log == ["started", "cancelled"]

    asyncio.run(main())


def test_task_is_there_from_the_start() -> None:
    """What is started as a task may use what needs one, such as a time-out, before its first wait."""

    async def timed(log: list[bool]) -> None:
        async with asyncio.timeout(60):
            log.append(asyncio.current_task() is not None)
            await asyncio.sleep(0)

    async def main() -> None:
        log: list[bool] = []
        task = start_as_task(asyncio.get_running_loop(), timed(log), copy_context())
        if task is not None:
            await task
        assert log == [True]

    asyncio.run(main())

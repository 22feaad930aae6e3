"""mockserver.http.write_batching: the time at which writes are done, and their order."""

import asyncio
from collections.abc import Callable

import pytest

from mockserver.http.write_batching import FULL, LONGEST_WAIT, WriteBatcher

pytestmark = pytest.mark.anyio


class Connection(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self, written: list[bytes]) -> None:
        super().__init__()
        self.written = written
        self.is_lost = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        assert not self.is_lost
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        """Whether it is lost."""
        return self.is_lost


async def _turn_of_the_loop() -> None:
    """Until all is done that was to be done soon."""
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(done.set_result, None)
    await done


async def test_what_waits_goes_out_together_and_in_order() -> None:
    """Writes of one turn of the event loop are done after it, in the order of the calls; so are those of the next."""
    written: list[bytes] = []
    one, other, outbox = Connection(written), Connection(written), WriteBatcher(now=lambda: 0.0)

    for turn in (b"1", b"2"):
        outbox.put(one, b"a" + turn)
        outbox.put(other, b"b" + turn)
        outbox.put(one, b"c" + turn)
        assert len(written) == 3 * (turn == b"2")
        before = list(written)
        await _turn_of_the_loop()
        assert written == [*before, b"a" + turn, b"b" + turn, b"c" + turn]


@pytest.mark.parametrize(
    ("now", "sizes"),
    [
        (lambda outbox: outbox.flush(), [1, 1]),  # asked for
        (lambda _outbox: None, [1, FULL]),  # too much
        (lambda _outbox: None, [FULL + 1]),
    ],
)
async def test_some_writes_do_not_wait(now: Callable[[WriteBatcher], None], sizes: list[int]) -> None:
    """What would be lost, or too much, is written at once, and not twice."""
    written: list[bytes] = []
    connection, outbox = Connection(written), WriteBatcher(now=lambda: 0.0)

    for size in sizes:
        outbox.put(connection, b"x" * size)
    now(outbox)

    assert [len(data) for data in written] == sizes
    await _turn_of_the_loop()
    assert len(written) == len(sizes)


async def test_answer_does_not_wait_for_slow_ones() -> None:
    """What has waited for long is written with the next, though there may be more to come."""
    moments = iter([0.0, LONGEST_WAIT / 2, 2 * LONGEST_WAIT, 2 * LONGEST_WAIT])
    written: list[bytes] = []
    connection, outbox = Connection(written), WriteBatcher(now=lambda: next(moments))

    outbox.put(connection, b"a")
    outbox.put(connection, b"b")
    assert written == []
    outbox.put(connection, b"c")
    assert written == [b"a", b"b", b"c"]
    outbox.put(connection, b"d")
    assert written == [b"a", b"b", b"c"]


async def test_lost_connection_gets_nothing() -> None:
    """A connection that is lost before its turn keeps nobody from getting what is theirs."""
    lost, other, outbox = Connection([]), Connection([]), WriteBatcher()
    outbox.put(lost, b"late")
    outbox.put(other, b"in time")

    lost.is_lost = True
    await _turn_of_the_loop()

    assert (lost.written, other.written) == ([], [b"in time"])

"""Time, ids and chance: all that the world can't decide by itself enters here, so that a test can decide it.

A moment is a float: Unix seconds.
"""

import asyncio
import base64
import random
import struct
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b

import orjson

_WORDS = "<625I"  # the state of random.Random: 624 words, and the place among them
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


EARLIEST, LATEST = 0.0, 253_370_764_800.0  # 1970-01-01 and 9999-01-01: what a clock may be set to, and run on from


class Clock:
    """The mock's time. It follows the machine's until it is moved or frozen. Any thread may move it."""

    def __init__(self, frozen_at: float | None = None) -> None:
        self._ahead = 0.0
        self._frozen_at = self._start = frozen_at
        self._lock = threading.Lock()
        self._waiting: set[_Waiter] = set()

    @property
    def frozen(self) -> bool:
        """Whether time stands still unless it is moved."""
        return self._frozen_at is not None

    def now(self) -> float:
        """The current moment, in Unix seconds."""
        if self._frozen_at is not None:
            return self._frozen_at
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock, frozen or not."""
        self.set(self.now() + seconds, frozen=self.frozen)

    def set(self, moment: float, *, frozen: bool) -> None:
        """Make it this moment, and from now on stand still or run. Whoever waits for it notices at once."""
        with self._lock:
            self._ahead = moment - time.time()
            self._frozen_at = moment if frozen else None
            waiting = tuple(self._waiting)
        for waiter in waiting:
            waiter.wake()

    def reset(self) -> None:
        """Show the time that it would show if nobody had touched it."""
        self.set(time.time() if self._start is None else self._start, frozen=self._start is not None)

    async def wait_until(self, moment: float) -> None:
        """Return when it is `moment` or later, however the clock gets there. With a frozen clock that takes a move."""
        waiter = _Waiter()
        with self._lock:
            self._waiting.add(waiter)
        try:
            while (left := moment - self.now()) > 0:
                await waiter.moved(None if self.frozen else left)
        finally:
            with self._lock:
                self._waiting.discard(waiter)


class _Waiter:
    """Somebody who wants to know when the clock is moved."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()

    def wake(self) -> None:
        """Tell it, from any thread."""
        with suppress(RuntimeError):  # its loop has ended, and so has the wait
            self._loop.call_soon_threadsafe(self._moved.set)

    async def moved(self, seconds: float | None) -> None:
        """Wait for a move, or for so many real seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        self._moved.clear()


class Ids:
    """Everything random, from one seed. The same seed gives the same ids and secrets in the same order.

    With a seed that others know they are predictable: fine for a mock, and what makes its runs repeatable.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._random = random.Random(seed)

    @classmethod
    def from_chance(cls) -> "Ids":
        """Ids from a seed that nobody chose."""
        return cls(random.SystemRandom().getrandbits(64))

    def uuid(self) -> str:
        """A version 4 UUID in lower case."""
        return _as_uuid(self._random.getrandbits(128).to_bytes(16).hex())

    def derived(self, *names: str | int) -> str:
        """The version 4 UUID that these names have under this seed, whatever else was asked for in between.

        For what is made in no certain order: as deliveries, which run side by side.
        """
        return _as_uuid(self._digest(names).hex())

    def hex(self, length: int) -> str:
        """So many random hexadecimal digits, in lower case."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def chance(self, *names: str | int) -> float:
        """The number from 0 up to 1 that these names have under this seed, as with `derived`."""
        return int.from_bytes(self._digest(names)[:8]) / 2**64

    def restart(self) -> None:
        """Begin anew: the ids that come are those that came first."""
        self._random.seed(self.seed)

    def state(self) -> str:
        """What decides about all that comes, as an opaque text."""
        _, words, _ = self._random.getstate()
        return base64.b64encode(struct.pack(_WORDS, *words)).decode()

    def restore(self, state: str) -> None:
        """Go on from a state. Raises ValueError, and changes nothing, if the text is none."""
        try:
            words = struct.unpack(_WORDS, base64.b64decode(state, validate=True))
            self._random.setstate((random.Random.VERSION, words, None))
        except (struct.error, ValueError) as error:
            raise ValueError("This is no state of a source of ids.") from error

    def _digest(self, names: tuple[str | int, ...]) -> bytes:
        return blake2b(":".join(map(str, (self.seed, *names))).encode(), digest_size=16).digest()


def _as_uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"


def timestamp(moment: float) -> str:
    """A moment as the API writes it: RFC 3339 in whole seconds with the offset +00:00 (assumption A33)."""
    written = orjson.dumps(datetime.fromtimestamp(moment, UTC), option=orjson.OPT_OMIT_MICROSECONDS)
    return written[1:-1].decode()  # in half the time of `isoformat`, and a list has one in each row


def moment(text: str) -> float:
    """An RFC 3339 date-time as a moment.

    What RFC 3339 allows and Python doesn't know counts as its neighbour: a leap second as the second before it, and
    what lies outside of the years 1 to 9999 in UTC as their first or last second.
    """
    if text.startswith("0000-"):
        return _FIRST
    if text[16:19] == ":60":
        text = text[:16] + ":59" + text[19:]
    return min(max((datetime.fromisoformat(text.upper()) - _EPOCH).total_seconds(), _FIRST), _LAST)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()
_LAST = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds()

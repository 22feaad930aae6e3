"""Time, ids and chance: all that the world can't decide by itself enters here, so that a test can decide it.

A moment is a float: Unix seconds.
"""

import asyncio
import os
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

import orjson

ID_DIGITS, SECRET_DIGITS = 32, 128  # hexadecimal digits; a hash has as many as a secret
IDS_OF_A_HASH = SECRET_DIGITS // ID_DIGITS
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
EARLIEST, LATEST = 0.0, 253_370_764_800.0  # 1970-01-01 and 9999-01-01: what a clock can show


class Clock:
    """The mock's time. It follows the machine's until it is moved or frozen. Any thread may move it.

    It never leaves EARLIEST to LATEST: it stops there, so that whatever is reckoned from it (an expiry, a repeated
    attempt) can be written as a date.
    """

    def __init__(self, frozen_at: float | None = None) -> None:
        self._ahead = 0.0
        self._latest = EARLIEST
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
        moment = time.time() + self._ahead
        return moment if EARLIEST <= moment <= LATEST else _shown(moment)

    def latest(self) -> float:
        """The latest moment that it has shown, wherever it was moved since."""
        return max(self._latest, self.now())

    def advance(self, seconds: float) -> None:
        """Move the clock, frozen or not."""
        self.set(self.now() + seconds, frozen=self.frozen)

    def set(self, moment: float, *, frozen: bool) -> None:
        """Make it this moment, and from now on stand still or run. Whoever waits for it notices at once."""
        moment = _shown(moment)
        with self._lock:
            self._latest = self.latest()
            self._ahead = moment - time.time()
            self._frozen_at = moment if frozen else None
            waiting = tuple(self._waiting)
        for waiter in waiting:
            waiter.wake()

    def reset(self) -> None:
        """Show the time that it would show if nobody had touched it."""
        self.set(time.time() if self._start is None else self._start, frozen=self._start is not None)

    async def wait_until(self, moment: float) -> None:
        """Return when it is `moment` or later, however the clock gets there. With a frozen clock that takes a move.
        What lies beyond LATEST comes then."""
        moment = _shown(moment)
        waiter = _Waiter()
        with self._lock:
            self._waiting.add(waiter)
        try:
            while (left := moment - self.now()) > 0:
                await waiter.moved(None if self.frozen else left)
        finally:
            with self._lock:
                self._waiting.discard(waiter)


def _shown(moment: float) -> float:
    """What a clock shows at this moment."""
    return min(max(moment, EARLIEST), LATEST)


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

    Each is a keyed hash of how many were drawn before it, and the key is made of the seed: whoever sees some of them
    learns nothing about the others. Ids and secrets are hashed apart. Who knows the seed can predict them all, and a
    small one can be found by trying; one from chance has 128 bits.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        key = blake2b(str(seed).encode(), digest_size=blake2b.MAX_KEY_SIZE).digest()
        self._ids = blake2b(key=key, person=b"ids")
        self._secrets = blake2b(key=key, person=b"secrets")
        self._names = blake2b(key=key, person=b"names", digest_size=16)
        self.restart()

    @classmethod
    def from_chance(cls) -> "Ids":
        """Ids from a seed that nobody chose, and nobody can guess."""
        return cls(int.from_bytes(os.urandom(16)))

    def uuid(self) -> str:
        """A version 4 UUID in lower case."""
        text = (self._block or self._next_block()).pop()  # what follows is _as_uuid, without the price of a call
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"

    def hex(self, length: int) -> str:
        """So many random hexadecimal digits in lower case, ID_DIGITS at most, for what everybody may see."""
        if length > ID_DIGITS:
            raise ValueError(f"An id has {ID_DIGITS} digits, not {length}.")
        return (self._block or self._next_block()).pop()[:length]

    def secret(self, length: int) -> str:
        """So many random hexadecimal digits in lower case, SECRET_DIGITS at most, that nobody can guess."""
        if length > SECRET_DIGITS:
            raise ValueError(f"A secret has {SECRET_DIGITS} digits, not {length}.")
        self._secrets_drawn += 1
        return _numbered(self._secrets, self._secrets_drawn)[:length]

    def derived(self, *names: str | int) -> str:
        """The version 4 UUID that these names have under this seed, whatever else was asked for in between.

        For what is made in no certain order: as deliveries, which run side by side.
        """
        return _as_uuid(self._named(names).hexdigest())

    def derived_seed(self, *names: str | int) -> int:
        """The seed that these names have under this one, as with `derived`. It doesn't tell this one."""
        return int.from_bytes(self._named(names).digest())

    def chance(self, *names: str | int) -> float:
        """The number from 0 up to 1 that these names have under this seed, as with `derived`."""
        return (self.derived_seed(*names) >> 75) / 2**53  # as many bits as a float has

    def restart(self) -> None:
        """Begin anew: the ids that come are those that came first."""
        self.go_on(Drawn(0, 0))

    @property
    def drawn(self) -> "Drawn":
        """How many were drawn: with the seed, this decides about all that come."""
        return Drawn(self._blocks * IDS_OF_A_HASH - len(self._block), self._secrets_drawn)

    def go_on(self, drawn: "Drawn") -> None:
        """Seek: restore the counters of a snapshot, so that what comes after so many is drawn next."""
        self._blocks, used = divmod(drawn.ids, IDS_OF_A_HASH)
        self._block: list[str] = []
        self._secrets_drawn = drawn.secrets
        if used:
            del self._next_block()[-used:]

    def _next_block(self) -> list[str]:
        """The digits of the ids that come next, the last first: one hash is enough for several."""
        self._blocks += 1
        digits = _numbered(self._ids, self._blocks)
        self._block = [digits[96:], digits[64:96], digits[32:64], digits[:32]]
        return self._block

    def _named(self, names: tuple[str | int, ...]) -> "blake2b":
        hashed = self._names.copy()
        hashed.update(":".join(map(str, names)).encode())
        return hashed


class Drawn(NamedTuple):
    """How many ids and how many secrets were drawn."""

    ids: int
    secrets: int


def _numbered(keyed: "blake2b", number: int) -> str:
    hashed = keyed.copy()
    hashed.update(number.to_bytes(8))
    return hashed.hexdigest()


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

"""Time, ids and chance: the sources of everything that differs between two runs, so that a test can control them.

A moment is a float: Unix seconds.
"""

import asyncio
import os
import re
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import orjson

from mockserver.observers import Observers

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
        self.observers = Observers[[]]()  # told after each move, in its thread
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
        """The latest moment that the clock has ever shown."""
        return max(self._latest, self.now())

    def advance(self, seconds: float) -> None:
        """Move the clock, frozen or not."""
        self.set(self.now() + seconds, frozen=self.frozen)

    def set(self, moment: float, *, frozen: bool) -> None:
        """Set the clock, and freeze or release it. Waiting tasks wake at once if their moment has come."""
        moment = _shown(moment)
        with self._lock:
            self._latest = self.latest()
            self._ahead = moment - time.time()
            self._frozen_at = moment if frozen else None
            waiting = tuple(self._waiting)
        for waiter in waiting:
            waiter.wake()
        self.observers.tell()

    def shown(self) -> dict[str, object]:
        """Time and state, as the control plane shows them."""
        return {"now": datetime.fromtimestamp(self.now(), UTC).isoformat(), "frozen": self.frozen}

    @property
    def setting(self) -> "ClockSetting":
        """How it is set, for a clock that is to show the same."""
        return ClockSetting(self._ahead, self._frozen_at)

    def follow(self, setting: "ClockSetting") -> None:
        """Show what another clock shows, which is set like this."""
        frozen = setting.frozen_at
        self.set(time.time() + setting.ahead if frozen is None else frozen, frozen=frozen is not None)

    def reset(self) -> None:
        """Return to the time that the clock would show if it had never been moved."""
        self.set(time.time() if self._start is None else self._start, frozen=self._start is not None)

    async def wait_until(self, moment: float) -> None:
        """Wait until the clock shows `moment` or later, LATEST at most. A frozen clock has to be moved."""
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


class ClockSetting(NamedTuple):
    """How a clock is set: how far it is ahead of the machine's, in seconds, or where it stands still."""

    ahead: float
    frozen_at: float | None


def _shown(moment: float) -> float:
    """The moment, held between EARLIEST and LATEST."""
    return min(max(moment, EARLIEST), LATEST)


class _Waiter:
    """A task that waits for a move of the clock."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()

    def wake(self) -> None:
        """Wake the task, from any thread."""
        with suppress(RuntimeError):  # its loop has ended, and so has the wait
            self._loop.call_soon_threadsafe(self._moved.set)

    async def moved(self, seconds: float | None) -> None:
        """Wait for a move, at most for so many real seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        self._moved.clear()


class Ids:
    """Ids, secrets and random numbers from one seed. The same seed gives the same ones in the same order.

    Each is a keyed hash of its number, and the key comes from the seed: to know some of them tells nothing about the
    others. Ids and secrets have hashes of their own. Whoever knows the seed can predict them all, and a small one can
    be guessed; a random one has 128 bits. Mocks that share a seed differ by the number of a replica, and so do their
    ids; 0 is a mock alone.
    """

    def __init__(self, seed: int, replica: int = 0) -> None:
        self.seed = seed
        named = f"{seed}/{replica}" if replica else str(seed)
        key = blake2b(named.encode(), digest_size=blake2b.MAX_KEY_SIZE).digest()
        self._ids = blake2b(key=key, person=b"ids")
        self._secrets = blake2b(key=key, person=b"secrets")
        self._names = blake2b(key=key, person=b"names", digest_size=16)
        self.restart()

    @classmethod
    def from_chance(cls) -> "Ids":
        """Ids from a random seed of 128 bits."""
        return cls(int.from_bytes(os.urandom(16)))

    def uuid(self) -> str:
        """A version 4 UUID in lower case."""
        text = (self._block or self._next_block()).pop()  # what follows is _as_uuid, without the price of a call
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"

    def hex(self, length: int) -> str:
        """`length` random hexadecimal digits in lower case, ID_DIGITS at most, for public use."""
        if length > ID_DIGITS:
            raise ValueError(f"An id has {ID_DIGITS} digits, not {length}.")
        return (self._block or self._next_block()).pop()[:length]

    def secret(self, length: int) -> str:
        """`length` random hexadecimal digits in lower case, SECRET_DIGITS at most, that nobody can guess."""
        if length > SECRET_DIGITS:
            raise ValueError(f"A secret has {SECRET_DIGITS} digits, not {length}.")
        self._secrets_drawn += 1
        return _numbered(self._secrets, self._secrets_drawn)[:length]

    def derived(self, *names: str | int) -> str:
        """The version 4 UUID of these names under this seed, whatever else was drawn.

        It is for work without a fixed order, such as concurrent deliveries.
        """
        return _as_uuid(self._named(names).hexdigest())

    def derived_seed(self, *names: str | int) -> int:
        """The seed of these names under this one, as with `derived`. This one can't be computed from it."""
        return int.from_bytes(self._named(names).digest())

    def chance(self, *names: str | int) -> float:
        """The number in [0, 1) of these names under this seed, as with `derived`."""
        return (self.derived_seed(*names) >> 75) / 2**53  # as many bits as a float has

    def restart(self) -> None:
        """Start again: the next ids are the first ones."""
        self.go_on(Drawn(0, 0))

    @property
    def drawn(self) -> "Drawn":
        """Numbers of ids and secrets drawn so far; with the seed, they decide all later ones."""
        return Drawn(self._blocks * IDS_OF_A_HASH - len(self._block), self._secrets_drawn)

    def go_on(self, drawn: "Drawn") -> None:
        """Continue after so many ids and secrets, as a snapshot counts them."""
        self._blocks, used = divmod(drawn.ids, IDS_OF_A_HASH)
        self._block: list[str] = []
        self._secrets_drawn = drawn.secrets
        if used:
            del self._next_block()[-used:]

    def _next_block(self) -> list[str]:
        """Digits of the next ids, the last first: one hash is enough for several."""
        self._blocks += 1
        digits = _numbered(self._ids, self._blocks)
        self._block = [digits[96:], digits[64:96], digits[32:64], digits[:32]]
        return self._block

    def _named(self, names: tuple[str | int, ...]) -> "blake2b":
        hashed = self._names.copy()
        hashed.update(":".join(map(str, names)).encode())
        return hashed


class Drawn(NamedTuple):
    """Numbers of ids and secrets drawn."""

    ids: int
    secrets: int


def _numbered(keyed: "blake2b", number: int) -> str:
    hashed = keyed.copy()
    hashed.update(number.to_bytes(8))
    return hashed.hexdigest()


def _as_uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"


@lru_cache(maxsize=1024)
def timestamp(moment: float) -> str:
    """A moment as the API writes it: RFC 3339 in whole seconds with the offset +00:00 (assumption A33). The last ones
    are remembered, as lists have one in each row, and are read again and again."""
    written = orjson.dumps(datetime.fromtimestamp(moment, UTC), option=orjson.OPT_OMIT_MICROSECONDS)
    return written[1:-1].decode()


def moment_ago(text: str, now: float) -> float | None:
    """The moment that a text such as `30 days ago` means; None if it is no such text."""
    ago = _AGO.fullmatch(text)
    return None if ago is None else max(now - int(ago[1]) * _UNITS[ago[2]], 0.0)


def moment(text: str) -> float:
    """An RFC 3339 date-time as a moment.

    Dates that RFC 3339 allows and Python doesn't become the nearest one: a leap second the second before it, and a date
    outside of the years 1 to 9999 in UTC their first or last second.
    """
    if text.startswith("0000-"):
        return _FIRST
    if text[16:19] == ":60":
        text = text[:16] + ":59" + text[19:]
    return min(max((datetime.fromisoformat(text.upper()) - _EPOCH).total_seconds(), _FIRST), _LAST)


_UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "year": 31_536_000}
_AGO = re.compile(rf"([0-9]{{1,9}}) ({'|'.join(_UNITS)})s? ago")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()
_LAST = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds()

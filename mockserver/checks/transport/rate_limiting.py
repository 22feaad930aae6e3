"""Kindness to a host: a rate, a budget, patience where it asks for some, and a circuit breaker.

Seconds are those of a monotonic clock, handed in with the way to wait.
"""

import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from mockserver.checks.wording import joined
from mockserver.errors import SettingsError

LOGINS_A_MINUTE = 20  # the vendor's limit (vendor-facts §2.4)
MINUTE = 60.0
LONGEST_WAIT = 65.0  # seconds that a Retry-After may ask for; a longer one is the answer under test
FAILURES_OF_A_HOST = 12  # in a row, on several operations
FAILURES_OF_AN_OPERATION = 25  # in a row
OPERATIONS_OF_A_HOST = 3
SILENCE = 8  # failures that a time-out counts for, as it also costs time
THROTTLED = 3  # requests in a row
_RATE = re.compile(r"(\d+(?:\.\d+)?)/([sm])")


def parse_rate(text: str) -> float:
    """`10/s` or `90/m` in requests a second. Raises SettingsError."""
    matched = _RATE.fullmatch(text)
    if not matched or not float(matched[1]):
        raise SettingsError(f"The rate must be like 10/s or 90/m, not {text!r}.")
    return float(matched[1]) / (MINUTE if matched[2] == "m" else 1)


@dataclass
class MonotonicTime:
    """The seconds that limits count, and the way to let them pass: by default one that `RateLimiter.over` ends."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], object] | None = None


@dataclass
class RateLimiter:
    """What a run may ask of a host. `rate` is in requests a second; None is no limit, here and for the others."""

    rate: float | None = None
    requests: int | None = None
    seconds: float | None = None
    logins_a_minute: int | None = None
    time: MonotonicTime = field(default_factory=MonotonicTime)

    def __post_init__(self) -> None:
        self.started = self.time.now()
        self.sent = 0
        self.over = threading.Event()
        self._free_at = self.started
        self._logins: deque[float] = deque()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.time.now() - self.started

    @property
    def spent(self) -> str:
        """What of the budget is used up, in words; empty while there is some left."""
        if self.requests is not None and self.sent >= self.requests:
            return f"the budget of {self.requests} requests is spent"
        if self.seconds is not None and self.elapsed >= self.seconds:
            return f"the budget of {self.seconds:g} seconds is spent"
        return ""

    def before(self, *, login: bool, until: float = inf) -> None:
        """Wait until the next request may go out, but not beyond a time, and count it."""
        if login and self.logins_a_minute is not None:
            self._before_login(self.logins_a_minute, until)
        now = self.time.now()
        self._wait(min(self._free_at, until) - now)
        if self.rate is not None:
            self._free_at = max(self._free_at, now) + 1 / self.rate
        self.sent += 1

    def pause(self, seconds: float) -> bool:
        """Keep still for as long as the host asks; False if it asks for too much."""
        if seconds > LONGEST_WAIT:
            return False
        self._free_at = max(self._free_at, self.time.now() + seconds)
        return True

    def _before_login(self, most: int, until: float) -> None:
        now = self.time.now()
        while self._logins and self._logins[0] <= now - MINUTE:
            self._logins.popleft()
        if len(self._logins) >= most:
            self._wait(min(self._logins.popleft() + MINUTE, until) - now)
        self._logins.append(self.time.now())

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            (self.time.wait or self.over.wait)(seconds)


class CircuitBreaker:
    """Opens when a host, or one operation of it, does nothing but fail."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()
        self._failing: list[str] = []
        self._throttled = 0

    def throttled(self, *, still: bool) -> None:
        """Count an answer that was still a 429 after all the waiting that it asked for."""
        self._throttled = self._throttled + 1 if still else 0

    def note(self, operation_id: str, *, failures: int) -> None:
        """Count an answer: a 5xx or a lost connection is one failure, no answer in time is SILENCE, all else none."""
        if failures:
            self._failing += [operation_id] * failures
            self._in_a_row[operation_id] += failures
        else:
            self._failing.clear()
            self._in_a_row[operation_id] = 0

    @property
    def open(self) -> str:
        """Why the host should be left alone, in words; empty if it needn't."""
        if len(self._failing) >= FAILURES_OF_A_HOST and len(set(self._failing)) >= OPERATIONS_OF_A_HOST:
            return f"{joined(sorted(set(self._failing)))} had a 5xx, or no answer that can be used, again and again"
        if self._throttled >= THROTTLED:
            return "it answers 429 even after waiting for as long as it asked"
        return ""

    @property
    def failing(self) -> frozenset[str]:
        """The operations that have failed since the host answered last."""
        return frozenset(self._failing)

    def is_open_for(self, operation_id: str) -> bool:
        """Whether this operation has failed so often in a row that it should be left alone."""
        return self._in_a_row[operation_id] >= FAILURES_OF_AN_OPERATION

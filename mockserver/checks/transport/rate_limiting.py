"""Rate limiting: a rate of requests, a budget of requests and seconds, and a pause where the host asks for one.

Seconds are those of a monotonic clock, which is handed in with the way to wait.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from mockserver.errors import SettingsError

LOGINS_A_MINUTE = 20  # the vendor's limit (vendor-facts §2.4)
MINUTE = 60.0
LONGEST_WAIT = 65.0  # seconds that a Retry-After may ask for; a longer one is a response under test
_RATE = re.compile(r"(\d+(?:\.\d+)?)/([sm])")


def parse_rate(text: str) -> float:
    """`10/s` or `90/m` in requests a second. Raises SettingsError."""
    matched = _RATE.fullmatch(text)
    if not matched or not float(matched[1]):
        raise SettingsError(f"The rate must be like 10/s or 90/m, not {text!r}.")
    return float(matched[1]) / (MINUTE if matched[2] == "m" else 1)


@dataclass
class MonotonicTime:
    """The clock of a run in seconds, and the way to wait: by default one that `RateLimiter.over` ends."""

    now: Callable[[], float] = time.monotonic  # noqa: TID251 (real servers, real seconds)
    wait: Callable[[float], object] | None = None


@dataclass
class RateLimiter:
    """The limits of what a run sends to a host: `rate` is in requests a second. None is no limit, for each of them."""

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
        """The part of the budget that is used up, in words; empty while there is some left."""
        if self.requests is not None and self.sent >= self.requests:
            return f"the budget of {self.requests} requests is spent"
        if self.seconds is not None and self.elapsed >= self.seconds:
            return f"the budget of {self.seconds:g} seconds is spent"
        return ""

    def before(self, *, login: bool, until: float = inf) -> None:
        """Wait until the next request may be sent, at most until a time, and count the request."""
        if login and self.logins_a_minute is not None:
            self._before_login(self.logins_a_minute, until)
        now = self.time.now()
        self._wait(min(self._free_at, until) - now)
        if self.rate is not None:
            self._free_at = max(self._free_at, now) + 1 / self.rate
        self.sent += 1

    def pause(self, seconds: float) -> bool:
        """Delay the next request by the seconds that the host asks for; False if that is too long to wait."""
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

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
    """The limits of what a run sends to a host: `rate` is in requests a second. None is no limit, for each of them.

    Threads may share one. `reserved` are requests that have to be left for what comes after, the sweep, which sends so
    many `at_once`.
    """

    rate: float | None = None
    requests: int | None = None
    seconds: float | None = None
    logins_a_minute: int | None = None
    time: MonotonicTime = field(default_factory=MonotonicTime)

    def __post_init__(self) -> None:
        self.started = self.time.now()
        self.sent = 0
        self.over = threading.Event()
        self.reserved: Callable[[], int] = lambda: 0
        self.at_once: Callable[[], int] = lambda: 1
        self._exchanges, self._waited = 0, 0.0
        self._free_at = self.started
        self._logins: deque[float] = deque()
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.time.now() - self.started

    @property
    def spent(self) -> str:
        """The part of the budget that is used up, in words; empty while there is some left."""
        if self.requests is not None and self.sent + self.reserved() >= self.requests:
            return f"the budget of {self.requests} requests is spent"
        if self.seconds is not None and self.time.now() >= self.end:
            return f"the budget of {self.seconds:g} seconds is spent"
        return ""

    @property
    def end(self) -> float:
        """The time from which on only what is reserved may be sent."""
        return inf if self.seconds is None else self.started + self.seconds - self.reserved() * self.pace

    @property
    def latency(self) -> float:
        """Seconds that an exchange took, on average; zero before the first."""
        return self._waited / self._exchanges if self._exchanges else 0.0

    @property
    def pace(self) -> float:
        """Seconds from one request of what is reserved to the next."""
        return max(self.latency / self.at_once(), 1 / self.rate if self.rate else 0.0)

    def took(self, seconds: float) -> None:
        """Take note of how long an exchange took."""
        with self._lock:
            self._exchanges += 1
            self._waited += seconds

    def before(self, *, login: bool, until: Callable[[], float] = lambda: inf, together: int = 1) -> None:
        """Wait until the next request may be sent, and count the request; at most until a time, which may be put off
        meanwhile. So many that go `together` have one turn, and those after them wait for all of them."""
        if login and self.logins_a_minute is not None:
            turn = self._turn_of_login(self.logins_a_minute)
            while not self.over.is_set() and (left := min(turn, until()) - self.time.now()) > 0:
                self._wait(left)
        with self._lock:
            now = self.time.now()
            turn = max(self._free_at, now)
            if self.rate is not None:
                self._free_at = turn + together / self.rate
            self.sent += together
        self._wait(min(turn, until()) - now)

    def pause(self, seconds: float) -> bool:
        """Delay the next request by the seconds that the host asks for; False if that is too long to wait."""
        if seconds > LONGEST_WAIT:
            return False
        with self._lock:
            self._free_at = max(self._free_at, self.time.now() + seconds)
        return True

    def _turn_of_login(self, most: int) -> float:
        """The time at which the next login may be sent; it counts from then on."""
        with self._lock:
            turn = self.time.now()
            if len(self._logins) >= most:
                turn = max(turn, self._logins.popleft() + MINUTE)
            self._logins.append(turn)
            return turn

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            (self.time.wait or self.over.wait)(seconds)

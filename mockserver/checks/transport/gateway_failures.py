"""Failures of what stands in front of an instance: each is counted, and its request tried again for a while.

A gateway that loses a request, or an instance that restarts, says nothing about the contract. So a request is repeated
until it is answered, for as long as a restart takes; who goes on failing after that is taken at its word.
"""

import threading
from collections import Counter
from collections.abc import Callable

import requests
from urllib3.exceptions import NewConnectionError

from mockserver.checks.transport.exchange_bounds import NoHttp
from mockserver.checks.transport.pages import is_in_the_way
from mockserver.checks.transport.throttling import is_in_front, seconds_asked
from mockserver.checks.wording import joined
from mockserver.openapi.resources import Call

# The last seven are Cloudflare's own, for an instance that it doesn't reach or understand.
GATEWAY = frozenset({502, 503, 504, 520, 521, 522, 523, 524, 525, 526})
PATIENCE = 15.0  # seconds for one request: longer than a restart of some seconds
MOST_PATIENCE = 60.0  # seconds for all requests of a run
FIRST_WAIT = 0.25  # seconds; each further one is twice as long
LONGEST_WAIT = 4.0
THROTTLED, PAGE = "429", "a page"
DID_NOTHING = frozenset({THROTTLED, PAGE})  # failures that don't reach the instance
MOST_PAGES = 3  # attempts at a request that gets pages
PATIENCE_WITH_PAGES = 10.0  # seconds for all requests of a run: they may be the instance's own


class AnswerLost(requests.ConnectionError):
    """A change whose answer a gateway lost: it may have happened, and what came of another attempt says nothing."""


class GatewayFailures:
    """The failures of a run, by their kind. `patient` says whether any answer came yet: before that nothing is known of
    the host, and whoever waits for it should be told at once. `now` is in seconds, of a monotonic clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.kinds: Counter[str] = Counter()
        self.patient = False
        self._now, self._waited, self._lock = now, 0.0, threading.Lock()
        self._waited_for_pages, self._until = 0.0, 0.0
        self._given_up: set[str] = set()
        self._is_down = False

    def begin_anew(self) -> None:
        """Have as much patience as in the beginning: for the sweep, which is what matters most."""
        with self._lock:
            self._waited, self._is_down = 0.0, False
            self._given_up.clear()

    def note(self, kind: str) -> None:
        """Count a failure, once it is known that somebody is there."""
        with self._lock:
            self.kinds[kind] += self.patient

    def answered(self, name: str) -> None:
        """Take note of an answer of the instance to an operation."""
        self.patient, self._is_down = True, False
        self._given_up.discard(name)

    def wait(self, kind: str, name: str, attempt: int, since: float) -> float | None:
        """Seconds until the next attempt at an operation after a failure of a kind, counted from 1, where the first was
        made at a time; None if there shall be none."""
        seconds: float = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
        with self._lock:
            is_known = self._is_down or name in self._given_up
            if not self.patient or is_known or self._is_spent(kind, attempt, since, seconds):
                self._given_up.add(name)
                self._is_down = self._is_down or kind != PAGE
                return None
            if kind == PAGE:
                self._waited_for_pages += seconds
            elif kind != THROTTLED:
                self._wait_once(seconds)
        return seconds

    def _wait_once(self, seconds: float) -> None:
        """Count the seconds that no other thread waits already."""
        until = self._now() + seconds
        self._waited += max(0.0, until - max(self._now(), self._until))
        self._until = max(self._until, until)

    def _is_spent(self, kind: str, attempt: int, since: float, seconds: float) -> bool:
        """Whether there is no patience left for a wait of so many seconds. A 429 tells that somebody is there, so there
        is no end to all of them but that of the run."""
        if kind == PAGE:
            return attempt > MOST_PAGES or self._waited_for_pages + seconds > PATIENCE_WITH_PAGES
        is_late = self._now() - since + seconds > PATIENCE
        return is_late or (kind != THROTTLED and self._waited + seconds > MOST_PATIENCE)

    def told(self, requests_sent: int) -> str:
        """All failures in one line; empty if there were none."""
        if not self.kinds.total():
            return ""
        counts = joined(f"{kind} {count} times" for kind, count in sorted(self.kinds.items()))
        return f"the gateway failed {self.kinds.total()} of {requests_sent} times, and was asked again: {counts}"


def kind_of(
    outcome: requests.Response | requests.RequestException, call: Call | None = None, method: str | None = ""
) -> str:
    """The kind of a failure in words, such as `502`; empty for what says something about the instance itself. A 429
    that says when to come back was waited for already. `call` is the operation, if one is declared."""
    if isinstance(outcome, requests.Response):
        if is_in_front(outcome, call) and seconds_asked(outcome) is None:
            return THROTTLED
        if is_in_the_way(outcome, call, str(method)):
            return PAGE
        return str(outcome.status_code) if outcome.status_code in GATEWAY else ""
    telling = NoHttp | requests.Timeout | requests.exceptions.SSLError
    return "no connection" if isinstance(outcome, requests.ConnectionError) and not isinstance(outcome, telling) else ""


def may_have_arrived(error: requests.ConnectionError) -> bool:
    """Whether a request that got no answer can have reached the instance."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return not isinstance(reason, NewConnectionError)

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
from mockserver.checks.wording import joined

GATEWAY = frozenset({502, 503, 504})
PATIENCE = 15.0  # seconds for one request: longer than a restart of some seconds
MOST_PATIENCE = 60.0  # seconds for all requests of a run
FIRST_WAIT = 0.25  # seconds; each further one is twice as long
LONGEST_WAIT = 4.0


class AnswerLost(requests.ConnectionError):
    """A change whose answer a gateway lost: it may have happened, and what came of another attempt says nothing."""


class GatewayFailures:
    """The failures of a run, by their kind. `patient` says whether any answer came yet: before that nothing is known of
    the host, and whoever waits for it should be told at once. `now` is in seconds, of a monotonic clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.kinds: Counter[str] = Counter()
        self.patient = False
        self._now, self._waited, self._lock = now, 0.0, threading.Lock()
        self._given_up: set[str] = set()
        self._is_down = False

    def note(self, kind: str) -> None:
        """Count a failure, once it is known that somebody is there."""
        with self._lock:
            self.kinds[kind] += self.patient

    def answered(self, name: str) -> None:
        """Take note of an answer of the instance to an operation."""
        self.patient, self._is_down = True, False
        self._given_up.discard(name)

    def wait(self, name: str, attempt: int, since: float) -> float | None:
        """Seconds until the next attempt at an operation, counted from 1, where the first was made at a time; None if
        there shall be none."""
        seconds: float = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
        with self._lock:
            spent = self._now() - since + seconds > PATIENCE or self._waited + seconds > MOST_PATIENCE
            if not self.patient or spent or self._is_down or name in self._given_up:
                self._given_up.add(name)
                self._is_down = True
                return None
            self._waited += seconds
        return seconds

    def told(self, requests_sent: int) -> str:
        """All failures in one line; empty if there were none."""
        if not self.kinds.total():
            return ""
        counts = joined(f"{kind} {count} times" for kind, count in sorted(self.kinds.items()))
        return f"the gateway failed {self.kinds.total()} of {requests_sent} times, and was asked again: {counts}"


def kind_of(outcome: requests.Response | requests.ConnectionError) -> str:
    """The kind of a failure in words, such as `502`; empty for what says something about the instance itself."""
    if isinstance(outcome, requests.Response):
        return str(outcome.status_code) if outcome.status_code in GATEWAY else ""
    telling = NoHttp | requests.Timeout | requests.exceptions.SSLError
    return "" if isinstance(outcome, telling) else "no connection"


def may_have_arrived(error: requests.ConnectionError) -> bool:
    """Whether a request that got no answer can have reached the instance."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return not isinstance(reason, NewConnectionError)

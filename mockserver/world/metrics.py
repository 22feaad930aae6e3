"""Metrics: what a mock has answered since it started. A reset leaves them, as counters of a process only grow."""

from collections import Counter
from collections.abc import Callable
from time import monotonic  # noqa: TID251 (the uptime of the process, which no test clock moves)


class Traffic:
    """Requests with one operation and status: how many, and how long they took in seconds."""

    __slots__ = ("number", "seconds")

    def __init__(self) -> None:
        self.number, self.seconds = 0, 0.0


class Metrics:
    """The counters of one mock. `now` is the process's own clock, in seconds.

    `requests` are by operationId (None: no operation) and status, `faults` and `violations` by operationId.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now, self._started = now, now()
        self.requests: dict[tuple[str | None, int], Traffic] = {}
        self.faults: Counter[str | None] = Counter()
        self.violations: Counter[str | None] = Counter()

    @property
    def uptime(self) -> float:
        """Seconds since the mock was made."""
        return self._now() - self._started

    def traffic(self, operation_id: str | None, status: int) -> Traffic:
        """The counters of the requests with this operation and status, to be added to."""
        traffic = self.requests.get((operation_id, status))
        if traffic is None:
            traffic = self.requests[operation_id, status] = Traffic()
        return traffic

"""A circuit breaker: a host, or one operation of it, that only fails is left alone."""

import threading
from collections import Counter
from collections.abc import Collection

from mockserver.checks.wording import joined

FAILURES_OF_A_HOST = 12  # in a row, on several operations
FAILURES_OF_AN_OPERATION = 25  # in a row
OPERATIONS_OF_A_HOST = 3
SILENCE = 8  # failures that a time-out counts for, as it also costs time
THROTTLED = 3  # requests in a row


class CircuitBreaker:
    """The failures since the last good response. The breaker opens for a host if several operations fail in a row, and
    for one operation if it fails again and again. Threads may share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row: Counter[str] = Counter()
        self._failing: list[str] = []
        self._affected: set[str] = set()
        self._throttled = 0

    def throttled(self, *, still: bool) -> None:
        """Count a response that was still a 429 after all the waiting that it asked for."""
        self._throttled = self._throttled + 1 if still else 0

    def note(self, operation_id: str, *, failures: int, affected: Collection[str] = ()) -> None:
        """Count an exchange: a 5xx or a lost connection is one failure, a time-out is SILENCE, all else none.

        `affected` are the operations that a finding about this exchange may name; the counted one always is.
        """
        with self._lock:
            if failures:
                self._failing += [operation_id] * failures
                self._in_a_row[operation_id] += failures
                self._affected |= {operation_id, *affected}
            else:
                self._failing.clear()
                self._affected.clear()
                self._in_a_row[operation_id] = 0

    @property
    def open(self) -> str:
        """The reason to leave the host alone, in words; empty if there is none."""
        with self._lock:
            failing, several = len(self._failing), set(self._failing)
        if failing >= FAILURES_OF_A_HOST and len(several) >= OPERATIONS_OF_A_HOST:
            return f"{joined(sorted(several))} had a 5xx, or no answer that can be used, again and again"
        if self._throttled >= THROTTLED:
            return "it answers 429, however long it is waited for"
        return ""

    @property
    def affected(self) -> frozenset[str]:
        """The operations that failures since the last good response may be reported for."""
        return frozenset(self._affected)

    def is_open_for(self, operation_id: str) -> bool:
        """Whether this operation has failed so often in a row that it should be left alone."""
        return self._in_a_row[operation_id] >= FAILURES_OF_AN_OPERATION

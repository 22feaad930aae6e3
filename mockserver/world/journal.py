"""Journal of recent requests and responses. It is bounded; `world.recorded_requests` searches it and shows it."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter  # noqa: TID251 (how long a request took, in real seconds)
from typing import Any, NamedTuple

from mockserver.clock import Clock
from mockserver.http.messages import Header, Request, Response
from mockserver.observers import Observers
from mockserver.remarks import Remarks

SIZE = 250  # exchanges; what is kept must fit into the processor's cache, or every request pays for it
LONGEST_BODY = 16 * 1024  # bytes of each body
LONGEST_HEAD = (
    4 * 1024
)  # bytes of a request's path, query and headers, or of the headers of a response; else less is kept
NO_RESPONSE = 0  # the status of an exchange without a response


class JournalEntry(NamedTuple):
    """A request and its response.

    `number` grows from entry to entry and is never given twice. `at` is in Unix seconds, `ended_at` a moment of the
    journal's stopwatch. Long bodies and heads are cut. `status` is NO_RESPONSE if the client left before it had sent
    its request: then there is no response. `operation_id` is None if the path or method has no operation. `answered` is
    whether the whole response went to a client that was still there.
    """

    number: int
    at: float
    ended_at: float
    request: Request
    status: int
    response_headers: list[Header]
    response_body: bytes
    operation_id: str | None
    remarks: Remarks
    answered: bool

    @property
    def request_id(self) -> str:
        """The entry's name."""
        return f"r-{self.number}"

    @property
    def seconds(self) -> float | None:
        """How long it took until the response was made; None if that isn't known."""
        return self.ended_at - self.request.began_at if self.request.began_at else None


def _shortened(headers: list[Header]) -> list[Header]:
    """The last LONGEST_HEAD bytes of headers, each part cut to a share of that."""
    share, left = LONGEST_HEAD // 8, LONGEST_HEAD
    kept: list[Header] = []
    for name, value in reversed(headers):
        header = name[:share], value[:share]
        left -= len(header[0]) + len(header[1])
        if left < 0:
            break
        kept.append(header)
    return kept[::-1]


class Journal:
    """A ring buffer of the last SIZE exchanges, the oldest first.

    `revision` counts the changes: it is the number of the last entry, or of a `clear` after that. `emptied` is the
    revision of the last `clear`. `observers` are told after each change.
    """

    def __init__(self, clock: Clock, stopwatch: Callable[[], float] = perf_counter) -> None:
        self._clock, self._stopwatch = clock, stopwatch
        self._kept: deque[tuple[Any, ...]] = deque(maxlen=SIZE)  # the fields of entries, which cost less than those
        self._fitting: list[Header] = []  # headers that needn't be cut
        self.revision = self.emptied = 0
        self.observers = Observers[[]]()
        self.one_waiter = asyncio.Lock()  # for who looks again after each change: one at a time

    @property
    def oldest(self) -> int:
        """The number of the oldest entry, or of the one that comes next."""
        return int(self._kept[0][0]) if self._kept else self.revision + 1

    def record(self, request: Request, response: Response, operation_id: str | None = None) -> None:
        """Add an exchange; of more than SIZE the oldest is dropped. Long request bodies and heads are cut in place,
        of the response less is kept."""
        source = request.trim(LONGEST_BODY, LONGEST_HEAD)
        body = response.body
        if len(body) > LONGEST_BODY:
            body = body[:LONGEST_BODY]
        headers = response.headers
        if headers != self._fitting:  # most responses have the headers of the one before
            headers = self._fitted(headers)
        self.revision = number = self.revision + 1
        self._kept.append(
            (
                number,
                self._clock.now(),
                self._stopwatch(),
                request,
                response.status,
                headers,
                body,
                operation_id,
                response.remarks,
                response.ending is None and (source is None or not source.has_left),
            )
        )
        if self.observers:
            self.observers.tell()

    def _fitted(self, headers: list[Header]) -> list[Header]:
        """The headers, or what is kept of large ones."""
        if sum(len(name) + len(value) for name, value in headers) > LONGEST_HEAD:
            return _shortened(headers)
        self._fitting = headers.copy()
        return headers

    @property
    def latest(self) -> JournalEntry | None:
        """The last entry, if the last change has added it."""
        is_new = self._kept and self._kept[-1][0] == self.revision
        return JournalEntry._make(self._kept[-1]) if is_new else None

    def record_abandoned(self, request: Request, operation_id: str | None = None) -> None:
        """Add a request whose client left before it had sent all of it, or before it was begun."""
        self.record(request, Response(NO_RESPONSE, [], ending="dropped"), operation_id)

    def exchanges(self, after: int = 0) -> list[JournalEntry]:
        """All exchanges in the journal, or those with a higher number."""
        return [JournalEntry._make(kept) for kept in self._kept if kept[0] > after]

    def clear(self) -> None:
        """Remove all exchanges."""
        self._kept.clear()
        self.revision += 1
        self.emptied = self.revision
        self.observers.tell()

    def clear_store(self, store_code: str) -> None:
        """Remove the exchanges of a store."""
        entries = [(kept, JournalEntry._make(kept)) for kept in self._kept]
        left = [kept for kept, entry in entries if entry.request.path_parameters.get("storeCode") != store_code]
        self._kept.clear()
        self._kept.extend(left)
        self.revision += 1
        self.observers.tell()

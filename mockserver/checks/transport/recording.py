"""The recording of a run: every exchange with the host, in the order of sending, as it was on the wire.

It is kept in a file that has no name, only its owner can read, and that is gone with the process; memory holds a
number for each exchange. Placeholders stand in it for the run's own credentials, and for the cookies that the host
hands out. What else it answers may hold secrets: whoever shows an exchange cleans it.
"""

import json
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter  # noqa: TID251 (how long an exchange took)
from typing import Any
from urllib.parse import urlsplit

import requests

from mockserver.checks.transport import cookies
from mockserver.clock import Clock

MOST_SENT, MOST_ANSWERED = 65_536, 32_768  # bytes of a body that are kept
Headers = list[tuple[str, str]]


@dataclass
class RecordedExchange:
    """A request and its answer. `scenario` is what was tried, `operation` the operationId, if one is declared.

    `at` is in seconds since 1970, `seconds` how long it took. Bodies are cut; sizes are those on the wire. `status` is
    0 and `error` says why where nothing that can be used came back.
    """

    number: int
    scenario: str
    operation: str
    method: str
    url: str
    at: float
    headers: Headers = field(default_factory=list)
    body: str = ""
    size: int = 0
    seconds: float = 0.0
    status: int = 0
    reason: str = ""
    answer_headers: Headers = field(default_factory=list)
    answer: str = ""
    answer_size: int = 0
    error: str = ""

    def answered(self, response: requests.Response) -> None:
        """Take note of the whole answer."""
        content = response.content or b""
        self.status, self.reason = response.status_code, response.reason or ""
        self.answer_headers = cookies.headers_of(response)
        self.answer, self.answer_size = _text(content[:MOST_ANSWERED]), len(content)

    @property
    def is_whole(self) -> bool:
        """Whether the body that was sent is kept as it was."""
        return self.size <= MOST_SENT

    @property
    def content(self) -> Any:
        """The answer as JSON; None if it is something else, or was cut."""
        try:
            return json.loads(self.answer)
        except (ValueError, RecursionError):
            return None


class Recording:
    """The exchanges of a run; threads may add some at the same time. `stage` is what the run does, for requests that
    no scenario makes."""

    def __init__(self, now: Callable[[], float] | None = None) -> None:
        self._now = now or Clock().now
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with this object)
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._offsets: list[int] = []
        self._of_requests: weakref.WeakKeyDictionary[requests.PreparedRequest, int] = weakref.WeakKeyDictionary()
        self._scenario: ContextVar[str] = ContextVar("scenario", default="")
        self.stage = ""

    def __len__(self) -> int:
        return len(self._offsets)

    def __iter__(self) -> Iterator[RecordedExchange]:
        """All exchanges, in the order in which they were sent."""
        return (self.exchange(number) for number, offset in enumerate(self._offsets) if offset >= 0)

    def exchange(self, number: int) -> RecordedExchange:
        """The exchange with a number."""
        with self._lock:
            self._file.seek(self._offsets[number])
            line = self._file.readline()
        return RecordedExchange(**json.loads(line))

    def number_of(self, request: Any) -> int | None:
        """The number of the last exchange for a request; None if it was never sent."""
        return self._of_requests.get(request) if isinstance(request, requests.PreparedRequest) else None

    def answering(self, operation: str, name: str, value: str) -> list[RecordedExchange]:
        """The exchanges in which an operation answered with an object that has this value."""
        contents = ((one, one.content) for one in self if one.operation == operation and value in one.answer)
        return [one for one, content in contents if isinstance(content, dict) and content.get(name) == value]

    # ---------------------------------------------------------------- what is tried
    @property
    def scenario(self) -> str:
        """What is being tried in this thread."""
        return self._scenario.get() or self.stage

    def enter(self, scenario: str) -> None:
        """Take note of what this thread tries from now on."""
        self._scenario.set(scenario)

    @contextmanager
    def under(self, scenario: str) -> Iterator[None]:
        """Take note of what this thread tries until the end of the context."""
        token = self._scenario.set(scenario)
        try:
            yield
        finally:
            self._scenario.reset(token)

    # ---------------------------------------------------------------- what is sent
    @contextmanager
    def exchanging(
        self, operation: str, request: requests.PreparedRequest, real: requests.PreparedRequest
    ) -> Iterator[RecordedExchange]:
        """Record an exchange: `request` has placeholders where `real`, which is sent, has secrets. A context that ends
        with an error is one without an answer."""
        seen = self._begun(operation, request, real)
        begin = perf_counter()
        try:
            yield seen
        except BaseException as error:
            seen.error = f"{type(error).__name__}: {error}"
            raise
        finally:
            seen.seconds = perf_counter() - begin
            self._write(seen)

    def _begun(
        self, operation: str, request: requests.PreparedRequest, real: requests.PreparedRequest
    ) -> RecordedExchange:
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        with self._lock:
            number = len(self._offsets)
            self._offsets.append(-1)
        self._of_requests[request] = number
        exchange = RecordedExchange(
            number, self.scenario, operation, str(request.method).upper(), str(request.url), self._now()
        )
        exchange.headers = list(_headers(request, real, len(body)))
        exchange.body, exchange.size = _text(body[:MOST_SENT]), len(body)
        return exchange

    def _write(self, exchange: RecordedExchange) -> None:
        line = json.dumps(vars(exchange)).encode() + b"\n"
        with self._lock:
            self._offsets[exchange.number] = self._file.seek(0, 2)
            self._file.write(line)


def _headers(request: requests.PreparedRequest, real: requests.PreparedRequest, size: int) -> Iterator[tuple[str, str]]:
    """The headers on the wire, with placeholders in place of secrets. A length would tell that of a password."""
    yield "Host", urlsplit(str(real.url)).netloc.rpartition("@")[2]
    for name, value in real.headers.items():
        asked = request.headers.get(name, value)
        shown = asked if "$OL_" in _word(asked) else value
        yield name, str(size) if name.lower() == "content-length" else _word(shown)


def _word(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _text(content: Any) -> str:
    """A text that holds every byte, also of what is no UTF-8."""
    return content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else str(content)

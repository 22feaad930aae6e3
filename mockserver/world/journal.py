"""Journal of recent requests and responses. It is bounded, and shows no secrets."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import orjson

from mockserver.clock import Clock, timestamp
from mockserver.escaping import MASK, SECRET_HEADERS
from mockserver.http.messages import Header, Request, Response
from mockserver.openapi.contract import Contract

BREACH_HEADER = b"x-mock-contract-violation"  # of a response: the report of the response validator
SIZE = 250  # exchanges; what is kept must fit into the processor's cache, or every request pays for it
LONGEST_BODY = 16 * 1024  # bytes of each body
LONGEST_HEAD = 4 * 1024  # bytes of path, query and headers of a request; of a longer one, less is kept
SECRET_PROPERTIES = frozenset(
    {
        "apiKey",
        "headerValue",
        "hmacSecretKey",
        "password",
        "plainPassword",
        "queueEncryptionKey",
        "queueKey",
        "queueSecretKey",
        "refresh_token",
        "token",
    }
)


class JournalEntry(NamedTuple):
    """A request and its response; `at` is in Unix seconds, long bodies and heads are cut. `operation_id` is None if the
    path or method has no operation."""

    at: float
    method: str
    path: str
    request_headers: Mapping[bytes, bytes]
    request_body: bytes
    status: int
    response_headers: list[Header]
    response_body: bytes
    operation_id: str | None = None

    @property
    def violation(self) -> str | None:
        """Report of the response validator on this response, or None if the response is valid."""
        report = dict(self.response_headers).get(BREACH_HEADER)
        return None if report is None else report.decode("latin-1")

    def as_json(self) -> dict[str, Any]:
        """The exchange as the control plane shows it, without secrets."""
        return {
            "at": timestamp(self.at),
            "method": self.method,
            "path": self.path,
            "operationId": self.operation_id,
            "request": {"headers": _headers(self.request_headers.items()), "body": _shown(self.request_body)},
            "status": self.status,
            "answer": {"headers": _headers(self.response_headers), "body": _shown(self.response_body)},
            "contractViolation": self.violation,
        }


_Kept = tuple[float, Request, int, list[Header], bytes, str | None]


class Journal:
    """A ring buffer of the last SIZE exchanges, the oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.observer: Callable[[Callable[[], JournalEntry], int], None] | None = None
        self._kept: deque[_Kept] = deque(maxlen=SIZE)

    def record(self, request: Request, response: Response, operation_id: str | None = None) -> None:
        """Add an exchange; of more than SIZE the oldest is dropped. Long request bodies and heads are cut in place."""
        request.trim(LONGEST_BODY, LONGEST_HEAD)
        body = response.body if len(response.body) <= LONGEST_BODY else response.body[:LONGEST_BODY]
        self._kept.append((self._clock.now(), request, response.status, response.headers, body, operation_id))
        if self.observer:  # which gets a function that makes the entry, and about how many bytes it holds
            self.observer(partial(_exchange, self._kept[-1]), LONGEST_HEAD + len(body) + len(request.body or b""))

    def exchanges(self) -> list[JournalEntry]:
        """All exchanges in the journal."""
        return [_exchange(kept) for kept in self._kept]

    def clear(self) -> None:
        """Remove all exchanges."""
        self._kept.clear()


def _exchange(kept: _Kept) -> JournalEntry:
    at, request, status, headers, body, operation_id = kept
    sent = request.method, request.path, request.headers, request.body or b""
    return JournalEntry(at, *sent, status, headers, body, operation_id)


def key_headers(contract: Contract) -> set[str]:
    """Lower-case names of the headers that carry API keys, by the contract's security schemes."""
    schemes = contract.document.get("components", {}).get("securitySchemes", {}).values()
    resolved = [contract.resolved(scheme) for scheme in schemes]
    return {scheme["name"].lower() for scheme in resolved if scheme.get("in") == "header"}


def without_keys(shown: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    """A journal entry with the values of these headers masked."""
    headers = shown["request"]["headers"]
    headers.update({name: MASK for name in headers if name.lower() in keys})
    return shown


def _headers(headers: Iterable[Header]) -> dict[str, str]:
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    return {name: MASK if name.lower() in SECRET_HEADERS else value for name, value in pairs}


def _shown(body: bytes) -> object:
    """A body as JSON without secrets. Text that is no JSON is shown only if it has no name of a secret property."""
    if not body:
        return None
    try:
        return _redacted(orjson.loads(body))
    except orjson.JSONDecodeError:
        text = body.decode("utf-8", "replace")
        return MASK if any(name in text for name in SECRET_PROPERTIES) else text


def _redacted(content: object) -> object:
    if isinstance(content, Mapping):
        return {
            key: MASK if key in SECRET_PROPERTIES and value is not None else _redacted(value)
            for key, value in content.items()
        }
    return [_redacted(item) for item in content] if isinstance(content, list) else content

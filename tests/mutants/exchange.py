"""What passes the proxy: a request, and the answer to it. Both are values; a fault makes new ones."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from mockserver.openapi.contract import Contract

Headers = tuple[tuple[str, str], ...]
Json = Any
STORE, OTHER_STORE = "DEFAULT", "OTHER"
# Who may log in, as the mock has it; a faulty server knows them.
ADMIN = {"username": "admin", "password": "password"}
MEMBER = {"username": "member", "password": "password"}
API_KEY = "mock-api-key"


@dataclass(frozen=True, slots=True)
class Message:
    """Headers and a body."""

    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_header(self, name: str, value: str | None) -> Self:
        """The same with one header replaced; None removes it."""
        kept = tuple((key, old) for key, old in self.headers if key.lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    @property
    def json(self) -> Json:
        """The body as JSON, or None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def with_json(self, content: Json) -> Self:
        """The same with another body."""
        return replace(self, body=json.dumps(content).encode())


@dataclass(frozen=True, slots=True)
class Request(Message):
    """A request as it came in. `target` is path and query, undecoded."""

    method: str = "GET"
    target: str = "/"

    @property
    def path(self) -> str:
        """The path, undecoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's names and values, decoded and in order."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def parameter(self, name: str) -> str | None:
        """The last value of a query parameter: it is the one that counts."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def with_query(self, query: Iterable[tuple[str, str]]) -> "Request":
        """The same with another query."""
        text = urlencode(list(query))
        return replace(self, target=self.path + (f"?{text}" if text else ""))

    def with_parameters(self, **values: object) -> "Request":
        """The same with these query parameters replaced."""
        kept = [(name, value) for name, value in self.query if name not in values]
        return self.with_query([*kept, *((name, str(value)) for name, value in values.items())])

    def without_parameters(self, *names: str) -> "Request":
        """The same without these query parameters."""
        return self.with_query((name, value) for name, value in self.query if name not in names)

    @property
    def operation(self) -> str | None:
        """The operationId, or None if the contract has no such path and method."""
        found = (name for verb, path, name in _operations() if verb == self.method and path.fullmatch(self.path))
        return next(found, None)

    @property
    def store(self) -> str | None:
        """The store in the path."""
        return self._in_path("storeCode")

    @property
    def id(self) -> str | None:
        """The id of the subscription in the path."""
        return self._in_path("webhookSubscription")

    def _in_path(self, name: str) -> str | None:
        found = next((match for _, path, _ in _operations() if (match := path.fullmatch(self.path))), None)
        return found.groupdict().get(name) if found else None

    @property
    def bearer(self) -> str | None:
        """The bearer token."""
        scheme, _, token = (self.header("Authorization") or "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class Answer(Message):
    """The answer. `delay` holds it back for so many seconds; `cut` ends the connection in the middle of the body."""

    status: int = 200
    delay: float = 0
    cut: bool = False

    @classmethod
    def of(cls, status: int, content: Json = None) -> "Answer":
        """An answer with a JSON body, or without one."""
        if content is None:
            return cls(status=status)
        return cls((("content-type", "application/json"),), json.dumps(content).encode(), status)


Send = Callable[[Request], Awaitable[Answer]]


def calling(request: Request, method: str, path: str, content: Json = None) -> Request:
    """Another request of the same caller."""
    body = b"" if content is None else json.dumps(content).encode()
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in _OF_A_BODY)
    typed = (*headers, ("Content-Type", "application/json")) if body else headers
    return Request(typed, body, method, path)


def operation_ids() -> frozenset[str]:
    """All operations of the contract."""
    return frozenset(name for _, _, name in _operations())


_OF_A_BODY = {"content-type", "content-length", "transfer-encoding", "content-encoding"}


@cache
def _operations() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    document = Contract.load().document
    return tuple(
        (method.upper(), re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), operation["operationId"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    )

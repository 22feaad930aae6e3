"""What both sides are asked, and what one of them answers, as values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import requests

from mockserver.openapi.resources import Call
from mockserver.openapi.runtime_expressions import ExchangeValues
from mockserver.openapi.structure import bare_type

ADMIN, MEMBER, NOBODY = "the run", "a member", "nobody"
Json = dict[str, Any]
Path = tuple[str | int, ...]  # through a JSON value
MOST_SHOWN = 600  # characters of a body


@dataclass(frozen=True)
class Ask:
    """A request in the words of the mock: `arguments`, `query` and `body` name what the mock has answered.

    `who` sends it: the run, a member or nobody; `headers` come on top. `raw` is a body that isn't JSON. `method` is
    another one than that of the operation. A list in `query` stands for a parameter that is there several times.
    """

    call: Call
    arguments: Mapping[str, str]
    tried: str
    who: str = ADMIN
    body: Any = None
    raw: bytes | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str | None = None

    @property
    def names_a_record(self) -> bool:
        """Whether the path leads to one record."""
        return self.call.record is not None


class Answer(NamedTuple):
    """An answer. `content` is the body as JSON, if `is_json`; `request` is what was sent, without the secrets in it."""

    status: int
    headers: Mapping[str, str]
    text: str
    content: Any
    is_json: bool
    request: requests.PreparedRequest
    number: int | None = None

    @classmethod
    def of(cls, response: requests.Response, number: int | None = None) -> "Answer":
        """The answer in a response."""
        try:
            content, is_json = json.loads(response.content), True
        except (ValueError, RecursionError):
            content, is_json = None, False
        headers = {name.lower(): value for name, value in response.headers.items()}
        text = response.content.decode("utf-8", "replace") if response.content else ""
        return cls(response.status_code, headers, text, content, is_json, response.request, number)

    @property
    def media_type(self) -> str:
        """The media type, without parameters; empty if there is none."""
        return bare_type(self.headers.get("content-type", ""))

    @property
    def succeeded(self) -> bool:
        """Whether this is a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 (the statuses of successes)

    def value(self, name: str) -> Any:
        """A property of the JSON object in a success; None if there is none."""
        return self.content.get(name) if self.succeeded and isinstance(self.content, dict) else None

    @property
    def shown(self) -> str:
        """The answer in a line."""
        return f"{self.status} {self.text}".strip()


class Pair(NamedTuple):
    """Both answers to one request."""

    ask: Ask
    mock: Answer
    live: Answer

    @property
    def values(self) -> ExchangeValues:
        """What links can name of the exchange, in the words of the mock."""
        return ExchangeValues(
            self.ask.call.method,
            str(self.mock.request.url),
            self.mock.status,
            path=self.ask.arguments,
            query={name: value for name, value in self.ask.query.items() if isinstance(value, str)},
            headers={name.lower(): value for name, value in self.ask.headers.items()},
            body=self.ask.body,
            response_headers=self.mock.headers,
            response_body=self.mock.content,
        )

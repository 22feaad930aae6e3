"""Runtime expressions of links, evaluated on an exchange with the server that is judged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests

from mockserver.openapi.resources import Call
from mockserver.openapi.runtime_expressions import ExchangeValues, Unavailable, value_of

__all__ = ["LinkSource", "Unavailable"]


@dataclass(frozen=True)
class LinkSource:
    """A request to an operation, and its response."""

    call: Call
    arguments: Mapping[str, str]
    body: Any
    response: requests.Response

    def value(self, expression: Any) -> Any:
        """The value of an expression, or of a structure with expressions in it. Raises Unavailable."""
        return value_of(expression, self._values)

    @cached_property
    def _values(self) -> ExchangeValues:
        response = self.response
        return ExchangeValues(
            self.call.method,
            response.url,
            response.status_code,
            path=self.arguments,
            body=self.body,
            response_headers={name.lower(): value for name, value in response.headers.items()},
            response_body=_content(response),
        )


def _content(response: requests.Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None

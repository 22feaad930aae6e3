"""Runtime expressions of links, as OpenAPI has them, evaluated on an exchange that took place."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from mockserver.openapi.resources import Call

_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")


class Unavailable(LookupError):
    """A value that the exchange doesn't have."""


@dataclass(frozen=True)
class LinkSource:
    """A request to an operation, and its response."""

    call: Call
    arguments: Mapping[str, str]
    body: Any
    response: requests.Response

    def value(self, expression: Any) -> Any:
        """The value of an expression, or of a structure with expressions in it. Raises Unavailable."""
        if isinstance(expression, Mapping):
            return {name: self.value(item) for name, item in expression.items()}
        if isinstance(expression, list):
            return [self.value(item) for item in expression]
        if not isinstance(expression, str):
            return expression
        if expression.startswith("$"):
            return self._named(expression)
        return _EMBEDDED.sub(lambda found: str(self._named(found[1])), expression)

    def _named(self, expression: str) -> Any:
        source, _, pointer = expression.partition("#")
        match source.split(".", 2):
            case ["$request", "path", name] if name in self.arguments:
                return self.arguments[name]
            case [("$request" | "$response") as side, "body"]:
                return _at(self.body if side == "$request" else _content(self.response), pointer, expression)
            case ["$response", "header", name] if name in self.response.headers:
                return self.response.headers[name]
            case ["$statusCode"]:
                return self.response.status_code
            case ["$url"]:
                return self.response.url
        raise Unavailable(expression)


def _at(value: Any, pointer: str, expression: str) -> Any:
    """The value at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (LookupError, TypeError, ValueError) as error:
            raise Unavailable(expression) from error
    if value is None:
        raise Unavailable(expression)
    return value


def _content(response: requests.Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None

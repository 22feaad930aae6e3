"""Runtime expressions, as links and callbacks of OpenAPI have them, evaluated on an exchange that took place."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")
_AUTHORITY = re.compile("https?://[^/?#]*")  # the beginning of a URL, up to somewhere in its host and port
_NOTHING: Mapping[str, str] = {}


class Unavailable(LookupError):
    """A value that the exchange doesn't have. Its argument is the expression."""


class ExchangeValues(NamedTuple):
    """What expressions can name of a request and its response: parsed bodies, None if they are none, and headers by
    their names in lower case."""

    method: str
    url: str
    status: int
    path: Mapping[str, str] = _NOTHING
    query: Mapping[str, str] = _NOTHING
    headers: Mapping[str, str] = _NOTHING
    body: Any = None
    response_headers: Mapping[str, str] = _NOTHING
    response_body: Any = None


def value_of(expression: Any, exchange: ExchangeValues, *, loose: bool = False) -> Any:
    """The value of an expression, or of a structure with expressions in it: a text that is one has its value, a text
    with some in braces those in their places. Raises Unavailable.

    `loose` understands what FastAPI's documentation writes, too, and many have copied: `$callback_url` for a parameter
    or property of this name, `$request.body.id` for a pointer.
    """
    if isinstance(expression, Mapping):
        return {name: value_of(item, exchange, loose=loose) for name, item in expression.items()}
    if isinstance(expression, list):
        return [value_of(item, exchange, loose=loose) for item in expression]
    if not isinstance(expression, str):
        return expression
    find = _found if loose else _named
    if expression.startswith("$"):
        return find(expression, exchange)
    return _EMBEDDED.sub(lambda found: str(find(found[1], exchange)), expression)


def url_of(expression: str, exchange: ExchangeValues) -> str:
    """The URL of a callback, as `loose` understands it. What stands at its beginning is taken as it is, the rest of
    what is embedded percent-encoded: as one step of a path, or one value of a query. Raises Unavailable."""
    if expression.startswith("$"):
        return str(value_of(expression, exchange, loose=True))

    def embedded(found: re.Match[str]) -> str:
        value = str(_found(found[1], exchange))
        if not found.start():
            return value
        if value in (".", ".."):
            return value.replace(".", "%2E")  # no way up
        return quote(value, safe=":[]" if _AUTHORITY.fullmatch(expression[: found.start()]) else "", errors="replace")

    return _EMBEDDED.sub(embedded, expression)


def _found(expression: str, exchange: ExchangeValues) -> Any:
    try:
        return _named(expression, exchange)
    except Unavailable:
        match expression.split(".", 2):
            case ["$request", "body", name]:
                return _at(exchange.body, f"/{name.replace('.', '/')}", expression)
            case ["$response", "body", name]:
                return _at(exchange.response_body, f"/{name.replace('.', '/')}", expression)
            case [name]:
                body = exchange.body if isinstance(exchange.body, Mapping) else {}
                known = {**body, **exchange.path, **exchange.query}
                if known.get(name[1:]) is not None:
                    return known[name[1:]]
        raise


def _named(expression: str, exchange: ExchangeValues) -> Any:
    source, _, pointer = expression.partition("#")
    named = {
        "$request.path": exchange.path,
        "$request.query": exchange.query,
        "$request.header": exchange.headers,
        "$response.header": exchange.response_headers,
    }
    match source.split(".", 2):
        case ["$method"]:
            return exchange.method
        case ["$url"]:
            return exchange.url
        case ["$statusCode"]:
            return exchange.status
        case ["$request", "body"]:
            return _at(exchange.body, pointer, expression)
        case ["$response", "body"]:
            return _at(exchange.response_body, pointer, expression)
        case [side, place, name]:
            key = name.lower() if place == "header" else name
            found = named.get(f"{side}.{place}", _NOTHING).get(key)
            if found is not None:
                return found
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

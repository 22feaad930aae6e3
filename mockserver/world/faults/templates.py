"""Templates: answers of rules that repeat parts of the request, such as `{{request.body.email}}`.

There is nothing to compute with, and whatever is filled in is cut: so an answer can't grow beyond a megabyte.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from mockserver.clock import timestamp
from mockserver.world.json_path import find, parse
from mockserver.world.request_facts import NO_BODY, RequestFacts

LONGEST_FILLED = 8_192  # characters of each value
MOST_PLACES = 100  # of one answer
KNOWN = (
    "now, request.method, request.path, request.path.NAME, request.query.NAME, request.headers.NAME, request.body, "
    "request.body.NAME[0].NAME"
)
_PLACE = re.compile(r"\{\{([^{}]*)\}\}")
_NOTHING = object()

Value = Callable[[RequestFacts, float], object]


class Template:
    """What an answer fills in. Made of texts, lists and objects; keys of objects stay as they are."""

    def __init__(self, *parts: object) -> None:
        self._expressions = [expression for part in parts for expression in expressions(part)]

    @property
    def reads_body(self) -> bool:
        """Whether it needs the body of the request."""
        return any(expression.startswith("request.body") for expression in self._expressions)

    def problems(self) -> Iterator[str]:
        """What can't be filled in, as sentences."""
        if len(self._expressions) > MOST_PLACES:
            yield f"An answer can have {MOST_PLACES} places to fill in; this one has {len(self._expressions)}."
        for expression in dict.fromkeys(self._expressions):
            if value_of(expression) is None:
                yield f"{{{{{expression}}}}} is not known. Known are: {KNOWN}."


def expressions(part: object) -> Iterator[str]:
    """The expressions in a JSON value, in their order."""
    if isinstance(part, str):
        yield from map(str.strip, _PLACE.findall(part))
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from expressions(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from expressions(inner)


def filled(part: Any, facts: RequestFacts, now: float) -> Any:
    """A JSON value with all places filled in. A text that is nothing but one place becomes its value: a number stays
    one, and what isn't there becomes null. Within a longer text, what isn't there is empty."""
    if isinstance(part, str):
        alone = _PLACE.fullmatch(part)
        return _bounded(_evaluated(alone[1], facts, now)) if alone else filled_text(part, facts, now)
    if isinstance(part, Mapping):
        return {key: filled(inner, facts, now) for key, inner in part.items()}
    return [filled(inner, facts, now) for inner in part] if isinstance(part, list) else part


def filled_text(text: str, facts: RequestFacts, now: float) -> str:
    """A text with all places filled in; other values than texts are written as JSON."""
    return _PLACE.sub(lambda found: _as_text(_evaluated(found[1], facts, now)), text)


def value_of(expression: str) -> Value | None:
    """The function that gets the value of an expression; None for an unknown one."""
    source, _, rest = expression.removeprefix("request.").partition(".")
    if expression == "now":
        return lambda _, now: timestamp(now)
    if not expression.startswith("request."):
        return None
    if expression == "request.method":
        return lambda facts, _: facts.method
    if expression == "request.path":
        return lambda facts, _: facts.path
    if source.partition("[")[0] == "body":
        return _of_body("$" + expression.removeprefix("request.body"))
    return _named(source, rest) if rest else None


def _named(source: str, name: str) -> Value | None:
    match source:
        case "path":
            return lambda facts, _: facts.parameters.get(name, _NOTHING)
        case "query":
            return lambda facts, _: next(iter(facts.query.get(name, ())), _NOTHING)
        case "headers":
            return lambda facts, _: _NOTHING if (value := facts.header(name)) is None else value
        case _:
            return None


def _of_body(path: str) -> Value | None:
    steps = parse(path)
    if steps is None or None in steps:
        return None
    return lambda facts, _: next((one for one in find(steps, facts.body) if one is not NO_BODY), _NOTHING)


def _evaluated(expression: str, facts: RequestFacts, now: float) -> object:
    value = value_of(expression.strip())
    return _NOTHING if value is None else value(facts, now)


def _bounded(value: object) -> object:
    """The value, if it is small; else as much of its text as may be filled in."""
    if value is _NOTHING:
        return None
    text = _as_text(value)
    return value if len(text) < LONGEST_FILLED else text


def _as_text(value: object) -> str:
    if value is _NOTHING:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text[:LONGEST_FILLED]

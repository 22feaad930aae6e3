"""Request matcher: a `match` object of the control plane, compiled to conditions that a request fits or doesn't.

`RequestMatch` of control.yaml describes it. All parts that are given must fit; an empty match fits every request.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import jsonschema_rs
import orjson

from mockserver.errors import BadRequest
from mockserver.http.messages import Request
from mockserver.openapi.expressions import OPTIONS, Expressions
from mockserver.violations import Path, Violation, breach
from mockserver.world.json_path import find, parse

OPERATORS = frozenset({"absent", "contains", "equals", "matches"})
MOST_PATTERN_WEIGHT = 50_000  # of all patterns of a match: they take some 30 ms to compile
NO_PATH = "This is no JSON path that can be used. It begins with $, and goes on with .name, ['name'], [0] or [*]."
FORM = b"application/x-www-form-urlencoded"
# What a misfit of a part says about how far a request is from the one that was meant; any other part weighs 1.
_WEIGHTS = {"operationId": 4, "path": 4, "method": 2, "storeCode": 2}

Values = list[Any]  # what is found at a part of a request: nothing, a value, or several
Test = Callable[[Values], bool]


class RequestFacts:
    """A request as a matcher sees it. What has to be parsed is parsed when it is first asked for.

    The body has to be read before. `status` is that of the response, None if there is none yet.
    """

    def __init__(self, request: Request, operation_id: str | None = None, status: int | None = None) -> None:
        self._request = request
        self.operation_id, self.status = operation_id, status
        self.method, self.path = request.method, request.path

    @property
    def store_code(self) -> str | None:
        """The store of the path, whether it exists or not; None if the path has none."""
        return self._request.path_parameters.get("storeCode")

    @property
    def raw_query(self) -> str:
        """The query as it was sent; empty if there is none."""
        return self._request.query_string.decode("latin-1")

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The decoded query parameters: all texts of each, in their order."""
        return parse_qs(self.raw_query, keep_blank_values=True)

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers by their lower-case names."""
        return {name.decode("latin-1"): text.decode("latin-1") for name, text in self._request.headers.items()}

    @cached_property
    def body(self) -> Any:
        """The body as JSON; a form as an object; anything else as text; None if there is none."""
        raw = self._request.body or b""
        if not raw:
            return None
        if self._request.headers.get(b"content-type", b"").lower().startswith(FORM):
            fields = parse_qs(raw.decode("latin-1"), keep_blank_values=True)
            return {name: texts[0] if len(texts) == 1 else texts for name, texts in fields.items()}
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError:
            return raw.decode("utf-8", "replace")


class Misfit(NamedTuple):
    """A part of a request that isn't as expected, such as query._page or body.customer.email. `actual` has the
    values there: none if it is absent."""

    part: str
    expected: Any
    actual: Values

    @property
    def weight(self) -> int:
        """How much it says against this having been the request that was meant."""
        return _WEIGHTS.get(self.part, 1)

    def as_json(self) -> dict[str, Any]:
        """The misfit as the control plane shows it: several values as a list, and no `actual` for none."""
        shown = {"part": self.part, "expected": self.expected}
        if not self.actual:
            return shown
        return shown | {"actual": self.actual[0] if len(self.actual) == 1 else self.actual}


class _Condition(NamedTuple):
    part: str
    expected: Any
    values: Callable[[RequestFacts], Values]
    holds: Test


class RequestMatch:
    """A compiled `match` object."""

    def __init__(self, conditions: Sequence[_Condition]) -> None:
        self._conditions = tuple(conditions)

    def fits(self, facts: RequestFacts) -> bool:
        """Whether a request fits."""
        return all(condition.holds(condition.values(facts)) for condition in self._conditions)

    def misfits(self, facts: RequestFacts, shown: RequestFacts | None = None) -> list[Misfit]:
        """The parts of a request that don't fit. Their actual values are taken from `shown`, the same request without
        its secrets, if that is given."""
        return [
            Misfit(condition.part, condition.expected, condition.values(shown or facts))
            for condition in self._conditions
            if not condition.holds(condition.values(facts))
        ]


def compile_match(match: Mapping[str, Any], at: Path = ("match",)) -> RequestMatch:
    """The matcher of a `match` object, which has the form of its schema in control.yaml and stands at a path of the
    request. Raises BadRequest that names every expression that can't be used."""
    compiler = _Compiler()
    conditions = [*compiler.conditions(match, at)]
    if compiler.problems:
        raise BadRequest(compiler.problems)
    return RequestMatch(conditions)


class _Compiler:
    """Compiles one match, and collects its problems."""

    def __init__(self) -> None:
        self.problems: list[Violation] = []
        self._expressions = Expressions(MOST_PATTERN_WEIGHT)

    def conditions(self, match: Mapping[str, Any], at: Path) -> Iterator[_Condition]:
        """The conditions, those first that cost least to try."""
        for part, values in _SINGLE_PARTS.items():
            if part in match:
                wanted = match[part].upper() if part == "method" and isinstance(match[part], str) else match[part]
                yield _Condition(part, match[part], values, self._test(wanted, (*at, part)))
        for name, wanted in match.get("query", {}).items():
            test = self._text_test(wanted, (*at, "query", name))
            yield _Condition(f"query.{name}", wanted, _query_values(name), test)
        for name, wanted in match.get("headers", {}).items():
            test = self._text_test(wanted, (*at, "headers", name))
            yield _Condition(f"headers.{name.lower()}", wanted, _header_values(name.lower()), test)
        if "body" in match:
            yield from self._body_conditions(match["body"], (*at, "body"))

    def _body_conditions(self, wanted: Any, at: Path) -> Iterator[_Condition]:
        if not isinstance(wanted, dict):
            yield _Condition("body", wanted, _body_values, _is_one_of(wanted) if wanted is not None else _is_nothing)
            return
        partial = {name: value for name, value in wanted.items() if not name.startswith("$")}
        if partial or not wanted:
            yield from _partial_conditions(partial, (), "body")
        for text in wanted.keys() - partial.keys():
            steps = parse(text)
            if steps is None:
                self.problems.append(breach((*at, text), "jsonPath", NO_PATH))
                continue
            part = f"body{text[1:]}"
            yield _Condition(part, wanted[text], _found(steps), self._test(wanted[text], (*at, text)))

    def _text_test(self, wanted: Any, at: Path) -> Test:
        """The test of the texts of a query parameter or header."""
        if isinstance(wanted, list):
            texts = [_text(one) for one in wanted]
            return lambda found: found == texts
        if isinstance(wanted, dict):
            return self._test({name: _text(one) if name != "absent" else one for name, one in wanted.items()}, at)
        return self._test(_text(wanted), at)

    def _test(self, wanted: Any, at: Path) -> Test:
        """The test for a value, or for the operators of an object that has only those."""
        if not isinstance(wanted, dict) or not wanted or wanted.keys() - OPERATORS:
            return _is_one_of(wanted)
        tests = [self._operator(name, operand, (*at, name)) for name, operand in wanted.items() if name != "absent"]
        absent = wanted.get("absent")
        if absent is True:
            return _is_nothing
        return lambda found: any(all(test(value) for test in tests) for value in found)

    def _operator(self, name: str, operand: Any, at: Path) -> Callable[[Any], bool]:
        if name == "equals":
            return lambda value: _same(operand, value)
        if name == "contains":
            return lambda value: _contains(value, operand)
        if not isinstance(operand, str) or not self._expressions.can_use(operand):
            message = "This is no regular expression that can be used; or it is too large."
            self.problems.append(breach(at, "pattern", message))
            return lambda _value: False
        matches = jsonschema_rs.Draft4Validator({"pattern": operand}, pattern_options=OPTIONS).is_valid
        return lambda value: not isinstance(value, dict | list) and value is not None and matches(_text(value))


# ---------------------------------------------------------------- where a part's values are
_SINGLE_PARTS: Mapping[str, Callable[[RequestFacts], Values]] = {
    "operationId": lambda facts: _present(facts.operation_id),
    "method": lambda facts: [facts.method],
    "storeCode": lambda facts: _present(facts.store_code),
    "path": lambda facts: [facts.path],
    "status": lambda facts: _present(facts.status),
}


def _present(value: Any) -> Values:
    return [] if value is None else [value]


def _body_values(facts: RequestFacts) -> Values:
    return _present(facts.body)


def _query_values(name: str) -> Callable[[RequestFacts], Values]:
    return lambda facts: list(facts.query.get(name, ()))


def _header_values(name: str) -> Callable[[RequestFacts], Values]:
    return lambda facts: _present(facts.headers.get(name))


def _found(steps: Sequence[str | int | None]) -> Callable[[RequestFacts], Values]:
    return lambda facts: find(steps, facts.body) if steps else _body_values(facts)


def _partial_conditions(partial: Mapping[str, Any], steps: tuple[str, ...], part: str) -> Iterator[_Condition]:
    """A condition for each value of a partial object that is no object itself; further properties don't matter."""
    if not partial:
        yield _Condition(part, {}, _found(steps), _is_one_of({}))
    for name, wanted in partial.items():
        where, named = (*steps, name), f"{part}.{name}"
        if isinstance(wanted, dict):
            yield from _partial_conditions(wanted, where, named)
        else:
            yield _Condition(named, wanted, _found(where), _is_one_of(wanted))


# ---------------------------------------------------------------- whether values are as expected
def _is_one_of(wanted: Any) -> Test:
    """The test whether one of the values fits: an object may have further properties, at any depth."""
    return lambda found: any(_same(wanted, value, partially=True) for value in found)


def _is_nothing(found: Values) -> bool:
    return not found


def _same(wanted: Any, value: Any, *, partially: bool = False) -> bool:
    """Whether two JSON values are the same, or the wanted one is part of the other. Unlike in Python, true isn't 1."""
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, dict) and isinstance(value, dict):
        has_all = wanted.keys() <= value.keys() if partially else wanted.keys() == value.keys()
        return has_all and all(_same(wanted[name], value[name], partially=partially) for name in wanted)
    if isinstance(wanted, list) and isinstance(value, list):
        pairs = zip(wanted, value, strict=False)
        return len(wanted) == len(value) and all(_same(one, other, partially=partially) for one, other in pairs)
    return bool(wanted == value)


def _contains(value: Any, piece: Any) -> bool:
    """Whether a text has a piece, a list an item, or an object these properties."""
    if isinstance(value, str):
        return isinstance(piece, str) and piece in value
    if isinstance(value, list):
        return any(_same(piece, item, partially=True) for item in value)
    return isinstance(value, dict) and isinstance(piece, dict) and _same(piece, value, partially=True)


def _text(value: Any) -> str:
    """A JSON scalar as it is written in a query."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()

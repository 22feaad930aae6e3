"""Request matcher: a `match` object of the control plane, compiled to conditions that a request fits or doesn't.

`RequestMatch` of control.yaml describes it; faults and verifications mean the same by it. All parts that are given must
fit; an empty match fits every request. Neither a pattern nor a request can make it slow: the time is linear in what is
looked at, and the heavier the patterns are, the less they look at.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from mockserver.errors import BadRequest
from mockserver.openapi.expressions import length_of, weight_of
from mockserver.violations import Path, Violation, breach
from mockserver.world.json_path import MOST_STEPS, Step, find, parse, written
from mockserver.world.request_facts import NO_BODY, RequestFacts

OPERATORS = frozenset({"absent", "contains", "equals", "matches"})
MOST_CONDITIONS = 500  # of a match
LONGEST_EXPRESSION = 1_024  # characters, as in control.yaml
BASE_WEIGHT = 64  # of any pattern: what a character of the text costs, however light the pattern is
MOST_PATTERN_WEIGHT = 32_768  # of all patterns of a match
REST = "\uffff"  # in place of what isn't looked at: a text that is cut doesn't end there, for `$`
LONGEST_TEXT = 65_536  # characters that a single light pattern looks at; weight x text is some 30 ms of work
OPTIONS = jsonschema_rs.RegexOptions(size_limit=1024 * 1024)  # linear time: no look-around, no back-references
NO_PATH = f"This is no path such as $.items[0].sku, $.items[*].sku or $['odd name'], of {MOST_STEPS} steps at most."
ONE_NAME = "This is one name with a dot in it. For the value at {path} begin it with $."
NO_EXPRESSION = "This is no regular expression, or one too large, or with look-around or references back."
TOO_HEAVY = "The regular expressions are too large together: repeat less in them, or use equals and contains."
NO_TEXT = "Give a text, a number, or an object with equals, contains, matches or absent."
NO_ABSENCE = "Give true (there must be none) or false (there must be one)."
ABSENT_AND_MORE = "What is absent has no value: leave the other conditions out."
NO_BEGINNING = "A path begins with / or *; or give an object with equals, contains, matches or absent."
WITH_QUERY = "A path has no query: name its parameters in query."
TOO_LARGE_PATH = "This path is too large."
TOO_MANY = f"A match can have {MOST_CONDITIONS} conditions; compare a whole object with equals."
# What a misfit of a part says about how far a request is from the one that was meant; any other part weighs 1.
_WEIGHTS = {"operationId": 4, "path": 4, "method": 2, "storeCode": 2}
_WILDCARD = r"(?P<any>\*)|(?P<segment>\{[^{}/]*\})"

Values = list[Any]  # what is found at a part of a request: nothing, a value, or several
Test = Callable[[Values], bool]


class Misfit(NamedTuple):
    """A part of a request that isn't as expected, such as query._page or body.customer.email. `actual` has the
    values there: none if it is absent."""

    part: str
    expected: Any
    actual: Values
    hint: str = ""

    @property
    def weight(self) -> int:
        """How much it says against this having been the request that was meant."""
        return _WEIGHTS.get(self.part, 1)

    def as_json(self) -> dict[str, Any]:
        """The misfit as the control plane shows it: several values as a list, and no `actual` for none."""
        shown = {"part": self.part, "expected": self.expected} | ({"hint": self.hint} if self.hint else {})
        if not self.actual:
            return shown
        return shown | {"actual": self.actual[0] if len(self.actual) == 1 else self.actual}


class _Condition(NamedTuple):
    part: str
    expected: Any
    values: Callable[[RequestFacts], Values]
    holds: Test
    meant: str = ""  # the JSON path that a name with a dot in it may have been meant for

    def misfit(self, facts: RequestFacts, shown: RequestFacts) -> Misfit:
        """The misfit of a request for which it doesn't hold; `shown` is the request without its secrets."""
        is_there = bool(self.meant) and bool(find(parse(self.meant) or (), facts.body))
        hint = ONE_NAME.format(path=self.meant) if is_there and not self.values(facts) else ""
        return Misfit(self.part, self.expected, self.values(shown), hint)


class RequestMatch:
    """A compiled `match` object. `reads_body` tells whether it looks at the body, which then must have been read."""

    def __init__(self, conditions: Sequence[_Condition], *, reads_body: bool) -> None:
        self._conditions, self.reads_body = tuple(conditions), reads_body

    def fits(self, facts: RequestFacts) -> bool:
        """Whether a request fits."""
        return all(condition.holds(condition.values(facts)) for condition in self._conditions)

    def misfits(self, facts: RequestFacts, shown: RequestFacts | None = None) -> list[Misfit]:
        """The parts of a request that don't fit. Their actual values are taken from `shown`, the same request without
        its secrets, if that is given."""
        return [
            condition.misfit(facts, shown or facts)
            for condition in self._conditions
            if not condition.holds(condition.values(facts))
        ]


class Patterns:
    """The regular expressions that are tried on a request together: those of a match, or of all steps of a sequence.
    Each is matched in time linear in weight and text. So both are bounded: the heavier they are together, the less of a
    text each looks at."""

    def __init__(self) -> None:
        self._weight = self._needed = 0

    @property
    def longest(self) -> int:
        """How many characters each of them looks at, of all values at its place together."""
        return LONGEST_TEXT * BASE_WEIGHT // max(BASE_WEIGHT, self._weight)

    def has_room(self, pattern: str) -> bool:
        """Whether a pattern can be added, which then counts: all of them have MOST_PATTERN_WEIGHT at most, and look at
        as many characters as the longest of them may need."""
        before = self._weight, self._needed
        self._weight += BASE_WEIGHT + weight_of(pattern)
        self._needed = max(self._needed, length_of(pattern))
        has_room = self._weight <= MOST_PATTERN_WEIGHT and self._needed <= self.longest
        if not has_room:
            self._weight, self._needed = before
        return has_room

    def fits_one(self, fits: Callable[[str], bool], values: Iterable[Any]) -> bool:
        """Whether one of the values is a scalar whose text fits."""
        left = self.longest
        for text in (_text(value) for value in values if _is_scalar(value)):
            if fits(text if len(text) <= left else text[:left] + REST):
                return True
            left -= max(1, len(text))  # an empty one takes a while, too
            if left <= 0:
                return False
        return False


def compile_match(match: Mapping[str, Any], at: Path = ("match",), patterns: Patterns | None = None) -> RequestMatch:
    """The matcher of a `match` object, which has the form of its schema in control.yaml and stands at a path of the
    request; what else it has, such as `calls` of a fault, is left to others. Matches that are tried together share
    `patterns`. Raises BadRequest with its problems."""
    conditions, found = _compiled(match, at, patterns)
    if found:
        raise BadRequest(found)
    return RequestMatch(conditions, reads_body="body" in match)


def match_problems(match: Mapping[str, Any], at: Path = ("match",)) -> list[Violation]:
    """The violations of a `match` object of the form of its schema: each names
    what can't be used, and says what can."""
    return _compiled(match, at)[1]


def _compiled(
    match: Mapping[str, Any], at: Path, patterns: Patterns | None = None
) -> tuple[list[_Condition], list[Violation]]:
    compiler = _Compiler(patterns or Patterns())
    conditions = [*islice(compiler.conditions(match, at), MOST_CONDITIONS + 1)]
    if len(conditions) > MOST_CONDITIONS:
        compiler.problems.append(breach(at, "maxProperties", TOO_MANY))
    return conditions, compiler.problems


class _Compiler:
    """Compiles one match, and collects its problems."""

    def __init__(self, patterns: Patterns) -> None:
        self.problems: list[Violation] = []
        self._patterns = patterns

    def conditions(self, match: Mapping[str, Any], at: Path) -> Iterator[_Condition]:
        """The conditions, those first that cost least to try."""
        for part, values in _SINGLE_PARTS.items():
            if part in match:
                wanted = match[part]
                yield _Condition(part, wanted, values, _is_one_of(wanted.upper() if part == "method" else wanted))
        if "path" in match:
            yield _Condition("path", match["path"], _path_values, self._path_test(match["path"], (*at, "path")))
        for name, wanted in match.get("query", {}).items():
            test = self._text_test(wanted, (*at, "query", name), may_be_list=True)
            yield _Condition(f"query.{name}", wanted, _query_values(name), test)
        for name, wanted in match.get("headers", {}).items():
            test = self._text_test(wanted, (*at, "headers", name))
            yield _Condition(f"headers.{name.lower()}", wanted, _header_values(name), test)
        if "body" in match:
            yield from self._body_conditions(match["body"], (*at, "body"))

    def _body_conditions(self, wanted: Any, at: Path) -> Iterator[_Condition]:
        if not isinstance(wanted, dict):
            yield _Condition("body", wanted, _body_values, _is_one_of(wanted) if wanted is not None else _is_null)
            return
        partial = {name: value for name, value in wanted.items() if not name.startswith("$")}
        if partial or not wanted:
            yield from self._partial_conditions(partial, (), at)
        for text in (name for name in wanted if name.startswith("$")):
            steps = parse(text)
            place = (*at, text)
            test = self._refused(place, "path", NO_PATH) if steps is None else self._test(wanted[text], place)
            yield _Condition(f"body{text[1:]}", wanted[text], _found(steps or ()), test)

    def _partial_conditions(self, wanted: Any, steps: tuple[str, ...], at: Path) -> Iterator[_Condition]:
        """A condition for each value of a partial object that is no partial object itself; further properties don't
        matter."""
        if isinstance(wanted, dict) and wanted and not _has_operators(wanted):
            for name, inner in wanted.items():
                yield from self._partial_conditions(inner, (*steps, name), (*at, name))
        else:
            meant = "$." + ".".join(steps) if any("." in name for name in steps) else ""
            part = f"body{written(steps)}"
            yield _Condition(part, wanted, _found(steps), self._test(wanted, at), meant if parse(meant) else "")

    def _path_test(self, wanted: Any, at: Path) -> Test:
        """The test of a path as it was sent: `{name}` stands for a segment or a part of one, `*` for anything."""
        if isinstance(wanted, dict):
            return self._text_test(wanted, at)
        if not isinstance(wanted, str) or not wanted.startswith(("/", "*")) or "?" in wanted:
            return self._refused(at, "path", WITH_QUERY if "?" in str(wanted) else NO_BEGINNING)
        pattern, end = "", 0
        for wildcard in re.finditer(_WILDCARD, wanted):
            pattern += re.escape(wanted[end : wildcard.start()]) + (r"[\s\S]*" if wildcard["any"] else "[^/]+")
            end = wildcard.end()
        if not pattern:
            return _is_one_of(wanted)
        whole = f"^(?:{pattern}{re.escape(wanted[end:])})$"
        if not self._patterns.has_room(whole) or (fits := _expression(whole)) is None:
            return self._refused(at, "path", TOO_LARGE_PATH)
        return lambda found: self._patterns.fits_one(fits, found)

    def _text_test(self, wanted: Any, at: Path, *, may_be_list: bool = False) -> Test:
        """The test of texts; a list is all the texts of a query parameter."""
        if _is_scalar(wanted):
            return _is_one_of(_text(wanted))
        if may_be_list and isinstance(wanted, list) and all(map(_is_scalar, wanted)):
            texts = [_text(one) for one in wanted]
            return lambda found: found == texts
        if not _has_operators(wanted) or not all(map(_is_scalar, wanted.values())):
            return self._refused(at, "type", NO_TEXT)
        return self._test({name: _text(one) if name != "absent" else one for name, one in wanted.items()}, at)

    def _test(self, wanted: Any, at: Path) -> Test:
        """The test for a value, or for the operators of an object that has only those."""
        if not _has_operators(wanted):
            return _is_one_of(wanted)
        absent = wanted.get("absent", False)
        if not isinstance(absent, bool):
            return self._refused((*at, "absent"), "type", NO_ABSENCE)
        if absent:
            return _is_nothing if len(wanted) == 1 else self._refused((*at, "absent"), "absent", ABSENT_AND_MORE)
        tests = [_comparison(name, wanted[name]) for name in ("equals", "contains") if name in wanted]
        fits = self._expression(wanted["matches"], (*at, "matches")) if "matches" in wanted else None
        if fits is None:
            return lambda found: any(all(test(value) for test in tests) for value in found)
        return lambda found: self._patterns.fits_one(
            fits, (value for value in found if all(test(value) for test in tests))
        )

    def _refused(self, at: Path, keyword: str, message: str) -> Test:
        """A test in place of one that can't be: what is wrong is noted."""
        self.problems.append(breach(at, keyword, message))
        return _is_nothing

    def _expression(self, pattern: Any, at: Path) -> Callable[[str], bool]:
        """The test of a regular expression on a text."""
        if not isinstance(pattern, str) or len(pattern) > LONGEST_EXPRESSION:
            self.problems.append(breach(at, "pattern", NO_EXPRESSION))
        elif not self._patterns.has_room(pattern):
            self.problems.append(breach(at, "pattern", TOO_HEAVY))
        elif fits := _expression(pattern):
            return fits
        else:
            self.problems.append(breach(at, "pattern", NO_EXPRESSION))
        return lambda _text: False


def _expression(pattern: str) -> Callable[[str], bool] | None:
    """The test of a regular expression; None for one that takes more than linear time, or much memory."""
    try:
        return jsonschema_rs.Draft4Validator({"pattern": pattern}, pattern_options=OPTIONS).is_valid
    except ValueError:
        return None


def _comparison(name: str, operand: Any) -> Callable[[Any], bool]:
    if name == "equals":
        return lambda value: _same(operand, value)
    return lambda value: _contains(value, operand)


def _is_scalar(wanted: Any) -> bool:
    return isinstance(wanted, str | int | float)  # and so bool


def _has_operators(wanted: Any) -> bool:
    """Whether a value is an object of conditions: of nothing but operators."""
    return isinstance(wanted, dict) and bool(wanted) and not wanted.keys() - OPERATORS


# ---------------------------------------------------------------- where a part's values are
_SINGLE_PARTS: Mapping[str, Callable[[RequestFacts], Values]] = {
    "operationId": lambda facts: _present(facts.operation_id),
    "method": lambda facts: [facts.method],
    "storeCode": lambda facts: _present(facts.store_code),
    "status": lambda facts: _present(facts.status),
}


def _present(value: Any) -> Values:
    return [] if value is None else [value]


def _path_values(facts: RequestFacts) -> Values:
    return [facts.path]


def _body_values(facts: RequestFacts) -> Values:
    return [] if facts.body is NO_BODY else [facts.body]


def _query_values(name: str) -> Callable[[RequestFacts], Values]:
    return lambda facts: facts.query.get(name, [])


def _header_values(name: str) -> Callable[[RequestFacts], Values]:
    return lambda facts: _present(facts.header(name))


def _found(steps: Sequence[Step]) -> Callable[[RequestFacts], Values]:
    return lambda facts: find(steps, facts.body) if steps else _body_values(facts)


# ---------------------------------------------------------------- whether values are as expected
def _is_one_of(wanted: Any) -> Test:
    """The test whether one of the values fits: an object may have further properties, at any depth."""
    return lambda found: any(_same(wanted, value, partially=True) for value in found)


def _is_nothing(found: Values) -> bool:
    return not found


def _is_null(found: Values) -> bool:
    return found in ([], [None])


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

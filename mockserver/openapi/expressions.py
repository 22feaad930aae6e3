"""Regular expressions of contracts: limits for their size, and for the time that matching a value may take.

OpenAPI's patterns are ECMA-262, with look-arounds and backreferences. Those are matched by backtracking, which can take
exponential time; and a few characters can need megabytes of compiled code.
"""

import re
from collections.abc import Callable

import jsonschema_rs

# For every compiler of schemas. After so many backtracking steps (0.2 ms) a value counts as one that doesn't match.
OPTIONS = jsonschema_rs.FancyRegexOptions(backtrack_limit=10_000)
LONGEST = 10_000  # characters of a pattern
MOST_WEIGHT = 2_000_000  # of all patterns of a contract: they take about a second to compile
_PROPERTY_WEIGHT, _WIDE_WEIGHT = (
    700,
    10,
)  # of a token that stands for thousands of characters; an ASCII character weighs 1
_TOKEN = re.compile(
    r"(?P<class>\[(?:\\.|[^\]\\])*+\])|(?P<bounds>\{(\d{1,6})(?:,(\d{0,6}))?\})|(?P<escape>\\(?:[pP]\{[^}]*+\}|.))"
    r"|(?P<open>\()|(?P<close>\))|(?P<other>.)",
    re.DOTALL,
)
_WIDE = re.compile(r"\\[DSWs]|^\[\^|^\.$|[^\x00-\x7f]|\\u")
_PROPERTY = re.compile(r"\\[pP]")


class Expressions:
    """The patterns of one contract. Each is weighed once, against a limit for all of them together."""

    def __init__(self, most: int = MOST_WEIGHT) -> None:
        self._left = most
        self._known: dict[str, bool] = {}

    def can_use(self, pattern: str) -> bool:
        """Whether a pattern can be compiled, is short enough, and doesn't exceed the weight left for this contract."""
        if pattern not in self._known:
            self._known[pattern] = self._weighed(pattern) and _compiles(pattern)
        return self._known[pattern]

    def _weighed(self, pattern: str) -> bool:
        weight = weight_of(pattern) if len(pattern) <= LONGEST else self._left + 1
        if weight > self._left:
            return False
        self._left -= weight
        return True


def weight_of(pattern: str) -> int:
    """The approximate size of a compiled pattern. A repeated part counts as often as it may occur."""
    return _sum_of(pattern, _weight_of_one)


def length_of(pattern: str) -> int:
    """How many characters a text may need to fit a pattern, or more: as many as it has characters, escapes and classes,
    each as often as its bounds allow."""
    return _sum_of(pattern, lambda _token: 1)


def _sum_of(pattern: str, of_one: Callable[[str], int]) -> int:
    groups, last = [0], 0
    for token in _TOKEN.finditer(pattern):
        match token.lastgroup:
            case "open":
                groups.append(0)
                last = 0
                continue
            case "close":
                last = groups.pop() if len(groups) > 1 else 0
                added = last
            case "bounds":
                added = last * (max(1, int(token[3]), int(token[4] or 0)) - 1)
                last += added
            case _:
                added = last = of_one(token[0])
        groups[-1] += added
    return sum(groups)


def _weight_of_one(token: str) -> int:
    """The weight of a character, an escape or a class."""
    return max(1, _PROPERTY_WEIGHT * len(_PROPERTY.findall(token)), _WIDE_WEIGHT * bool(_WIDE.search(token)))


def _compiles(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft4Validator({"pattern": pattern}, pattern_options=OPTIONS)
    except ValueError:
        return False
    return True

"""Differences of two answers, as values."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from mockserver.checks.drift.ask import Pair, Path
from mockserver.checks.drift.conformance import BODY, HEADER, MEDIA_TYPE, STATUS, Departure
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.openapi.structure import Steps, find

_PARTS = {DriftPromise.STATUS: STATUS, DriftPromise.MEDIA_TYPE: MEDIA_TYPE, DriftPromise.HEADERS: HEADER}
_OF_ALL_WITHIN = frozenset(  # rules that a value breaks by what is in it
    ("allOf", "anyOf", "const", "contains", "else", "enum", "if", "json", "not", "oneOf", "then", "uniqueItems")
)
_WITH_ALL_WITHIN = (DriftPromise.FIELDS, DriftPromise.TYPES)  # by which all of a value is another one


class Stance(Enum):
    """How both sides stand to the contract where they differ: who leaves it."""

    LIVE = "live leaves the contract: the contract or live is wrong"
    MOCK = "the mock leaves the contract: the mock is wrong"
    BOTH = "both leave the contract"
    SILENT = "the contract doesn't know it"
    WITHIN = "both keep the contract there, and differ: it is too loose, or the mock assumes too much"


@dataclass(frozen=True)
class Disagreement:
    """One difference of two answers.

    `path` leads to it through the body, or names the header. `place` is the contract's place, by which differences are
    grouped; `what` says in short what differs, without values that are different each time. `mock` and `live` are what
    either has there. `verdict` and `departure` (the first of live) are known when both were held to the contract.
    """

    promise: DriftPromise
    pair: Pair
    path: Path
    place: Steps
    what: str
    mock: Any = None
    live: Any = None
    severity: str = "high"
    verdict: Stance = Stance.WITHIN
    departure: Departure | None = None

    def shows(self, one: Departure) -> bool:
        """Whether this difference is a way of leaving the contract: at its own place, and nowhere else in the answer.
        The index of an entry doesn't count: of entries that differ in the same way, either may be told first."""
        part = _PARTS.get(self.promise, BODY)
        if one.part != part:
            return (one.part, part, one.keyword) == (BODY, MEDIA_TYPE, "json")
        if part == MEDIA_TYPE:
            return True
        place, rule = _without_indices(self.path), _without_indices(one.path)
        is_within = rule[: len(place)] == place and (self.promise in _WITH_ALL_WITHIN or self._is_in_entry(one))
        is_around = place[: len(rule)] == rule and one.keyword in _OF_ALL_WITHIN
        return place == rule or is_within or is_around

    def _is_in_entry(self, one: Departure) -> bool:
        """Whether a rule is broken in the entry that only live has."""
        entry = one.path[: len(self.path) + 1]
        is_more = self.promise is DriftPromise.ROWS and self.mock is None
        return is_more and len(entry) > len(self.path) and find(self.pair.live.content, entry) == self.live


def _without_indices(path: Path) -> Path:
    return tuple("[]" if isinstance(step, int) else step for step in path)

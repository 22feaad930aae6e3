"""An answer of live that is held to the contract alone, where the mock's is too different to be compared with it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from mockserver.checks.drift.ask import Pair
from mockserver.checks.drift.conformance import BODY, HEADER, MEDIA_TYPE, STATUS, Departure
from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.places import Places
from mockserver.checks.drift.values import named
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.openapi.structure import Steps, find


class _Kind(NamedTuple):
    """What a rule is about: the promise that is broken, and the words for what live does."""

    promise: DriftPromise
    words: str


_KINDS = {
    "required": _Kind(DriftPromise.FIELDS, "lacks the field"),
    "additionalProperties": _Kind(DriftPromise.FIELDS, "knows the field"),
    "type": _Kind(DriftPromise.TYPES, "has another type at"),
    "format": _Kind(DriftPromise.FORMS, "has another form at"),
    "json": _Kind(DriftPromise.MEDIA_TYPE, "has no JSON in"),
}
_OTHER = _Kind(DriftPromise.VALUES, "has a value that is ruled out at")


def left_alone(places: Places, pair: Pair, departures: Iterable[Departure]) -> Iterator[Disagreement]:
    """The ways in which live's answer leaves the contract, as differences of what the contract says."""
    for one in departures:
        promise, what = _told(pair, one)
        live = find(pair.live.content, one.path) if one.part == BODY and one.path else None
        found = Disagreement(promise, pair, one.path, _place(places, pair, one), what, None, live)
        yield replace(found, verdict=Stance.LIVE, departure=one)


def _told(pair: Pair, one: Departure) -> tuple[DriftPromise, str]:
    if one.part == STATUS:
        return DriftPromise.STATUS, f"answers {pair.live.status}, which isn't declared"
    if one.part == MEDIA_TYPE:
        return DriftPromise.MEDIA_TYPE, f"answers {pair.live.status} with {pair.live.media_type or 'no media type'}"
    if one.part == HEADER:
        return DriftPromise.HEADERS, f"leaves what is declared of the header {one.path[0]}"
    promise, words = _KINDS.get(one.keyword, _OTHER)
    return promise, f"{words} {named(one.path)} in a {pair.live.status}"


def _place(places: Places, pair: Pair, one: Departure) -> Steps:
    """The nearest place in the contract."""
    call, live = pair.ask.call, pair.live
    if one.part == BODY:
        start = places.content(call, live.status, live.media_type)
        for length in range(len(one.path), -1, -1):
            if (place := places.value(start, one.path[:length])) is not None:
                return place.steps
    response = places.response(call, live.status)
    return response.steps if response else places.responses(call)

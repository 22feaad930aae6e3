"""The comparison of two answers to one request: status, media type, headers and body, each held to the contract."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.checks.drift.ask import Pair
from mockserver.checks.drift.conformance import Departure, departures
from mockserver.checks.drift.correspondence import Correspondence
from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.entries import Entries
from mockserver.checks.drift.held_alone import left_alone
from mockserver.checks.drift.memory import Memory
from mockserver.checks.drift.places import Places
from mockserver.checks.drift.values import Spot, Values
from mockserver.checks.drift.volatile import Volatile
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.checks.live.marks import Marks
from mockserver.openapi.declared_answers import declared_response
from mockserver.openapi.resources import Surface
from mockserver.openapi.structure import Steps, is_json_type

STEERING = ("Allow", "Location", "Retry-After", "WWW-Authenticate")  # what a client does next (RFC 9110, section 10.2)
_APART = (DriftPromise.STATUS, DriftPromise.MEDIA_TYPE)


class AnswerComparison:
    """The comparison of a run's pairs of answers. It learns from them which values stand for each other."""

    def __init__(self, surface: Surface, known: Correspondence, mock: Marks, live: Marks) -> None:
        self._contract, self._known, self._places = surface.contract, known, Places(surface.contract)
        volatile = Volatile(surface)
        self._values = Values(self._places, volatile, Entries(volatile.ids, known, mock, live), Memory(known))

    def of(self, pair: Pair) -> list[Disagreement]:
        """The differences of a pair, each with its verdict."""
        mock = departures(self._contract, pair.ask.call, pair.mock)
        live = departures(self._contract, pair.ask.call, pair.live)
        found = [_judged(one, mock, live) for one in self._differences(pair)]
        if any(one.promise in _APART for one in found):  # then nothing else was compared
            told = {one.departure for one in found}
            found += left_alone(self._places, pair, [one for one in live if one not in told])
        return found

    def of_live(self, pair: Pair) -> list[Disagreement]:
        """The ways in which live leaves the contract, where the mock wasn't asked."""
        return list(left_alone(self._places, pair, departures(self._contract, pair.ask.call, pair.live)))

    def _differences(self, pair: Pair) -> Iterator[Disagreement]:
        """What differs; where status or media type do, nothing else is told."""
        if pair.mock.status != pair.live.status:
            what = f"answers {pair.live.status}, and the mock {pair.mock.status}"
            shown = (pair.mock.status, pair.live.status)
            yield Disagreement(DriftPromise.STATUS, pair, (), self._response(pair), what, *shown)
            return
        yield from self._headers(pair)
        kinds = _media_type(pair.mock), _media_type(pair.live)
        if kinds[0] != kinds[1]:
            what = f"answers {kinds[1]}, and the mock {kinds[0]}"
            yield Disagreement(DriftPromise.MEDIA_TYPE, pair, (), self._response(pair), what, *kinds)
        elif pair.mock.is_json:
            start = self._places.content(pair.ask.call, pair.mock.status, pair.mock.media_type)
            around = start.steps if start else self._response(pair)
            yield from self._values.of(Spot(pair, (), pair.mock.content, pair.live.content, start, around))

    def _response(self, pair: Pair) -> Steps:
        """Where the contract has the response of the mock, or all of the operation."""
        place = self._places.response(pair.ask.call, pair.mock.status)
        return place.steps if place else self._places.responses(pair.ask.call)

    # ---------------------------------------------------------------- headers
    def _headers(self, pair: Pair) -> Iterator[Disagreement]:
        declared = declared_response(pair.ask.call.operation.responses, pair.mock.status)
        known = {name: header.schema for name, header in declared.headers.items()} if declared else {}
        named = {name.lower() for name in known}
        others = [name for name in STEERING if name.lower() not in named]
        for name in sorted([*others, *known]):
            mock, live = pair.mock.headers.get(name.lower()), pair.live.headers.get(name.lower())
            if (what := self._header(name, mock, live, known.get(name, {}))) is not None:
                found = Disagreement(DriftPromise.HEADERS, pair, (name,), self._response(pair), what, mock, live)
                verdict = Stance.WITHIN if name in known or live is None else Stance.SILENT
                yield replace(found, severity="medium", verdict=verdict)

    def _header(self, name: str, mock: str | None, live: str | None, schema: Mapping[str, Any]) -> str | None:
        """What differs in a header; None if nothing does. A list has no order, and a number only a form."""
        if mock is None or live is None:
            return None if mock == live else f"{'sends' if mock is None else 'lacks'} the header {name}"
        if schema.get("type") in ("integer", "number") or (mock.isdecimal() and live.isdecimal()):
            return None if mock.isdecimal() == live.isdecimal() else f"has no number in the header {name}"
        parts = [{part.strip() for part in text.split(",")} for text in (self._known.of(mock), live)]
        return None if parts[0] == parts[1] else f"has another value in the header {name}"


def _media_type(answer: Any) -> str:
    """The media type of an answer, in words."""
    if is_json_type(answer.media_type) and not answer.is_json:
        return f"{answer.media_type} that is none"
    return answer.media_type or "no media type"


# ---------------------------------------------------------------- the verdict
def _judged(one: Disagreement, mock: list[Departure], live: list[Departure]) -> Disagreement:
    """A difference with the side that leaves the contract there."""
    of_mock, of_live = (next(filter(one.shows, found), None) for found in (mock, live))
    if of_live is not None:
        return replace(one, verdict=Stance.BOTH if of_mock else Stance.LIVE, departure=of_live)
    return replace(one, verdict=Stance.MOCK) if of_mock else one

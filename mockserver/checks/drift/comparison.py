"""The comparison of two answers to one request: status, media type, headers, and the body, value by value."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.checks.drift.ask import Pair, Path
from mockserver.checks.drift.conformance import (
    BODY,
    HEADER,
    MEDIA_TYPE,
    STATUS,
    Departure,
    declared_response,
    departures,
)
from mockserver.checks.drift.correspondence import Correspondence
from mockserver.checks.drift.differences import Difference, Verdict
from mockserver.checks.drift.entries import Entries
from mockserver.checks.drift.figures import Figures
from mockserver.checks.drift.places import Place, Places
from mockserver.checks.drift.volatile import Nature, Volatile, form_of_time, is_sentence
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.checks.live.marks import Marks
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

STEERING = ("allow", "location", "retry-after", "www-authenticate")  # what a client does next (RFC 9110, section 10.2)
_PARTS = {
    DriftPromise.STATUS: STATUS,
    DriftPromise.MEDIA_TYPE: MEDIA_TYPE,
    DriftPromise.HEADERS: HEADER,
}


class Comparison:
    """The comparison of a run's pairs of answers. It learns from them which values stand for each other."""

    def __init__(self, surface: Surface, correspondence: Correspondence, mock: Marks, live: Marks) -> None:
        self._contract: Contract = surface.contract
        self.places, self._volatile = Places(surface.contract), Volatile(surface)
        self._known, self._figures = correspondence, Figures()
        self._entries = Entries(self._volatile, correspondence, mock, live)
        self._seen_times: dict[tuple[str, str | int], tuple[str, str]] = {}

    def of(self, pair: Pair) -> list[Difference]:
        """The differences of a pair, each with its verdict."""
        mock = departures(self._contract, pair.ask.call, pair.mock)
        live = departures(self._contract, pair.ask.call, pair.live)
        return [self._judged(one, mock, live) for one in self._differences(pair)]

    # ---------------------------------------------------------------- the whole answer
    def _differences(self, pair: Pair) -> Iterator[Difference]:
        if pair.mock.status != pair.live.status:
            yield self._of_status(pair)
            return
        yield from self._headers(pair)
        if pair.mock.media_type != pair.live.media_type or pair.mock.is_json != pair.live.is_json:
            yield self._of_media_type(pair)
            return
        if pair.mock.is_json:
            start = self.places.content(pair.ask.call, pair.mock.status, pair.mock.media_type)
            yield from self._values(pair, (), (pair.mock.content, pair.live.content), start)

    def _of_status(self, pair: Pair) -> Difference:
        place = self.places.response(pair.ask.call, pair.mock.status)
        steps = place.steps if place else self.places.responses(pair.ask.call)
        what = f"answers {pair.live.status}, and the mock {pair.mock.status}"
        return Difference(DriftPromise.STATUS, pair, (), steps, what, pair.mock.status, pair.live.status)

    def _of_media_type(self, pair: Pair) -> Difference:
        kinds = [
            f"{one.media_type or 'no media type'}{'' if one.is_json or 'json' not in one.media_type else ' that is none'}"
            for one in (pair.mock, pair.live)
        ]
        what = f"answers {kinds[1]}, and the mock {kinds[0]}"
        return Difference(DriftPromise.MEDIA_TYPE, pair, (), self._response(pair), what, *kinds)

    def _response(self, pair: Pair) -> tuple[str | int, ...]:
        place = self.places.response(pair.ask.call, pair.mock.status)
        return place.steps if place else self.places.responses(pair.ask.call)

    def _headers(self, pair: Pair) -> Iterator[Difference]:
        declared = declared_response(pair.ask.call, pair.mock.status)
        known = {name.lower(): header.schema for name, header in declared.headers.items()} if declared else {}
        for name in sorted({*STEERING, *known}):
            mock, live = pair.mock.headers.get(name), pair.live.headers.get(name)
            if (what := self._header(name, mock, live, known.get(name, {}))) is not None:
                yield Difference(DriftPromise.HEADERS, pair, (name,), self._response(pair), what, mock, live, "medium")

    def _header(self, name: str, mock: str | None, live: str | None, schema: Mapping[str, Any]) -> str | None:
        """What differs in a header; None if nothing does. A list has no order, and a number only a form."""
        if mock is None or live is None:
            return None if mock == live else f"{'sends' if mock is None else 'lacks'} the header {name}"
        if schema.get("type") in ("integer", "number") or (mock.isdecimal() and live.isdecimal()):
            return None if mock.isdecimal() == live.isdecimal() else f"has another form of number in the header {name}"
        parts = [{part.strip() for part in text.split(",")} for text in (self._known.of(mock), live)]
        return None if parts[0] == parts[1] else f"has another value in the header {name}"

    # ---------------------------------------------------------------- the body
    def _values(self, pair: Pair, path: Path, both: tuple[Any, Any], place: Place | None) -> Iterator[Difference]:
        mock, live = both
        kinds = _kind(mock), _kind(live)
        if kinds[0] != kinds[1]:
            what = f"has {kinds[1]} at {_name(path)}, and the mock {kinds[0]}"
            yield self._difference(DriftPromise.TYPES, pair, path, both, place, what)
        elif isinstance(mock, dict):
            yield from self._fields(pair, path, both, place)
        elif isinstance(mock, list):
            yield from self._items(pair, path, both, place)
        else:
            yield from self._leaf(pair, path, both, place)

    def _fields(self, pair: Pair, path: Path, both: tuple[Any, Any], place: Place | None) -> Iterator[Difference]:
        mock, live = both
        for name in [*mock, *(one for one in live if one not in mock)]:
            values, child = (mock.get(name), live.get(name)), self.places.child(place, name) if place else None
            if name in mock and name in live:
                yield from self._values(pair, (*path, name), values, child)
            else:
                what = f"{'lacks' if name in mock else 'knows'} the field {_name((*path, name))}"
                found = self._difference(DriftPromise.FIELDS, pair, (*path, name), values, child or place, what)
                yield replace(found, verdict=Verdict.WITHIN if child else Verdict.SILENT)

    def _items(self, pair: Pair, path: Path, both: tuple[Any, Any], place: Place | None) -> Iterator[Difference]:
        child = self.places.child(place, 0) if place else None
        rows = self._entries.own(both[0]), self._entries.own(both[1], live=True)

        def cost(one: Any, other: Any) -> int:
            return self._cost(pair, path, (one, other), child)

        matched, lacking, more = self._entries.matched(rows, cost)
        for index, other in matched:
            yield from self._values(pair, (*path, index), (rows[0][index], rows[1][other]), child)
        for values, word in ((lacking, "lacks"), (more, "has")):
            for value in values:
                what = f"{word} an entry in {_name(path)}"
                shown = (value, None) if word == "lacks" else (None, value)
                yield self._difference(DriftPromise.ROWS, pair, path, shown, place, what)
        if [other for _, other in matched] != sorted(other for _, other in matched) and _is_ordered(pair, rows[0]):
            yield self._difference(DriftPromise.ORDER, pair, path, both, place, f"has another order in {_name(path)}")

    def _cost(self, pair: Pair, path: Path, both: tuple[Any, Any], place: Place | None) -> int:
        """How many differences two entries would have; nothing is learnt from looking."""
        trial = Comparison.__new__(Comparison)
        trial.__dict__.update(self.__dict__)
        trial._known, trial._seen_times = _Untaught(self._known), dict(self._seen_times)
        trial._figures = Figures()
        return sum(1 for _ in trial._values(pair, (*path, 0), both, place))

    # ---------------------------------------------------------------- one value
    def _leaf(self, pair: Pair, path: Path, both: tuple[Any, Any], place: Place | None) -> Iterator[Difference]:
        mock, live = both
        node = place.node if place else None
        nature = self._volatile.nature(pair.ask.call, path, node, mock)
        name = _name(path)
        if isinstance(mock, str) and nature is Nature.IDENTITY:
            if not self._known.bind(mock, live):
                what = f"has another value at {name} than its earlier answers tell"
                yield self._difference(DriftPromise.IDENTITIES, pair, path, both, place, what)
        elif isinstance(mock, str) and nature is Nature.TIME:
            yield from self._time(pair, path, (mock, live), place)
        elif _is_number(mock) and nature is Nature.EQUAL:
            yield from self._number(pair, path, both, place)
        elif isinstance(mock, str) and nature is Nature.EQUAL and self._known.of(mock) != live:
            promise = DriftPromise.WORDS if is_sentence(mock) and is_sentence(live) else DriftPromise.VALUES
            severity = "low" if promise is DriftPromise.WORDS else "high"
            difference = self._difference(promise, pair, path, both, place, f"has another value at {name}")
            yield replace(difference, severity=severity)
        elif nature is Nature.EQUAL and not isinstance(mock, str) and mock != live:
            yield self._difference(DriftPromise.VALUES, pair, path, both, place, f"has another value at {name}")

    def _time(self, pair: Pair, path: Path, both: tuple[str, str], place: Place | None) -> Iterator[Difference]:
        """A time has the same form, and stays what it was on one side if it does on the other."""
        mock, live = both
        if form_of_time(mock) != form_of_time(live):
            what = f"has times of another form at {_name(path)}"
            yield self._difference(DriftPromise.FORMS, pair, path, both, place, what)
            return
        owner = self._owner(pair, path)
        before = self._seen_times.setdefault((owner, path[-1]), both) if owner and path else both
        if (before[0] == mock) != (before[1] == live):
            what = f"has another time at {_name(path)} than its earlier answers tell"
            yield self._difference(DriftPromise.VALUES, pair, path, both, place, what)

    def _owner(self, pair: Pair, path: Path) -> str:
        """The id of the object that a value is of; empty if the object has none."""
        owner = pair.mock.content
        for step in path[:-1]:
            owner = owner[step] if isinstance(owner, dict) or _has(owner, step) else {}
        found = (owner.get(name) for name in self._volatile.ids) if isinstance(owner, dict) else ()
        return next((one for one in found if isinstance(one, str)), "")

    def _number(self, pair: Pair, path: Path, both: tuple[Any, Any], place: Place | None) -> Iterator[Difference]:
        if self._figures.are_of_the_store(pair):
            if not self._figures.change_alike(pair, path, *both):
                what = f"has figures at {_name(path)} that change otherwise"
                difference = self._difference(DriftPromise.FIGURES, pair, path, both, place, what)
                yield replace(difference, severity="medium")
        elif both[0] != both[1]:
            yield self._difference(DriftPromise.VALUES, pair, path, both, place, f"has another value at {_name(path)}")

    def _difference(
        self,
        promise: DriftPromise,
        pair: Pair,
        path: Path,
        both: tuple[Any, Any],
        place: Place | None,
        what: str,
    ) -> Difference:
        steps = place.steps if place else self._response(pair)
        return Difference(promise, pair, path, steps, what, *both)

    # ---------------------------------------------------------------- the verdict
    def _judged(self, one: Difference, mock: list[Departure], live: list[Departure]) -> Difference:
        part = _PARTS.get(one.promise, BODY)
        of_mock, of_live = (_first(found, part, one.path) for found in (mock, live))
        if of_live is not None:
            return replace(one, verdict=Verdict.BOTH if of_mock else Verdict.LIVE, departure=of_live)
        return replace(one, verdict=Verdict.MOCK) if of_mock else one


class _Untaught(Correspondence):
    """A correspondence that learns nothing."""

    def __init__(self, known: Correspondence) -> None:
        super().__init__()
        self._live, self._mock = known._live, known._mock

    def bind(self, mock: str, live: str) -> bool:
        return self.fits(mock, live)


def _first(found: list[Departure], part: str, path: Path) -> Departure | None:
    """The first departure that a difference at a path shows."""
    return next((one for one in found if one.part == part and _meets(one.path, path)), None)


def _meets(one: Path, path: Path) -> bool:
    """Whether two paths lead to the same value, or one to what is in the other. The index of an entry doesn't count: of
    entries that differ in the same way, either may be told first."""
    shorter = min(len(one), len(path))
    return all(a == b or (isinstance(a, int) and isinstance(b, int)) for a, b in zip(one[:shorter], path, strict=False))


def _is_ordered(pair: Pair, rows: list[Any]) -> bool:
    """Whether the order of entries is promised: they were sent in it, or it was asked for."""
    asked = {one.name for one in pair.ask.call.operation.parameters_in("query") if one.style == "deepObject"}
    if any(name.partition("[")[0] in asked for name in pair.ask.query):
        return True
    return any(sent == rows for sent in _lists(pair.ask.body))


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(item)


def _kind(value: Any) -> str:
    """The type of a JSON value, in words."""
    kinds = {bool: "a boolean", type(None): "null", dict: "an object", list: "an array", str: "a text"}
    if _is_number(value):
        return "a whole number" if float(value).is_integer() else "a number with a fraction"
    return kinds.get(type(value), "something else")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has(value: Any, step: str | int) -> bool:
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _name(path: Path) -> str:
    """The name of a value for people, without indices: `items[].url`; `the body` for all of it."""
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "the body"

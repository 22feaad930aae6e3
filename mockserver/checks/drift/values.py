"""The comparison of two bodies, value by value: what has to be equal is, and what a side makes up has the same form."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from mockserver.checks.drift.ask import Pair, Path
from mockserver.checks.drift.differences import Disagreement, Stance
from mockserver.checks.drift.entries import Entries
from mockserver.checks.drift.memory import Memory, counts_others
from mockserver.checks.drift.places import ContractPlace, Places
from mockserver.checks.drift.volatile import Nature, Volatile, form_of_time, is_sentence
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.openapi.structure import Steps

_KINDS = {bool: "a boolean", type(None): "null", dict: "an object", list: "an array", str: "a text"}


class Spot(NamedTuple):
    """What both have at a path; `place` describes it, if anything does, and `around` is the nearest place that does."""

    pair: Pair
    path: Path
    mock: Any
    live: Any
    place: ContractPlace | None
    around: Steps

    def differs(self, promise: DriftPromise, what: str) -> Disagreement:
        """The difference at this spot."""
        return Disagreement(promise, self.pair, self.path, self.around, what, self.mock, self.live)


class Values:
    """The comparison of values, by what the contract says of them and what is remembered."""

    def __init__(self, places: Places, volatile: Volatile, entries: Entries, memory: Memory) -> None:
        self._places, self._volatile, self._entries, self._memory = places, volatile, entries, memory

    def of(self, spot: Spot) -> Iterator[Disagreement]:
        """The differences of two values."""
        kinds = _kind(spot.mock), _kind(spot.live)
        if kinds[0] != kinds[1]:
            yield spot.differs(DriftPromise.TYPES, f"has {kinds[1]} at {named(spot.path)}, and the mock {kinds[0]}")
        elif isinstance(spot.mock, dict):
            yield from self._fields(spot)
        elif isinstance(spot.mock, list):
            yield from self._items(spot)
        elif isinstance(spot.mock, str):
            yield from self._text(spot)
        elif spot.mock != spot.live or counts_others(spot.pair):
            yield from self._plain(spot)

    def _below(self, spot: Spot, step: str | int, mock: Any, live: Any) -> Spot:
        place = self._places.child(spot.place, step) if spot.place else None
        return Spot(spot.pair, (*spot.path, step), mock, live, place, place.steps if place else spot.around)

    # ---------------------------------------------------------------- objects and arrays
    def _fields(self, spot: Spot) -> Iterator[Disagreement]:
        for name in [*spot.mock, *(one for one in spot.live if one not in spot.mock)]:
            below = self._below(spot, name, spot.mock.get(name), spot.live.get(name))
            if name in spot.mock and name in spot.live:
                yield from self.of(below)
            else:
                word = "lacks" if name in spot.mock else "knows"
                found = below.differs(DriftPromise.FIELDS, f"{word} the field {named(below.path)}")
                yield replace(found, verdict=Stance.WITHIN if below.place or name in spot.mock else Stance.SILENT)

    def _items(self, spot: Spot) -> Iterator[Disagreement]:
        rows = self._entries.own(spot.mock), self._entries.own(spot.live, live=True)
        matched, lacking, more = self._entries.matched(rows, lambda one, other: self._cost(spot, one, other))
        for index, other in matched:
            yield from self.of(self._below(spot, index, rows[0][index], rows[1][other]))
        is_whole = (len(rows[0]), len(rows[1])) == (len(spot.mock), len(spot.live))
        for row in lacking if is_whole else ():  # else other people's rows may have pushed it to another page
            yield spot._replace(mock=row, live=None).differs(DriftPromise.ROWS, f"lacks an entry in {named(spot.path)}")
        for row in more if is_whole else ():
            yield spot._replace(mock=None, live=row).differs(DriftPromise.ROWS, f"has an entry in {named(spot.path)}")
        others = [other for _, other in matched]
        if others != sorted(others) and _is_ordered(spot.pair, rows[0]):
            yield spot.differs(DriftPromise.ORDER, f"has another order in {named(spot.path)}")

    def _cost(self, spot: Spot, one: Any, other: Any) -> int:
        """How many differences two entries would have; nothing is learnt from looking."""
        looking = Values(self._places, self._volatile, self._entries, self._memory.untaught())
        return sum(1 for _ in looking.of(self._below(spot, 0, one, other)))

    # ---------------------------------------------------------------- one value
    def _text(self, spot: Spot) -> Iterator[Disagreement]:
        nature = self._nature(spot)
        if nature is Nature.IDENTITY and not self._memory.known.bind(spot.mock, spot.live):
            what = f"has another value at {named(spot.path)} than its earlier answers tell"
            yield spot.differs(DriftPromise.IDENTITIES, what)
        elif nature is Nature.TIME:
            yield from self._time(spot)
        elif nature is Nature.EQUAL and self._memory.known.of(spot.mock) != spot.live:
            words = is_sentence(spot.mock) and is_sentence(spot.live)
            found = spot.differs(DriftPromise.WORDS if words else DriftPromise.VALUES, _other_value(spot.path))
            yield replace(found, severity="low") if words else found

    def _time(self, spot: Spot) -> Iterator[Disagreement]:
        """A time has the same form, and stays what it was on one side if it does on the other."""
        if form_of_time(spot.mock) != form_of_time(spot.live):
            yield spot.differs(DriftPromise.FORMS, f"has times of another form at {named(spot.path)}")
            return
        owner = self._owner(spot)
        if owner and not self._memory.stays(owner, spot.path[-1], (spot.mock, spot.live)):
            what = f"has another time at {named(spot.path)} than its earlier answers tell"
            yield spot.differs(DriftPromise.VALUES, what)

    def _plain(self, spot: Spot) -> Iterator[Disagreement]:
        """A number, a truth, or null."""
        if _is_number(spot.mock) and counts_others(spot.pair):
            if not self._memory.change_alike(spot.pair, spot.path, spot.mock, spot.live):
                found = spot.differs(DriftPromise.FIGURES, f"has figures at {named(spot.path)} that change otherwise")
                yield replace(found, severity="medium")
        elif spot.mock != spot.live and self._nature(spot) is Nature.EQUAL:
            yield spot.differs(DriftPromise.VALUES, _other_value(spot.path))

    def _nature(self, spot: Spot) -> Nature:
        node = spot.place.node if spot.place else None
        return self._volatile.nature(spot.pair.ask.call, spot.path, node, spot.mock)

    def _owner(self, spot: Spot) -> str:
        """The id of the object that a value is of; empty if the object has none, or the value is no property."""
        owner: Any = spot.pair.mock.content
        for step in spot.path[:-1]:
            owner = self._entries.own(owner)[int(step)] if isinstance(owner, list) else owner.get(step, {})
        found = (owner.get(name) for name in self._volatile.ids) if isinstance(owner, dict) else ()
        return next((one for one in found if isinstance(one, str)), "")


def _is_ordered(pair: Pair, rows: list[Any]) -> bool:
    """Whether the order of entries is promised: they were sent in it, or it was asked for."""
    asked = {one.name for one in pair.ask.call.operation.parameters_in("query") if one.style == "deepObject"}
    if any(name.partition("[")[0] in asked for name in pair.ask.query):
        return True
    return any(sent == rows for sent in _lists(pair.ask.body))


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _lists(item)


def _kind(value: Any) -> str:
    """The type of a JSON value, in words."""
    if _is_number(value):
        return "a whole number" if float(value).is_integer() else "a number with a fraction"
    return _KINDS.get(type(value), "something else")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _other_value(path: Path) -> str:
    return f"has another value at {named(path)}"


def named(path: Path) -> str:
    """The name of a value for people: that of the property, such as `tags[]` for what is in it; `the body` for all.
    Where that property is, the place in the contract tells."""
    names = [place for place, step in enumerate(path) if isinstance(step, str)]
    last = names[-1] if names else 0
    return "".join(step if isinstance(step, str) else "[]" for step in path[last:]) or "the body"

"""Changes between two schemas, and whether they are breaking.

Pairs of subschemas at the same place are compared one by one, recursive ones once. Their differences are described by
`facets` and decided by `subsumption`: first all of a pair together, then each, to find the breaking ones. If a pair
breaks, but the whole schema still accepts everything that is sent, nothing is breaking.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mockserver.openapi.normal_forms import NOTHING, NormalizedSchema, Schema
from mockserver.openapi.structure import Steps, mapping
from mockserver.spec.diff.changes import SIDES, ChangeKind, shown, signature
from mockserver.spec.diff.facets import Facet, facets
from mockserver.spec.diff.unchanged import UnchangedParts
from mockserver.spec.outline import Outline
from mockserver.spec.subsumption import Compatibility, MessageSchemas, SharedSubschemas, TooComplex

_DOCUMENTATION = ("title", "description", "example", "examples", "externalDocs", "xml")
_KINDS = {Compatibility.YES: ChangeKind.NON_BREAKING}


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A change of a schema: its place, a sentence, and the place of the schema that the sentence is about.

    `tried`: it was decided by subsumption, so it isn't breaking if the whole schema accepts everything that is sent.
    """

    kind: ChangeKind
    steps: Steps
    what: str
    about: Steps
    tried: bool = True


@dataclass(frozen=True, slots=True)
class _Side:
    """A normalised schema, and the places of its parts."""

    normalized: NormalizedSchema
    places: tuple[Steps, ...]


class _Pair(NamedTuple):
    """Two schemas to compare."""

    old: _Side
    new: _Side


class SchemaComparison:
    """Compares schemas of two joined documents: in `requests`, which clients send, or in responses, which they read."""

    def __init__(self, both: Outline, unchanged: UnchangedParts, *, requests: bool) -> None:
        self._both = both
        self._unchanged = unchanged
        self._requests = requests
        self._messages = MessageSchemas(both.document, requests=requests)
        self._known: dict[tuple[tuple[Steps, ...], ...], tuple[list[SchemaChange], list[_Pair]]] = {}

    def compare(self, old: Steps, new: Steps) -> list[SchemaChange]:
        """All changes between two schemas and their subschemas, each once."""
        root = _Pair(self._side(mapping(self._both.at(old)), (old,)), self._side(mapping(self._both.at(new)), (new,)))
        found: dict[SchemaChange, None] = {}
        waiting, seen = [root], set()
        while waiting:
            pair = waiting.pop()
            key = (pair.old.places, pair.new.places)
            if key not in seen:
                seen.add(key)
                if key not in self._known:
                    self._known[key] = self._compared(pair)
                changes, children = self._known[key]
                found |= dict.fromkeys(changes)
                waiting.extend(reversed(children))
        if any(change.kind is ChangeKind.BREAKING for change in found) and self._is_compatible(
            root.old.normalized, root.new.normalized
        ):
            return [replace(each, kind=ChangeKind.NON_BREAKING) if _is_refuted(each) else each for each in found]
        return list(found)

    def _is_same(self, pair: _Pair) -> bool:
        """Whether the two are obviously equal."""
        alone = len(pair.old.places) == len(pair.new.places) == 1
        return alone and self._unchanged.of(pair.old.places[0], pair.new.places[0])

    def _side(self, schema: Schema, places: tuple[Steps, ...]) -> _Side:
        return _Side(self._messages.normalized(schema), places)

    def _verdict(
        self, old: NormalizedSchema, new: NormalizedSchema, shared: SharedSubschemas | None = None
    ) -> Compatibility:
        sent, accepted = (old, new) if self._requests else (new, old)
        return self._messages.compatibility(sent, accepted, shared)

    def _is_compatible(self, old: NormalizedSchema, new: NormalizedSchema) -> bool:
        return self._verdict(old, new) is Compatibility.YES

    # ------------------------------------------------ one pair
    def _compared(self, pair: _Pair) -> tuple[list[SchemaChange], list[_Pair]]:
        """The changes of a pair itself, and the pairs of its subschemas."""
        if self._is_same(pair):
            return [], []
        described = [*self._documented(pair), *self._attributes(pair)]
        if pair.old.normalized.get("choices") or pair.new.normalized.get("choices"):
            changes, children = self._alternatives(pair)
            return [*described, *changes], children
        return [*described, *self._decided(pair)], list(self._children(pair))

    def _decided(self, pair: _Pair) -> Iterator[SchemaChange]:
        """The differences of a pair, each with its kind."""
        old, new = pair.old.normalized, pair.new.normalized
        differences = [*facets(old, new), *self._hidden(old, new)]
        if not differences:
            return
        shared = SharedSubschemas.of(old, new)
        together = self._verdict(old, new, shared)
        verdicts = [
            together if together is Compatibility.YES else self._verdict(old, each.tried, shared)
            for each in differences
        ]
        if all(verdict is Compatibility.YES for verdict in verdicts):
            verdicts = [together] * len(verdicts)
        for facet, verdict in zip(differences, verdicts, strict=True):
            what = f"{facet.what} ({_why(facet)})" if verdict is Compatibility.UNKNOWN else facet.what
            yield SchemaChange(_KINDS.get(verdict, ChangeKind.BREAKING), *self._place(pair, facet, what))

    def _hidden(self, old: NormalizedSchema, new: NormalizedSchema) -> Iterator[Facet]:
        """Properties that are `readOnly` or `writeOnly` now, or no longer."""
        olds, news = old.get("properties", {}), new.get("properties", {})
        for name in [name for name in olds if name in news]:
            before, after = self._messages.normalized(olds[name]), self._messages.normalized(news[name])
            for word in ("readOnly", "writeOnly"):
                if bool(before.get(word)) != bool(after.get(word)):
                    what = f"the property {name} is {word + ' now' if after.get(word) else 'no longer ' + word}"
                    tried = {**old, "properties": {**olds, name: news[name]}}
                    yield Facet(what, ("properties", name), in_old=False, tried=tried)

    def _children(self, pair: _Pair) -> Iterator[_Pair]:
        olds, news = (side.normalized.get("properties", {}) for side in pair)
        sent = olds if self._requests else news
        for name in olds:
            if name in news and not self._messages.is_hidden(sent[name]):
                yield self._child(pair, (olds[name], news[name]), "properties", name)
        for key in ("items", "additionalProperties"):
            below = tuple(side.normalized.get(key, NOTHING) for side in pair)
            if NOTHING not in below:
                yield self._child(pair, below, key)

    def _child(self, pair: _Pair, schemas: tuple[Schema, ...], *path: str) -> _Pair:
        old, new = (self._side(schema, self._places(side, path)) for schema, side in zip(schemas, pair, strict=True))
        return _Pair(old, new)

    # ------------------------------------------------ alternatives
    def _alternatives(self, pair: _Pair) -> tuple[list[SchemaChange], list[_Pair]]:
        """The changes of `oneOf` and `anyOf`. Alternatives that correspond are pairs; others are compared as a
        whole."""
        found = list(self._exclusive(pair))
        try:
            olds, news = (
                [self._variant(side, *variant) for variant in self._messages.variants(side.normalized)] for side in pair
            )
        except TooComplex:
            if signature(pair.old.normalized["choices"]) == signature(pair.new.normalized["choices"]):
                return found, []
            what = "the alternatives changed (can't tell whether it breaks: there are too many combinations)"
            return [
                *found,
                SchemaChange(ChangeKind.BREAKING, pair.new.places[0], what, self._both.end(pair.new.places[0])),
            ], []
        matched = list(self._matched(olds, news))
        for old in [old for old in olds if not any(old is each.old for each in matched)]:
            verdict = self._verdict(old.normalized, pair.new.normalized) if self._requests else Compatibility.YES
            found.append(self._alternative(old, "gone", verdict))
        for new in [new for new in news if not any(new is each.new for each in matched)]:
            verdict = Compatibility.YES if self._requests else self._verdict(pair.old.normalized, new.normalized)
            found.append(self._alternative(new, "new", verdict))
        return found, matched

    def _variant(self, side: _Side, normalized: NormalizedSchema, trail: tuple[Schema, ...]) -> _Side:
        places = found = side.places
        known: dict[int, list[Steps]] = {}  # the places of each alternative
        for branch in trail:
            for alternative, place in self._alternatives_at(found):
                known.setdefault(id(alternative), []).append(place)
            found = tuple(known.get(id(branch), ()))
            places = (*places, *found)
        return _Side(normalized, places)

    def _alternatives_at(self, places: tuple[Steps, ...]) -> Iterator[tuple[Schema, Steps]]:
        for part in self._parts(places):
            for key in ("oneOf", "anyOf"):
                members = mapping(self._both.at(part)).get(key) or ()
                yield from ((member, (*part, key, index)) for index, member in enumerate(members))

    def _matched(self, olds: list[_Side], news: list[_Side]) -> Iterator[_Pair]:
        """The pairs of corresponding alternatives: by their text, their tags, or their order."""
        olds, news = list(olds), list(news)
        for key in (self._text, _tags):
            for old in list(olds):
                same = [new for new in news if key(old) and key(old) == key(new)]
                if same:
                    yield _Pair(old, same[0])
                    olds.remove(old)
                    news.remove(same[0])
        if len(olds) == len(news):
            yield from (_Pair(old, new) for old, new in zip(olds, news, strict=True))

    def _text(self, side: _Side) -> str:
        return signature(self._both.at(side.places[-1]))

    def _alternative(self, side: _Side, word: str, verdict: Compatibility) -> SchemaChange:
        branch = mapping(self._both.at(side.places[-1]))
        name = str(branch.get("$ref", branch.get("title", ""))).rpartition("/")[2] or f"number {side.places[-1][-1]}"
        doubt = " (can't tell whether it breaks: the alternatives can't be compared)"
        what = f"the alternative {name} is {word}{doubt if verdict is Compatibility.UNKNOWN else ''}"
        return SchemaChange(
            _KINDS.get(verdict, ChangeKind.BREAKING), side.places[-1], what, self._both.end(side.places[0])
        )

    def _exclusive(self, pair: _Pair) -> Iterator[SchemaChange]:
        before, after = ({choice.exclusive for choice in side.normalized.get("choices", ())} for side in pair)
        if before and after and before != after:
            narrowed = (True in after) is self._requests
            kind = ChangeKind.BREAKING if narrowed else ChangeKind.NON_BREAKING
            what = "oneOf stands where anyOf stood" if True in after else "anyOf stands where oneOf stood"
            doubt = " (can't tell whether it breaks: a value may fit several alternatives)" if narrowed else ""
            yield SchemaChange(kind, pair.new.places[0], what + doubt, self._both.end(pair.new.places[0]), tried=False)

    # ------------------------------------------------ documentation and annotations
    def _documented(self, pair: _Pair) -> Iterator[SchemaChange]:
        """The changes of the documentation."""
        olds, news = (self._keywords(side) for side in pair)
        for key in dict.fromkeys((*olds, *news)):
            if (key in _DOCUMENTATION or key.startswith("x-")) and signature(_values(olds, key)) != signature(
                _values(news, key)
            ):
                place = (news if key in news else olds)[key][0][0]
                yield SchemaChange(
                    ChangeKind.DOCUMENTATION, (*place, key), wording(key, key in olds, key in news), place
                )

    def _attributes(self, pair: _Pair) -> Iterator[SchemaChange]:
        """The changes of keywords that validators ignore, but users of the contract don't."""
        olds, news = (self._keywords(side) for side in pair)
        for key in ("default", "deprecated", "discriminator"):
            before, after = _values(olds, key), _values(news, key)
            if signature(before) != signature(after):
                place = (news if key in news else olds)[key][0][0]
                kind = self._kind_of_attribute(key, before, after)
                change = f": it was {shown(before[0])}, and is {shown(after[0])} now" if before and after else ""
                yield SchemaChange(
                    kind, (*place, key), wording(key, bool(before), bool(after)) + change, place, tried=False
                )

    def _kind_of_attribute(self, key: str, before: list[Any], after: list[Any]) -> ChangeKind:
        if key == "default":
            return ChangeKind.BREAKING if before and self._requests else ChangeKind.NON_BREAKING
        if key == "discriminator" and before:
            olds, news = (mapping(values[0]) if values else {} for values in (before, after))
            same_name = olds.get("propertyName") == news.get("propertyName")
            kept = mapping(olds.get("mapping")).keys() <= mapping(news.get("mapping")).keys()
            return ChangeKind.NON_BREAKING if same_name and (kept or not self._requests) else ChangeKind.BREAKING
        return ChangeKind.NON_BREAKING

    def _keywords(self, side: _Side) -> dict[str, list[tuple[Steps, Any]]]:
        """The places and values of each keyword in the parts of a schema."""
        said: dict[str, list[tuple[Steps, Any]]] = {}
        for part in self._parts(side.places):
            for key, value in self._both.node(part).items():
                said.setdefault(key, []).append((part, value))
        return said

    # ------------------------------------------------ places
    def _parts(self, places: tuple[Steps, ...]) -> Iterator[Steps]:
        """The places of the parts of a schema: itself, and the members of its `allOf`."""
        for place in places:
            end = self._both.end(place)
            yield end
            members = self._both.node(end).get("allOf") or ()
            yield from self._parts(tuple((*end, "allOf", index) for index in range(len(members))))

    def _places(self, side: _Side, path: Steps) -> tuple[Steps, ...]:
        """The places of a value below a schema, in all its parts."""
        found = [(*part, *path) for part in self._parts(side.places) if self._both.at((*part, *path)) is not None]
        return tuple(found) or side.places[:1]

    def _place(self, pair: _Pair, facet: Facet, what: str) -> tuple[Steps, str, Steps]:
        side = pair.old if facet.in_old else pair.new
        place = self._places(side, facet.path)[0]
        is_found = place[-len(facet.path) :] == facet.path
        return place, what, place[: -len(facet.path)] if is_found else place


def _is_refuted(found: SchemaChange) -> bool:
    """Whether a breaking change isn't one if the whole schema is compatible."""
    return found.tried and found.kind is ChangeKind.BREAKING


def _tags(side: _Side) -> str:
    """The tags of an alternative, as text: its properties that have one value only."""
    properties = side.normalized.get("properties", {})
    single = {name: schema["enum"] for name, schema in properties.items() if len(schema.get("enum", ())) == 1}
    return signature(single) if single else ""


def _values(said: dict[str, list[tuple[Steps, Any]]], key: str) -> list[Any]:
    return [value for _, value in said.get(key, ())]


def wording(key: str, before: object, after: object) -> str:
    """A sentence that says whether the value under a key is new, gone, or changed."""
    if before and after:
        return f"the {key} changed"
    return f"the {key} is new" if after else f"the {key} is gone"


def _why(facet: Facet) -> str:
    """The reason why a difference can't be decided, in words."""
    reasons = {"pattern": "the patterns can't be compared", "format": "nothing is known about that format"}
    reason = reasons.get(str(facet.path[0]), "the schemas are too involved to be compared")
    return f"can't tell whether it breaks: {reason}"


def label(steps: Steps, otherwise: str) -> str:
    """The name of a place in a schema, like `Pet.tags[]`; it begins with `otherwise` if the schema has no name."""
    steps = steps[1:] if steps[:1] in [(side,) for side in SIDES] else steps
    if steps[:2] == ("components", "schemas"):
        name, rest = str(steps[2]), steps[3:]
    else:
        name = otherwise
        last = max((index for index, step in enumerate(steps) if step == "schema"), default=len(steps))
        rest = steps[last + 1 :]
    return name + "".join(_words(rest))


def _words(steps: Steps) -> Iterator[str]:
    waiting = iter(steps)
    for step in waiting:
        if step == "properties":
            yield f".{next(waiting, '')}"
        elif step == "items":
            yield "[]"
        elif step == "additionalProperties":
            yield ".*"

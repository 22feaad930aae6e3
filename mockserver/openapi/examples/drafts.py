"""Drafts of whole values: objects, arrays and their members.

A value is drafted again with another plan at each path where it was invalid. The value at a path depends only on the
seed, the schema's pointer, the path and the number of revisions there: so the rest stays as it was, and every process
drafts the same value.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from itertools import count, islice
from random import Random  # noqa: TID251 (made from the world's seed and the place in the contract)
from typing import Any

from mockserver.errors import NoExample
from mockserver.openapi.examples import samples
from mockserver.openapi.examples.budget import A_VALUE, Budget, BudgetExceeded
from mockserver.openapi.examples.varieties import Variety, kind_of_place, turn_of, varied
from mockserver.openapi.normal_forms import NormalizedSchema, Schema, Unsatisfiable, both, member
from mockserver.openapi.normalization import SchemaNormalizer, TooComplex
from mockserver.violations import Path, Violation

_PLANS = 24  # ways to make the value at one path
_ROOM = 400  # values in a value, before optional objects and arrays are left out
_MOST = 10_000  # properties, if the schema sets no limit
_MOST_STEPS = 20_000  # of merging schemas, all drafts counted
_DEEPEST = 40
_OUTERMOST = 2  # steps to an array that a body is about: `items` of `data`, at most
_BEFORE_PARENT = 3  # revisions at a path before the value around it is revised, too
_BEFORE_OMISSION = 5  # revisions of an optional property before it is left out
_TRIES = 60  # to make a required item that differs from the others
_PLURAL = re.compile("(?<![su])s$")
_SCALARS = ("string", "integer", "number", "boolean")
_UNTYPED = ("string", "object", "integer", "boolean", "array")
_HINTS = {
    "object": ("properties", "additionalProperties", "required", "minProperties", "maxProperties", "named"),
    "array": ("items", "minItems", "maxItems", "uniqueItems", "prefix", "contained"),
    "string": ("patterns", "minLength", "maxLength", "format"),
    "number": ("low", "high", "multiples"),
}
_Plan = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Position:
    """A position in the value: its path, the name of the nearest property, the room (how many values fit in here), the
    references being followed, the number of revisions above and right here, and the turn: whose record it is in among
    those of its kind, 0 if there is only one."""

    path: Path
    name: str
    room: float
    following: frozenset[str] = frozenset()
    above: int = 0
    here: int = 0
    turn: int = 0

    def inside(self, step: str | int, room: float) -> "_Position":
        """The position of a property or an item. An item is named like the array, in the singular."""
        name = step if isinstance(step, str) else _PLURAL.sub("", self.name)
        turn = max(1, self.turn) + step if isinstance(step, int) and (step or self.turn) else self.turn
        return _Position((*self.path, step), name, room, self.following, self.above + self.here, 0, turn)


class Drafter:
    """Drafts a value, and drafts it again where it was invalid."""

    def __init__(self, schemas: SchemaNormalizer, seed: str, variation: str = "") -> None:
        self._schemas = schemas
        self._schemas.allow(_MOST_STEPS)
        self._common, self._turn = seed, turn_of(variation)
        self._seed = f"{seed}:{variation}" if variation else seed
        self._revisions: Counter[Path] = Counter()
        self._decided_paths: set[Path] = set()
        self._budget = Budget()
        self._normalized_by_id: dict[int, tuple[Schema, NormalizedSchema]] = {}

    def draft(self, pointer: str) -> object:
        """A value for the schema at a pointer, not validated yet. Raises NoExample if none can be made."""
        return self._drafted(pointer, self._value)

    def varied(self, pointer: str, model: object) -> object:
        """A value like another one of the schema at a pointer, not validated yet. Raises NoExample if it can't be
        read."""
        return self._drafted(pointer, lambda schema, top: self._varied(self._normalized(schema), model, top))

    def _drafted(self, pointer: str, make: Callable[[Schema, _Position], object]) -> object:
        self._decided_paths = set()
        self._schemas.bind(pointer)
        try:
            return make({"$ref": f"#{pointer}"}, _Position((), "", _ROOM, turn=self._turn))
        except (Unsatisfiable, BudgetExceeded) as error:
            raise NoExample(f"There is no example for #{pointer}: {error}.") from error
        except (TooComplex, RecursionError) as error:
            raise NoExample(f"There is no example for #{pointer}: the schema is too involved.") from error

    def revise(self, violations: list[Violation]) -> None:
        """Let the next draft differ at the paths of these violations."""
        for path in dict.fromkeys(map(self._decided_at, violations)):
            self._revise_at(path)

    def _value(self, schema: Schema, position: _Position) -> object:
        self._budget.spend(A_VALUE)
        self._decided_paths.add(position.path)
        normalized, ref, revision = self._normalized(schema), _reference(schema), self._revisions[position.path]
        if ref in position.following or len(position.path) > _DEEPEST:
            if "null" in normalized.get("types", ()):
                return None
            raise Unsatisfiable("it would go on inside of itself without end")
        following = position.following | {ref} if ref else position.following
        above, turn = position.above, position.turn
        position = _Position(position.path, position.name, position.room, following, above, revision, turn)
        problem = Unsatisfiable("none of the alternatives fits")
        for plan in _from(revision, self._plans(normalized, position)):
            try:
                return plan()
            except Unsatisfiable as error:
                problem = error
        raise problem

    def _normalized(self, schema: Schema) -> NormalizedSchema:
        """The normalised schema, cached by the id of the schema, which is kept alive with it."""
        if id(schema) not in self._normalized_by_id:
            self._normalized_by_id[id(schema)] = schema, self._schemas.normalized(schema)
        return self._normalized_by_id[id(schema)][1]

    def _revise_at(self, path: Path) -> None:
        self._revisions[path] += 1
        if path and self._revisions[path] % _BEFORE_PARENT == 0:
            self._revise_at(path[:-1])

    def _decided_at(self, violation: Violation) -> Path:
        """The path at which the value of a violation was decided."""
        path = violation.path[:-1] if violation.keyword in ("required", "additionalProperties") else violation.path
        while path not in self._decided_paths:
            path = path[:-1]
        return path

    def _plans(self, normalized: NormalizedSchema, position: _Position) -> Iterator[_Plan]:
        """The plans to make a value, the best first: values that the contract declares, then generated ones."""
        if "example" in normalized:
            yield from self._shown(normalized, normalized["example"], position)
        for variant in self._schemas.variants(normalized):
            if "example" in variant and not ("example" in normalized or "properties" in normalized):
                yield from self._shown(variant, variant["example"], position)
            if position.turn > 1 and "enum" in variant:
                yield partial(self._made, variant, position)
            if variant.get("default", "") not in ("", None, [], {}):
                yield partial(self._declared, variant, variant["default"])
            yield partial(self._made, variant, position)
        if "null" in normalized.get("types", ()):
            yield lambda: None

    def _shown(self, normalized: NormalizedSchema, value: object, position: _Position) -> Iterator[_Plan]:
        """The plans to make a value of a declared example: as another record has it, and itself."""
        if position.turn > 1:
            yield partial(self._varied, normalized, value, position)
        yield partial(self._declared, normalized, value)

    def _varied(self, normalized: NormalizedSchema, value: object, position: _Position) -> object:
        """A declared value as the record of another turn has it; itself where that was wrong before."""
        self._decided_paths.add(position.path)
        if position.turn <= 1 or self._revisions[position.path]:
            return self._declared(normalized, value)
        if isinstance(value, Mapping):
            shown = self._declared(normalized, value)
            inner = {str(name): self._normalized(member(normalized, str(name))) for name in shown}
            return {name: self._varied(inner[name], shown[name], position.inside(name, 0)) for name in inner}
        if isinstance(value, list):
            places = (replace(position.inside(index, 0), turn=position.turn) for index, _ in enumerate(value))
            items = (self._normalized(_item_schema(normalized, index)) for index, _ in enumerate(value))
            return [
                self._varied(item, one, place) if isinstance(one, Mapping) else self._declared(item, one)
                for item, one, place in zip(items, value, places, strict=False)
            ]
        if "enum" in normalized:
            return self._made(normalized, position)
        self._budget.spend(1 + len(value) if isinstance(value, str) else 1)
        variety = Variety(position.name, position.turn, self._chance(position))
        return varied(value, normalized, variety, self._budget)

    def _declared(self, normalized: NormalizedSchema, value: object) -> Any:
        """A copy of a value that the contract declares, without optional `writeOnly` properties."""
        self._budget.spend(1 + len(value) if isinstance(value, str) else 1)
        if isinstance(value, list):
            return [
                self._declared(self._normalized(_item_schema(normalized, index)), item)
                for index, item in enumerate(value)
            ]
        if not isinstance(value, Mapping):
            return value
        members = {str(name): (self._normalized(member(normalized, str(name))), inner) for name, inner in value.items()}
        self._budget.spend(sum(map(len, members)))
        required = frozenset(normalized.get("required", ()))
        return {
            name: self._declared(declared, inner)
            for name, (declared, inner) in members.items()
            if name in required or not declared.get("writeOnly")
        }

    def _made(self, normalized: NormalizedSchema, position: _Position) -> object:
        if "enum" in normalized:
            choices = [value for value in normalized["enum"] if value is not None] or [None]
            place = self._place(position) if position.turn <= 1 else self._common_place(position) + position.turn
            return self._declared({}, choices[place % len(choices)])
        match self._kind(normalized, position):
            case "object":
                return self._object(normalized, position)
            case "array":
                return self._array(normalized, position)
            case kind:
                return self._scalar(kind, normalized, position)

    def _scalar(self, kind: str, normalized: NormalizedSchema, position: _Position) -> object:
        match kind:
            case "string":
                turn = samples.Turn(position.turn, Random(f"{self._common}:{kind_of_place(position.path)}"))  # noqa: S311 (no secret)
                return samples.text(
                    normalized,
                    position.name,
                    self._chance(position),
                    self._budget,
                    plain=position.here + position.above // 2 >= _BEFORE_PARENT,
                    turn=turn if position.turn else None,
                )
            case "integer" | "number":
                return samples.number(normalized, position.name, self._place(position), whole=kind == "integer")
            case "boolean":
                return self._place(position) % 2 == 1
            case _:
                return None

    def _kind(self, normalized: NormalizedSchema, position: _Position) -> str:
        types: tuple[str, ...] = normalized.get("types") or tuple(
            kind for kind, hints in _HINTS.items() if any(hint in normalized for hint in hints)
        )
        types = types or (_UNTYPED if position.name else _UNTYPED[1:])
        types = tuple(kind for kind in types if kind != "null") or types
        return types[position.here % len(types)]

    def _place(self, position: _Position) -> int:
        """A number that differs by path and by revisions above, and increases by one with each revision here."""
        place = f"{self._seed}:{position.path}:{position.above}".encode()
        return int.from_bytes(blake2b(place, digest_size=4).digest()) + position.here

    def _common_place(self, position: _Position) -> int:
        """A number as `_place` gives it, which all records of a kind share."""
        place = f"{self._common}:{kind_of_place(position.path)}:{position.above}".encode()
        return int.from_bytes(blake2b(place, digest_size=4).digest()) + position.here

    def _chance(self, position: _Position) -> Random:
        return Random(f"{self._seed}:{position.path}:{position.above}:{position.here}")  # noqa: S311 (no secret)

    def _object(self, normalized: NormalizedSchema, position: _Position) -> dict[str, object]:
        names = self._names(normalized, position)
        self._budget.spend(sum(map(len, names)))
        nesting = sum(self._nests(member(normalized, name)) for name in names)
        room = max(0, position.room - len(names)) / max(1, nesting)
        made: dict[str, object] = {}
        for name in names:
            try:
                made[name] = self._value(member(normalized, name), position.inside(name, room))
            except Unsatisfiable:
                if name in normalized.get("required", ()):
                    raise
        self._add_undeclared(normalized, position, made)
        return made

    def _names(self, normalized: NormalizedSchema, position: _Position) -> list[str]:
        """The properties of the object: all except those that a server doesn't send, and those without room."""
        declared, required = normalized.get("properties", {}), dict.fromkeys(normalized.get("required", ()))
        self._budget.spend(len(declared) + len(required))
        needed = [
            *(name for name in declared if name in required),
            *(name for name in required if name not in declared),
        ]
        sent = [name for name in declared if name not in required and self._is_sent(normalized, name, position.path)]
        roomy = position.room >= len(declared)
        welcome = sent if roomy else [name for name in sent if not self._nests(declared[name])][: int(position.room)]
        taken = frozenset(welcome)
        spare = [name for name in sent if name not in taken]
        welcome += spare[: max(0, normalized.get("minProperties", 0) - len(needed) - len(welcome))]
        kept = {*needed, *welcome[: max(0, normalized.get("maxProperties", _MOST) - len(needed))]}
        return [name for name in dict.fromkeys((*declared, *needed)) if name in kept]

    def _is_sent(self, normalized: NormalizedSchema, name: str, path: Path) -> bool:
        """Whether an optional property belongs in a response, and wasn't revised too often."""
        if name in normalized.get("forbidden", ()) or self._revisions[(*path, name)] > _BEFORE_OMISSION:
            return False
        with suppress(Unsatisfiable):
            return not self._normalized(member(normalized, name)).get("writeOnly")
        return False

    def _nests(self, schema: Schema) -> bool:
        """Whether the values of a schema may hold others."""
        with suppress(Unsatisfiable):
            normalized = self._normalized(schema)
            return "enum" not in normalized and normalized.get("types", ("object",))[0] not in _SCALARS
        return False

    def _add_undeclared(self, normalized: NormalizedSchema, position: _Position, made: dict[str, object]) -> None:
        """Add undeclared properties: as many as `minProperties` needs, and one if the object is a map."""
        least = normalized.get("minProperties", 0)
        patterns, others = normalized.get("named"), normalized.get("additionalProperties")
        is_map = bool(others or (patterns and others is not None)) and not made and position.room >= 1
        wanted = min(max(least, int(is_map)), normalized.get("maxProperties", _MOST))
        fresh = self._fresh_names(normalized, position, made)
        while len(made) < wanted:
            name = next(fresh)
            try:
                made[name] = self._value(member(normalized, name), position.inside(name, position.room / wanted))
            except Unsatisfiable:
                if len(made) < least:
                    raise
                return

    def _fresh_names(
        self, normalized: NormalizedSchema, position: _Position, made: Mapping[str, object]
    ) -> Iterator[str]:
        """Names for undeclared properties, without end: those that the schema of names or a pattern allows come
        first."""
        schemas = [normalized["propertyNames"]] if "propertyNames" in normalized else []
        schemas += [{"type": "string", "pattern": pattern} for pattern in normalized.get("named", ())]
        for turn in range(_TRIES if schemas else 0):
            with suppress(Unsatisfiable):
                inside = _Position((*position.path, f"name {turn}"), "name", 0)
                text = {"type": "string", "minLength": max(0, turn - _TRIES // 2)}  # as short ones may be few
                name = self._value(both(text, schemas[turn % len(schemas)]), inside)
                if isinstance(name, str) and name not in made:
                    yield name
        yield from (f"key{index}" for index in count(1) if f"key{index}" not in made)

    def _array(self, normalized: NormalizedSchema, position: _Position) -> list[object]:
        contained = sum(count for count, _ in normalized.get("contained", ()))
        least = max(normalized.get("minItems", 0), contained)
        several = (
            2 + self._place(position) % 2 if self._is_list(normalized, position) else 1 + self._place(position) % 3
        )
        size = least if position.room < 1 else max(least, min(several, int(position.room)))
        size = max(size, len(normalized.get("prefix", ())))
        made: dict[str, object] = {}
        for index in range(min(size, normalized.get("maxItems", size))):
            inside = position.inside(index, max(0, position.room / size - 1))
            try:
                key, item = self._item(normalized, inside, made, _TRIES if index < least else 2)
            except Unsatisfiable:
                if index < least:
                    raise
                break
            made[key] = item
        return list(made.values())

    def _is_list(self, normalized: NormalizedSchema, position: _Position) -> bool:
        """Whether an array is what a body is about: a list of objects, of which one alone would show little."""
        return len(position.path) <= _OUTERMOST and self._nests(normalized.get("items", {}))

    def _item(
        self, normalized: NormalizedSchema, position: _Position, others: Mapping[str, object], tries: int
    ) -> tuple[str, object]:
        """An item and its key: its JSON text if items must be unique, else its index."""
        for _ in range(tries):
            item = self._value(_item_schema(normalized, int(position.path[-1])), position)
            key = json.dumps(item, sort_keys=True) if normalized.get("uniqueItems") else str(position.path[-1])
            if key not in others:
                return key, item
            self._revisions[position.path] += 1
        raise Unsatisfiable("there are not enough different items")


def _item_schema(normalized: NormalizedSchema, index: int) -> Schema:
    """The schema of the item at an index: the first items are those that the list has to contain."""
    prefix: Sequence[Schema] = normalized.get("prefix", ())
    found: Schema = prefix[index] if index < len(prefix) else normalized.get("items", {})
    for least, schema in normalized.get("contained", ()):
        if index < least:
            return both(found, schema)
        index -= least
    return found


def _reference(schema: Schema) -> str:
    """The only reference of a schema, or "". Following it again inside of itself would not end."""
    members = schema.get("allOf", ())
    ref = members[0].get("$ref") if len(members) == 1 else schema.get("$ref")
    return ref if isinstance(ref, str) else ""


def _from(revision: int, plans: Iterator[_Plan]) -> Iterator[_Plan]:
    """The plans, beginning with the one of this revision, each once."""
    passed = list(islice(plans, revision + 1))
    start = revision % max(1, len(passed))
    yield from passed[start:]
    yield from islice(plans, _PLANS)
    yield from passed[:start]

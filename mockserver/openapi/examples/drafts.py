"""A whole value: objects, arrays, and what is in them.

It is drafted again with another turn taken where it was found wrong. What stands at a path of the value depends on the
seed, the schema's pointer, the path and the turns taken there, and on nothing else: so everything else stays as it was,
and the same value comes out in every process.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import count, islice
from random import Random  # noqa: TID251 (made from the world's seed and the place in the contract)

from mockserver.errors import NoExample
from mockserver.openapi.examples import samples
from mockserver.openapi.examples.budget import A_VALUE, Budget, BudgetExceeded
from mockserver.openapi.normalization import (
    NormalizedSchema,
    Schema,
    SchemaNormalizer,
    TooComplex,
    Unsatisfiable,
    member,
)
from mockserver.violations import Path, Violation

_PLANS = 24  # ways to make the value at one path
_ROOM = 400  # values in a value, before optional objects and arrays are left out
_MOST = 10_000  # properties, where the schema says no number
_MOST_STEPS = 20_000  # of merging schemas, all drafts counted
_DEEPEST = 40
_STUBBORN = 3  # turns taken at a path before one is taken at the value around it, too
_HOPELESS = 5  # turns taken at an optional property before it is left out
_TRIES = 60  # at an item that isn't there yet, where one is needed
_PLURAL = re.compile("(?<![su])s$")
_SCALARS = ("string", "integer", "number", "boolean")
_UNTYPED = ("string", "object", "integer", "boolean", "array")
_HINTS = {
    "object": ("properties", "additionalProperties", "required", "minProperties", "maxProperties"),
    "array": ("items", "minItems", "maxItems", "uniqueItems"),
    "string": ("patterns", "minLength", "maxLength", "format"),
    "number": ("low", "high", "multiples"),
}
_Plan = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in the value we are: the path, the name of the nearest property, how many values fit in here, which
    references are being followed, and how many turns were taken above and right here."""

    path: Path
    name: str
    room: float
    following: frozenset[str] = frozenset()
    above: int = 0
    here: int = 0

    def inside(self, step: str | int, room: float) -> "_Spot":
        """The spot of a property or an item, an item being named like the array, in the singular."""
        name = step if isinstance(step, str) else _PLURAL.sub("", self.name)
        return _Spot((*self.path, step), name, room, self.following, self.above + self.here)


class Drafter:
    """Drafts a value, again and again."""

    def __init__(self, schemas: SchemaNormalizer, seed: str) -> None:
        self._schemas = schemas
        self._schemas.allow(_MOST_STEPS)
        self._seed = seed
        self._turns: Counter[Path] = Counter()
        self._decided: set[Path] = set()
        self._budget = Budget()
        self._normalized_by_id: dict[int, tuple[Schema, NormalizedSchema]] = {}

    def draft(self, pointer: str) -> object:
        """A value for the schema at a pointer, not judged yet. Raises NoExample if none can be made."""
        self._decided = set()
        try:
            return self._value({"$ref": f"#{pointer}"}, _Spot((), "", _ROOM))
        except (Unsatisfiable, BudgetExceeded) as error:
            raise NoExample(f"There is no example for #{pointer}: {error}.") from error
        except (TooComplex, RecursionError) as error:
            raise NoExample(f"There is no example for #{pointer}: the schema is too involved.") from error

    def take_turns(self, violations: list[Violation]) -> None:
        """Let the next draft differ where this one was found wrong."""
        for path in dict.fromkeys(map(self._culprit, violations)):
            self._take_turn(path)

    def _value(self, schema: Schema, spot: _Spot) -> object:
        self._budget.spend(A_VALUE)
        self._decided.add(spot.path)
        normalized, ref, turn = self._normalized(schema), _reference(schema), self._turns[spot.path]
        if ref in spot.following or len(spot.path) > _DEEPEST:
            if "null" in normalized.get("types", ()):
                return None
            raise Unsatisfiable("it would go on inside of itself without end")
        following = spot.following | {ref} if ref else spot.following
        spot = _Spot(spot.path, spot.name, spot.room, following, spot.above, turn)
        problem = Unsatisfiable("none of the alternatives fits")
        for plan in _from(turn, self._plans(normalized, spot)):
            try:
                return plan()
            except Unsatisfiable as error:
                problem = error
        raise problem

    def _normalized(self, schema: Schema) -> NormalizedSchema:
        """The normalized schema, made once: the schema is kept with it, as only then it is the same for as long."""
        if id(schema) not in self._normalized_by_id:
            self._normalized_by_id[id(schema)] = schema, self._schemas.normalized(schema)
        return self._normalized_by_id[id(schema)][1]

    def _take_turn(self, path: Path) -> None:
        self._turns[path] += 1
        if path and self._turns[path] % _STUBBORN == 0:
            self._take_turn(path[:-1])

    def _culprit(self, violation: Violation) -> Path:
        """The path at which was decided what the violation complains about."""
        path = violation.path[:-1] if violation.keyword in ("required", "additionalProperties") else violation.path
        while path not in self._decided:
            path = path[:-1]
        return path

    def _plans(self, normalized: NormalizedSchema, spot: _Spot) -> Iterator[_Plan]:
        """The ways to make a value, the best first: what the contract itself shows, then what can be made up."""
        if "example" in normalized:
            yield partial(self._shown, normalized, normalized["example"])
        for variant in self._schemas.variants(normalized):
            if "example" in variant and not ("example" in normalized or "properties" in normalized):
                yield partial(self._shown, variant, variant["example"])
            if variant.get("default", "") not in ("", None, [], {}):
                yield partial(self._shown, variant, variant["default"])
            yield partial(self._made, variant, spot)
        if "null" in normalized.get("types", ()):
            yield lambda: None

    def _shown(self, normalized: NormalizedSchema, value: object) -> object:
        """A copy of a value that the contract shows, without what is writeOnly."""
        self._budget.spend(1 + len(value) if isinstance(value, str) else 1)
        if isinstance(value, list):
            return [self._shown(self._normalized(normalized.get("items", {})), item) for item in value]
        if not isinstance(value, Mapping):
            return value
        members = {str(name): (self._normalized(member(normalized, str(name))), inner) for name, inner in value.items()}
        self._budget.spend(sum(map(len, members)))
        required = frozenset(normalized.get("required", ()))
        return {
            name: self._shown(declared, inner)
            for name, (declared, inner) in members.items()
            if name in required or not declared.get("writeOnly")
        }

    def _made(self, normalized: NormalizedSchema, spot: _Spot) -> object:
        if "enum" in normalized:
            choices = [value for value in normalized["enum"] if value is not None] or [None]
            return self._shown({}, choices[self._place(spot) % len(choices)])
        match self._kind(normalized, spot):
            case "object":
                return self._object(normalized, spot)
            case "array":
                return self._array(normalized, spot)
            case kind:
                return self._scalar(kind, normalized, spot)

    def _scalar(self, kind: str, normalized: NormalizedSchema, spot: _Spot) -> object:
        match kind:
            case "string":
                chance = Random(f"{self._seed}:{spot.path}:{spot.above}:{spot.here}")  # noqa: S311 (nobody's secret)
                return samples.text(
                    normalized, spot.name, chance, self._budget, plain=spot.here + spot.above // 2 >= _STUBBORN
                )
            case "integer" | "number":
                return samples.number(normalized, spot.name, self._place(spot), whole=kind == "integer")
            case "boolean":
                return self._place(spot) % 2 == 1
            case _:
                return None

    def _kind(self, normalized: NormalizedSchema, spot: _Spot) -> str:
        types: tuple[str, ...] = normalized.get("types") or tuple(
            kind for kind, hints in _HINTS.items() if any(hint in normalized for hint in hints)
        )
        types = types or (_UNTYPED if spot.name else _UNTYPED[1:])
        types = tuple(kind for kind in types if kind != "null") or types
        return types[spot.here % len(types)]

    def _place(self, spot: _Spot) -> int:
        """A number that is another one at each path and after each turn above, and the next one after a turn here."""
        place = f"{self._seed}:{spot.path}:{spot.above}".encode()
        return int.from_bytes(blake2b(place, digest_size=4).digest()) + spot.here

    def _object(self, normalized: NormalizedSchema, spot: _Spot) -> dict[str, object]:
        names = self._names(normalized, spot)
        self._budget.spend(sum(map(len, names)))
        nesting = sum(self._nests(member(normalized, name)) for name in names)
        room = max(0, spot.room - len(names)) / max(1, nesting)
        made: dict[str, object] = {}
        for name in names:
            try:
                made[name] = self._value(member(normalized, name), spot.inside(name, room))
            except Unsatisfiable:
                if name in normalized.get("required", ()):
                    raise
        self._add_undeclared(normalized, spot, made)
        return made

    def _names(self, normalized: NormalizedSchema, spot: _Spot) -> list[str]:
        """The properties to have: all but what a server doesn't send, and what there is no room for."""
        declared, required = normalized.get("properties", {}), dict.fromkeys(normalized.get("required", ()))
        self._budget.spend(len(declared) + len(required))
        needed = [
            *(name for name in declared if name in required),
            *(name for name in required if name not in declared),
        ]
        sent = [name for name in declared if name not in required and self._is_sent(normalized, name, spot.path)]
        roomy = spot.room >= len(declared)
        welcome = sent if roomy else [name for name in sent if not self._nests(declared[name])][: int(spot.room)]
        taken = frozenset(welcome)
        spare = [name for name in sent if name not in taken]
        welcome += spare[: max(0, normalized.get("minProperties", 0) - len(needed) - len(welcome))]
        kept = {*needed, *welcome[: max(0, normalized.get("maxProperties", _MOST) - len(needed))]}
        return [name for name in dict.fromkeys((*declared, *needed)) if name in kept]

    def _is_sent(self, normalized: NormalizedSchema, name: str, path: Path) -> bool:
        """Whether an optional property belongs into an answer, and a good value for it seems within reach."""
        if name in normalized.get("forbidden", ()) or self._turns[(*path, name)] > _HOPELESS:
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

    def _add_undeclared(self, normalized: NormalizedSchema, spot: _Spot, made: dict[str, object]) -> None:
        """Properties that nobody named: as many as are asked for, and one if their schema is all that there is."""
        least = normalized.get("minProperties", 0)
        is_map = bool(normalized.get("additionalProperties")) and not made and spot.room >= 1
        wanted = min(max(least, int(is_map)), normalized.get("maxProperties", _MOST))
        fresh = (f"key{index}" for index in count(1) if f"key{index}" not in made)
        while len(made) < wanted:
            name = next(fresh)
            try:
                made[name] = self._value(member(normalized, name), spot.inside(name, spot.room / wanted))
            except Unsatisfiable:
                if len(made) < least:
                    raise
                return

    def _array(self, normalized: NormalizedSchema, spot: _Spot) -> list[object]:
        least = normalized.get("minItems", 0)
        size = least if spot.room < 1 else max(least, min(1 + self._place(spot) % 3, int(spot.room)))
        made: dict[str, object] = {}
        for index in range(min(size, normalized.get("maxItems", size))):
            inside = spot.inside(index, max(0, spot.room / size - 1))
            try:
                key, item = self._item(normalized, inside, made, _TRIES if index < least else 2)
            except Unsatisfiable:
                if index < least:
                    raise
                break
            made[key] = item
        return list(made.values())

    def _item(
        self, normalized: NormalizedSchema, spot: _Spot, others: Mapping[str, object], tries: int
    ) -> tuple[str, object]:
        """An item and what tells it from the others: what it is if it must be unique, or else where it stands."""
        for _ in range(tries):
            item = self._value(normalized.get("items", {}), spot)
            key = json.dumps(item, sort_keys=True) if normalized.get("uniqueItems") else str(spot.path[-1])
            if key not in others:
                return key, item
            self._turns[spot.path] += 1
        raise Unsatisfiable("there are not enough different items")


def _reference(schema: Schema) -> str:
    """The one reference that a schema consists of, or "". Following it again inside of itself would not end."""
    members = schema.get("allOf", ())
    ref = members[0].get("$ref") if len(members) == 1 else schema.get("$ref")
    return ref if isinstance(ref, str) else ""


def _from(turn: int, plans: Iterator[_Plan]) -> Iterator[_Plan]:
    """The plans from the one whose turn it is, once around."""
    passed = list(islice(plans, turn + 1))
    start = turn % max(1, len(passed))
    yield from passed[start:]
    yield from islice(plans, _PLANS)
    yield from passed[:start]

"""What goes one way: its schemas, written for jsonschema_rs, which decides whether the one fits the other."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Any

import jsonschema_rs
from jsonschema_rs.canonical import CanonicalizationError, Containment, Satisfiability

from mockserver.openapi.contract import INTEGER_BOUNDS
from mockserver.openapi.expressions import LONGEST
from mockserver.openapi.normalization import (
    LIMITS,
    NOTHING,
    Choice,
    Flat,
    Impossible,
    Schema,
    Schemas,
    TooInvolved,
    merge,
)
from mockserver.spec.subsumption.witnesses import is_refuted

_MOST_VARIANTS = 64
_MOST_SCHEMAS = 400
_MOST_TRIES = 2_000  # at choices
_MOST_STEPS = 10_000  # of merging schemas
_ANNOTATIONS = {*INTEGER_BOUNDS, "float", "double", "password", "binary"}  # formats that say nothing of a JSON value
_IMPOSSIBLE: Flat = {"negations": ({},)}
_DEFINITIONS = "#/definitions/"


class Fit(Enum):
    """Whether the one fits the other."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


# What shows that a question about a schema is beyond the library, or us.
_UNTOLD = (TooInvolved, CanonicalizationError, ValueError, jsonschema_rs.ReferencingError, RecursionError)


class Traffic:
    """The schemas of a document, for what goes one way: for requests, where nobody sends what is readOnly; or for
    responses, where nobody sends what is writeOnly."""

    def __init__(self, document: Mapping[str, Any], *, requests: bool) -> None:
        self._schemas = Schemas(document, heirs=False)
        self._hidden = "readOnly" if requests else "writeOnly"

    def flat(self, schema: Schema) -> Flat:
        """A schema with its references followed and its `allOf` merged; one that nothing fits if that contradicts."""
        try:
            return self._schemas.flat(schema)
        except Impossible:
            return _IMPOSSIBLE

    def is_hidden(self, schema: Schema) -> bool:
        """Whether a property isn't sent this way."""
        return bool(self.flat(schema).get(self._hidden))

    def is_impossible(self, schema: Schema) -> bool:
        """Whether it is certain that no value fits a schema."""
        try:
            with self._bounded():
                return _canonical(_Writer(self).written(self.flat(schema))).satisfiability() == Satisfiability.NO
        except _UNTOLD:
            return False

    def variants(self, flat: Flat, trail: tuple[Schema, ...] = ()) -> Iterator[tuple[Flat, tuple[Schema, ...]]]:
        """Each way to make the choices of a flat schema, and which branches that took. Raises TooInvolved."""
        for index, variant in enumerate(self._variants(flat, trail, iter(range(_MOST_TRIES)))):
            if index == _MOST_VARIANTS:
                raise TooInvolved
            yield variant

    def _variants(
        self, flat: Flat, trail: tuple[Schema, ...], tries: Iterator[int]
    ) -> Iterator[tuple[Flat, tuple[Schema, ...]]]:
        if not flat.get("choices"):
            yield flat, trail
            return
        choice: Choice
        choice, *rest = flat["choices"]
        undecided = {**flat, "choices": tuple(rest)}
        for branch in choice.branches:
            if next(tries, None) is None:
                raise TooInvolved
            with suppress(Impossible):
                taken = merge(undecided, self._schemas.flat(branch, choice.above))
                yield from self._variants(taken, (*trail, branch), tries)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Raise TooInvolved where merging takes too many steps."""
        self._schemas.allow(_MOST_STEPS)
        try:
            yield
        finally:
            self._schemas.allow(inf)

    def fits(self, sent: Flat, accepted: Flat, shared: "Shared | None" = None) -> Fit:
        """Whether everything sent is accepted: to the bottom, or without what both share, which is compared apart."""
        try:
            with self._bounded():
                accepting = _Writer(self).written(accepted, shared)
                sending = _Writer(self, closed=True).written(sent, shared)
            outer, inner = _canonical(accepting), _canonical(sending)
            if inner.satisfiability() == Satisfiability.NO:
                return Fit.YES
            verdict = {Containment.YES: Fit.YES, Containment.NO: Fit.NO}.get(outer.covers(inner))
            return verdict or (Fit.NO if is_refuted(sending, accepting) else Fit.UNKNOWN)
        except _UNTOLD:
            return Fit.UNKNOWN


def _canonical(schema: dict[str, Any]) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft4, validate_formats=True, offline=True)


@dataclass(frozen=True, slots=True)
class Shared:
    """Which schemas below two flat ones stand at the same place in both: of properties, by name, of items, and of
    additional properties."""

    properties: Collection[str]
    items: bool
    others: bool

    @classmethod
    def of(cls, old: Flat, new: Flat) -> "Shared":
        """What two flat schemas share."""
        olds, news = old.get("properties", {}), new.get("properties", {})
        others = all(flat.get("additionalProperties", NOTHING) is not NOTHING for flat in (old, new))
        return cls(olds.keys() & news.keys(), "items" in old and "items" in new, others and olds.keys() == news.keys())


_NOT_SHARED = Shared((), items=False, others=False)


class _Writer:
    """Writes flat schemas as JSON Schema Draft 4, closed or as they are."""

    def __init__(self, traffic: Traffic, *, closed: bool = False) -> None:
        self._traffic = traffic
        self._closed = closed
        self._names: dict[tuple[str, bool], str] = {}
        self._waiting: list[tuple[str, bool]] = []
        self._written = 0

    def written(self, flat: Flat, shared: Shared | None = None) -> dict[str, Any]:
        """The whole schema, with the definitions that it needs."""
        root = self._flat(flat, shared or _NOT_SHARED, closed=self._closed)
        definitions: dict[str, Any] = {}
        while self._waiting:
            reference, closed = self._waiting.pop()
            definitions[self._names[reference, closed]] = self._flat(
                self._traffic.flat({"$ref": reference}), closed=closed
            )
        return {**root, "definitions": definitions} if definitions else root

    def _schema(self, schema: Schema, *, closed: bool) -> dict[str, Any]:
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self._flat(self._traffic.flat(schema), closed=closed)
        if (reference, closed) not in self._names:
            self._names[reference, closed] = f"d{len(self._names)}"
            self._waiting.append((reference, closed))
        return {"$ref": _DEFINITIONS + self._names[reference, closed]}

    def _flat(self, flat: Flat, shared: Shared = _NOT_SHARED, *, closed: bool) -> dict[str, Any]:
        self._written += 1
        if self._written > _MOST_SCHEMAS:
            raise TooInvolved
        if flat.get("choices"):
            alternatives = [self._flat(variant, shared, closed=closed) for variant, _ in self._traffic.variants(flat)]
            return {"anyOf": alternatives} if alternatives else {"not": {}}
        written: dict[str, Any] = {key: flat[key] for key in LIMITS if key in flat}
        if flat.get("types"):
            written["type"] = list(flat["types"])
        if flat.get("enum"):
            written["enum"] = flat["enum"]
        if flat.get("format", "binary") not in _ANNOTATIONS:
            written["format"] = flat["format"]
        if "items" in flat:
            written["items"] = {} if shared.items else self._schema(flat["items"], closed=closed)
        parts = list(self._parts(flat))
        return written | self._object(flat, shared, closed=closed) | ({"allOf": parts} if parts else {})

    def _object(self, flat: Flat, shared: Shared, *, closed: bool) -> dict[str, Any]:
        """What a flat schema says about objects."""
        properties: dict[str, Schema] = flat.get("properties", {})
        hidden = {name for name, schema in properties.items() if self._traffic.is_hidden(schema)}
        written: dict[str, Any] = {}
        if properties:
            written["properties"] = {
                name: {} if name in shared.properties else self._schema(schema, closed=closed)
                for name, schema in properties.items()
                if not (closed and name in hidden)
            }
        if required := [name for name in flat.get("required", ()) if name not in hidden]:
            written["required"] = required
        others = flat.get("additionalProperties")
        if others is None:
            return written | ({"additionalProperties": False} if closed and properties else {})
        others = {} if shared.others else self._schema(others, closed=closed)
        return written | {"additionalProperties": False if flat["additionalProperties"] is NOTHING else others}

    def _parts(self, flat: Flat) -> Iterator[dict[str, Any]]:
        """What Draft 4 can't say beside the rest, or could only say once."""
        if "low" in flat:
            yield {"minimum": flat["low"][0], "exclusiveMinimum": flat["low"][1]}
        if "high" in flat:
            yield {"maximum": flat["high"][0], "exclusiveMaximum": not flat["high"][1]}
        if "integer" in flat.get("types", ()) and flat.get("format") in INTEGER_BOUNDS:
            lowest, highest = INTEGER_BOUNDS[flat["format"]]
            yield {"anyOf": [{"minimum": lowest, "maximum": highest}, {"type": "null"}]}
        yield from ({"multipleOf": step} for step in flat.get("multiples", ()))
        # The proof takes time by the square of a pattern's length; without an endless one it claims less.
        yield from ({"pattern": pattern} for pattern in flat.get("patterns", ()) if len(pattern) <= LONGEST)
        yield from ({"not": self._schema(schema, closed=False)} for schema in flat.get("negations", ()))

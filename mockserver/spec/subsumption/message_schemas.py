"""The schemas of requests or of responses, translated for jsonschema_rs, which decides whether one subsumes another."""

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
from mockserver.openapi.normal_forms import (
    LIMITS,
    NOTHING,
    Choice,
    NormalizedSchema,
    Schema,
    Unsatisfiable,
    merge,
    settled,
)
from mockserver.openapi.normalization import SchemaNormalizer, TooComplex
from mockserver.spec.subsumption.witnesses import is_refuted

_MOST_VARIANTS = 64
_MOST_SCHEMAS = 400
_MOST_TRIES = 2_000  # at choices
_MOST_STEPS = 10_000  # of merging schemas
_ANNOTATIONS = {*INTEGER_BOUNDS, "float", "double", "password", "binary"}  # formats that don't restrict JSON values
_UNWRITTEN = {"prefix", "contained", "propertyNames"}  # what Draft 4 has no word for
_UNSATISFIABLE: NormalizedSchema = {"negations": ({},)}
_DEFINITIONS = "#/definitions/"


class Compatibility(Enum):
    """Whether everything that is sent is accepted."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


# The errors of questions that neither the library nor we can answer.
_UNDECIDED = (TooComplex, CanonicalizationError, ValueError, jsonschema_rs.ReferencingError, RecursionError)


class MessageSchemas:
    """The schemas of a document in one direction: in `requests`, without `readOnly` properties, or in responses,
    without `writeOnly` ones."""

    def __init__(self, document: Mapping[str, Any], *, requests: bool) -> None:
        self._schemas = SchemaNormalizer(document, subtypes=False)
        self._hidden = "readOnly" if requests else "writeOnly"

    def normalized(self, schema: Schema) -> NormalizedSchema:
        """The normalised schema; one that accepts nothing if its parts contradict."""
        try:
            return self._schemas.normalized(schema)
        except Unsatisfiable:
            return _UNSATISFIABLE

    def is_hidden(self, schema: Schema) -> bool:
        """Whether a property isn't sent in this direction."""
        return bool(self.normalized(schema).get(self._hidden))

    def is_unsatisfiable(self, schema: Schema) -> bool:
        """Whether a schema certainly accepts no value."""
        try:
            with self._bounded():
                return _canonical(_Writer(self).written(self.normalized(schema))).satisfiability() == Satisfiability.NO
        except _UNDECIDED:
            return False

    def variants(
        self, normalized: NormalizedSchema, trail: tuple[Schema, ...] = ()
    ) -> Iterator[tuple[NormalizedSchema, tuple[Schema, ...]]]:
        """The variants of a normalised schema, each with the branches that were chosen for it. Raises TooComplex."""
        for index, variant in enumerate(self._variants(normalized, trail, iter(range(_MOST_TRIES)))):
            if index == _MOST_VARIANTS:
                raise TooComplex
            yield variant

    def _variants(
        self, normalized: NormalizedSchema, trail: tuple[Schema, ...], tries: Iterator[int]
    ) -> Iterator[tuple[NormalizedSchema, tuple[Schema, ...]]]:
        if not normalized.get("choices"):
            yield settled(normalized), trail
            return
        choice: Choice
        choice, *rest = normalized["choices"]
        undecided = {**normalized, "choices": tuple(rest)}
        for branch in choice.branches:
            if next(tries, None) is None:
                raise TooComplex
            with suppress(Unsatisfiable):
                taken = merge(undecided, self._schemas.normalized(branch, choice.above))
                yield from self._variants(taken, (*trail, branch), tries)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Limit the steps of merging in this context; too many raise TooComplex."""
        self._schemas.allow(_MOST_STEPS)
        try:
            yield
        finally:
            self._schemas.allow(inf)

    def compatibility(
        self, sent: NormalizedSchema, accepted: NormalizedSchema, shared: "SharedSubschemas | None" = None
    ) -> Compatibility:
        """Whether everything sent is accepted. Subschemas that both share are left out, as they are compared by
        themselves."""
        try:
            with self._bounded():
                accepting = _Writer(self).written(accepted, shared)
                sending = _Writer(self, closed=True).written(sent, shared)
            outer, inner = _canonical(accepting), _canonical(sending)
            if inner.satisfiability() == Satisfiability.NO:
                return Compatibility.YES
            verdict = {Containment.YES: Compatibility.YES, Containment.NO: Compatibility.NO}.get(outer.covers(inner))
            return verdict or (Compatibility.NO if is_refuted(sending, accepting) else Compatibility.UNKNOWN)
        except _UNDECIDED:
            return Compatibility.UNKNOWN


def _canonical(schema: dict[str, Any]) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft4, validate_formats=True, offline=True)


@dataclass(frozen=True, slots=True)
class SharedSubschemas:
    """The subschemas that two normalised schemas have at the same place: of properties, by name, of items, and of
    additional properties."""

    properties: Collection[str]
    items: bool
    others: bool

    @classmethod
    def of(cls, old: NormalizedSchema, new: NormalizedSchema) -> "SharedSubschemas":
        """The subschemas that two normalised schemas share."""
        olds, news = old.get("properties", {}), new.get("properties", {})
        others = all(normalized.get("additionalProperties", NOTHING) is not NOTHING for normalized in (old, new))
        return cls(olds.keys() & news.keys(), "items" in old and "items" in new, others and olds.keys() == news.keys())


_NOTHING_SHARED = SharedSubschemas((), items=False, others=False)


class _Writer:
    """Writes normalised schemas as JSON Schema Draft 4, closed (as a sender's) or as they are."""

    def __init__(self, messages: MessageSchemas, *, closed: bool = False) -> None:
        self._messages = messages
        self._closed = closed
        self._names: dict[tuple[str, bool], str] = {}
        self._waiting: list[tuple[str, bool]] = []
        self._written = 0

    def written(self, normalized: NormalizedSchema, shared: SharedSubschemas | None = None) -> dict[str, Any]:
        """The whole Draft 4 schema, with the definitions that it refers to."""
        root = self._normalized(normalized, shared or _NOTHING_SHARED, closed=self._closed)
        definitions: dict[str, Any] = {}
        while self._waiting:
            reference, closed = self._waiting.pop()
            definitions[self._names[reference, closed]] = self._normalized(
                self._messages.normalized({"$ref": reference}), closed=closed
            )
        return {**root, "definitions": definitions} if definitions else root

    def _schema(self, schema: Schema, *, closed: bool) -> dict[str, Any]:
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self._normalized(self._messages.normalized(schema), closed=closed)
        if (reference, closed) not in self._names:
            self._names[reference, closed] = f"d{len(self._names)}"
            self._waiting.append((reference, closed))
        return {"$ref": _DEFINITIONS + self._names[reference, closed]}

    def _normalized(
        self, normalized: NormalizedSchema, shared: SharedSubschemas = _NOTHING_SHARED, *, closed: bool
    ) -> dict[str, Any]:
        self._written += 1
        if self._written > _MOST_SCHEMAS:
            raise TooComplex
        if not _UNWRITTEN.isdisjoint(normalized):
            raise TooComplex
        if normalized.get("choices"):
            alternatives = [
                self._normalized(variant, shared, closed=closed) for variant, _ in self._messages.variants(normalized)
            ]
            return {"anyOf": alternatives} if alternatives else {"not": {}}
        written: dict[str, Any] = {key: normalized[key] for key in LIMITS if key in normalized}
        if normalized.get("types"):
            written["type"] = list(normalized["types"])
        if normalized.get("enum"):
            written["enum"] = normalized["enum"]
        if normalized.get("format", "binary") not in _ANNOTATIONS:
            written["format"] = normalized["format"]
        if "items" in normalized:
            written["items"] = {} if shared.items else self._schema(normalized["items"], closed=closed)
        parts = list(self._parts(normalized))
        return written | self._object(normalized, shared, closed=closed) | ({"allOf": parts} if parts else {})

    def _object(self, normalized: NormalizedSchema, shared: SharedSubschemas, *, closed: bool) -> dict[str, Any]:
        """The keywords of a normalised schema about objects."""
        properties: dict[str, Schema] = normalized.get("properties", {})
        hidden = {name for name, schema in properties.items() if self._messages.is_hidden(schema)}
        written: dict[str, Any] = {}
        if properties:
            written["properties"] = {
                name: {} if name in shared.properties else self._schema(schema, closed=closed)
                for name, schema in properties.items()
                if not (closed and name in hidden)
            }
        if "named" in normalized:
            named = normalized["named"].items()
            written["patternProperties"] = {name: self._schema(schema, closed=closed) for name, schema in named}
        if required := [name for name in normalized.get("required", ()) if name not in hidden]:
            written["required"] = required
        others = normalized.get("additionalProperties")
        if others is None:
            return written | ({"additionalProperties": False} if closed and properties else {})
        others = {} if shared.others else self._schema(others, closed=closed)
        return written | {"additionalProperties": False if normalized["additionalProperties"] is NOTHING else others}

    def _parts(self, normalized: NormalizedSchema) -> Iterator[dict[str, Any]]:
        """The keywords that need an `allOf` in Draft 4, as each may occur several times."""
        if "low" in normalized:
            yield {"minimum": normalized["low"][0], "exclusiveMinimum": normalized["low"][1]}
        if "high" in normalized:
            yield {"maximum": normalized["high"][0], "exclusiveMaximum": not normalized["high"][1]}
        if "integer" in normalized.get("types", ()) and normalized.get("format") in INTEGER_BOUNDS:
            lowest, highest = INTEGER_BOUNDS[normalized["format"]]
            yield {"anyOf": [{"minimum": lowest, "maximum": highest}, {"type": "null"}]}
        yield from ({"multipleOf": step} for step in normalized.get("multiples", ()))
        # The proof takes time by the square of a pattern's length. Without a very long one it proves less.
        yield from ({"pattern": pattern} for pattern in normalized.get("patterns", ()) if len(pattern) <= LONGEST)
        yield from ({"not": self._schema(schema, closed=False)} for schema in normalized.get("negations", ()))

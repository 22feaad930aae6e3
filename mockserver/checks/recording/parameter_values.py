"""The values of parameters and headers: a text has no type, so it becomes what its schema takes.

It is read in favour of who sent it: of several values that a text may mean, one that is valid counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from math import isfinite
from typing import Any
from urllib.parse import unquote_plus

import orjson

from mockserver.openapi.contract import Contract, Parameter
from mockserver.violations import Violation

DEEPEST = 8  # parts within parts
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
Schema = Mapping[str, Any]
_ANYTHING: Schema = {}
_WORDS: Mapping[str, tuple[Any, ...]] = {"true": (True,), "false": (False,), "null": (None,), "": (None,)}


class TextReader:
    """Reads texts by the schemas of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._kinds: dict[int, set[str]] = {}  # by the identity of schemas, which live as long as the contract
        self._properties: dict[int, dict[str, Schema]] = {}

    def violations(self, pointer: str | None, schema: Schema, text: str) -> list[Violation]:
        """The violations of a single text; none if it can be read as a valid value."""
        return self._least(pointer, [*self._meant(schema, text), *self._lists(schema, [text], ",")])

    def of_parameter(self, parameter: Parameter, texts: Sequence[str]) -> list[Violation]:
        """The violations of a parameter by the decoded texts of its field."""
        if texts == [""] and parameter.allow_empty:
            return []
        if parameter.style == "json":
            return self._least(parameter.pointer, [_json(texts[-1])])
        if parameter.style in ("label", "matrix"):
            return []  # nobody has them
        separator = _SEPARATORS.get(parameter.style, ",")
        meant = [*self._meant(parameter.schema, texts[-1]), *self._lists(parameter.schema, texts, separator)]
        return self._least(parameter.pointer, [*meant, *self._objects(parameter.schema, texts[-1].split(separator))])

    def of_object(self, parameter: Parameter, fields: Mapping[str, Sequence[str]]) -> list[Violation]:
        """The violations of a parameter that is an object, by its members' texts."""
        known = self.properties(parameter.schema)
        values = {name: self._value(known.get(name, _ANYTHING), texts) for name, texts in fields.items()}
        return self._least(parameter.pointer, [values, {name: texts[-1] for name, texts in fields.items()}])

    def of_form(self, pointer: str, fields: Mapping[str, Sequence[str]]) -> Any:
        """The object that the fields of a form are."""
        known = self.properties(self._contract.at(pointer))
        return {name: self._value(known.get(name, _ANYTHING), texts) for name, texts in fields.items()}

    def properties(self, schema: Schema) -> dict[str, Schema]:
        """The properties that a schema declares, with those of its parts."""
        if id(schema) not in self._properties:
            self._properties[id(schema)] = self._properties_of(schema, 0)
        return self._properties[id(schema)]

    def kinds(self, schema: Schema) -> set[str]:
        """The types that a schema takes, as far as it names them."""
        if id(schema) not in self._kinds:
            self._kinds[id(schema)] = self._kinds_of(schema, 0)
        return self._kinds[id(schema)]

    def _properties_of(self, schema: Schema, depth: int) -> dict[str, Schema]:
        schema = self._contract.resolved(schema)
        found: dict[str, Schema] = {}
        if depth < DEEPEST:
            for keyword in ("allOf", "anyOf", "oneOf"):
                for part in schema.get(keyword, ()):
                    found |= self._properties_of(part, depth + 1)
        return found | dict(schema.get("properties", {}))

    def _kinds_of(self, schema: Schema, depth: int) -> set[str]:
        schema = self._contract.resolved(schema)
        kind = schema.get("type")
        found = set(kind) if isinstance(kind, list) else {kind} if isinstance(kind, str) else set[str]()
        if depth < DEEPEST:
            for keyword in ("allOf", "anyOf", "oneOf"):
                for part in schema.get(keyword, ()):
                    found |= self._kinds_of(part, depth + 1)
        return found

    # ---------------------------------------------------------------- what a text may mean
    def _least(self, pointer: str | None, meant: Sequence[Any]) -> list[Violation]:
        validator = self._contract.validator(pointer)
        if not meant or any(map(validator.is_valid, meant)):
            return []
        return min((validator.violations(value) for value in meant), key=_distance)

    def _meant(self, schema: Schema, text: str) -> Iterator[Any]:
        yield text
        kinds = self.kinds(schema)
        if kinds & {"integer", "number", "boolean", "null"} or not kinds:
            yield from _numbers(text)
            yield from _WORDS.get(text, ())

    def _lists(self, schema: Schema, texts: Sequence[str], separator: str) -> Iterator[list[Any]]:
        if "array" in self.kinds(schema):
            items = self._items(schema)
            for pieces in (texts, [piece for text in texts for piece in text.split(separator) if text]):
                yield [self._value(items, [piece]) for piece in pieces]

    def _items(self, schema: Schema) -> Schema:
        found = self._contract.resolved(schema).get("items", _ANYTHING)
        return found if isinstance(found, Mapping) else _ANYTHING

    def _objects(self, schema: Schema, pieces: Sequence[str]) -> Iterator[dict[str, Any]]:
        if "object" in self.kinds(schema):
            known = self.properties(schema)
            couples = list(zip_longest(pieces[::2], pieces[1::2], fillvalue=""))
            apart = [piece.partition("=")[::2] for piece in pieces]
            for named in (couples, apart):
                yield {name: self._value(known.get(name, _ANYTHING), [text]) for name, text in named}

    def _value(self, schema: Schema, texts: Sequence[str]) -> Any:
        kinds = self.kinds(schema)
        if "array" in kinds:
            items = self._items(schema)
            return [self._value(items, [text]) for text in texts]
        if "string" in kinds or not kinds:
            return texts[-1]
        if "object" in kinds:
            return _json(texts[-1])
        values = [value for value in self._meant(schema, texts[-1]) if not isinstance(value, str)]
        return values[0] if values else texts[-1]


def fields_of(query: str) -> dict[str, list[str]]:
    """The fields of a query or a form, decoded."""
    fields: dict[str, list[str]] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name:
            fields.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return fields


def _numbers(text: str) -> Iterator[float]:
    if _NUMBER.fullmatch(text):
        with suppress(ValueError):
            yield int(text)
        if isfinite(number := float(text)):
            yield number


def _json(text: str) -> Any:
    try:
        return orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        return text


def _distance(found: Sequence[Violation]) -> tuple[bool, int]:
    """How far a value is from a valid one: another type is farther than anything else."""
    return any(one.keyword == "type" for one in found), len(found)

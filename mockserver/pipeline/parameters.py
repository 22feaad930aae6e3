"""Parameters: texts of a request become values, by location, style and explode (OpenAPI 3.0, "Style Values").

Text is split before it is decoded, so that an encoded separator stays part of its value. A text that doesn't fit the
type stays a text, which the validator refuses. Problems are collected, not raised.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote, unquote_plus

import orjson

from mockserver.errors import BadRequest
from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract, Operation, Parameter
from mockserver.pipeline.text_schemas import ItemSchemas, items_read_by, read_by
from mockserver.violations import Violation, missing, unexpected, unknown_parameter, wrong_type

Fields = dict[str, list[str]]  # decoded names, raw values
Schema = Mapping[str, Any]

MAX_QUERY_FIELDS = 200
UNDECLARED_HEADERS = {"accept", "authorization", "content-type"}  # parameters of these names are to be ignored
_ABSENT = object()
_DECODERS: dict[str, Callable[[str], str]] = {
    "path": str,  # the router has decoded it
    "query": unquote_plus,
    "header": str,
    "cookie": unquote,
}
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": "%20", "pipeDelimited": "|"}


class ParameterReader:
    """Reads the parameters of one operation.

    Unknown query parameters are problems if the operation declares any; otherwise the query is ignored. With
    `lists_known` they always are, and the problem lists the known ones. `in_path`,
    `in_query` and `in_headers` say whether there are path parameters with constraints, query parameters, and header or
    cookie parameters.
    """

    def __init__(self, contract: Contract, declared: Operation, *, lists_known: bool = False) -> None:
        readers = {
            location: [_Reader(contract, parameter) for parameter in declared.parameters_in(location)]
            for location in ("path", "query", "header", "cookie")
        }
        self._path = [reader for reader in readers["path"] if reader.is_constrained]
        self._query = readers["query"]
        self._several = [reader for reader in self._query if reader.takes_several]
        singles = {reader.name for reader in self._query if not reader.takes_several}
        self._known = singles | _keys_in_query(contract, declared)
        self._headers = [reader for reader in readers["header"] if reader.name.lower() not in UNDECLARED_HEADERS]
        self._cookies = readers["cookie"]
        self._lists_known = lists_known
        self.in_path, self.in_query = bool(self._path), bool(self._query) or lists_known
        self.in_headers = bool(self._headers or self._cookies)
        self._without_query = {reader.name: reader.default for reader in self._query if reader.has_default}
        self._needs_query = any(reader.required for reader in self._query)

    def path(self, request: Request) -> list[Violation]:
        """The violations of the path parameters."""
        problems: list[Violation] = []
        for reader in self._path:
            reader.take([request.path_parameters[reader.name]], problems)
        return problems

    def query(self, request: Request, problems: list[Violation]) -> dict[str, Any]:
        """The query parameters by name, with defaults. Raises BadRequest for a query that can't be read at all."""
        if not self.in_query or not (request.query_string or self._needs_query):
            return dict(self._without_query)
        fields = _fields(request.query_string)
        values = dict(self._without_query)
        for reader in self._query:
            if reader.name in fields or reader.takes_several or reader.required:
                value = reader.from_fields(fields, problems)
                if value is not _ABSENT:
                    values[reader.name] = value
        problems += [self._unknown(name) for name in fields if not self._knows(name)]
        return values

    def _unknown(self, name: str) -> Violation:
        if self._lists_known:
            return unknown_parameter(name, [reader.name for reader in self._query])
        return unexpected((name,))

    def _knows(self, field: str) -> bool:
        return field in self._known or any(reader.owns(field) for reader in self._several)

    def check_headers(self, request: Request, problems: list[Violation]) -> None:
        """Validate header and cookie parameters; violations are added to `problems`."""
        for reader in self._headers:
            value = request.headers.get(reader.name.lower().encode())
            reader.from_fields({} if value is None else {reader.name: [value.decode("latin-1")]}, problems)
        if self._cookies:
            cookies = _cookies(request.headers.get(b"cookie", b""))
            for reader in self._cookies:
                reader.from_fields(cookies, problems)


class _Reader:
    """Reads one parameter."""

    def __init__(self, contract: Contract, parameter: Parameter) -> None:
        self._parameter = parameter
        self._validator = contract.validator(parameter.pointer)
        schema = read_by(contract, parameter.schema)
        self._schema, self._kind = schema, schema.get("type")
        self.name = parameter.name
        self.required = parameter.required
        self.default = parameter.schema.get("default")
        self.has_default = self.default is not None
        ordinary = {"type", "example", "description", "default"}
        self.is_constrained = self._kind != "string" or bool(parameter.schema.keys() - ordinary)
        properties: Mapping[str, Schema] = schema.get("properties", {})
        self._properties = {name: read_by(contract, each) for name, each in properties.items()}
        self._items = items_read_by(contract, schema)
        self._decoded = _DECODERS[parameter.location]
        self._spread = self._kind == "object" and parameter.style == "form" and parameter.explode
        self._prefix = f"{self.name}["
        self.takes_several = parameter.style == "deepObject" or self._spread  # fields

    def owns(self, field: str) -> bool:
        """Whether a query field belongs to this parameter, which takes several."""
        if self._spread:
            return field == self.name or self._takes_property(field)
        return field.startswith(self._prefix) and field.endswith("]")

    def from_fields(self, fields: Fields, problems: list[Violation]) -> Any:
        """The value in these fields, or _ABSENT; violations are added to `problems`."""
        if self.takes_several:
            value = self._object_from(fields)
            return self._checked(value, problems) if value else self._nothing(problems)
        texts = fields.get(self.name)
        return self.take(texts, problems) if texts else self._nothing(problems)

    def take(self, texts: list[str], problems: list[Violation]) -> Any:
        """The value of the raw texts; None for an empty text, if the parameter allows that."""
        if texts == [""] and self._parameter.allow_empty and self._kind != "string":
            return None
        return self._checked(self._value(texts), problems, self._decoded(texts[-1]))

    def _value(self, texts: list[str]) -> Any:
        style, explode = self._parameter.style, self._parameter.explode
        if style == "json":
            return _json(self._decoded(texts[-1]))
        if self._kind == "array":
            exploded = explode and style == "form"
            pieces = texts if exploded else _pieces(texts[-1], style, self.name, explode=explode)
            return typed_items(map(self._decoded, pieces), self._items)
        if self._kind == "object":
            return self._object(_pieces(texts[-1], style, self.name, explode=explode))
        text = texts[-1]
        if style in ("label", "matrix"):
            text = text.removeprefix("." if style == "label" else f";{self.name}=")
        return typed(self._decoded(text), self._schema)

    def _object(self, pieces: list[str]) -> dict[str, Any]:
        if self._parameter.explode and self._parameter.style != "form":
            pairs = [piece.partition("=")[::2] for piece in pieces]
        else:
            pairs = list(zip(pieces[::2], [*pieces[1::2], ""], strict=False))
        return {self._decoded(name): self._property(self._decoded(name), self._decoded(text)) for name, text in pairs}

    def _object_from(self, fields: Fields) -> dict[str, Any]:
        names = {
            field: field if self._spread else field[len(self._prefix) : -1] for field in fields if self.owns(field)
        }
        return {name: self._property(name, unquote_plus(fields[field][-1])) for field, name in names.items()}

    def _property(self, name: str, text: str) -> Any:
        return typed(text, self._properties.get(name, {}))

    def _takes_property(self, field: str) -> bool:
        return field in self._properties or bool(self._schema.get("additionalProperties", False))

    def _checked(self, value: Any, problems: list[Violation], text: str = "") -> Any:
        if not self._validator.is_valid(value):
            problems += self._described(self._validator.violations(value, (self.name,)), text)
        return value

    def _described(self, found: list[Violation], text: str) -> list[Violation]:
        """The violations; only that of the type, if the text doesn't fit it."""
        if self._kind in ("integer", "number", "boolean") and any(problem.keyword == "type" for problem in found):
            return [wrong_type((self.name,), text, [self._kind])]
        return found

    def _nothing(self, problems: list[Violation]) -> Any:
        if self.required:
            problems.append(missing((self.name,)))
        return _ABSENT


_NUMERALS = {
    "integer": (re.compile(r"-?(0|[1-9][0-9]{0,18})"), int),
    "number": (re.compile(r"-?(0|[1-9][0-9]{0,300})(\.[0-9]{1,300})?([eE](\+?[0-9]{1,2}|-[0-9]{1,3}))?"), float),
}
_BOOLEANS = {"true": True, "false": False}


def typed(text: str, schema: Schema) -> Any:
    """The value of a text by its schema; the text itself if it doesn't fit the type."""
    kind = schema.get("type")
    if kind == "boolean":
        return _BOOLEANS.get(text, text)
    if kind in _NUMERALS:
        pattern, cast = _NUMERALS[kind]
        return cast(text) if pattern.fullmatch(text) else text
    if kind is None and (alternatives := schema.get("oneOf") or schema.get("anyOf")):
        values = (typed(text, alternative) for alternative in alternatives)
        return next((value for value in values if not isinstance(value, str)), text)
    return text


def typed_items(texts: Iterable[str], schemas: ItemSchemas) -> list[Any]:
    """The items of these texts, each by its schema."""
    return [typed(text, schema) for text, schema in zip(texts, schemas, strict=False)]


def _keys_in_query(contract: Contract, declared: Operation) -> set[str]:
    """The query fields that are credentials."""
    schemes = [contract.security_scheme(name) for alternative in declared.security for name in alternative]
    return {scheme["name"] for scheme in schemes if scheme["type"] == "apiKey" and scheme["in"] == "query"}


def _pieces(text: str, style: str, name: str, *, explode: bool) -> list[str]:
    """The raw items of an array, or the raw names and values of an object."""
    if style == "label":
        return text.removeprefix(".").split("." if explode else ",")
    if style == "matrix" and explode:
        return [piece.removeprefix(f"{name}=") for piece in text.removeprefix(";").split(";")]
    if style == "matrix":
        return text.removeprefix(f";{name}=").split(",")
    if style == "spaceDelimited":
        text = text.replace("+", "%20")
    if style == "pipeDelimited":  # no URL may hold a bare pipe: clients encode it
        text = text.replace("%7C", "|").replace("%7c", "|")
    return text.split(_SEPARATORS[style]) if text else []


def _fields(query_string: bytes) -> Fields:
    """The fields of a query. Raises BadRequest if a name is no UTF-8, or if there are more than MAX_QUERY_FIELDS."""
    try:
        parts = [part for part in query_string.decode("ascii").split("&") if part]
    except UnicodeDecodeError as error:
        raise BadRequest(message=f"The query string can't be read: {error}.") from error
    if len(parts) > MAX_QUERY_FIELDS:
        raise BadRequest(message=f"The query string can't be read: it has more than {MAX_QUERY_FIELDS} fields.")
    fields: Fields = {}
    for part in parts:
        name, _, value = part.partition("=")
        if "%" in part:  # else all of it is ASCII
            try:
                name = unquote_plus(name, errors="strict")
                unquote_plus(value, errors="strict")
            except UnicodeDecodeError as error:
                raise BadRequest(message=f"The query string can't be read: {error}.") from error
        elif "+" in name:
            name = name.replace("+", " ")
        fields.setdefault(name, []).append(value)
    return fields


def _cookies(header: bytes) -> Fields:
    pairs: Iterable[str] = header.decode("latin-1").split(";")
    split = [pair.strip().partition("=") for pair in pairs if "=" in pair]
    return {name: [value] for name, _, value in split}


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text

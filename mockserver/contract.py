"""The contract: read, checked, and compiled into validators. The mock and its judges all ask this module, so that they
can't disagree about what is valid.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs
import yaml
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from mockserver import violations
from mockserver.draft4 import RESOURCE, as_draft4, has_told_branches
from mockserver.errors import ContractError
from mockserver.formats import CHECKS
from mockserver.grammar import METHODS
from mockserver.violations import Violation

MOST_VIOLATIONS = 200
MOST_COMPILED = 128  # schemas; one of a large document takes megabytes


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter. `pointer` leads to its schema, if it has one."""

    name: str
    location: str
    required: bool
    style: str
    explode: bool
    allow_empty: bool
    schema: Mapping[str, Any]
    pointer: str | None


@dataclass(frozen=True, slots=True)
class ResponseHeader:
    """A declared header of a response. `pointer` leads to its schema, if it has one."""

    required: bool
    schema: Mapping[str, Any]
    pointer: str | None
    example: Any = None


@dataclass(frozen=True, slots=True)
class Response:
    """A declared response.

    `media_types` maps what the body may be, in lower case and without parameters, to the pointer of its schema, if it
    has one; `contents` to all that is declared about it.
    """

    media_types: Mapping[str, str | None]
    contents: Mapping[str, Mapping[str, Any]]
    headers: Mapping[str, ResponseHeader]


@dataclass(frozen=True, slots=True)
class Operation:
    """A declared operation. `media_types` maps what the request body may be to the pointer of its schema, if any."""

    operation_id: str
    path: str
    method: str
    parameters: tuple[Parameter, ...]
    security: tuple[Mapping[str, Any], ...]
    responses: Mapping[str, Response]
    media_types: Mapping[str, str | None] = field(default_factory=dict)
    body_required: bool = False

    def parameters_in(self, location: str) -> list[Parameter]:
        """The parameters of one location: path, query, header or cookie."""
        return [parameter for parameter in self.parameters if parameter.location == location]


class Validator:
    """A schema. `compiled` gives what validates."""

    def __init__(self, compiled: Callable[[], jsonschema_rs.Validator]) -> None:
        self._compiled = compiled

    def is_valid(self, value: object) -> bool:
        """Whether the schema accepts a value."""
        return self._compiled().is_valid(value)

    def violations(self, value: object, path: violations.Path = ()) -> list[Violation]:
        """Every violation in `value`, MOST_VIOLATIONS at most; `path` is where the value itself stands."""
        found = [one for error in self._compiled().iter_errors(value) for one in _violations(error, path)]
        return found[:MOST_VIOLATIONS]

    def first_violation(self, value: object) -> list[Violation]:
        """The first violation in `value`, if any: for values so large that to find all would take long."""
        try:
            self._compiled().validate(value)
        except ValidationError as error:
            return list(_violations(error, ()))[:1]
        return []


class Contract:
    """An OpenAPI 3.0 document.

    `text` is the file as it is, comments included; `document` what it says. `is_mended` promises that every schema can
    be compiled. Then that waits until a schema is used, and the last MOST_COMPILED are kept: all those of a large
    document would take seconds, and gigabytes.
    """

    def __init__(self, text: bytes, document: dict[str, Any], *, is_mended: bool = False) -> None:
        self.text = text
        self.document = document
        self._is_mended = is_mended
        self._compiled = lru_cache(MOST_COMPILED if is_mended else None)(self._compile)

    @classmethod
    def load(cls, source: str | Path | None = None) -> "Contract":
        """Read a contract from a file or URL; without a source, the one that the mock ships. Raises ContractError."""
        if source is None:
            text = _shipped()
            return cls(text, yaml.load(text, yaml.CSafeLoader))
        from mockserver.loading import load  # here, as the shipped contract needs none of it and starts sooner

        loaded = load(source, check=False)
        return cls(loaded.text, loaded.content, is_mended=True)

    @property
    def title(self) -> str:
        """The title and version of the document."""
        info = self.document.get("info", {})
        return f"{info.get('title', 'a contract')} {info.get('version', '')}".strip()

    @property
    def is_ours(self) -> bool:
        """Whether this is a contract of Open Loyalty, whose operations the mock knows how to behave."""
        return bool(self.document.get("info", {}).get("title") == "Open Loyalty")

    @cached_property
    def event_names(self) -> list[str]:
        """The events under `x-webhooks`, in the order of the contract."""
        return list(self.document.get("x-webhooks", {}))

    def routes(self) -> dict[str, Any]:
        """The document reduced to what routing needs: paths, methods, operationIds, servers. Valid OpenAPI itself."""
        seen: set[str] = set()
        paths = {
            path: {method: _route(item[method], f"{method} {path}", seen) for method in METHODS if method in item}
            for path, item in self.document["paths"].items()
            if not path.startswith("x-")
        }
        servers = [{**server, "url": _rooted(server.get("url", ""))} for server in self.document.get("servers") or ()]
        info = {"title": "routes", "version": "0"}
        return {"openapi": "3.0.3", "info": info, "paths": paths} | ({"servers": servers} if servers else {})

    def operation(self, path: str, method: str) -> Operation:
        """One operation, with all references to parameters and bodies followed."""
        pointer = f"/paths/{_escape(path)}"
        item: dict[str, Any] = self.document["paths"][path]
        declared = item[method]
        media_types, required = self._request_body(f"{pointer}/{method}/requestBody", declared.get("requestBody"))
        return Operation(
            operation_id=declared.get("operationId", f"{method} {path}"),
            path=path,
            method=method,
            parameters=tuple(self._parameters(pointer, item, method)),
            security=tuple(declared.get("security", self.document.get("security", ()))),
            responses=self._responses(f"{pointer}/{method}/responses", declared.get("responses", {})),
            media_types=media_types,
            body_required=required,
        )

    def resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """A node of the document with its reference followed. Raises ContractError if it leads nowhere."""
        return self._resolved(node, "")[0]

    def security_scheme(self, name: str) -> Mapping[str, Any]:
        """A scheme of components/securitySchemes. Raises ContractError if there is none of that name."""
        schemes = self.document.get("components", {}).get("securitySchemes", {})
        if name not in schemes:
            raise ContractError(f"The contract asks for the security scheme {name!r}, but doesn't declare it.")
        return self._resolved(schemes[name], "")[0]

    def validator(self, pointer: str | None, *, strict: bool = False) -> Validator:
        """The schema at a JSON pointer; without one anything is valid. `strict` is for `draft4` to explain.

        Raises ContractError if it is no schema.
        """
        end = "" if pointer is None else self._resolved({"$ref": pointer}, "")[1]
        strict = strict and self._has_two_readings
        if self._is_mended:
            return Validator(partial(self._compiled, end, strict=strict))
        compiled = self._compiled(end, strict=strict)
        return Validator(lambda: compiled)

    def _compile(self, pointer: str, *, strict: bool) -> jsonschema_rs.Validator:
        if not pointer:
            return jsonschema_rs.Draft4Validator({})
        try:
            return jsonschema_rs.Draft4Validator(
                {"$ref": f"{RESOURCE}#{pointer}"},
                registry=self._strict_registry if strict else self._registry,
                validate_formats=True,
                formats=CHECKS,
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise ContractError(f"The schema at #{pointer} can't be used: {error}") from error

    @cached_property
    def _has_two_readings(self) -> bool:
        return has_told_branches(self.document)

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(RESOURCE, as_draft4(self.document, strict=False))], draft=jsonschema_rs.Draft4)

    @cached_property
    def _strict_registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(RESOURCE, as_draft4(self.document, strict=True))], draft=jsonschema_rs.Draft4)

    def _parameters(self, pointer: str, item: Mapping[str, Any], method: str) -> Iterator[Parameter]:
        """The parameters of the path and of the operation; the operation's win."""
        found: dict[tuple[str, str], Parameter] = {}
        for where, declared in ((pointer, item), (f"{pointer}/{method}", item[method])):
            for index, entry in enumerate(declared.get("parameters", ())):
                parameter = self._parameter(*self._resolved(entry, f"{where}/parameters/{index}"))
                found[(parameter.location, parameter.name)] = parameter
        yield from found.values()

    def _parameter(self, declared: Mapping[str, Any], pointer: str) -> Parameter:
        location = declared["in"]
        style = declared.get("style", "form" if location in ("query", "cookie") else "simple")
        if "content" in declared:
            media_type, content = next(iter(declared["content"].items()))
            pointer, declared, style = f"{pointer}/content/{_escape(media_type)}", {**declared, **content}, "json"
        schema, schema_pointer = self._schema(declared, pointer)
        return Parameter(
            name=declared["name"],
            location=location,
            required=declared.get("required", False),
            style=style,
            explode=declared.get("explode", style == "form"),
            allow_empty=declared.get("allowEmptyValue", False),
            schema=schema,
            pointer=schema_pointer,
        )

    def _request_body(self, pointer: str, declared: Mapping[str, Any] | None) -> tuple[dict[str, str | None], bool]:
        if declared is None:
            return {}, False
        body, pointer = self._resolved(declared, pointer)
        media_types = {_bare(name): where for name, _, where in _contents(body, pointer)}
        return media_types, body.get("required", False)

    def _responses(self, pointer: str, declared: Mapping[str, Any]) -> dict[str, Response]:
        return {
            str(status): self._response(*self._resolved(entry, f"{pointer}/{_escape(str(status))}"))
            for status, entry in declared.items()
            if not str(status).startswith("x-")
        }

    def _response(self, declared: Mapping[str, Any], pointer: str) -> Response:
        contents = list(_contents(declared, pointer))
        media_types = {_bare(name): where for name, _, where in contents}
        headers = {
            name: self._header(*self._resolved(entry, f"{pointer}/headers/{_escape(name)}"))
            for name, entry in declared.get("headers", {}).items()
            if name.lower() != "content-type"  # which the specification says to ignore
        }
        return Response(media_types, {_bare(name): entry for name, entry, _ in contents}, headers)

    def _header(self, declared: Mapping[str, Any], pointer: str) -> ResponseHeader:
        schema, schema_pointer = self._schema(declared, pointer)
        example = declared.get("example", schema.get("example"))
        return ResponseHeader(declared.get("required", False), schema, schema_pointer, example)

    def _schema(self, declared: Mapping[str, Any], pointer: str) -> tuple[Mapping[str, Any], str | None]:
        """The schema of a parameter or header, and where it stands; an empty one if there is none."""
        if not isinstance(declared.get("schema"), Mapping):
            return {}, None
        return self._resolved(declared["schema"], f"{pointer}/schema")

    def _resolved(self, node: Mapping[str, Any], pointer: str) -> tuple[Mapping[str, Any], str]:
        """A node with its reference followed, and the pointer to where it stands."""
        passed: set[str] = set()
        while "$ref" in node and pointer not in passed:
            passed.add(pointer)
            pointer = str(node["$ref"]).removeprefix("#")
            node = self.at(pointer)
        return node, pointer

    def at(self, pointer: str) -> Mapping[str, Any]:
        """The node at a JSON pointer. Raises ContractError if there is none."""
        node: Any = self.document
        for step in pointer.split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(key)] if isinstance(node, list) else node[key]
            except (KeyError, IndexError, ValueError, TypeError):
                raise ContractError(f"The contract refers to #{pointer}, which doesn't exist.") from None
        return dict(node)


def _shipped() -> bytes:
    """openapi.yaml: inside the package when installed from a wheel, beside it in a checkout."""
    packaged = resources.files("mockserver") / "openapi.yaml"
    if packaged.is_file():
        return packaged.read_bytes()
    return (Path(__file__).parent.parent / "openapi.yaml").read_bytes()


def _bare(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def _rooted(url: str) -> str:
    """The address of a server; one that is relative to the document, such as `v1`, begins at the root."""
    is_relative = url and "://" not in url and url[0] not in "/{"
    return f"/{url.removeprefix('./')}" if is_relative else url


def _contents(declared: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
    """The media types of a body: name, declaration, and the pointer to its schema, if it has one."""
    for name, entry in (declared.get("content") or {}).items():
        if "/" in name:  # what stands there by mistake, such as `examples`, is none
            has_schema = isinstance((entry or {}).get("schema"), Mapping)
            yield name, entry or {}, f"{pointer}/content/{_escape(name)}/schema" if has_schema else None


def _route(declared: Mapping[str, Any], otherwise: str, seen: set[str]) -> dict[str, Any]:
    """An operation as routing needs it; one whose id is missing or used before goes by its method and path."""
    operation_id = declared.get("operationId", otherwise)
    operation_id = otherwise if operation_id in seen else operation_id
    seen.add(operation_id)
    return {"operationId": operation_id, "responses": {"default": {"description": ""}}}


def _escape(step: str) -> str:
    return quote(step.replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@")


def _violations(error: ValidationError, base: violations.Path) -> Iterable[Violation]:
    """A validator's error as violations; alternatives are reported by the branch that came closest."""
    path = (*base, *error.instance_path)
    match error.kind:
        case Kind.OneOfNotValid(context) | Kind.AnyOf(context):
            return [found for nested in _closest(context) for found in _violations(nested, base)]
        case Kind.AdditionalProperties(names):
            return [violations.unexpected((*path, name)) for name in names]
        case Kind.Required(name):
            return [violations.missing((*path, name))]
        case _:
            return [_of_value(error, path)]


def _of_value(error: ValidationError, path: violations.Path) -> Violation:
    """The violation of a value by itself."""
    value = error.instance
    match error.kind:
        case Kind.Type(types):
            return violations.wrong_type(path, value, types)
        case Kind.Enum(options):
            return violations.not_a_choice(path, value, options)
        case Kind.Format(name):
            return violations.wrong_format(path, value, name)
        case Kind.Pattern(pattern):
            return violations.wrong_pattern(path, value, pattern)
        case kind:
            return _bound_or_other(path, kind, error.message)


def _bound_or_other(path: violations.Path, kind: Kind, message: str) -> Violation:
    limit = getattr(kind, "limit", getattr(kind, "multiple_of", None))
    if limit is None:
        return violations.otherwise_wrong(path, kind.name, message)
    return violations.out_of_bounds(path, kind.name, limit)


def _closest(branches: list[list[ValidationError]]) -> list[ValidationError]:
    """The branch that the sender most likely meant: one whose tag (an enum of one value) fits, then the one with the
    fewest errors."""

    def distance(errors: list[ValidationError]) -> tuple[int, int]:
        return sum(_misses_tag(error) for error in errors), len(errors)

    return min(branches, key=distance)


def _misses_tag(error: ValidationError) -> bool:
    kind = error.kind
    return isinstance(kind, Kind.Enum) and len(kind.options) == 1

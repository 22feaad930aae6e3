"""The contract: read, checked, and compiled into validators. The mock and its judges all ask this module, so that they
can't disagree about what is valid.

OpenAPI 3.0 schemas are JSON Schema Draft 4 with a few words of their own. `draft4` translates those once for the whole
document, which then is the one resource that all validators refer into: recursion costs nothing that way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs

from mockserver import draft4
from mockserver.cache import Cache
from mockserver.errors import ContractError
from mockserver.grammar import METHODS
from mockserver.validation import Validator


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter. `pointer` leads to its schema."""

    name: str
    location: str
    required: bool
    style: str
    explode: bool
    allow_empty: bool
    schema: Mapping[str, Any]
    pointer: str


@dataclass(frozen=True, slots=True)
class ResponseHeader:
    """A declared header of a response. `pointer` leads to its schema."""

    required: bool
    schema: Mapping[str, Any]
    pointer: str
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
    """A declared operation. `media_types` maps what the request body may be to the pointer of its schema."""

    operation_id: str
    path: str
    method: str
    parameters: tuple[Parameter, ...]
    security: tuple[Mapping[str, Any], ...]
    responses: Mapping[str, Response]
    media_types: Mapping[str, str] = field(default_factory=dict)
    body_required: bool = False

    def parameters_in(self, location: str) -> list[Parameter]:
        """The parameters of one location: path, query, header or cookie."""
        return [parameter for parameter in self.parameters if parameter.location == location]


class Contract:
    """An OpenAPI 3.0 document.

    `text` is the file as it is, comments included; `document` what it says. `source` is the path or URL that it was
    read from, `files` are the local files that it consists of.
    """

    def __init__(
        self, text: bytes, document: dict[str, Any], source: str | None = None, files: tuple[Path, ...] = ()
    ) -> None:
        self.text = text
        self.document = document
        self.source = source
        self.files = files

    @classmethod
    def load(cls, source: str | Path | None = None, cache: Cache | None = None) -> "Contract":
        """Read a contract from a file or URL; without a source, the one that the mock ships. Raises ContractError.

        `cache` remembers what the shipped one says.
        """
        if source is None:
            return cls._of(shipped(), cache)
        from mockserver.loading import load  # here, as the shipped contract needs none of it and starts sooner

        loaded = load(source, check=False)
        return cls(loaded.text, loaded.content, loaded.source, loaded.files)

    def explained(self, error: Exception) -> ContractError:
        """The error that compiling this contract ended with, for its author: with file and line if it was read from
        somewhere."""
        if self.source is None:
            return error if isinstance(error, ContractError) else ContractError(f"It is not valid: {error!r}")
        from mockserver.loading import explained  # here, as errors alone need it

        return explained(self.source, error)

    @classmethod
    @lru_cache(maxsize=1)
    def of_control(cls) -> "Contract":
        """The contract of the mock's own control plane, read once: nothing changes it."""
        return cls._of(Path(__file__).parent / "control.yaml")

    @classmethod
    def _of(cls, path: Path, cache: Cache | None = None) -> "Contract":
        text = path.read_bytes()
        document = (cache or Cache()).made_of(text, "yaml", lambda: _parsed(text))
        return cls(text, document, str(path), (path,))

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

    @cached_property
    def operation_ids(self) -> list[str]:
        """The operations, in the order of the contract."""
        return [operation["operationId"] for item in self.routes()["paths"].values() for operation in item.values()]

    def routes(self) -> dict[str, Any]:
        """The document reduced to what routing needs: paths, methods, operationIds, servers. Valid OpenAPI itself."""
        seen: set[str] = set()
        paths = {
            path: {method: _route(item[method], f"{method} {path}", seen) for method in METHODS if method in item}
            for path, item in self.document["paths"].items()
            if not path.startswith("x-")
        }
        return {"openapi": "3.0.3", "info": {"title": "routes", "version": "0"}, "paths": paths} | {
            key: self.document[key] for key in ("servers",) if key in self.document
        }

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

    def validator(self, pointer: str, *, sent: bool = False) -> Validator:
        """The compiled schema at a JSON pointer; for what is `sent` in a request, or for what is answered.

        Raises ContractError if it is no schema.
        """
        try:
            compiled = jsonschema_rs.Draft4Validator(
                {"$ref": f"{draft4.RESOURCE}#{pointer}"},
                registry=self._sent if sent else self._answered,
                validate_formats=True,
            )
        except jsonschema_rs.ValidationError as error:
            reason = f"{error.instance!r} can't stand there ({error.message}). Correct it."
            raise ContractError(reason, pointer_to(*map(str, error.instance_path))) from error
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise ContractError(f"The schema at #{pointer} can't be used: {error}", pointer) from error
        return Validator(compiled)

    @cached_property
    def _translation(self) -> draft4.Translation:
        return draft4.Translation(self.document, optional="writeOnly")

    @cached_property
    def _answered(self) -> jsonschema_rs.Registry:
        return _registry(self._translation)

    @cached_property
    def _sent(self) -> jsonschema_rs.Registry:
        if not self._translation.has_sides:
            return self._answered
        return _registry(draft4.Translation(self.document, optional="readOnly"))

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
        schema, schema_pointer = self._resolved(declared.get("schema", {}), f"{pointer}/schema")
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

    def _request_body(self, pointer: str, declared: Mapping[str, Any] | None) -> tuple[dict[str, str], bool]:
        if declared is None:
            return {}, False
        body, pointer = self._resolved(declared, pointer)
        media_types = {_bare(name): f"{pointer}/content/{_escape(name)}/schema" for name in body["content"]}
        return media_types, body.get("required", False)

    def _responses(self, pointer: str, declared: Mapping[str, Any]) -> dict[str, Response]:
        return {
            str(status): self._response(*self._resolved(entry, f"{pointer}/{_escape(str(status))}"))
            for status, entry in declared.items()
            if not str(status).startswith("x-")
        }

    def _response(self, declared: Mapping[str, Any], pointer: str) -> Response:
        content = declared.get("content", {})
        media_types = {
            _bare(name): f"{pointer}/content/{_escape(name)}/schema" if "schema" in entry else None
            for name, entry in content.items()
        }
        headers = {
            name: self._header(*self._resolved(entry, f"{pointer}/headers/{_escape(name)}"))
            for name, entry in declared.get("headers", {}).items()
        }
        return Response(media_types, {_bare(name): entry for name, entry in content.items()}, headers)

    def _header(self, declared: Mapping[str, Any], pointer: str) -> ResponseHeader:
        schema, schema_pointer = self._resolved(declared.get("schema", {}), f"{pointer}/schema")
        example = declared.get("example", schema.get("example"))
        return ResponseHeader(declared.get("required", False), schema, schema_pointer, example)

    def _resolved(self, node: Mapping[str, Any], pointer: str) -> tuple[Mapping[str, Any], str]:
        """A node with its reference followed, and the pointer to where it stands."""
        while "$ref" in node:
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


def _registry(translation: draft4.Translation) -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([(draft4.RESOURCE, translation.document)], draft=jsonschema_rs.Draft4)


def _parsed(text: bytes) -> Any:
    import yaml  # here, as it isn't needed where the text was parsed before

    return yaml.load(text, yaml.CSafeLoader)


def shipped() -> Path:
    """Our own openapi.yaml: inside the package when installed from a wheel, beside it in a checkout."""
    packaged = Path(__file__).parent / "openapi.yaml"
    return packaged if packaged.is_file() else Path(__file__).parent.parent / "openapi.yaml"


def _bare(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def _route(declared: Mapping[str, Any], otherwise: str, seen: set[str]) -> dict[str, Any]:
    """An operation as routing needs it; one whose id is missing or used before goes by its method and path."""
    operation_id = declared.get("operationId", otherwise)
    operation_id = otherwise if operation_id in seen else operation_id
    seen.add(operation_id)
    return {"operationId": operation_id, "responses": {"default": {"description": ""}}}


def pointer_to(*steps: str) -> str:
    """The JSON pointer of these steps."""
    return "".join(f"/{_escape(step)}" for step in steps)


def _escape(step: str) -> str:
    return quote(step.replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@")

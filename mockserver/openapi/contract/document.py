"""A contract: its declared operations, and its compiled schemas.

Its schemas are JSON Schema with a few keywords of their own, which `translation` translates: by its dialect, Draft 4 or
2020-12.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver import __version__
from mockserver.errors import ContractError
from mockserver.openapi.cache import Cache, Kept
from mockserver.openapi.contract.alternatives import ClosestBranchValidator
from mockserver.openapi.contract.compiling import Compiler
from mockserver.openapi.contract.declared import DeclaredResponse, Operation, Parameter, ResponseHeader
from mockserver.openapi.contract.events import Callback, DeclaredEvent, EventCatalogue, catalogue_of
from mockserver.openapi.contract.routes import Route, base_path, operation_named, routes
from mockserver.openapi.contract.shipped_files import PACKAGE, shipped
from mockserver.openapi.contract.translation import Interpretation, Translation
from mockserver.openapi.contract.validation import CompiledSchemaCache, Validator
from mockserver.openapi.dialects import Dialect, dialect_of
from mockserver.openapi.structure import Steps, at, bare_type, escaped, steps_of

if TYPE_CHECKING:
    from mockserver.openapi.loading import Place

MOST_COMPILED = 128  # schemas; one of a large document takes megabytes

# Response headers whose declaration is ignored: the first by the specification, the others as the server sets them.
UNDECLARED = frozenset({"content-type", "connection", "content-length", "date", "transfer-encoding"})


class Contract:
    """An OpenAPI document.

    `text` is the file as it is, comments included; `document` its content. `source` is the path or URL that it was
    loaded from, `files` are the local files that it consists of. `place` is there if an overlay has changed it, so that
    no file has `text`: it finds where a value was read. `is_repaired` promises that every schema compiles. Then each is
    compiled at its first use, and only the last MOST_COMPILED stay compiled: all of a large document would take seconds
    and gigabytes.
    """

    def __init__(
        self,
        text: bytes,
        document: dict[str, Any],
        source: str | None = None,
        files: tuple[Path, ...] = (),
        *,
        is_repaired: bool = False,
    ) -> None:
        self.text = text
        self.document = document
        self.source = source
        self.files = files
        self.kept = Kept()
        self._is_stored = is_repaired
        self._overlay: str | Path | None = None
        self.place: Callable[[Steps], Place] | None = None
        self._compiled_cache = CompiledSchemaCache(MOST_COMPILED) if is_repaired else None
        self._operations: dict[tuple[str, str], Operation] = {}
        self._responses: dict[str, DeclaredResponse] = {}  # those that several operations refer to
        self._schemas: dict[str | None, Mapping[str, Any]] = {}  # those that operations point to
        self._ends: dict[str | None, str] = {None: ""}  # of pointers, where the schemas stand
        self._asked: dict[tuple[str | None, bool, bool], Validator] = {}
        self._validators: dict[tuple[str, Interpretation], Validator] = {}
        self._compilers: dict[Interpretation, Compiler] = {}

    @classmethod
    def load(
        cls,
        source: str | Path | None = None,
        cache: Cache | None = None,
        root: str | Path | None = None,
        overlay: str | Path | None = None,
    ) -> "Contract":
        """Read a contract from a file or URL; without a source, the one that the mock ships. Raises ContractError.
        `overlay` is the path or URL of an overlay that corrects it.

        A file may refer to others below the folder `root`, or below its own folder. The shipped one is read once in a
        process, as nothing changes it. `cache` stores the document for the next process: the repaired one when it is
        loaded, the shipped one with `keep`. `kept` is what else was made of the same text.
        """
        if source is None:
            path = shipped()
            return cls._of(path, path.read_bytes(), cache)
        from mockserver.openapi.loading import (
            load_repaired,  # here, as the shipped contract needs none of it and starts sooner
        )

        read = load_repaired(str(source), cache or Cache(), root, overlay)
        contract = cls(read.text, read.content, read.source, read.files, is_repaired=True)
        contract._overlay, contract.place, contract.kept = overlay, read.place, read.kept or Kept()
        return contract

    def explained(self, error: Exception, root: str | Path | None = None) -> ContractError:
        """The error for the author of a contract that could not be compiled: with file and line if it was loaded from
        somewhere, with the same `root`."""
        if self.source is None:
            return error if isinstance(error, ContractError) else ContractError(f"It is not valid: {error!r}")
        from mockserver.openapi.loading import explained  # here, as errors alone need it

        return explained(self.source, root, error, self._overlay)

    @classmethod
    def of_control(cls) -> "Contract":
        """The contract of the mock's own control plane, read once in a process."""
        path = PACKAGE / "control" / "control.yaml"
        return cls._of(path, path.read_bytes())

    @classmethod
    @lru_cache(maxsize=2)  # two contracts; an edited file has another text
    def _of(cls, path: Path, text: bytes, cache: Cache | None = None) -> "Contract":
        kept = Kept(cache, text, __version__)
        stored = kept.get("document")
        contract = cls(text, stored or _parsed(path, text), str(path), (path,), is_repaired=bool(stored))
        contract.kept = kept
        return contract

    def keep(self, how: str) -> None:
        """Cache that all operations were compiled, and the shipped document: the next process needn't do it again
        before its first response. `how` names what else that depended on."""
        self.kept.put(f"served {how}", result=True)
        if self.is_shipped:
            self.kept.put("document", self.document)
            self._is_stored = True

    def was_kept(self, how: str) -> bool:
        """Whether an earlier process has compiled all operations so, and the document it stored is still there."""
        return self._is_stored and self.kept.get(f"served {how}") is True

    @property
    def name(self) -> str:
        """The title of the document, which its versions have in common."""
        return str(self.document.get("info", {}).get("title", "a contract"))

    @property
    def title(self) -> str:
        """The title and version of the document."""
        return f"{self.name} {self.document.get('info', {}).get('version', '')}".strip()

    @property
    def is_ours(self) -> bool:
        """Whether this is a contract of Open Loyalty, for whose operations the mock has handlers."""
        return bool(self.document.get("info", {}).get("title") == "Open Loyalty")

    @property
    def is_shipped(self) -> bool:
        """Whether this is the contract that the mock ships, which is public."""
        return self.source == str(shipped())

    @cached_property
    def dialect(self) -> Dialect:
        """What depends on the version of OpenAPI that the document names."""
        return dialect_of(self.document)

    @cached_property
    def events(self) -> Mapping[str, DeclaredEvent]:
        """What the server sends by itself, by name, in the order of the contract."""
        return self._catalogue.events

    @property
    def callbacks(self) -> tuple[Callback, ...]:
        """Where operations let events be sent to. None of ours: there, callbacks are what subscriptions cause."""
        return () if self.is_ours else self._catalogue.callbacks

    @cached_property
    def _catalogue(self) -> EventCatalogue:
        has_callbacks = not self.is_ours and "paths" in self.document
        return catalogue_of(self.document, self.routes() if has_callbacks else [], self._resolved)

    @property
    def event_names(self) -> list[str]:
        """The events, in the order of the contract."""
        return list(self.events)

    def event_steps(self, event: str) -> Steps:
        """The steps to the operation of an event; of one that there isn't, where it would be."""
        known = self.events.get(event)
        return (self.dialect.events, event, "post") if known is None else known.steps

    def event_schema(self, event: str) -> str:
        """The JSON pointer of the schema of an event's payload; of one without, where it would be."""
        return self.events[event].content

    @cached_property
    def operation_ids(self) -> list[str]:
        """The operations, in the order of the contract."""
        return [route.operation_id for route in self.routes()]

    @property
    def base_path(self) -> str:
        """The path that all its operations are under, without a slash at its end."""
        return base_path(self.document)

    def operation_named(self, name: str) -> str | None:
        """The operationId that a name means, as generated clients may have taken off its underscore; None if none."""
        return operation_named(name, self.operation_ids)

    def routes(self) -> list[Route]:
        """The routes of its operations. Raises ContractError for one that can't be served."""
        return list(routes(self.document))

    def operation(self, path: str, method: str) -> Operation:
        """One operation, with all references to parameters and bodies followed; read once."""
        if (path, method) not in self._operations:
            self._operations[path, method] = self._operation(path, method)
        return self._operations[path, method]

    def _operation(self, path: str, method: str) -> Operation:
        pointer = f"/paths/{escaped(path)}"
        item: dict[str, Any] = self.document["paths"][path]
        declared = item[method]
        media_types, required = self._request_body(f"{pointer}/{method}/requestBody", declared.get("requestBody"))
        return Operation(
            operation_id=declared.get("operationId", f"{method} {path}"),
            path=path,
            method=method,
            parameters=tuple(self._parameters(pointer, item, method)),
            security=tuple(declared.get("security", self.document.get("security", ()))),
            responses=self._responses_of(f"{pointer}/{method}/responses", declared.get("responses", {})),
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

    @property
    def credential_headers(self) -> frozenset[bytes]:
        """The headers, in lower case, in which its security schemes expect API keys."""
        names = self.document.get("components", {}).get("securitySchemes", {})
        schemes = [self.security_scheme(name) for name in names]
        in_headers = [one["name"] for one in schemes if one["type"] == "apiKey" and one["in"] == "header"]
        return frozenset(name.lower().encode() for name in in_headers)

    def validator(self, pointer: str | None, *, sent: bool = False, strict: bool = False) -> Validator:
        """The validator of the schema at a JSON pointer, for requests if `sent`, else for responses; without a pointer
        it accepts anything. `strict` is explained by `translation.Interpretation`.

        Raises ContractError if it is no schema.
        """
        asked = pointer, sent, strict
        if asked not in self._asked:
            known = self._translation
            interpretation = Interpretation(sent and known.has_directions, strict and known.has_discriminators)
            self._asked[asked] = self._validator(self._end(pointer), interpretation)
        return self._asked[asked]

    def _end(self, pointer: str | None) -> str:
        """The pointer to where the schema stands that a pointer leads to, over references."""
        if pointer not in self._ends:
            known = self._schemas.get(pointer)
            found = self._resolved({"$ref": pointer}, "") if known is None else self._resolved(known, str(pointer))
            self._ends[pointer] = found[1]
        return self._ends[pointer]

    def _validator(self, end: str, interpretation: Interpretation) -> Validator:
        if (end, interpretation) not in self._validators:
            compiler = self._compiler(interpretation)
            validator = Validator(partial(compiler.compiled, end), partial(compiler.check, end), self._compiled_cache)
            if self._compiled_cache is None:
                validator.compiled()
            self._validators[end, interpretation] = validator
        return self._validators[end, interpretation]

    def _compiler(self, interpretation: Interpretation) -> Compiler:
        if interpretation not in self._compilers:
            translation = Translation(self.document, interpretation) if any(interpretation) else self._translation
            validator = partial(self.validator, sent=interpretation.sent, strict=interpretation.strict)
            alternatives = ClosestBranchValidator(self.at, self.resolved, validator, strict=interpretation.strict)
            self._compilers[interpretation] = Compiler(
                self.document, self.dialect, interpretation, translation, alternatives
            )
        return self._compilers[interpretation]

    @cached_property
    def _translation(self) -> Translation:
        return Translation(self.document, Interpretation())

    def _parameters(self, pointer: str, item: Mapping[str, Any], method: str) -> Iterator[Parameter]:
        """The parameters of the path and of the operation; the operation's replace those of the path."""
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
            pointer, declared, style = f"{pointer}/content/{escaped(media_type)}", {**declared, **content}, "json"
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
        media_types = {bare_type(name): where for name, _, where in self._contents(body, pointer)}
        return media_types, body.get("required", False)

    def _responses_of(self, pointer: str, declared: Mapping[str, Any]) -> dict[str, DeclaredResponse]:
        return {
            str(status): self._response(entry, f"{pointer}/{escaped(str(status))}")
            for status, entry in declared.items()
            if not str(status).startswith("x-")
        }

    def _response(self, entry: Mapping[str, Any], pointer: str) -> DeclaredResponse:
        if "$ref" not in entry:
            return self._response_at(entry, pointer)
        reference = str(entry["$ref"])
        if reference not in self._responses:
            self._responses[reference] = self._response_at(*self._resolved(entry, pointer))
        return self._responses[reference]

    def _response_at(self, declared: Mapping[str, Any], pointer: str) -> DeclaredResponse:
        contents = list(self._contents(declared, pointer))
        media_types = {bare_type(name): where for name, _, where in contents}
        headers = {
            name: self._header(*self._resolved(entry, f"{pointer}/headers/{escaped(name)}"))
            for name, entry in declared.get("headers", {}).items()
            if name.lower() not in UNDECLARED
        }
        return DeclaredResponse(media_types, {bare_type(name): entry for name, entry, _ in contents}, headers)

    def _header(self, declared: Mapping[str, Any], pointer: str) -> ResponseHeader:
        schema, schema_pointer = self._schema(declared, pointer)
        example = declared.get("example", schema.get("example"))
        return ResponseHeader(declared.get("required", False), schema, schema_pointer, example)

    def _schema(self, declared: Mapping[str, Any], pointer: str) -> tuple[Mapping[str, Any], str | None]:
        """The schema of a parameter or header, and its pointer; an empty one and None if there is none."""
        if not isinstance(declared.get("schema"), Mapping):
            return {}, None
        schema, pointer = self._resolved(declared["schema"], f"{pointer}/schema")
        self._schemas[pointer] = schema
        return schema, pointer

    def _contents(
        self, declared: Mapping[str, Any], pointer: str
    ) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
        """The media types of a body: name, declaration, and the pointer to its schema, if it has one."""
        for name, entry in (declared.get("content") or {}).items():
            if "/" in name:  # other keys are there by mistake, such as `examples`
                schema, where = (entry or {}).get("schema"), f"{pointer}/content/{escaped(name)}/schema"
                if isinstance(schema, Mapping):
                    self._schemas[where] = schema
                yield name, entry or {}, where if isinstance(schema, Mapping) else None

    def _resolved(self, node: Mapping[str, Any], pointer: str) -> tuple[Mapping[str, Any], str]:
        """A node with its reference followed, and the pointer to it."""
        passed: set[str] = set()
        while "$ref" in node and pointer not in passed:
            passed.add(pointer)
            pointer = str(node["$ref"]).removeprefix("#")
            node = self.at(pointer)
        return node, pointer

    def at(self, pointer: str | None) -> Mapping[str, Any]:
        """The object at a JSON pointer; an empty one without a pointer. Raises ContractError if there is none."""
        if pointer is None:
            return {}
        try:
            node = at(self.document, steps_of(f"#{pointer}"))
        except LookupError:
            raise ContractError(f"The contract refers to #{pointer}, which doesn't exist.") from None
        if not isinstance(node, dict):
            raise ContractError(f"{node!r} can't stand there: it must be an object. Correct it.", pointer)
        return node


def _parsed(path: Path, text: bytes) -> Any:
    from mockserver.openapi.loading import Source  # here, as it isn't needed if the parsed document is cached

    return Source(str(path), text).content

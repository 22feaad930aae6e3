"""Judges answers by an OpenAPI document, with plain jsonschema. Of the mock it has what a file says, and what stands
where in it. How it follows references and translates OpenAPI 3.0 schemas to Draft 4 is its own, by the letter of the
specification; later schemas are JSON Schema 2020-12 as they are."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from jsonschema import (  # type: ignore[import-untyped]  # it has no types, and a stub package is not worth it
    Draft4Validator,
    Draft202012Validator,
)
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT202012

from mockserver.openapi.loading import Source
from mockserver.openapi.structure import METHODS, at, steps_of

HTTP_ERROR = 400
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Judge:
    """Judges by one document, in one file or several."""

    def __init__(self, path: Path) -> None:
        self.root = path.absolute().as_uri()
        self._raw: dict[str, Any] = {}
        self._translated: dict[str, Resource[Any]] = {}
        self._registry: Registry[Any] = Registry(retrieve=self._resource)  # type: ignore[call-arg]  # attrs makes the argument

    @cached_property
    def _is_newer(self) -> bool:
        """Whether the schemas are JSON Schema 2020-12."""
        return not str(self.document["openapi"]).startswith("3.0")

    @property
    def document(self) -> Node:
        """The root file."""
        found: Node = self._file(self.root)
        return found

    def operations(self) -> Iterator[tuple[str, str, str, Node]]:
        """Path, method, the file and the declaration of each operation."""
        for path, item in self._file(self.root).get("paths", {}).items():
            base, followed = self._followed(self.root, item)
            for method in METHODS:
                if method in followed and not path.startswith("x-"):
                    yield path, method, base, followed[method]

    def problem(self, base: str, operation: Node, answer: Answer) -> str | None:
        """Why an answer to a valid request is not what the operation declares; None if it is."""
        declared = {str(status).upper(): entry for status, entry in operation.get("responses", {}).items()}
        refused = answer.status >= HTTP_ERROR and any(status[0] in "123D" for status in declared)
        if refused:
            return f"a valid request is answered {answer.status}: {answer.body[:300].decode('utf-8', 'replace')}"
        names = (str(answer.status), f"{answer.status // 100}XX", "DEFAULT")
        name = next((each for each in names if each in declared), None)
        if not declared:  # it may be left out since OpenAPI 3.1, and promises nothing
            return None if answer.status < HTTP_ERROR else f"answered {answer.status}"
        if name is None:
            return f"the status {answer.status} is not declared"
        base, response = self._followed(base, declared[name])
        return self._in_headers(base, response, answer) or self._in_body(base, response, answer)

    def _in_headers(self, base: str, response: Node, answer: Answer) -> str | None:
        present = {name.lower() for name in answer.headers}
        for name, entry in response.get("headers", {}).items():
            _, header = self._followed(base, entry)
            if header.get("required") and name.lower() not in present:
                return f"the header {name} is missing"
        return None

    def _in_body(self, base: str, response: Node, answer: Answer) -> str | None:
        contents = {
            name.partition(";")[0].strip().lower(): entry for name, entry in response.get("content", {}).items()
        }
        if not contents:
            return "a body where none is declared" if answer.body else None
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        name = next((each for each in contents if re.fullmatch(re.escape(each).replace(r"\*", ".*"), media_type)), None)
        if name is None:
            return f"the content type {media_type or '(none)'} is not declared" if answer.status != 204 else None  # noqa: PLR2004
        schema = (contents[name] or {}).get("schema")
        if schema in (None, {}) or not re.search(r"[/+]json$", media_type):
            return None
        try:
            content = json.loads(answer.body)
        except ValueError as error:
            return f"the body is no JSON: {error}"
        draft = Draft202012Validator if self._is_newer else Draft4Validator
        translated = self._schema(schema, base)
        validator = draft(translated, registry=self._registry, format_checker=draft.FORMAT_CHECKER)
        wrong = next(validator.iter_errors(content), None)
        return wrong and f"{wrong.validator}: {wrong.message[:120]}"

    # ---------------------------------------------------------------- files and references
    def _file(self, uri: str) -> Any:
        if uri not in self._raw:
            path = Path(unquote(uri.removeprefix("file://")))
            self._raw[uri] = Source(str(path), path.read_bytes()).content
        return self._raw[uri]

    def _followed(self, base: str, node: Node) -> tuple[str, Node]:
        """Where a node's references end, and in which file."""
        while "$ref" in node:
            base, fragment = urldefrag(urljoin(base, node["$ref"]))
            node = at(self._file(base), steps_of(f"#{fragment}"))
        return base, node

    def _resource(self, uri: str) -> Resource[Any]:
        if uri not in self._translated:
            draft = DRAFT202012 if self._is_newer else DRAFT4
            node = self._named[uri] if uri in self._named else self._file(uri)
            self._translated[uri] = draft.create_resource(self._schema(node, self.root if uri in self._named else uri))
        return self._translated[uri]

    @cached_property
    def _named(self) -> dict[str, Any]:
        """The schemas of the root file that have an `$id`: each is a resource of its own."""
        found: dict[str, Any] = {}
        waiting: list[Any] = [self.document] if self._is_newer else []
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict) and isinstance(node.get("$id"), str):
                found[node["$id"]] = node
            waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        return found

    def _schema(self, node: Any, base: str) -> Any:
        """JSON Schema of OpenAPI: absolute references, and writeOnly not asked of an answer. In OpenAPI 3.0, `nullable`
        counts beside a type, and nothing beside a reference."""
        if isinstance(node, list):
            return [self._schema(each, base) for each in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str) and not self._is_newer:
            return {"$ref": urljoin(base, node["$ref"])}
        copy = {str(key): self._schema(value, base) for key, value in node.items()}
        if isinstance(node.get("$ref"), str):
            copy["$ref"] = self._reference(urljoin(base, node["$ref"]))
        if copy.get("nullable") is True and isinstance(copy.get("type"), str) and not self._is_newer:
            copy["type"] = [copy["type"], "null"]
        if isinstance(copy.get("required"), list) and isinstance(copy.get("properties"), dict):
            declared = copy["properties"]
            copy["required"] = [name for name in copy["required"] if not _is_write_only(declared.get(name))]
        return copy

    def _reference(self, absolute: str) -> str:
        """The reference to a schema by the name that it gives itself, if it has one."""
        uri, fragment = urldefrag(absolute)
        target = at(self._file(uri), steps_of(f"#{fragment}")) if uri == self.root and fragment[:1] == "/" else None
        name = target.get("$id") if isinstance(target, dict) else None
        return name if isinstance(name, str) else absolute


def _is_write_only(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("writeOnly") is True

"""Judges answers by an OpenAPI document, with plain jsonschema. Of the mock it has what a file says, and what stands
where in it. How it follows references and translates OpenAPI 3.0 schemas to Draft 4 is its own, by the letter of the
specification."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from jsonschema import Draft4Validator  # type: ignore[import-untyped]  # it has no types, and a stub package is not worth it
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

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

    @property
    def document(self) -> Node:
        """The root file."""
        found: Node = self._file(self.root)
        return found

    def operations(self) -> Iterator[tuple[str, str, str, Node]]:
        """Path, method, the file and the declaration of each operation."""
        for path, item in self._file(self.root)["paths"].items():
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
        if not schema or not re.search(r"[/+]json$", media_type):
            return None
        try:
            content = json.loads(answer.body)
        except ValueError as error:
            return f"the body is no JSON: {error}"
        validator = Draft4Validator(
            _draft4(schema, base), registry=self._registry, format_checker=Draft4Validator.FORMAT_CHECKER
        )
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
            self._translated[uri] = DRAFT4.create_resource(_draft4(self._file(uri), uri))
        return self._translated[uri]


def _draft4(node: Any, base: str) -> Any:
    """Draft 4 of OpenAPI 3.0: absolute references, `nullable` beside a type, and writeOnly not asked of an answer."""
    if isinstance(node, list):
        return [_draft4(each, base) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": urljoin(base, node["$ref"])}
    copy = {str(key): _draft4(value, base) for key, value in node.items()}
    if copy.get("nullable") is True and isinstance(copy.get("type"), str):
        copy["type"] = [copy["type"], "null"]
    if isinstance(copy.get("required"), list) and isinstance(copy.get("properties"), dict):
        declared = copy["properties"]
        copy["required"] = [name for name in copy["required"] if not _is_write_only(declared.get(name))]
    return copy


def _is_write_only(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("writeOnly") is True

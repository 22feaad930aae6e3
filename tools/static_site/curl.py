"""Lines of curl that call an operation of a mock; what another call has to answer first is a variable in them."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.static_site.contracts import Document, Operation

SERVER = "http://localhost:8181"
_TAKEN = re.compile(r"^\$response\.body#(/.*)$")


class Taken(NamedTuple):
    """A value that comes from another operation's answer: its variable, the field that has it, and that operation."""

    variable: str
    field: str
    source: Operation


class Curl:
    """The lines of curl for the operations of a contract. `key` is the header that they are sent with."""

    def __init__(self, document: Document, key: str = "") -> None:
        self._document = document
        self._key = key

    def taken(self, operation: Operation) -> dict[str, Taken]:
        """By parameter, or property of the body: what links of the contract take from an answer."""
        found: dict[str, Taken] = {}
        for source, link in self._links():
            if link.get("operationId") == operation.name:
                body = link.get("requestBody")
                values = link.get("parameters", {}) | (body if isinstance(body, dict) else {})
                for name, value in values.items():
                    pointer = _TAKEN.match(value) if isinstance(value, str) else None
                    if pointer:
                        field = pointer[1].rpartition("/")[2]
                        found.setdefault(name, Taken(_variable(field), field, source))
        return found

    def line(self, operation: Operation) -> str:
        """The command, on as many lines as it has parts."""
        taken = self.taken(operation)
        path = operation.path
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                name = parameter["name"]
                value = f"${taken[name].variable}" if name in taken else str(parameter.get("example", name))
                path = path.replace(f"{{{name}}}", value)
        address = f'"{SERVER}{path}"' if "$" in path else shlex.quote(SERVER + path)
        lines = [f"curl -w '\\n' -X {operation.method.upper()} {address}"]
        if self._key and operation.declared.get("security") != []:
            lines.append(f"-H '{self._key}'")
        body = self._document.resolve(operation.declared.get("requestBody", {}))
        for media_type, media in body.get("content", {}).items():
            for example in list(self._document.examples(media).values())[:1]:
                lines += [f"-H 'Content-Type: {media_type}'", f"--data-binary {_quoted(example['value'], taken)}"]
        return " \\\n  ".join(lines)

    def _links(self) -> Iterator[tuple[Operation, dict[str, Any]]]:
        for operation in self._document.operations():
            for reference in operation.declared["responses"].values():
                for link in self._document.resolve(reference).get("links", {}).values():
                    yield operation, link


def _variable(field: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field).upper()


def _quoted(value: Any, taken: dict[str, Taken]) -> str:
    """A body as one word for a shell, in which variables stand for what is taken."""
    names = {name: f"${found.variable}" for name, found in taken.items()} if isinstance(value, dict) else {}
    mine = {name: variable for name, variable in names.items() if name in value}
    quoted = shlex.quote(json.dumps(value | mine if mine else value, ensure_ascii=False))
    for variable in mine.values():
        quoted = quoted.replace(f'"{variable}"', f'"\'"{variable}"\'"')
    return quoted

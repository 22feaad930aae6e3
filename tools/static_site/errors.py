"""The error catalogue: every answer of a contract that is no success, by status, with its bodies and operations."""

from http import HTTPStatus
from typing import Any

from tools.static_site.contracts import Document
from tools.static_site.markdown import Assumptions, folded, sample, table

FIRST_ERROR = "400"


class ErrorPage:
    """The catalogue of one contract; `places` says where each operation stands."""

    def __init__(self, document: Document, assumptions: Assumptions, places: dict[str, str]) -> None:
        self._document = document
        self._assumptions = assumptions
        self._places = places

    def page(self) -> str:
        """All errors by status: what each body says, which codes it carries, and which operations answer it."""
        parts = [
            "# Errors\n",
            "Every error that an operation of the contract declares. Have the mock answer any of them:",
            "`Prefer: code=STATUS` on a request, and `Prefer: code=STATUS, example=NAME` for one of several bodies.\n",
            table(("status", "operations"), ((f"[{s}](#{_anchor(s)})", str(len(found))) for s, found in self._all())),
        ]
        for status, found in self._all():
            parts.append(f"({_anchor(status)})=\n## {status} {_phrase(status)}\n")
            parts += [self._body(status, name, answer) for name, answer in self._bodies(found).items()]
        return "\n".join(parts)

    def _all(self) -> list[tuple[str, dict[str, dict[str, Any]]]]:
        """By status, in order: the declared response of each operation."""
        by_status: dict[str, dict[str, dict[str, Any]]] = {}
        for operation in self._document.operations():
            for status, response in operation.declared["responses"].items():
                if status >= FIRST_ERROR:
                    by_status.setdefault(status, {})[operation.name] = response
        return sorted(by_status.items())

    def _bodies(self, found: dict[str, dict[str, Any]]) -> dict[str, tuple[dict[str, Any], list[str]]]:
        """The different responses of one status, each with the operations that declare it."""
        bodies: dict[str, tuple[dict[str, Any], list[str]]] = {}
        for operation, reference in found.items():
            name = reference.get("$ref", f"#/of/{operation}").rsplit("/", 1)[1]
            bodies.setdefault(name, (self._document.resolve(reference), []))[1].append(operation)
        return bodies

    def _body(self, status: str, name: str, answer: tuple[dict[str, Any], list[str]]) -> str:
        response, operations = answer
        parts = [f"### {name}\n", response["description"], self._assumptions.note(response)]
        links = ", ".join(f"[{operation}]({self._places[operation]})" for operation in operations)
        parts.append(f"Answered by {links}.\n")
        headers = [
            (f"`{header}`", self._document.resolve(declared).get("description", ""))
            for header, declared in response.get("headers", {}).items()
        ]
        parts.append(table(("header", "meaning"), headers))
        for media in response.get("content", {}).values():
            for example, found in self._document.examples(media).items():
                title = f"Prefer: code={status}, example={example}"
                parts.append(folded(title, sample(found["value"])))
        return "\n".join(parts)


def _anchor(status: str) -> str:
    return f"status-{status.lower()}"


def _phrase(status: str) -> str:
    return HTTPStatus(int(status)).phrase if status.isdigit() else ""

"""The names that schemas of a file give themselves since OpenAPI 3.1: `$id`, `$anchor` and `$dynamicAnchor`.

A schema with an `$id` is a resource of its own: references in it are relative to that, and `#/…` begins at it.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urljoin

import jsonschema_rs

from mockserver.openapi.structure import NAMED, VALUES, Steps, kind_of, steps_of

_URI = jsonschema_rs.Draft202012Validator({"format": "uri-reference"}, validate_formats=True)
_MARKS = (b"$id", b"$anchor", b"$dynamicAnchor", b"$self")


class Identifiers:
    """The names in a document, and what they are relative to. `has_dynamic`: some reference may be dynamic."""

    def __init__(self, content: Any) -> None:
        own = content.get("$self") if isinstance(content, dict) else None
        self._bases: dict[Steps, str] = {(): own if isinstance(own, str) and can_be_id(own) else ""}
        self._anchors: dict[tuple[str, str], Steps] = {}
        self.has_dynamic = False
        for steps, schema in _schemas(content):
            if isinstance(schema.get("$id"), str):
                base = self.base(steps[:-1])
                self._bases[steps] = _joined(base, schema["$id"], otherwise=base).removesuffix("#")
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(schema.get(keyword), str):
                    self._anchors.setdefault((self.base(steps), schema[keyword]), steps)
                    self.has_dynamic |= keyword == "$dynamicAnchor"
        self._resources = {base: steps for steps, base in reversed(self._bases.items())}

    def base(self, steps: Steps) -> str:
        """The name of the resource that holds a place."""
        for length in range(len(steps), 0, -1):
            if steps[:length] in self._bases:
                return self._bases[steps[:length]]
        return self._bases[()]

    def start(self, base: str) -> Steps:
        """The place of the resource of a name."""
        return self._resources[base]

    def named(self) -> list[tuple[str | None, Steps]]:
        """The places of all names, the outer ones first; those of an `$id` with the whole of it."""
        found = {steps: None for (base, _), steps in self._anchors.items() if base == self._bases[()]}
        named = found | {steps: base for base, steps in self._resources.items() if steps}
        return sorted(((base, steps) for steps, base in named.items()), key=lambda each: len(each[1]))

    def targets(self, steps: Steps, reference: str) -> Iterator[Steps]:
        """The places that a reference at a place may mean, the most likely one first: a pointer that leads nowhere in
        its resource may have been meant from the root of the document."""
        base = self.base(steps)
        absolute = base + reference if reference.startswith("#") else _joined(base, reference, otherwise=reference)
        name, _, fragment = absolute.partition("#")
        start = self._resources.get(name)
        if start is not None and (not fragment or fragment.startswith("/")):
            yield (*start, *steps_of(f"#{fragment}"))
        if (name, unquote(fragment)) in self._anchors:
            yield self._anchors[name, unquote(fragment)]
        if reference.startswith("#/"):
            yield steps_of(reference)


def can_be_id(text: str) -> bool:
    """Whether a text can be an `$id`: a reference to a resource as a whole."""
    return _URI.is_valid(text) and not text.partition("#")[2]


def _joined(base: str, reference: str, *, otherwise: str) -> str:
    """A reference relative to a base; something else if it is no URI at all."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return otherwise


def may_name(text: bytes) -> bool:
    """Whether there may be names in the text of a file."""
    return any(mark in text for mark in _MARKS)


def _schemas(content: Any) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """All schemas of a file, with their places, the outer ones first. What a file is that is no whole document isn't
    known: any object in it may be a schema."""
    if isinstance(content, dict) and "openapi" in content:
        return _known(content)
    return _possible(content)


def _known(content: dict[str, Any]) -> Iterator[tuple[Steps, dict[str, Any]]]:
    waiting: list[tuple[Steps, str, Any]] = [((), "document", content)]
    while waiting:
        steps, kind, node = waiting.pop()
        if kind == "schema" and isinstance(node, dict):
            yield steps, node
        for key, each in enumerate(node) if isinstance(node, list) else node.items():
            inner = kind_of(kind, key if isinstance(key, str) else None) if isinstance(each, dict | list) else None
            if inner and inner != "any":
                waiting.append(((*steps, key), inner, each))


def _possible(content: Any) -> Iterator[tuple[Steps, dict[str, Any]]]:
    waiting: list[tuple[Steps, Any, bool]] = [((), content, False)]
    while waiting:
        steps, node, named = waiting.pop()
        if isinstance(node, list):
            waiting += [((*steps, index), each, False) for index, each in enumerate(node)]
        elif isinstance(node, dict):
            if not named:
                yield steps, node
            waiting += [
                ((*steps, str(key)), each, not named and key in NAMED)
                for key, each in node.items()
                if named or key not in VALUES
            ]


NONE = Identifiers({})

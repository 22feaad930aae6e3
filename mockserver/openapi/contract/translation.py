"""The translation of the schemas of a document to JSON Schema, from which they differ in a few keywords: those of
OpenAPI 3.0 to Draft 4, later ones to 2020-12.

A whole document is translated at once. It is the one resource that all validators refer to, so recursive schemas cost
nothing extra.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin

from mockserver.openapi.contract.formats import PATTERNS
from mockserver.openapi.structure import NAMED, VALUES, Steps, find, mapping, pointer_to, steps_of

if TYPE_CHECKING:
    from mockserver.openapi.identifiers import Identifiers

RESOURCE = "urn:contract"  # the name of the translated document in references
_SCHEMA_BASE = "https://contract.invalid/"  # what a relative `$id` is relative to
INTEGER_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_MOVED_ONE_OF = "x-mockserver-oneOf"
_SEVERAL = ("allOf", "anyOf", "oneOf", _MOVED_ONE_OF)
_NESTING = (dict, list)
_NAMES = frozenset({"$id", "$anchor", "$dynamicAnchor", "$schema"})  # all references are local, and need none
_CHANGED = frozenset({"properties", "nullable", "format", "discriminator"}) | _NAMES  # others are only copied
_DIRECTIONS = ("readOnly", "writeOnly")


class Interpretation(NamedTuple):
    """The interpretation of the schemas of a document.

    `sent`: they describe requests, in which a required `readOnly` property may be missing. Else they describe
    responses, in which a `writeOnly` property may be missing if it is required, and must be missing if it isn't.

    `strict`: a `oneOf` with a discriminator accepts a value that fits exactly one branch. Without `strict` the value
    may fit several, as the discriminator names the one that is meant: branches that are open objects often overlap.
    """

    sent: bool = False
    strict: bool = False


class Translation:
    """A copy of a document in which every schema is JSON Schema: references name RESOURCE; null, integer sizes and
    formats are spelled out. Examples and other non-schemas are copied too; nothing refers to them.

    `has_directions` and `has_discriminators`: whether `sent` and `strict` make a difference for this document.
    If references depend on names, the schemas that have some stand below `$defs`, too, where they are looked for.
    """

    def __init__(self, document: Mapping[str, Any], interpretation: Interpretation) -> None:
        self._document = document
        self._optional = "readOnly" if interpretation.sent else "writeOnly"
        self._interpretation = interpretation
        self.has_directions = False
        self.has_discriminators = False
        self._names: Identifiers | None = None
        self._has_dynamic = False
        self._pointers: dict[str, str] = {}
        self.document: dict[str, Any] = self._of(document)
        if self._has_dynamic:
            from mockserver.openapi import identifiers  # here, as few documents need it

            self._names = identifiers.Identifiers(document)
            self.document = self._of(document)
            self.document["$defs"] = {str(index): each for index, each in enumerate(self._named(self._names))}

    @property
    def is_dynamic(self) -> bool:
        """Whether a reference may lead to different schemas, by the way on which it was reached."""
        return self._names is not None

    def address(self, pointer: str) -> str:
        """The reference to the copy of the schema at a JSON pointer of the document."""
        return self._address(reference(self._document, pointer, self._interpretation))

    def declared(self, schema: Mapping[str, Any], passed: frozenset[str] = frozenset()) -> set[str]:
        """The names of all properties that a schema of the copy declares, with those of its parts."""
        names = set(schema.get("properties", ()))
        parts = [part for keyword in _SEVERAL for part in schema.get(keyword, ())]
        parts += [schema[keyword] for keyword in ("if", "then", "else") if keyword in schema]
        address = schema.get("$ref")
        if isinstance(address, str) and address not in passed:
            parts.append(mapping(find(self.document, steps_of(f"#{self.pointer(address)}"))))
            passed |= {address}
        return names.union(*(self.declared(part, passed) for part in parts))

    def pointer(self, address: str) -> str:
        """The JSON pointer, in the copy, of what a reference in it leads to."""
        return self._pointers.get(address) or address.removeprefix(f"{RESOURCE}#")

    def _address(self, pointer: str) -> str:
        found = f"{RESOURCE}#{pointer}"
        if self._names is not None:
            steps = steps_of(f"#{pointer}")
            base = self._names.base(steps)
            start = self._names.start(base)
            if start:
                found = f"{urljoin(_SCHEMA_BASE, base)}#{pointer_to(*steps[len(start) :])}"
                self._pointers[found] = pointer
        return found

    def _named(self, names: "Identifiers") -> Iterator[dict[str, Any]]:
        """The schemas that have names, without those that are inside of others."""
        places: list[Steps] = []
        for base, steps in names.named():
            schema = find(self.document, self._steps(steps))
            if isinstance(schema, dict):
                if base is not None:
                    schema["$id"] = urljoin(_SCHEMA_BASE, base)
                if not any(steps[: len(place)] == place for place in places):
                    places.append(steps)
                    yield schema

    def _steps(self, steps: Steps) -> Steps:
        return steps_of(f"#{reference(self._document, pointer_to(*steps), self._interpretation)}")

    def _of(self, node: Any, *, named: bool = False) -> Any:
        """The copy of an object or a list. `named`: its keys are names, and no keywords."""
        if isinstance(node, list):
            return [self._of(item) if isinstance(item, _NESTING) else item for item in node]
        if isinstance(node.get("$ref"), str) and not named:
            pointer = node["$ref"].removeprefix("#")
            return {"$ref": self._address(reference(self._document, pointer, self._interpretation))}
        copy = {
            str(key): self._of(value, named=not named and key in NAMED)
            if isinstance(value, _NESTING) and (named or key not in VALUES)
            else value
            for key, value in node.items()
        }
        if not named and not _CHANGED.isdisjoint(copy):
            self._change(node, copy)
        return copy

    def _change(self, node: Mapping[str, Any], copy: dict[str, Any]) -> None:
        """Make JSON Schema of the copy of an object."""
        self._has_dynamic |= isinstance(copy.get("$dynamicAnchor"), str)
        if self._names is None:
            for name in _NAMES:
                copy.pop(name, None)
        if isinstance(node.get("properties"), dict):
            self._apply_direction(copy, node["properties"])
        if copy.get("nullable") is True and isinstance(copy.get("type"), str):
            _allow_null(copy)
        if "integer" in _types(copy) and copy.get("format") in INTEGER_BOUNDS:
            lowest, highest = INTEGER_BOUNDS[copy["format"]]
            copy["minimum"] = max(lowest, copy.get("minimum", lowest))
            copy["maximum"] = min(highest, copy.get("maximum", highest))
        if isinstance(copy.get("format"), str) and copy["format"] in PATTERNS:
            copy["allOf"] = [*copy.get("allOf", ()), {"pattern": PATTERNS[copy.pop("format")]}]
        if _has_discriminator(node):
            self._allow_several(copy)

    def _allow_several(self, copy: dict[str, Any]) -> None:
        """Let a value fit several branches, as the discriminator names the one that is meant."""
        self.has_discriminators = True
        if not self._interpretation.strict:
            branches = copy[_MOVED_ONE_OF] = copy.pop("oneOf")
            copy["allOf"] = [*copy.get("allOf", ()), {"anyOf": branches}]

    def _apply_direction(self, copy: dict[str, Any], properties: Mapping[str, Any]) -> None:
        """Require only the properties that this direction has to send; refuse optional `writeOnly` ones in
        responses."""
        one_way = {name: way for name, declared in properties.items() if (way := self._direction(declared))}
        required = copy.get("required")
        if not one_way or not isinstance(required, list | None):
            return
        self.has_directions = True
        if self._optional == "writeOnly":
            secret = [name for name, way in one_way.items() if way == "writeOnly" and name not in (required or ())]
            copy["properties"].update({name: {"not": {}} for name in secret})
        if required:
            copy["required"] = [name for name in required if one_way.get(name) != self._optional]
            if not copy["required"]:
                del copy["required"]  # Draft 4 allows no empty list

    def _direction(self, declared: Any) -> str | None:
        """`readOnly` or `writeOnly`, if a property is one of them."""
        for _ in range(10):  # no contract needs a longer chain of references
            if not isinstance(declared, dict) or not isinstance(declared.get("$ref"), str):
                break
            declared = find(self._document, steps_of(declared["$ref"]))
        found = declared if isinstance(declared, dict) else {}
        return next((way for way in _DIRECTIONS if found.get(way) is True), None)


def reference(document: Mapping[str, Any], pointer: str, interpretation: Interpretation) -> str:
    """The pointer in a translated copy for a JSON pointer of the document."""
    if interpretation.strict or "/oneOf/" not in pointer:
        return pointer
    written, steps = pointer.split("/"), steps_of(f"#{pointer}")
    for place, step in enumerate(steps):
        if step == "oneOf" and _has_discriminator(find(document, steps[:place])):
            written[place + 1] = _MOVED_ONE_OF
    return "/".join(written)


def original(pointer: str) -> str:
    """The pointer in the document for a pointer of a translated copy."""
    return pointer.replace(f"/{_MOVED_ONE_OF}/", "/oneOf/")


def has_alternatives(schema: Mapping[str, Any]) -> bool:
    """Whether a schema of a translated copy has alternatives."""
    return any(keyword in schema for keyword in ("oneOf", "anyOf", _MOVED_ONE_OF))


def _types(schema: Mapping[str, Any]) -> Sequence[str]:
    found = schema.get("type")
    return found if isinstance(found, list) else [found] if isinstance(found, str) else []


def _has_discriminator(node: Any) -> bool:
    """Whether a schema has a `oneOf` with a discriminator."""
    return (
        isinstance(node, dict) and isinstance(node.get("discriminator"), dict) and isinstance(node.get("oneOf"), list)
    )


def _allow_null(copy: dict[str, Any]) -> None:
    copy["type"] = [copy["type"], "null"]
    if isinstance(copy.get("enum"), list) and None not in copy["enum"]:
        copy["enum"] = [*copy["enum"], None]

"""OpenAPI 3.0 schemas as JSON Schema Draft 4, which they are but for a few words of their own.

A whole document is translated at once, and is then the one resource that all validators refer into: recursion costs
nothing that way.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.openapi.contract.formats import PATTERNS
from mockserver.openapi.structure import find, steps_of

RESOURCE = "urn:contract"  # the name of the translated document, as references in it have it
INTEGER_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_MOVED_ONE_OF = "x-mockserver-oneOf"
_NESTING = (dict, list)
_SIDES = ("readOnly", "writeOnly")


class Interpretation(NamedTuple):
    """How the schemas of a document are meant.

    `sent`: of a request, in which a property that is `readOnly` need not be, even if it is required. Else of an answer,
    in which one that is `writeOnly` may only be if it is required, and need not be.

    `strict`: a `oneOf` is what it says. Draft 4 knows no discriminator; without `strict`, what has one may fit several
    branches, as it tells which is meant: branches that are open objects could else accept nothing.
    """

    sent: bool = False
    strict: bool = False


class Translation:
    """A copy of a document in which every schema is Draft 4: references name RESOURCE, null, integer sizes and
    formats are spelled out. Examples and other non-schemas are copied too; nothing refers to them.

    `has_directions` and `has_discriminators` say whether it makes a difference who sends, and whether the reading is strict.
    """

    def __init__(self, document: Mapping[str, Any], reading: Interpretation) -> None:
        self._document = document
        self._optional = "readOnly" if reading.sent else "writeOnly"
        self._reading = reading
        self.has_directions = False
        self.has_discriminators = False
        self.document: dict[str, Any] = self._of(document)

    def _of(self, node: Any) -> Any:
        """The copy of an object or a list."""
        if isinstance(node, list):
            return [self._of(item) if isinstance(item, _NESTING) else item for item in node]
        if isinstance(node.get("$ref"), str):
            pointer = node["$ref"].removeprefix("#")
            return {"$ref": f"{RESOURCE}#{reference(self._document, pointer, self._reading)}"}
        copy = {str(key): self._of(value) if isinstance(value, _NESTING) else value for key, value in node.items()}
        if isinstance(node.get("properties"), dict):
            self._apply_direction(copy, node["properties"])
        if copy.get("nullable") is True and isinstance(copy.get("type"), str):
            _allow_null(copy)
        if copy.get("type") == "integer" and copy.get("format") in INTEGER_BOUNDS:
            lowest, highest = INTEGER_BOUNDS[copy["format"]]
            copy["minimum"] = max(lowest, copy.get("minimum", lowest))
            copy["maximum"] = min(highest, copy.get("maximum", highest))
        if isinstance(copy.get("format"), str) and copy["format"] in PATTERNS:
            copy["allOf"] = [*copy.get("allOf", ()), {"pattern": PATTERNS[copy.pop("format")]}]
        if _has_discriminator(node):
            self._allow_several(copy)
        return copy

    def _allow_several(self, copy: dict[str, Any]) -> None:
        """Let a value fit several branches, of which the discriminator tells the one that is meant."""
        self.has_discriminators = True
        if not self._reading.strict:
            branches = copy[_MOVED_ONE_OF] = copy.pop("oneOf")
            copy["allOf"] = [*copy.get("allOf", ()), {"anyOf": branches}]

    def _apply_direction(self, copy: dict[str, Any], properties: Mapping[str, Any]) -> None:
        """Require only what this side has to send, and let no answer have what is `writeOnly`."""
        sides = {name: side for name, declared in properties.items() if (side := self._side(declared))}
        required = copy.get("required")
        if not sides or not isinstance(required, list | None):
            return
        self.has_directions = True
        if self._optional == "writeOnly":
            secret = [name for name, side in sides.items() if side == "writeOnly" and name not in (required or ())]
            copy["properties"].update({name: {"not": {}} for name in secret})
        if required:
            copy["required"] = [name for name in required if sides.get(name) != self._optional]
            if not copy["required"]:
                del copy["required"]  # Draft 4 knows no empty list of it

    def _side(self, declared: Any) -> str | None:
        """`readOnly` or `writeOnly`, if a property is one of them."""
        for _ in range(10):  # a chain of references longer than that is nobody's
            if not isinstance(declared, dict) or not isinstance(declared.get("$ref"), str):
                break
            declared = find(self._document, steps_of(declared["$ref"]))
        found = declared if isinstance(declared, dict) else {}
        return next((side for side in _SIDES if found.get(side) is True), None)


def reference(document: Mapping[str, Any], pointer: str, reading: Interpretation) -> str:
    """Where in a copy stands what is at a JSON pointer of the document."""
    if reading.strict or "/oneOf/" not in pointer:
        return pointer
    written, steps = pointer.split("/"), steps_of(f"#{pointer}")
    for place, step in enumerate(steps):
        if step == "oneOf" and _has_discriminator(find(document, steps[:place])):
            written[place + 1] = _MOVED_ONE_OF
    return "/".join(written)


def original(pointer: str) -> str:
    """Where in the document stands what is at a pointer of a copy."""
    return pointer.replace(f"/{_MOVED_ONE_OF}/", "/oneOf/")


def has_alternatives(schema: Mapping[str, Any]) -> bool:
    """Whether a schema of a copy has alternatives."""
    return any(keyword in schema for keyword in ("oneOf", "anyOf", _MOVED_ONE_OF))


def _has_discriminator(node: Any) -> bool:
    """Whether a schema has a discriminator that tells which of its alternatives is meant."""
    return (
        isinstance(node, dict) and isinstance(node.get("discriminator"), dict) and isinstance(node.get("oneOf"), list)
    )


def _allow_null(copy: dict[str, Any]) -> None:
    copy["type"] = [copy["type"], "null"]
    if isinstance(copy.get("enum"), list) and None not in copy["enum"]:
        copy["enum"] = [*copy["enum"], None]

"""OpenAPI 3.0 schemas as JSON Schema Draft 4, which they are but for a few words of their own.

A whole document is translated at once, and is then the one resource that all validators refer into: recursion costs
nothing that way.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.formats import PATTERNS
from mockserver.grammar import steps_of

RESOURCE = "urn:contract"  # the name of the translated document, as references in it have it
INTEGER_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_SIDES = ("readOnly", "writeOnly")


class Translation:
    """A copy of a document in which every schema is Draft 4: references name RESOURCE, null, integer sizes and
    formats are spelled out. Examples and other non-schemas are copied too; nothing refers to them.

    `optional` is what the other side has to send: a property that is `readOnly` need not be in a request, even if it
    is required, nor one that is `writeOnly` in an answer, where it may be only if it is required. `has_sides` says
    whether that makes a difference.

    Draft 4 knows no discriminator. Without `strict`, what has one may fit several branches of a `oneOf`, as it tells
    which is meant: branches that are open objects could else accept nothing. `has_told_branches` says whether that
    makes a difference.
    """

    def __init__(self, document: Mapping[str, Any], *, optional: str, strict: bool = False) -> None:
        self._document = document
        self._optional = optional
        self._strict = strict
        self.has_sides = False
        self.has_told_branches = False
        self.document: dict[str, Any] = self._of(document)

    def _of(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._of(item) for item in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            return {"$ref": RESOURCE + node["$ref"]}
        copy = {str(key): self._of(value) for key, value in node.items()}
        if isinstance(node.get("properties"), dict):
            self._take_side(copy, node["properties"])
        if copy.get("nullable") is True and isinstance(copy.get("type"), str):
            _allow_null(copy)
        if copy.get("type") == "integer" and copy.get("format") in INTEGER_BOUNDS:
            lowest, highest = INTEGER_BOUNDS[copy["format"]]
            copy["minimum"] = max(lowest, copy.get("minimum", lowest))
            copy["maximum"] = min(highest, copy.get("maximum", highest))
        if isinstance(copy.get("format"), str) and copy["format"] in PATTERNS:
            copy["allOf"] = [*copy.get("allOf", ()), {"pattern": PATTERNS[copy.pop("format")]}]
        if isinstance(copy.get("discriminator"), dict) and isinstance(copy.get("oneOf"), list):
            self._allow_several(copy)
        return copy

    def _allow_several(self, copy: dict[str, Any]) -> None:
        """Let a value fit several branches, of which the discriminator tells the one that is meant."""
        self.has_told_branches = True
        if not self._strict:
            copy["allOf"] = [*copy.get("allOf", ()), {"anyOf": copy.pop("oneOf")}]

    def _take_side(self, copy: dict[str, Any], properties: Mapping[str, Any]) -> None:
        """Require only what this side has to send, and let no answer have what is `writeOnly`."""
        sides = {name: side for name, declared in properties.items() if (side := self._side(declared))}
        required = copy.get("required")
        if not sides or not isinstance(required, list | None):
            return
        self.has_sides = True
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
            declared = self._at(declared["$ref"])
        found = declared if isinstance(declared, dict) else {}
        return next((side for side in _SIDES if found.get(side) is True), None)

    def _at(self, reference: str) -> Any:
        node: Any = self._document
        for step in steps_of(reference):
            node = node.get(step) if isinstance(node, dict) else None
        return node


def _allow_null(copy: dict[str, Any]) -> None:
    copy["type"] = [copy["type"], "null"]
    if isinstance(copy.get("enum"), list) and None not in copy["enum"]:
        copy["enum"] = [*copy["enum"], None]

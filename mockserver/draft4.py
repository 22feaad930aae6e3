"""OpenAPI 3.0 schemas as JSON Schema Draft 4, which they are but for a few words of their own.

A whole document is translated at once, and is then the one resource that all validators refer into: recursion costs
nothing that way.
"""

from typing import Any

RESOURCE = "urn:contract"
_INTEGER_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def as_draft4(node: Any, *, strict: bool) -> Any:
    """A copy in which every schema is Draft 4: references name the resource, null and integer sizes are spelled out.

    Draft 4 knows no discriminator. Without `strict`, what has one may fit several branches of a `oneOf`, as it tells
    which is meant: branches that are open objects could else accept nothing.

    Examples and other non-schemas are copied too; nothing refers to them.
    """
    if isinstance(node, list):
        return [as_draft4(item, strict=strict) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": RESOURCE + node["$ref"]}
    copy = {str(key): as_draft4(value, strict=strict) for key, value in node.items()}
    if copy.get("nullable") is True and isinstance(copy.get("type"), str):
        copy["type"] = [copy["type"], "null"]
        if isinstance(copy.get("enum"), list) and None not in copy["enum"]:
            copy["enum"] = [*copy["enum"], None]
    if copy.get("type") == "integer" and copy.get("format") in _INTEGER_BOUNDS:
        lowest, highest = _INTEGER_BOUNDS[copy["format"]]
        copy["minimum"] = max(lowest, copy.get("minimum", lowest))
        copy["maximum"] = min(highest, copy.get("maximum", highest))
    if not strict and _is_told(copy):
        copy["allOf"] = [*copy.get("allOf", ()), {"anyOf": copy.pop("oneOf")}]
    return copy


def has_told_branches(node: Any) -> bool:
    """Whether there is a `oneOf` with a discriminator, so that `strict` makes a difference."""
    if isinstance(node, list):
        return any(map(has_told_branches, node))
    return isinstance(node, dict) and (_is_told(node) or any(map(has_told_branches, node.values())))


def _is_told(schema: dict[str, Any]) -> bool:
    return isinstance(schema.get("discriminator"), dict) and isinstance(schema.get("oneOf"), list)

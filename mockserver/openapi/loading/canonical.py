"""The canonical form of a document since OpenAPI 3.1: what can be written in several ways is written in one.

A schema is an object, and has nothing beside a reference but notes for readers. So whatever reads a document needs no
other rules than for OpenAPI 3.0. `additionalProperties` and what is like it may be `true` or `false`, as there.
"""

from typing import Any

from mockserver.openapi.structure import METHODS, kind_of

_BOOLEANS = frozenset({"additionalProperties", "unevaluatedProperties", "unevaluatedItems"})  # these stay as they are
_NOTES = frozenset({"$ref", "$comment", "deprecated", "description", "externalDocs", "summary", "title", "xml"})
MEANINGLESS = "nullable"  # since OpenAPI 3.1
COUNTS = (
    *("minContains", "maxContains"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
)
LARGEST_COUNT = 2**63 - 1


def make_canonical(kind: str, node: dict[str, Any]) -> None:
    """Change an object of a document, of a kind of `openapi.structure`, to its canonical form."""
    match kind:
        case "schema":
            _make_whole(node)
            _make_plain_reference(node)
        case "pathItem" | "webhook":
            _name_operations(node)
        case "mediaType":
            _describe_sequence(node)


def make_static(schema: dict[str, Any], *, has_dynamic: bool) -> None:
    """Let a dynamic reference of a schema be a `$ref` if it can lead to one place only: by a pointer, or if its file
    has no dynamic anchors."""
    reference = schema["$dynamicRef"]
    if not isinstance(reference, str) or (has_dynamic and reference.partition("#")[2][:1] not in ("", "/")):
        return
    del schema["$dynamicRef"]
    if "$ref" not in schema:
        schema["$ref"] = reference
        return
    parts = schema.get("allOf")
    schema["allOf"] = [*(parts if isinstance(parts, list) else ()), {"$ref": reference}]


def schema_of(kind: str, key: str | None, value: bool) -> dict[str, Any] | None:  # noqa: FBT001 (it is a schema)
    """The object that says the same as a boolean under a key of an object; None if it is no schema, or may stay."""
    if kind_of(kind, key) != "schema" or (kind == "schema" and key in _BOOLEANS):
        return None
    return {} if value else {"not": {}}


def _make_whole(schema: dict[str, Any]) -> None:
    """Make integers of counts such as `2.0`, which is the same number."""
    for keyword in COUNTS:
        value = schema.get(keyword)
        if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_COUNT:
            schema[keyword] = int(value)


def _make_plain_reference(schema: dict[str, Any]) -> None:
    """Leave nothing but notes beside a reference: what else stands there applies as well, as in an `allOf`."""
    schema.pop(MEANINGLESS, None)
    if isinstance(schema.get("$ref"), str) and any(_counts(key) for key in schema):
        parts = schema.get("allOf")
        schema["allOf"] = [*(parts if isinstance(parts, list) else ()), {"$ref": schema.pop("$ref")}]


def _counts(key: str) -> bool:
    return key not in _NOTES and not key.startswith("x-")


def _name_operations(item: dict[str, Any]) -> None:
    """Let the operations of `additionalOperations` stand beside the others. A method that no request can have is left
    where it is."""
    more = item.get("additionalOperations")
    if not isinstance(more, dict):
        return
    for method in list(more):
        if method.lower() in METHODS and method == method.upper() and method.lower() not in item:
            item[method.lower()] = more.pop(method)


def _describe_sequence(media_type: dict[str, Any]) -> None:
    """Describe a stream of items as a list, which is what it is to those who check or make it."""
    if isinstance(media_type.get("itemSchema"), dict):
        listed = {"type": "array", "items": media_type.pop("itemSchema")}
        whole = media_type.get("schema")
        media_type["schema"] = {"allOf": [whole, listed]} if isinstance(whole, dict) else listed

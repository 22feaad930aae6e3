"""An OpenAPI 3.0 document as OpenAPI 3.1, which says the same: for tools that read `webhooks`, or JSON Schema alone."""

from collections.abc import Mapping
from typing import Any

from mockserver.openapi.dialects import OPENAPI_30, OPENAPI_31
from mockserver.openapi.json_schema import allow_null, exclude_bounds
from mockserver.openapi.structure import kind_of

_NESTING = (dict, list)


def as_openapi_31(document: Mapping[str, Any]) -> dict[str, Any]:
    """The copy of an OpenAPI 3.0 document whose references are local, as one of OpenAPI 3.1.

    Events are webhooks. `nullable` is a type, exclusive bounds are numbers, `example` is one of `examples`, and `byte`
    is an encoding; notes beside references stay.
    """
    named = {OPENAPI_31.events if key == OPENAPI_30.events else key: value for key, value in document.items()}
    return {**_copied("document", named), "openapi": OPENAPI_31.full_version}


def _copied(kind: str, node: Any) -> Any:
    """The copy of an object or a list of a kind."""
    if isinstance(node, list):
        return [_of(kind_of(kind, None), each) for each in node]
    copy = {str(key): _of(kind_of(kind, str(key)), value) for key, value in node.items()}
    if isinstance(copy.get("$ref"), str):
        copy["$ref"] = copy["$ref"].replace(f"#/{OPENAPI_30.events}/", f"#/{OPENAPI_31.events}/")
    if kind == "schema":
        _spell_out(node, copy)
    return copy


def _of(kind: str | None, value: Any) -> Any:
    return _copied(kind, value) if kind not in (None, "any") and isinstance(value, _NESTING) else value


def _spell_out(schema: Mapping[str, Any], copy: dict[str, Any]) -> None:
    """Let the copy of a schema have no keyword that JSON Schema doesn't know, if there is another for it."""
    allow_null(schema, copy)
    exclude_bounds(copy)
    copy.pop("nullable", None)
    if "example" in copy:
        copy["examples"] = [copy.pop("example")]
    if copy.get("format") == "byte":
        copy["contentEncoding"] = "base64"
        del copy["format"]

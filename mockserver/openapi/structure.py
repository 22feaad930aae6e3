"""The structure of an OpenAPI document: the kinds of its objects, the places that may hold references, and their
targets. A place is given by the steps to it from the root of the document.

It is the same for all versions: what a later one has added can't stand in an earlier one.

A kind is a name: `schema`; `{schema}` is a mapping to schemas, `[schema]` a list of them; `any` is the content of an
extension. A `webhook` is the path item of a callback: it can lead back to itself, so it isn't treated like a path's.
"""

import re
from typing import Any
from urllib.parse import quote, unquote

Steps = tuple[str | int, ...]

EVENTS = "x-webhooks"  # an extension whose entries are path items
METHODS = (
    *("get", "put", "post", "delete", "options", "head", "patch", "trace"),
    "query",  # since OpenAPI 3.2
    # Of `additionalOperations`, those that the parser of requests can read. In a loaded document they stand beside
    # the others.
    *("acl", "bind", "checkout", "copy", "link", "lock", "m-search", "merge", "mkactivity", "mkcalendar", "mkcol"),
    *("move", "notify", "propfind", "proppatch", "purge", "rebind", "report", "search", "source", "subscribe"),
    *("unbind", "unlink", "unlock", "unsubscribe"),
)
SECTIONS = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "requestBody": "requestBodies",
    "header": "headers",
    "securityScheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
}
# For who walks through an object without knowing what it is:
VALUES = frozenset({"const", "enum", "default", "example", "examples"})  # keywords of a schema that hold no schemas
NAMED = frozenset(  # keys whose members have names instead of keywords
    {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
    | {"schemas", "responses", "parameters", "requestBodies", "headers", "pathItems", "callbacks", "content", "paths"}
)
_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)
REFERABLE = frozenset(SECTIONS) | {"webhook", "any"}  # kinds that may be given by a reference in a bundled document

_VALUE = {"schema": "schema", "examples": "{example}", "content": "{mediaType}"}
_PATH_ITEM = {
    "parameters": "[parameter]",
    **dict.fromkeys(METHODS, "operation"),
    "additionalOperations": "{operation}",
}
_FIELDS: dict[str, dict[str, str]] = {
    "document": {"components": "components", "paths": "paths", "webhooks": "{pathItem}"},
    "components": {
        **{section: f"{{{kind}}}" for kind, section in SECTIONS.items()},
        "pathItems": "{pathItem}",
        "mediaTypes": "{mediaType}",
    },
    "pathItem": _PATH_ITEM,
    "webhook": _PATH_ITEM,
    "operation": {
        "parameters": "[parameter]",
        "requestBody": "requestBody",
        "responses": "responses",
        "callbacks": "{callback}",
    },
    "parameter": _VALUE,
    "header": _VALUE,
    "mediaType": {**_VALUE, "encoding": "{encoding}", "itemSchema": "schema"},
    "encoding": {"headers": "{header}"},
    "requestBody": {"content": "{mediaType}"},
    "response": {"headers": "{header}", "content": "{mediaType}", "links": "{link}"},
    "schema": {
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
        **dict.fromkeys(("items", "not", "additionalProperties", "if", "then", "else", "contains"), "schema"),
        **dict.fromkeys(("propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"), "schema"),
        **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "$defs"), "{schema}"),
    },
}
_EXTENSIBLE = {
    "paths": "pathItem",
    "responses": "response",
    "callback": "webhook",
}  # mappings with `x-` among their keys


def kind_of(kind: str, key: str | None) -> str | None:
    """The kind of the value under a key, or in a list (no key); None if no reference can stand in it."""
    if key is None:
        return kind[1:-1] if kind[0] == "[" else "any"
    if kind[0] == "{":
        return kind[1:-1]
    if kind == "any" or key.startswith("x-"):
        return "any"
    return _EXTENSIBLE.get(kind) or _FIELDS.get(kind, {}).get(key)


def steps_of(reference: str) -> tuple[str, ...]:
    """The steps to the target of a local reference: `#/…`, percent-encoded or not."""
    path = reference.partition("#")[2]
    steps = path.split("/")[1:]
    if "%" in path or "~" in path:
        steps = [_unescaped(step) if "%" in step or "~" in step else step for step in steps]
    return tuple(steps)


def _unescaped(step: str) -> str:
    return unquote(step).replace("~1", "/").replace("~0", "~")


def at(document: Any, steps: Steps) -> Any:
    """The value at a place of a document. Raises LookupError if there is none."""
    node = document
    for step in steps:
        node = below(node, step)
    return node


def find(document: Any, steps: Steps) -> Any:
    """The value at a place of a document; None if there is none."""
    try:
        return at(document, steps)
    except LookupError:
        return None


def below(node: Any, step: str | int) -> Any:
    """The value under a key or an index. Raises LookupError if there is none."""
    name = str(step)
    if isinstance(node, dict):
        return node[name]
    if not isinstance(node, list) or not _INDEX.fullmatch(name):
        raise LookupError(name)
    return node[int(name)]


def mapping(node: Any) -> dict[str, Any]:
    """The node if it is a mapping, else an empty one."""
    return node if isinstance(node, dict) else {}


def bare_type(text: str) -> str:
    """A media type of a header or a document, without its parameters and in lower case."""
    return text.partition(";")[0].strip(" \t").lower()


def is_json_type(media_type: str) -> bool:
    """Whether a media type is that of JSON: of one text, not of a sequence of them as `application/x-ndjson` is."""
    return bare_type(media_type).endswith(("/json", "+json"))


def pointer_to(*steps: str | int) -> str:
    """The JSON pointer of these steps, percent-encoded as in a reference."""
    return "".join(f"/{escaped(str(step))}" for step in steps)


def readable(steps: Steps) -> str:
    """A place as `#/…`, for people: nothing in it is percent-encoded."""
    return "#" + unquote(pointer_to(*steps))


def escaped(step: str) -> str:
    """A step, escaped for a JSON pointer in a reference."""
    if step.isascii() and step.isalnum():
        return step
    return quote(step.replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@")

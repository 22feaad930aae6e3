"""JSON Patch (RFC 6902), by a library. This module is imported with the first patch."""

from copy import deepcopy
from typing import Any

import orjson
from jsonpath import JSONPatch, JSONPatchError, JSONPointerError

from mockserver.errors import BadRequest, Conflict

MOST_OPERATIONS = 1_000
LARGEST = 1024 * 1024  # bytes of a record: to copy a part of it into itself doubles it
_FIRST = 500  # characters of what the library says


def patched(old: Any, operations: Any) -> Any:
    """A value after these operations; the old one stays as it is. Raises BadRequest for what is no patch, and Conflict
    for one that doesn't fit the value."""
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise BadRequest(message="A JSON Patch is a list of operations (RFC 6902).")
    if len(operations) > MOST_OPERATIONS:
        raise BadRequest(message=f"A JSON Patch may have {MOST_OPERATIONS} operations here, not {len(operations)}.")
    value = deepcopy(old)
    for operation in operations:
        if not isinstance(value, dict | list):  # which the library would read as a text of JSON
            raise Conflict(hint="The patch leaves no object.")
        value = _after(value, operation)
        if operation.get("op") == "copy" and len(orjson.dumps(value)) > LARGEST:
            raise Conflict(hint=f"The record would be larger than {LARGEST} bytes.")
    return value


def _after(value: Any, operation: dict[str, Any]) -> Any:
    if any(str(operation.get(name, "/") or "/")[0] != "/" for name in ("path", "from")):
        raise BadRequest(message="A path of a JSON Patch begins with a slash.")
    try:
        patch = JSONPatch([operation], unicode_escape=False)
    except (JSONPatchError, JSONPointerError, TypeError, AttributeError) as error:  # the latter two: paths of no text
        raise BadRequest(message=f"An operation is no JSON Patch: {error}"[:_FIRST]) from error
    if operation.get("op") == "move" and f"{operation['path']}/".startswith(f"{operation['from']}/"):
        raise Conflict(hint="A JSON Patch can't move a value into itself.")
    try:
        return patch.apply(value)
    except (JSONPatchError, JSONPointerError) as error:
        raise Conflict(hint=f"The patch doesn't fit the record: {error}"[:_FIRST]) from error

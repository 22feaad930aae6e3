"""JSON Patch (RFC 6902), by a library. This module is imported with the first patch."""

from copy import deepcopy
from typing import Any

import orjson
from jsonpath import JSONPatch, JSONPatchError, JSONPointer, JSONPointerError

from mockserver.errors import BadRequest, Conflict
from mockserver.nesting import is_deeper

MOST_OPERATIONS = 1_000
LARGEST = 1024 * 1024  # bytes of a record that grew by copies, and of all that one patch copies and moves
DEEPEST = 64  # levels of a record, as of a body
TOO_DEEP = f"The record would be nested more than {DEEPEST} levels deep."
TOO_LARGE = f"The record would be larger than {LARGEST} bytes, or the patch copies more."
_FIRST = 500  # characters of what the library says


def patched(old: Any, operations: Any) -> Any:
    """A value after these operations; the old one stays as it is. Raises BadRequest for what is no patch, and Conflict
    for one that doesn't fit the value."""
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise BadRequest(message="A JSON Patch is a list of operations (RFC 6902).")
    if len(operations) > MOST_OPERATIONS:
        raise BadRequest(message=f"A JSON Patch may have {MOST_OPERATIONS} operations here, not {len(operations)}.")
    value, room = deepcopy(old), LARGEST
    for operation in operations:
        if not isinstance(value, dict | list):  # which the library would read as a text of JSON
            raise Conflict(hint="The patch leaves no object.")
        value, room = _after(value, operation, room)
    if is_deeper(value, DEEPEST):
        raise Conflict(hint=TOO_DEEP)
    if room < LARGEST and len(orjson.dumps(value)) > LARGEST:
        raise Conflict(hint=TOO_LARGE)
    return value


def _after(value: Any, operation: dict[str, Any], room: int) -> tuple[Any, int]:
    """A value after an operation, and how much of the room for copies is left."""
    if any(str(operation.get(name, "/") or "/")[0] != "/" for name in ("path", "from")):
        raise BadRequest(message="A path of a JSON Patch begins with a slash.")
    try:
        patch = JSONPatch([operation], unicode_escape=False)
    except (JSONPatchError, JSONPointerError, TypeError, AttributeError) as error:  # the latter two: paths of no text
        raise BadRequest(message=f"An operation is no JSON Patch: {error}"[:_FIRST]) from error
    if operation.get("op") == "move" and f"{operation['path']}/".startswith(f"{operation['from']}/"):
        raise Conflict(hint="A JSON Patch can't move a value into itself.")
    try:
        room -= _weight(value, operation)
        if room < 0:
            raise Conflict(hint=TOO_LARGE)
        return patch.apply(value), room
    except (JSONPatchError, JSONPointerError) as error:
        raise Conflict(hint=f"The patch doesn't fit the record: {error}"[:_FIRST]) from error


def _weight(value: Any, operation: dict[str, Any]) -> int:
    """The bytes that an operation copies or moves. Raises Conflict for what is too deep to be copied, or put too deep:
    so a value never has more than twice the levels that a record may have."""
    if operation["path"].count("/") > DEEPEST:
        raise Conflict(hint=TOO_DEEP)
    if operation["op"] not in ("copy", "move"):
        return 0
    _, part = JSONPointer(operation["from"], unicode_escape=False).resolve_parent(value)
    if is_deeper(part, DEEPEST):
        raise Conflict(hint=TOO_DEEP)
    return len(orjson.dumps(part)) if isinstance(part, dict | list | str) else 1

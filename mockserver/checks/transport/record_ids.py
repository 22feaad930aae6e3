"""Ids of records as they stand in a path, whatever they are in a body."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.openapi.resources import Call, Surface

LARGEST = 2**31 - 1  # of an id that a column of four bytes holds
SPAN = 1_000_000  # ids below the largest one, one of which is made up
FORMS = (36, 24, 22, 12, 8)  # lengths of ids that are written in hexadecimal digits, or nearly so


class RecordKey(NamedTuple):
    """The key of a record: the operationId that creates such records, and the id. Records of two kinds may have the
    same id, where ids are counted."""

    creator: str
    id: str


def id_text(value: Any) -> Any:
    """The text of an id that is a whole number; anything else as it is."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def typed_id(text: str, schema: Mapping[str, Any]) -> Any:
    """The value that a text in a path means to a parameter of this schema: a number, where only that fits."""
    if schema.get("type") not in ("integer", "number") or not text.isascii() or not text.removeprefix("-").isdigit():
        return text
    return int(text)


def unused_id(surface: Surface, call: Call, uuid: str, otherwise: str, name: str | None = None) -> str:
    """The id, made of a random UUID, that a path parameter of an operation takes, that of its record if none is named;
    `otherwise` that, if its schema takes none."""
    parameter = next(one for one in call.operation.parameters_in("path") if one.name == (name or call.record))
    digits = uuid.replace("-", "")
    if parameter.schema.get("type") in ("integer", "number"):
        top = min(int(parameter.schema.get("maximum", LARGEST)), LARGEST)
        return str(top - int(digits, 16) % min(SPAN, max(top // 2, 1)))
    is_valid = surface.contract.validator(parameter.pointer).is_valid
    candidates = (uuid, digits, *(digits[:length] for length in FORMS), otherwise)
    return next((one for one in candidates if is_valid(one)), otherwise)

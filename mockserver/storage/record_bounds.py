"""Record bounds: how a list compares a field of its records with a value."""

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_SHORTEST = len("2026-01-15T10:30")


def is_within(value: Any, how: str, bound: Any) -> bool:
    """Whether a value is as it is compared: numbers by size, texts that are moments by time, others as texts; `like`
    asks for a part of a text, in any case. What has no value is within no bound."""
    if value is None or isinstance(value, dict | list):
        return False
    if how == "like":
        return str(bound).casefold() in str(value).casefold()
    if isinstance(value, bool) or isinstance(bound, bool):
        return _COMPARED[how](str(value).lower(), str(bound).lower())
    one, other = _comparable(value), _comparable(bound)
    if type(one) is not type(other) and not isinstance(one, int | float) & isinstance(other, int | float):
        one, other = str(value), str(bound)
    return _COMPARED[how](one, other)


def _comparable(value: Any) -> Any:
    """A value as others of its kind are compared with it."""
    return _moment(value) or value if isinstance(value, str) and len(value) >= _SHORTEST else value


def _moment(text: str) -> datetime | None:
    """The moment that a text says, in UTC if it doesn't say where; None if it says none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

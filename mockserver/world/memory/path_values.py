"""Path values: what a text in a path stands for."""

import re
from collections.abc import Callable, Iterator
from typing import Any

LARGEST_EXACT = 2**53 - 1  # of the whole numbers that a float holds, the last before the first that it doesn't


def meant(text: str, is_valid: Callable[[object], bool]) -> Any:
    """The value that a text of a path stands for in a field: itself, or a number; None if the field takes neither."""
    return next(filter(is_valid, _meanings(text)), None)


def exact(value: Any) -> Any:
    """The value of an id: a whole number that JSON wrote as 1.0 or 1e3 is that number. None if it isn't exact any more:
    a float of so many digits stands for many numbers."""
    if not isinstance(value, float) or not value.is_integer():
        return value
    return int(value) if abs(value) <= LARGEST_EXACT else None


def _meanings(text: str) -> Iterator[Any]:
    yield text
    if re.fullmatch(r"-?[0-9]{1,18}", text):
        yield int(text)
    elif re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", text):
        yield float(text)

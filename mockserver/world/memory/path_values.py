"""Path values: what a text in a path stands for, and which field is called like its parameter."""

import re
from collections.abc import Callable, Iterator
from typing import Any


def meant(text: str, is_valid: Callable[[object], bool]) -> Any:
    """The value that a text of a path stands for in a field: itself, or a number; None if the field takes neither."""
    return next(filter(is_valid, _meanings(text)), None)


def plain_name(name: str) -> str:
    """A name without case and separators: `pet_id` and `petId` mean the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _meanings(text: str) -> Iterator[Any]:
    yield text
    if re.fullmatch(r"-?[0-9]{1,18}", text):
        yield int(text)
    elif re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", text):
        yield float(text)

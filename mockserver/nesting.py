"""Nesting depth of JSON values: a value that is too deep for a library must be refused before it gets there."""

import json
from typing import Any


def is_deeper(content: Any, levels: int) -> bool:
    """Whether a JSON value has more than so many levels of arrays and objects."""
    level = [content] if isinstance(content, dict | list) else []
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def shallow_json(text: bytes, levels: int) -> Any:
    """The JSON value of a text from somebody else; None if it is no JSON, or has more than so many levels."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return None if is_deeper(content, levels) else content

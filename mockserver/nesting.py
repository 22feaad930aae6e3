"""How deep a JSON value is nested: what is too deep for one of the libraries must be refused before it gets there."""

from typing import Any

DEEPEST_CONTRACT = 200  # levels of a contract; the JSON writers of this world end a little further down


def is_deeper(content: Any, levels: int) -> bool:
    """Whether an array or object lies below so many levels of them."""
    level = [content] if isinstance(content, dict | list) else []
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)

"""JSON paths: `$.lines[0]['sku']`, `$.lines[*].sku` (RFC 9535, without filters, slices and descendants)."""

import re
from collections.abc import Sequence
from typing import Any

MOST_STEPS = 20
Step = str | int | None  # a name, an index, or every child

_NAME = r"[^\s.\[\]*'\"$()?@,:]+"
_STEP = (
    rf"\.(?P<name>{_NAME})"
    r"|(?P<every>\.\*|\[\*\])"
    r"|\[(?P<index>-?(?:0|[1-9][0-9]{0,8}))\]"
    r"|\[(?:'(?P<single>[^'\\]*)'|\"(?P<double>[^\"\\]*)\")\]"
)


def parse(text: str) -> list[Step] | None:
    """The steps of a path, or None if it isn't one of those above, or has more than MOST_STEPS."""
    steps: list[Step] = []
    at = 1 if text.startswith("$") else -1
    while 0 <= at < len(text):
        found = re.compile(_STEP).match(text, at)
        if found is None or len(steps) == MOST_STEPS:
            return None
        steps.append(_step(found))
        at = found.end()
    return None if at < 0 else steps


def written(steps: Sequence[str]) -> str:
    """The path of these names without its `$`: `.customer.email`, and `['customer.email']` for an odd one."""
    return "".join(f".{name}" if re.fullmatch(_NAME, name) else _quoted(name) for name in steps)


def find(steps: Sequence[Step], content: Any) -> list[Any]:
    """All values that the steps lead to, in their order; an empty list if there is none."""
    values = [content]
    for step in steps:
        values = [child for value in values for child in _children(value, step)]
    return values


def _quoted(name: str) -> str:
    quote = '"' if "'" in name else "'"
    return f"[{quote}{name}{quote}]"


def _step(found: re.Match[str]) -> Step:
    if found["every"]:
        return None
    if found["index"]:
        return int(found["index"])
    return next(text for text in (found["name"], found["single"], found["double"]) if text is not None)


def _children(value: Any, step: Step) -> list[Any]:
    """The children of a value that a step leads to."""
    if step is None:
        return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(step, int):
        is_there = isinstance(value, list) and -len(value) <= step < len(value)
    else:
        is_there = isinstance(value, dict) and step in value
    return [value[step]] if is_there else []

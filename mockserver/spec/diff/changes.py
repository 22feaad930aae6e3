"""Changes of a contract, and the two versions joined into one document."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mockserver.openapi.structure import Steps

OLD, NEW = "old", "new"
SIDES: Steps = (OLD, NEW)
_PREFIX = re.compile(rf'"#/(?:{OLD}|{NEW})/')


class ChangeKind(StrEnum):
    """The kind of a change, by its effect on users of the contract."""

    BREAKING = "breaking"
    NON_BREAKING = "non-breaking"
    DOCUMENTATION = "documentation"


@dataclass(frozen=True, slots=True)
class Change:
    """A change: its kind, the operations that it concerns (`POST /pets`, or `document`), a sentence about it, and its
    place. The first of `steps` is `old` or `new`: the document in which the others are."""

    kind: ChangeKind
    where: tuple[str, ...]
    what: str
    steps: Steps

    @property
    def place(self) -> Steps:
        """The place within its document."""
        return self.steps[1:]

    @property
    def side(self) -> str:
        """The document of the place: `old` for parts that are gone, else `new`."""
        return str(self.steps[0])


def joined(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The two documents as one, under `old` and `new`, with their references adapted."""
    return {OLD: _prefixed(old, f"#/{OLD}/"), NEW: _prefixed(new, f"#/{NEW}/")}


def _prefixed(node: Any, prefix: str) -> Any:
    if isinstance(node, list):
        return [_prefixed(item, prefix) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: prefix + value[2:]
        if key == "$ref" and isinstance(value, str) and value.startswith("#/")
        else _prefixed(value, prefix)
        for key, value in node.items()
    }


def signature(value: Any) -> str:
    """A text that is equal for equal values of the two documents. `1` and `true` differ; the order of keys, and the
    document of a reference, don't count."""
    return _PREFIX.sub('"#/', json.dumps(value, sort_keys=True, default=str))


def shown(value: Any, most: int = 60) -> str:
    """A value for a sentence, shortened to `most` characters."""
    text = repr(value) if isinstance(value, str) else signature(value)
    return text if len(text) <= most else f"{text[:most]}…"

"""A change of a contract, as a value."""

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
    """What a change means to those who use the contract."""

    BREAKING = "breaking"
    NON_BREAKING = "non-breaking"
    DOCUMENTATION = "documentation"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its kind, the operations that it concerns (`POST /pets`, or `document`), what changed in a sentence,
    and its place. The first of `steps` is `old` or `new`: the document that the rest of them lead through."""

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
        """The document of that place: `old`, as what is gone is nowhere else, or `new`."""
        return str(self.steps[0])


def joined(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Two documents as one, under `old` and `new`; every reference leads to where it led before."""
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
    """A text that is the same for what says the same in both documents: `1` and `true` differ, the order of keys and
    the document that references lead through don't count."""
    return _PREFIX.sub('"#/', json.dumps(value, sort_keys=True, default=str))


def shown(value: Any, most: int = 60) -> str:
    """A value in a sentence, shortened."""
    text = repr(value) if isinstance(value, str) else signature(value)
    return text if len(text) <= most else f"{text[:most]}…"

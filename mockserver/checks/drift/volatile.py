"""What a side makes up by itself, so that nobody can expect the same of the other: ids, secrets, times, tokens.

The contract says so: by the format of a value, `readOnly`, links that hand a value on, what creating answers and
reading doesn't show, and what a login hands out. Where the contract says nothing of a value, its look decides.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from mockserver.checks.drift.ask import Path
from mockserver.openapi.resources import Call, Surface

_HANDED_ON = re.compile(r"\$response\.body#/([^'\"$}]+)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_DIGIT = re.compile(r"\d")
_TIMES = frozenset({"date-time", "date", "time", "duration"})


class Nature(Enum):
    """The nature of a value: it is the same on both sides, or an identity, a time, or something opaque."""

    EQUAL = "equal"
    IDENTITY = "identity"
    TIME = "time"
    OPAQUE = "opaque"


class Volatile:
    """What is volatile in the answers of a contract."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self.ids = {call.creates for call in surface.calls.values() if call.creates}
        self._handed_on: dict[str, set[str]] = {}
        for link in surface.links:
            found = set(_HANDED_ON.findall(repr((dict(link.parameters), link.body))))
            self._handed_on.setdefault(link.source, set()).update(found)

    def nature(self, call: Call, path: Path, node: Mapping[str, Any] | None, value: Any) -> Nature:
        """The nature of the value at a path in an answer of an operation, which `node` describes."""
        name = path[-1] if path else ""
        if "/".join(map(str, path)) in self._handed_on.get(call.id, ()) or name in self.ids:
            return Nature.IDENTITY
        if name in self._surface.secrets:
            return Nature.IDENTITY
        if call.issues and isinstance(value, str) and self._is_issued(call, path):
            return Nature.OPAQUE
        if not node:
            return _by_look(value)
        return _by_schema(node)

    def _is_issued(self, call: Call, path: Path) -> bool:
        """Whether a login hands this out."""
        return (
            len(path) == 1
            and path[0] in self._surface.properties(call.operation, "2")
            and path[0] not in (self._surface.properties(call.operation, "4"))
        )


def _by_schema(node: Mapping[str, Any]) -> Nature:
    """The nature of a value by its schema."""
    if {"const", "enum"} & node.keys():
        return Nature.EQUAL
    kind = node.get("format")
    if kind == "uuid" or (node.get("readOnly") and node.get("type") in ("string", "integer")):
        return Nature.IDENTITY
    if kind in _TIMES:
        return Nature.TIME
    return Nature.OPAQUE if kind == "password" else Nature.EQUAL


def _by_look(value: Any) -> Nature:
    if not isinstance(value, str):
        return Nature.EQUAL
    if _UUID.fullmatch(value):
        return Nature.IDENTITY
    return Nature.TIME if _TIME.fullmatch(value) else Nature.EQUAL


def form_of_time(text: str) -> str:
    """The form of a time: its digits as 9."""
    return _DIGIT.sub("9", text)


def is_sentence(text: str) -> bool:
    """Whether a text is for people: it has several words."""
    return len(text.split()) > 1

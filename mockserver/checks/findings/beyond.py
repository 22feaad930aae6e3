"""What was on the wire beyond the contract: operations, parameters, fields and values that it doesn't declare.

Nothing of that breaks it, as it doesn't forbid them; it says what there is to add. Each has a count, the first place
where it was seen, and the types of its values: what a change of the contract would be made of.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mockserver.checks.wording import counted

MOST = 500  # that are told apart
_TYPES = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
Key = tuple["Kind", str, str, str]


class Kind(StrEnum):
    """What is beyond a contract."""

    OPERATION = "operation"
    PARAMETER = "parameter"
    REQUEST_FIELD = "requestField"
    RESPONSE_FIELD = "responseField"
    RESPONSE_VALUE = "responseValue"


@dataclass
class Beyond:
    """Something beyond the contract. `operation` is the operationId; of an operation that isn't declared, method and
    path. `status` is the declared one of answers, `name` that of a parameter, a field such as `items[].tier`, or a
    value behind its field (`level=gold`). `example` says where it was seen first, `types` how often its values were of
    which type."""

    kind: Kind
    operation: str
    status: str
    name: str
    where: str
    example: str
    count: int = 0
    types: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> str:
        """The thing in a sentence."""
        match self.kind:
            case Kind.OPERATION:
                calls = counted(self.count, "call")
                return f"no operation is declared for {self.operation}: {calls}, first {self.example}"
            case Kind.PARAMETER:
                seen = f"a query parameter `{self.name}` in {counted(self.count, 'request')}"
            case Kind.REQUEST_FIELD:
                seen = f"a field `{self.name}` in {counted(self.count, 'request')}"
            case Kind.RESPONSE_FIELD:
                seen = f"a field `{self.name}` in {counted(self.count, 'answer')} {self.status}"
            case Kind.RESPONSE_VALUE:
                seen = f"a value `{self.name}` in {counted(self.count, 'answer')} {self.status}"
        return f"{self.operation} knows {seen}, which the contract doesn't declare: first {self.example}"

    def as_json(self) -> dict[str, Any]:
        """The thing for programs."""
        names = ("operation", "status", "name", "count", "where", "example")
        return {"kind": self.kind.value} | {name: getattr(self, name) for name in names} | {"types": dict(self.types)}


class BeyondTheContract:
    """All that was seen beyond a contract."""

    def __init__(self) -> None:
        self._found: dict[Key, Beyond] = {}
        self.left_out = 0

    def count(self, seen: Beyond, *values: Any) -> None:
        """Count something once, by its first example; `values` are those that it had."""
        key = (seen.kind, seen.operation, seen.status, seen.name)
        known = self._found.get(key)
        if known is None and len(self._found) >= MOST:
            self.left_out += 1
            return
        known = self._found.setdefault(key, seen)
        known.count += 1
        known.types.update(type_of(value) for value in values)

    def __iter__(self) -> Iterator[Beyond]:
        """All of it, what was seen most often first."""
        return iter(
            sorted(self._found.values(), key=lambda one: (list(Kind).index(one.kind), -one.count, one.operation))
        )


def type_of(value: Any) -> str:
    """The type of a value, as JSON Schema calls it."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "null")

"""The options of the fuzzing, and how the cases of an operation are divided among its phases."""

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.openapi.resources import Call

PHASES = ("examples", "coverage", "fuzzing", "stateful")
_PARTS = {"examples": 15, "coverage": 60, "fuzzing": 25, "stateful": 10}  # percent of an operation's cases


@dataclass(frozen=True)
class FuzzingOptions:
    """The options of the fuzzing: its seed, the number of cases for each operation, the operations. `parameters` are
    fixed, by name; `fewer` has the number of cases for single operations."""

    seed: int
    examples: int
    calls: tuple[Call, ...]
    parameters: Mapping[str, str]
    hostile: bool = False
    timeout: float = 10.0
    fewer: Mapping[str, int] | None = None
    phases: frozenset[str] = frozenset(PHASES)

    def share(self, phase: str, call: Call | None = None) -> int:
        """The most cases of a phase: of one operation, or of all walks along the links."""
        most = (self.fewer or {}).get(call.id, self.examples) if call else self.examples
        whole = sum(_PARTS[one] for one in _PARTS if one in self.phases or one == phase)
        return max(1, most * _PARTS[phase] // whole)

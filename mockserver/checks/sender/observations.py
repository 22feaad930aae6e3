"""Observations: each says whether a promise was kept by what was caught, and which assumptions that tests."""

from dataclasses import dataclass

from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.sender.deliveries import Caught


@dataclass(frozen=True)
class Observation:
    """An observation. `wrong` says what breaks the promise; it is empty where the promise was kept. `claims` are the
    assumptions that it confirms or refutes. `refutes`: the promise is no more than those assumptions, so that it is
    the contract that may be wrong."""

    promise: SenderPromise
    event: str
    request: Caught | None = None
    url: str = ""
    wrong: str = ""
    expected: str = ""
    got: str = ""
    severity: str = "high"
    claims: tuple[str, ...] = ()
    refutes: bool = False
    place: tuple[str | int, ...] = ()  # in the payload
    cause: str = ""  # what groups it with others, if `wrong` doesn't

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return not self.wrong


@dataclass(frozen=True)
class Gap:
    """Something that could not be judged, and why. `asked` for was what the options name."""

    promise: SenderPromise
    reason: str
    asked: bool = False

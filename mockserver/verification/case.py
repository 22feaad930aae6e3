"""A case to explain, and a mistake that may explain it."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mockserver.signing import REQUEST_ID_HEADER, TIMESTAMP_HEADER, Target
from mockserver.verification.captured import Captured
from mockserver.verification.computation import Computation, Patch

NO_JSON = object()


@dataclass(frozen=True, slots=True)
class Case:
    """A captured request with all that its receiver knows. `now` is in Unix seconds.

    `document` is the body as JSON, or NO_JSON; `base` is the right computation. Raises ValueError for an URL that
    isn't one.
    """

    captured: Captured
    url: str
    secret: str
    now: float
    old_secrets: tuple[str, ...] = ()
    document: Any = field(init=False)
    base: Computation = field(init=False)

    def __post_init__(self) -> None:
        self.url.encode()  # UnicodeEncodeError is a ValueError
        captured = self.captured
        stamps = captured.header(TIMESTAMP_HEADER), captured.header(REQUEST_ID_HEADER)
        base = Computation.of(captured.method, Target.of(self.url), captured.body, stamps, self.secret)
        object.__setattr__(self, "document", _parsed(captured.body))
        object.__setattr__(self, "base", base)

    def member(self, name: str) -> str:
        """A text at the top of the body; empty if there is none."""
        value = self.document.get(name) if isinstance(self.document, dict) else None
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that people do wrong.

    `change` completes the sentence "it matches with …", `advice` tells what to do in the receiver's code. `patches`
    gives the ways in which it may have been done in a case. `by_sender`: captured data can't show it; if a sender's
    signature comes out with it, the sender computes differently from the documentation.
    """

    name: str
    change: str
    advice: str
    patches: Callable[[Case], Iterable[Patch]]
    by_sender: bool = False


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NO_JSON

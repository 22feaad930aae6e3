"""Differences of two answers, as values."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from mockserver.checks.drift.ask import Pair, Path
from mockserver.checks.drift.conformance import Departure
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.openapi.structure import Steps


class Stance(Enum):
    """How both sides stand to the contract where they differ: who leaves it."""

    LIVE = "live leaves the contract: the contract or live is wrong"
    MOCK = "the mock leaves the contract: the mock is wrong"
    BOTH = "both leave the contract"
    SILENT = "the contract doesn't know it"
    WITHIN = "both keep the contract, and differ: it is too loose, or the mock assumes too much"


@dataclass(frozen=True)
class Disagreement:
    """One difference of two answers.

    `path` leads to it through the body, or names the header. `place` is the contract's place, by which differences are
    grouped; `what` says in short what differs, without values that are different each time. `mock` and `live` are what
    either has there. `verdict` and `departure` (the first of live) are known when both were held to the contract.
    """

    promise: DriftPromise
    pair: Pair
    path: Path
    place: Steps
    what: str
    mock: Any = None
    live: Any = None
    severity: str = "high"
    verdict: Stance = Stance.WITHIN
    departure: Departure | None = None

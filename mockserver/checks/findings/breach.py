"""Breaches: how a response breaks a promise, in the words of the scenario that tried it."""

from dataclasses import dataclass

import requests

from mockserver.checks.findings.source_locations import Assumptions
from mockserver.checks.findings.step import Condition


@dataclass(frozen=True)
class Breach:
    """A breach of a promise.

    What is left out is seen from the response: what came (`got`), the line to paste (`curl`), and from which requests
    (`scenario`, `exchanges`); `where` is that of the operation then. `assumption` are those that the place is marked
    with, `seen_in` the responses that it takes to see it, where one isn't enough, `condition` what is broken, where
    `expected` doesn't name all that may be.
    """

    message: str
    expected: str
    got: str | None = None
    severity: str = "high"
    cause: str = ""
    shared: str = ""
    where: str = ""
    curl: str = ""
    assumption: Assumptions | None = None
    seen_in: tuple[requests.Response, ...] = ()
    condition: Condition | None = None
    scenario: str = ""
    exchanges: tuple[int, ...] = ()

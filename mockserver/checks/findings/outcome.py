"""The outcome of a run: its report, and the exchanges behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.checks.findings.report import Report

HarEntry = Mapping[str, Any]  # an exchange, as HTTP Archive 1.2 has it


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run, without secrets. `exchanges` can be read more than once, and are made as they are read:
    there are thousands of them."""

    report: Report
    exchanges: Iterable[HarEntry] = ()

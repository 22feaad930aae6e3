"""The outcome of a run: its report, and the exchanges behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mockserver.checks.findings.report import Report
from mockserver.checks.transport.recording import RecordedExchange


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run. The report holds no secret. `exchanges` can be read more than once, and are made as they
    are read, as there are thousands of them; what they answered may hold secrets, which `clean` takes out of a
    text."""

    report: Report
    exchanges: Iterable[RecordedExchange] = ()
    clean: Callable[[str], str] = str

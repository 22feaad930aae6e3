"""The outcome of a run: its report, and the exchanges behind it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from mockserver.checks.findings.report import Report
from mockserver.checks.transport.recording import RecordedExchange


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run. The report holds no secret. `exchanges` can be read more than once, and are made as they
    are read, as there are thousands of them; what they answered may hold secrets, which `clean` takes out of a
    text. `bodies` are files that lines of curl in the report name, made by the run itself."""

    report: Report
    exchanges: Iterable[RecordedExchange] = ()
    clean: Callable[[str], str] = str
    bodies: Mapping[str, bytes] = field(default_factory=dict)

"""Observations of a run beside its findings: how long answers took, and how much of the contract was on the wire."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from mockserver.checks.findings.contract_coverage import ContractCoverage
from mockserver.checks.findings.report import Report
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.openapi.resources import Call, Surface


class Latencies:
    """The time that answers took, by operation: from the first byte of a request to the last one of its answer, without
    the waits of the run. Memory holds eight bytes for each answer."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))
        self._unanswered: Counter[str] = Counter()

    def count(self, exchange: RecordedExchange) -> None:
        """Count an exchange; one without an answer took no time that says anything."""
        if exchange.status:
            self._seconds[exchange.operation].append(exchange.seconds)
        else:
            self._unanswered[exchange.operation] += 1

    def as_json(self, names: Iterable[str]) -> dict[str, Any]:
        """The figures in milliseconds of these operations, of those that were called."""
        return {
            name: self._figures(sorted(self._seconds.get(name, ())), self._unanswered[name])
            for name in names
            if name in self._seconds or self._unanswered[name]
        }

    def _figures(self, seconds: Sequence[float], unanswered: int) -> dict[str, Any]:
        shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "longest": 1.0}
        times = {name: round(1000 * percentile(seconds, share), 1) for name, share in shares.items() if seconds}
        return {"count": len(seconds), "unanswered": unanswered, **times}


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest of some ordered figures that is not below this share of them: one that was really there."""
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]


def observe(report: Report, exchanges: Iterable[RecordedExchange], surface: Surface, calls: Iterable[Call]) -> None:
    """Note latencies of all operations, and the coverage of `calls`, in a report. A defect in here is noted, too: the
    findings of a run don't depend on it."""
    try:
        latencies, coverage = Latencies(), ContractCoverage(surface, calls, report.url)
        for exchange in exchanges:
            latencies.count(exchange)
            coverage.count(exchange)
        report.latencies, report.coverage = latencies.as_json(surface.calls), coverage.as_json()
    except Exception as error:  # noqa: BLE001 (whatever happens, the report comes)
        report.defect("coverage and latencies", error)

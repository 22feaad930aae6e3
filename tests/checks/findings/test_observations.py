"""Observations of a run: latencies and coverage."""

from mockserver.checks.findings.observations import Latencies, observe, percentile
from mockserver.checks.findings.report import Report
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface

SURFACE = Surface(Contract(b"", {"paths": {"/pets": {"get": {"operationId": "list", "responses": {}}}}}))


def _exchange(seconds: float, status: int = 200) -> RecordedExchange:
    return RecordedExchange(1, "", "list", "GET", "http://a/pets", 0.0, seconds=seconds, status=status)


def test_percentiles_are_times_that_were_measured() -> None:
    """The nearest rank: no figure lies between two answers, and few answers have figures, too."""
    hundred = [float(number) for number in range(1, 101)]

    assert [percentile(hundred, share) for share in (0.5, 0.9, 0.99, 1.0)] == [50.0, 90.0, 99.0, 100.0]
    assert [percentile([3.0], share) for share in (0.5, 0.99)] == [3.0, 3.0]


def test_a_request_without_an_answer_has_no_latency() -> None:
    """It is counted apart: a deadline says nothing about answers."""
    latencies = Latencies()
    for exchange in (_exchange(0.002), _exchange(0.004), _exchange(10.0, status=0)):
        latencies.count(exchange)

    figures = {"count": 2, "unanswered": 1, "p50": 2.0, "p90": 4.0, "p99": 4.0, "longest": 4.0}
    assert latencies.as_json(["list", "another"]) == {"list": figures}


def test_operations_without_any_answer_have_no_figures() -> None:
    """And are there all the same."""
    latencies = Latencies()
    latencies.count(_exchange(10.0, status=0))

    assert latencies.as_json(["list"]) == {"list": {"count": 0, "unanswered": 1}}


def test_both_are_noted_in_one_pass() -> None:
    """The recording of a run is read once, as it is in a file."""
    report = Report("http://a", "run1")

    observe(report, iter([_exchange(0.002)]), SURFACE, SURFACE.calls.values())

    assert report.latencies["list"]["p50"] == 2.0
    assert report.coverage["operations"]["list"]["requests"] == 1


def test_a_defect_is_told_and_the_report_comes() -> None:
    """Findings don't depend on figures."""
    report = Report("http://a", "run1")

    observe(report, iter([None]), SURFACE, SURFACE.calls.values())  # type: ignore[arg-type] # the defect

    assert "coverage and latencies" in report.defects
    assert (report.latencies, report.coverage) == ({}, {})

"""The catalogue of scenarios: what becomes of one that fails."""

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live.scenarios.catalogue import MOST_ATTEMPTS, Catalogue
from mockserver.checks.transport.gateway_failures import AnswerLost
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.session import NoLogin


def _catalogue(report: Report) -> Catalogue:
    context: Any = SimpleNamespace(collector=SimpleNamespace(report=report, recording=Recording()))
    return Catalogue(context)


def test_a_defect_stays_alone() -> None:
    """It is the first of the lines, with its traceback, and the next scenario can come."""
    report = Report("http://127.0.0.1", "run1", not_judged=["before"])

    def broken() -> None:
        raise TypeError("'<' not supported")

    _catalogue(report).attempt(("sorting", broken))

    first, second = report.not_judged
    assert ("sorting: a defect" in first, "TypeError" in first, second) == (True, True, "before")
    assert "raise TypeError" in report.defects["sorting"]


@pytest.mark.parametrize("error", [NoLogin("logged out"), OSError("no space left")])
def test_what_ends_a_run_is_raised(error: Exception) -> None:
    """Without a login, or a ledger, nothing that follows would mean anything."""
    report = Report("http://127.0.0.1", "run1")

    def broken() -> None:
        raise error

    with pytest.raises(type(error)):
        _catalogue(report).attempt(("sorting", broken))
    assert report.defects == {}


def test_a_scenario_begins_anew_where_an_answer_was_lost() -> None:
    """As often as it may, and no more."""
    tries: list[int] = []

    def unlucky() -> None:
        tries.append(len(tries))
        if len(tries) < MOST_ATTEMPTS:
            raise AnswerLost

    _catalogue(Report("http://127.0.0.1", "run1")).attempt(("creating", unlucky))

    assert len(tries) == MOST_ATTEMPTS

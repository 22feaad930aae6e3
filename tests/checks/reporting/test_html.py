"""Reports as a page."""

import re

from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.scorecard import Scorecard
from mockserver.checks.reporting.html import as_page


def test_the_page_cannot_be_broken_by_what_it_shows() -> None:
    """Whatever an instance sends is data, never markup."""
    report = Report("http://127.0.0.1", "run1")
    report.add(Finding("check", "readPet", "GET", "/pets", "wrong", got="</script><script>alert(1)</script>"))

    page = as_page(report)

    assert "<script>alert" not in page
    assert page.count("</script>") == 2


def test_the_page_is_titled_after_its_judge() -> None:
    """Any judge can have its report as a page: title and heading are its command."""
    page = as_page(Report("http://127.0.0.1", "run1", "mockserver check <other>"))

    assert page.count("mockserver check &lt;other&gt;") == 2
    assert "{COMMAND}" not in page


def test_the_page_shows_what_a_report_has() -> None:
    """Each key of the report that the script reads is there."""
    report = Report("http://127.0.0.1", "run1")

    asked = set(re.findall(r"\breport\.(\w+)", as_page(report))) - {"json"}

    assert asked <= report.as_json().keys()
    assert {"verdict", "findings", "coverage", "latencies"} <= asked


def test_the_page_has_the_scorecard_of_a_judge_that_has_one() -> None:
    """Each check with how it came out; a judge without a scorecard has no such section."""
    card = Scorecard()
    card.failed(ReceiverPromise.STALE, "curl", "right", "seen </script>")
    report = Report("http://127.0.0.1", "run1", scorecard=card.rows)

    page = as_page(report)

    assert '"check": "stale"' in page
    assert "seen </script>" not in page
    assert 'section("Scorecard"' in page

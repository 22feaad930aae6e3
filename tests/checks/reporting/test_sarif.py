"""Reports as SARIF."""

from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.reporting.sarif import as_sarif

FINDING = Finding("list_sorts", "readPet", "GET", "/pets", "wrong order", severity="medium", where="openapi.yaml:12")


def test_a_finding_is_a_result_at_its_line() -> None:
    """With its rule, its level and an id that stays the same."""
    report = Report("http://127.0.0.1", "run1")
    report.add(FINDING)

    (run,) = as_sarif(report)["runs"]

    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("list_sorts", "warning")
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("openapi.yaml", 12)
    assert result["partialFingerprints"] == {"findingId/v1": FINDING.id}
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["list_sorts"]


def test_what_is_left_behind_is_no_success() -> None:
    """Nor is what was not judged; both are told."""
    report = Report("http://127.0.0.1", "run1", not_judged=["no login"])
    report.leave(["record 1"])

    (invocation,) = as_sarif(report)["runs"][0]["invocations"]

    told = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
    assert (invocation["executionSuccessful"], told) == (False, ["no login", "left behind: record 1"])


def test_an_accepted_finding_is_suppressed() -> None:
    """With the reason that the baseline gives."""
    report = Report("http://127.0.0.1", "run1")
    report.add(FINDING)
    report.accept({FINDING.id: "CRM-1"})

    result = as_sarif(report)["runs"][0]["results"][0]

    assert result["suppressions"] == [{"kind": "external", "justification": "CRM-1"}]

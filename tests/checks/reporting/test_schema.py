"""The published schema of report.json holds for what is written."""

import json
from pathlib import Path

import jsonschema_rs

from mockserver.checks.findings.beyond import Beyond, Kind
from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.scorecard import Scorecard
from mockserver.checks.findings.step import Condition, Step

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "report.schema.json").read_text("utf-8"))
FULL = Finding(
    "list_sorts", "readPet", "GET", "/pets", "wrong order", accepted="CRM-1", assumption="A04",
    condition=Condition(("200",)), steps=(Step("readPet", "GET", "/pets"),), patch="--- a/openapi.yaml",
)  # fmt: skip

SENT = {"sent": 2, "accepted": 1}
COVERED = {
    "method": "GET", "path": "/pets", "requests": 3, "statuses": {"200": 2, "404": 0}, "undeclaredStatuses": {"500": 1},
    "parameters": {"query size": SENT}, "requestFields": {"name": SENT}, "requestValues": {"query size": {"big": SENT}},
    "responseFields": {"200": {"name": 2}}, "responseValues": {"200": {"kind": {"cat": 0}}},
}  # fmt: skip


def _holds(report: Report) -> None:
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(report.as_json())


def test_an_empty_report_and_a_full_one_fit() -> None:
    """Every key that is required is there, whatever came of a run."""
    full = Report("http://127.0.0.1", "run1", not_judged=["a"], interrupted=True)
    full.add(FULL)
    full.coverage = {"totals": {"statuses": {"declared": 2, "seen": 1}}, "operations": {"readPet": COVERED}}
    full.latencies = {"readPet": {"count": 2, "unanswered": 1, "p50": 1.0, "p90": 2.0, "p99": 2.0, "longest": 2.0}}
    card = Scorecard()
    card.failed(ReceiverPromise.STALE, "curl", "right", "seen")
    full.scorecard = card.rows
    full.beyond = [Beyond(Kind.RESPONSE_FIELD, "readPet", "200", "tier", "a.yaml:1", "entry 1", 2).as_json()]
    full.compared = {"run": "run0", "new": [FULL.id], "gone": {"a": "b"}, "still": []}

    _holds(Report("http://127.0.0.1", "run1"))
    _holds(full)


def test_the_schema_names_every_key() -> None:
    """A key that is added to a report is described, too."""
    report = Report("http://127.0.0.1", "run1")
    report.add(FULL)
    card = Scorecard()
    card.passed(ReceiverPromise.STALE)
    report.scorecard = card.rows
    content = report.as_json()

    assert content.keys() == SCHEMA["properties"].keys()
    assert content["scorecard"][0].keys() == SCHEMA["$defs"]["score"]["properties"].keys()
    assert content["findings"][0].keys() == SCHEMA["$defs"]["finding"]["properties"].keys()
    assert content["findings"][0]["steps"][0].keys() == SCHEMA["$defs"]["step"]["properties"].keys()

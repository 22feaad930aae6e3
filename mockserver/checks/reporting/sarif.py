"""A report as SARIF 2.1.0, which code scanning shows at the lines of the contract."""

from typing import Any

from mockserver.checks.findings.catalogue import promise_named
from mockserver.checks.findings.promises import Promised
from mockserver.checks.findings.report import Finding, Report

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report) -> dict[str, Any]:
    """The log: a rule for each promise that is broken, a result for each finding; accepted ones are suppressed."""
    broken = sorted({finding.check for finding in report.findings})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": report.command, "rules": [_rule(promise_named(name)) for name in broken]}},
                "automationDetails": {"id": f"{report.command}/{report.url}"},
                "invocations": [_invocation(report)],
                "results": [_result(finding) for finding in report.findings],
            }
        ],
    }


def _invocation(report: Report) -> dict[str, Any]:
    """How the run went; what is missing for its verdict, and what it left behind, in words."""
    told = [*report.not_judged, *(f"left behind: {line}" for line in report.left)]
    notes = [{"level": "warning", "message": {"text": line}} for line in told]
    done: dict[str, Any] = {"executionSuccessful": report.is_judged and not report.left}
    return done | ({"toolExecutionNotifications": notes} if notes else {})


def _rule(promise: Promised) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": promise.value, "shortDescription": {"text": promise.says}}
    return rule | ({"help": {"text": promise.hint}} if promise.hint else {})


def _result(finding: Finding) -> dict[str, Any]:
    seen = f"expected {finding.expected}, got {finding.got}" if finding.expected else f"got {finding.got}"
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "level": _LEVELS.get(finding.severity, "error"),
        "message": {"text": f"{finding.method} {finding.path}: {finding.message}; {seen}"},
        "partialFingerprints": {"findingId/v1": finding.id},
        "properties": {"places": list(finding.operations), "blame": finding.blame, "try": finding.curl},
    }
    file, _, line = finding.where.rpartition(":")
    if file and line.isdecimal():
        location = {"artifactLocation": {"uri": file}, "region": {"startLine": int(line)}}
        result["locations"] = [{"physicalLocation": location}]
    if finding.accepted:
        result["suppressions"] = [{"kind": "external", "justification": finding.accepted}]
    return result

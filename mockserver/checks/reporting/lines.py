"""A finding, and the figures of a run, in one line for people."""

from mockserver.checks.findings.report import Finding, Report


def headline(finding: Finding) -> str:
    """A finding in one line."""
    what = f"{finding.method} {finding.path}: {finding.message}"
    return (
        f"assumption {finding.assumption} refuted: the instance does otherwise: {what}" if finding.assumption else what
    )


def summary(report: Report) -> str:
    """The figures of a run in one line."""
    gate = report.gate
    return (
        f"run {report.run}, seed {report.seed}: {report.cases} cases and {report.requests} requests in "
        f"{report.seconds:.0f} s; operations {gate.get('operations', '-')}, links {gate.get('links', '-')}, "
        f"past authentication {gate.get('pastAuth', 0):.0%}; {_beside_the_plan(report)}"
    )


def _beside_the_plan(report: Report) -> str:
    measured = f"an answer took {report.latency:.0f} ms"
    if not report.planned:
        return measured
    planned = report.planned
    return f"planned were {planned['requests']:.0f} requests in {planned['seconds']:.0f} s; {measured}"

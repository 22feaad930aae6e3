"""A report for GitHub Actions: annotations at the lines of the contract, and a summary of the step."""

from collections.abc import Iterator

from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.reporting.lines import coverage, headline, summary, tally
from mockserver.escaping import visible

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}
MOST_ROWS = 50  # of the summary, which may have a megabyte


def annotations(report: Report) -> Iterator[str]:
    """The workflow commands, a line each: GitHub shows ten of a kind."""
    for finding in report.findings:
        if not finding.accepted:
            yield _command(_LEVELS.get(finding.severity, "error"), finding, f"{headline(finding)} (id {finding.id})")
    yield from (f"::warning title=not judged::{_data(line)}" for line in report.not_judged)
    yield from (f"::error title=left behind::{_data(line)}" for line in report.left)


def step_summary(report: Report) -> str:
    """The summary in Markdown: the verdict, a table of findings, what was not judged, and what was left behind."""
    rows = [
        f"| {one.severity} | `{one.method} {_cell(one.path)}` | {_cell(one.message)} | {one.count} | `{one.id}` |"
        for one in report.findings[:MOST_ROWS]
    ]
    lines = [f"### {report.command}: {report.verdict.value}", "", _cell(summary(report)), ""]
    if counted := tally(report):
        lines += [f"{counted}.", ""]
    if share := coverage(report):
        lines += [f"Of the contract was seen: {_cell(share)}.", ""]
    if rows:
        lines += ["| severity | operation | finding | times | id |", "|---|---|---|--:|---|", *rows, ""]
    if len(report.findings) > MOST_ROWS:
        lines += [f"… and {len(report.findings) - MOST_ROWS} more in the report.", ""]
    lines += [f"- not judged: {_cell(line)}" for line in report.not_judged]
    lines += [f"- left behind: {_cell(line)}" for line in report.left]
    lines += [f"- finish the sweep: {_cell(report.sweep)}"] * bool(report.left and report.sweep)
    return "\n".join(lines) + "\n"


def _command(level: str, finding: Finding, text: str) -> str:
    file, _, line = finding.where.rpartition(":")
    place = f"file={_property(file)},line={line}," if file and line.isdecimal() else ""
    return f"::{level} {place}title={_property(finding.check)}::{_data(text)}"


def _data(text: str) -> str:
    """A text as the message of a command; it can't begin another one."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    """A text in a table of Markdown, where it is neither markup nor HTML."""
    plain = visible(" ".join(text.split())).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{char}" if char in "\\`*_[]|" else char for char in plain)

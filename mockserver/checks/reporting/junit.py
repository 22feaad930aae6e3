"""A report as JUnit XML, for continuous integration."""

from xml.etree import ElementTree as ET

from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.scorecard import Mark
from mockserver.escaping import visible


def as_junit(report: Report) -> str:
    """The report as XML.

    Its test cases are findings, which fail with their ids, or are skipped if they are accepted; operations without
    findings, which are skipped if they never answered with a success; checks of a scorecard that were passed; what was
    left out, skipped; what could not be judged, and what was left behind, which are errors.
    """
    suite = ET.Element("testsuite", name=report.command, time=f"{report.seconds:.1f}")
    uncounted = {finding.id for finding in report.uncounted}
    for finding in report.findings:
        _of_finding(suite, finding, f"less severe than {report.fail_on}" if finding.id in uncounted else "")
    blamed = {place for finding in report.findings for place in finding.operations}
    answered = report.gate.get("statuses", {})
    for operation in sorted(answered.keys() - blamed):
        case = _case(suite, operation, operation)
        if not any(status.startswith("2") for status in answered[operation]):
            ET.SubElement(case, "skipped", message=f"never answered{' with a success' if answered[operation] else ''}")
    for score in report.scorecard:
        if score.mark is Mark.PASSED:
            _case(suite, "passed", score.check)
    for line in report.left_out:
        ET.SubElement(_case(suite, "left out", line), "skipped", message=line)
    for line in report.not_judged:
        ET.SubElement(_case(suite, "not judged", line), "error", message=line)
    for line in report.left:
        ET.SubElement(_case(suite, "left behind", line), "error", message=line).text = report.sweep
    for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("tests", str(len(suite)))
    _clean(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=group, name=name)


def _of_finding(suite: ET.Element, finding: Finding, uncounted: str) -> None:
    case = _case(suite, finding.operation, f"{finding.check} [{finding.id}]")
    if finding.accepted:
        ET.SubElement(case, "skipped", message=f"accepted: {finding.accepted}")
    elif uncounted:
        ET.SubElement(case, "skipped", message=f"{uncounted}: {finding.message}")
    else:
        ET.SubElement(case, "failure", type=finding.check, message=finding.message).text = _details(finding)


def _details(finding: Finding) -> str:
    lines = (
        f"expected {finding.expected}",
        f"got {finding.got}",
        f"at {', '.join(finding.operations)}",
        f"contract {finding.where}",
        finding.hint,
        finding.curl,
    )
    return "\n".join(line for line in lines if line)


def _clean(element: ET.Element) -> None:
    """XML has no place for most control characters."""
    for node in element.iter():
        node.text = visible(node.text, kept="\n\t") if node.text else node.text
        node.attrib = {name: visible(value, kept="\n\t") for name, value in node.attrib.items()}

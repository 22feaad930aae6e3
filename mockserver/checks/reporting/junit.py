"""A report as JUnit XML, for continuous integration."""

from xml.etree import ElementTree as ET

from mockserver.checks.findings.report import Finding, Report
from mockserver.escaping import visible


def as_junit(report: Report) -> str:
    """The report as XML: a test case for each operation, with its findings as failures, and one for each line of what
    could not be judged, as an error."""
    findings = [finding for finding in report.findings if not finding.accepted]
    suite = ET.Element("testsuite", name=report.command, time=f"{report.seconds:.1f}")
    tested = sorted({*report.gate.get("statuses", {}), *(finding.operation for finding in findings)})
    for operation in tested:
        case = ET.SubElement(suite, "testcase", classname=report.url, name=operation)
        for finding in (one for one in findings if one.operation == operation):
            ET.SubElement(case, "failure", type=finding.check, message=finding.message).text = _details(finding)
    for line in report.not_judged:
        case = ET.SubElement(suite, "testcase", classname=report.url, name=f"not judged: {line}")
        ET.SubElement(case, "error", message=line)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(findings)))
    suite.set("errors", str(len(report.not_judged)))
    _clean(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _details(finding: Finding) -> str:
    lines = (f"expected {finding.expected}", f"got {finding.got}", finding.where, finding.hint, finding.curl)
    return "\n".join(line for line in lines if line)


def _clean(element: ET.Element) -> None:
    """XML has no place for most control characters."""
    for node in element.iter():
        node.text = visible(node.text, kept="\n\t") if node.text else node.text
        node.attrib = {name: visible(value, kept="\n\t") for name, value in node.attrib.items()}

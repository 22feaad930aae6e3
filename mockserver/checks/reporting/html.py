"""A report as one page of HTML that needs nothing else: `page.html`, with the report in it as JSON."""

import html
import json
from importlib import resources

from mockserver.checks.findings.report import Report


def as_page(report: Report) -> str:
    """The page. Whatever the instance sent stays data, and never becomes markup."""
    template = resources.files("mockserver.checks.reporting").joinpath("page.html").read_text("utf-8")
    data = json.dumps(report.as_json()).replace("<", "\\u003c")
    return template.replace("{COMMAND}", html.escape(report.command)).replace("/*DATA*/", data)

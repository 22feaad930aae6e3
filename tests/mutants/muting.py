"""A plugin of pytest that mutes a promise: `pytest -p tests.mutants.muting --mute reads_back`.

Its findings are lost on their way into the report, as if the judge didn't look. Tests with the promise in their names
come first.
"""

import pytest

from mockserver.checks.findings.catalogue import all_promises
from mockserver.checks.findings.report import Finding, Report


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--mute", required=True, choices=[promise.value for promise in all_promises()])


def pytest_configure(config: pytest.Config) -> None:
    """Mute."""
    muted, add = config.getoption("mute"), Report.add

    def heard(report: Report, finding: Finding) -> None:
        if finding.check != muted:
            add(report, finding)

    Report.add = heard  # type: ignore[assignment,method-assign] # that it is lost is the point


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what is about the promise."""
    items.sort(key=lambda item: f"[{config.getoption('mute')}]" not in item.name)

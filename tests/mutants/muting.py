"""A plugin of pytest that mutes a promise: `pytest -p tests.mutants.muting --mute reads_back`.

Its findings are lost on their way into the report, as if the judge didn't look. Tests with the promise in their names
come first, then others of its judge.
"""

from collections.abc import Mapping

import pytest

from mockserver.checks.findings.catalogue import all_promises
from mockserver.checks.findings.drift_promises import DriftPromise
from mockserver.checks.findings.promises import Promise, Promised
from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.recording_promises import RecordingPromise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.sender_promises import SenderPromise

TESTS_OF: Mapping[type[Promised], str] = {  # the judges' folders below tests/checks
    Promise: "findings",
    ReceiverPromise: "receiver",
    SenderPromise: "sender",
    RecordingPromise: "recording",
    DriftPromise: "drift",
}


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
    muted = config.getoption("mute")
    (judge,) = {type(promise) for promise in all_promises() if promise == muted}

    def distance(item: pytest.Item) -> tuple[bool, bool]:
        return f"[{muted}]" not in item.name, item.path.parent.name != TESTS_OF[judge]

    items.sort(key=distance)

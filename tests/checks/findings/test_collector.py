"""mockserver.checks.findings.collector: what a finding says of an answer that is wrong in itself."""

import io
from typing import Any

import pytest
import requests

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import Report
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Credentials
from tests.support.contracts_of import surface_of

SURFACE = surface_of({"/rooms": {"get": {"operationId": "list", "responses": {"200": {"description": ""}}}}})


def _response(method: str, status: int) -> requests.Response:
    response = requests.Response()
    response.status_code, response.raw = status, io.BytesIO(b"{}")
    response.request = requests.Request(method, "http://127.0.0.1/rooms").prepare()
    return response


@pytest.mark.parametrize(
    ("method", "status", "told"),
    [
        ("GET", 405, Promise.STATUS_CODE_CONFORMANCE),
        ("PATCH", 405, Promise.ALLOW_HEADER_CONFORMANCE),
        ("PATCH", 500, Promise.NOT_A_SERVER_ERROR),
    ],
)
def test_no_status_is_declared_for_another_method(method: str, status: int, told: Promise) -> None:
    """The answer to a method that the contract doesn't declare breaks the promise that was tried; a 5xx is one."""
    report = Report("http://127.0.0.1", "run1")
    collector = FindingCollector(report, SourceLocations(SURFACE), Secrets(Credentials()))
    breach: dict[str, Any] = {"message": "`Allow` lacks POST", "expected": "Allow: GET, POST"}

    collector.broken_promise(
        SURFACE.calls["list"], Promise.ALLOW_HEADER_CONFORMANCE, _response(method, status), **breach
    )

    assert [one.check for one in report.findings] == [told]

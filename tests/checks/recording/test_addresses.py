"""Addresses of recorded calls: the contract's path stands where values were."""

from pathlib import Path

import pytest

from mockserver.checks.recording.addresses import ContractPaths, call_address
from mockserver.checks.recording.entries import Entry, entry_of
from mockserver.checks.recording.options import RecordingOptions
from mockserver.checks.recording.run import check_recording
from mockserver.checks.reporting.writing import write_reports
from tests.checks.recording.archive import call, write
from tests.checks.recording.lies import LIST

GET = "/api/{storeCode}/webhook/subscription/{webhookSubscription}"
VALUES = ("48600123456789", "sk_live_SECRETKEY", "PRIVATESTORE", "sam.lee")


def _entry(url: str) -> Entry:
    found = entry_of(1, "", {"request": {"method": "GET", "url": url}, "response": {"status": 200}})
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("url", "path", "shown"),
    [
        ("https://a.example/v1/api/S/member", "/api/{storeCode}/member", "https://a.example/v1/api/{storeCode}/member"),
        ("http://u:p@a.example:8080/S/x/?_page=1#f", "/{s}/x", "http://a.example:8080/{s}/x?_page=********"),
        ("https://a.example/S", "/{s}", "https://a.example/{s}"),
        ("https://a.example/48600 1?a b=1&b", "/{s}", "https://a.example/{s}?a a=********&b=********"),
    ],
)
def test_a_call_has_the_path_of_the_contract(url: str, path: str, shown: str) -> None:
    """Behind its base URL; of its query there are names alone."""
    assert call_address(_entry(url), path) == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/api/DEFAULT/tiers", "/api/{store}/tiers"),
        ("/api/DEFAULT/member/48600123456789/tierList", "/api/{store}/member/{member}/tierList"),
        ("/api/admin/me/sk_live_SECRETKEY", "/api/admin/me/{id}"),
        ("/other/Samuel/", "/other/{id}"),
    ],
)
def test_a_path_that_nobody_declares_is_likened_to_those_that_are(path: str, shown: str) -> None:
    """What stands where a parameter would be is shown as that; elsewhere words are shown."""
    assert ContractPaths(["/api/{store}/member/{member}", "/api/admin/login"]).likened(path) == shown


def test_no_report_shows_what_stands_in_a_path(tmp_path: Path) -> None:
    """Ids, telephone numbers, store codes: in findings, notes, and for programs."""
    phone, key, store, person = VALUES
    found = [
        call("PATCH", f"{LIST}/{phone}", 200, {}),
        call("DELETE", f"{LIST}/{key}", 200, {}),
        call("GET", f"/api/{store}/webhook/subscription", 200, {"items": []}),
        call("GET", f"/api/{store}/webhook/tiers/{person}/{phone}", 200, {}),
    ]
    outcome = check_recording(RecordingOptions((write(tmp_path / "r.har", found),)))
    assert (len(outcome.report.findings) > 3, len(outcome.report.beyond)) == (True, 1)
    for path in write_reports(outcome, tmp_path / "reports"):
        assert [value for value in VALUES if value in path.read_text("utf-8")] == [], path.name

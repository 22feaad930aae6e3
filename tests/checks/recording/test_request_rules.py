"""Requests that were accepted although the contract doesn't declare them."""

from pathlib import Path

import pytest

from mockserver.checks.findings.recording_promises import RecordingPromise
from tests.checks.recording.archive import Entry, call, judged, named
from tests.checks.recording.lies import EVENTS, LIST

ID = "5a1f1f0e-6f42-4d0e-9a63-3b6f8f3a2c11"
RIGHT = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "https://a.example.com/"}}
EMPTY = {"items": [], "total": {"all": 0, "filtered": 0, "estimated": False}}


def _of_text(one: Entry) -> Entry:
    one["request"]["headers"] = named([("Authorization", "Bearer x"), ("Content-Type", "text/plain")])
    return one


def _accepted(promise: RecordingPromise) -> Entry:
    """A request that breaks the promise, and was accepted."""
    match promise:
        case RecordingPromise.ACCEPTED_METHOD:
            return call("PATCH", EVENTS, 200, {})
        case RecordingPromise.ACCEPTED_PARAMETERS:
            return call("GET", f"{LIST}?_itemsOnPage=1000", 200, EMPTY)
        case RecordingPromise.ACCEPTED_MEDIA_TYPE:
            return _of_text(call("POST", LIST, 200, {"webhookSubscriptionId": ID}, sent=RIGHT))
        case RecordingPromise.ACCEPTED_BODY:
            sent = {"webhookSubscription": {"url": "https://a.example.com/"}}
            return call("POST", LIST, 200, {"webhookSubscriptionId": ID}, sent=sent)


@pytest.mark.parametrize("promise", list(RecordingPromise))
def test_broken_promises_are_found(promise: RecordingPromise, tmp_path: Path) -> None:
    """Each is found by its name, and nothing else with it."""
    report = judged(tmp_path, [call("GET", LIST, 200, EMPTY), _accepted(promise)])

    assert [finding.check for finding in report.findings] == [promise]


def test_what_is_declared_is_no_finding(tmp_path: Path) -> None:
    """A body and parameters as the contract has them; what was refused breaks no promise, either."""
    right = call("POST", LIST, 200, {"webhookSubscriptionId": ID}, sent=RIGHT)
    listed = call("GET", f"{LIST}?_itemsOnPage=10", 200, EMPTY)

    report = judged(tmp_path, [right, listed])

    assert (report.findings, report.cases) == ([], 2)

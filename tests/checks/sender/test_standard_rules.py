"""mockserver.checks.sender.standard_rules: captured deliveries of any contract are judged."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mockserver import standard_webhooks
from mockserver.checks.findings.report import Report
from mockserver.checks.live.planning.options import Options
from mockserver.checks.sender import run, standard_rules
from mockserver.checks.sender.captured_run import CapturedOptions, check_captured
from mockserver.checks.sender.deliveries import Caught
from mockserver.checks.sender.options import SenderOptions
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract
from tests.support.event_contracts import ORDERS, SECRET, written

SENT_AT = 1_768_473_000  # 2026-01-15T10:30:00Z
EVENT = {"type": "order.shipped", "timestamp": "2026-01-15T10:30:00Z", "data": {"orderId": "o-1"}}


def _entry(content: Any = EVENT, message_id: str = "msg_1", status: int = 204, **changed: Any) -> dict[str, Any]:
    """An entry of an archive: a delivery that is signed, with headers that are changed, or left out by None."""
    body = content if isinstance(content, str) else json.dumps(content)
    headers: dict[str, Any] = dict(standard_webhooks.signature_headers(SECRET, message_id, SENT_AT, body.encode()))
    headers |= {"Content-Type": "application/json"} | changed.pop("headers", {})
    request = {
        "method": "POST",
        "url": "https://shop.example.com/hook",
        "headers": [{"name": name, "value": value} for name, value in headers.items() if value is not None],
        "postData": {"text": body},
    }
    started = "2026-01-15T10:30:01+00:00"
    return {"request": request | changed, "response": {"status": status}, "startedDateTime": started}


def _report(folder: Path, entries: Sequence[dict[str, Any]], *keys: str) -> Report:
    path = folder / "d.har"
    path.write_text(json.dumps({"log": {"entries": list(entries)}}), "utf-8")
    return check_captured(CapturedOptions(path, keys, spec=written(folder, ORDERS))).report


def _found(report: Report) -> dict[str, str]:
    return {finding.check: finding.message for finding in report.findings}


def test_right_deliveries_pass(tmp_path: Path) -> None:
    """Form, payload, signature and time of a right delivery are right, and so is its repeat."""
    report = _report(tmp_path, [_entry(status=500), _entry()], SECRET)

    assert _found(report) == {}
    passed = {one.check for one in report.scorecard if one.mark.value == "passed"}
    assert {
        "sends_payload",
        "sends_signature",
        "sends_right_signature",
        "sends_timestamp",
        "sends_same_event",
    } <= passed
    assert report.gate == {"events": "1/4"}


@pytest.mark.parametrize(
    ("entry", "check", "says"),
    [
        (_entry(EVENT | {"data": {}}), "sends_payload", "data.orderId: "),
        (_entry(headers={"webhook-signature": "v1,AAAA"}), "sends_right_signature", "the signature isn't right"),
        (_entry(headers={"webhook-signature": None}), "sends_signature", "it has no webhook-signature"),
        (_entry(headers={"Content-Type": "text/plain"}), "sends_json", "its Content-Type is text/plain"),
    ],
)
def test_each_breach_is_found(entry: dict[str, Any], check: str, says: str, tmp_path: Path) -> None:
    """What is wrong is one finding, which says what."""
    found = _found(_report(tmp_path, [entry], SECRET))

    assert list(found) == [check]
    assert says in found[check]


def test_a_plain_mistake_is_named(tmp_path: Path) -> None:
    """A key that wasn't decoded explains the signature."""
    body = json.dumps(EVENT).encode()
    wrong = standard_webhooks.sign(SECRET[6:].encode(), standard_webhooks.content("msg_1", SENT_AT, body))

    found = _found(_report(tmp_path, [_entry(headers={"webhook-signature": wrong})], SECRET))

    assert found == {"sends_right_signature": "the signature isn't right: the key isn't decoded"}


def test_a_repeat_after_success_and_another_body_are_found(tmp_path: Path) -> None:
    """Two requests with one id are attempts of one delivery."""
    other = EVENT | {"data": {"orderId": "o-2"}}

    found = _found(_report(tmp_path, [_entry(), _entry(other)], SECRET))

    assert set(found) == {"sends_same_event", "sends_no_more_after_2xx"}


def test_without_a_secret_signatures_are_not_judged(tmp_path: Path) -> None:
    """All else is; with one that is no secret of Standard Webhooks the command says so."""
    assert _found(_report(tmp_path, [_entry(headers={"webhook-signature": "v1,AAAA"})])) == {}
    with pytest.raises(SettingsError, match="has to be Base64"):
        _report(tmp_path, [_entry()], "whsec_of_mine")


@pytest.mark.parametrize(
    ("method", "body", "event"),
    [
        ("POST", b'{"type": "order.shipped"}', "order.shipped"),
        ("POST", json.dumps(EVENT | {"type": "order.shipped"}).encode(), "order.shipped"),
        ("PUT", b"id=7", "order/form"),
        ("DELETE", b"", None),
    ],
)
def test_the_event_is_found_out(method: str, body: bytes, event: str | None) -> None:
    """By its type, by the schema that it fits, or as the only one of its method."""
    request = Caught(1, "", method, "/", (("webhook-id", "m"),), body)

    assert standard_rules.by_standard(request)
    assert standard_rules.event_of(Contract(b"", ORDERS), request) == event


def test_who_cannot_be_subscribed_at_is_told_before_anything_is_planned(tmp_path: Path) -> None:
    """Only Open Loyalty's API is known to subscribe; of any other contract what was captured is judged."""
    target = Options("http://127.0.0.1:1", Credentials(api_key="key"), spec=written(tmp_path, ORDERS))

    with pytest.raises(SettingsError, match="mockserver check sender --captured FILE --spec FILE"):
        run.plan(SenderOptions(target))

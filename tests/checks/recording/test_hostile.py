"""What comes from strangers: no secret gets into a report, nothing ends in a traceback, and no file fills memory."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.recording.options import RecordingOptions
from mockserver.checks.recording.run import check_recording
from mockserver.checks.reporting.writing import write_reports
from mockserver.errors import SettingsError
from tests.checks.recording.archive import URL, Entry, call, entries, judged, named, write
from tests.checks.recording.lies import LIST
from tests.mutants.walk import Step
from tests.support.proxies import PETS

SECRETS = ("hunter2-of-admin", "tok_4f9c0d", "sid-77aa12", "Zm9vYmFyYmF6", "jane.doe@example.com", "4111111111111111")


def _telling() -> list[Entry]:
    """Entries whose secrets and people stand wherever something is wrong."""
    password, token, sid, key, mail, card = SECRETS
    login = call(
        "POST", "/api/admin/login_check", 200, {"token": token}, sent={"username": "admin", "password": password}
    )
    row = {"webhookSubscriptionId": mail, "eventName": 5, "url": None, "createdAt": mail, "destinationType": "rest"}
    listing = call(
        "GET", f"{LIST}?auth_token={token}&{token}=1", 200, {"items": [row | {mail: card}], "total": int(card)}
    )
    odd = call("POST", f"/api/{mail}/webhook/subscription", 200, {token: sid}, sent={"webhookSubscription": {sid: key}})
    for one in (login, listing, odd):
        one["request"]["headers"] += named([("X-AUTH-TOKEN", key), ("Cookie", f"sid={sid}")])
        one["request"]["url"] = one["request"]["url"].replace("https://", f"https://me:{password}@")
    elsewhere = call("GET", f"/api/x/{token}", 200, {})
    elsewhere["response"]["headers"] = named([("Content-Type", f"text/{token}; {mail}")])
    patched = call("GET", LIST, 200, {}) | {"_resourceType": token}
    patched["request"]["method"] = f"PATCH{token}"
    return [login, listing, odd, elsewhere, patched, call("GET", LIST, 200, {})]


def test_no_report_shows_a_secret(tmp_path: Path) -> None:
    """Nor who the people are: names of fields and parameters, addresses, values, and other hosts."""
    recording = write(tmp_path / "r.har", _telling())
    outcome = check_recording(RecordingOptions((recording,)))
    assert len(outcome.report.findings) > 5
    for path in write_reports(outcome, tmp_path / "reports"):
        text = path.read_text("utf-8")
        assert [secret for secret in SECRETS if secret in text] == [], path.name


HOSTILE: list[Any] = [
    None,
    {"request": None, "response": None},
    {"request": {"method": "GET", "url": "http://[::1"}, "response": {"status": "200"}},
    {
        "request": {
            "method": "\x1b[31m",
            "url": "https://ol.staging.example.com/loyalty/api/A/member",
            "headers": [None],
        }
    },
    {"request": {"method": "GET", "url": "https://ol.staging.example.com/loyalty/api/\ud800/member?a=%ff&=&&"}},
    {"request": {"method": "GET", "url": "https://ol.staging.example.com:99999999/api/A/member"}},
]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 900 + "]" * 900,
        '"\ud800"',
        "NaN",
        '{"items": 1e999}',
        "\x00",
        '{"a":' * 150 + "1" + "}" * 150,
        "123" * 2000,
    ],
)
def test_hostile_values_are_words(text: str, walk: list[Step], tmp_path: Path) -> None:
    """Bodies, URLs, methods and types that nobody sends: at most they are findings, and never a traceback."""
    odd = call("GET", LIST, 200, {})
    odd["response"]["content"] = {"text": text, "size": len(text)}
    sent = call("POST", LIST, 200, {"webhookSubscriptionId": "x"}, sent={})
    sent["request"]["postData"]["text"] = text
    report = judged(tmp_path, [*entries(walk[:12]), odd, sent, *HOSTILE])
    assert (report.defects, report.cases >= 12) == ({}, True)
    assert all(text not in json.dumps(one.as_json()) for one in report.findings if len(text) > 3)


def test_what_breaks_off_is_judged_up_to_there(walk: list[Step], tmp_path: Path) -> None:
    """And it is said: a run that read a half has not judged the rest."""
    path = write(tmp_path / "r.har", entries(walk[:40]))
    whole = path.read_text("utf-8")
    path.write_text(whole[: len(whole) // 2], "utf-8")
    report = check_recording(RecordingOptions((path,))).report
    assert (report.verdict, report.findings, 5 < report.cases < 40) == ("not-judged", [], True)
    assert report.not_judged[0].startswith(f"{path} breaks off in entry ")


def test_several_files_are_one_recording(walk: list[Step], tmp_path: Path) -> None:
    """Entries are named with their files."""
    good = write(tmp_path / "good.har", entries(walk[:40]))
    lie = call("GET", LIST, 200, {"items": []})
    bad = write(tmp_path / "bad.har", [lie])
    report = check_recording(RecordingOptions((good, bad))).report
    (found,) = report.findings
    assert (report.cases, report.url) == (41, f"{good}, {bad}")
    assert found.got.startswith("entry 1 of bad.har, GET https://ol.staging.example.com/loyalty/api/{storeCode}/")


def test_a_cause_in_several_files_is_one_finding(tmp_path: Path) -> None:
    """Also who may call, which is judged file by file: the entries of all are counted, and named."""
    bare = call("GET", "/api/secrets")
    bare["request"]["headers"] = []
    files = [write(tmp_path / f"{name}.har", [call("GET", "/api/secrets"), bare]) for name in "ab"]
    report = check_recording(RecordingOptions(tuple(files), spec=PETS.spec, base_urls=(f"{URL}/api",))).report
    (found,) = [one for one in report.findings if one.check == "ignored_auth"]
    assert (found.count, found.got.rpartition("; ")[2]) == (2, "seen in entry 2 of a.har and entry 2 of b.har")


def test_only_some_can_be_judged(walk: list[Step], tmp_path: Path) -> None:
    """By operation, or by check; names that aren't there are told with those that are."""
    lies = [call("GET", LIST, 200, {"items": []}), call("GET", "/api/DEFAULT/webhook/event", 206, {})]
    found = entries(walk[:12]) + lies

    def checks(*only: str) -> list[str]:
        return [one.check for one in judged(tmp_path, found, only=only).findings]

    assert sorted(checks()) == ["response_schema_conformance", "status_code_conformance"]
    assert checks("webhookEventGetList") == checks("status_code_conformance") == ["status_code_conformance"]
    assert checks("webhookEventGetList", "response_schema_conformance") == []
    with pytest.raises(SettingsError, match="--only nothing: the contract has no such operationId"):
        checks("nothing")


class _MeasuredFile(type(Path())):  # type: ignore[misc] # (the class of this system)
    """A file of which the peak of memory is that since it was opened, and not that of reading the contract."""

    def open(self, *how: Any, **further: Any) -> Any:
        """As always."""
        tracemalloc.reset_peak()
        return super().open(*how, **further)


def test_memory_holds_one_entry(tmp_path: Path) -> None:
    """However many there are: a finding keeps its count and its smallest example."""
    lie = call("GET", "/api/pets", 200, [{"id": 1, "pad": "x" * 100_000}])
    peaks = []
    for count in (5, 5, 50):
        path = _MeasuredFile(write(tmp_path / "r.har", [lie] * count))
        tracemalloc.start()
        report = check_recording(RecordingOptions((path,), spec=PETS.spec, base_urls=(f"{URL}/api",))).report
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert ([one.count for one in report.findings], path.stat().st_size > 5_000_000) == ([50], True)
    assert peaks[2] < peaks[1] + 4_000_000, peaks

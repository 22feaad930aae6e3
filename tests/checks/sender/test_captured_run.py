"""What somebody else captured is judged, and nothing is sent."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.sender.captured import read
from mockserver.checks.sender.captured_run import CapturedOptions, check_captured
from mockserver.checks.sender.deliveries import Caught, CaughtEvidence, Role
from mockserver.checks.sender.options import REPORTS
from mockserver.errors import SettingsError

URL = "https://crm.example.com/hook"


def _entry(one: Caught, url: str, **changes: Any) -> dict[str, Any]:
    """An entry of an archive, with a body that is changed as a text."""
    body = one.body.decode().replace(*changes.pop("body", ("", "")))
    headers = [{"name": name, "value": value} for name, value in one.headers]
    request = {"method": one.method, "url": url, "headers": headers, "postData": {"text": body}}
    started = "2026-01-15T10:30:00+00:00"
    return {"request": request, "response": {"status": one.status}, "startedDateTime": started} | changes


def _archive(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"log": {"entries": list(entries)}}), "utf-8")
    return path


def _plain(recorded: CaughtEvidence, role: Role = Role.PLAIN) -> tuple[list[Caught], str, list[str]]:
    """The first requests of a subscription, its URL, and its keys."""
    one = next(one for one in recorded.subscriptions if one.role is role and one.event == "CustomerRegistered")
    return recorded.of(one), one.url, one.keys


def _report(path: Path, **given: Any) -> Report:
    return check_captured(CapturedOptions(path, **given)).report


def _marks(report: Report) -> dict[str, str]:
    return {one.check: one.mark.value for one in report.scorecard}


def test_an_archive_is_judged(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """With the secrets, of which any may have signed, its signatures, too; what isn't shown is not judged."""
    requests, url, keys = _plain(recorded)
    now = {"startedDateTime": "not a moment"}
    path = _archive(tmp_path / "d.har", *(_entry(one, url) | now for one in requests))
    report = _report(path, keys=tuple(keys))
    marks = _marks(report)
    assert (report.findings, report.requests, report.gate) == ([], 0, {"events": "1/29"})
    assert {marks[name] for name in ("sends_right_signature", "sends_payload", "sends_timestamp")} == {"passed"}
    assert marks["sends_in_order"] == "not-judged"
    assert _marks(_report(path))["sends_right_signature"] == "not-judged"


def test_what_is_wrong_is_named_by_its_number(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """The request itself isn't shown: it may hold what real people do."""
    requests, url, keys = _plain(recorded)
    broken = _entry(requests[0], url, body=('"firstName":"Mockserver"', '"firstName":["Jane Doe"]'))
    right = _entry(requests[1], url, startedDateTime="not a moment")
    report = _report(_archive(tmp_path / "d.har", broken, right), keys=tuple(keys))
    found = {one.check: (one.got, one.curl) for one in report.findings}
    assert found == dict.fromkeys(
        ("sends_payload", "sends_right_signature", "sends_timestamp"), ("request 1", "")
    )  # the time is that of the archive
    assert "Jane" not in json.dumps(report.as_json())


def test_every_request_that_shows_a_finding_is_named(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """Not one of them only."""
    requests, url, keys = _plain(recorded)
    broken = [_entry(one, url, body=('"Mockserver"', '"Other"')) for one in requests]
    path = _archive(tmp_path / "d.har", *broken, *(_entry(one, url) for one in requests))
    found = {one.check: one.got for one in _report(path, keys=tuple(keys)).findings}
    assert (len(requests), found["sends_right_signature"]) == (3, "requests 1, 2 and 3")


def test_what_was_not_judged_is_not_gone(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """Without a secret nothing is said of signatures, so a wrong one isn't gone."""
    requests, url, keys = _plain(recorded)
    now = {"startedDateTime": "not a moment"}
    first, second = (_entry(one, url) | now for one in requests[:2])
    spoiled = _entry(requests[0], url, body=('"Mockserver"', '"Other"')) | now
    broken, right = _archive(tmp_path / "d.har", spoiled, second), _archive(tmp_path / "e.har", first, second)
    before = tmp_path / "before.json"
    before.write_text(json.dumps(_report(broken, keys=tuple(keys)).as_json()), "utf-8")

    judged, unjudged = (_report(right, keys=given, compare=str(before)).compared for given in (tuple(keys), ()))

    assert (len(judged["gone"]), len(unjudged["gone"]), len(unjudged["unasked"])) == (1, 0, 1)


def test_attempts_of_one_message_are_compared(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """A repeat of what was answered with a 2xx is wrong; after an error it has a new request id."""
    requests, url, _ = _plain(recorded, Role.FAILING)
    twice = [_entry(requests[0], url), _entry(requests[1], url)]
    assert _marks(_report(_archive(tmp_path / "a.har", *twice)))["sends_new_request_id"] == "passed"
    same = [_entry(requests[0], url, response={"status": 200}), _entry(requests[0], url)]
    found = {one.check for one in _report(_archive(tmp_path / "b.har", *same)).findings}
    assert "sends_no_more_after_2xx" in found


def test_one_message_id_at_two_urls_is_no_repeat(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """Two subscriptions may get one: only at one URL it comes again."""
    requests, url, _ = _plain(recorded)
    two = (_entry(requests[0], url), _entry(requests[0], URL))
    marks = _marks(_report(_archive(tmp_path / "a.har", *two)))
    assert (marks["sends_no_more_after_2xx"], marks["sends_new_request_id"]) == ("not-judged", "not-judged")


def test_a_body_that_isnt_there_is_told(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """A signature of it can't be judged, and isn't called wrong."""
    requests, url, _ = _plain(recorded)
    entry = _entry(requests[0], url)
    entry["request"]["postData"] = {"mimeType": "application/json"}
    entry["request"]["headers"].append({"name": "webhook-id", "value": "msg_1"})
    with pytest.raises(SettingsError, match="The body of entry 1 isn't in the recording"):
        _report(_archive(tmp_path / "d.har", entry))


@pytest.mark.parametrize("url", ["ftp://x/y", "https:///hook", "http://[x/y"])
def test_a_url_that_nobody_signs_is_told(url: str, recorded: CaughtEvidence, tmp_path: Path) -> None:
    """With the option that gives another one; without a secret it doesn't matter."""
    requests, _, keys = _plain(recorded)
    path = _archive(tmp_path / "d.har", _entry(requests[0], url))
    with pytest.raises(SettingsError, match=r"The URL of request 1 .* Give, as --catcher-url"):
        _report(path, keys=tuple(keys))
    with pytest.raises(SettingsError, match="--catcher-url is not"):
        _report(path, keys=tuple(keys), url="ftp://x/y")
    assert _marks(_report(path))["sends_payload"] == "passed"


def test_reports_do_not_take_the_place_of_what_is_judged(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """A folder that has the file is refused; by themselves they go elsewhere than those of a run."""
    requests, url, _ = _plain(recorded)
    path = _archive(tmp_path / "exchanges.har", _entry(requests[0], url))
    with pytest.raises(SettingsError, match="give another --report-dir"):
        _report(path, report_dir=str(tmp_path))
    assert CapturedOptions(path).report_dir != REPORTS


@pytest.mark.parametrize("role", [Role.PLAIN, Role.UNSIGNED])
def test_a_catchers_deliveries_are_not_judged_by_others_keys(
    role: Role, recorded: CaughtEvidence, tmp_path: Path
) -> None:
    """Keys of subscriptions are in no report: the secret of a receiver says nothing of them, and that is told."""
    requests, url, _ = _plain(recorded, role)
    archived = [_entry(one, url) | {"startedDateTime": "not a moment"} for one in requests]
    report = _report(_archive(tmp_path / "d.har", *archived), keys=("whsec_" + "ab" * 32,))
    (score,) = [one for one in report.scorecard if one.check == "sends_right_signature"]
    assert (report.findings, score.mark, report.verdict.exit_code) == ([], "not-judged", 0)
    assert score.reason.startswith(f"signatures of {len(requests)} requests to the catcher of `check sender`")


def test_half_a_pair_is_no_error(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """JSON can spell what no encoding can: such a header isn't signed rightly."""
    requests, _, keys = _plain(recorded)
    entry = _entry(requests[0], f"{URL}/\ud800")
    entry["request"]["headers"] += [{"name": "X-Webhook-Request-Id", "value": "\ud800"}]
    assert _marks(_report(_archive(tmp_path / "d.har", entry), keys=tuple(keys)))["sends_right_signature"] == "failed"


def test_one_request_as_raw_http_is_judged(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """As `verify-signature` reads it, with the URL that was subscribed."""
    requests, url, keys = _plain(recorded)
    one, path = requests[0], tmp_path / "one.http"
    lines = "".join(f"{name}: {value}\r\n" for name, value in one.headers)
    path.write_bytes(f"POST {one.target} HTTP/1.1\r\n{lines}\r\n".encode() + one.body)
    report = _report(path, keys=tuple(keys), url=url)
    assert report.findings == []
    assert _marks(report)["sends_right_signature"] == "passed"
    assert [found.check for found in _report(path, keys=tuple(keys), url=URL).findings] == ["sends_right_signature"]


def test_base64_is_a_body_too(recorded: CaughtEvidence, tmp_path: Path) -> None:
    """Some recorders write bodies so."""
    requests, url, _ = _plain(recorded)
    entry = _entry(requests[0], url)
    entry["request"]["postData"] = {"text": b64encode(requests[0].body).decode(), "encoding": "base64"}
    assert read(_archive(tmp_path / "d.har", entry))[0].body == requests[0].body


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "is no HTTP Archive"),
        (b'{"log": {"entries": []}}', "has no delivery among 0 requests"),
        (b"nothing", "is neither an HTTP Archive nor a request"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "comes in chunks"),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, said: str, tmp_path: Path) -> None:
    """With what a file has to be."""
    (tmp_path / "d").write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        read(tmp_path / "d")
    with pytest.raises(SettingsError, match="can't be read"):
        read(tmp_path / "nowhere")

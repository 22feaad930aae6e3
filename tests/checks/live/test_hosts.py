"""Hosts that can't be judged: each ends with exit code 2, and with a line that says what to look at."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.session import Credentials
from mockserver.settings import Settings
from tests.checks.fronts import Reply, always, changing, crowded, instead, silent
from tests.checks.instance import STORES, Front, Instance
from tests.checks.targets import MEBIBYTE, OK, floods, target

CREDENTIALS = Credentials("admin", "password")
EVENTS = ("webhookEventGetList",)


def _judged(
    url: str,
    folder: Path,
    *,
    operation: tuple[str, ...] = EVENTS,
    credentials: Credentials = CREDENTIALS,
    timeout: float = 1.0,
) -> Report:
    options = Options(url, credentials, report_dir=str(folder), timeout=timeout, operation=operation, max_examples=1)
    return run.check(run.plan(options)).report


BAD: dict[str, tuple[Front, str]] = {
    "login page": (always(200, {"content-type": "text/html"}, b"<html>"), "text/html, not JSON"),
    "401 for everything": (always(401), "check user name and password"),
    "429 for everything": (always(429), "too many logins"),
    "500 for everything": (always(500), "is not well"),
    "silence": (silent(), "doesn't answer in time"),
    "401 after a while": (always(401, after=3), "logged out in the middle"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_hosts_cannot_be_judged(tmp_path: Path, what: str) -> None:
    """What is wrong with a host is said."""
    front, words = BAD[what]

    with Instance(front) as instance:
        report = _judged(instance.url, tmp_path)

    assert report.verdict.exit_code == 2
    assert words in report.not_judged[0]


def test_a_host_that_is_not_there_cannot_be_judged(tmp_path: Path) -> None:
    """Nobody listens, or it speaks no TLS, or the path is wrong, or the password."""
    with Instance() as instance:
        plain = _judged(instance.url.replace("http:", "https:"), tmp_path)
        elsewhere = _judged(f"{instance.url}/other", tmp_path)
        refused = _judged(instance.url, tmp_path, credentials=Credentials("admin", "wrong"))
        url = instance.url
    gone = _judged(url, tmp_path)

    said = [report.not_judged[0] for report in (plain, elsewhere, refused, gone)]
    words = ("TLS failed", "check the URL", "check user name", "can't be reached")
    assert [word for word, line in zip(words, said, strict=True) if word not in line] == []


def test_a_full_store_does_not_take_the_budget(tmp_path: Path) -> None:
    """Of the records of others the newest are noted, within a bound; a budget that ends there is told so."""
    with Instance(crowded()) as instance:
        options = Options(instance.url, CREDENTIALS, other_store="OTHER", report_dir=str(tmp_path), operation=EVENTS)
        judged = run.check(run.plan(replace(options, max_requests=80, max_examples=1))).report
        started = run.check(run.plan(replace(options, max_requests=5))).report

    assert (judged.not_judged, judged.cases > 0) == ([], True)
    assert started.not_judged[0].endswith("requests is spent, while the run looked at what is there")
    assert "looks at    webhookSubscriptionGetList: at most 4 pages of each store, for what others have" in str(
        run.plan(options).summary(run.expected(run.plan(options)))
    )


def test_a_host_that_falls_silent_is_no_finding(tmp_path: Path) -> None:
    """No operation is blamed for a host that responds to none of them any more: here after a login and two reads."""
    several = (*EVENTS, "webhookSubscriptionGetList", "membersStatsGet")
    with Instance(silent(after=3)) as instance:
        options = Options(instance.url, CREDENTIALS, report_dir=str(tmp_path), timeout=2.0, operation=several)
        report = run.check(replace(run.plan(options), only="nobody|sense")).report

    assert report.findings == []
    assert report.verdict.exit_code == 2
    assert "again and again" in report.not_judged[0]


def test_an_answer_that_breaks_off_is_a_finding(tmp_path: Path) -> None:
    """Less than was announced is no trouble of the judge's, but the instance's."""
    with Instance() as instance, instance.client() as client:
        client.post("/_mock/faults", json={"operationId": EVENTS[0], "effect": "truncateBody"}).raise_for_status()
        report = _judged(instance.url, tmp_path)

    assert {finding.check for finding in report.findings} == {"answers_in_full"}


def test_too_many_secrets_end_a_run(tmp_path: Path) -> None:
    """What can't be kept out of the reports doesn't get into them: the run ends, and says why."""

    def flooding(method: str, path: str, reply: Reply) -> Reply:
        status, headers, content = reply
        if (method, path) == ("POST", "/api/admin/login_check"):
            content = {**content, **{f"s{number}": f"{number:05}" * 4_000 for number in range(140)}}
        return status, headers, content

    with Instance(changing(flooding)) as instance:
        report = _judged(instance.url, tmp_path)

    assert report.verdict.exit_code == 2
    assert "more secrets than can be kept out" in report.not_judged[0]


def test_an_account_without_rights_cannot_be_judged(tmp_path: Path) -> None:
    """403 on every write is no finding, but nothing was judged either."""

    def forbidding(method: str, path: str) -> Reply | None:
        writes = method in ("POST", "PUT", "DELETE") and "webhook" in path
        return (403, {}, {"code": 403, "message": "Forbidden."}) if writes else None

    with Instance(instead(forbidding)) as instance:
        report = _judged(instance.url, tmp_path, operation=("webhookSubscriptionDelete",))

    assert [finding.message for finding in report.findings] == []
    assert report.verdict.exit_code == 2
    assert any("the account may not do this" in line for line in report.not_judged)


def test_short_tokens_are_renewed(tmp_path: Path) -> None:
    """Tokens that expire in a moment don't hurt: they are renewed before, or replaced after a 401."""
    with Instance(settings=Settings(stores=STORES, seed=1, log_level="warning", token_ttl=1)) as instance:
        report = _judged(instance.url, tmp_path)

    assert (report.verdict.exit_code, report.gate["pastAuth"]) == (0, 1.0)


def test_a_flood_is_a_finding(tmp_path: Path) -> None:
    """It is named once, with a line to paste, and nothing passes for a defect of the command."""
    with target(floods(OK + b"Content-Length: 629145600\r\n\r\n", b" " * MEBIBYTE)) as url:
        options = Options(url, Credentials("admin", "hunter22"), report_dir=str(tmp_path), timeout=5)
        report = run.check(run.plan(options)).report

    (finding,) = report.findings
    assert (finding.check, finding.operation, report.verdict.exit_code) == ("answers_in_bounds", "adminLoginCheck", 1)
    assert finding.curl.startswith("curl -sg")
    assert "defect" not in str(report.not_judged)


def test_a_gateway_that_fails_now_and_then_is_no_finding(tmp_path: Path) -> None:
    """One request in twenty gets its page: told once, with counts."""
    asked = count(1)

    def failing(_method: str, _path: str) -> Reply | None:
        return (502, {"content-type": "text/html"}, b"<html>") if next(asked) % 20 == 0 else None

    with Instance(instead(failing)) as instance:
        time = MonotonicTime(wait=lambda _: None)
        options = Options(instance.url, CREDENTIALS, report_dir=str(tmp_path), seed=1)
        report = run.check(replace(run.plan(options), only="nobody|life of"), time=time).report

    assert report.findings == []
    assert any("the gateway failed" in note and "502" in note for note in report.notes)

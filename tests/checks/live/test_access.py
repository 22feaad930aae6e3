"""Ways to an instance: gates, proxies, certificates, base paths; and whoever has only a part of the credentials."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.live import run
from mockserver.checks.live.planning.options import Options
from mockserver.checks.reporting.writing import write_reports
from mockserver.checks.transport.session import Credentials
from mockserver.http.messages import Request, Response
from mockserver.settings import Settings
from mockserver.testing.certificates import self_signed
from tests.checks.forward_proxy import forward_proxy
from tests.checks.fronts import GATE_BASIC as BASIC
from tests.checks.fronts import GATE_HEADER, Reply, always, gate, instead, with_session
from tests.checks.instance import STORES, Front, Instance, Respond

ADMIN, KEY = Credentials("admin", "password"), Credentials(api_key="mock-api-key")
MEMBER = Credentials(member_username="member", member_password="password")
HEADER = (GATE_HEADER,)
EVENTS = ("webhookEventGetList",)


def _judged(url: str, folder: Path, credentials: Credentials = ADMIN, only: str = "nobody", **given: Any) -> Report:
    fixed: dict[str, Any] = {
        "report_dir": str(folder),
        "operation": EVENTS,
        "max_examples": 1,
        "seed": 1,
        "timeout": 5.0,
    }
    outcome = run.check(replace(run.plan(Options(url, credentials, **(fixed | given))), only=only))
    write_reports(outcome, folder)
    return outcome.report


def _words(report: Report) -> str:
    return " ".join(report.not_judged[:1])


def test_a_gate_is_passed_by_every_request(tmp_path: Path) -> None:
    """Fuzzing included: none is refused by the gate, and no file holds what opens it."""
    with Instance(gate()) as instance:
        credentials = replace(KEY, headers=HEADER, basic=BASIC)
        report = _judged(instance.url, tmp_path, credentials, only="", operation=("membersStatsGet",))

    secrets = ("very-secret", "open-sesame", base64.b64encode(b"gate:open-sesame").decode())
    assert (report.verdict.exit_code, report.gate["pastAuth"], report.not_judged) == (0, 1.0, [])
    assert [one.name for one in tmp_path.iterdir() if any(secret in one.read_text("utf-8") for secret in secrets)] == []
    assert "$OL_HEADER_1" in (tmp_path / "exchanges.har").read_text("utf-8")


def test_a_header_opens_a_gate_beside_a_token(tmp_path: Path) -> None:
    """A login and what follows it pass a gate that wants no Authorization."""
    with Instance(gate(basic=False)) as instance:
        report = _judged(instance.url, tmp_path, replace(ADMIN, headers=HEADER))

    assert (report.findings, [line for line in report.not_judged if "never" not in line]) == ([], [])


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (KEY, 'asks for Basic authentication (realm "staging"): give --basic'),
        (ADMIN, "/api/admin/login_check answered 401: a gate in front of the instance asks for Basic"),
        (replace(KEY, headers=HEADER, basic="gate:wrong"), "refuses the name and password of --basic"),
        (replace(ADMIN, headers=HEADER, basic=BASIC), "a request has one Authorization: use --api-key"),
    ],
)
def test_a_gate_that_stays_shut_says_what_it_wants(tmp_path: Path, credentials: Credentials, words: str) -> None:
    """It is no trouble with the account."""
    with Instance(gate()) as instance:
        report = _judged(instance.url, tmp_path, credentials)

    assert report.verdict.exit_code == 2
    assert words in _words(report)


@pytest.mark.parametrize(
    ("front", "words"),
    [
        (always(503, {"content-type": "text/html"}, b"busy"), "the gateway in front of the instance"),
        (always(301, {"location": "https://two.test.invalid/ol/api/admin/login_check"}), "give --url https://two.test"),
        (always(200, {"content-type": "text/html"}, b"<title>Log in</title>"), 'a login page answers (title "Log in")'),
    ],
)
def test_who_answers_a_login_in_place_of_the_instance_is_named(tmp_path: Path, front: Front, words: str) -> None:
    """A gateway, a redirect, a login page."""
    with Instance(front) as instance:
        report = _judged(instance.url, tmp_path)

    assert words in _words(report)


@pytest.mark.parametrize("credentials", [ADMIN, replace(ADMIN, member_username="member", member_password="password")])
def test_a_store_that_is_not_there_is_named(tmp_path: Path, credentials: Credentials) -> None:
    """At the login of a member, or after that of an admin."""
    with Instance() as instance:
        report = _judged(instance.url, tmp_path, credentials, store="NROTH")

    assert report.verdict.exit_code == 2
    assert "store NROTH isn't known there" in _words(report)


def test_a_member_alone_judges_what_a_member_can(tmp_path: Path) -> None:
    """Logins are judged, and refusals of the rest; what needs an admin is left out, and doesn't count."""
    with Instance() as instance:
        before = instance.snapshot()
        report = _judged(instance.url, tmp_path, MEMBER, only="walk|access|examples|stateful", operation=())
        after = instance.snapshot()

    assert (report.verdict.exit_code, report.not_judged, report.findings) == (0, [], [])
    assert "membersStatsGet: no admin and no API key, so only its refusals are tested" in report.left_out
    assert before == after


def test_a_member_who_may_do_all_is_found(tmp_path: Path) -> None:
    """Without an admin's account, too."""
    events: Reply = (200, {}, {"items": [], "total": {"all": 0, "filtered": 0}})
    with Instance(instead(lambda _method, path: events if path.endswith("webhook/event") else None)) as instance:
        report = _judged(instance.url, tmp_path, MEMBER, only="a member at")

    assert [finding.check for finding in report.findings] == ["member_refused"]


def test_a_session_of_cookies_is_nobodys(tmp_path: Path) -> None:
    """A request by nobody takes no cookie of an earlier answer along; and no file shows one."""
    session = "c7d1f0a2b94e4c55aa12bb34cc56dd78"
    with Instance(with_session("PHPSESSID", session)) as instance:
        report = _judged(instance.url, tmp_path, ADMIN, "nobody|fuzzing")

    assert (report.findings, report.gate["statuses"][EVENTS[0]].keys() >= {"401"}) == ([], True)
    texts = {one.name: one.read_text("utf-8") for one in tmp_path.iterdir()}
    assert [name for name, text in texts.items() if session in text] == []
    assert "PHPSESSID=$OL_SECRET; path=/; HttpOnly" in texts["exchanges.har"]
    assert '"Cookie"' not in texts["exchanges.har"]


def _below_loyalty(respond: Respond) -> Respond:
    async def answer(request: Request) -> Response:
        of_the_run = request.headers.get(b"user-agent", b"").startswith(b"mockserver-check")
        known = request.raw_path.startswith(b"/loyalty/") or not of_the_run
        request.raw_path = request.raw_path.removeprefix(b"/loyalty") if known else b"/none"
        return await respond(request)

    return answer


@pytest.mark.parametrize("path", ["/loyalty/", "/%6Coyalty", "/x/../loyalty"])
def test_an_instance_may_lie_below_a_path(tmp_path: Path, path: str) -> None:
    """The path of --url stands before that of each request, however it is written: what a run makes goes, and no
    secret of it is shown."""
    with Instance(_below_loyalty) as instance:
        before = instance.snapshot()
        url = instance.url.replace("127.0.0.1", "LOCALHOST") + path
        operations = (*EVENTS, "_webhookSubscriptionPost", "webhookSubscriptionGet", "webhookSubscriptionDelete")
        report = _judged(url, tmp_path, ADMIN, "nobody|is created and read|fuzzing", operation=operations, hostile=True)
        after = instance.snapshot()

    assert (report.findings, report.gate["statuses"][EVENTS[0]].keys() >= {"401"}) == ([], True)
    assert after == before
    assert "whsec_" not in (tmp_path / "exchanges.har").read_text("utf-8")


def test_requests_take_the_proxy_that_is_named(tmp_path: Path) -> None:
    """All of them, and the report says so, without the proxy's password."""
    with Instance() as instance, forward_proxy("me:s3cret-word") as proxy:
        address = f"http://me:s3cret-word@{proxy.address}"
        report = _judged(instance.url, tmp_path, KEY, proxy=address)
        through, direct = len(proxy.asked), len(instance.log) - len(proxy.asked)

    assert (through, direct) == (report.requests, 0)
    assert f"requests passed the proxy http://********@{proxy.address}" in report.notes


def test_a_proxy_that_refuses_says_what_it_wants(tmp_path: Path) -> None:
    """For http and for a tunnel, and one that isn't there is told from an instance that isn't."""
    with Instance() as instance, forward_proxy("me:password") as proxy:
        ways = [(instance.url, proxy.address), ("https://127.0.0.1:9", proxy.address), (instance.url, "127.0.0.1:9")]
        reports = [_judged(url, tmp_path, KEY, proxy=f"http://{address}") for url, address in ways]

    plain, tunnel, nobody = (_words(report) for report in reports)
    assert "--proxy http://NAME:PASSWORD@HOST:PORT" in plain
    assert "--proxy http://NAME:PASSWORD@HOST:PORT" in tunnel
    assert "check --proxy" in nobody


def test_certificates_are_checked_as_was_asked_for(tmp_path: Path) -> None:
    """An own authority is trusted by --ca-file, everybody by --insecure, which is noted; a tunnel changes nothing."""
    certificate, key = self_signed(tmp_path)
    secure = Settings(stores=STORES, log_level="error", tls_cert=str(certificate), tls_key=str(key))
    with Instance(settings=secure) as instance, forward_proxy() as proxy:
        ways: list[dict[str, Any]] = [{}, {"ca_file": str(certificate)}]
        ways.append({"proxy": f"http://{proxy.address}", "insecure": True})
        reports = [_judged(instance.url, tmp_path / "reports", KEY, **way) for way in ways]

    assert "TLS failed" in _words(reports[0])
    assert "--ca-file" in _words(reports[0])
    assert [len(report.gate["statuses"][EVENTS[0]]) > 0 for report in reports] == [False, True, True]
    assert [any("--insecure" in note for note in report.notes) for report in reports] == [False, False, True]
    assert len(proxy.asked) > 0

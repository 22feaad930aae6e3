"""A run asks both sides the same, tells what differs, and leaves nothing behind."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.drift import run as judge
from mockserver.checks.drift.options import DriftOptions, usual_credentials
from mockserver.checks.drift.patch_files import write_patches
from mockserver.checks.findings.report import Report, Verdict
from mockserver.checks.live.planning.options import Options
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from tests.checks.drift.conftest import KNOWN, LIFE, Compared
from tests.checks.instance import Instance
from tests.mutants.exchange import Answer, Request, Send
from tests.mutants.proxy import Fault

pytestmark = pytest.mark.whole_runs

SUBSCRIPTIONS: dict[str, Any] = {"tag": ("Webhook subscription",)}

ENOUGH = 50  # pairs of a run on subscriptions that goes on


def refusing(method: str, body: dict[str, Any]) -> Fault:
    """A fault: all requests with a method are refused."""

    async def fault(request: Request, send: Send) -> Answer:
        return Answer.of(403, body) if request.method == method else await send(request)

    return fault


def subscriptions(instance: Instance) -> int:
    """How many subscriptions an instance has."""
    path = "/api/DEFAULT/webhook/subscription"
    with instance.client() as http:
        return int(http.get(path).json()["total"]["all"])


def test_equal_sides_have_no_differences(compared: Compared, beside: Instance, live: Instance) -> None:
    """A mock beside another one: every operation is asked, nothing differs, and only what can't be deleted stays."""
    live.inhabit(subscriptions=3, members=1)
    before = subscriptions(beside), subscriptions(live)

    report = compared(allow_residue=("member", "transaction"), allow_revoke=True).report

    assert ([one.message for one in report.findings], report.not_judged) == ([], [])
    assert (report.verdict, report.gate) == (Verdict.PASS, {"operations": "15/15"})
    assert all("can't be deleted" in line for line in report.residue)
    assert (subscriptions(beside), subscriptions(live)) == before


@pytest.mark.parametrize(
    ("fault", "check", "blame"),
    [
        ("a tier is shown", "drift_fields", "contract"),
        ("created is 201", "drift_status", "contract"),
        ("sorting is reversed", "drift_order", "mock"),
    ],
)
def test_faults_are_found(with_faults: judge.DriftOutcome, fault: str, check: str, blame: str) -> None:
    """Each fault of live is found by its name, with who has to change."""
    report = with_faults.report

    assert report.verdict is Verdict.FINDINGS
    assert (check, blame) in {(one.check, one.blame) for one in report.findings}, fault


@pytest.mark.parametrize(
    ("fault", "operations", "check", "blame"),
    [
        ("figures are text", ("membersStatsGet",), "drift_types", "contract"),
        ("list shows another time", LIFE, "drift_values", "mock"),
    ],
)
def test_faults_that_hide_others_are_found(
    compared: Compared, fault: str, operations: tuple[str, ...], check: str, blame: str
) -> None:
    """So are those that would change what else is found, in runs of their own."""
    report = compared(KNOWN[fault](), operation=operations).report

    assert (check, blame) in {(one.check, one.blame) for one in report.findings}


def test_a_live_that_is_silent_is_not_judged(compared: Compared) -> None:
    """An answer that breaks off on the way is neither a difference nor the end: one line says what wasn't judged."""
    report = compared(KNOWN["connection is cut"](), operation=("webhookEventGetList",)).report

    assert (report.verdict, report.findings) == (Verdict.NOT_JUDGED, [])
    (line,) = report.not_judged
    assert re.match(r"live gave no answer that arrived whole to \d+ requests, such as webhookEventGetList", line)


@pytest.mark.parametrize(("body", "found"), [({"code": 403}, []), ({}, ["drift_fields"])])
def test_what_live_does_not_delete_is_made_once(
    compared: Compared, live: Instance, body: dict[str, Any], found: list[str]
) -> None:
    """The first refusal ends the making of records: one stays, what can be asked on it is, and the refusal itself is
    held to the contract."""
    before = subscriptions(live)

    report = compared(refusing("DELETE", body | {"message": "Access denied."}), **SUBSCRIPTIONS).report

    assert [one.check for one in report.findings] == found
    assert (subscriptions(live), len(report.residue)) == (before + 1, 1)
    assert "live answers 403 to webhookSubscriptionDelete" in report.not_judged[0]
    assert report.cases > ENOUGH


def test_a_budget_that_ends_the_walk_is_not_judged(compared: Compared, tmp_path: Path) -> None:
    """Only generated requests may be left out; what an earlier run found, and this one hasn't asked, isn't gone."""
    fault = KNOWN["wrong method is 404"]()
    before = compared(fault, **SUBSCRIPTIONS).report
    path = tmp_path / "before.json"
    path.write_text(json.dumps(before.as_json()), "utf-8")

    report = compared(fault, max_requests=60, compare=str(path), **SUBSCRIPTIONS).report

    assert (report.verdict, report.findings) == (Verdict.NOT_JUDGED, [])
    assert "stopped early: the budget of 60 requests is spent" in report.not_judged[0]
    assert (report.compared["gone"], list(report.compared["unasked"])) == ({}, [one.id for one in before.findings])


def test_patches_are_files(with_faults: judge.DriftOutcome, tmp_path: Path) -> None:
    """Each cause has a patch of its own, and all are in one; those of an earlier run go."""
    folder, together = write_patches(with_faults, str(tmp_path))

    whole = together.read_text("utf-8")
    tier = next(text for path in folder.glob("*.patch") if "tier:" in (text := path.read_text("utf-8")))
    assert whole == with_faults.patch
    assert all(line in whole for line in tier.splitlines() if line.startswith("+  "))
    nothing = replace(with_faults, report=Report("http://127.0.0.1:9", "a run"), patch="")
    assert write_patches(nothing, str(tmp_path)) == []
    assert not list(tmp_path.rglob("*.patch"))


def test_who_cannot_log_in_is_not_judged(live: Instance, tmp_path: Path) -> None:
    """A wrong password is told with the side that refuses it."""
    wrong = Credentials("admin", "wrong")
    options = Options(live.url, usual_credentials(), report_dir=str(tmp_path))
    both = DriftOptions.of(options, live.url, wrong)

    report = judge.check(judge.plan(both), both).report

    assert (report.verdict, report.not_judged[0].partition(":")[0]) == (Verdict.NOT_JUDGED, "the mock")


def test_a_store_that_the_mock_lacks_is_told(beside: Instance, live: Instance, tmp_path: Path) -> None:
    """With the option that names the mock's."""
    options = Options(live.url, usual_credentials(), store="NOPE", report_dir=str(tmp_path))
    both = DriftOptions.of(options, beside.url, usual_credentials())

    (line,) = judge.check(judge.plan(both), both).report.not_judged

    assert line.startswith("the mock: ")
    assert "store NOPE isn't known there. Check --mock-store" in line


def test_hosts_have_to_be_agreed_to(tmp_path: Path) -> None:
    """Neither side is asked anything elsewhere without consent, and both have to be named."""
    options = Options("http://127.0.0.1:9", usual_credentials(), report_dir=str(tmp_path))

    with pytest.raises(SettingsError, match="looks like production"):
        judge.prepare(DriftOptions.of(options, "https://api.openloyalty.io", usual_credentials()))
    with pytest.raises(SettingsError, match="Which mock"):
        DriftOptions.of(options, "", usual_credentials())


def test_a_plan_tells_what_is_asked(tmp_path: Path) -> None:
    """It names both sides, what is written, and what is left out."""
    options = Options("http://127.0.0.1:9", usual_credentials(), report_dir=str(tmp_path))
    both = DriftOptions.of(options, "http://127.0.0.1:8", usual_credentials())

    lines = "\n".join(judge.summary(judge.plan(both), both))

    assert "http://127.0.0.1:8" in lines
    assert "host        counts as this machine: " in lines
    assert "left out    _memberPost" in lines
    assert "ledger-mock.jsonl" in lines

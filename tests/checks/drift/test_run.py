"""A run asks both sides the same, tells what differs, and leaves nothing behind."""

from dataclasses import replace
from pathlib import Path

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


def test_a_side_that_is_silent_is_told(compared: Compared) -> None:
    """An answer that breaks off on one side is a difference, not the end."""
    report = compared(KNOWN["connection is cut"](), operation=("webhookEventGetList",)).report

    assert "drift_answered" in {one.check for one in report.findings}


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
    assert "left out    _memberPost" in lines
    assert "ledger-mock.jsonl" in lines

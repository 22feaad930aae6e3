"""A run subscribes, causes, judges and sweeps, whatever ends it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from mockserver.checks.findings.report import Report, Verdict
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.sweep import sweep
from mockserver.checks.sender import run as judge
from mockserver.checks.sender.assumptions import TESTED
from mockserver.checks.sender.deliveries import CaughtEvidence, Role
from mockserver.checks.sender.options import SenderOptions
from mockserver.checks.transport.session import Credentials
from mockserver.errors import SettingsError
from tests.checks.instance import Instance
from tests.checks.sender.conftest import options_for
from tests.mutants.senders.faults import SENDERS, Sender
from tests.mutants.senders.live import FaultySenders, faulty_senders, findings_of

SAMPLE = ("signs with the old key", "repeats after success")  # what each fault takes of a relay is tried by these
MEMBER = "CustomerRegistered"


def _checked(mock: Instance, folder: Path, **given: Any) -> Report:
    said = given.pop("said", lambda _: "")
    options = options_for(mock, folder, **given)
    return judge.check(judge.plan(options), options, command=said).report


def _subscriptions(mock: Instance) -> int:
    with mock.client() as http:
        stores = ("DEFAULT", "OTHER")
        return sum(http.get(f"/api/{store}/webhook/subscription").json()["total"]["all"] for store in stores)


# ---------------------------------------------------------------- what it judges
def test_the_evidence_has_every_role(recorded: CaughtEvidence) -> None:
    """Each subscription that shows something was there, and of each cause its deliveries came."""
    assert {one.role for one in recorded.subscriptions} == set(Role) - {Role.CAPTURED}
    assert [len(one.events) for one in recorded.causes] == [1, 2, 1, 1]
    assert len({one.record for one in recorded.causes}) == 4


def test_nothing_is_left_but_what_was_allowed(sending: Instance, recorded: CaughtEvidence) -> None:
    """All subscriptions are gone."""
    assert recorded.caught
    assert _subscriptions(sending) == 0


def test_residue_is_listed_and_marked(whole: tuple[Report, CaughtEvidence]) -> None:
    """Members and transactions that a run made stay; the report names them, and they carry its mark. The rest isn't
    judged, as nobody asked for it."""
    report, evidence = whole
    assert (report.verdict, report.gate) == (Verdict.PASS, {"events": "3/29"})
    assert sorted(line.partition(" ")[0] for line in report.residue) == [*["member"] * 3, "transaction"]
    assert all("can't be deleted" in line for line in report.residue)
    told = [one.body.decode() for one in evidence.caught if one.member("eventName") == MEMBER]
    assert [body for body in told if f"@{report.run}.mockserver-check.invalid" not in body] == []
    assert len(told) > 3


def test_an_event_of_two_records_is_judged_by_itself(sending: Instance, tmp_path: Path) -> None:
    """One member, and a transaction of theirs each time."""
    report = _checked(sending, tmp_path, events=("TransactionAssignedToCustomer",))
    assert report.findings == []
    assert sorted(line.partition(" ")[0] for line in report.residue) == ["member", *["transaction"] * 3]
    assert [one.check for one in report.scorecard if one.mark != "passed"] == []


def test_every_event_is_judged_with_a_command(sending: Instance, tmp_path: Path) -> None:
    """What the API doesn't cause, a command does: 29 of 29."""

    def trigger(words: Sequence[str]) -> str:
        sending.trigger(words[-1])
        return ""

    report = _checked(sending, tmp_path, trigger_command="trigger", said=trigger, allow_residue=())
    assert (report.gate, report.residue, report.not_judged) == ({"events": "29/29"}, [], [])
    assert report.findings == []


def test_what_was_not_asked_for_is_no_gap(sending: Instance, tmp_path: Path) -> None:
    """But what was named, and can't be caused, is."""
    report = _checked(sending, tmp_path, events=("CustomerUpdated",))
    assert report.verdict is Verdict.NOT_JUDGED
    assert report.not_judged[0] == ("CustomerUpdated: no operation of the contract causes it (--trigger-command)")
    report = _checked(sending, tmp_path, allow_residue=())
    assert report.not_judged == ["no event could be caused, so nothing was judged"]
    assert len(report.left_out) == 29
    assert report.requests < 5


def test_another_store_that_refuses_is_told(sending: Instance, tmp_path: Path) -> None:
    """Nothing was seen there, so the promise isn't judged, although what came is of the right store: exit code 2."""
    report = _checked(sending, tmp_path, events=(MEMBER,), other_store="NOSUCH")
    (score,) = [one for one in report.scorecard if one.check == "sends_own_store"]
    assert (score.mark, report.verdict) == ("not-judged", Verdict.NOT_JUDGED)
    assert report.not_judged == [f"sends_own_store: {score.reason}"]
    assert score.reason.startswith("store NOSUCH: ")
    assert "answered 404" in score.reason


def test_a_command_that_fails_is_told(sending: Instance, tmp_path: Path) -> None:
    """The event is not judged, with what the command said."""
    given: dict[str, Any] = {"events": ("CustomerUpdated",), "trigger_command": "trigger", "said": lambda _: "it broke"}
    report = _checked(sending, tmp_path, **given)
    assert report.not_judged == ["CustomerUpdated: it broke"]


def test_without_a_login_no_other_option_would_help(sending: Instance, tmp_path: Path) -> None:
    """So nothing is told of what was left out, only that the login failed."""
    target = Options(sending.url, Credentials("admin", "wrong"), report_dir=str(tmp_path))
    options = SenderOptions(target)
    report = judge.check(judge.plan(options), options).report
    assert (report.left_out, report.gate, len(report.not_judged)) == ([], {"events": "0/29"}, 1)


def test_no_delivery_at_all_is_no_finding_elsewhere(sending: Instance, tmp_path: Path) -> None:
    """Where others stand between, the catcher may be out of reach: that is said, with what to look at."""
    options = options_for(
        sending, tmp_path, events=(MEMBER,), catcher_url="http://127.0.0.1:9", wait=0.1, wait_repeats=0.1
    )
    report = judge.check(judge.plan(options), options).report
    assert report.findings == []
    assert "no delivery came to http://127.0.0.1:9 at all" in report.not_judged[0]
    assert report.gate == {"events": "0/1"}
    assert re.search(r"lead to 127\.0\.0\.1:[1-9]\d* here", report.not_judged[0])
    assert report.verdict is Verdict.NOT_JUDGED


def test_assumptions_are_confirmed_by_name(whole: tuple[Report, CaughtEvidence]) -> None:
    """Or not judged, with the reason."""
    states = whole[0].assumptions
    assert {states[name] for name in TESTED} == {"confirmed"}
    assert states["A73"] == "not judged: nothing is caught from queues"


def test_secrets_are_in_no_report(whole: tuple[Report, CaughtEvidence]) -> None:
    """Nobody reads a key in it."""
    said, keys = json.dumps(whole[0].as_json()), [key for one in whole[1].subscriptions for key in one.keys]
    assert len(keys) > 5
    assert [key for key in keys if key in said or key.removeprefix("whsec_") in said] == []


# ---------------------------------------------------------------- faulty senders over the network
@pytest.fixture(scope="module")
def senders(signing_key: str) -> Iterator[FaultySenders]:
    """A mock whose deliveries pass a relay."""
    with faulty_senders(signing_key) as running:
        yield running


@pytest.mark.whole_runs
@pytest.mark.parametrize("sender", [one for one in SENDERS if one.name in SAMPLE], ids=lambda one: one.name)
def test_a_faulty_sender_is_found_over_the_network(sender: Sender, senders: FaultySenders, tmp_path: Path) -> None:
    """As `make senders` does with all of them: it is found, and nothing else is blamed."""
    assert findings_of(senders.judged(sender.fault, tmp_path)) == {(sender.promise, sender.assumption)}


@pytest.mark.whole_runs
@pytest.mark.parametrize(
    ("effect", "promise"), [("wrongSignature", "sends_right_signature"), ("duplicate", "sends_no_more_after_2xx")]
)
def test_faults_of_the_mock_are_found(
    effect: Literal["wrongSignature", "duplicate"], promise: str, sending: Instance, tmp_path: Path
) -> None:
    """A delivery fault is found, and nothing else is blamed."""
    sending.faults.add(event_name=MEMBER, effect=effect)
    try:
        report = _checked(sending, tmp_path, events=(MEMBER,))
    finally:
        sending.faults.clear()
    assert findings_of(report) == {(promise, None)}
    assert report.findings[0].again.endswith(f"--allow-residue member,transaction --event {MEMBER}")
    assert judge.CATCHER_IS_GONE in report.notes


# ---------------------------------------------------------------- whatever ends it
RUNS = """
import sys
from mockserver.checks.live.planning.options import Options
from mockserver.checks.sender import run as judge
from mockserver.checks.sender.assumptions import TESTED
from mockserver.checks.sender.options import SenderOptions
from mockserver.checks.transport.session import Credentials
target = Options(sys.argv[1], Credentials("admin", "password"), allow_residue=("member",), report_dir=sys.argv[2])
options = SenderOptions(target, wait_quiet=60.0)
judge.check(judge.plan(options), options, lambda what: print(what, flush=True))
"""


def test_a_killed_run_is_swept(sending: Instance, tmp_path: Path) -> None:
    """Its ledger names the subscriptions, and they carry its mark."""
    command = (sys.executable, "-c", RUNS, sending.url, str(tmp_path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:  # noqa: S603 (ours)
        assert run.stdout
        while run.stdout.readline() != "waiting for silence\n":
            assert run.poll() is None
        os.kill(run.pid, signal.SIGKILL)
    assert _subscriptions(sending) > 5
    credentials = Credentials("admin", "password")
    left = sweep(Options(sending.url, credentials, report_dir=str(tmp_path), allow_residue=("member",)))
    assert _subscriptions(sending) == 0
    assert [line for line in left if "can't be deleted" not in line] == []
    assert len(left) == 3


def test_ctrl_c_sweeps(sending: Instance, tmp_path: Path) -> None:
    """And the report says that it was interrupted."""

    def interrupt(what: str) -> None:
        if what == "waiting for silence":
            raise KeyboardInterrupt

    options = options_for(sending, tmp_path, events=(MEMBER,))
    report = judge.check(judge.plan(options), options, interrupt).report
    assert (report.verdict, report.findings) == (Verdict.INTERRUPTED, [])
    assert _subscriptions(sending) == 0


def test_a_plan_names_what_would_be_done(sending: Instance, tmp_path: Path) -> None:
    """Events by their causes, what isn't judged with the reason, and what will stay."""
    options = options_for(sending, tmp_path, allow_residue=("member",))
    lines = judge.summary(judge.plan(options), options)
    assert "by the API  CustomerRegistered" in lines
    assert lines[0].startswith("host        counts as this machine: ")
    assert "residue     3 of the kind member, which can't be deleted" in lines
    assert [line for line in lines if line.startswith("not judged  TransactionRegistered: ")]


def test_consent_comes_first(tmp_path: Path) -> None:
    """Another machine needs --yes-host, and a way to reach the catcher."""
    target = Options("https://ol.staging.example.com", Credentials(api_key="key"), report_dir=str(tmp_path))
    with pytest.raises(SettingsError, match="agree by --yes-host"):
        judge.prepare(SenderOptions(target))

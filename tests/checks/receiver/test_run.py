"""A run of `check receiver` as a whole: right receivers in several languages, and what keeps one from being judged."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.findings.report import Report
from mockserver.checks.receiver import run
from mockserver.checks.receiver.effects import Seen, Sight
from mockserver.checks.receiver.options import ReceiverOptions
from mockserver.checks.reporting.writing import write_reports
from mockserver.errors import SettingsError
from mockserver.testing import Receiver
from tests.checks.forward_proxy import forward_proxy
from tests.receivers import starlette_receiver
from tests.receivers.judging import found, judged, judged_at
from tests.receivers.programs_of_languages import EXPRESS, FASTAPI, NODE, Program
from tests.receivers.right import (
    NAMED_SESAME,
    SECRET,
    SESAME,
    RightAfterwards,
    RightBeforeValidating,
    RightBehindGate,
    RightReceiver,
    serving,
)
from tests.receivers.small_contract import one_event, one_event_of_31
from tests.receivers.wrong import LooksAheadOnly, SaysOkToAll, VerifiesNothing
from tests.receivers.wrong_acts import AnswersKnownOnesFirst, LooksThenActs
from tests.receivers.wrong_readings import ExpectsObjects
from tests.support.pasting import CAN_PASTE, SHELLS, pasted

UNASKED = {"whole_way"}


def _marks(report: Report, mark: str) -> set[str]:
    return {score.check for score in report.scorecard if score.mark == mark}


def test_nothing_is_found_on_a_right_receiver(tmp_path: Path) -> None:
    """A right one passes all checks, gets as many requests as the plan says, and the exit code is 0."""
    report = judged(RightReceiver(), tmp_path)

    options = ReceiverOptions("http://127.0.0.1", SECRET, ("old",), effects="http://127.0.0.1", examples=0,
                              state="http://127.0.0.1", break_command="a", mend_command="b")  # fmt: skip
    assert (found(report), report.not_judged, report.notes, report.defects) == (set(), [], [], {})
    assert _marks(report, "not-judged") == UNASKED
    assert report.requests == run.plan(options).requests
    assert report.verdict.exit_code == 0


def test_nothing_is_found_on_one_that_acts_afterwards(tmp_path: Path) -> None:
    """Effects that come within the time that they have are those of the event that brings them, not of the next."""
    receiver = RightAfterwards()

    report = judged(receiver, tmp_path, wait=receiver.catch_up)

    assert [(one.check, one.message, one.got) for one in report.findings] == []
    assert (_marks(report, "not-judged"), report.defects) == (UNASKED, {})


def test_repeats_are_told_before_or_after_validating(tmp_path: Path) -> None:
    """Both are right: no broken event has the messageId of another one."""
    report = judged(RightBeforeValidating(), tmp_path)

    assert [(one.check, one.message, one.got) for one in report.findings] == []


def test_who_deduplicates_before_verifying_is_found_by_that_alone(tmp_path: Path) -> None:
    """In a whole run there is one finding, of the cause: other forged requests have messageIds of their own."""
    report = judged(AnswersKnownOnesFirst(), tmp_path)

    assert [one.check for one in report.findings] == ["forged_blocks_nothing"]


def test_refused_event_is_named_and_leaves_no_other_check_passed(tmp_path: Path) -> None:
    """The check of every shape is not judged for the one that is refused anyhow: by itself it fails."""
    report = judged(ExpectsObjects(), tmp_path)

    (finding, *_) = [one for one in report.findings if one.check == "every_event"]
    assert finding.message == "AchievementsWereProcessed is answered with 400"
    assert "every_shape: not tried with AchievementsWereProcessed: see every_event" in report.left_out
    assert not {"every_event", "every_shape"} & _marks(report, "passed")


@pytest.mark.parametrize("make", [SaysOkToAll, VerifiesNothing])
def test_who_verifies_nothing_has_one_finding(make: type[RightReceiver], tmp_path: Path) -> None:
    """The finding says so; what would only say it once more is not judged, unless it is asked for by its name."""
    report, alone = (judged(make(), tmp_path, only=only) for only in ((), ("unsigned",)))

    assert [(one.severity, one.message) for one in report.findings] == [
        ("critical", "no forged request is refused: is the signature verified at all?")
    ]
    assert "unsigned: no forged request is refused: see other_key" in report.left_out
    assert found(alone) == {"unsigned"}


def test_methods_are_judged_where_nothing_is_verified(tmp_path: Path) -> None:
    """Other checks have something to say of a receiver that verifies nothing, but refuses something."""
    report = judged(VerifiesNothing(), tmp_path)

    assert {"against_schema", "only_post", "only_json", "large_body"} <= _marks(report, "passed")


@contextmanager
def _on(program: Program, folder: Path) -> Iterator[str]:
    if program.missing:
        pytest.skip(f"{program.missing} isn't there; `make receivers` installs packages")
    with program.serving(SECRET, folder) as url:
        yield url


@contextmanager
def _on_starlette(_: Path) -> Iterator[str]:
    with starlette_receiver.serving(SECRET) as url:
        yield url


@pytest.mark.parametrize(
    "serve",
    [partial(_on, NODE), partial(_on, FASTAPI), partial(_on, EXPRESS), _on_starlette],
    ids=["Node.js", "FastAPI", "Express", "Starlette"],
)
def test_nothing_is_found_where_the_guide_is_followed(serve: Any, tmp_path: Path) -> None:
    """Receivers with the guide's own functions pass every check that is tried: its samples are right, and so are the
    signatures that the check makes, as those functions share nothing with it."""
    with serve(tmp_path) as url:
        report = judged_at(url)

    assert (found(report), report.not_judged, report.defects) == (set(), [], {})
    assert _marks(report, "not-judged") == {*UNASKED, "any_order", "own_failure"}


@pytest.mark.parametrize("written", [one_event, one_event_of_31], ids=["3.0", "3.1"])
def test_fuzzed_payloads_are_accepted_by_a_right_receiver(written: Callable[[Path], str], tmp_path: Path) -> None:
    """What Hypothesis makes of the schemas is valid, and counted; the contract may be another one."""
    with serving(RightReceiver()) as receiver:
        chosen: dict[str, Any] = {"only": ("every_shape",), "spec": written(tmp_path), "signing": "vendor"}
        options = ReceiverOptions(receiver.url, SECRET, examples=4, **chosen)
        report = run.check(run.plan(options)).report

    assert (found(report), report.defects, report.not_judged) == (set(), {}, [])
    assert report.cases == 4


def test_a_plan_counts_each_wait_for_effects(tmp_path: Path) -> None:
    """Those before an act, too, where something was sent since the last look."""
    waits = list[float]()

    judged(RightReceiver(), tmp_path, wait=waits.append)

    address = "http://127.0.0.1"
    options = ReceiverOptions(address, SECRET, effects=address, state=address, break_command="a", mend_command="b")
    assert len(waits) == run.plan(options).waits
    assert run.plan(replace(options, effects=None, state=None)).waits == 0


def test_duplicates_at_once_are_at_once_under_a_rate(tmp_path: Path) -> None:
    """A race is found also where two requests of the rate are further apart than it lasts."""
    report = judged(LooksThenActs(), tmp_path, only=("one_effect_at_once",), rate="2/s")

    assert found(report) == {"one_effect_at_once"}


def test_effects_are_not_judged_without_a_probe(tmp_path: Path) -> None:
    """Nobody asked for it, so the exit code is 0, and the report shows how a probe looks in four frameworks."""
    report = judged(RightReceiver(), tmp_path, effects=None, only=("replay_has_one_effect", "ahead"))

    assert _marks(report, "not-judged") == {"replay_has_one_effect"}
    assert report.verdict.exit_code == 0
    assert all(name in report.notes[-1] for name in ("Express", "FastAPI", "Spring", "Laravel"))


def test_probe_that_no_check_asks_is_told(tmp_path: Path) -> None:
    """Else whoever named it takes it for working."""
    notes = [
        judged(RightReceiver(), tmp_path, only=only).notes for only in (("ahead",), ("replay_has_one_effect",), ())
    ]

    said = [f"no check that was chosen judges by the probe of {name}" for name in ("effects", "state")]
    assert notes == [said, said[1:], []]


def test_a_plan_counts_the_making_of_payloads() -> None:
    """Generated ones take longer than their answers, unless the rate is slower still."""
    usual, slow = ReceiverOptions("http://127.0.0.1", SECRET), ReceiverOptions("http://127.0.0.1", SECRET, rate="1/s")
    spans = [run.plan(replace(one, examples=3)).seconds - run.plan(replace(one, examples=0)).seconds
             for one in (usual, slow)]  # fmt: skip

    assert spans == pytest.approx([29 * 3 * 0.2, 29 * 3 * 1.0], rel=0.06)


@pytest.mark.parametrize(
    ("probe", "reason"),
    [
        ("/nowhere", "the probe of effects answers 404"),
        ("/members?", "CustomerUpdated has no effect that the probe sees: name an event that has one by --event"),
    ],
    ids=["broken", "blind"],
)
def test_probe_that_sees_nothing_is_exit_code_2(probe: str, reason: str, tmp_path: Path) -> None:
    """Effects that were asked for and can't be seen are told, with what to do."""
    report = judged(RightReceiver(), tmp_path, probe, event="CustomerUpdated", only=("replay_has_one_effect",))

    assert [line.partition(": ")[2] for line in report.not_judged][:1] == [reason]
    assert report.verdict.exit_code == 2


def test_receiver_that_is_not_there_can_not_be_judged() -> None:
    """Nothing was tried: exit code 2, and one line that says why, and what to do."""
    options = ReceiverOptions("http://127.0.0.1:9/hook", SECRET, timeout=1)

    report = run.check(run.plan(options)).report

    said = "http://127.0.0.1:9/hook: it can't be reached. Check the URL, and whether it is up."
    assert report.not_judged == [said]
    assert (report.findings, report.verdict.exit_code) == ([], 2)


def test_refused_event_ends_the_run(tmp_path: Path) -> None:
    """Who refuses a valid event may refuse all: nothing else means anything, and the finding says what to look at."""
    report = judged(RightReceiver(secret="whsec_other"), tmp_path)

    (finding,) = report.findings
    assert finding.check == "accepts_events"
    assert "--signed-url" in finding.hint
    assert report.requests == 1


def test_interrupted_run_has_a_report() -> None:
    """Ctrl-C ends a run with what was found so far, exit code 130."""

    def interrupt(stage: str) -> None:
        if stage == "other_key":
            raise KeyboardInterrupt

    with serving(RightReceiver()) as receiver:
        report = run.check(run.plan(ReceiverOptions(receiver.url, SECRET)), interrupt).report

    assert report.verdict.exit_code == 130
    assert "raw_body" in _marks(report, "passed")
    assert "stale" in _marks(report, "not-judged")


def test_defect_of_a_check_spares_the_others() -> None:
    """A probe that fails in a way nobody has thought of is a defect, and the report still comes."""
    looks = iter([0, 1, 1])

    with serving(RightReceiver()) as receiver:
        options = ReceiverOptions(
            receiver.url, SECRET, effects=receiver.url, effects_wait=0, only=("unknown_event", "ahead")
        )
        report = run.check(run.plan(options), sight=Sight(lambda: Seen(next(looks)))).report

    assert list(report.defects) == ["unknown_event"]
    assert "ahead" in _marks(report, "passed")


def test_no_report_holds_a_secret(tmp_path: Path) -> None:
    """A receiver that answers with its secret is found, and the secret stands nowhere, neither does an old one."""

    class Telling(RightReceiver):
        def refusal(self, *_: object) -> str:
            return f"the secret is {self.secret.removeprefix('whsec_')}"

    report = judged(Telling(), tmp_path, only=("other_key", "old_key"))

    assert found(report) == {"tells_nothing"}
    assert SECRET.removeprefix("whsec_") not in str(report.as_json())


def test_a_gate_is_passed_by_every_request(tmp_path: Path) -> None:
    """Also by those that nobody waits for, and whatever the case of their headers; no report shows what opens it."""
    report = judged(RightBehindGate(), tmp_path, header=(f"X-Gate: {SESAME}",), basic=f"me:{SESAME}")
    shut = judged(RightBehindGate(), tmp_path)

    assert (found(report), _marks(report, "not-judged"), report.defects) == (set(), UNASKED, {})
    assert [(one.check, one.got) for one in shut.findings] == [("accepts_events", f"403 {SESAME} and {NAMED_SESAME}")]
    assert SESAME not in str(report.as_json())
    assert NAMED_SESAME not in str(report.as_json())
    assert "$OL_HEADER_1" in next(one.curl for one in report.scorecard if one.check == "accepts_events")


def test_a_proxy_is_passed_by_every_request(tmp_path: Path) -> None:
    """The report says which, without its password; also an event whose sender hangs up takes this way."""
    with forward_proxy("me:sesame") as proxy:
        way = f"http://me:sesame@{proxy.address}"
        report = judged(RightReceiver(), tmp_path, proxy=way, only=("lost_answer",), effects_wait=0.3)
        refused = judged(
            RightReceiver(), tmp_path, proxy=f"http://{proxy.address}", only=("lost_answer",), effects=None
        )

    assert (found(report), "lost_answer" in _marks(report, "passed")) == (set(), True)
    assert [line.partition(" ")[0] for line in proxy.asked].count("POST") == report.requests + refused.requests
    assert f"requests passed the proxy http://********@{proxy.address}" in report.notes
    assert (refused.findings, refused.verdict.exit_code) == ([], 2)
    assert "the proxy asks for authentication: give a name and a password" in refused.not_judged[0]
    assert "--proxy" not in "".join(refused.left_out)


@pytest.mark.skipif(not CAN_PASTE, reason="needs a shell and curl")
def test_a_large_body_is_sent_again_by_its_line(tmp_path: Path) -> None:
    """The finding's line, pasted where the command ran, sends the same bytes, which stand beside the report."""
    folder = tmp_path / "my reports"
    with Receiver() as receiver:
        options = ReceiverOptions(f"{receiver.url}/hook", SECRET, only=("large_body",), report_dir=str(folder))
        outcome = run.check(run.plan(options))
        write_reports(outcome, folder)
        pasted(outcome.report.findings[0].curl, tmp_path, SHELLS[0])
        first, again = receiver.captured[1:]

    assert (again.body, len(again.body) > 5 * 1024 * 1024) == (first.body, True)
    assert again.headers["X-Webhook-Signature"] == first.headers["X-Webhook-Signature"]
    assert (folder / "large_body-1.body").read_bytes() == first.body


def test_known_findings_and_earlier_runs_are_told_apart(tmp_path: Path) -> None:
    """A baseline accepts a finding by its id, which is the same in each run; a comparison says what is still there."""
    wrong = LooksAheadOnly()
    first = judged(wrong, tmp_path, only=("stale",))
    (tmp_path / "report.json").write_text(json.dumps(first.as_json()), "utf-8")
    entry = f'[[accept]]\nid = "{first.findings[0].id}"\nreason = "CRM-1"\nexpires = 9999-12-31\n'
    (tmp_path / "known.toml").write_text(entry, "utf-8")

    report = judged(wrong, tmp_path, only=("stale",), baseline=str(tmp_path / "known.toml"),
                    compare=str(tmp_path / "report.json"))  # fmt: skip

    assert report.verdict.exit_code == 0
    assert report.compared["still"] == [first.findings[0].id]


def test_plan_refuses_an_event_that_there_is_not() -> None:
    """The names that there are stand in the message."""
    with pytest.raises(SettingsError, match="has no event 'Nothing'; it has CustomerRegistered, "):
        run.plan(ReceiverOptions("http://127.0.0.1", SECRET, event="Nothing"))


def test_contract_without_events_is_refused(tmp_path: Path) -> None:
    """There would be nothing to send."""
    path = tmp_path / "spec.json"
    path.write_text('{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}', "utf-8")

    with pytest.raises(SettingsError, match="no events"):
        run.plan(ReceiverOptions("http://127.0.0.1", SECRET, spec=str(path)))


def test_other_hosts_need_consent() -> None:
    """Nothing is sent to another machine unless it was agreed to; nor is its probe asked, or a mock told to send."""
    here, there = "http://127.0.0.1/hook", "https://example.com/hook"
    for options in (ReceiverOptions(there, SECRET), ReceiverOptions(here, SECRET, effects=there)):
        with pytest.raises(SettingsError, match=r"--yes-host example\.com"):
            run.prepare(options)

"""Reports on the terminal."""

from pathlib import Path

import pytest

from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.scorecard import Scorecard
from mockserver.checks.reporting.terminal import MOST_LINES, TerminalReport


def _shown(report: Report, capsys: pytest.CaptureFixture[str], *, quiet: bool = False) -> str:
    TerminalReport(quiet=quiet).show(report, [Path("report.html")], "mockserver sweep")
    return capsys.readouterr().out


def test_an_unfinished_sweep_is_told_with_the_line_that_finishes_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The command stands there if something could still be removed, and only then."""
    shown = [_shown(Report("http://127.0.0.1", "run1", left=one), capsys) for one in (["a record"], [])]

    assert ["Finish the sweep: mockserver sweep" in text for text in shown] == [True, False]
    assert ["inside the contract, but records are left behind.\n" in text for text in shown] == [True, False]


def test_no_text_of_an_instance_controls_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences are shown, not sent."""
    report = Report("http://127.0.0.1", "run1")
    report.add(Finding("check", "readPet", "GET", "/pets", "wrong", got="\x1b[2J"))

    shown = _shown(report, capsys)

    assert "[2J" in shown
    assert "\x1b[2J" not in shown


def test_long_lists_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """A list shows its first lines, and how many there are more."""
    report = Report("http://127.0.0.1", "run1", residue=[f"record {number}" for number in range(MOST_LINES + 3)])

    assert "… and 3 more" in _shown(report, capsys)


def test_the_share_of_the_contract_that_was_seen_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, if it is known."""
    known = Report("http://127.0.0.1", "run1", coverage={"totals": {"statuses": {"declared": 4, "seen": 3}}})

    shown = [_shown(one, capsys) for one in (known, Report("http://127.0.0.1", "run1"))]

    assert ["of the contract was seen: statuses 3/4\n" in text for text in shown] == [True, False]
    assert "of the contract" not in shown[1]


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is left to the report as JSON."""
    assert _shown(Report("http://127.0.0.1", "run1"), capsys, quiet=True) == ""


def test_what_was_left_out_is_one_line_after_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """How much it was, and which options change that."""
    lines = ["createA: what it creates can't be deleted again (--allow-residue a)", "stores: no --other-store"]
    report = Report("http://127.0.0.1", "run1", left_out=[*lines, "createB: --read-only"])

    shown = _shown(report, capsys).splitlines()

    (line,) = (line for line in shown if line.startswith("left out"))
    assert line.split(maxsplit=2)[2] == (
        "3, which the reports name; more is tried with --allow-residue a, --other-store and without --read-only"
    )
    assert shown.index(line) > next(number for number, one in enumerate(shown) if "inside the contract" in one)


def test_who_is_held_beside_a_mock_is_like_it_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    """A difference of both needn't be one from the contract."""
    report = Report("http://127.0.0.1", "run1", "mockserver check drift")

    assert "http://127.0.0.1 is like the mock." in _shown(report, capsys)
    report.add(Finding("drift_values", "readPet", "GET", "/pets", "another value"))
    assert "http://127.0.0.1 differs from the mock." in _shown(report, capsys)


def test_options_are_named_once_with_all_their_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever several lines say."""
    lines = ["A: it stays (--allow-residue b,a)", "B: it stays (--allow-residue c)", "C: none (--trigger-command)"]
    shown = _shown(Report("http://127.0.0.1", "run1", left_out=lines), capsys)
    assert "3, which the reports name; more is tried with --allow-residue a,b,c, --trigger-command\n" in shown


def test_a_judge_of_events_tells_no_operations(capsys: pytest.CaptureFixture[str]) -> None:
    """It has none, nor a seed; where nothing was judged, that stands in the first line."""
    report = Report("http://127.0.0.1", "run1", requests=1, gate={"events": "0/29"}, not_judged=["the login failed"])
    shown = _shown(report, capsys)
    assert "http://127.0.0.1: could not judge; none of 29 events was judged.\n" in shown
    assert "run run1: 1 request in 0 s; events judged 0/29\n" in shown
    captured = Report("d.har", "run1", cases=30, gate={"events": "1/29"})
    assert "run run1: 30 captured requests; events judged 1/29\n" in _shown(captured, capsys)


def test_an_interrupted_run_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Also beside the figures of a scorecard."""
    card = Scorecard()
    card.passed(ReceiverPromise.STALE)
    shown = _shown(Report("http://127.0.0.1", "run1", scorecard=card.rows, interrupted=True), capsys)
    assert "http://127.0.0.1: interrupted; 1 passed, 0 failed, 0 not judged.\n" in shown


def test_a_scorecard_is_shown_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Each check with its mark, why it was not judged, and how many there are of each; a long note is cut."""
    card = Scorecard()
    card.passed(ReceiverPromise.STALE)
    card.failed(ReceiverPromise.AHEAD)
    card.not_judged(ReceiverPromise.BURST, "nobody asked", asked=False)
    shown = _shown(Report("http://127.0.0.1", "run1", scorecard=card.rows, notes=["so it goes\nline 2"]), capsys)

    assert "✓ passed      stale " in shown
    assert "✗ failed      ahead " in shown
    assert "nobody asked" in shown
    assert "http://127.0.0.1: 1 passed, 1 failed, 1 not judged." in shown
    assert "so it goes (report.html shows it)" in shown
    assert "line 2" not in shown


def test_a_reason_of_many_checks_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody listens, no check was tried: that is one line; and one request is no `requests`."""
    card = Scorecard()
    for promise in ReceiverPromise:
        card.not_judged(promise, "not tried: it can't be reached", asked=False)
    shown = _shown(Report("http://127.0.0.1", "run1", scorecard=card.rows, requests=1), capsys)

    assert shown.count("not tried: it can't be reached") == 1
    assert f"- not judged  {len(ReceiverPromise)} checks " in shown
    assert ": 1 request in 0 s" in shown

"""The tour: its steps come out as they say, and what it says is told plainly when they don't."""

import re
import shutil

import httpx2
import pytest

from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.reporting.terminal import TerminalReport
from tools.tour.liar import Liar
from tools.tour.steps import LIE, STEPS, Step
from tools.tour.tour import Tour, TourError

JUDGED = """\
sweep: [0:04] 509 of about 587 requests, 1 finding; sweeping
high     GET /pets: the totals don't count the rows
         got       {"all": 8, "filtered": 6}
         hint      Tried on rows of this run only.
         try       curl -sg -H 'Content-Type: application/json' http://127.0.0.1:1/pets
curl -sg http://127.0.0.1:1/pets
         id d91c4f0bc4eb, seen once
http://127.0.0.1:1 is outside the contract.
run 91da5071, seed 1: 48 cases and 603 requests in 5 s; planned were 587 requests in 3 s
of the contract was seen: operations 6/6
left out    3, which the reports name
reports: mockserver-report/report.html
"""
KEY = {"X-AUTH-TOKEN": "mock-api-key"}
NEEDED = ("bash", "curl", "sed", "grep")

pytestmark = pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"the tour needs {', '.join(NEEDED)}")


def test_steps_come_out_as_they_say() -> None:
    """All but the judge's: a webhook arrives and is verified, a forged one isn't, and a fault strikes once."""
    written: list[str] = []
    pauses: list[None] = []
    quick = [step for step in STEPS if not step.slow]
    with Tour(written.append, lambda: pauses.append(None)) as tour:
        tour.play(quick)

    shown = "".join(written)
    assert [step.title for step in quick if f". {step.title}\n" not in shown] == []
    assert len(pauses) == len(quick)
    assert "OK: authentic and fresh." in shown
    assert shown.count("(exit code 1, as it should be)") == 1


def test_other_results_end_the_tour() -> None:
    """A command with another exit code, or without what it should show, is an error that has its output."""
    with Tour(lambda _: None, lambda: None) as tour:
        with pytest.raises(TourError, match=r"ended with 3, not 0.*\nhere"):
            tour.play([Step("Fail", "Fails.", "echo here; exit 3", "here")])
        with pytest.raises(TourError, match=r"lacks there"):
            tour.play([Step("Miss", "Misses.", "echo here", "there")])


def test_long_outputs_are_cut() -> None:
    """Of a long output the first lines are shown, and how many are left out; commands stand there as typed."""
    written: list[str] = []
    with Tour(written.append, lambda: None) as tour:
        tour.play([Step("Count", "Counts.", "seq \\\n  1 30\nprintf %0200d 0", "30")])

    assert "$ seq \\\n  1 30\n$ printf %0200d 0\n1\n2\n" in "".join(written)
    assert "22\n… and 9 more lines\n" in "".join(written)


def test_lines_aside_are_counted() -> None:
    """Lines with the pattern of a step aren't shown, but counted; of the judge's output that is all but the finding."""
    written: list[str] = []
    with Tour(written.append, lambda: None) as tour:
        tour.play([Step("Count", "Counts.", "seq 3", "3", aside="^2$")])

    assert "\n1\n3\n(1 more lines: " in "".join(written)
    aside = [line for line in JUDGED.splitlines() if not re.search(LIE[0].aside, line)]
    assert [line.split()[0] for line in aside] == ["high", "got", "id", "http://127.0.0.1:1"]


def test_liar_lies_until_it_is_repaired() -> None:
    """One subscription is told to be two, in a list alone; all else is as the mock says."""
    liar = Liar()
    with liar.server() as server:
        address = f"{server.url}/api/DEFAULT/webhook/subscription"
        body = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "http://localhost:9/hook"}}
        created = httpx2.post(address, json=body, headers=KEY).json()["webhookSubscriptionId"]
        lied = httpx2.get(address, headers=KEY).json()["total"]
        single = httpx2.get(f"{address}/{created}", headers=KEY).json()
        refused = httpx2.get(address).status_code
        liar.repaired = True
        honest = httpx2.get(address, headers=KEY).json()["total"]

    assert (lied["filtered"], honest["filtered"]) == (2, 1)
    assert single["eventName"] == "CustomerRegistered"
    assert refused == 401


def test_judge_is_asked_for_what_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    """The judge's steps name its commands, and keep the id that its report shows of a finding for the others."""
    first, *others = LIE
    report = Report("http://127.0.0.1", "0123456789ab")
    report.add(Finding("list_counts", "listPets", "GET", "/pets", "more rows are counted than there are"))
    TerminalReport(quiet=False).show(report, [], "mockserver sweep")

    assert first.keeps == "FINDING"
    assert re.findall(first.shows, capsys.readouterr().out) == [report.findings[0].id]
    assert [step.command for step in others] == ["mockserver check replay $FINDING"] * 2

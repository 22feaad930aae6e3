"""Judges receivers of our own, each on a server of its own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockserver.checks.findings.receiver_promises import ReceiverPromise
from mockserver.checks.findings.report import Report
from mockserver.checks.receiver import run
from mockserver.checks.receiver.effects import Sight
from mockserver.checks.receiver.options import ReceiverOptions
from mockserver.checks.receiver.sending_mock import SendingMock
from tests.receivers import wrong, wrong_acts, wrong_readings
from tests.receivers.registry import WrongReceiver
from tests.receivers.right import OLD_SECRET, PATH, SECRET, RightReceiver, serving

ALL: tuple[WrongReceiver, ...] = (*wrong.WRONG, *wrong_readings.WRONG, *wrong_acts.WRONG)
SHORT, LONG = 0.2, 10.0  # seconds for an answer; the first where none comes in time
TAKEN = 0.5  # seconds in which a request that nobody waits for is taken, before its repeat comes


def judged(  # noqa: PLR0913, PLR0917 (all that a run takes)
    receiver: RightReceiver,
    folder: Path,
    probe: str = "/effects",
    mock: SendingMock | None = None,
    wait: Callable[[float], object] | None = None,
    state_probe: str = "/members",
    **options: Any,
) -> Report:
    """The report on a receiver that is served for it, and to which a mock may send. `folder` is empty; `wait` takes the
    place of waiting for effects. Probes are paths of the receiver's."""
    receiver.broken_by = folder / "broken"
    with serving(receiver):
        given: dict[str, Any] = {
            "url": receiver.url,
            "secret": SECRET,
            "old_secrets": (OLD_SECRET,),
            "effects": receiver.url.replace(PATH, probe),
            "effects_wait": 0.0,
            "state": receiver.url.replace(PATH, state_probe),
            "break_command": f"touch {receiver.broken_by}",
            "mend_command": f"rm {receiver.broken_by}",
            "examples": 0,
            "seed": 1,
            "timeout": LONG,
        }
        return run.check(
            _plan(ReceiverOptions(**given | options)), run="00000001", sight=Sight(wait=wait), mock=mock
        ).report


def found(report: Report) -> set[str]:
    """The checks that have findings."""
    return {finding.check for finding in report.findings}


def of(wrong_one: WrongReceiver, folder: Path, *, whole: bool) -> Report:
    """The report on a wrong receiver: of a whole run, or of the checks of its promises alone."""
    slow = ReceiverPromise.ANSWERS_EVENTS_IN_TIME in wrong_one.promises
    options: dict[str, Any] = {
        "timeout": SHORT if slow else LONG,
        "effects_wait": TAKEN if wrong_one.promises[0] is ReceiverPromise.LOST_ANSWER else 0.0,
        "only": () if whole else tuple(map(str, wrong_one.promises)),
    }
    return judged(wrong_one.make(), folder, **options)


def verdicts_of(names: Sequence[str]) -> list[tuple[set[str], bool]]:
    """What whole runs find on the wrong receivers of these names, and whether the judge itself broke down."""
    by_name = {one.name: one for one in ALL}
    verdicts = []
    for name in names:
        with TemporaryDirectory() as folder:
            report = of(by_name[name], Path(folder), whole=True)
        verdicts.append((found(report), bool(report.defects)))
    return verdicts


def judged_at(url: str, **options: Any) -> Report:
    """The report on a receiver that is served by somebody else; it tells its effects at `/effects`."""
    given: dict[str, Any] = {"url": url, "secret": SECRET, "old_secrets": (OLD_SECRET,), "effects_wait": 0.0}
    given |= {"effects": url.replace(PATH, "/effects"), "examples": 0, "seed": 1}
    return run.check(_plan(ReceiverOptions(**given | options)), run="00000001").report


@cache
def _our_plan() -> run.ReceiverPlan:
    """A plan for our contract, which is read once."""
    return run.plan(ReceiverOptions("http://127.0.0.1", plan=True))


def _plan(options: ReceiverOptions) -> run.ReceiverPlan:
    return replace(_our_plan(), options=options)

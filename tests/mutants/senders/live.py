"""A judge before faulty senders over the network: a mock, and the relay that its deliveries pass. A run is mostly
waits, so several go at the same time, each with a mock of its own."""

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mockserver.checks.findings.report import Report
from mockserver.checks.live.planning.options import Options
from mockserver.checks.sender import run as judge
from mockserver.checks.sender.options import SenderOptions
from mockserver.checks.transport.session import Credentials
from mockserver.settings import Settings
from tests.checks.instance import Instance
from tests.mutants.in_process import Spoiled
from tests.mutants.senders.delivery import Fault, honest
from tests.mutants.senders.faults import SENDERS, Sender
from tests.mutants.senders.relay import Relay
from tests.support.lanes import in_lanes

REPEAT = 0.7  # seconds after which the mock repeats: the least that its contract can mean by about a second
WAIT, QUIET = 3.0, 1.0  # seconds
RESIDUE = ("member", "transaction")
LANES, SHARE = 4, 5  # runs at the same time, and by one mock; each takes a second of CPU, and some of waiting
HONEST = "a correct one"
Blamed = set[tuple[str, str | None]]


@dataclass
class FaultySenders:
    """A mock, and the relay between it and its receivers."""

    mock: Instance
    relay: Relay

    def judged(self, fault: Fault, folder: Path) -> Report:
        """The report about the sender with this fault."""
        self.relay.become(fault)
        target = Options(
            self.mock.url,
            Credentials("admin", "password"),
            other_store="OTHER",
            allow_residue=RESIDUE,
            report_dir=str(folder),
        )
        options = SenderOptions(target, wait=WAIT, wait_repeats=WAIT, wait_quiet=QUIET)
        return judge.check(judge.plan(options), options).report


@contextmanager
def faulty_senders(signing_key: str | None = None) -> Iterator[FaultySenders]:
    """One mock for all of them: starting one takes a while."""
    spoiled, relay = Spoiled(), Relay()
    spoiled.fault = relay.front
    settings = Settings(
        stores=("DEFAULT", "OTHER"), signing_key=signing_key, seed=1, log_level="error", retry_delay=REPEAT
    )
    with relay.serving(), Instance(spoiled.front, settings) as mock:
        yield FaultySenders(mock, relay)


def findings_of(report: Report) -> Blamed:
    """What a report blames: promises, with the assumptions that are refuted."""
    return {(one.check, one.assumption) for one in report.findings}


def blamed_of(names: Sequence[str]) -> list[Blamed]:
    """What is blamed on the senders of these names, one after the other."""
    faults = {one.name: one.fault for one in SENDERS} | {HONEST: honest}
    with faulty_senders() as senders, tempfile.TemporaryDirectory() as folder:
        return [findings_of(senders.judged(faults[name], Path(folder))) for name in names]


def main(words: Collection[str], tell: Callable[[str], object] = print) -> int:
    """Judge the senders in whose names these words are, and a correct one; 1 if one was missed, or something else was
    blamed."""
    chosen = {one.name: one for one in SENDERS if all(word in one.name for word in words)}
    wrong, began = 0, time.perf_counter()  # noqa: TID251 (how long real runs take)
    names = [HONEST, *chosen]
    for name, blamed in zip(names, in_lanes(blamed_of, names, LANES, SHARE), strict=True):
        if name in chosen:
            wrong += not _is_right(chosen[name], blamed, tell)
        else:
            wrong += bool(blamed)
            tell(f"{name:36} {'passes' if not blamed else f'is blamed: {blamed}'}")
    seconds = time.perf_counter() - began  # noqa: TID251 (how long real runs take)
    tell(f"{len(chosen)} faulty senders, {wrong} wrong judgements, {seconds:.0f} s")
    return min(wrong, 1)


def _is_right(sender: Sender, blamed: Blamed, tell: Callable[[str], object]) -> bool:
    expected = (sender.promise.value, sender.assumption)
    others = sorted(check for check, _ in blamed - {expected})
    verdict = "found" if expected in blamed else "MISSED"
    tell(f"{sender.name:36} {verdict:7} {sender.promise:26} {f'also blamed: {others}' if others else ''}".rstrip())
    return blamed == {expected}

"""A run of `check drift`: log in on both sides, walk along the contract in step, sweep, and tell what differs."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from mockserver.checks.drift.exchanges import Exchanges
from mockserver.checks.drift.generated import GeneratedAsks
from mockserver.checks.drift.judgement import Judgement
from mockserver.checks.drift.options import DriftOptions
from mockserver.checks.drift.patching import name_in_diffs, together
from mockserver.checks.drift.side import Side
from mockserver.checks.drift.walk import PairedWalk
from mockserver.checks.findings.comparison import earlier
from mockserver.checks.findings.concluding import conclude
from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Report
from mockserver.checks.live import run as live
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.reporting.progress import Figures
from mockserver.checks.transport.guarded_transport import Stopped
from mockserver.checks.transport.ledger import Ledger, read
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import NoLogin
from mockserver.checks.wording import counted
from mockserver.clock import Clock, Ids
from mockserver.errors import ContractError

COMMAND = "mockserver check drift"
EXPECTED = 1500  # requests to one side, about, of a run with all that our contract has
Tick = Callable[[str], None]


def plan(options: DriftOptions) -> Plan:
    """The plan for live: what is asked. Raises ContractError and SettingsError."""
    return live.plan(options.live)


def prepare(options: DriftOptions) -> None:
    """See that a run can begin before anything is sent. Raises SettingsError."""
    options.check_consent()
    if options.live.compare:
        earlier(Path(options.live.compare))


def summary(planned: Plan, options: DriftOptions) -> list[str]:
    """The plan in lines for people."""
    rate = options.live.requests_a_second
    return [
        f"mock        {options.mock.url}",
        *options.live.planned(),
        f"operations  {len(planned.calls)}: {', '.join(call.id for call in planned.calls)}",
        f"writes      {', '.join(planned.writes) or 'none'} (own records only, on both sides)",
        *(f"left out    {line}" for line in planned.left_out),
        f"generated   {options.examples} requests of each operation, after the walk",
        f"rate        {f'{rate:g} a second' if rate else 'as fast as it answers'}",
        f"ledgers     {options.live.ledger_path}, {options.mock.ledger_path}",
    ]


@dataclass(frozen=True)
class DriftOutcome(Outcome):
    """The outcome of a run, with one diff of all its proven patches; empty if there is none."""

    patch: str = ""


def check(  # noqa: PLR0913 (all that a run is told)
    planned: Plan,
    options: DriftOptions,
    tick: Tick = lambda _: None,
    *,
    run: str | None = None,
    time: MonotonicTime | None = None,
    watch: Callable[[Callable[[], Figures]], None] = lambda _: None,
) -> DriftOutcome:
    """Compare a mock with a live instance, and leave nothing behind. `run` is the id of the run, eight hexadecimal
    digits; `watch` is handed what tells the figures of the run at any time.

    Raises SettingsError if a ledger can't be written.
    """
    ids = Ids.from_chance()
    secrets = Secrets(options.live.credentials)
    with ExitStack() as stack:
        ledgers = [
            stack.enter_context(Ledger.create(one.ledger_path, name, one.url, secrets.redact))
            for one, name in ((options.live, run or ids.hex(8)), (options.mock, ids.hex(8)))
        ]
        whole = _DriftRun(planned, options, ledgers, secrets, ids=ids, time=time or MonotonicTime())
        watch(whole.figures)
        return whole.execute(tick)


class _DriftRun:
    """One run: everything that it needs, and its steps."""

    def __init__(  # noqa: PLR0913 (all that a run is made of)
        self,
        planned: Plan,
        options: DriftOptions,
        ledgers: list[Ledger],
        secrets: Secrets,
        *,
        ids: Ids,
        time: MonotonicTime,
    ) -> None:
        self._planned, self._options, self._ledgers, self._secrets = planned, options, ledgers, secrets
        seed = options.live.seed if options.live.seed is not None else int(ids.hex(7), 16)
        target = options.live
        self.report = Report(
            target.url, ledgers[0].history.run, COMMAND, seed, left_out=planned.left_out, fail_on=target.fail_on
        )
        self.report.options = {**target.as_reported, "mock": options.mock.url}
        for placeholder, secret in options.mock.credentials.placeholders().items():
            secrets.add(secret, placeholder)
        beside = Plan(planned.surface, options.mock)
        self._patch, self._is_walked = "", False
        self._live = Side("live", planned, ledgers[0], secrets, ids=ids, time=time)
        self._mock = Side("the mock", beside, ledgers[1], secrets, ids=ids, time=time)
        self._exchanges = Exchanges(planned.surface, self._mock, self._live, Ids(seed))

    def figures(self) -> Figures:
        """What the run has come to."""
        return Figures(self._live.limits.sent, len(self._exchanges.differences))

    def execute(self, tick: Tick) -> DriftOutcome:
        """Enter, walk, sweep, conclude; the sweep comes whatever happens."""
        try:
            tick("logging in")
            for side in (self._mock, self._live):
                side.enter()
            self._ask_everything(tick)
        except KeyboardInterrupt:
            self.report.interrupted = True
        except Stopped as error:
            self._note_end(str(error))
        except NoLogin as error:
            self.report.not_judged.append(str(error))
        except Exception as error:  # noqa: BLE001 (whatever happens, the sweep and the report come)
            self.report.defect("the run", error)
        finally:
            self._sweep(tick)
        self._judge(tick)
        self._conclude()
        exchanges = _Exchanged(self._mock.recording, self._live.recording)
        report = self.report.cleaned(self._secrets.redact)
        return DriftOutcome(report, exchanges, self._secrets.redact, patch=self._patch)

    def _ask_everything(self, tick: Tick) -> None:
        walk = PairedWalk(self._planned, self._exchanges, tick)
        walk.follow()
        self._is_walked = True
        GeneratedAsks(self._planned, self._exchanges, walk, self.report.seed, self._options.examples).ask(tick)

    def _note_end(self, why: str) -> None:
        """A budget that is spent cuts the generated requests, no more, where all operations were asked."""
        missing = [call.id for call in self._planned.judged if call.id not in self._exchanges.asked]
        spent = self._live.limits.spent or self._mock.limits.spent
        if spent and self._is_walked and not missing:
            self.report.notes.append(f"{why}: {self._exchanges.pairs} requests were compared")
        else:
            self.report.not_judged.append(f"stopped early: {why}")

    def _silences(self) -> list[str]:
        """What live gave no answer to: that is a matter of the way there, not of the contract."""
        silent = self._exchanges.silent
        if not silent:
            return []
        return [f"live gave no answer that arrived whole to {counted(len(silent), 'request')}, such as {silent[0]}"]

    def _sweep(self, tick: Tick) -> None:
        tick("sweeping")
        for side in (self._live, self._mock):
            try:
                left, kept = side.sweep(is_last=self.report.interrupted)
                self.report.leave(*([f"{side.name}: {one}" for one in lines] for lines in (left, kept)))
            except KeyboardInterrupt:
                self.report.interrupted = True
                self.report.leave([f"{side.name}: the sweep was interrupted"])

    # ---------------------------------------------------------------- the end
    def _judge(self, tick: Tick) -> None:
        tick("judging")
        self.report.not_judged += self._exchanges.upkeep.told + self._silences()
        surface = self._planned.surface
        try:
            name = name_in_diffs(self._options.live.spec, Path.cwd())
            judgement = Judgement(self.report, surface, self._secrets, name)
            judgement.conclude(self._exchanges.differences)
            self._patch = together(judgement.patcher, judgement.patches)
        except ContractError as error:
            self.report.notes.append(f"the patches don't go together: {error}")
        except Exception as error:  # noqa: BLE001 (what else there is to tell comes all the same)
            self.report.defect("the judgement", error)
        asked = [call for call in self._planned.judged if call.id in self._exchanges.asked]
        missing = [call.id for call in self._planned.judged if call not in asked and not call.account_wide]
        if missing and not self.report.not_judged and not self.report.interrupted:
            self.report.not_judged.append(
                f"never asked on both sides, or only on what is not there: {', '.join(missing)}"
            )
        self.report.gate = {"operations": f"{len(asked)}/{len(self._planned.judged)}"}
        self.report.cases = self._exchanges.pairs

    def _conclude(self) -> None:
        report, limits = self.report, self._live.limits
        report.latency = round(limits.latency * 1000, 1)
        report.requests, report.seconds = limits.sent, limits.elapsed
        for ledger, options in zip(self._ledgers, (self._options.live, self._options.mock), strict=True):
            if aside := ledger.kept_aside:
                line = live.sweep_line(aside, read(aside).url, options)
                report.notes.append(f"an earlier run may have left records; finish its sweep: {line}")
        for side in (self._live, self._mock):
            if told := side.failures.told(side.limits.sent):
                report.notes.append(f"{side.name}: {told}")
        if refused := self._exchanges.refused:
            report.notes.append(f"{len(refused)} requests were not sent, such as {refused[0]}")
        if throttled := self._exchanges.throttled:
            report.notes.append(
                f"{throttled} requests were answered with 429, and aren't compared: ask slower by --rate"
            )
        report.notes += self._options.live.route.notes(self._options.live.url)
        tried = self._exchanges.tried
        conclude(report, self._options.live.baseline, self._options.live.compare, Clock().now(), tried)


class _Exchanged:
    """The exchanges with both sides, those with the mock first."""

    def __init__(self, *recordings: Iterable[RecordedExchange]) -> None:
        self._recordings = recordings

    def __iter__(self) -> Iterator[RecordedExchange]:
        return chain(*self._recordings)

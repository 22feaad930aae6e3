"""A run of `check sender`: log in, subscribe a catcher, cause events, sweep, and judge what was caught."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from mockserver.checks.findings.comparison import earlier
from mockserver.checks.findings.concluding import conclude
from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.report import Report
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.live import run as live
from mockserver.checks.live.planning.plan import Plan, in_words
from mockserver.checks.reporting.progress import Figures
from mockserver.checks.sender import instance
from mockserver.checks.sender.assumptions import states
from mockserver.checks.sender.catcher import Catcher
from mockserver.checks.sender.causing import Run, event_plans, run_command
from mockserver.checks.sender.course import Course
from mockserver.checks.sender.deliveries import CaughtEvidence
from mockserver.checks.sender.forecast import COMMAND_SECONDS, SenderForecast, forecast
from mockserver.checks.sender.instance import Instance
from mockserver.checks.sender.judgement import Judge, observations, standing
from mockserver.checks.sender.options import SenderOptions
from mockserver.checks.transport.guarded_transport import Stopped
from mockserver.checks.transport.ledger import Ledger, read
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.recording import RecordedExchange
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import NoLogin
from mockserver.checks.wording import joined
from mockserver.clock import Clock, Ids

COMMAND = "mockserver check sender"
CATCHER_IS_GONE = (
    "a finding's line of curl goes to the catcher of the run, which is gone: it shows the delivery, and sends it to "
    "another URL that you put in its place"
)
Tick = Callable[[str], None]


def plan(options: SenderOptions) -> Plan:
    """The plan for these options. Raises ContractError, and SettingsError for a contract whose API can't be subscribed
    at."""
    planned = live.plan(options.target)
    if planned.surface.contract.event_names:  # else there is something else to say
        instance.subscribing(planned.surface)
    return planned


def prepare(options: SenderOptions) -> None:
    """See that a run can begin before anything is sent. Raises SettingsError."""
    options.target.check_consent()
    options.check_reachable()
    if options.target.compare:
        earlier(Path(options.target.compare))


def summary(planned: Plan, options: SenderOptions) -> list[str]:
    """The plan in lines for people. Raises SettingsError for an event that the contract doesn't have."""
    events = event_plans(planned, options)
    by_api = [one.event for one in events if one.operations]
    by_command = [one.event for one in events if one.by_command]
    patience, expected = options.patience, forecast(planned, options)
    return [
        *options.target.planned(sends_hostile=False),
        f"events      {len(by_api) + len(by_command)} of {len(events)}",
        f"by the API  {', '.join(by_api) or 'none'}",
        f"by command  {', '.join(by_command) or 'none'}",
        *(f"not judged  {one.event}: {one.reason}" for one in events if one.reason),
        f"requests    {_takes(planned, expected)}",
        f"residue     {_residue(planned, expected.made)}",
        f"catcher     {options.catcher_url or 'this machine'}, listening on {options.catcher_listen}",
        f"waits       for a delivery {patience.wait:g} s, a repeat {patience.repeats:g} s, silence {options.quiet:g} s",
        f"ledger      {options.target.ledger_path}",
    ]


def _residue(planned: Plan, made: Counter[str]) -> str:
    """What will stay."""
    calls = planned.surface.calls
    said = joined(f"{number} of the kind {calls[name].kind}" for name, number in sorted(made.items()))
    return f"{said}, which can't be deleted" if made else "none"


def _takes(planned: Plan, expected: SenderForecast) -> str:
    """What a run sends, and how long it takes."""
    rate = planned.options.requests_a_second
    pace = f"{rate:g} a second" if rate else "as fast as it answers"
    commands = f", and {expected.commands} commands of {COMMAND_SECONDS:g} s" if expected.commands else ""
    return (
        f"about {expected.requests}, {pace}{commands}: about {in_words(expected.seconds)} if repeats come in a second"
    )


@dataclass(frozen=True)
class SenderOutcome(Outcome):
    """The outcome of a run, with the evidence that was judged, which nobody has cleaned."""

    evidence: CaughtEvidence = field(default_factory=CaughtEvidence, repr=False)


def check(  # noqa: PLR0913 (all that a run is told)
    planned: Plan,
    options: SenderOptions,
    tick: Tick = lambda _: None,
    *,
    run: str | None = None,
    command: Run = run_command,
    watch: Callable[[Callable[[], Figures]], None] = lambda _: None,
) -> SenderOutcome:
    """Judge a sender, and leave no subscription behind. `run` is the id of the run, eight hexadecimal digits; `command`
    runs a trigger command; `watch` is handed what tells the figures of the run at any time.

    Raises SettingsError if the ledger can't be written, or nothing can listen.
    """
    ids, secrets, target = Ids.from_chance(), Secrets(planned.options.credentials), planned.options
    with Ledger.create(target.ledger_path, run or ids.hex(8), target.url, secrets.redact) as ledger:
        whole = _SenderRun(planned, options, ledger, secrets, ids)
        watch(whole.figures)
        return whole.execute(tick, command)


class _SenderRun:
    """One run: everything that it needs, and its steps."""

    def __init__(self, planned: Plan, options: SenderOptions, ledger: Ledger, secrets: Secrets, ids: Ids) -> None:
        self._planned, self._options, self._ledger, self._secrets = planned, options, ledger, secrets
        self._time = time = MonotonicTime()
        target = planned.options
        self.report = Report(target.url, ledger.history.run, COMMAND, fail_on=target.fail_on)
        self.report.options = {**target.as_reported, "events": list(options.events)}
        self._events = event_plans(planned, options)
        self._instance = Instance(planned, ledger, secrets, ids, time)
        listen, public = options.listen, options.catcher_url or ""
        self._catcher = Catcher(listen, public, time, Clock())
        self._ids = ids
        self._judged = frozenset[str]()  # events

    def figures(self) -> Figures:
        """What the run has come to."""
        return Figures(self._instance.limits.sent, self.report.found)

    def execute(self, tick: Tick, command: Run) -> SenderOutcome:
        """Enter, follow the course, sweep, and judge; the sweep comes whatever happens."""
        course = Course(
            self._planned, self._options, self._instance, self._catcher, self._ids, command, self._events, tick
        )
        with self._catcher:
            try:
                tick("logging in")
                self._instance.enter()
                course.follow()
            except KeyboardInterrupt:
                self.report.interrupted = True
            except Stopped as error:
                self.report.not_judged.append(f"stopped early: {error}")
            except NoLogin as error:
                self.report.not_judged.append(str(error))
            except Exception as error:  # noqa: BLE001 (whatever happens, the sweep and the report come)
                self.report.defect("the run", error)
            finally:
                course.evidence.over = self._time.now()
                self._sweep(tick)
        course.evidence.caught = self._catcher.caught()
        self._judge(course)
        self._conclude()
        exchanges = _Exchanges(self._instance.recording, course.evidence)
        cleaned = self.report.cleaned(self._secrets.redact)
        return SenderOutcome(cleaned, exchanges, self._secrets.redact, evidence=course.evidence)

    def _sweep(self, tick: Tick) -> None:
        try:
            tick("sweeping")
            left, kept = self._instance.sweep(is_last=self.report.interrupted)
            self.report.leave(left, kept)
        except KeyboardInterrupt:
            self.report.interrupted = True
            self.report.leave(["the sweep was interrupted"])

    # ---------------------------------------------------------------- the judgement
    def _judge(self, course: Course) -> None:
        """Judge what was caught, if anything was caused."""
        self._note_events(course)
        evidence = course.evidence
        if not evidence.causes:
            if not self.report.not_judged:
                self.report.not_judged.append("no event could be caused, so nothing was judged")
            return
        if not evidence.caught and (self._options.catcher_url is not None or not self._planned.options.is_here):
            self.report.not_judged.append(self._nothing_came())
            self.report.gate = {"events": f"0/{len(self._events)}"}
            return
        surface = self._planned.surface
        found = observations(evidence, surface.contract, self._options.patience)
        judge = Judge(self.report, SourceLocations(surface), self._secrets, again=self._options.again)
        judge.conclude(found, course.gaps)
        self._judged = frozenset(event for cause in evidence.causes for event in cause.events)
        self.report.assumptions = states(standing(found))
        self.report.cases = len(evidence.caught)
        self._note_foreign(evidence)
        if self.report.findings:
            self.report.notes.append(CATCHER_IS_GONE)

    def _nothing_came(self) -> str:
        strangers = self._catcher.strangers
        seen = f"{strangers} other requests did" if strangers else "nor did any other request"
        return (
            f"no delivery came to {self._catcher.url} at all, {seen}: can the instance reach it, and does it lead to "
            f"{self._catcher.listens_on} here? (--catcher-url, --catcher-listen)"
        )

    def _note_events(self, course: Course) -> None:
        """Which events were judged, and which weren't. Other options would help only a run that got to causing some."""
        judged, ended_before = 0, bool(self.report.not_judged or self.report.interrupted) and not course.evidence.causes
        for one in self._events:
            reason = course.uncaused.get(one.event, one.reason)
            if not reason:
                judged += any(one.event in cause.events for cause in course.evidence.causes)
            elif one.asked or one.event in course.uncaused:
                self.report.not_judged.append(f"{one.event}: {reason}")
            elif not ended_before:
                self.report.left_out.append(f"{one.event}: not judged: {reason}")
        self.report.gate = {"events": f"{judged}/{len(self._events)}"}

    def _note_foreign(self, evidence: CaughtEvidence) -> None:
        foreign = sum(len(evidence.foreign(one)) for one in evidence.subscriptions)
        if foreign:
            self.report.notes.append(f"{foreign} deliveries of what others did meanwhile came, and weren't looked at")

    def _conclude(self) -> None:
        report, target, limits = self.report, self._planned.options, self._instance.limits
        report.latency = round(limits.latency * 1000, 1)
        report.requests, report.seconds = limits.sent, limits.elapsed
        if aside := self._ledger.kept_aside:
            line = live.sweep_line(aside, read(aside).url, target)
            report.notes.append(f"an earlier run may have left records; finish its sweep: {line}")
        if told := self._instance.failures.told(limits.sent):
            report.notes.append(told)
        report.notes += target.route.notes(target.url)
        conclude(report, target.baseline, target.compare, Clock().now(), {(name, name) for name in self._judged})


class _Exchanges:
    """The exchanges of a run: those with the API, and the deliveries as they were caught."""

    def __init__(self, recording: Iterable[RecordedExchange], evidence: CaughtEvidence) -> None:
        self._recording, self._evidence = recording, evidence

    def __iter__(self) -> Iterator[RecordedExchange]:
        return chain(self._recording, self._deliveries())

    def _deliveries(self) -> Iterator[RecordedExchange]:
        for subscription in self._evidence.subscriptions:
            for one in self._evidence.of(subscription):
                yield RecordedExchange(
                    one.number,
                    f"delivery: {subscription.role}",
                    subscription.event,
                    one.method,
                    subscription.url,
                    one.moment,
                    headers=list(one.headers),
                    body=one.body.decode("utf-8", "surrogateescape"),
                    size=len(one.body),
                    status=one.status,
                )

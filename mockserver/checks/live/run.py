"""A run of `check live`: log in, look around, try the scenarios, fuzz, sweep, and conclude."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.findings.comparison import compared, earlier
from mockserver.checks.findings.judged_contract import judged_surface
from mockserver.checks.findings.observations import observe
from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import Report
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.findings.step_finder import FUZZING, StepFinder
from mockserver.checks.live import cleanup
from mockserver.checks.live.access import refusal, unreachable
from mockserver.checks.live.answered import answered
from mockserver.checks.live.costs import stages_of_run
from mockserver.checks.live.fuzzing import Fuzzer
from mockserver.checks.live.guarded_access import GuardedAccess
from mockserver.checks.live.list_reader import NEWEST_PAGES, ListReader
from mockserver.checks.live.planning import forecast as forecasting
from mockserver.checks.live.planning.forecast import Forecast
from mockserver.checks.live.planning.fuzzing_options import PHASES, FuzzingOptions
from mockserver.checks.live.planning.options import Options
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.live.scenarios.catalogue import Answer, Catalogue, Scenarios
from mockserver.checks.live.scenarios.context import ScenarioContext
from mockserver.checks.live.unproven_records import report_unproven
from mockserver.checks.reporting.progress import Figures
from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.every_session import every_session_through
from mockserver.checks.transport.exchange_bounds import NoHttp, TooLarge
from mockserver.checks.transport.guarded_transport import Stopped
from mockserver.checks.transport.intermediaries import in_front
from mockserver.checks.transport.ledger import Ledger, is_id, read
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.record_ids import id_text
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Identities, NoLogin, token_properties
from mockserver.checks.wording import some
from mockserver.clock import Ids
from mockserver.openapi.resources import Call

COMMAND = "mockserver check live"
START = "start"  # the stage of logins
NO_RUN = "00000000"  # the id of a run that is only planned
SHUT = frozenset({401, 403, 404, 429})  # what a credential, a store or a URL that isn't good is answered everywhere
FEW_EXAMPLES = 12  # of a login where the vendor counts them
Tick = Callable[[str], None]


def plan(options: Options) -> Plan:
    """The plan for these options. Raises ContractError and SettingsError."""
    return Plan(judged_surface(options, options.contexts), options)


def prepare(options: Options) -> None:
    """See that a run can begin before anything is sent: there was consent, and what to compare with is there.

    Raises SettingsError.
    """
    options.check_consent()
    if options.compare:
        earlier(Path(options.compare))


def expected(planned: Plan) -> Forecast:
    """The forecast of a run; nothing is sent."""
    secrets = Secrets(planned.options.credentials)
    with TemporaryDirectory(prefix="mockserver-plan-") as folder:
        path = Path(folder) / "ledger.jsonl"
        with Ledger.create(path, NO_RUN, planned.options.url, secrets.redact) as ledger:
            return _LiveRun(planned, Ids(0), ledger, secrets, time=MonotonicTime()).forecast()


def check(  # noqa: PLR0913 (all that a run is told)
    planned: Plan,
    tick: Tick = lambda _: None,
    time: MonotonicTime | None = None,
    *,
    scenarios: Scenarios | None = None,
    run: str | None = None,
    watch: Callable[[Callable[[], Figures]], None] = lambda _: None,
) -> Outcome:
    """Judge an instance, and leave nothing behind. `scenarios` take the place of those that there are; `run` is the id
    of the run, eight hexadecimal digits; `watch` is handed what tells its figures at any time.

    Raises SettingsError if the ledger can't be written.
    """
    ids = Ids.from_chance()
    secrets = Secrets(planned.options.credentials)
    with Ledger.create(planned.options.ledger_path, run or ids.hex(8), planned.options.url, secrets.redact) as ledger:
        whole = _LiveRun(planned, ids, ledger, secrets, time=time or MonotonicTime(), scenarios=scenarios)
        watch(whole.figures)
        return whole.execute(tick)


class _LiveRun:
    """One run: everything that it needs, and its steps."""

    def __init__(  # noqa: PLR0913 (all that a run is made of)
        self,
        planned: Plan,
        ids: Ids,
        ledger: Ledger,
        secrets: Secrets,
        *,
        time: MonotonicTime,
        scenarios: Scenarios | None = None,
    ) -> None:
        options, surface = planned.options, planned.surface
        self._plan, self._options, self._surface = planned, options, surface
        self._ledger, self.secrets = ledger, secrets
        seed = options.seed if options.seed is not None else int(ids.hex(7), 16)
        self.report = Report(
            options.url, ledger.history.run, COMMAND, seed, left_out=planned.left_out, fail_on=options.fail_on
        )
        self.report.options = options.as_reported
        self._access = access = GuardedAccess(planned, ledger, secrets, ids, time)
        self._recording, self._ownership, self._limits = access.recording, access.ownership, access.limits
        self._transport, self._client, self._headers = access.transport, access.client, access.headers
        self._collector = FindingCollector(self.report, SourceLocations(surface), secrets, self._recording)
        self._identities = Identities(access.sessions, access.headers)
        self._gate = planned.gate()
        self._context = ScenarioContext(planned, self._client, self._ownership, self._collector, self._identities)
        self._catalogue = Catalogue(self._context, self._gate.follow, scenarios)
        self._limits.reserved, self._limits.at_once = self._to_sweep, access.at_once
        self._fuzzer = self._new_fuzzer(seed)
        self._no_login = self._stopped = self._spent = ""
        self._is_in = self._is_fuzzed = False

    def _new_fuzzer(self, seed: int) -> Fuzzer:
        options, calls = self._options, self._plan.calls
        fewer = {} if options.is_here else {call.id: FEW_EXAMPLES for call in calls if call.issues}
        parameters = self._plan.parameters
        effort = FuzzingOptions(
            seed,
            options.examples,
            calls,
            parameters,
            options.is_hostile and not options.read_only,
            options.timeout,
            fewer,
            frozenset(phase for phase in PHASES if self._plan.tries(f"fuzzing: {phase}")),
        )
        return Fuzzer(self._surface, self._transport, self._context, effort, self._identities)

    # ---------------------------------------------------------------- before
    def forecast(self) -> Forecast:
        """What the run will send, and how long that takes."""
        options = self._options
        usual = forecasting.LATENCY_HERE if options.is_here else forecasting.USUAL_LATENCY
        latency = usual if options.latency is None else options.latency / 1000
        limits = forecasting.Limits(
            latency,
            options.at_once(latency),
            self._limits.rate,
            self._limits.logins_a_minute is not None,
            options.max_requests,
            options.seconds,
        )
        return forecasting.forecast(stages_of_run(self._plan, self._catalogue, self._fuzzer), limits)

    def figures(self) -> Figures:
        """What the run has come to."""
        return Figures(self._limits.sent, self.report.found)

    # ---------------------------------------------------------------- the way of a run
    def execute(self, tick: Tick) -> Outcome:
        """Enter, test, sweep, conclude; the sweep comes whatever happens."""
        with every_session_through(self._transport):
            try:
                self._enter(tick)
                self._is_in = True
                self._test(tick)
            except KeyboardInterrupt:
                self.report.interrupted = True
            except Stopped as error:
                self._stopped = str(error)
            except NoLogin as error:
                when = "logged out in the middle: " if self._is_in else ""
                self._no_login = when + str(error)
                self._judge_login(error)
            except Exception as error:  # noqa: BLE001 (whatever happens, the sweep and the report come)
                self.report.defect("the run", error)
            finally:
                self._stopped = self._transport.stopped or self._stopped
                self._spent = self._limits.spent
                self._transport.stop("the run is over")
                self._catalogue.close()
                self._sweep(tick)
                self._fuzzer.close()
        self._conclude(self._stopped)
        StepFinder(self._recording, self._surface, self._options.url, self.secrets.redact).complete(self.report)
        observe(self.report, self._recording, self._surface, self._plan.chosen)
        return Outcome(self.report.cleaned(self.secrets.redact), self._recording, self.secrets.redact)

    def _enter(self, tick: Tick) -> None:
        """Log in, and note what is there already. Raises NoLogin."""
        tick("logging in")
        self._recording.stage = START
        try:
            for session in self._identities.sessions.values():
                with self._noting(session.login, TooLarge, NoHttp):
                    session.token()
            if self._options.credentials.is_admin:
                self._try_credential()
                tick("looking at what is there")
                for store in filter(None, (self._options.store, self._options.other_store)):
                    self._note_foreign(store)
        except Stopped:
            raise
        except requests.RequestException as error:
            raise NoLogin(unreachable(self._options.url, error)) from error

    @contextmanager
    def _noting(self, call: Call, *kinds: type[requests.RequestException]) -> Iterator[None]:
        """Report these errors as findings here already, as nothing else will be tried; they are raised on."""
        try:
            yield
        except kinds as error:
            self._collector.lost_response(call, error, self._options.timeout)
            raise

    def _judge_login(self, error: NoLogin) -> None:
        """Report a login that succeeds in JSON, but has no token where the contract has it."""
        if error.response is not None and error.call is not None:
            name = token_properties(self._surface, error.call)[0]
            details = {"message": f"a login hands out no {name}", "severity": "critical"}
            self._collector.broken_promise(error.call, Promise.EXAMPLES_WORK, error.response, expected=name, **details)

    def _try_credential(self) -> None:
        """Check that the run's own credential is good for reading somewhere, or nothing that follows means anything.
        Raises NoLogin."""
        refused: list[tuple[Call, requests.Response]] = []
        for call in self._surface.calls.values():
            if not call.changes and not call.public and call.record is None:
                response = self._response_of(call)
                if response is None or (response.status_code not in SHUT and not in_front(response, call)):
                    return
                refused.append((call, response))
        if refused:
            raise NoLogin(refusal(self._options, refused))

    def _response_of(self, call: Call) -> requests.Response | None:
        """A response to the run itself; None if it was lost."""
        try:
            return self._client.send(call, self._plan.tenant(call), headers=self._headers)
        except Stopped:
            raise
        except requests.RequestException:
            return None

    def _note_foreign(self, store: str) -> None:
        """Note the newest records of others. That is a help, and has a bound: a record is proven before it is
        changed."""
        for resource in self._surface.resources:
            if resource.list is not None:
                reader = ListReader(self._surface, resource.list)
                tenant = self._plan.tenant(resource.list, store)
                rows = reader.everything(self._client, tenant, self._headers, {}, most=NEWEST_PAGES)
                with self._noting(resource.list, TooLarge, NoHttp, requests.Timeout):
                    found = frozenset(one for row in rows if is_id(one := id_text(row.get(resource.id_name))))
                self._ownership.was_there(resource.create, found)
                self._ledger.foreign(resource.create.id, found)

    def _test(self, tick: Tick) -> None:
        self._recording.stage = "fuzzing"  # what Schemathesis sends beside its cases
        self._judge(self._catalogue.run(tick, self._access.at_once))
        if not self._fuzzer.run(self._collector, self._gate, tick, self._access.at_once()):
            self.report.interrupted = True
            return
        self._is_fuzzed = not self._transport.stopped
        self._judge(self._catalogue.run(tick, self._access.at_once, late=True))

    def _judge(self, answers: Iterable[Answer]) -> None:
        for call, response in answers:
            self._gate.count(call, response.status_code, credential=False)
            self._conform(call, response)

    def _to_sweep(self) -> int:
        """The number of requests that the sweep takes for what was created so far."""
        on_their_way = forecasting.MOST_OF_ONE * self._access.at_once()
        return cleanup.requests_for(self._ownership, self._ledger) + on_their_way

    def _conform(self, call: Call, response: requests.Response) -> None:
        try:
            self._fuzzer.conform(call, response, self._collector)
        except Exception as error:  # noqa: BLE001 (the other answers are judged all the same)
            self.report.defect(f"an answer of {call.id}", error)

    def _sweep(self, tick: Tick) -> None:
        try:
            tick("sweeping")
            left, kept = self._access.sweep(is_last=self.report.interrupted)
            self.report.leave(left, kept)
        except KeyboardInterrupt:
            self.report.interrupted = True
            self.report.leave(["the sweep was interrupted"])

    def _conclude(self, stopped: str) -> None:
        report = self.report
        report_unproven(self._collector, self._ownership, self._recording)
        report.latency = round(self._limits.latency * 1000, 1)
        report.requests, report.seconds, report.gate = self._limits.sent, self._limits.elapsed, self._gate.as_json()
        when = "" if self._is_in else ", while the run looked at what is there"
        early = [f"stopped early: {stopped}{when}"] if stopped else []
        if self._transport.breaker.open:
            # the host was silent, not the operation
            report.withdraw(Promise.ANSWERS_IN_TIME, self._transport.breaker.affected)
        denied = self._collector.denied
        shut = [f"the account may not do this, it gets 403: {', '.join(sorted(denied))}"] if denied else []
        untried = self._untried()
        gaps = [*untried, *shut, *self._gate.missing(denied | self._collector.held_back)]
        if stopped and stopped == self._spent and not gaps and not self._no_login:
            report.notes.append(f"{stopped}: {self._left_over()}")
            early = []
        missing = [self._no_login] if self._no_login else [*early, *gaps]
        first = len(report.defects)
        report.not_judged[first:first] = missing
        if aside := self._ledger.kept_aside:
            command = sweep_line(aside, read(aside).url, self._options)
            report.notes.append(f"an earlier run may have left records; finish its sweep: {command}")
        if told := self._access.failures.told(self._limits.sent):
            report.notes.append(told)
        report.notes += self._options.route.notes(self._options.url)
        refused = self._transport.refused
        if refused:
            report.notes.append(f"{len(refused)} requests were not sent, such as {refused[0]}")
        self._collector.conclude(Path(self._options.baseline) if self._options.baseline else None)
        if self._options.compare:
            report.compared = compared(report, Path(self._options.compare), self._tried()).as_json()

    def _tried(self) -> frozenset[tuple[str, str]]:
        """The operations of which this run can say what is gone, each with what was tried there."""
        mute = self._collector.denied | self._collector.held_back
        found = answered(self._recording, self._surface, self._options.url, self._is_over)
        return frozenset((operation, scenario) for operation, scenario in found if operation not in mute)

    def _is_over(self, scenario: str) -> bool:
        """Whether what was tried came to its end. What generates cases is cut by a budget at any of them."""
        if scenario.startswith(FUZZING):
            return self._is_fuzzed
        return scenario in self._catalogue.finished or (scenario in (START, "sweep") and self._is_in)

    def _untried(self) -> list[str]:
        """A line about promises that the run didn't come to."""
        untried = self._catalogue.untried(repeats=False) if self._stopped else []
        return [f"{len(untried)} promises were not tried: {some(untried)}"] if untried else []

    def _left_over(self) -> str:
        """What a budget was not enough for, although every operation, promise and link was judged."""
        untried = self._catalogue.untried(repeats=True)
        repeats = f", {len(untried)} promises were not tried once more" if untried else ""
        return f"{self.report.cases} cases were fuzzed{repeats}"


def beside(outcome: Outcome, forecast: Forecast) -> Outcome:
    """The outcome, whose report says what was expected."""
    report = outcome.report
    report.planned = {"requests": forecast.requests, "seconds": round(forecast.seconds, 1)}
    report.planned["latency"] = round(forecast.latency * 1000, 1)
    return outcome


def sweep_line(ledger: Path, url: str, options: Options) -> str:
    """A line to paste that finishes the sweep of a run with these options: without their contract a ledger may name
    operations that aren't known, and without their consent nothing is sent."""
    contract = {"--spec": options.spec, "--spec-root": options.spec_root, "--overlay": options.overlay}
    given = [f"{name}={value}" for name, value in contract.items() if value]
    given += [f"--yes-host={host}" for host in options.yes_host]
    return shell_lines.plain(["mockserver", "sweep", f"--ledger={ledger}", f"--url={url}", *given])

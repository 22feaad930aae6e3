"""A run of `check receiver`: one valid event, then all checks, then the report, which comes whatever happens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from requests import codes

from mockserver import standard_webhooks
from mockserver.checks.findings.comparison import earlier
from mockserver.checks.findings.concluding import conclude
from mockserver.checks.findings.judged_contract import judged_surface
from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.receiver_promises import ReceiverPromise as P
from mockserver.checks.findings.report import Report
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.receiver import effects as probing
from mockserver.checks.receiver.catalogue import OF_EACH_REPLY, Check, chosen, foregone, requests, waits
from mockserver.checks.receiver.courier import UNREACHED, Courier
from mockserver.checks.receiver.effects import USUAL_SIGHT, ReceiverEffects, Seen, Sight
from mockserver.checks.receiver.hook_request import RequestSigner, Signer
from mockserver.checks.receiver.options import ReceiverOptions
from mockserver.checks.receiver.payloads import EventPayloads
from mockserver.checks.receiver.sending_mock import SendingMock
from mockserver.checks.receiver.standard_signer import StandardSigner
from mockserver.checks.receiver.trial import GivenUp, Trial
from mockserver.checks.receiver.whole_way import SPOILT
from mockserver.checks.reporting.progress import Figures
from mockserver.checks.transport.bounded_transport import BoundedTransport
from mockserver.checks.transport.intermediaries import PROXY_ADVICE
from mockserver.checks.transport.rate_limiting import MonotonicTime, RateLimiter
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.secrets import Secrets
from mockserver.clock import Clock, Ids
from mockserver.errors import SettingsError
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Surface
from mockserver.signing import SECRET_PREFIX, Scheme

COMMAND = "mockserver check receiver"
SECRET, OLD_SECRET = "$MOCKSERVER_WEBHOOK_SECRET", "$MOCKSERVER_OLD_WEBHOOK_SECRETS"
PROBE = "a probe of effects is a few lines of the receiver, and --effects names its URL"
UP = "Check the URL, and whether it is up."
USUAL_SECONDS = 0.01  # that an answer takes, for a plan
MAKING_SECONDS = 0.2  # that a generated payload takes
Tick = Callable[[str], None]


@dataclass(frozen=True)
class ReceiverPlan:
    """The plan of a run: its options, the contract, and the checks."""

    options: ReceiverOptions
    contract: Contract
    surface: Surface

    @property
    def checks(self) -> list[Check]:
        """The checks that are tried."""
        return chosen(self.options.only)

    @property
    def requests(self) -> int:
        """How many requests a right receiver gets."""
        events = len(self.contract.event_names)
        listed = list(_signer(self.options, self.contract, "").listed()) if self.options.url else []
        is_whole = any(P.WHOLE_SIGNATURE in check.promises for check in self.checks)
        return 1 + len(listed) * is_whole + sum(requests(check, self.options, events) for check in self.checks)

    @property
    def deliveries(self) -> int:
        """How many deliveries a mock makes beside."""
        if self.options.against_mock is None or not any(P.WHOLE_WAY in check.promises for check in self.checks):
            return 0
        return len(self.contract.event_names) + len(SPOILT) + self.options.has_probe

    @property
    def waits(self) -> int:
        """How often the run waits for effects."""
        return waits(self.checks, self.options, len(self.contract.event_names))

    @property
    def _signed_how(self) -> str:
        signed = self.options.signed
        if scheme_of(self.options, self.contract) is Scheme.STANDARD_WEBHOOKS:
            return "signed by Standard Webhooks"
        return f"signed for {signed.host}{signed.path}"

    @property
    def seconds(self) -> float:
        """How long the run takes, about."""
        options = self.options
        pace = max(USUAL_SECONDS, 1 / options.requests_a_second) if options.requests_a_second else USUAL_SECONDS
        has_shapes = any(P.EVERY_SHAPE in check.promises for check in self.checks)
        made = len(self.contract.event_names) * options.examples if has_shapes else 0
        making = made * max(MAKING_SECONDS - pace, 0)  # a rate goes on meanwhile
        return self.requests * pace + making + self.waits * options.effects_wait

    def summary(self) -> list[str]:
        """The plan in lines for people."""
        options = self.options
        rate = f"{options.requests_a_second:g} a second" if options.requests_a_second else "as fast as it answers"
        probe = options.effects or options.effects_command or "none: effects are not judged"
        state = options.state or options.state_command
        names = [promise.value for check in self.checks for promise in check.promises]
        return [
            f"receiver    {options.url}, {self._signed_how}",
            *options.planned(),
            f"events      {len(self.contract.event_names)}, about made-up people, marked mockserver-check",
            f"checks      {len(names)}: {', '.join(names)}",
            f"effects     {probe}",
            *([f"state       {state}"] if state else []),
            f"requests    about {self.requests}, {rate}: about {self.seconds:.0f} s",
            *([f"by the mock about {self.deliveries}"] if self.deliveries else []),
        ]


def plan(options: ReceiverOptions) -> ReceiverPlan:
    """The plan for these options. Raises ContractError and SettingsError."""
    surface = judged_surface(options)
    contract = surface.contract
    if not contract.event_names:
        raise SettingsError("The contract has no events: it needs webhooks, x-webhooks, or callbacks.")
    known_names = EventPayloads(contract, Ids(0), "", options.store).names
    if not known_names:
        raise SettingsError(
            "The contract has no event whose payload is a JSON object that can be made up: nothing can be sent."
        )
    if options.secret and scheme_of(options, contract) is Scheme.STANDARD_WEBHOOKS:
        standard_webhooks.key_of(options.secret)
    if options.event is not None and options.event not in known_names:
        known = ", ".join(known_names)
        raise SettingsError(f"The contract has no event {options.event!r}; it has {known}.")
    return ReceiverPlan(options, contract, surface)


def prepare(options: ReceiverOptions) -> None:
    """See that a run can begin before anything is sent. Raises SettingsError."""
    options.check_consent()
    if options.compare:
        earlier(Path(options.compare))


def check(  # noqa: PLR0913 (all that a run is told)
    planned: ReceiverPlan,
    tick: Tick = lambda _: None,
    *,
    run: str | None = None,
    sight: Sight = USUAL_SIGHT,
    mock: SendingMock | None = None,
    watch: Callable[[Callable[[], Figures]], None] = lambda _: None,
) -> Outcome:
    """Judge a receiver. `run` is the id of the run; `sight` is how effects are seen; `mock` is one that sends to it;
    `watch` is handed what tells its figures at any time. Raises SettingsError for a baseline that can't be read."""
    whole = _Run(planned, run or Ids.from_chance().hex(8), sight)
    whole.trial.mock = mock
    watch(whole.figures)
    return whole.execute(tick)


class _Run:
    """One run: everything that it needs, and its steps."""

    def __init__(
        self,
        planned: ReceiverPlan,
        run: str,
        sight: Sight,
    ) -> None:
        options = self._options = planned.options
        self._plan, self._clock, time = planned, Clock(), MonotonicTime()
        self._secrets = _secrets_of(options)
        seed = options.seed if options.seed is not None else int(Ids.from_chance().hex(7), 16)
        self.report = Report(options.url, run, COMMAND, seed, fail_on=options.fail_on)
        self.report.options = options.as_reported
        self._recording = Recording()
        credentials = options.credentials
        self._transport = BoundedTransport(self._recording, options.timeout, options.route, time, credentials)
        self._limits = RateLimiter(options.requests_a_second, time=time)
        self.trial = self._trial(sight)
        self.trial.courier = Courier(self._transport, self._limits, self.trial.noticed, self._secrets.redact)

    def _trial(self, sight: Sight) -> Trial:
        options, ids = self._options, Ids.from_chance()
        locations = SourceLocations(self._plan.surface)
        look = sight.look or self._probe(options.effects, options.effects_command, probing.EFFECTS)
        look_at_state = self._probe(options.state, options.state_command, probing.STATE)
        wait = sight.wait or self._limits.time.wait or self._limits.over.wait
        return Trial(
            options,
            EventPayloads(self._plan.contract, ids, self.report.run, options.store),
            _signer(options, self._plan.contract, f"mockserver-check/{self.report.run}"),
            ReceiverEffects(look, wait, options.effects_wait),
            self.report,
            self._clock,
            ids,
            lambda event: locations.of_event(event, ()),
            ReceiverEffects(look_at_state, wait, options.effects_wait) if look_at_state else None,
        )

    def _probe(self, url: str | None, command: str | None, what: str) -> Callable[[], Seen] | None:
        """The probe that a URL or a command names, if one does."""
        if url:
            return probing.by_url(url, self._transport, what, self._options.in_front_of(url), self._secrets.redact)
        return probing.by_command(command, what, self._secrets.redact) if command else None

    def figures(self) -> Figures:
        """What the run has come to."""
        return Figures(self._limits.sent + self.trial.delivered, self.report.found)

    def execute(self, tick: Tick) -> Outcome:
        """Try, and conclude."""
        stopped = ""
        try:
            stopped = self._test(tick)
        except KeyboardInterrupt:
            self.report.interrupted = True
        except Exception as error:  # noqa: BLE001 (whatever happens, the report comes)
            self.report.defect("the run", error)
        finally:
            self._transport.stop()
        self._conclude(stopped)
        report = self.report.cleaned(self._secrets.redact)
        lines = [*(finding.curl for finding in report.findings), *(score.curl for score in report.scorecard)]
        return Outcome(report, self._recording, self._secrets.redact, self.trial.bodies.named_in(lines))

    def _test(self, tick: Tick) -> str:
        """Send a valid event, then try every check; returns why it was stopped early, if it was."""
        trial = self.trial
        tick("a valid event")
        try:
            if reason := self._first():
                return reason
            for one in self._plan.checks:
                self._try(one, tick)
        except GivenUp as error:
            return str(error)
        if trial.card.mark_of(P.ANSWERS_EVENTS_IN_TIME) is None:
            trial.card.passed(P.ANSWERS_EVENTS_IN_TIME, right=P.ANSWERS_EVENTS_IN_TIME.hint)
        return ""

    def _first(self) -> str:
        """Send one valid event, and see whether it has an effect; returns why nothing else can be judged, if so."""
        trial = self.trial
        self._recording.stage = P.ACCEPTS_EVENTS.value
        request = trial.signed(trial.event())
        reply, change = trial.effects.around(lambda: trial.courier.send(request))
        if not trial.effects.trouble:
            trial.effects = replace(trial.effects, unit=change.number, shows_items=change.has_items)
        if not reply.status and not reply.is_late:
            advice = f". {UP}" if reply.error == UNREACHED else ""
            return f"{self._options.url}: {reply.error}{advice}"
        if reply.status == codes.proxy_authentication_required:
            return f"{self._options.url}: the proxy asks for authentication: {PROXY_ADVICE}"
        if not trial.holds(P.ACCEPTS_EVENTS, reply, "a 2xx", good=reply.accepts):
            return f"a valid event is answered with {reply.words}"
        return ""

    def _try(self, one: Check, tick: Tick) -> None:
        if reason := foregone(one, self.trial):
            for promise in one.promises:
                self.trial.card.not_judged(promise, reason, asked=False)
            return
        tick(one.promises[0].value)
        self._recording.stage = one.promises[0].value
        try:
            one.run(self.trial)
        except GivenUp:
            raise
        except Exception as error:  # noqa: BLE001 (the other checks are tried all the same)
            self.report.defect(one.promises[0].value, error)

    def _conclude(self, stopped: str) -> None:
        report, card = self.report, self.trial.card
        judged = [promise for one in self._plan.checks for promise in one.promises]
        reason = "interrupted" if report.interrupted else "the run ended before" if stopped else ""
        for promise in (*OF_EACH_REPLY, *judged):
            if card.mark_of(promise) is None and reason:
                card.not_judged(promise, f"not tried: {reason}", asked=not stopped)
        report.scorecard, report.left_out = card.rows, card.left_out
        report.not_judged += [stopped] if stopped else []
        report.not_judged += [] if report.interrupted else card.gaps
        report.requests, report.seconds = self._limits.sent, self._limits.elapsed
        report.latency = round(self._limits.latency * 1000, 1)
        if unsent := self.trial.payloads.unsent:
            report.notes.append(
                f"not sent, as no payload of theirs can be made up that is an object in JSON: {', '.join(unsent)}"
            )
        report.notes += self._transport.route.notes(self._options.url)
        report.notes += self._unasked()
        report.notes += [] if self.trial.effects.look else ["\n".join([PROBE, *probing.as_lines()])]
        conclude(report, self._options.baseline, self._options.compare, self._clock.now())

    def _unasked(self) -> list[str]:
        """Notes on probes that were named, and that no chosen check judges by."""
        options, checks = self._options, self._plan.checks
        used = {
            "effects": not options.has_probe or any(check.looks for check in checks),
            "state": not options.has_state_probe or any(P.ANY_ORDER in check.promises for check in checks),
        }
        return [
            f"no check that was chosen judges by the probe of {name}" for name, is_used in used.items() if not is_used
        ]


def scheme_of(options: ReceiverOptions, contract: Contract) -> Scheme:
    """How events are signed."""
    return Scheme.chosen(options.signing, is_ours=contract.is_ours)


def _signer(options: ReceiverOptions, contract: Contract, agent: str) -> RequestSigner:
    front = options.in_front_of(options.url)
    if scheme_of(options, contract) is Scheme.STANDARD_WEBHOOKS:
        return StandardSigner(options.url, options.signed, options.secret, agent, front)
    return Signer(options.url, options.signed, options.secret, agent, front=front)


def _secrets_of(options: ReceiverOptions) -> Secrets:
    """What no report may show."""
    secrets = Secrets(options.credentials)
    for password in options.route.passwords:
        secrets.add(password, "$OL_PROXY_PASSWORD")
    for placeholder, values in ((SECRET, (options.secret,)), (OLD_SECRET, options.old_secrets)):
        for value in values:
            secrets.add(value, placeholder)
            secrets.add(value.removeprefix(SECRET_PREFIX), placeholder)
    return secrets

"""The course of a run: subscribe, cause events, wait, rotate and delete, cause some once more, and wait for silence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.sender.catcher import Catcher, CatcherReaction, token_of
from mockserver.checks.sender.causing import MEMBER, TRANSACTION, EventPlan, Run, call_named, command_for, probe_of
from mockserver.checks.sender.deliveries import REPEATED, CaughtEvidence, CaughtSubscription, Cause, Role
from mockserver.checks.sender.instance import Instance, NotDone
from mockserver.checks.sender.observations import Gap
from mockserver.checks.sender.options import SenderOptions
from mockserver.clock import Ids
from mockserver.openapi.resources import Call

Tick = Callable[[str], None]
CUSTOM = {"X-Check-Run": "{run}", "X-Check-Text": 'a=1; b, c: "d"'}  # headers that a subscription sets
OVERRIDING = {"User-Agent": "mockserver-check", "Authorization": "Bearer {run}"}
STATUSES = {Role.FAILING: 500, Role.REFUSING: 400, Role.REDIRECTING: 302}
ODD = "/a%2Fb%20c?check=1"  # what a URL may have, and signatures depend on
SHOWN_BY = {  # the promises that a role alone shows
    Role.REDIRECTING: (SenderPromise.NOT_REDIRECTED,),
    Role.DELETED: (SenderPromise.NOT_AFTER_DELETION,),
    Role.FAILING: (SenderPromise.REPEATED,),
    Role.ELSEWHERE: (SenderPromise.OWN_STORE,),
}


@dataclass
class Course:
    """The course of one run, which collects the evidence, and what it could not do."""

    planned: Plan
    options: SenderOptions
    instance: Instance
    catcher: Catcher
    ids: Ids
    command: Run
    events: list[EventPlan]
    tick: Tick = lambda _: None
    evidence: CaughtEvidence = field(default_factory=CaughtEvidence)
    gaps: list[Gap] = field(default_factory=list)
    uncaused: dict[str, str] = field(default_factory=dict)  # why an event could not be caused after all
    email: str = ""  # of the member whose transactions are made

    # ---------------------------------------------------------------- the whole
    def follow(self) -> None:
        """Go through all of it. Raises the errors of the transport."""
        caused = [one for one in self.events if not one.reason]
        if not caused:
            return
        probe = probe_of(caused)
        self.tick("subscribing")
        self.instance.recording.stage = "subscribing"
        for one in caused:
            self._subscribe(one.event, Role.PLAIN)
        for role in Role:
            if role not in (Role.PLAIN, Role.CAPTURED):
                self._subscribe(probe.event, role)
        self.tick("causing events")
        self.instance.recording.stage = "causing events"
        self._cause_each(caused)
        self._wait()
        if not self.catcher.caught():
            return  # and leave nothing more behind
        self._rotate(probe.event)
        self._delete()
        for _ in range(2):
            self._cause_once_more(probe)
        self._wait()
        self.tick("waiting for silence")
        self.catcher.wait(self.options.quiet)

    # ---------------------------------------------------------------- subscriptions
    def _subscribe(self, event: str, role: Role) -> None:
        target = self.planned.options
        store = target.other_store if role is Role.ELSEWHERE else target.store
        if store is None:
            self.gaps.append(Gap(SenderPromise.OWN_STORE, "no --other-store, so only its own was looked at"))
            return
        run = self.instance.ownership.marks.run
        wanted = {Role.PLAIN: CUSTOM, Role.OVERRIDING: OVERRIDING}.get(role, {})
        headers = {name: value.format(run=run) for name, value in wanted.items()}
        path = f"/{self.instance.ownership.marks.host}/{self.ids.hex(16)}{ODD if role is Role.ODD_URL else ''}"
        location = self.catcher.expect(f"/{self.instance.ownership.marks.host}/{self.ids.hex(16)}", CatcherReaction())
        reaction = CatcherReaction((STATUSES[role],), location) if role in STATUSES else CatcherReaction()
        url = self.catcher.expect(path, reaction)
        try:
            record, keys = self.instance.subscribe(event, store, url, headers, signed=role is not Role.UNSIGNED)
        except NotDone as error:
            self._cannot_subscribe(event, role, str(error) if role is not Role.ELSEWHERE else f"store {store}: {error}")
            return
        known = CaughtSubscription(role, event, store, token_of(url), url, record, keys, tuple(headers.items()))
        known.location = token_of(location) if role is Role.REDIRECTING else ""
        self.evidence.subscriptions.append(known)

    def _cannot_subscribe(self, event: str, role: Role, why: str) -> None:
        if role is Role.PLAIN:
            self.uncaused[event] = why
        for promise in SHOWN_BY.get(role, ()):
            self.gaps.append(Gap(promise, why, asked=True))

    # ---------------------------------------------------------------- causes
    def _cause_each(self, caused: list[EventPlan]) -> None:
        """Cause each event once: those of one request together."""
        needed = {name for one in caused for name in one.operations}
        for call in filter(None, (call_named(self.planned, name) for name in (MEMBER, TRANSACTION))):
            if call.id in needed:
                events = frozenset(one.event for one in caused if one.operations and one.operations[-1] == call.id)
                self._by_api(call, events)
        for one in caused:
            if one.by_command and one.event not in self.uncaused:
                self._by_command(one)

    def _by_api(self, call: Call, events: frozenset[str]) -> None:
        """Cause events by a record: a member, or a transaction of the last one."""
        store = self.planned.options.store
        asked, moment = self.catcher.time.now(), self.catcher.clock.now()
        try:
            if call is call_named(self.planned, MEMBER):
                record, self.email = self.instance.add_member(call, store)
            else:
                record = self.instance.add_transaction(call, store, self.email)
        except NotDone as error:
            self.uncaused |= dict.fromkeys(events, str(error))
            return
        self._caused(events, asked, moment, record, call.creates or "")

    def _by_command(self, one: EventPlan) -> None:
        asked, moment = self.catcher.time.now(), self.catcher.clock.now()
        why = self.command(command_for(self.options.command, one.event, self.planned.options.store))
        if why:
            self.uncaused[one.event] = why
        else:
            self._caused(frozenset({one.event}), asked, moment)

    def _caused(self, events: frozenset[str], asked: float, moment: float, record: str = "", name: str = "") -> None:
        number, store = len(self.evidence.causes) + 1, self.planned.options.store
        answered = self.catcher.time.now()
        self.evidence.causes.append(Cause(number, events, store, asked, answered, moment, record, name))

    def _cause_once_more(self, probe: EventPlan) -> None:
        if probe.event in self.uncaused:
            return
        if probe.by_command:
            self._by_command(probe)
            self._wait()  # nothing tells two of them apart but the time
        else:
            self._by_api(self.planned.surface.calls[probe.operations[-1]], frozenset({probe.event}))

    # ---------------------------------------------------------------- in the middle
    def _rotate(self, event: str) -> None:
        """Rotate the key of one subscription, which gets events before and after."""
        for one in self._of_role(Role.PLAIN):
            if one.event == event and one.keys:
                try:
                    one.keys.append(self.instance.rotate(one.record, one.store))
                    one.rotated_at = self.catcher.time.now()
                except NotDone as error:
                    reason = f"the key couldn't be rotated: {error}"
                    self.gaps.append(Gap(SenderPromise.ROTATED, reason, asked=True))

    def _delete(self) -> None:
        for one in self._of_role(Role.DELETED):
            try:
                self.instance.unsubscribe(one.record, one.store)
                one.deleted_at = self.catcher.time.now()
            except NotDone as error:
                reason = f"the subscription couldn't be deleted: {error}"
                self.gaps.append(Gap(SenderPromise.NOT_AFTER_DELETION, reason, asked=True))

    def _of_role(self, role: Role) -> Iterator[CaughtSubscription]:
        return (one for one in self.evidence.subscriptions if one.role is role)

    # ---------------------------------------------------------------- waiting
    def _wait(self) -> None:
        """Wait until everything came that was caused, and was repeated; but no longer than the options say."""
        patience = self.options.patience
        self.catcher.wait(patience.wait, lambda: self._has_all(1))
        self.catcher.wait(patience.repeats, lambda: self._has_all(2))

    def _has_all(self, attempts: int) -> bool:
        """Whether everything was sent, and what is to be repeated so often."""
        evidence = self.evidence
        evidence.caught = self.catcher.caught()
        return all(
            len(evidence.attempts(one, cause)) >= (attempts if one.role in REPEATED else 1)
            for one in evidence.subscriptions
            for cause in evidence.causes_of(one)
        )

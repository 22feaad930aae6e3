"""A run of `check recording`: it reads recordings twice, to find where the API is in them, and to judge; it sends
nothing."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from functools import partial
from http import HTTPStatus

from mockserver.checks.findings import causes
from mockserver.checks.findings.beyond import Kind
from mockserver.checks.findings.concluding import conclude
from mockserver.checks.findings.judged_contract import judged_surface
from mockserver.checks.findings.outcome import Outcome
from mockserver.checks.findings.recording_promises import RecordingPromise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.recording import words
from mockserver.checks.recording.answer_rules import AnswerRules
from mockserver.checks.recording.assumptions import states
from mockserver.checks.recording.base_urls import BaseUrls, CallPlace
from mockserver.checks.recording.credential_rules import CredentialRules
from mockserver.checks.recording.deviations import Deviation
from mockserver.checks.recording.entries import Entry, entry_of
from mockserver.checks.recording.options import COMMAND, RecordingOptions
from mockserver.checks.recording.parameter_values import fields_of
from mockserver.checks.recording.request_rules import RecordedRequestRules, is_accepted
from mockserver.checks.recording.sightings import Sightings
from mockserver.checks.recording.spoken_secrets import SpokenSecrets
from mockserver.checks.recording.tally import SCENARIO, Tally, Undeclared
from mockserver.checks.transport.archived_bodies import NOT_RECORDED
from mockserver.checks.transport.archives import CutArchive, archive_entries
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import Credentials
from mockserver.checks.wording import counted, joined, some
from mockserver.clock import Clock
from mockserver.openapi.resources import Call, Surface

NO_RUN = "00000000"  # the id of a run that leaves nothing


def check_recording(options: RecordingOptions) -> Outcome:
    """Judge what was recorded. Raises ContractError, and SettingsError for a file that can't be read."""
    surface = judged_surface(options)
    report = Report(options.title, NO_RUN, COMMAND, fail_on=options.fail_on)
    secrets = Secrets(Credentials())
    run = _Run(options, surface, report, SpokenSecrets(secrets))
    run.execute()
    conclude(report, options.baseline, options.compare, Clock().now(), run.tried)
    return Outcome(report.cleaned(secrets.redact), (), secrets.redact)


class _Run:
    """One run: all that it needs, and its steps."""

    def __init__(self, options: RecordingOptions, surface: Surface, report: Report, secrets: SpokenSecrets) -> None:
        self._options, self._surface, self._report, self._secrets = options, surface, report, secrets
        self._operations, self._promises = options.chosen(surface.calls.keys())
        locations = SourceLocations(surface)
        calls = [call for call in surface.calls.values() if call.id in self._operations]
        self._locations = locations
        self._answers = AnswerRules(surface.contract, locations)
        self._requests = RecordedRequestRules(surface.contract, locations)
        self._credentials = CredentialRules(surface.contract, locations)
        self._sightings = Sightings(surface, calls, locations)
        self._tally = Tally()
        self._outside: Counter[str] = Counter()  # entries that are of no operation, by why
        self._read = 0

    def execute(self) -> None:
        """Read, judge, and report."""
        try:
            bases = self._bases()
            if bases:
                self._judge(bases)
            else:
                deque(self._entries(), maxlen=0)  # they are counted
            self._tell(bases)
        except KeyboardInterrupt:
            self._report.interrupted = True
            self._tell(None)

    @property
    def tried(self) -> frozenset[tuple[str, str]]:
        """The operations of which there was an answer, each with what was tried there."""
        return frozenset((name, SCENARIO) for name, statuses in self._sightings.statuses.items() if statuses)

    # ---------------------------------------------------------------- reading
    def _bases(self) -> BaseUrls:
        if self._options.base_urls:
            return BaseUrls.given(self._surface, self._options.base_urls)
        return BaseUrls.found(self._surface, self._entries(told=False))

    def _entries(self, *, told: bool = True) -> Iterator[Entry]:
        """The entries of all files; `told`: what can't be read is reported."""
        for path in self._options.files:
            name = path.name if len(self._options.files) > 1 else ""
            try:
                for number, found in enumerate(archive_entries(path), start=1):
                    entry = entry_of(number, name, found)
                    self._read += told
                    if entry is not None:
                        yield entry
                    elif told:
                        self._outside["without a request"] += 1
            except CutArchive as error:
                if told:
                    self._report.not_judged.append(f"{path} {error}: what follows isn't judged")

    # ---------------------------------------------------------------- judging
    def _judge(self, bases: BaseUrls) -> None:
        for entry in self._entries():
            place = bases.place(entry)
            why = _outside(entry, place)
            if why or place is None:
                self._outside[why] += 1
                continue
            self._secrets.take(entry)
            self._credentials.see(entry)
            if place.call is None:
                self._undeclared(place, entry)
            elif place.call.id in self._operations:
                self._judge_call(place, entry)

    def _judge_call(self, place: CallPlace, entry: Entry) -> None:
        call = place.call
        if call is None:
            return
        self._report.cases += 1
        query = entry.address.query if entry.address else ""
        self._sightings.see(call, entry, self._requests.beyond(call, fields_of(query)))
        self._credentials.judge(call, entry)
        for deviation in self._deviations(place, call, entry):
            if deviation.promise in self._promises:
                self._tally.add(call, entry, deviation)
                self._sightings.see_value(call, entry, deviation)

    def _deviations(self, place: CallPlace, call: Call, entry: Entry) -> Iterator[Deviation]:
        note = partial(self._tally.note, entry)
        yield from self._requests.judge(place, entry, lambda gap: note(f"request: {gap}"))
        if entry.status:
            yield from self._answers.judge(call, entry, lambda gap: note(f"answer: {gap}"))
        else:
            note("no answer")

    def _undeclared(self, place: CallPlace, entry: Entry) -> None:
        """Judge a request that is for no operation."""
        self._sightings.see_undeclared(place, entry)
        known = [self._surface.match(method, place.path.encode())[0] for method in place.allow]
        declaring = [call for call in known if str(entry.status) in call.operation.responses]
        if declaring and entry.status == HTTPStatus.METHOD_NOT_ALLOWED and declaring[0].id in self._operations:
            self._refused(declaring[0], entry)
        elif known and self._is_accepted_method(entry):
            method = words.method(entry.method)
            subject = Undeclared(f"{method} {known[0].path}", method, known[0].path)
            self._tally.add(subject, entry, self._of_method(entry, known[0], place))
        else:
            self._outside["below the base URL, and of no operation"] += 1

    def _refused(self, template: Call, entry: Entry) -> None:
        """Judge a refusal of a method, which the operations of its path declare."""
        self._report.cases += 1
        self._sightings.coverage.operations[template.id].count_status(entry.status)
        for deviation in self._answers.judge(template, entry, lambda gap: self._tally.note(entry, f"answer: {gap}")):
            if deviation.promise in self._promises:
                self._tally.add(template, entry, deviation)

    def _is_accepted_method(self, entry: Entry) -> bool:
        is_method = is_accepted(entry.status) and entry.method not in ("OPTIONS", "HEAD")
        return is_method and RecordingPromise.ACCEPTED_METHOD in self._promises

    def _of_method(self, entry: Entry, template: Call, place: CallPlace) -> Deviation:
        return Deviation(
            RecordingPromise.ACCEPTED_METHOD,
            f"{words.method(entry.method)} isn't declared for this path, and was accepted",
            expected=joined(place.allow),
            seen="",
            where=self._locations.line("paths", template.path),
            severity="medium",
            cause=f"method {words.method(entry.method)}",
            blame="contract",
        )

    # ---------------------------------------------------------------- telling
    def _tell(self, bases: BaseUrls | None) -> None:
        report, judged = self._report, self._report.cases
        findings = [*self._tally.findings, *self._chosen(self._credentials.findings)]
        for finding in causes.of_one_status(findings):
            report.add(finding)
        report.coverage = self._sightings.coverage.as_json()
        report.beyond = [one.as_json() for one in self._sightings.beyond]
        report.assumptions = states(self._surface.contract, self._sightings.confirmed, findings)
        called = {name: dict(sorted(found.items())) for name, found in self._sightings.statuses.items()}
        report.gate = {
            "recorded": f"{judged}/{self._read}",
            "statuses": {name: called.get(name, {}) for name in sorted(self._operations)},
        }
        report.options = {"recording": [str(one) for one in self._options.files]}
        if bases is not None and not judged:
            report.not_judged.insert(0, self._nothing(bases))
        lacking = f"answer: {NOT_RECORDED}"
        if self._tally.count_of(lacking) and not self._tally.count_of("answer: judged"):
            report.not_judged.append(
                f"no body of an answer is in the recording ({self._tally.entries_of(lacking)}): save it with content"
            )
        report.notes += self._notes(bases)

    def _chosen(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        return (finding for finding in findings if finding.check in self._promises)

    def _nothing(self, bases: BaseUrls) -> str:
        if not self._read:
            return "there is no entry in the recording: record while the app calls the API, and save all as HAR"
        none = "the only entry isn't a call" if self._read == 1 else f"none of {self._read} entries is a call"
        if self._options.base_urls:
            return f"{none} of the contract below {some(bases.urls)}: without --base-url it is looked for"
        if bases:
            return f"{none} of the operations that --only names"
        return (
            f"{none} of the contract, as no URL fits its paths and was answered as by an API: name where it begins "
            "(--base-url https://HOST/BASE), or another contract (--spec)"
        )

    def _notes(self, bases: BaseUrls | None) -> Iterator[str]:
        if bases:
            yield f"base URL: {', '.join(map(words.address, bases.urls))}"
        for why, count in sorted(self._outside.items()):
            yield f"not of this contract: {count} of {self._read} entries, {why}"
        for gap in self._tally.gaps:
            if told := _gap(gap, self._tally.count_of(gap)):
                yield f"not judged: {told}: {self._tally.entries_of(gap)}"
        if unjudged := self._credentials.unjudged:
            yield (
                f"not judged: who may call, in {counted(unjudged, 'request')}: the recording has no credentials of "
                "that kind (Chrome leaves them out unless its settings allow HAR with sensitive data)"
            )
        if self._tally.left_out or self._sightings.beyond.left_out:
            yield f"more was found than is told: {self._tally.left_out + self._sightings.beyond.left_out} times"
        yield from (one.words for one in self._sightings.beyond if one.kind is not Kind.RESPONSE_VALUE)


def _outside(entry: Entry, place: CallPlace | None) -> str:
    """Why an entry isn't judged; empty if it is."""
    if entry.is_preflight:
        return "preflights of browsers"
    if entry.is_internal or entry.kind == "websocket":
        return "made by the browser, or no call"
    return "" if place else "of other hosts or paths"


def _gap(gap: str, count: int) -> str:
    """What could not be judged, in words; empty for what was judged."""
    what, _, why = gap.partition(": ")
    if why == "judged":
        return ""
    if gap == "no answer":
        return f"{counted(count, 'request')} without an answer (aborted or blocked)"
    if why == "304":
        return f"{counted(count, 'answer')} with 304, which says nothing but that nothing has changed"
    return f"{counted(count, what)} whose body {why}"

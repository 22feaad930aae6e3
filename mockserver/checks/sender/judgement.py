"""The judgement: of all observations the findings, one for each cause, the scorecard, and the state of assumptions."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mockserver.checks.findings.report import Finding, Report, shortened
from mockserver.checks.findings.scorecard import Scorecard
from mockserver.checks.findings.sender_promises import SenderPromise
from mockserver.checks.findings.source_locations import SourceLocations
from mockserver.checks.sender.deliveries import Caught, CaughtEvidence, Role
from mockserver.checks.sender.observations import Gap, Observation
from mockserver.checks.sender.request_rules import RequestRules
from mockserver.checks.sender.sequence_rules import Patience, SequenceRules
from mockserver.checks.transport import shell_lines
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.wording import joined
from mockserver.openapi.contract import Contract

NOTHING_SHOWS_IT = "nothing that was caught shows it"
MOST_MESSAGE = 300  # characters
_OF_TRANSPORT = frozenset({"host", "content-length", "connection", "accept", "accept-encoding", "transfer-encoding"})
_FIGURE = re.compile(r"\d+(\.\d+)?")
_TWICE = (SenderPromise.ONCE, SenderPromise.NO_REPEAT_AFTER_SUCCESS)
_FOLLOW_FROM_TWICE = frozenset(  # what looks wrong, too, where each event comes twice
    (
        *(SenderPromise.REPEATED_ONCE, SenderPromise.NOT_REDIRECTED, SenderPromise.REQUEST_ID_NEW),
        *(SenderPromise.MESSAGE_ID_KEPT, SenderPromise.REPEAT_DELAY, SenderPromise.IN_ORDER),
    )
)
_FOLLOW: Mapping[SenderPromise, frozenset[SenderPromise]] = {  # what looks wrong, too, in the same request
    **dict.fromkeys(_TWICE, frozenset({SenderPromise.NOT_AFTER_DELETION, SenderPromise.ROTATED})),  # as it is late
    SenderPromise.DELIVERED: frozenset({SenderPromise.NOT_AFTER_DELETION, SenderPromise.ROTATED}),
    SenderPromise.POST_OF_JSON: frozenset({SenderPromise.ENVELOPE}),
    SenderPromise.EVENT_NAME: frozenset({SenderPromise.PAYLOAD}),
}


def observations(evidence: CaughtEvidence, contract: Contract, patience: Patience) -> list[Observation | Gap]:
    """Everything that the evidence says of the promises."""
    requests = RequestRules(contract, evidence.subscriptions)
    found = list[Observation | Gap](SequenceRules(evidence, patience).judge())
    for subscription in evidence.subscriptions:
        if subscription.role is Role.ELSEWHERE:
            continue
        for request, cause in evidence.with_causes(subscription):
            found += requests.judge(subscription, request)
            found += requests.created_now(subscription, request, cause.moment)
    return found


def standing(found: Iterable[Observation | Gap]) -> Iterator[Observation]:
    """The observations that stand for themselves: what follows from another one isn't told."""
    seen = [one for one in found if isinstance(one, Observation)]
    broken = [one for one in seen if one.wrong]
    twice = any(one.promise in _TWICE for one in broken)
    followers = {
        (number, follower)
        for one in broken
        if (number := _number(one)) is not None
        for follower in _FOLLOW.get(one.promise, ())
    }
    for one in seen:
        follows = (_number(one), one.promise) in followers or (twice and one.promise in _FOLLOW_FROM_TWICE)
        if not (one.wrong and follows):
            yield one


def _number(one: Observation) -> int | None:
    return one.request.number if one.request else None


@dataclass(frozen=True)
class Judge:
    """A judge who writes a report. It shows requests, unless they may hold what real people do: then it names them by
    their number. `again` is the command that judges an event once more."""

    report: Report
    locations: SourceLocations
    secrets: Secrets
    shows_requests: bool = True
    again: Callable[[str], str] = lambda _: ""

    def conclude(self, found: list[Observation | Gap], gaps: Iterable[Gap]) -> None:
        """Add findings and scorecard."""
        seen, card = list(standing(found)), Scorecard()
        numbers: dict[str, list[int]] = {}  # of requests, by findings
        for one in seen:
            curl = self._curl(one.request, one.url)
            if one.wrong:
                self.report.add(finding := self._finding(one, curl))
                numbers.setdefault(finding.id, []).extend([] if one.request is None else [one.request.number])
                card.failed(one.promise, curl, one.expected, self._clean(one.wrong))
            else:
                card.passed(one.promise, curl, one.expected)
        if not self.shows_requests:
            self._name_requests(numbers)
        known = {one.promise for one in seen}
        for gap in (*(one for one in found if isinstance(one, Gap)), *gaps):
            if gap.asked:
                card.forget(gap.promise)  # what was passed is a part of what was asked for
            card.not_judged(gap.promise, self._clean(gap.reason), asked=gap.asked)
            if gap.promise in known and not gap.asked:
                self.report.notes.append(self._clean(gap.reason))
            known.add(gap.promise)
        for promise in SenderPromise:
            if promise not in known:
                card.not_judged(promise, NOTHING_SHOWS_IT, asked=False)
        self.report.scorecard = card.rows
        self.report.not_judged += card.gaps
        self.report.left_out += card.left_out

    def _finding(self, one: Observation, curl: str) -> Finding:
        assumption = one.claims[0] if one.refutes and one.claims else None
        kind = one.cause or _FIGURE.sub("#", one.wrong)
        return Finding(
            one.promise,
            one.event,
            "POST",
            one.event,
            shortened(self._clean(one.wrong), MOST_MESSAGE),
            severity=one.severity,
            expected=self._clean(one.expected),
            got=self._got(one),
            curl=curl,
            where=self.locations.of_event(one.event, one.place),
            assumption=assumption,
            hint=one.promise.hint,
            shared=self._clean(kind),
            scenario=one.event,
            again=self._clean(self.again(one.event)),
        )

    def _name_requests(self, numbers: Mapping[str, list[int]]) -> None:
        """Say of each finding which requests show it."""
        for finding in self.report.findings:
            if found := [str(number) for number in sorted(set(numbers.get(finding.id, ())))]:
                kind = "request" if len(found) == 1 else "requests"
                self.report.put(replace(finding, got=shortened(f"{kind} {joined(found)}")))

    def _got(self, one: Observation) -> str:
        return shortened(self._clean(one.got)) if self.shows_requests else ""

    def _curl(self, request: Caught | None, url: str) -> str:
        if request is None or not self.shows_requests:
            return ""
        headers = {name: value for name, value in request.headers if name.lower() not in _OF_TRANSPORT}
        return self._clean(shell_lines.whole_curl(request.method, url, headers, request.body))

    def _clean(self, text: str) -> str:
        return self.secrets.redact(text)

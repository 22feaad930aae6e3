"""A replay of one finding: what led to it is done anew, and judged as it was.

A finding of a scenario is repeated by that scenario: it creates what it needs, and compares as often as it has to. One
of a generated case is repeated by its steps. Either way the guard, the ledger and the sweep of a run are there: what a
report says is only sent if a run could have sent it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any
from urllib.parse import quote

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.findings.report import Finding, Report
from mockserver.checks.findings.saved_report import SavedFinding, SavedReport
from mockserver.checks.findings.step import USED, Step
from mockserver.checks.findings.step_finder import FUZZING
from mockserver.checks.live import run
from mockserver.checks.live.marks import Marks
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.live.scenarios.catalogue import patterns
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.transport.guarded_transport import RequestRefused
from mockserver.errors import MethodNotAllowed, NotFound
from mockserver.openapi.resources import Call

CHAIN = "replay: the steps of a finding"
_GIVEN_AGAIN = ("allow_residue", "allow_revoke", "hostile", "other_store", "path_value", "spec", "overlay")
_SECRETS_GIVEN_AGAIN = ("api_key", "member_username", "expired_token")
NOTHING = "$^"  # the pattern of a run that only logs in and looks around
_UUID = re.compile(r"[0-9a-fA-F-]{36}")


class ReplayVerdict(IntEnum):
    """What a replay says; the value is the exit code of the command."""

    GONE = 0
    STILL_THERE = 1
    NOT_REPEATED = 2
    INTERRUPTED = 130


@dataclass(frozen=True)
class Replayed:
    """The verdict of a replay, with its reasons in lines; `left` are records that could not be removed, `unfinished`
    says that a sweep could remove some of them."""

    verdict: ReplayVerdict
    lines: list[str]
    left: list[str]
    unfinished: bool = False

    @property
    def exit_code(self) -> int:
        """The verdict as a number; what was left behind is no success."""
        return int(self.verdict) or (int(ReplayVerdict.NOT_REPEATED) if self.unfinished else 0)


def replay(planned: Plan, report: SavedReport, finding: SavedFinding, tick: run.Tick = lambda _: None) -> Replayed:
    """Repeat a finding. Raises SettingsError if the ledger can't be written."""
    if finding.scenario.startswith(FUZZING):
        if not finding.steps:
            return Replayed(ReplayVerdict.NOT_REPEATED, ["the report has no steps for it"], [])
        chain = _Chain(report.run, finding)
        outcome = run.check(replace(planned, only=f"^{CHAIN}$", is_replay=True), tick, scenarios=chain.scenarios)
        return _judged(finding, outcome.report, chain.reason, is_broken=chain.is_broken)
    replayed = Replayed(ReplayVerdict.NOT_REPEATED, [_untried(report, finding)], [])
    for only in patterns(finding.scenario) if ": " in finding.scenario else [NOTHING]:
        outcome = run.check(replace(planned, only=only, is_replay=True), tick)
        tried = only == NOTHING or any(one.scenario == finding.scenario for one in outcome.exchanges)
        replayed = _judged(finding, outcome.report, "" if tried else _untried(report, finding))
        if not tried or replayed.verdict != ReplayVerdict.GONE:
            break
    return replayed


def _judged(finding: SavedFinding, report: Report, reason: str, *, is_broken: bool = False) -> Replayed:
    """The verdict of a run that repeated a finding; `reason` is why it couldn't, in words."""
    if report.interrupted:
        return Replayed(ReplayVerdict.INTERRUPTED, [], report.residue, report.unfinished)
    if is_broken or any(_is_seen_in(finding, one) for one in report.findings):
        return Replayed(ReplayVerdict.STILL_THERE, [], report.residue, report.unfinished)
    reasons = [*filter(None, [reason]), *report.not_judged]
    verdict = ReplayVerdict.NOT_REPEATED if reasons else ReplayVerdict.GONE
    return Replayed(verdict, reasons, report.residue, report.unfinished)


def _is_seen_in(finding: SavedFinding, found: Finding) -> bool:
    """Whether a finding of a replay is the same one, or made of the same: of a part of all scenarios fewer findings may
    have become one. An old report doesn't tell of what one was made."""
    if finding.parts is None and found.check == finding.check and not finding.places.isdisjoint(found.operations):
        return True
    return not {finding.id, *(finding.parts or ())}.isdisjoint((found.id, *found.parts))


def _untried(report: SavedReport, finding: SavedFinding) -> str:
    """Why nothing was sent, with what the run had in its words: leave and secrets aren't taken from a report."""
    names = [name for name in _GIVEN_AGAIN if report.options.get(name)]
    had = report.options.get("credentials", ())
    names += [name for name in had if name in _SECRETS_GIVEN_AGAIN] if isinstance(had, list) else []
    if finding.check == Promise.EXPIRED_TOKEN and "expired_token" not in names:
        names.append("expired_token")  # one that expired during the run
    given = [f"--{name.replace('_', '-')}" for name in names]
    hint = f"; the run had {' '.join(given)}, and its accounts" if given else ""
    return f"{finding.scenario!r} isn't tried with these options{hint}"


class _Chain:
    """The steps of a finding as a scenario. Afterwards `is_broken` says that the last answer breaks its condition
    again, `reason` why it didn't come so far."""

    def __init__(self, old_run: str, finding: SavedFinding) -> None:
        self._old, self._finding = Marks.of_run(old_run), finding
        self.is_broken, self.reason = False, ""

    def scenarios(self, context: ScenarioContext) -> Iterator[Scenario]:
        """The one scenario."""
        yield CHAIN, lambda: self._attempt(context)

    def _attempt(self, context: ScenarioContext) -> None:
        values: dict[str, str] = {}
        response = None
        for number, step in enumerate(self._finding.steps, start=1):
            where = f"step {number}, {step.method} {step.path},"
            if not step.whole:
                self.reason = f"{where} holds what a report doesn't keep: a secret, or a very large body"
                return
            try:
                response = self._sent(context, step, values)
            except RequestRefused as error:
                self.reason = f"{where} isn't sent: {error}"
                return
            for name, pointer in step.captures.items():
                value = context.value(response, pointer[1:])
                if not isinstance(value, str):
                    self.reason = f"{where} answered {response.status_code} without {pointer[1:]}; it was {step.status}"
                    return
                values[name] = value
        condition = self._finding.condition
        self.is_broken = condition is not None and response is not None and not condition.holds(response)

    def _sent(self, context: ScenarioContext, step: Step, values: Mapping[str, str]) -> requests.Response:
        """The answer to a step, with values and marks of this run in it."""
        path, query, body = (self._filled(context, text, values) for text in (step.path, step.query, step.body or ""))
        call, path = self._safe_target(context, step.method, path)
        headers = {name: self._filled(context, text, values) for name, text in step.headers.items()}
        url = context.plan.options.url + path + (f"?{query}" if query else "")
        data = None if step.body is None else _safe_body(context, call, body)
        return context.repeat(call, requests.Request(step.method, url, headers=_sendable(headers), data=data))

    def _filled(self, context: ScenarioContext, text: str, values: Mapping[str, str]) -> str:
        marks = context.ownership.marks
        text = USED.sub(lambda found: values.get(found[1], found[0]), text)
        return text.replace(self._old[0], marks.host).replace(self._old[1], marks.prefix)

    def _safe_target(self, context: ScenarioContext, method: str, path: str) -> tuple[Call | None, str]:
        """The operation, and the path; an id in it that a change could meet is ours, or nobody's."""
        try:
            call, arguments = context.surface.match(method, path.encode("utf-8", "replace"))
        except (NotFound, MethodNotAllowed):
            return None, path
        record = arguments.get(call.record or "")
        ownership = context.ownership
        if record is None or not call.changes or ownership.may_name(call, record):
            return call, path
        safe = ownership.unknown_id() if _UUID.fullmatch(record) else ownership.marks.identifier(record)
        steps = {name: quote(value, safe="") for name, value in {**arguments, str(call.record): safe}.items()}
        return call, call.url(**steps)


def _safe_body(context: ScenarioContext, call: Call | None, body: str) -> bytes:
    """The body, marked as ours where it is JSON."""
    raw = body.encode("utf-8", "surrogateescape")
    try:
        content: Any = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    if call is None or not isinstance(content, dict | list):
        return raw
    safe = context.ownership.body(call, content)
    return raw if safe == content else json.dumps(safe).encode()


def _sendable(headers: Mapping[str, str]) -> dict[str, Any]:
    """Headers as bytes where they are more than ASCII."""
    return {name: value if value.isascii() else value.encode("utf-8", "replace") for name, value in headers.items()}

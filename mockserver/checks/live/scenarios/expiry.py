"""Expiry: a token that has expired is refused, whoever had it. It takes one that did so during the run, or that
somebody kept."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.transport.jwt_claims import claims
from mockserver.checks.transport.session import MEMBER_TOKEN, TOKEN, Session
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Clock
from mockserver.openapi.resources import Call

LEEWAY = 5.0  # seconds that clocks may differ
USUAL_LEEWAY = 120.0  # seconds that some servers grant on purpose
UNSEEN = "whether {} expired token is refused: none expired during the run"


class _Old(NamedTuple):
    """A token that was good once: whose, and the session whose clock tells when it ended."""

    whose: str
    token: str
    session: Session | None

    @property
    def seconds_ago(self) -> float:
        """The seconds since its end, by the clock of the instance's tokens; below zero if it is to come. A token
        without an end has none."""
        expires = claims(self.token).expires
        ahead = self.session.ahead if self.session is not None else 0.0
        return float("-inf") if expires is None else Clock().now() + ahead - expires


class ExpiryScenarios:
    """The scenario at the end of a run."""

    def __init__(self, context: ScenarioContext) -> None:
        self._context, self._collector = context, context.collector

    def scenarios(self) -> Iterator[Scenario]:
        """Name and attempt."""
        credentials = self._context.plan.options.credentials
        given, sessions = credentials.expired_token, self._context.sessions
        old = [_Old("an", given, sessions.get(TOKEN))] if given else list(self._ended(TOKEN, "an"))
        if not old and TOKEN in sessions:
            self._leave_out(UNSEEN.format("an") + ", and no --expired-token")
        members = list(self._ended(MEMBER_TOKEN, "a member's"))
        if not members and MEMBER_TOKEN in sessions:
            self._leave_out(UNSEEN.format("a member's"))
        if old or members:
            yield "expired token", partial(self._are_refused, [*old, *members])

    def _leave_out(self, line: str) -> None:
        if line not in self._collector.report.left_out:
            self._collector.report.left_out.append(line)

    def _ended(self, placeholder: str, whose: str) -> Iterator[_Old]:
        """The first token of a session, if it has ended by now."""
        session = self._context.sessions.get(placeholder)
        if session is not None and session.oldest is not None:
            old = _Old(whose, session.oldest, session)
            yield from [old] * (old.seconds_ago > LEEWAY)

    def _are_refused(self, tokens: Sequence[_Old]) -> None:
        """Try each, until one isn't refused: that others aren't, either, has the same cause."""
        calls = (one for one in self._context.plan.calls if not one.public and not one.changes and one.record is None)
        call = next(calls, None)
        if call is not None:
            all(self._is_refused(call, old) for old in tokens)

    def _is_refused(self, call: Call, old: _Old) -> bool:
        said, seconds = claims(old.token).content, old.seconds_ago
        if said and seconds <= LEEWAY:
            self._collector.not_judged("whether an expired token is refused", "--expired-token hasn't expired")
            return True
        headers = {"Authorization": f"Bearer {old.token}"}
        response = self._context.send(call, self._context.plan.tenant(call), headers=headers)
        if response.status_code == requests.codes.unauthorized:
            return True
        got = f"{response.status_code}" + (f", {seconds:.0f} seconds after its end" if said else "")
        is_usual = -USUAL_LEEWAY < seconds < USUAL_LEEWAY
        severity = "critical" if succeeded(response) and not is_usual else "medium"
        details = {"message": f"{old.whose} expired token isn't refused", "severity": severity, "got": got}
        self._collector.broken_promise(call, Promise.EXPIRED_TOKEN, response, expected="401", **details)
        return False

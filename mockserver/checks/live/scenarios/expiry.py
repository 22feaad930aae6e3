"""Expiry: a token that has expired is refused, whoever had it. It takes one that did so during the run, or that
somebody kept."""

from collections.abc import Iterator
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
        """Name and attempt. Which tokens have expired shows only then, when all else was tried."""
        if self._given or self._context.sessions:
            yield "expired token", self._attempt

    @property
    def _given(self) -> str | None:
        return self._context.plan.options.credentials.expired_token

    def _attempt(self) -> None:
        """Try each, until one isn't refused: that others aren't, either, has the same cause."""
        sessions = self._context.sessions
        given = [_Old("an", self._given, sessions.get(TOKEN))] if self._given else []
        old = given or list(self._ended(TOKEN, "an", ", and no --expired-token"))
        old += self._ended(MEMBER_TOKEN, "a member's")
        safe = (call for call in self._context.plan.allowed if not call.changes and call.record is None)
        call = next((call for call in safe if not call.public), None)
        if call is not None:
            all(self._is_refused(call, one) for one in old)

    def _ended(self, placeholder: str, whose: str, more: str = "") -> Iterator[_Old]:
        """The first token of a session, if it has ended by now; that it hasn't is told."""
        session = self._context.sessions.get(placeholder)
        if session is not None and session.oldest is not None:
            old = _Old(whose, session.oldest, session)
            if old.seconds_ago > LEEWAY:
                yield old
            else:
                line = f"whether {whose} expired token is refused: none expired during the run{more}"
                self._collector.report.left_out.append(line)

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

"""Expiry: a token that has expired is refused. It takes one that did so during the run, or that somebody kept."""

from collections.abc import Iterator
from functools import partial

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.transport.jwt_claims import claims
from mockserver.checks.transport.session import TOKEN, Session
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Clock

LEEWAY = 5.0  # seconds that clocks may differ
USUAL_LEEWAY = 120.0  # seconds that some servers grant on purpose


class ExpiryScenarios:
    """The scenario at the end of a run."""

    def __init__(self, context: ScenarioContext) -> None:
        self._context, self._collector = context, context.collector

    def scenarios(self) -> Iterator[Scenario]:
        """Name and attempt."""
        given, session = self._context.plan.options.credentials.expired_token, self._context.sessions.get(TOKEN)
        token = given or (session.oldest if session is not None else None)
        if token is not None and (given or self._seconds_ago(token, session) > LEEWAY):
            yield "expired token", partial(self._is_refused, token, session)
        elif session is not None:
            line = "whether an expired token is refused: none expired during the run, and no --expired-token"
            if line not in self._collector.report.left_out:
                self._collector.report.left_out.append(line)

    def _seconds_ago(self, token: str, session: Session | None) -> float:
        """The seconds since a token's end, by the clock of the instance's tokens; below zero if it is to come. A token
        without an end has none."""
        expires = claims(token).expires
        ahead = session.ahead if session is not None else 0.0
        return float("-inf") if expires is None else Clock().now() + ahead - expires

    def _is_refused(self, token: str, session: Session | None) -> None:
        said, seconds = claims(token).content, self._seconds_ago(token, session)
        if said and seconds <= LEEWAY:
            self._collector.not_judged("whether an expired token is refused", "--expired-token hasn't expired")
            return
        safe = (one for one in self._context.plan.calls if not one.public and not one.changes and one.record is None)
        for call in safe:
            headers = {"Authorization": f"Bearer {token}"}
            response = self._context.send(call, self._context.plan.tenant(call), headers=headers)
            if response.status_code != requests.codes.unauthorized:
                message = "an expired token isn't refused"
                got = f"{response.status_code}" + (f", {seconds:.0f} seconds after its end" if said else "")
                severity = (
                    "critical" if succeeded(response) and not -USUAL_LEEWAY < seconds < USUAL_LEEWAY else "medium"
                )
                details = {"message": message, "severity": severity, "got": got}
                self._collector.broken_promise(call, Promise.EXPIRED_TOKEN, response, expected="401", **details)
            return

"""Two stores: who belongs to one of them is nobody in the other, isn't counted there, and takes no identifier there.

It takes somebody to log in as, or records that stay; those that can be deleted have scenarios of their own.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.append_only import unique_places
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.transport.jwt_claims import claims
from mockserver.checks.transport.session import MEMBER_TOKEN, Session, issued
from mockserver.openapi.resources import Call

NAMES = ("id", "sub")  # claims of a token that say whose it is


class TwoStoreScenarios:
    """Scenarios of one store beside another one."""

    def __init__(self, context: ScenarioContext) -> None:
        self._context, self._collector = context, context.collector
        self._store = context.plan.options.other_store

    def login_scenarios(self) -> Iterator[Scenario]:
        """Name and attempt at a login, of which a host takes only so many a minute."""
        session = self._context.sessions.get(MEMBER_TOKEN)
        if session is not None and self._store and session.arguments and self._context.can_call(session.login):
            yield "a member under another store", partial(self._member, session, str(self._store))

    def residue_scenarios(self) -> Iterator[Scenario]:
        """Names and attempts that leave a record in each store."""
        for call in self._context.plan.calls if self._store else ():
            stays = call.creates and not self._context.surface.deletable(call)
            if stays and self._here(call) and self._unique(call):
                yield f"{call.kind} in two stores", partial(self._created, call)

    # ---------------------------------------------------------------- logging in
    def _member(self, session: Session, store: str) -> None:
        """The same name and password may be somebody else's there; a token for the same person is a breach."""
        there = self._context.plan.tenant(session.login, store)
        response = self._context.send(session.login, there, headers={}, json=session.login_body())
        token = issued(self._context.surface, session.login, response)[0]
        here, found = _whose(session.token()), _whose(token or "")
        if here and here == found:
            self._breach(session.login, response, "a member of one store logs in under another", "401", "critical")

    # ---------------------------------------------------------------- records that stay
    def _here(self, call: Call) -> dict[str, str]:
        return self._context.plan.tenant(call)

    def _there(self, call: Call) -> dict[str, str]:
        return self._context.plan.tenant(call, self._store)

    def _unique(self, call: Call) -> Any:
        """An example that has identifiers; None if the contract marks none."""
        contract, pointers = self._context.surface.contract, call.operation.media_types.values()
        marked = (
            body
            for body in self._context.examples(call)
            if any(True for one in pointers for _ in unique_places(contract, contract.at(one), body))
        )
        return next(marked, None)

    def _created(self, call: Call) -> None:
        """A record of one store isn't counted in the other, and its identifiers are free there."""
        body = self._context.fresh(call, self._unique(call))
        before = self._figures(call)
        if self._context.record_id(self._send(call, self._here(call), body), str(call.creates)) is None:
            return  # that an example is refused is told
        self._counts_its_own(call, before, self._figures(call))
        response = self._send(call, self._there(call), body)
        if response.status_code in (requests.codes.bad_request, requests.codes.conflict):
            other = self._send(call, self._there(call), self._context.fresh(call, body))
            if self._context.record_id(other, str(call.creates)) is not None:
                message = "an identifier that a record of one store has is refused in another"
                self._breach(call, response, message, "a success")

    def _counts_its_own(self, call: Call, before: tuple[Any, Any], after: tuple[Any, Any]) -> None:
        """Stores with as many records by chance don't both have one more: only one was made, here."""
        counter = self._counter(call)
        same = before[0] is not None and before[0] == before[1] and after[0] == after[1] and after[0] > before[0]
        if counter is not None and same:
            response = self._send(counter, self._there(counter))
            self._breach(counter, response, f"the {call.kind}s of all stores are counted", f"{before[1]} there")

    def _counter(self, call: Call) -> Call | None:
        """The operation that is named after the records, and has a total."""
        calls = (one for one in self._context.plan.calls if one.method == "GET" and one.record is None)
        return next((one for one in calls if one.kind == f"{call.kind}s"), None)

    def _figures(self, call: Call) -> tuple[int | None, int | None]:
        """The number of such records here, and there; None where it isn't told."""
        counter = self._counter(call)
        if counter is None:
            return None, None
        asked = (self._send(counter, tenant) for tenant in (self._here(counter), self._there(counter)))
        here, there = (self._context.value(response, "total") for response in asked)
        return (here, there) if isinstance(here, int) and isinstance(there, int) else (None, None)

    def _send(self, call: Call, tenant: Mapping[str, str], body: Any = None) -> requests.Response:
        """The response to the run itself about two stores: a 403 says what it may do there, and nothing else."""
        return self._context.send(call, tenant, headers=self._context.headers, json=body)

    def _breach(
        self, call: Call, response: requests.Response, message: str, expected: str, severity: str = "high"
    ) -> None:
        details = {"severity": severity, "message": message, "expected": expected}
        self._collector.broken_promise(call, Promise.STORES_ARE_APART, response, **details)


def _whose(token: str) -> tuple[Any, ...]:
    """Whose a token is; empty if it doesn't say."""
    said = claims(token).content
    found = tuple(said.get(name) for name in NAMES)
    return found if any(found) else ()

"""A side: a server as a run uses it, with the records that the run has made there."""

from dataclasses import replace
from math import inf
from typing import Any

import requests

from mockserver.checks.drift.ask import ADMIN, MEMBER, Answer, Ask
from mockserver.checks.live.access import refusal, sessions, transport_options_of, unreachable
from mockserver.checks.live.cleanup import Sweeper, requests_for
from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.guarded_transport import GuardedTransport, Stopped
from mockserver.checks.transport.ledger import Ledger, is_id
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.operation_request import as_admin, as_member, operation_request
from mockserver.checks.transport.rate_limiting import LOGINS_A_MINUTE, MonotonicTime, RateLimiter
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import NoLogin
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Ids

LAST_SECONDS, LAST_TIMEOUT = 2.0, 0.5  # for the sweep after Ctrl-C, and for each of its answers
SWEEP_SECONDS = 120.0  # for the sweep of a run whose time is limited; as long as the run, if that is more


class Side:
    """One of both servers. `name` is that for people: the mock, or live."""

    def __init__(  # noqa: PLR0913 (all that a side is made of)
        self, name: str, planned: Plan, ledger: Ledger, secrets: Secrets, *, ids: Ids, time: MonotonicTime
    ) -> None:
        self.name, self.planned, self._ledger = name, planned, ledger
        options, surface = planned.options, planned.surface
        self.recording = Recording()
        self.ownership = Ownership(surface, Marks(ledger.history.run, surface), planned.policy, ids)
        logins = None if options.is_here else LOGINS_A_MINUTE
        self.limits = RateLimiter(options.requests_a_second, options.max_requests, options.seconds, logins, time)
        self.limits.reserved = lambda: requests_for(self.ownership, ledger)
        unbounded = replace(transport_options_of(options, ledger, secrets, time, self.recording), bounded=False)
        self.failures = unbounded.failures
        self._login_transport = self._transport_with(unbounded)
        self.sessions = sessions(planned, OperationClient(self._login_transport), time)
        self.ownership.proof.ahead = lambda: [one.ahead for one in self.sessions.values()]
        within = replace(unbounded, sessions=self.sessions)
        self._sweep_transport = self._transport_with(within)
        self.transport = self._transport_with(replace(within, bounded=True))
        self._client = OperationClient(self.transport)
        self._headers = as_admin(options.credentials, surface)

    def _transport_with(self, options: Any) -> GuardedTransport:
        return GuardedTransport(options, self.planned.surface, self.ownership, self._ledger, self.limits)

    # ---------------------------------------------------------------- access
    def enter(self) -> None:
        """Log in, see that the store can be read, and note what is there already. Raises NoLogin."""
        self.recording.stage = "start"
        url = self.planned.options.url
        try:
            for session in self.sessions.values():
                session.token()
            self._look_around()
        except Stopped:
            raise
        except NoLogin as error:
            raise NoLogin(f"{self.name}: {error}") from error
        except requests.RequestException as error:
            raise NoLogin(f"{self.name}: {unreachable(url, error)}") from error

    def _look_around(self) -> None:
        """Note foreign records. Raises NoLogin where none of the lists lets the run in."""
        refused = []
        for resource in self.planned.surface.resources:
            if resource.list is None:
                continue
            call, tenant = resource.list, self.planned.tenant(resource.list)
            response = self._client.send(call, tenant, headers=self._headers)
            if not succeeded(response):
                refused.append((call, response))
                continue
            rows = ListReader(self.planned.surface, call).everything(self._client, tenant, self._headers, {})
            found = frozenset(str(row[resource.id_name]) for row in rows if is_id(row.get(resource.id_name)))
            self.ownership.was_there(found)
            self._ledger.foreign(found)
        if refused and len(refused) == len([one for one in self.planned.surface.resources if one.list]):
            raise NoLogin(refusal(self.planned.options, refused))

    # ---------------------------------------------------------------- requests
    def marked(self, ask: Ask) -> Any:
        """The body of a request, marked as this side's."""
        return self.ownership.body(ask.call, ask.body)

    def answer(self, ask: Ask) -> Answer:
        """The answer to a request, which is sent as it is. Raises RequestRefused, Stopped, and those of requests."""
        headers = {**self._credential(ask), **ask.headers}
        options: dict[str, Any] = {"params": dict(ask.query), "headers": headers}
        options |= {"json": ask.body} if ask.raw is None else {"data": ask.raw}
        request = operation_request(self.transport.url, ask.call, ask.arguments, ask.method, **options)
        with self.recording.under(ask.tried):
            response = self._client.exchange(request)
        return Answer.of(response, self.recording.number_of(response.request))

    def _credential(self, ask: Ask) -> dict[str, str]:
        if ask.who == ADMIN and not ask.call.public:
            return dict(self._headers)
        return as_member() if ask.who == MEMBER else {}

    @property
    def has_member(self) -> bool:
        """Whether there is a member to log in as."""
        return self.planned.options.credentials.has_member

    # ---------------------------------------------------------------- the end
    def sweep(self, *, is_last: bool) -> tuple[list[str], list[str]]:
        """Delete what the run made; returns what may be left, and what can't be deleted."""
        self.recording.stage = "sweep"
        self.transport.stop("the run is over")
        self.limits.over.clear()
        self.failures.begin_anew()
        options = self.planned.options
        seconds = inf if options.seconds is None else max(SWEEP_SECONDS, options.seconds)
        timeout: float = options.timeout
        if is_last:
            seconds, timeout = LAST_SECONDS, min(LAST_TIMEOUT, timeout)
        for transport in (self._login_transport, self._sweep_transport):
            transport.go_on(seconds, timeout)
        client = OperationClient(self._sweep_transport)
        sweeper = Sweeper(self.ownership, client, self._headers, self._ledger, self._at_once)
        return sweeper.sweep(), sweeper.kept

    def _at_once(self) -> int:
        return self.planned.options.at_once(self.limits.latency)

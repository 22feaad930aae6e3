"""The guarded access of one run to one instance: who the run is there, what it owns, its limits, and the sweep that
ends it."""

from dataclasses import replace
from math import inf

from mockserver.checks.live.access import sessions, transport_options_of
from mockserver.checks.live.cleanup import Sweeper
from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.guarded_transport import GuardedTransport, TransportOptions
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.operation_request import as_admin
from mockserver.checks.transport.rate_limiting import LOGINS_A_MINUTE, MonotonicTime, RateLimiter
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.secrets import Secrets
from mockserver.clock import Ids

LAST_SECONDS = 2.0  # for the sweep after Ctrl-C
LAST_TIMEOUT = 0.5  # for each of its responses
SWEEP_SECONDS = 120.0  # for the sweep of a run whose time is limited; as long as the run, if that is more


class GuardedAccess:
    """An instance, as one run may use it. Requests pass `transport`, which changes and deletes only what `ownership`
    knows; logins and the sweep pass transports of their own, which no budget ends. Unless it `is_limited`, the budgets
    of the options hold for none of them."""

    def __init__(  # noqa: PLR0913 (all that a run is told)
        self,
        planned: Plan,
        ledger: Ledger,
        secrets: Secrets,
        ids: Ids,
        time: MonotonicTime,
        *,
        is_limited: bool = True,
    ) -> None:
        options, surface = planned.options, planned.surface
        self.planned, self.ledger, self.recording = planned, ledger, Recording()
        self.ownership = Ownership(surface, Marks(ledger.history.run, surface), planned.policy, ids)
        logins = None if options.is_here else LOGINS_A_MINUTE
        most, self._seconds = (options.max_requests, options.seconds) if is_limited else (None, None)
        self.limits = RateLimiter(options.requests_a_second, most, self._seconds, logins, time)
        unbounded = replace(transport_options_of(options, ledger, secrets, time, self.recording), bounded=False)
        self.failures, self._login_transport = unbounded.failures, self._transport_with(unbounded)
        self.sessions = sessions(planned, OperationClient(self._login_transport), time)
        self.ownership.proof.ahead = lambda: [one.ahead for one in self.sessions.values()]
        within = replace(unbounded, sessions=self.sessions)
        self._sweep_transport = self._transport_with(within)
        self.transport = self._transport_with(replace(within, bounded=True))
        self.client = OperationClient(self.transport)
        self.headers = as_admin(options.credentials, surface)

    def _transport_with(self, options: TransportOptions) -> GuardedTransport:
        return GuardedTransport(options, self.planned.surface, self.ownership, self.ledger, self.limits)

    def at_once(self) -> int:
        """The number of requests on the way at once, as the answers allow."""
        return self.planned.options.at_once(self.limits.latency)

    def sweep(self, *, is_last: bool) -> tuple[list[str], list[str]]:
        """Delete what the run made; returns what may be left, and what can't be deleted. Nothing but this is sent any
        more. It `is_last` after Ctrl-C, and soon over."""
        self.recording.stage = "sweep"
        self.transport.stop("the run is over")
        self.limits.over.clear()
        self.failures.begin_anew()
        seconds = inf if self._seconds is None else max(SWEEP_SECONDS, self._seconds)
        timeout: float = self.planned.options.timeout
        if is_last:
            seconds, timeout = LAST_SECONDS, min(LAST_TIMEOUT, timeout)
        for transport in (self._login_transport, self._sweep_transport):
            transport.go_on(seconds, timeout)
        client = OperationClient(self._sweep_transport)
        sweeper = Sweeper(self.ownership, client, self.headers, self.ledger, self.at_once)
        return sweeper.sweep(), sweeper.kept

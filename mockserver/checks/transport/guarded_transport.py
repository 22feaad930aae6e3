"""The guarded transport: every request of a run passes here, whoever made it.

It refuses requests that could touch foreign records, writes the ledger, waits as the host wants it, and puts the
secrets in.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from mockserver.checks.transport import cookies, exchange_bounds
from mockserver.checks.transport.circuit_breaker import SILENCE, CircuitBreaker
from mockserver.checks.transport.gateway_failures import (
    DID_NOTHING,
    THROTTLED,
    AnswerLost,
    GatewayFailures,
    kind_of,
    may_have_arrived,
)
from mockserver.checks.transport.instance_url import BaseUrl
from mockserver.checks.transport.ledger import Intent, Ledger, is_id
from mockserver.checks.transport.operation_request import as_admin, operation_request, session_through
from mockserver.checks.transport.ownership_guard import OwnershipGuard
from mockserver.checks.transport.placeholders import Placeholders
from mockserver.checks.transport.rate_limiting import MonotonicTime, RateLimiter
from mockserver.checks.transport.record_ids import id_text
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.routes import NetworkRoute
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import REFRESH_TOKEN, SECRET, TOKEN, Credentials, Session, token_properties
from mockserver.checks.transport.successes import refuses, succeeded
from mockserver.checks.transport.throttling import is_endless, is_throttled, seconds_asked
from mockserver.clock import Clock, timestamp
from mockserver.errors import MethodNotAllowed, NotFound
from mockserver.openapi.resources import SAFE, Call, Surface

MOST_REPEATS = 2  # of a request that was answered with 429
MOST_AT_ONCE = 16  # connections that are kept
IDLE = 3.0  # seconds after which a kept connection may have been closed by the other side
UNDECLARED = "unknown"  # counts for requests that no operation declares
TOO_MANY_SECRETS = "it hands out more secrets than can be kept out of the reports"
NO_TIME = "there is no time left"


class RequestRefused(requests.RequestException):
    """A request that isn't sent, as it could touch a foreign record."""


class Stopped(requests.RequestException):
    """A request that isn't sent, as the run is over."""


class LeftAlone(Stopped):
    """A request that isn't sent, as its operation fails again and again. Those of other operations still are."""


class _Target(NamedTuple):
    """The operation that a request names, if it is declared, with its path parameters; the operations that a finding
    about the request may name: that one, or all of a path that doesn't have the method; and `beside`, one of those.
    `refusal` is why it isn't sent, whatever it does; empty if it may be."""

    call: Call | None
    arguments: dict[str, str]
    operations: frozenset[str]
    beside: Call | None = None
    refusal: str = ""


@dataclass(frozen=True)
class TransportOptions:
    """The options of a transport: its target, the caller, and the time to wait.

    `credentials` and `sessions` replace their placeholders in a request, a session that of its token; every request
    gets the headers of the credentials, and takes the `route`. `timeout` is in
    seconds, for a whole exchange; without one each request brings its own. A transport that isn't `bounded` goes on
    when the budget is spent or the run is over: for logins and the sweep.
    """

    url: str
    timeout: float | None = None
    bounded: bool = True
    agent: str = "mockserver-check/unknown"
    credentials: Credentials = field(default_factory=Credentials)
    secrets: Secrets = field(default_factory=lambda: Secrets(Credentials()))
    route: NetworkRoute = field(default_factory=NetworkRoute)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    failures: GatewayFailures = field(default_factory=lambda: GatewayFailures(MonotonicTime().now))
    recording: Recording = field(default_factory=Recording)


class GuardedTransport(HTTPAdapter):
    """A transport adapter of requests, for one target.

    No exchange takes longer than `timeout`, or goes on after `until`, which is a time of the limits' clock. Threads may
    share one.
    """

    def __init__(
        self,
        transport_options: TransportOptions,
        surface: Surface,
        guard: OwnershipGuard,
        ledger: Ledger,
        limits: RateLimiter,
    ) -> None:
        self._sockets = exchange_bounds.OpenSockets()
        self._now = limits.time.now
        super().__init__(pool_connections=4, pool_maxsize=MOST_AT_ONCE)
        self.base, self.timeout = BaseUrl(transport_options.url), transport_options.timeout
        self.url = self.base.url
        self.limits, self.breaker = limits, CircuitBreaker()
        self.refused: list[str] = []
        self.stopped = ""
        self.doubled: list[str] = []  # creations that may have made two: a first answer was lost
        self.until = inf if limits.seconds is None else limits.started + limits.seconds
        self._transport_options, self._surface, self._guard, self._ledger = transport_options, surface, guard, ledger
        self._secrets = transport_options.secrets
        self._placeholders = Placeholders(transport_options.credentials, transport_options.sessions, self._secrets)
        self._last = limits.time.now()

    def go_on(self, seconds: float, timeout: float | None) -> None:
        """Accept requests for so many seconds from now, and wait for each response no longer than `timeout`."""
        self.until, self.timeout = self._now() + seconds, timeout

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request. Raises RequestRefused, LeftAlone or Stopped if it isn't sent, and the errors of requests."""
        authorized = "Authorization" in request.headers
        request.headers.update(self._transport_options.credentials.headers_in_front(authorized=authorized))
        target = self._target(request)
        body = _json(request.body)
        self._admit(request, target, body)
        intent, response = self._answered(target, request, body, *args, **kwargs)
        for value in cookies.values_in(response):
            self._secrets.add_cookie(value)
        if target.call is not None:
            self._note(target.call, target.arguments, response, body, intent)
        return response

    def stop(self, reason: str) -> None:
        """Send nothing any more, and end every wait, also for responses to requests that were sent."""
        self.stopped = self.stopped or reason
        self.limits.over.set()
        self._sockets.shut()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Have a pool of connections, as requests asks; `stop` needs to know their sockets."""
        super().init_poolmanager(*args, **kwargs)
        exchange_bounds.bind(self.poolmanager, self._sockets.add, self._now)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Have connections through a proxy, as requests asks; the same bounds are theirs."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            exchange_bounds.bind(manager, self._sockets.add, self._now)
        return manager

    # ---------------------------------------------------------------- before
    def _target(self, request: requests.PreparedRequest) -> _Target:
        below = self.base.path_below(str(request.url))
        if below is None:
            return _Target(None, {}, frozenset(), refusal=f"it doesn't lead to {self.url}")
        path = below.encode()
        try:
            call, arguments = self._surface.match(str(request.method).upper(), path)
        except MethodNotAllowed as error:
            other, arguments = self._surface.match(error.allow[0], path)
            operations = frozenset(one.id for one in self._surface.calls.values() if one.path == other.path)
            return _Target(None, arguments, operations, other)
        except NotFound:
            return _Target(None, {}, frozenset())
        return _Target(call, arguments, frozenset({call.id}))

    def _admit(self, request: requests.PreparedRequest, target: _Target, body: Any) -> None:
        """Raises Stopped or RequestRefused unless the request may be sent."""
        call, method = target.call, str(request.method).upper()
        if self._transport_options.bounded:
            self.stopped = self.stopped or self.limits.spent or self.breaker.open
        if self.stopped:
            raise Stopped(self.stopped, request=request)
        if self._transport_options.bounded and call is not None and self.breaker.is_open_for(call.id):
            raise LeftAlone(f"{call.id} fails again and again, and is left alone", request=request)
        refusal = target.refusal or self._guard.refusal(call, target.arguments, method, body, target.beside)
        if reason := refusal or self._unproven(target, method, body):
            self.refused.append(f"{method} {urlsplit(str(request.url)).path}: {reason}")
            raise RequestRefused(reason, request=request)

    def _unproven(self, target: _Target, method: str, body: Any) -> str:
        """The reason why a request may change what isn't ours, whatever creating it has answered; empty if it won't."""
        if method in SAFE if target.call is None else not target.call.changes:
            return ""
        named = self._guard.unproven(target.call or target.beside, target.arguments, body)
        return next(filter(None, (self._guard.prove(one, self._ask, self.limits.pause) for one in named)), "")

    def _ask(self, call: Call, arguments: Mapping[str, str], query: Mapping[str, str]) -> requests.Response:
        """The response to the run itself, whoever makes the request that it is asked for."""
        headers, session = as_admin(self._transport_options.credentials, self._surface), session_through(self)
        request = operation_request(self.url, call, arguments, headers=headers, params=query)
        return session.send(session.prepare_request(request), allow_redirects=False)

    def _intent(self, target: _Target, body: Any) -> Intent | None:
        """The entry of the ledger for a request that may create a record."""
        call = target.call
        if call is None or not call.creates:
            return None
        marked = self._guard.is_marked(body)
        return self._ledger.intend(call.id, target.arguments, timestamp(Clock().now()), marked=marked)

    # ---------------------------------------------------------------- on the way
    def _answered(
        self, target: _Target, request: requests.PreparedRequest, body: Any, *args: Any, **kwargs: Any
    ) -> tuple[Intent | None, requests.Response]:
        """The response of the instance, after as many attempts as a gateway needs; with the entry of the last one.

        Raises AnswerLost if an earlier attempt may have made the change that the last one could not make.
        """
        since, has_changed = self._now(), False
        name = target.call.id if target.call else UNDECLARED
        for attempt in count(1):
            intent = self._intent(target, body)
            try:
                response = self._delivered(target, request, *args, **kwargs)
            except requests.ConnectionError as error:
                kind = kind_of(error)
                if not kind:
                    raise
                if not self._repeats(kind, name, attempt, since):
                    self.breaker.note(name, failures=1, affected=target.operations)
                    raise
                has_changed = has_changed or may_have_arrived(error)
                continue
            kind = kind_of(response, target.call, request.method)
            if not self._repeats(kind, name, attempt, since):
                break
            has_changed = has_changed or kind not in DID_NOTHING
        self.breaker.throttled(still=is_endless(response, target.call))
        if kind and kind != THROTTLED:
            self.breaker.note(name, failures=1, affected=target.operations)
        if has_changed and request.method not in SAFE and not succeeded(response):
            raise AnswerLost(f"the answer to {name} was lost on the way", request=request)
        if has_changed and intent is not None:
            self.doubled.append(name)  # which any thread may do
        return intent, response

    def _repeats(self, kind: str, name: str, attempt: int, since: float) -> bool:
        """Count a failure, and wait for the next attempt; False if there is none."""
        failures = self._transport_options.failures
        if not kind:
            failures.answered(name)
            return False
        failures.note(kind)
        seconds = None if self.breaker.open else failures.wait(kind, name, attempt, since)
        return seconds is not None and self.limits.pause(seconds)

    def _delivered(
        self, target: _Target, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """The response of the host, after the repeats that a 429 or an expired token asks for."""
        response, used = self._once(target, request, *args, **kwargs)
        repeats = 0
        while repeats < MOST_REPEATS and self._asks_to_wait(response):
            response, used = self._once(target, request, *args, **kwargs)
            repeats += 1
        if response.status_code == requests.codes.unauthorized and used:
            for placeholder, token in used.items():
                self._transport_options.sessions[placeholder].renew(token)
            response, _ = self._once(target, request, *args, **kwargs)
        return response

    def _asks_to_wait(self, response: requests.Response) -> bool:
        """Whether a 429 says when to come back, and that is soon; then the next request waits."""
        wait = seconds_asked(response)
        return is_throttled(response) and wait is not None and self.limits.pause(wait)

    def _once(
        self, target: _Target, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> tuple[requests.Response, dict[str, str]]:
        """The response to one exchange, and the tokens that were used for it by their placeholders."""
        call = target.call
        real, used = self._placeholders.filled(request)
        real.headers["User-Agent"] = self._transport_options.agent
        self.limits.before(login=call is not None and call.issues, until=self._end)
        if self.stopped or self._now() >= self._end():
            raise Stopped(self.stopped or self.limits.spent or NO_TIME, request=request)
        if self._now() - self._last > IDLE:
            for manager in (self.poolmanager, *self.proxy_manager.values()):
                manager.clear()
        name, began = call.id if call else UNDECLARED, self._now()
        try:
            response = self._read(name, request, real, *args, **{**kwargs, "timeout": self._patience(kwargs)})
        except requests.RequestException as error:
            if not kind_of(error):  # the last of its attempts counts
                failures = SILENCE if isinstance(error, requests.Timeout) else 1
                self.breaker.note(name, failures=failures, affected=target.operations)
            if self.stopped or self._now() >= self.until:
                raise Stopped(self.stopped or self.limits.spent or NO_TIME, request=request) from error
            raise
        finally:
            self.limits.took(self._now() - began)
            self._last = self._now()
        failures = int(response.status_code >= requests.codes.server_error)
        may_pass = kind_of(response, call, request.method)  # the last of its attempts counts
        if not may_pass and (failures or target.operations):  # a proxy may answer what names none for a silent host
            self.breaker.note(name, failures=failures, affected=target.operations)
        response.request = request  # recorded is what was asked, without the secrets
        return response, used

    def _end(self) -> float:
        """The time after which nothing is sent: what is bounded leaves enough of it for the sweep."""
        return min(self.until, self.limits.end) if self._transport_options.bounded else self.until

    def _patience(self, options: Mapping[str, Any]) -> float | None:
        """Seconds that an exchange may take."""
        usual = options.get("timeout") if self.timeout is None else self.timeout
        left = self.until - self._now()
        return usual if left == inf else min(usual or left, left)

    def _read(
        self, name: str, request: requests.PreparedRequest, real: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """The whole response, within its bounds; here, so that a break of the connection counts, too."""
        recording = self._transport_options.recording
        with recording.exchanging(name, request, real) as seen, exchange_bounds.translated(request):
            response = super().send(real, *args, **{**kwargs, **self._transport_options.route.settings})
            exchange_bounds.read(response)
            cookies.keep_out_of_jars(response)
            seen.answered(response)
        return response

    # ---------------------------------------------------------------- after
    def _note(
        self, call: Call, arguments: dict[str, str], response: requests.Response, body: Any, intent: Intent | None
    ) -> None:
        content = _json(response.content)
        if isinstance(content, dict):
            self._note_secrets(call, content, is_login=call.issues and succeeded(response))
        if intent is not None:
            self._note_creation(call, arguments, response, body, intent)
        if call.method == "GET":
            self._guard.shown(call, arguments, response)
        if call.method == "DELETE" and succeeded(response) and call.record in arguments:
            self._guard.deleted(call, arguments[call.record])

    def _note_secrets(self, call: Call, content: dict[str, Any], *, is_login: bool) -> None:
        """Keep the secrets of a response out of reports: the tokens of a login, and properties that the contract shows
        only once.

        Raises Stopped if there are more than can be hidden.
        """
        renewing = token_properties(self._surface, call)[1] if is_login else None
        for name, value in content.items():
            if isinstance(value, str) and name in self._surface.secrets:
                self._secrets.add(value, SECRET)
            elif isinstance(value, str) and is_login:
                self._secrets.add(value, REFRESH_TOKEN if name == renewing else TOKEN)
        if self._secrets.are_full and (self._transport_options.bounded or is_login):  # nobody records what a sweep sees
            if self._transport_options.bounded:
                self.stop(TOO_MANY_SECRETS)
            raise Stopped(TOO_MANY_SECRETS)

    def _note_creation(
        self, call: Call, arguments: dict[str, str], response: requests.Response, body: Any, intent: Intent
    ) -> None:
        content = _json(response.content)
        record = id_text(content.get(call.creates)) if isinstance(content, dict) else None
        if succeeded(response) and isinstance(record, str) and is_id(record) and self._secrets.redact(record) == record:
            if self._guard.created(call, arguments, record, intent.at, body):
                self._ledger.made(intent, record)
        elif refuses(response):
            self._ledger.nothing(intent, response.status_code)


def _json(body: Any) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, TypeError, RecursionError):
        return None

"""The instance, as a run uses it: it subscribes, rotates keys, deletes, and adds what causes events."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from typing import Any

import requests

from mockserver.checks.live.access import refusal, sessions, transport_options_of, unreachable
from mockserver.checks.live.cleanup import Sweeper
from mockserver.checks.live.marks import Marks
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.gateway_failures import GatewayFailures
from mockserver.checks.transport.guarded_transport import GuardedTransport, RequestRefused, Stopped
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.operation_request import as_admin
from mockserver.checks.transport.rate_limiting import LOGINS_A_MINUTE, MonotonicTime, RateLimiter
from mockserver.checks.transport.recording import Recording
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import NoLogin, Session
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Clock, Ids, timestamp
from mockserver.errors import MockserverError, SettingsError
from mockserver.openapi.resources import Call, Resource, Surface

LONGEST_SAID = 200  # characters of an answer
LAST_SECONDS, LAST_TIMEOUT = 2.0, 0.5  # for the sweep after Ctrl-C, and for each of its answers


class NotDone(MockserverError):
    """The error that the instance didn't do what a run needs."""


def subscribing(surface: Surface) -> Resource:
    """The records that are sent to: creating one declares callbacks. Raises SettingsError if the contract has none, or
    isn't Open Loyalty's, whose subscriptions alone are known."""
    if not surface.contract.is_ours:
        raise SettingsError(
            "Who subscribes is known of Open Loyalty's API alone. Of any other contract what was captured is judged: "
            "mockserver check sender --captured FILE --spec FILE"
        )
    found = next((one for one in surface.resources if one.create.declared.get("callbacks")), None)
    if found is None:
        raise SettingsError("The contract has no operation with callbacks that subscribes, and whose records can go.")
    return found


class Instance:
    """An instance, with the records of one run in it."""

    def __init__(self, planned: Plan, ledger: Ledger, secrets: Secrets, ids: Ids, time: MonotonicTime) -> None:
        self._planned, self._ledger, self._ids, self._redact = planned, ledger, ids, secrets.redact
        options, surface = planned.options, planned.surface
        self.resource, self.recording = subscribing(surface), Recording()
        self.ownership = Ownership(surface, Marks(ledger.history.run, surface), planned.policy, ids)
        logins = None if options.is_here else LOGINS_A_MINUTE
        self.limits = RateLimiter(options.requests_a_second, None, None, logins, time)
        unbounded = replace(transport_options_of(options, ledger, secrets, time, self.recording), bounded=False)
        self.failures: GatewayFailures = unbounded.failures
        self._login_transport = GuardedTransport(unbounded, surface, self.ownership, ledger, self.limits)
        self.sessions: Mapping[str, Session] = sessions(planned, OperationClient(self._login_transport), time)
        self.ownership.proof.ahead = lambda: [one.ahead for one in self.sessions.values()]
        within = replace(unbounded, sessions=self.sessions)
        self._sweep_transport = GuardedTransport(within, surface, self.ownership, ledger, self.limits)
        self._transport = GuardedTransport(replace(within, bounded=True), surface, self.ownership, ledger, self.limits)
        self._client, self._headers = OperationClient(self._transport), as_admin(options.credentials, surface)

    # ---------------------------------------------------------------- access
    def enter(self) -> None:
        """Log in, and see that the store can be read. Raises NoLogin."""
        self.recording.stage = "start"
        try:
            for session in self.sessions.values():
                session.token()
            call = self.resource.list or self.resource.create
            response = self._send(call, self._planned.tenant(call)) if self.resource.list else None
        except requests.RequestException as error:
            raise NoLogin(unreachable(self._planned.options.url, error)) from error
        if response is not None and not succeeded(response):
            raise NoLogin(refusal(self._planned.options, [(call, response)]))

    def sweep(self, *, is_last: bool) -> tuple[list[str], list[str]]:
        """Delete what the run made; returns what may be left, and what can't be deleted."""
        self.recording.stage = "sweep"
        self._transport.stop("the run is over")
        self.limits.over.clear()
        self.failures.begin_anew()
        seconds, timeout = (LAST_SECONDS, LAST_TIMEOUT) if is_last else (inf, self._planned.options.timeout)
        for transport in (self._login_transport, self._sweep_transport):
            transport.go_on(seconds, timeout)
        client = OperationClient(self._sweep_transport)
        sweeper = Sweeper(self.ownership, client, self._headers, self._ledger, self._at_once)
        return sweeper.sweep(), sweeper.kept

    def _at_once(self) -> int:
        return self._planned.options.at_once(self.limits.latency)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # ---------------------------------------------------------------- subscriptions
    def subscribe(
        self, event: str, store: str, url: str, headers: Mapping[str, str], *, signed: bool
    ) -> tuple[str, list[str]]:
        """Subscribe; returns the id of the subscription and its secret, if it has one. Raises NotDone."""
        rows = [{"headerName": name, "headerValue": value} for name, value in headers.items()]
        body = {"eventName": event, "url": url, "hmacEnabled": signed, "headers": rows}
        create = self.resource.create
        content = self._created(create, store, {"webhookSubscription": body})
        record = content.get(create.creates or "")
        if not isinstance(record, str):
            raise NotDone(f"{create.id} doesn't say which subscription it made")
        return record, self._secret(create, content) if signed else []

    def rotate(self, record: str, store: str) -> str:
        """The new secret of a subscription. Raises NotDone."""
        call = next((one for one in self.resource.others if self._secrets_of(one)), None)
        if call is None:
            raise NotDone("the contract has no operation that rotates a key")
        found = self._secret(call, self._done(call, self._named(call, record, store)))
        if not found:
            raise NotDone(f"{call.id} shows no new key")
        return found[0]

    def unsubscribe(self, record: str, store: str) -> None:
        """Delete a subscription. Raises NotDone."""
        self._done(self.resource.delete, self._named(self.resource.delete, record, store))

    # ---------------------------------------------------------------- what causes events
    def add_member(self, call: Call, store: str) -> tuple[str, str]:
        """The id and the address of a made-up member. Raises NotDone."""
        email = f"{self._ids.hex(8)}@{self.ownership.marks.host}"
        body = {"customer": {"email": email, "firstName": "Mockserver", "lastName": "Check"}}
        return self._record(call, store, body), email

    def add_transaction(self, call: Call, store: str, email: str = "") -> str:
        """The id of a made-up transaction, of the member with an address if there is one. Raises NotDone."""
        document = f"{self.ownership.marks.prefix}{self._ids.hex(8)}"
        header = {"documentNumber": document, "purchasedAt": timestamp(Clock().now()), "documentType": "sell"}
        item = {"sku": "CHECK", "name": "Made up", "category": "check", "grossValue": 1.5, "quantity": 1}
        customer = {"customerData": {"email": email}} if email else {}
        return self._record(call, store, {"transaction": {"header": header, **customer, "items": [item]}})

    def _record(self, call: Call, store: str, body: Any) -> str:
        record = self._created(call, store, body).get(call.creates or "")
        if not isinstance(record, str):
            raise NotDone(f"{call.id} doesn't say what it made")
        return record

    # ---------------------------------------------------------------- requests
    def _created(self, call: Call, store: str, body: Any) -> dict[str, Any]:
        return self._done(call, self._planned.tenant(call, store), json=self.ownership.body(call, body))

    def _named(self, call: Call, record: str, store: str) -> dict[str, str]:
        return {**self._planned.tenant(call, store), self.resource.parameter: record}

    def _done(self, call: Call, arguments: Mapping[str, str], **options: Any) -> dict[str, Any]:
        """The JSON of a success. Raises NotDone for anything else."""
        with self._told(call):
            response = self._send(call, arguments, **options)
        if not succeeded(response):
            raise NotDone(f"{call.id} answered {response.status_code}{_said(response, self._redact)}")
        try:
            content = response.json() if response.content else {}
        except ValueError:
            content = {}
        return content if isinstance(content, dict) else {}

    def _send(self, call: Call, arguments: Mapping[str, str], **options: Any) -> requests.Response:
        return self._client.send(call, arguments, headers=self._headers, **options)

    @contextmanager
    def _told(self, call: Call) -> Iterator[None]:
        try:
            yield
        except RequestRefused as error:
            raise NotDone(f"{call.id} wasn't called: {error}") from error
        except Stopped:
            raise
        except requests.RequestException as error:
            raise NotDone(f"{call.id} had no answer ({type(error).__name__})") from error

    def _secrets_of(self, call: Call) -> set[str]:
        surface = self._planned.surface
        return set(surface.properties(call.operation, "2")) & surface.secrets

    def _secret(self, call: Call, content: Mapping[str, Any]) -> list[str]:
        found = (content.get(name) for name in sorted(self._secrets_of(call)))
        return [one for one in found if isinstance(one, str)][:1]


def _said(response: requests.Response, redact: Callable[[str], str]) -> str:
    """What a refusal says, in the words of its first problem."""
    try:
        content = response.json()
    except ValueError:
        return ""
    errors = content.get("errors") if isinstance(content, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else content
    message = first.get("message") if isinstance(first, dict) else None
    place = f"{first['path']}: " if isinstance(first, dict) and isinstance(first.get("path"), str) else ""
    return f" ({place}{redact(message)[:LONGEST_SAID]})" if isinstance(message, str) else ""

"""The instance, as a run uses it: it subscribes, rotates keys, deletes, and adds what causes events."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from mockserver.checks.live.access import refusal, unreachable
from mockserver.checks.live.guarded_access import GuardedAccess
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.guarded_transport import RequestRefused, Stopped
from mockserver.checks.transport.ledger import Ledger
from mockserver.checks.transport.rate_limiting import MonotonicTime
from mockserver.checks.transport.secrets import Secrets
from mockserver.checks.transport.session import NoLogin
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Clock, Ids, timestamp
from mockserver.errors import MockserverError, SettingsError
from mockserver.openapi.resources import Call, Resource, Surface

LONGEST_SAID = 200  # characters of an answer


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


class Instance(GuardedAccess):
    """An instance, with the records of one run in it. How long that waits for deliveries is no matter of budgets."""

    def __init__(self, planned: Plan, ledger: Ledger, secrets: Secrets, ids: Ids, time: MonotonicTime) -> None:
        self.resource = subscribing(planned.surface)
        super().__init__(planned, ledger, secrets, ids, time, is_limited=False)
        self._ids, self._redact = ids, secrets.redact

    # ---------------------------------------------------------------- access
    def enter(self) -> None:
        """Log in, and see that the store can be read. Raises NoLogin."""
        self.recording.stage = "start"
        try:
            for session in self.sessions.values():
                session.token()
            call = self.resource.list or self.resource.create
            response = self._send(call, self.planned.tenant(call)) if self.resource.list else None
        except requests.RequestException as error:
            raise NoLogin(unreachable(self.planned.options.url, error)) from error
        if response is not None and not succeeded(response):
            raise NoLogin(refusal(self.planned.options, [(call, response)]))

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    # ---------------------------------------------------------------- subscriptions
    def subscribe(
        self, event: str, store: str, url: str, headers: Mapping[str, str], *, signed: bool
    ) -> tuple[str, list[str]]:
        """Subscribe; returns the id of the subscription and its secret, if it has one. Raises NotDone."""
        rows = [{"headerName": name, "headerValue": value} for name, value in headers.items()]
        body = {"eventName": event, "url": url, "hmacEnabled": signed, "headers": rows}
        create = self.resource.create
        self.ownership.marks.catchers.add(url)
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
        return self._done(call, self.planned.tenant(call, store), json=self.ownership.body(call, body))

    def _named(self, call: Call, record: str, store: str) -> dict[str, str]:
        return {**self.planned.tenant(call, store), self.resource.parameter: record}

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
        return self.client.send(call, arguments, headers=self.headers, **options)

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
        surface = self.planned.surface
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

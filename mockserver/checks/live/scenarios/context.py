"""The context of scenarios: requests with bodies from the contract, whose responses are kept to be judged."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import cycle
from typing import Any, TypeGuard

import requests

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.live.marks import IDENTIFIERS
from mockserver.checks.live.ownership import Ownership
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.live.scenarios.answer_shapes import UndeclaredParts
from mockserver.checks.live.substitutes import Substitutes
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.pages import is_page
from mockserver.checks.transport.record_ids import RecordKey, id_text
from mockserver.checks.transport.session import Identities
from mockserver.checks.transport.successes import succeeded
from mockserver.clock import Clock
from mockserver.openapi.resources import Call, Resource
from mockserver.openapi.shown_bodies import shown_bodies

PATIENCE = (0.25, 0.75, 1.5, 3.0)  # seconds between looks at what may show only after a while
Json = dict[str, Any]
Scenario = tuple[str, Callable[[], None]]  # a name, which a plan can choose, and the attempt, which reports by itself


class ScenarioContext:
    """The context that all scenarios of a run share, on several threads. `responses` keeps responses until somebody
    takes them; `has_responses` says that there was any."""

    def __init__(
        self,
        plan: Plan,
        client: OperationClient,
        ownership: Ownership,
        collector: FindingCollector,
        identities: Identities,
    ) -> None:
        self.plan, self.collector, self.ownership = plan, collector, ownership
        self.surface, self.sessions, self.headers = plan.surface, identities.sessions, dict(identities.headers)
        self.responses: list[tuple[Call, requests.Response]] = []
        self.has_responses = False
        self._here = threading.local()
        self._lock = threading.Lock()
        self.issued_secrets: set[str] = set()
        self._client = client
        self._bodies: dict[str, Any] = {}
        self._waited_in_vain: set[str] = set()
        self._undeclared = UndeclaredParts(plan.surface, collector)
        self.substitutes = Substitutes(ownership, self.make)

    def send(
        self, call: Call, arguments: Mapping[str, str], *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """The response to a request, as the run itself unless other headers are given."""
        self._here.call = call
        sent = dict(self.headers if headers is None else headers)
        response = self._client.send(call, arguments, headers=sent, **options)
        if options.get("method") in (None, call.method):
            self.keep_response(call, response)
        if headers is None:
            self.note_denial(call, response, arguments)
        return response

    @property
    def last_call(self) -> Call | None:
        """The operation of the last request of this thread."""
        return getattr(self._here, "call", None)

    def repeat(self, call: Call | None, request: requests.Request) -> requests.Response:
        """The response to a request that is sent as it is; `call` is its operation, if one is declared."""
        self._here.call = call
        response = self._client.exchange(request)
        if call is not None:
            self.keep_response(call, response)
        return response

    def keep_response(self, call: Call, response: requests.Response) -> None:
        """Keep a response, to be counted and judged."""
        with self._lock:
            self.responses.append((call, response))
        self.has_responses = True
        self._undeclared.look_at(call, response)

    def take_responses(self) -> list[tuple[Call, requests.Response]]:
        """The responses since the last call; a run that kept all of them would need the memory."""
        with self._lock:
            taken, self.responses = self.responses, []
        return taken

    def note_denial(self, call: Call, response: requests.Response, arguments: Mapping[str, str]) -> None:
        """A 403 to the run itself says nothing about the contract: its account may not do this. But pages don't come
        from the API, and to a record that isn't there it is an answer. Who may not delete any more makes nothing more.
        """
        record = arguments.get(call.record or "")
        if response.status_code != requests.codes.forbidden or (record and not self.ownership.is_alive(call, record)):
            return
        for resource in self.surface.resources:
            if resource.delete.id == call.id:
                self.ownership.undeletable.setdefault(resource.create.id, record or "")
        if not is_page(response):
            self.collector.denied.add(call.id)

    def make(self, call: Call, arguments: Mapping[str, str]) -> str | None:
        """Create a record for a request that needs one; None if that doesn't work. Where none can be deleted, it is the
        one that stayed."""
        if call.id in self.ownership.undeletable:
            stayed = self.ownership.undeletable[call.id]
            return stayed if self.ownership.has(call, arguments, stayed) else None
        with self._lock:
            body = next(self._bodies.setdefault(call.id, cycle(self.examples(call) or [{}])))
        body = self.fresh(call, body) if has_conflicts(call) else body
        try:
            response = self._client.send(call, arguments, headers=self.headers, json=body)
            if response.status_code == requests.codes.conflict:
                response = self._client.send(call, arguments, headers=self.headers, json=self.fresh(call, body))
            self.note_denial(call, response, arguments)
            record = self.record_id(response, call.creates or "")
        except requests.RequestException:
            return None
        return record if self.is_ours(record, call) else None

    def is_ours(self, record: Any, create: Call) -> TypeGuard[str]:
        """Whether what an operation has answered as the id of a new record is that of one of this run's."""
        return isinstance(record, str) and RecordKey(create.id, record) in self.ownership.records

    def ask(
        self, call: Call, arguments: Mapping[str, str], query: Mapping[str, str] | None = None
    ) -> requests.Response:
        """The response to a request of the run itself that isn't part of what it judges."""
        return self._client.send(call, arguments, headers=self.headers, params=query)

    @property
    def doubled(self) -> int:
        """The number of records that there may be twice, as a gateway lost the answer to a first attempt."""
        return self._client.doubled

    def pause(self, seconds: float) -> None:
        """Delay the next request."""
        self._client.pause(seconds)

    def seconds_until(self, call: Call, happens: Callable[[], bool]) -> float | None:
        """The seconds after which something shows in the responses of an operation, for what lags behind; None if it
        doesn't, after some patience. Of one operation that is waited for in vain once only."""
        waited = 0.0
        if happens():
            return waited
        for seconds in () if call.id in self._waited_in_vain else PATIENCE:
            self.pause(seconds)
            waited += seconds
            if happens():
                return waited
        self._waited_in_vain.add(call.id)
        return None

    def examples(self, call: Call) -> list[Any]:
        """The bodies that the contract shows for an operation, marked as ours; each time with identifiers that nobody
        has, where the contract says that others may have them."""
        shown = shown_bodies(self.surface.contract, call).values()
        marked = [self.ownership.body(call, body) for body in shown]
        return [self.fresh(call, body) for body in marked] if call.creates and has_conflicts(call) else marked

    def fresh(self, call: Call, body: Any) -> Any:
        """The body with identifiers that nobody has; web addresses don't count as such."""
        if isinstance(body, list):
            return [self.fresh(call, item) for item in body]
        return (
            {name: self._fresh(call, name, value) for name, value in body.items()} if isinstance(body, dict) else body
        )

    def _fresh(self, call: Call, name: str, value: Any) -> Any:
        if not isinstance(value, str) or "://" in value or self.ownership.marks.is_address(call, name):
            return self.fresh(call, value)
        if name in self.ownership.marks.searchable(call):
            fresh = f"{self.ownership.unknown_id()[:8]}.{value}"
            return fresh if len(fresh) <= self.ownership.marks.longest(call, name) else value
        if name.lower().endswith(IDENTIFIERS):
            return self.ownership.phone(self.ownership.unknown_id())
        return value

    def content(self, response: requests.Response) -> Json:
        """The object in a JSON response; an empty one if there is something else."""
        try:
            content = response.json()
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

    def value(self, response: requests.Response, name: str) -> Any:
        """A property of a JSON response; None if there is none."""
        try:
            content = response.json() if succeeded(response) else None
        except ValueError:
            return None
        return content.get(name) if isinstance(content, dict) else None

    def record_id(self, response: requests.Response, name: str) -> Any:
        """The id in a JSON response, as it stands in paths; None if there is none."""
        return id_text(self.value(response, name))

    def seconds_before(self, text: Any, response: requests.Response) -> float | None:
        """The seconds from a moment to the server's own time, by the closest of its clocks; None if it has none."""
        try:
            moment = datetime.fromisoformat(str(text)).timestamp()
            clocks = [parsedate_to_datetime(response.headers["Date"]).timestamp()]
        except (ValueError, KeyError, OverflowError):
            return None
        clocks += [Clock().now() + session.ahead for session in self.sessions.values()]
        return min((now - moment for now in clocks), key=abs)

    def arguments_of(self, resource: Resource, record: str, tenant: Mapping[str, str]) -> dict[str, str]:
        """The path parameters that name a record."""
        return {**tenant, resource.parameter: record}

    def can_call(self, *calls: Call | None) -> bool:
        """Whether all these operations exist and are part of the run."""
        allowed = {call.id for call in self.plan.calls}
        return all(call is not None and call.id in allowed for call in calls)


def has_conflicts(call: Call) -> bool:
    """Whether an operation may be refused as another record is in the way."""
    return str(requests.codes.conflict) in call.operation.responses


def inner(body: Any, shown: Mapping[str, Any]) -> Json:
    """The properties that were sent, without the root key that wraps them."""
    if isinstance(body, dict) and len(body) == 1 and not body.keys() & shown.keys():
        (value,) = body.values()
        return value if isinstance(value, dict) else {}
    return body if isinstance(body, dict) else {}

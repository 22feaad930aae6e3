"""The context of scenarios: requests with bodies from the contract, whose responses are kept to be judged."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import cycle
from typing import Any

import requests

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.live.ownership import Ownership, Substitutes
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.transport.operation_client import OperationClient
from mockserver.checks.transport.session import Identities
from mockserver.clock import Clock
from mockserver.openapi.resources import Call, Resource

Json = dict[str, Any]
Scenario = tuple[str, Callable[[], None]]  # a name, which a plan can choose, and the attempt, which reports by itself


class ScenarioContext:
    """The context that all scenarios of a run share. `responses` keeps responses until somebody takes them;
    `has_responses` says that there was any."""

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
        self.last_call: Call | None = None  # the operation of the last request
        self.issued_secrets: set[str] = set()
        self._client = client
        self._bodies: dict[str, Any] = {}
        self.substitutes = Substitutes(ownership, self.make)

    def send(
        self, call: Call, arguments: Mapping[str, str], *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """The response to a request, as the run itself unless other headers are given."""
        self.last_call = call
        sent = dict(self.headers if headers is None else headers)
        response = self._client.send(call, arguments, headers=sent, **options)
        if options.get("method") in (None, call.method):
            self.keep_response(call, response)
        if headers is None:
            self.note_denial(call, response)
        return response

    def keep_response(self, call: Call, response: requests.Response) -> None:
        """Keep a response, to be counted and judged."""
        self.responses.append((call, response))
        self.has_responses = True

    def take_responses(self) -> list[tuple[Call, requests.Response]]:
        """The responses since the last call; a run that kept all of them would need the memory."""
        taken, self.responses = self.responses, []
        return taken

    def note_denial(self, call: Call, response: requests.Response) -> None:
        """A 403 to the run itself says nothing about the contract: its account may not do this."""
        if response.status_code == requests.codes.forbidden:
            self.collector.denied.add(call.id)

    def make(self, call: Call, arguments: Mapping[str, str]) -> str | None:
        """Create a record for a request that needs one; None if that doesn't work."""
        bodies = self._bodies.setdefault(call.id, cycle(self.examples(call) or [{}]))
        try:
            response = self._client.send(call, arguments, headers=self.headers, json=next(bodies))
            self.note_denial(call, response)
            record = self.value(response, call.creates or "")
        except requests.RequestException:
            return None
        return record if isinstance(record, str) and record in self.ownership.records else None

    def examples(self, call: Call) -> list[Any]:
        """The bodies that the contract shows for an operation, marked as ours."""
        contract = self.surface.contract
        found: list[Any] = []
        body = contract.resolved(call.declared.get("requestBody", {}))
        for media_type in body.get("content", {}).values():
            shown = [contract.resolved(entry).get("value") for entry in media_type.get("examples", {}).values()]
            found += shown or ([media_type["example"]] if "example" in media_type else [])
        return [self.ownership.body(call, deepcopy(example)) for example in found]

    def fresh(self, call: Call, body: Any) -> Any:
        """The body with identifiers that nobody has; web addresses don't count as such."""
        fresh = deepcopy(body)
        values = inner(fresh, {})
        for name, value in values.items():
            if not isinstance(value, str) or "://" in value:
                continue
            if name.lower().endswith("phone"):
                values[name] = self.ownership.marks.phone(self.ownership.unknown_id())
            elif name in self.ownership.marks.searchable(call):
                values[name] = f"{self.ownership.unknown_id()[:8]}.{value}"
            elif name.lower().endswith("number"):
                values[name] = "+48" + str(int(self.ownership.unknown_id()[:8], 16))[:9].ljust(9, "0")
        return fresh

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
            content = response.json() if response.ok else None
        except ValueError:
            return None
        return content.get(name) if isinstance(content, dict) else None

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


def inner(body: Any, shown: Mapping[str, Any]) -> Json:
    """The properties that were sent, without the root key that wraps them."""
    if isinstance(body, dict) and len(body) == 1 and not body.keys() & shown.keys():
        (value,) = body.values()
        return value if isinstance(value, dict) else {}
    return body if isinstance(body, dict) else {}

"""The walk, which comes first: each operation is called with success, and each link of the contract is followed.

Nothing on it is left to chance: a login and its refreshes; for each kind of record create, read, update, renew, list,
delete, and read once more; then whatever only reads. The coverage gate counts its responses, so a verdict doesn't
depend on what fuzzing happens to find.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.live.scenarios.link_expressions import LinkSource, Unavailable
from mockserver.checks.transport.session import MEMBER_TOKEN, Session
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.declared_answers import declared_status
from mockserver.openapi.resources import Call, Link, Resource

UNKNOWN = "mockserver-check-unknown"
Follow = Callable[[tuple[str, str, str]], None]


class Walk:
    """The walk of a run. `follow` takes the key of each link as it is followed."""

    def __init__(self, context: ScenarioContext, follow: Follow) -> None:
        self._context, self._plan, self._follow = context, context.plan, follow
        self._unfollowed = list(context.plan.gate().links)
        self._succeeded: set[str] = set()

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts, in their order."""
        for placeholder, session in self._context.sessions.items():
            if self._context.can_call(session.login):
                whose = "member" if placeholder == MEMBER_TOKEN else "admin"
                yield f"login of the {whose}", partial(self._log_in, session)
        for resource in self._context.surface.resources:
            lasts = resource.create.id in self._context.ownership.undeletable
            if self._context.can_call(resource.create) and not lasts:
                yield f"life of a {resource.create.kind}", partial(self._live, resource)
        for call in self._plan.calls:
            if call.creates and not self._context.surface.deletable(call):
                yield f"a {call.kind} that stays", partial(self._make, call)
        for call in self._plan.calls:
            if call.issues and call not in self._plan.judged:
                yield f"{call.id} by nobody", partial(self._refuse, call)
            elif not call.issues and not call.account_wide and call.creates is None:
                yield call.id, partial(self._call, call)

    # ---------------------------------------------------------------- steps
    def _log_in(self, session: Session) -> None:
        response = session.log_in_again()
        self._context.keep_response(session.login, response)
        self._go_on(LinkSource(session.login, session.arguments, session.login_body(), response))

    def _live(self, resource: Resource) -> None:
        """The life of a record, and that of others as long as they may lead to something new."""
        for body in self._context.examples(resource.create) or [{}]:
            created = self._send(resource.create, self._plan.tenant(resource.create), body)
            record = self._context.record_id(created.response, resource.id_name)
            if not isinstance(record, str):
                return
            self._go_on(created)
            arguments = self._context.arguments_of(resource, record, self._plan.tenant(resource.create))
            self._update(resource.update, arguments)
            if resource.list is not None and resource.list.id not in self._succeeded:
                self._call(resource.list)
            self._end(resource, arguments)
            if not self._leads_on(resource):
                return

    def _update(self, update: Call | None, arguments: Mapping[str, str]) -> None:
        """Updates by the contract's examples, as long as an answer to one has links that are new."""
        for body in self._context.examples(update) if update and self._context.can_call(update) else ():
            if update is not None and any(link.source == update.id for link in self._unfollowed):
                self._go_on(self._send(update, arguments, body))

    def _end(self, resource: Resource, arguments: Mapping[str, str]) -> None:
        if not self._context.can_call(resource.delete):
            return
        if self._context.ownership.is_alive(resource.delete, arguments[resource.parameter]):
            self._send(resource.delete, arguments, None)
        if self._context.can_call(resource.read) and resource.read is not None:
            self._send(resource.read, arguments, None)

    def _leads_on(self, resource: Resource) -> bool:
        """Whether another record of this kind may lead to something new."""
        calls = [resource.read, resource.update, resource.delete, *resource.others]
        mine = {call.id for call in (resource.create, *calls) if call is not None and self._context.can_call(call)}
        return not mine <= self._succeeded or any(link.source in mine for link in self._unfollowed)

    def _make(self, call: Call) -> None:
        for body in self._context.examples(call)[:1]:
            self._go_on(self._send(call, self._plan.tenant(call), self._context.fresh(call, body)))

    def _call(self, call: Call) -> None:
        """Call an operation that the walk hasn't called with success yet, on a record of ours if it needs one."""
        attempts = max(1, *(len(self._context.examples(one.create)) for one in self._context.surface.resources), 1)
        for _ in range(attempts if call.record else 1):
            if call.id in self._succeeded:
                return
            arguments: dict[str, Any] = self._plan.tenant(call)
            if call.record is not None:
                spare = self._context.substitutes.spare(call, arguments)
                arguments[call.record] = spare or self._context.ownership.unknown_id(call)
            self._go_on(self._send(call, arguments, next(iter(self._context.examples(call)), None)))

    def _refuse(self, call: Call) -> None:
        """A login or a refresh by somebody whom nobody knows."""
        for body in self._context.examples(call)[:1]:
            unknown = dict.fromkeys(body, UNKNOWN) if isinstance(body, dict) else body
            self._send(call, self._plan.tenant(call), unknown)

    # ---------------------------------------------------------------- links
    def _go_on(self, exchange: LinkSource) -> None:
        """Follow the links of an answer that weren't followed yet; those that delete come last."""
        while (link := self._next(exchange)) is not None:
            self._unfollowed.remove(link)
            target = self._context.surface.calls[link.target]
            try:
                values = {name: exchange.value(value) for name, value in link.parameters.items()}
                body = exchange.value(link.body)
            except Unavailable:
                continue  # the gate says that the link was never followed
            if body is None:
                body = next(iter(self._context.examples(target)), None)
            arguments = {**self._plan.tenant(target), **{name: str(value) for name, value in values.items()}}
            if target.creates and not self._context.surface.deletable(target):
                body = self._context.fresh(target, self._context.ownership.body(target, body))
            reached = self._send(target, arguments, self._context.ownership.body(target, body))
            self._follow(link.key)
            self._go_on(reached)

    def _next(self, exchange: LinkSource) -> Link | None:
        call = exchange.call
        status = declared_status(call.operation.responses, exchange.response.status_code)
        found = [link for link in self._unfollowed if (link.source, link.status) == (call.id, status)]
        return min(found, key=lambda link: self._context.surface.calls[link.target].method == "DELETE", default=None)

    def _send(self, call: Call, arguments: Mapping[str, str], body: Any) -> LinkSource:
        in_path = {one.name for one in call.operation.parameters_in("path")}
        steps = {name: value for name, value in arguments.items() if name in in_path}
        query = {name: value for name, value in arguments.items() if name not in in_path}
        headers: dict[str, str] | None = {} if call.public else None
        response = self._context.send(call, steps, headers=headers, json=body, params=query)
        if succeeded(response):
            self._succeeded.add(call.id)
        return LinkSource(call, steps, body, response)

"""Creating a record: it reads back and is listed as it was sent, it is new, and its secrets are shown once."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.allowed_bodies import is_allowed
from mockserver.checks.live.scenarios.answer_shapes import dotted, lacking, schema_of
from mockserver.checks.live.scenarios.context import Scenario, inner
from mockserver.checks.live.scenarios.forbidden_bodies import leaves, with_value
from mockserver.checks.live.scenarios.leaks import leaks
from mockserver.checks.live.scenarios.record_scenarios import (
    IS_GONE,
    RecordScenarios,
    named_examples,
    response_examples,
)
from mockserver.checks.transport.successes import succeeded
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Call


class CreationScenarios(RecordScenarios):
    """Scenarios of creating records of one resource."""

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        for name, body in named_examples(self.context, self.resource.create):
            yield f"{name} is created and read", partial(self._created, name, body)

    def more_scenarios(self) -> Iterator[Scenario]:
        """Names and attempts that try the same with more, and with texts in other case."""
        for name, body in named_examples(self.context, self.resource.create):
            if (longer := lengthened(self.context.surface.contract, self.resource.create, body)) != body:
                yield f"{name}, with more in its lists", partial(self._created, "", self._in_other_case(longer))

    def _in_other_case(self, body: Any) -> Any:
        """The body with each text in other case, where the contract lets it be any text."""
        create, marks = self.resource.create, self.context.ownership.marks
        for path, value in leaves(body):
            changed = with_value(body, path, marks.in_other_case(value)) if isinstance(value, str) else body
            body = changed if is_allowed(self.context.surface.contract, create, changed) else body
        return body

    def _created(self, name: str, body: Any) -> None:
        response, record = self.create(body)
        if record is None:
            return
        self._keeps_example(name, response)
        read = self.read(record)
        if read is not None:
            if not self.are_ours(record):
                return
            self.reads_back(body, read, "what was sent when creating")
            self._is_fresh(read)
            self._has_all(read)
            self._is_steady(record, read)
            self._issues_secret(response, read)
        elif self.context.can_call(self.resource.read):
            return  # what isn't there is in no list either
        self._hides(body, response)
        self.is_listed(record, body, read)
        self.delete(record)

    def _keeps_example(self, name: str, response: requests.Response) -> None:
        """A response has what the contract's example of the same name has, and no more."""
        create = self.resource.create
        shown = response_examples(self.context, create, str(response.status_code))
        if name in shown and isinstance(shown[name], dict):
            for place, where, mark in self._lacking(create, response, [shown[name]]):
                message = f"the answer to the example `{name}` lacks {place}"
                self.broken_promise(
                    create, Promise.EXAMPLES_WORK, response, message, place, where=where, assumption=mark
                )

    def _lacking(self, call: Call, response: requests.Response, examples: list[Any]) -> Iterator[tuple[str, str, Any]]:
        """The places that examples have and a response lacks, with line and assumption."""
        status = str(response.status_code)
        schema = schema_of(self.context.surface, call, status)
        for path in lacking(self.context.surface.contract, schema, examples, self.context.content(response)):
            yield dotted(path), *self.collector.locations.of_missing(call, status, path[:-1], str(path[-1]))

    def _is_fresh(self, read: requests.Response) -> None:
        """The time at which a record was created is about the server's time."""
        call = self.resource.read
        for name, schema in self.shown.items():
            if schema.get("format") == "date-time" and "creat" in name.lower() and call is not None:
                seconds = self.context.seconds_before(self.context.value(read, name), read)
                if seconds is not None and abs(seconds) > 300:  # noqa: PLR2004 (five minutes)
                    where, mark = self.collector.locations.of_value(call, "200", [name])
                    message = f"{name} of a new record is {seconds:.0f} seconds before the server's time"
                    self.broken_promise(
                        call, Promise.TIME_OF_CREATION, read, message, "now", where=where, assumption=mark, cause=name
                    )

    def _has_all(self, read: requests.Response) -> None:
        """Reading shows what the contract's examples of reading show."""
        call = self.resource.read
        if call is None:
            return
        shown = list(response_examples(self.context, call, str(read.status_code)).values())
        for place, where, mark in self._lacking(call, read, shown):
            message = f"{place} is missing, which the contract's examples have"
            self.broken_promise(call, Promise.EXAMPLES_WORK, read, message, place, where=where, assumption=mark)

    def _is_steady(self, record: str, read: requests.Response) -> None:
        """Reading changes nothing, and an id is written in one way only."""
        again = self.read(record)
        call = self.resource.read
        if call is None or again is None:
            return
        if self.differ(read, again):
            self.broken_promise(
                call, Promise.READS_BACK, again, "the same record reads differently twice in a row", read.text
            )
        parameter = next(one for one in call.operation.parameters if one.name == call.record)
        other = record.upper()
        if other != record and not self.context.surface.contract.validator(parameter.pointer).is_valid(other):
            response = self.context.send(call, self.arguments_of(other))
            if succeeded(response):
                message = "an id that the contract doesn't allow finds a record"
                self.broken_promise(call, Promise.IDS_FIT, response, message, "404", condition=IS_GONE)

    def _issues_secret(self, created: requests.Response, read: requests.Response) -> None:
        """The response holds a secret if a switch asks for one, and only then."""
        flags = [name for name, schema in self.shown.items() if schema.get("type") == "boolean" and name in self.taken]
        if self.secret is None or not flags:
            return
        states = [self.context.value(read, flag) for flag in flags]
        if not all(isinstance(state, bool) for state in states):
            return  # a switch that isn't shown says nothing, and that is told
        wanted, issued = any(states), self.context.value(created, self.secret)
        if wanted != (issued is not None):
            create = self.resource.create
            where, mark = self.collector.locations.of_value(create, str(created.status_code), [self.secret])
            message = f"{self.secret} is missing" if wanted else f"{self.secret} is told although nothing asked for it"
            self.broken_promise(create, Promise.SECRET_WHEN_ISSUED, created, message, "", where=where, assumption=mark)

    @property
    def taken(self) -> dict[str, Mapping[str, Any]]:
        """The properties that creating accepts."""
        return self.takes(self.resource.create)

    def _hides(self, body: Any, created: requests.Response) -> None:
        """Secrets are shown once, and what reading doesn't declare isn't shown at all."""
        record = str(self.context.record_id(created, self.resource.id_name))
        hidden = {name: value for name, value in inner(body, self.shown).items() if name not in self.shown}
        hidden |= {self.secret: self.context.value(created, self.secret)} if self.secret else {}
        for call in (self.resource.read, self.resource.list):
            if call is not None and self.context.can_call(call):
                arguments = self.arguments_of(record) if call.record else self.tenant
                response = self.context.send(call, arguments, params=self.search(call))
                for name in (name for name, value in hidden.items() if leaks(response, name, value)):
                    message = f"{name} is write-only, or shown once, and is shown again"
                    details = {"severity": "critical", "cause": name}
                    self.broken_promise(call, Promise.SECRETS_STAY_SECRET, response, message, "no secret", **details)


def lengthened(contract: Contract, call: Call, body: Any) -> Any:
    """The body of an operation with two more items in each list, like the last but for their texts; as it is if the
    contract forbids that."""
    longer = _longer(body)
    return longer if is_allowed(contract, call, longer) else body


def _longer(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _longer(item) for name, item in value.items()}
    if isinstance(value, list) and value:
        return [*value, *(_other(deepcopy(value[-1]), number) for number in (2, 3))]
    return value


def _other(value: Any, number: int) -> Any:
    if isinstance(value, dict):
        return {name: _other(item, number) for name, item in value.items()}
    return f"{value}-{number}" if isinstance(value, str) else value

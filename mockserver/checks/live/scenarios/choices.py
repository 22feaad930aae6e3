"""Choices: whatever an enumeration of the contract has is taken, by what creates records and by what updates them.

Fuzzing picks some of them by chance. Here each has its turn, once.
"""

from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.answer_shapes import Path
from mockserver.checks.live.scenarios.context import Scenario, inner
from mockserver.checks.live.scenarios.forbidden_bodies import is_allowed
from mockserver.checks.live.scenarios.record_scenarios import RecordScenarios, named_examples
from mockserver.checks.transport.record_ids import id_text
from mockserver.openapi.resources import Call

MOST = 40  # choices of a property
REFUSALS = (requests.codes.bad_request, requests.codes.unprocessable)
Choice = tuple[str, Any, Any]  # the property, its value, and the body


class ChoiceScenarios(RecordScenarios):
    """Scenarios of the choices that the bodies of one resource have."""

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        create, update = self.resource.create, self.resource.update
        for name, value, body in self._choices(create):
            yield f"{value} as {name}", partial(self._created, name, value, body)
        if update is not None and self.context.can_call(update):
            for name, value, body in self._choices(update):
                yield f"updated to {value} as {name}", partial(self._updated, update, name, value, body)

    def _choices(self, call: Call) -> Iterator[Choice]:
        """The first example that may have it, with each value of each enumeration that no example has."""
        examples, seen = [body for _, body in named_examples(self.context, call)], set[tuple[str, str]]()
        for name, schema in self.takes(call).items():
            shown = [inner(body, self.takes(call)).get(name) for body in examples]
            for value in [one for one in schema.get("enum", ()) if one not in shown][:MOST]:
                changed = (self._with(call, body, name, value) for body in examples)
                body = next((one for one in changed if is_allowed(self.context.surface.contract, call, one)), None)
                if body is not None and (name, str(value)) not in seen:
                    seen.add((name, str(value)))
                    yield name, value, body

    def _with(self, call: Call, body: Any, name: str, value: Any) -> Any:
        changed = deepcopy(body)
        inner(changed, self.takes(call))[name] = value
        return changed

    def _created(self, name: str, value: Any, body: Any) -> None:
        create = self.resource.create
        response = self.context.send(create, self.tenant, json=self.context.fresh(create, body))
        self._is_taken(create, response, name, value)
        record = id_text(self.context.record_id(response, self.resource.id_name))
        if self.context.is_ours(record, create):
            self.delete(record)

    def _updated(self, update: Call, name: str, value: Any, body: Any) -> None:
        """A record of ours, the same for all choices."""
        record = self.context.substitutes.spare(update, self.tenant)
        if record is not None:
            response = self.context.send(update, self.arguments_of(record), json=body)
            self._is_taken(update, response, name, value)

    def _is_taken(self, call: Call, response: requests.Response, name: str, value: Any) -> None:
        if response.status_code not in REFUSALS:
            return  # what else is wrong with an answer is told, whatever was asked for
        kind = next((kind for kind in call.operation.media_types if "json" in kind), "")
        where, _ = self.collector.locations.of_sent(call, kind, self._place(call, name))
        message = f"{name} is refused as {value!r}, which the contract has among its choices"
        self.broken_promise(
            call, Promise.POSITIVE_DATA_ACCEPTANCE, response, message, "a success", where=where, cause=name
        )

    def _place(self, call: Call, name: str) -> Path:
        """The place of a property in a body: in its root key, where that is alone there."""
        body: Any = next((body for _, body in named_examples(self.context, call)), {})
        return (name,) if inner(body, self.takes(call)) is body else (next(iter(body)), name)

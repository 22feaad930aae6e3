"""Variety: whatever the contract allows in a body is taken, by what creates records and by what updates them.

Fuzzing tries some of it by chance. Here each choice, each thing that may be left out, and each edge has its turn, once.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import requests

from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.scenarios.allowed_bodies import varied
from mockserver.checks.live.scenarios.answer_shapes import Path, dotted
from mockserver.checks.live.scenarios.context import Scenario
from mockserver.checks.live.scenarios.record_scenarios import RecordScenarios
from mockserver.checks.transport.record_ids import id_text
from mockserver.openapi.resources import Call

REFUSALS = (requests.codes.bad_request, requests.codes.unprocessable)


class VarietyScenarios(RecordScenarios):
    """Scenarios of the bodies that the operations of one resource take."""

    def scenarios(self) -> Iterator[Scenario]:
        """Names and attempts."""
        create, update = self.resource.create, self.resource.update
        for words, path, body in self._varied(create):
            yield f"created, {words}", partial(self._created, words, path, body)
        if update is not None and self.context.can_call(update):
            for words, path, body in self._varied(update):
                yield f"updated, {words}", partial(self._updated, update, words, path, body)

    def _varied(self, call: Call) -> Iterator[tuple[str, Path, Any]]:
        return varied(self.context.surface.contract, call, self.context.examples(call))

    def _created(self, words: str, path: Path, body: Any) -> None:
        create = self.resource.create
        response = self.context.send(create, self.tenant, json=self.context.fresh(create, body))
        self._is_taken(create, response, words, path)
        record = id_text(self.context.record_id(response, self.resource.id_name))
        if self.context.is_ours(record, create):
            self.delete(record)

    def _updated(self, update: Call, words: str, path: Path, body: Any) -> None:
        """A record of ours, the same for all bodies."""
        record = self.context.substitutes.spare(update, self.tenant)
        if record is not None:
            response = self.context.send(update, self.arguments_of(record), json=body)
            self._is_taken(update, response, words, path)

    def _is_taken(self, call: Call, response: requests.Response, words: str, path: Path) -> None:
        if response.status_code not in REFUSALS:
            return  # what else is wrong with an answer is told, whatever was asked for
        kind = next((kind for kind in call.operation.media_types if "json" in kind), "")
        where, _ = self.collector.locations.of_sent(call, kind, path)
        message = f"a body is refused that the contract allows: {words}"
        details = {"where": where, "cause": dotted(path)}
        self.broken_promise(call, Promise.POSITIVE_DATA_ACCEPTANCE, response, message, "a success", **details)

"""Payloads that Hypothesis makes of the contract's schemas, by Schemathesis: valid ones, the odder the better."""

from typing import Any

import hypothesis
import schemathesis
from schemathesis.config import SchemathesisConfig

from mockserver.openapi.contract import Contract

Json = dict[str, Any]


class FuzzedPayloads:
    """The generator of a contract's payloads. The same seed makes the same ones."""

    def __init__(self, contract: Contract, seed: int) -> None:
        document = contract.document
        self._paths = {name: f"/{number}" for number, name in enumerate(contract.event_names)}
        paths = {
            path: {"post": _operation(path[1:], contract.at(contract.event_schema(name)))}
            for name, path in self._paths.items()
            if contract.events[name].pointer is not None
        }
        components = document.get("components", {})
        info = {"title": "events", "version": "1"}
        whole = {"openapi": document["openapi"], "info": info, "paths": paths, "components": components}
        self._schema = schemathesis.openapi.from_dict(whole, config=SchemathesisConfig())
        self._seed = seed

    def of(self, event: str, number: int) -> list[Json]:
        """So many payloads of an event, at most."""
        found: list[Json] = []
        strategy = self._schema[self._paths[event]]["POST"].as_strategy()

        @hypothesis.seed(self._seed)
        @hypothesis.settings(
            max_examples=number,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(strategy)
        def collect(case: Any) -> None:
            if isinstance(case.body, dict):
                found.append(case.body)

        collect()
        return found


def _operation(name: str, schema: Any) -> Json:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"operationId": name, "requestBody": body, "responses": {"200": {"description": "taken"}}}

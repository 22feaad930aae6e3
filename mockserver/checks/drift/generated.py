"""Requests that Hypothesis makes of the contract's schemas, by Schemathesis: valid ones, and such as break one rule.

The same seed makes the same ones.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import hypothesis
import schemathesis
from hypothesis.errors import HypothesisException
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from mockserver.checks.drift.ask import NOBODY, Ask
from mockserver.checks.drift.exchanges import Exchanges
from mockserver.checks.drift.walk import PairedWalk
from mockserver.checks.live.planning.plan import Plan
from mockserver.openapi.resources import Call

Tick = Callable[[str], None]


class GeneratedAsks:
    """The generated requests of a run: so many of each operation."""

    def __init__(self, planned: Plan, exchanges: Exchanges, walk: PairedWalk, seed: int, number: int) -> None:
        self._planned, self._exchanges, self._walk = planned, exchanges, walk
        self._seed, self._number = seed, number
        document = {key: value for key, value in planned.surface.contract.document.items() if key != "servers"}
        configuration = {"generation": {"allow-x00": planned.options.is_hostile, "database": "none"}}
        self._schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(configuration))

    def ask(self, tick: Tick) -> None:
        """Ask all of them. Raises Stopped."""
        for call in self._planned.calls:
            if call.account_wide or call.issues:
                continue
            tick(f"generated requests of {call.id}")
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                for case in self._cases(call, mode):
                    self._ask(call, case, mode.value)

    def _cases(self, call: Call, mode: GenerationMode) -> list[Any]:
        """Cases of an operation; none where it has nothing that could be generated."""
        found: list[Any] = []
        stays = call.creates is not None and not self._planned.surface.deletable(call)
        if stays and mode is GenerationMode.POSITIVE:
            return found  # each would make a record that stays
        strategy = self._schema[call.path][call.method].as_strategy(generation_mode=mode)

        @hypothesis.seed(self._seed)
        @hypothesis.settings(
            max_examples=max(1, self._number // 2),
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(strategy)
        def collect(case: Any) -> None:
            found.append(case)

        with suppress(HypothesisException):
            collect()
        return found

    def _ask(self, call: Call, case: Any, mode: str) -> None:
        if case.body is not None and not isinstance(case.body, dict | list) and not _is_nothing(case.body):
            return
        body = case.body if isinstance(case.body, dict | list) else None
        if body is None and call.operation.body_required and mode == GenerationMode.POSITIVE.value:
            return
        ask = Ask(
            call,
            self._planned.tenant(call),
            f"generated: {mode}",
            body=body,
            query={**self._walk.own_rows(call), **_texts(case.query)},
        )
        if call.record is not None:
            record = self._walk.spare(call)
            if record is None:
                return
            ask = replace(ask, arguments={**ask.arguments, call.record: record})
        if any(name.lower() == "authorization" for name in case.headers or {}):
            ask = replace(ask, who=NOBODY)
        pair = self._exchanges.ask(ask)
        if pair is not None and call.method == "DELETE":
            self._walk.forget_spares()
        if pair is not None and call.changes and pair.mock.status != pair.live.status:
            self._walk.forget_spares()


def _is_nothing(body: Any) -> bool:
    return type(body).__name__ == "NotSet"


def _texts(query: Mapping[str, Any] | None) -> dict[str, str]:
    """The query as texts; what has no text, as an object, is left out."""
    return dict(_pairs(query or {}))


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(item, dict | list):
                    yield f"{name}[{key}]", _text(item)
        elif not isinstance(value, list):
            yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return str(value)

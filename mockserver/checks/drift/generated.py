"""Requests that Hypothesis makes of the contract's schemas, by Schemathesis: valid ones, and such as break one rule.

The same seed makes the same ones.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import hypothesis
import schemathesis
from hypothesis.errors import HypothesisException
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from mockserver.checks.drift.ask import ADMIN, NOBODY, Ask
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
            asked = set[str]()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                for ask in filter(None, (self._ask_of(call, case, mode) for case in self._cases(call, mode))):
                    if (known := repr((ask.who, ask.body, ask.query))) not in asked:
                        asked.add(known)
                        self._ask(call, ask)

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

    def _ask_of(self, call: Call, case: Any, mode: GenerationMode) -> Ask | None:
        """The request of a case; None if it has a body that isn't sent, or breaks only what isn't."""
        if case.body is not None and not isinstance(case.body, dict | list) and not _is_nothing(case.body):
            return None
        body = case.body if isinstance(case.body, dict | list) else None
        if body is None and call.operation.body_required and mode is GenerationMode.POSITIVE:
            return None
        if mode is GenerationMode.NEGATIVE and not _is_seen_broken(case):
            return None
        query = {**self._walk.own_rows(call), **_texts(case.query)}
        who = NOBODY if _is_of_nobody(case) else ADMIN
        return Ask(call, self._planned.tenant(call), f"generated: {mode.value}", who=who, body=body, query=query)

    def _ask(self, call: Call, ask: Ask) -> None:
        if call.record is not None:
            record = self._walk.spare(call)
            if record is None:
                return
            ask = replace(ask, arguments={**ask.arguments, call.record: record})
        pair = self._exchanges.ask(ask)
        if pair is not None and call.method == "DELETE":
            self._walk.forget_spares()
        if pair is not None and call.changes and pair.mock.status != pair.live.status:
            self._walk.forget_spares()


def _is_nothing(body: Any) -> bool:
    return type(body).__name__ == "NotSet"


def _broken(case: Any) -> set[ParameterLocation]:
    """Where a case breaks a rule."""
    return {where for where, how in case.meta.components.items() if how.mode is GenerationMode.NEGATIVE}


def _is_of_nobody(case: Any) -> bool:
    """Whether the credential is what a case breaks; a made-up one that has the right form stands for the run's."""
    named = any(name.lower() == "authorization" for name in case.headers or {})
    return named and ParameterLocation.HEADER in _broken(case)


def _is_seen_broken(case: Any) -> bool:
    """Whether a case breaks a rule of what is sent: body, query, or the credential, in whose place nobody's is."""
    broken = _broken(case)
    is_whole = len(_texts(case.query)) == len(case.query or {})
    return ParameterLocation.BODY in broken or (ParameterLocation.QUERY in broken and is_whole) or _is_of_nobody(case)


def _texts(query: Mapping[str, Any] | None) -> dict[str, str | list[str]]:
    """The query as texts, and lists of texts for what is there several times; what has no text, as an object, is left
    out. Schemathesis has written objects as their parameters say already, where they are such."""
    named = {name: value if isinstance(value, list) else [value] for name, value in (query or {}).items()}
    told = {name: [*map(_text, items)] for name, items in named.items() if not any(map(_is_nested, items))}
    return {name: items if isinstance((query or {})[name], list) else items[0] for name, items in told.items()}


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return str(value)

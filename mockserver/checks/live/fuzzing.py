"""Fuzzing by Schemathesis, with all its phases and checks, on one target. No other module knows Schemathesis.

The engine isn't part of its documented Python reference; configuration, authentication and hooks are. A hook makes
every case safe before it is sent; the guarded transport checks each request once more.
"""

import ast
import re
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import requests
import schemathesis
from schemathesis import checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import CaseNode, ScenarioRecorder
from schemathesis.schemas import BaseSchema

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.findings.coverage import CoverageGate
from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.planning.fuzzing_options import PHASES, FuzzingOptions
from mockserver.checks.live.scenarios.context import ScenarioContext
from mockserver.checks.live.substitutes import hash_of
from mockserver.checks.transport.gateway_failures import AnswerLost
from mockserver.checks.transport.guarded_transport import GuardedTransport, RequestRefused, Stopped
from mockserver.checks.transport.refusals import refusals
from mockserver.checks.transport.session import Identities, carries_credential
from mockserver.openapi.resources import Call, Surface

STEPS = 6  # of a walk along the links
MOST_RECORDED = 32_768  # bytes of a response that the recording keeps; there are thousands of them
UNHEARD = ["400", "401", "403", "404", "406", "415", "422"]  # without a header; also where a path names nothing
ACCEPTED = ["2xx", "401", "403", "404", "429"]  # what valid data may get
_CONFORMANCE = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
_CHECKS = (
    Promise.NOT_A_SERVER_ERROR,
    Promise.STATUS_CODE_CONFORMANCE,
    Promise.CONTENT_TYPE_CONFORMANCE,
    Promise.RESPONSE_HEADERS_CONFORMANCE,
    Promise.RESPONSE_SCHEMA_CONFORMANCE,
    Promise.NEGATIVE_DATA_REJECTION,
    Promise.POSITIVE_DATA_ACCEPTANCE,
    Promise.USE_AFTER_FREE,
    Promise.ENSURE_RESOURCE_AVAILABILITY,
    Promise.IGNORED_AUTH,
    Promise.MISSING_REQUIRED_HEADER,
    Promise.UNSUPPORTED_METHOD,
    Promise.ALLOW_HEADER_CONFORMANCE,
)
_TRANSITION = re.compile(r" -> \[(\w+)\] (\w+) -> ")
Json = dict[str, Any]


@contextmanager
def parsing_in_turn() -> Iterator[None]:
    """Let one thread at a time parse Python code.

    Hypothesis does so for its messages. Where threads take turns amid it, Python miscounts how deep they are and raises
    a SystemError (gh-106905), which costs an operation the rest of its cases, without a word.
    """
    usual, lock = ast.parse, threading.RLock()

    def parse(*args: Any, **options: Any) -> Any:
        with lock:
            return usual(*args, **options)

    ast.parse = parse  # Hypothesis looks it up there
    try:
        yield
    finally:
        ast.parse = usual


class Fuzzer:
    """A run of Schemathesis through the guarded transport, whose results go to a collector of findings and a coverage
    gate."""

    def __init__(
        self,
        surface: Surface,
        transport: GuardedTransport,
        context: ScenarioContext,
        options: FuzzingOptions,
        identities: Identities,
    ) -> None:
        self._surface, self._transport, self._options = surface, transport, options
        self._ownership, self._substitutes = context.ownership, context.substitutes
        self._recording = context.collector.recording
        self._sessions, self.headers = identities.sessions, identities.headers
        self._counts: dict[str, int] = {}
        self._interrupted: Any = None

    def run(
        self, collector: FindingCollector, gate: CoverageGate, tick: Callable[[str], None], workers: int = 1
    ) -> bool:
        """All phases, with so many operations at once. False if it was interrupted.

        Logins and refreshes come last, as they may have to wait for their turn.
        """
        free = [call for call in self._options.calls if not call.issues]
        counted = [call for call in self._options.calls if call.issues]
        alone, walks = self._options.phases - {"stateful"}, self._options.phases & {"stateful"}
        passes = ((free, alone, workers), (self._options.calls, walks, 1), (counted, alone, workers))
        for calls, phases, at_once in passes:
            if calls and phases and not self._transport.stopped:
                schema = self._schema(self._configuration(calls, phases, at_once))
                with parsing_in_turn():
                    if not self._execute(schema, collector, gate, tick):
                        return False
        return True

    def cases(self, call: Call) -> dict[str, int]:
        """The number of cases of an operation in each phase, but for those on walks along the links."""
        there = {
            "examples": lambda: max(1, _shown(self._surface, call)),
            "coverage": lambda: self._covering(self._whole[call.path][call.method]),
        }
        most = {phase: self._options.share(phase, call) for phase in self._options.phases - {"stateful"}}
        return {phase: min(there[phase](), share) if phase in there else share for phase, share in most.items()}

    @property
    def walks(self) -> int:
        """The number of walks along the links."""
        return self._options.share("stateful") if "stateful" in self._options.phases and self._has_links else 0

    def conform(self, call: Call, response: requests.Response, collector: FindingCollector) -> None:
        """Check a response to one of our own requests against its operation in the contract."""
        if response.status_code == requests.codes.too_many_requests and "429" not in call.operation.responses:
            return
        names = dict.fromkeys(re.findall(r"{(\w+)}", call.path), "made-up")
        case = self._whole[call.path][call.method].Case(path_parameters=names)
        failures = list[tuple[Promise, Failure]]()

        def conformance(context: Any, seen: Any, case: Any) -> None:
            """All checks in one: Schemathesis makes ready for each call, and doesn't tell whose failure one is."""
            for check in _CONFORMANCE:
                try:
                    check(context, seen, case)
                except (Failure, FailureGroup) as error:
                    failures.extend((Promise(check.__name__), one) for one in getattr(error, "exceptions", [error]))

        case.validate_response(response, checks=[conformance])
        for promise, failure in failures:
            collector.response_failure(call, promise, failure, response)

    def close(self) -> None:
        """Wait for the threads of an interrupted run; they send nothing any more."""
        self._interrupted = None

    # ---------------------------------------------------------------- configuration
    @cached_property
    def _whole(self) -> BaseSchema:
        """The contract, to check answers and count cases by."""
        return self._schema(self._configuration(self._options.calls, self._options.phases, 1))

    def _schema(self, configuration: Json) -> BaseSchema:
        document = {key: value for key, value in self._surface.document.items() if key != "servers"}
        schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(configuration))
        schema.auth(refresh_interval=None)(type("RunIdentity", (_Identity,), {"fuzzer": self}))
        return schema

    def _covering(self, operation: Any) -> int:
        """The number of cases of the coverage phase that Schemathesis has for an operation."""
        label = operation.label
        if label not in self._counts:
            generation = operation.schema.config.generation_for(operation=operation, phase="coverage")
            cases = operation.schema.iter_coverage_cases(
                operation, generation_modes=generation.modes, generation_config=generation
            )
            self._counts[label] = sum(1 for _ in cases)
        return self._counts[label]

    def _configuration(self, calls: Collection[Call], phases: Collection[str], workers: int) -> Json:
        options = self._options
        return {
            "base-url": self._transport.url,
            "seed": options.seed,
            "workers": workers,
            "request-timeout": options.timeout,
            "parameters": {f"path.{name}": value for name, value in options.parameters.items()},
            "auth": {"auto-signup": False},
            "analysis": {"constants": {"enabled": False}},
            "cache": {"enabled": False},
            "output": {"truncation": {"max-recorded-payload-size": MOST_RECORDED}},
            "generation": {"max-examples": options.share("fuzzing"), "database": "none", "allow-x00": options.hostile},
            "phases": self._phases(phases),
            "checks": self._checks(),
            "operations": list(self._operations({call.id for call in calls})),
        }

    def _checks(self) -> Json:
        """The checks that are promises, and no others that Schemathesis may have."""
        chosen: Json = {str(check): {"enabled": True} for check in _CHECKS}
        return (
            {"enabled": False}
            | chosen
            | {Promise.POSITIVE_DATA_ACCEPTANCE.value: {"enabled": True, "expected-statuses": ACCEPTED}}
            | {Promise.MISSING_REQUIRED_HEADER.value: {"enabled": True, "expected-statuses": UNHEARD}}
        )

    def _phases(self, chosen: Collection[str]) -> Json:
        remembering = {"extra-data-sources": {"responses": False}}  # ids that were answered may be somebody else's
        phases: Json = {phase: remembering | {"enabled": phase in chosen} for phase in PHASES}
        if not self._options.hostile:
            phases["coverage"]["unexpected-methods"] = []
        walks: Json = {
            "enabled": self._has_links and phases["stateful"]["enabled"],
            "generation": {"max-examples": self._options.share("stateful")},
            "max-steps": STEPS,
            "inference": {"algorithms": []},
        }
        return phases | {"stateful": walks}

    @property
    def _has_links(self) -> bool:
        """Without links there is nothing to walk along, and Schemathesis calls that an error."""
        tested = {call.id for call in self._options.calls}
        return any({link.source, link.target} <= tested for link in self._surface.links)

    def _operations(self, tested: Collection[str]) -> Iterator[Json]:
        others = [name for name in self._surface.calls if name not in tested]
        if others:
            yield {"include-operation-id": others, "enabled": False}
        for call in self._options.calls:
            if more := _may_refuse(self._surface, call):
                accepting = {Promise.POSITIVE_DATA_ACCEPTANCE.value: {"expected-statuses": [*ACCEPTED, *more]}}
                yield {"include-operation-id": [call.id], "checks": accepting}
        for call in self._options.calls:
            if call.id in (self._options.fewer or {}):
                most = self._options.share("fuzzing", call)
                yield {"include-operation-id": [call.id], "phases": {"fuzzing": {"generation": {"max-examples": most}}}}

    # ---------------------------------------------------------------- running
    def _execute(
        self, schema: BaseSchema, collector: FindingCollector, gate: CoverageGate, tick: Callable[[str], None]
    ) -> bool:
        hooks = self._hooks(schema)
        for hook in hooks:
            schemathesis.hook(hook.__name__)(hook)
        stream = from_schema(schema).execute()
        try:
            for event in stream:
                if self._transport.stopped:
                    stream.stop()
                if isinstance(event, events.ScenarioStarted):
                    tick(f"fuzzing: {event.phase.value} {event.label or 'along the links'}")
                elif isinstance(event, events.ScenarioFinished):
                    self._record(event.recorder, collector, gate)
                elif isinstance(event, events.NonFatalError):
                    self._error(event, collector)
                elif isinstance(event, events.Interrupted) and not self._transport.stopped:
                    self._interrupted = stream  # going on with it would wait for its threads
                    return False
                elif isinstance(event, events.FatalError):
                    raise event.exception
        finally:
            for hook in hooks:
                schemathesis.hooks.unregister(hook)
        return True

    def _hooks(self, schema: BaseSchema) -> tuple[Callable[..., Any], ...]:
        """What Schemathesis asks of us on its way."""
        seen: Counter[str] = Counter()

        def before_call(context: Any, case: Any, kwargs: Any) -> None:  # noqa: ARG001 (the names are Schemathesis')
            if case.operation.schema is schema:
                self._recording.enter(f"fuzzing: {case.meta.phase.name.value}")
                self._make_safe(case)

        def before_add_examples(context: Any, examples: list[Any]) -> None:
            if context.operation.schema is schema:
                del examples[self._options.share("examples", self._of(context.operation)) :]

        def filter_case(context: Any, case: Any) -> bool:
            if context.operation.schema is not schema or case.meta.phase.name.value != "coverage":
                return True
            seen[context.operation.label] += 1
            most = self._options.share("coverage", self._of(context.operation))
            return _is_chosen(seen[context.operation.label], most, self._covering(context.operation))

        return before_call, before_add_examples, filter_case

    def _make_safe(self, case: Any) -> None:
        call = self._call(case)
        if case.path_parameters:
            safe = self._substitutes.arguments(call, case.path_parameters)
            if safe != case.path_parameters:
                case.path_parameters = safe
        if isinstance(case.body, dict | list):
            body = self._login_body(call, case) or self._ownership.body(call, case.body)
            if body != case.body:
                case.body = body

    def _login_body(self, call: Call, case: Any) -> Json | None:
        """The run's own login for every second valid body of a login, as the examples of a contract are nobody's
        password."""
        session = next((one for one in self._sessions.values() if one.login is call), None)
        if session is None or not isinstance(case.body, dict) or hash_of(case.body) % 2:
            return None
        body = session.login_body()
        is_login = case.body.keys() == body.keys() and all(isinstance(value, str) for value in case.body.values())
        return dict(body) if is_login else None

    def _call(self, case: Any) -> Call:
        return self._of(case.operation)

    def _of(self, operation: Any) -> Call:
        return self._surface.calls[operation.definition.raw["operationId"]]

    # ---------------------------------------------------------------- what came of it
    def _record(self, recorder: ScenarioRecorder, collector: FindingCollector, gate: CoverageGate) -> None:
        for case_id, node in recorder.cases.items():
            interaction = recorder.interactions.get(case_id)
            if interaction is None or interaction.response is None:
                continue
            collector.report.cases += 1
            carried = carries_credential(value for some in interaction.request.headers.values() for value in some)
            gate.count(self._call(node.value), interaction.response.status_code, credential=carried)
            if (link := followed(node, recorder)) is not None:
                gate.follow(link)
        for case_id, results in recorder.checks.items():
            for check in results:
                if check.status is Status.FAILURE and check.failure_info is not None:
                    call = self._call(recorder.cases[case_id].value)
                    collector.fuzzing_failure(call, Promise(check.name), check.failure_info.failure, recorder, case_id)

    def _error(self, event: events.NonFatalError, collector: FindingCollector) -> None:
        """Report an error that kept Schemathesis from judging, unless it is a request that we refused to send."""
        causes = list(_chain(event.value))
        if any(isinstance(cause, AnswerLost | RequestRefused | Stopped) for cause in causes):
            return
        call = next((one for one in self._options.calls if f"{one.method} {one.path}" == event.label), None)
        lost = [cause for cause in causes if isinstance(cause, requests.RequestException)]
        if call is not None and any(collector.lost_response(call, cause, self._options.timeout) for cause in lost):
            return
        collector.not_judged(event.label, f"{event.info.title}: {event.info.message}")


def _is_chosen(number: int, most: int, total: int) -> bool:
    """Whether a case is one of those that are sent if not all are: they are spread evenly, counted from 1."""
    return most >= total or number * most // total > (number - 1) * most // total


def _shown(surface: Surface, call: Call) -> int:
    """The number of bodies that the contract shows."""
    content = surface.contract.resolved(call.declared.get("requestBody", {})).get("content", {}).values()
    return sum(len(media_type.get("examples", {})) or "example" in media_type for media_type in content)


def followed(node: CaseNode, recorder: ScenarioRecorder) -> tuple[str, str, str] | None:
    """The key of the link along which a case came; None if there was none, or the case took no value from it."""
    if node.transition is None or not node.is_transition_applied or node.parent_id is None:
        return None
    source = recorder.cases[node.parent_id].value.operation.definition.raw["operationId"]
    status, name = _TRANSITION.findall(node.transition.id)[0]
    return source, status, name


class _Identity:
    """The run's identity for Schemathesis: the placeholder of its token. For its tests without one it is left out."""

    fuzzer: Fuzzer

    def get(self, case: Any, _context: Any) -> Mapping[str, str] | None:
        call = self.fuzzer._call(case)  # noqa: SLF001 (a part of Fuzzer, but Schemathesis makes it)
        return None if call.public else self.fuzzer.headers

    def set(self, case: Any, data: Mapping[str, str], _context: Any) -> None:
        case.headers.update(data)


def _may_refuse(surface: Surface, call: Call) -> tuple[str, ...]:
    """The statuses with which valid data may be refused for a reason that no schema can express: an incomplete login,
    an identifier that is taken, a record in the wrong state. A declared 409 says that there is such a reason."""
    without_data = not call.operation.media_types and not call.operation.parameters_in("query")
    taken = call.creates is not None and not surface.deletable(call)
    conflicts = tuple(status for status in ("409", "412") if status in call.operation.responses)
    return (*conflicts, *(refusals(call, "400") if call.issues or taken or without_data else ()))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

"""Fuzzing by Schemathesis, with all its phases and checks, on one target. No other module knows Schemathesis.

The engine isn't part of its documented Python reference; configuration, authentication and hooks are. A hook makes
every case safe before it is sent; the guarded transport checks each request once more.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from typing import Any

import requests
import schemathesis
from schemathesis import checks
from schemathesis.config import OutputConfig, SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import CaseNode, ScenarioRecorder
from schemathesis.reporting.har import HarWriter
from schemathesis.schemas import BaseSchema

from mockserver.checks.findings.collector import FindingCollector
from mockserver.checks.findings.coverage import CoverageGate
from mockserver.checks.findings.promises import Promise
from mockserver.checks.live.ownership import hash_of
from mockserver.checks.live.scenarios.context import ScenarioContext
from mockserver.checks.transport.gateway_failures import AnswerLost
from mockserver.checks.transport.guarded_transport import GuardedTransport, RequestRefused, Stopped
from mockserver.checks.transport.session import Identities, carries_credential
from mockserver.openapi.resources import Call, Link, Surface

PHASES = {"examples": True, "coverage": False, "fuzzing": False, "stateful": True}  # whether a walk has them
MOST_WALKS = 15
MOST_FRUITLESS = 2  # walks in a row
WALK_EXAMPLES = 30
MOST_RECORDED = 32_768  # bytes of a response that the recording keeps; there are thousands of them
ACCEPTED = ["2xx", "401", "403", "404", "429"]  # what valid data may get
_CONFORMANCE = (
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


@dataclass(frozen=True)
class FuzzingOptions:
    """The options of the fuzzing: its seed, the number of examples, the operations. `parameters` are fixed, by name;
    `fewer` has the number of examples for single operations."""

    seed: int
    examples: int
    calls: tuple[Call, ...]
    parameters: Mapping[str, str]
    hostile: bool = False
    timeout: float = 10.0
    fewer: Mapping[str, int] | None = None
    phases: frozenset[str] = frozenset(PHASES)


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
        self._sessions, self.headers = identities.sessions, identities.headers
        self.recorders: list[ScenarioRecorder] = []
        self._interrupted: Any = None

    def run(self, collector: FindingCollector, gate: CoverageGate, tick: Callable[[str], None]) -> bool:
        """All phases, then walks along the links that were missed. False if it was interrupted."""
        if not self._options.phases:
            return True
        going = self._execute(self._whole, collector, gate, tick)
        walk = fruitless = 0
        most = MOST_WALKS if "stateful" in self._options.phases else 0
        while going and gate.unfollowed and walk < most and fruitless < MOST_FRUITLESS and not self._transport.stopped:
            before, walk = len(gate.unfollowed), walk + 1
            configuration = self._configuration(self._options.seed + walk, self._options.examples)
            along = walk_along(gate.unfollowed, self._surface, configuration)
            going = self._execute(self._schema(along), collector, gate, tick)
            fruitless = 0 if len(gate.unfollowed) < before else fruitless + 1
        return going

    def conform(self, call: Call, response: requests.Response, collector: FindingCollector) -> None:
        """Check a response to one of our own requests against its operation in the contract."""
        if response.status_code == requests.codes.too_many_requests and "429" not in call.operation.responses:
            return
        names = dict.fromkeys(re.findall(r"{(\w+)}", call.path), "made-up")
        case = self._whole[call.path][call.method].Case(path_parameters=names)
        for check in _CONFORMANCE:
            try:
                case.validate_response(response, checks=[check])
            except (Failure, FailureGroup) as error:
                for failure in getattr(error, "exceptions", [error]):
                    collector.response_failure(call, Promise(check.__name__), failure, response)

    def close(self) -> None:
        """Wait for the threads of an interrupted run; they send nothing any more."""
        self._interrupted = None

    # ---------------------------------------------------------------- configuration
    @cached_property
    def _whole(self) -> BaseSchema:
        """The contract with the configuration of the main run."""
        return self._schema(self._configuration(self._options.seed, self._options.examples))

    def _schema(self, configuration: Json) -> BaseSchema:
        document = {key: value for key, value in self._surface.contract.document.items() if key != "servers"}
        schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(configuration))
        schema.auth(refresh_interval=None)(type("RunIdentity", (_Identity,), {"fuzzer": self}))
        return schema

    def _configuration(self, seed: int, examples: int) -> Json:
        options = self._options
        return {
            "base-url": self._transport.url,
            "seed": seed,
            "workers": 1,
            "request-timeout": options.timeout,
            "parameters": {f"path.{name}": value for name, value in options.parameters.items()},
            "auth": {"auto-signup": False},
            "analysis": {"constants": {"enabled": False}},
            "cache": {"enabled": False},
            "output": {"truncation": {"max-recorded-payload-size": MOST_RECORDED}},
            "generation": {"max-examples": examples, "database": "none", "allow-x00": options.hostile},
            "phases": self._phases(),
            "checks": self._checks(),
            "operations": list(self._operations()),
        }

    def _checks(self) -> Json:
        """The checks that are promises, and no others that Schemathesis may have."""
        chosen: Json = {str(check): {"enabled": True} for check in _CHECKS}
        return (
            {"enabled": False}
            | chosen
            | {Promise.POSITIVE_DATA_ACCEPTANCE.value: {"enabled": True, "expected-statuses": ACCEPTED}}
        )

    def _phases(self) -> Json:
        remembering = {"extra-data-sources": {"responses": False}}  # ids that were answered may be somebody else's
        phases: Json = {phase: remembering | {"enabled": phase in self._options.phases} for phase in PHASES}
        if not self._options.hostile:
            phases["coverage"]["unexpected-methods"] = []
        walks = self._has_links and phases["stateful"]["enabled"]
        return phases | {"stateful": {"enabled": walks, "inference": {"algorithms": []}}}

    @property
    def _has_links(self) -> bool:
        """Without links there is nothing to walk along, and Schemathesis calls that an error."""
        tested = {call.id for call in self._options.calls}
        return any({link.source, link.target} <= tested for link in self._surface.links)

    def _operations(self) -> Iterator[Json]:
        tested = {call.id for call in self._options.calls}
        others = [name for name in self._surface.calls if name not in tested]
        if others:
            yield {"include-operation-id": others, "enabled": False}
        refusing = [call.id for call in self._options.calls if _may_refuse(self._surface, call)]
        if refusing:
            accepting = {Promise.POSITIVE_DATA_ACCEPTANCE.value: {"expected-statuses": [*ACCEPTED, "400"]}}
            yield {"include-operation-id": refusing, "checks": accepting}
        for name, examples in (self._options.fewer or {}).items():
            yield {"include-operation-id": [name], "generation": {"max-examples": examples}}

    # ---------------------------------------------------------------- running
    def _execute(
        self, schema: BaseSchema, collector: FindingCollector, gate: CoverageGate, tick: Callable[[str], None]
    ) -> bool:
        hook = self._before_call(schema)
        schemathesis.hook("before_call")(hook)
        stream = from_schema(schema).execute()
        try:
            for event in stream:
                if self._transport.stopped:
                    stream.stop()
                if isinstance(event, events.ScenarioFinished):
                    self._record(event.recorder, collector, gate)
                    tick(f"{event.phase.value} {event.label or ''}")
                elif isinstance(event, events.NonFatalError):
                    self._error(event, collector)
                elif isinstance(event, events.Interrupted) and not self._transport.stopped:
                    self._interrupted = stream  # going on with it would wait for its threads
                    return False
                elif isinstance(event, events.FatalError):
                    raise event.exception
        finally:
            schemathesis.hooks.unregister(hook)
        return True

    def _before_call(self, schema: BaseSchema) -> Callable[..., None]:
        def before_call(context: Any, case: Any, kwargs: Any) -> None:  # noqa: ARG001 (the names are Schemathesis')
            if case.operation.schema is schema:
                self._make_safe(case)

        return before_call

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
        return self._surface.calls[case.operation.definition.raw["operationId"]]

    # ---------------------------------------------------------------- what came of it
    def _record(self, recorder: ScenarioRecorder, collector: FindingCollector, gate: CoverageGate) -> None:
        self.recorders.append(recorder)
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


def walk_along(links: Collection[Link], surface: Surface, configuration: Json) -> Json:
    """The configuration with nothing but walks along these links, with valid data.

    They begin with the contract's examples of the operations that are needed: of generated data much is refused, and
    from an empty list no link leads on.
    """
    phases = {
        phase: configuration.get("phases", {}).get(phase, {}) | {"enabled": enabled}
        for phase, enabled in PHASES.items()
    }
    phases["stateful"]["inference"] = {"algorithms": []}
    others = surface.calls.keys() - surface.walked(links)
    left_out = [{"include-operation-id": sorted(others), "enabled": False}] if others else []
    return configuration | {
        "phases": phases,
        "generation": configuration["generation"] | {"max-examples": WALK_EXAMPLES, "mode": "positive"},
        "operations": [*configuration["operations"], *left_out],
    }


def followed(node: CaseNode, recorder: ScenarioRecorder) -> tuple[str, str, str] | None:
    """The key of the link along which a case came; None if there was none, or the case took no value from it."""
    if node.transition is None or not node.is_transition_applied or node.parent_id is None:
        return None
    source = recorder.cases[node.parent_id].value.operation.definition.raw["operationId"]
    status, name = _TRANSITION.findall(node.transition.id)[0]
    return source, status, name


class Recordings:
    """The recordings of Schemathesis as entries of an HTTP Archive, passed through `clean`, which takes secrets out."""

    def __init__(self, recorders: Iterable[ScenarioRecorder], clean: Callable[[Json], Json]) -> None:
        self._recorders, self._clean = recorders, clean

    def __iter__(self) -> Iterator[Json]:
        for recorder in self._recorders:
            yield from (self._clean(entry) for entry in _har_entries(recorder))


def _har_entries(recorder: ScenarioRecorder) -> list[Json]:
    text = StringIO()
    writer = HarWriter(text, OutputConfig())
    writer.open()
    writer.write(recorder)
    writer.close()
    entries: list[Json] = json.loads(text.getvalue())["log"]["entries"]
    return entries


class _Identity:
    """The run's identity for Schemathesis: the placeholder of its token. For its tests without one it is left out."""

    fuzzer: Fuzzer

    def get(self, case: Any, _context: Any) -> Mapping[str, str] | None:
        call = self.fuzzer._call(case)  # noqa: SLF001 (a part of Fuzzer, but Schemathesis makes it)
        return None if call.public else self.fuzzer.headers

    def set(self, case: Any, data: Mapping[str, str], _context: Any) -> None:
        case.headers.update(data)


def _may_refuse(surface: Surface, call: Call) -> bool:
    """Whether valid data may get a 400 for a reason that no schema can express: an incomplete login, an identifier that
    is taken, a record in the wrong state."""
    without_data = not call.operation.media_types and not call.operation.parameters_in("query")
    taken = call.creates is not None and not surface.deletable(call)
    return "400" in call.operation.responses and (call.issues or taken or without_data)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

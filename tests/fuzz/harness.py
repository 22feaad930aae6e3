"""Schemathesis, whole: all checks and phases on one mock, and what the run saw of the contract.

The engine isn't part of Schemathesis' documented Python reference; this module is the only one that knows it.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.schemas import BaseSchema

Seen = tuple[str, str]  # operationId, status
Link = tuple[str, str, str]  # operationId, status, name of the link
PHASES = ("examples", "coverage", "fuzzing", "stateful")
MAX_WALKS = 20
WALK_EXAMPLES = 30
_LINK = re.compile(r" -> \[(\w+)\] (\w+) -> ")
ACCEPTED = ["2xx", "401", "403", "404", "429"]  # what valid data may get
# Where valid data may get a 400 too, and why.
REFUSED_WITH_REASON = {
    "_memberPost": "a generated identifier is taken already (A34)",
    "adminLoginCheck": "the schema requires no credential, the operation does (A05)",
    "memberLoginCheck": "the same",
    "tokenRefresh": "the same",
    "tokenRefreshMember": "the same",
    "webhookSubscriptionRotateHmacKey": "the subscription has no key (A16)",
}


@dataclass
class Report:
    """What a run did: every failure in words, and how often each link and each status of an operation was seen."""

    cases: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)
    links: Counter[Link] = field(default_factory=Counter)
    statuses: Counter[Seen] = field(default_factory=Counter)

    @property
    def server_errors(self) -> int:
        """Answers with a 5xx."""
        return sum(count for (_, status), count in self.statuses.items() if status.startswith("5"))


Json = dict[str, Any]
Load = Callable[[Json], BaseSchema]


@dataclass(frozen=True)
class Subject:
    """What is special about a contract under test: of which operations valid data may get a 400, and why; and values
    for parameters, where free ones prove nothing."""

    refused: Mapping[str, str]
    parameters: Mapping[str, Any]


# A free store code makes most cases a 404.
API = Subject(REFUSED_WITH_REASON, {"path.storeCode": "DEFAULT"})


def fuzz(  # noqa: PLR0913 (what differs from run to run)
    load: Load,
    token: str,
    seed: int,
    examples: int,
    *,
    walks: int = MAX_WALKS,
    subject: Subject = API,
) -> Report:
    """Run all checks and phases as the owner of a JWT; `load` makes the schema with a configuration.

    A random walk may leave out a link that few answers offer. Further walks, over the operations of the missing links
    alone, go on until each was followed; what so many `walks` don't reach is left for the gate to report.
    """
    report = Report()
    schema = load(_configuration(seed, examples, subject))
    _run(schema, token, report)
    for walk in range(1, walks + 1):
        missing = declared_links(schema) - set(report.links)
        if not missing:
            break
        configuration = _configuration(seed + walk, WALK_EXAMPLES, subject)
        _run(load(_walk_only(configuration, schema, missing)), token, report)
    return report


def declared_links(schema: BaseSchema) -> set[Link]:
    """Every link of the contract as (operationId, status, name)."""
    return {
        (operation["operationId"], status, name)
        for operation in _operations(schema)
        for status, response in operation["responses"].items()
        for name in _links(response)
    }


def _walk_only(configuration: Json, schema: BaseSchema, links: AbstractSet[Link]) -> Json:
    """The configuration with nothing but walks along these links: from what creates for their sources, with valid
    data. (`schema.include` has no effect where a configuration names operations.)"""
    targets = {
        (operation["operationId"], status, name): link["operationId"]
        for operation in _operations(schema)
        for status, response in operation["responses"].items()
        for name, link in _links(response).items()
    }
    sources = {source for source, _, _ in links}
    creators = {link[0] for link, target in targets.items() if target in sources}
    involved = sources | creators | {targets[link] for link in links}
    others = [operation["operationId"] for operation in _operations(schema) if operation["operationId"] not in involved]
    return configuration | {
        "phases": {phase: {"enabled": phase == "stateful"} for phase in PHASES},
        "generation": configuration["generation"] | {"mode": "positive"},
        "operations": [*configuration["operations"], {"include-operation-id": others, "enabled": False}],
    }


def _operations(schema: BaseSchema) -> list[dict[str, Any]]:
    paths = schema.raw_schema["paths"].values()
    return [operation for item in paths for method, operation in item.items() if method != "parameters"]


def _links(response: Json) -> Json:
    """The links of a response by name, without those that Schemathesis has added: it infers them."""
    return {name: link for name, link in response.get("links", {}).items() if "operationId" in link}


def _configuration(seed: int, examples: int, subject: Subject) -> Json:
    """All checks and phases."""
    return {
        "seed": seed,
        "workers": 1,
        "parameters": dict(subject.parameters),
        "auth": {"auto-signup": False},
        "analysis": {"constants": {"enabled": False}},
        "cache": {"enabled": False},
        "generation": {"max-examples": examples, "database": "none"},
        "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
        "operations": [
            {
                "include-operation-id": list(subject.refused),
                "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "400"]}},
            },
        ],
    }


class _Bearer:
    """Sends a token along; where Schemathesis tests without one, it leaves this out by itself."""

    token = ""

    def get(self, *_: object) -> str:
        return self.token

    def set(self, case: schemathesis.Case[Any], data: str, *_: object) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def _run(schema: BaseSchema, token: str, report: Report) -> None:
    schema.auth()(type("Bearer", (_Bearer,), {"token": token}))
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _record(report, event.recorder)
        elif isinstance(event, events.NonFatalError):
            report.failures[f"error in {event.label}: {event.info.title} {event.info.message}"] += 1
        elif isinstance(event, events.FatalError):
            raise event.exception


def _record(report: Report, recorder: ScenarioRecorder) -> None:
    for case_id, node in recorder.cases.items():
        interaction = recorder.interactions.get(case_id)
        if interaction is None or interaction.response is None:
            continue
        report.cases += 1
        operation_id = node.value.operation.definition.raw["operationId"]
        report.statuses[(operation_id, str(interaction.response.status_code))] += 1
        if node.transition is not None and node.is_transition_applied and node.parent_id is not None:
            source = recorder.cases[node.parent_id].value.operation.definition.raw["operationId"]
            status, name = _LINK.findall(node.transition.id)[0]
            report.links[(source, status, name)] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is Status.FAILURE and check.failure_info is not None:
                operation = recorder.cases[case_id].value.operation.label
                failure = check.failure_info.failure
                title = f"{operation}: {check.name}: {failure.title}"
                report.failures[title] += 1
                report.samples.setdefault(title, f"{failure.message}\n{check.failure_info.code_sample}")

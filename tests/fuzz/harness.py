"""Schemathesis, whole: all checks and phases on one mock, and what the run saw of the contract.

The engine isn't part of Schemathesis' documented Python reference; of the tests, this module alone knows it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.schemas import BaseSchema

from mockserver.checks.live.fuzzing import followed
from mockserver.openapi.contract import Contract
from mockserver.openapi.resources import Link, Surface

Seen = tuple[str, str]  # operationId, status
LinkKey = tuple[str, str, str]  # operationId, status, name of the link
MAX_WALKS = 20
PHASES = {"examples": True, "coverage": False, "fuzzing": False, "stateful": True}  # whether a walk has them
WALK_EXAMPLES = 30
PATIENCE = 60  # seconds for an answer: a preset writes a thousand records, and machines that fuzz are busy
# What invalid data may get: as Schemathesis has it, and 413, as what has too many items may be too large first.
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]
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
    links: Counter[LinkKey] = field(default_factory=Counter)
    statuses: Counter[Seen] = field(default_factory=Counter)

    def succeeded(self, operation_id: str) -> bool:
        """Whether an operation was answered with a 2xx."""
        return any(name == operation_id and status.startswith("2") for name, status in self.statuses)

    @property
    def server_errors(self) -> int:
        """Answers with a 5xx."""
        return sum(count for (_, status), count in self.statuses.items() if status.startswith("5"))


Json = dict[str, Any]
Load = Callable[[Json], BaseSchema]


def loader(app: object) -> Load:
    """What loads the contract that an application publishes, by a configuration."""
    return lambda configuration: schemathesis.openapi.from_asgi(
        "/openapi.json", app, config=SchemathesisConfig.from_dict(configuration)
    )


@dataclass(frozen=True)
class Subject:
    """What is special about a contract under test: of which operations valid data may get a 400, and why; and values
    for parameters, where free ones prove nothing."""

    refused: Mapping[str, str]
    parameters: Mapping[str, Any]
    overlapping: Sequence[str] = ()  # operations whose path fits another template, too: `Allow` has its methods as well


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

    A random walk may leave out a link that few answers offer, or follow it without success. Further walks, along the
    missing links alone, go on until each was followed to a success; what so many `walks` don't reach is left for the
    gate to report.
    """
    report = Report()
    schema = load(_configuration(seed, examples, subject))
    _run(schema, token, report)
    surface = _surface(schema)
    for walk in range(1, walks + 1):
        missing = [one for one in surface.links if one.key not in report.links or not report.succeeded(one.target)]
        if not missing:
            break
        configuration = _configuration(seed + walk, examples, subject)
        _run(load(walk_along(missing, surface, configuration, alone=walk % 2 == 0)), token, report)
    return report


def walk_along(links: Collection[Link], surface: Surface, configuration: Json, *, alone: bool = False) -> Json:
    """The configuration with nothing but walks along these links, with valid data.

    They begin with the contract's examples of the operations that are needed: of generated data much is refused, and
    from an empty list no link leads on. With `alone`, only sources and targets are called: of several sources of one
    kind of record, a walk otherwise follows the one that it likes best.
    """
    phases = {
        phase: configuration.get("phases", {}).get(phase, {}) | {"enabled": enabled}
        for phase, enabled in PHASES.items()
    }
    phases["stateful"]["inference"] = {"algorithms": []}
    needed = {end for link in links for end in (link.source, link.target)} if alone else surface.walked(links)
    others = surface.calls.keys() - needed
    left_out = [{"include-operation-id": sorted(others), "enabled": False}] if others else []
    return configuration | {
        "phases": phases,
        "generation": configuration["generation"] | {"max-examples": WALK_EXAMPLES, "mode": "positive"},
        "operations": [*configuration["operations"], *left_out],
    }


def declared_links(schema: BaseSchema) -> set[LinkKey]:
    """Every link of the contract as (operationId, status, name)."""
    return {link.key for link in _surface(schema).links}


def _surface(schema: BaseSchema) -> Surface:
    return Surface(Contract(b"", schema.raw_schema))


def _configuration(seed: int, examples: int, subject: Subject) -> Json:
    """All checks and phases."""
    return {
        "seed": seed,
        "workers": 1,
        "request-timeout": PATIENCE,
        "parameters": dict(subject.parameters),
        "auth": {"auto-signup": False},
        "analysis": {"constants": {"enabled": False}},
        "cache": {"enabled": False},
        "generation": {"max-examples": examples, "database": "none"},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ACCEPTED},
            "negative_data_rejection": {"expected-statuses": REFUSED},
        },
        "operations": [
            {
                "include-operation-id": list(subject.refused),
                "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "400"]}},
            },
            *[
                {
                    "include-operation-id": operation_id,
                    "checks": {
                        "allow_header_conformance": {"enabled": False},
                        "positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "400"]},
                    },
                }
                for operation_id in subject.overlapping
            ],
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
        if (link := followed(node, recorder)) is not None:
            report.links[link] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is Status.FAILURE and check.failure_info is not None:
                operation = recorder.cases[case_id].value.operation.label
                failure = check.failure_info.failure
                title = f"{operation}: {check.name}: {failure.title}"
                report.failures[title] += 1
                report.samples.setdefault(title, f"{failure.message}\n{check.failure_info.code_sample}")

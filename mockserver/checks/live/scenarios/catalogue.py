"""The catalogue of scenarios, which are tried one by one."""

from collections.abc import Callable, Iterator

import requests

from mockserver.checks.live.scenarios.append_only import AppendOnlyScenarios
from mockserver.checks.live.scenarios.authentication import AuthenticationScenarios
from mockserver.checks.live.scenarios.consistency import ConsistencyScenarios
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.live.scenarios.creation import CreationScenarios
from mockserver.checks.live.scenarios.deletion import DeletionScenarios
from mockserver.checks.live.scenarios.expiry import ExpiryScenarios
from mockserver.checks.live.scenarios.hostile_json import HostileJsonScenarios
from mockserver.checks.live.scenarios.list_queries import ListScenarios
from mockserver.checks.live.scenarios.malformed_requests import MalformedRequestScenarios
from mockserver.checks.live.scenarios.preconditions import PreconditionScenarios
from mockserver.checks.live.scenarios.secret_renewal import SecretRenewalScenarios
from mockserver.checks.live.scenarios.store_isolation import StoreIsolationScenarios
from mockserver.checks.live.scenarios.update import UpdateScenarios
from mockserver.checks.transport.guarded_transport import LeftAlone, RequestRefused, Stopped
from mockserver.openapi.resources import Call, Resource

_OF_RECORDS = (
    CreationScenarios,
    UpdateScenarios,
    DeletionScenarios,
    SecretRenewalScenarios,
    StoreIsolationScenarios,
)


def run_scenarios(context: ScenarioContext, tick: Callable[[str], None]) -> Iterator[tuple[Call, requests.Response]]:
    """Run every scenario that the plan chooses, and yield each response on the way with its operation.

    A lost response is a finding or a line of what wasn't judged. Raises Stopped if the run is over.
    """
    return _run(context, tick, _catalogue(context))


def run_closing_scenarios(
    context: ScenarioContext, tick: Callable[[str], None]
) -> Iterator[tuple[Call, requests.Response]]:
    """Run those that a run ends with, in the same way: they need what time brings."""
    return _run(context, tick, _titled("access", ExpiryScenarios(context).scenarios()))


def _run(
    context: ScenarioContext, tick: Callable[[str], None], scenarios: Iterator[Scenario]
) -> Iterator[tuple[Call, requests.Response]]:
    for name, attempt in scenarios:
        if not context.plan.tries(name):
            continue
        tick(name)
        try:
            attempt()
        except LeftAlone as error:
            context.collector.not_judged(name, str(error))
        except Stopped:
            yield from context.take_responses()
            raise
        except RequestRefused:
            continue  # the policy of the run doesn't allow it
        except requests.RequestException as error:
            _report_loss(context, name, error)
        yield from context.take_responses()
    yield from context.take_responses()


def _report_loss(context: ScenarioContext, name: str, error: requests.RequestException) -> None:
    call, collector = context.last_call, context.collector
    if call is None or not collector.lost_response(call, error, context.plan.options.timeout):
        collector.not_judged(name, f"no answer: {type(error).__name__}")


def _catalogue(context: ScenarioContext) -> Iterator[Scenario]:
    """All scenarios in their order; those that end sessions come last."""
    for resource in context.surface.resources:
        first = PreconditionScenarios(context, resource, context.plan.tenant(resource.create))
        yield from _titled(f"life of a {resource.create.kind}", first.scenarios())
        able = resource.create.id not in context.ownership.undeletable
        if able and context.can_call(resource.create, resource.delete):
            yield from _of_resource(context, resource)
    authentication = AuthenticationScenarios(context)
    yield from _titled("access", authentication.scenarios())
    yield from _titled("sense", ConsistencyScenarios(context).scenarios())
    yield from _titled("manners", MalformedRequestScenarios(context).scenarios())
    yield from _titled("odd", HostileJsonScenarios(context).scenarios())
    yield from _titled("residue", AppendOnlyScenarios(context).scenarios())
    yield from authentication.last_scenarios()


def _of_resource(context: ScenarioContext, resource: Resource) -> Iterator[Scenario]:
    kind, tenant = resource.create.kind, context.plan.tenant(resource.create)
    for group in _OF_RECORDS:
        yield from _titled(f"life of a {kind}", group(context, resource, tenant).scenarios())
    if resource.list is not None:
        yield from _titled(f"list of {kind}s", ListScenarios(context, resource, tenant).scenarios())


def _titled(title: str, scenarios: Iterator[Scenario]) -> Iterator[Scenario]:
    return ((f"{title}: {name}", attempt) for name, attempt in scenarios)

"""The catalogue of scenarios, which are tried one by one."""

import re
from collections.abc import Callable, Iterator

import requests

from mockserver.checks.live.scenarios.append_only import AppendOnlyScenarios
from mockserver.checks.live.scenarios.authentication import AuthenticationScenarios
from mockserver.checks.live.scenarios.consistency import ConsistencyScenarios
from mockserver.checks.live.scenarios.context import Scenario, ScenarioContext
from mockserver.checks.live.scenarios.creation import CreationScenarios
from mockserver.checks.live.scenarios.deletion import DeletionScenarios
from mockserver.checks.live.scenarios.list_queries import ListScenarios
from mockserver.checks.live.scenarios.malformed_requests import MalformedRequestScenarios
from mockserver.checks.live.scenarios.secret_renewal import SecretRenewalScenarios
from mockserver.checks.live.scenarios.store_isolation import StoreIsolationScenarios
from mockserver.checks.live.scenarios.update import UpdateScenarios
from mockserver.checks.transport.guarded_transport import LeftAlone, RequestRefused, Stopped
from mockserver.openapi.resources import Call, Resource

_LIST = "list of "
_OF_RECORDS = (
    CreationScenarios,
    UpdateScenarios,
    DeletionScenarios,
    SecretRenewalScenarios,
    StoreIsolationScenarios,
)


Catalogue = Callable[[ScenarioContext], Iterator[Scenario]]


def run_scenarios(
    context: ScenarioContext, tick: Callable[[str], None], scenarios: Catalogue | None = None
) -> Iterator[tuple[Call, requests.Response]]:
    """Run every scenario that the plan chooses, and yield each response on the way with its operation. Without
    `scenarios` all that there are can be chosen.

    A lost response is a finding or a line of what wasn't judged. Raises Stopped if the run is over.
    """
    for name, attempt in (scenarios or _catalogue)(context):
        if not context.plan.tries(name):
            continue
        tick(name)
        try:
            with context.collector.recording.under(name):
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


def patterns(name: str) -> list[str]:
    """The patterns of plans that try a scenario: one with what it needs, as a list has to have rows; and one with all
    of its group, whose attempts may see what others have left."""
    title, _, attempt = name.partition(": ")
    needed = f"(rows|{re.escape(attempt)}|done)" if title.startswith(_LIST) else re.escape(attempt)
    return [f"^{re.escape(title)}: {needed}$", f"^{re.escape(title)}: "]


def _report_loss(context: ScenarioContext, name: str, error: requests.RequestException) -> None:
    call, collector = context.last_call, context.collector
    if call is None or not collector.lost_response(call, error, context.plan.options.timeout):
        collector.not_judged(name, f"no answer: {type(error).__name__}")


def _catalogue(context: ScenarioContext) -> Iterator[Scenario]:
    """All scenarios in their order; those that end sessions come last."""
    for resource in context.surface.resources:
        if context.can_call(resource.create, resource.delete):
            yield from _of_resource(context, resource)
    authentication = AuthenticationScenarios(context)
    yield from _titled("access", authentication.scenarios())
    yield from _titled("sense", ConsistencyScenarios(context).scenarios())
    yield from _titled("manners", MalformedRequestScenarios(context).scenarios())
    yield from _titled("residue", AppendOnlyScenarios(context).scenarios())
    yield from authentication.last_scenarios()


def _of_resource(context: ScenarioContext, resource: Resource) -> Iterator[Scenario]:
    kind, tenant = resource.create.kind, context.plan.tenant(resource.create)
    for group in _OF_RECORDS:
        yield from _titled(f"life of a {kind}", group(context, resource, tenant).scenarios())
    if resource.list is not None:
        yield from _titled(f"{_LIST}{kind}s", ListScenarios(context, resource, tenant).scenarios())


def _titled(title: str, scenarios: Iterator[Scenario]) -> Iterator[Scenario]:
    return ((f"{title}: {name}", attempt) for name, attempt in scenarios)

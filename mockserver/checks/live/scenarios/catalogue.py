"""The catalogue of scenarios, in the order in which they are tried.

Breadth comes before depth: the walk, then each promise once, then the same promises with more examples. What stands in
different chains of a stage may be tried at the same time; a stage begins when the one before it has ended.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

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
from mockserver.checks.live.scenarios.two_stores import TwoStoreScenarios
from mockserver.checks.live.scenarios.update import UpdateScenarios
from mockserver.checks.live.scenarios.variety import VarietyScenarios
from mockserver.checks.live.scenarios.walk import Follow, Walk
from mockserver.checks.transport.gateway_failures import AnswerLost
from mockserver.checks.transport.guarded_transport import LeftAlone, RequestRefused, Stopped
from mockserver.errors import MockserverError
from mockserver.openapi.resources import Call, Resource

_LIST = "list of "
MOST_ATTEMPTS = 6  # at a scenario: one of thirty changes, before a gateway that loses one in thirty
LOOK = 0.1  # seconds after which answers are taken from chains that are still going on
Chain = tuple[Scenario, ...]  # tried one after the other
Answer = tuple[Call, requests.Response]
Tick = Callable[[str], None]
Scenarios = Callable[[ScenarioContext], Iterator[Scenario]]


@dataclass(frozen=True)
class Stage:
    """Chains of scenarios that don't disturb each other. One that `repeats` tries what was tried before, with more
    examples: without it a verdict is complete. One that is `late` has to wait for its turn again and again, and comes
    after the fuzzing."""

    chains: tuple[Chain, ...]
    repeats: bool = False
    late: bool = False

    @property
    def names(self) -> list[str]:
        """The names of its scenarios."""
        return [name for chain in self.chains for name, _ in chain]


@dataclass
class Catalogue:
    """All scenarios of a run, or those of `own`. `follow` is told of each link that the walk follows. `finished` are
    those of the `tried` that nothing cut short."""

    context: ScenarioContext
    follow: Follow = lambda _: None
    own: Scenarios | None = None
    tried: set[str] = field(default_factory=set)
    finished: set[str] = field(default_factory=set)
    _pool: ThreadPoolExecutor | None = None

    @property
    def stages(self) -> Iterator[Stage]:
        """The stages in their order, with the scenarios that the plan chooses. What a stage has can depend on what came
        of those before it, if they were tried."""
        tries = self.context.plan.tries
        chosen = (
            Stage(tuple(filter(None, (tuple(one for one in chain if tries(one[0])) for chain in chains))), *kind)
            for chains, *kind in self._stages()
        )
        return (stage for stage in chosen if stage.chains)

    def untried(self, *, repeats: bool) -> list[str]:
        """The scenarios that the run didn't come to."""
        return [name for one in self.stages if one.repeats is repeats for name in one.names if name not in self.tried]

    def run(self, tick: Tick, concurrency: Callable[[], int], *, late: bool = False) -> Iterator[Answer]:
        """Try every scenario, or those that are late, so many at once; yield each response with its operation.

        A lost response is a finding or a line of what wasn't judged. Raises Stopped if the run is over.
        """
        for stage in (one for one in self.stages if one.late is late):
            most = min(concurrency(), len(stage.chains))
            try:
                if most > 1:
                    yield from self._at_once(stage.chains, tick, most)
                else:
                    for chain in stage.chains:
                        yield from self._in_order(chain, tick)
            except Stopped:
                yield from self.context.take_responses()
                raise
        yield from self.context.take_responses()

    def close(self) -> None:
        """Wait for chains that are still going on. The transport has to be stopped, so that they end."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    # ---------------------------------------------------------------- trying
    def _in_order(self, chain: Chain, tick: Tick) -> Iterator[Answer]:
        for scenario in chain:
            tick(scenario[0])
            self.attempt(scenario)
            yield from self.context.take_responses()

    def _at_once(self, chains: tuple[Chain, ...], tick: Tick, most: int) -> Iterator[Answer]:
        begun: deque[str] = deque()
        self._pool = ThreadPoolExecutor(most, "scenario")
        waiting = {self._pool.submit(self._try_chain, chain, begun) for chain in chains}
        while waiting:
            done, waiting = wait(waiting, LOOK, FIRST_COMPLETED)
            while begun:
                tick(begun.popleft())
            yield from self.context.take_responses()
            _raise_first(done)
        self.close()

    def _try_chain(self, chain: Chain, begun: deque[str]) -> None:
        for scenario in chain:
            begun.append(scenario[0])
            self.attempt(scenario)

    def attempt(self, scenario: Scenario) -> None:
        """Try one scenario: one that fails by a defect is one line, and its traceback.

        Raises Stopped if the run is over, NoLogin if nobody is logged in any more, and OSError if the ledger can't be
        written.
        """
        name, attempt = scenario
        try:
            with self.context.collector.recording.under(name):
                _attempted(attempt)
            self.finished.add(name)
        except LeftAlone as error:
            self.context.collector.not_judged(name, str(error))
        except Stopped:
            raise
        except RequestRefused:
            self.finished.add(name)  # the policy of the run doesn't allow the rest
        except requests.RequestException as error:
            _report_loss(self.context, name, error)
        except (MockserverError, OSError):
            raise  # no login or no ledger, no run
        except Exception as error:  # noqa: BLE001 (the other scenarios go on)
            self.context.collector.report.defect(name, error)
        self.tried.add(name)

    # ---------------------------------------------------------------- order
    def _stages(self) -> Iterator[tuple[list[Chain], bool] | tuple[list[Chain], bool, bool]]:
        context = self.context
        if self.own is not None:
            yield [tuple(self.own(context))], False
            return
        resources = [one for one in context.surface.resources if context.can_call(one.create, one.delete)]
        authentication, malformed = AuthenticationScenarios(context), MalformedRequestScenarios(context)
        first = [
            PreconditionScenarios(context, one, context.plan.tenant(one.create)) for one in context.surface.resources
        ]
        yield [_titled(_life(one.resource), one.scenarios()) for one in first], False
        resources = [one for one in resources if one.create.id not in context.ownership.undeletable]
        yield [_titled("walk", Walk(context, self.follow).scenarios())], False
        yield _apart(_titled("access", authentication.scenarios())), False
        yield [chain for resource in resources for chain in self._of_resource(resource)], False
        yield _apart(_titled("sense", ConsistencyScenarios(context).scenarios())), False
        yield _apart(_titled("manners", malformed.scenarios())), False
        stores = TwoStoreScenarios(context)
        logins = (*authentication.login_scenarios(), *stores.login_scenarios())
        yield _apart(_titled("access", iter(logins))), False  # late, as the next may have to wait
        yield [_titled("residue", AppendOnlyScenarios(context).scenarios())], False
        yield [_titled("residue", stores.residue_scenarios())], False
        yield [tuple(authentication.last_scenarios())], False  # those that end sessions
        yield [chain for resource in resources for chain in self._more_of_resource(resource)], True
        yield _apart(_titled("odd", HostileJsonScenarios(context).scenarios())), True, True
        yield _apart(_titled("manners", malformed.more_scenarios())), True, True
        yield (
            [_titled("access", ExpiryScenarios(context).scenarios())],
            context.plan.options.credentials.expired_token is None,
            True,
        )

    def _of_resource(self, resource: Resource) -> Iterator[Chain]:
        context, tenant = self.context, self.context.plan.tenant(resource.create)
        if resource.list is not None:  # first, as it is the longest chain
            lists = ListScenarios(context, resource, tenant)
            yield _titled(f"{_LIST}{resource.create.kind}s", lists.scenarios())
        groups = (
            CreationScenarios(context, resource, tenant),
            UpdateScenarios(context, resource, tenant),
            DeletionScenarios(context, resource, tenant),
            SecretRenewalScenarios(context, resource, tenant),
            StoreIsolationScenarios(context, resource, tenant),
        )
        for group in groups:
            yield from _apart(_titled(_life(resource), group.scenarios()))

    def _more_of_resource(self, resource: Resource) -> Iterator[Chain]:
        given = (self.context, resource, self.context.plan.tenant(resource.create))
        for group in (CreationScenarios(*given), UpdateScenarios(*given)):
            yield from _apart(_titled(_life(resource), group.more_scenarios()))
        yield from _apart(_titled(f"variety of a {resource.create.kind}", VarietyScenarios(*given).scenarios()))


def _attempted(attempt: Callable[[], None]) -> None:
    """Try a scenario; once more from its beginning where a gateway lost the answer to a change."""
    for _ in range(MOST_ATTEMPTS - 1):
        try:
            attempt()
        except AnswerLost:
            continue
        return
    attempt()


def patterns(name: str) -> list[str]:
    """The patterns of plans that try a scenario: one with what it needs, as a list has to have rows; and one with all
    of its group, whose attempts may see what others have left."""
    title, _, attempt = name.partition(": ")
    needed = f"(rows|{re.escape(attempt)}|done)" if title.startswith(_LIST) else re.escape(attempt)
    return [f"^{re.escape(title)}: {needed}$", f"^{re.escape(title)}: "]


def _report_loss(context: ScenarioContext, name: str, error: requests.RequestException) -> None:
    call, collector = context.last_call, context.collector
    if call is None or not collector.lost_response(call, error, context.plan.options.timeout):
        lost = isinstance(error, AnswerLost)
        collector.not_judged(name, f"{error}, each time" if lost else f"no answer: {type(error).__name__}")


def _life(resource: Resource) -> str:
    return f"life of a {resource.create.kind}"


def _titled(title: str, scenarios: Iterator[Scenario]) -> Chain:
    return tuple((f"{title}: {name}", attempt) for name, attempt in scenarios)


def _apart(chain: Chain) -> list[Chain]:
    """Scenarios that need no order, each for itself."""
    return [(scenario,) for scenario in chain]


def _raise_first(done: set[Future[None]]) -> None:
    """Raises what ended a chain."""
    for future in done:
        future.result()

"""What a run takes: the costs of its scenarios and of its fuzzing, counted before anything is sent."""

from collections.abc import Iterator

from mockserver.checks.live.fuzzing import Fuzzer
from mockserver.checks.live.list_reader import ListReader
from mockserver.checks.live.planning.forecast import EXTRA, Cost, of_cases, of_scenario, of_walks
from mockserver.checks.live.planning.plan import Plan
from mockserver.checks.live.scenarios.catalogue import Catalogue


def cost_of_run(plan: Plan, catalogue: Catalogue, fuzzer: Fuzzer) -> Cost:
    """What all of a run takes but for its sweep."""
    return sum((*_of_scenarios(plan, catalogue), *_of_fuzzing(plan, fuzzer)), _of_entering(plan, catalogue))


def _of_entering(plan: Plan, catalogue: Catalogue) -> Cost:
    """Logins, a look at whether the credential is good, and the records that are there."""
    stores = 2 if plan.options.other_store else 1
    lists = [one for one in plan.surface.resources if one.list is not None]
    logins = len(catalogue.context.sessions)
    return Cost(logins + 1 + stores * len(lists), logins)


def _of_scenarios(plan: Plan, catalogue: Catalogue) -> Iterator[Cost]:
    lists = [one for one in plan.surface.resources if one.list is not None]
    filters = {one.create.kind: ListReader(plan.surface, one.list).filters for one in lists if one.list is not None}
    for name in (name for stage in catalogue.stages for name in stage.names):
        kind = name.removeprefix("list of ").partition("s:")[0]
        yield of_scenario(name, filters.get(kind, ()))


def _of_fuzzing(plan: Plan, fuzzer: Fuzzer) -> Iterator[Cost]:
    """Those of Schemathesis, which makes its cases again when the run comes to it."""
    for call in plan.calls:
        takes = call.record is not None and call.method in ("DELETE", "POST")
        makes = call.creates is not None and plan.surface.deletable(call)
        for phase, cases in fuzzer.cases(call).items():
            yield of_cases(phase, cases, makes=makes, takes=takes, issues=call.issues)
        if not call.public and fuzzer.cases(call):
            yield Cost(EXTRA)
    yield of_walks(fuzzer.walks)
